"""Every known queue. Rows of `queue_cases.csv` bear the same names; the others are this project's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from theory import formulas as exact
from theory.families import by_hand
from theory.observing import (
    count_with,
    last_end,
    mean_time_in_queue,
    mean_wait_of_admitted,
    mean_wait_per_person,
)
from theory.other_systems import PRIORITIES, SEVERAL_QUEUES, SEVERAL_VISITS, TRANSIENTS
from theory.single_queues import ERLANG, OTHER_LAWS
from theory.systems import constant, queue, tandem, together

from cepsim.network import Station
from cepsim.trace import Outcome

STOCHASTIC = (*ERLANG, *OTHER_LAWS, *PRIORITIES, *SEVERAL_VISITS, *SEVERAL_QUEUES, *TRANSIENTS)

_CONSTANT = Station("queue", 0, constant(1.0))
_PATIENT_3_5 = Station("queue", 0, constant(1.0), patience=constant(3.5))
_TWO_AND_THREE = {Station("first", 0, constant(2.0)): 1, Station("second", 1, constant(3.0)): 1}

DETERMINISTIC = (
    by_hand(
        "DET-a",
        partial(queue, station=_CONSTANT, streams=[together(100)], servers=10, length=1),
        {"Wq": (mean_time_in_queue, 4.5), "end": (last_end, 10.0)},
    ),
    by_hand(
        "DET-d",
        partial(queue, station=_PATIENT_3_5, streams=[together(10)], servers=1, length=1),
        {"ab": (count_with(Outcome.GAVE_UP), 6.0), "W": (mean_time_in_queue, 2.7)},
    ),
    by_hand(
        "DET-e",
        partial(queue, station=_CONSTANT, streams=[together(10)], servers=1, room=5, length=1),
        {"rej": (count_with(Outcome.FULL), 5.0), "W": (mean_wait_of_admitted, 2.0)},
    ),
    by_hand(
        "DET-h",
        partial(tandem, stations=_TWO_AND_THREE, stream=together(4), length=100),
        {"W": (mean_wait_per_person, 4.5)},
    ),
)

_INTERRUPTED = "cannot be expressed: an interview that has begun is never interrupted for somebody else"

#: Rows that are numbers of the theory alone: their value, and why nothing is simulated.
NOT_SIMULATED: dict[str, tuple[Callable[[], float], str]] = {
    "PR1-a-1": (lambda: exact.preemptive_times([0.3, 0.4], 1.0)[0], _INTERRUPTED),
    "PR1-a-2": (lambda: exact.preemptive_times([0.3, 0.4], 1.0)[1], _INTERRUPTED),
    "MMC-a-q95": (
        lambda: exact.mmc_wait_quantile(10.0, 4.0, 3, 0.95),
        "a quantile of a sample is biased; the share beyond the exact one is simulated: MMC-a-beyond-q95",
    ),
    "SIZE-a": (
        lambda: float(exact.fewest(lambda servers: exact.erlang_c(90.0, servers) <= 0.2, 91)),
        "a search over the formula",
    ),
    "SIZE-c": (
        lambda: float(exact.fewest(lambda s: exact.erlang_a(100.0 / 6.0, 1.0, s, 0.5).give_up <= 0.05, 1)),
        "a search over the formula; the number found is simulated: EA-c",
    ),
}
