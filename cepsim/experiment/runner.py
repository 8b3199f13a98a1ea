"""Running a plan: replications spread over processes, results the same however many there are."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ProcessPoolExecutor, wait
from pathlib import Path
from queue import Empty
from typing import Any

from cepsim.errors import Interrupted
from cepsim.experiment.pipeline import Measured, Replicator
from cepsim.experiment.plan import Plan, plan
from cepsim.experiment.results import Results
from cepsim.scenario import Scenario

#: Called with the simulated years done and to do, over all scenarios and replications.
Progress = Callable[[float, float], None]

_POLL_SECONDS = 0.2


def run_scenarios(planned: Plan, *, workers: int | None = None, progress: Progress | None = None) -> Results:
    """Run every replication of a plan.

    `workers` processes (by default the machine's, at most one a replication); 1 runs here. Raises
    Interrupted when the user stops it: nothing has been written.
    """
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    count = min(workers or available, planned.replications)
    report = progress if progress is not None else _silent
    try:
        measured = _here(planned, report) if count == 1 else _in_processes(planned, count, report)
    except KeyboardInterrupt as stopped:
        raise Interrupted("stopped; nothing was written. Run the same command again.") from stopped
    return Results(planned, {s.name: [m[n] for m in measured] for n, s in enumerate(planned.scenarios)})


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


def _replicator(planned: Plan) -> Replicator:
    return Replicator(planned.scenarios, planned.tables, planned.regions, planned.seed)


def _here(planned: Plan, progress: Progress) -> list[list[Measured]]:
    replicator = _replicator(planned)
    total, done = replicator.years() * planned.replications, 0.0

    def tick(years: float) -> None:
        nonlocal done
        done += years
        progress(done, total)

    return [replicator.replicate(number, tick) for number in range(planned.replications)]


# -- processes: what each worker holds is set once, by `_begin` -----------------------------------------

_worker: dict[str, Any] = {}


def _begin(planned: Plan, ticks: Any, stop: Any) -> None:
    # Ctrl-C reaches every process of the terminal: the parent alone answers it, and tells the others
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker.update(replicator=_replicator(planned), ticks=ticks, stop=stop)


def _replicate(number: int) -> list[Measured]:
    def tick(years: float) -> None:
        if _worker["stop"].is_set():
            raise Interrupted("stopped")
        _worker["ticks"].put(years)

    result: list[Measured] = _worker["replicator"].replicate(number, tick)
    return result


def _in_processes(planned: Plan, workers: int, progress: Progress) -> list[list[Measured]]:
    context = multiprocessing.get_context("spawn")
    ticks, stop = context.Queue(), context.Event()
    total, done = _replicator(planned).years() * planned.replications, 0.0
    with ProcessPoolExecutor(workers, context, _begin, (planned, ticks, stop)) as executor:
        futures = [executor.submit(_replicate, number) for number in range(planned.replications)]
        try:
            waiting: set[Future[list[Measured]]] = set(futures)
            while waiting:
                finished, waiting = wait(waiting, _POLL_SECONDS, return_when=FIRST_EXCEPTION)
                for future in finished:
                    future.result()
                done += _drain(ticks)
                progress(min(done, total), total)
        except BaseException:
            stop.set()
            executor.shutdown(cancel_futures=True)
            raise
        return [future.result() for future in futures]


def _drain(ticks: Any) -> float:
    years = 0.0
    while True:
        try:
            years += ticks.get_nowait()
        except Empty:
            return years
