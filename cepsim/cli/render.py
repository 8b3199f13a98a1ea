"""Frames and texts on a terminal: cells in the user's language, numbers right aligned, nothing cut.

Whatever comes from a file or an argument is printed as plain text: no markup is read in it, and its control
characters are shown, never sent to the terminal.
"""

from __future__ import annotations

import math
import os
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from numbers import Integral, Real
from typing import IO, TYPE_CHECKING, Final

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cepsim.cli.settings import Settings
from cepsim.labels import label
from cepsim.units import format_number

if TYPE_CHECKING:
    import pandas as pd

#: Width of what is not read on a terminal, in characters: a file or a pipe, where lines may be long.
_PIPE_WIDTH: Final = 200
#: Narrowest column of text, and what separates two columns, in characters.
_TEXT_WIDTH: Final = 24
_GAP: Final = 3
#: Columns of codes that have labels: the column is the prefix of their keys.
_LABELLED: Final = ("unit", "kind", "confidence", "vintage")
_NUMBER: Final = re.compile(r"[<>≤≥+−-]?\s*€?\d")
_NOTHING: Final = "–"
_MOST_DECIMALS: Final = 6


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table to print: every cell is text; `title` and `note` may be empty."""

    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def printer(stream: IO[str]) -> Console:
    """A console that prints what it is given: no markup, no emoji codes. NO_COLOR is respected by rich."""
    wide = None if stream.isatty() or "COLUMNS" in os.environ else _PIPE_WIDTH
    return Console(file=stream, highlight=False, markup=False, emoji=False, width=wide)


def clean(text: str) -> str:
    """The text with its control and invisible characters written out, line ends apart."""
    return "".join(
        sign if sign == "\n" or not unicodedata.category(sign).startswith("C") else ascii(sign)[1:-1]
        for sign in text
    )


def say(console: Console, text: str, style: str = "") -> None:
    """A text on lines of its own, as long as they are: a terminal folds them, a pipe keeps them whole."""
    console.print(Text(clean(text), style=style), soft_wrap=True)


def show(console: Console, sheet: Sheet) -> None:
    """Print a table, its title above and its note below."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    needed = 0
    for number, name in enumerate(sheet.columns):
        cells = [clean(row[number]) for row in sheet.rows]
        numeric = _numeric(cells)
        # a number or a code is never folded, a text never to less than a few words
        whole = numeric or not any(" " in cell or "\n" in cell for cell in cells)
        longest = max((cell_len(cell) for cell in cells), default=0)
        least = max(longest if whole else min(longest, _TEXT_WIDTH), *map(cell_len, name.split()), 1)
        needed += least + _GAP
        table.add_column(
            Text(clean(name)),
            justify="right" if numeric else "left",
            min_width=least,
            no_wrap=whole,
            overflow="fold",
        )
    for row in sheet.rows:
        table.add_row(*(Text(clean(cell)) for cell in row))
    if sheet.title:
        console.print(Text(clean(sheet.title), style="bold"))
    _print_whole(console, table, needed)
    if sheet.note:
        console.print(Text(clean(sheet.note), style="dim"))
    console.print()


def _print_whole(console: Console, table: Table, needed: int) -> None:
    """Print a table on lines longer than a narrow terminal, which folds them, rather than lose a cell."""
    width = console.width
    console.width = max(width, needed)
    console.print(table, crop=False)
    console.width = width


def sheet_of(
    frame: pd.DataFrame, settings: Settings, *, columns: Sequence[str], title: str = "", note: str = ""
) -> Sheet:
    """Some columns of a frame as a table: names are the labels `cli.column.<name>`, codes become words."""
    rows = frame[list(columns)].itertuples(index=False, name=None)
    return Sheet(
        title=title,
        note=note,
        columns=tuple(settings.text(f"column.{name}") for name in columns),
        rows=tuple(
            tuple(_cell(name, value, settings) for name, value in zip(columns, row, strict=True))
            for row in rows
        ),
    )


def exact(value: float, settings: Settings) -> str:
    """A number with the decimals it has, six at most: 0.35 is "0,35", 14800.0 is "14 800"."""
    if not math.isfinite(value):
        return _NOTHING if math.isnan(value) else "∞"
    rounded = round(Decimal(str(value)), _MOST_DECIMALS).normalize()
    exponent = rounded.as_tuple().exponent
    return format_number(rounded, settings.language, max(0, -int(exponent)))


def _cell(column: str, value: object, settings: Settings) -> str:
    if value is None or value == "":
        return ""
    if column in _LABELLED:
        return label(f"{column}.{value}", settings.language)
    # numpy's booleans are neither Python's nor numbers
    if type(value).__name__ in ("bool", "bool_"):
        return settings.text("yes" if value else "no")
    if isinstance(value, Integral):
        return format_number(int(value), settings.language)
    return exact(float(value), settings) if isinstance(value, Real) else str(value)


def _numeric(cells: Sequence[str]) -> bool:
    """Whether a column holds numbers: every cell that says something begins like one."""
    said = [cell for cell in cells if cell not in ("", _NOTHING, "—", "∞")]
    return bool(said) and all(_NUMBER.match(cell) for cell in said)
