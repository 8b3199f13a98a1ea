"""Priorities, returns, several queues, group sessions; and systems read before they are stationary."""

from __future__ import annotations

from functools import partial

from theory import formulas as exact
from theory.case import Case, Measure
from theory.families import RUNS, transient
from theory.observing import (
    left_over,
    mean_present,
    mean_stay,
    mean_time_in_queue,
    mean_wait_of_class,
)
from theory.systems import delay, exponential, lognormal, poisson, queue, sessions, shortest, tandem

from cepsim.network import Series, Station

_EXPONENTIAL = Station("queue", 0, exponential(1.0))
_ONE, _POOL = [0.3, 0.4], [30.0, 60.0]

PRIORITIES = (
    Case(
        "NP1-a",
        partial(
            queue,
            station=_EXPONENTIAL,
            streams=[poisson(rate, rank) for rank, rate in enumerate(_ONE)],
            servers=1,
            warm_up=400,
            length=5000,
            after=400,
        ),
        RUNS,
        (
            Measure("NP1-a-1", mean_wait_of_class(0), lambda: exact.priority_waits(_ONE, 1.0, 2.0)[0]),
            Measure("NP1-a-2", mean_wait_of_class(1), lambda: exact.priority_waits(_ONE, 1.0, 2.0)[1]),
        ),
    ),
    Case(
        "NPC-b",
        partial(
            queue,
            station=_EXPONENTIAL,
            streams=[poisson(rate, rank) for rank, rate in enumerate(_POOL)],
            servers=100,
            warm_up=40,
            length=200,
            after=10,
        ),
        RUNS,
        (
            Measure(
                "NPC-b-1", mean_wait_of_class(0), lambda: exact.priority_waits_pool(_POOL, 1.0, 100)[0], 0.1
            ),
            Measure(
                "NPC-b-2", mean_wait_of_class(1), lambda: exact.priority_waits_pool(_POOL, 1.0, 100)[1], 0.15
            ),
        ),
    ),
)

SEVERAL_VISITS = (
    Case(
        "FB-a",
        partial(
            queue,
            station=Station("queue", 0, exponential(0.5)),
            streams=[poisson(3.0)],
            servers=3,
            returning=0.4,
            warm_up=250,
            length=800,
        ),
        RUNS,
        (Measure("FB-a", mean_stay, lambda: exact.feedback_time(3.0, 2.0, 3, 0.4)),),
    ),
    Case(
        "series",
        partial(
            queue,
            station=Station("queue", 0, exponential(0.5), series=Series(mean=2.25, most=3)),
            streams=[poisson(2.0)],
            servers=3,
            warm_up=150,
            length=800,
        ),
        RUNS,
        (Measure("series", mean_stay, lambda: exact.series_time(2.0, 2.0, 3, 2.25)),),
    ),
    Case(
        "tandem",
        partial(
            tandem,
            stations={
                Station("first", 0, exponential(1.0)): 2,
                Station("second", 1, exponential(2.0)): 4,
            },
            stream=poisson(1.5),
            warm_up=250,
            length=1200,
        ),
        RUNS,
        (
            Measure(
                "tandem",
                mean_stay,
                lambda: exact.feedback_time(1.5, 1.0, 2, 0.0) + exact.feedback_time(1.5, 0.5, 4, 0.0),
            ),
        ),
    ),
)

SEVERAL_QUEUES = (
    Case(
        "shortest",
        partial(shortest, desks=2, service=exponential(1.0), stream=poisson(1.6), warm_up=500, length=2000),
        RUNS,
        (Measure("shortest", mean_present, lambda: exact.shortest_of_two(1.6, 1.0)),),
    ),
    # whatever its law, a stay of mean 3 with 5 arrivals a unit of time: 15 present
    Case(
        "delay",
        partial(
            delay, service=lognormal(3.0, 1.0), stream=poisson(5.0), warm_up=60, length=60, copies=4 * RUNS
        ),
        1,
        (Measure("delay", mean_present, lambda: 15.0),),
    ),
    Case(
        "POOL-sep",
        partial(
            queue,
            station=_EXPONENTIAL,
            streams=[poisson(9.0)],
            servers=10,
            warm_up=385,
            length=600,
            copies=26,
        ),
        1,
        (Measure("POOL-sep", mean_time_in_queue, lambda: exact.mmc_mean_wait(9.0, 1.0, 10), 0.12),),
    ),
    Case(
        "SLOT-a",
        partial(sessions, stream=poisson(4.0), period=1.0, seats=5, warm_up=100, length=1000, copies=RUNS),
        1,
        (
            Measure("SLOT-a-X", left_over, lambda: exact.sessions(4.0, 1.0, 5)[0]),
            Measure("SLOT-a-W", mean_time_in_queue, lambda: exact.sessions(4.0, 1.0, 5)[1]),
        ),
    ),
)

TRANSIENTS = (
    transient("BACK-a", [(0.0, 8.0)], 100, 10.0),
    transient("BACK-b", [(0.0, 8.0)], 100, 60.0, runs=15, precision=0.07),
    transient("RAMP-a", [(0.0, 12.0)], 0, 50.0),
    transient("varying", [(0.0, 5.0), (10.0, 14.0), (25.0, 8.0)], 0, 40.0, precision=0.06),
)
