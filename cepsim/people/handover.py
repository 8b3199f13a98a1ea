"""Handing people on: to the same service under another scenario, and from a shard to the next one."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from cepsim.network.arrays import CHOICE_BASE, Network
from cepsim.people.crowd import Crowd
from cepsim.people.tape import Tape
from cepsim.state import Busy, Carried, People, State
from cepsim.trace import Exits, Ints, Shorts, Trace, Visits

Rows = TypeVar("Rows", Visits, Exits)

#: What identifies a person, and the bits that it takes: 64 in all.
_IDENTITY = {"region": 6, "public": 5, "source": 3, "channel": 3, "slab": 15, "rank": 32}


def hand_over(state: State, who: Crowd, after: Crowd, tape: Tape) -> State:
    """A state reached in another run, for a run with the people `after` and their tape.

    `who` says who the people of the state are, in their order. They are matched by identity; every one of
    them must be in `after`. Raises ValueError where somebody is missing or would need draws that the tape
    lacks.
    """
    persons = _matched(who, after, np.flatnonzero(tape.arrival < state.second))
    numbers = np.full(int(state.people.person.max(initial=-1)) + 1, -1, dtype=np.int64)
    numbers[state.people.person] = persons
    moved = state.renumbered(numbers)
    if (moved.visits_made > tape.layout_rows[tape.layout[moved.people.person]]).any():
        raise ValueError("somebody has made more visits than his new tape has draws for")
    return moved


def _matched(who: Crowd, after: Crowd, pool: Ints) -> Ints:
    """Numbers in `after` of the people of `who`, looked for among `pool`."""
    known = identities(after, pool)
    order = np.argsort(known)
    wanted = identities(who, np.arange(len(who)))
    place = np.minimum(np.searchsorted(known, wanted, sorter=order), max(len(known) - 1, 0))
    found = known[order[place]] == wanted if len(known) else np.zeros(len(wanted), dtype=bool)
    if not found.all():
        raise ValueError(f"person {int(np.argmin(found))} of the state is not in the scenario's tape")
    return pool[order[place]] if len(known) else pool


def identities(crowd: Crowd, persons: Ints) -> NDArray[np.uint64]:
    """What identifies each person of a replication, as one number: the same in every scenario and shard."""
    packed = np.zeros(len(persons), dtype=np.uint64)
    for name, bits in _IDENTITY.items():
        column = getattr(crowd, name)[persons].astype(np.uint64)
        if len(column) and int(column.max()) >> bits:
            raise ValueError(f"{name} {int(column.max())} takes more than {bits} bits of an identity")
        packed = packed << np.uint64(bits) | column
    return packed


# -- from a shard to the next one -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Handed:
    """What the people of one lane did in a shard run before, and where they are.

    Persons are numbered from 0 among the people of the lane who enter that shard; there are `people` of
    them. `coming` are on their way to a later shard, `staying` are still in the earlier one when it stopped.
    """

    people: int
    visits: Visits
    exits: Exits
    coming: State
    staying: State

    def numbered(self, persons: Ints) -> Handed:
        """The same, person i now called persons[i]. Raises ValueError unless there are as many of them."""
        if len(persons) != self.people:
            raise ValueError(f"{self.people} people were handed on, {len(persons)} are expected")
        shorts = persons.astype(np.int32)
        return Handed(
            self.people,
            replace(self.visits, person=shorts[self.visits.person]),
            replace(self.exits, person=shorts[self.exits.person]),
            self.coming.renumbered(persons),
            self.staying.renumbered(persons),
        )

    def arriving(self, state: State, until: int | None = None) -> State:
        """A state, with those added who come from its second on (and before another, if it is given)."""
        due = self.coming.people.due
        coming = self.coming.of_people((due >= state.second) & (until is None or due < until))
        return State.merge([state, replace(coming, second=state.second)])

    def save(self, path: Path) -> None:
        """Write to a .npz file, in few bytes: whole or not at all, even if several processes do at once."""
        arrays: dict[str, Any] = {"people": np.int64(self.people)}
        for part, table in (("visits", self.visits), ("exits", self.exits)):
            arrays |= {f"{part}.{f.name}": getattr(table, f.name) for f in fields(table)}
        for part, state in (("coming", self.coming), ("staying", self.staying)):
            arrays |= {f"{part}.{f.name}": getattr(state.people, f.name) for f in fields(People)}
            arrays |= {f"{part}.made": state.visits_made, f"{part}.second": np.int64(state.second)}
        partial = path.with_name(f"{path.name}.{secrets.token_hex(8)}.partial")
        with partial.open("wb") as file:
            np.savez(file, **arrays)
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> Handed:
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as stored:

            def state(part: str) -> State:
                return State(
                    int(stored[f"{part}.second"]),
                    People(**{f.name: stored[f"{part}.{f.name}"] for f in fields(People)}),
                    stored[f"{part}.made"],
                    Busy.empty(),
                    Carried.empty(),
                )

            return cls(
                int(stored["people"]),
                Visits(**{f.name: stored[f"visits.{f.name}"] for f in fields(Visits)}),
                Exits(**{f.name: stored[f"exits.{f.name}"] for f in fields(Exits)}),
                state("coming"),
                state("staying"),
            )


def enters_elsewhere(network: Network, tape: Tape) -> NDArray[np.bool_]:
    """Who of a tape arrives at a queue that is run apart."""
    return _elsewhere(network, tape.entry, tape.lane)


def goes_elsewhere(network: Network, tape: Tape, people: People) -> NDArray[np.bool_]:
    """Which people of a state are on their way to a queue that is run apart."""
    station = np.where(people.queue >= CHOICE_BASE, people.queue, people.queue % network.station_count)
    return _elsewhere(network, station, tape.lane[people.person])


def _elsewhere(network: Network, station: Ints | Shorts, lane: Shorts) -> NDArray[np.bool_]:
    undecided = station >= CHOICE_BASE
    first = station.copy()
    first[undecided] = network.choices.station[network.choices.start[station[undecided] - CHOICE_BASE]]
    return np.asarray(network.queues.elsewhere[lane * network.station_count + first] == 1)


def hand_on(network: Network, tape: Tape, trace: Trace, state: State) -> Iterator[tuple[int, Handed]]:
    """What a shard of several lanes hands to each of them: (lane, what is handed)."""
    lanes, coming = len(network.lane_names), goes_elsewhere(network, tape, state.people)
    people = np.bincount(tape.lane, minlength=lanes)
    number = np.empty(tape.person_count, dtype=np.int64)
    number[np.argsort(tape.lane, kind="stable")] = np.arange(tape.person_count)
    number -= (np.cumsum(people) - people)[tape.lane]
    both = [
        replace(part, people=replace(part.people, person=number[part.people.person]))
        for part in (state.of_people(coming), state.of_people(~coming))
    ]
    whose = [tape.lane[state.people.person[which]] for which in (coming, ~coming)]
    visits = _by_lane(trace.visits, tape.lane, number, lanes)
    exits = _by_lane(trace.exits, tape.lane, number, lanes)
    for lane in range(lanes):
        states = [part.of_people(of == lane) for part, of in zip(both, whose, strict=True)]
        yield lane, Handed(int(people[lane]), next(visits), next(exits), *states)


def _by_lane(rows: Rows, lane: Shorts, number: Ints, lanes: int) -> Iterator[Rows]:
    """The rows of the people of each lane, under their numbers in it."""
    # codes of two bytes are sorted by radix
    of_row: NDArray[np.int16] = lane[rows.person].astype(np.int16)
    together = replace(rows, person=number.astype(np.int32)[rows.person]).take(
        np.argsort(of_row, kind="stable")
    )
    bounds = np.cumsum([0, *np.bincount(of_row, minlength=lanes)])
    for first, last in pairwise(bounds.tolist()):
        yield together.take(slice(first, last))
