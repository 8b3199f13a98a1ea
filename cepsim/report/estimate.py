"""An estimate as tables: what is expected at each stage, and the gap to a simulation."""

from __future__ import annotations

from typing import Final

import pandas as pd

from cepsim.labels import Language, label
from cepsim.report.cells import number, share
from cepsim.report.table import Table
from cepsim.twin import Estimate

_STAGES: Final = (
    "region",
    "operator",
    "stage",
    "entered",
    "wait_p50",
    "wait_p90",
    "share_lost",
    "load",
    "regime",
)
_GAPS: Final = ("region", "operator", "stage", "indicator", "estimated", "simulated", "gap", "verdict")
_NOTHING: Final = "–"


def estimate_table(of: Estimate, language: Language = "fr") -> Table:
    """A row a region, operator and stage, over the horizon."""
    whole, percent = number(language), share(language)
    rows = tuple(
        (
            of.regions[row["region"]],
            label(f"operator.{row['operator']}", language),
            label(f"stage.{row['stage']}", language),
            whole(row["entered"]),
            *(_NOTHING if pd.isna(row[name]) else whole(row[name]) for name in ("wait_p50", "wait_p90")),
            percent(row["share_lost"]),
            percent(row["load"]),
            label(f"estimate.regime.{row['regime']}", language),
        )
        for _, row in of.stages[of.stages["period"] == ""].iterrows()
    )
    return _table("estimate", "estimate.title", "estimate.note", _STAGES, rows, language)


def gaps_table(of: Estimate, gaps: pd.DataFrame, language: Language = "fr") -> Table:
    """A row a region, operator, stage and indicator: estimated, simulated, gap."""
    rows = []
    for _, row in gaps.iterrows():
        said = share(language) if row["indicator"] == "share_lost" else number(language, 1)
        rows.append(
            (
                of.regions[row["region"]],
                label(f"operator.{row['operator']}", language),
                label(f"stage.{row['stage']}", language),
                label(f"estimate.indicator.{row['indicator']}", language),
                *(
                    _NOTHING if pd.isna(row[name]) else said(row[name])
                    for name in ("estimated", "simulated", "gap")
                ),
                label(f"estimate.verdict.{row['verdict']}", language),
            )
        )
    return _table("gaps", "estimate.gaps", "estimate.gaps_note", _GAPS, tuple(rows), language)


def _table(
    key: str,
    title: str,
    note: str,
    names: tuple[str, ...],
    rows: tuple[tuple[str, ...], ...],
    language: Language,
) -> Table:
    columns = tuple(label(f"estimate.column.{name}", language) for name in names)
    return Table(key, label(title, language), label(note, language), columns, rows)
