"""Net costs, unit costs, and what they mean for the social partners."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from cepsim.costing.ledger import DIMENSIONS, Ledger
from cepsim.costing.prices import CAPACITY, WORKING_TIME
from cepsim.people.deployment import Deployment
from cepsim.units import CENTS_PER_EURO

#: Characters whose cost is no new money: staff moved from elsewhere.
MOVED: Final = "redeploye"
#: What an operator spends on its service: bilans, and what regions and employers give, come beside.
OPERATOR_COST: Final = (*CAPACITY, "telecom", "portal")
#: Unit costs: their column, and the people counted under it.
PER: Final = {
    "per_person_received": "persons_received",
    "per_person_entering_conseil": "persons_entering_conseil",
    "per_project": "projects",
}
CIF_CONTRIBUTION: Final = "contribution_cif_employeurs"


def net_of(ledger: Ledger, reference: Ledger, by: Sequence[str] = ("nature",)) -> pd.DataFrame:
    """Cost of a scenario and of the reference by any cut, in cents; `by` are columns of the ledger.

    Columns: `by`, gross_cents, reference_cents, net_cents, new_money_cents. New money is the net cost less
    the posts redeployed, which somebody pays already (not their overtime), and less the working time that
    employers give, wages they pay anyway. Raises ValueError where the two ledgers cannot be compared or
    `by` names another column.
    """
    unknown = [name for name in by if name not in DIMENSIONS]
    if unknown:
        raise ValueError(f"{unknown[0]} is not a cut of the ledger: {', '.join(DIMENSIONS)}")
    if (ledger.regions, ledger.price_year) != (reference.regions, reference.price_year):
        raise ValueError(
            f"{ledger.scenario} and {reference.scenario} are ledgers of other regions or other euros"
        )
    sides = {
        "gross_cents": ledger.rows["amount_cents"],
        "reference_cents": reference.rows["amount_cents"],
        "new": ledger.rows["amount_cents"].where(_may_be_new(ledger.rows), 0),
        "old": reference.rows["amount_cents"].where(_may_be_new(reference.rows), 0),
    }
    keys = {"gross_cents": ledger, "reference_cents": reference, "new": ledger, "old": reference}
    sums = {
        name: amounts.groupby([keys[name].rows[column] for column in by] or [amounts * 0]).sum()
        for name, amounts in sides.items()
    }
    table = pd.concat(sums, axis=1).fillna(0).astype(np.int64).sort_index()
    table["net_cents"] = table["gross_cents"] - table["reference_cents"]
    table["new_money_cents"] = table.pop("new") - table.pop("old")
    return table.reset_index() if by else table.reset_index(drop=True)


def _may_be_new(rows: pd.DataFrame) -> pd.Series[bool]:
    moved = (rows["character"] == MOVED) & ~rows["nature"].str.endswith("_overtime")
    return ~moved & (rows["nature"] != WORKING_TIME)


def unit_costs(ledger: Ledger, quantities: pd.DataFrame, by: Sequence[str] = ("operator",)) -> pd.DataFrame:
    """The operators' cost over the people received, those entering conseil, the projects: three units.

    `by` are among year, region and operator. Columns: `by`, cost_cents, persons_received,
    persons_entering_conseil, projects, and euros `per_person_received`, `per_person_entering_conseil`,
    `per_project` (NaN where there is nobody). The year before launch has a cost and nobody: cut by year, it
    stands alone. Bilans, one-off costs, regions' and employers' costs are left out. By region, a national
    platform is a region of its own, paid for by all: sum over regions before dividing.
    """
    costs = ledger.rows[ledger.rows["nature"].isin(OPERATOR_COST)]
    columns = {"cost_cents": costs.groupby(list(by))["amount_cents"].sum()}
    for counted in PER.values():
        columns[counted] = quantities[quantities["quantity"] == counted].groupby(list(by))["value"].sum()
    table = pd.concat(columns, axis=1).fillna(0).astype(np.int64)
    for name, counted in PER.items():
        people = table[counted].where(table[counted] > 0)
        table[name] = table["cost_cents"] / CENTS_PER_EURO / people
    return table.sort_index().reset_index()


def social_partners(ledger: Ledger, reference: Ledger, deployment: Deployment) -> pd.DataFrame:
    """New money by year, set against what the social partners know.

    Columns: year, payer ("all", or the employers' CIF contribution alone), new_money_cents,
    share_of_private_payroll, share_of_cif_contribution, cif_forgone (files of a CIF of a permanent
    contract) and eur_per_private_employee. National totals are taken for the part of private employees who
    live in the regions of the run. Wage bill and contribution are those of one year of the tables.
    """
    tables = deployment.tables
    part = float(deployment.population.keys.loc[list(deployment.regions), "opacif"].sum())
    payroll = tables.figure("unit_costs.private_payroll.all_private@check").mode_in_base * part
    contribution = tables.figure("operators.opacif.collecte_cif").mode_in_base * part
    file = tables.figure("unit_costs.cif_cdi_cost.opacif").mode_in_base
    private = ["salaries_cdi", "salaries_cdd", "interimaires", "alternants_jeunes_contrats"]
    employees = int(deployment.population.stocks.loc[list(deployment.regions), private].to_numpy().sum())
    everybody = net_of(ledger, reference, by=("year",)).assign(payer="all")
    by_payer = net_of(ledger, reference, by=("year", "payer"))
    table = pd.concat([everybody, by_payer[by_payer["payer"] == CIF_CONTRIBUTION]], ignore_index=True)
    table = table[["year", "payer", "new_money_cents"]].sort_values(["year", "payer"], ignore_index=True)
    euros = table["new_money_cents"] / CENTS_PER_EURO
    return table.assign(
        share_of_private_payroll=euros / payroll,
        share_of_cif_contribution=euros / contribution,
        cif_forgone=euros / file,
        eur_per_private_employee=euros / employees,
    )
