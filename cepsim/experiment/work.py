"""A unit of work as a process does it: what it needs is compiled once, what it finds is stored at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cepsim.errors import StoreError
from cepsim.experiment.pipeline import Draws, Measured, Passage, Setting, run_part, warm_up_scenario
from cepsim.experiment.plan import Plan
from cepsim.experiment.store import Store
from cepsim.experiment.unit import Unit
from cepsim.people.handover import Handed
from cepsim.people.shards import before


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
        of, scenario = self.plan, self.plan.scenarios[task.scenario]
        return Unit(
            scenario=scenario,
            warm_up=warm_up_scenario(scenario, of.tables),
            tables=of.tables,
            regions=of.regions,
            seed=of.seed,
            replication=task.replication,
            shard=self.setting(task.scenario).parts[task.part].name,
        )

    def do(self, task: Task, tick: Callable[[float], None]) -> Measured:
        """Run a task, keep what it finds, and leave what it hands on. Raises StoreError."""
        setting = self.setting(task.scenario)
        draws = Draws(self.plan.seed, task.replication, self.plan.engine)
        measured, passages = run_part(setting, task.part, self._passage(task), draws, tick)
        try:
            for lane, passage in passages.items():
                for name in ("warm_up", "run"):
                    getattr(passage, name).save(self._place(task, lane, name))
        except OSError as error:
            raise StoreError(
                f"{self.folder.parent}: {error.strerror or error}: could not leave what "
                f"{setting.parts[task.part].name} hands to its regions. Units already there are kept. Free "
                "some space, or choose another folder, and run the same command again: it goes on from them."
            ) from error
        if self.store is not None:
            unit = self.unit(task)
            self.store.put(unit.key, measured, unit.about)
        return measured

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
