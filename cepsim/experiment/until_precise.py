"""Running a plan until what is wanted of it is precise: batch after batch, an answer that no batch changes.

The number of replications is found by `experiment.precision` from the first n of them, in the order of their
numbers. Batches only decide how many are ready when it looks; what was run beyond the answer stays in the
store and out of the results.
"""

from __future__ import annotations

import tempfile
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np

from cepsim.experiment.chosen import Reading, Replicate
from cepsim.experiment.plan import Plan
from cepsim.experiment.precise_results import PreciseResults, Readings
from cepsim.experiment.precision import (
    LOOK_AHEAD,
    Held,
    Running,
    earliest,
    forecast,
    held_together,
    kept,
    running,
)
from cepsim.experiment.results import Results
from cepsim.experiment.runner import Progress, Report, run_scenarios
from cepsim.experiment.search import Precision, Search
from cepsim.experiment.store import Store

#: A batch at most multiplies the replications by this, however far the precision seems to be.
_GROWTH: Final = 2


def run_until_precise(
    planned: Plan,
    precision: Precision,
    *,
    workers: int | None = None,
    store: Store | None = None,
    executor: Executor | None = None,
    report: Report | None = None,
) -> PreciseResults:
    """Run replications of a plan until all that is followed is precise, or up to the most that are allowed.

    The replications of the plan are the fewest it may take, five at least. How many it takes is the same for
    any number of workers and whatever the store holds. `report` is told how far the run is of what it seems
    to take: an estimate until the end. Without a store, units are kept on disk for the time of the run.
    Raises UsageError, and what `run_scenarios` raises.
    """
    watched = _Watched(Search.of(planned, precision))
    told = _Told(report) if report is not None else None
    with ExitStack() as stack:
        if store is None:
            store = Store(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cepsim-"))))
        while watched.goes_on:
            size = watched.next_size()
            if told is not None:
                told.batch_share = size / watched.target(size)
            batch = replace(watched.search.plan, replications=size)
            watched.add(run_scenarios(batch, workers=workers, store=store, executor=executor, report=told))
    if told is not None:
        told.end()
    return watched.results()


class _Watched:
    """The replications of a search so far, and what is followed in each."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self.batches: list[Results] = []
        self.rows: list[list[Reading]] = []

    @property
    def readings(self) -> Readings:
        shape = len(self.rows), len(self.search.followed)
        return Readings(
            np.array([[reading.value for reading in row] for row in self.rows]).reshape(shape),
            np.array([[reading.reached for reading in row] for row in self.rows], dtype=bool).reshape(shape),
        )

    @property
    def running(self) -> Running:
        return running(self.readings.series, self.search.floors, self.search.rule)

    @property
    def held(self) -> Held | None:
        return held_together(self.running, self.search.rule.fewest)

    @property
    def goes_on(self) -> bool:
        """Whether more replications are needed and allowed."""
        return len(self.rows) < self.search.most and self.held is None

    def next_size(self) -> int:
        """Replications, all told, to run next: never fewer than it takes to find an answer.

        As many as seem to be needed, so that there are few batches; no more than `_GROWTH` times those that
        there are, since the first widths are a poor guide.
        """
        now = self.running
        wanted = min(forecast(now), _GROWTH * len(self.rows))
        return min(max(wanted, earliest(now, self.search.rule.fewest)), self.search.most)

    def target(self, size: int) -> int:
        """Replications that the whole search seems to take, those of this batch at least."""
        return min(max(size, forecast(self.running) + LOOK_AHEAD), self.search.most)

    def add(self, results: Results) -> None:
        """Take the replications that were not there yet."""
        before, plan = len(self.rows), results.plan
        fresh = Results(
            replace(plan, replications=plan.replications - before),
            {name: measured[before:] for name, measured in results.measured.items()},
        )
        self.batches.append(fresh)
        for number in range(fresh.plan.replications):
            of = {scenario.name: Replicate(fresh, scenario.name, number) for scenario in plan.scenarios}
            self.rows.append([each.indicator.read(of[each.scenario]) for each in self.search.followed])

    def results(self) -> PreciseResults:
        """The replications up to the end of the look-ahead, or all that are allowed."""
        n = kept(self.held, len(self.rows))
        measured = {
            scenario.name: [one for batch in self.batches for one in batch.measured[scenario.name]][:n]
            for scenario in self.search.plan.scenarios
        }
        planned = replace(self.search.plan, replications=n)
        return PreciseResults(planned, measured, self.search, self.readings.first(n), self.batches)


@dataclass(slots=True)
class _Told:
    """Tells how far a run is of what it seems to take, of which a batch is only a share."""

    report: Report
    batch_share: float = 1.0
    last: Progress = field(default_factory=lambda: Progress(0, 0, 0.0, 0.0))

    def __call__(self, now: Progress) -> None:
        self.last = now
        units, people = round(now.units / self.batch_share), now.people / self.batch_share
        self.report(Progress(now.units_done, units, now.people_done, people))

    def end(self) -> None:
        """The last batch was all that it took."""
        self.report(self.last)
