"""The bilan as a module of CEP: who makes it, how deep it goes, whether its synthesis is returned.

The diagnosis of the accueil sets the depth. The person alone owns the conclusions: with consent a synthesis
is returned to the adviser, and without it nothing is.
"""

from __future__ import annotations

from math import exp
from typing import Final

import numpy as np

from cepsim.draws import DRAW_RANGE
from cepsim.people.cells import Mask
from cepsim.scenario import Scenario
from cepsim.scenario.vocabulary import AUTONOMY, BILAN_DEPTHS, PRIVATE_EMPLOYEES, Population, Public
from cepsim.tables import Tables
from cepsim.trace import Ints
from cepsim.units import SECONDS_PER_HOUR

#: Staff who make the bilans of those who are no employees.
_EXPERTS: Final = "orientation_psychologists"
_CONSEIL: Final = "stages.conseil"
#: Places after which the last bit of a library moves nobody.
_DECIMALS: Final = 9
_ALL: Final = "all.all.all.all"


def is_module(scenario: Scenario) -> bool:
    """Whether bilans are a module of CEP in a scenario."""
    return scenario.service.bilan == "module"


def has_experts(tables: Tables, operator: str) -> bool:
    """Whether an operator has psychologists: the tables name none but those of Pôle emploi.

    A figure of none of them says that they are not there.
    """
    id_ = f"operators.{operator}.{_EXPERTS}"
    return tables.has(id_) and tables.figure(id_).mode > 0


def is_made(tables: Tables, operator: str, population: Population) -> bool:
    """Whether somebody in a conseil at an operator may have had a bilan: an employee, or by psychologists."""
    return population == "salaries" or has_experts(tables, operator)


def depth_hours(tables: Tables) -> tuple[float, ...]:
    """Hours of a bilan of each depth: the three values of one row."""
    figure = tables.figure(f"{_CONSEIL}.bdc_depth.{_ALL}")
    return (figure.low, figure.mode, figure.high)


def depth_limits(tables: Tables) -> Ints:
    """Draws from which each next depth begins, by autonomy; int64, shape (levels, depths - 1)."""
    shares = [
        [
            tables.figure(f"{_CONSEIL}.bdc_depth_autonomy_{level}_{depth}.{_ALL}").mode
            for depth in BILAN_DEPTHS
        ]
        for level in AUTONOMY
    ]
    return np.round(np.cumsum(shares, axis=1)[:, :-1] * DRAW_RANGE).astype(np.int64)


def returned_shares(tables: Tables) -> list[float]:
    """Share of the bilans asked for whose synthesis is returned: of those who are no employees, of employees.

    Consent, and, for employees, a request accepted: who is refused has nothing to return.
    """
    consent = tables.figure(f"{_CONSEIL}.p_consent_synthese.{_ALL}").mode
    return [consent, consent * acceptance(tables)]


def acceptance(tables: Tables) -> float:
    """Share of the requests for a leave that are accepted."""
    return tables.figure(f"{_CONSEIL}.p_bdc_acceptance.salaries.all.all.all").mode


def without_seniority(tables: Tables, public: Public) -> float:
    """Share of the people of a public who lack the seniority of the leave; none who are no private employees.

    Seniority is exponential: 1 - exp(-asked / mean).
    """
    if public not in PRIVATE_EMPLOYEES:
        return 0.0
    row = "salaries_cdi" if public == "salaries_cdi" else "salaries_cdd"
    asked, mean = (
        tables.figure(f"{_CONSEIL}.{name}.{row}.all.all.all").mode
        for name in ("bdc_eligibility_seniority", "bdc_mean_seniority")
    )
    if mean == 0:
        return 1.0 if asked > 0 else 0.0
    return round(1.0 - exp(-asked / mean), _DECIMALS)


def had_one_lately(tables: Tables) -> float:
    """Share of the private employees whose last leave for a bilan is too near for another.

    As many of those who ask as of all: the leaves of a year, over their number, times the years between two.
    The leaves of a year follow from the bilans of employers and from their share of all bilans.
    """
    plan = tables.figure("operators.bdc_plan_de_formation.bilans").mode
    share = tables.figure(f"{_CONSEIL}.bdc_share_route_plan.salaries.all.all.all").mode
    years = tables.figure(f"{_CONSEIL}.bdc_min_interval.salaries.all.all.all").mode
    stocks = (tables.figure(f"publics.stock.{public}.persons") for public in PRIVATE_EMPLOYEES)
    employees = sum(stock.mode_in_base for stock in stocks)
    if share == 0:
        return 0.0
    return round(min(1.0, years * plan * (1.0 - share) / share / employees), _DECIMALS)


def without_leave(scenario: Scenario, junior: Mask, recent: Mask) -> tuple[Mask, Mask]:
    """Whose bilan the employer's plan gives, and whose is refused, for lack of what the leave asks.

    `junior`: too little seniority; `recent`: had one lately. Who is refused for one has no plan for the
    other.
    """
    service = scenario.service
    lacking = ((service.bilan_seniority, junior), (service.bilan_interval, recent))
    nobody = np.zeros(len(junior), dtype=np.bool_)
    plan, refused = (
        np.logical_or.reduce([nobody, *(whose for found, whose in lacking if found == way)])
        for way in ("plan", "refused")
    )
    return plan & ~refused, refused


def elapsed_seconds(tables: Tables, returned: int, notice: bool) -> float:
    """Mean time that a bilan of a depth (1 is the first) takes: that of a whole one, in proportion.

    With the notice that an employer is given, where it is made on working time.
    """
    whole = tables.figure("unit_costs.bdc_hours.legal_max").mode_in_base / SECONDS_PER_HOUR
    part = depth_hours(tables)[returned - 1] / whole
    seconds = part * tables.figure(f"{_CONSEIL}.bdc_elapsed.{_ALL}").mode_in_base
    if notice:
        name = f"{_CONSEIL}.bdc_admin_delay_on_worktime.salaries.all.all.all"
        seconds += tables.figure(name).mode_in_base
    return seconds


def interviews_saved(tables: Tables) -> float:
    """Interviews of conseil that a synthesis spares."""
    return tables.figure(f"{_CONSEIL}.interviews_saved_with_synthese.{_ALL}").mode
