"""The figures of a scenario in fewer lines: those that one key alone tells apart, as sure, are one."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from cepsim.tables.schema import CONFIDENCES, TABLES

#: The key along which rows of a table repeat each other: a region, a public, a half-hour.
_ALONG: Final[Mapping[str, str]] = MappingProxyType(
    {
        "publics": "public",
        "regions": "region",
        "regions_csp": "new_region",
        "demand": "public",
        "calendar": "scope",
        "market_shares": "operator",
        "operators": "operator",
        "stages": "population",
        "payers": "payer",
        "actors": "actor",
    }
)
#: Tables whose sources quote each row's own numbers: rows are one line whatever source each has.
_SOURCES_APART: Final = ("regions", "regions_csp")
#: What rows of one line have in common, beside what they say of where they are from.
_ALIKE: Final = ("unit", "confidence", "vintage", "use", "overridden", "enters")
_EVERY: Final = "*"
#: Which confidence comes first: the least sure.
_ORDER: Final = MappingProxyType({name: rank for rank, name in enumerate(reversed(CONFIDENCES))})

#: Columns of the lines: `id` with "*" for the key along which rows repeat each other.
LINES: Final = ("id", "rows", "low", "mode", "high", *_ALIKE, "source", "note", "sources")


def in_lines(frame: pd.DataFrame) -> pd.DataFrame:
    """The figures of `experiment.provenance.provenance` in lines, columns `LINES`.

    `rows` figures make a line; `low` and `high` are the least and the greatest of theirs, `mode` that of a
    line of one figure, else NaN. `sources` counts the texts that say where they are from; where there are
    several, `source` and `note` are empty. Hypotheses come first, then what is to verify, what is derived,
    what is observed; among them, the widest range for its size first.
    """
    groups: dict[Hashable, list[Any]] = {}
    for row in frame.itertuples(index=False):
        groups.setdefault(_line_of(row), []).append(row)
    lines = pd.DataFrame([_line(rows) for rows in groups.values()], columns=list(LINES))
    ranges = pd.Series([max(map(_width, rows)) for rows in groups.values()], dtype=float)
    order = lines.assign(_rank=lines["confidence"].map(_ORDER), _width=-ranges)
    order = order.sort_values(["_rank", "_width"], kind="stable")
    return order[list(LINES)].reset_index(drop=True)


def _line_of(row: Any) -> Hashable:
    """What the figures of a line have in common."""
    table = row.id.partition(".")[0]
    texts = () if table in _SOURCES_APART else (row.source, row.note)
    return (_pattern(row.id), *(getattr(row, name) for name in _ALIKE), *texts)


def _pattern(id_: str) -> str:
    """The id without the key along which rows of its table repeat each other."""
    table, *keys = id_.split(".")
    if table not in _ALONG:
        return id_
    keys[TABLES[table].keys.index(_ALONG[table])] = _EVERY
    return ".".join((table, *keys))


def _line(rows: list[Any]) -> tuple[Any, ...]:
    first = rows[0]
    texts = {(row.source, row.note) for row in rows}
    source, note = texts.pop() if len(texts) == 1 else ("", "")
    return (
        first.id if len(rows) == 1 else _pattern(first.id),
        len(rows),
        min(row.low for row in rows),
        first.mode if len(rows) == 1 else float("nan"),
        max(row.high for row in rows),
        *(getattr(first, name) for name in _ALIKE),
        source,
        note,
        len({(row.source, row.note) for row in rows}),
    )


def _width(row: Any) -> float:
    """How wide a range is for its size: nothing where low is high, one where the ends are far apart."""
    size = max(abs(row.low), abs(row.high))
    return float((row.high - row.low) / size) if size else 0.0
