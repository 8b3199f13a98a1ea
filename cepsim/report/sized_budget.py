"""Posts of a budget as tables: where they go, and what other budgets would do."""

from __future__ import annotations

from datetime import date
from typing import Final

import pandas as pd

from cepsim.labels import Language, label
from cepsim.report.cells import day, number, share, signed
from cepsim.report.table import Table
from cepsim.sizing import Budgeted

_POSTS: Final = (
    *("region", "operator", "etp_today", "etp_scenario", "etp_budget", "delta", "cost", "late"),
    *("late_scenario", "wait", "spared", "hire_by"),
)
_FRONTIER: Final = ("staff", "etp", "cost", "late", "wait", "coverage", "efficient")
_NOTHING: Final = "–"


def budget_table(of: Budgeted, language: Language = "fr") -> Table:
    """A row an operator and region: the posts it has under the budget, and what becomes of people there."""
    one, whole = number(language, 1), number(language)
    names = of.asked.plan.tables.region_names
    spared = one if of.loss == "late" else whole
    rows = tuple(
        (
            names[row["region"]],
            label(f"operator.{row['operator']}", language),
            one(row["etp_today"]),
            one(row["etp_scenario"]),
            one(row["etp_budget"]),
            signed(one)(row["delta"]),
            whole(row["cost"] / 1000.0),
            whole(row["late"]),
            whole(row["late_scenario"]),
            _NOTHING if pd.isna(row["wait"]) else one(row["wait"]),
            spared(row["spared"]),
            day(date.fromisoformat(row["hire_by"]), language) if row["hire_by"] else _NOTHING,
        )
        for row in of.posts.to_dict("records")
    )
    columns = tuple(label(f"sizing.budget.{name}", language) for name in _POSTS)
    note = label("sizing.budget.note", language)
    return Table("budget", label("sizing.budget.table", language), note, columns, rows)


def frontier_table(of: Budgeted, language: Language = "fr") -> Table:
    """A row a budget tried: cost, delay, coverage, and whether another does better on all three."""
    one, whole, part = number(language, 1), number(language), share(language)
    rows = tuple(
        (
            label(f"sizing.frontier.of_{row['staff']}", language),
            one(row["etp"]),
            whole(row["cost"] / 1000.0),
            part(row["late"]),
            one(row["wait"]),
            part(row["coverage"]),
            label(f"sizing.frontier.{'yes' if row['efficient'] else 'no'}", language),
        )
        for row in of.frontier.to_dict("records")
    )
    columns = tuple(label(f"sizing.frontier.{name}", language) for name in _FRONTIER)
    note = label("sizing.frontier.note", language)
    return Table("frontier", label("sizing.frontier.table", language), note, columns, rows)
