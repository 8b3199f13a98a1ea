"""Known queues as data: how each is built, what is measured on it, and what it must give.

Rows of `queue_cases.csv` bear the same names; other rows are this project's own. A stationary case
forgets its first part, at least ten relaxation times: 1 / (sqrt(c s) - sqrt(a))**2 for M/M/c, or
2 (variance of the work that comes) / (capacity left)**2. A transient one is read at its date.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from theory import formulas as exact
from theory.observing import (
    Estimate,
    Metric,
    Observed,
    Run,
    count_with,
    estimate,
    last_end,
    left_over,
    mean_present,
    mean_queue,
    mean_stay,
    mean_time_in_queue,
    mean_wait_of_admitted,
    mean_wait_of_class,
    mean_wait_per_person,
    present_at_end,
    share_at_once,
    share_beyond,
    share_waiting,
    share_with,
    simulate,
)
from theory.systems import (
    UNIT_S,
    Stream,
    constant,
    delay,
    exponential,
    gamma,
    lognormal,
    poisson,
    queue,
    regular,
    seconds,
    sessions,
    shortest,
    tandem,
    together,
    varying,
)

from cepsim.laws import Law
from cepsim.network import NoShow, Series, Station
from cepsim.trace import Outcome


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of a case: its row, how it is read on a replication, its exact value.

    `precision` is the widest standard error accepted, relative to the exact value; 0: exactly.
    """

    row: str
    metric: Metric
    exact: Callable[[], float]
    precision: float = 0.04


@dataclass(frozen=True, slots=True)
class Case:
    """A system, `build(seed)`, run so many times; each lane of a run is a replication."""

    name: str
    build: Callable[[int], Run]
    runs: int
    measures: tuple[Measure, ...]
    slow: bool = False

    def observe(self, runs: int) -> Iterator[Observed]:
        """Every replication of so many runs, the same at each call."""
        for rank in range(runs):
            yield from simulate(self.build(zlib.crc32(f"{self.name}/{rank}".encode())), UNIT_S)

    def estimates(self, runs: int | None = None) -> dict[str, Estimate]:
        """The estimate of each measure, by row."""
        values: dict[str, list[float]] = {measure.row: [] for measure in self.measures}
        for seen in self.observe(self.runs if runs is None else runs):
            for measure in self.measures:
                values[measure.row].append(measure.metric(seen))
        return {row: estimate(of_row) for row, of_row in values.items()}


# -- Families ------------------------------------------------------------------------------------------


def _mmc(
    name: str,
    rate: float,
    service: float,
    servers: int,
    *,
    runs: int,
    warm_up: float,
    length: float,
    precision: float = 0.04,
    more: tuple[Measure, ...] = (),
    slow: bool = False,
) -> Case:
    """M/M/c: share who wait, mean wait, mean queue."""
    station = Station("queue", 0, exponential(1.0 / service))
    return Case(
        name,
        partial(
            queue,
            station=station,
            streams=[poisson(rate)],
            servers=servers,
            warm_up=warm_up,
            length=length,
        ),
        runs,
        (
            Measure(f"{name}-Pw", share_waiting, lambda: exact.erlang_c(rate / service, servers), precision),
            Measure(
                f"{name}-Wq",
                mean_time_in_queue,
                lambda: exact.mmc_mean_wait(rate, service, servers),
                precision,
            ),
            Measure(
                f"{name}-Lq", mean_queue, lambda: exact.mmc_mean_queue(rate, service, servers), precision
            ),
            *more,
        ),
        slow,
    )


def _impatient(
    name: str,
    rate: float,
    servers: int,
    patience: Law,
    value: Callable[[], exact.Impatient],
    *,
    runs: int,
    length: float,
    rows: tuple[str, ...] = ("Pab", "Pw", "Wq"),
) -> Case:
    """M/M/c that people leave: share who do, share who wait, mean time in queue."""
    station = Station("queue", 0, exponential(1.0), patience=patience)
    measures = {
        "Pab": Measure(f"{name}-Pab", share_with(Outcome.GAVE_UP), lambda: value().give_up),
        "Pw": Measure(f"{name}-Pw", share_waiting, lambda: value().wait),
        "Wq": Measure(f"{name}-Wq", mean_time_in_queue, lambda: value().time_in_queue),
        "EW": Measure(f"{name}-EW", mean_time_in_queue, lambda: value().time_in_queue),
    }
    return Case(
        name,
        partial(
            queue, station=station, streams=[poisson(rate)], servers=servers, warm_up=25.0, length=length
        ),
        runs,
        tuple(measures[row] for row in rows),
    )


def _one_server(
    name: str,
    streams: tuple[Stream, ...],
    station: Station,
    value: Callable[[], float],
    *,
    runs: int,
    warm_up: float,
    length: float,
    precision: float = 0.04,
) -> Case:
    """One server: mean wait."""
    return Case(
        name,
        partial(queue, station=station, streams=streams, servers=1, warm_up=warm_up, length=length),
        runs,
        (Measure(name, mean_time_in_queue, value, precision),),
    )


def _mdc(
    name: str, rate: float, servers: int, *, runs: int, warm_up: float, length: float, precision: float = 0.04
) -> Case:
    """M/D/c: mean wait, share who do not wait."""
    return Case(
        name,
        partial(
            queue,
            station=Station("queue", 0, constant(1.0)),
            streams=[poisson(rate)],
            servers=servers,
            warm_up=warm_up,
            length=length,
        ),
        runs,
        (
            Measure(name, mean_time_in_queue, lambda: exact.mdc(rate, 1.0, servers)[0], precision),
            Measure(f"{name}-P0", share_at_once, lambda: exact.mdc(rate, 1.0, servers)[1], precision),
        ),
    )


def _transient(
    name: str,
    rates: tuple[tuple[float, float], ...],
    present: int,
    time: float,
    *,
    runs: int,
    copies: int = 20,
) -> Case:
    """M/M/10 from a given number of people: mean number present at a time."""
    waiting = [together(present, second=-1)] if present else []
    return Case(
        name,
        partial(
            queue,
            station=Station("queue", 0, exponential(1.0)),
            streams=[*waiting, varying(rates)],
            servers=10,
            length=time,
            drain=0.0,
            copies=copies,
        ),
        runs,
        (Measure(f"{name}-EN", present_at_end, lambda: exact.transient_mean(rates, 1.0, 10, present, time)),),
    )


def _by_hand(name: str, build: Callable[[int], Run], values: dict[str, tuple[Metric, float]]) -> Case:
    """A deterministic case: two copies, both exactly as worked out by hand."""
    return Case(
        name,
        build,
        2,
        tuple(
            Measure(f"{name}-{what}", metric, partial(float, value), 0.0)
            for what, (metric, value) in values.items()
        ),
    )


# -- The cases -----------------------------------------------------------------------------------------

_SERVED_IN_1 = Station("queue", 0, exponential(1.0))
_ABSENT = NoShow(share=0.25, slot_s=seconds(0.4))

STOCHASTIC = (
    _mmc("MM1-a", 0.8, 1.0, 1, runs=24, warm_up=900, length=6500),
    _mmc(
        "MMC-a",
        10.0,
        4.0,
        3,
        runs=24,
        warm_up=110,
        length=600,
        precision=0.06,
        more=(
            Measure("MMC-a-tail", share_beyond(1.0), lambda: exact.mmc_wait_beyond(10.0, 4.0, 3, 1.0), 0.08),
            Measure(
                "MMC-a-beyond-q95",
                share_beyond(exact.mmc_wait_quantile(10.0, 4.0, 3, 0.95)),
                lambda: 0.05,
                0.12,
            ),
        ),
    ),
    _mmc("MMC-c", 45.0, 0.5, 100, runs=24, warm_up=80, length=120, precision=0.15),
    _mmc("MMC-d", 495.0, 0.5, 1000, runs=24, warm_up=800, length=4000, precision=0.15, slow=True),
    _impatient(
        "EA-a",
        100.0,
        100,
        exponential(2.0),
        lambda: exact.erlang_a(100.0, 1.0, 100, 0.5),
        runs=24,
        length=40,
    ),
    _impatient(
        "EA-b",
        110.0,
        100,
        exponential(2.0),
        lambda: exact.erlang_a(110.0, 1.0, 100, 0.5),
        runs=24,
        length=30,
    ),
    _impatient(
        "EA-c",
        100.0 / 6.0,
        18,
        exponential(2.0),
        lambda: exact.erlang_a(100.0 / 6.0, 1.0, 18, 0.5),
        runs=24,
        length=150,
    ),
    _impatient(
        "MMcD-a",
        10.0,
        10,
        constant(1.0),
        lambda: exact.constant_patience(10.0, 1.0, 10, 1.0),
        runs=24,
        length=250,
        rows=("Pab", "EW"),
    ),
    _one_server(
        "MG1-a",
        (poisson(0.8),),
        Station("queue", 0, lognormal(1.0, 1.5)),
        lambda: exact.pollaczek_khinchine(0.8, 1.0, exact.second_moment(1.0, 1.5)),
        runs=24,
        warm_up=1300,
        length=8000,
        precision=0.06,
    ),
    _one_server(
        "MG1-b",
        (poisson(0.7),),
        Station("queue", 0, gamma(1.0, 0.5)),
        lambda: exact.pollaczek_khinchine(0.7, 1.0, exact.second_moment(1.0, 0.5)),
        runs=24,
        warm_up=200,
        length=3000,
    ),
    _one_server(
        "MG1-c",
        (poisson(0.9),),
        Station("queue", 0, constant(1.0)),
        lambda: exact.pollaczek_khinchine(0.9, 1.0, 1.0),
        runs=24,
        warm_up=1800,
        length=6000,
    ),
    _one_server(
        "MG1-d",
        (poisson(0.15, profile="long"), poisson(0.35, profile="short")),
        Station("queue", 0, {"long": exponential(2.0), "short": exponential(0.5)}),
        lambda: exact.pollaczek_khinchine(0.5, 0.3 * 2.0 + 0.7 * 0.5, 0.3 * 8.0 + 0.7 * 0.5),
        runs=24,
        warm_up=250,
        length=5000,
    ),
    _one_server(
        "no-show",
        (poisson(0.8),),
        Station("queue", 0, exponential(1.0), no_show=_ABSENT),
        lambda: exact.pollaczek_khinchine(0.8, 0.75 + 0.25 * 0.4, 0.75 * 2.0 + 0.25 * 0.4**2),
        runs=24,
        warm_up=250,
        length=5000,
    ),
    _one_server(
        "back-office",
        (poisson(0.8),),
        Station("queue", 0, gamma(0.5, 0.5), back_office=lognormal(0.4, 0.8)),
        lambda: exact.pollaczek_khinchine(0.8, 0.9, 0.81 + (0.5 * 0.5) ** 2 + (0.4 * 0.8) ** 2),
        runs=24,
        warm_up=250,
        length=4000,
    ),
    _mdc("MDC-a", 1.8, 2, runs=24, warm_up=900, length=3000),
    _mdc("MDC-c", 9.0, 10, runs=24, warm_up=180, length=500),
    _mdc("MDC-d", 45.0, 50, runs=24, warm_up=40, length=120, precision=0.06),
    _one_server(
        "DM1-a",
        (regular(1.25),),
        _SERVED_IN_1,
        lambda: exact.dmc(1.25, 1.0, 1)[0],
        runs=24,
        warm_up=400,
        length=4000,
    ),
    Case(
        "DMC-a",
        partial(
            queue,
            station=_SERVED_IN_1,
            streams=[regular(1.0 / 4.5)],
            servers=5,
            warm_up=360,
            length=1000,
        ),
        24,
        (
            Measure("DMC-a-Wq", mean_time_in_queue, lambda: exact.dmc(1.0 / 4.5, 1.0, 5)[0], 0.05),
            Measure("DMC-a-Pw", share_waiting, lambda: exact.dmc(1.0 / 4.5, 1.0, 5)[1]),
        ),
    ),
    Case(
        "NP1-a",
        partial(
            queue,
            station=_SERVED_IN_1,
            streams=[poisson(0.3, 0), poisson(0.4, 1)],
            servers=1,
            warm_up=400,
            length=5000,
            after=400,
        ),
        24,
        (
            Measure("NP1-a-1", mean_wait_of_class(0), lambda: exact.priority_waits([0.3, 0.4], 1.0, 2.0)[0]),
            Measure("NP1-a-2", mean_wait_of_class(1), lambda: exact.priority_waits([0.3, 0.4], 1.0, 2.0)[1]),
        ),
    ),
    Case(
        "NPC-b",
        partial(
            queue,
            station=_SERVED_IN_1,
            streams=[poisson(30.0, 0), poisson(60.0, 1)],
            servers=100,
            warm_up=40,
            length=70,
            after=10,
        ),
        24,
        (
            Measure(
                "NPC-b-1",
                mean_wait_of_class(0),
                lambda: exact.priority_waits_pool([30.0, 60.0], 1.0, 100)[0],
                0.12,
            ),
            Measure(
                "NPC-b-2",
                mean_wait_of_class(1),
                lambda: exact.priority_waits_pool([30.0, 60.0], 1.0, 100)[1],
                0.15,
            ),
        ),
    ),
    Case(
        "FB-a",
        partial(
            queue,
            station=Station("queue", 0, exponential(0.5)),
            streams=[poisson(3.0)],
            servers=3,
            warm_up=250,
            length=800,
            returning=0.4,
        ),
        24,
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
        24,
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
            warm_up=150,
            length=1200,
        ),
        24,
        (
            Measure(
                "tandem",
                mean_stay,
                lambda: exact.feedback_time(1.5, 1.0, 2, 0.0) + exact.feedback_time(1.5, 0.5, 4, 0.0),
            ),
        ),
    ),
    Case(
        "shortest",
        partial(
            shortest,
            desks=2,
            service=exponential(1.0),
            stream=poisson(1.6),
            warm_up=500,
            length=2000,
        ),
        24,
        (Measure("shortest", mean_present, lambda: exact.shortest_of_two(1.6, 1.0)),),
    ),
    Case(
        "delay",
        partial(delay, service=lognormal(3.0, 1.0), stream=poisson(5.0), warm_up=60, length=60, copies=24),
        1,
        (Measure("delay", mean_present, lambda: 15.0),),
    ),
    _transient("BACK-a", ((0.0, 8.0),), 100, 10.0, runs=10),
    _transient("BACK-b", ((0.0, 8.0),), 100, 60.0, runs=15),
    _transient("RAMP-a", ((0.0, 12.0),), 0, 50.0, runs=10),
    _transient("varying", ((0.0, 5.0), (10.0, 14.0), (25.0, 8.0)), 0, 40.0, runs=10),
    Case(
        "POOL-sep",
        partial(
            queue,
            station=_SERVED_IN_1,
            streams=[poisson(9.0)],
            servers=10,
            warm_up=385,
            length=400,
            copies=26,
        ),
        1,
        (Measure("POOL-sep", mean_time_in_queue, lambda: exact.mmc_mean_wait(9.0, 1.0, 10), 0.08),),
    ),
    Case(
        "SLOT-a",
        partial(sessions, stream=poisson(4.0), period=1.0, seats=5, warm_up=100, length=1000, copies=24),
        1,
        (
            Measure("SLOT-a-X", left_over, lambda: exact.sessions(4.0, 1.0, 5)[0]),
            Measure("SLOT-a-W", mean_time_in_queue, lambda: exact.sessions(4.0, 1.0, 5)[1]),
        ),
    ),
    Case(
        "PEER-simmer",
        partial(
            queue,
            station=Station("queue", 0, exponential(0.25)),
            streams=[poisson(3.0)],
            servers=2,
            warm_up=20,
            length=700,
            room=3,
            copies=24,
        ),
        1,
        (
            Measure("PEER-simmer-N", mean_present, lambda: exact.mmck(3.0, 4.0, 2, 3)[0]),
            Measure("PEER-simmer-rej", share_with(Outcome.FULL), lambda: exact.mmck(3.0, 4.0, 2, 3)[1]),
        ),
    ),
)

DETERMINISTIC = (
    _by_hand(
        "DET-a",
        partial(
            queue, station=Station("queue", 0, constant(1.0)), streams=[together(100)], servers=10, length=1
        ),
        {"Wq": (mean_time_in_queue, 4.5), "end": (last_end, 10.0)},
    ),
    _by_hand(
        "DET-d",
        partial(
            queue,
            station=Station("queue", 0, constant(1.0), patience=constant(3.5)),
            streams=[together(10)],
            servers=1,
            length=1,
        ),
        {"ab": (count_with(Outcome.GAVE_UP), 6.0), "W": (mean_time_in_queue, 2.7)},
    ),
    _by_hand(
        "DET-e",
        partial(
            queue,
            station=Station("queue", 0, constant(1.0)),
            streams=[together(10)],
            servers=1,
            length=1,
            room=5,
        ),
        {"rej": (count_with(Outcome.FULL), 5.0), "W": (mean_wait_of_admitted, 2.0)},
    ),
    _by_hand(
        "DET-h",
        partial(
            tandem,
            stations={Station("first", 0, constant(2.0)): 1, Station("second", 1, constant(3.0)): 1},
            stream=together(4),
            length=100,
        ),
        {"W": (mean_wait_per_person, 4.5)},
    ),
)

#: Rows that are numbers of the theory alone: their value, and why nothing is simulated.
NOT_SIMULATED: dict[str, tuple[Callable[[], float], str]] = {
    "MMC-a-q95": (
        lambda: exact.mmc_wait_quantile(10.0, 4.0, 3, 0.95),
        "a quantile of a sample is biased: the share beyond it is simulated, as MMC-a-beyond-q95",
    ),
    "PR1-a-1": (
        lambda: exact.preemptive_times([0.3, 0.4], 1.0)[0],
        "cannot be expressed: nobody is ever interrupted",
    ),
    "PR1-a-2": (
        lambda: exact.preemptive_times([0.3, 0.4], 1.0)[1],
        "cannot be expressed: nobody is ever interrupted",
    ),
    "SIZE-a": (
        lambda: exact.fewest(lambda servers: exact.erlang_c(90.0, servers) <= 0.2, 91),
        "a search over the formula",
    ),
    "SIZE-c": (
        lambda: exact.fewest(lambda s: exact.erlang_a(100.0 / 6.0, 1.0, s, 0.5).give_up <= 0.05, 1),
        "a search over the formula; its answer is simulated, as EA-c",
    ),
}
