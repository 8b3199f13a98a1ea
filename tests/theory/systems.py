"""The systems of the cases, built with the tools that any user has. Times in units, made seconds here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from theory.observing import Run

from cepsim.laws import Law
from cepsim.laws import constant as constant_law
from cepsim.laws import exponential as exponential_law
from cepsim.laws import gamma as gamma_law
from cepsim.laws import lognormal as lognormal_law
from cepsim.network import Branch, Network, NetworkBuilder, SessionPlan, Station
from cepsim.people.by_hand import Arrivals, already_waiting, make_tape, poisson_varying
from cepsim.trace import Ints

#: Seconds in a unit of time: rounding to the second moves nothing that can be seen.
UNIT_S = 100_000

#: Units of time after the last arrival: long enough for everybody of a stable system to leave.
DRAIN = 5_000.0

Times = Sequence[int] | Ints | Callable[[int], Ints]


def seconds(units: float) -> int:
    """A duration or a date in whole seconds."""
    return round(units * UNIT_S)


def constant(units: float) -> Law:
    """Always the same duration."""
    return constant_law(units * UNIT_S)


def exponential(mean: float) -> Law:
    """Exponential law of this mean."""
    return exponential_law(mean * UNIT_S)


def gamma(mean: float, variation: float) -> Law:
    """Gamma law of this mean and coefficient of variation."""
    return gamma_law(mean * UNIT_S, variation)


def lognormal(mean: float, variation: float) -> Law:
    """Lognormal law of this mean and coefficient of variation."""
    return lognormal_law(mean * UNIT_S, variation)


# -- Who comes -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stream:
    """People who come alike: `times` gives their dates before a second."""

    times: Callable[[int], Times]
    service_class: int = 0
    profile: str = "everybody"


def poisson(rate: float, service_class: int = 0, profile: str = "everybody") -> Stream:
    """A Poisson process."""
    return varying([(0.0, rate)], service_class, profile)


def varying(
    rates: Sequence[tuple[float, float]], service_class: int = 0, profile: str = "everybody"
) -> Stream:
    """A Poisson process of piecewise constant rate: (time from which, rate), as in `formulas`."""
    pieces = [(seconds(start), rate / UNIT_S) for start, rate in rates]
    return Stream(lambda end: poisson_varying(pieces, end), service_class, profile)


def regular(interval: float) -> Stream:
    """One person at each interval."""
    return Stream(lambda end: np.rint(np.arange(0, end, interval * UNIT_S)).astype(np.int64))


def together(people: int, second: int = 0) -> Stream:
    """So many people on one second; before 0 they are already waiting when the run begins."""
    return Stream(lambda _: [second] * people)


# -- Where they come -----------------------------------------------------------------------------------


def queue(
    seed: int,
    *,
    station: Station,
    streams: Sequence[Stream],
    servers: int,
    length: float,
    warm_up: float = 0.0,
    after: float = 0.0,
    drain: float = DRAIN,
    room: int | None = None,
    returning: float = 0.0,
    copies: int = 1,
) -> Run:
    """A queue and its servers. The first service class is served first.

    Those who join in [warm_up, warm_up + length) are observed; people go on coming for `after`, and the
    run lasts `drain` more. With probability `returning` a person served joins again at once.
    """
    builder = _builder(streams, copies)
    builder.station(station)
    for lane in builder.lanes:
        team = builder.team(lane, advisers=servers)
        builder.place(station.name, lane, team, room=room, priority=range(builder.classes))
    if returning:
        # nobody comes back forty times: a share under 1e-15 for the returns of the cases
        again = Branch(returning, station.name, repeat_max=40)
        builder.route(station.name, [again, Branch(1.0 - returning, "served")])
    return _run(builder.compile(), station.name, streams, seed, warm_up, length, after, drain)


def delay(seed: int, *, service: Law, stream: Stream, warm_up: float, length: float, copies: int = 1) -> Run:
    """A place where nobody waits."""
    builder = _builder([stream], copies)
    builder.delay("delay", service)
    return _run(builder.compile(), "delay", [stream], seed, warm_up, length, 0.0, DRAIN)


def tandem(
    seed: int,
    *,
    stations: Mapping[Station, int],
    stream: Stream,
    length: float,
    warm_up: float = 0.0,
    drain: float = DRAIN,
    copies: int = 1,
) -> Run:
    """Stations passed one after the other, each with its number of servers."""
    builder = _builder([stream], copies)
    for station, servers in stations.items():
        builder.station(station)
        for lane in builder.lanes:
            team = builder.team(f"{station.name}, {lane}", advisers=servers)
            builder.place(station.name, lane, team)
    names = [station.name for station in stations]
    for name, following in pairwise(names):
        builder.route(name, [Branch(1.0, following)])
    return _run(builder.compile(), names[0], [stream], seed, warm_up, length, 0.0, drain)


def shortest(
    seed: int, *, desks: int, service: Law, stream: Stream, warm_up: float, length: float, copies: int = 1
) -> Run:
    """Desks of one server each, every arrival joining the shortest of their queues."""
    builder = _builder([stream], copies)
    names = [f"desk {number}" for number in range(desks)]
    for block, name in enumerate(names):
        builder.station(Station(name, block, service))
        for lane in builder.lanes:
            builder.place(name, lane, builder.team(f"{name}, {lane}", advisers=1))
    builder.shortest("shortest", names)
    return _run(builder.compile(), "shortest", [stream], seed, warm_up, length, 0.0, DRAIN)


def sessions(
    seed: int, *, stream: Stream, period: float, seats: int, warm_up: float, length: float, copies: int = 1
) -> Run:
    """A group session each period, for `seats` people at most; who does not fit waits for the next."""
    builder = _builder([stream], copies)
    whole = seconds(period)
    # sessions go on after the last arrival until nobody waits
    planned = SessionPlan(list(range(whole, seconds(warm_up + length + DRAIN), whole)), 3600, seats)
    builder.station(Station("session", 0, 3600))
    for lane in builder.lanes:
        builder.place("session", lane, builder.team(lane, advisers=0), sessions=planned)
    return _run(builder.compile(), "session", [stream], seed, warm_up, length, 0.0, DRAIN)


def _builder(streams: Sequence[Stream], copies: int) -> NetworkBuilder:
    return NetworkBuilder(
        profiles=list(dict.fromkeys(stream.profile for stream in streams)),
        lanes=[f"copy {number}" for number in range(copies)],
        classes=1 + max(stream.service_class for stream in streams),
    )


def _run(
    network: Network,
    entry: str,
    streams: Sequence[Stream],
    seed: int,
    warm_up: float,
    length: float,
    after: float,
    drain: float,
) -> Run:
    """Each lane receives streams of its own."""
    last = seconds(warm_up + length + after)
    arrivals = [
        Arrivals(entry, stream.times(last), stream.profile, lane, stream.service_class)
        for lane in network.lane_names
        for stream in streams
    ]
    tape, state = make_tape(network, arrivals, seed=seed), None
    if tape.arrival[0] < 0:
        state = already_waiting(network, tape)
    begin, end = seconds(warm_up), seconds(warm_up + length)
    return Run(network, tape, state, begin, end, stop=last + seconds(drain))
