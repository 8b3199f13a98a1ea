"""The ledger: quantities x prices, in whole cents, by who pays.

cell = (year, region, operator, stage, public, nature, character)
amount of a cell = quantity x price, to the nearest cent, computed exactly
rows = cells shared between payers, by largest remainder: quantities and amounts both close
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd

from cepsim.costing.mutualised import fund_of, fund_rows
from cepsim.costing.parts import split
from cepsim.costing.payers import payer_shares
from cepsim.costing.posts import STAFF_CHARACTERS
from cepsim.costing.price_year import index_of
from cepsim.costing.prices import ACCOUNTS, BILANS_BY_DEPTH, NATURES, Prices, prices, tariffs
from cepsim.errors import CheckFailed
from cepsim.people.deployment import Deployment
from cepsim.people.posts import lenders
from cepsim.tables import Tables
from cepsim.trace import Ints

CELL: Final = ("year", "region", "operator", "stage", "public", "nature", "character")
DIMENSIONS: Final = (*CELL, "payer")
_UNITS: Final = {nature.code: nature.unit for nature in NATURES}
#: What somebody pays of each cell of a nature: the payer, quantities and cents.
_Paid = tuple[str, Ints, Ints]


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """What a run costs.

    `rows`: one row a (year, region, operator, stage, public, nature, character, payer), with `quantity`
    (int64) in `unit`, `unit_cost_cents` (float64, cents for one unit), `amount_cents` (int64) and `people`
    (int64), the least number of different people whom the cell is about. Stage and public are "non_affecte"
    for what belongs to none, region "national" for a platform, operator "regions" or "national" for what
    belongs to no operator. `prices` are exact; euros are constant, of `price_year`: `index` of them are one
    euro of the tables. `lenders` are the
    operators whose advisers are lent: somebody pays them whatever they do. `fund` is what a mutualised fund
    owes and pays (see `mutualised`), empty without one.
    """

    rows: pd.DataFrame
    prices: Prices
    scenario: str
    regions: tuple[str, ...]
    price_year: int
    index: Fraction
    lenders: tuple[str, ...]
    fund: pd.DataFrame


def ledger(deployment: Deployment, quantities: pd.DataFrame) -> Ledger:
    """Price what was counted. Raises TableError where the tables do not allow it.

    CIF, training and VAE that follow, and the staff who instruct their files, are not in it.
    """
    scenario, tables = deployment.scenario, deployment.tables
    index = index_of(scenario, tables)
    cells = _cells(quantities)
    active = int(deployment.population.stocks.to_numpy().sum())
    known = prices(tables, active, index, by_depth=bool(cells["nature"].isin(BILANS_BY_DEPTH).any()))
    cells["amount_cents"] = _amounts(cells, known)
    parts = []
    for key, group in cells.groupby(["nature", "operator", "character"], sort=True):
        nature, operator, character = (str(name) for name in key)
        if nature in ACCOUNTS:
            price = tariffs(tables, index)[nature]
            paid = _transferred(tables, group, nature, operator, price)
        else:
            price, paid = price_of(known, nature, operator), _paid(tables, group, nature, operator, character)
        for payer, quantity, amount in paid:
            part = group[list(CELL)].assign(
                payer=payer,
                quantity=quantity,
                unit=_UNITS[nature],
                unit_cost_cents=float(price),
                amount_cents=amount,
                people=group["people"],
            )
            parts.append(part[(part["quantity"] != 0) | (part["amount_cents"] != 0)])
    columns = [*DIMENSIONS, "quantity", "unit", "unit_cost_cents", "amount_cents", "people"]
    rows = pd.concat(parts) if parts else pd.DataFrame(columns=columns)
    fund = fund_of(deployment, rows, quantities)
    if len(fund):
        rows = pd.concat([rows, fund_rows(deployment, rows, fund)])
    rows = rows[columns].sort_values(list(DIMENSIONS), ignore_index=True)
    rows = rows.astype(dict.fromkeys(("year", "quantity", "amount_cents", "people"), np.int64))
    year = scenario.costs.price_year
    whose = lenders(scenario, tables)
    return Ledger(rows, known, scenario.name, deployment.regions, year, index, whose, fund)


def _paid(tables: Tables, group: pd.DataFrame, nature: str, operator: str, character: str) -> Iterator[_Paid]:
    """The cells of a nature shared between its payers."""
    shares = payer_shares(tables, nature, operator, character)
    weights = np.array(list(shares.values()))
    quantity = split(group["quantity"].to_numpy(), weights)
    amount = split(group["amount_cents"].to_numpy(), weights)
    for rank, payer in enumerate(shares):
        yield payer, quantity[:, rank], amount[:, rank]


def _transferred(
    tables: Tables, group: pd.DataFrame, nature: str, operator: str, tariff: Fraction
) -> Iterator[_Paid]:
    """What accounts pay, and as much less from those who pay otherwise: together, nothing."""
    quantity, in_place = group["quantity"].to_numpy(), STAFF_CHARACTERS["existing"]
    paid = rounded(quantity, tariff)
    (account,) = payer_shares(tables, nature, operator, in_place)
    yield account, quantity, paid
    shares = payer_shares(tables, ACCOUNTS[nature], operator, in_place)
    relief = split(paid, np.array(list(shares.values())))
    for rank, payer in enumerate(shares):
        yield payer, np.zeros_like(quantity), -relief[:, rank]


def price_of(known: Prices, nature: str, operator: str) -> Fraction:
    """Price of a nature at an operator, in cents for one unit."""
    return known[nature, operator] if (nature, operator) in known else known[nature, ""]


def close(found: Ledger, quantities: pd.DataFrame) -> None:
    """Re-add quantities x prices and compare with the ledger, in every cell and over every cut.

    Raises CheckFailed naming the first cell whose quantity or cents differ, or a cell of several payers
    whose shares do not add up to it.
    """
    cells = _cells(quantities)
    cells["amount_cents"] = _amounts(cells, found.prices)
    for size in (len(CELL), 0, 1, 2):
        for cut in combinations(CELL, size):
            _compare(found.rows, cells, cut)


def _compare(rows: pd.DataFrame, cells: pd.DataFrame, cut: Sequence[str]) -> None:
    names = ["quantity", "amount_cents"]
    ours, wanted = (_sums(table, cut)[names] for table in (rows, cells))
    ours, wanted = ours.align(wanted, fill_value=0)
    different = np.flatnonzero((ours != wanted).any(axis=1))
    if len(different):
        first = int(different[0])
        found, counted = ours.iloc[first].to_dict(), wanted.iloc[first].to_dict()
        place = f"{', '.join(cut) or 'total'}: {ours.index[first]}"
        raise CheckFailed(f"the ledger does not close ({place}): {found}, recounted {counted}")


def _sums(table: pd.DataFrame, cut: Sequence[str]) -> pd.DataFrame:
    """Sums by cut; one row, 0, where there is none."""
    keys = [table[name] for name in cut] or [pd.Series(0, index=table.index)]
    return table[["quantity", "amount_cents"]].groupby(keys).sum()


def _cells(quantities: pd.DataFrame) -> pd.DataFrame:
    """Quantities by cell of the ledger; people and contacts, which have no price, are left out."""
    parts = [
        quantities[
            quantities["quantity"].isin(nature.quantities)
            & (quantities["role"].eq(nature.role) if nature.role else True)
        ].assign(nature=nature.code)
        for nature in NATURES
    ]
    cells = pd.concat(parts).groupby(list(CELL), sort=True)
    return cells.agg(quantity=("value", "sum"), people=("people", "max")).reset_index()


def _amounts(cells: pd.DataFrame, known: Prices) -> Ints:
    """Exact quantity x price, to the nearest cent, halves up; int64, shape (cells,)."""
    amounts = np.zeros(len(cells), dtype=np.int64)
    for key, rows in cells.groupby(["nature", "operator"]).indices.items():
        nature, operator = (str(name) for name in key)  # type: ignore[attr-defined]
        amounts[rows] = rounded(cells["quantity"].to_numpy()[rows], price_of(known, nature, operator))
    return amounts


def rounded(quantity: Ints, price: Fraction) -> Ints:
    """Quantity x price to the nearest cent, halves up."""
    top, bottom = price.numerator, price.denominator
    return np.array([(2 * value * top + bottom) // (2 * bottom) for value in quantity.tolist()], np.int64)
