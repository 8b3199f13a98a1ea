"""What each table of `data/insee_2012` holds: its keys, its own columns, its words, its groups of shares."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

#: The columns every table of figures ends with. A key column of the same name takes their place.
FIGURE_COLUMNS: Final = (
    "low",
    "mode",
    "high",
    "unit",
    "kind",
    "use",
    "year",
    "perimeter",
    "confidence",
    "vintage",
    "source",
    "note",
)

CONFIDENCES: Final = ("observed", "derived", "to_verify", "hypothesis")
VINTAGES: Final = ("ex_ante", "ex_post")
USES: Final = ("input", "check")

#: A kind beside those of `cepsim.units`: the row shares a national total out, it is no level by itself.
KEY_KIND: Final = "key"

#: A code in a key column: it becomes a part of the figure's id, hence no dot, no capital, no accent.
CODE: Final = re.compile(r"[a-z0-9][a-z0-9_-]*")
#: 2012, 2012-12, 2012-12-31, or several years: 2006-2013.
YEAR: Final = re.compile(r"\d{4}(-\d{2}(-\d{2})?|-\d{4})?")


@dataclass(frozen=True, slots=True)
class TableSchema:
    """The columns of one table of figures.

    Attributes:
        name: name of the file without `.csv`, and first part of its figures' ids.
        keys: columns that identify a row; in order, the other parts of the id.
        extras: columns of this table alone.
    """

    name: str
    keys: tuple[str, ...]
    extras: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, in the order of the file."""
        ends = tuple(column for column in FIGURE_COLUMNS if column not in self.keys)
        return (*self.keys, *self.extras, *ends)


@dataclass(frozen=True, slots=True)
class Mix:
    """Input rows of a table whose modes sum to a stated total, group by group.

    Attributes:
        table, column, prefix: the rows of `table` whose `column` starts with `prefix`.
        by: the columns that make a group.
        total: what the modes of a group sum to: 1 for shares, 12 for twelve months around 1.
    """

    table: str
    column: str
    prefix: str
    by: tuple[str, ...]
    total: float


@dataclass(frozen=True, slots=True)
class NameTable:
    """A table that names codes and holds no figure."""

    name: str
    columns: tuple[str, ...]


def _tables(*schemas: TableSchema) -> Mapping[str, TableSchema]:
    return MappingProxyType({schema.name: schema for schema in schemas})


TABLES: Final = _tables(
    TableSchema("national", ("key",), ("label",)),
    TableSchema("publics", ("category", "public", "item"), ("sums_to",)),
    TableSchema("regions", ("region", "variable")),
    TableSchema("flows", ("flow", "sub")),
    TableSchema("demand", ("public", "basis", "parameter")),
    TableSchema("calendar", ("parameter", "scope")),
    TableSchema("market_shares", ("order", "public", "condition", "operator")),
    TableSchema("operators", ("operator", "variable")),
    TableSchema("stages", ("stage", "parameter", "population", "operator", "intensity", "project")),
    TableSchema("unit_costs", ("item", "perimeter"), ("includes",)),
    TableSchema("payers", ("operator", "scope", "payer")),
    TableSchema("actors", ("actor", "variable")),
    TableSchema(
        "cep_realised",
        ("year", "operator", "perimeter", "measure"),
        ("comparable", "indicator", "operators", "regions", "why"),
    ),
    TableSchema("regions_csp", ("new_region", "variable")),
    TableSchema("marks", ("operator", "quantity"), ("set_inputs",)),
)

REGION_NAMES: Final = NameTable(
    "regions_names", ("region", "name", "zone", "pilot", "holidays", "utc_offset_hours", "source", "note")
)
ACTOR_NAMES: Final = NameTable("actors_names", ("actor", "name", "role", "public", "cost", "source"))

MIXES: Final = (
    Mix("payers", "payer", "", ("operator", "scope"), 1),
    Mix("market_shares", "operator", "", ("order", "public", "condition"), 1),
    Mix("publics", "item", "autonomy_", ("public",), 1),
    Mix("publics", "item", "project_distance_", ("public",), 1),
    Mix("stages", "parameter", "project_mix", ("population", "operator", "intensity"), 1),
    Mix("stages", "parameter", "bdc_depth_autonomy_high_", ("population", "operator", "intensity"), 1),
    Mix("stages", "parameter", "bdc_depth_autonomy_mid_", ("population", "operator", "intensity"), 1),
    Mix("stages", "parameter", "bdc_depth_autonomy_low_", ("population", "operator", "intensity"), 1),
    Mix("calendar", "parameter", "hour_share_telephone", (), 1),
    Mix("calendar", "parameter", "weekday_index", (), 5),
    Mix("flows", "flow", "saison_", ("flow",), 12),
)
