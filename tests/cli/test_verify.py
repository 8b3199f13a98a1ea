"""`cepsim verify`: what it prints and writes, its options, and the exit code of what is wrong."""

import json
from dataclasses import replace

import pandas as pd
import pytest

from cepsim.engine import compiled_engine
from cepsim.labels import LANGUAGES, labels_under
from cepsim.verify import CASES, NOT_EXPRESSED, SIZES
from cepsim.verify import runner as module
from cepsim.verify.cases import FAMILIES

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
