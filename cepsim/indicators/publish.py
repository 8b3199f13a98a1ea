"""What may be shown: nothing about fewer than five people of a region and a public."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from cepsim.indicators.rows import ALL

#: Fewest people in a cell that is shown.
LEAST: Final = 5


def withhold_small_cells(
    table: pd.DataFrame,
    values: Sequence[str] = ("mean", "low", "high", "beyond", "people"),
    people: str = "people",
    least: int = LEAST,
) -> pd.DataFrame:
    """The table without the values of cells of one region and one public that hold fewer than `least` people.

    `table` has columns region and public (ALL where a row sums over them) and `people`, the people behind
    each row; `values` are the columns emptied. A column `withheld` says which rows were. Nobody at all is
    withheld as well. Raises ValueError where a column lacks.
    """
    missing = [name for name in ("region", "public", people, *values) if name not in table.columns]
    if missing:
        raise ValueError(f"no column {', '.join(missing)} in a table to publish")
    one_cell = (table["region"] != ALL) & (table["public"] != ALL)
    small = one_cell & ~(table[people] >= least)
    shown = table.copy()
    for name in values:
        shown[name] = shown[name].astype("float64").mask(small)
    return shown.assign(withheld=small)
