"""A sensitivity analysis as tables, ranked: for a cost and a delay, or each outcome asked for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from textwrap import shorten
from typing import Any, Final

import pandas as pd

from cepsim.experiment.sentence import headline
from cepsim.labels import Language, label
from cepsim.report.cells import share
from cepsim.report.futures import futures_tables
from cepsim.report.table import Table
from cepsim.sensitivity import Answer, Futures, Morris, Sobol, Tornado
from cepsim.sensitivity.sentence import amount, main_outcomes, plain
from cepsim.sensitivity.words import words
from cepsim.tables import Figure

_NOTHING: Final = "–"
#: Letters of what a figure is.
_WHAT: Final = 60
_KINDS: Final = ("tornado", "morris", "sobol")
#: Columns beside the rank, the hypothesis, its range and how sure it is.
_OWN: Final = {
    "tornado": ("to_low", "to_high", "told"),
    "morris": ("mu_star", "mu", "sigma", "noise"),
    "sobol": ("first", "total"),
}


def sensitivity_tables(of: Answer, language: Language = "fr", outcomes: Sequence[str] = ()) -> list[Table]:
    """A table an outcome; those of `main_outcomes` where none is named."""
    if isinstance(of, Futures):
        return futures_tables(of, language)
    return [_table(of, outcome, language) for outcome in outcomes or main_outcomes(of)]


def range_told(figure: Figure, language: Language) -> str:
    """The range of a figure and its unit: "0,2 – 0,3 – 0,45 part"."""
    values = (plain(getattr(figure, name), language) for name in ("low", "mode", "high"))
    return f"{' – '.join(values)} {label(f'unit.{figure.unit}', language)}"


def what_told(figure: Figure, language: Language) -> str:
    """What a figure is, in words; or as the tables say it, cut short: its note, or else its source."""
    told = words(figure.id, language)
    if told != figure.id:
        return told
    text = (figure.note or figure.source).split(";")[0]
    return shorten(text, _WHAT, placeholder="…") or _NOTHING


def _table(of: Answer, outcome: str, language: Language) -> Table:
    figures = {figure.id: figure for figure in of.study.hypotheses.figures}
    if isinstance(of, Tornado):
        kind, rows = "tornado", _tornado_rows(of, outcome, language)
    elif isinstance(of, Morris):
        kind, rows = "morris", _morris_rows(of, outcome, language)
    elif isinstance(of, Sobol):
        kind, rows = "sobol", _sobol_rows(of, outcome, language)
    else:
        raise TypeError(f"no table for {type(of).__name__}, expected one of {', '.join(_KINDS)}")
    told = [
        (
            str(rank),
            id_,
            what_told(figures[id_], language),
            range_told(figures[id_], language),
            *own,
            label(f"confidence.{figures[id_].confidence}", language),
        )
        for rank, (id_, own) in enumerate(rows, 1)
    ]
    title = of.study.scenario.title
    level, unit = of.level(outcome), of.study.units[of.study.names.index(outcome)]
    note = label(
        f"sensitivity.note_{kind}",
        language,
        scenario=title.fr if language == "fr" else title.en,
        headline=headline(of.study.planned, language),
        level=_NOTHING if math.isnan(level) else amount(level, unit, language),
        moves=len(told),
        count=len(figures),
        points=len(of.points),
    )
    names = ("rank", "figure", "what", "range", *_OWN[kind], "confidence")
    columns = tuple(label(f"sensitivity.column.{name}", language) for name in names)
    what = label(f"precision.indicator.{outcome}", language)
    return Table(
        f"sensitivity_{outcome}",
        label("sensitivity.title", language, outcome=what),
        note,
        columns,
        tuple(told),
    )


_Rows = list[tuple[str, tuple[str, ...]]]


def _tornado_rows(of: Tornado, outcome: str, language: Language) -> _Rows:
    """Those that move the outcome, or of which it is not known, with what each end changes."""
    effects = of.effects[of.effects["outcome"] == outcome].set_index(["figure", "end"])
    ranking = of.ranking[(of.ranking["outcome"] == outcome) & (of.ranking["size"] != 0.0)]
    rows = []
    for id_, told in zip(ranking["figure"], ranking["told"], strict=True):
        known = "unknown" if pd.isna(told) else "told" if told else "not_told"
        ends = (effects.loc[(id_, end)].to_dict() for end in ("low", "high"))
        changes = (_change(row, language) for row in ends)
        rows.append((str(id_), (*changes, label(f"sensitivity.{known}", language))))
    return rows


def _change(row: dict[Any, Any], language: Language, *, interval: bool = True) -> str:
    """A change with its interval; "> x" for what is not reached, and why there is none."""
    effect, unit = float(row["effect"]), str(row["unit"])
    if math.isnan(effect):
        return label("sensitivity.failed", language) if row["problem"] else _NOTHING
    told = amount(effect, unit, language, sign=True)
    if row["beyond"]:
        return f"> {told}"
    if not interval or math.isnan(row["effect_low"]):
        return told
    low, high = (
        amount(float(row[name]), unit, language, sign=True) for name in ("effect_low", "effect_high")
    )
    return (
        told if low == high == told else f"{told} {label('answers.interval', language, low=low, high=high)}"
    )


def _morris_rows(of: Morris, outcome: str, language: Language) -> _Rows:
    here = of.ranking[(of.ranking["outcome"] == outcome) & (of.ranking["mu_star"] != 0.0)]
    rows: _Rows = []
    for row in here.to_dict("records"):
        star, mu, sigma, noise, low, high = (
            _amount(row[name], row["unit"], language, sign=name == "mu")
            for name in ("mu_star", "mu", "sigma", "noise", "mu_star_low", "mu_star_high")
        )
        bounds = "" if low == _NOTHING else f" {label('answers.interval', language, low=low, high=high)}"
        rows.append((str(row["figure"]), (star + bounds, mu, sigma, noise)))
    return rows


def _sobol_rows(of: Sobol, outcome: str, language: Language) -> _Rows:
    here = of.ranking[(of.ranking["outcome"] == outcome) & (of.ranking["total"] != 0.0)]
    write = share(language)

    def cell(row: dict[Any, Any], name: str) -> str:
        if math.isnan(row[name]):
            return _NOTHING
        low, high = write(row[f"{name}_low"]), write(row[f"{name}_high"])
        return f"{write(row[name])} {label('answers.interval', language, low=low, high=high)}"

    return [(str(row["figure"]), (cell(row, "first"), cell(row, "total"))) for row in here.to_dict("records")]


def _amount(value: float, unit: str, language: Language, *, sign: bool = False) -> str:
    return _NOTHING if math.isnan(value) else amount(value, unit, language, sign=sign)
