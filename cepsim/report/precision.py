"""How precise a run is: a line an indicator followed, and in a sentence how many replications it took."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Final

import pandas as pd

from cepsim.experiment.precise_results import PreciseResults
from cepsim.experiment.precision import LOOK_AHEAD
from cepsim.experiment.search import Search
from cepsim.labels import Language, label, plural
from cepsim.report.table import Table
from cepsim.units import CENTS_PER_EURO, format_euros, format_number, format_share

_NOTHING: Final = "–"
_COLUMNS: Final = (
    "scenario",
    "indicator",
    "mean",
    "half_width",
    "relative",
    "allowed",
    "floor",
    "from",
    "state",
)
#: States of indicators that are not precise, in the order in which they are said.
_LEFT: Final = ("loose", "unconfirmed", "unreached")


def precision_table(results: PreciseResults, language: Language = "fr") -> Table:
    """One line an indicator of each scenario: its mean, its half-width, what was wanted, since when it is."""
    frame, rows = results.precision, []
    titles = _titles(results, language)
    before = ""
    for _, row in frame.iterrows():
        known = not math.isnan(row["mean"])
        rows.append(
            (
                titles[row["scenario"]] if row["scenario"] != before else "",
                _indicator(row, language),
                _value(row, "mean", language) if known else _beyond(row, language),
                _width(row, "half_width", language),
                _relative(row, language),
                _width(row, "allowed", language),
                _width(row, "floor", language),
                _NOTHING if pd.isna(row["precise_from"]) else str(row["precise_from"]),
                _text(f"state.{row['state']}", language),
            )
        )
        before = row["scenario"]
    search = results.search
    note = _text(
        "note",
        language,
        count=len(frame),
        confidence=format_share(1.0 - search.rule.risk, language, 0),
        each=format_share(float(frame["confidence"].iloc[0]), language, 2),
        wanted=wanted(results.search, language),
        look_ahead=LOOK_AHEAD,
        fewest=search.rule.fewest,
    )
    title = _text("title", language, replications=_replications(results.plan.replications, language))
    return Table(
        "precision", title, note, tuple(_text(f"column.{c}", language) for c in _COLUMNS), tuple(rows)
    )


def conclusion(results: PreciseResults, language: Language = "fr") -> str:
    """How many replications it took, then what is not precise and why: a line each."""
    together, n = results.held, results.plan.replications
    frame = results.precision
    values = {
        "wanted": wanted(results.search, language),
        "replications": _replications(n, language),
        "most": _replications(results.search.most, language),
    }
    if together is None:
        lines = [_text("stopped", language, **values)]
    elif (frame["state"] == "precise").all():
        lines = [_text("reached", language, since=together.since, **values)]
    else:
        lines = [_text("reached_but", language, since=together.since, **values)]
    for state in _LEFT:
        left = frame[frame["state"] == state]
        if len(left):
            said = " ; ".join(_said(row, language) for _, row in left.iterrows())
            lines.append(_text(f"left.{state}", language, indicators=said))
    return "\n".join(lines)


def _said(row: pd.Series, language: Language) -> str:
    """An indicator that is not precise, and how far it is from it."""
    name = _text("of_scenario", language, indicator=_indicator(row, language), scenario=row["scenario"])
    if math.isnan(row["mean"]):
        beyond = _beyond(row, language)
        return name if beyond == _NOTHING else f"{name} {beyond}"
    width, allowed = _width(row, "half_width", language), _width(row, "allowed", language)
    return _text("width", language, name=name, width=width, allowed=allowed)


def _value(row: pd.Series, column: str, language: Language) -> str:
    """A value in words that fit its unit."""
    value = row[column]
    match row["unit"]:
        case "share":
            return format_share(value, language, 2)
        case "eur":
            return format_euros(round(value * CENTS_PER_EURO), language, 0, "k")
        case "eur_per_person":
            return format_euros(round(value * CENTS_PER_EURO), language, 2)
        case _:
            return format_number(value, language, 2 if row["unit"] == "working_days" else 1)


def _width(row: pd.Series, column: str, language: Language) -> str:
    """A half-width: that of a share is in points, since a percentage of a percentage confuses."""
    value = row[column]
    if math.isnan(value):
        return _NOTHING
    if row["unit"] == "share":
        return f"± {_text('points', language, points=format_number(value * 100, language, 2))}"
    return f"± {_value(row, column, language)}"


def _indicator(row: pd.Series, language: Language) -> str:
    return _text(f"indicator.{row['indicator']}", language)


def _relative(row: pd.Series, language: Language) -> str:
    share = row["relative_half_width"]
    return _NOTHING if math.isnan(share) else f"± {format_share(share, language)}"


def _beyond(row: pd.Series, language: Language) -> str:
    """The bound of what some replication does not reach; a dash where nobody was measured."""
    return _NOTHING if math.isnan(row["beyond"]) else f"> {_value(row, 'beyond', language)}"


def _titles(results: PreciseResults, language: Language) -> dict[str, str]:
    return {s.name: s.title.fr if language == "fr" else s.title.en for s in results.plan.scenarios}


def wanted(search: Search, language: Language = "fr") -> str:
    """The wanted precision with the decimals it has: "2 %", "2,5 %"."""
    exact = Decimal(str(search.precision.relative))
    decimals = max(0, -int((exact * 100).normalize().as_tuple().exponent))
    return format_share(float(exact), language, decimals)


def _replications(count: int, language: Language) -> str:
    return plural("count.replications", count, language)


def _text(key: str, language: Language, **values: object) -> str:
    return label(f"precision.{key}", language, **values)
