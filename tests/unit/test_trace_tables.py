"""The full trace: files that analysts read as they are, and from which a run's figures are recounted."""

import json
import re
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from cepsim.errors import StoreError
from cepsim.experiment import Results, plan, run_scenarios, trace_tables
from cepsim.experiment.store import Store
from cepsim.experiment.trace_tables import TABLES, file_of, gather, write_trace
from cepsim.experiment.work import Bench, unit_folders

REGIONS = ["74", "94"]
YEAR_S = 365 * 86_400


@pytest.fixture(scope="module")
def planned():
    return plan(["reference"], regions=REGIONS, replications=1, years=1, follow_up_years=0)


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    return Store(tmp_path_factory.mktemp("kept"), trace=True)


@pytest.fixture(scope="module")
def results(planned, store) -> Results:
    return run_scenarios(planned, workers=1, store=store)


@pytest.fixture(scope="module")
def folder(planned, store, results, tmp_path_factory) -> Path:
    assert results.measured
    place = tmp_path_factory.mktemp("reports") / "trace"
    gather(place, unit_folders(planned, store))
    return place


def read(folder: Path, table: str) -> pd.DataFrame:
    """All files of a table as one."""
    return pd.read_parquet(folder / table)


def indicator(results: Results, measure: str, operator: str) -> float:
    rows = results.indicators.query(
        f"indicator == '{measure}' and operator == '{operator}' and region == 'all' and stage == 'all'"
        " and public == 'all' and team == 'all' and period == 'all'"
    )
    return float(rows["mean"].item())


def test_people_received_at_the_opacif_are_recounted_from_the_files_alone(results, folder):
    visits = read(folder, "visits").sort_values(["person", "visit"], ignore_index=True)
    goes_on = visits["reason"].isin(["rebooked", "retry", "redirected", "overflow"])
    chain = (~goes_on | (visits["person"] != visits["person"].shift())).cumsum()
    sent_here = (visits["reason"] == "redirected").groupby(chain).cummax()
    attended = visits["outcome"].isin(["served", "in_service"]) & (visits["stage"] == "accueil")
    first = visits[attended].drop_duplicates("person")
    first = first[~sent_here[first.index] & first["called_s"].between(0, YEAR_S - 1)]
    for operator in ("opacif", "pole_emploi"):
        mine = first[first["operator"] == operator]
        assert (mine["sample"].sum(), len(mine) > 0) == (indicator(results, "received", operator), True)


def test_hours_of_advisers_on_duty_are_recounted_from_the_files_alone(results, folder):
    duty = read(folder, "duty").query("second < @YEAR_S")
    until = duty.groupby("team", observed=True)["second"].shift(-1).fillna(YEAR_S)
    seconds = ((until - duty["second"]) * duty["advisers"]).groupby(duty["team"], observed=True).sum()
    hours = results.measured["reference"][0].counts.hours.groupby("team")["duty_s"].sum()
    # a team whose animators were withdrawn has their time besides: none in `reference`
    assert seconds[seconds > 0].astype("int64").to_dict() == hours[hours > 0].to_dict()


def test_each_person_is_in_one_file_and_everybody_traced_is_in_people(folder):
    people = read(folder, "people")
    assert people["person"].is_unique
    assert sorted(people["region"].unique()) == REGIONS
    platform = [path for path in (folder / "people").iterdir() if "telephone" in path.name]
    assert [pq.read_metadata(path).num_rows for path in platform] == [0]
    for table in ("visits", "exits"):
        rows = read(folder, table)
        assert not rows.duplicated(["person", "visit"] if table == "visits" else ["person"]).any()
        assert rows["person"].isin(people["person"]).all()
        assert rows["shard"].nunique() == 3


def test_rows_of_visits_are_in_order_of_time_and_say_what_did_not_come_by_nothing(folder):
    visits = read(folder, "visits")
    for before, after in (("joined_s", "called_s"), ("called_s", "ended_s"), ("ended_s", "released_s")):
        known = visits[[before, after]].dropna()
        assert (known[before] <= known[after]).all()
    assert visits.loc[visits["outcome"] == "gave_up", "called_s"].isna().all()
    assert visits.loc[visits["outcome"] == "served", ["called_s", "ended_s"]].notna().all().all()
    assert visits.loc[visits["team"].isna(), "adviser"].isna().all()


def test_every_column_is_documented_and_every_documented_column_is_there(folder):
    text = files("cepsim.experiment").joinpath("STORE.md").read_text(encoding="utf-8")
    text = text.partition("## The trace")[2].partition("\n## ")[0]
    said: dict[str, list[str]] = {table: [] for table in TABLES}
    for table, columns in re.findall(r"^\| (\w+) \| ([\w, ]+) \|", text, flags=re.MULTILINE):
        for name in TABLES if table == "all" else [table] if table in TABLES else []:
            said[name] += columns.split(", ")
    for table in TABLES:
        for path in (folder / table).iterdir():
            assert pq.read_schema(path).names == said[table], table


def test_columns_are_narrow_and_texts_are_kept_once(folder):
    for table in TABLES:
        for path in (folder / table).iterdir():
            for field in pq.read_schema(path):
                kind = str(field.type)
                allowed = ("bool", "int32") if field.name != "person" else ("int64",)
                assert kind in allowed or kind.startswith("dictionary<values=string"), (table, field.name)


def test_tables_are_written_in_groups_of_a_bounded_number_of_rows_whatever_they_hold(tmp_path, monkeypatch):
    def twice(folder, of, **names):
        with monkeypatch.context() as patch:
            patch.setattr(trace_tables, "ROWS", 1000)
            write_trace(tmp_path, of, **names)
        write_trace(folder, of, **names)

    monkeypatch.setattr("cepsim.experiment.work.write_trace", twice)
    alone = plan(["reference"], regions=["94"], replications=1, years=1, follow_up_years=0)
    store = Store(tmp_path / "kept", trace=True)
    run_scenarios(alone, workers=1, store=store)
    (unit,) = unit_folders(alone, store).values()
    for table in TABLES:
        small, large = (pq.ParquetFile(folder / file_of(table)) for folder in (tmp_path, unit))
        groups = [small.metadata.row_group(n).num_rows for n in range(small.metadata.num_row_groups)]
        assert max(groups, default=0) <= 1000
        assert large.metadata.num_row_groups <= 1 < len(groups) or table in ("sessions", "unfinished")
        assert small.read().equals(large.read()), table


def done(planned, store: Store, monkeypatch) -> int:
    """How many units a run computes."""
    made = []
    do = Bench.do

    def counted(self, task, tick):
        made.append(task)
        return do(self, task, tick)

    with monkeypatch.context() as patch:
        patch.setattr(Bench, "do", counted)
        run_scenarios(planned, workers=1, store=store)
    return len(made)


def test_a_unit_kept_without_its_trace_or_whose_trace_is_damaged_is_computed_again(tmp_path, monkeypatch):
    planned = plan(["reference"], regions=["94"], replications=1, years=1, follow_up_years=0)
    plain, tracing = Store(tmp_path / "kept"), Store(tmp_path / "kept", trace=True)
    (key,) = (path.name for path in unit_folders(planned, plain).values())
    assert not plain.holds(key)
    assert done(planned, plain, monkeypatch) == 1
    before = plain.get(key)
    assert (plain.holds(key), tracing.holds(key), tracing.get(key)) == (True, False, None)
    assert done(planned, tracing, monkeypatch) == 1
    assert done(planned, tracing, monkeypatch) == done(planned, plain, monkeypatch) == 0
    after = plain.get(key)
    assert before is not None
    assert after is not None
    assert before.counts.equals(after.counts)
    assert (plain.holds(key), tracing.holds(key), tracing.damaged, tracing.problem(key)) == (
        True,
        True,
        [],
        "",
    )
    about = json.loads((tmp_path / "kept" / key / "about.json").read_text(encoding="utf-8"))
    assert {file_of(table) for table in TABLES} < set(about["files"])
    assert not list((tmp_path / "kept").glob(".partial-*"))
    victim = tmp_path / "kept" / key / file_of("visits")
    content = bytearray(victim.read_bytes())
    content[100] ^= 1
    victim.write_bytes(content)
    assert tracing.problem(key) == f"{file_of('visits')} does not match its checksum"
    # who does not ask for the trace does not read it
    assert plain.get(key) is not None
    assert done(planned, tracing, monkeypatch) == 1
    assert len(tracing.damaged) == 1
    assert tracing.problem(key) == ""


def test_a_trace_that_cannot_be_written_leaves_nothing(tmp_path, monkeypatch):
    planned = plan(["reference"], regions=["94"], replications=1, years=1, follow_up_years=0)

    def full(folder, *_args, **_kept):
        (folder / file_of("people")).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cepsim.experiment.work.write_trace", full)
    store = Store(tmp_path / "kept", trace=True)
    with pytest.raises(StoreError, match="could not keep the trace of reference, replication 0, shard 94"):
        run_scenarios(planned, workers=1, store=store)
    assert [path.name for path in store.folder.iterdir()] == ["README.md"]


def test_a_number_that_does_not_fit_in_its_column_is_refused():
    with pytest.raises(ValueError, match="does not fit"):
        trace_tables._whole(np.array([1 << 31]))
    assert trace_tables._whole(np.array([-5, 7]), absent=-5).to_pylist() == [None, 7]


def test_gathering_again_replaces_what_was_there(planned, store, folder):
    (folder / "old.txt").write_text("old", encoding="utf-8")
    found = gather(folder, unit_folders(planned, store))
    assert not (folder / "old.txt").exists()
    assert len(found) == 3 * len(TABLES)
    assert not folder.with_name("trace.partial").exists()
