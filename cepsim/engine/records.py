"""What the readable engine keeps of each person, and how it writes the trace and the state."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np
import simpy

from cepsim.people.tape import Draws
from cepsim.state import Busy, Carried, People, State
from cepsim.trace import NEVER, Columns, Duty, Exits, Outcome, Reason, Sessions, Status, Trace, Visits

if TYPE_CHECKING:
    from cepsim.engine.parts import Line

_PERSON_COLUMNS = tuple(field.name for field in fields(People) if field.name != "person")


class Person:
    """Somebody in the network; the fields are those of `state.People`."""

    __slots__ = ("decided", "draws", "line", "made", "number", "profile", *_PERSON_COLUMNS)
    decided: simpy.Event
    line: Line
    draws: Draws

    def __init__(self, number: int, profile: int, blocks: int) -> None:
        self.number, self.profile = number, profile
        self.made = [0] * blocks
        self.status: int = Status.BETWEEN
        self.queue = self.visit = -1
        self.due = NEVER
        self.reason: int = Reason.FIRST
        self.rebooks = self.retries = self.repeats = self.was_referred = 0
        self.series_left = self.referent = self.referent_team = -1
        self._clear_visit()

    def _clear_visit(self) -> None:
        self.joined = self.leaves = self.called = self.ended = self.released = NEVER
        self.outcome: int = Outcome.WAITING
        self.adviser = self.session = -1

    def begin_visit(self, second: int, draws: Draws, block: int) -> None:
        """Join a queue: a new visit, with these draws."""
        self._clear_visit()
        self.visit += 1
        self.made[block] += 1
        self.draws, self.joined, self.status = draws, second, Status.WAITING


class Table:
    """A growing table with the columns of a record type."""

    def __init__(self, kind: type[Columns]) -> None:
        self.kind = kind
        self.names = [field.name for field in fields(kind)]
        self.columns = [array("q") for _ in self.names]
        self.appends = [column.append for column in self.columns]

    def add(self, *row: int) -> None:
        """Append a row, in the order of the fields."""
        for append, value in zip(self.appends, row, strict=True):
            append(value)

    def done(self) -> dict[str, array[int]]:
        """The columns so far."""
        return dict(zip(self.names, self.columns, strict=True))


class Recorder:
    """Writes the trace as things happen."""

    def __init__(self) -> None:
        self._visits, self._duty = Table(Visits), Table(Duty)
        self._sessions, self._exits = Table(Sessions), Table(Exits)

    def visit(self, p: Person, team: int) -> None:
        """A visit is settled."""
        self._visits.add(
            p.number,
            p.visit,
            p.queue,
            team,
            p.adviser,
            p.session,
            p.reason,
            p.joined,
            p.called,
            p.ended,
            p.released,
            p.outcome,
        )

    def duty(self, team: int, second: int, advisers: int) -> None:
        """The number on duty changes."""
        self._duty.add(team, second, advisers)

    def session(self, queue: int, rank: int, second: int, seats_taken: int, held: bool) -> None:
        """A session is held or cancelled."""
        self._sessions.add(queue, rank, second, seats_taken, int(held))

    def exit(self, p: Person, code: int) -> None:
        """Somebody leaves the network."""
        self._exits.add(p.number, p.queue, p.ended, code)

    def trace(self) -> Trace:
        """All of it, in canonical order."""
        return Trace(
            Visits.from_columns(self._visits.done()),
            Duty.from_columns(self._duty.done()),
            Sessions.from_columns(self._sessions.done()),
            Exits.from_columns(self._exits.done()),
        ).canonical()


def dump_state(
    second: int,
    everybody: Sequence[Person],
    busy_until: Mapping[tuple[int, int], int],
    carried: Carried,
    blocks: int,
) -> State:
    """The state as flat arrays, people by number, advisers by (team, number)."""
    persons = sorted(everybody, key=lambda p: p.number)
    columns = {name: [getattr(p, name) for p in persons] for name in _PERSON_COLUMNS}
    busy = sorted((team, adviser, until) for (team, adviser), until in busy_until.items())
    return State(
        second=second,
        people=People.from_columns({"person": [p.number for p in persons], **columns}),
        visits_made=np.array([p.made for p in persons], dtype=np.int64).reshape(len(persons), blocks),
        busy=Busy.from_columns(
            {"team": [b[0] for b in busy], "adviser": [b[1] for b in busy], "until": [b[2] for b in busy]}
        ),
        carried=carried,
    )


def people_of(state: State) -> list[Person]:
    """Everybody in a state, ready to go on; the profile is the tape's to give."""
    rows = zip(*(getattr(state.people, name).tolist() for name in _PERSON_COLUMNS), strict=True)
    persons = []
    for number, made, row in zip(state.people.person.tolist(), state.visits_made.tolist(), rows, strict=True):
        person = Person(number, -1, len(made))
        person.made = made
        for name, value in zip(_PERSON_COLUMNS, row, strict=True):
            setattr(person, name, value)
        persons.append(person)
    return persons
