"""What a note says of the aims of the service: qualification, obligation de moyens by region, equity.

Equity between regions, between publics, and by attribute: of people who overlap, and never add up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cepsim.indicators import ALL
from cepsim.indicators.attributes import CONCERNED
from cepsim.labels import label
from cepsim.report.cells import number, share
from cepsim.report.obligation import verdict_of
from cepsim.report.table import Table
from cepsim.scenario.vocabulary import OPERATORS, PUBLICS

if TYPE_CHECKING:
    from cepsim.report.note import Note

#: Shares whose spread is told: the stage that has them, and the period (the last year where it is empty).
_SPREAD: Final = {
    "share_within_norm": ("accueil", ALL),
    "share_lost": ("accueil", ALL),
    "wait_p50": ("accueil", ALL),
    "coverage_served": (ALL, ""),
}
#: A median of hours at some operators: a ratio to it says nothing.
_NEAR_ZERO: Final = "wait_p50"
_BETWEEN: Final = {"regions": "", "publics": "publics_"}
_DECIMALS: Final = 3


def qualification(note: Note) -> Table:
    """The share of projects that lead to a qualification, by operator then by public, a column a year."""
    rows = []
    for scenario in note.scenarios:
        for key, codes in (("operator", (ALL, *OPERATORS)), ("public", PUBLICS)):
            for code in codes:
                cells = [
                    note.value(
                        note.of(scenario, period=period),
                        share(note.language),
                        {"indicator": "share_qualifying", key: code, "period": period},
                    )
                    for period in (ALL, *map(str, note.years))
                ]
                if any(text != "–" for text in cells):
                    who = note.operator(code) if key == "operator" else label(f"public.{code}", note.language)
                    rows.append((note.scenario(scenario), who, *cells))
    columns = [
        note.text("scenario"),
        note.said("qualification.who"),
        note.said("qualification.horizon"),
        *map(str, note.years),
    ]
    return note.noted("qualification", columns, rows, intervals=True)


def obligation_by_region(note: Note) -> Table:
    """What each operator offers within the norm in each region, under the main scenario, and the verdict."""
    offered = note.run.obligation
    offered = offered[offered["scenario"] == note.main]
    rows = []
    for region in note.regions:
        here = offered[offered["region"] == region.code]
        cells = []
        for operator in OPERATORS:
            found = here[here["operator"] == operator]
            row = None if found.empty else found.iloc[0]
            told = "–" if row is None else share(note.language)(float(row["mean"]))
            cells.append(told if row is None else f"{told} ({verdict_of(row, note.language)})")
        rows.append((region.code, region.name, *cells))
    required = share(note.language)(note.run.plan.scenarios[note.scenarios.index(note.main)].norm.quantile)
    columns = [note.said("obligation_by_region.code"), note.said("region"), *map(note.operator, OPERATORS)]
    return note.noted(
        "obligation_by_region", columns, rows, scenario=note.scenario(note.main), required=required
    )


def equity_table(note: Note) -> Table:
    """Gini and P90/P10 of delays and coverage, between regions and between publics."""
    rows = []
    write = number(note.language, _DECIMALS)
    for between, prefix in _BETWEEN.items():
        for name, (stage, period) in _SPREAD.items():
            when = period or str(note.years[-1])
            for spread in ("gini",) if name == _NEAR_ZERO else ("gini", "p90_p10"):
                keys = {"indicator": f"{spread}_{prefix}{name}", "stage": stage, "period": when}
                cells = [note.value(note.of(of, period=when), write, keys) for of in note.scenarios]
                if any(text != "–" for text in cells):
                    told = note.said(f"equity.{name}", year=when)
                    rows.append((note.said(f"equity.{between}"), told, note.said(f"equity.{spread}"), *cells))
    columns = [
        *(note.said(f"equity.{name}") for name in ("between", "of", "spread")),
        *map(note.scenario, note.scenarios),
    ]
    return note.noted("equity", columns, rows, intervals=True)


def attributes_table(note: Note) -> Table:
    """Who has an attribute among those who come and are received, and is lost beside the others."""
    shown = (
        ("people_asking", number(note.language)),
        *((name, share(note.language)) for name in ("share_asking", "share_received", "rate_lost")),
    )
    rows = []
    for scenario in note.scenarios:
        of = note.of(scenario, period=ALL)
        for attribute in CONCERNED:
            cells = [note.value(of, write, {"indicator": f"{attribute}_{name}"}) for name, write in shown]
            others = {"indicator": f"others_{attribute}_rate_lost"}
            if any(text != "–" for text in cells):
                told = note.said(f"attributes.{attribute}")
                rows.append((note.scenario(scenario), told, *cells, note.value(of, shown[-1][1], others)))
    names = [name for name, _ in shown]
    columns = [
        note.text("scenario"),
        *(note.said(f"attributes.{name}") for name in ("attribute", *names, "others_rate_lost")),
    ]
    return note.noted("attributes", columns, rows, intervals=True)
