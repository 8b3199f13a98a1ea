"""How far a hypothesis reaches, as a table: headline figures at both ends of its range."""

from __future__ import annotations

from math import isnan
from typing import Final

import pandas as pd

from cepsim.experiment.reach import Reach
from cepsim.indicators import ALL
from cepsim.labels import Language, label, plural
from cepsim.report.cells import Write, euros, number, period, row_of, share
from cepsim.report.table import Table

_OPERATOR: Final = "opacif"


def reach_told(of: Reach, language: Language = "fr") -> Table:
    """A row a headline figure: at the low, mode and high of the hypothesis, and what each end changes."""

    def text(key: str, **values: object) -> str:
        return label(f"reach.{key}", language, **values)

    indicators, costs = of.results.indicators, of.results.costs
    whole = dict.fromkeys(("region", "operator", "stage", "public", "team", "period"), ALL)
    at = {"operator": _OPERATOR, "stage": "accueil"}
    measures: tuple[tuple[str, Write, dict[str, str]], ...] = (
        ("received", number(language), {"indicator": "received"}),
        ("p50", number(language, 1), {**at, "indicator": "wait_p50_working_days"}),
        ("p90", number(language, 1), {**at, "indicator": "wait_p90_working_days"}),
        ("lost", share(language), {**at, "indicator": "share_lost"}),
        ("projects", number(language), {"indicator": "projects"}),
    )

    def points(difference: float) -> str:
        return label("note.points", language, value=number(language, 1)(100.0 * difference))

    rows = []
    for name, write, keys in measures:
        found = [row_of(indicators, scenario=scenario, **{**whole, **keys}) for scenario in of.names]
        rows.append(_row(text(f"measure.{name}"), found, write, points if name == "lost" else write))
    found = [row_of(costs, scenario=scenario, cut="total") for scenario in of.names]
    rows.append(_row(text("measure.gross"), found, euros(language), euros(language)))
    figure, plan = of.figure, of.results.plan
    bound = number(language, 3)
    return Table(
        "reach",
        text("title", id=figure.id, region=of.region, scenario=getattr(of.scenario.title, language)),
        text(
            "note",
            low=bound(figure.low),
            mode=bound(figure.mode),
            high=bound(figure.high),
            unit=label(f"unit.{figure.unit}", language),
            confidence=label(f"confidence.{figure.confidence}", language),
            period=period(plan.scenarios[0].calendar, language),
            replications=plural("count.replications", plan.replications, language),
        ),
        tuple(text(f"column.{name}") for name in ("measure", "low", "mode", "high", "to_low", "to_high")),
        tuple(rows),
    )


def _row(name: str, found: list[pd.Series | None], write: Write, added: Write) -> tuple[str, ...]:
    """The three values, and what the ends add to the one in the middle."""
    low, mode, high = (float("nan") if row is None else float(row["mean"]) for row in found)
    told = [(low, write), (mode, write), (high, write), (low - mode, added), (high - mode, added)]
    return (name, *("–" if isnan(value) else as_text(value) for value, as_text in told))
