"""Working days of each region: the weekdays on which its advisers are open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cepsim.compiled import compiled
from cepsim.people.deployment import Deployment
from cepsim.trace import Ints, Wholes
from cepsim.units import DAYS_PER_WEEK, SECONDS_PER_DAY, SECONDS_PER_HOUR

_SATURDAY = 5


@dataclass(frozen=True, slots=True, eq=False)
class WorkingDays:
    """Open weekdays up to each day, on the clock of each region.

    `upto` is int64, shape (regions, days): how many on the days up to and including day `first_day` + column.
    `offset_s` is what a region's clock shows beyond metropolitan time.
    """

    upto: Ints
    first_day: int
    offset_s: Ints

    @classmethod
    def of(cls, deployment: Deployment, first: int, last: int) -> WorkingDays:
        """Working days over seconds [first, last]. Raises ValueError where a region has no advisers."""
        offsets = {region.code: region.utc_offset_hours for region in deployment.tables.regions}
        offset_s = np.array([offsets[code] * SECONDS_PER_HOUR for code in deployment.regions], dtype=np.int64)
        first_day, last_day = first // SECONDS_PER_DAY - 1, last // SECONDS_PER_DAY + 1
        weekday = (np.arange(first_day, last_day + 1) + deployment.horizon.launch.weekday()) % DAYS_PER_WEEK
        is_open = np.zeros((len(deployment.regions), len(weekday)), dtype=np.int64)
        for lane, code in enumerate(deployment.regions):
            days = _open_days(deployment, code, int(offset_s[lane])) - first_day
            is_open[lane, days[(days >= 0) & (days < len(weekday))]] = 1
        is_open[:, weekday >= _SATURDAY] = 0
        return cls(np.cumsum(is_open, axis=1), first_day, offset_s)

    def between(self, region: Ints, begin: Wholes, end: Wholes) -> Ints:
        """Working days in (date of begin, date of end], on the clock of the region."""
        return _between(self.upto, self.first_day, self.offset_s, region, begin, end)


@compiled
def _between(upto: Ints, first_day: int, offset_s: Ints, region: Ints, begin: Wholes, end: Wholes) -> Ints:
    done = np.empty(len(region), dtype=np.int64)
    for row in range(len(region)):
        lane = region[row]
        before = (begin[row] + offset_s[lane]) // SECONDS_PER_DAY - first_day
        after = (end[row] + offset_s[lane]) // SECONDS_PER_DAY - first_day
        done[row] = upto[lane, after] - upto[lane, before]
    return done


def _open_days(deployment: Deployment, region: str, offset_s: int) -> Ints:
    teams, of = deployment.network.teams, deployment.teams
    advisers = np.flatnonzero((of["role"] == "advisers") & (of["region"] == region))
    if len(advisers) == 0:
        raise ValueError(f"region {region} has no team of advisers: its working days are unknown")
    days = [
        (teams.opens[teams.calendar_start[c] : teams.calendar_start[c + 1]] + offset_s) // SECONDS_PER_DAY
        for c in np.unique(teams.calendar[advisers])
    ]
    return np.unique(np.concatenate(days))
