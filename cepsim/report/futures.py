"""Futures as tables: what they give, in which ones a limit is passed, what knowing is worth."""

from __future__ import annotations

import math
from typing import Any, Final

from cepsim.experiment.sentence import headline
from cepsim.labels import Language, label
from cepsim.report.cells import share
from cepsim.report.table import Table
from cepsim.sensitivity import Futures
from cepsim.sensitivity.futures_said import bound_said
from cepsim.sensitivity.sentence import amount, plain
from cepsim.sensitivity.words import named, words

_NOTHING: Final = "–"
_NUMBERS: Final = ("at_modes", "mean", "p05", "p95", "limit")


def futures_tables(of: Futures, language: Language = "fr") -> list[Table]:
    """The distribution of outcomes, the rules of each limit, and what knowing is worth where it is asked."""
    found = [_distribution(of, language)]
    found += [_rules(of, outcome, language) for outcome in of.limits if of.boxes[outcome]]
    if of.worth is not None:
        found.append(_worth(of, language))
    return found


def _distribution(of: Futures, language: Language) -> Table:
    write = share(language)
    rows = [
        (
            label(f"precision.indicator.{row['outcome']}", language),
            *(_amount(row[name], str(row["unit"]), language) for name in _NUMBERS),
            _NOTHING if math.isnan(row["share_failing"]) else write(row["share_failing"]),
        )
        for row in of.distribution.to_dict("records")
    ]
    note = label(
        "sensitivity.note_distribution",
        language,
        headline=headline(of.study.planned, language),
        points=len(of.design),
    )
    pairs = [
        f"{words(one, language)} – {words(other, language)} ({plain(rank, language)})"
        for (one, other), rank in of.study.wanted.correlations.items()
    ]
    if pairs:
        note += f" {label('sensitivity.note_correlated', language, pairs=' ; '.join(pairs))}"
    return Table(
        "futures_distribution",
        label("sensitivity.title_distribution", language, scenario=_scenario(of, language)),
        note,
        _columns(("outcome", *_NUMBERS, "share_failing"), language),
        tuple(rows),
    )


def _rules(of: Futures, outcome: str, language: Language) -> Table:
    write = share(language)
    here = of.rules[of.rules["outcome"] == outcome]
    rows = []
    for number, part in here.groupby("rule", sort=False):
        bounds = part.to_dict("records")
        when = f" {label('sensitivity.sentence.and', language)} ".join(
            bound_said(row, language) for row in bounds
        )
        first = bounds[0]
        rows.append(
            (str(number), when, str(first["points"]), write(first["density"]), write(first["coverage"]))
        )
    return Table(
        f"futures_rules_{outcome}",
        label(
            "sensitivity.title_rules",
            language,
            outcome=label(f"precision.indicator.{outcome}", language),
        ),
        label(
            "sensitivity.note_rules",
            language,
            scenario=_scenario(of, language),
            headline=headline(of.study.planned, language),
            points=len(of.design),
            everywhere=write(here["everywhere"].iloc[0]),
        ),
        _columns(("rule", "bounds", "futures", "density", "coverage"), language),
        tuple(rows),
    )


def _worth(of: Futures, language: Language) -> Table:
    def cells(row: dict[Any, Any]) -> tuple[str, ...]:
        bounds = {side: _amount(row[f"worth_{side}"], "eur_per_year", language) for side in ("low", "high")}
        known = not math.isnan(row["worth_low"])
        interval = f" {label('answers.interval', language, **bounds)}" if known else ""
        return (
            named(row["figure"], language) if row["figure"] else label("sensitivity.all_known", language),
            _amount(row["worth"], "eur_per_year", language) + interval,
            _amount(row["by_chance"], "eur_per_year", language) if row["figure"] else _NOTHING,
            label(f"sensitivity.{'told' if row['told'] else 'not_told'}", language),
        )

    values = " ; ".join(
        f"{label(f'precision.indicator.{name}', language)} {plain(value, language)} €"
        for name, value in of.study.wanted.euros.items()
    )
    return Table(
        "futures_worth",
        label("sensitivity.title_worth", language, decisions=", ".join(of.decided)),
        label("sensitivity.note_worth", language, values=values),
        _columns(("figure", "worth", "by_chance", "told"), language),
        tuple(cells(row) for row in of.worth_frame.to_dict("records")),
    )


def _columns(names: tuple[str, ...], language: Language) -> tuple[str, ...]:
    return tuple(label(f"sensitivity.column.{name}", language) for name in names)


def _scenario(of: Futures, language: Language) -> str:
    title = of.study.scenario.title
    return title.fr if language == "fr" else title.en


def _amount(value: float, unit: str, language: Language) -> str:
    return _NOTHING if math.isnan(value) else amount(value, unit, language)
