"""Running a plan: parts of replications spread over processes, results the same however many there are."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cepsim.engine import ENGINES, EngineName
from cepsim.errors import CepsimError, Interrupted
from cepsim.experiment import processes
from cepsim.experiment.kept import Kept, Shelf
from cepsim.experiment.pipeline import Measured
from cepsim.experiment.plan import Plan, plan
from cepsim.experiment.results import Results
from cepsim.experiment.store import Store
from cepsim.experiment.work import Bench, Task
from cepsim.people.shards import before
from cepsim.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: units and people done and to do. People are an estimate until they have come."""

    units_done: int
    units: int
    people_done: float
    people: float


#: Called each time that a run is further.
Report = Callable[[Progress], None]


def run_scenarios(
    planned: Plan,
    *,
    workers: int | None = None,
    store: Store | None = None,
    executor: Executor | None = None,
    report: Report | None = None,
) -> Results:
    """Run what is not in the store yet of a plan, and put it together.

    `workers` processes (by default one a core); 1 runs here. An `executor` of the caller's is used instead of
    processes of our own: any one of the standard library's interface, whose workers see the same folders.
    Raises Interrupted when the user stops it, and CepsimError when a worker dies: what was finished is kept;
    ValueError for a plan that keeps outcomes without a store.
    """
    if planned.keeps_outcomes and store is None:
        raise ValueError("outcomes are kept in a store: none was given")
    # in the store, which every worker sees
    with store.scratch() if store else tempfile.TemporaryDirectory(prefix="cepsim-") as folder:
        running = _Running(Bench(planned, store, Path(folder)), report)
        count = min(workers or available_cores(), len(running.left))
        try:
            if executor is not None:
                running.spread(executor)
            elif count <= 1:
                running.here()
            else:
                _in_processes(running, count)
        except KeyboardInterrupt as stopped:
            raise Interrupted("stopped") from stopped
        except BrokenProcessPool as broken:
            raise died() from broken
        return Results(planned, running.merged())


def run(
    scenarios: Sequence[str | Path | Scenario],
    *,
    regions: Sequence[str],
    replications: int = 5,
    seed: int = 1,
    years: int | None = None,
    workers: int = 1,
    engine: EngineName = ENGINES[0],
    store: Store | None = None,
    sample: int = 1,
    branch_date: date | None = None,
) -> Results:
    """Plan and run in one call, for a notebook or a script; nothing is stored unless a store is given.

    With several `workers`, a script must be guarded by `if __name__ == "__main__":`, since each process
    imports it. Raises what `plan` and `run_scenarios` raise.
    """
    planned = plan(
        scenarios,
        regions=regions,
        replications=replications,
        seed=seed,
        years=years,
        engine=engine,
        sample=sample,
        branch_date=branch_date,
    )
    return run_scenarios(planned, workers=workers, store=store)


def died() -> CepsimError:
    """The error of a run one of whose processes is no more."""
    return CepsimError(
        "a process of the run died, perhaps for lack of memory; what was finished is kept. "
        "Run the same command again, with fewer workers if it happens twice."
    )


def available_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Running:
    """The tasks of a run: those found in the store, those done, those left.

    `parts` are those of replications that are not whole yet: a country's counts are large, put together as
    soon as they are all there, and kept on disk.
    """

    def __init__(self, bench: Bench, report: Report | None) -> None:
        self.bench, self.report = bench, report
        self.done: set[Task] = set()
        self.parts: defaultdict[tuple[int, int], dict[int, Measured]] = defaultdict(dict)
        self.whole: dict[tuple[int, int], Kept] = {}
        self.shelf = Shelf()
        self.expected: dict[Task, float] = {}
        of = bench.plan
        for scenario in range(len(of.scenarios)):
            for rank, part in enumerate(bench.setting(scenario).parts):
                for replication in range(of.replications):
                    self.expected[Task(scenario, replication, rank)] = part.expected_people
        bench.check_branches()
        for task in self.expected:
            found = bench.found(task)
            if found is not None:
                self.put(task, found)
        self.share: dict[Task, float] = dict.fromkeys(self.done, 1.0)
        self.left = self._with_what_they_need({task for task in self.expected if task not in self.done})
        self.tell()

    def _with_what_they_need(self, left: set[Task]) -> list[Task]:
        """Tasks left, and those done that they need again, since what these hand on is not kept.

        A region needs its platforms; a scenario that branches off, its trunk.
        """
        wanted: set[Task] = set()
        more = left
        while more:
            wanted |= more
            more = {need for task in more for need in (*self._before(task), *self._trunk(task))} - wanted
        return [task for task in self.expected if task in wanted]

    def _trunk(self, task: Task) -> list[Task]:
        """The task of the trunk of which a task has the past."""
        of = self.bench.plan
        names = [scenario.name for scenario in of.scenarios]
        if names[task.scenario] not in of.branches[1:]:
            return []
        return [Task(names.index(of.branches[0]), task.replication, task.part)]

    def merged(self) -> dict[str, list[Kept]]:
        """Each replication of each scenario."""
        of = self.bench.plan
        return {
            scenario.name: [self.whole[rank, number] for number in range(of.replications)]
            for rank, scenario in enumerate(of.scenarios)
        }

    def put(self, task: Task, measured: Measured) -> None:
        """Take what was found; the parts of a replication are put together once all are there."""
        if task in self.done:
            return
        self.done.add(task)
        parts = self.parts[task.of]
        parts[task.part] = measured
        if len(parts) == len(self.bench.setting(task.scenario).parts):
            of = self.bench.plan
            whole = Measured.merge([parts[rank] for rank in sorted(parts)])
            self.whole[task.of] = self.shelf.keep(
                whole, of.scenarios[task.scenario].name, task.replication, of.seed
            )
            del self.parts[task.of]

    def tell(self) -> None:
        """Say how far the run is."""
        if self.report is not None:
            people = sum(self.expected.values())
            done = sum(self.expected[task] * share for task, share in self.share.items())
            self.report(Progress(len(self.done), len(self.expected), min(done, people), people))

    def advance(self, task: Task, share: float) -> None:
        """More of a task is done."""
        self.share[task] = min(1.0, self.share.get(task, 0.0) + share)
        self.tell()

    def finish(self, task: Task, measured: Measured) -> None:
        """A task is done."""
        self.put(task, measured)
        self.share[task] = 1.0
        if self._is_home(task):
            self.bench.forget(task)
        self.tell()

    def here(self) -> None:
        """Do all that is left, one task after the other."""
        for task in sorted(self.left, key=lambda task: (task.replication, task.part, task.scenario)):
            self.finish(task, self.bench.do(task, lambda share, task=task: self.advance(task, share)))  # type: ignore[misc]

    def spread(self, executor: Executor, at_once: int | None = None) -> None:
        """Have an executor do all that is left: the longest first, a region after its platform.

        One replication after the other, `at_once` tasks given at a time (None: all that may begin): what
        platforms hand on, and parts that wait for others, stay few. A part comes under one scenario after the
        other: they share its day one.
        """
        longest: dict[int, float] = {}
        for task in self.left:
            longest[task.part] = max(longest.get(task.part, 0.0), self.expected[task])
        waiting = self._bundles(
            sorted(
                self.left, key=lambda task: (task.replication, -longest[task.part], task.part, task.scenario)
            )
        )
        running: dict[Future[None], tuple[Task, ...]] = {}
        bench, run = self.bench, secrets.token_hex(8)
        store = bench.store or Store(bench.folder / "found")
        while waiting or running:
            pending = {task for bundle in (*waiting, *running.values()) for task in bundle}
            ready = [
                bundle for bundle in waiting if all(pending.isdisjoint(self._before(task)) for task in bundle)
            ]
            for bundle in ready[: None if at_once is None else at_once - len(running)]:
                waiting.remove(bundle)
                running[executor.submit(work, run, bench.plan, store, bench.folder, bundle)] = bundle
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                bundle = running.pop(future)
                future.result()
                for task in bundle:
                    self.finish(task, store.reread(bench.unit(task).key))

    def _bundles(self, tasks: Sequence[Task]) -> list[tuple[Task, ...]]:
        """Tasks that one process does, one after the other: a trunk and the scenarios that branch off it."""
        of = self.bench.plan
        branches = {rank for rank, scenario in enumerate(of.scenarios) if scenario.name in of.branches}
        found: dict[tuple[int, int, int], list[Task]] = {}
        for task in tasks:
            together = -1 if task.scenario in branches else task.scenario
            found.setdefault((task.replication, task.part, together), []).append(task)
        return [tuple(bundle) for bundle in found.values()]

    def _before(self, task: Task) -> list[Task]:
        """Tasks whose people a task goes on with: platforms of its scenario and replication."""
        parts = self.bench.setting(task.scenario).parts
        return [Task(task.scenario, task.replication, rank) for rank in before(parts, task.part)]

    def _is_home(self, task: Task) -> bool:
        return self.bench.setting(task.scenario).parts[task.part].is_home


# -- processes ------------------------------------------------------------------------------------------

#: What this process has compiled for the run that it works for.
_benches: dict[str, Bench] = {}


def work(run: str, planned: Plan, store: Store, folder: Path, tasks: Sequence[Task]) -> None:
    """Do tasks in a worker; what the run needs is compiled at its first task.

    What it finds is read in the store, and is no answer: a pool of processes waits for ever for the rest of a
    long answer from a worker killed halfway through it.
    """
    if run not in _benches:
        _benches.clear()
        _benches[run] = Bench(planned, store, folder, processes.taken)
    for task in tasks:
        _benches[run].do(task, lambda _share: None)


def _in_processes(running: _Running, workers: int) -> None:
    with processes.given(running.bench.settings) as address, processes.pool(workers, address) as executor:
        # one more than they do, so that none waits for the next
        running.spread(executor, workers + 1)
