"""Points of accueil per 100 000 active people by region, as people read them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from cepsim.labels import Language, label
from cepsim.report.cells import number
from cepsim.report.table import Table
from cepsim.scenario.vocabulary import OPERATORS
from cepsim.tables import Tables
from cepsim.tables.access import ALL_ACTORS, FULL_OPERATORS, points_of_accueil, structures

_SUMS: Final = (FULL_OPERATORS, ALL_ACTORS)


def access_table(tables: Tables, language: Language, regions: Collection[str] | None = None) -> Table:
    """A row a region (of these, or of all): active people, points per 100 000 of them."""
    points = points_of_accueil(tables)
    rate = number(language, 2)
    rows = []
    for region in tables.regions:
        if regions is None or region.code in regions:
            found = points[points["region"] == region.code].to_dict("records")
            here = {row["actor"]: row for row in found}
            each = [rate(here[operator]["mode"]) for operator in OPERATORS]
            both = [_ranged(here[name], language) for name in _SUMS]
            rows.append((region.code, region.name, number(language)(found[0]["active"]), *each, *both))
    columns = [
        *(label(f"access.{name}", language) for name in ("code", "region", "active")),
        *(label(f"operator.{operator}", language) for operator in OPERATORS),
        *(label(f"access.{name}", language) for name in _SUMS),
    ]
    note = label("access.note", language, others=_others(tables))
    return Table("access", label("access.title", language), note, tuple(columns), tuple(rows))


def _ranged(row: Mapping[Any, Any], language: Language) -> str:
    """The rate and what it is with every figure at its low, then at its high."""
    rate = number(language, 1)
    low, high = rate(row["low"]), rate(row["high"])
    return f"{rate(row['mode'])} {label('answers.interval', language, low=low, high=high)}"


def _others(tables: Tables) -> str:
    """The names of the actors that are counted beside the five operators."""
    names = {row["actor"]: row["name"] for row in tables.names["actors_names"]}
    return ", ".join(names[actor] for actor in structures(tables) if actor not in OPERATORS)
