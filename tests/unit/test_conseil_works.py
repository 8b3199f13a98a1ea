"""Tests, enquêtes and mises en situation within the conseil: who does them, what they take and cost."""

from fractions import Fraction
from functools import cache

import numpy as np
import pandas as pd
import pytest
from deployments import population, scenario, tables
from worlds import SHORT, deployed, from_launch, identified

from cepsim.costing import close, ledger, quantities
from cepsim.engine import compiled_engine, simpy_engine
from cepsim.errors import ScenarioError
from cepsim.indicators import count, indicators
from cepsim.people.hours import worked_seconds
from cepsim.people.shards import parts_of
from cepsim.scenario.vocabulary import CONSEIL_WORKS
from cepsim.trace import Outcome

ALL = ("service.conseil_works", CONSEIL_WORKS)
SHARES = {
    "tests": "stages.conseil.p_tests.all.all.centrale.all",
    "enquetes": "stages.conseil.p_enquetes.all.all.centrale.all",
    "mises_en_situation": "stages.conseil.p_workplace_trial.all.all.all.all",
}
#: Enough of each to count them in a small region.
HALF = tuple((f"figures.{id_}", 0.5) for id_ in SHARES.values())
DAY, HOUR = 86_400, 3_600


def alone(work):
    """One of them, done by everybody."""
    return (("service.conseil_works", (work,)), (f"figures.{SHARES[work]}", 1.0))


def run(*changes):
    """`central` in Corse from launch on: its deployment, people, tape, trace and state."""
    return from_launch("central", *SHORT, *changes)


@cache
def visits(*changes):
    where, *_, trace, _ = run(*changes)
    names = np.array([name.split(".")[1] for name in where.network.station_names])
    station = names[trace.visits.queue % where.network.station_count]
    return trace.visits.frame().assign(station=station)


def at(station, *changes):
    found = visits(*changes)
    return found[found["station"] == station]


def left(name, *changes):
    where, *_, trace, _ = run(*changes)
    exits = trace.exits
    return set(exits.person[np.array(where.network.exit_names)[exits.exit] == name].tolist())


@cache
def counted(*changes):
    where, people, _, trace, state = run(*changes)
    return quantities(where, people, trace, state)


@cache
def measured(*changes):
    where, people, _, trace, state = run(*changes)
    found = indicators(count(where, people, trace, state), population().stocks)
    return found[(found[["region", "public", "operator", "period"]] == "all").all(axis=1)]


def value(indicator, stage, *changes):
    found = measured(*changes)
    (one,) = found.loc[(found["indicator"] == indicator) & (found["stage"] == stage), "value"]
    return float(one)


# -- who -------------------------------------------------------------------------------------------


def test_the_same_people_ask_and_nobody_s_traits_move():
    assert identified("central", *SHORT, ALL).equals(identified("central", *SHORT))


def test_each_is_done_by_its_share_of_those_admitted_who_have_the_interviews_to_the_end():
    _, people, *_ = run(ALL, *HALF)
    onward = set(at("formalisation", ALL, *HALF)["person"])
    done = {work: set(at(work, ALL, *HALF)["person"]) for work in CONSEIL_WORKS}
    assert (people.admitted[list(set().union(*done.values()))] == 1).all()
    admitted = {person for person in onward if people.admitted[person]}
    assert len(admitted) > 150
    for work, persons in done.items():
        spread = np.sqrt(len(admitted) / 4)
        assert abs(len(persons & admitted) - len(admitted) / 2) < 4 * spread, work
    # independently of each other
    both = len(done["tests"] & done["enquetes"] & admitted)
    assert abs(both - len(admitted) / 4) < 4 * np.sqrt(len(admitted) * 3 / 16)


def test_who_drops_out_has_done_none_and_drops_out_all_the_same():
    before, after = left("dropped_out"), left("dropped_out", ALL, *HALF)
    assert not after & set(visits(ALL, *HALF).query("station in @CONSEIL_WORKS")["person"])
    for one, other in ((before, (ALL, *HALF)), (after, ())):
        assert len(one) > 50
        assert not one & set(at("formalisation", *other)["person"])


def test_they_are_done_once_in_order_after_the_conseil_and_nobody_leaves_from_them():
    found = visits(ALL, *HALF)
    assert found[found["station"].isin(CONSEIL_WORKS)].groupby(["person", "station"]).size().max() == 1
    rank = {name: n for n, name in enumerate(("conseil", *CONSEIL_WORKS, "formalisation"))}
    path = found[found["station"].isin(rank)].sort_values(["person", "visit"])
    path = path.assign(rank=path["station"].map(rank))
    assert (path.groupby("person")["rank"].diff().fillna(0) >= 0).all()
    where, *_, trace, _ = run(ALL, *HALF)
    names = np.array([name.split(".")[1] for name in where.network.station_names])
    assert not set(names[trace.exits.queue % where.network.station_count]) & set(CONSEIL_WORKS)


def test_where_the_scenario_names_none_nobody_does_any():
    assert not set(visits()["station"]) & set(CONSEIL_WORKS)
    assert set(visits(*alone("tests"))["station"]) & set(CONSEIL_WORKS) == {"tests"}


# -- how long --------------------------------------------------------------------------------------


@pytest.mark.parametrize("work", ["tests", "enquetes"])
def test_tests_and_enquetes_take_their_time_and_no_adviser(work):
    found = at(work, *alone(work))
    found = found[found["outcome"] == Outcome.SERVED]
    days = (found["ended"] - found["joined"]) / DAY
    wanted = tables().figure(f"stages.conseil.{work}_elapsed.all.all.all.all").mode
    # who is there at the end of the run is not in the trace: those of the last weeks are left out
    days = days[found["joined"] < 300 * DAY]
    assert len(days) > 80
    assert abs(days.mean() - wanted) < 4 * days.std() / np.sqrt(len(days))
    assert (found["adviser"] == -1).all()


def test_an_adviser_puts_a_mise_en_situation_together_and_then_it_takes_place():
    usual, changed = (), alone("mises_en_situation")
    found = at("mises_en_situation", *changed)
    found = found[found["outcome"] == Outcome.SERVED]
    assert (found["adviser"] >= 0).all()
    where, people, _, trace, state = run(*changed)
    worked = worked_seconds(where, people, trace, state)
    worked = worked[worked["queue"].isin(found["queue"]) & worked["person"].isin(found["person"])]
    seconds = worked.groupby("person")["used_s"].sum()
    mean = tables().figure("stages.conseil.workplace_trial_backoffice.all.all.all.all").mode_in_base
    assert abs(seconds.mean() - mean) < 4 * seconds.std() / np.sqrt(len(seconds))
    gap = tables().figure("calendar.delay_before_formalisation.all").mode
    more = [
        tables().figure(f"stages.conseil.workplace_trial_{n}.all.all.all.all").mode
        for n in ("search", "days")
    ]
    joined = at("formalisation", *changed).groupby("person")["joined"].min()
    waited = (joined - found.set_index("person")["ended"]).dropna() / DAY
    waited = waited[found.set_index("person")["ended"].reindex(waited.index) < 300 * DAY]
    assert len(waited) > 80
    assert abs(waited.mean() - (gap + sum(more))) < 4 * waited.std() / np.sqrt(len(waited))
    assert len(at("mises_en_situation", *usual)) == 0


@pytest.mark.parametrize(("work", "days"), [("tests", 10), ("enquetes", 14), ("mises_en_situation", 12)])
def test_projects_come_later(work, days):
    before, after = (
        at("formalisation", *changes).groupby("person")["joined"].min() for changes in ((), alone(work))
    )
    later = (after - before).dropna()[lambda found: found.index.isin(at(work, *alone(work))["person"])] / DAY
    assert len(later) > 80
    # who joins before the year ends in both; others do not do it in time
    assert later.mean() > 0.7 * days
    assert len(left("completed", *alone(work))) < len(left("completed"))


def test_they_are_neither_interviews_nor_waits_for_a_conseil():
    changes = (ALL, *HALF)
    found = visits(*changes)
    interviews = found[found["station"].isin(["accueil", "conseil", "formalisation"])]
    attended = (interviews["outcome"] == Outcome.SERVED).sum()
    # but for those under way at the end of the run
    assert 0 <= value("interviews", "all", *changes) - attended <= 20
    first = at("conseil", *changes)["person"].nunique()
    *_, state = run(*changes)
    assert 0 <= value("entered", "conseil", *changes) - first <= len(state.people)
    assert value("entered", "conseil", *changes) == pytest.approx(value("entered", "conseil"), rel=0.05)


# -- hours and costs -------------------------------------------------------------------------------


def used_hours(stage, *changes) -> float:
    found = counted(*changes)
    rows = found[(found["role"] == "advisers") & (found["stage"] == stage)]
    return float(rows.loc[rows["quantity"].isin(["used_s", "overtime_s"]), "value"].sum()) / HOUR


def test_mises_en_situation_take_advisers_hours_and_the_others_none():
    found = at("mises_en_situation", *alone("mises_en_situation"))
    assert used_hours("conseil", *alone("mises_en_situation")) > used_hours("conseil") + 0.5 * len(found)
    calm = used_hours("conseil")
    for work in ("tests", "enquetes"):
        assert used_hours("conseil", *alone(work)) == pytest.approx(calm, rel=0.03)


def test_tests_are_paid_by_the_hour_where_there_are_no_psychologists_and_the_ledger_closes():
    changes = alone("tests")
    where, *_, state = run(*changes)
    found, amounts = counted(*changes), ledger(where, counted(*changes))
    close(amounts, found)
    names = pd.Series(where.network.station_names).str.split(".", expand=True)
    begun = at("tests", *changes)
    under_way = state.open_visits().frame()
    under_way = under_way[names[1].to_numpy()[under_way["queue"] % len(names)] == "tests"]
    queue = pd.concat([begun["queue"], under_way["queue"]]).to_numpy() % len(names)
    by_psychologists = (names[0].to_numpy()[queue] == "pole_emploi").sum()
    hours = tables().figure("stages.conseil.tests_hours.all.all.all.all").mode
    wanted = {"psychologist_tests_s": by_psychologists, "tests_s": len(queue) - by_psychologists}
    for name, number in wanted.items():
        rows = found[found["quantity"] == name]
        assert number > 20
        assert rows["value"].sum() == number * hours * HOUR
        assert rows["people"].sum() == number
    assert (found.loc[found["quantity"] == "tests_s", "character"] == "nouveau_recurrent").all()
    rows = amounts.rows
    price = Fraction(str(tables().figure("unit_costs.tests_hour_price.all").mode)) * 100
    paid = rows.loc[rows["nature"] == "tests", "amount_cents"].sum()
    assert paid == wanted["tests_s"] * hours * price
    assert rows.loc[rows["nature"] == "tests_psychologist", "amount_cents"].sum() == 0
    assert not set(ledger(where, counted()).rows["nature"]) & {"tests", "tests_psychologist"}


def test_no_time_of_theirs_is_charged_or_given_by_employers():
    changes = (ALL, *HALF, ("financing.charged_to_cpf", ("conseil",)))
    found, usual = counted(*changes), counted(changes[-1])
    for name in ("account_s", "working_time_s"):
        now, before = (each.loc[each["quantity"] == name, "value"].sum() for each in (found, usual))
        assert now == pytest.approx(before, rel=0.05), name


# -- both engines, and what is refused --------------------------------------------------------------


@pytest.mark.parametrize("referent", [False, True])
def test_both_engines_write_the_same(referent):
    where, _, of, *_ = run(ALL, *HALF, ("service.referent", referent))
    first = of.take(of.arrival < 20 * DAY)
    ours, theirs = (
        each.run(where.network, first, None, 0, 250 * DAY) for each in (compiled_engine, simpy_engine)
    )
    names = np.array([name.split(".")[1] for name in where.network.station_names])
    seen = names[ours[0].visits.queue % where.network.station_count]
    assert set(CONSEIL_WORKS) <= set(seen)
    assert ours[0].equals(theirs[0])
    assert ours[1].equals(theirs[1])


def test_a_region_is_still_run_by_itself():
    usual, changed = (deployed("central", *SHORT, *each) for each in ((), (ALL,)))
    assert [part.name for part in parts_of(changed)] == [part.name for part in parts_of(usual)]


def test_they_are_refused_where_those_admitted_receive_what_is_given_today():
    found = r'service\.conseil_works: found "tests", expected nothing, since the intensity is "actuelle"'
    with pytest.raises(ScenarioError, match=found):
        scenario("premiere-vague").derive({"service.conseil_works": ["tests"]}, tables=tables())


@pytest.mark.parametrize("works", [["bilan"], ["tests", "tests"]])
def test_what_is_no_work_of_the_conseil_or_is_named_twice_is_refused(works):
    with pytest.raises(ScenarioError, match=r"service\.conseil_works"):
        scenario("central").derive({"service.conseil_works": works}, tables=tables())
