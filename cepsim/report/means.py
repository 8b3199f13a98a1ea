"""Posts, offered load and occupation: of each operator's teams, then of those that several share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import pandas as pd

from cepsim.labels import label
from cepsim.people.pools import Pool, pools_of
from cepsim.report.cells import number, row_of, share
from cepsim.report.table import Table
from cepsim.scenario.vocabulary import OPERATORS

if TYPE_CHECKING:
    from cepsim.report.answers import Teller

_ALL: Final = "all"


def means_table(teller: Teller) -> Table:
    """Posts, offered load and occupation of teams, first and last year.

    A team of several operators has a row of its own after theirs, which are parts of it: what the people of
    each ask, over its part of the hours.
    """
    loads = teller.results.loads
    years = tuple(dict.fromkeys((int(loads["year"].min()), int(loads["year"].max()))))
    rows = []
    for operator in OPERATORS:
        for role in ("advisers", "first_line"):
            for name in teller.scenarios:
                rows.append(_of_operator(teller, operator, role, name, years))
    for name in teller.scenarios:
        here = loads[loads["scenario"] == name]
        rows += [_of_pool(teller, pool, name, years) for pool in pools_of(here)]
    before = teller.results.plan.scenarios[0].calendar.launch_date.year - 1
    columns = [
        *map(teller.text, ("operator", "team", "scenario")),
        *(teller.text(name, year=before + year) for name in ("etp", "load") for year in years),
        teller.text("occupation"),
    ]
    return teller.table("means", columns, rows)


def _of_operator(
    teller: Teller, operator: str, role: str, name: str, years: Sequence[int]
) -> tuple[str, ...]:
    def mine(frame: pd.DataFrame) -> pd.DataFrame:
        of = (frame["scenario"] == name) & (frame["operator"] == operator) & (frame["role"] == role)
        return frame[of]

    frame = teller.horizon[teller.horizon["scenario"] == name]
    first = role == "advisers" and name == teller.scenarios[0]
    return (
        teller.operator(operator) if first else "",
        label(f"team.{role}", teller.language) if name == teller.scenarios[0] else "",
        teller.scenario(name),
        *_figures(teller, mine(teller.results.posts), mine(teller.results.loads), years),
        teller.value(
            frame, share(teller.language), {"indicator": "occupation", "operator": operator, "team": role}
        ),
    )


def _of_pool(teller: Teller, pool: Pool, name: str, years: Sequence[int]) -> tuple[str, ...]:
    def ours(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[(frame["scenario"] == name) & frame["team"].isin(pool.teams)]

    operators = " + ".join(map(teller.operator, pool.operators))
    return (
        teller.text("pool", operators=operators),
        label(f"team.{pool.role}", teller.language),
        teller.scenario(name),
        *_figures(teller, ours(teller.results.posts), ours(teller.results.loads), years),
        _occupation(teller, pool, name),
    )


def _figures(teller: Teller, posts: pd.DataFrame, loads: pd.DataFrame, years: Sequence[int]) -> list[str]:
    """Posts of each year, then loads, of some rows of either frame."""
    launch = teller.results.plan.scenarios[0].calendar.launch_date.year - 1
    etp = [float(posts.loc[posts["year"] == launch + year, "etp"].sum()) for year in years]
    plain, offered = number(teller.language, 2), []
    for year in years:
        hours = loads.loc[loads["year"] == year, ["hours_needed", "hours_usable"]].sum()
        needed, usable = float(hours["hours_needed"]), float(hours["hours_usable"])
        # nobody is there once an operator has stopped
        nobody = "∞" if needed > 0 else "–"
        offered.append(plain(needed / usable) if usable > 0 else nobody)
    return [*(number(teller.language, 1)(value) for value in etp), *offered]


def _occupation(teller: Teller, pool: Pool, name: str) -> str:
    """Hours used over hours on duty of advisers; a platform's are not told from those of desks."""
    if pool.role != "advisers":
        return "–"
    frame = teller.horizon[teller.horizon["scenario"] == name]
    hours = dict.fromkeys(("used", "overtime", "duty"), 0.0)
    keys = {"stage": _ALL, "public": _ALL, "period": _ALL, "team": pool.role}
    for operator in pool.operators:
        for kind in hours:
            row = row_of(frame, indicator=f"hours_{kind}", operator=operator, **keys)
            hours[kind] += 0.0 if row is None else float(row["mean"])
    if hours["duty"] == 0.0:
        return "–"
    return share(teller.language)((hours["used"] - hours["overtime"]) / hours["duty"])
