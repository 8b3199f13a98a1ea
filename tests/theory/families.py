"""Cases that differ by their numbers alone. One queue each; times and rates in units of time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from theory import formulas as exact
from theory.case import Case, Measure
from theory.observing import (
    Metric,
    Run,
    mean_queue,
    mean_time_in_queue,
    present_at_end,
    share_at_once,
    share_waiting,
    share_with,
)
from theory.systems import Stream, constant, exponential, poisson, queue, together, varying

from cepsim.laws import Law
from cepsim.network import Station
from cepsim.trace import Outcome

#: Runs of a case: enough for the standard error to be known within a sixth.
RUNS = 24


def mmc(
    name: str,
    rate: float,
    service: float,
    servers: int,
    *,
    warm_up: float,
    length: float,
    precision: float = 0.05,
    more: tuple[Measure, ...] = (),
    slow: bool = False,
) -> Case:
    """M/M/c: share who wait, mean wait, mean queue."""
    station, streams = Station("queue", 0, exponential(1.0 / service)), [poisson(rate)]
    build = partial(queue, station=station, streams=streams, servers=servers, warm_up=warm_up, length=length)
    values: dict[str, tuple[Metric, Callable[[], float]]] = {
        "Pw": (share_waiting, lambda: exact.erlang_c(rate / service, servers)),
        "Wq": (mean_time_in_queue, lambda: exact.mmc_mean_wait(rate, service, servers)),
        "Lq": (mean_queue, lambda: exact.mmc_mean_queue(rate, service, servers)),
    }
    measures = [Measure(f"{name}-{row}", *value, precision) for row, value in values.items()]
    return Case(name, build, RUNS, (*measures, *more), slow)


def impatient(
    name: str,
    rate: float,
    servers: int,
    patience: Law,
    value: Callable[[], exact.Impatient],
    *,
    length: float,
    precision: float,
    rows: Sequence[str] = ("Pab", "Pw", "Wq"),
) -> Case:
    """M/M/c of service rate 1 that people leave: share who do, share who wait, mean time in queue."""
    station = Station("queue", 0, exponential(1.0), patience=patience)
    build = partial(
        queue, station=station, streams=[poisson(rate)], servers=servers, warm_up=25.0, length=length
    )
    values: dict[str, tuple[Metric, Callable[[], float]]] = {
        "Pab": (share_with(Outcome.GAVE_UP), lambda: value().give_up),
        "Pw": (share_waiting, lambda: value().wait),
        "Wq": (mean_time_in_queue, lambda: value().time_in_queue),
        "EW": (mean_time_in_queue, lambda: value().time_in_queue),
    }
    return Case(name, build, RUNS, tuple(Measure(f"{name}-{row}", *values[row], precision) for row in rows))


def one_server(
    name: str,
    streams: Sequence[Stream],
    station: Station,
    value: Callable[[], float],
    *,
    warm_up: float,
    length: float,
    precision: float = 0.05,
    runs: int = RUNS,
) -> Case:
    """One server: mean wait. Few runs of a long queue are often low, and so is their error."""
    build = partial(queue, station=station, streams=streams, servers=1, warm_up=warm_up, length=length)
    return Case(name, build, runs, (Measure(name, mean_time_in_queue, value, precision),))


def mdc(
    name: str, rate: float, servers: int, *, warm_up: float, length: float, precision: float = 0.08
) -> Case:
    """M/D/c of service 1: mean wait, share who do not wait."""
    station, streams = Station("queue", 0, constant(1.0)), [poisson(rate)]
    build = partial(queue, station=station, streams=streams, servers=servers, warm_up=warm_up, length=length)
    measures = (
        Measure(name, mean_time_in_queue, lambda: exact.mdc(rate, 1.0, servers)[0], precision),
        Measure(f"{name}-P0", share_at_once, lambda: exact.mdc(rate, 1.0, servers)[1], precision),
    )
    return Case(name, build, RUNS, measures)


def transient(
    name: str,
    rates: Sequence[tuple[float, float]],
    present: int,
    time: float,
    *,
    runs: int = 10,
    precision: float = 0.05,
) -> Case:
    """M/M/10 of service rate 1 from a number of people: mean number present at a time."""
    waiting = [together(present, second=-1)] if present else []
    build = partial(
        queue,
        station=Station("queue", 0, exponential(1.0)),
        streams=[*waiting, varying(rates)],
        servers=10,
        length=time,
        drain=0.0,
        copies=20,
    )

    def value() -> float:
        return exact.transient_mean(rates, 1.0, 10, present, time)

    return Case(name, build, runs, (Measure(f"{name}-EN", present_at_end, value, precision),))


def by_hand(name: str, build: Callable[[int], Run], values: dict[str, tuple[Metric, float]]) -> Case:
    """A deterministic case: two runs, both exactly as worked out by hand."""
    measures = [
        Measure(f"{name}-{row}", metric, partial(float, value), 0.0)
        for row, (metric, value) in values.items()
    ]
    return Case(name, build, 2, tuple(measures))
