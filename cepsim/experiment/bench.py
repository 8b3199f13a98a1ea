"""How fast things are, in one run: compare the ratios, since seconds are those of this machine now.

engines    both engines on the same network and tape, equal or not
parts      a part of a replication, phase by phase
queues     M/M/3 on the compiled engine, as it grows; a long queue; the same system in other hands
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from time import perf_counter
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from cepsim.engine import compiled_engine, simpy_engine
from cepsim.experiment import pipeline
from cepsim.experiment.pipeline import Draws, Setting
from cepsim.laws import exponential
from cepsim.network import Network, NetworkBuilder
from cepsim.people.by_hand import Arrivals, already_waiting, make_tape, poisson
from cepsim.people.tape import Tape
from cepsim.scenario import Scenario
from cepsim.tables import Tables
from cepsim.trace import State

_MEBIBYTE = 1 << 20
_SERVICE_S, _ADVISERS, _LOAD = 100_000, 3, 0.9
#: People of the system as it grows, and as others run it.
SIZES = (10_000, 100_000, 1_000_000)
PEERS_SIZE = 20_000
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


def bench(scenario: Scenario, tables: Tables, regions: Sequence[str], *, seed: int = 1) -> pd.DataFrame:
    """Every measure, one row each.

    Columns: section, what, seconds, people, visits, people_per_second, visits_per_second, peak_mib, note; the
    last row of each section that compares two things has their ratio in `seconds` and says so in `note`.
    """
    lines = [*_engines(scenario, tables, regions, seed), *_queues(seed)]
    frame = pd.DataFrame(lines)
    for name in ("people", "visits"):
        frame[f"{name}_per_second"] = (frame[name] / frame["seconds"]).where(frame[name] > 0)
    order = ["section", "what", "seconds", "people", "visits", "people_per_second", "visits_per_second"]
    return frame[[*order, "peak_mib", "note"]]


def peak_mib() -> float:
    """Highest resident memory of this process so far, in MiB; NaN where the system does not tell."""
    if sys.platform == "win32":
        return float("nan")
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / _MEBIBYTE if sys.platform == "darwin" else peak / 1024


def _timed(work: Callable[[], Found]) -> tuple[Found, float]:
    begun = perf_counter()
    found = work()
    return found, perf_counter() - begun


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
    run, seconds = _timed(lambda: pipeline.simulate(part, who, first.state, None, draws, lambda _share: None))
    people, visits = int((run.tape.arrival >= 0).sum()), len(run.trace.visits)
    yield Line("part", "people and engine", seconds, people, visits, peak_mib())
    pipeline.measure(run)
    _, seconds = _timed(lambda: pipeline.measure(run))
    yield Line("part", "counts", seconds, people, visits, peak_mib())
    network, horizon = part.deployment.network, part.deployment.horizon
    yield from _both(network, run.tape, run.start, 0, horizon.observed)


def _both(network: Network, tape: Tape, state: State | None, begin: int, end: int) -> Iterator[Line]:
    compiled, fast = _timed(lambda: compiled_engine.run(network, tape, state, begin, end))
    people, visits = int((tape.arrival >= 0).sum()), len(compiled[0].visits)
    yield Line("engines", "compiled", fast, people, visits, peak_mib())
    readable, slow = _timed(lambda: simpy_engine.run(network, tape, state, begin, end))
    yield Line("engines", "simpy", slow, people, visits, peak_mib())
    same = compiled[0].equals(readable[0]) and compiled[1].equals(readable[1])
    said = "same trace and state" if same else "DIFFERENT traces"
    yield Line("engines", "simpy over compiled", slow / fast, 0, 0, peak_mib(), f"ratio; {said}")


def _queues(seed: int) -> Iterator[Line]:
    lines: list[Line] = []
    for people in SIZES:
        network, tape = _mm3(people, seed)
        end = int(tape.arrival[-1]) + 400 * _SERVICE_S
        compiled_engine.run(network, tape, None, 0, 1)
        _, seconds = _timed(lambda: compiled_engine.run(network, tape, None, 0, end))  # noqa: B023
        lines.append(Line("M/M/3", f"compiled, {people:,} people", seconds, people, people, peak_mib()))
    yield from lines
    for small, large in pairwise(lines):
        exponent = np.log(large.seconds / small.seconds) / np.log(large.people / small.people)
        said = f"exponent of growth from {small.people:,} to {large.people:,}"
        yield Line("M/M/3", "growth", float(exponent), 0, 0, peak_mib(), said)
    yield from _long_queue(seed)
    network, tape = _mm3(PEERS_SIZE, seed)
    end = int(tape.arrival[-1]) + 400 * _SERVICE_S
    _, ours = _timed(lambda: compiled_engine.run(network, tape, None, 0, end))
    yield Line("peers", "compiled", ours, PEERS_SIZE, PEERS_SIZE, peak_mib())
    for name, peer in (("simpy, idiomatic", _idiomatic_simpy), ("ciw", _ciw)):
        try:
            _, theirs = _timed(lambda: peer(tape))  # noqa: B023
        except ImportError:
            yield Line(
                "peers", name, float("nan"), 0, 0, peak_mib(), "not installed: pip install cepsim[peers]"
            )
            continue
        yield Line("peers", name, theirs, PEERS_SIZE, PEERS_SIZE, peak_mib())
        yield Line("peers", f"{name} over compiled", theirs / ours, 0, 0, peak_mib(), "ratio")


def _mm3(people: int, seed: int) -> tuple[Network, Tape]:
    """Three advisers, exponential service, Poisson arrivals, load 0.9."""
    builder = NetworkBuilder()
    builder.queue("desk", team=builder.team("team", _ADVISERS), service=exponential(_SERVICE_S))
    network = builder.compile()
    rate = _LOAD * _ADVISERS / _SERVICE_S
    return network, make_tape(network, [Arrivals("desk", poisson(rate, int(people / rate)))], seed=seed)


def _long_queue(seed: int) -> Iterator[Line]:
    """The cost of a visit when a million people wait in front, over that when a thousand do."""
    costs = []
    for waiting in WAITING:
        builder = NetworkBuilder()
        builder.queue("desk", team=builder.team("team", 100), service=exponential(1_000))
        network = builder.compile()
        dates = [*([-1] * waiting), *range(200_000)]
        tape = make_tape(network, [Arrivals("desk", dates)], seed=seed)
        state = already_waiting(network, tape)
        end = 1_000_000
        # standing in line at the start is no event: it is measured apart and left out
        _, before = _timed(lambda: compiled_engine.run(network, tape, state, 0, 1))  # noqa: B023
        (trace, _), whole = _timed(lambda: compiled_engine.run(network, tape, state, 0, end))  # noqa: B023
        seconds = whole - before
        costs.append(seconds / len(trace.visits))
        what = f"compiled, {waiting:,} waiting at first"
        yield Line("long queue", what, seconds, 0, len(trace.visits), peak_mib())
    yield Line("long queue", "cost of a visit", costs[1] / costs[0], 0, 0, peak_mib(), "ratio")


def _idiomatic_simpy(tape: Tape) -> None:
    """The same system as SimPy's users write it: a resource, a process a person."""
    import simpy

    dice = np.random.default_rng(1)
    services = dice.exponential(_SERVICE_S, tape.person_count).tolist()
    arrivals = tape.arrival.tolist()
    environment = simpy.Environment()
    desk = simpy.Resource(environment, _ADVISERS)

    def person(service: float) -> Any:
        with desk.request() as turn:
            yield turn
            yield environment.timeout(service)

    def source() -> Any:
        for arrival, service in zip(arrivals, services, strict=True):
            yield environment.timeout(arrival - environment.now)
            environment.process(person(service))

    environment.process(source())
    environment.run()


def _ciw(tape: Tape) -> None:
    """The same system in Ciw."""
    import ciw

    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=_LOAD * _ADVISERS / _SERVICE_S)],
        service_distributions=[ciw.dists.Exponential(rate=1 / _SERVICE_S)],
        number_of_servers=[_ADVISERS],
    )
    ciw.seed(1)
    ciw.Simulation(network).simulate_until_max_customers(tape.person_count)
