"""Resources: the same answer from a checkout and from a wheel, a clear error when the data are missing."""

from pathlib import Path

import pytest

from cepsim.errors import InputError
from cepsim.resources import _find, scenarios_folder, tables_folder

ROOT = Path(__file__).resolve().parents[2]


def test_a_checkout_reads_its_own_tables_and_scenarios():
    assert tables_folder() == ROOT / "data" / "insee_2012"
    assert scenarios_folder() == ROOT / "scenarios"


def test_a_wheel_reads_the_data_it_carries_whatever_stands_beside_it(tmp_path):
    (tmp_path / "scenarios").mkdir()
    carried = tmp_path / "cepsim" / "_data" / "scenarios"
    carried.mkdir(parents=True)
    assert _find(tmp_path / "cepsim", "scenarios", "scenarios") == carried


def test_missing_data_are_named_with_a_remedy(tmp_path):
    with pytest.raises(InputError, match=r"no such folder.*Install cepsim again"):
        _find(tmp_path / "cepsim", "scenarios", "scenarios")
