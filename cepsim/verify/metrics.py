"""What is measured on a replication. Times are in units of the case, dates included.

A metric reads a row of numbers on each replication, and says how rows are summarised: most are a total and
the number over which it is spread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cepsim.trace import Ints, Outcome
from cepsim.verify.estimates import Combine, Floats, quantile, ratio
from cepsim.verify.observing import Observed

#: What a figure is, as far as the rounding of dates to the second is concerned.
Kind = Literal["time", "share", "number"]


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure: the key of its label under `verify.metric`, how it is read, how replications are summarised.

    `about` fills the place `about` of the label: a wait, a share, a class.
    """

    key: str
    kind: Kind
    read: Callable[[Observed], Floats]
    combine: Combine = ratio
    about: float | str = ""


def _row(total: float, count: float) -> Floats:
    return np.array([total, count], dtype=np.float64)


def _times(seen: Observed, chosen: NDArray[np.bool_]) -> Floats:
    return _row(float(seen.in_queue(chosen).sum()) / seen.unit_s, float(chosen.sum()))


# -- Waits ---------------------------------------------------------------------------------------------


def mean_wait(station: int | None = None, key: str = "mean_wait") -> Metric:
    """Mean time from joining to being called in or giving up."""
    return Metric(key, "time", lambda seen: _times(seen, seen.joining(station)))


def mean_wait_of_class(service_class: int) -> Metric:
    """Mean wait of one service class, counted from 0."""

    def read(seen: Observed) -> Floats:
        chosen = seen.joining()
        return _times(seen, chosen & (seen.tape.service_class[seen.visits.person] == service_class))

    return Metric("class_wait", "time", read, about=service_class + 1)


def mean_wait_of_admitted() -> Metric:
    """Mean wait of those who were let in."""

    def read(seen: Observed) -> Floats:
        return _times(seen, seen.joining() & (seen.visits.outcome != Outcome.FULL))

    return Metric("admitted_wait", "time", read)


def mean_wait_per_person() -> Metric:
    """Mean over people of the time spent waiting, all visits together."""

    def read(seen: Observed) -> Floats:
        chosen = seen.joining()
        people = len(np.unique(seen.visits.person[chosen]))
        return _row(float(seen.in_queue(chosen).sum()) / seen.unit_s, people)

    return Metric("person_wait", "time", read)


def wait_quantile(share: float) -> Metric:
    """The wait that this share of visits does not exceed."""

    def read(seen: Observed) -> Floats:
        return np.asarray(seen.in_queue(seen.joining()) / seen.unit_s, dtype=np.float64)

    return Metric("quantile", "time", read, quantile(share), about=share)


# -- Shares --------------------------------------------------------------------------------------------


def _share(
    key: str,
    which: Callable[[Observed], NDArray[np.bool_]],
    about: float | str = "",
    *,
    of: int | None = None,
) -> Metric:
    def read(seen: Observed) -> Floats:
        chosen = seen.joining(of)
        return _row(float((which(seen) & chosen).sum()), float(chosen.sum()))

    return Metric(key, "share", read, about=about)


def _waits(seen: Observed) -> Ints:
    return seen.left_queue - seen.visits.joined


def share_waiting(station: int | None = None) -> Metric:
    """Share of visits that do not start on the second they join."""
    return _share("waiting", lambda seen: _waits(seen) > 0, of=station)


def share_at_once() -> Metric:
    """Share of visits that start on the second they join."""
    return _share("at_once", lambda seen: _waits(seen) == 0)


def share_beyond(wait: float) -> Metric:
    """Share of visits that wait longer than this."""
    return _share("beyond", lambda seen: _waits(seen) > wait * seen.unit_s, about=wait)


def share_giving_up() -> Metric:
    """Share of visits whose patience ends first."""
    return _share("giving_up", lambda seen: seen.visits.outcome == Outcome.GAVE_UP)


def share_full(station: int | None = None, key: str = "full") -> Metric:
    """Share of visits that find the room full."""
    return _share(key, lambda seen: seen.visits.outcome == Outcome.FULL, of=station)


def share_of_first_full() -> Metric:
    """Share of first visits that find the room full."""

    def read(seen: Observed) -> Floats:
        chosen = seen.joining() & (seen.visits.visit == 0)
        return _row(float((seen.visits.outcome[chosen] == Outcome.FULL).sum()), float(chosen.sum()))

    return Metric("first_full", "share", read)


# -- Numbers -------------------------------------------------------------------------------------------


def _mean_number(seen: Observed, until: Ints, station: int | None) -> Floats:
    here = seen.at(station)
    inside = np.minimum(until[here], seen.end) - np.maximum(seen.visits.joined[here], seen.begin)
    return _row(float(np.maximum(inside, 0).sum()), seen.end - seen.begin)


def mean_queue(station: int | None = None) -> Metric:
    """Mean number waiting over the window."""
    return Metric("mean_queue", "number", lambda seen: _mean_number(seen, seen.left_queue, station))


def mean_present(station: int | None = None) -> Metric:
    """Mean number waiting or served over the window."""
    return Metric("mean_present", "number", lambda seen: _mean_number(seen, seen.left, station))


def _present_at_end(seen: Observed) -> int:
    return int(((seen.visits.joined < seen.end) & (seen.left >= seen.end)).sum())


def present_at_end() -> Metric:
    """Number waiting or served at the end of the window."""
    return Metric("present", "number", lambda seen: _row(_present_at_end(seen), 1.0))


def waiting_at_end() -> Metric:
    """Number waiting at the end of the window."""

    def read(seen: Observed) -> Floats:
        return _row(float(((seen.visits.joined < seen.end) & (seen.left_queue >= seen.end)).sum()), 1.0)

    return Metric("waiting_then", "number", read)


def busy_at_end(servers: int) -> Metric:
    """Whether so many or more are present at the end of the window."""
    return Metric("busy_then", "share", lambda seen: _row(_present_at_end(seen) >= servers, 1.0))


def left_over() -> Metric:
    """Mean number whom the sessions of the window leave waiting."""

    def read(seen: Observed) -> Floats:
        seconds = seen.sessions.second
        seconds = seconds[(seconds >= seen.begin) & (seconds < seen.end)]
        joined, gone = np.sort(seen.visits.joined), np.sort(seen.left_queue)
        came, went = (np.searchsorted(dates, seconds, side="right") for dates in (joined, gone))
        return _row(float((came - went).sum()), len(seconds))

    return Metric("left_over", "number", read)


# -- Whole stays, and what is exact --------------------------------------------------------------------


def mean_stay() -> Metric:
    """Mean time from arrival to exit of those who arrive in the window.

    Raises ValueError where one of them is still there at the end.
    """

    def read(seen: Observed) -> Floats:
        first = seen.visits.take(seen.visits.visit == 0)
        people = first.person[(first.joined >= seen.begin) & (first.joined < seen.end)]
        leaving = seen.exits.take(np.isin(seen.exits.person, people))
        if len(leaving) != len(people):
            raise ValueError("the run stops before everybody of the window has left")
        spent = (leaving.second - seen.tape.arrival[leaving.person]).sum()
        return _row(float(spent) / seen.unit_s, len(people))

    return Metric("stay", "time", read)


def last_end() -> Metric:
    """When the last visit ends."""
    return Metric("last_end", "time", lambda seen: _row(float(seen.left.max()) / seen.unit_s, 1.0))


def count_with(outcome: Outcome) -> Metric:
    """Number of visits that end so."""

    def read(seen: Observed) -> Floats:
        return _row(float((seen.visits.outcome[seen.joining()] == outcome).sum()), 1.0)

    return Metric(f"count_{outcome.name.lower()}", "number", read)
