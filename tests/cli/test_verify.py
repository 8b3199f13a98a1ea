"""`cepsim verify`: what it prints and writes, its options, and the exit code of what is wrong."""

import json
from dataclasses import replace

import pandas as pd
import pytest

from cepsim.engine import compiled_engine
from cepsim.indicators import intervals
from cepsim.labels import LANGUAGES, labels_under
from cepsim.verify import CASES, NOT_EXPRESSED, SIZES
from cepsim.verify import runner as module
from cepsim.verify.cases import FAMILIES
from cepsim.verify.coverage import STUDIES

FEW = ("--quick", "--only", "MMC-a", "--only", "DET-d", "--only", "STAFF-8")


def test_a_few_cases_are_printed_with_exact_values_errors_and_distances(call):
    found = call("verify", *FEW)
    assert (found.code, found.err) == (0, "")
    assert "décelable" in found.out
    row = next(line for line in found.out.splitlines() if line.startswith("MMC-a-Wq"))
    assert "0,3511" in row
    assert "conforme" in row
    assert "Vérification réussie : 11 chiffres de 3 systèmes" in found.out
    # what is not simulated is said where everything is asked for
    assert "M/G/1-PS" not in found.out


def test_in_english_on_request(call):
    found = call("verify", "--quick", "--only", "DET-d", "--lang", "en")
    assert found.code == 0
    assert "number who give up" in found.out
    assert "Both engines write the same trace over 20 visits." in found.out


def test_the_folder_holds_the_frames_whole_and_is_taken_again(call, tmp_path):
    folder = tmp_path / "verified"
    for _ in range(2):
        assert call("verify", *FEW, "--out", str(folder)).code == 0
    measures = pd.read_csv(folder / "measures.csv").set_index("row")
    assert measures.loc["MMC-a-Wq", "exact"] == pytest.approx(0.3511235955)
    assert set(measures["verdict"]) == {"agrees", "exact"}
    assert pd.read_csv(folder / "engines.csv")["equal"].all()
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["verification"]
    assert (manifest["seed"], manifest["quick"], manifest["failures"]) == (1, True, [])


def test_json_holds_the_same_and_nothing_else(call):
    found = call("verify", "--quick", "--only", "deterministic", "--seed", "4", "--json")
    document = json.loads(found.out)
    assert document["folder"] is None
    assert document["manifest"]["verification"]["seed"] == 4
    rows = document["frames"]["measures"]
    assert {row["verdict"] for row in rows} == {"exact"}
    assert {row["case"] for row in rows} == {case.name for case in CASES if case.family == "deterministic"}


def test_a_defect_of_the_compiled_engine_gives_exit_code_5_and_its_names(call, monkeypatch):
    def without_patience(network, tape, state, begin, end):
        stations = replace(network.stations, patience=0 * network.stations.patience - 1)
        return compiled_engine.run(replace(network, stations=stations), tape, state, begin, end)

    verify = module.verify
    monkeypatch.setattr(
        "cepsim.verify.verify", lambda cases, **how: verify(cases, engine=without_patience, **how)
    )
    found = call("verify", *FEW, "--out", "kept")
    assert found.code == 5
    assert "INÉGAL" in found.out
    assert "Les deux moteurs diffèrent" in found.out
    assert "DET-d-ab" in found.err
    assert "MMC-a" not in found.err
    # the figures of a failure are what one wants to look at
    assert not pd.read_csv("kept/engines.csv")["equal"].all()


def test_an_unknown_case_names_the_nearest_one_before_anything_is_run(call):
    found = call("verify", "--only", "MMC-z", "--out", "there")
    assert found.code == 2
    assert "MMC-" in found.err


def test_a_folder_that_is_no_verification_is_refused_before_anything_is_run(call, tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    assert call("verify", *FEW, "--out", str(tmp_path)).code == 3
    assert [path.name for path in tmp_path.glob("*.txt")] == ["mine.txt"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_family_metric_and_reason_has_its_words(language):
    assert tuple(labels_under("verify.family", language)) == FAMILIES
    metrics = {measure.metric.key for case in CASES for measure in case.measures}
    assert set(labels_under("verify.metric", language)) == metrics
    assert {key.partition(".")[0] for key in labels_under("verify.not_expressed", language)} == set(
        NOT_EXPRESSED
    )
    assert len(SIZES) == 2


# -- coverage ---------------------------------------------------------------------------------------------

COVER = ("--coverage", "--quick", "--only", "costs")


def test_coverage_is_printed_with_the_exact_value_and_its_own_interval(call):
    found = call("verify", *COVER)
    assert (found.code, found.err) == (0, "")
    row = next(line for line in found.out.splitlines() if line.startswith("COST"))
    assert "200" in row
    assert "conforme" in row
    assert "Intervalles vérifiés : sur 200 calculs de chacun des 1 chiffres" in found.out


def test_coverage_in_english_and_in_a_folder(call, tmp_path):
    found = call("verify", *COVER, "--lang", "en", "--out", str(tmp_path / "covered"))
    assert found.code == 0
    assert "Intervals verified: over 200 runs" in found.out
    frame = pd.read_csv(tmp_path / "covered" / "coverage.csv")
    assert frame["row"].tolist() == ["COST"]


def test_intervals_too_narrow_give_exit_code_5_and_their_names(call, monkeypatch):
    def narrow(*given, **how):
        low, high = intervals.interval(*given, **how)
        middle = (low + high) / 2.0
        return (low + middle) / 2.0, (high + middle) / 2.0

    monkeypatch.setattr("cepsim.experiment.summed.interval", narrow)
    found = call("verify", *COVER)
    assert found.code == 5
    assert "HORS BORNES" in found.out
    assert "COST" in found.err


def test_an_unknown_study_names_the_nearest_one(call):
    found = call("verify", "--coverage", "--only", "cost")
    assert found.code == 2
    assert "costs" in found.err


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_and_limit_of_coverage_has_its_words(language):
    figures = [figure for study in STUDIES for figure in study.figures]
    for name, used in (
        ("kind", {figure.kind for figure in figures}),
        ("about", {figure.about for figure in figures}),
        ("limit", {figure.limit for figure in figures} - {""}),
    ):
        assert set(labels_under(f"verify.coverage.{name}", language)) == used
