"""Comparing scenarios: what lacks is run, then people are matched shard by shard."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import pandas as pd

from cepsim.errors import UsageError
from cepsim.experiment.changes import add_changes, count_changes
from cepsim.experiment.comparison import Comparison
from cepsim.experiment.deployments import deployed
from cepsim.experiment.plan import Plan, plan
from cepsim.experiment.runner import Report, run_scenarios
from cepsim.experiment.store import Store
from cepsim.experiment.work import Bench, Task
from cepsim.indicators.working_days import WorkingDays
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
    with _kept(store) as kept:
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
) -> Comparison:
    """Plan, run and compare in one call, for a notebook or a script: each scenario to the first.

    With several `workers`, a script must be guarded by `if __name__ == "__main__":`, since each process
    imports it. Raises what `plan` and `compare_scenarios` raise.
    """
    planned = plan(scenarios, regions=regions, replications=replications, seed=seed, years=years)
    return compare_scenarios(planned, workers=workers, store=store)


@contextmanager
def _kept(store: Store | None) -> Iterator[Store]:
    if store is not None:
        yield store
        return
    with tempfile.TemporaryDirectory(prefix="cepsim-") as folder:
        yield Store(Path(folder))


def _changes(planned: Plan, store: Store, end: int, observed: int) -> dict[str, list[pd.DataFrame]]:
    """Changes of each scenario compared to the base, replication by replication."""
    bench = Bench(planned, store, store.folder)
    rank = {scenario.name: rank for rank, scenario in enumerate(planned.scenarios)}
    base, *others = (rank[name] for name in planned.asked)
    parts = bench.setting(base).parts
    names = [part.name for part in parts]
    days = WorkingDays.of(deployed(planned.scenarios[base], planned.tables, planned.regions), 0, observed)
    found: dict[str, list[pd.DataFrame]] = {name: [] for name in planned.asked[1:]}
    for replication in range(planned.replications):
        counted: dict[int, list[pd.DataFrame]] = {other: [] for other in others}
        for number, part in enumerate(parts):
            if not part.is_home:
                continue
            first = store.outcomes(bench.unit(Task(base, replication, number)).key)
            for other in others:
                if [of.name for of in bench.setting(other).parts] != names:
                    raise ValueError("scenarios compared are not made of the same parts")
                second = store.outcomes(bench.unit(Task(other, replication, number)).key)
                counted[other].append(count_changes(first, second, days, planned.regions, end))
        for other, tables in counted.items():
            found[planned.scenarios[other].name].append(add_changes(tables))
    return found
