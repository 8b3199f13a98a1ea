"""What follows projects: CIF, training of job seekers, VAE. Beside the ledger, and in no cost of the service.

    files       decided through ingénierie in the year in which the financer decides, counted from the trace
    accepted    those that the budget pays; a result, to be held against the shares that were observed
    beyond      the others: what they would cost, which nobody pays

Commissions decide on requests for a CIF in the simulation: what they accept is accepted here, and a request
refused counts once it is not lodged again. Where a scenario has no commissions, and for job seekers'
training, the budget of the year (a number of places) is applied afterwards at the mean price: everybody is
decided in favour, and as many are accepted as the region's part pays. VAE has no budget that the tables hold,
and all are accepted. Budgets are those of today: what the new service takes from the CIF contribution is not
taken from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
import pandas as pd

from cepsim.costing.ledger import rounded
from cepsim.costing.parts import split
from cepsim.costing.payers import payer_shares
from cepsim.costing.posts import STAFF_CHARACTERS
from cepsim.costing.price_year import index_of
from cepsim.costing.prices import exact
from cepsim.people.commissions import BUDGETS, way_of
from cepsim.people.deployment import Deployment
from cepsim.scenario.vocabulary import JOB_SEEKERS, PRIVATE_EMPLOYEES, PUBLICS, SCHOOL_LEAVERS
from cepsim.units import CENTS_PER_EURO

ACCEPTED: Final = "accepted"
BEYOND: Final = "beyond_budget"
#: Payer and character of what nobody pays.
NOBODY: Final = "non_finance"
#: Kind, and outcome, of what the tables have no price of: projects of public servants and the self-employed.
NOT_PRICED: Final = "not_priced"
#: What tells rows apart, but who pays.
COMMITMENT_CELL: Final = ("year", "region", "operator", "public", "kind", "outcome", "character")
COMMITMENT_DIMENSIONS: Final = (*COMMITMENT_CELL, "payer")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of commitment: what it is shown as, its price, its budget in euros or in places, whose key."""

    shown: str
    price: str
    budget: str = ""
    key: str = ""


_VAE: Final = "unit_costs.vae_accompaniment.opacif"
#: By name of its payers in `payers`.
_KINDS: Final = {
    "cif_cdi": Kind(
        "cif_cdi", "unit_costs.cif_cdi_cost.opacif", "operators.opacif.commission_budget_cif_cdi", "opacif"
    ),
    "cif_cdd": Kind(
        "cif_cdd", "unit_costs.cif_cdd_cost.opacif", "operators.opacif.commission_budget_cif_cdd", "opacif"
    ),
    "training": Kind(
        "training",
        "unit_costs.training_cost.job_seekers",
        "operators.formation_de.training_entrants_budget",
        "pole_emploi",
    ),
    "vae_in_work": Kind("vae", _VAE),
    "vae_out_of_work": Kind("vae", _VAE),
}
#: Figures of which the price of each kind is the product.
PRICES: Final = {kind.shown: (kind.price,) for kind in _KINDS.values()}
_QUANTITIES: Final = ("files_formation", "files_vae", "files_refused")
#: Kinds on which commissions decide, in the order of their ways.
_CIF: Final = tuple(BUDGETS.values())
_COLUMNS: Final = [*COMMITMENT_DIMENSIONS, "quantity", "unit_cost_cents", "amount_cents", "people"]


def commitments(deployment: Deployment, quantities: pd.DataFrame) -> pd.DataFrame:
    """Files decided and what they commit, a row a `COMMITMENT_DIMENSIONS`.

    `quantity` (files), `amount_cents` and `people` are int64, amounts in euros of the year of prices; a
    file of `NOT_PRICED` has a price of 0 and nobody who pays. What is paid within a budget is
    "deja_finance"; what has none is new for those who would not have come. Raises TableError where the tables
    name nobody who pays.
    """
    parts = [pd.DataFrame(columns=_COLUMNS)]
    files = quantities[quantities["quantity"].isin(_QUANTITIES)]
    files = files.assign(kind=_kind_of(files), refused=files["quantity"] == "files_refused")
    files = files.drop(columns="quantity")
    for name, of_kind in files.groupby("kind"):
        if name == NOT_PRICED:
            paid = of_kind.assign(
                outcome=NOT_PRICED, payer=NOBODY, character=NOBODY, quantity=of_kind["value"]
            )
            parts.append(paid.assign(amount_cents=0, unit_cost_cents=0.0))
        else:
            parts += _of_kind(deployment, str(name), of_kind)
    rows = pd.concat([part[_COLUMNS] for part in parts if len(part)] or parts)
    whole = ("year", "quantity", "amount_cents", "people")
    keys = [*COMMITMENT_DIMENSIONS, "unit_cost_cents"]
    found = rows.groupby(keys, as_index=False)[["quantity", "amount_cents", "people"]].sum()
    return found[_COLUMNS].astype(dict.fromkeys(whole, np.int64))


def _kind_of(files: pd.DataFrame) -> np.ndarray:
    """The kind of each row, by project and public."""
    public, vae = files["public"], files["quantity"] == "files_vae"
    private = public.isin(PRIVATE_EMPLOYEES)
    out_of_work = public.isin((*JOB_SEEKERS, SCHOOL_LEAVERS))
    return np.select(
        [vae & private, vae & out_of_work, out_of_work, *(public.isin(of) for of in _publics_of_cif())],
        ["vae_in_work", "vae_out_of_work", "training", *_CIF],
        NOT_PRICED,
    )


def _publics_of_cif() -> list[list[str]]:
    """The publics of each kind of CIF."""
    return [[public for public in PUBLICS if way_of(public) == way] for way in range(len(_CIF))]


def _of_kind(deployment: Deployment, name: str, files: pd.DataFrame) -> list[pd.DataFrame]:
    """What is accepted, shared between its payers, and what is beyond the budget."""
    kind, tables = _KINDS[name], deployment.tables
    of_tables = exact(tables.figure(kind.price)) * CENTS_PER_EURO
    price = of_tables * index_of(deployment.scenario, tables)
    files = files.assign(kind=kind.shown, unit_cost_cents=float(price))
    if name in _CIF and deployment.scenario.service.commissions:
        accepted = np.where(files["refused"], 0, files["value"]).astype(np.int64)
    else:
        accepted = _accepted(deployment, kind, of_tables, files)
    if kind.budget:
        files = files.assign(character=STAFF_CHARACTERS["existing"])
    parts = []
    beyond = files["value"].to_numpy() - accepted
    # a file is a person: where some are accepted and some are not, neither tells of fewer than the other
    files["people"] = np.where(np.minimum(accepted, beyond) > 0, np.minimum(accepted, beyond), files["value"])
    parts.append(
        files.assign(
            outcome=BEYOND,
            payer=NOBODY,
            character=NOBODY,
            quantity=beyond,
            amount_cents=rounded(beyond, price),
        )
    )
    shares = payer_shares(tables, name, "", "")
    weights = np.array(list(shares.values()))
    quantity, amount = split(accepted, weights), split(rounded(accepted, price), weights)
    for rank, payer in enumerate(shares):
        parts.append(
            files.assign(
                outcome=ACCEPTED, payer=payer, quantity=quantity[:, rank], amount_cents=amount[:, rank]
            )
        )
    return [part[(part["quantity"] != 0) | (part["amount_cents"] != 0)] for part in parts]


def _accepted(deployment: Deployment, kind: Kind, price: Fraction, files: pd.DataFrame) -> np.ndarray:
    """Files accepted of each row: of a year and a region, those that its part of the budget pays.

    Budget and `price` are both in euros of the tables, whatever the year of prices.
    Rows share them by largest remainder, in proportion to their files: who would have come without CEP has no
    better chance than another.
    """
    asked = files["value"].to_numpy()
    if not kind.budget:
        return asked
    figure = deployment.tables.figure(kind.budget)
    whole = exact(figure) if figure.unit == "persons_per_year" else exact(figure) * CENTS_PER_EURO / price
    keys, found = deployment.population.keys[kind.key], asked.copy()
    for region, of_region in files.reset_index(drop=True).groupby("region"):
        most = int(whole * Fraction(str(float(keys[region]))))
        for _, of_year in of_region.groupby("year"):
            rows = of_year.index.to_numpy()
            if asked[rows].sum() > most:
                found[rows] = split(np.array([most]), asked[rows].astype(np.float64))[0]
    return found
