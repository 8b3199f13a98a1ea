"""Offered load before a run: the work that the people who ask would bring, over the hours usable.

Expected visits follow the network's own routes, from the people of one replication, as if nobody gave up
waiting or went elsewhere for a delay, and every call were answered: a load above 1 says that somebody will.
What those who came before an operator stopped have left to do there is counted with it, not with its heir.
Usable hours are those on duty less what is lost at the end of openings, where an appointment no longer fits
(see `people.closing`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from cepsim.draws import DRAW_RANGE
from cepsim.laws import CELLS
from cepsim.network.arrays import CHOICE_BASE, NO_TABLE, Network
from cepsim.people.closing import ClosingLoss, Kind
from cepsim.people.demand import Floats
from cepsim.people.deployment import Deployment
from cepsim.people.population_tape import Entrants
from cepsim.people.shared_time import posts_of
from cepsim.people.teams import operators_of
from cepsim.scenario.vocabulary import OPERATORS
from cepsim.units import SECONDS_PER_HOUR

_COLUMNS: Final = [
    "team",
    "operator",
    "role",
    "region",
    "year",
    "people",
    "hours_needed",
    "hours_available",
    "hours_usable",
    "load",
]


@dataclass(frozen=True, slots=True)
class Move:
    """Mean mass of visits that follow others: between two stations, or at one (rebooked, series).

    `gap` is the table of the time between, NO_TABLE where there is none.
    """

    origin: int
    to: int
    gap: int
    mass: float


@dataclass(frozen=True, slots=True)
class _Step:
    """Mean mass of people beginning at a station, after so many repeats, referred or not."""

    station: int
    repeats: int
    referred: bool


def offered_loads(deployment: Deployment, groups: Iterable[Entrants], *, sample: int = 1) -> pd.DataFrame:
    """Load of each team and year of the horizon; the people come in groups, such as those of each region.

    A team of several operators has a row for each: what its people need, over its part of the hours, as its
    posts are; what the team has to do is their sum.

    Columns: team (number), operator, role, region, year (1 is the first after launch), people (visits
    begun, a year), hours_needed, hours_available (on duty), hours_usable (without the end of openings that
    stays idle), load (needed over usable). Sessions are no load: their animators are withdrawn from the
    hours available. Where the people are one in `sample`, each counts for so many; the hours available are
    those of the deployment, which is that of the whole.
    """
    network, horizon = deployment.network, deployment.horizon
    stations = network.station_count
    work, visits = Work(network), {}
    operators = deployment.stations["operator"].to_numpy()
    needed: defaultdict[tuple[int, int], Counter[str]] = defaultdict(Counter)
    begun: defaultdict[tuple[int, int], Counter[Kind]] = defaultdict(Counter)
    for (when, lane, entry, alternate, profile), simulated in _kinds(deployment, groups).items():
        count = simulated * sample
        key = (entry, alternate, profile)
        if key not in visits:
            visits[key] = work.of(*key)
        for station, (number, seconds) in visits[key].items():
            queue = lane * stations + station
            team = int(network.queues.team[queue])
            if team >= 0 and not network.queues.holds_sessions[queue]:
                needed[team, when][operators[station]] += count * seconds  # type: ignore[assignment]
                begun[team, when][Kind(queue, profile)] += count * number  # type: ignore[assignment]
    closing, rows = ClosingLoss(network), []
    for team, (name, role, region) in enumerate(deployment.teams.itertuples(index=False)):
        for when in range(horizon.years):
            begin, end = horizon.year_bounds[when], horizon.year_bounds[when + 1]
            duty, kinds_here = duty_seconds(network, team, begin, end), begun[team, when]
            asked = needed[team, when]
            served = min(1.0, duty / max(sum(asked.values()), 1.0))
            lost = closing.seconds(team, begin, end, kinds_here, served)
            people = Counter[str]()
            for kind, number in kinds_here.items():
                people[operators[kind.queue % stations]] += number
            for operator, part in _parts(deployment, team, when, name).items():
                hours = asked[operator] / SECONDS_PER_HOUR
                available, usable = duty * part / SECONDS_PER_HOUR, (duty - lost) * part / SECONDS_PER_HOUR
                load = hours / usable if usable > 0 else float("inf") if hours > 0 else 0.0
                who = (team, operator, role, region, when + 1, people[operator])
                rows.append((*who, hours, available, usable, load))
    return pd.DataFrame(rows, columns=_COLUMNS)


def _parts(deployment: Deployment, team: int, when: int, name: str) -> dict[str, float]:
    """The part of a team that each of its operators has in a year from launch, by posts."""
    operators = operators_of(name)
    if len(operators) == 1:
        return {name: 1.0}
    posts = posts_of(deployment, team, deployment.horizon.launch.year + when)
    return {one: float(posts[OPERATORS.index(one)] / posts.sum()) for one in operators}


def _kinds(deployment: Deployment, groups: Iterable[Entrants]) -> Counter[tuple[int, ...]]:
    """How many people there are of each (year, lane, entry, alternate, profile)."""
    horizon, found = deployment.horizon, Counter[tuple[int, ...]]()
    for who in groups:
        year = np.searchsorted(horizon.year_bounds, who.chosen.arrival, side="right") - 1
        inside = (who.chosen.arrival >= 0) & (year < horizon.years)
        columns = [
            column[inside] for column in (year, who.crowd.region, who.entry, who.alternate + 1, who.profile)
        ]
        sizes = tuple(int(column.max(initial=0)) + 1 for column in columns)
        cells, counts = np.unique(np.ravel_multi_index(columns, sizes), return_counts=True)
        rows = np.stack(np.unravel_index(cells, sizes), axis=1) - np.array([0, 0, 0, 1, 0])
        for row, count in zip(rows.tolist(), counts.tolist(), strict=True):
            found[tuple(row)] += count
    return found


def duty_seconds(network: Network, team: int, begin: int, end: int) -> int:
    """Seconds of duty of a team in [begin, end): advisers on duty, summed over time."""
    first, last = network.teams.duty_start[team : team + 2]
    seconds = network.teams.duty_second[first:last]
    advisers = network.teams.duty_advisers[first:last]
    starts = np.clip(seconds, begin, end)
    ends = np.clip(np.append(seconds[1:], end), begin, end)
    return int(((ends - starts) * advisers).sum())


class Work:
    """Expected visits and adviser seconds of a person, by station."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.means = table_means(network.tables)

    def of(
        self, entry: int, alternate: int, profile: int, moves: list[Move] | None = None
    ) -> dict[int, tuple[float, float]]:
        """(visits begun, adviser seconds) by station for somebody who enters at `entry`.

        What he does between two visits is added to `moves`, if they are asked for.
        """
        total: dict[int, tuple[float, float]] = {}
        mass: dict[_Step, float] = {_Step(entry, 0, False): 1.0}
        while mass:
            following: defaultdict[_Step, float] = defaultdict(float)
            for step, weight in mass.items():
                sent = self._sent(step, profile, alternate)
                # who is sent elsewhere has the first interview alone
                for part, stays in ((sent, False), (1.0 - sent, True)) if sent > 0 else ((1.0, True),):
                    number, seconds, finished = self._stay(step.station, profile, series=stays)
                    known = total.get(step.station, (0.0, 0.0))
                    reached = weight * part
                    total[step.station] = (known[0] + reached * number, known[1] + reached * seconds)
                    if moves is not None:
                        moves += self._within(step.station, profile, reached, series=stays)
                    if not stays:
                        following[_Step(alternate, step.repeats, True)] += reached * finished
                        if moves is not None:
                            moves.append(Move(step.station, alternate, NO_TABLE, reached * finished))
                        continue
                    for onward, share, gap in self._onward(step, profile):
                        following[onward] += reached * finished * share
                        if moves is not None:
                            moves.append(Move(step.station, onward.station, gap, reached * finished * share))
            mass = {step: weight for step, weight in following.items() if weight > 1e-12}
        return total

    def missed(self, station: int, profile: int) -> float:
        """Chance that somebody called never comes: absent, and not rebooked or absent again."""
        begun_once = self._visits(station, profile, series=False)
        return 1.0 - begun_once[2]

    def _within(self, station: int, profile: int, reached: float, *, series: bool) -> list[Move]:
        """Visits at a station that follow one there: rebooked ones, and further ones of a series."""
        s = self.network.stations
        begun, tries, _ = self._visits(station, profile, series=series)
        ways = (
            (int(s.rebook_gap[station, profile]), begun * (tries - 1.0)),
            (int(s.series_gap[station, profile]), begun - 1.0),
        )
        return [Move(station, station, gap, reached * mass) for gap, mass in ways if mass > 0]

    def _mean(self, table: int) -> float:
        return 0.0 if table == NO_TABLE else float(self.means[table])

    def _sent(self, step: _Step, profile: int, alternate: int) -> float:
        """Share of those received at a station who are sent to the other one."""
        if alternate < 0 or step.referred:
            return 0.0
        return float(self.network.stations.refer[step.station, profile]) / DRAW_RANGE

    def _stay(self, station: int, profile: int, *, series: bool = True) -> tuple[float, float, float]:
        """Visits begun, adviser seconds, and chance to be served to the end, over a series or once."""
        s = self.network.stations
        absent = float(s.no_show[station, profile]) / DRAW_RANGE
        begun, tries, finished = self._visits(station, profile, series=series)
        each = self._mean(int(s.service[station, profile])) + self._mean(int(s.back_office[station, profile]))
        seconds = (1.0 - absent) * tries * each + tries * absent * float(s.no_show_slot[station])
        return begun * tries, begun * seconds, finished

    def _visits(self, station: int, profile: int, *, series: bool) -> tuple[float, float, float]:
        """Interviews come to, tries at each, and chance to be served to the end."""
        s = self.network.stations
        absent = float(s.no_show[station, profile]) / DRAW_RANGE
        rebooked = absent * float(s.rebook[station, profile]) / DRAW_RANGE
        tries = sum(rebooked**k for k in range(int(s.rebook_max[station]) + 1))
        attended = (1.0 - absent) * tries
        further = float(s.series_mean[station, profile]) / DRAW_RANGE if series else 0.0
        whole = int(further)
        part = further - whole
        begun = sum(attended**k for k in range(whole + 1)) + part * attended ** (whole + 1)
        finished = attended ** (whole + 1) * (1.0 - part + part * attended)
        return begun, tries, finished

    def _onward(self, step: _Step, profile: int) -> list[tuple[_Step, float, int]]:
        s, branches = self.network.stations, self.network.branches
        found = []
        listed = int(s.route_served[step.station, profile])
        before, left = 0.0, 0.0
        for branch in range(branches.start[listed], branches.start[listed + 1]):
            limit = float(branches.threshold[branch]) / DRAW_RANGE
            share, before = limit - before + left, limit
            left = 0.0
            most, to = int(branches.repeat_max[branch]), int(branches.to[branch])
            if 0 <= most <= step.repeats:
                left = share
                continue
            if to >= CHOICE_BASE:
                # before a run no delay is known: everybody stays home
                to = int(self.network.choices.home[to - CHOICE_BASE])
            if to >= 0 and share > 0:
                gap = int(branches.gap[branch])
                found.append((_Step(to, step.repeats + (most >= 0), step.referred), share, gap))
        return found


def table_means(tables: np.ndarray[tuple[int, int], np.dtype[np.int32]]) -> Floats:
    """Mean of each quantile table, in seconds."""
    coarse = tables[:, : CELLS - 1].sum(axis=1, dtype=np.int64) / CELLS
    fine = tables[:, CELLS:].sum(axis=1, dtype=np.int64) / CELLS**2
    return np.asarray(coarse + fine, dtype=np.float64)
