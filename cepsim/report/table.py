"""A table ready to be printed."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table ready to be printed: every cell is text. `key` names the question."""

    key: str
    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def frame(self) -> pd.DataFrame:
        """The same as a data frame."""
        return pd.DataFrame(list(self.rows), columns=list(self.columns))
