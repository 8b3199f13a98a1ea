"""A backtest as tables, and its verdict in a sentence."""

from __future__ import annotations

from math import isnan
from typing import Final

import pandas as pd

from cepsim.backtest import AMOUNTS, UNTIL, Backtest, verdict
from cepsim.labels import Language, label
from cepsim.report.cells import cell, number, share
from cepsim.report.table import Table
from cepsim.units import format_number, format_quantity, format_share

_NOTHING: Final = "–"
_COLUMNS: Final = ("year", "who", "what", "realised", "predicted", "ratio", "inside", "use", "before", "why")


def backtest_tables(of: Backtest, language: Language = "fr") -> list[Table]:
    """Published beside predicted, what compares then what does not; and what was calibrated."""
    return [
        _rows(of, "compared", of.frame[of.frame["comparable"]], language),
        _rows(of, "others", of.frame[~of.frame["comparable"]], language),
        _calibration(of, language),
    ]


def conclusion(of: Backtest, language: Language = "fr") -> str:
    """The verdict: how many comparable rows fall inside, and how far the others are, in a sentence."""
    found, ratio = verdict(of.frame), number(language, 2)
    counts = {
        "comparable": found.comparable,
        "inside": found.inside,
        "unused": found.unused,
        "first_year": found.first_year,
        "first": ratio(found.first),
        "last_year": found.last_year,
        "last": ratio(found.last),
        "until": UNTIL,
    }
    told = [label(f"backtest.verdict.{'poor' if found.is_poor else 'fair'}", language, **counts)]
    if found.unused:
        medians = {"median": ratio(found.median), "before": ratio(found.median_before)}
        told.append(label("backtest.verdict.unused", language, **counts, **medians))
    if found.first_year != found.last_year:
        way = "steady" if found.trend is None else "more" if found.trend else "less"
        told.append(label(f"backtest.verdict.{way}", language, **counts))
    return " ".join(told)


def _rows(of: Backtest, key: str, frame: pd.DataFrame, language: Language) -> Table:
    def text(key: str, **values: object) -> str:
        return label(f"backtest.{key}", language, **values)

    rows = []
    for row in frame.sort_values("year", kind="stable").to_dict("records"):
        found = pd.Series(row)
        who = text(f"who.{found['operator']}")
        if found["perimeter"] != "france":
            who = text("in_region", who=who, region=text(f"perimeter.{found['perimeter']}"))
        use = "calibrated" if found["calibrated_on"] else "held" if found["comparable"] else "shown"
        rows.append(
            (
                str(found["year"]),
                who,
                text(f"what.{found['measure']}"),
                _published(found, language),
                *_predicted(found, language),
                text(f"use.{use}" if not isnan(found["predicted"]) else "use.none"),
                _value(found, found["predicted_before"], language),
                " ; ".join(text(f"because.{code}") for code in str(found["why"]).split("+") if code),
            )
        )
    note = text(f"{key}.note", scenario=getattr(of.results.plan.scenarios[-1].title, language))
    if of.results.plan.sample > 1:
        note = f"{label('answers.sample', language, sample=of.results.plan.sample)} {note}"
    columns = tuple(text(f"column.{name}") for name in _COLUMNS)
    return Table(key, text(f"{key}.title"), note, columns, tuple(rows))


def _published(row: pd.Series, language: Language) -> str:
    """What was published, for the regions of the run, with its range where it has one."""
    low, high = (_value(row, row[f"realised_{end}"], language) for end in ("low", "high"))
    value = _value(row, row["realised"], language)
    if low == high:
        return value
    return f"{value} ({label('backtest.range', language, low=low, high=high)})"


def _predicted(row: pd.Series, language: Language) -> tuple[str, str, str]:
    """What the run gives, the ratio, and whether they meet."""
    if isnan(row["predicted"]):
        return (_NOTHING,) * 3
    write = number(language) if row["indicator"] in AMOUNTS else share(language)
    bounds = {"mean": "predicted", "low": "predicted_low", "high": "predicted_high"}
    told = cell(pd.Series({name: row[column] for name, column in bounds.items()}), write, language)
    ratio = _NOTHING if isnan(row["ratio"]) else format_number(row["ratio"], language, 2)
    return told, ratio, label(f"backtest.{'inside' if row['inside'] else 'outside'}", language)


def _value(row: pd.Series, value: float, language: Language) -> str:
    """A value in the row's unit; what is counted in people a year is a plain number, as predicted."""
    if isnan(value):
        return _NOTHING
    if row["indicator"] in AMOUNTS:
        return format_number(value, language)
    if row["unit"] == "share":
        return format_share(value, language)
    return format_quantity(value, str(row["unit"]), language)


def _calibration(of: Backtest, language: Language) -> Table:
    def text(key: str, **values: object) -> str:
        return label(f"backtest.calibration.{key}", language, **values)

    found, rows = of.calibration, []
    for index, (figure, value) in enumerate(zip(found.figures, found.kept, strict=True)):
        bound = found.bound(index)
        rows.append(
            (
                text(f"figure.{figure.key('parameter')}"),
                *(format_number(each, language, 3) for each in (figure.low, figure.mode, figure.high, value)),
                text(f"bound.{bound or 'none'}"),
            )
        )
    note = text(
        "note",
        rows=len(found.rows),
        runs=len(found.runs),
        until=UNTIL,
        before=format_number(found.error_before, language, 2),
        after=format_number(found.error_after, language, 2),
    )
    columns = tuple(text(f"column.{name}") for name in ("figure", "low", "mode", "high", "kept", "bound"))
    return Table("calibration", text("title"), note, columns, tuple(rows))
