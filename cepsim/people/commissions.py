"""The OPACIF's commissions: which requests for a CIF they decide on, when, and within which budgets.

A commission knows its budget alone: how many files it accepts is a result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from math import prod
from typing import Final

from cepsim.errors import TableError
from cepsim.network import CommissionPlan
from cepsim.people.financer import FINANCER
from cepsim.people.horizon import DAYS_PER_YEAR, Horizon
from cepsim.scenario.events import BudgetChange, includes
from cepsim.scenario.vocabulary import PRIVATE_EMPLOYEES, Public
from cepsim.tables import Population, Region, Tables
from cepsim.tables.figure import Figure
from cepsim.units import SECONDS_PER_DAY, SECONDS_PER_HOUR

#: Budgets, and the stations where files wait for them.
BUDGETS: Final[Mapping[str, str]] = {"commission_cdi": "cif_cdi", "commission_cdd": "cif_cdd"}
#: Where a file of formation may go.
WAYS: Final = (*BUDGETS, "decision")
#: Fixed-term contracts, whose CIF has a budget of its own.
_FIXED_TERM: Final = ("salaries_cdd", "alternants_jeunes_contrats")
_HOUR_OF_MEETING: Final = 9
_TUESDAY: Final = 1


def way_of(public: Public) -> int:
    """Position in WAYS: who is no private employee has no CIF, and the decision is another's."""
    if public not in PRIVATE_EMPLOYEES:
        return WAYS.index("decision")
    return WAYS.index("commission_cdd" if public in _FIXED_TERM else "commission_cdi")


def file_cost(tables: Tables, station: str) -> int:
    """What a file takes from the budget of a commission, in euros."""
    return round(tables.figure(f"unit_costs.{BUDGETS[station]}_cost.{FINANCER}").mode)


def meetings_a_year(tables: Tables) -> int:
    """How often a commission meets."""
    return round(tables.figure(f"calendar.commissions_per_year.{FINANCER}").mode)


def answer_s(tables: Tables, decision: Figure) -> int:
    """From a meeting to its answer: the time that a decision takes, less the mean wait for a meeting.

    Raises TableError where a decision takes less than half the time between two meetings.
    """
    wait = DAYS_PER_YEAR / meetings_a_year(tables) * SECONDS_PER_DAY / 2.0
    seconds = round(decision.mode_in_base - wait)
    if seconds < 1:
        raise TableError(
            file="stages.csv",
            field="ingenierie: financer_decision",
            found=decision.mode_in_base / SECONDS_PER_DAY,
            expected=f"more than {wait / SECONDS_PER_DAY:.1f}, half the days between two commissions",
            remedy="Let commissions meet more often, or decisions take longer.",
        )
    return seconds


def commission_plans(
    tables: Tables,
    population: Population,
    region: Region,
    horizon: Horizon,
    answer: int,
    sample: int = 1,
    changes: Sequence[BudgetChange] = (),
) -> dict[str, CommissionPlan]:
    """The commissions of a region, by station: the region's part of the yearly budget, shared over meetings.

    From the date of a change on, each meeting has so much more, or less. What a meeting leaves is carried on.
    For a sample of one person in `sample`, so many times less.
    """
    key = float(population.keys.loc[[region.code], FINANCER].sum())
    local = (_HOUR_OF_MEETING - region.utc_offset_hours) * SECONDS_PER_HOUR
    days = _meetings(meetings_a_year(tables), horizon)
    seconds = [horizon.second(day) + round(local) for day in days]
    plans = {}
    for station, budget in BUDGETS.items():
        yearly = tables.figure(f"operators.{FINANCER}.commission_budget_{budget}").mode_in_base
        each = yearly * key / meetings_a_year(tables) / sample
        of_budget = [
            change for change in changes if budget in change.ways and includes(change.regions, region.code)
        ]
        budgets = [round(each * _changed_by(of_budget, day)) for day in days]
        plans[station] = CommissionPlan(seconds, budgets, answer)
    return plans


def _changed_by(changes: Sequence[BudgetChange], day: date) -> float:
    """What the budget of a meeting is multiplied by on its day."""
    return prod((1.0 + change.change for change in changes if change.from_date <= day), start=1.0)


def _meetings(a_year: int, horizon: Horizon) -> list[date]:
    """Tuesdays, spread evenly over each calendar year of the run."""
    first, last = horizon.date_of(horizon.begin), horizon.date_of(horizon.observed)
    found = []
    for year in range(first.year, last.year + 1):
        for rank in range(a_year):
            day = date(year, 1, 1) + timedelta(days=int((rank + 0.5) * 365 / a_year))
            found.append(day + timedelta(days=(_TUESDAY - day.weekday()) % 7))
    return [day for day in found if first <= day < last]
