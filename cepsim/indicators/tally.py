"""Integer tables that add up: a row a cell, key columns that name it, measures that are summed.

Rows whose measures are all 0 are left out and rows are sorted by key, so that a table depends on nothing
but what it counts, and a sum of tables on nothing but the tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cepsim.trace import Ints

#: What a key column may be called: texts, or whole numbers in increasing order.
Names = Sequence[str] | Sequence[int]


def tally(
    keys: Mapping[str, tuple[Ints, Names]], measures: Mapping[str, Ints | NDArray[np.bool_]]
) -> pd.DataFrame:
    """Sum measures over the rows of each cell.

    `keys` gives, by column, the position of each row in the names of that column; `measures` the whole
    numbers (or booleans) to add. All arrays have one shape (rows,).
    """
    names = [values for _, values in keys.values()]
    codes = [np.asarray(values, dtype=np.int64) for values, _ in keys.values()]
    sizes = tuple(max(len(values), 1) for values in names)
    cells, row_cell = np.unique(np.ravel_multi_index(codes, sizes), return_inverse=True)
    columns: dict[str, pd.Series[str] | Ints] = {}
    for name, position, values in zip(keys, np.unravel_index(cells, sizes), names, strict=True):
        columns[name] = _named(position, values)
    for name, amounts in measures.items():
        sums = np.zeros(len(cells), dtype=np.int64)
        np.add.at(sums, row_cell, amounts.astype(np.int64))
        columns[name] = sums
    return tidy(pd.DataFrame(columns), list(measures))


def add_up(tables: Sequence[pd.DataFrame], measures: Sequence[str]) -> pd.DataFrame:
    """The sum of tables with the same columns, cell by cell; at least one table."""
    if len(tables) == 1:
        return tidy(tables[0], measures)
    together = pd.concat(tables, ignore_index=True)
    return tidy(total(together, [c for c in together.columns if c not in measures], measures), measures)


def total(table: pd.DataFrame, keys: Sequence[str], measures: Sequence[str]) -> pd.DataFrame:
    """The sums of measures by some of the keys; without any, one row."""
    if not keys:
        return table[list(measures)].sum().to_frame().T.astype(np.int64)
    return table.groupby(list(keys), as_index=False, sort=True, observed=True)[list(measures)].sum()


def tidy(table: pd.DataFrame, measures: Sequence[str]) -> pd.DataFrame:
    """Without empty cells, sorted by the keys, numbered from 0."""
    keys = [column for column in table.columns if column not in measures]
    kept = table[(table[list(measures)] != 0).any(axis=1)]
    return kept.sort_values(keys, ignore_index=True)


def _named(positions: NDArray[np.intp], names: Names) -> pd.Series[str] | Ints:
    if len(names) and isinstance(names[0], int):
        return np.asarray(names, dtype=np.int64)[positions]
    return pd.Series(np.asarray(names, dtype=object)[positions], dtype="str")
