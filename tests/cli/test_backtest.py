"""`cepsim backtest`: made in Corse, printed and written with its run."""

import json

import pandas as pd
import pytest

from cepsim.cli import main
from cepsim.tables import load_tables

WORDS = ("backtest", "--region", "94", "--years", "6", "--follow-up", "0", "--sample", "5", "--workers", "1")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder of a backtest of Corse, six years, three replications of one person in five."""
    folder = tmp_path_factory.mktemp("made")
    store, out = folder / "store", folder / "run"
    words = (*WORDS, "--replications", "3", "--store", str(store), "--out", str(out))
    assert main([*words, "--quiet"]) == 0
    return out, words


def frame(out, name="backtest"):
    return pd.read_csv(out / "backtest" / f"{name}.csv", encoding="utf-8-sig", keep_default_na=False)


def test_every_row_published_is_written_once_with_what_was_predicted_or_why_it_is_not(made):
    found = frame(made[0])
    assert list(found["id"]) == list(load_tables().ids("cep_realised"))
    nothing = found["predicted"] == ""
    assert (found.loc[nothing, "why"] != "").all()
    assert not found.loc[nothing, "comparable"].any()
    assert set(found.loc[found["comparable"], "year"].astype(int)) == {2015, 2016, 2017, 2020}
    assert set(found.loc[found["calibrated_on"], "year"].astype(int)) == {2015, 2016}
    compared = found[found["comparable"]]
    numbers = compared[["predicted_low", "predicted", "predicted_high"]].astype(float)
    assert (numbers.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)


def test_the_run_is_one_that_other_commands_read_with_the_scenario_before_and_after(made):
    manifest = json.loads((made[0] / "manifest.json").read_text(encoding="utf-8"))
    assert list(manifest["scenarios"]) == ["reference", "constate", "constate-calibre"]
    kept = frame(made[0], "calibration").set_index("id")["value"]
    figures = manifest["scenarios"]["constate-calibre"]["canonical"]["figures"]
    for id_, value in kept.items():
        assert figures[id_]["mode"] == value
        assert figures[id_]["vintage"] == "ex_post"
    assert main(["costs", str(made[0]), "--by", "operator"]) == 0


def test_it_is_printed_in_both_languages_with_its_verdict(made, call):
    french, english = call(*made[1]), call(*made[1], "--lang", "en")
    assert (french.code, english.code) == (0, 0)
    assert "lignes comparables tombent dans ce qui fut publié" in french.out
    assert "comparable rows fall inside what was published" in english.out
    assert "service d'avant sous un nouveau nom" in " ".join(french.out.split())
    text = (made[0] / "backtest" / "backtest.md").read_text(encoding="utf-8")
    assert text.count("\n## ") == 3
    assert "comparable rows fall inside what was published" in text


def test_a_scenario_of_2013_is_refused_before_anything_is_run(call, empty_folder):
    outcome = call("backtest", "central", "--region", "94")
    assert outcome.code == 2
    assert "central" in outcome.err
    assert "constate" in outcome.err
    assert not (empty_folder / "reports").exists()
