"""Net costs, unit costs, and what they mean for the social partners."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from cepsim.costing.ledger import DIMENSIONS, Ledger, price_of
from cepsim.costing.prices import (
    BILAN_OF_PLAN,
    BILANS_BY_DEPTH,
    CAPACITY,
    GIVEN_BACK,
    INFORMED,
    SHIFT_PAY,
    WORKING_TIME,
)
from cepsim.people.deployment import Deployment
from cepsim.units import CENTS_PER_EURO

#: Characters of posts: moved from elsewhere, or there already.
MOVED: Final = "redeploye"
IN_PLACE: Final = "deja_finance"
#: Services given to people: giving fewer of them than the reference is no saving.
SERVICES: Final = ("bilan_conge", "bilan_psychologist")
#: What a net cost is made of.
PARTS: Final = ("new_money", "services_not_rendered", "paid_anyway")
#: What an operator spends on its service: bilans, and what regions and employers give, come beside.
OPERATOR_COST: Final = (*CAPACITY, SHIFT_PAY, "telecom", "portal")
#: Unit costs: their column, and the people counted under it.
PER: Final = {
    "per_person_received": "persons_received",
    "per_person_entering_conseil": "persons_entering_conseil",
    "per_project": "projects",
}
#: The cost of a unit: what is added to its name, and the column of cents.
COSTS: Final = {"": "cost_cents", "_without_idle": "used_cost_cents"}
CIF_CONTRIBUTION: Final = "contribution_cif_employeurs"


def net_of(ledger: Ledger, reference: Ledger, by: Sequence[str] = ("nature",)) -> pd.DataFrame:
    """Cost of a scenario and of the reference by any cut, in cents; `by` are columns of the ledger.

    Columns: `by`, gross_cents, reference_cents, net_cents, and the three parts of the net cost, which add up
    to it in every row:

    - services_not_rendered_cents: bilans, in the years in which fewer of a nature are paid than in the
      reference. Negative: people lost in a queue are no saving. Those by depth count there as the others, at
      the price of today: what they cost less or more than that is new money;
    - paid_anyway_cents: posts redeployed or lent, which somebody pays already (not their overtime), the
      working time that employers give, wages they pay anyway, the bilans that they decide today, and the
      contacts that other actors answer;
    - new_money_cents: the rest.

    The time of a team is split pro rata between the characters of its posts, so that new money under "idle"
    is that of a mean post of the team. Raises ValueError where the two ledgers cannot be compared or `by`
    names another column.
    """
    unknown = [name for name in by if name not in DIMENSIONS]
    if unknown:
        raise ValueError(f"{unknown[0]} is not a cut of the ledger: {', '.join(DIMENSIONS)}")
    euros = [(of.regions, of.price_year, of.index) for of in (ledger, reference)]
    if euros[0] != euros[1]:
        raise ValueError(
            f"{ledger.scenario} and {reference.scenario} are ledgers of other regions or other euros"
        )
    rows = pd.concat([ledger.rows.assign(sign=1), reference.rows.assign(sign=-1)], ignore_index=True)
    amounts, net = rows["amount_cents"], rows["amount_cents"] * rows["sign"]
    # a bilan by depth is one bilan more or fewer at today's price, and the difference of price
    by_depth = rows["nature"].isin(BILANS_BY_DEPTH)
    today = rows["quantity"] * rows["sign"] * round(price_of(ledger.prices, SERVICES[0], ""))
    today = net.where(~by_depth, today)
    part = _part(rows.assign(net=today, nature=rows["nature"].where(~by_depth, SERVICES[0])), ledger.lenders)
    columns = {
        "gross_cents": amounts.where(rows["sign"] == 1, 0),
        "reference_cents": amounts.where(rows["sign"] == -1, 0),
        "net_cents": net,
        **{f"{name}_cents": today.where(part == name, 0) for name in PARTS},
    }
    columns[f"{PARTS[0]}_cents"] += net - today
    keys = [rows[name] for name in by] or [rows["sign"] * 0]
    table = pd.DataFrame(columns).groupby(keys).sum().astype(np.int64)
    return table.reset_index() if by else table.reset_index(drop=True)


def _part(rows: pd.DataFrame, lenders: Sequence[str]) -> pd.Series[str]:
    """The part of the net cost to which each row of either ledger belongs."""
    nature, character = rows["nature"], rows["character"]
    lent = rows["operator"].isin(lenders) & (character == IN_PLACE) & nature.str.startswith("advisers_")
    anyway = nature.isin(CAPACITY) & ((character == MOVED) | lent) | nature.isin([WORKING_TIME, INFORMED])
    anyway |= (nature == BILAN_OF_PLAN) & (character == IN_PLACE)
    fewer = nature.isin(SERVICES) & (rows.groupby(["year", "nature"])["net"].transform("sum") < 0)
    return pd.Series(np.select([anyway, fewer], [PARTS[2], PARTS[1]], PARTS[0]), index=rows.index)


def unit_costs(ledger: Ledger, quantities: pd.DataFrame, by: Sequence[str] = ("operator",)) -> pd.DataFrame:
    """The operators' cost over the people received, those entering conseil, the projects: three units.

    `by` are among year, region and operator; nothing for one row. Columns: `by`, cost_cents, used_cost_cents,
    persons_received, persons_entering_conseil, projects, and euros `per_person_received`,
    `per_person_entering_conseil`, `per_project` (NaN where there is nobody). cost_cents is that of all the
    capacity given to CEP, used or not, time given back at the price of the others; the columns that end with
    `_without_idle` come from used_cost_cents: without idle time and its share of the time outside direct
    service. The year before launch has a cost and nobody: cut by year, it stands alone. Bilans, one-off
    costs, regions' and employers' costs are left out. By region, a national platform is a region of its own,
    paid for by all: sum over regions before dividing.
    """
    columns = {}

    def summed(table: pd.DataFrame, column: str) -> pd.Series[float]:
        return table.groupby([table[name] for name in by] or [table[column] * 0])[column].sum()

    costs = _operator_costs(ledger)
    for cost in COSTS.values():
        columns[cost] = summed(costs, cost)
    for counted in PER.values():
        columns[counted] = summed(quantities[quantities["quantity"] == counted], "value")
    table = pd.concat(columns, axis=1).fillna(0).round().astype(np.int64)
    for name, counted in PER.items():
        people = table[counted].where(table[counted] > 0)
        for ending, cost in COSTS.items():
            table[name + ending] = table[cost] / CENTS_PER_EURO / people
    return table.sort_index().reset_index(drop=not by)


def _operator_costs(ledger: Ledger) -> pd.DataFrame:
    """Cost of each operator's capacity and of its contacts, with and without what was not used, in cents."""
    rows = ledger.rows[ledger.rows["nature"].isin((*OPERATOR_COST, GIVEN_BACK))]
    role = np.where(rows["nature"].str.startswith(("advisers_", SHIFT_PAY)), "advisers", "")
    role = np.where(rows["nature"].str.startswith("first_line_"), "first_line", role)
    kind = rows["nature"].str.rsplit("_", n=1).str[-1].where(rows["nature"] != GIVEN_BACK, "given_back")
    seconds = {
        name: rows["quantity"].where((kind == name) & (role != ""), 0)
        for name in ("used", "idle", "given_back")
    }
    place = ["year", "region", "operator", "character"]
    table = rows[[*place, "amount_cents"]].assign(role=role, **seconds)
    table = table.groupby([*place, "role"], as_index=False).sum()
    hour = [
        float(price_of(ledger.prices, "advisers_used", operator))
        + float(price_of(ledger.prices, "advisers_structure", operator))
        for operator in table["operator"]
    ]
    on_duty = table["used"] + table["idle"]
    share = np.where(on_duty > 0, table["used"] / np.maximum(on_duty, 1), 1.0)
    return table.assign(
        cost_cents=table["amount_cents"] + table["given_back"] * hour,
        used_cost_cents=table["amount_cents"] * share,
    )


def social_partners(ledger: Ledger, reference: Ledger, deployment: Deployment) -> pd.DataFrame:
    """New money by year, set against what the social partners know.

    Columns: year, payer ("all", or the employers' CIF contribution alone), new_money_cents,
    services_not_rendered_cents (beside it, and in none of the measures that follow),
    share_of_private_payroll, share_of_cif_contribution, cif_forgone (files of a CIF of a permanent
    contract) and eur_per_private_employee. National totals are taken for the part of private employees who
    live in the regions of the run. Wage bill and contribution are those of one year of the tables, in the
    euros of the ledger.
    """
    tables = deployment.tables
    part = float(deployment.population.keys.loc[list(deployment.regions), "opacif"].sum())
    index = float(ledger.index)
    payroll = tables.figure("unit_costs.private_payroll.all_private@check").mode_in_base * part * index
    contribution = tables.figure("operators.opacif.collecte_cif").mode_in_base * part * index
    file = tables.figure("unit_costs.cif_cdi_cost.opacif").mode_in_base * index
    private = ["salaries_cdi", "salaries_cdd", "interimaires", "alternants_jeunes_contrats"]
    employees = int(deployment.population.stocks.loc[list(deployment.regions), private].to_numpy().sum())
    everybody = net_of(ledger, reference, by=("year",)).assign(payer="all")
    by_payer = net_of(ledger, reference, by=("year", "payer"))
    table = pd.concat([everybody, by_payer[by_payer["payer"] == CIF_CONTRIBUTION]], ignore_index=True)
    columns = ["year", "payer", "new_money_cents", "services_not_rendered_cents"]
    table = table[columns].sort_values(["year", "payer"], ignore_index=True)
    euros = table["new_money_cents"] / CENTS_PER_EURO
    return table.assign(
        share_of_private_payroll=euros / payroll,
        share_of_cif_contribution=euros / contribution,
        cif_forgone=euros / file,
        eur_per_private_employee=euros / employees,
    )
