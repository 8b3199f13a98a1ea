"""Evenings and Saturdays as a shift: when it is, whom it receives, which part of the posts is on duty then.

A shift is hours of the operator's team of advisers, with a number on duty of their own. People admitted who
are bound by their work (`Crowd.bound`) and are given no working time wait in sub-queues open then alone:

    class = (bound at the accueil + 2 x bound after it) x ordinary classes + ordinary class
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from cepsim.errors import TableError
from cepsim.network import Calendar
from cepsim.people.crowd import Crowd
from cepsim.people.demand import Floats
from cepsim.people.horizon import Horizon
from cepsim.people.territory import Hours, calendar_span, open_dates, openings, saturdays
from cepsim.scenario import Scenario
from cepsim.scenario.shifts import Shift, shift_of
from cepsim.scenario.vocabulary import EVENINGS, IN_WORK, Public
from cepsim.tables import Region, Tables
from cepsim.trace import Ints
from cepsim.units import SECONDS_PER_HOUR

#: Who has an employer, and hours of his.
EMPLOYEES: Final[tuple[Public, ...]] = tuple(public for public in IN_WORK if public != "independants")
#: Stages at which people are received: the one that the first flag is about, and those of the second.
_AFTER: Final = ("conseil", "formalisation")
#: Whether somebody is bound at the accueil, and after it, in the order of the classes.
_BOUND: Final = ((False, False), (True, False), (False, True), (True, True))


def class_count(scenario: Scenario) -> int:
    """How many times the ordinary service classes there are: once where no shift tells people apart."""
    return len(_BOUND) if scenario.staff.shifts else 1


def bound_class(crowd: Crowd, scenario: Scenario) -> Ints:
    """Position among those of each person; shape (people,)."""
    if not scenario.staff.shifts:
        return np.zeros(len(crowd), dtype=np.int64)
    bound = crowd.bound
    return bound * (1 - crowd.time_accueil) + 2 * bound * (1 - crowd.time_conseil)


def share_bound(tables: Tables, public: Public) -> float:
    """Share of a public whose work leaves no time by day."""
    name = "publics.attribute.salaries.free_outside_working_time_only"
    return tables.figure(name).mode if public in EMPLOYEES else 0.0


def availability(
    station: str, day: Calendar, evening: Calendar, *, reserved: bool, each: int
) -> list[Calendar | None] | None:
    """Hours of each service class at a station, `each` ordinary ones after another; None: those of the team.

    `day` and `evening` are the hours of its team by day and in its shift.
    """
    if station not in ("accueil", *_AFTER):
        return None
    others = day if reserved else None
    return [
        evening if (after if station in _AFTER else first) else others
        for first, after in _BOUND
        for _ in range(each)
    ]


@dataclass(frozen=True, slots=True, eq=False)
class ShiftStaff:
    """The shift of a team: its openings from launch on, and c(d) as in `TeamStaff`, 0 on other days."""

    calendar: Calendar
    capacity: Floats
    reserved: bool


def shift_at(scenario: Scenario, operators: tuple[str, ...], role: str) -> Shift | None:
    """The shift of a team; None where it has none. Only advisers have one, and no pool does."""
    return shift_of(scenario.staff.shifts, operators[0]) if role == "advisers" else None


def part_of_hours(shift: Shift) -> float:
    """The part of all the hours of the posts that are the shift's."""
    return shift.share if shift.posts == "moved" else shift.share / (1.0 + shift.share)


def shift_calendar(shift: Shift, region: Region, tables: Tables, horizon: Horizon) -> Calendar:
    """Its openings over the years of `calendar_span`, on the metropolitan clock.

    Raises TableError where they would be those of the day.
    """
    days = open_dates(region, tables, *calendar_span(horizon))
    found = []
    if shift.evenings:
        named = [EVENINGS.index(evening) for evening in shift.evenings]
        hours = _hours(tables, "evening", after="opening_afternoon_end")
        found.append(openings(region, horizon, [day for day in days if day.weekday() in named], hours))
    if shift.saturdays:
        hours = _hours(tables, "saturday")
        found.append(openings(region, horizon, saturdays(region, tables, horizon), hours))
    return Calendar.together(found)


def _hours(tables: Tables, when: str, after: str = "") -> Hours:
    """(opens, closes) of a shift. Raises TableError where it closes before it opens, or opens too early."""
    begin, end = (tables.figure(f"calendar.opening_{when}_{edge}.advisers").mode for edge in ("start", "end"))
    if after and begin <= (least := tables.figure(f"calendar.{after}.advisers").mode):
        raise TableError(
            file="calendar.csv",
            field=f"opening_{when}_start: advisers",
            found=begin,
            expected=f"more than {least:g}, when the day ends",
        )
    if end <= begin:
        raise TableError(
            file="calendar.csv",
            field=f"opening_{when}_end: advisers",
            found=end,
            expected=f"more than {begin:g}, when it opens",
        )
    return [(round(begin * SECONDS_PER_HOUR), round(end * SECONDS_PER_HOUR))]
