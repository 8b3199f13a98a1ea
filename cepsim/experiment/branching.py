"""Scenarios that are the same until a day: their common past is simulated once, and shown to be common."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cepsim.errors import UsageError
from cepsim.experiment.plan import Plan
from cepsim.network.until import served_alike, staffed_alike, until
from cepsim.people.horizon import Horizon
from cepsim.people.shards import Part
from cepsim.people.tape import Tape
from cepsim.state import State
from cepsim.trace import Trace

#: Runs what comes before the branch: from an opening state, to its trace and the state that it leaves.
Run = Callable[[], tuple[Trace, State]]


@dataclass(frozen=True, slots=True, eq=False)
class _Past:
    """What a part of the trunk did before the branch, and the people and the day one that it came from."""

    tape: Tape
    opening: State
    trace: Trace
    state: State


@dataclass(slots=True, eq=False)
class Branching:
    """The past of one part of one replication, that of the trunk: the first scenario that comes.

    Results are those of scenarios run from launch: people, day one and
    network are the same before the branch, or the run is refused.
    """

    plan: Plan
    horizon: Horizon
    _past: _Past | None = None

    @property
    def second(self) -> int:
        """The second of the branch, from launch."""
        return second_of(self.plan, self.horizon)

    def past(self, tape: Tape, opening: State, run: Run, scenario: str) -> tuple[Trace, State]:
        """What comes before the branch: run for the trunk, remembered for a scenario that branches off.

        Raises UsageError where its people, or those there at launch, are not those of the trunk.
        """
        tape = tape.until(self.second)
        if scenario == self.plan.branches[0]:
            self._past = _Past(tape, opening, *run())
        known = self._past
        if known is None:
            raise ValueError("a scenario branches off before its trunk is there")
        trunk, day = self.plan.branches[0], self.plan.branch_date
        if not tape.same(known.tape):
            raise UsageError(f"{scenario} and {trunk} are not the same until {day}: other people ask")
        if not opening.equals(known.opening):
            raise UsageError(
                f"{scenario} and {trunk} are not the same until {day}: other people are there at launch"
            )
        return known.trace, known.state


def check_networks(plan: Plan, scenario: str, parts: Iterable[tuple[Part, Part]]) -> None:
    """Raise UsageError unless people are served alike, by the same staff, in the trunk and in a scenario.

    `parts` are those of the trunk, each with that of the scenario.
    """
    for trunk, branch in parts:
        second = second_of(plan, trunk.deployment.horizon)
        one, other = (until(part.deployment.network, second) for part in (trunk, branch))
        if not served_alike(one, other):
            raise UsageError(
                f"{scenario} and {plan.branches[0]} are not the same until {plan.branch_date}: "
                "people are served otherwise"
            )
        if not staffed_alike(one, other):
            raise UsageError(
                f"{scenario} and {plan.branches[0]} are not the same until {plan.branch_date}: "
                "other staff is on duty"
            )


def second_of(plan: Plan, horizon: Horizon) -> int:
    """The second at which the scenarios of a plan branch off. Raises ValueError where they do not."""
    if plan.branch_date is None:
        raise ValueError("the plan has no branch")
    return horizon.second(plan.branch_date)
