"""Contacts that operators begin: whom they call, whom they reach, and what it takes."""

import numpy as np
import pytest
from deployments import scenario, tables
from worlds import SEED, SHORT, deployed, from_launch, identified

from cepsim.costing import close, ledger, quantities
from cepsim.engine import compiled_engine, simpy_engine
from cepsim.errors import ScenarioError
from cepsim.experiment.pipeline import Draws, people_of
from cepsim.people.population_tape import draw_people
from cepsim.people.segments import Segments
from cepsim.people.shards import parts_of
from cepsim.scenario.vocabulary import POPULATIONS
from cepsim.trace import NEVER, Outcome, Reason

ON = ("demand.outbound_contacts", True)
SHARES = "figures.stages.information.outbound_share"
ANSWERED = "figures.stages.information.outbound_answer_rate.all.all.all.all"
TRIES = 1 + round(tables().figure("calendar.outbound_again_max.all").mode)
SLOT_S = round(tables().figure("calendar.outbound_unanswered_slot.all").mode_in_base)
DAY = 86_400


def run(*changes):
    """`central` in Corse from launch on: its deployment, people, tape, trace and state."""
    return from_launch("central", *SHORT, *changes)


def stations(where, queue):
    names = np.array([name.split(".")[1] for name in where.network.station_names])
    return names[queue % where.network.station_count]


def calls(*changes):
    """Visits that wait for a call of the operator, and the others, as frames."""
    where, *_, trace, _ = run(*changes)
    rows = trace.visits.frame().assign(station=stations(where, trace.visits.queue))
    return rows[rows["station"] == "sortant"], rows[rows["station"] != "sortant"]


# -- who -------------------------------------------------------------------------------------------


def test_the_same_people_ask_with_the_same_traits_and_some_of_the_admitted_are_called():
    usual, called = identified("central", *SHORT), identified("central", *SHORT, ON)
    moved = usual["station"] != called["station"]
    assert usual.drop(columns="station").equals(called.drop(columns="station"))
    assert (called.loc[moved, "admitted"] == 1).all()
    before = usual.loc[moved, "station"].str.split(".", expand=True)
    after = called.loc[moved, "station"].str.split(".", expand=True)
    assert set(before[1]) == {"telephone", "guichet"}
    assert set(after[1]) == {"sortant"}
    assert before[0].equals(after[0])


def test_so_many_are_called_as_the_share_of_the_population_that_their_operator_serves():
    usual, called = identified("central", *SHORT), identified("central", *SHORT, ON)
    alone = (usual["admitted"] == 1) & usual["station"].str.contains("telephone|guichet")
    by_operator = {"opacif": "salaries", "missions_locales": "jeunes", "pole_emploi": "demandeurs_emploi"}
    for operator, population in by_operator.items():
        here = called[alone & (called["operator"] == operator)]
        share = tables().figure(f"stages.information.outbound_share.{population}.all.all.all").mode
        found, spread = here["station"].str.endswith("sortant").sum(), np.sqrt(share * len(here))
        assert abs(found - share * len(here)) < 4 * spread, operator


def test_who_is_called_where_few_are_is_called_where_more_are():
    more = [(f"{SHARES}.{population}.all.all.all", 0.6) for population in POPULATIONS]
    few, many = (identified("central", *SHORT, ON, *each) for each in ((), more))
    few, many = (each["station"].str.endswith("sortant") for each in (few, many))
    assert many[few].all()
    assert many.sum() > 2 * few.sum()


# -- what happens ----------------------------------------------------------------------------------


def test_whom_the_operator_does_not_reach_it_calls_again_so_many_times_and_no_more():
    tries, _ = calls(ON)
    absent = tries[tries["outcome"] == Outcome.NO_SHOW]
    assert (absent["ended"] - absent["called"] == SLOT_S).all()
    assert set(tries["reason"]) == {Reason.FIRST, Reason.REBOOKED}
    number = tries.groupby("person")["visit"]
    assert number.max().max() == TRIES - 1
    assert (number.count() == number.max() + 1).all()
    rate, made = 0.5, (tries["called"] != NEVER).sum()
    assert abs(len(absent) - rate * made) < 4 * np.sqrt(made / 4)


def test_nobody_called_finds_the_door_closed_and_calls_are_made_while_the_first_line_is_there():
    where, _, _, trace, _ = run(ON)
    tries, _ = calls(ON)
    ends = {Outcome.SERVED, Outcome.NO_SHOW, Outcome.GAVE_UP}
    assert set(tries["outcome"]) <= ends
    made = tries[tries["called"] != NEVER]
    assert len(made) > 1000
    of = Segments.of(where, trace)
    for team, rows in made.groupby(where.network.queues.team[made["queue"].to_numpy()]):
        begins, there = of.begin[of.team == team], (of.is_open & (of.duty > 0))[of.team == team]
        assert there[np.searchsorted(begins, rows["called"].to_numpy(), side="right") - 1].all()


def test_everybody_called_is_reached_or_leaves_or_is_still_called():
    where, _, of, trace, state = run(ON)
    tries, others = calls(ON)
    names, exits = np.array(where.network.exit_names), trace.exits.frame()
    exits = exits.assign(name=names[exits["exit"]], station=stations(where, trace.exits.queue))
    entered = np.flatnonzero(stations(where, of.entry) == "sortant")
    reached = set(tries.loc[tries["outcome"] == Outcome.SERVED, "person"])
    left = exits[(exits["station"] == "sortant") & ~exits["person"].isin(reached)]
    assert set(left["name"]) == {"not_reached", "gave_up"}
    there = set(state.people.person.tolist())
    assert reached | set(left["person"]) | there >= set(entered.tolist())
    assert not reached & set(left["person"])
    unreached = exits.loc[exits["name"] == "not_reached", "person"]
    last = tries[tries["person"].isin(unreached)].groupby("person")
    assert (last["outcome"].agg(set).map(lambda found: found == {Outcome.NO_SHOW})).all()
    assert (last["visit"].count() == TRIES).all()
    # the rest of the path is as usual: those reached who ask again call themselves
    again = others[others["person"].isin(reached) & (others["reason"] == Reason.ASKED_AGAIN)]
    assert set(again["station"]) == {"telephone_repeat"}
    assert {"accueil", "conseil"} <= set(others.loc[others["person"].isin(reached), "station"])


def test_fewer_contacts_are_lost_at_the_telephone_and_at_the_desk_than_there_were():
    def lost(*changes):
        where, *_, trace, _ = run(*changes)
        names, exits = np.array(where.network.exit_names), trace.exits
        return int((names[exits.exit] == "lost_call").sum())

    assert lost(ON) < lost() - 50


@pytest.mark.parametrize(("rate", "ends"), [(1.0, {"gave_up"}), (0.0, {"gave_up", "not_reached"})])
def test_who_always_answers_is_called_once_and_who_never_does_is_lost(rate, ends):
    tries, _ = calls(ON, (ANSWERED, rate))
    where, _, _, trace, _ = run(ON, (ANSWERED, rate))
    names, exits = np.array(where.network.exit_names), trace.exits
    at = stations(where, exits.queue) == "sortant"
    asked = set(tries.loc[tries["outcome"] == Outcome.SERVED, "person"])
    assert set(names[exits.exit[at & ~np.isin(exits.person, list(asked))]]) <= ends
    assert (tries["visit"] == 0).all() == (rate == 1.0)
    assert bool(asked) == (rate == 1.0)


def test_people_on_the_line_and_at_the_desk_come_before_the_operator_s_own_calls():
    where = deployed("central", *SHORT, ON)
    network = where.network

    def priorities(station):
        of = network.queues.sub_queue[network.station_names.index(f"opacif.{station}")]
        return network.sub_queues.priority[of]

    for other in ("telephone", "telephone_repeat", "guichet", "guichet_repeat"):
        assert priorities(other).max() < priorities("sortant").min()


def test_both_engines_call_the_same_people_on_the_same_seconds():
    where, _, of, *_ = run(ON)
    first = of.take(of.arrival < 45 * DAY)
    ours, theirs = (
        each.run(where.network, first, None, 0, 60 * DAY) for each in (compiled_engine, simpy_engine)
    )
    assert (stations(where, ours[0].visits.queue) == "sortant").sum() > 100
    assert ours[0].equals(theirs[0])
    assert ours[1].equals(theirs[1])


# -- what it costs, and where it is run ---------------------------------------------------------------


def test_each_call_made_is_paid_as_a_call_and_the_ledger_closes():
    where, people, _, trace, state = run(ON)
    tries, others = calls(ON)
    counted = quantities(where, people, trace, state)
    close(ledger(where, counted), counted)
    lines = others[others["station"].str.startswith("telephone")]
    entered = ~lines["outcome"].isin([Outcome.CLOSED, Outcome.FULL])
    made = (tries["called"] != NEVER).sum() + (tries["outcome"] == Outcome.IN_SERVICE).sum()
    total = counted.loc[counted["quantity"] == "calls", "value"].sum()
    assert abs(int(total) - int(entered.sum() + made)) <= 5, "but for calls under way at the end"
    contacts = counted.loc[counted["quantity"] == "contacts", "value"].sum()
    first = (tries["reason"] == Reason.FIRST).sum()
    known = others["station"].str.contains("telephone|guichet|collectif")
    new = others["reason"].isin([Reason.FIRST, Reason.ASKED_AGAIN])
    waiting = np.isin(stations(where, state.people.queue), ["telephone", "guichet", "collectif", "sortant"])
    assert 0 <= int(contacts) - int(first + (known & new).sum()) <= waiting.sum()


def test_regions_are_run_after_the_same_platform_and_it_calls_those_who_would_have_come_to_a_desk():
    regions = ("94", "74")
    usual, called = (deployed("central", *SHORT, *each, regions=regions) for each in ((), (ON,)))
    assert [part.name for part in parts_of(called)] == [part.name for part in parts_of(usual)]
    (platform,) = (part for part in parts_of(called) if not part.is_home)
    at = called.network.station_names.index("pole_emploi.sortant")
    lanes = np.arange(len(regions)) * called.network.station_count
    assert platform.shard.queues[lanes + at].all()
    # whom it calls are all of them, those who would have come to a desk included
    _, theirs, _ = people_of(platform, None, Draws(SEED, 0))
    everybody = draw_people(called, seed=SEED, replication=0)[1]
    assert (theirs.entry == at).sum() == (everybody.entry == at).sum() > 1000


def test_a_scenario_that_admits_nobody_cannot_have_operators_call_them():
    with pytest.raises(ScenarioError, match=r"demand\.outbound_contacts: found true, expected false"):
        scenario("reference").derive({"demand.outbound_contacts": True}, tables=tables())
