"""How fast things are, in one run: compare the ratios, since seconds are those of this machine now.

What takes the compiled engine a moment is the best of three.

engines    both engines on the same network and tape, equal or not
part       a part of a replication, phase by phase
M/M/3      the compiled engine as people grow in number
long queue the cost of a visit behind few and behind a million
peers      two systems in other hands (`bench_systems`)
country    a replication of a scenario from end to end, with one process and with two
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import psutil

from cepsim.engine import compiled_engine, simpy_engine
from cepsim.engine.kernel.build import build_world
from cepsim.engine.kernel.loop import resume, run_seconds
from cepsim.experiment import pipeline, processes
from cepsim.experiment.bench_systems import five_stages, one_queue
from cepsim.experiment.pipeline import Draws, Setting
from cepsim.experiment.plan import Plan
from cepsim.experiment.runner import run_scenarios
from cepsim.laws import exponential
from cepsim.network import Network, NetworkBuilder
from cepsim.people.by_hand import Arrivals, already_waiting, make_tape
from cepsim.people.tape import Tape
from cepsim.scenario import Scenario
from cepsim.state import State
from cepsim.tables import Tables

_MEBIBYTE = 1 << 20
_SECOND = 0.1
#: People of the system as it grows, and as others run it; the last size is left out of a quick bench.
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
PEERS_SIZE = 20_000
#: Short measures are the best of so many: what else the machine does only ever adds to them.
TIMES = 3
#: People in line at first, few and many, before those who come while the line is measured.
WAITING, COMING = (1_000, 1_000_000), 200_000

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Line:
    """One measure: seconds for so many people and visits, and the process's highest memory so far."""

    section: str
    what: str
    seconds: float
    people: int
    visits: int
    peak_mib: float
    note: str = ""


def bench(
    scenario: Scenario,
    tables: Tables,
    regions: Sequence[str],
    *,
    seed: int = 1,
    quick: bool = False,
    apart: bool = False,
) -> pd.DataFrame:
    """Every measure, one row each; a quick one leaves out the longest: ten million people, the country.

    Columns: section, what, seconds, people, visits, people_per_second, visits_per_second, peak_mib, note; the
    last row of each section that compares two things has their ratio in `seconds` and says so in `note`.
    `apart`: each section in a process of its own, like one of a run, so that none pays for the memory of
    another; the main module must then be safe to import.
    """
    sections: list[tuple[Any, ...]] = [
        (_engines, scenario, tables, regions, seed),
        (_growth, SIZES[:-1] if quick else SIZES, seed),
        (_long_queue, seed),
        (_peers, seed),
    ]
    if not quick:
        everywhere = tuple(region.code for region in tables.regions)
        sections.append((_country, Plan((scenario,), (scenario.name,), everywhere, 1, seed, tables)))
    lines = []
    for section in sections:
        lines += processes.apart(_listed, *section) if apart else _listed(*section)
    frame = pd.DataFrame(lines)
    for name in ("people", "visits"):
        frame[f"{name}_per_second"] = (frame[name] / frame["seconds"]).where(frame[name] > 0)
    order = ["section", "what", "seconds", "people", "visits", "people_per_second", "visits_per_second"]
    return frame[[*order, "peak_mib", "note"]]


def _listed(section: Callable[..., Iterator[Line]], *given: Any) -> list[Line]:
    """The lines of a section."""
    return list(section(*given))


def peak_mib() -> float:
    """Highest resident memory of this process so far, in MiB; NaN where the system does not tell."""
    if sys.platform == "win32":
        return float("nan")
    if sys.platform == "linux":
        # what getrusage says there is never less than the memory of the process that started this one
        said = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        return int(said.partition("VmHWM:")[2].split()[0]) / 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / _MEBIBYTE if sys.platform == "darwin" else peak / 1024


def _timed(work: Callable[[], Found]) -> tuple[Found, float]:
    begun = perf_counter()
    found = work()
    return found, perf_counter() - begun


def _best(work: Callable[[], Found]) -> tuple[Found, float]:
    """The last thing found, in the best time of several."""
    found, seconds = _timed(work)
    for _ in range(TIMES - 1):
        found, again = _timed(work)
        seconds = min(seconds, again)
    return found, seconds


def _engines(scenario: Scenario, tables: Tables, regions: Sequence[str], seed: int) -> Iterator[Line]:
    """The last part of a scenario, phase by phase; its warm-up on both engines."""
    setting, seconds = _timed(lambda: Setting.of(scenario, tables, regions))
    yield Line("part", "compile", seconds, 0, 0, peak_mib())
    if not all(part.is_home for part in setting.parts):
        # a region behind a platform would need what the platform hands on
        raise ValueError("a bench runs on regions that share no platform: one region, for instance")
    part, world, draws = setting.parts[-1], setting.warm_up[-1], Draws(seed, 0)
    first = pipeline.warm_up(world, None, draws)
    who = first.crowd.take(first.state.people.person)
    # the first call of each phase compiles it or reads its machine code
    pipeline.simulate(part, who, first.state, None, draws, lambda _share: None)
    run, seconds = _best(lambda: pipeline.simulate(part, who, first.state, None, draws, lambda _share: None))
    people, visits = int((run.tape.arrival >= 0).sum()), len(run.trace.visits)
    yield Line("part", "people and engine", seconds, people, visits, peak_mib())
    pipeline.measure(run, draws)
    _, seconds = _best(lambda: pipeline.measure(run, draws))
    yield Line("part", "counts", seconds, people, visits, peak_mib())
    network, horizon = part.deployment.network, part.deployment.horizon
    visits, seconds = _loop(network, run.tape, run.start, 0, horizon.observed)
    yield Line("part", "the loop alone", seconds, people, visits, peak_mib())
    yield from _both(network, run.tape, run.start, 0, horizon.observed)


def _both(network: Network, tape: Tape, state: State | None, begin: int, end: int) -> Iterator[Line]:
    compiled, fast = _best(lambda: compiled_engine.run(network, tape, state, begin, end))
    people, visits = int((tape.arrival >= 0).sum()), len(compiled[0].visits)
    yield Line("engines", "compiled", fast, people, visits, peak_mib())
    readable, slow = _timed(lambda: simpy_engine.run(network, tape, state, begin, end))
    yield Line("engines", "simpy", slow, people, visits, peak_mib())
    same = compiled[0].equals(readable[0]) and compiled[1].equals(readable[1])
    said = "same trace and state" if same else "DIFFERENT traces"
    yield Line("engines", "simpy over compiled", slow / fast, 0, 0, peak_mib(), f"ratio; {said}")


def _loop(network: Network, tape: Tape, state: State | None, begin: int, end: int) -> tuple[int, float]:
    """Visits settled, and the best time of the compiled loop alone: nothing is made or read in it."""
    best, visits = float("inf"), 0
    for _ in range(TIMES):
        w = build_world(network, tape, state, begin, end)
        resume(w.record)
        spent = []
        parts = compiled_engine.go_through(
            network,
            w,
            lambda record: spent.append(_timed(lambda: run_seconds(record))[1]),  # noqa: B023
        )
        best, visits = min(best, sum(spent)), sum(len(written) for written, _ in parts)
    return visits, best


def _growth(sizes: Sequence[int], seed: int) -> Iterator[Line]:
    lines: list[Line] = []
    for people in sizes:
        of = one_queue(people, seed)
        compiled_engine.run(of.network, of.tape, None, 0, 1)
        _, seconds = _best(lambda: compiled_engine.run(of.network, of.tape, None, 0, of.end))  # noqa: B023
        lines.append(Line("M/M/3", f"compiled, {people:,} people", seconds, people, people, peak_mib()))
    yield from lines
    for small, large in pairwise(lines):
        exponent = np.log(large.seconds / small.seconds) / np.log(large.people / small.people)
        said = f"exponent of growth from {small.people:,} to {large.people:,}"
        yield Line("M/M/3", "growth", float(exponent), 0, 0, peak_mib(), said)


def _peers(seed: int) -> Iterator[Line]:
    for of in (
        one_queue(PEERS_SIZE, seed),
        five_stages(PEERS_SIZE, seed, peers=["simpy, idiomatic"]),
        # Ciw looks at every pool at every event
        five_stages(PEERS_SIZE // 20, seed, peers=["ciw"]),
    ):
        people = of.tape.person_count
        compiled_engine.run(of.network, of.tape, None, 0, 1)
        (trace, _), ours = _best(lambda: compiled_engine.run(of.network, of.tape, None, 0, of.end))  # noqa: B023
        visits = len(trace.visits)
        yield Line("peers", f"{of.name}: compiled", ours, people, visits, peak_mib())
        for name, run in of.peers:
            what = f"{of.name}: {name}"
            try:
                _, theirs = _timed(run)
            except ImportError:
                said = "not installed: pip install cepsim[peers]"
                yield Line("peers", what, float("nan"), 0, 0, peak_mib(), said)
                continue
            yield Line("peers", what, theirs, people, visits, peak_mib())
            yield Line("peers", f"{what} over compiled", theirs / ours, 0, 0, peak_mib(), "ratio")


def _country(planned: Plan) -> Iterator[Line]:
    """From nothing to merged counts: processes start, compile the scenario, simulate and count."""
    found = []
    for workers in (1, 2):
        with _memory() as peak:
            results, seconds = _timed(lambda: run_scenarios(planned, workers=workers))  # noqa: B023
        (measured,) = results.measured[planned.asked[0]]
        what = f"{planned.asked[0]}, {len(planned.regions)} regions, workers: {workers}"
        yield Line(
            "country", what, seconds, measured.people, measured.visits, peak[0], "memory of all processes"
        )
        found.append(seconds)
    yield Line("country", "two processes over one", found[0] / found[1], 0, 0, peak_mib(), "ratio")


@contextmanager
def _memory() -> Iterator[list[float]]:
    """The highest memory of this process and those it starts together, in MiB, once the block is left."""
    peak, done, here = [0.0], threading.Event(), psutil.Process()

    def watch() -> None:
        while not done.wait(_SECOND):
            total = 0
            for process in (here, *here.children(recursive=True)):
                try:
                    total += process.memory_info().rss
                except psutil.NoSuchProcess:  # it has just ended
                    continue
            peak[0] = max(peak[0], total / _MEBIBYTE)

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield peak
    finally:
        done.set()
        watching.join()


def _long_queue(seed: int) -> Iterator[Line]:
    """The cost of a visit when a million people wait in front, over that when a thousand do."""
    costs = []
    for waiting in WAITING:
        builder = NetworkBuilder()
        builder.queue("desk", team=builder.team("team", 100), service=exponential(1_000))
        network = builder.compile()
        dates = [*([-1] * waiting), *range(COMING)]
        tape = make_tape(network, [Arrivals("desk", dates)], seed=seed)
        state = already_waiting(network, tape)
        end = 5 * COMING
        visits, seconds = _loop(network, tape, state, 0, end)
        costs.append(seconds / visits)
        what = f"compiled, {waiting:,} waiting at first"
        yield Line("long queue", what, seconds, 0, visits, peak_mib(), "the loop alone")
    yield Line("long queue", "cost of a visit", costs[1] / costs[0], 0, 0, peak_mib(), "ratio")
