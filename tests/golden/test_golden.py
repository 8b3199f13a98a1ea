"""Shipped scenarios give the figures that they gave: to the person, to the cent, and the same everywhere."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from golden.figures import FILE, SHIPPED, digest, figures, file_digest, kept

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


def test_a_digest_is_that_of_the_rows_whatever_their_order_and_moves_with_any_of_them():
    frame = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})
    assert digest(frame) == digest(frame.iloc[::-1])
    assert digest(frame) != digest(frame.assign(a=[1, 2, 4]))
    assert FILE.is_file()
