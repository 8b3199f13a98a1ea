"""M/M/c of every size, its waits' tail and quantile; people who leave; full rooms; one pool or several."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial

from cepsim.laws import Law
from cepsim.network import Retry, Station
from cepsim.verify import erlang as exact
from cepsim.verify import networks, relaxation
from cepsim.verify.case import Case, Measure
from cepsim.verify.metrics import (
    Metric,
    mean_present,
    mean_queue,
    mean_stay,
    mean_wait,
    share_beyond,
    share_full,
    share_giving_up,
    share_of_first_full,
    share_waiting,
    wait_quantile,
)
from cepsim.verify.streams import U5, U6, Unit
from cepsim.verify.systems import Node, Window, network, pooled, queue

Exact = Callable[[], float]


def mmc(
    name: str,
    rate: float,
    service: float,
    servers: int,
    *,
    length: float,
    family: str = "erlang",
    rows: Mapping[str, str] | None = None,
    more: tuple[Measure, ...] = (),
    precision: float = 0.02,
    drain: float | None = None,
    unit: Unit = U5,
    copies: int = 24,
    runs: int = 10,
    quick_runs: int = 1,
    slow: bool = False,
) -> Case:
    """M/M/c: share who wait, mean wait, mean queue; `rows` names some of them."""
    rows = rows or {row: f"{name}-{row}" for row in ("Pw", "Wq", "Lq")}
    relaxes = relaxation.mmc(rate, service, servers)
    warm_up = 10.0 * relaxes
    window = Window(length, warm_up=warm_up, drain=warm_up if drain is None else drain)
    node = Node(Station("queue", 0, unit.exponential(1.0 / service)), servers)
    values: dict[str, tuple[Metric, Exact]] = {
        "Pw": (share_waiting(), lambda: exact.erlang_c(rate / service, servers)),
        "Wq": (mean_wait(), lambda: exact.mmc_mean_wait(rate, service, servers)),
        "Lq": (mean_queue(), lambda: exact.mmc_mean_queue(rate, service, servers)),
    }
    return Case(
        name,
        family,
        f"M/M/{servers}",
        f"λ={rate:g} μ={service:g}",
        partial(queue, unit=unit, window=window, streams=[unit.poisson(rate)], node=node),
        (*(Measure(rows[row], *values[row], precision) for row in rows), *more),
        relaxation=relaxes,
        unit=unit,
        copies=copies,
        runs=runs,
        quick_runs=quick_runs,
        slow=slow,
    )


def impatient(
    name: str,
    rate: float,
    servers: int,
    patience: Law,
    described: str,
    value: Callable[[], exact.Impatient],
    *,
    length: float,
    rows: Sequence[str] = ("Pab", "Pw", "Wq"),
    unit: Unit = U6,
) -> Case:
    """M/M/c of service rate 1 that people leave: share who do, share who wait, mean time in queue."""
    # where people leave, the number present forgets at the rate of leaving at the slowest: 1 / 0.5
    window = Window(length, warm_up=20.0, drain=30.0)
    node = Node(Station("queue", 0, unit.exponential(1.0), patience=patience), servers)
    values: dict[str, tuple[Metric, Exact]] = {
        "Pab": (share_giving_up(), lambda: value().give_up),
        "Pw": (share_waiting(), lambda: value().wait),
        "Wq": (mean_wait(key="time_in_queue"), lambda: value().time_in_queue),
        "EW": (mean_wait(key="time_in_queue"), lambda: value().time_in_queue),
    }
    return Case(
        name,
        "impatience",
        f"M/M/{servers}+{'D' if described[0] == 'D' else 'M'}",
        f"λ={rate:.4g} μ=1 {described}",
        partial(queue, unit=unit, window=window, streams=[unit.poisson(rate)], node=node),
        tuple(Measure(f"{name}-{row}", *values[row]) for row in rows),
        relaxation=2.0,
        unit=unit,
    )


_BEYOND = (
    Measure("MMC-a-tail", share_beyond(1.0), lambda: exact.mmc_wait_beyond(10.0, 4.0, 3, 1.0), 0.03),
    Measure("MMC-a-q95", wait_quantile(0.95), lambda: exact.mmc_wait_quantile(10.0, 4.0, 3, 0.95)),
    Measure("MMC-a-q80", wait_quantile(0.8), lambda: exact.mmc_wait_quantile(10.0, 4.0, 3, 0.8)),
)

ERLANG = (
    mmc("MM1-a", 0.8, 1.0, 1, length=6500, quick_runs=3),
    mmc("MMC-a", 10.0, 4.0, 3, length=900, more=_BEYOND),
    mmc("MMC-c", 45.0, 0.5, 100, length=800, unit=U6, precision=0.04),
    # both neighbours of the smallest number of servers that lets at most a fifth wait: `SIZE-a`
    mmc("SIZE-a-101", 45.0, 0.5, 101, length=400, unit=U6, rows={"Pw": "SIZE-a-101-Pw"}, precision=0.03),
    mmc(
        "MMC-d", 495.0, 0.5, 1000, length=1000, drain=60, unit=U6, precision=0.1, copies=4, runs=12, slow=True
    ),
)

_TWO = U5.exponential(2.0)

IMPATIENCE = (
    impatient(
        "EA-a", 100.0, 100, U6.exponential(2.0), "θ=0.5",
        lambda: exact.erlang_a(100.0, 1.0, 100, 0.5), length=150,
    ),
    impatient(
        "EA-b", 110.0, 100, U6.exponential(2.0), "θ=0.5",
        lambda: exact.erlang_a(110.0, 1.0, 100, 0.5), length=90,
    ),
    impatient(
        "EA-c", 100.0 / 6.0, 18, _TWO, "θ=0.5",
        lambda: exact.erlang_a(100.0 / 6.0, 1.0, 18, 0.5), length=400, unit=U5,
    ),
    # one server fewer loses too many: `SIZE-c`
    impatient(
        "EA-c-17", 100.0 / 6.0, 17, _TWO, "θ=0.5",
        lambda: exact.erlang_a(100.0 / 6.0, 1.0, 17, 0.5), length=300, unit=U5, rows=["Pab"],
    ),
    impatient(
        "MMcD-a", 10.0, 10, U5.constant(1.0), "D=1",
        lambda: exact.constant_patience(10.0, 1.0, 10, 1.0), length=700, unit=U5, rows=("Pab", "EW"),
    ),
)  # fmt: skip

_ROOM = Window(700.0, warm_up=20.0, drain=20.0)
_LOSS = Window(600.0, warm_up=20.0, drain=200.0)
_RETRY = Window(3000.0, warm_up=400.0, after=200.0, drain=1000.0)

ROOMS = (
    Case(
        "PEER-simmer",
        "room",
        "M/M/2/3",
        "λ=3 μ=4",
        partial(
            queue,
            unit=U5,
            window=_ROOM,
            streams=[U5.poisson(3.0)],
            node=Node(Station("queue", 0, U5.exponential(0.25)), 2, room=3),
        ),
        (
            Measure("PEER-simmer-N", mean_present(), lambda: exact.mmck(3.0, 4.0, 2, 3)[0]),
            Measure("PEER-simmer-rej", share_full(), lambda: exact.mmck(3.0, 4.0, 2, 3)[1], 0.03),
        ),
        relaxation=1.0,
    ),
    Case(
        "LOSS",
        "room",
        "M/G/5/5",
        "λ=4 E[S]=1 cv=2",
        # whatever the law of service: lognormal here (Sevastyanov 1957)
        partial(
            queue,
            unit=U5,
            window=_LOSS,
            streams=[U5.poisson(4.0)],
            node=Node(Station("queue", 0, U5.lognormal(1.0, 2.0)), 5, room=5),
        ),
        (Measure("LOSS-rej", share_full(), lambda: exact.erlang_b(4.0, 5)),),
        relaxation=2.0,
    ),
    Case(
        "RETRIAL",
        "room",
        "M/M/1/1",
        "λ=0.5 μ=1 θ=0.5",
        partial(
            queue,
            unit=U5,
            window=_RETRY,
            streams=[U5.poisson(0.5)],
            node=Node(
                Station("queue", 0, U5.exponential(1.0), retry=Retry(1.0, times=500, gap=_TWO)), 1, room=1
            ),
        ),
        (
            Measure("RETRIAL-busy", share_of_first_full(), lambda: networks.retrial(0.5, 1.0, 0.5).busy),
            Measure("RETRIAL-T", mean_stay(), lambda: networks.retrial(0.5, 1.0, 0.5).stay),
        ),
        relaxation=40.0,
    ),
)

#: Four servers whose overflow joins the line of three others, who have people of their own.
_FIRST, _SECOND = Station("first", 0, U5.exponential(1.0)), Station("second", 1, U5.exponential(1.0))


@cache
def _overflow() -> networks.Overflow:
    return networks.overflow(4.0, 4, 1.0, 3, 1.0)


OVERFLOW = (
    Case(
        "OVERFLOW",
        "overflow",
        "M/M/4/4 → M/M/3",
        "λ=(4, 1) μ=1",
        partial(
            network,
            unit=U5,
            window=Window(1200.0, warm_up=400.0, drain=300.0),
            streams=[U5.poisson(4.0), U5.poisson(1.0, to="second")],
            nodes=[Node(_FIRST, 4, room=4), Node(_SECOND, 3)],
            lost={"first": "second"},
        ),
        (
            Measure("OVERFLOW-share", share_full(station=0, key="sent_on"), lambda: _overflow().sent_on),
            Measure("OVERFLOW-Wq", mean_wait(station=1, key="wait_there"), lambda: _overflow().wait, 0.03),
        ),
        relaxation=40.0,
    ),
)

_POOLED = relaxation.mmc(234.0, 1.0, 260)
POOLS = (
    mmc(
        "POOL-sep",
        9.0,
        1.0,
        10,
        length=600,
        family="pooling",
        rows={"Wq": "POOL-sep"},
        copies=26,
        quick_runs=4,
        precision=0.05,
    ),
    Case(
        "POOL-one",
        "pooling",
        "M/M/260",
        "λ=26×9 μ=1",
        partial(
            pooled,
            unit=U6,
            window=Window(400.0, warm_up=10.0 * _POOLED, drain=10.0 * _POOLED),
            stream=U6.poisson(9.0),
            service=U6.exponential(1.0),
            servers=260,
            lanes=26,
        ),
        (
            Measure("POOL-one-Pw", share_waiting(), lambda: exact.erlang_c(234.0, 260), 0.1),
            Measure("POOL-one-Wq", mean_wait(), lambda: exact.mmc_mean_wait(234.0, 1.0, 260), 0.12),
        ),
        relaxation=_POOLED,
        unit=U6,
        copies=1,
        runs=120,
        quick_runs=12,
    ),
)
