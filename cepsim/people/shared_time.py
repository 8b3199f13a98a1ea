"""The time of teams by the operator that pays it: several may share a team.

On duty, working late and outside direct service, each operator is there in proportion to its posts. What is
served is first given to the operator whose people they are, as far as its own time on duty goes; the rest
is lent by those who have time left, in proportion to it. So each operator pays its own posts and no other,
and what it lends shows as time that it works for another's people: who of two was busy, nothing says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from cepsim.people.demand import Floats
from cepsim.people.deployment import Deployment
from cepsim.people.segments import calendar_years
from cepsim.people.teams import operators_of
from cepsim.scenario.vocabulary import OPERATORS
from cepsim.tables.integers import share_out
from cepsim.trace import Ints

_COLUMNS: Final = ("team", "operator", "year", "duty_s", "used_s", "overtime_s", "idle_s")


@dataclass(frozen=True, slots=True, eq=False)
class SharedTime:
    """The hours of teams by operator.

    `hours`: columns team, operator, year, duty_s, used_s, overtime_s, idle_s (see `hours.team_hours`); the
    operators of a team sum to it, to the second. `lenders`: float64, shape (teams, years, operators,
    operators), how much of the time served for the people of the last operator is that of the one before;
    `posts`, shape (teams, years, operators), what each has there. Both are weights.
    """

    hours: pd.DataFrame
    lenders: Floats
    posts: Floats

    @classmethod
    def of(cls, deployment: Deployment, hours: pd.DataFrame, worked: pd.DataFrame) -> SharedTime:
        """Share out the hours of teams; `worked` is what `hours.worked_seconds` gives."""
        names = [operators_of(name) for name in deployment.teams["operator"]]
        years = calendar_years(deployment.horizon)[0]
        count = len(OPERATORS)
        lenders = np.tile(np.eye(count), (len(names), len(years), 1, 1))
        posts = np.zeros((len(names), len(years), count))
        for team, operators in enumerate(names):
            posts[team, :, [_place(name) for name in operators]] = 1.0
        shared = [team for team, operators in enumerate(names) if len(operators) > 1]
        apart = hours[~hours["team"].isin(shared)]
        known = np.array([operators[0] for operators in names], dtype=object)
        parts = [apart.assign(operator=known[apart["team"].to_numpy()])]
        served = _served(worked, shared, (len(names), len(years), count), years.start)
        for row in hours[hours["team"].isin(shared)].to_dict("records"):
            team, year = int(row["team"]), int(row["year"]) - years.start
            there = posts_of(deployment, team, int(row["year"]))
            duty, overtime = (share_out(int(row[name]), there) for name in ("duty_s", "overtime_s"))
            own, lent, lenders[team, year] = _lent(served[team, year], duty)
            posts[team, year] = there
            at = [_place(name) for name in names[team]]
            used, idle = own + lent + overtime, duty - own - lent
            parts.append(
                pd.DataFrame(
                    {
                        "team": row["team"],
                        "operator": names[team],
                        "year": row["year"],
                        "duty_s": duty[at],
                        "used_s": used[at],
                        "overtime_s": overtime[at],
                        "idle_s": idle[at],
                    }
                )
            )
        return cls(pd.concat(parts, ignore_index=True)[list(_COLUMNS)], lenders, posts)


def posts_of(deployment: Deployment, team: int, year: int) -> Floats:
    """The posts that each operator has in a team in a calendar year; equal ones where nobody has any.

    float64, in the order of the operators. What each pays of the team is in proportion to it.
    """
    staff = deployment.staff
    here = staff[(staff["team"] == team) & (staff["year"] == year)].groupby("operator")["etp"].sum()
    etp: Floats = np.maximum(here.reindex(list(OPERATORS), fill_value=0.0).to_numpy(dtype=np.float64), 0.0)
    if etp.sum() == 0:
        etp[[_place(name) for name in operators_of(str(deployment.teams["operator"].iloc[team]))]] = 1.0
    return etp


def _place(operator: str) -> int:
    return list(OPERATORS).index(operator)  # type: ignore[arg-type]


def _served(worked: pd.DataFrame, shared: list[int], shape: tuple[int, int, int], first: int) -> Ints:
    """Seconds worked on duty in shared teams, by team, year and operator of the people."""
    of = worked[worked["team"].isin(shared)]
    found = np.zeros(shape, dtype=np.int64)
    place = pd.Categorical(of["operator"], categories=list(OPERATORS)).codes
    at = (of["team"].to_numpy(), of["year"].to_numpy() - first, place)
    np.add.at(found, at, of["used_s"].to_numpy() - of["overtime_s"].to_numpy())
    return found


def _lent(asked: Ints, duty: Ints) -> tuple[Ints, Ints, Floats]:
    """Time that each operator serves for its own people, and for others', and who serves whose; see above."""
    own = np.minimum(asked, duty)
    spare, lacking = duty - own, asked - own
    total = int(lacking.sum())
    lent = share_out(total, spare.astype(np.float64)) if total else np.zeros_like(own)
    weights = np.diag(own.astype(np.float64)) + np.outer(lent, lacking / max(total, 1))
    nobody = weights.sum(axis=0) == 0
    weights[:, nobody] = np.eye(len(own))[:, nobody]
    return own, lent, weights
