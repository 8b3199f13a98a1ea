"""Tables as a Markdown document, and as CSV: what is written for those who were not at the screen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from cepsim.labels import LANGUAGES, all_labels
from cepsim.report.table import Table
from cepsim.safe import markdown

#: Code in a text of the program, such as `cepsim compare`; what a text holds in braces is filled by others.
_CODE: Final = re.compile(r"`[^`{}]+`")


def document(heading: str, lead: str, tables: Sequence[Table]) -> str:
    """A Markdown document: a heading, a line under it, and a section a table."""
    parts = [f"# {_text(heading)}", _text(lead)]
    for table in tables:
        parts += [f"## {_text(table.title)}", pipe_table(table), _text(table.note)]
    return "\n\n".join(parts) + "\n"


def pipe_table(table: Table) -> str:
    """A table in the syntax of GitHub, every cell as text."""
    lines = [table.columns, ("---",) * len(table.columns), *table.rows]
    return "\n".join(f"| {' | '.join(_cell(text) for text in line)} |" for line in lines)


def _cell(text: str) -> str:
    return _text(text).replace("|", "\\|")


def _text(text: str) -> str:
    """Text where nothing opens markup, but for the code that the program's own texts hold."""
    line = markdown(text)
    for code in _own_code() if "`" in line else ():
        line = line.replace(markdown(code), code)
    return line


@lru_cache(maxsize=1)
def _own_code() -> tuple[str, ...]:
    texts = (text for language in LANGUAGES for text in all_labels(language).values())
    return tuple(sorted({code for text in texts for code in _CODE.findall(text)}))
