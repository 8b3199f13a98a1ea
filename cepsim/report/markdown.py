"""Tables as a Markdown document, and as CSV: what is written for those who were not at the screen."""

from __future__ import annotations

from collections.abc import Sequence

from cepsim.report.table import Table


def document(heading: str, lead: str, tables: Sequence[Table]) -> str:
    """A Markdown document: a heading, a line under it, and a section a table."""
    parts = [f"# {_plain(heading)}", _plain(lead)]
    for table in tables:
        parts += [f"## {_plain(table.title)}", pipe_table(table), _plain(table.note)]
    return "\n\n".join(parts) + "\n"


def pipe_table(table: Table) -> str:
    """A table in the syntax of GitHub, every cell as text."""
    lines = [table.columns, ("---",) * len(table.columns), *table.rows]
    return "\n".join(f"| {' | '.join(_cell(text) for text in line)} |" for line in lines)


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|")


def _plain(text: str) -> str:
    """Text on one line, where nothing opens markup: titles come from scenario files."""
    return " ".join(text.split()).replace("<", "&lt;")
