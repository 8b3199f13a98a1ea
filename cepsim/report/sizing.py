"""A sizing as a table: how many advisers, where, for which delay."""

from __future__ import annotations

from datetime import date
from typing import Final

import pandas as pd

from cepsim.labels import Language, label
from cepsim.report.cells import cell, day, number, share, signed
from cepsim.report.table import Table
from cepsim.sizing import Sizing
from cepsim.units import format_share

_COLUMNS: Final = (
    *(
        "region",
        "operator",
        "from_date",
        "etp_today",
        "etp_scenario",
        "etp_sized",
        "delta",
        "cost",
        "quarter",
    ),
    *("share", "scenario", "days", "slack", "verdict", "hire_by", "below"),
)
_NOTHING: Final = "–"


def sizing_table(of: Sizing, language: Language = "fr") -> Table:
    """A row an operator and region (and a year where each has its own posts): posts, cost, delay, proof."""
    rows = tuple(_row(pd.Series(row), language) for row in of.posts.to_dict("records"))
    replications = of.asked.plan.replications
    bounds = (
        label("sizing.student", language, count=replications)
        if replications > 1
        else label("sizing.binomial", language)
    )
    confidence = format_share(of.asked.confidence, language, 0)
    note = label("sizing.note", language, confidence=confidence, bounds=bounds)
    columns = tuple(label(f"sizing.column.{name}", language) for name in _COLUMNS)
    return Table("sizing", label("sizing.table", language), note, columns, rows)


def _row(row: pd.Series, language: Language) -> tuple[str, ...]:
    one, whole = number(language, 1), number(language)
    held = pd.Series({"mean": row["share"], "low": row["low"], "high": row["high"]})
    return (
        str(row["region"]),
        label(f"operator.{row['operator']}", language),
        day(date.fromisoformat(row["from_date"]), language),
        one(row["etp_today"]),
        one(row["etp_scenario"]),
        one(row["etp_sized"]),
        signed(one)(row["delta"]),
        whole(row["cost"] / 1000.0),
        _NOTHING if pd.isna(row["quarter"]) else str(row["quarter"]),
        _NOTHING if pd.isna(row["share"]) else cell(held, share(language), language),
        _NOTHING if pd.isna(row["share_scenario"]) else share(language)(row["share_scenario"]),
        _NOTHING if pd.isna(row["days"]) else one(row["days"]),
        _NOTHING if pd.isna(row["slack"]) else signed(one, 100.0)(row["slack"]),
        label(f"sizing.verdict.{row['verdict'] or 'none'}", language),
        _comes(row, language),
        label(f"sizing.verdict.{row['below'] or 'none'}", language),
    )


def _comes(row: pd.Series, language: Language) -> str:
    """By when who comes is hired, or reassigned."""
    if not row["hire_by"]:
        return label("sizing.nobody", language)
    when = day(date.fromisoformat(row["hire_by"]), language)
    return label(f"sizing.{'hire' if row['character'] == 'new' else 'redeploy'}", language, date=when)
