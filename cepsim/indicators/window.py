"""What a run observes: its years, its cohorts, the end of observation, and the norm it is held to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from cepsim.errors import ScenarioError
from cepsim.people.cells import reached
from cepsim.people.deployment import Deployment
from cepsim.people.segments import calendar_years
from cepsim.trace import Ints, Wholes
from cepsim.units import DAYS_PER_WEEK, SECONDS_PER_DAY

#: Cohort of those who joined before launch; those who joined after the horizon have the number of cohorts.
BEFORE = -1


@dataclass(frozen=True, slots=True)
class Window:
    """Dates in seconds from launch.

    `year_bounds` are the seconds at which the horizon enters each calendar year, then its end; the first and
    last year may be cut. `cohort_bounds` are the beginnings of its quarters, counted from launch, and its
    end; `observed` is the end of observation, `norm_days` working days.
    """

    launch: date
    year_bounds: tuple[int, ...]
    cohort_bounds: tuple[int, ...]
    observed: int
    norm_days: int

    @classmethod
    def of(cls, deployment: Deployment, observed: int) -> Window:
        """The window of a run observed until a second.

        Raises ScenarioError unless the norm is a whole number of working days.
        """
        id_ = deployment.scenario.norm.figure
        norm = deployment.tables.figure(id_)
        if norm.unit != "working_days" or norm.mode != round(norm.mode):
            raise ScenarioError(
                file=f"{deployment.scenario.name}.toml",
                field="norm.figure",
                found=f"{id_}: {norm.mode:g} {norm.unit}",
                expected="a figure in whole working_days",
            )
        horizon = deployment.horizon
        return cls(
            launch=horizon.launch,
            year_bounds=tuple(calendar_years(horizon)[1].tolist()),
            cohort_bounds=tuple(horizon.cohort_bounds),
            observed=observed,
            norm_days=round(norm.mode),
        )

    @property
    def end(self) -> int:
        """End of the horizon."""
        return self.year_bounds[-1]

    @property
    def years(self) -> range:
        """Calendar years that the horizon touches."""
        return range(self.launch.year, self.launch.year + len(self.year_bounds) - 1)

    @property
    def cohorts(self) -> range:
        """Quarters of joining of the horizon."""
        return range(len(self.cohort_bounds) - 1)

    @property
    def mondays(self) -> Ints:
        """00:00 of every Monday from launch to the end of observation."""
        first = -self.launch.weekday() % DAYS_PER_WEEK
        last = self.observed // SECONDS_PER_DAY
        return np.arange(first, last + 1, DAYS_PER_WEEK, dtype=np.int64) * SECONDS_PER_DAY

    def year(self, seconds: Wholes) -> Ints:
        """Rank of the year of each second, -1 outside the horizon."""
        rank = reached(np.array(self.year_bounds, dtype=np.int64), seconds) - 1
        return np.where(rank < len(self.years), rank, -1)

    def cohort(self, seconds: Wholes) -> Ints:
        """Quarter of each second: BEFORE launch, the number of cohorts after the horizon."""
        return reached(np.array(self.cohort_bounds, dtype=np.int64), seconds) - 1

    def label(self, cohort: int) -> str:
        """A cohort as people write it: the year and the first month of its quarter, "2015-01"."""
        month = self.launch.month - 1 + 3 * cohort
        return f"{self.launch.year + month // 12}-{month % 12 + 1:02d}"
