"""Lines of a budget set beside what is simulated. Nothing is forced to agree; the gap is shown and explained.

given       the amount of the line, the part of it that the regions of the run have
simulated   the ledger, or the commitments, over what the line pays, in the same euros
at_low, at_high   the same quantities at the ends of the ranges of their prices, all at once
marginal    of what is simulated, what varies with the people
"""

from __future__ import annotations

from math import prod
from typing import Final

import numpy as np
import pandas as pd

from cepsim.costing.commitments import ACCEPTED, PRICES
from cepsim.costing.euros import current_index
from cepsim.costing.ledger import Ledger
from cepsim.costing.prices import BLOCKS, MARGINAL, TRANSFERS, figures_of
from cepsim.people.deployment import Deployment
from cepsim.scenario.money import BudgetLine
from cepsim.tables import Tables
from cepsim.units import CENTS_PER_EURO

#: What begins the name of an indicator that is a nature or a kind of commitment.
NATURE: Final = "nature:"


def budget_lines(deployment: Deployment, ledger: Ledger, commitments: pd.DataFrame) -> pd.DataFrame:
    """Each line of the scenario's budget in long form: line (its rank, from 0), indicator, value in euros.

    Indicators: given, simulated, difference (simulated - given), at_low_prices, at_high_prices, marginal, and
    "nature:<code>" for each nature or kind of commitment with an amount. A line of a year that the ledger
    does not cover has `given` alone.
    """
    tables, rows = deployment.tables, []
    years = _years(deployment)
    for rank, line in enumerate(deployment.scenario.costs.budget_lines):
        given = line.amount_eur * _part(deployment, line)
        found: dict[str, float] = {"given": given}
        if line.year in years:
            cells = _cells(ledger, commitments, line)
            found |= _simulated(tables, line, cells, given, ledger.price_year)
        rows += [(rank, indicator, value) for indicator, value in found.items()]
    return pd.DataFrame(rows, columns=["line", "indicator", "value"])


def _years(deployment: Deployment) -> range:
    """The calendar years of the ledger: that before the launch, and the horizon."""
    launch = deployment.horizon.launch.year
    return range(launch - 1, launch + deployment.horizon.years)


def _part(deployment: Deployment, line: BudgetLine) -> float:
    """The part of the regions of the run in a line for France: the operator's key, or active people."""
    population, here = deployment.population, list(deployment.regions)
    if len(line.operators) == 1:
        return float(population.keys.loc[here, line.operators[0]].sum())
    active = population.stocks.sum(axis=1)
    return float(active.loc[here].sum() / active.sum())


def _cells(ledger: Ledger, commitments: pd.DataFrame, line: BudgetLine) -> pd.DataFrame:
    """Rows of what a line pays: year, nature, operator, payer, amount_cents."""
    natures = tuple(start for block in line.blocks for start in BLOCKS[block])
    service, follows = ledger.rows, commitments[commitments["outcome"] == ACCEPTED]
    if natures:
        # whoever pays in place of the usual payers pays the cost of advisers, or of bilans
        is_paid = service["nature"].str.startswith(natures)
        is_paid |= service["nature"].isin([name for name in TRANSFERS if _pays_for(name) in line.blocks])
        service = service[is_paid]
    elif line.commitments:
        service = service.iloc[:0]
    follows = follows[follows["kind"].isin(line.commitments)].rename(columns={"kind": "nature"})
    columns = ["year", "nature", "operator", "payer", "amount_cents"]
    cells = pd.concat([service[columns], follows[columns]])
    keep = cells["year"] == line.year
    for column, chosen in (("operator", line.operators), ("payer", line.payers)):
        keep &= cells[column].isin(chosen) if chosen else True
    return cells[keep]


def _pays_for(transfer: str) -> str:
    """The block of costs that a transfer pays."""
    return "bilans" if transfer == "account_bilans" else "advisers"


def _simulated(
    tables: Tables, line: BudgetLine, cells: pd.DataFrame, given: float, price_year: int
) -> dict[str, float]:
    year = current_index(tables, pd.Series([line.year]), price_year=price_year)
    index = float(year.iloc[0]) if line.euros == "current" else 1.0
    euros = cells["amount_cents"].to_numpy() / CENTS_PER_EURO * index
    natures, operators = cells["nature"].to_numpy(), cells["operator"].to_numpy()
    ends = {}
    for end in ("low", "high"):
        pairs = list(zip(natures.tolist(), operators.tolist(), strict=True))
        ratio = {pair: _ratio(tables, *pair, end) for pair in set(pairs)}
        ends[f"at_{end}_prices"] = float(np.dot(euros, [ratio[pair] for pair in pairs]))
    total = float(euros.sum())
    by_nature = pd.Series(euros).groupby(natures).sum()
    return {
        "simulated": total,
        "difference": total - given,
        **ends,
        "marginal": float(euros[np.isin(natures, MARGINAL)].sum()),
        **{f"{NATURE}{nature}": float(amount) for nature, amount in by_nature.items() if amount},
    }


def _ratio(tables: Tables, nature: str, operator: str, end: str) -> float:
    """The price at an end of its range over the price taken; 1 where it has none."""
    figures = [tables.figure(id_) for id_ in (PRICES.get(nature) or figures_of(tables, nature, operator))]
    return float(prod(getattr(figure, end) / figure.mode for figure in figures if figure.mode))
