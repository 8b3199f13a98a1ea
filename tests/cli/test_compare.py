"""`cepsim compare`: what it prints and writes, from a run of Corse over a year, and what it refuses."""

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

import cepsim.experiment
from cepsim.cli import main
from cepsim.experiment import Comparison, compare_scenarios
from cepsim.labels import label
from cepsim.report import comparison_tables

ASKED = ("reference", "premiere-vague")
SMALL = ("--region", "Corse", "--years", "1", "--follow-up", "0", "--replications", "1", "--workers", "1")


@dataclass(frozen=True)
class Ran:
    """The command, run once."""

    comparison: Comparison
    code: int
    out: str
    folder: Path


@pytest.fixture(scope="module")
def ran(tmp_path_factory) -> Ran:
    place = tmp_path_factory.mktemp("ran")
    made, printed = [], io.StringIO()

    def recorded(*words, **options):
        made.append(compare_scenarios(*words, **options))
        return made[-1]

    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(printed):
        patch.setattr(cepsim.experiment, "compare_scenarios", recorded)
        patch.setenv("COLUMNS", "200")
        store, folder = place / "kept", place / "found"
        code = main(("compare", *ASKED, *SMALL, "--store", str(store), "--out", str(folder)))
    return Ran(made[0], code, printed.getvalue(), folder)


@pytest.fixture
def given(ran, monkeypatch) -> list:
    """The plans that the command asks to compare; it is given what was found once."""
    plans: list = []

    def instead(planned, **options):
        plans.append((planned, options))
        return ran.comparison

    monkeypatch.setattr(cepsim.experiment, "compare_scenarios", instead)
    return plans


def test_a_comparison_of_corse_runs_prints_and_writes(ran):
    assert ran.code == 0
    assert ran.out.startswith("reference, premiere-vague · Corse (94) · 1 réplication")
    titles = [table.title for table in comparison_tables(ran.comparison)]
    places = [ran.out.index(title) for title in titles]
    assert places == sorted(places)
    assert ran.out.splitlines()[-1] == f"11 fichiers écrits dans {ran.folder}"
    frames = ran.comparison.frames()
    assert list(frames) == ["indicators", "people", "delays", "costs", "unit_costs"]
    expected = {"manifest.json", *(f"{name}.{kind}" for name in frames for kind in ("csv", "parquet"))}
    assert {path.name for path in ran.folder.iterdir()} == expected
    for name, frame in frames.items():
        assert pd.read_parquet(ran.folder / f"{name}.parquet").equals(frame)
    manifest = json.loads((ran.folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["comparison"] == {"base": "reference", "others": ["premiere-vague"]}


def test_what_is_withheld_is_said_in_words_and_explained(ran):
    tables = comparison_tables(ran.comparison)
    assert not [text for table in tables for row in table.rows for text in row if "{" in text]
    hidden = [table for table in tables if any(label("compare.withheld") in row for row in table.rows)]
    assert hidden
    for table in tables:
        assert ("« tu »" in table.note) == (table in hidden)


def test_one_replication_prints_means_alone_and_says_so(ran):
    for table in comparison_tables(ran.comparison):
        assert not [text for row in table.rows for text in row if "[" in text]
        assert label("answers.interval_none") in table.note


@pytest.mark.usefixtures("given")
def test_json_holds_every_frame_and_nothing_else_is_printed(call, ran):
    outcome = call("compare", *ASKED, *SMALL, "--out", "found", "--json")
    document = json.loads(outcome.out)
    assert (outcome.code, outcome.err) == (0, "")
    assert document["folder"] == str(Path("found").absolute())
    assert list(document["frames"]) == list(ran.comparison.frames())
    people = pd.DataFrame(document["frames"]["people"])
    assert people["mean"].sum() == pytest.approx(ran.comparison.people["mean"].sum())


def test_results_go_by_default_to_a_folder_of_their_own(call, given):
    assert call("compare", *ASKED, *SMALL, "--quiet").code == 0
    ((planned, options),) = given
    assert planned.asked == planned.keeps_outcomes == ASKED
    assert options["workers"] == 1
    assert Path("reports", f"compare_{planned.name}", "people.csv").is_file()


@pytest.mark.usefixtures("given")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_tables_keep_their_labels_on_a_narrow_terminal(call, ran, monkeypatch, language):
    monkeypatch.setenv("COLUMNS", "80")
    outcome = call("compare", *ASKED, *SMALL, "--out", "found", "--quiet", "--lang", language)
    assert outcome.code == 0
    lines = outcome.out.splitlines()
    assert max(map(len, lines[:-1])) <= 80
    for table in comparison_tables(ran.comparison, language):
        assert table.title in outcome.out
        first = table.rows[0][0].split(" ")[0]
        assert any(line.startswith(first) for line in lines)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("compare", "reference", "centrale", *SMALL), 3, "Vouliez-vous dire « central » ?"),
        (("compare", "reference", *SMALL), 2, "attendu deux scénarios au moins"),
        (("compare", "central", "central", *SMALL), 2, "des noms différents"),
        (("compare", "reference", "central"), 2, "il manque la région"),
        (("compare",), 2, "il manque SCÉNARIO"),
        (("compare", "reference", "central", *SMALL, "--seed", "x"), 2, "--seed"),
    ],
)
def test_what_cannot_be_compared_is_said_in_french_before_anything_runs(call, words, code, said):
    outcome = call(*words)
    assert (outcome.code, outcome.out) == (code, "")
    assert said in outcome.err
    assert "Traceback" not in outcome.err
    assert not list(Path().iterdir())


def test_another_folder_is_not_replaced(call, given):
    Path("mine").mkdir()
    Path("mine", "notes.txt").write_text("kept", encoding="utf-8")
    assert call("compare", *ASKED, *SMALL, "--out", "mine").code == 3
    assert given == []
