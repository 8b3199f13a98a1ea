"""The state in which an engine stops: everybody who is still there, and what the future depends on besides.

Seconds and codes are those of the trace (`cepsim.trace`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cepsim.trace import Columns, Ints, Outcome, Status, Visits


@dataclass(frozen=True, slots=True, eq=False)
class People(Columns):
    """Everybody who is still there, one row each, by person.

    `due` is the second at which somebody BETWEEN joins `queue` for `reason`. For somebody WAITING or
    IN_SERVICE the columns of the visit under way hold, with `NEVER` for what has not come. `leaves` is
    the second at which patience ends (NEVER: it does not, or is settled when the turn comes). Counters:
    `visit` visits begun; `rebooks`, `retries`, `repeats` loops made; `series_left` interviews still due
    after this one, -1 outside a series, -2 for who is sent elsewhere in place of one. `was_referred` is 1
    once sent to another operator. `referent` is the number of the adviser who follows the person, in the
    team `referent_team`; both -1 where nobody does.
    """

    person: Ints
    status: Ints
    queue: Ints
    due: Ints
    reason: Ints
    visit: Ints
    joined: Ints
    leaves: Ints
    called: Ints
    ended: Ints
    released: Ints
    outcome: Ints
    adviser: Ints
    session: Ints
    rebooks: Ints
    retries: Ints
    repeats: Ints
    series_left: Ints
    was_referred: Ints
    referent: Ints
    referent_team: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Busy(Columns):
    """Advisers at work: until which second, and how many of them after their person has left."""

    team: Ints
    adviser: Ints
    until: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Carried(Columns):
    """What queues take from one date to the next, a row a queue; no row where they take nothing.

    `published` is the delay last published, in seconds; `waited` the sum of the waits of the first visits
    called in since then, in seconds, and `called` how many they are; `unspent` what the last commission
    left of its budget, in euros, where that is carried on.
    """

    published: Ints
    waited: Ints
    called: Ints
    unspent: Ints

    @classmethod
    def none(cls, queues: int) -> Carried:
        """Nothing yet, in so many queues."""
        return cls(*(np.zeros(queues, dtype=np.int64) for _ in fields(cls)))

    def only(self, queues: NDArray[np.bool_]) -> Carried:
        """The same in these queues, shape (queues,); nothing in the others."""
        return Carried(*(getattr(self, field.name) * queues for field in fields(self)))


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """All that the future depends on besides the network and the tape, as flat arrays.

    `visits_made` has shape (people, blocks): how many visits each person has begun in each block of
    the tape.
    """

    second: int
    people: People
    visits_made: NDArray[np.int64]
    busy: Busy
    carried: Carried

    def equals(self, other: State) -> bool:
        """Same state, integer for integer."""
        return (
            self.second == other.second
            and self.people.equals(other.people)
            and np.array_equal(self.visits_made, other.visits_made)
            and self.busy.equals(other.busy)
            and self.carried.equals(other.carried)
        )

    def renumbered(self, persons: Ints) -> State:
        """The same state where person i is now called persons[i] (people whose tape grew, say)."""
        order = np.argsort(persons[self.people.person], kind="stable")
        people = replace(self.people, person=persons[self.people.person]).take(order)
        return replace(self, people=people, visits_made=self.visits_made[order])

    @classmethod
    def empty(cls, second: int, blocks: int, queues: int) -> State:
        """Nobody is there, in a network of so many blocks of draws and queues."""
        made = np.zeros((0, blocks), dtype=np.int64)
        return cls(second, People.empty(), made, Busy.empty(), Carried.none(queues))

    @classmethod
    def merge(cls, states: Sequence[State]) -> State:
        """Several states of one second as one: their people and advisers are all different.

        No queue has published in more than one of them.
        """
        people = People.concatenate([state.people for state in states])
        order = np.argsort(people.person, kind="stable")
        return cls(
            second=states[0].second,
            people=people.take(order),
            visits_made=np.concatenate([state.visits_made for state in states])[order],
            busy=Busy.concatenate([state.busy for state in states]).sorted_by("team", "adviser"),
            carried=_added([state.carried for state in states if len(state.carried)]),
        )

    def of_people(self, chosen: NDArray[np.bool_] | Ints) -> State:
        """Some people of a state, by mask or position, without advisers and what queues carry."""
        return replace(
            self,
            people=self.people.take(chosen),
            visits_made=self.visits_made[chosen],
            busy=Busy.empty(),
            carried=Carried.empty(),
        )

    def carried_of(self, queues: int) -> Carried:
        """What the queues of a network have published."""
        return self.carried if len(self.carried) else Carried.none(queues)

    def open_visits(self) -> Visits:
        """Visits under way, as rows of a trace; outcome WAITING, IN_SERVICE or NO_SHOW."""
        people = self.people.take(self.people.status != Status.BETWEEN)
        outcome = np.where(people.outcome == Outcome.NO_SHOW, people.outcome, int(Outcome.IN_SERVICE))
        moved = {field.name: getattr(people, field.name) for field in fields(Visits) if field.name != "team"}
        moved["outcome"] = np.where(people.status == Status.WAITING, int(Outcome.WAITING), outcome)
        return Visits.from_columns({**moved, "team": np.full(len(people), -1)})

    def save(self, path: Path) -> None:
        """Write to a .npz file, whole or not at all."""
        arrays = {f"people.{f.name}": getattr(self.people, f.name) for f in fields(self.people)}
        arrays |= {f"busy.{f.name}": getattr(self.busy, f.name) for f in fields(self.busy)}
        arrays |= {f"carried.{f.name}": getattr(self.carried, f.name) for f in fields(self.carried)}
        partial = path.with_name(path.name + ".partial")
        with partial.open("wb") as file:
            np.savez_compressed(
                file,
                second=np.int64(self.second),
                visits_made=self.visits_made,
                **arrays,
            )
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> State:
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            return cls(
                second=int(stored["second"]),
                people=People(**{f.name: stored[f"people.{f.name}"] for f in fields(People)}),
                visits_made=stored["visits_made"],
                busy=Busy(**{f.name: stored[f"busy.{f.name}"] for f in fields(Busy)}),
                carried=Carried(**{f.name: stored[f"carried.{f.name}"] for f in fields(Carried)}),
            )


def _added(parts: Sequence[Carried]) -> Carried:
    """Carried of queues that publish in one part each."""
    if not parts:
        return Carried.empty()
    return Carried(*(np.sum([getattr(p, f.name) for p in parts], axis=0) for f in fields(Carried)))
