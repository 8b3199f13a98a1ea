"""One replication of a scenario: from its people to what is counted.

    scenario -> deployment -> (crowd, tape) -> trace -> counts, quantities

Every run opens on the same day one: the state that a warm-up of `reference`, from empty and with the same
keyed people, leaves on launch day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from cepsim.costing import quantities
from cepsim.engine import simpy_engine
from cepsim.indicators import Counts, count
from cepsim.people.crowd import Crowd
from cepsim.people.deploy import deploy
from cepsim.people.deployment import Deployment
from cepsim.people.handover import hand_over
from cepsim.people.population_tape import draw_people
from cepsim.people.tape import Tape
from cepsim.scenario import Scenario, canonical, load_scenario
from cepsim.tables import Tables
from cepsim.trace import State, Trace

REFERENCE = "reference"

#: Called with a number of simulated years each time that many more are done.
Tick = Callable[[float], None]


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """Launch day: the people already there, in order, and the state they are in."""

    who: Crowd
    state: State


@dataclass(frozen=True, slots=True, eq=False)
class Replication:
    """A simulated replication, whole: from the state at launch, `start`, to that at the end, `state`."""

    deployment: Deployment
    crowd: Crowd
    tape: Tape
    start: State
    trace: Trace
    state: State


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What is kept of a replication: additive counts and quantities, and its size."""

    counts: Counts
    quantities: pd.DataFrame
    people: int
    visits: int


def warm_up_scenario(scenario: Scenario, tables: Tables) -> Scenario:
    """`reference` on the scenario's calendar and with its figures: the year before launch."""
    reference = load_scenario(REFERENCE, tables=tables)
    changes = {
        "calendar": scenario.calendar.model_dump(),
        **{f"figures.{name}": figure.model_dump() for name, figure in scenario.figures.items()},
    }
    return reference.derive(changes, name=REFERENCE, tables=tables)


def open_launch_day(
    scenario: Scenario, tables: Tables, regions: Sequence[str], *, seed: int, replication: int, tick: Tick
) -> Opening:
    """Run the warm-up, from empty."""
    deployment = deploy(warm_up_scenario(scenario, tables), tables, regions)
    crowd, tape = draw_people(deployment, seed=seed, replication=replication)
    _, state = simpy_engine.run(deployment.network, tape, None, deployment.horizon.begin, 0)
    tick(scenario.calendar.warm_up_years)
    return Opening(crowd.take(state.people.person), state)


def simulate(
    deployment: Deployment, opening: Opening, *, seed: int, replication: int, tick: Tick
) -> Replication:
    """Run a scenario from launch day to the end of its follow-up, a quarter at a time."""
    crowd, tape = draw_people(deployment, seed=seed, replication=replication)
    network, horizon = deployment.network, deployment.horizon
    start = hand_over(opening.state, opening.who, crowd, tape)
    parts, state = [], start
    for begin, end in pairwise(horizon.quarters(horizon.observed)):
        trace, state = simpy_engine.run(network, tape, state, begin, end)
        parts.append(trace)
        tick(0.25)
    return Replication(deployment, crowd, tape, start, Trace.concatenate(parts), state)


def measure(replication: Replication) -> Measured:
    """Count a replication and recount its quantities."""
    of = replication
    whole = (of.deployment, of.crowd, of.trace, of.state, of.start)
    return Measured(
        counts=count(*whole),
        quantities=quantities(*whole),
        people=int((of.tape.arrival >= 0).sum()),
        visits=len(of.trace.visits),
    )


def worlds_of(scenarios: Sequence[Scenario], tables: Tables) -> list[int]:
    """For each scenario, the first one that opens on the same day one: they share its warm-up."""
    worlds = [canonical(warm_up_scenario(scenario, tables)) for scenario in scenarios]
    return [worlds.index(world) for world in worlds]
