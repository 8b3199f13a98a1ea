"""A system to simulate, and what is seen of each replication of it.

The copies of a system are lanes of one network that share neither people nor, unless the case is about that,
teams: each lane is a replication, observed apart. Waits and times in system are over those who join in
the window [begin, end); everybody else is there so that the window is like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cepsim.network import Network
from cepsim.people.tape import Tape
from cepsim.state import State
from cepsim.trace import NEVER, Exits, Ints, Outcome, Sessions, Trace, Visits, Wholes


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A system to simulate over [0, stop), measured over [begin, end). Dates in seconds.

    `unit_s` is a unit of time of the case, in seconds. With `shared`, lanes are one system.
    """

    network: Network
    tape: Tape
    state: State | None
    begin: int
    end: int
    stop: int
    unit_s: int
    shared: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """One replication: its visits in order of person, and where the window is; `unit_s` in seconds.

    `left_queue` is when a visit stopped waiting, served or not; `stop` for whoever still waits then.
    `left` is when its person was done with it; `stop` where that is still to come. `stations` is S.
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
    stations: int

    def joining(self, station: int | None = None) -> NDArray[np.bool_]:
        """Which visits begin in the window, at a station or anywhere.

        Raises ValueError where one of them still waits at the end.
        """
        chosen = (self.visits.joined >= self.begin) & (self.visits.joined < self.end) & self.at(station)
        if (self.visits.outcome[chosen] == Outcome.WAITING).any():
            raise ValueError("the run stops before everybody of the window has stopped waiting")
        return chosen

    def at(self, station: int | None) -> NDArray[np.bool_]:
        """Which visits are to a station; all of them where none is named."""
        if station is None:
            return np.ones(len(self.visits), dtype=np.bool_)
        return np.asarray(self.visits.queue % self.stations == station)

    def in_queue(self, chosen: NDArray[np.bool_]) -> Ints:
        """Seconds from joining to being called in or lost, of some visits."""
        return (self.left_queue - self.visits.joined)[chosen]


def observe(run: Run, trace: Trace, state: State) -> Iterator[Observed]:
    """What is seen of each replication of a run that was simulated."""
    visits = Visits.concatenate([trace.visits, state.open_visits()]).sorted_by("person", "visit")
    stations = run.network.station_count
    lanes = 1 if run.shared else len(run.network.lane_names)

    def by_lane(queue: Wholes) -> tuple[Ints, Ints]:
        """The rows in order of lane, and where each lane begins."""
        lane = np.zeros(len(queue), dtype=np.int64) if run.shared else queue.astype(np.int64) // stations
        order = np.argsort(lane, kind="stable")
        return order, np.searchsorted(lane[order], np.arange(lanes + 1))

    order, of_visits = by_lane(visits.queue)
    visits = visits.take(order)
    order, of_sessions = by_lane(trace.sessions.queue)
    sessions = trace.sessions.take(order)
    order, of_exits = by_lane(trace.exits.queue)
    exits = trace.exits.take(order)
    left_queue = np.where(visits.called != NEVER, visits.called, visits.ended).astype(np.int64)
    left_queue = np.where(left_queue == NEVER, run.stop, left_queue)
    left = np.where(visits.ended == NEVER, run.stop, visits.ended).astype(np.int64)
    for lane in range(lanes):
        here, held, gone = (
            slice(int(first[lane]), int(first[lane + 1])) for first in (of_visits, of_sessions, of_exits)
        )
        yield Observed(
            tape=run.tape,
            visits=visits.take(here),
            left_queue=left_queue[here],
            left=left[here],
            sessions=sessions.take(held),
            exits=exits.take(gone),
            begin=run.begin,
            end=run.end,
            stop=run.stop,
            unit_s=run.unit_s,
            stations=stations,
        )
