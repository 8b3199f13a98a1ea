"""The dates of a run, in seconds from 00:00 of launch day."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from cepsim.scenario.parts import Calendar
from cepsim.units import DAYS_PER_WEEK, SECONDS_PER_DAY

#: Mean length of a calendar year, leap years included.
DAYS_PER_YEAR: Final = 365.25


@dataclass(frozen=True, slots=True)
class Horizon:
    """Warm-up, horizon and follow-up of a run: whole calendar years around launch day."""

    launch: date
    years: int
    follow_up_years: int
    warm_up_years: int

    @classmethod
    def of(cls, calendar: Calendar) -> Horizon:
        """The dates of a run with this calendar."""
        return cls(calendar.launch_date, calendar.years, calendar.follow_up_years, calendar.warm_up_years)

    def day(self, when: date) -> int:
        """Day number of a date; launch day is 0."""
        return (when - self.launch).days

    def second(self, when: date) -> int:
        """00:00 of a date, in seconds from launch."""
        return self.day(when) * SECONDS_PER_DAY

    def date_of(self, second: int) -> date:
        """The date of a second."""
        return self.launch + timedelta(days=second // SECONDS_PER_DAY)

    def anniversary(self, years: int) -> date:
        """The launch date so many years later; 28 February for a 29th that the year has not."""
        return _in_month(self.launch.year + years, self.launch.month, self.launch.day)

    @property
    def begin(self) -> int:
        """First second of the warm-up."""
        return self.second(self.anniversary(-self.warm_up_years))

    @property
    def end(self) -> int:
        """End of the horizon: costs and counts stop there."""
        return self.second(self.anniversary(self.years))

    @property
    def observed(self) -> int:
        """End of the follow-up: waits are observed until there."""
        return self.second(self.anniversary(self.years + self.follow_up_years))

    @property
    def year_bounds(self) -> list[int]:
        """Seconds at which the years of the horizon begin, and its end; years run from launch day."""
        return [self.second(self.anniversary(year)) for year in range(self.years + 1)]

    def quarters(self, until: int) -> list[int]:
        """Seconds at which quarters begin from launch, and `until`, which closes the last one."""
        bounds, quarter = [0], 1
        while bounds[-1] < until:
            month = self.launch.month - 1 + 3 * quarter
            begins = _in_month(self.launch.year + month // 12, month % 12 + 1, self.launch.day)
            bounds.append(min(self.second(begins), until))
            quarter += 1
        return bounds

    @property
    def mondays(self) -> range:
        """00:00 of every Monday of the run, in seconds."""
        week = DAYS_PER_WEEK * SECONDS_PER_DAY
        monday = -self.launch.weekday() * SECONDS_PER_DAY
        return range(monday + -(-(self.begin - monday) // week) * week, self.observed, week)

    @property
    def cohort_bounds(self) -> list[int]:
        """Seconds at which the quarters of the horizon begin, and its end."""
        return self.quarters(self.end)


def _in_month(year: int, month: int, day: int) -> date:
    """This day of a month, or its last day where it is shorter."""
    return date(year, month, min(day, monthrange(year, month)[1]))
