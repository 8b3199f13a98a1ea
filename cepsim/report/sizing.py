"""A sizing as a table: how many advisers, where, for which delay."""

from __future__ import annotations

import math
from collections.abc import Mapping
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
_ONWARD: Final = ("region", "operator", "stage", "asked", "asked_scenario", "days", "days_scenario")
_LEVELS: Final = ("required", "etp_sized", "delta", "cost", "delta_cost", "more", "norm")
_NOTHING: Final = "–"


def sizing_table(of: Sizing, language: Language = "fr") -> Table:
    """A row an operator and region (and a year where each has its own posts): posts, cost, delay, proof."""
    names = of.asked.plan.tables.region_names
    rows = tuple(_row(pd.Series(row), names, language) for row in of.posts.to_dict("records"))
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


def _row(row: pd.Series, names: Mapping[str, str], language: Language) -> tuple[str, ...]:
    one, whole = number(language, 1), number(language)
    held = pd.Series({"mean": row["share"], "low": row["low"], "high": row["high"]})
    return (
        names[row["region"]],
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
        _verdict(row["verdict"], row["reach"], language),
        _comes(row, language),
        _verdict(row["below"], row["below_reach"], language),
    )


def onward_table(of: Sizing, language: Language = "fr") -> Table:
    """A row a stage and operator without a norm: what comes there, how long it waits in its worst quarter."""
    whole, one = number(language), number(language, 1)
    names = of.asked.plan.tables.region_names

    def days_text(days: pd.Series) -> str:
        return label("sizing.onward.beyond", language) if days.isna().any() else one(days.max())

    def row(keys: tuple[object, ...], found: pd.DataFrame) -> tuple[str, ...]:
        region, operator, stage = keys
        sized, scenario = (found[found["posts"] == posts] for posts in ("sized", "scenario"))
        who = (
            names[str(region)],
            label(f"operator.{operator}", language),
            label(f"sizing.stage.{stage}", language),
        )
        asked = (whole(each["asked"].mean()) if len(each) else _NOTHING for each in (sized, scenario))
        waited = (days_text(each["days"]) if len(each) else _NOTHING for each in (sized, scenario))
        return (*who, *asked, *waited)

    # where every stage has a norm the frame has no column either
    frame = of.onward
    grouped = frame.groupby(["region", "operator", "stage"], sort=False) if len(frame) else ()
    rows = [row(keys, found) for keys, found in grouped]
    share_text = format_share(of.asked.norms[0].share, language, 0)
    columns = tuple(label(f"sizing.onward.{name}", language) for name in _ONWARD)
    note = label("sizing.onward.note", language, share=share_text)
    return Table("onward", label("sizing.onward.table", language), note, columns, tuple(rows))


def levels_table(of: Sizing, language: Language = "fr") -> Table:
    """A row a level of service: the posts it takes and what it costs, in all and above the level below it."""
    one, thousands = number(language, 1), number(language)
    rows: list[tuple[str, ...]] = []
    before = math.nan
    for required, part in of.levels.groupby("required") if len(of.levels) else []:
        # posts of several years are means of them
        years = part["from_date"].nunique()
        total = {
            name: float(part[name].sum()) / years for name in ("etp_sized", "delta", "cost", "delta_cost")
        }
        more = total["cost"] - before
        before = total["cost"]
        is_held = (part["verdict"] == "met").all()
        rows.append(
            (
                format_share(float(str(required)), language, 0),
                one(total["etp_sized"]),
                signed(one)(total["delta"]),
                thousands(total["cost"] / 1000.0),
                signed(thousands)(total["delta_cost"] / 1000.0),
                _NOTHING if math.isnan(more) else signed(thousands)(more / 1000.0),
                label(f"sizing.levels.{'held' if is_held else 'not_held'}", language),
            )
        )
    columns = tuple(label(f"sizing.levels.{name}", language) for name in _LEVELS)
    note = label("sizing.levels.note", language)
    return Table("levels", label("sizing.levels.table", language), note, columns, tuple(rows))


def _verdict(verdict: str, reach: float, language: Language) -> str:
    """Met, missed, or undecided within so many points."""
    points = "" if math.isnan(reach) else number(language, 1)(100.0 * reach)
    return label(f"sizing.verdict.{verdict or 'none'}", language, points=points)


def _comes(row: pd.Series, language: Language) -> str:
    """By when who comes is hired, or reassigned."""
    if not row["hire_by"]:
        return label("sizing.nobody", language)
    when = day(date.fromisoformat(row["hire_by"]), language)
    return label(f"sizing.{'hire' if row['character'] == 'new' else 'redeploy'}", language, date=when)
