"""Spoiled scenarios, tables, stored units, runs and command lines: read, or refused in clear words.

A few of each; `make fuzz FILES=100000` tries as many as one likes.
"""

from random import Random

import pytest
from fuzz.targets import CommandLine, RunFolder, ScenarioFile, StoredUnit, TableFile
from hypothesis import given, settings
from hypothesis import strategies as st

import cepsim
from cepsim.experiment.recorded import _COLUMNS
from cepsim.experiment.written import write_folder
from cepsim.scenario import load_scenario, to_toml
from cepsim.tables import load_tables

rngs = st.integers(0, 2**32).map(Random)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """One target of each kind."""
    return {of: of(tmp_path_factory.mktemp(of.__name__)) for of in (ScenarioFile, TableFile, StoredUnit)}


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    import pandas as pd

    tables, names = load_tables(), ("reference", "central")
    frames = {
        name: pd.DataFrame({c: [0, 1] for c in columns} | {"scenario": names})
        for name, columns in _COLUMNS.items()
    }
    scenarios = {name: {"toml": to_toml(load_scenario(name, tables=tables))} for name in names}
    told = {"regions": ["94"], "replications": 1, "seed": 1, "tables_sha256": tables.digest}
    folder = tmp_path_factory.mktemp("good") / "run"
    write_folder(folder, frames, {"cepsim": cepsim.__version__, "scenarios": scenarios, **told})
    found = RunFolder(tmp_path_factory.mktemp("runs"), tables)
    found.good, found.called = folder, False
    return found


@settings(max_examples=80)
@given(rng=rngs)
def test_a_spoiled_scenario_is_read_or_refused_in_clear_words(made, rng):
    assert made[ScenarioFile].once(rng) in ("read", "refused")


@settings(max_examples=12)
@given(rng=rngs)
def test_a_spoiled_table_is_read_or_refused_in_clear_words(made, rng):
    assert made[TableFile].once(rng) in ("read", "refused")


@settings(max_examples=40)
@given(rng=rngs)
def test_a_spoiled_unit_is_removed_and_told_and_its_neighbour_stays(made, rng):
    assert made[StoredUnit].once(rng) in ("read", "refused")


@settings(max_examples=25)
@given(rng=rngs)
def test_a_spoiled_run_is_read_or_refused_and_left_as_it_is(run_folder, rng):
    assert run_folder.once(rng) in ("read", "refused")


@settings(max_examples=30)
@given(rng=rngs)
def test_no_command_line_ends_in_a_defect_or_writes_what_was_not_asked(tmp_path_factory, rng):
    outcome = CommandLine(tmp_path_factory.mktemp("line")).once(rng)
    assert outcome in ("called", "misused", "refused", "not done")
