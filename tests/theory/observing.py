"""What is measured on a run, and how replications of it are summarised.

The copies of a system are lanes of one network that share neither team nor people: each lane is a
replication, observed apart. Waits and times in system are means over those who join in the window
[begin, end); everybody else is there so that the window is like any other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from cepsim.engine import EngineName, engine
from cepsim.network import Network
from cepsim.people.tape import Tape
from cepsim.state import State
from cepsim.trace import NEVER, Exits, Ints, Outcome, Sessions, Visits


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A system to simulate over [0, stop), measured over [begin, end). Dates in seconds."""

    network: Network
    tape: Tape
    state: State | None
    begin: int
    end: int
    stop: int


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """One replication: its visits in order of person, and where the window is; `unit_s` in seconds.

    `left_queue` is when a visit stopped waiting, served or not; `stop` for whoever still waits then.
    `left` is when its person was done with it; `stop` where that is still to come.
    """

    tape: Tape
    visits: Visits
    left_queue: Ints
    left: Ints
    sessions: Sessions
    exits: Exits
    begin: int
    end: int
    stop: int
    unit_s: int

    def in_window(self) -> Visits:
        """Visits begun in the window. Raises ValueError where one of them still waits at the end."""
        chosen = self.visits.take(self._of_window())
        if (chosen.outcome == Outcome.WAITING).any():
            raise ValueError("the run stops before everybody of the window has stopped waiting")
        return chosen

    def times_in_queue(self) -> Ints:
        """Seconds from joining to being called in or lost, of those who join in the window."""
        self.in_window()
        return (self.left_queue - self.visits.joined)[self._of_window()]

    def _of_window(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        return (self.visits.joined >= self.begin) & (self.visits.joined < self.end)


Metric = Callable[[Observed], float]


def simulate(run: Run, unit_s: int, on: EngineName = "compiled") -> Iterator[Observed]:
    """Run on an engine, and observe each lane."""
    trace, state = engine(on)(run.network, run.tape, run.state, 0, run.stop)
    visits = Visits.concatenate([trace.visits, state.open_visits()]).sorted_by("person", "visit")
    left_queue = np.where(visits.called != NEVER, visits.called, visits.ended)
    left_queue = np.where(left_queue == NEVER, run.stop, left_queue)
    left = np.where(visits.ended == NEVER, run.stop, visits.ended)
    stations = run.network.station_count
    for lane in range(len(run.network.lane_names)):
        here = visits.queue // stations == lane
        yield Observed(
            tape=run.tape,
            visits=visits.take(here),
            left_queue=left_queue[here],
            left=left[here],
            sessions=trace.sessions.take(trace.sessions.queue // stations == lane),
            exits=trace.exits.take(trace.exits.queue // stations == lane),
            begin=run.begin,
            end=run.end,
            stop=run.stop,
            unit_s=unit_s,
        )


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over independent replications and its standard error."""

    mean: float
    error: float
    replications: int

    def distance(self, exact: float) -> float:
        """How far the exact value lies, in standard errors; 0 where both agree exactly."""
        gap = abs(self.mean - exact)
        return gap / self.error if self.error > 0 else math.inf if gap > 0 else 0.0


def estimate(values: Sequence[float]) -> Estimate:
    """Mean and standard error; needs two replications."""
    array = np.array(values)
    return Estimate(float(array.mean()), float(array.std(ddof=1) / math.sqrt(len(array))), len(array))


# -- Metrics -------------------------------------------------------------------------------------------


def mean_time_in_queue(seen: Observed) -> float:
    """Mean time from joining to being called in or giving up, in units of time."""
    return float(seen.times_in_queue().mean()) / seen.unit_s


def mean_wait_of_class(service_class: int) -> Metric:
    """Mean wait of one service class."""

    def metric(seen: Observed) -> float:
        chosen = seen.tape.service_class[seen.in_window().person] == service_class
        return float(seen.times_in_queue()[chosen].mean()) / seen.unit_s

    return metric


def mean_wait_of_admitted(seen: Observed) -> float:
    """Mean wait of those who were let in."""
    chosen = seen.in_window().outcome != Outcome.FULL
    return float(seen.times_in_queue()[chosen].mean()) / seen.unit_s


def share_waiting(seen: Observed) -> float:
    """Share of visits that do not start on the second they join."""
    return float((seen.times_in_queue() > 0).mean())


def share_at_once(seen: Observed) -> float:
    """Share of visits that start on the second they join."""
    return 1.0 - share_waiting(seen)


def share_beyond(wait: float) -> Metric:
    """Share of visits that wait longer than this, in units of time."""
    return lambda seen: float((seen.times_in_queue() > wait * seen.unit_s).mean())


def share_with(outcome: Outcome) -> Metric:
    """Share of visits that end so."""
    return lambda seen: float((seen.in_window().outcome == outcome).mean())


def count_with(outcome: Outcome) -> Metric:
    """Number of visits that end so."""
    return lambda seen: float((seen.in_window().outcome == outcome).sum())


def mean_queue(seen: Observed) -> float:
    """Mean number waiting over the window."""
    return _mean_number(seen, seen.left_queue)


def mean_present(seen: Observed) -> float:
    """Mean number waiting or served over the window."""
    return _mean_number(seen, seen.left)


def _mean_number(seen: Observed, until: Ints) -> float:
    inside = np.minimum(until, seen.end) - np.maximum(seen.visits.joined, seen.begin)
    return float(np.maximum(inside, 0).sum()) / (seen.end - seen.begin)


def present_at_end(seen: Observed) -> float:
    """Number waiting or served at the end of the window."""
    return float(((seen.visits.joined < seen.end) & (seen.left >= seen.end)).sum())


def mean_stay(seen: Observed) -> float:
    """Mean time from arrival to exit of those who arrive in the window, in units of time.

    Raises ValueError where one of them is still there at the end.
    """
    first = seen.visits.take(seen.visits.visit == 0)
    people = first.person[(first.joined >= seen.begin) & (first.joined < seen.end)]
    leaving = seen.exits.take(np.isin(seen.exits.person, people))
    if len(leaving) != len(people):
        raise ValueError("the run stops before everybody of the window has left")
    return float((leaving.second - seen.tape.arrival[leaving.person]).mean()) / seen.unit_s


def mean_wait_per_person(seen: Observed) -> float:
    """Mean over people of the time spent waiting, all visits together, in units of time."""
    return float(seen.times_in_queue().sum()) / len(np.unique(seen.in_window().person)) / seen.unit_s


def last_end(seen: Observed) -> float:
    """When the last visit ends, in units of time."""
    return float(seen.in_window().ended.max()) / seen.unit_s


def left_over(seen: Observed) -> float:
    """Mean number whom the sessions of the window leave waiting."""
    seconds = seen.sessions.second
    seconds = seconds[(seconds >= seen.begin) & (seconds < seen.end)]
    joined = np.sort(seen.visits.joined)
    gone = np.sort(seen.left_queue)
    waiting = np.searchsorted(joined, seconds, side="right") - np.searchsorted(gone, seconds, side="right")
    return float(waiting.mean())
