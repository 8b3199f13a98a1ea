"""One queue with other laws of service or of arrival; priorities; visits that cost more than an interview."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from cepsim.network import NoShow, Station
from cepsim.verify import erlang, relaxation
from cepsim.verify import general as exact
from cepsim.verify.case import Case, Measure
from cepsim.verify.metrics import mean_stay, mean_wait, mean_wait_of_class, share_at_once, share_waiting
from cepsim.verify.streams import U5, U6, Stream, Unit
from cepsim.verify.systems import Node, Window, interrupted, queue

#: Relaxation times forgotten: ten, and two more where the time is that of a diffusion.
_TEN, _TWELVE = 10.0, 12.0
#: Runs of a quick verification: means of long queues are skewed, and few of them are often far.
_QUICKLY = 4


def one_server(
    name: str,
    model: str,
    parameters: str,
    station: Station,
    streams: Sequence[Stream],
    work: tuple[float, float, float],
    *,
    length: float,
    precision: float = 0.02,
    runs: int = 10,
) -> Case:
    """M/G/1: mean wait. `work` is (arrivals, mean, second moment) of the service."""
    rate, mean, second = work
    relaxes = relaxation.workload(rate * second, 1.0 - rate * mean)
    window = Window(length, warm_up=_TWELVE * relaxes, drain=_TWELVE * relaxes)
    return Case(
        name,
        "laws",
        model,
        parameters,
        partial(queue, unit=U5, window=window, streams=streams, node=Node(station, 1)),
        (Measure(name, mean_wait(), lambda: exact.pollaczek_khinchine(*work), precision),),
        relaxation=relaxes,
        quick_runs=_QUICKLY,
        runs=runs,
    )


def mdc(name: str, rate: float, servers: int, *, length: float, precision: float, unit: Unit = U5) -> Case:
    """M/D/c of service 1: mean wait, share who do not wait."""
    relaxes = max(relaxation.workload(rate, servers - rate), 1.0)
    window = Window(length, warm_up=_TWELVE * relaxes, drain=_TWELVE * relaxes)
    node = Node(Station("queue", 0, unit.constant(1.0)), servers)
    return Case(
        name,
        "laws",
        f"M/D/{servers}",
        f"λ={rate:g} D=1",
        partial(queue, unit=unit, window=window, streams=[unit.poisson(rate)], node=node),
        (
            Measure(name, mean_wait(), lambda: exact.mdc(rate, 1.0, servers)[0], precision),
            Measure(f"{name}-P0", share_at_once(), lambda: exact.mdc(rate, 1.0, servers)[1], precision),
        ),
        relaxation=relaxes,
        quick_runs=_QUICKLY,
        unit=unit,
    )


def renewal(
    name: str,
    model: str,
    parameters: str,
    stream: Stream,
    servers: int,
    value: Callable[[], tuple[float, float]],
    *,
    relaxes: float,
    length: float,
    rows: tuple[str, str],
    precision: float = 0.02,
) -> Case:
    """GI/M/c of service rate 1: mean wait, share who wait."""
    window = Window(length, warm_up=_TWELVE * relaxes, drain=_TWELVE * relaxes)
    node = Node(Station("queue", 0, U5.exponential(1.0)), servers)
    return Case(
        name,
        "laws",
        model,
        parameters,
        partial(queue, unit=U5, window=window, streams=[stream], node=node),
        (
            Measure(rows[0], mean_wait(), lambda: value()[0], precision),
            Measure(rows[1], share_waiting(), lambda: value()[1], precision),
        ),
        relaxation=relaxes,
        quick_runs=_QUICKLY,
    )


_SHARES, _MEANS = (0.3, 0.7), (2.5, 0.625)
_EXPONENTIAL = Station("queue", 0, U5.exponential(1.0))

LAWS = (
    one_server(
        "MG1-a", "M/G/1", "λ=0.8 lognormal cv=1.5", Station("queue", 0, U5.lognormal(1.0, 1.5)),
        [U5.poisson(0.8)], (0.8, 1.0, exact.second_moment(1.0, 1.5)), length=8000, precision=0.03,
    ),
    one_server(
        "MG1-b", "M/G/1", "λ=0.7 gamma cv=0.5", Station("queue", 0, U5.gamma(1.0, 0.5)),
        [U5.poisson(0.7)], (0.7, 1.0, exact.second_moment(1.0, 0.5)), length=3000,
    ),
    one_server(
        "MG1-c", "M/D/1", "λ=0.9 D=1", Station("queue", 0, U5.constant(1.0)),
        [U5.poisson(0.9)], (0.9, 1.0, 1.0), length=8000, precision=0.025,
    ),
    one_server(
        "MG1-d", "M/H2/1", "λ=0.5 p=(0.3, 0.7) E[S]=(2, 0.5)",
        Station("queue", 0, {"long": U5.exponential(2.0), "short": U5.exponential(0.5)}),
        [U5.poisson(0.15, profile="long"), U5.poisson(0.35, profile="short")],
        (0.5, 0.3 * 2.0 + 0.7 * 0.5, 0.3 * 8.0 + 0.7 * 0.5), length=5000,
    ),
    # a quarter of those called in are absent, and each costs 0.4 of adviser time
    one_server(
        "NO-SHOW", "M/G/1", "λ=0.8 p=0.25 slot=0.4",
        Station("queue", 0, U5.exponential(1.0), no_show=NoShow(share=0.25, slot_s=U5.seconds(0.4))),
        [U5.poisson(0.8)], (0.8, 0.75 + 0.25 * 0.4, 0.75 * 2.0 + 0.25 * 0.4**2), length=5000, runs=20,
    ),
    # the adviser is released after both, whose variances add up
    one_server(
        "BACK-OFFICE", "M/G/1", "λ=0.8 E[S]=0.5+0.4 cv=(0.5, 0.8)",
        Station("queue", 0, U5.gamma(0.5, 0.5), back_office=U5.lognormal(0.4, 0.8)),
        [U5.poisson(0.8)], (0.8, 0.9, 0.9**2 + (0.5 * 0.5) ** 2 + (0.4 * 0.8) ** 2), length=4000,
    ),
    mdc("MDC-a", 1.8, 2, length=4000, precision=0.025),
    mdc("MDC-c", 9.0, 10, length=1000, precision=0.025),
    mdc("MDC-d", 45.0, 50, length=300, precision=0.035, unit=U6),
    renewal(
        "DM1-a", "D/M/1", "λ=0.8 μ=1", U5.regular(1.25), 1, lambda: exact.dmc(1.25, 1.0, 1),
        relaxes=relaxation.workload(0.8, 0.2), length=4000, rows=("DM1-a", "DM1-a-Pw"),
    ),
    renewal(
        "DMC-a", "D/M/5", "λ=4.5 μ=1", U5.regular(1.0 / 4.5), 5, lambda: exact.dmc(1.0 / 4.5, 1.0, 5),
        relaxes=relaxation.workload(4.5, 0.5), length=2000, rows=("DMC-a-Wq", "DMC-a-Pw"), precision=0.025,
    ),
    # times between arrivals of mean 1.1875 and variance 2.13: the work that comes varies by their sum
    renewal(
        "H2M1", "H2/M/1", "p=(0.3, 0.7) E[A]=(2.5, 0.625) μ=1", U5.hyper_exponential(_SHARES, _MEANS), 1,
        lambda: exact.renewal_m1(exact.hyper_exponential(_SHARES, _MEANS), 1.0),
        relaxes=relaxation.workload(0.8421 * (1.0 + 2.0124), 0.1579), length=9000,
        rows=("H2M1-Wq", "H2M1-Pw"), precision=0.025,
    ),
)  # fmt: skip

_ONE, _POOL = (0.3, 0.4), (30.0, 60.0)
_ONE_RELAXES, _POOL_RELAXES = relaxation.mmc(0.7, 1.0, 1), relaxation.mmc(90.0, 1.0, 100)
_pool = partial(exact.priority_waits_pool, _POOL, 1.0, 100)


def _classes(unit: Unit, rates: Sequence[float]) -> list[Stream]:
    return [unit.poisson(rate, rank) for rank, rate in enumerate(rates)]


PRIORITIES = (
    Case(
        "NP1-a",
        "priorities",
        "M/M/1",
        "λ=(0.3, 0.4) μ=1",
        partial(
            queue,
            unit=U5,
            window=Window(5000, warm_up=_TEN * _ONE_RELAXES, after=400, drain=400),
            streams=_classes(U5, _ONE),
            node=Node(_EXPONENTIAL, 1),
        ),
        (
            Measure("NP1-a-1", mean_wait_of_class(0), lambda: exact.priority_waits(_ONE, 1.0, 2.0)[0]),
            Measure("NP1-a-2", mean_wait_of_class(1), lambda: exact.priority_waits(_ONE, 1.0, 2.0)[1]),
        ),
        relaxation=_ONE_RELAXES,
        quick_runs=_QUICKLY,
    ),
    Case(
        "NPC-b",
        "priorities",
        "M/M/100",
        "λ=(30, 60) μ=1",
        partial(
            queue,
            unit=U6,
            window=Window(300, warm_up=_TEN * _POOL_RELAXES, after=20, drain=40),
            streams=_classes(U6, _POOL),
            node=Node(Station("queue", 0, U6.exponential(1.0)), 100),
        ),
        (
            Measure("NPC-b-1", mean_wait_of_class(0), lambda: _pool()[0], 0.03),
            Measure("NPC-b-2", mean_wait_of_class(1), lambda: _pool()[1], 0.05),
        ),
        relaxation=_POOL_RELAXES,
        unit=U6,
    ),
    Case(
        "PR1-a-1",
        "priorities",
        "M/M/1",
        "λ=0.3 μ=1",
        partial(
            queue,
            unit=U5,
            window=Window(3000, warm_up=100, drain=100),
            streams=[U5.poisson(0.3)],
            node=Node(_EXPONENTIAL, 1),
        ),
        (Measure("PR1-a-1", mean_stay(), lambda: exact.preemptive_times(_ONE, 1.0)[0]),),
        relaxation=relaxation.mmc(0.3, 1.0, 1),
    ),
    # the time in system of those who are interrupted; see `systems.interrupted`
    Case(
        "PR1-a-2",
        "priorities",
        "M/M/1",
        "λ=(0.3, 0.4) μ=1",
        partial(
            interrupted,
            unit=U5,
            window=Window(5000, warm_up=_TEN * _ONE_RELAXES, after=400, drain=600),
            first=U5.poisson(0.3),
            second=U5.poisson(0.4),
            service=U5.exponential(1.0),
        ),
        (Measure("PR1-a-2", mean_stay(), lambda: exact.preemptive_times(_ONE, 1.0)[1]),),
        relaxation=_ONE_RELAXES,
        quick_runs=_QUICKLY,
    ),
)

#: Numbers of the theory alone: a search over a formula, whose neighbours are simulated.
SIZES: dict[str, tuple[Callable[[], float], str]] = {
    "SIZE-a": (
        lambda: float(erlang.fewest(lambda servers: erlang.erlang_c(90.0, servers) <= 0.2, 91)),
        "MMC-c, SIZE-a-101",
    ),
    "SIZE-c": (
        lambda: float(erlang.fewest(lambda s: erlang.erlang_a(100.0 / 6.0, 1.0, s, 0.5).give_up <= 0.05, 1)),
        "EA-c-17, EA-c",
    ),
}
