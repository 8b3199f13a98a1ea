"""The tables that name codes and hold no figure: regions and actors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, cast

from cepsim.errors import TableError, nearest
from cepsim.tables.figure import Figure
from cepsim.tables.read import read_rows
from cepsim.tables.schema import CODE, REGION_NAMES, NameTable

Zone = Literal["metropole", "overseas"]
_ZONES: Final = ("metropole", "overseas")
_HOLIDAYS: Final = ("metropole", "alsace_moselle", "guadeloupe", "martinique", "guyane", "la_reunion")


@dataclass(frozen=True, slots=True)
class Region:
    """A region of 2012.

    Attributes:
        code: of INSEE, two digits: "53". Text, since "01" is not 1.
        name: as the administration writes it.
        zone: "metropole", or "overseas": on top of the totals of slide 5.
        pilot: whether it is one of the eight regions named on 18 November 2013.
        holidays: territory whose public holidays it keeps.
        utc_offset_hours: hours from metropolitan time, winter, the same all year.
    """

    code: str
    name: str
    zone: Zone
    pilot: bool
    holidays: str
    utc_offset_hours: int


def read_names(raw: bytes, table: NameTable) -> tuple[Mapping[str, str], ...]:
    """The rows of a table of names. Raises TableError if a column lacks or a code is written twice."""
    file = f"{table.name}.csv"
    rows, problems = read_rows(raw, file, table.columns)
    codes: set[str] = set()
    key = table.columns[0]
    for line, row in rows:
        if row[key] in codes or not CODE.fullmatch(row[key]):
            problems.append(
                TableError(
                    file=file,
                    field=f"line {line}, column {key}",
                    found=row[key],
                    expected="a code of lower-case letters and digits, written once",
                )
            )
        codes.add(row[key])
    if problems:
        raise TableError.together(problems)
    return tuple(MappingProxyType(row) for _, row in rows)


def region_problems(rows: tuple[Mapping[str, str], ...], figures: Mapping[str, Figure]) -> list[TableError]:
    """Words of `regions_names` outside their vocabulary, and regions named there or in `regions` alone."""
    words: Mapping[str, tuple[str, ...]] = {
        "zone": _ZONES,
        "pilot": ("0", "1"),
        "holidays": _HOLIDAYS,
        "utc_offset_hours": tuple(str(hours) for hours in range(-12, 15)),
    }
    file = f"{REGION_NAMES.name}.csv"
    problems = [
        TableError(
            file=file,
            field=f"region {row['region']}, column {column}",
            found=row[column],
            expected=f"one of {', '.join(allowed)}",
            remedy=nearest(row[column], allowed),
        )
        for row in rows
        for column, allowed in words.items()
        if row[column] not in allowed
    ]
    named = {row["region"] for row in rows}
    counted = {figure.key("region") for figure in figures.values() if figure.table == "regions"}
    problems += [
        TableError(
            file=file if code in counted else "regions.csv",
            field="column region",
            found=f"no region {code}",
            expected="the same regions in both tables",
        )
        for code in sorted(named ^ counted)
    ]
    return problems


def region_of(row: Mapping[str, str]) -> Region:
    """A region from its row, once `region_problems` found nothing wrong with it."""
    return Region(
        code=row["region"],
        name=row["name"],
        zone=cast("Zone", row["zone"]),
        pilot=row["pilot"] == "1",
        holidays=row["holidays"],
        utc_offset_hours=int(row["utc_offset_hours"]),
    )
