"""Text of strangers on its way out: harmless on a terminal, in a spreadsheet, in Markdown.

Scenario files, tables and arguments are written by anybody. What each output would take for its own is
neutralised here; a notebook's HTML is escaped where it is made, and pictures read no markup (`report.style`).
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pandas as pd

#: What makes a formula of a cell, at its beginning, blanks apart.
_FORMULA: Final = re.compile(r"\s*[=+\-@]")
#: What begins so and is a number, with its unit or its interval: "+3,5 %", "-2".
_NUMBER: Final = re.compile(r"\s*[+-][\d\s.,]*\d(\s*[%€]|\s[^=+\-*/^&@(|!]*)?")
#: Words after a sign and a blank: nothing in them can be computed.
_WORDS: Final = re.compile(r"[+-] [^=+*/^&@(|!\"]*")
#: What opens markup in the midst of a line, beside "<": code, what is not what it seems, links.
_MARKUP: Final = re.compile(r"[\\`]|(?<=\])[(:\[]")


def visible(text: str) -> str:
    """The text with its control and invisible characters written out, line ends apart."""
    return "".join(
        sign if sign == "\n" or not unicodedata.category(sign).startswith("C") else ascii(sign)[1:-1]
        for sign in text
    )


def markdown(text: str) -> str:
    """Text on one line, where nothing opens markup or HTML."""
    line = _MARKUP.sub(lambda found: f"\\{found[0]}", " ".join(visible(text).split()))
    return re.sub(r"&(?=[#\w]+;)", "&amp;", line).replace("<", "&lt;")


def cell(text: str) -> str:
    """The text of a cell that a spreadsheet reads: an apostrophe before what it would take for a formula."""
    shown = visible(text)
    if _FORMULA.match(shown) and not (_NUMBER.fullmatch(shown) or _WORDS.fullmatch(shown)):
        return f"'{shown}"
    return shown


def spreadsheet(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame whose texts, and names of columns, are safe cells; numbers stay numbers."""
    safe = frame.copy()
    for position, (_, column) in enumerate(frame.items()):
        if column.dtype.kind in "biufM":
            continue
        # texts repeat: a ledger has some hundred in a million rows
        texts = {text: cell(text) for text in column.unique() if isinstance(text, str)}
        changed = {text: shown for text, shown in texts.items() if shown != text}
        if changed:
            safe.isetitem(position, column.map(lambda value, of=changed: of.get(value, value)).array)
    return safe.rename(columns=lambda name: cell(name) if isinstance(name, str) else name)
