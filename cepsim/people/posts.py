"""Posts (ETP) of each operator day by day: today's, redeployed and new ones, and who still learns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from cepsim.errors import ScenarioError
from cepsim.people.demand import Floats
from cepsim.people.horizon import DAYS_PER_YEAR, Horizon
from cepsim.people.territory import calendar_span
from cepsim.scenario import Scenario
from cepsim.scenario.shifts import shift_of
from cepsim.scenario.vocabulary import OPERATORS
from cepsim.tables import Population, Tables

#: Rounding of shares of posts: what is less than nothing by so little is nothing.
_ROUNDING_ETP = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Posts:
    """Posts paid, one value a day; float64, shape (days,). `existing` is what is given to CEP on day one."""

    existing: Floats
    redeployed: Floats
    new: Floats

    @property
    def paid(self) -> Floats:
        """All of them."""
        return self.existing + self.redeployed + self.new

    def times(self, part: float) -> Posts:
        """A part of them."""
        return Posts(self.existing * part, self.redeployed * part, self.new * part)

    @classmethod
    def together(cls, several: Sequence[Posts]) -> Posts:
        """The posts of several operators; those of one are what they are."""
        first, *others = several
        for more in others:
            first = cls(
                first.existing + more.existing, first.redeployed + more.redeployed, first.new + more.new
            )
        return first


def share_given(operator: str, scenario: Scenario, tables: Tables) -> float:
    """Share of an operator's advisers given to CEP on day one.

    The OPACIF, who finance as well, keep some for files where advisers do not put these together.
    """
    without = operator == "opacif" and scenario.service.engineering == "out"
    suffix = "_sans_ingenierie" if without else ""
    return tables.figure(f"demand.{operator}.capacity.cep_capacity_share{suffix}").mode


def lenders(scenario: Scenario, tables: Tables) -> tuple[str, ...]:
    """The operators that lend part of their advisers: these do something else for the rest of their time."""
    return tuple(name for name in OPERATORS if share_given(name, scenario, tables) < 1.0)


class PostBook:
    """The posts of a scenario, over the days of `calendar_span`; `first_day` counts from launch."""

    def __init__(self, scenario: Scenario, tables: Tables, population: Population, horizon: Horizon) -> None:
        self.scenario, self.tables, self.population, self.horizon = scenario, tables, population, horizon
        first, last = calendar_span(horizon)
        self.first_day, self.day_count = horizon.day(first), (last - first).days

    def advisers(self, operator: str, codes: Sequence[str]) -> Posts:
        """Advisers' posts given to CEP by an operator in these regions."""
        key = self._key(operator, codes)
        staff = self.tables.figure(f"operators.{operator}.advisers_fte").mode * key
        given = np.full(self.day_count, staff * share_given(operator, self.scenario, self.tables))
        redeployed, new = self.nothing(), self.nothing()
        if self.scenario.staff.ramp == "central":
            redeployed += self._ramp_of_shares(operator, staff)
            new += self._ramp_of_posts(operator) * key
        found = self._changed(operator, "advisers", codes, 1.0, Posts(given, redeployed, new))
        shift = shift_of(self.scenario.staff.shifts, operator)
        if shift is None or shift.posts != "added":
            return found
        added = found.paid * shift.share
        added[: -self.first_day] = 0.0
        return replace(found, new=found.new + added)

    def first_line(self, operator: str, codes: Sequence[str], channel: str) -> Posts:
        """First-line posts; where an operator has a team a channel, changes are shared as its posts are.

        From launch on, a part of those at its desks answers the telephone where that comes first.
        """
        prefix = f"operators.{operator}.first_line_fte"
        own = self.tables.figure(f"{prefix}_{channel}" if channel else prefix).mode
        given = np.full(self.day_count, own * self._key(operator, codes))
        if channel and self.scenario.service.remote_first:
            moved = self.tables.figure(f"demand.{operator}.capacity.first_line_moved_when_remote_first").mode
            moved *= self.tables.figure(f"{prefix}_face_to_face").mode * self._key(operator, codes)
            given[-self.first_day :] += moved if channel == "telephone" else -moved
        part = self.part_of_channel(operator, channel)
        return self._changed(
            operator, "first_line", codes, part, Posts(given, self.nothing(), self.nothing())
        )

    def channels(self, operator: str) -> tuple[str, ...]:
        """The channels for which an operator has a first-line team each; "" where it has one for all."""
        prefix = f"operators.{operator}.first_line_fte_"
        named = [i.removeprefix(prefix) for i in self.tables.ids("operators") if i.startswith(prefix)]
        return tuple(named) or ("",)

    def part_of_channel(self, operator: str, channel: str) -> float:
        """The part of an operator's first-line posts of the tables that are in a channel."""
        prefix = f"operators.{operator}.first_line_fte"
        own = self.tables.figure(f"{prefix}_{channel}" if channel else prefix).mode
        every = own
        if channel:
            every = sum(self.tables.figure(f"{prefix}_{name}").mode for name in self.channels(operator))
        return own / every if every > 0 else 0.0

    def position(self, when: date) -> int:
        """Position of a date in the daily arrays, 0 for one before their first."""
        return max(self.horizon.day(when) - self.first_day, 0)

    def arrivals(self, posts: Posts) -> Floats:
        """People who arrive each day on new posts, replacements of those who leave them included.

        Those of launch day arrive and learn before it: they are not here.
        """
        leaving = self.tables.figure("unit_costs.departure_rate.all").mode / DAYS_PER_YEAR
        arrived = np.maximum(np.diff(posts.new, prepend=0.0), 0.0)
        arrived[-self.first_day] = 0.0
        return arrived + leaving * np.maximum(posts.new, 0.0)

    def productive(self, posts: Posts) -> Floats:
        """The posts' worth of work each day: people hired give less for as long as they learn."""
        if not self.scenario.staff.productivity.learning:
            return posts.paid
        days = round(self.tables.figure("unit_costs.learning_curve.new_adviser").mode)
        lost = 1.0 - self.tables.figure("unit_costs.learning_productivity.new_adviser").mode
        arrived = np.cumsum(self.arrivals(posts))
        learning = arrived.copy()
        learning[days:] -= arrived[:-days]
        return posts.paid - lost * learning

    def nothing(self) -> Floats:
        """No post on any day."""
        return np.zeros(self.day_count)

    def _key(self, operator: str, codes: Sequence[str]) -> float:
        return float(self.population.keys.loc[list(codes), operator].sum())

    def _ramp_of_shares(self, operator: str, staff: float) -> Floats:
        """Posts above day one when the share given to CEP grows: a step on each anniversary."""
        posts = self.nothing()
        for year, share in enumerate(self._ramp(operator, "cep_capacity_share_year_")):
            start = self.horizon.day(self.horizon.anniversary(year)) - self.first_day
            posts[start:] = staff * (share - share_given(operator, self.scenario, self.tables))
        return posts

    def _ramp_of_posts(self, operator: str) -> Floats:
        """Posts added to day one in France, growing evenly from launch to each year's end."""
        added = [0.0, *self._ramp(operator, "advisers_fte_added_by_end_of_year_")]
        days = [self.horizon.day(self.horizon.anniversary(year)) for year in range(len(added))]
        return np.interp(np.arange(self.first_day, self.first_day + self.day_count), days, added)

    def _ramp(self, operator: str, parameter: str) -> Iterator[float]:
        """The figures of a central ramp, first year first; none where the operator has no such ramp."""
        year = 1
        while self.tables.has(id_ := f"demand.{operator}.ramp_central.{parameter}{year}"):
            yield self.tables.figure(id_).mode
            year += 1

    def _changed(self, operator: str, role: str, codes: Sequence[str], part: float, posts: Posts) -> Posts:
        """With the changes that the scenario states one by one, shared out by the operator's key.

        Raises ScenarioError where they take more posts than there are.
        """
        extra = {"redeployed": posts.redeployed.copy(), "new": posts.new.copy()}
        for change in self.scenario.staff.changes:
            if change.operator != operator or change.team != role:
                continue
            where = list(self.population.keys.index) if change.regions == "all" else list(change.regions)
            here = [code for code in codes if code in where]
            start = self.position(change.from_date)
            keys = self._key(operator, here) / self._key(operator, where)
            extra[change.character][start:] += change.etp * keys * part
        changed = Posts(posts.existing, extra["redeployed"], extra["new"])
        least = float(changed.paid.min())
        if least < -_ROUNDING_ETP:
            places = ", ".join(codes) if len(codes) == 1 else f"{len(codes)} regions"
            raise ScenarioError(
                file=f"{self.scenario.name}.toml",
                field=f"staff.changes: {operator}, {role}, {places}",
                found=f"{least:.2f} posts left",
                expected="changes that take no more posts than there are",
                remedy=f"There are {float(posts.paid.min()):.2f} before them.",
            )
        return changed
