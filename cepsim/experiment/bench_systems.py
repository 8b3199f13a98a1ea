"""Systems that several simulators can run: by cepsim, as SimPy's users write them, and in Ciw."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

from cepsim.laws import exponential
from cepsim.network import Network, NetworkBuilder
from cepsim.network.specs import Branch, Station
from cepsim.people.by_hand import Arrivals, make_tape, poisson
from cepsim.people.tape import Tape

#: Short enough for ten million customers within the seconds of a trace.
SERVICE_S: Final = 500
ADVISERS: Final = 3
LOAD: Final = 0.9
#: The wide system: a pool a lane and stage; mean patience; share of those served who go on to the next stage.
STAGES, LANES = 5, 260
PATIENCE_S: Final = 1_000
ONWARD: Final = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class System:
    """One system: for cepsim as a network and a tape, for others as functions that run it once.

    `end` is a second by which everybody has left.
    """

    name: str
    network: Network
    tape: Tape
    end: int
    peers: tuple[tuple[str, Callable[[], None]], ...]


def one_queue(people: int, seed: int) -> System:
    """M/M/3: three advisers, exponential service, Poisson arrivals, load 0.9."""
    builder = NetworkBuilder()
    builder.queue("desk", team=builder.team("team", ADVISERS), service=exponential(SERVICE_S))
    network = builder.compile()
    rate = LOAD * ADVISERS / SERVICE_S
    tape = make_tape(network, [Arrivals("desk", poisson(rate, int(people / rate)))], seed=seed)
    return System(
        "M/M/3",
        network,
        tape,
        int(tape.arrival[-1]) + 400 * SERVICE_S,
        (
            ("simpy, idiomatic", lambda: _simpy(tape, stages=1, patience=None)),
            ("ciw", lambda: _ciw(tape, stages=1, lanes=1, patience=None)),
        ),
    )


def five_stages(people: int, seed: int, *, peers: Collection[str]) -> System:
    """Five stages one after the other in each of 260 lanes, three advisers each; people give up waiting.

    Four in five of those served go on to the next stage. `peers` names the others who run it.
    """
    names = [f"lane {number}" for number in range(LANES)]
    stages = [f"stage {number}" for number in range(STAGES)]
    builder = NetworkBuilder(lanes=names)
    for stage in stages:
        builder.station(_station(stage, len(builder.stations)))
        for lane in names:
            builder.place(stage, lane, builder.team(f"{lane} {stage}", ADVISERS))
    for stage, following in pairwise(stages):
        builder.route(stage, [Branch(ONWARD, following), Branch(1.0 - ONWARD, "served")])
    network = builder.compile()
    rate = LOAD * ADVISERS / SERVICE_S
    end = int(people / rate / LANES)
    tape = make_tape(
        network, [Arrivals(stages[0], poisson(rate, end), lane=lane) for lane in names], seed=seed
    )
    others = (
        ("simpy, idiomatic", lambda: _simpy(tape, stages=STAGES, patience=PATIENCE_S)),
        ("ciw", lambda: _ciw(tape, stages=STAGES, lanes=LANES, patience=PATIENCE_S)),
    )
    return System(
        f"{STAGES} stages x {LANES} pools, {tape.person_count:,} people",
        network,
        tape,
        int(tape.arrival[-1]) + 400 * STAGES * SERVICE_S,
        tuple((name, run) for name, run in others if name in peers),
    )


def _station(name: str, block: int) -> Station:
    return Station(name, block, exponential(SERVICE_S), patience=exponential(PATIENCE_S))


def _simpy(tape: Tape, *, stages: int, patience: float | None) -> None:
    """As SimPy's users write it: a resource a pool, a process a person."""
    import simpy

    dice = np.random.default_rng(1)
    shape = (tape.person_count, stages)
    services = dice.exponential(SERVICE_S, shape).tolist()
    waits = dice.exponential(patience, shape).tolist() if patience else None
    goes_on = (dice.random(shape) < ONWARD).tolist()
    arrivals, lanes = tape.arrival.tolist(), tape.lane.tolist()
    environment = simpy.Environment()
    desks = [[simpy.Resource(environment, ADVISERS) for _ in range(stages)] for _ in range(max(lanes) + 1)]

    def person(number: int) -> Any:
        for stage, desk in enumerate(desks[lanes[number]]):
            with desk.request() as turn:
                if waits is None:
                    yield turn
                else:
                    found = yield turn | environment.timeout(waits[number][stage])
                    if turn not in found:
                        return
                yield environment.timeout(services[number][stage])
            if not goes_on[number][stage]:
                return

    def source() -> Any:
        for number, arrival in enumerate(arrivals):
            yield environment.timeout(arrival - environment.now)
            environment.process(person(number))

    environment.process(source())
    environment.run()


def _ciw(tape: Tape, *, stages: int, lanes: int, patience: float | None) -> None:
    """The same system in Ciw, lane by lane in one network."""
    import ciw

    count = stages * lanes
    arrivals = [
        ciw.dists.Exponential(rate=LOAD * ADVISERS / SERVICE_S) if n % stages == 0 else None
        for n in range(count)
    ]
    routing = [[0.0] * count for _ in range(count)]
    for node in range(count):
        if node % stages < stages - 1:
            routing[node][node + 1] = ONWARD
    given: dict[str, Any] = {}
    if patience:
        given["reneging_time_distributions"] = [ciw.dists.Exponential(rate=1 / patience)] * count
    network = ciw.create_network(
        arrival_distributions=arrivals,
        service_distributions=[ciw.dists.Exponential(rate=1 / SERVICE_S)] * count,
        number_of_servers=[ADVISERS] * count,
        routing=routing,
        **given,
    )
    ciw.seed(1)
    ciw.Simulation(network).simulate_until_max_time(float(tape.arrival[-1]))
