"""What a twin is made of: nodes, ways between them and capacity, as arrays by day.

    node   the people of a priority in a queue: a sub-queue of the network; or a whole queue without a team
    way    from a node to another: visits of the second a visit of the first, spread over the days after
    group  the nodes of a team that have the same priority, served in order; a first line is one group

A node is the mean of its people: seconds a visit, patience and ways are those of the visits that everybody
would make if nobody were lost (`people.loads.Work`), so that flows are exact where few are, and a little off
where those who leave would have gone elsewhere than the others.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

import numpy as np

from cepsim.laws import CELLS
from cepsim.network.arrays import NO_TABLE, Network
from cepsim.people.demand import Floats
from cepsim.people.deployment import Deployment
from cepsim.people.loads import Move, Work
from cepsim.people.population_tape import Entrants
from cepsim.trace import Ints
from cepsim.units import SECONDS_PER_DAY

#: Days after a visit in which the next one may come; later ones come then.
REACH: Final = 400
#: What lies beyond this share of a law comes with it.
_NEARLY_ALL: Final = 0.999
#: Weeks on each side over which a day's demand is averaged, weekday by weekday.
_WEEKS: Final = 4
_DAYS_PER_WEEK: Final = 7


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """Shapes: N nodes, W ways, T teams, D days from `first` (day 0 is launch).

    `asking` (D, N): people who ask; `capacity` (D, T): seconds on duty less what closing loses; `advisers`
    (D, T): on duty when the team is open. Of a node: `queue`, `priority`, `team` (-1: nobody waits),
    `is_first_line`, `seconds` a visit, `leaving` a day, `again` (share of visits that follow one at the same
    node), `absent` (share of stays that end with a no-show), `visits` (if nobody were lost).
    `origin`, `to` (W,); `after` (W, REACH): visits that a visit brings, by days after.
    """

    first: int
    asking: Floats
    capacity: Floats
    advisers: Floats
    queue: Ints
    priority: Ints
    team: Ints
    is_first_line: Ints
    seconds: Floats
    leaving: Floats
    again: Floats
    absent: Floats
    visits: Floats
    origin: Ints
    to: Ints
    after: Floats

    @property
    def days(self) -> int:
        """D."""
        return len(self.asking)


def compile_world(
    deployment: Deployment, who: Entrants, begin: int, end: int, usable: Floats
) -> tuple[World, Ints, Ints]:
    """The arrays of a deployment over whole days, [begin, end) in seconds; node and arrival of who asks.

    `usable`, shape (T,): part of the time on duty that closing does not lose; see `people.closing`.
    """
    network = deployment.network
    first, days = begin // SECONDS_PER_DAY, (end - begin) // SECONDS_PER_DAY
    nodes = _Nodes(network)
    inside = (who.chosen.arrival >= begin) & (who.chosen.arrival < end)
    kinds = np.stack(
        [who.crowd.region, who.entry, who.alternate, who.profile, who.service_class], axis=1
    ).astype(np.int64)[inside]
    asking = np.zeros((days, nodes.count))
    entered = nodes.of(kinds[:, 0] * network.station_count + kinds[:, 1], kinds[:, 4])
    np.add.at(
        asking, (who.chosen.arrival[inside] // SECONDS_PER_DAY - first, entered), float(deployment.sample)
    )
    found = _Means(network, nodes)
    for kind, number in zip(
        *(part.tolist() for part in np.unique(kinds, axis=0, return_counts=True)), strict=True
    ):
        lane, entry, alternate, profile, service_class = kind
        found.add(lane, entry, alternate, profile, service_class, float(number))
    capacity, advisers = _capacity(network, first, days)
    roles = deployment.teams["role"].to_numpy()
    is_first_line = np.array([int(t >= 0 and roles[t] == "first_line") for t in nodes.team], dtype=np.int64)
    world = found.world(first, _smoothed(asking), capacity * usable, advisers, is_first_line)
    return world, entered, who.chosen.arrival[inside]


class _Nodes:
    """The nodes of a network: its sub-queues, then its queues."""

    def __init__(self, network: Network) -> None:
        queues, subs = network.queues, network.sub_queues
        self.sub_queue = queues.sub_queue
        self.subs = len(subs.queue)
        self.count = self.subs + network.queue_count
        self.queue = np.concatenate([subs.queue, np.arange(network.queue_count)])
        self.priority = np.concatenate([subs.priority, np.zeros(network.queue_count, dtype=np.int64)])
        served = np.where(queues.holds_sessions == 1, -1, queues.team)
        self.team = np.concatenate([served[subs.queue], np.full(network.queue_count, -1, dtype=np.int64)])

    def of(self, queue: Ints, service_class: Ints) -> Ints:
        """The node of people of a class in a queue."""
        sub = self.sub_queue[queue, service_class]
        return np.where(sub >= 0, sub, self.subs + queue)


class _Means:
    """Visits and what follows them, added up over the people."""

    def __init__(self, network: Network, nodes: _Nodes) -> None:
        self.network, self.nodes, self.work = network, nodes, Work(network)
        self.paths: dict[tuple[int, int, int], tuple[dict[int, tuple[float, float]], list[Move]]] = {}
        self.visits = np.zeros(nodes.count)
        self.seconds = np.zeros(nodes.count)
        self.leaving = np.zeros(nodes.count)
        self.stays = np.zeros(nodes.count)
        self.again = np.zeros(nodes.count)
        self.absent = np.zeros(nodes.count)
        self.ways: defaultdict[tuple[int, int, int, int], float] = defaultdict(float)

    def add(
        self, lane: int, entry: int, alternate: int, profile: int, service_class: int, number: float
    ) -> None:
        """People of a kind."""
        s, stations = self.network.stations, self.network.station_count
        key = (entry, alternate, profile)
        if key not in self.paths:
            moves: list[Move] = []
            self.paths[key] = (self.work.of(*key, moves), moves)
        visits, moves = self.paths[key]
        node = {
            station: int(self.nodes.of(np.int64(lane * stations + station), np.int64(service_class)))  # type: ignore[arg-type]
            for station in visits
        }
        for station, (begun, seconds) in visits.items():
            at, table = node[station], int(s.patience[station, profile])
            self.visits[at] += number * begun
            self.seconds[at] += number * seconds
            if table != NO_TABLE:
                self.leaving[at] += number * begun * SECONDS_PER_DAY / float(self.work.means[table])
            absent = self.work.missed(station, profile)
            self.absent[at] += number * begun * absent
        for move in moves:
            if move.origin not in node or move.to not in node:
                continue
            at = node[move.origin]
            if move.origin == move.to:
                self.again[at] += number * move.mass
            elapsed = NO_TABLE
            if self.nodes.team[at] < 0:
                # a delay: the next visit comes after what is done here
                elapsed = int(s.service[move.origin, profile])
            self.ways[at, node[move.to], move.gap, elapsed] += number * move.mass

    def world(
        self, first: int, asking: Floats, capacity: Floats, advisers: Floats, is_first_line: Ints
    ) -> World:
        """The means."""
        visits = np.maximum(self.visits, 1e-12)
        after: defaultdict[tuple[int, int], Floats] = defaultdict(lambda: np.zeros(REACH))
        spread: dict[tuple[int, int], Floats] = {}
        for (origin, to, gap, elapsed), mass in self.ways.items():
            if (gap, elapsed) not in spread:
                both = np.convolve(self._days(gap), self._days(elapsed))
                last = min(int(np.searchsorted(np.cumsum(both), _NEARLY_ALL)), REACH - 1)
                both[last] += both[last + 1 :].sum()
                both[last + 1 :] = 0.0
                spread[gap, elapsed] = both[:REACH]
            after[origin, to] += mass / visits[origin] * spread[gap, elapsed]
        pairs = np.array(list(after), dtype=np.int64).reshape(-1, 2)
        return World(
            first=first,
            asking=asking,
            capacity=capacity,
            advisers=advisers,
            queue=self.nodes.queue,
            priority=self.nodes.priority,
            team=self.nodes.team,
            is_first_line=is_first_line,
            seconds=self.seconds / visits,
            leaving=self.leaving / visits,
            again=self.again / visits,
            absent=self.absent / visits,
            visits=self.visits,
            origin=np.ascontiguousarray(pairs[:, 0]),
            to=np.ascontiguousarray(pairs[:, 1]),
            after=np.array(list(after.values())).reshape(-1, REACH),
        )

    def _days(self, table: int) -> Floats:
        """Law of a duration in whole days, its mean kept: each one is shared between the days around it."""
        law = np.zeros(REACH)
        if table == NO_TABLE:
            law[0] = 1.0
            return law
        values = self.network.tables[table].astype(np.float64) / SECONDS_PER_DAY
        share = np.concatenate([np.full(CELLS - 1, 1.0 / CELLS), np.full(len(values) - CELLS, CELLS**-2.0)])
        values = np.minimum(np.delete(values, CELLS - 1), REACH - 2.0)
        day = values.astype(np.int64)
        np.add.at(law, day, share * (1.0 - (values - day)))
        np.add.at(law, day + 1, share * (values - day))
        return np.asarray(law / law.sum())


def _smoothed(asking: Floats) -> Floats:
    """Each day's demand as the mean of the same weekday over the weeks around: chance is left to the law."""
    days = len(asking)
    total, weight = np.zeros_like(asking), np.zeros((days, 1))
    for week in range(-_WEEKS, _WEEKS + 1):
        shift = week * _DAYS_PER_WEEK
        here = slice(max(0, -shift), min(days, days - shift))
        there = slice(max(0, shift), min(days, days + shift))
        if here.start < here.stop:
            total[here] += asking[there]
            weight[here] += 1.0
    return np.asarray(total / weight)


def _capacity(network: Network, first: int, days: int) -> tuple[Floats, Floats]:
    """Seconds on duty of each team and day, and advisers on duty when somebody is; shapes (D, T)."""
    teams = network.teams
    bounds = (first + np.arange(days + 1)) * float(SECONDS_PER_DAY)
    seconds, advisers = np.zeros((days, network.team_count)), np.ones((days, network.team_count))
    for team in range(network.team_count):
        here = slice(teams.duty_start[team], teams.duty_start[team + 1])
        at, number = teams.duty_second[here].astype(np.float64), teams.duty_advisers[here].astype(np.float64)
        if len(at) == 0:
            continue
        lasts = np.diff(np.append(at, max(at[-1], bounds[-1]) + 1.0))
        ends = np.append(at, at[-1] + lasts[-1])
        worked = np.interp(bounds, ends, np.append(0.0, np.cumsum(lasts * number)))
        present = np.interp(bounds, ends, np.append(0.0, np.cumsum(lasts * (number > 0))))
        seconds[:, team] = np.diff(worked)
        advisers[:, team] = np.maximum(1.0, np.diff(worked) / np.maximum(np.diff(present), 1.0))
    return seconds, advisers
