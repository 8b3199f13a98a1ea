"""A second view of the ledger: time that belongs to no stage and no public, spread by use."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from cepsim.costing.ledger import DIMENSIONS, Ledger
from cepsim.costing.parts import split
from cepsim.costing.prices import GIVEN_BACK, NATURES
from cepsim.people.hours import NATIONAL, UNALLOCATED

_ROLE: Final = {
    nature.code: nature.role
    for nature in NATURES
    if nature.role and nature.unit == "seconds" and nature.code != GIVEN_BACK
}
_PLACES: Final = ("region", "stage", "public", "people")
_VALUES: Final = ("quantity", "amount_cents")


def spread_by_use(ledger: Ledger) -> Ledger:
    """The same ledger with idle time, time outside direct service and their structure given to those served.

    Each such row is shared between the (region, stage, public) that the same role of the same operator
    served in the year, in proportion to the seconds used: those of its own region, or of all of them for a
    national platform. Natures, payers and characters stay; every sum over stages, publics and regions
    closes. Rows of a year without use stay where they are. To be labelled as a convention wherever shown.
    """
    rows = ledger.rows
    role = rows["nature"].map(_ROLE).fillna("")
    loose = (role != "") & (rows["stage"] == UNALLOCATED)
    used = rows[rows["nature"].str.endswith("_used") & (rows["stage"] != UNALLOCATED)].assign(role=role)
    keys = ["year", "operator", "role"]
    use = used.groupby([*keys, "region", "stage", "public"], as_index=False).agg(
        quantity=("quantity", "sum"), people=("people", "max")
    )
    parts = [rows[~loose]]
    for key, group in rows[loose].assign(role=role).groupby([*keys, "region"]):
        year, operator, its_role, region = key
        mine = (use["year"] == year) & (use["operator"] == operator) & (use["role"] == its_role)
        if region != NATIONAL:
            mine &= use["region"] == region
        shares = use[mine]
        if shares.empty:
            parts.append(group.drop(columns="role"))
            continue
        weights = shares["quantity"].to_numpy(dtype=np.float64)
        pieces = {name: split(group[name].to_numpy(), weights).reshape(-1) for name in _VALUES}
        repeated = group.drop(columns="role").loc[group.index.repeat(len(shares))]
        places = {name: np.tile(shares[name].to_numpy(), len(group)) for name in _PLACES}
        parts.append(repeated.assign(**places, **pieces))
    table = pd.concat(parts, ignore_index=True)
    keep = [name for name in table.columns if name not in (*_VALUES, "people")]
    table = table.groupby(keep, as_index=False).agg(dict.fromkeys(_VALUES, "sum") | {"people": "max"})
    table = table[(table[list(_VALUES)] != 0).any(axis=1)][rows.columns]
    return replace(ledger, rows=table.sort_values(list(DIMENSIONS), ignore_index=True))
