"""Running a plan: replications spread over processes, results the same however many there are."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from pathlib import Path
from queue import Empty
from typing import Any

from cepsim.errors import Interrupted
from cepsim.experiment.pipeline import (
    Measured,
    Opening,
    Tick,
    measure,
    open_launch_day,
    simulate,
    worlds_of,
)
from cepsim.experiment.plan import Plan, plan
from cepsim.experiment.results import Results
from cepsim.people.deploy import deploy
from cepsim.people.deployment import Deployment
from cepsim.scenario import Scenario

#: Called with the simulated years done and to do, over all scenarios and replications.
Progress = Callable[[float, float], None]

_POLL_SECONDS = 0.2


def run_scenarios(planned: Plan, *, workers: int | None = None, progress: Progress | None = None) -> Results:
    """Run every replication of a plan.

    `workers` processes (by default the machine's); 1 runs here. Raises Interrupted when the user stops
    it: nothing has been written.
    """
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    units = planned.replications * len(planned.scenarios)
    count = min(workers or available, units)
    report = progress if progress is not None else _silent
    try:
        measured = _here(planned, report) if count == 1 else _in_processes(planned, count, report)
    except KeyboardInterrupt as stopped:
        raise Interrupted("stopped; nothing was written. Run the same command again.") from stopped
    return Results(
        planned,
        {
            scenario.name: [measured[rank, number] for number in range(planned.replications)]
            for rank, scenario in enumerate(planned.scenarios)
        },
    )


def run(
    scenarios: Sequence[str | Path | Scenario],
    *,
    regions: Sequence[str],
    replications: int = 5,
    seed: int = 1,
    years: int | None = None,
    workers: int = 1,
) -> Results:
    """Plan and run in one call, for a notebook or a script.

    With several `workers`, a script must be guarded by `if __name__ == "__main__":`, since each process
    imports it. Raises what `plan` and `run_scenarios` raise.
    """
    planned = plan(scenarios, regions=regions, replications=replications, seed=seed, years=years)
    return run_scenarios(planned, workers=workers)


def _silent(_done: float, _total: float) -> None:
    pass


class _Bench:
    """Does units of work on a plan: a warm-up, or a scenario from its opening."""

    def __init__(self, planned: Plan) -> None:
        self.planned = planned
        self.deployments: dict[int, Deployment] = {}

    def open(self, rank: int, number: int, tick: Tick) -> Opening:
        """The warm-up of the scenario of this rank, in this replication."""
        of = self.planned
        return open_launch_day(
            of.scenarios[rank], of.tables, of.regions, seed=of.seed, replication=number, tick=tick
        )

    def measure(self, rank: int, number: int, opening: Opening, tick: Tick) -> Measured:
        """The scenario of this rank, in this replication."""
        of = self.planned
        if rank not in self.deployments:
            self.deployments[rank] = deploy(of.scenarios[rank], of.tables, of.regions)
        run = simulate(self.deployments[rank], opening, seed=of.seed, replication=number, tick=tick)
        return measure(run)


def _years(planned: Plan, worlds: Sequence[int]) -> float:
    """Simulated years of the whole plan, warm-ups included."""
    calendars = [scenario.calendar for scenario in planned.scenarios]
    warm_ups = sum(calendars[world].warm_up_years for world in set(worlds))
    counted = sum(calendar.years + calendar.follow_up_years for calendar in calendars)
    return float(planned.replications * (counted + warm_ups))


def _here(planned: Plan, progress: Progress) -> dict[tuple[int, int], Measured]:
    bench, worlds = _Bench(planned), worlds_of(planned.scenarios, planned.tables)
    total, done = _years(planned, worlds), 0.0

    def tick(years: float) -> None:
        nonlocal done
        done += years
        progress(done, total)

    measured = {}
    for number in range(planned.replications):
        openings = {world: bench.open(world, number, tick) for world in sorted(set(worlds))}
        for rank, world in enumerate(worlds):
            measured[rank, number] = bench.measure(rank, number, openings[world], tick)
    return measured


# -- processes: what each worker holds is set once, by `_begin` -----------------------------------------

_worker: dict[str, Any] = {}


def _begin(planned: Plan, ticks: Any, stop: Any) -> None:
    # Ctrl-C reaches every process of the terminal: the parent alone answers it, and tells the others
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker.update(bench=_Bench(planned), ticks=ticks, stop=stop)


def _tick(years: float) -> None:
    if _worker["stop"].is_set():
        raise Interrupted("stopped")
    _worker["ticks"].put(years)


def _open(rank: int, number: int) -> Opening:
    bench: _Bench = _worker["bench"]
    return bench.open(rank, number, _tick)


def _measure(rank: int, number: int, opening: Opening) -> Measured:
    bench: _Bench = _worker["bench"]
    return bench.measure(rank, number, opening, _tick)


def _in_processes(planned: Plan, workers: int, progress: Progress) -> dict[tuple[int, int], Measured]:
    context = multiprocessing.get_context("spawn")
    ticks, stop = context.Queue(), context.Event()
    worlds = worlds_of(planned.scenarios, planned.tables)
    total, done = _years(planned, worlds), 0.0
    with ProcessPoolExecutor(workers, context, _begin, (planned, ticks, stop)) as executor:
        try:
            running = _Running(executor, worlds, planned.replications)
            while running.advance(_POLL_SECONDS):
                done += _drain(ticks)
                progress(min(done, total), total)
        except BaseException:
            stop.set()
            executor.shutdown(cancel_futures=True)
            raise
    return running.measured


class _Running:
    """Units under way: warm-ups first, each scenario as soon as its launch day is known."""

    def __init__(self, executor: Executor, worlds: Sequence[int], replications: int) -> None:
        self.executor, self.worlds = executor, worlds
        self.measured: dict[tuple[int, int], Measured] = {}
        self.openings: dict[Future[Opening], tuple[int, int]] = {
            executor.submit(_open, world, number): (world, number)
            for number in range(replications)
            for world in sorted(set(worlds))
        }
        self.runs: dict[Future[Measured], tuple[int, int]] = {}

    def advance(self, seconds: float) -> bool:
        """Wait a little, take what is finished, and say whether anything is left."""
        waiting: list[Future[Any]] = [*self.openings, *self.runs]
        finished, _ = wait(waiting, seconds, return_when=FIRST_COMPLETED)
        for opened in [future for future in self.openings if future in finished]:
            world, number = self.openings.pop(opened)
            opening = opened.result()
            for rank, of in enumerate(self.worlds):
                if of == world:
                    self.runs[self.executor.submit(_measure, rank, number, opening)] = (rank, number)
        for run in [future for future in self.runs if future in finished]:
            self.measured[self.runs.pop(run)] = run.result()
        return bool(self.openings or self.runs)


def _drain(ticks: Any) -> float:
    years = 0.0
    while True:
        try:
            years += ticks.get_nowait()
        except Empty:
            return years
