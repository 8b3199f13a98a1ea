"""The bugs that `make mutations` plants can still be planted."""

from mutations.mutant import Mutant
from mutations.run import EVERY, KILLED, LEAST, SURVIVED, _conclusion


def test_every_bug_of_the_lists_replaces_a_text_that_stands_once():
    assert [mutant.problem for mutant in EVERY if mutant.problem] == []


def test_there_are_many_and_in_engines_indicators_and_costs():
    assert len(EVERY) >= 60
    for folder in ("engine/", "indicators/", "costing/"):
        assert sum(mutant.file.startswith(folder) for mutant in EVERY) >= 20
    assert len({(mutant.file, mutant.old, mutant.new) for mutant in EVERY}) == len(EVERY)


def mutant(answer="", **changes):
    of = {"file": "draws.py", "what": "x", "old": "from __future__ import annotations", "new": "y"}
    return Mutant(**{**of, "tests": ("unit/test_draws.py",), **changes}, answer=answer)


def test_a_text_that_is_gone_or_stands_twice_a_file_or_tests_that_are_gone_are_problems():
    assert mutant().problem == ""
    assert "found 0 times" in mutant(old="no such words").problem
    assert "expected once" in mutant(old="draw").problem
    assert "no such file" in mutant(file="no.py").problem
    assert "no such tests" in mutant(tests=("unit/no.py",)).problem
    assert "the same text" in mutant(new="from __future__ import annotations").problem


def test_too_few_that_are_seen_fail_and_so_does_one_without_an_answer(capsys):
    many = [mutant()] * 19
    assert _conclusion([*many, mutant(answer="equivalent")], [KILLED] * 19 + [SURVIVED]) == 0
    assert "19 of 20 bugs are seen (95.0%" in capsys.readouterr().out
    assert _conclusion([*many, mutant()], [KILLED] * 19 + [SURVIVED]) == 1
    assert "NO ANSWER" in capsys.readouterr().out
    assert LEAST > 0.5
    assert _conclusion([mutant(answer="equivalent")] * 2, [KILLED, SURVIVED]) == 1
