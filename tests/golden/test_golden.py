"""Shipped scenarios give the figures that they gave: to the person, to the cent, and the same everywhere."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from golden.figures import FILE, SHIPPED, digest, figures, file_digest, kept, planned, rows_of
from golden.reproduce import first_difference
from kept_runs import Backwards

from cepsim.experiment import run_scenarios

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_scenario_gives_its_golden_figures(name):
    assert figures(name) == [row for row in kept() if row[0] == name]


def test_every_shipped_scenario_has_golden_figures():
    assert {scenario for scenario, _, _ in kept()} == set(SHIPPED)


def test_figures_that_moved_are_told_in_the_changelog():
    assert f"golden {file_digest()}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_the_order_of_sets_moves_nothing(hash_seed):
    code = (
        "from golden.figures import figures; print('\\n'.join(','.join(row) for row in figures('mutualise')))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT / "tests")},
        capture_output=True,
        text=True,
        check=True,
    )
    expected = [",".join(row) for row in kept() if row[0] == "mutualise"]
    assert told.stdout.split() == expected


def test_neither_processes_nor_the_order_of_scenarios_and_replications_move_a_figure():
    names = ["premiere-vague", "loi-2013"]
    several = run_scenarios(planned(names, replications=2), workers=2)
    with Backwards() as executor:
        backwards = run_scenarios(planned(names[::-1], replications=2), executor=executor)
    assert executor.order != sorted(executor.order)
    for name in names:
        golden = [row for row in kept() if row[0] == name]
        assert rows_of(several, name) == golden
        assert rows_of(backwards, name) == golden


def test_the_first_row_that_differs_is_told():
    whole = FILE.read_text(encoding="utf-8")
    head, first, *_ = whole.splitlines()
    assert first_difference(whole) == ""
    assert first_difference(f"{head}\n{first}\n").startswith("found nothing expected a-distance,bilans")
    assert first_difference(whole.replace(first, f"{first}0")) == f"found {first}0 expected {first}"


def test_a_digest_is_that_of_the_rows_whatever_their_order_and_moves_with_any_of_them():
    frame = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})
    assert digest(frame) == digest(frame.iloc[::-1])
    assert digest(frame) != digest(frame.assign(a=[1, 2, 4]))
    assert FILE.is_file()
