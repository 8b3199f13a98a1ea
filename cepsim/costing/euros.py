"""From constant euros to those of the year in which they are spent."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from cepsim.costing.ledger import CELL
from cepsim.costing.price_year import GROWTH, PRICE_YEAR, price_index
from cepsim.tables import Tables
from cepsim.trace import Ints

#: Columns of current cents, and the end of the range of the yearly growth that each takes.
CURRENT: Final = {
    "amount_current_cents": "mode",
    "amount_current_low_cents": "low",
    "amount_current_high_cents": "high",
}


def current_index(
    tables: Tables, years: pd.Series[int], end: str = "mode", price_year: int = PRICE_YEAR
) -> pd.Series[float]:
    """How many euros of each year are worth one constant euro of `price_year`.

    `end` is that of the range of the yearly growth from `PRICE_YEAR`, the year of the tables, on: constant
    euros of another year go back to it as they came from it.
    """
    growth, back = float(getattr(tables.figure(GROWTH), end)), float(price_index(tables, price_year))
    return (years - PRICE_YEAR).map(lambda later: (1.0 + growth) ** later / back)


def with_current_euros(
    rows: pd.DataFrame, tables: Tables, cell: tuple[str, ...] = CELL, price_year: int = PRICE_YEAR
) -> pd.DataFrame:
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
            column: _steps(together * current_index(tables, rows["year"], end, price_year).to_numpy(), first)
            for column, end in CURRENT.items()
        }
    )


def _steps(together: np.ndarray[tuple[int], np.dtype[np.float64]], first: np.ndarray) -> Ints:
    """What each row adds to the whole cents of those before it in its cell."""
    whole = np.rint(together).astype(np.int64)
    before = np.concatenate([[0], whole])[:-1]
    found: Ints = whole - np.where(first, 0, before)
    return found
