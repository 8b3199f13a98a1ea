"""Hours of teams and of the people they served, as tables that add up."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cepsim.indicators.tally import tally
from cepsim.people.crowd import Crowd
from cepsim.people.deployment import Deployment
from cepsim.people.hours import NATIONAL, UNALLOCATED, team_hours
from cepsim.people.segments import calendar_years
from cepsim.people.shared_time import SharedTime
from cepsim.scenario.vocabulary import OPERATORS, PUBLICS, STAGES, TEAMS
from cepsim.trace import Ints, Trace


def count_hours(
    deployment: Deployment, crowd: Crowd, trace: Trace, worked: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Seconds by team and year, and seconds worked by what they were worked for.

    `worked` is what `worked_seconds` gave. The first has columns region, operator, role, team, year; duty_s,
    used_s, overtime_s, idle_s. The second year, region, operator, stage, public, admitted; used_s,
    overtime_s: `used_s` is all that is worked, `overtime_s` the part of it off duty, so that
    duty + overtime = used + idle. Of a team of several operators each has the hours that it pays. Raises
    ValueError where that does not hold to the second, or where the two tables differ.
    """
    teams = SharedTime.of(deployment, team_hours(deployment, trace, worked), worked).hours
    difference = teams["duty_s"] + teams["overtime_s"] - teams["used_s"] - teams["idle_s"]
    if (difference != 0).any():
        raise ValueError("duty + overtime and used + idle differ")
    of, years = deployment.teams, calendar_years(deployment.horizon)[0]
    team = teams["team"].to_numpy()
    names = deployment.network.team_names
    regions = [*deployment.regions, NATIONAL]
    by_team = tally(
        {
            "region": (_codes(of["region"], regions)[team], regions),
            "operator": (_codes(teams["operator"], OPERATORS), OPERATORS),
            "role": (_codes(of["role"], TEAMS)[team], TEAMS),
            "team": (team, names),
            "year": (teams["year"].to_numpy() - years.start, years),
        },
        {name: teams[name].to_numpy() for name in ("duty_s", "used_s", "overtime_s", "idle_s")},
    )
    person = worked["person"].to_numpy()
    by_use = tally(
        {
            "year": (worked["year"].to_numpy() - years.start, years),
            "region": (_codes(worked["region"], regions), regions),
            "operator": (_codes(worked["operator"], OPERATORS), OPERATORS),
            "stage": (_codes(worked["stage"], [*STAGES, UNALLOCATED]), [*STAGES, UNALLOCATED]),
            "public": (
                np.where(person < 0, len(PUBLICS), worked["public"].to_numpy()),
                [*PUBLICS, UNALLOCATED],
            ),
            "admitted": (np.where(person < 0, 0, np.append(crowd.admitted, 0)[person]), (0, 1)),
        },
        {name: worked[name].to_numpy() for name in ("used_s", "overtime_s")},
    )
    for name in ("used_s", "overtime_s"):
        if int(by_team[name].sum()) != int(by_use[name].sum()):
            raise ValueError(f"{name} of the teams and of what they did differ")
    return by_team, by_use


def _codes(values: pd.Series[str], names: tuple[str, ...] | list[str]) -> Ints:
    """The positions of texts in names; of texts kept as categories, category by category."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        of_category = _codes(values.cat.categories.to_series(), names)
        return of_category[values.cat.codes.to_numpy()]
    codes = pd.Categorical(values, categories=list(names)).codes.astype(np.int64)
    if (codes < 0).any():
        raise ValueError(f"{values.name} outside {', '.join(names)}")
    return codes
