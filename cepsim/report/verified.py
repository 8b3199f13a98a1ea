"""A verification as tables, one a family of systems, and its verdict in a sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from cepsim.labels import Language, label, plural
from cepsim.report.table import Table
from cepsim.units import format_number, format_share
from cepsim.verify import NOT_EXPRESSED, SIZES, Verified

_NOTHING: Final = "–"
_COLUMNS: Final = (
    "row", "system", "measure", "simulated", "exact", "error", "z", "p", "relative", "detectable",
    "verdict", "replications", "deleted", "unit",
)  # fmt: skip


def verified_tables(of: Verified, language: Language = "fr") -> list[Table]:
    """A table a family of systems; where engines differ; what is a formula alone, or cannot be expressed."""
    measures = of.measures
    tables = [
        Table(
            str(family),
            label(f"verify.family.{family}", language),
            "",
            tuple(label(f"verify.column.{name}", language) for name in _COLUMNS),
            tuple(_row(row, language) for row in part.to_dict("records")),
        )
        for family, part in measures.groupby("family", sort=False)
    ]
    differing = of.engines[~of.engines["equal"]]
    if len(differing):
        tables.append(
            Table(
                "engines",
                label("verify.engines", language),
                "",
                tuple(label(f"verify.column.{name}", language) for name in ("case", "visits")),
                tuple(
                    (case, format_number(visits, language))
                    for case, visits in zip(differing["case"], differing["visits"], strict=True)
                ),
            )
        )
    return tables


def left_out_tables(language: Language = "fr") -> list[Table]:
    """Searches over a formula, with the cases on both sides; what no case simulates, and why."""
    searched = tuple(
        (row, significant(value(), language), simulated) for row, (value, simulated) in SIZES.items()
    )
    why = tuple(
        (
            label(f"verify.not_expressed.{name}.what", language),
            label(f"verify.not_expressed.{name}.why", language),
        )
        for name in NOT_EXPRESSED
    )
    return [
        Table(key, label(f"verify.{key}", language), "", _names(columns, language), rows)
        for key, columns, rows in (
            ("searched", ("row", "exact", "neighbours"), searched),
            ("not_there", ("system", "why"), why),
        )
    ]


def verified_conclusion(of: Verified, language: Language = "fr") -> str:
    """Whether everything is as it must be, in a sentence; what is not, by name."""
    measures, engines = of.measures, of.engines
    tested = measures[measures["kind"] != "deterministic"]
    farthest = tested["z"].abs().max()
    counts = {
        "figures": format_number(len(measures), language),
        "cases": plural("count.systems", len(engines), language),
        "tested": format_number(len(tested), language),
        "error": format_share(of.family_error, language),
        "farthest": format_number(farthest, language, 1) if math.isfinite(farthest) else _NOTHING,
        "visits": format_number(int(engines["visits"].sum()), language),
        "names": ", ".join(of.failures),
    }
    return label(f"verify.conclusion.{'failed' if of.failures else 'passed'}", language, **counts)


def _names(columns: tuple[str, ...], language: Language) -> tuple[str, ...]:
    return tuple(label(f"verify.column.{name}", language) for name in columns)


def _row(row: Mapping[Any, Any], language: Language) -> tuple[str, ...]:
    chance = [_NOTHING] * 5
    if row["kind"] != "deterministic":
        chance = [
            significant(row["standard_error"], language, 2),
            _distance(row["z"], language),
            _p(row["p_corrected"], language),
            format_share(row["relative_error"], language),
            format_share(row["detectable"], language),
        ]
    return (
        str(row["row"]),
        f"{row['model']}, {row['parameters']}",
        _measure(str(row["metric"]), str(row["about"]), language),
        significant(row["simulated"], language),
        significant(row["exact"], language),
        *chance,
        label(f"verify.verdict.{row['verdict']}", language),
        format_number(row["replications"], language),
        format_number(row["deleted"], language, 1) if math.isfinite(row["deleted"]) else _NOTHING,
        format_number(row["unit_s"], language),
    )


def _measure(metric: str, about: str, language: Language) -> str:
    """What is measured, in words."""
    if metric == "quantile":
        about = format_share(float(about), language, 0)
    elif about:
        about = significant(float(about), language)
    return label(f"verify.metric.{metric}", language, about=about)


def _distance(z: float, language: Language) -> str:
    return format_number(z, language, 1) if math.isfinite(z) else "∞"


def _p(p: float, language: Language) -> str:
    """A corrected p, never as nought."""
    least = 0.0001
    return f"< {format_number(least, language, 4)}" if p < least else format_number(p, language, 4)


def significant(value: float, language: Language, digits: int = 4) -> str:
    """A number with so many digits that count; whole numbers as they are."""
    if value == 0 or (value == round(value) and abs(value) < 1e6):
        return format_number(round(value), language)
    return format_number(value, language, max(0, digits - 1 - math.floor(math.log10(abs(value)))))
