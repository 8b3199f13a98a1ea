"""A unit of work as a process does it: what it needs is compiled once, what it finds is stored at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from cepsim.experiment.pipeline import Draws, Measured, Passage, Setting, run_part, warm_up_scenario
from cepsim.experiment.plan import Plan
from cepsim.experiment.store import Store
from cepsim.experiment.unit import Unit
from cepsim.people.handover import Handed
from cepsim.scenario import Scenario


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
        keeps_outcomes=scenario.name in plan.keeps_outcomes,
    )


@dataclass(slots=True)
class Bench:
    """Does tasks of a plan, and stores what they find (no store: it does not).

    `folder` is where platforms leave what they hand to regions.
    """

    plan: Plan
    store: Store | None
    folder: Path
    settings: dict[int, Setting] = field(default_factory=dict)

    def setting(self, scenario: int) -> Setting:
        """A scenario of the plan, compiled."""
        if scenario not in self.settings:
            of = self.plan
            self.settings[scenario] = Setting.of(of.scenarios[scenario], of.tables, of.regions)
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
        setting = self.setting(task.scenario)
        draws, unit = Draws(self.plan.seed, task.replication, self.plan.engine), self.unit(task)
        measured, passages = run_part(
            setting,
            task.part,
            self._passage(task),
            draws,
            tick,
            keeps_outcomes=unit.keeps_outcomes,
        )
        for lane, passage in passages.items():
            for name in ("warm_up", "run"):
                getattr(passage, name).save(self._place(task, lane, name))
        if self.store is not None:
            self.store.put(unit.key, measured, unit.about)
        return replace(measured, outcomes=None)

    def _passage(self, task: Task) -> Passage | None:
        """What a platform handed to the region of a task."""
        parts = self.setting(task.scenario).parts
        lane, platforms = parts[task.part].shard.lanes[0], [part for part in parts if not part.is_home]
        if parts[task.part] in platforms or not any(lane in part.shard.lanes for part in platforms):
            return None
        return Passage(*(Handed.load(self._place(task, lane, name)) for name in ("warm_up", "run")))

    def forget(self, task: Task) -> None:
        """Remove what was handed to the region of a finished task."""
        for lane in self.setting(task.scenario).parts[task.part].shard.lanes:
            for name in ("warm_up", "run"):
                self._place(task, lane, name).unlink(missing_ok=True)

    def _place(self, task: Task, lane: int, name: str) -> Path:
        return self.folder / f"{task.scenario}-{task.replication}-{lane}-{name}.npz"
