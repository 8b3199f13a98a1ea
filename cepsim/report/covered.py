"""What `cepsim verify --coverage` prints: how often intervals hold the exact value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from cepsim.labels import Language, label
from cepsim.report.table import Table
from cepsim.report.verified import significant
from cepsim.units import format_number, format_share
from cepsim.verify.coverage import Coverage
from cepsim.verify.coverage.runner import GREATEST, LEAST

_NOTHING: Final = "–"
_COLUMNS: Final = (
    "row", "kind", "system", "exact", "replications", "runs", "coverage", "interval", "below", "above",
    "half_width", "without", "verdict",
)  # fmt: skip


def coverage_tables(of: Coverage, language: Language = "fr") -> list[Table]:
    """A row a figure whose intervals must hold it; those known not to, with the reason of each."""
    limits = of.rows["limit"] != ""
    tables = [
        Table(
            "coverage",
            label("verify.coverage.title", language),
            label(
                "verify.coverage.note", language, least=_band(LEAST, language), most=_band(GREATEST, language)
            ),
            tuple(label(f"verify.coverage.column.{name}", language) for name in _COLUMNS),
            tuple(_row(row, language) for row in of.rows[~limits].to_dict("records")),
        ),
        Table(
            "limits",
            label("verify.coverage.limits", language),
            "",
            tuple(label(f"verify.coverage.column.{name}", language) for name in (*_COLUMNS[:-1], "why")),
            tuple(_row(row, language) for row in of.rows[limits].to_dict("records")),
        ),
    ]
    return [table for table in tables if table.rows]


def coverage_conclusion(of: Coverage, language: Language = "fr") -> str:
    """Whether every interval holds what it says, in a sentence; which do not, by name."""
    rows = of.rows[of.rows["limit"] == ""]
    return label(
        f"verify.coverage.conclusion.{'failed' if of.failures else 'passed'}",
        language,
        figures=format_number(len(rows), language),
        runs=format_number(int(of.rows["runs"].max()), language),
        lowest=_share(rows["coverage"].min(), language),
        highest=_share(rows["coverage"].max(), language),
        least=_band(LEAST, language),
        most=_band(GREATEST, language),
        names=", ".join(of.failures),
    )


def _row(row: Mapping[Any, Any], language: Language) -> tuple[str, ...]:
    about = str(row["about"])
    kind = label(f"verify.coverage.kind.{row['kind']}", language)
    what = label(f"verify.coverage.about.{about}", language)
    verdict = (
        label(f"verify.coverage.limit.{row['limit']}", language)
        if row["limit"]
        else label(f"verify.coverage.verdict.{row['verdict']}", language)
    )
    return (
        str(row["row"]),
        label("verify.coverage.of", language, kind=kind, what=what),
        f"{row['model']}, {row['parameters']}",
        significant(row["exact"], language),
        format_number(
            row["replications"], language, 0 if row["replications"] == round(row["replications"]) else 1
        ),
        format_number(row["runs"], language),
        _share(row["coverage"], language),
        f"{_share(row['coverage_low'], language)} – {_share(row['coverage_high'], language)}",
        _share(row["below"], language),
        _share(row["above"], language),
        f"± {significant(row['half_width'], language, 3)}" if math.isfinite(row["half_width"]) else _NOTHING,
        format_number(row["without"], language),
        verdict,
    )


def _share(value: float, language: Language) -> str:
    return format_share(value, language) if math.isfinite(value) else _NOTHING


def _band(value: float, language: Language) -> str:
    return format_share(value, language, 0)
