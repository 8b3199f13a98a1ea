"""What a mutualised fund pays, and lines of a budget, of the replications of a run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from cepsim.costing import Ledger, budget_lines, commitments, envelope_of
from cepsim.experiment.summed import ordered, summary
from cepsim.people.deployment import Deployment

_MEASURES: Final = ("mean", "low", "high", "n")
_CENTS: Final = 100
#: What may be negative.
_BALANCE: Final = "balance"
_FUND: Final = ("cost", "accounts", "due", "paid", _BALANCE)


def fund_frame(
    ledgers: Mapping[str, Sequence[Ledger]], deployments: Mapping[str, Deployment]
) -> pd.DataFrame:
    """What funds owe and pay, by scenario, year and operator, in euros (`paths`, of a tariff: persons).

    Operator "all" for a year: with an envelope, what of it is not spent, and what is due beyond it. `balance`
    is what an operator has of the fund and of accounts, less what it costs.
    """
    rows = []
    for name, of in ledgers.items():
        plan = deployments[name].scenario.financing.mutualised
        if plan.pays:
            envelope = envelope_of(deployments[name])
            counted = [*(["paths"] if plan.tariff_eur else []), *_FUND]
            frames = [_fund_of(priced.fund, counted, envelope) for priced in of]
            keys = ["year", "operator", "indicator"]
            for least, is_balance in ((0.0, False), (-math.inf, True)):
                of_sign = [frame[(frame["indicator"] == _BALANCE) == is_balance] for frame in frames]
                summed = summary(of_sign, keys, additive=True, least=least)
                rows.append(summed.assign(scenario=name))
    if not rows:
        return pd.DataFrame(columns=["scenario", "year", "operator", "indicator", "unit", *_MEASURES])
    found = pd.concat(rows, ignore_index=True)
    unit = found["indicator"].map(lambda indicator: "persons" if indicator == "paths" else "eur")
    return ordered(found.assign(unit=unit), ["year", "operator"])


def _fund_of(fund: pd.DataFrame, counted: list[str], envelope: int | None) -> pd.DataFrame:
    """A fund by year and operator in long form, in euros."""
    table = fund.rename(columns=lambda name: str(name).removesuffix("_cents"))
    table[_BALANCE] = table["paid"] + table["accounts"] - table["cost"]
    table = table.groupby(["year", "operator"], as_index=False)[counted].sum()
    years = table.groupby("year", as_index=False)[counted].sum().assign(operator="all")
    bounds: list[str] = []
    if envelope is not None:
        bounds = ["envelope", "unspent", "beyond"]
        years = years.assign(
            envelope=envelope, unspent=envelope - years["paid"], beyond=years["due"] - years["paid"]
        )
    table = pd.concat([table, years], ignore_index=True)
    table[[*_FUND, *bounds]] = table[[*_FUND, *bounds]] / _CENTS
    return table.melt(["year", "operator"], var_name="indicator").dropna(subset=["value"])


def budget_frame(
    ledgers: Mapping[str, Sequence[Ledger]],
    counted: Mapping[str, Sequence[pd.DataFrame]],
    deployments: Mapping[str, Deployment],
) -> pd.DataFrame:
    """Lines of budgets, by scenario and rank of the line; see `costing.budget_lines`."""
    rows = []
    for name, of in ledgers.items():
        where = deployments[name]
        lines = where.scenario.costs.budget_lines
        if lines:
            frames = [
                budget_lines(where, priced, commitments(where, quantities))
                for priced, quantities in zip(of, counted[name], strict=True)
            ]
            summed = summary(frames, ["line", "indicator"], additive=True)
            years = summed["line"].map(dict(enumerate(line.year for line in lines)))
            rows.append(summed.assign(scenario=name, year=years))
    if not rows:
        return pd.DataFrame(columns=["scenario", "line", "year", "indicator", "unit", *_MEASURES])
    return ordered(pd.concat(rows, ignore_index=True).assign(unit="eur"), ["line", "year"])
