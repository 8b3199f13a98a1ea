"""The posts that are sized: tenths of a post that a scenario adds to, or takes from, its own, year by year.

A scenario keeps its ramp and its changes. Each operator of a region has a number of tenths more, or fewer, in
each year from launch (or one for all years); they are `staff.changes` like any other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from cepsim.costing import index_of
from cepsim.people.deployment import Deployment
from cepsim.people.posts import PostBook
from cepsim.scenario import Scenario
from cepsim.scenario.vocabulary import Character, Operator
from cepsim.sizing.search import Box, Vector
from cepsim.tables import Tables
from cepsim.units import SECONDS_PER_DAY

#: Steps in a post.
STEPS: Final = 10
#: Load aimed at where the search begins.
_LOAD: Final = 0.9
#: Most posts that are tried: so many times what the load asks for, and a few more where that is little.
_MOST_TIMES: Final = 4.0
_MORE: Final = 3.0
#: Networks far larger than what they lend to CEP: what they give more is redeployed. Others hire.
_REDEPLOY: Final = ("pole_emploi", "missions_locales", "cap_emploi")


@dataclass(frozen=True, slots=True)
class Post:
    """Advisers of an operator in a region from the first of some years of the horizon to the last."""

    operator: Operator
    region: str
    first: int
    last: int

    @property
    def character(self) -> Character:
        """What these posts are: staff of a large network reassigned, or hired."""
        return "redeployed" if self.operator in _REDEPLOY else "new"


@dataclass(frozen=True, slots=True, eq=False)
class Sized:
    """The posts of a region that may change, and what each of them is without any change.

    `given` is the mean ETP of the scenario over the years of each post, `fewest` the fewest of any of its
    days, `needed` what its work asks for at the load aimed at; `price` is that of a post for a year, in
    euros.
    """

    posts: tuple[Post, ...]
    today: tuple[float, ...]
    given: tuple[float, ...]
    fewest: tuple[float, ...]
    needed: tuple[float, ...]
    price: tuple[float, ...]

    @classmethod
    def of(cls, where: Deployment, loads: pd.DataFrame, posts: Sequence[Post]) -> Sized:
        """Read a scenario's own posts; `loads` are its offered loads, as `people.loads` gives them."""
        book = PostBook(where.scenario, where.tables, where.population, where.horizon)
        hours = where.tables.figure("unit_costs.annual_working_hours.legal").mode
        direct = hours * where.tables.figure("unit_costs.direct_service_share.dedicated_cep_adviser").mode
        index = float(index_of(where.scenario, where.tables))
        rows = []
        for post in posts:
            own = book.advisers(post.operator, [post.region])
            begin, end = _days(where, post)
            paid = own.paid[begin - book.first_day : end - book.first_day]
            followed = own.paid[begin - book.first_day : end + _follow_up(where, post) - book.first_day]
            here = loads[
                (loads["operator"] == post.operator)
                & (loads["role"] == "advisers")
                & (loads["region"] == post.region)
                & loads["year"].between(post.first + 1, post.last + 1)
            ]
            asked = here.groupby("year")["hours_needed"].sum().max() if len(here) else 0.0
            price = where.tables.figure(f"unit_costs.full_cost_per_fte.{post.operator}").mode * index
            rows.append(
                (
                    float(own.existing[-book.first_day]),
                    float(paid.mean()),
                    float(followed.min()),
                    float(asked) / _LOAD / direct,
                    price,
                )
            )
        return cls(tuple(posts), *(tuple(column) for column in zip(*rows, strict=True)))

    @property
    def start(self) -> Vector:
        """Where the search begins: the load aimed at."""
        return tuple(
            math.ceil((needed - given) * STEPS) for needed, given in zip(self.needed, self.given, strict=True)
        )

    def box(self, held_from: int) -> Box:
        """What may be tried. Before the year in which norms hold nobody has fewer posts than the scenario."""
        low, high = [], []
        for post, given, fewest, needed in zip(self.posts, self.given, self.fewest, self.needed, strict=True):
            least = 0 if post.last < held_from else min(1 - math.floor(fewest * STEPS + 1e-6), 0)
            low.append(least)
            high.append(max(math.ceil((_MOST_TIMES * needed + _MORE - given) * STEPS), least, 0))
        cost = tuple(
            price / STEPS * (post.last - post.first + 1)
            for post, price in zip(self.posts, self.price, strict=True)
        )
        return Box(tuple(low), tuple(high), cost)


def posts_of(operators: Sequence[Operator], region: str, years: int, *, by_year: bool) -> list[Post]:
    """The posts of a region that are sized: one an operator and year, or one an operator."""
    spans = [(year, year) for year in range(years)] if by_year else [(0, years - 1)]
    return [Post(operator, region, first, last) for operator in operators for first, last in spans]


def begins(where: Deployment, post: Post) -> date:
    """The first day on which posts are there."""
    return where.horizon.anniversary(post.first)


def hire_by(where: Deployment, post: Post) -> date:
    """The day by which who comes on these posts is hired: as `people.staffing` has it.

    Those of launch day learn before it, where there is a learning period; staff reassigned is there at once.
    """
    days = 0.0
    if post.character == "new":
        days = where.tables.figure("unit_costs.recruitment_lead_time.all").mode
        if post.first == 0:
            days += where.tables.figure("unit_costs.learning_curve.new_adviser").mode
    return begins(where, post) - pd.Timedelta(days=round(days)).to_pytimedelta()


def staffed(
    scenario: Scenario,
    where: Deployment,
    extra: Mapping[Post, int],
    *,
    tables: Tables,
    reason: str,
    name: str | None = None,
    title: Mapping[str, str] | None = None,
) -> Scenario:
    """The scenario with so many tenths of a post more, from each first day on. `tables` are as shipped."""
    changes: list[dict[str, Any]] = [change.model_dump() for change in scenario.staff.changes]
    before: dict[tuple[str, str], int] = {}
    for post in sorted(extra, key=lambda one: (one.region, one.operator, one.first)):
        steps = extra[post]
        more = steps - before.get((post.operator, post.region), 0)
        before[post.operator, post.region] = steps
        if more:
            changes.append(
                {
                    "operator": post.operator,
                    "from_date": begins(where, post),
                    "etp": more / STEPS,
                    "regions": [post.region],
                    "character": post.character,
                    "reason": reason,
                }
            )
    overrides: dict[str, Any] = {"staff.changes": changes}
    if title is not None:
        overrides["title"] = dict(title)
    return scenario.derive(overrides, name=name or scenario.name, tables=tables)


def _days(where: Deployment, post: Post) -> tuple[int, int]:
    """First day of a post and the day after its last, from launch."""
    horizon = where.horizon
    return horizon.day(begins(where, post)), horizon.day(horizon.anniversary(post.last + 1))


def _follow_up(where: Deployment, post: Post) -> int:
    """Days after the horizon for which the last posts stay."""
    horizon = where.horizon
    is_last = post.last == horizon.years - 1
    return int(np.where(is_last, (horizon.observed - horizon.end) // SECONDS_PER_DAY, 0))
