"""A network run shard after shard is the network run whole."""

from dataclasses import replace

import numpy as np
import pytest
from engines.generated import HORIZON, cases
from hypothesis import given, settings
from worlds import SHORT, deployed, tape

from cepsim.engine import compiled_engine, simpy_engine
from cepsim.network import Branch, NetworkBuilder
from cepsim.network.arrays import CHOICE_BASE
from cepsim.network.shards import restricted, shards_of
from cepsim.people.by_hand import Arrivals, make_tape
from cepsim.state import State
from cepsim.trace import Trace


def queue_of(network, people, lanes):
    """The queue where each person is or goes; for a choice, its first candidate."""
    queue = people.queue.copy()
    for row in np.flatnonzero(queue >= CHOICE_BASE):
        first = network.choices.station[network.choices.start[queue[row] - CHOICE_BASE]]
        queue[row] = lanes[people.person[row]] * network.station_count + first
    return queue


def part_of(network, state, lanes, shard):
    """The people and advisers of a state that belong to a shard."""
    mine = shard.queues[queue_of(network, state.people, lanes)] if len(state.people) else np.zeros(0, bool)
    busy = state.busy.take(shard.teams[state.busy.team])
    carried = state.carried.only(shard.queues) if len(state.carried) else state.carried
    return replace(state.of_people(mine), busy=busy, carried=carried)


def in_shards(engine, network, people, state, begin, end):
    """Run shard after shard: whoever is sent to a later one is handed to it."""
    alternates = np.unique(people.alternate[people.alternate >= 0]).tolist()
    traces, ends, crossing = [], [], []
    shards = shards_of(network, alternates)
    for shard in shards:
        arriving = [part_of(network, each, people.lane, shard) for each in crossing]
        opening = State.merge([part_of(network, state, people.lane, shard), *arriving])
        trace, last = engine.run(restricted(network, shard), people, opening, begin, end)
        traces.append(trace)
        ends.append(part_of(network, last, people.lane, shard))
        everybody = np.ones(len(last.people), dtype=bool)
        crossing.append(replace(last.of_people(everybody), second=begin))
    return shards, Trace.concatenate(traces), State.merge(ends)


@settings(max_examples=150)
@given(cases())
def test_shards_run_in_order_are_the_network_run_whole(case):
    people, state = case.people()
    network = case.network()
    whole, last = compiled_engine.run(network, people, state, 0, HORIZON)
    for engine in (compiled_engine, simpy_engine):
        _, trace, end = in_shards(engine, network, people, state, 0, HORIZON)
        assert trace.equals(whole)
        assert end.equals(last)


def test_a_national_platform_is_run_before_the_regions_and_the_answer_is_the_same():
    regions = ("94", "74", "03")
    where, people = deployed("central", *SHORT, regions=regions), tape("central", *SHORT, regions=regions)
    network, end = where.network, 120 * 86_400
    _, empty = compiled_engine.run(network, people, None, where.horizon.begin, where.horizon.begin)
    begin = where.horizon.begin
    shards, trace, last = in_shards(compiled_engine, network, people, empty, begin, begin + end)
    whole, whole_last = compiled_engine.run(network, people, empty, begin, begin + end)
    assert [shard.name for shard in shards] == ["pole_emploi.first_line.telephone.national", *where.regions]
    assert trace.equals(whole)
    assert last.equals(whole_last)
    assert len(trace.visits) > 10_000


def lanes_with(shared, back=False, follows=False, advisers=1):
    """Two lanes of a door and a desk; a team serves the shared station in both, and may follow people."""
    builder = NetworkBuilder(lanes=["north", "south"])
    everywhere = builder.team("everywhere", advisers)
    for lane in builder.lanes:
        builder.team(lane, 1)
    from cepsim.network import Station

    for rank, name in enumerate(("door", "desk")):
        wait = 1800 if follows and name == shared else None
        builder.station(Station(name, rank, 60, referent_wait_s=wait))
        for lane in builder.lanes:
            builder.place(name, lane, everywhere if name == shared else lane)
    builder.route("door", [Branch(1.0, "desk")])
    if back:
        builder.route("desk", [Branch(0.5, "door", repeat_max=1), Branch(0.5, "served")])
    return builder.compile()


@pytest.mark.parametrize(
    ("shared", "back", "names"),
    [
        (None, False, ["north", "south"]),
        ("door", False, ["everywhere", "north", "south"]),
        ("desk", False, ["north", "south", "everywhere"]),
        ("desk", True, ["everywhere"]),
        ("door", True, ["everywhere"]),
    ],
)
def test_a_shared_team_is_run_apart_unless_people_come_back_from_it(shared, back, names):
    assert [shard.name for shard in shards_of(lanes_with(shared, back))] == names


def test_a_shared_team_that_follows_people_is_run_with_where_they_go():
    assert [shard.name for shard in shards_of(lanes_with("desk", follows=True))] == [
        "north",
        "south",
        "everywhere",
    ]
    network = lanes_with("door", follows=True, advisers=2)
    assert [shard.name for shard in shards_of(network)] == ["everywhere"]
    # the second comes once the first has left the desk of another team: nobody is followed any more
    tape = make_tape(network, [Arrivals("door", [0, 1000], lane="south")], seed=1)
    _, empty = compiled_engine.run(network, tape, None, 0, 0)
    whole, last = compiled_engine.run(network, tape, empty, 0, HORIZON)
    assert whole.visits.adviser[whole.visits.visit == 0].tolist() == [0, 0]
    for engine in (compiled_engine, simpy_engine):
        _, trace, end = in_shards(engine, network, tape, empty, 0, HORIZON)
        assert trace.equals(whole)
        assert end.equals(last)


def test_regions_without_a_shared_team_are_run_apart():
    shards = shards_of(lanes_with(None))
    assert sum(shard.queues.astype(int) for shard in shards).tolist() == [1, 1, 1, 1]
    # the team that serves nobody goes with the first shard
    assert [shard.teams.sum() for shard in shards] == [2, 1]
