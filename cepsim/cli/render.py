"""Frames and texts on a terminal: cells in the user's language, numbers right aligned, nothing cut.

Whatever comes from a file or an argument is printed as plain text: no markup is read in it, and its control
characters are shown, never sent to the terminal.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from numbers import Integral, Real
from typing import IO, TYPE_CHECKING, Final, Literal

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cepsim.cli.settings import Settings
from cepsim.labels import label
from cepsim.safe import visible as clean
from cepsim.units import format_number

if TYPE_CHECKING:
    import pandas as pd

#: Width of what is not read on a terminal, in characters: a file or a pipe, where lines may be long.
_PIPE_WIDTH: Final = 200
#: Narrowest columns of text, from the most comfortable, and what separates two columns, in characters.
_TEXT_WIDTHS: Final = (24, 16, 10)
_GAP: Final = 3
_LONG_WORD: Final = 24
#: Columns of codes that have labels: the column is the prefix of their keys.
_LABELLED: Final = ("unit", "kind", "confidence", "vintage")
_NUMBER: Final = re.compile(r"[<>≤≥+−-]?\s*€?\d")
_DATE: Final = re.compile(r"\d{4}(-\d\d)?")
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


def say(console: Console, text: str, style: str = "") -> None:
    """A text on lines of its own, as long as they are: a terminal folds them, a pipe keeps them whole."""
    console.print(Text(clean(text), style=style), soft_wrap=True)


def show(console: Console, sheet: Sheet) -> None:
    """Print a table, its title above and its note below.

    A table wider than the terminal is printed in blocks that repeat the columns of labels, and where not even
    one column fits beside them, row by row: no cell is ever cut.
    """
    if sheet.title:
        console.print(Text(clean(sheet.title), style="bold"))
    columns = [
        _Column(clean(name), tuple(clean(row[number]) for row in sheet.rows))
        for number, name in enumerate(sheet.columns)
    ]
    blocks = _blocks(columns, console.width)
    for number, block in enumerate(blocks):
        if number:
            console.print()
        console.print(_table(block))
    if not blocks:
        _show_rows(console, columns)
    if sheet.note:
        console.print(Text(clean(sheet.note), style="dim"))
    console.print()


class _Column:
    """A column to print and the widths that it can take."""

    def __init__(self, name: str, cells: tuple[str, ...]) -> None:
        self.name, self.cells = name, cells
        self.numeric = _numeric(cells)
        self.dates = all(_DATE.fullmatch(cell) for cell in cells if cell)
        self.code = not any(" " in cell or "\n" in cell for cell in cells)
        self.longest = max(map(_width, cells), default=0)
        self.longest_word = max((cell_len(word) for cell in cells for word in cell.split()), default=0)
        #: The header's longest word: a header folds between words, never inside one.
        self.header = max(map(cell_len, name.split()), default=1)

    def stacked(self) -> _Column:
        """The same with each interval under its number."""
        return _Column(self.name, tuple(cell.replace(" [", "\n[") for cell in self.cells))

    def least(self, text_width: int) -> int:
        """Narrowest width: a number or a code is never folded, a text never to less than `text_width`."""
        if self.numeric or self.code:
            cells = self.longest
        else:
            # an address in a text folds anywhere
            word = self.longest_word if self.longest_word <= _LONG_WORD else 0
            cells = min(self.longest, max(text_width, word))
        return max(cells, self.header, 1)


#: A table to print: its columns and their widths.
_Block = list[tuple[_Column, int]]


def _width(text: str) -> int:
    return max(map(cell_len, text.split("\n")), default=0)


def _blocks(columns: Sequence[_Column], width: int) -> list[_Block]:
    """The columns with their widths, in as few tables as hold in `width`; none if they hold in none.

    Of the ways that take as few tables, the one that folds least.
    """
    plain, stacked = list(columns), [column.stacked() if column.numeric else column for column in columns]
    ways = [_split(of, text, width) for text in _TEXT_WIDTHS for of in (plain, stacked)]
    return min((way for way in ways if way), key=len, default=[])


def _split(columns: Sequence[_Column], text_width: int, width: int) -> list[_Block]:
    """Tables no wider than `width` that each begin with the columns of labels; none if there is no way."""
    least = [column.least(text_width) for column in columns]
    if _total(least) <= width:
        return [_widened(columns, least, width)]
    labels = _label_columns(columns)
    if labels == len(columns) or _total([*least[:labels], max(least[labels:])]) > width:
        return []
    ranks: list[list[int]] = []
    for rank in range(labels, len(columns)):
        if not ranks or _total([least[number] for number in (*ranks[-1], rank)]) > width:
            ranks.append(list(range(labels)))
        ranks[-1].append(rank)
    return [_widened([columns[rank] for rank in of], [least[rank] for rank in of], width) for of in ranks]


def _label_columns(columns: Sequence[_Column]) -> int:
    """How many columns name a row: those before the first number that is no year, one at least."""
    measures = (number for number, column in enumerate(columns) if column.numeric and not column.dates)
    return max(next(measures, 0), 1)


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + _GAP * (len(widths) - 1)


def _widened(columns: Sequence[_Column], least: Sequence[int], width: int) -> _Block:
    """Each column with its width: what is left of the line spares cells from folding, then headers."""
    widths = _grown(least, [column.longest for column in columns], width)
    widths = _grown(widths, [cell_len(column.name) for column in columns], width)
    return list(zip(columns, widths, strict=True))


def _grown(widths: Sequence[int], wanted: Sequence[int], width: int) -> list[int]:
    """The widths with what is left of the line, first to the columns that miss least."""
    grown = list(widths)
    spare = width - _total(grown)
    missing = [max(full - narrow, 0) for full, narrow in zip(wanted, grown, strict=True)]
    order = sorted(range(len(grown)), key=missing.__getitem__)
    for rank, number in enumerate(order):
        more = min(missing[number], spare // (len(order) - rank))
        grown[number] += more
        spare -= more
    return grown


def _table(block: _Block) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for column, width in block:
        justify: Literal["left", "right"] = "right" if column.numeric else "left"
        table.add_column(Text(column.name), justify=justify, width=width, overflow="fold")
    for cells in zip(*(column.cells for column, _ in block), strict=True):
        table.add_row(*map(Text, cells))
    return table


def _show_rows(console: Console, columns: Sequence[_Column]) -> None:
    """Print a table a row at a time, "column: cell" on lines of their own, which the terminal folds."""
    labels = _label_columns(columns)
    for row in zip(*(column.cells for column in columns), strict=True):
        say(console, " · ".join(cell for cell in row[:labels] if cell), style="bold")
        for column, cell in zip(columns[labels:], row[labels:], strict=True):
            if cell:
                say(console, f"  {column.name}: {cell}")


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
