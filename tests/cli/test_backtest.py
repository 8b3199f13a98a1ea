"""`cepsim backtest`: made once in Corse, printed and written with its run."""

import contextlib
import io
import json

import pandas as pd
import pytest

from cepsim.cli import main
from cepsim.tables import load_tables


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder of a backtest of Corse, three years, one replication; and what it printed."""
    folder, said = tmp_path_factory.mktemp("made"), io.StringIO()
    words = ["backtest", "--region", "94", "--years", "3", "--follow-up", "0", "--replications", "1"]
    words += [
        "--workers",
        "1",
        "--store",
        str(folder / "store"),
        "--out",
        str(folder / "run"),
        "--lang",
        "fr",
    ]
    with contextlib.redirect_stdout(said):
        assert main(words) == 0
    return folder / "run", " ".join(said.getvalue().split())


def frame(out, name="backtest"):
    return pd.read_csv(out / "backtest" / f"{name}.csv", encoding="utf-8-sig", keep_default_na=False)


def test_every_row_published_is_written_once_with_what_was_predicted_or_why_it_is_not(made):
    found = frame(made[0])
    assert list(found["id"]) == list(load_tables().ids("cep_realised"))
    nothing = found["predicted"] == ""
    assert (found.loc[nothing, "why"] != "").all()
    assert not found.loc[nothing, "comparable"].any()
    assert set(found.loc[found["comparable"], "year"].astype(int)) == {2015, 2016, 2017}
    assert set(found.loc[found["calibrated_on"], "year"].astype(int)) == {2015, 2016}
    shown = ~nothing & found["indicator"].isin(["received", "ask_accueil"])
    ratio = found.loc[shown, "predicted"].astype(float) / found.loc[shown, "realised"]
    assert ratio.to_numpy() == pytest.approx(found.loc[shown, "ratio"].astype(float).to_numpy())


def test_the_run_is_one_that_other_commands_read_with_the_scenario_before_and_after(made):
    manifest = json.loads((made[0] / "manifest.json").read_text(encoding="utf-8"))
    assert list(manifest["scenarios"]) == ["reference", "constate", "constate-calibre"]
    kept = frame(made[0], "calibration").set_index("id")["value"]
    figures = manifest["scenarios"]["constate-calibre"]["canonical"]["figures"]
    for id_, value in kept.items():
        assert figures[id_]["mode"] == value
        assert figures[id_]["vintage"] == "ex_post"
    assert main(["costs", str(made[0]), "--by", "operator"]) == 0


def test_what_is_predicted_is_what_the_run_counts(made):
    found = frame(made[0]).set_index("id")
    row = found.loc["cep_realised.2016.opacif.france.beneficiaires_cep_corrige@ex_post"]
    counted = pd.read_parquet(made[0] / "indicators.parquet")
    here = {"indicator": "received", "operator": "opacif", "period": "2016"}
    here |= dict.fromkeys(("region", "stage", "public", "team"), "all")
    for key, value in here.items():
        counted = counted[counted[key] == value]
    counted = counted.set_index("scenario")["mean"]
    assert float(row["predicted"]) == counted["constate-calibre"]
    assert float(row["predicted_before"]) == counted["constate"]


def test_it_prints_what_it_writes_with_its_verdict(made):
    out, said = made
    text = (out / "backtest" / "backtest.md").read_text(encoding="utf-8")
    assert text.count("\n## ") == 3
    for words in ("lignes comparables tombent dans ce qui fut publié", "service d'avant sous un nouveau nom"):
        assert words in text
    assert "lignes comparables tombent dans ce qui fut publié" in said


def test_a_scenario_of_2013_is_refused_before_anything_is_run(call, empty_folder):
    outcome = call("backtest", "central", "--region", "94")
    assert outcome.code == 2
    assert "central" in outcome.err
    assert "constate" in outcome.err
    assert not (empty_folder / "reports").exists()
