"""From the constant euros of the tables to those of the year in which they are spent."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from cepsim.costing.ledger import CELL, PRICE_YEAR
from cepsim.tables import Tables
from cepsim.trace import Ints

#: By how much prices rise a year: one rate for all costs, whose range is how well it is known.
GROWTH: Final = "unit_costs.price_growth.all"
#: Columns of current cents, and the end of the range that each takes.
CURRENT: Final = {
    "amount_current_cents": "mode",
    "amount_current_low_cents": "low",
    "amount_current_high_cents": "high",
}


def price_index(tables: Tables, years: pd.Series[int], end: str = "mode") -> pd.Series[float]:
    """How many euros of each year are worth one of `PRICE_YEAR`; `end` of the range of the yearly growth."""
    growth = float(getattr(tables.figure(GROWTH), end))
    return (years - PRICE_YEAR).map(lambda later: (1.0 + growth) ** later)


def with_current_euros(rows: pd.DataFrame, tables: Tables, cell: tuple[str, ...] = CELL) -> pd.DataFrame:
    """The same rows with the columns `CURRENT`: whole cents of the year of each row, int64.

    Each cell (all that tells rows apart but who pays) is turned as a whole, to the nearest cent, and so is
    what its first payers pay together: payers close on their cell, and transfers still sum to nothing.
    """
    names = list(cell)
    rows = rows.sort_values([*names, "payer"], ignore_index=True)
    together = rows.groupby(names, sort=False)["amount_cents"].cumsum().to_numpy()
    first = ~rows.duplicated(names).to_numpy()
    return rows.assign(
        **{
            column: _steps(together * price_index(tables, rows["year"], end).to_numpy(), first)
            for column, end in CURRENT.items()
        }
    )


def _steps(together: np.ndarray[tuple[int], np.dtype[np.float64]], first: np.ndarray) -> Ints:
    """What each row adds to the whole cents of those before it in its cell."""
    whole = np.rint(together).astype(np.int64)
    before = np.concatenate([[0], whole])[:-1]
    found: Ints = whole - np.where(first, 0, before)
    return found
