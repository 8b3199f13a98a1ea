"""`cepsim sensitivity`: what it prints and writes, and what it refuses, with a model in place of runs."""

import json
from pathlib import Path

import pandas as pd
import pytest
from moved_figures import FORMATION, INDUCED, OVERHEAD, toy

from cepsim.cli import sensitivity as command
from cepsim.sensitivity import hypotheses, points, study

THREE = f"{OVERHEAD},{INDUCED},{FORMATION}"
ASKED = ("sensitivity", "central", "--region", "94", "--years", "1", "--workers", "1", "--figures", THREE)
OUTCOMES = ("--outcome", "new_money", "--outcome", "wait_p50")


@pytest.fixture(autouse=True)
def model(monkeypatch):
    made = toy(noise=0.01)
    monkeypatch.setattr(points, "evaluate", made)
    monkeypatch.setattr(hypotheses, "read_of", lambda *_, **__: (None, frozenset()))
    monkeypatch.setenv("COLUMNS", "200")
    return made


def flat(text):
    """As one line, blanks of numbers as others."""
    return " ".join(text.replace("\u202f", " ").replace("\xa0", " ").split())


def folder():
    (found,) = (path for path in Path("reports").iterdir() if path.name.startswith("sensitivity_"))
    return found


def test_a_tornado_prints_a_ranking_and_sentences_and_writes_tables_and_pictures(call):
    done = call(*ASKED, *OUTCOMES)
    assert (done.code, done.err) == (0, "")
    said = flat(done.out)
    assert "3 hypothèses, 7 points à calculer au plus." in said
    assert said.index(OVERHEAD) < said.index(INDUCED)
    assert "0,2 – 0,3 – 0,45" in said
    # the sentence has French numbers
    assert f"[{OVERHEAD}], retenu à 0,3 entre 0,2 et 0,45 (part), jusqu'à +15 €" in said
    assert "Aucune des hypothèses essayées ne dégrade les délais" in said
    names = {path.name for path in folder().iterdir()}
    assert {"effects.csv", "ranking.csv", "noise.csv", "points.csv", "manifest.json", "figures"} <= names
    ranking = pd.read_csv(folder() / "ranking.csv")
    assert ranking["figure"].head(2).tolist() == [OVERHEAD, INDUCED]
    pictures = sorted(path.name for path in (folder() / "figures").iterdir())
    # nothing moves the wait: it has no picture
    assert pictures == ["tornado-new_money.png", "tornado-new_money.svg"]
    assert "argent nouveau" in (folder() / "figures" / "tornado-new_money.svg").read_text(encoding="utf-8")


def test_a_point_that_fails_is_a_row_and_the_command_goes_on(call, monkeypatch):
    monkeypatch.setattr(points, "evaluate", toy(fails=[(OVERHEAD, 0.2)]))
    done = call(*ASKED, *OUTCOMES)
    assert done.code == 0
    assert "échec" in done.out
    assert "1 points sur 7 ont échoué" in flat(done.out)
    frame = pd.read_csv(folder() / "points.csv")
    assert frame["problem"].dropna().tolist() == ["no staff at all"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--method", "morris", "--trajectories", "4"), "Ce qui bouge le plus, toutes les hypothèses"),
        (("--method", "sobol", "--samples", "16"), "Ce qui explique le doute (argent nouveau)"),
        (("--method", "futures", "--samples", "64", "--limit", "new_money=40"), "plus que la limite de 40 €"),
    ],
)
def test_every_method_prints_what_it_found(call, words, said):
    done = call(*ASKED, *OUTCOMES, *words)
    assert (done.code, done.err) == (0, "")
    assert said in flat(done.out)
    assert "fichiers écrits" in flat(done.out)


def test_decisions_and_values_print_what_measuring_is_worth(call):
    words = ("--method", "futures", "--samples", "64", "--decision", "premiere-vague")
    done = call(*ASKED, *OUTCOMES, *words, "--value", "new_money=-1")
    assert done.code == 0
    assert "Ce que vaut de mesurer une hypothèse avant de décider entre central, premiere-vague" in flat(
        done.out
    )
    assert "Ce que vaut au plus de mesurer avant de décider, par an : frais généraux" in flat(done.out)
    assert {"worth.csv", "decisions.csv", "rules.csv"} <= {path.name for path in folder().iterdir()}
    english = call(*ASKED, *OUTCOMES, *words, "--lang", "en")
    assert "is not computed: name the other possible decisions (--decision)" in flat(english.out)


def test_as_json_it_prints_its_frames_alone(call):
    found = json.loads(call(*ASKED, *OUTCOMES, "--json", "--quiet").out)["manifest"]
    assert found["sensitivity"]["method"] == "tornado"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--method", "guess"), "méthode : trouvé guess, attendu tornado, morris, sobol, futures"),
        (("--limit", "new_money"), "--limit : trouvé « new_money », attendu un nom, le signe = et un nombre"),
        (("--limit", "new_money=nan"), "--limit : trouvé « new_money=nan »"),
        (("--correlation", "a=0,5"), "--correlation : trouvé « a=0,5 », attendu deux noms"),
        (("--limit", "new_money=3"), "ne servent qu'avec la méthode futures"),
        (("--method", "sobol", "--samples", "100"), "attendu une puissance de 2"),
        (("--method", "futures", "--correlation", f"{OVERHEAD},x=0,5"), "x n'est pas parmi les hypothèses"),
        (("--workers", "1", "--cluster", "tcp://x:1"), "donner --workers ou --cluster"),
    ],
)
def test_what_cannot_be_is_refused_in_french_before_anything_is_run(call, model, words, said):
    done = call(*ASKED, *words)
    assert done.code == 2
    assert said in flat(done.err)
    assert model.seen == []


def test_what_help_says_of_defaults_is_what_the_study_does():
    assert command.METHODS == study.METHODS
    assert command.DEFAULT_OUTCOMES == study.DEFAULT_OUTCOMES
    assert (command.DEFAULT_MOST, command.DEFAULT_TRAJECTORIES, command.DEFAULT_SAMPLES) == (
        study.DEFAULT_MOST,
        study.DEFAULT_TRAJECTORIES,
        study.DEFAULT_SAMPLES,
    )
