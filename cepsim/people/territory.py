"""Open days, opening hours and the hours at which people ask, region by region.

Public holidays come from the `holidays` library, overseas territories and Alsace-Moselle included. A
region's clock is metropolitan time: local hours are shifted by its offset, the same all year.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import holidays
import numpy as np

from cepsim.network.calendar import Calendar, weekly_calendar
from cepsim.people.horizon import Horizon
from cepsim.tables import Region, Tables
from cepsim.trace import Ints
from cepsim.units import SECONDS_PER_DAY, SECONDS_PER_HOUR, SECONDS_PER_MINUTE

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
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Hours = list[tuple[int, int]]


@lru_cache(maxsize=256)
def public_holidays(territory: str, year: int) -> frozenset[date]:
    """Public holidays of a territory of `regions_names.csv` in a year."""
    return frozenset(holidays.country_holidays("FR", subdiv=_SUBDIVISIONS[territory], years=year))


def open_dates(region: Region, tables: Tables, first: date, last: date) -> list[date]:
    """Days on which services open in [first, last): from Monday, as many as the tables say, no holiday."""
    week = round(tables.figure("calendar.opening_days.all").mode)
    days = (first + timedelta(days=n) for n in range((last - first).days))
    return [
        day for day in days if day.weekday() < week and day not in public_holidays(region.holidays, day.year)
    ]


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
    """A team's openings from the January of the warm-up to the end of the year after the follow-up."""
    first, last = calendar_span(horizon)
    days = [horizon.day(day) for day in open_dates(region, tables, first, last)]
    shift = region.utc_offset_hours * SECONDS_PER_HOUR
    local = weekly_calendar(np.array(days, dtype=np.int64), hours)
    return Calendar(local.opens - shift, local.closes - shift)


def calendar_span(horizon: Horizon) -> tuple[date, date]:
    """First and last day of every calendar: whole years, so that yearly capacity is defined."""
    first = horizon.anniversary(-horizon.warm_up_years)
    last = horizon.anniversary(horizon.years + horizon.follow_up_years)
    return date(first.year, 1, 1), date(last.year + 1, 1, 1)


class Profile:
    """When people ask: season x weekday x hour, as a cumulated integer measure of each calendar year.

    Every calendar year holds `YEAR_UNITS`, so that the tables' yearly totals are met whatever the number
    of open days. Nobody asks on closed days.
    """

    def __init__(self, tables: Tables, region: Region, channel: str, season: list[float]) -> None:
        self._tables, self._region, self._season = tables, region, season
        slots = _telephone_slots(tables) if channel == "telephone" else _desk_slots(tables)
        self._begins = np.array([begin for begin, _, _ in slots], dtype=np.int64)
        self._lengths = np.array([end - begin for begin, end, _ in slots], dtype=np.int64)
        self._shares = np.array([share for _, _, share in slots])
        self._weekday = [
            tables.figure(f"calendar.weekday_index.{name}").mode
            if tables.has(f"calendar.weekday_index.{name}")
            else 1.0
            for name in _WEEKDAYS
        ]
        self._years: dict[int, tuple[Ints, Ints, Ints]] = {}

    def dates(self, units: Ints, epoch_year: int, horizon: Horizon) -> Ints:
        """Seconds from launch of positions in operational time, counted from the epoch's 1 January."""
        year = epoch_year + units // YEAR_UNITS
        seconds = np.empty(len(units), dtype=np.int64)
        for value in np.unique(year).tolist():
            begins, lengths, cumulated = self._year(value)
            here = year == value
            position = units[here] - (value - epoch_year) * YEAR_UNITS
            slot = np.searchsorted(cumulated, position, side="right") - 1
            width = cumulated[slot + 1] - cumulated[slot]
            within = (position - cumulated[slot]) * lengths[slot] // width
            seconds[here] = begins[slot] + within + horizon.second(date(value, 1, 1))
        return seconds - self._region.utc_offset_hours * SECONDS_PER_HOUR

    def _year(self, year: int) -> tuple[Ints, Ints, Ints]:
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


def _telephone_slots(tables: Tables) -> list[tuple[int, int, float]]:
    prefix = "calendar.hour_share_telephone."
    slots = []
    for id_ in tables.ids("calendar"):
        if id_.startswith(prefix):
            begin, end = id_.removeprefix(prefix).split("-")
            slots.append((_clock(begin), _clock(end), tables.figure(id_).mode))
    return sorted(slots)


def _desk_slots(tables: Tables) -> list[tuple[int, int, float]]:
    hours = adviser_hours(tables)
    total = sum(end - begin for begin, end in hours)
    return [(begin, end, (end - begin) / total) for begin, end in hours]


def _clock(text: str) -> int:
    hour, minute = text.split("h")
    return int(hour) * SECONDS_PER_HOUR + int(minute or 0) * SECONDS_PER_MINUTE


def _hour(tables: Tables, name: str) -> int:
    return round(tables.figure(f"calendar.{name}").mode * SECONDS_PER_HOUR)
