"""A table as HTML: a heading, a box of its own to scroll in, heads with their scope, its note under it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from cepsim.labels import Language, label
from cepsim.report.markup import Html, element, identity, joined, prose
from cepsim.report.table import Table
from cepsim.units import format_number

#: What begins as a number does, with its unit or its interval after it.
_NUMBER: Final = re.compile(r"[<>≥≤~±]?\s*[+\-−]?\d")
_DASHES: Final = ("", "–", "—")
#: A longer text is prose, whatever it begins with; what is longer still needs room.
_MOST_OF_A_NUMBER: Final = 60
_PROSE: Final = 60
#: Where a number and its interval part, if they must.
_INTERVAL: Final = re.compile(r"\s(?=[\[(])")
#: More rows than are read one after the other.
_MOST_OPEN: Final = 100
#: Columns of texts, before the first of numbers, that name a row.
_MOST_HEADS: Final = 2
#: Parts of a note that are told apart, by their key in the labels of pictures.
_PARTS: Final = ("reading", "scope", "source", "note")


def table_id(table: Table) -> str:
    """The anchor of a table."""
    return identity("t", table.key)


def html_table(table: Table, language: Language, source: str = "", *, folds: bool = False) -> Html:
    """A table with its title, its note and where it comes from, if that is said.

    `folds`: one of many rows is closed until somebody asks, on screen as on paper.
    """
    own = table_id(table)
    numeric = _numeric(table)
    heads = min(max(numeric.index(True), 1), _MOST_HEADS) if any(numeric) else 1
    top = element(
        "tr",
        *(
            element("th", name, scope="col", **_class(align))
            for name, align in zip(table.columns, numeric, strict=True)
        ),
    )
    whole = element(
        "table",
        element("caption", table.title, class_="unseen"),
        element("thead", top),
        element("tbody", *_rows(table.rows, numeric, heads)),
    )
    # a box that scrolls is reached by the keyboard, and says what it holds
    box = element("div", whole, class_="box", role="region", tabindex="0", aria_labelledby=f"{own}-title")
    if folds and len(table.rows) > _MOST_OPEN:
        asked = label("report.rows", language, rows=format_number(len(table.rows), language))
        box = element("details", element("summary", asked), box)
    return element(
        "section",
        element("h3", table.title, id=f"{own}-title"),
        box,
        html_note(table.note, language, source),
        id=own,
    )


def html_note(note: str, language: Language, source: str = "") -> Html:
    """A note, each of its parts on its own line; its last one says where figures come from."""
    names = [label(f"figure.{part}", language) for part in _PARTS]
    starts = "|".join(map(re.escape, names))
    parts = [part.strip() for part in re.split(rf"(?:^|(?<=\s))(?={starts})", note) if part.strip()]
    if source:
        parts.append(f"{label('figure.source', language)} {source}")
    return element("div", *(element("p", *_marked(part, names)) for part in parts), class_="note")


def _marked(part: str, names: Sequence[str]) -> list[str]:
    """A part of a note, the name that it begins with set apart; one without a name is a note."""
    name = next((name for name in names if part.startswith(name)), "")
    return (
        [element("strong", name), prose(part[len(name) :])]
        if name
        else [element("strong", names[-1]), prose(f" {part}")]
    )


def _rows(rows: Sequence[Sequence[str]], numeric: Sequence[bool], heads: int) -> list[Html]:
    """Rows with their heads; one whose first head is left empty has that of the row above, for ears alone."""
    written, last = [], ""
    for row in rows:
        last = row[0] or last
        cells = []
        for rank, (cell, align) in enumerate(zip(row, numeric, strict=True)):
            # only the first head may be said again; another that is empty names nothing
            if rank == 0 or (rank < heads and cell):
                shown = prose(cell) if cell else element("span", last, class_="unseen")
                cells.append(element("th", shown, scope="row"))
            else:
                right = align and (_is_number(cell) or cell in _DASHES)
                shown = _number(cell) if right else prose(cell)
                cells.append(element("td", shown, **_class(right, long=len(cell) > _PROSE)))
        written.append(element("tr", *cells))
    return [joined(row, Html("\n")) for row in written]


def _numeric(table: Table) -> list[bool]:
    """Whether most of what a column holds is numbers."""
    found = []
    for cells in zip(*table.rows, strict=True):
        told = [cell for cell in cells if cell not in _DASHES]
        found.append(sum(map(_is_number, told)) * 2 > len(told))
    return found or [False] * len(table.columns)


def _is_number(cell: str) -> bool:
    return len(cell) <= _MOST_OF_A_NUMBER and _NUMBER.match(cell) is not None


def _number(cell: str) -> Html:
    """A number, then its interval: the line breaks between them and nowhere else."""
    return joined(*(element("span", part, class_="w") for part in _INTERVAL.split(cell)), by=" ")


def _class(right: bool, *, long: bool = False) -> dict[str, str]:
    """The class of a cell, if it has one."""
    return {"class_": "n"} if right else {"class_": "long"} if long else {}
