"""A region under any staff: the same people every time, from the same day one.

Day one, the people and what platforms hand on depend on no adviser's post: they are made once a replication.
For each vector the duty of the region's advisers is put in the compiled network, and the part is run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from cepsim.experiment.pipeline import (
    Drawn,
    Draws,
    Opening,
    Passage,
    Setting,
    from_day_one,
    open_part,
    passed_on,
    people_of,
)
from cepsim.experiment.plan import Plan
from cepsim.network.arrays import Network
from cepsim.network.builder import roster
from cepsim.people.deploy import regions_of
from cepsim.people.deployment import Deployment
from cepsim.people.shards import Part, before
from cepsim.people.staffing import Staffing
from cepsim.scenario import Scenario
from cepsim.sizing.claims import Claim, Heard, claims_of
from cepsim.sizing.hearing import hear
from cepsim.sizing.norm import SIZED_STAGES, Norm
from cepsim.sizing.posts import Sized, staffed
from cepsim.sizing.search import Vector

#: Replications of a first look.
_GLANCE: Final = 2
_ADVISERS: Final = "advisers"


@dataclass(frozen=True, slots=True, eq=False)
class Started:
    """All of a replication of a part that staff does not change."""

    draws: Draws
    opening: Opening
    passage: Passage | None
    drawn: Drawn


def started(setting: Setting, rank: int, draws: Draws) -> Started:
    """Run what comes before a part: its platforms and its warm-up; draw its people."""
    passage = None
    for platform in before(setting.parts, rank):
        day_one = open_part(setting.warm_up[platform], None, draws)
        handed = passed_on(day_one, from_day_one(setting.parts[platform], day_one, None, draws))
        passage = handed[setting.parts[rank].shard.lanes[0]]
    opening = open_part(setting.warm_up[rank], passage, draws)
    drawn = people_of(setting.parts[rank], passage.run if passage else None, draws)
    return Started(draws, opening, passage, drawn)


@dataclass(slots=True)
class World:
    """A part of a plan's scenario whose posts may change, and the norms that it is held to.

    `since` is the first quarter held. What was found of a vector is remembered.
    """

    plan: Plan
    scenario: Scenario
    part: Part
    sized: Sized
    norms: tuple[Norm, ...]
    since: int
    confidence: float
    starts: Sequence[Started]
    executor: Executor
    tell: Callable[[], None] = lambda: None
    known: dict[Vector, list[Claim]] = field(default_factory=dict)
    glanced: dict[Vector, frozenset[int]] = field(default_factory=dict)

    def claims(self, vector: Vector) -> list[Claim]:
        """Every claim of every norm under these posts."""
        if vector not in self.known:
            self.known[vector] = self.simulated(vector, self.starts, self.norms)
        return self.known[vector]

    def short(self, vector: Vector) -> frozenset[int]:
        """The posts that answer for a claim that is not met."""
        return self._answering(claim for claim in self.claims(vector) if claim.verdict != "met")

    def nearly_short(self, vector: Vector) -> frozenset[int]:
        """The same at a glance: two replications, and means in place of bounds."""
        if vector in self.known or len(self.starts) <= _GLANCE:
            return self.short(vector)
        if vector not in self.glanced:
            self.glanced[vector] = self._answering(
                claim
                for claim in self.simulated(vector, self.starts[:_GLANCE], self.norms)
                if claim.share < claim.norm.share
            )
        return self.glanced[vector]

    @property
    def runs(self) -> int:
        """How many vectors were tried."""
        return len({*self.known, *self.glanced})

    def simulated(self, vector: Vector, starts: Sequence[Started], norms: Sequence[Norm]) -> list[Claim]:
        """The claims of any norms under these posts, in some replications; nothing is remembered."""
        said = self.heard(vector, starts, norms)
        return [
            claim
            for number, norm in enumerate(norms)
            for lane, region in enumerate(self.part.regions)
            for claim in claims_of(
                norm, region, [one[number][lane] for one in said], self.since, self.confidence
            )
        ]

    def heard(
        self, vector: Vector, starts: Sequence[Started], norms: Sequence[Norm]
    ) -> list[list[list[Heard]]]:
        """What each replication says under these posts, by norm and region."""
        part = replace(self.part, deployment=self.under(vector))
        said = list(self.executor.map(lambda start: self._hear(part, start, norms), starts))
        self.tell()
        return said

    def onward(self, vector: Vector) -> list[Claim]:
        """What happens where no norm is: other stages and operators, looked at as the first norm looks.

        More received upstream are more to receive downstream; these claims are told and held to nothing.
        """
        first = self.norms[0]
        seen = [Norm(stage, first.share, first.days) for stage in SIZED_STAGES]
        return [
            claim
            for claim in self.simulated(vector, self.starts, seen)
            if not any(
                norm.stage == claim.norm.stage and norm.concerns(claim.operator) for norm in self.norms
            )
        ]

    def _hear(self, part: Part, start: Started, norms: Sequence[Norm]) -> list[list[Heard]]:
        """What one replication says, by norm and lane of the part."""
        run = from_day_one(part, start.opening, start.passage, start.draws, drawn=start.drawn)
        return hear(run, norms, self.part.shard.lanes)

    def _answering(self, claims: Iterable[Claim]) -> frozenset[int]:
        return frozenset(
            number
            for claim in claims
            for number, post in enumerate(self.sized.posts)
            if (post.operator, post.region) == (claim.operator, claim.region)
            and post.first <= claim.year <= post.last
        )

    def under(self, vector: Vector) -> Deployment:
        """The part with these posts on duty; what it says of who is paid stays that of the scenario."""
        where = self.part.deployment
        changed = staffed(
            self.scenario,
            where,
            dict(zip(self.sized.posts, vector, strict=True)),
            tables=self.plan.tables,
            reason="-",
        )
        regions = regions_of(where.tables, self.part.regions)
        teams = Staffing(
            changed, where.tables, where.population, regions, where.horizon, where.sample
        ).teams()
        # as a network's builder has it: nobody outside openings
        duty = {
            team.name: roster(team.openings.merged(), sorted(team.duty()))
            for team in teams
            if team.role == _ADVISERS
        }
        return replace(where, network=with_duty(where.network, duty))


def with_duty(network: Network, duty: dict[str, list[tuple[int, int]]]) -> Network:
    """The same network, some teams of it having other people on duty: (second, number) at every change.

    The number of changes of a team may differ; its opening hours stay.
    """
    teams = network.teams
    pieces = []
    for number, name in enumerate(network.team_names):
        here = slice(teams.duty_start[number], teams.duty_start[number + 1])
        if name in duty:
            pieces.append(np.array(duty[name], dtype=np.int64).reshape(-1, 2))
        else:
            pieces.append(np.stack([teams.duty_second[here], teams.duty_advisers[here]], axis=1))
    rows = np.concatenate(pieces)
    changed = replace(
        teams,
        duty_start=np.concatenate([[0], np.cumsum([len(piece) for piece in pieces])]).astype(np.int64),
        duty_second=np.ascontiguousarray(rows[:, 0]),
        duty_advisers=np.ascontiguousarray(rows[:, 1]),
    )
    return replace(network, teams=changed)
