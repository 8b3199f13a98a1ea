"""`cepsim runs`: what is kept, what one unit is, and a clean that says what it removes before it does."""

import io
import json
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from stored import ABOUT, measured

from cepsim.experiment.store import DEFAULT_FOLDER, Store

KEY, OTHER = "0123456789abcdef" * 2, "0f" * 16


@pytest.fixture
def store() -> Store:
    kept = Store()
    kept.put(KEY, measured(), ABOUT)
    kept.put(OTHER, measured(2), {**ABOUT, "scenario": "actuel", "replication": 0})
    return kept


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.usefixtures("store")
def test_the_default_store_is_beside_the_results_of_runs():
    assert Path("reports", ".store") == DEFAULT_FOLDER
    assert sorted(path.name for path in DEFAULT_FOLDER.iterdir()) == sorted([KEY, OTHER, "README.md"])


@pytest.mark.usefixtures("store")
def test_a_list_has_one_line_a_unit_and_their_weight(call):
    outcome = call("runs", "list")
    assert (outcome.code, outcome.err) == (0, "")
    first, second = (line.split() for line in outcome.out.splitlines()[3:5])
    assert first[:7] == [OTHER[:12], "actuel", "0", "94", "2013", "94,53", "1"]
    assert second[:7] == [KEY[:12], "central", "3", "94", "2013", "94,53", "1"]
    assert "2 unités" in outcome.out
    assert "2 units" in call("runs", "list", "--lang", "en").out


@pytest.mark.usefixtures("empty_folder")
def test_units_that_differ_by_what_is_simulated_or_kept_are_told_apart(call):
    store = Store()
    store.put(KEY, measured(), ABOUT)
    store.put(OTHER, replace(measured(), outcomes=measured().quantities), {**ABOUT, "sample": 5})
    many = ",".join(f"{code:02d}" for code in range(11, 20))
    store.put(OTHER[::-1], measured(), {**ABOUT, "regions": many})
    rows = {line.split()[0]: line for line in call("runs", "list").out.splitlines() if "central" in line}
    whole, sampled, wide = (rows[key[:12]] for key in (KEY, OTHER, OTHER[::-1]))
    assert "1 sur 5" in sampled
    assert "devenirs" in sampled
    assert "1 sur" not in whole + wide
    assert "devenirs" not in whole + wide
    assert "11,12,13…" in wide
    assert "1 in 5" in call("runs", "list", "--lang", "en").out
    assert "échantillon" in call("runs", "show", OTHER).out


def test_units_of_another_version_of_the_program_say_so(call, store, monkeypatch):
    assert "autre version" not in call("runs", "list").out
    monkeypatch.setattr("cepsim.experiment.store.program", lambda: "another")
    assert call("runs", "list").out.count("autre version") == len(store.named())


def test_an_empty_store_is_said_to_be(call, empty_folder):
    for words, said in (
        ("list", "Aucun calcul gardé dans reports"),
        ("clean", "Rien à supprimer dans reports"),
    ):
        outcome = call("runs", words)
        assert outcome.code == 0
        assert outcome.out.startswith(said)
    assert list(empty_folder.iterdir()) == []


def test_another_folder_may_be_named(call, store):
    store.folder.rename("elsewhere")
    assert KEY[:12] in call("runs", "list", "--store", "elsewhere").out
    assert "Aucun calcul" in call("runs", "list").out


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("digits", [KEY, KEY[:12], "01", KEY.upper()])
def test_a_unit_is_shown_by_the_first_digits_of_its_key(call, digits):
    outcome = call("runs", "show", digits)
    assert (outcome.code, outcome.err) == (0, "")
    for said in (
        KEY,
        "central",
        "94,53",
        "2013",
        "waits.parquet",
        "quantities.parquet",
        "entière et vérifiée",
    ):
        assert said in outcome.out


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("digits", "said"), [("0", "d'une seule clé"), ("9", "d'une clé"), ("", "d'une seule clé")]
)
def test_digits_of_no_unit_or_of_several_are_refused(call, digits, said):
    outcome = call("runs", "show", digits)
    assert (outcome.code, outcome.out) == (3, "")
    found = " ".join(f"« {digits} »".split())
    assert f".store : trouvé {found}, attendu les premiers chiffres {said}. Elles sont dans" in outcome.err


def test_a_damaged_unit_is_shown_as_such_and_left(call, store):
    (store.folder / KEY / "hours.parquet").write_bytes(b"cut")
    outcome = call("runs", "show", KEY)
    assert outcome.code == 0
    assert "abîmée, sera recalculée (hours.parquet ne correspond pas à sa somme de contrôle)" in outcome.out
    (store.folder / KEY / "about.json").write_text(json.dumps({}), encoding="utf-8")
    outcome = call("runs", "show", KEY)
    assert (outcome.code, outcome.out) == (3, "")
    assert "about.json soit digne de foi" in outcome.err
    assert store.named() == [KEY, OTHER]


def test_clean_says_what_it_would_remove_and_removes_nothing_by_itself(call, store):
    (store.folder / KEY / "about.json").unlink()
    outcome = call("runs", "clean")
    assert (outcome.code, outcome.err) == (0, "")
    assert KEY in outcome.out
    assert "illisible" in outcome.out
    assert OTHER not in outcome.out
    assert outcome.out.endswith("Rien n'est supprimé. Pour supprimer : --yes.\n")
    assert store.named() == [KEY, OTHER]


def test_clean_removes_with_yes_what_is_of_no_use_and_no_more(call, store):
    (store.folder / KEY / "about.json").unlink()
    left = store.folder / ".partial-00-1-aa"
    left.mkdir()
    os.utime(left, (time.time() - 7 * 86_400,) * 2)
    outcome = call("runs", "clean", "--yes")
    assert outcome.code == 0
    assert f"2 supprimés de {DEFAULT_FOLDER}" in outcome.out
    assert sorted(path.name for path in store.folder.iterdir()) == [OTHER, "README.md"]
    assert "Rien à supprimer" in call("runs", "clean", "--yes").out


@pytest.mark.parametrize(
    ("words", "left"),
    [((), 2), (("--older-than", "1"), 2), (("--older-than", "0"), 0), (("--all",), 0)],
)
def test_units_go_when_they_are_old_enough_or_all_are_asked_for(call, store, words, left):
    time.sleep(1.1 if words == ("--older-than", "0") else 0)
    assert call("runs", "clean", "--yes", *words).code == 0
    assert len(store.named()) == left


@pytest.mark.parametrize(
    ("answer", "left"), [("o\n", 0), ("Oui\n", 0), ("y\n", 0), ("n\n", 2), ("x\n", 2), ("\n", 2)]
)
def test_somebody_at_a_terminal_is_asked(call, store, monkeypatch, answer, left):
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    outcome = call("runs", "clean", "--all")
    assert outcome.code == 0
    assert "Supprimer ? (o/n)" in outcome.out
    assert len(store.named()) == left


def test_somebody_who_stops_at_the_question_removes_nothing(call, store, monkeypatch):
    monkeypatch.setattr("sys.stdin", Terminal(""))
    assert call("runs", "clean", "--all").code == 4
    assert len(store.named()) == 2


@pytest.mark.parametrize("days", ["-1", "1.5", "soon", "9" * 20])
def test_an_age_is_a_whole_number_of_days(call, store, days):
    outcome = call("runs", "clean", f"--older-than={days}")
    assert (outcome.code, outcome.out) == (2, "")
    assert f"--older-than : trouvé « {days} », attendu un nombre entier" in outcome.err
    assert len(store.named()) == 2
