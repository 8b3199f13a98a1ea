"""The systems of the cases, built with the tools that any user has. Times are in units of the case.

Each lane of a network is a copy with streams of its own. `replication` and `seed` name the draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from cepsim.engine import compiled_engine
from cepsim.laws import Law
from cepsim.network import Branch, Calendar, NetworkBuilder, SessionPlan, Station
from cepsim.people.by_hand import Arrivals, already_waiting, make_tape
from cepsim.trace import MOST_SECONDS, Visits
from cepsim.verify.observing import Run
from cepsim.verify.streams import Stream, Unit

#: Who comes back this often is let go; in no case is there a chance above 1e-12 to come to that.
_RETURNS = 60


@dataclass(frozen=True, slots=True)
class Window:
    """What is observed: those who join in [warm_up, warm_up + length), in units of time.

    People go on coming for `after`, so that those observed are not helped by an empty end; the run lasts
    `drain` more, long enough for all of them to have been served.
    """

    length: float
    warm_up: float = 0.0
    after: float = 0.0
    drain: float = 0.0


@dataclass(frozen=True, slots=True)
class Asked:
    """Which replications: the seed of the case, the rank of the run, how many copies in it."""

    seed: int
    replication: int
    copies: int


@dataclass(frozen=True, slots=True)
class Node:
    """A station of a system, the servers of each copy of it, the most people whom it lets in."""

    station: Station
    servers: int | Sequence[tuple[float, int]]
    room: int | None = None


def queue(asked: Asked, *, unit: Unit, window: Window, streams: Sequence[Stream], node: Node) -> Run:
    """A queue and its servers. The first service class is served first."""
    return network(asked, unit=unit, window=window, streams=streams, nodes=[node])


def tandem(asked: Asked, *, unit: Unit, window: Window, stream: Stream, nodes: Sequence[Node]) -> Run:
    """Stations passed one after the other."""
    ways = {a.station.name: {b.station.name: 1.0} for a, b in pairwise(nodes)}
    return network(asked, unit=unit, window=window, streams=[stream], nodes=nodes, ways=ways)


def network(
    asked: Asked,
    *,
    unit: Unit,
    window: Window,
    streams: Sequence[Stream],
    nodes: Sequence[Node],
    ways: Mapping[str, Mapping[str, float]] | None = None,
    lost: Mapping[str, str] | None = None,
    most: int = _RETURNS,
) -> Run:
    """Stations between which those served go on by `ways`: shares by station; the rest leave.

    Who is not let in at a station goes on as `lost` says, or leaves. Streams join the first station unless
    they name another. Nobody takes a way more than `most` times.
    """
    builder = _builder(streams, asked)
    for node in nodes:
        builder.station(node.station)
        for lane in builder.lanes:
            team = builder.team(f"{node.station.name}, {lane}", _advisers(node, unit))
            builder.place(node.station.name, lane, team, room=node.room, priority=range(builder.classes))
    for origin, shares in (ways or {}).items():
        onward = [Branch(share, to, repeat_max=most) for to, share in shares.items()]
        builder.route(origin, [*onward, Branch(max(0.0, 1.0 - sum(shares.values())), "served")])
    for origin, to in (lost or {}).items():
        builder.route(origin, [Branch(1.0, to)], after="lost")
    return _run(builder, nodes[0].station.name, streams, asked, unit, window)


def delay(asked: Asked, *, unit: Unit, window: Window, service: Law, stream: Stream) -> Run:
    """A place where nobody waits."""
    builder = _builder([stream], asked)
    builder.delay("delay", service)
    return _run(builder, "delay", [stream], asked, unit, window)


def shortest(asked: Asked, *, unit: Unit, window: Window, desks: int, service: Law, stream: Stream) -> Run:
    """Desks of one server each, every arrival joining the shortest of their queues."""
    builder = _builder([stream], asked)
    names = [f"desk {number}" for number in range(desks)]
    for block, name in enumerate(names):
        builder.station(Station(name, block, service))
        for lane in builder.lanes:
            builder.place(name, lane, builder.team(f"{name}, {lane}", advisers=1))
    builder.shortest("shortest", names)
    return _run(builder, "shortest", [stream], asked, unit, window)


def sessions(asked: Asked, *, unit: Unit, window: Window, stream: Stream, period: float, seats: int) -> Run:
    """A group session each period, for `seats` people at most; who does not fit waits for the next."""
    builder = _builder([stream], asked)
    whole = unit.seconds(period)
    # sessions go on after the last arrival until nobody waits
    planned = SessionPlan(list(range(whole, _stop(unit, window), whole)), 3600, seats)
    builder.station(Station("session", 0, 3600))
    for lane in builder.lanes:
        builder.place("session", lane, builder.team(lane, advisers=0), sessions=planned)
    return _run(builder, "session", [stream], asked, unit, window)


def pooled(
    asked: Asked, *, unit: Unit, window: Window, stream: Stream, service: Law, servers: int, lanes: int
) -> Run:
    """One team that serves the queues of several lanes, as one system: a single replication."""
    builder = _builder([stream], Asked(asked.seed, asked.replication, lanes))
    builder.station(Station("queue", 0, service))
    team = builder.team("all", servers)
    for lane in builder.lanes:
        builder.place("queue", lane, team)
    return _run(builder, "queue", [stream], asked, unit, window, shared=True)


def finite_source(asked: Asked, *, unit: Unit, window: Window, people: int, away: Law, node: Node) -> Run:
    """So many people who come back a time after they were served, for ever: arrivals fall with the queue."""
    stream = Stream(lambda _: [0] * people)
    builder = _builder([stream], asked)
    builder.delay("away", away)
    builder.station(node.station)
    for lane in builder.lanes:
        builder.place(node.station.name, lane, builder.team(lane, _advisers(node, unit)))
    builder.route("away", [Branch(1.0, node.station.name)])
    # a share of 0 for leaving: who has come back this often, which no run is long enough for, would leave
    builder.route(node.station.name, [Branch(1.0, "away", repeat_max=1_000_000), Branch(0.0, "served")])
    return _run(builder, "away", [stream], asked, unit, window)


def interrupted(
    asked: Asked, *, unit: Unit, window: Window, first: Stream, second: Stream, service: Law
) -> Run:
    """The second class of one server, whom the first class interrupts and who goes on where he stopped.

    No rule of the model interrupts an interview, but file work is suspended when its team closes. The first
    class is simulated alone, as it is not disturbed by the second; the second is file work of a team that is
    open when nobody of the first is there.
    """
    node = Node(Station("first", 0, service), 1)
    alone = queue(asked, unit=unit, window=window, streams=[first], node=node)
    trace, _ = compiled_engine.run(alone.network, alone.tape, None, 0, alone.stop)
    builder = _builder([second], asked)
    builder.station(Station("second", 0, service, file_work=True))
    for number, lane in enumerate(builder.lanes):
        visits = trace.visits.take(trace.visits.queue == number).sorted_by("called")
        builder.place("second", lane, builder.team(lane, 1, _between(visits)))
    seed = asked.seed ^ 1
    return _run(builder, "second", [second], Asked(seed, asked.replication, asked.copies), unit, window)


def _between(visits: Visits) -> Calendar:
    """When the server of these visits, in order of call-in, is free; the last opening goes on for ever."""
    opens = np.concatenate([[0], visits.released]).astype(np.int64)
    closes = np.concatenate([visits.called, [MOST_SECONDS]]).astype(np.int64)
    kept = closes > opens
    return Calendar(opens[kept], closes[kept])


def _advisers(node: Node, unit: Unit) -> int | list[tuple[int, int]]:
    if isinstance(node.servers, int):
        return node.servers
    return [(unit.seconds(date), number) for date, number in node.servers]


def _builder(streams: Sequence[Stream], asked: Asked) -> NetworkBuilder:
    return NetworkBuilder(
        profiles=list(dict.fromkeys(stream.profile for stream in streams)),
        lanes=[f"copy {number}" for number in range(asked.copies)],
        classes=1 + max(stream.service_class for stream in streams),
    )


def _stop(unit: Unit, window: Window) -> int:
    return unit.seconds(window.warm_up + window.length + window.after) + unit.seconds(window.drain)


def _run(
    builder: NetworkBuilder,
    entry: str,
    streams: Sequence[Stream],
    asked: Asked,
    unit: Unit,
    window: Window,
    *,
    shared: bool = False,
) -> Run:
    """Each lane receives streams of its own."""
    compiled = builder.compile()
    last = unit.seconds(window.warm_up + window.length + window.after)
    arrivals = [
        Arrivals(stream.to or entry, stream.times(last), stream.profile, lane, stream.service_class)
        for lane in compiled.lane_names
        for stream in streams
    ]
    tape = make_tape(compiled, arrivals, seed=asked.seed, replication=asked.replication)
    state = already_waiting(compiled, tape) if tape.arrival[0] < 0 else None
    begin, end = unit.seconds(window.warm_up), unit.seconds(window.warm_up + window.length)
    return Run(compiled, tape, state, begin, end, _stop(unit, window), unit.seconds(1.0), shared)
