"""People who pass several stations, come back, take the shorter queue; delays; sessions; few people."""

from __future__ import annotations

from functools import partial

from cepsim.network import Series, Station
from cepsim.verify import general, relaxation
from cepsim.verify import networks as exact
from cepsim.verify.case import Case, Measure
from cepsim.verify.erlang import mmc_mean_queue
from cepsim.verify.metrics import (
    left_over,
    mean_present,
    mean_queue,
    mean_stay,
    mean_wait,
)
from cepsim.verify.streams import U5
from cepsim.verify.systems import (
    Node,
    Window,
    delay,
    finite_source,
    network,
    queue,
    sessions,
    shortest,
    tandem,
)

_HALF = Station("queue", 0, U5.exponential(0.5))
_RETURNS, _SERIES = relaxation.mmc(5.0, 2.0, 3), relaxation.mmc(4.5, 2.0, 3)

#: Three stations between which people go back and forth: from outside, ways on, speed and number of servers.
_OUTSIDE = (2.0, 0.5, 0.0)
_WAYS = ((0.0, 0.5, 0.0), (0.2, 0.0, 0.3), (0.0, 0.25, 0.0))
_SPEED, _SERVERS = (2.0, 1.5, 2.0), (2, 2, 1)
_NAMES = ("accueil", "conseil", "formalisation")

NETWORKS = (
    Case(
        "TANDEM",
        "networks",
        "M/M/2 → M/M/4",
        "λ=1.5 μ=(1, 0.5)",
        partial(
            tandem,
            unit=U5,
            window=Window(1200, warm_up=280, after=100, drain=400),
            stream=U5.poisson(1.5),
            nodes=[
                Node(Station("first", 0, U5.exponential(1.0)), 2),
                Node(Station("second", 1, U5.exponential(2.0)), 4),
            ],
        ),
        (
            Measure(
                "TANDEM-T",
                mean_stay(),
                lambda: exact.feedback_time(1.5, 1.0, 2, 0.0) + exact.feedback_time(1.5, 0.5, 4, 0.0),
            ),
        ),
        relaxation=relaxation.mmc(1.5, 0.5, 4),
    ),
    Case(
        "FB-a",
        "networks",
        "M/M/3",
        "λ=3 μ=2 p=0.4",
        partial(
            network,
            unit=U5,
            window=Window(1500, warm_up=10.0 * _RETURNS, after=50, drain=20.0 * _RETURNS),
            streams=[U5.poisson(3.0)],
            nodes=[Node(_HALF, 3)],
            ways={"queue": {"queue": 0.4}},
        ),
        (Measure("FB-a", mean_stay(), lambda: exact.feedback_time(3.0, 2.0, 3, 0.4)),),
        relaxation=_RETURNS,
    ),
    Case(
        "SERIES",
        "networks",
        "M/M/3",
        "λ=2 μ=2 n=2.25",
        partial(
            queue,
            unit=U5,
            window=Window(800, warm_up=10.0 * _SERIES, after=50, drain=20.0 * _SERIES),
            streams=[U5.poisson(2.0)],
            node=Node(Station("queue", 0, U5.exponential(0.5), series=Series(mean=2.25, most=3)), 3),
        ),
        (Measure("SERIES-T", mean_stay(), lambda: exact.series_time(2.0, 2.0, 3, 2.25)),),
        relaxation=_SERIES,
    ),
    Case(
        "JACKSON",
        "networks",
        "M/M/2, M/M/2, M/M/1",
        "λ=(2, 0.5, 0) μ=(2, 1.5, 2)",
        partial(
            network,
            unit=U5,
            window=Window(800, warm_up=150, after=50, drain=200),
            streams=[U5.poisson(rate, to=name) for name, rate in zip(_NAMES, _OUTSIDE, strict=True) if rate],
            nodes=[
                Node(Station(name, block, U5.exponential(1.0 / _SPEED[block])), _SERVERS[block])
                for block, name in enumerate(_NAMES)
            ],
            ways={
                name: {to: share for to, share in zip(_NAMES, shares, strict=True) if share}
                for name, shares in zip(_NAMES, _WAYS, strict=True)
            },
        ),
        (
            Measure("JACKSON-T", mean_stay(), lambda: exact.jackson_time(_OUTSIDE, _WAYS, _SPEED, _SERVERS)),
            Measure(
                "JACKSON-Lq",
                mean_queue(station=1),
                lambda: mmc_mean_queue(float(exact.traffic(_OUTSIDE, _WAYS)[1]), 1.5, 2),
                0.03,
            ),
        ),
        relaxation=relaxation.mmc(1.82, 1.5, 2),
    ),
    # whatever its law, a stay of mean 3 with 5 arrivals a unit of time: 15 present
    Case(
        "DELAY",
        "networks",
        "M/G/∞",
        "λ=5 E[S]=3 cv=1",
        partial(
            delay,
            unit=U5,
            window=Window(60, warm_up=60, drain=5),
            service=U5.lognormal(3.0, 1.0),
            stream=U5.poisson(5.0),
        ),
        (Measure("DELAY-N", mean_present(), lambda: 15.0),),
        relaxation=6.0,
        copies=96,
    ),
)

#: Twelve people who come back on average four units after they were served by two servers.
_FEW = partial(exact.finite_source, 12, 0.25, 1.0, 2)

STATE_DEPENDENT = (
    Case(
        "FINITE",
        "state_dependent",
        "M/M/2//12",
        "λ=(12−n)/4 μ=1",
        partial(
            finite_source,
            unit=U5,
            window=Window(600, warm_up=60),
            people=12,
            away=U5.exponential(4.0),
            node=Node(Station("queue", 1, U5.exponential(1.0)), 2),
        ),
        (Measure("FINITE-Lq", mean_queue(station=1), lambda: _FEW()[0]),),
        relaxation=4.0,
    ),
    Case(
        "SHORTEST",
        "state_dependent",
        "M/M/1 ∥ M/M/1",
        "λ=1.6 μ=1",
        partial(
            shortest,
            unit=U5,
            window=Window(2000, warm_up=500, drain=300),
            desks=2,
            service=U5.exponential(1.0),
            stream=U5.poisson(1.6),
        ),
        (Measure("SHORTEST-N", mean_present(), lambda: exact.shortest_of_two(1.6, 1.0)),),
        # that of one common queue, which the two are close to
        relaxation=relaxation.mmc(1.6, 1.0, 2),
    ),
)

SESSIONS = (
    Case(
        "SLOT-a",
        "sessions",
        "M/D[5]/1",
        "λ=4 T=1 b=5",
        partial(
            sessions,
            unit=U5,
            window=Window(1000, warm_up=100, after=1, drain=60),
            stream=U5.poisson(4.0),
            period=1.0,
            seats=5,
        ),
        (
            Measure("SLOT-a-X", left_over(), lambda: general.sessions(4.0, 1.0, 5)[0], 0.025),
            Measure("SLOT-a-W", mean_wait(), lambda: general.sessions(4.0, 1.0, 5)[1]),
        ),
        # each session is a step of a walk of variance 4 and drift 1
        relaxation=relaxation.workload(4.0, 1.0),
    ),
)
