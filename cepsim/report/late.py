"""What is said of dates after the years counted: lines of a scenario, or a branch, on which nothing hangs."""

from __future__ import annotations

from datetime import timedelta

from cepsim.experiment import Plan
from cepsim.labels import Language, label
from cepsim.people.horizon import Horizon
from cepsim.people.late import LateLine, is_late, late_lines
from cepsim.report.cells import day
from cepsim.scenario import Scenario


def late_dates(plan: Plan, language: Language = "fr") -> list[str]:
    """A sentence for each scenario and effect, then one for the branch; none where every date is in time."""
    said = [sentence for scenario in plan.scenarios for sentence in late_in(scenario, language)]
    horizon = Horizon.of(plan.scenarios[-1].calendar)
    if plan.branch_date is not None and is_late(horizon, plan.branch_date):
        told = {"day": day(plan.branch_date, language), **_ends(horizon, language)}
        said.append(label("late.branch", language, **told))
    return said


def late_in(scenario: Scenario, language: Language = "fr") -> list[str]:
    """A sentence for the late lines that the follow-up sees, and one for those that nothing sees."""
    lines, horizon = late_lines(scenario), Horizon.of(scenario.calendar)
    said = []
    for effect, some in (
        ("followed", [line for line in lines if line.followed]),
        ("nothing", [line for line in lines if not line.followed]),
    ):
        if some:
            told = {"scenario": scenario.name, "lines": _listed(some, language), **_ends(horizon, language)}
            said.append(label(f"late.{effect}", language, **told))
    if any(line.key.startswith("staff.changes") for line in lines) and scenario.costs.recruitment:
        said.append(label("late.hired", language))
    return said


def _listed(lines: list[LateLine], language: Language) -> str:
    return ", ".join(f"{line.key} ({day(line.when, language)})" for line in lines)


def _ends(horizon: Horizon, language: Language) -> dict[str, str]:
    """The last day counted and the last one observed."""
    ends = {"end": horizon.end, "observed": horizon.observed}
    return {name: day(horizon.date_of(second) - timedelta(days=1), language) for name, second in ends.items()}
