"""One part of a replication of a scenario: from its people to what is counted.

    scenario -> deployment -> parts -> (crowd, tape) -> trace -> counts, quantities

Every run opens on the same day one: the state that a warm-up of `reference`, from empty and with the same
keyed people, leaves on launch day. A platform that serves several regions is run before them, and hands its
people on to each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import pandas as pd

from cepsim.costing import quantities
from cepsim.costing.quantities import add_up
from cepsim.engine import ENGINES, EngineName, Run, engine
from cepsim.experiment.deployments import deployed
from cepsim.indicators import Counts, count
from cepsim.indicators.deterred import count_deterred
from cepsim.indicators.outcomes import no_outcomes, outcomes
from cepsim.people.crowd import Crowd
from cepsim.people.deployment import Deployment
from cepsim.people.handover import Handed, enters_elsewhere, goes_elsewhere, hand_on, hand_over
from cepsim.people.hours import worked_seconds
from cepsim.people.population_tape import draw_people
from cepsim.people.shards import Part, parts_of
from cepsim.people.story import Story
from cepsim.people.tape import Tape
from cepsim.scenario import Scenario, load_scenario
from cepsim.state import State
from cepsim.tables import Tables
from cepsim.trace import Trace

REFERENCE = "reference"

#: The people of a part, their tape, and what was handed to it under their numbers; no staff changes them.
Drawn = tuple[Crowd, Tape, Handed | None]
#: Called with a share of the work of a part each time that more of it is done; all of them sum to 1.
Tick = Callable[[float], None]


class CommonPast(Protocol):
    """What scenarios that are the same until a second did before it: see `experiment.branching`."""

    @property
    def second(self) -> int:
        """The second, from launch."""

    def past(
        self, tape: Tape, opening: State, run: Callable[[], tuple[Trace, State]], scenario: str
    ) -> tuple[Trace, State]:
        """The trace until then and the state that it leaves, from `run` or from an earlier scenario."""


@dataclass(frozen=True, slots=True)
class Draws:
    """Which replication is run, and on which engine."""

    seed: int
    replication: int
    engine_name: EngineName = ENGINES[0]

    @property
    def engine(self) -> Run:
        """The engine."""
        return engine(self.engine_name)


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """A scenario compiled, and the world of its warm-up, part by part; both have the same parts."""

    parts: tuple[Part, ...]
    warm_up: tuple[Part, ...]

    @classmethod
    def of(cls, scenario: Scenario, tables: Tables, regions: Sequence[str], sample: int = 1) -> Setting:
        """Compile a scenario and its warm-up in these regions, for one person in `sample`."""
        world = warm_up_scenario(scenario, tables)
        parts, warm_up = (tuple(parts_of(deployed(s, tables, regions, sample))) for s in (scenario, world))
        if [part.name for part in parts] != [part.name for part in warm_up]:
            raise ValueError("a scenario and its warm-up are not made of the same parts")
        return cls(parts, warm_up)


@dataclass(frozen=True, slots=True, eq=False)
class Replication:
    """A part of a replication simulated: from the state at launch, `start`, to that at the end, `state`.

    `handed` is what its people did in a part run before, None where there is none.
    """

    part: Part
    crowd: Crowd
    tape: Tape
    start: State
    trace: Trace
    state: State
    handed: Handed | None


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What is kept of a replication, or of a part of one: additive counts and quantities, and its size.

    `outcomes`, of a part for which they were asked: a row a person who came for an accueil; see
    `indicators.outcomes`.
    """

    counts: Counts
    quantities: pd.DataFrame
    people: int
    visits: int
    outcomes: pd.DataFrame | None = None

    @classmethod
    def merge(cls, parts: Sequence[Measured]) -> Measured:
        """The sum of parts, without their outcomes: any grouping gives the same bytes."""
        return cls(
            Counts.merge([part.counts for part in parts]),
            add_up([part.quantities for part in parts]),
            sum(part.people for part in parts),
            sum(part.visits for part in parts),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """Day one of a part, the same under every scenario that has the same warm-up.

    `state` is what the warm-up leaves at launch, `who` its people, `handed` what they did before launch on a
    platform, by the lane where they go on.
    """

    state: State
    who: Crowd
    handed: Mapping[int, Handed]


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """What a lane is handed by a platform: during the warm-up, and from launch on."""

    warm_up: Handed
    run: Handed


def warm_up_scenario(scenario: Scenario, tables: Tables) -> Scenario:
    """`reference` on the scenario's calendar, with its figures and in its teams: the year before launch.

    People on day one wait for teams that exist: how one passes from today's to those of a scenario is not
    simulated.
    Operators that stop later do so in both, so that both are made of the same parts.
    """
    reference = load_scenario(REFERENCE, tables=tables)
    changes: dict[str, Any] = {
        "status": scenario.status,  # its figures may have come later
        "calendar": scenario.calendar.model_dump(),
        **{f"staff.{name}": getattr(scenario.staff, name) for name in ("teams", "pooled", "shared_platform")},
        "staff.closures": [closure.model_dump() for closure in scenario.staff.closures],
        **{f"figures.{name}": figure.model_dump() for name, figure in scenario.figures.items()},
    }
    if scenario.service.informing_actors:
        # the same stations; nobody is admitted before launch, and nobody sent there
        changes["service.informing_actors"] = scenario.service.informing_actors
    if scenario.service.bilan_first:
        changes["service.bilan_first"] = True  # likewise: nobody's bilan comes first before launch
    return reference.derive(changes, name=REFERENCE, tables=tables)


def run_part(
    part: Part,
    opening: Opening,
    passage: Passage | None,
    draws: Draws,
    tick: Tick,
    keep: Callable[[Replication], None] | None = None,
    *,
    keeps_outcomes: bool = False,
    common: CommonPast | None = None,
) -> tuple[Measured, dict[int, Passage]]:
    """Run a part from its day one; what is counted, and, of a platform, what it hands to each lane.

    `passage` is what a platform handed to the lane of this part, None where there is no platform. `keep` is
    given the whole of it, from launch on, before it is forgotten. `common` is the past that the scenario has
    in common with others, if any: the result is the same.
    """
    found = from_day_one(part, opening, passage, draws, tick, common)
    passages = {} if part.is_home else passed_on(opening, found)
    if keep is not None:
        keep(found)
    return measure(found, draws, keeps_outcomes=keeps_outcomes), passages


def from_day_one(
    part: Part,
    opening: Opening,
    passage: Passage | None,
    draws: Draws,
    tick: Tick = lambda _share: None,
    common: CommonPast | None = None,
    drawn: Drawn | None = None,
) -> Replication:
    """Run a part from its day one, nothing being counted; `drawn` are its people, where they are known."""
    share = _share_of_warm_up(part.deployment)
    tick(share)
    handed = passage.run if passage else None
    rest = 1.0 - share
    whole = (opening.who, opening.state, handed, draws, lambda done: tick(rest * done), common, drawn)
    return simulate(part, *whole)


def passed_on(opening: Opening, of: Replication) -> dict[int, Passage]:
    """What a platform hands to each lane, before and after launch."""
    return {lane: Passage(opening.handed[lane], after) for lane, after in _handed_on(of)}


def open_part(world: Part, passage: Passage | None, draws: Draws) -> Opening:
    """Run the warm-up of a part: its day one. `world` is the part in the scenario of the warm-up."""
    of = warm_up(world, passage.warm_up if passage else None, draws)
    there = np.flatnonzero(~goes_elsewhere(world.deployment.network, of.tape, of.state.people))
    state = replace(of.state.of_people(there), busy=of.state.busy, carried=of.state.carried)
    handed = {} if world.is_home else dict(_handed_on(of))
    return Opening(state, of.crowd.take(state.people.person), handed)


def warm_up(part: Part, handed: Handed | None, draws: Draws) -> Replication:
    """Run the warm-up of a part, from empty to launch."""
    deployment, begin = part.deployment, part.deployment.horizon.begin
    crowd, tape, handed = people_of(part, handed, draws, before=0)
    network = deployment.network
    start = State.empty(begin, network.block_count, network.queue_count)
    opening = handed.arriving(start) if handed else start
    trace, state = draws.engine(network, tape, opening, begin, 0)
    return Replication(part, crowd, tape, start, trace, state, handed)


def simulate(
    part: Part,
    who: Crowd,
    opening: State,
    handed: Handed | None,
    draws: Draws,
    tick: Tick,
    common: CommonPast | None = None,
    drawn: Drawn | None = None,
) -> Replication:
    """Run a part from launch day to the end of its follow-up; `who` are the people of the opening state.

    Those whom a platform hands on come before or after the second until which the past is common.
    """
    deployment, horizon = part.deployment, part.deployment.horizon
    crowd, tape, handed = people_of(part, handed, draws) if drawn is None else drawn
    start = hand_over(opening, who, crowd, tape)

    def arriving(state: State, until: int | None = None) -> State:
        return handed.arriving(state, until) if handed else state

    def run(state: State, until: int) -> tuple[Trace, State]:
        # the readable engine takes its time: it says how far it is, quarter by quarter
        quarters = horizon.quarters(until) if draws.engine_name == "simpy" else [until]
        traces = []
        for begin, end in pairwise([state.second, *(step for step in quarters if step > state.second)]):
            trace, state = draws.engine(deployment.network, tape, state, begin, end)
            traces.append(trace)
            tick((end - begin) / horizon.observed)
        return traces[0] if len(traces) == 1 else Trace.concatenate(traces), state

    if common is None:
        trace, state = run(arriving(start), horizon.observed)
    else:
        first, until = arriving(start, common.second), common.second
        before, state = common.past(tape, first, lambda: run(first, until), deployment.scenario.name)
        after, state = run(arriving(state), horizon.observed)
        trace = Trace.concatenate([before, after])
    return Replication(part, crowd, tape, start, trace, state, handed)


def measure(of: Replication, draws: Draws, *, keeps_outcomes: bool = False) -> Measured:
    """Count a part of a replication and recount its quantities; on request, say what became of each person.

    Hours are counted where the teams are, people where nothing comes after.
    """
    deployment, part = of.part.deployment, of.part
    whole = (of.crowd, of.trace, of.state, of.start)
    worked = worked_seconds(deployment, *whole)
    story = Story.of(deployment.network, of.trace, of.state, of.handed) if part.is_home else None
    return Measured(
        counts=count(
            deployment,
            *whole,
            story=story,
            counts_people=part.is_home,
            worked=worked,
            deterred=_deterred(of, draws),
        ),
        quantities=quantities(deployment, *whole, story=story, regions=part.regions, worked=worked),
        people=int((of.tape.arrival >= 0).sum()) if part.is_home else 0,
        visits=len(of.trace.visits),
        outcomes=_outcomes(of, story) if keeps_outcomes else None,
    )


def _deterred(of: Replication, draws: Draws) -> pd.DataFrame | None:
    """Who does not come since his account is charged, where people are counted."""
    if not of.part.is_home:
        return None
    return count_deterred(
        of.part.deployment,
        of.crowd,
        of.tape.entry,
        of.tape.arrival,
        seed=draws.seed,
        replication=draws.replication,
    )


def _outcomes(of: Replication, story: Story | None) -> pd.DataFrame:
    if not of.part.is_home:
        return no_outcomes()
    return outcomes(of.part.deployment, of.crowd, of.tape, of.trace, of.state, story=story)


def people_of(part: Part, handed: Handed | None, draws: Draws, *, before: int | None = None) -> Drawn:
    """The people of a part (those who ask before a second), and what was handed to it under their numbers.

    A platform draws its regions one after the other and keeps those who enter there.
    """
    deployment, network = part.deployment, part.deployment.network
    seed, replication = draws.seed, draws.replication
    if part.is_home:
        crowd, tape = draw_people(deployment, seed=seed, replication=replication, before=before)
        if handed is not None:
            handed = handed.numbered(np.flatnonzero(enters_elsewhere(network, tape)))
        return crowd, tape, handed
    crowds, tapes = [], []
    stations = np.flatnonzero(part.shard.queues) % network.station_count
    channels = set(deployment.stations["channel"].to_numpy()[stations])
    if deployment.scenario.service.remote_first or deployment.scenario.demand.outbound_contacts:
        # those who would have come to a desk may call, or be called
        channels.add("face_to_face")
    for lane in part.shard.lanes:
        crowd, tape = draw_people(
            deployment,
            seed=seed,
            replication=replication,
            regions=[lane],
            channels=channels,
            before=before,
        )
        here = np.flatnonzero(~enters_elsewhere(network, tape))
        crowds.append(crowd.take(here))
        tapes.append(tape.take(here))
    tape = Tape.concatenate(tapes)
    order = np.argsort(tape.arrival, kind="stable")
    return Crowd.concatenate(crowds).take(order), tape.take(order), None


def _handed_on(of: Replication) -> Iterator[tuple[int, Handed]]:
    return hand_on(of.part.deployment.network, of.tape, of.trace, of.state)


def _share_of_warm_up(deployment: Deployment) -> float:
    """The part of the simulated time that is before launch."""
    horizon = deployment.horizon
    return -horizon.begin / (horizon.observed - horizon.begin)
