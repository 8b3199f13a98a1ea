"""Reading one CSV file of figures: every cell checked, every problem of the file reported together."""

from __future__ import annotations

import csv
import io
import math
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from cepsim.errors import TableError, nearest
from cepsim.plain import content
from cepsim.safe import visible
from cepsim.tables.figure import Figure, range_problem
from cepsim.tables.schema import CODE, CONFIDENCES, KEY_KIND, USES, VINTAGES, YEAR, TableSchema
from cepsim.units import UNITS

#: More bytes than any table has.
MAX_BYTES: Final = 20_000_000
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def canonical_bytes(raw: bytes) -> bytes:
    """The bytes of a file without byte-order mark and with Unix line ends, whatever the editor did."""
    return raw.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")


def read_bytes(path: Path) -> bytes:
    """Canonical bytes of a table. Raises TableError if the file is missing."""
    try:
        return canonical_bytes(content(path, follow=True, most=MAX_BYTES))
    except FileNotFoundError:
        raise TableError(
            file=path,
            found=f"no such file in {path.parent.name}",
            expected="a table of the model",
            remedy="Restore the file, or give the folder that holds all tables.",
        ) from None
    except OSError as error:
        raise TableError(
            file=path,
            found=error.strerror or "an error",
            expected=f"a file of {MAX_BYTES:,} bytes at most",
        ) from None


def read_rows(
    raw: bytes, file: str, columns: Sequence[str]
) -> tuple[list[tuple[int, dict[str, str]]], list[TableError]]:
    """The rows of a CSV text as (line, column -> text), with what is wrong in the header or in a row's width.

    Raises TableError if the text is not UTF-8 or a column is missing or unknown: nothing can be read then.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TableError(
            file=file,
            field=f"byte {error.start}",
            found=repr(raw[error.start : error.end]),
            expected="UTF-8 text",
            remedy='Save the file as "CSV UTF-8".',
        ) from None
    lines = _cells(text, file)
    before, header = lines[0] if lines else (0, [])
    _check_header(header, file, columns)
    rows: list[tuple[int, dict[str, str]]] = []
    problems = [
        TableError(
            file=file,
            field=f"line {last}",
            found=visible(text),
            expected="text without control characters",
            remedy="Remove that character.",
        )
        for last, cells in lines
        for text in cells
        if not text.isprintable() and visible(text) != text
    ]
    for last, cells in lines[1:]:
        line, before = before + 1, last
        if len(cells) == len(header):
            rows.append((line, dict(zip(header, cells, strict=True))))
            continue
        problems.append(
            TableError(
                file=file,
                field=f"line {line}",
                found=f"{len(cells)} cells",
                expected=f"{len(header)} cells, one a column",
                remedy='Put quotes around a text that holds a comma; write decimals with a point ("35.336").',
            )
        )
    return rows, problems


def _cells(text: str, file: str) -> list[tuple[int, list[str]]]:
    """The cells of each row of a CSV text, with the line on which it ends. Raises TableError."""
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        return [(reader.line_num, cells) for cells in reader]
    except csv.Error:
        raise TableError(
            file=file,
            field=f"line {reader.line_num}",
            found="a text too long",
            expected=f"a cell of {csv.field_size_limit():,} characters at most",
            remedy="A quote is perhaps never closed.",
        ) from None


def _check_header(header: Sequence[str], file: str, columns: Sequence[str]) -> None:
    problems = [
        TableError(
            file=file,
            field=f"line 1, column {column}",
            found="no such column",
            expected=f"the columns {', '.join(columns)}",
            remedy=f'Add the column "{column}".',
        )
        for column in columns
        if column not in header
    ]
    problems += [
        TableError(
            file=file,
            field=f"line 1, column {column}",
            found=column,
            expected="a column of this table, once",
            remedy=nearest(column, columns),
        )
        for position, column in enumerate(header)
        if column not in columns or column in header[:position]
    ]
    if problems:
        raise TableError.together(problems)


def read_figures(raw: bytes, schema: TableSchema) -> list[Figure]:
    """The figures of one table, in the order of the file.

    Raises one TableError holding every problem: missing or unknown columns, unknown words and units, numbers
    that are not finite or are written with a comma, ranges out of order, sources that lack, repeated keys.
    """
    file = f"{schema.name}.csv"
    rows, problems = read_rows(raw, file, schema.columns)
    figures: list[Figure] = []
    for line, row in rows:
        found = list(_row_problems(row, line, file, schema))
        problems += found
        if not found:
            figures.append(_figure(row, line, file, schema))
    figures, repeated = _with_ids(figures, schema)
    if problems or repeated:
        raise TableError.together([*problems, *repeated])
    return figures


def _row_problems(row: dict[str, str], line: int, file: str, schema: TableSchema) -> Iterator[TableError]:
    def problem(column: str, expected: str, remedy: str = "") -> TableError:
        field = f"line {line}, column {column}"
        return TableError(file=file, field=field, found=row[column], expected=expected, remedy=remedy)

    for column in (*schema.keys, "perimeter"):
        if not CODE.fullmatch(row[column]):
            yield problem(column, "a code of lower-case letters, digits, _ and -")
    if not YEAR.fullmatch(row["year"]):
        yield problem("year", "a year (2012), a month (2012-12), a day (2012-12-31) or years (2006-2013)")
    for column, words in (("use", USES), ("confidence", CONFIDENCES), ("vintage", VINTAGES)):
        if row[column] not in words:
            yield problem(column, f"one of {', '.join(words)}", nearest(row[column], words))
    unit = UNITS.get(row["unit"])
    if unit is None:
        yield problem("unit", "a unit of the vocabulary", nearest(row["unit"], UNITS))
    elif row["kind"] not in (unit.kind, KEY_KIND):
        yield problem("kind", f'"{unit.kind}", the kind of the unit {unit.code}, or "{KEY_KIND}"')
    numbers = {column: _number(row[column]) for column in ("low", "mode", "high")}
    for column, value in numbers.items():
        if value is None:
            remedy = "Write a decimal point, no space, no mark: 35.336 (k_persons) or 35336 (persons)."
            yield problem(column, "a finite number with a decimal point", remedy)
    low, mode, high = numbers["low"], numbers["mode"], numbers["high"]
    if unit is not None and low is not None and mode is not None and high is not None:
        wrong = range_problem(low, mode, high, unit.code)
        if wrong:
            yield TableError(
                file=file, field=f"line {line}, columns low, mode, high", found=wrong[0], expected=wrong[1]
            )
    if row["confidence"] == "observed" and not row["source"].strip():
        yield problem("source", "the source of an observed figure", "Name it, or call it a hypothesis.")
    if row["confidence"] != "observed" and not (row["source"].strip() or row["note"].strip()):
        yield problem("note", f"the formula or the reason of a figure that is {row['confidence']}")
    if row["vintage"] == "ex_post" and row["use"] == "input":
        yield problem("use", '"check": what came after November 2013 feeds no scenario')


def _number(text: str) -> float | None:
    """The number a cell holds, or None if it is not a finite one written with a decimal point."""
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def _figure(row: dict[str, str], line: int, file: str, schema: TableSchema) -> Figure:
    keys = tuple(row[column] for column in schema.keys)
    return Figure(
        id=".".join((schema.name, *keys)),
        table=schema.name,
        keys=keys,
        low=float(row["low"]),
        mode=float(row["mode"]),
        high=float(row["high"]),
        unit=row["unit"],
        kind=row["kind"],
        use=row["use"],
        year=row["year"],
        perimeter=row["perimeter"],
        confidence=row["confidence"],
        vintage=row["vintage"],
        source=row["source"],
        note=row["note"],
        extras=tuple((column, row[column]) for column in schema.extras),
        file=file,
        line=line,
    )


def _with_ids(figures: Sequence[Figure], schema: TableSchema) -> tuple[list[Figure], list[TableError]]:
    """The figures with the suffixes of their ids, and the keys that are written twice.

    What may not feed a scenario is named `@ex_post` or `@check`; where several years share that name, by the
    year instead.
    """
    groups: dict[str, list[Figure]] = defaultdict(list)
    for figure in figures:
        suffix = "" if figure.addressable else "@ex_post" if figure.vintage == "ex_post" else "@check"
        groups[figure.id + suffix].append(figure)
    names: dict[int, str] = {}
    for name, group in groups.items():
        by_year = "@" in name and len(group) > 1
        for figure in group:
            names[figure.line] = f"{figure.id}@{figure.year}" if by_year else name
    first: dict[str, Figure] = {}
    problems: list[TableError] = []
    for figure in figures:
        other = first.setdefault(names[figure.line], figure)
        if other is not figure:
            problems.append(
                TableError(
                    file=figure.file,
                    field=f"line {figure.line}, columns {', '.join(schema.keys)}",
                    found=names[figure.line],
                    expected=f"a key written once; line {other.line} has it",
                    remedy='Remove one row, or mark it "check".',
                )
            )
    return [replace(figure, id=names[figure.line]) for figure in figures], problems
