"""Systems without chance, worked out by hand: figures, and every visit of a trace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from cepsim.network import NetworkBuilder, SessionPlan, Station
from cepsim.people.by_hand import Arrivals, make_tape
from cepsim.trace import NEVER, Outcome
from cepsim.verify.case import Case, Measure
from cepsim.verify.estimates import Floats
from cepsim.verify.metrics import (
    Metric,
    count_with,
    last_end,
    mean_wait,
    mean_wait_of_admitted,
    mean_wait_per_person,
)
from cepsim.verify.observing import Observed, Run
from cepsim.verify.streams import U5, Stream, together
from cepsim.verify.systems import Asked, Node, Window, queue, tandem

#: A visit: person of the copy, station, dates of joining, of call-in (None: never) and of end, in units.
Visit = tuple[int, int, float, float | None, float]

_SECONDS = U5.seconds


def visits_as(expected: Sequence[Visit]) -> Metric:
    """Number of visits that are as worked out, to the second; no other may be there."""
    rows = np.array(
        [
            (person, station, *(NEVER if date is None else _SECONDS(date) for date in dates))
            for person, station, *dates in expected
        ],
        dtype=np.int64,
    )

    def read(seen: Observed) -> Floats:
        of = seen.visits
        person = np.unique(of.person, return_inverse=True)[1].reshape(-1)
        found = np.stack([person, of.queue % seen.stations, of.joined, of.called, of.ended], axis=1)
        same = float((found == rows).all(axis=1).sum()) if found.shape == rows.shape else -1.0
        return np.array([same, 1.0])

    return Metric("visits_as", "number", read)


def _case(
    name: str,
    model: str,
    parameters: str,
    build: Callable[[Asked], Run],
    values: dict[str, tuple[Metric, float]],
    trace: Sequence[Visit] = (),
) -> Case:
    if trace:
        values = {**values, "trace": (visits_as(trace), len(trace))}
    return Case(
        name,
        "deterministic",
        model,
        parameters,
        build,
        tuple(
            Measure(f"{name}-{row}", metric, partial(float, value)) for row, (metric, value) in values.items()
        ),
        kind="deterministic",
        copies=2,
        runs=1,
    )


def _at(dates: Sequence[float], service_class: int = 0) -> Stream:
    return Stream(lambda _: [_SECONDS(date) for date in dates], service_class)


def _one(
    streams: Sequence[Stream],
    servers: int | Sequence[tuple[float, int]] = 1,
    *,
    service: float = 1.0,
    patience: float | None = None,
    room: int | None = None,
) -> Callable[[Asked], Run]:
    station = Station(
        "queue",
        0,
        U5.constant(service),
        patience=None if patience is None else U5.constant(patience),
    )
    window = Window(100.0, drain=20.0)
    return partial(queue, unit=U5, window=window, streams=streams, node=Node(station, servers, room))


def _sessions(asked: Asked) -> Run:
    """Sessions of two seats and an hour, at 1, 2 and 3."""
    builder = NetworkBuilder(lanes=[str(number) for number in range(asked.copies)])
    plan = SessionPlan([_SECONDS(date) for date in (1.0, 2.0, 3.0)], 3600, 2)
    builder.queue("session", team=builder.team("team", 0), service=3600, sessions=plan)
    return _run(builder, "session", [0.0, 0.0, 0.0, 1.5], asked)


def _published(asked: Asked) -> Run:
    """Two desks; the first one sends people to the other once a mean wait above 0.29 is published, at 5."""
    builder = NetworkBuilder(lanes=[str(number) for number in range(asked.copies)])
    names = ("desk", "other")
    for block, name in enumerate(names):
        builder.station(Station(name, block, U5.constant(1.0)))
        for lane in builder.lanes:
            builder.place(name, lane, builder.team(f"{name}, {lane}", 1))
    builder.overflow("either", "desk", ["other"], _SECONDS(0.29))
    builder.publish([_SECONDS(5.0)])
    return _run(builder, "either", [0.0, 0.1, 4.5, 5.0, 5.2], asked)


def _run(builder: NetworkBuilder, entry: str, dates: Sequence[float], asked: Asked) -> Run:
    network = builder.compile()
    whole = [_SECONDS(date) for date in dates]
    tape = make_tape(network, [Arrivals(entry, whole, lane=lane) for lane in builder.lanes], seed=asked.seed)
    return Run(network, tape, None, 0, _SECONDS(20.0), _SECONDS(20.0), U5.length_s)


_HOUR = 3600 / U5.length_s

BY_HAND = (
    _case(
        "DET-a", "D/D/10", "N(0)=100 D=1", _one([together(100)], 10),
        {"Wq": (mean_wait(), 4.5), "end": (last_end(), 10.0)},
        [(n, 0, 0.0, n // 10, n // 10 + 1) for n in range(100)],
    ),
    _case(
        "DET-d", "D/D/1+D", "N(0)=10 D=1 θ=3.5", _one([together(10)], patience=3.5),
        {
            "ab": (count_with(Outcome.GAVE_UP), 6.0),
            "W": (mean_wait(key="time_in_queue"), 2.7),
        },
        [(n, 0, 0.0, n, n + 1) if n < 4 else (n, 0, 0.0, None, 3.5) for n in range(10)],
    ),
    _case(
        "DET-e", "D/D/1/5", "N(0)=10 D=1", _one([together(10)], room=5),
        {"rej": (count_with(Outcome.FULL), 5.0), "W": (mean_wait_of_admitted(), 2.0)},
        [(n, 0, 0.0, n, n + 1) if n < 5 else (n, 0, 0.0, None, 0.0) for n in range(10)],
    ),
    _case(
        "DET-h", "D/D/1 → D/D/1", "N(0)=4 D=(2, 3)",
        partial(
            tandem,
            unit=U5,
            window=Window(100.0, drain=20.0),
            stream=together(4),
            nodes=[
                Node(Station("first", 0, U5.constant(2.0)), 1),
                Node(Station("second", 1, U5.constant(3.0)), 1),
            ],
        ),
        {"W": (mean_wait_per_person(), 4.5)},
        [
            visit
            for n in range(4)
            for visit in ((n, 0, 0.0, 2 * n, 2 * n + 2), (n, 1, 2 * n + 2, 3 * n + 2, 3 * n + 5))
        ],
    ),
    # nobody is interrupted when staff falls, two are called at once when it rises
    _case(
        "DET-staff", "D/D/c(t)", "N(0)=6 D=2 c=2, 1 (t≥1), 3 (t≥5)",
        _one([together(6)], [(0.0, 2), (1.0, 1), (5.0, 3)], service=2.0), {},
        [
            (n, 0, 0.0, called, called + 2)
            for n, called in enumerate([0.0, 0.0, 2.0, 4.0, 5.0, 5.0])
        ],
    ),
    _case(
        "DET-priority", "D/D/1", "A=(0, 0.5; 0.6, 0.7) D=1",
        _one([_at([0.6, 0.7]), _at([0.0, 0.5], service_class=1)]), {},
        [(0, 0, 0.0, 0.0, 1.0), (1, 0, 0.5, 3.0, 4.0), (2, 0, 0.6, 1.0, 2.0), (3, 0, 0.7, 2.0, 3.0)],
    ),
    _case(
        "DET-sessions", "D/D[2]/1", "A=0, 0, 0, 1.5 T=1 b=2", _sessions, {},
        [
            (n, 0, joined, called, called + _HOUR)
            for n, (joined, called) in enumerate([(0.0, 1.0), (0.0, 1.0), (0.0, 2.0), (1.5, 2.0)])
        ],
    ),
    # waits of 0, 0.9 and 0 before 5, hence 0.3 on the mean: the two who come then go to the other desk
    _case(
        "DET-overflow", "D/D/1 → D/D/1", "A=0, 0.1, 4.5, 5, 5.2 D=1", _published, {},
        [
            (0, 0, 0.0, 0.0, 1.0), (1, 0, 0.1, 1.0, 2.0), (2, 0, 4.5, 4.5, 5.5),
            (3, 1, 5.0, 5.0, 6.0), (4, 1, 5.2, 6.0, 7.0),
        ],
    ),
)  # fmt: skip
