"""Who works: full-time equivalents by team over time, and the advisers on duty that they give.

Direct seconds a year = ETP x annual hours x direct share. Spread over the year's opening seconds they
give c(d), the mean advisers on duty on day d, and `floor(c(d) + u(d))` of them are there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd

from cepsim.draws import DRAW_RANGE, stream_key, uniform
from cepsim.network.calendar import Calendar, on_duty
from cepsim.people.demand import Floats
from cepsim.people.horizon import Horizon
from cepsim.people.territory import (
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

NATIONAL = "national"
_ROLE_SHARE = {"advisers": "dedicated_cep_adviser", "first_line": "first_line_agent"}


@dataclass(frozen=True, slots=True, eq=False)
class TeamStaff:
    """A team and its posts day by day.

    Arrays have one value a day from `first_day` (days from launch): `existing`, `redeployed` and `new`
    posts paid, and `productive`, the posts' worth of work once learning is taken off. A `part_time` team has
    one person on duty on every open day, for the hours of its calendar.
    """

    operator: str
    role: str
    region: str
    channel: str
    calendar: Calendar
    first_day: int
    existing: Floats
    redeployed: Floats
    new: Floats
    productive: Floats
    part_time: bool = False

    @property
    def name(self) -> str:
        """Name in the network."""
        return ".".join(part for part in (self.operator, self.role, self.channel, self.region) if part)

    @property
    def paid(self) -> Floats:
        """Posts paid, day by day."""
        return self.existing + self.redeployed + self.new


class Staffing:
    """Builds every team of a scenario in the regions of a run."""

    def __init__(
        self,
        scenario: Scenario,
        tables: Tables,
        population: Population,
        regions: tuple[Region, ...],
        horizon: Horizon,
    ) -> None:
        self.scenario, self.tables, self.population = scenario, tables, population
        self.regions, self.horizon = regions, horizon
        first, last = calendar_span(horizon)
        self.first_day, self.last_day = horizon.day(first), horizon.day(last)

    def teams(self) -> list[TeamStaff]:
        """Advisers and first line of each operator and region, and the national telephone platform."""
        built = []
        for operator in OPERATORS:
            for region in self.regions:
                built.append(self._advisers(operator, region))
                if operator == "pole_emploi":
                    built.append(self._first_line(operator, [region], "face_to_face"))
                else:
                    built.append(self._first_line(operator, [region], ""))
        mainland = [region for region in self.regions if region.zone == "metropole"]
        # one platform answers for metropolitan France, with the part of its staff that these regions hold
        if mainland:
            built.append(self._first_line("pole_emploi", mainland, "telephone", NATIONAL))
        for region in self.regions:
            if region.zone != "metropole":
                built.append(self._first_line("pole_emploi", [region], "telephone"))
        return built

    # -- posts -----------------------------------------------------------------------------------

    def _key(self, operator: str, regions: list[Region]) -> float:
        codes = [region.code for region in regions]
        return float(self.population.keys.loc[codes, operator].sum())

    def _capacity_share(self, operator: str, year: int | None = None) -> float:
        """Share of an operator's advisers given to CEP: on day one, or by the ramp in a year from 1."""
        if year is not None:
            name = f"demand.{operator}.ramp_central.cep_capacity_share_year_{year}"
            if self.tables.has(name):
                return self.tables.figure(name).mode
        suffix = ""
        if operator == "opacif" and self.scenario.service.engineering == "out":
            suffix = "_sans_ingenierie"
        return self.tables.figure(f"demand.{operator}.capacity.cep_capacity_share{suffix}").mode

    def _advisers(self, operator: str, region: Region) -> TeamStaff:
        key = self._key(operator, [region])
        staff = self.tables.figure(f"operators.{operator}.advisers_fte").mode * key
        days = self.last_day - self.first_day
        existing = np.full(days, staff * self._capacity_share(operator))
        redeployed, new = np.zeros(days), np.zeros(days)
        if self.scenario.staff.ramp == "central":
            redeployed += self._ramp_of_shares(operator, staff)
            new += self._ramp_of_posts(operator) * key
        changed = self._changes(operator, "advisers", [region])
        return self._team(
            operator,
            "advisers",
            region.code,
            "",
            region_calendar(region, self.tables, self.horizon, adviser_hours(self.tables)),
            existing,
            redeployed + changed["redeployed"],
            new + changed["new"],
        )

    def _ramp_of_shares(self, operator: str, staff: float) -> Floats:
        """Posts above day one when the share given to CEP grows: a step at each anniversary."""
        posts = np.zeros(self.last_day - self.first_day)
        if not self.tables.has(f"demand.{operator}.ramp_central.cep_capacity_share_year_1"):
            return posts
        base = self._capacity_share(operator)
        for year in range(1, self.horizon.years + self.horizon.follow_up_years + 2):
            step = min(year, _last_year(self.tables, operator, "cep_capacity_share_year_"))
            start = self.horizon.day(self.horizon.anniversary(year - 1)) - self.first_day
            posts[max(start, 0) :] = staff * (self._capacity_share(operator, step) - base)
        return posts

    def _ramp_of_posts(self, operator: str) -> Floats:
        """Posts added to day one in France, growing evenly towards each year's end."""
        prefix = "advisers_fte_added_by_end_of_year_"
        if not self.tables.has(f"demand.{operator}.ramp_central.{prefix}1"):
            return np.zeros(self.last_day - self.first_day)
        last = _last_year(self.tables, operator, prefix)
        days = [self.horizon.day(self.horizon.anniversary(year)) for year in range(last + 1)]
        posts = [0.0] + [
            self.tables.figure(f"demand.{operator}.ramp_central.{prefix}{year}").mode
            for year in range(1, last + 1)
        ]
        return np.interp(np.arange(self.first_day, self.last_day), days, posts)

    def _changes(self, operator: str, role: str, regions: list[Region]) -> dict[str, Floats]:
        """Posts stated one by one by the scenario, shared out by the operator's key."""
        posts = {name: np.zeros(self.last_day - self.first_day) for name in ("redeployed", "new")}
        for change in self.scenario.staff.changes:
            if change.operator != operator or change.team != role:
                continue
            codes = list(self.population.keys.index) if change.regions == "all" else list(change.regions)
            here = [region.code for region in regions if region.code in codes]
            keys = self.population.keys[operator]
            part = float(keys.loc[here].sum() / keys.loc[codes].sum())
            start = self.horizon.day(change.from_date) - self.first_day
            posts[change.character][max(start, 0) :] += change.etp * part
        return posts

    def _first_line(
        self, operator: str, regions: list[Region], channel: str, name: str | None = None
    ) -> TeamStaff:
        figure = f"operators.{operator}.first_line_fte" + (f"_{channel}" if channel else "")
        existing = np.full(
            self.last_day - self.first_day,
            self.tables.figure(figure).mode * self._key(operator, regions),
        )
        changed = self._changes(operator, "first_line", regions)
        if channel == "face_to_face":
            changed = {name_: np.zeros_like(existing) for name_ in changed}
        hours = telephone_hours(self.tables)
        calendar = region_calendar(regions[0], self.tables, self.horizon, hours)
        return self._team(
            operator,
            "first_line",
            name or regions[0].code,
            channel,
            calendar,
            existing,
            changed["redeployed"],
            changed["new"],
        )

    def _team(
        self,
        operator: str,
        role: str,
        region: str,
        channel: str,
        calendar: Calendar,
        existing: Floats,
        redeployed: Floats,
        new: Floats,
    ) -> TeamStaff:
        lacking = existing + redeployed + new
        if (lacking < 0).any():
            # a change may take more than there is: the posts stop at none
            new = np.maximum(new, -existing - redeployed)
        productive = existing + redeployed + new - self._learning(new)
        team = TeamStaff(
            operator, role, region, channel, calendar, self.first_day, existing, redeployed, new, productive
        )
        if role == "first_line":
            return _part_time(team, self.capacity(team))
        return team

    def _learning(self, new: Floats) -> Floats:
        """Posts' worth of work lost while people hired learn; those of launch day learn the year before."""
        if not self.scenario.staff.productivity.learning:
            return np.zeros_like(new)
        days = round(self.tables.figure("unit_costs.learning_curve.new_adviser").mode)
        lost = 1.0 - self.tables.figure("unit_costs.learning_productivity.new_adviser").mode
        hired = np.maximum(np.diff(new, prepend=0.0), 0.0)
        hired[max(0, -self.first_day)] = 0.0
        recent = np.cumsum(hired)
        recent[days:] -= np.cumsum(hired)[:-days]
        return recent * lost

    # -- duty ------------------------------------------------------------------------------------

    def capacity(self, team: TeamStaff) -> Floats:
        """c(d): mean people on duty on each day of the team's array, zero on closed days."""
        hours = self.tables.figure("unit_costs.annual_working_hours.legal").mode
        share = self.tables.figure(f"unit_costs.direct_service_share.{_ROLE_SHARE[team.role]}").mode
        direct = team.productive * hours * share * SECONDS_PER_HOUR
        open_seconds = np.zeros(len(direct))
        np.add.at(
            open_seconds, team.calendar.days - team.first_day, team.calendar.closes - team.calendar.opens
        )
        result = np.zeros(len(direct))
        for begin, end in self._years():
            result[begin:end] = direct[begin:end] / open_seconds[begin:end].sum()
        return np.where(open_seconds > 0, result, 0.0)

    def _years(self) -> list[tuple[int, int]]:
        first, last = calendar_span(self.horizon)
        starts = [self.horizon.day(date(y, 1, 1)) - self.first_day for y in range(first.year, last.year + 1)]
        return list(pairwise(starts))

    def duty(self, team: TeamStaff) -> list[tuple[int, int]]:
        """(second, people on duty) from 00:00 of each open day."""
        days = np.unique(team.calendar.days)
        capacity = self.capacity(team)[days - team.first_day]
        if team.part_time:
            advisers = (capacity > 0.0).astype(np.int64)
        else:
            shift = int(uniform(stream_key("duty", team.name), 1)[0]) / DRAW_RANGE
            advisers = on_duty(capacity, shift)
        return list(zip((days * SECONDS_PER_DAY).tolist(), advisers.tolist(), strict=True))

    def _calendar_years(self) -> list[tuple[int, int, int]]:
        """(year, first, last) positions in the daily arrays, from the year before launch to the end."""
        launch, last = self.horizon.launch.year, self.horizon.anniversary(self.horizon.years)
        years = range(launch - 1, last.year + (last > date(last.year, 1, 1)))
        starts = [self.horizon.day(date(year, 1, 1)) - self.first_day for year in (*years, years.stop)]
        return [(year, begin, end) for year, (begin, end) in zip(years, pairwise(starts), strict=True)]

    def frame(self, teams: list[TeamStaff]) -> pd.DataFrame:
        """Mean posts and hires by (team, year, character), the year before launch included.

        New posts of launch day are paid and hired in the year before, for the learning period. Hires
        replace those of the new posts who leave.
        """
        leaving = self.tables.figure("unit_costs.departure_rate.all").mode
        learning = round(self.tables.figure("unit_costs.learning_curve.new_adviser").mode)
        launch = -self.first_day
        counted = slice(launch, self.horizon.end // SECONDS_PER_DAY - self.first_day)
        rows = []
        for number, team in enumerate(teams):
            at_launch = max(float(team.new[launch]), 0.0)
            rises = np.maximum(np.diff(team.new, prepend=0.0), 0.0)
            rises[: launch + 1] = 0.0
            for year, begin, end in self._calendar_years():
                here = slice(max(begin, counted.start), max(min(end, counted.stop), counted.start))
                for character in ("existing", "redeployed", "new"):
                    etp = float(getattr(team, character)[here].sum()) / (end - begin)
                    hires = 0.0
                    if character == "new":
                        hires = float(rises[here].sum()) + leaving * max(etp, 0.0)
                        if year == self.horizon.launch.year - 1:
                            etp += at_launch * learning / (end - begin)
                            hires += at_launch
                    if etp != 0.0 or hires != 0.0:
                        rows.append((number, year, character, etp, hires))
        return pd.DataFrame(rows, columns=["team", "year", "character", "etp", "hires"])


def _last_year(tables: Tables, operator: str, prefix: str) -> int:
    year = 1
    while tables.has(f"demand.{operator}.ramp_central.{prefix}{year + 1}"):
        year += 1
    return year


def _part_time(team: TeamStaff, capacity: Floats) -> TeamStaff:
    """A first line of less than one person opens for that part of the day, an hour at least."""
    open_days = capacity[capacity > 0.0]
    if len(open_days) == 0 or (open_days >= 1.0).any():
        return team
    opens, closes = team.calendar.opens, team.calendar.closes
    part = np.asarray(capacity[team.calendar.days - team.first_day])
    length = np.maximum(np.round((closes - opens) * part), SECONDS_PER_HOUR)
    shorter: Ints = np.minimum(opens + length.astype(np.int64), closes)
    return replace(team, calendar=Calendar(opens, shorter), part_time=True)
