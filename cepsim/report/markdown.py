"""Tables as a Markdown document, and as CSV: what is written for those who were not at the screen."""

from __future__ import annotations

from collections.abc import Sequence

from cepsim.report.table import Table
from cepsim.safe import markdown


def document(heading: str, lead: str, tables: Sequence[Table]) -> str:
    """A Markdown document: a heading, a line under it, and a section a table."""
    parts = [f"# {markdown(heading)}", markdown(lead)]
    for table in tables:
        parts += [f"## {markdown(table.title)}", pipe_table(table), markdown(table.note)]
    return "\n\n".join(parts) + "\n"


def pipe_table(table: Table) -> str:
    """A table in the syntax of GitHub, every cell as text."""
    lines = [table.columns, ("---",) * len(table.columns), *table.rows]
    return "\n".join(f"| {' | '.join(_cell(text) for text in line)} |" for line in lines)


def _cell(text: str) -> str:
    return markdown(text).replace("|", "\\|")
