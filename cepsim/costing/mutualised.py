"""A mutualised fund: contributors pay operators in place of the usual payers, from the year of launch on.

    due      of a year, a region and an operator: tariff x paths, less what accounts (CPF) pay there;
             without a tariff, what it costs there, less the same
    paid     due, or the envelope where all that is due exceeds it, in proportion

Amounts are whole cents, transfers of the ledger that sum to nothing in every cell: what contributors pay,
the usual payers pay less, in proportion to what each pays there. A tariff may give an operator more than its
cost: its usual payers are then given the difference, which is shown and not hidden.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import numpy as np
import pandas as pd

from cepsim.costing.parts import split
from cepsim.costing.payers import payer_shares
from cepsim.costing.posts import STAFF_CHARACTERS
from cepsim.costing.prices import CAPACITY, FUND, SHIFT_PAY
from cepsim.people.deployment import Deployment
from cepsim.people.hours import UNALLOCATED
from cepsim.scenario.money import Mutualised
from cepsim.trace import Ints
from cepsim.units import CENTS_PER_EURO

#: What a fund may pay: what an operator spends on the service. Bilans have their own payers.
_PAID: Final = (
    *CAPACITY,
    SHIFT_PAY,
    *("advisers_overtime", "first_line_overtime", "telecom", "portal", "recruitment", "training_of_advisers"),
)
#: Accounts pay interviews, which are advisers' time; the bilans that they pay are not the fund's.
_ACCOUNT: Final = "account_hours"
#: People by whom a tariff is paid: those admitted who reach a point of the path.
PATHS: Final = "mutualised_paths"
_PLACE: Final = ["year", "region", "operator"]
#: Amounts of a fund, in whole cents, by year, region and operator; the envelope is of a year alone.
FUND_COLUMNS: Final = (*_PLACE, "paths", "cost_cents", "accounts_cents", "due_cents", "paid_cents")


def fund_of(deployment: Deployment, rows: pd.DataFrame, quantities: pd.DataFrame) -> pd.DataFrame:
    """What the fund of a scenario owes and pays, by `FUND_COLUMNS`; empty where there is no fund.

    `rows` are those of a ledger without the fund.
    """
    plan = deployment.scenario.financing.mutualised
    if not plan.pays:
        return pd.DataFrame(columns=list(FUND_COLUMNS)).astype(dict.fromkeys(FUND_COLUMNS[3:], np.int64))
    here = _covered(deployment, rows)
    cost = here[here["nature"].isin(_PAID)].groupby(_PLACE)["amount_cents"].sum()
    account = here[(here["nature"] == _ACCOUNT) & (here["amount_cents"] > 0)]
    counted = _covered(deployment, quantities)
    paths = counted[counted["quantity"] == PATHS].groupby(_PLACE)["value"].sum()
    columns = {
        "paths": paths,
        "cost_cents": cost,
        "accounts_cents": account.groupby(_PLACE)["amount_cents"].sum(),
    }
    table = pd.concat(columns, axis=1).fillna(0).astype(np.int64).sort_index().reset_index()
    owed = _at_tariff(plan, table["paths"].to_numpy()) if plan.tariff_eur else table["cost_cents"].to_numpy()
    due = np.maximum(owed - table["accounts_cents"].to_numpy(), 0)
    return table.assign(
        due_cents=due, paid_cents=_paid(envelope_of(deployment), table["year"].to_numpy(), due)
    )


def envelope_of(deployment: Deployment) -> int | None:
    """Cents that the fund may pay a year in the regions of the run, by active people; None for no bound."""
    envelope = deployment.scenario.financing.mutualised.envelope_eur
    if not envelope:
        return None
    active = deployment.population.stocks.sum(axis=1)
    part = Fraction(int(active.loc[list(deployment.regions)].sum()), int(active.sum()))
    return int(Fraction(str(envelope)) * CENTS_PER_EURO * part)


def fund_rows(deployment: Deployment, rows: pd.DataFrame, fund: pd.DataFrame) -> pd.DataFrame:
    """The rows that a fund adds to a ledger: contributors, and as much less for the usual payers."""
    plan = deployment.scenario.financing.mutualised
    here = _covered(deployment, rows)
    # what accounts pay is theirs; what the others pay less of it is not theirs any more
    here = here[here["nature"].isin(_PAID) | ((here["nature"] == _ACCOUNT) & (here["amount_cents"] < 0))]
    usual = {key: of.groupby("payer")["amount_cents"].sum() for key, of in here.groupby(_PLACE)}
    names = [one.payer for one in plan.contributors]
    given = np.array([one.share for one in plan.contributors])
    parts = []
    for place in fund[fund["paid_cents"] > 0].to_dict("records"):
        key, paid = tuple(place[name] for name in _PLACE), np.array([place["paid_cents"]])
        shares = _shares(deployment, usual.get(key), str(place["operator"]))
        amounts = pd.concat(
            [
                pd.Series(split(paid, given)[0], index=names),
                -pd.Series(split(paid, np.array(list(shares.values())))[0], index=list(shares)),
            ]
        )
        # somebody may be both: what he gives is less what he is spared
        amounts = amounts.groupby(level=0).sum()
        parts.append(
            pd.DataFrame({"payer": amounts.index, "amount_cents": amounts.to_numpy()}).assign(
                **{name: place[name] for name in _PLACE}
            )
        )
    found = (
        pd.concat(parts, ignore_index=True)
        if parts
        else pd.DataFrame(columns=[*_PLACE, "payer", "amount_cents"])
    )
    fixed = {"stage": UNALLOCATED, "public": UNALLOCATED, "nature": FUND, "unit": "transfers"}
    fixed |= {"character": STAFF_CHARACTERS["existing"]}
    found = found.assign(**fixed, quantity=0, unit_cost_cents=0.0, people=0)
    return found[found["amount_cents"] != 0]


def _covered(deployment: Deployment, table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the years and of the operators that the fund pays."""
    plan, first = deployment.scenario.financing.mutualised, deployment.horizon.launch.year
    return table[(table["year"] >= first) & table["operator"].isin(plan.operators)]


def _at_tariff(plan: Mutualised, paths: Ints) -> Ints:
    """Paths x tariff, to the nearest cent, halves up."""
    cents = Fraction(str(plan.tariff_eur)) * CENTS_PER_EURO
    return np.array([int(n * cents + Fraction(1, 2)) for n in paths.tolist()], dtype=np.int64)


def _paid(envelope: int | None, years: Ints, due: Ints) -> Ints:
    """What is due, or the envelope of a year shared in proportion where more is due."""
    paid = due.copy()
    for year in np.unique(years) if envelope is not None else ():
        of_year = years == year
        if due[of_year].sum() > envelope:
            paid[of_year] = split(np.array([envelope]), due[of_year].astype(np.float64))[0]
    return paid


def _shares(deployment: Deployment, usual: pd.Series[int] | None, operator: str) -> dict[str, float]:
    """Who is spared, in proportion to what each pays there; the payers of the tables where nobody does."""
    amounts = (
        {} if usual is None else {str(payer): float(cents) for payer, cents in usual.items() if cents > 0}
    )
    existing = STAFF_CHARACTERS["existing"]
    return amounts or payer_shares(deployment.tables, "advisers_used", operator, existing)
