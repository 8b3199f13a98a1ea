"""What the people of a run did, wherever they did it: in one order, settled or under way."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np

from cepsim.compiled import compiled
from cepsim.network import Network
from cepsim.people.cells import Mask
from cepsim.people.handover import Handed
from cepsim.people.visited import Visited
from cepsim.state import State
from cepsim.trace import Exits, Sessions, Shorts, Trace

Rows = TypeVar("Rows", Visited, Exits)


@dataclass(frozen=True, slots=True, eq=False)
class Story:
    """Every visit by (person, visit), every exit by person, the sessions, and where people are at the end.

    Raises ValueError where visits are not in that order.
    """

    visits: Visited
    exits: Exits
    sessions: Sessions
    state: State

    def __post_init__(self) -> None:
        """Refuse visits in another order: people are read one after the other."""
        if not self.visits.is_ordered:
            raise ValueError("visits are not in order of person and visit")

    @classmethod
    def of(cls, network: Network, trace: Trace, state: State, handed: Handed | None = None) -> Story:
        """The story of a run that ends in a state, after what its people did in a shard run before.

        Who leaves a commission leaves the operator that put his file together.
        """
        visits, exits = Visited.of(trace.visits), trace.exits
        if handed is not None:
            visits = by_person(Visited.of(handed.visits), visits)
            exits = by_person(handed.exits, exits)
            state = State.merge([state, replace(handed.staying, second=state.second)])
        # a visit under way is the person's last one
        under_way = Visited.of(state.open_visits()).sorted_by("person", "visit")
        visits = by_person(visits, under_way)
        return cls(visits, _where_advised(visits, exits, network.holds_commissions), trace.sessions, state)

    @classmethod
    def of_nobody(cls, network: Network, state: State) -> Story:
        """Nothing happened, and nobody is there."""
        return cls.of(network, Trace.empty(), state.of_people(np.zeros(len(state.people), dtype=np.bool_)))


def _where_advised(visits: Visited, exits: Exits, commissions: Mask) -> Exits:
    """Exits whose queue is that of the last visit at an operator; `commissions` has the shape (queues,)."""
    leaving = np.flatnonzero(commissions[exits.queue])
    row = np.searchsorted(visits.person, exits.person[leaving], side="right") - 1
    while (decided := commissions[visits.queue[row]] & (row > 0)).any():
        row = row - decided
    # whose file was lodged before the story begins is known by the commission alone
    known = ~commissions[visits.queue[row]] & (visits.person[row] == exits.person[leaving])
    queue = exits.queue.copy()
    queue[leaving[known]] = visits.queue[row[known]]
    return replace(exits, queue=queue)


def by_person(first: Rows, second: Rows) -> Rows:
    """The rows of both by person, each being so already; of one person, those of the first come first."""
    if not len(first) or not len(second):
        return second if len(second) else first
    later = _of_second(first.person, second.person)
    columns = {}
    for field in fields(first):
        columns[field.name] = column = np.empty(len(later), dtype=first.kind())
        column[~later], column[later] = getattr(first, field.name), getattr(second, field.name)
    return type(first)(**columns)


@compiled
def _of_second(first: Shorts, second: Shorts) -> Mask:
    """Which of the rows of both are of the second."""
    found = np.zeros(len(first) + len(second), dtype=np.bool_)
    here, there = 0, 0
    for row in range(len(found)):
        if here == len(first) or (there < len(second) and second[there] < first[here]):
            found[row] = True
            there += 1
        else:
            here += 1
    return found
