"""What holds for every network, whatever the rules that meet in it."""

import heapq
import random
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np
import simpy
from engines.generated import HORIZON, Case, cases, seconds
from hypothesis import given, settings
from hypothesis import strategies as st

from cepsim.engine import simpy_engine
from cepsim.laws import exponential
from cepsim.network import NetworkBuilder
from cepsim.people.by_hand import Arrivals, make_tape, poisson
from cepsim.state import State
from cepsim.trace import NEVER, Outcome, Status, Trace

MANY = settings(max_examples=100)


def whole(case: Case, patience_as_events: bool = False):
    tape, state = case.people()
    return simpy_engine.run(case.network(patience_as_events), tape, state, 0, HORIZON)


@MANY
@given(cases(), st.lists(seconds(0, HORIZON), min_size=1, max_size=3).map(sorted))
def test_a_run_in_parts_is_the_run(case, cuts):
    trace, last = whole(case)
    tape, state = case.people()
    parts = []
    for begin, end in pairwise([0, *cuts, HORIZON]):
        part, state = simpy_engine.run(case.network(), tape, state, begin, end)
        parts.append(part)
    assert Trace.concatenate(parts).equals(trace)
    assert state.equals(last)


@MANY
@given(cases())
def test_patience_settled_when_the_turn_comes_is_patience_as_an_event(case):
    trace, state = whole(case)
    other_trace, other_state = whole(case, patience_as_events=True)
    assert trace.equals(other_trace)
    assert state.equals(other_state)


class Shuffled(simpy.Environment):
    """Events of one second and one priority happen in any order."""

    seed = 0

    def __init__(self, initial_time=0):
        super().__init__(initial_time)
        self.dice = random.Random(self.seed)

    def schedule(self, event, priority=simpy.events.NORMAL, delay=0):
        heapq.heappush(self._queue, (self.now + delay, priority, self.dice.random(), event))


@MANY
@given(cases(), st.integers(0, 2**20))
def test_the_order_of_events_within_a_step_does_not_matter(case, seed):
    trace, state = whole(case)
    with patch.object(Shuffled, "seed", seed), patch("simpy.Environment", Shuffled):
        shuffled_trace, shuffled_state = whole(case)
    assert trace.equals(shuffled_trace)
    assert state.equals(shuffled_state)


@settings(max_examples=30)
@given(cases(), seconds())
def test_a_state_saved_and_read_is_the_state(case, cut):
    tape, state = case.people()
    _, state = simpy_engine.run(case.network(), tape, state, 0, cut)
    with TemporaryDirectory() as folder:
        state.save(Path(folder) / "state.npz")
        read = State.load(Path(folder) / "state.npz")
    assert read.equals(state)
    trace, last = simpy_engine.run(case.network(), tape, state, cut, HORIZON)
    read_trace, read_last = simpy_engine.run(case.network(), tape, read, cut, HORIZON)
    assert read_trace.equals(trace)
    assert read_last.equals(last)


# -- bookkeeping ---------------------------------------------------------------------------------------


def all_visits(trace, state):
    """Settled and open visits as rows, by person and visit."""
    frame = [trace.visits, state.open_visits()]
    names = list(type(trace.visits).__dataclass_fields__)
    rows = [
        dict(zip(names, row, strict=True))
        for part in frame
        for row in zip(*(getattr(part, name).tolist() for name in names), strict=True)
    ]
    return sorted(rows, key=lambda row: (row["person"], row["visit"]))


@MANY
@given(cases())
def test_everybody_leaves_once_or_is_still_there(case):
    tape, _ = case.people()
    trace, state = whole(case)
    entered = set(np.flatnonzero(tape.arrival < HORIZON).tolist())
    left, there = trace.exits.person.tolist(), state.people.person.tolist()
    assert sorted(left + there) == sorted(entered)


@MANY
@given(cases())
def test_a_visit_is_joined_called_ended_released_in_that_order(case):
    trace, _ = whole(case)
    v = trace.visits
    received = np.isin(v.outcome, [Outcome.SERVED, Outcome.NO_SHOW])
    assert (v.joined <= v.ended).all()
    assert (v.ended < HORIZON).all()
    assert (v.called[~received] == NEVER).all()
    assert (v.released[~received] == NEVER).all()
    assert (v.joined[received] <= v.called[received]).all()
    assert (v.called[received] < v.ended[received]).all()
    assert (v.ended[received] <= v.released[received]).all()
    turned_away = np.isin(v.outcome, [Outcome.CLOSED, Outcome.FULL])
    assert (v.joined[turned_away] == v.ended[turned_away]).all()
    assert (v.joined[v.outcome == Outcome.GAVE_UP] < v.ended[v.outcome == Outcome.GAVE_UP]).all()


@MANY
@given(cases())
def test_nobody_is_in_two_queues(case):
    visits = all_visits(*whole(case))
    for earlier, later in pairwise(visits):
        if earlier["person"] != later["person"]:
            continue
        assert later["visit"] == earlier["visit"] + 1
        assert earlier["ended"] != NEVER
        assert later["joined"] >= earlier["ended"]
        if earlier["outcome"] in (Outcome.CLOSED, Outcome.FULL):
            assert later["joined"] > earlier["ended"]


@MANY
@given(cases())
def test_an_exit_is_the_end_of_the_last_visit(case):
    trace, state = whole(case)
    last = {}
    for row in all_visits(trace, state):
        last[row["person"]] = row
    for person, queue, second in zip(
        trace.exits.person.tolist(), trace.exits.queue.tolist(), trace.exits.second.tolist(), strict=True
    ):
        assert (last[person]["queue"], last[person]["ended"]) == (queue, second)


# -- the fifth step, replayed second by second ------------------------------------------------------------


def duty_at(network, team, second):
    first, last = network.teams.duty_start[team : team + 2]
    rank = int(np.searchsorted(network.teams.duty_second[first:last], second, side="right"))
    return int(network.teams.duty_advisers[first + rank - 1]) if rank else 0


def opening_of(network, calendar, second):
    """Closing of the opening that holds a second, or None."""
    first, last = network.teams.calendar_start[calendar : calendar + 2]
    for opens, closes in zip(
        network.teams.opens[first:last].tolist(), network.teams.closes[first:last].tolist(), strict=True
    ):
        if opens <= second < closes:
            return closes
    return None


def expected_calls(case, tape, team, second, visits):
    """Whom a team must call in at a second, from who waits, who is busy and the rules alone."""
    network = case.network()
    mine = [v for v in visits if network.queues.team[v["queue"]] == team]
    waiting = [
        v
        for v in mine
        if not network.queues.holds_sessions[v["queue"]]
        and v["joined"] <= second
        and (v["called"] == NEVER or v["called"] >= second)
        and (v["called"] != NEVER or v["ended"] == NEVER or v["ended"] > second)
    ]
    busy = sum(v["adviser"] >= 0 and v["called"] < second < v["released"] for v in mine)
    closing = opening_of(network, network.teams.calendar[team], second)
    chosen = []
    while busy + len(chosen) < duty_at(network, team, second):
        heads = {}
        for v in sorted(waiting, key=lambda v: (v["joined"], v["person"])):
            sub = network.queues.sub_queue[v["queue"], tape.service_class[v["person"]]]
            heads.setdefault(int(sub), v)
        able = []
        for sub, v in heads.items():
            station, calendar = v["queue"] % network.station_count, network.sub_queues.calendar[sub]
            slot = network.stations.planned_slot[station, tape.profile[v["person"]]]
            if second + slot <= closing and (calendar < 0 or opening_of(network, calendar, second)):
                able.append((int(network.sub_queues.priority[sub]), v["joined"], v["person"], v))
        if not able:
            break
        *_, first = min(able, key=lambda head: head[:3])
        chosen.append(first)
        waiting.remove(first)
    return [(v["person"], v["visit"]) for v in chosen]


def teams_that_follow(network):
    """Teams in which some station gives people an adviser of their own."""
    follows = np.tile(network.stations.referent_wait >= 0, len(network.lane_names))
    return set(network.queues.team[follows].tolist())


@MANY
@given(cases())
def test_teams_call_in_exactly_whom_the_rules_say(case):
    tape, _ = case.people()
    trace, state = whole(case)
    visits = all_visits(trace, state)
    network = case.network()
    changes = {int(s) for s in network.teams.duty_second if 0 <= s < HORIZON}
    changes |= {int(s) for s in network.teams.opens if 0 <= s < HORIZON}
    dates = {v[name] for v in visits for name in ("joined", "called", "ended", "released")}
    looked = sorted({0} | changes | {date for date in dates if 0 <= date < HORIZON})
    for second in looked:
        # whom a team that follows people calls in depends on each adviser: see test_referent
        for team in sorted(set(range(network.team_count)) - teams_that_follow(network)):
            called = [
                (v["person"], v["visit"])
                for v in visits
                if v["called"] == second and v["adviser"] >= 0 and network.queues.team[v["queue"]] == team
            ]
            assert sorted(expected_calls(case, tape, team, second, visits)) == called


@MANY
@given(cases())
def test_an_adviser_serves_one_person_at_a_time_and_the_lowest_idle_is_taken(case):
    trace, state = whole(case)
    network = case.network()
    served = [v for v in all_visits(trace, state) if v["adviser"] >= 0]
    for v in served:
        v["team"] = int(network.queues.team[v["queue"]])
    for v in served:
        others = [w for w in served if w is not v and w["team"] == v["team"]]
        busy_before = {w["adviser"] for w in others if w["called"] < v["called"] < w["released"]}
        same_second = {w["adviser"] for w in others if w["called"] == v["called"]}
        assert v["adviser"] not in busy_before | same_second
        if v["team"] not in teams_that_follow(network):
            lower = set(range(v["adviser"]))
            assert lower <= busy_before | same_second


@MANY
@given(cases())
def test_the_trace_holds_every_change_of_duty(case):
    trace, _ = whole(case)
    teams = case.network().teams
    written = list(zip(trace.duty.team, trace.duty.second, trace.duty.advisers, strict=True))
    assert written == [
        (team, int(teams.duty_second[change]), int(teams.duty_advisers[change]))
        for team in range(case.network().team_count)
        for change in range(teams.duty_start[team], teams.duty_start[team + 1])
        if 0 <= teams.duty_second[change] < HORIZON
    ]


# -- laws of queues -----------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(st.integers(1, 4), st.integers(0, 2**20), st.sampled_from([0.7, 0.95, 1.3]))
def test_one_more_adviser_makes_nobody_wait_longer(advisers, seed, load):
    calls = {}
    for number in (advisers, advisers + 1):
        builder = NetworkBuilder()
        builder.queue("desk", team=builder.team("team", number), service=exponential(1000))
        network = builder.compile()
        tape = make_tape(network, [Arrivals("desk", poisson(load * advisers / 1000, 200_000))], seed=seed)
        trace, _ = simpy_engine.run(network, tape, None, 0, 10**7)
        calls[number] = trace.visits.called - trace.visits.joined
    assert (calls[advisers + 1] <= calls[advisers]).all()


class Counting(simpy_engine.Simulation):
    """Integrates the number of people waiting over time, as it changes."""

    waiting = area = since = 0

    def change(self, by):
        self.area += self.waiting * (self.now - self.since)
        self.since, self.waiting = self.now, self.waiting + by

    def line_up(self, person, station):
        self.change(1)
        super().line_up(person, station)

    def serve(self, person, adviser, session, length=0):
        if self.net.queue_team[person.queue] >= 0 or self.net.holds_sessions[person.queue]:
            self.change(-1)
        super().serve(person, adviser, session, length)

    def give_up(self, person):
        self.change(-1)
        super().give_up(person)

    def turn_away(self, person, outcome):
        if outcome in (Outcome.REFUSED, Outcome.HANDED_OVER):
            self.change(-1)
        super().turn_away(person, outcome)


@MANY
@given(cases())
def test_people_waiting_over_time_are_the_sum_of_the_waits(case):
    tape, state = case.people()
    run = Counting(case.network(patience_as_events=True), tape, state, 0, HORIZON)
    run.waiting = len(state.people)
    trace, last = run.run()
    area = run.area + run.waiting * (HORIZON - run.since)
    waits = 0
    for v in all_visits(trace, last):
        if case.network().queues.team[v["queue"]] >= 0 or case.network().holds_commissions[v["queue"]]:
            until = next((date for date in (v["called"], v["ended"]) if date != NEVER), HORIZON)
            waits += until - max(v["joined"], 0)
    assert area == waits
    assert run.waiting == (last.people.status == Status.WAITING).sum()
