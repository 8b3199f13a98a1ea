"""`cepsim run --precision`: from what is asked for to what is printed and written, on Corse over a year."""

import json
import os
from pathlib import Path

import pandas as pd
import pytest

import cepsim.experiment
import cepsim.report
from cepsim.cli.precision import complete_indicator, share_parser
from cepsim.cli.settings import Settings
from cepsim.errors import UsageError
from cepsim.experiment import Precision, plan, run_until_precise
from cepsim.experiment.chosen import INDICATORS
from cepsim.experiment.store import Store

YEAR = ("run", "reference", "--region", "94", "--years", "1", "--follow-up", "0", "--workers", "1")


@pytest.mark.parametrize(
    ("words", "share"),
    [("2%", 0.02), ("2 %", 0.02), ("2\u00a0%", 0.02), ("0.02", 0.02), ("0,02", 0.02), ("2,5%", 0.025),
     (" 2.5 % ", 0.025), ("99.9%", 0.999)],
)  # fmt: skip
def test_a_precision_is_written_as_people_write_it(words, share):
    assert share_parser(Settings(), "--precision")(words) == share


@pytest.mark.parametrize(
    "words", ["0", "0%", "0,0 %", "100%", "1", "2", "-2%", "120 %", "x", "", "%", "2%%", "1e-2", "nan", "٢%"]
)
def test_what_is_no_precision_is_refused_in_french(words):
    with pytest.raises(UsageError, match=r"attendu plus de 0 % et moins de 100 %, par exemple 2 %"):
        share_parser(Settings(), "--precision")(words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--precision", "0 %"), "--precision : trouvé « 0 % », attendu plus de 0 % et moins de 100 %"),
        (
            ("--precision", "2%", "--indicator", "net_cots"),
            "indicateur : trouvé « net_cots », attendu un de ",
        ),
        (
            ("--precision", "2%", "--max-replications", "4"),
            "maximum de réplications : trouvé 4, attendu 5 ou",
        ),
        (
            ("--precision", "2%", "--replications", "30", "--max-replications", "20"),
            "maximum de réplications : trouvé 20, attendu 30 ou plus",
        ),
        (("--precision", "2%", "--indicator", "net_cost"), "net_cost : la référence seule, il faut"),
        (("--max-replications", "20"), "--max-replications ne sert qu'avec --precision."),
        (("--indicator", "net_cost"), "--indicator ne sert qu'avec --precision."),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_run_or_written(call, empty_folder, words, said):
    outcome = call(*YEAR, *words)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"Erreur : {said}")
    assert outcome.err.splitlines()[1:] == ["Aide : cepsim run --help"]
    assert list(empty_folder.iterdir()) == []


def test_a_shell_completes_indicators_and_help_names_them_all(call):
    assert complete_indicator("wait") == ["wait_p50", "wait_p90"]
    helped = " ".join(call("run", "--help").out.replace("│", " ").split())
    for name in INDICATORS:
        assert f" {name}" in helped


@pytest.fixture(scope="module")
def five(tmp_path_factory):
    """Five replications of the reference, which are not enough, and the store that holds them."""
    planned = plan(["reference"], regions=["94"], years=1, follow_up_years=0)
    store = Store(tmp_path_factory.mktemp("five") / "kept")
    precision = Precision(0.001, ("received_opacif",), most=5)
    return run_until_precise(planned, precision, workers=1, store=store), store


def test_the_maximum_is_not_an_error_and_is_said_last(call, five, monkeypatch):
    """What the simulation found is given to the command; what other tests hold is left out of it."""
    asked = []

    def given(planned, precision, **options):
        asked.append((planned, precision, options))
        return five[0]

    monkeypatch.setattr(cepsim.experiment, "run_until_precise", given)
    monkeypatch.setattr(type(five[0]), "write", lambda _self, _folder: [])
    for name in ("answers", "figures"):
        monkeypatch.setattr(cepsim.report, name, lambda *_words: [])
    words = ("--precision", "0,1 %", "--max-replications", "5", "--indicator", "received-opacif")
    outcome = call(*YEAR, *words, "--replications", "2", "--seed", "1")
    assert (outcome.code, outcome.err) == (0, "")
    assert "· de 5 à 5 réplications, jusqu'à ± 0,1\u00a0% ·" in outcome.out
    assert "Précision : 5 réplications" in outcome.out
    *_, written, stopped, loose = outcome.out.splitlines()
    assert written.startswith("0 fichiers écrits dans ")
    assert stopped.startswith("Arrêt au maximum permis, 5 réplications (--max-replications), avant que")
    assert loose.startswith("Encore imprécis : personnes reçues par an, OPACIF [reference] ± ")
    ((planned, precision, options),) = asked
    assert precision == Precision(0.001, ("received-opacif",), 5)
    assert (planned.replications, options["workers"]) == (2, 1)
    quiet = call(*YEAR, *words, "--quiet")
    assert quiet.out.splitlines()[0] == "Précision : 5 réplications"
    assert quiet.out.splitlines()[-1] == loose


def test_json_and_files_tell_what_is_not_precise(call, five):
    """From end to end; the simulations are those of the store."""
    words = ("--precision", "0,1 %", "--max-replications", "5", "--indicator", "received_opacif")
    outcome = call(*YEAR, *words, "--json", "--store", str(five[1].folder))
    assert (outcome.code, outcome.err) == (0, "")
    document = json.loads(outcome.out)
    folder = Path(document["folder"])
    assert "_p0.1_r5-5_" in folder.name
    manifest = document["manifest"]
    assert manifest == json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["replications"] == 5
    assert manifest["precision"] == {
        "relative": 0.001,
        "confidence": 0.95,
        "intervals": 1,
        "indicators": ["received_opacif"],
        "fewest": 5,
        "most": 5,
        "look_ahead": 5,
        "precise_from": None,
        "not_precise": [{"scenario": "reference", "indicator": "received_opacif", "state": "loose"}],
    }
    (row,) = document["frames"]["precision"]
    assert (row["unit"], row["replications"], row["state"]) == ("persons_per_year", 5, "loose")
    assert row["precise_from"] is None
    assert row["half_width"] > row["allowed"]
    pd.testing.assert_frame_equal(pd.read_parquet(folder / "precision.parquet"), five[0].precision)
    assert len(pd.read_csv(folder / "precision.csv")) == 1
    # one indicator: its interval is that of the other tables
    known = pd.read_parquet(folder / "indicators.parquet")
    keys = {"indicator": "received", "region": "all", "operator": "opacif", "stage": "all"}
    for column, value in {**keys, "public": "all", "team": "all", "period": "all"}.items():
        known = known[known[column] == value]
    (other,) = known.to_dict("records")
    assert other["mean"] == pytest.approx(row["mean"])
    assert (other["high"] - other["low"]) / 2 == pytest.approx(row["half_width"])


@pytest.mark.skipif("CEPSIM_LONG" not in os.environ, reason="minutes: asked for by CEPSIM_LONG=1")
def test_a_run_goes_on_until_it_is_precise_and_says_how_many_it_took(call, tmp_path):
    """The same number and the same bytes with two processes and a store that holds some of it already."""
    words = ("--precision", "20 %", "--indicator", "received_opacif", "--indicator", "share_within_norm")
    outcome = call(*YEAR, *words, "--store", str(tmp_path / "kept"), "--out", "results")
    assert (outcome.code, outcome.err) == (0, "")
    assert "· de 5 à 50 réplications, jusqu'à ± 20\u00a0% ·" in outcome.out
    last = outcome.out.splitlines()[-1]
    assert last == (
        "Précision de 20\u00a0% atteinte dès 5 réplications et vérifiée : 10 réplications dans les résultats."
    )
    for title in ("Précision : 10 réplications", "personnes reçues par an, OPACIF"):
        assert title in outcome.out
    manifest = json.loads(Path("results/manifest.json").read_text("utf-8"))
    assert manifest["replications"] == 10
    assert manifest["precision"] == {
        "relative": 0.2,
        "confidence": 0.95,
        "intervals": 2,
        "indicators": ["received_opacif", "share_within_norm"],
        "fewest": 5,
        "most": 50,
        "look_ahead": 5,
        "precise_from": 5,
        "not_precise": [],
    }
    written = pd.read_parquet("results/precision.parquet")
    assert written["state"].tolist() == ["precise", "precise"]
    assert len(pd.read_csv("results/precision.csv")) == 2
    assert set(pd.read_csv("results/sizes.csv")["replication"]) == set(range(10))
    # elsewhere, in another order: half of it is there before
    other = Store(tmp_path / "other")
    other.folder.mkdir()
    for key in Store(tmp_path / "kept").named()[:5]:
        (tmp_path / "kept" / key).rename(other.folder / key)
    planned = plan(["reference"], regions=["94"], replications=3, years=1, follow_up_years=0)
    precision = Precision(0.2, ("received_opacif", "share_within_norm"))
    again = run_until_precise(planned, precision, workers=2, store=other)
    pd.testing.assert_frame_equal(again.precision, written)
    sizes = pd.read_csv("results/sizes.csv")
    assert [m.people for m in again.measured["reference"]] == sizes["people"].tolist()
    assert [m.visits for m in again.measured["reference"]] == sizes["visits"].tolist()
