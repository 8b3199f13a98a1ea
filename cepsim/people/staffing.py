"""Who works: the teams of a scenario, and the advisers on duty that their posts give.

Direct seconds a year = ETP x annual hours x direct share. Spread over the year's opening seconds they
give c(d), the mean advisers on duty on day d, and `floor(c(d) + u(d))` of them are there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd

from cepsim.draws import DRAW_RANGE, stream_key, uniform
from cepsim.network.calendar import Calendar, on_duty
from cepsim.people.demand import Floats
from cepsim.people.deployment import NATIONAL
from cepsim.people.horizon import Horizon
from cepsim.people.posts import PostBook, Posts
from cepsim.people.segments import calendar_years
from cepsim.people.shifts import ShiftStaff, part_of_hours, shift_at, shift_calendar
from cepsim.people.spells import Spells, spells
from cepsim.people.teams import (
    PLATFORM_OPERATOR,
    TeamKind,
    adviser_share,
    adviser_teams,
    desk_task,
    first_line_share,
    named,
    telephone_operators,
)
from cepsim.people.territory import (
    ORDINARY_HOLIDAYS,
    Hours,
    adviser_hours,
    calendar_span,
    region_calendar,
    telephone_hours,
)
from cepsim.scenario import Scenario
from cepsim.scenario.vocabulary import OPERATORS
from cepsim.tables import Population, Region, Tables
from cepsim.trace import Ints
from cepsim.units import SECONDS_PER_DAY, SECONDS_PER_HOUR

_DIRECT_SHARE = {"advisers": "dedicated_cep_adviser", "first_line": "first_line_agent"}


@dataclass(frozen=True, slots=True, eq=False)
class TeamStaff:
    """A team, its posts and its capacity day by day.

    Arrays have one value a day from `first_day` (days from launch). `capacity` is c(d), the mean number of
    people on duty over full opening hours, 0 on closed days. `calendar` is shorter on the days on which a
    first line has less than one person; that of an operator that stops goes on as if it did not, with nobody
    on duty. `undisturbed` is the capacity as if no operator stopped. `by_operator` are the posts that each
    operator pays, `arrivals` the people who come on its new ones. For a sample of one person in `sample`, so
    many times fewer are on duty; all else is that of the whole. With a `shift`, `calendar` and `capacity`
    are those of its days.
    """

    kind: TeamKind
    region: str
    calendar: Calendar
    first_day: int
    by_operator: Mapping[str, Posts]
    arrivals: Mapping[str, Floats]
    capacity: Floats
    undisturbed: Floats
    sample: int = 1
    shift: ShiftStaff | None = None

    @property
    def operator(self) -> str:
        """Its operator, or those whose people it joins."""
        return named(self.kind.operators)

    @property
    def role(self) -> str:
        """What its people are: "advisers" or "first_line"."""
        return self.kind.role

    @property
    def posts(self) -> Posts:
        """The posts of all its operators."""
        return Posts.together(list(self.by_operator.values()))

    @property
    def name(self) -> str:
        """Name in the network."""
        return ".".join(part for part in (self.operator, self.role, self.kind.task, self.region) if part)

    @property
    def openings(self) -> Calendar:
        """All its openings, those of a shift included."""
        return Calendar.together([self.calendar, self.shift.calendar]) if self.shift else self.calendar

    def duty(self) -> list[tuple[int, int]]:
        """(second, people on duty) from 00:00 of each open day; with a shift, from each opening.

        A first line keeps one person for as long as it is open.
        """
        days = np.unique(self.calendar.days)
        capacity = self.capacity[days - self.first_day] / self.sample
        people = on_duty(capacity, _own_shift(self.name))
        if self.role == "first_line":
            people = np.where(capacity < 1.0, capacity > 0.0, people).astype(np.int64)
        if self.shift is None:
            return list(zip((days * SECONDS_PER_DAY).tolist(), people.tolist(), strict=True))
        by_day = people[np.searchsorted(days, self.calendar.days)]
        seconds = np.concatenate([self.calendar.opens, self.shift.calendar.opens])
        numbers = np.concatenate([by_day, self._on_shift(self.shift)])
        order = np.argsort(seconds)
        return list(zip(seconds[order].tolist(), numbers[order].tolist(), strict=True))

    def duty_seconds(self, bounds: Ints) -> Ints:
        """Seconds on duty between consecutive bounds, animators of sessions included; int64, shape (n,)."""
        seconds, people = (np.array(column, dtype=np.int64) for column in zip(*self.duty(), strict=True))
        openings = self.openings
        return _between(bounds, openings, people[np.searchsorted(seconds, openings.opens, side="right") - 1])

    def shift_seconds(self, bounds: Ints) -> Ints:
        """The part of them in the evening and on Saturday."""
        if self.shift is None:
            return np.zeros(len(bounds) - 1, dtype=np.int64)
        return _between(bounds, self.shift.calendar, self._on_shift(self.shift))

    def _on_shift(self, shift: ShiftStaff) -> Ints:
        """People on duty at each opening of the shift, drawn as those of the day are."""
        capacity = shift.capacity[shift.calendar.days - self.first_day] / self.sample
        return on_duty(capacity, _own_shift(f"{self.name}.shift"))


def _own_shift(name: str) -> float:
    """What sets the days on which a team has one more, in [0, 1)."""
    return int(uniform(stream_key("duty", name), 1)[0]) / DRAW_RANGE


def _between(bounds: Ints, openings: Calendar, people: Ints) -> Ints:
    """Seconds on duty of these openings, each counted where it begins between two bounds."""
    worked = (openings.closes - openings.opens) * people
    found = np.zeros(len(bounds) - 1, dtype=np.int64)
    period = np.searchsorted(bounds, openings.opens, side="right") - 1
    inside = (period >= 0) & (period < len(found))
    np.add.at(found, period[inside], worked[inside])
    return found


class Staffing:
    """Builds every team of a scenario in the regions of a run."""

    def __init__(
        self,
        scenario: Scenario,
        tables: Tables,
        population: Population,
        regions: tuple[Region, ...],
        horizon: Horizon,
        sample: int = 1,
    ) -> None:
        self.sample = sample
        self.scenario, self.tables, self.regions, self.horizon = scenario, tables, regions, horizon
        self.book = PostBook(scenario, tables, population, horizon)

    def teams(self) -> list[TeamStaff]:
        """Advisers and first line of each region, and the telephone platforms.

        One platform answers for metropolitan France, with the part of its staff that these regions hold, on
        the ordinary holidays; each overseas region has its own, as has every one of a regional platform.
        """
        built = []
        advisers = adviser_teams(self.scenario)
        for operator in OPERATORS:
            desk = TeamKind((operator,), "first_line", desk_task(self.scenario, operator))
            for region in self.regions:
                here = [kind for kind in advisers if kind.operators[0] == operator]
                built += [self._team(kind, region, region.code, [region]) for kind in (*here, desk)]
        platform = TeamKind(telephone_operators(self.scenario), "first_line", "telephone")
        joined = self.scenario.staff.shared_platform != "regional"
        mainland = [region for region in self.regions if joined and region.zone == "metropole"]
        if mainland:
            place = replace(mainland[0], holidays=ORDINARY_HOLIDAYS)
            built.append(self._team(platform, place, NATIONAL, mainland))
        apart = [region for region in self.regions if region not in mainland]
        return built + [self._team(platform, region, region.code, [region]) for region in apart]

    def frame(self, teams: list[TeamStaff]) -> pd.DataFrame:
        """Mean posts, hires and arrivals by (team, operator, year, character), from the year before on.

        Somebody who arrives on a new post, or replaces who leaves one, is hired the recruitment's lead time
        before. New posts of launch day arrive in the year before, and are paid for the learning period.
        Hires earlier than the year before launch count in it.
        """
        learning = round(self.tables.figure("unit_costs.learning_curve.new_adviser").mode)
        lead = round(self.tables.figure("unit_costs.recruitment_lead_time.all").mode)
        launch = -self.book.first_day
        last = launch + self.horizon.end // SECONDS_PER_DAY
        rows = []
        for number, operator, posts, coming in (
            (number, operator, posts, team.arrivals[operator])
            for number, team in enumerate(teams)
            for operator, posts in team.by_operator.items()
        ):
            arrivals = coming.copy()
            arrivals[:launch] = 0.0
            at_launch = max(float(posts.new[launch]), 0.0)
            for year, begin, end in self._calendar_years():
                here = slice(max(begin, launch), max(min(end, last), launch))
                before = year < self.horizon.launch.year
                hiring = slice(0 if before else begin + lead, min(end, last) + lead)
                for character in ("existing", "redeployed", "new"):
                    etp, hires, arrived = float(getattr(posts, character)[here].sum()), 0.0, 0.0
                    if character == "new":
                        hires, arrived = float(arrivals[hiring].sum()), float(arrivals[here].sum())
                        if before:
                            etp, hires, arrived = at_launch * learning, hires + at_launch, at_launch
                    if etp != 0.0 or hires != 0.0:
                        rows.append((number, operator, year, character, etp / (end - begin), hires, arrived))
        columns = ["team", "operator", "year", "character", "etp", "hires", "arrivals"]
        return pd.DataFrame(rows, columns=columns)

    def _team(self, kind: TeamKind, place: Region, region: str, of: Sequence[Region]) -> TeamStaff:
        """A team with its posts of some regions; `place` gives its holidays and clock, `region` its name."""
        first_line = kind.role == "first_line"
        hours: Hours = telephone_hours(self.tables) if first_line else adviser_hours(self.tables)
        calendar = region_calendar(place, self.tables, self.horizon, hours)
        codes, first = [one.code for one in of], self.book.first_day
        found = {name: self._spells(kind, name, codes) for name in kind.operators}
        nobody = self.book.nothing()
        productive = sum((s.productive for s in found.values()), nobody)
        shift, moved = self._shift(kind, place, productive)
        capacity = self._capacity(kind.role, calendar, productive - moved)
        undisturbed = self._capacity(
            kind.role, calendar, sum((s.undisturbed for s in found.values()), nobody)
        )
        if first_line:
            calendar = _shortened(calendar, np.maximum(capacity, undisturbed)[calendar.days - first])
        posts: dict[str, Posts] = {name: several.posts for name, several in found.items()}
        arrivals: dict[str, Floats] = {name: several.arrivals for name, several in found.items()}
        return TeamStaff(
            kind, region, calendar, first, posts, arrivals, capacity, undisturbed, self.sample, shift
        )

    def _shift(self, kind: TeamKind, place: Region, productive: Floats) -> tuple[ShiftStaff | None, Floats]:
        """The shift of a team, if it has one, and the posts' worth of work that it takes each day."""
        moved, of = self.book.nothing(), shift_at(self.scenario, kind.operators, kind.role)
        if of is None:
            return None, moved
        launch = -self.book.first_day
        moved[launch:] = productive[launch:] * part_of_hours(of)
        calendar = shift_calendar(of, place, self.tables, self.horizon)
        capacity = self._capacity(kind.role, calendar, moved)
        return ShiftStaff(calendar.since(0), capacity, of.reserved), moved

    def _spells(self, kind: TeamKind, operator: str, codes: Sequence[str]) -> Spells:
        """What an operator gives to a team."""
        if kind.role == "advisers":
            share = adviser_share(self.scenario, self.tables, operator, kind.task)
            return spells(self.book, operator, kind.role, "", codes, share)
        channel = kind.task if operator == PLATFORM_OPERATOR else ""
        share = first_line_share(self.scenario, self.tables, operator, kind.task)
        return spells(self.book, operator, kind.role, channel, codes, share)

    def _capacity(self, role: str, calendar: Calendar, productive: Floats) -> Floats:
        """c(d): direct seconds a year of the day's posts, over the opening seconds of its calendar year."""
        hours = self.tables.figure("unit_costs.annual_working_hours.legal").mode
        share = self.tables.figure(f"unit_costs.direct_service_share.{_DIRECT_SHARE[role]}").mode
        direct = productive * hours * share * SECONDS_PER_HOUR
        open_seconds = np.zeros(self.book.day_count)
        np.add.at(open_seconds, calendar.days - self.book.first_day, calendar.closes - calendar.opens)
        first, last = calendar_span(self.horizon)
        starts = [self.horizon.day(date(y, 1, 1)) for y in range(first.year, last.year + 1)]
        in_year = np.zeros(self.book.day_count)
        for begin, end in pairwise(start - self.book.first_day for start in starts):
            in_year[begin:end] = open_seconds[begin:end].sum()
        return np.where(open_seconds > 0, direct / in_year, 0.0)

    def _calendar_years(self) -> list[tuple[int, int, int]]:
        """(year, first, last) positions in the daily arrays, from the year before launch to the end."""
        counted = calendar_years(self.horizon)[0]
        years = range(counted.start - 1, counted.stop)
        starts = [self.horizon.day(date(y, 1, 1)) - self.book.first_day for y in (*years, years.stop)]
        return [(year, begin, end) for year, (begin, end) in zip(years, pairwise(starts), strict=True)]


def _shortened(calendar: Calendar, capacity: Floats) -> Calendar:
    """A first line of less than one person opens for that part of each opening, an hour at least."""
    lengths = calendar.closes - calendar.opens
    part = np.maximum(np.round(lengths * capacity), SECONDS_PER_HOUR).astype(np.int64)
    closes = np.where(capacity < 1.0, calendar.opens + np.minimum(part, lengths), calendar.closes)
    return Calendar(calendar.opens, closes)
