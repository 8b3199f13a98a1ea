"""Open days, opening hours and the hours at which people ask, region by region.

Public holidays come from the `holidays` library, overseas territories and Alsace-Moselle included. A
region's clock is metropolitan time: local hours are shifted by its offset, the same all year.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

import holidays
import numpy as np

from cepsim.compiled import compiled
from cepsim.errors import TableError
from cepsim.network.calendar import Calendar, weekly_calendar
from cepsim.people.horizon import Horizon
from cepsim.tables import Region, Tables
from cepsim.trace import Ints
from cepsim.units import SECONDS_PER_DAY, SECONDS_PER_HOUR, SECONDS_PER_MINUTE

#: Territory of `regions_names.csv` whose holidays are those of the whole country.
ORDINARY_HOLIDAYS = "metropole"
#: Calendars go on for so many days after the last one observed, so that work begun then can end.
_DAYS_BEYOND = 92
#: One year of operational time, in whole units (about a tenth of a millisecond each).
YEAR_UNITS = 1 << 38

_SUBDIVISIONS = {
    "metropole": None,
    "alsace_moselle": "57",
    "guadeloupe": "971",
    "martinique": "972",
    "guyane": "973",
    "la_reunion": "974",
}
#: Indices of weekdays are 1 on average: what a day without one of its own weighs.
_MEAN_DAY = 1.0
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

#: Place of Saturday in a week from Monday, and the days that come before it.
_SATURDAY = 5

Hours = list[tuple[int, int]]


@lru_cache(maxsize=256)
def public_holidays(territory: str, year: int) -> frozenset[date]:
    """Public holidays of a territory of `regions_names.csv` in a year."""
    return frozenset(holidays.country_holidays("FR", subdiv=_SUBDIVISIONS[territory], years=year))


def open_dates(region: Region, tables: Tables, first: date, last: date) -> list[date]:
    """Days on which services open in [first, last): from Monday, as many as the tables say, no holiday.

    A mean number of days a week that is not whole is rounded.
    """
    week = round(tables.figure("calendar.opening_days.all").mode)
    return list(_open_dates(region.holidays, week, first, last))


@lru_cache(maxsize=256)
def _open_dates(territory: str, week: int, first: date, last: date) -> tuple[date, ...]:
    days = (first + timedelta(days=n) for n in range((last - first).days))
    return tuple(
        day for day in days if day.weekday() < week and day not in public_holidays(territory, day.year)
    )


def adviser_hours(tables: Tables) -> Hours:
    """Local opening hours of advisers, (opens, closes) in seconds from midnight."""
    return [
        (_hour(tables, f"opening_{half}_start.advisers"), _hour(tables, f"opening_{half}_end.advisers"))
        for half in ("morning", "afternoon")
    ]


def telephone_hours(tables: Tables) -> Hours:
    """Local opening hours of the first line, (opens, closes) in seconds from midnight."""
    return [(_hour(tables, "opening_start.telephone"), _hour(tables, "opening_end.telephone"))]


def region_calendar(region: Region, tables: Tables, horizon: Horizon, hours: Hours) -> Calendar:
    """A team's openings over the whole years of `calendar_span`, on the metropolitan clock."""
    return openings(region, horizon, open_dates(region, tables, *calendar_span(horizon)), hours)


def openings(region: Region, horizon: Horizon, dates: Sequence[date], hours: Hours) -> Calendar:
    """The same local hours on each of these dates, on the metropolitan clock."""
    shift = region.utc_offset_hours * SECONDS_PER_HOUR
    local = weekly_calendar(np.array([horizon.day(day) for day in dates], dtype=np.int64), hours)
    return Calendar(local.opens - shift, local.closes - shift)


def saturdays(region: Region, tables: Tables, horizon: Horizon) -> list[date]:
    """The Saturdays that are no holiday, over the years of `calendar_span`.

    Raises TableError where they are open to everybody already.
    """
    week = tables.figure("calendar.opening_days.all").mode
    if round(week) > _SATURDAY:
        raise TableError(
            file="calendar.csv",
            field="opening_days: all",
            found=week,
            expected=f"at most {_SATURDAY}, since a shift opens Saturday mornings",
            remedy="Open Saturdays to everybody, or as a shift.",
        )
    dates = _open_dates(region.holidays, _SATURDAY + 1, *calendar_span(horizon))
    return [day for day in dates if day.weekday() == _SATURDAY]


def calendar_span(horizon: Horizon) -> tuple[date, date]:
    """First day of every calendar and the day after its last: whole years, which define yearly capacity.

    From the January before the warm-up to a December at least three months after the follow-up.
    """
    first = horizon.anniversary(-horizon.warm_up_years)
    last = horizon.anniversary(horizon.years + horizon.follow_up_years) + timedelta(days=_DAYS_BEYOND)
    return date(first.year, 1, 1), date(last.year + 1, 1, 1)


class RequestTimes:
    """When people ask: season x weekday x hour, as a cumulated integer measure of each calendar year.

    Every calendar year holds `YEAR_UNITS`, so that the tables' yearly totals are met whatever the number
    of open days. Nobody asks on closed days.
    """

    def __init__(self, tables: Tables, region: Region, channel: str, season: Sequence[float]) -> None:
        self._tables, self._region, self._season = tables, region, season
        slots = _telephone_slots(tables) if channel == "telephone" else _desk_slots(tables)
        self._begins = np.array([begin for begin, _, _ in slots], dtype=np.int64)
        self._lengths = np.array([end - begin for begin, end, _ in slots], dtype=np.int64)
        self._shares = np.array([share for _, _, share in slots])
        self._weekday = [
            tables.figure(f"calendar.weekday_index.{name}").mode
            if tables.has(f"calendar.weekday_index.{name}")
            else _MEAN_DAY
            for name in _WEEKDAYS
        ]
        self._years: dict[int, tuple[Ints, Ints, Ints]] = {}
        self._spans: dict[tuple[int, int, int, Horizon], tuple[Ints, Ints, Ints]] = {}

    def dates(self, units: Ints, epoch_year: int, horizon: Horizon) -> Ints:
        """Seconds from launch of positions in operational time, counted from the epoch's 1 January."""
        if len(units) == 0:
            return np.empty(0, dtype=np.int64)
        first, last = (int(unit) // YEAR_UNITS for unit in (units.min(), units.max()))
        span = (first, last, epoch_year, horizon)
        if span not in self._spans:
            self._spans[span] = self._slots(*span)
        return _dates(units, *self._spans[span])

    def _slots(self, first: int, last: int, epoch_year: int, horizon: Horizon) -> tuple[Ints, Ints, Ints]:
        """Slots as of `_year`, from year `first` to year `last` of the epoch, on the run's clock."""
        begins, lengths, edges = [], [], [np.array([first * YEAR_UNITS], dtype=np.int64)]
        shift = self._region.utc_offset_hours * SECONDS_PER_HOUR
        for year in range(first, last + 1):
            opens, long, cumulated = self._year(epoch_year + year)
            begins.append(opens + (horizon.second(date(epoch_year + year, 1, 1)) - shift))
            lengths.append(long)
            edges.append(cumulated[1:] + year * YEAR_UNITS)
        return np.concatenate(begins), np.concatenate(lengths), np.concatenate(edges)

    def _year(self, year: int) -> tuple[Ints, Ints, Ints]:
        """Slots of a calendar year: seconds when they begin, lengths, edges in operational time."""
        if year not in self._years:
            first = date(year, 1, 1)
            days = open_dates(self._region, self._tables, first, date(year + 1, 1, 1))
            weights = np.array([self._season[d.month - 1] * self._weekday[d.weekday()] for d in days])
            offsets = np.array([(day - first).days for day in days], dtype=np.int64) * SECONDS_PER_DAY
            measure = np.cumsum((weights[:, None] * self._shares).reshape(-1))
            units = np.round(measure / measure[-1] * YEAR_UNITS).astype(np.int64)
            self._years[year] = (
                (offsets[:, None] + self._begins).reshape(-1),
                np.tile(self._lengths, len(days)),
                np.concatenate([np.zeros(1, dtype=np.int64), units]),
            )
        return self._years[year]


@compiled
def _dates(units: Ints, begins: Ints, lengths: Ints, edges: Ints) -> Ints:
    """Seconds of positions in operational time; slot n goes from `edges[n]` to `edges[n + 1]`.

    In any order, and faster where each position is near the one before.
    """
    seconds = np.empty(len(units), dtype=np.int64)
    slot = 0
    for row in range(len(units)):
        unit = units[row]
        while edges[slot + 1] <= unit:
            slot += 1
        while edges[slot] > unit:
            slot -= 1
        width = edges[slot + 1] - edges[slot]
        seconds[row] = begins[slot] + (unit - edges[slot]) * lengths[slot] // width
    return seconds


def _telephone_slots(tables: Tables) -> list[tuple[int, int, float]]:
    """(begins, ends, share of the day's calls), in seconds from midnight; some lie outside opening hours."""
    prefix = "calendar.hour_share_telephone."
    slots = []
    for id_ in tables.ids("calendar"):
        if id_.startswith(prefix):
            begin, end = id_.removeprefix(prefix).split("-")
            slots.append((_clock(begin), _clock(end), tables.figure(id_).mode))
    return sorted(slots)


def _desk_slots(tables: Tables) -> list[tuple[int, int, float]]:
    """The same for those who come in person: evenly over the advisers' hours."""
    hours = adviser_hours(tables)
    total = sum(end - begin for begin, end in hours)
    return [(begin, end, (end - begin) / total) for begin, end in hours]


def _clock(text: str) -> int:
    """Seconds from midnight of an hour written "08h30"."""
    hour, minute = text.split("h")
    return int(hour) * SECONDS_PER_HOUR + int(minute) * SECONDS_PER_MINUTE


def _hour(tables: Tables, name: str) -> int:
    return round(tables.figure(f"calendar.{name}").mode * SECONDS_PER_HOUR)
