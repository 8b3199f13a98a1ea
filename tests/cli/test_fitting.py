"""`cepsim run` on a machine that is too small, in French and in English; a sample and a trace, end to end."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import cepsim.experiment
from cepsim.cli.fitting import duration, size
from cepsim.cli.settings import Settings
from cepsim.experiment import fit
from cepsim.experiment.fit import Expected, Size

SMALL = ("run", "reference", "--region", "Corse", "--years", "1", "--follow-up", "0", "--replications", "1")
#: Four units, the largest of two million visits.
EXPECTED = Expected(
    tuple(Size(name, False, visits / 2, visits) for name, visits in (("11", 2e6), ("94", 1e6)) for _ in "ab"),
    4,
    "compiled",
    trace=False,
)


class BegunError(Exception):
    """The run would begin."""


@pytest.fixture
def begun(monkeypatch) -> list[int | None]:
    """The processes that a run was begun with."""
    found: list[int | None] = []

    def run_scenarios(_planned, *, workers, **_options):
        found.append(workers)
        raise BegunError

    monkeypatch.setattr(cepsim.experiment, "run_scenarios", run_scenarios)
    monkeypatch.setattr("cepsim.experiment.runner.available_cores", lambda: 3)
    monkeypatch.setattr(fit, "expected", lambda *_: EXPECTED)
    return found


def memory(monkeypatch, available: float) -> None:
    monkeypatch.setattr(fit, "available_memory", lambda: available)


def begins(call, *words: str):
    """What the command says until it begins to run, or is refused."""
    return call(*SMALL, *words)


def test_a_run_that_fits_says_what_it_will_take_and_begins_with_what_was_asked(call, begun, monkeypatch):
    memory(monkeypatch, EXPECTED.memory(3))
    outcome = begins(call)
    (said,) = [line for line in outcome.out.splitlines() if line.startswith("Attendu")]
    assert "3\u202f000\u202f000 personnes et 6\u202f000\u202f000 visites" in said
    for words in (
        "ordre de grandeur",
        "personnes",
        "visites",
        "Go de mémoire avec 3 processus",
        "min",
        "disque",
    ):
        assert words in said
    assert begun == [None]
    assert "Expected, in orders of magnitude" in begins(call, "--lang", "en").out
    assert begins(call, "--workers", "3").code == 1
    assert begun == [None, None, 3]


def test_by_default_a_run_has_as_many_processes_as_memory_holds_and_says_so(call, begun, monkeypatch):
    memory(monkeypatch, EXPECTED.memory(3) - 1)
    assert "Mémoire : 2 processus au lieu de plus, car 3 prendraient" in begins(call).err
    assert "Memory: 2 processes instead of more" in begins(call, "--lang", "en", "--json").err
    memory(monkeypatch, EXPECTED.memory(1))
    assert "Mémoire : un processus au lieu de plus" in begins(call).err
    assert "Mémoire" not in begins(call, "--quiet").err
    assert begun == [2, 2, 1, 1]


def test_processes_asked_for_that_do_not_fit_are_refused_with_the_number_that_does(call, begun, monkeypatch):
    memory(monkeypatch, EXPECTED.memory(2))
    outcome = begins(call, "--workers", "4")
    assert (outcome.code, begun, outcome.out) == (2, [], "")
    assert outcome.err.startswith("Erreur : --workers : 4 processus prendraient environ ")
    assert "2 au plus" in outcome.err
    assert "Traceback" not in outcome.err
    assert not list(Path().iterdir())
    assert begins(call, "--workers", "4", "--lang", "en").err.startswith(
        "Error: --workers: 4 processes would"
    )


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "fr",
            (
                "ne tient pas dans la mémoire",
                "Île-de-France",
                "--sample 2, une personne sur 2",
                "moins de régions",
            ),
        ),
        (
            "en",
            ("does not fit in the memory", "Île-de-France", "--sample 2, one person in 2", "fewer regions"),
        ),
    ],
)
def test_a_run_of_which_not_one_process_fits_is_refused_with_what_would(
    call, begun, monkeypatch, language, words
):
    memory(monkeypatch, EXPECTED.memory(1) - 1)
    outcome = begins(call, "--region", "11", "--lang", language, "--quiet")
    assert (outcome.code, begun, outcome.out) == (2, [], "")
    assert all(word in outcome.err for word in words)
    assert not list(Path().iterdir())


def test_where_no_sample_fits_another_machine_is_what_would(call, begun, monkeypatch):
    memory(monkeypatch, 1e6)
    outcome = begins(call)
    assert (outcome.code, begun) == (2, [])
    assert "--sample" not in outcome.err
    assert "une machine qui a plus de mémoire" in outcome.err


def test_a_sample_that_does_not_fit_is_told_of_a_smaller_one(call, begun, monkeypatch):
    memory(monkeypatch, EXPECTED.memory(1) - 1)
    assert "--sample 6," in begins(call, "--sample", "3").err
    assert begun == []


def test_files_that_the_disk_cannot_hold_are_refused_before_anything_is_written(call, begun, monkeypatch):
    memory(monkeypatch, 1e12)
    monkeypatch.setattr(fit, "free_disk", lambda _place: 1e6)
    outcome = begins(call, "--store", "kept")
    assert (outcome.code, begun) == (2, [])
    assert outcome.err.startswith("Erreur : kept : il faudrait environ 3 Mo et le disque a 1 Mo libres.")
    assert not list(Path().iterdir())


def test_sizes_and_durations_are_said_with_the_figures_that_they_deserve():
    fr, en = Settings("fr"), Settings("en")
    assert [size(n, fr) for n in (3.4e9, 999e6, 0)] == ["3,4 Go", "999 Mo", "0 Mo"]
    assert size(3.4e9, en) == "3.4 GB"
    assert [duration(n, fr) for n in (59, 60, 3600, 7199, 7200, 86_400)] == [
        "moins d'une minute",
        "1 min",
        "60 min",
        "120 min",
        "2 h",
        "24 h",
    ]


@pytest.mark.parametrize("option", ["0", "-1", "deux"])
def test_a_sample_that_is_no_whole_number_is_refused(call, option):
    outcome = call(*SMALL, "--sample", option)
    assert outcome.code == 2
    assert "--sample" in outcome.err


def test_a_sample_with_its_trace_from_the_command_line_and_again_in_english(call):
    words = (*SMALL, "--sample", "4", "--trace", "--workers", "1", "--out", "results")
    outcome = call(*words)
    assert (outcome.code, outcome.err) == (0, "")
    first, second = outcome.out.splitlines()[:2]
    assert "échantillon : une personne sur 4" in first
    assert second.startswith("Attendu, en ordre de grandeur : ")
    folder = Path("results")
    assert json.loads((folder / "manifest.json").read_text("utf-8"))["sample"] == 4
    assert (pd.read_csv(folder / "indicators.csv")["sample"] == 4).all()
    visits = pd.read_parquet(folder / "trace" / "visits")
    sizes = pd.read_parquet(folder / "sizes.parquet")
    simulated = sizes[sizes["indicator"] == "visits"]
    assert set(simulated["unit"]) == {"times"}
    assert len(visits) >= simulated["value"].sum() > 0
    assert (visits["sample"] == 4).all()
    (unit,) = Path("reports/.store").glob("*/about.json")
    assert json.loads(unit.read_text("utf-8"))["about"]["sample"] == 4
    # what was half-written has gone
    assert not [path for path in Path().rglob("*") if "partial" in path.name]
    again = call(*words, "--lang", "en")
    assert again.code == 0
    assert "sample: one person in 4" in again.out.splitlines()[0]
    assert again.out.splitlines()[1] == "Everything is computed and kept already: nothing to simulate."
    pd.testing.assert_frame_equal(pd.read_parquet(folder / "trace" / "visits"), visits)


@pytest.mark.parametrize(("held", "said"), [(0, ""), (3, "Repris : 3 unités sur 4 étaient déjà")])
def test_units_that_are_already_there_are_told(call, begun, monkeypatch, held, said):
    monkeypatch.setattr(fit, "expected", lambda *_: replace(EXPECTED, held=held))
    memory(monkeypatch, EXPECTED.memory(3))
    lines = [line for line in begins(call).out.splitlines() if line.startswith("Repris")]
    assert [said in line for line in lines] == ([True] if held else [])
    assert len(begun) == 1


def test_units_held_are_those_of_the_store_and_the_rest_is_left():
    plan = cepsim.experiment.plan(["reference"], regions=["94"], replications=3, years=1)
    parts = fit.expected(plan).units // 3

    class Half:
        """A store that holds the first replication."""

        trace = False

        def holds(self, key):
            return key in first

    one = fit.expected(replace(plan, replications=1)).left
    first = {fit.unit_of(plan, plan.scenarios[0], 0, size.shard).key for size in one}
    found = fit.expected(plan, Half())
    assert (found.held, found.units, len(found.left)) == (parts, 3 * parts, 2 * parts)
    assert fit.expected(plan).held == 0


def test_a_sample_that_leaves_a_handful_of_people_is_refused_with_the_most_that_does_not(call):
    outcome = call(*SMALL, "--sample", "100000")
    assert outcome.code == 2
    most = re.search(r"trouvé 100000, attendu (\d+) au plus", outcome.err)
    assert most
    assert call(*SMALL, "--sample", str(int(most[1]) + 1)).code == 2
