"""Systems read at a date: initial backlog, overload, arrivals and staff that vary with time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache, partial

from cepsim.network import Station
from cepsim.verify import transient as exact
from cepsim.verify.case import Case, Measure
from cepsim.verify.metrics import busy_at_end, present_at_end, waiting_at_end
from cepsim.verify.streams import U5, together
from cepsim.verify.systems import Node, Window, queue

_SERVICE = Station("queue", 0, U5.exponential(1.0))
#: Servers of the cases whose staff does not change.
_TEN = 10


def at_a_date(
    name: str,
    family: str,
    rates: Sequence[tuple[float, float]],
    time: float,
    *,
    present: int = 0,
    described: str = "",
    busy: bool = False,
    precision: float = 0.02,
    copies: int = 300,
    runs: int = 8,
) -> Case:
    """M(t)/M/10 of service rate 1 from a number of people: mean number present at a time."""
    waiting = [together(present, second=-1)] if present else []
    measures = [
        Measure(
            f"{name}-EN",
            present_at_end(),
            lambda: exact.transient_mean(rates, 1.0, _TEN, present, time),
            precision,
        )
    ]
    if busy:
        measures.append(
            Measure(
                f"{name}-busy",
                busy_at_end(_TEN),
                lambda: exact.transient_busy(rates, 1.0, _TEN, present, time),
                0.04,
            )
        )
    return Case(
        name,
        family,
        "M/M/10" if len(rates) == 1 else "M(t)/M/10",
        described or f"λ={rates[0][1]:g} μ=1 N(0)={present} t={time:g}",
        partial(
            queue,
            unit=U5,
            window=Window(time),
            streams=[*waiting, U5.varying(rates)],
            node=Node(_SERVICE, _TEN),
        ),
        tuple(measures),
        kind="transient",
        copies=copies,
        runs=runs,
    )


#: A period of 24 in 96 steps, from 3 to 15 a unit of time: more than ten servers serve, for a while.
_WAVE = [(step / 4.0, 9.0 - 6.0 * math.cos(2.0 * math.pi * (step + 0.5) / 96.0)) for step in range(2 * 96)]

_ARRIVALS, _STAFF = [(0.0, 8.0)], [(0.0, 10), (6.0, 5), (12.0, 12)]


def _staffed(name: str, time: float) -> Case:
    """M/M/c(t): mean numbers present and waiting at a time."""

    @cache
    def value() -> exact.Staffed:
        return exact.changing_staff(_ARRIVALS, 1.0, _STAFF, time)

    return Case(
        name,
        "staff",
        "M/M/c(t)",
        f"λ=8 μ=1 c=10, 5 (t≥6), 12 (t≥12) t={time:g}",
        partial(
            queue,
            unit=U5,
            window=Window(time),
            streams=[U5.varying(_ARRIVALS)],
            node=Node(_SERVICE, [(float(start), int(number)) for start, number in _STAFF]),
        ),
        (
            Measure(f"{name}-EN", present_at_end(), lambda: value().present),
            Measure(f"{name}-EQ", waiting_at_end(), lambda: value().waiting, 0.04),
        ),
        kind="transient",
        copies=300,
        runs=8,
    )


TRANSIENTS = (
    at_a_date("BACK-a", "backlog", [(0.0, 8.0)], 10.0, present=100),
    at_a_date("BACK-b", "backlog", [(0.0, 8.0)], 60.0, present=100, precision=0.03),
    at_a_date("RAMP-a", "overload", [(0.0, 12.0)], 50.0),
    at_a_date(
        "STEPS", "time_varying", [(0.0, 5.0), (10.0, 14.0), (25.0, 8.0)], 40.0,
        described="λ=5, 14 (t≥10), 8 (t≥25) μ=1 t=40",
    ),
    *(
        at_a_date(
            f"WAVE-{time}", "time_varying", _WAVE, float(time),
            described=f"λ=9−6cos(2πt/24) μ=1 t={time}", busy=time != 42, precision=0.025,
        )
        for time in (31, 42, 48)
    ),
    _staffed("STAFF-8", 8.0),
    _staffed("STAFF-14", 14.0),
)  # fmt: skip
