"""Comparing scenarios: what lacks is run, then people are matched shard by shard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import pandas as pd

from cepsim.errors import UsageError
from cepsim.experiment.changes import add_changes, count_changes
from cepsim.experiment.comparison import Comparison
from cepsim.experiment.deployments import deployed
from cepsim.experiment.plan import Plan, plan
from cepsim.experiment.runner import Report, run_scenarios
from cepsim.experiment.store import Store, store_or_temporary
from cepsim.experiment.work import unit_of
from cepsim.indicators.working_days import WorkingDays
from cepsim.people.shards import parts_of
from cepsim.scenario import Scenario

_FEWEST: Final = 2


def comparison_plan(planned: Plan) -> Plan:
    """The plan of a comparison of the scenarios asked for: what became of their people is kept.

    Raises UsageError unless there are two of them or more, over the same years.
    """
    if len(planned.asked) < _FEWEST:
        raise UsageError(f"comparison: found {', '.join(planned.asked)}, expected two scenarios or more")
    calendars = {s.name: s.calendar for s in planned.scenarios if s.name in planned.asked}
    base = calendars[planned.asked[0]]
    for name, calendar in calendars.items():
        if calendar != base:
            raise UsageError(
                f"comparison: {name} and {planned.asked[0]} have different calendars, expected the same years"
            )
    return replace(planned, keeps_outcomes=planned.asked)


def compare_scenarios(
    planned: Plan, *, workers: int | None = None, store: Store | None = None, report: Report | None = None
) -> Comparison:
    """Run what is not in the store yet of a plan, and compare its scenarios to the first one asked for.

    Without a store, what became of people is kept in a folder that is removed in the end. Raises what
    `comparison_plan` and `run_scenarios` raise, and StoreError if something of the store vanishes meanwhile.
    """
    kept_plan = comparison_plan(planned)
    with store_or_temporary(store) as kept:
        results = run_scenarios(kept_plan, workers=workers, store=kept, report=report)
        window = results.measured[kept_plan.asked[0]][0].counts.window
        return Comparison(results, _changes(kept_plan, kept, window.end, window.observed))


def compare(
    scenarios: Sequence[str | Path | Scenario],
    *,
    regions: Sequence[str],
    replications: int = 5,
    seed: int = 1,
    years: int | None = None,
    workers: int = 1,
    store: Store | None = None,
    branch_date: date | None = None,
) -> Comparison:
    """Plan, run and compare in one call, for a notebook or a script: each scenario to the first.

    With several `workers`, a script must be guarded by `if __name__ == "__main__":`, since each process
    imports it. Raises what `plan` and `compare_scenarios` raise.
    """
    planned = plan(
        scenarios,
        regions=regions,
        replications=replications,
        seed=seed,
        years=years,
        branch_date=branch_date,
    )
    return compare_scenarios(planned, workers=workers, store=store)


def _changes(planned: Plan, store: Store, end: int, observed: int) -> dict[str, list[pd.DataFrame]]:
    """Changes of each scenario compared to the base, replication by replication."""
    asked = [next(s for s in planned.scenarios if s.name == name) for name in planned.asked]
    base, *others = asked
    worlds = [deployed(scenario, planned.tables, planned.regions, planned.sample) for scenario in asked]
    shards, *theirs = ([part.name for part in parts_of(world) if part.is_home] for world in worlds)
    if any(names != shards for names in theirs):
        raise ValueError("scenarios compared are not made of the same parts")
    days = WorkingDays.of(worlds[0], 0, observed)

    def kept(scenario: Scenario, replication: int, shard: str) -> pd.DataFrame:
        return store.outcomes(unit_of(planned, scenario, replication, shard).key)

    found: dict[str, list[pd.DataFrame]] = {scenario.name: [] for scenario in others}
    for replication in range(planned.replications):
        counted: dict[str, list[pd.DataFrame]] = {name: [] for name in found}
        for shard in shards:
            before = kept(base, replication, shard)
            for scenario in others:
                after = kept(scenario, replication, shard)
                counted[scenario.name].append(count_changes(before, after, days, planned.regions, end))
        for name, tables in counted.items():
            found[name].append(add_changes(tables))
    return found
