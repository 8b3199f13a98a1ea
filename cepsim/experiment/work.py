"""A unit of work as a process does it: what it needs is compiled once, what it finds is stored at once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final

from cepsim.errors import StoreError
from cepsim.experiment.branching import Branching, check_networks
from cepsim.experiment.deployments import deployed
from cepsim.experiment.pipeline import (
    Draws,
    Measured,
    Opening,
    Passage,
    Replication,
    Setting,
    open_part,
    run_part,
    warm_up_scenario,
)
from cepsim.experiment.plan import Plan
from cepsim.experiment.store import Store
from cepsim.experiment.trace_tables import write_trace
from cepsim.experiment.unit import Unit
from cepsim.people.handover import Handed
from cepsim.people.shards import before, parts_of
from cepsim.scenario import Scenario, canonical

#: Days one remembered: those of the tasks being done, which come scenario after scenario.
_OPENINGS: Final = 2


@dataclass(frozen=True, slots=True, order=True)
class Task:
    """A part of a replication of a scenario: positions in the plan, and in the parts of the scenario."""

    scenario: int
    replication: int
    part: int

    @property
    def of(self) -> tuple[int, int]:
        """The scenario and the replication."""
        return self.scenario, self.replication


def unit_of(plan: Plan, scenario: Scenario, replication: int, shard: str) -> Unit:
    """What a part of a replication of a plan is called in the store."""
    return Unit(
        scenario=scenario,
        warm_up=warm_up_scenario(scenario, plan.tables),
        tables=plan.tables,
        regions=plan.regions,
        seed=plan.seed,
        replication=replication,
        shard=shard,
        sample=plan.sample,
        keeps_outcomes=scenario.name in plan.keeps_outcomes,
    )


def unit_folders(planned: Plan, store: Store) -> dict[str, Path]:
    """The folder of each unit of a plan in a store, by scenario, replication and shard, as one name."""
    found = {}
    for of in planned.scenarios:
        for part in parts_of(deployed(of, planned.tables, planned.regions, planned.sample)):
            for number in range(planned.replications):
                unit = unit_of(planned, of, number, part.name)
                found[f"{of.name}_{number}_{part.name}"] = store.folder / unit.key
    return found


@dataclass(slots=True)
class Bench:
    """Does tasks of a plan, and stores what they find (no store: it does not).

    `folder` is where platforms leave what they hand to regions; `compiled` gives what another process has
    compiled, or None.
    """

    plan: Plan
    store: Store | None
    folder: Path
    compiled: Callable[[], dict[int, Setting] | None] = lambda: None
    settings: dict[int, Setting] = field(default_factory=dict)
    openings: OrderedDict[tuple[str, int, int], Opening] = field(default_factory=OrderedDict)
    pasts: dict[tuple[int, int], Branching] = field(default_factory=dict)

    def setting(self, scenario: int) -> Setting:
        """A scenario of the plan, compiled: here, or by the process that began the run."""
        if not self.settings:
            self.settings = self.compiled() or {}
        if scenario not in self.settings:
            of = self.plan
            self.settings[scenario] = Setting.of(of.scenarios[scenario], of.tables, of.regions, of.sample)
        return self.settings[scenario]

    def unit(self, task: Task) -> Unit:
        """What a task is called in the store."""
        shard = self.setting(task.scenario).parts[task.part].name
        return unit_of(self.plan, self.plan.scenarios[task.scenario], task.replication, shard)

    def found(self, task: Task) -> Measured | None:
        """What the store holds of a task; outcomes that nobody asks for are no reason to do it again."""
        if self.store is None:
            return None
        unit = self.unit(task)
        found = self.store.get(unit.key)
        if found is None and not unit.keeps_outcomes:
            found = self.store.get(replace(unit, keeps_outcomes=True).key)
        return found

    def do(self, task: Task, tick: Callable[[float], None]) -> Measured:
        """Run a task, keep what it finds, and leave what it hands on.

        Outcomes go to the store and no further: those of all the people of a run would not fit in memory.
        """
        draws, unit = Draws(self.plan.seed, task.replication, self.plan.engine), self.unit(task)
        with self._aside() as aside:
            keep = None if aside is None else partial(self._trace, task, aside)
            passage = self._passage(task)
            measured, passages = run_part(
                self.setting(task.scenario).parts[task.part],
                self._opening(task, unit.warm_up, passage, draws),
                passage,
                draws,
                tick,
                keep,
                keeps_outcomes=unit.keeps_outcomes,
                common=self._common_past(task),
            )
            self._hand_on(task, passages)
            if self.store is not None:
                self.store.put(unit.key, measured, unit.about, aside)
        return replace(measured, outcomes=None)

    def _opening(self, task: Task, world: Scenario, passage: Passage | None, draws: Draws) -> Opening:
        """Day one of a task: that of a task done just before, of another scenario, where it is the same.

        `world` is the scenario of its warm-up.
        """
        key = (canonical(world), task.part, task.replication)
        if key not in self.openings:
            part = self.setting(task.scenario).warm_up[task.part]
            self.openings[key] = open_part(part, passage, draws)
            if len(self.openings) > _OPENINGS:
                self.openings.popitem(last=False)
        return self.openings[key]

    def _common_past(self, task: Task) -> Branching | None:
        """What a task has in common with those of the other scenarios, which come next: one is remembered."""
        if self.plan.scenarios[task.scenario].name not in self.plan.branches:
            return None
        key = (task.replication, task.part)
        if key not in self.pasts:
            horizon = self.setting(task.scenario).parts[task.part].deployment.horizon
            self.pasts = {key: Branching(self.plan, horizon)}
        return self.pasts[key]

    def check_branches(self) -> None:
        """Raise UsageError unless the scenarios that branch off are compiled alike until then."""
        rank = {of.name: number for number, of in enumerate(self.plan.scenarios)}
        trunk, *others = self.plan.branches or ("",)
        for name in others:
            pairs = zip(self.setting(rank[trunk]).parts, self.setting(rank[name]).parts, strict=True)
            check_networks(self.plan, name, pairs)

    def _hand_on(self, task: Task, passages: Mapping[int, Passage]) -> None:
        """Leave what a platform hands to its regions."""
        try:
            for lane, passage in passages.items():
                for name in ("warm_up", "run"):
                    getattr(passage, name).save(self._place(task, lane, name))
        except OSError as error:
            raise StoreError(
                f"{self.folder.parent}: {error.strerror or error}: could not leave what "
                f"{self.setting(task.scenario).parts[task.part].name} hands to its regions. Units already "
                "there are kept. Free some space, or choose another folder, and run the same command again: "
                "it goes on from them."
            ) from error

    def _aside(self) -> AbstractContextManager[Path | None]:
        """Where the trace of a task is written until it is kept; nowhere if it is not."""
        return self.store.scratch() if self.store is not None and self.store.trace else nullcontext()

    def _trace(self, task: Task, folder: Path, of: Replication) -> None:
        scenario = self.plan.scenarios[task.scenario].name
        try:
            write_trace(folder, of, scenario=scenario, replication=task.replication)
        except OSError as error:
            raise StoreError(
                f"{folder.parent}: {error.strerror or error}: could not keep the trace of {scenario}, "
                f"replication {task.replication}, shard {of.part.name}. Free some space, or choose another "
                "folder, and run the same command again: it goes on from the units already there."
            ) from error

    def _passage(self, task: Task) -> Passage | None:
        """What a platform handed to the region of a task."""
        parts = self.setting(task.scenario).parts
        if not before(parts, task.part):
            return None
        lane = parts[task.part].shard.lanes[0]
        return Passage(*(Handed.load(self._place(task, lane, name)) for name in ("warm_up", "run")))

    def forget(self, task: Task) -> None:
        """Remove what was handed to the region of a finished task."""
        for lane in self.setting(task.scenario).parts[task.part].shard.lanes:
            for name in ("warm_up", "run"):
                self._place(task, lane, name).unlink(missing_ok=True)

    def _place(self, task: Task, lane: int, name: str) -> Path:
        return self.folder / f"{task.scenario}-{task.replication}-{lane}-{name}.npz"
