"""What is lost at the end of openings: nobody is called in whose planned slot no longer fits.

Take an adviser for whom somebody always waits, with planned slot s. Until s before closing he goes from one
piece of work to the next, a renewal process of cycle X: an interview and the back office that follows it,
the slot that an absent person loses, or a file. At the second s before closing he is somewhere in a cycle,
of which R is left, and nobody is called in after it. So he has an idle end if R < s, of s - R. R follows
the equilibrium law of the cycles, P(R < r) = E[min(X, r)] / E[X]; its integral from 0 to s is the mean

    E[max(s - R, 0)] = E[s min(X, s) - min(X, s)^2 / 2] / E[X]

X runs over the cycles of the team, weighed by their number, and s over the slots of those who always wait:
the people of the team's last priority. Where these wait in several queues, the next head whose slot fits is
called in, and a little less is lost. Files have no slot: each one that waits fills an idle end, or as much
of it as it lasts, and goes on at the next opening. What an interview works beyond closing is overtime, on
top of the hours usable.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

import numpy as np

from cepsim.draws import DRAW_RANGE
from cepsim.laws import CELLS
from cepsim.network.arrays import NO_TABLE, Network
from cepsim.people.demand import Floats
from cepsim.trace import Ints

#: Values by which the law of a duration is summed up, each as likely as the others.
_POINTS = 256


class Kind(NamedTuple):
    """Visits that are alike: their queue and the profile of their people."""

    queue: int
    profile: int


class ClosingLoss:
    """Seconds of duty that nobody can use at the end of openings, by team."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._points = cache(self._table_points)
        self._expected = cache(self._moments)
        # the queues of a station are alike in every region
        self._cycle = cache(self._cycle_moments)

    def seconds(self, team: int, begin: int, end: int, visits: Mapping[Kind, float], served: float) -> float:
        """Idle ends of a team in [begin, end) when people always wait, in seconds of advisers.

        `visits` is the number of visits begun of each kind, `served` the part of them that the team can
        serve: the files of that part fill idle ends.
        """
        file_work, station = self.network.stations.file_work, self.network.station_count
        visits = {kind: n for kind, n in visits.items() if n > 0}
        files = {kind: n for kind, n in visits.items() if file_work[kind.queue % station]}
        slots = self._slots({kind: n for kind, n in visits.items() if kind not in files})
        lengths, advisers = self._closings(team, begin, end)
        idle, ends = 0.0, 0.0
        for slot, part in slots.items():
            every = np.array([self._cycle(kind.queue % station, kind.profile, slot) for kind in visits])
            total, within, cycle = (every * np.array([[n] for n in visits.values()])).sum(axis=0).tolist()
            idle += part * float((advisers * np.minimum(total / cycle, lengths)).sum())
            ends += part * float(advisers.sum()) * within / cycle
        if idle == 0.0 or not files:
            return idle
        number = sum(files.values())
        lengths_of = (self._cycle(kind.queue % station, kind.profile, 0)[2] for kind in files)
        length = sum(n * float(each) for n, each in zip(files.values(), lengths_of, strict=True)) / number
        return max(idle - served * number * min(length, idle / ends), 0.0)

    def _slots(self, interviews: Mapping[Kind, float]) -> dict[int, float]:
        """Shares of the slots of those who wait when a team is saturated: the people of its last priority."""
        sub_queues, queues = self.network.sub_queues, self.network.queues
        slots, stations = self.network.stations.planned_slot, self.network.station_count
        priority = {kind: int(sub_queues.priority[queues.sub_queue[kind.queue]].max()) for kind in interviews}
        last = max(priority.values(), default=0)
        waiting = {kind: n for kind, n in interviews.items() if priority[kind] == last}
        shares: dict[int, float] = {}
        for kind, number in waiting.items():
            slot = int(slots[kind.queue % stations, kind.profile])
            shares[slot] = shares.get(slot, 0.0) + number / sum(waiting.values())
        return shares

    def _closings(self, team: int, begin: int, end: int) -> tuple[Ints, Ints]:
        """Length of each opening that closes in [begin, end), and advisers on duty at its last second."""
        teams = self.network.teams
        calendar = teams.calendar[team]
        here = slice(teams.calendar_start[calendar], teams.calendar_start[calendar + 1])
        opens, closes = teams.opens[here], teams.closes[here]
        inside = (closes > begin) & (closes <= end)
        opens, closes = opens[inside], closes[inside]
        first, last = teams.duty_start[team : team + 2]
        changes = np.searchsorted(teams.duty_second[first:last], closes, side="left")
        return closes - opens, np.append(0, teams.duty_advisers[first:last])[changes]

    def _cycle_moments(self, station: int, profile: int, slot: int) -> Floats:
        """The three moments of `_moments_of` for a visit: somebody comes, or a slot is lost."""
        s = self.network.stations
        came = self._expected(int(s.service[station, profile]), int(s.back_office[station, profile]), slot)
        absent = float(s.no_show[station, profile]) / DRAW_RANGE
        lost = _moments_of(np.array([float(s.no_show_slot[station])]), slot)
        return (1.0 - absent) * came + absent * lost

    def _moments(self, service: int, back_office: int, slot: int) -> Floats:
        cycle = self._points(service)
        if back_office != NO_TABLE:
            cycle = (cycle[:, None] + self._points(back_office)).reshape(-1)
        return _moments_of(cycle, slot)

    def _table_points(self, table: int) -> Floats:
        values = self.network.tables[table].astype(np.float64)
        coarse = np.append(values[: CELLS - 1], values[CELLS:].mean())
        return np.asarray(coarse.reshape(_POINTS, -1).mean(axis=1))


def _moments_of(cycle: Floats, slot: int) -> Floats:
    """Means of s min(X, s) - min(X, s)^2 / 2, of min(X, s) and of X, over equally likely values of X."""
    within = np.minimum(cycle, slot)
    return np.array([(slot * within - within**2 / 2.0).mean(), within.mean(), cycle.mean()])
