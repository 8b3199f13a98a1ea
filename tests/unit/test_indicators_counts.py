"""Counts of runs of the engine: they add up, over people and over runs, and hours close to the second."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from deployments import crowd, deployment, scenario, state, tables, trace
from hypothesis import given, settings
from hypothesis import strategies as st

from cepsim.engine.simpy_engine import run
from cepsim.errors import ScenarioError
from cepsim.indicators import Counts, Window, count
from cepsim.indicators.bins import SECONDS
from cepsim.indicators.counts import MEASURES_OF
from cepsim.indicators.tally import add_up, tally
from cepsim.laws import exponential
from cepsim.network import Branch, NetworkBuilder, NoShow, Retry, Series, Station
from cepsim.network.calendar import weekly_calendar
from cepsim.people.by_hand import Arrivals, make_tape
from cepsim.trace import NEVER, Trace, Visits

HOUR, DAY = 3600, 86_400
WEEKS = 6
NORM = "stages.norm.first_appointment_target.all.all.all.all"


def world(advisers=2, patience_days=10.0, per_day=6.0, seed=1, begin=360):
    """Six weeks around the new year of two regions with an information desk, accueil and conseil."""
    builder = NetworkBuilder(lanes=("53", "74"))
    for name in ("gave_up", "completed"):
        builder.exit(name)
    days = np.arange(begin, begin + 7 * WEEKS + 800)
    hours = weekly_calendar(days[(days + 3) % 7 < 5], [(9 * HOUR, 12 * HOUR), (13 * HOUR, 17 * HOUR)])
    for lane in builder.lanes:
        builder.team(f"advisers.{lane}", advisers, hours)
        builder.team(f"desk.{lane}", 1, hours)
    builder.station(
        Station(
            "information",
            0,
            exponential(900),
            patience=exponential(600),
            lost_when_closed=True,
            retry=Retry(0.8, 3, open_days=1),
        )
    )
    builder.station(
        Station(
            "accueil",
            1,
            exponential(3000),
            back_office=exponential(900),
            slot_s=2400,
            patience=exponential(patience_days * DAY),
            no_show=NoShow(0.2, 900, 0.6, exponential(5 * DAY), 2),
        )
    )
    builder.station(
        Station(
            "conseil",
            2,
            exponential(4000),
            slot_s=3600,
            patience=exponential(patience_days * DAY),
            series=Series(2.2, 4, exponential(6 * DAY)),
        )
    )
    builder.station(Station("ingenierie", 3, exponential(5 * HOUR), file_work=True))
    for lane in builder.lanes:
        builder.place("information", lane, f"desk.{lane}")
        for name, priority in (("accueil", 1), ("conseil", 0), ("ingenierie", 1)):
            builder.place(name, lane, f"advisers.{lane}", priority=priority)
    builder.route("information", [Branch(0.6, "accueil"), Branch(0.4, "served")])
    builder.route("accueil", [Branch(0.5, "conseil", exponential(4 * DAY)), Branch(0.5, "served")])
    builder.route("conseil", [Branch(0.7, "ingenierie"), Branch(0.3, "completed")])
    builder.route("ingenierie", [Branch(1.0, "completed")])
    network = builder.compile()
    where = deployment(
        network,
        stations=[("opacif", name) for name in ("information", "accueil", "conseil", "ingenierie")],
        teams=[("opacif", role, lane) for lane in builder.lanes for role in ("advisers", "first_line")],
        regions=("53", "74"),
    )
    generator = np.random.default_rng(seed)
    span = (begin * DAY, (begin + 7 * WEEKS) * DAY)
    arrivals = [
        Arrivals("information", np.sort(generator.integers(*span, int(per_day * 7 * WEEKS))), lane=lane)
        for lane in builder.lanes
    ]
    tape = make_tape(network, arrivals, seed=seed)
    found, final = run(network, tape, None, *span)
    size = tape.person_count
    who = crowd(
        generator.integers(0, 11, size),
        region=tape.lane,
        admitted=generator.integers(0, 2, size),
        asks=generator.integers(0, 2, size),
        bilan=generator.integers(0, 2, size),
        population=generator.integers(0, 3, size),
        project=generator.integers(0, 5, size),
        time_accueil=generator.integers(0, 2, size),
        time_conseil=generator.integers(0, 2, size),
    )
    return where, who, found, final


@cache
def counted(seed):
    return count(*world(seed=seed))


def part(of, final, persons):
    """The trace and the state of some people only."""
    visits = of.visits.take(np.isin(of.visits.person, persons))
    exits = of.exits.take(np.isin(of.exits.person, persons))
    there = np.isin(final.people.person, persons)
    kept = replace(final, people=final.people.take(there), visits_made=final.visits_made[there])
    return Trace(visits, of.duty, of.sessions, exits), kept


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_counts_of_some_people_and_of_the_others_add_up_to_the_counts_of_all(draw, groups):
    where, who, found, final = world(seed=3)
    group = np.random.default_rng(draw).integers(0, groups, len(who))
    parts = [
        count(where, who, *part(found, final, np.flatnonzero(group == number))) for number in range(groups)
    ]
    merged, whole = Counts.merge(parts), counted(3)
    for name in MEASURES_OF:
        if name != "hours":  # duty is a team's, not a person's
            pd.testing.assert_frame_equal(getattr(merged, name), getattr(whole, name))


@settings(max_examples=8, deadline=None)
@given(st.permutations(range(4)), st.integers(1, 3))
def test_any_order_and_any_grouping_give_the_same_counts(order, cut):
    parts = [counted(seed) for seed in order]
    flat = Counts.merge([counted(seed) for seed in range(4)])
    nested = Counts.merge([Counts.merge(parts[:cut]), Counts.merge(parts[cut:])])
    assert nested.equals(flat)


@pytest.fixture(scope="module")
def one():
    return counted(1)


def test_every_count_is_a_whole_number(one):
    for name, table in one.tables.items():
        assert len(table) > 0, name
        for column in MEASURES_OF[name]:
            assert table[column].dtype == np.int64, (name, column)


def test_counts_of_different_windows_are_not_added(one):
    other = replace(one, window=replace(one.window, norm_days=3))
    with pytest.raises(ValueError, match="2 different windows"):
        Counts.merge([one, other])
    with pytest.raises(ValueError, match="0 different windows"):
        Counts.merge([])


def test_a_norm_that_is_no_whole_number_of_days_is_refused():
    half = scenario("reference").derive({f"figures.{NORM}": 7.5}, tables=tables())
    where = deployment(
        world()[0].network, stations=[], teams=[], of=half, prices=tables().with_overrides(half.figures)
    )
    with pytest.raises(ScenarioError, match=r"norm\.figure.*7\.5 working_days.*whole working_days"):
        Window.of(where, 0)


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 3), st.floats(0.5, 40.0), st.floats(1.0, 12.0), st.integers(0, 10_000))
def test_hours_close_to_the_second_whatever_the_load(advisers, patience_days, per_day, seed):
    found = count(*world(advisers, patience_days, per_day, seed))
    hours = found.hours
    assert (hours["duty_s"] + hours["overtime_s"] == hours["used_s"] + hours["idle_s"]).all()
    for name in ("used_s", "overtime_s"):
        assert hours.groupby("year")[name].sum().equals(found.hours_by.groupby("year")[name].sum())
    assert set(hours["year"]) == {2015, 2016}


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 3), st.floats(0.5, 40.0), st.floats(1.0, 12.0), st.integers(0, 10_000))
def test_whoever_enters_a_wait_is_called_lost_or_not_known(advisers, patience_days, per_day, seed):
    where, who, trace_, final = world(advisers, patience_days, per_day, seed)
    found = count(where, who, trace_, final)
    for table in (found.waits, found.waits_working_days):
        sums = table.groupby(["region", "public", "operator", "stage", "cohort"])[
            ["entered", "called", "lost", "censored"]
        ].sum()
        assert (sums["entered"] == sums[["called", "lost", "censored"]].sum(axis=1)).all()
    of_stages = found.waits[~found.waits["stage"].isin(["premier_entretien", "projet"])]
    assert of_stages["lost"].sum() == found.losses["lost"].sum()
    in_horizon = trace_.visits.person[trace_.visits.visit == 0]
    there = final.people.person
    assert found.exits["people"].sum() == len(np.union1d(in_horizon, there))


def test_waits_are_those_of_the_trace(one):
    """Recounted one person at a time, the slow way."""
    where, who, found, final = world()
    visits = Visits.concatenate([found.visits, final.open_visits()]).frame().sort_values(["person", "visit"])
    stage = visits["queue"] % where.network.station_count
    waits = []
    for person, mine in visits[stage == 1].groupby("person"):
        joined = mine["joined"].iloc[0]
        attended = mine[mine["outcome"].isin([0, 6])]
        if len(attended):
            waits.append((who.public[person], attended["called"].iloc[0] - joined))
    rows = one.waits[one.waits["stage"] == "accueil"]
    assert rows["called"].sum() == len(waits)
    assert rows["entered"].sum() == visits[stage == 1]["person"].nunique()
    bins = np.bincount(SECONDS.of(np.array([w for _, w in waits])), minlength=len(SECONDS))
    assert rows.groupby("bin")["called"].sum()[lambda s: s > 0].to_dict() == {
        int(b): int(bins[b]) for b in np.flatnonzero(bins)
    }


def test_the_backlog_is_that_of_the_visits(one):
    _, _, found, final = world()
    visits = Visits.concatenate([found.visits, final.open_visits()]).frame()
    far = np.iinfo(np.int64).max
    leaves = visits["called"].where(visits["called"] != NEVER, visits["ended"]).astype("int64")
    leaves = leaves.replace(NEVER, far)
    for day in one.backlog["day"].unique():
        waiting = int(((visits["joined"] < day * DAY) & (leaves >= day * DAY)).sum())
        assert one.backlog.loc[one.backlog["day"] == day, "waiting"].sum() == waiting
        assert (pd.Timestamp("2015-01-01") + pd.Timedelta(days=int(day))).day_name() == "Monday"


def test_contacts_calls_and_people_are_three_counts(one):
    by = one.volumes.groupby("measure")["count"].sum()
    funnel = one.funnel.groupby("step")[["people", "contacts", "visits"]].sum()
    assert by["calls"] > by["contacts"] >= by["answered"]
    assert by["contacts"] == funnel.loc["first_requests", "people"]
    assert by["calls"] == funnel.loc["first_requests", "visits"]


def test_nobody_gives_empty_tables_that_add_up_too():
    where = world()[0]
    empty = count(where, crowd([]), trace(), state(counted(2).window.observed))
    assert Counts.merge([empty, counted(2)]).waits.equals(counted(2).waits)
    assert all(len(table) == 0 for name, table in empty.tables.items() if name != "hours")


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(-3, 3)), max_size=30))
def test_a_tally_is_a_sum_by_cell_without_the_empty_ones(rows):
    region, year, amount = (np.array([row[n] for row in rows], dtype=np.int64) for n in range(3))
    table = tally({"region": (region, ("a", "b", "c")), "year": (year, range(2015, 2019))}, {"n": amount})
    expected = {}
    for r, y, n in rows:
        expected["abc"[r], 2015 + y] = expected.get(("abc"[r], 2015 + y), 0) + n
    assert dict(zip(zip(table["region"], table["year"], strict=True), table["n"], strict=True)) == {
        key: n for key, n in expected.items() if n
    }
    assert table.equals(add_up([table], ["n"]))
    assert list(table[["region", "year"]].itertuples(index=False)) == sorted(
        table[["region", "year"]].itertuples(index=False)
    )
