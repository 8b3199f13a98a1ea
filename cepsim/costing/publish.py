"""The rows of a ledger as they may be shown: no public of a region by itself with fewer than five people."""

from __future__ import annotations

from typing import Final

import pandas as pd

from cepsim.people.hours import UNALLOCATED

#: Public of the rows of which it is withheld.
SECRET: Final = "secret"
_SUMMED: Final = ("quantity", "amount_cents")


def withhold_publics(rows: pd.DataFrame, least: int) -> pd.DataFrame:
    """The same rows, those about fewer than `least` people under the public "secret".

    Rows that differ by their public alone are withheld from the one about the fewest people on, until what
    is withheld together is about `least` people or there is nothing left: what is withheld is not found
    again by seeing which public lacks. Quantities and amounts are summed, so that every total closes over
    any cut but the public. The column `people` is left out.
    """
    others = [name for name in rows.columns if name not in ("public", "people", *_SUMMED)]
    rows = rows.sort_values([*others, "people", "public"], ignore_index=True)
    of_public = rows["public"] != UNALLOCATED
    before = rows["people"].where(of_public, 0).groupby([rows[name] for name in others]).cumsum()
    before -= rows["people"].where(of_public, 0)
    hidden = of_public & ((rows["people"] < least) | ((before > 0) & (before < least)))
    shown = rows.assign(public=rows["public"].mask(hidden, SECRET))
    shown = shown.groupby([*others, "public"], as_index=False)[list(_SUMMED)].sum()
    columns = [name for name in rows.columns if name != "people"]
    return shown[columns].sort_values(columns[: columns.index("quantity")], ignore_index=True)
