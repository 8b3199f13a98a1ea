"""What an engine writes: the trace of what happened.

A visit is one flat row: somebody joins a queue, is called in or not, and the adviser is released. Rows
of the trace are settled visits; those under way at the end stand in the state (`cepsim.state`). The trace of
[0, t) and that of [t, H) therefore hold together exactly the rows of the trace of [0, H).

Seconds are integers counted from 00:00 of launch day (negative before it). A date that never came is
`NEVER`. Codes below are data formats: they are appended to, never renumbered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

#: The seconds that a trace can hold: 68 years on either side of launch.
MOST_SECONDS = int(np.iinfo(np.int32).max)
NEVER = -MOST_SECONDS - 1

Ints = NDArray[np.int64]
#: Numbers kept in four bytes: codes, and the seconds of a trace.
Shorts = NDArray[np.int32]
#: Whole numbers, in eight bytes or in four.
Wholes = Ints | Shorts


class Reason(IntEnum):
    """Why somebody joins a queue."""

    FIRST = 0
    SERIES = 1
    REBOOKED = 2
    OVERFLOW = 3
    ASKED_AGAIN = 4
    RETRY = 5
    REDIRECTED = 6
    HANDED_OVER = 7


class Outcome(IntEnum):
    """How a visit ended; WAITING and IN_SERVICE are for visits under way when the engine stopped."""

    SERVED = 0
    NO_SHOW = 1
    GAVE_UP = 2
    CLOSED = 3
    FULL = 4
    WAITING = 5
    IN_SERVICE = 6
    REFUSED = 7
    HANDED_OVER = 8


class Status(IntEnum):
    """Where somebody is between two events."""

    BETWEEN = 0
    WAITING = 1
    IN_SERVICE = 2


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """A table as parallel arrays: every field is an array, and all have one length."""

    def __post_init__(self) -> None:
        """Refuse columns of different lengths."""
        lengths = {field.name: len(getattr(self, field.name)) for field in fields(self)}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"columns of different lengths: {lengths}")

    def __len__(self) -> int:
        """Number of rows."""
        return len(getattr(self, fields(self)[0].name))

    @staticmethod
    def kind() -> type[np.signedinteger[Any]]:
        """The type of columns built from numbers."""
        return np.int64

    @classmethod
    def from_columns(cls, columns: Mapping[str, Sequence[int] | NDArray[Any]]) -> Self:
        """Build from one sequence a field. Raises ValueError for a number that does not fit."""
        return cls(
            **{field.name: _fitting(columns[field.name], field.name, cls.kind()) for field in fields(cls)}
        )

    @classmethod
    def empty(cls) -> Self:
        """No row."""
        return cls.from_columns({field.name: [] for field in fields(cls)})

    @classmethod
    def concatenate(cls, parts: Sequence[Self]) -> Self:
        """The rows of every part, in order."""
        return cls(
            **{field.name: np.concatenate([getattr(p, field.name) for p in parts]) for field in fields(cls)}
        )

    def take(self, rows: NDArray[np.bool_] | Ints | slice) -> Self:
        """The rows of a mask, of positions or of a slice (which are views)."""
        return type(self)(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def sorted_by(self, *names: str) -> Self:
        """Rows in the order of these columns, the first one first."""
        return self.take(np.lexsort([getattr(self, name) for name in reversed(names)]))

    def frame(self) -> pd.DataFrame:
        """The same columns as a data frame."""
        return pd.DataFrame({field.name: getattr(self, field.name) for field in fields(self)})

    def equals(self, other: Self) -> bool:
        """Same rows in the same order, integer for integer."""
        return all(np.array_equal(getattr(self, f.name), getattr(other, f.name)) for f in fields(self))


class ShortColumns(Columns):
    """A table of millions of rows: four bytes a number. Raises ValueError for a column of another type."""

    __slots__ = ()

    @staticmethod
    def kind() -> type[np.signedinteger[Any]]:
        """Four bytes."""
        return np.int32

    def __post_init__(self) -> None:
        """Refuse columns of another type or of different lengths."""
        Columns.__post_init__(self)
        for field in fields(self):
            found, expected = getattr(self, field.name).dtype, self.kind()
            if found != expected:
                raise ValueError(f"{field.name}: found {found}, expected {expected.__name__}")


@dataclass(frozen=True, slots=True, eq=False)
class Visits(ShortColumns):
    """One row a visit. Seconds in `joined`, `called`, `ended` (the person's), `released` (the adviser's).

    `visit` counts the person's visits from 0. `adviser` is the adviser's number in the team, -1 where
    nobody served; `session` the rank of the session in its queue, -1 elsewhere; `team` -1 for a delay.
    """

    person: Shorts
    visit: Shorts
    queue: Shorts
    team: Shorts
    adviser: Shorts
    session: Shorts
    reason: Shorts
    joined: Shorts
    called: Shorts
    ended: Shorts
    released: Shorts
    outcome: Shorts


@dataclass(frozen=True, slots=True, eq=False)
class Duty(Columns):
    """Advisers on duty in a team from a second on; a row a change."""

    team: Ints
    second: Ints
    advisers: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Sessions(Columns):
    """One row a session: held with `seats_taken` people, or cancelled (`held` 0).

    A commission is one, and always held: `seats_taken` counts the files that it accepts.
    """

    queue: Ints
    session: Ints
    second: Ints
    seats_taken: Ints
    held: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Exits(ShortColumns):
    """Who left, from which queue, when, and under which exit code of the network."""

    person: Shorts
    queue: Shorts
    second: Shorts
    exit: Shorts


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """All that an engine writes between two dates."""

    visits: Visits
    duty: Duty
    sessions: Sessions
    exits: Exits

    @classmethod
    def empty(cls) -> Trace:
        """Nothing happened."""
        return cls(Visits.empty(), Duty.empty(), Sessions.empty(), Exits.empty())

    @classmethod
    def concatenate(cls, parts: Sequence[Trace]) -> Trace:
        """The trace of consecutive periods, in canonical order."""
        return cls(
            Visits.concatenate([p.visits for p in parts]),
            Duty.concatenate([p.duty for p in parts]),
            Sessions.concatenate([p.sessions for p in parts]),
            Exits.concatenate([p.exits for p in parts]),
        ).canonical()

    def canonical(self) -> Trace:
        """Rows in an order that depends on nothing but their content."""
        return Trace(
            self.visits.sorted_by("person", "visit"),
            self.duty.sorted_by("team", "second"),
            self.sessions.sorted_by("queue", "session"),
            self.exits.sorted_by("person"),
        )

    def equals(self, other: Trace) -> bool:
        """Same trace, integer for integer."""
        return (
            self.visits.equals(other.visits)
            and self.duty.equals(other.duty)
            and self.sessions.equals(other.sessions)
            and self.exits.equals(other.exits)
        )


def _fitting(
    values: Sequence[int] | NDArray[Any], name: str, kind: type[np.signedinteger[Any]]
) -> NDArray[Any]:
    """A column of a type."""
    column = np.asarray(values, dtype=np.int64)
    kept = column.astype(kind, copy=False)
    if kept is not column and (kept != column).any():
        raise ValueError(f"{name}: a number too large for {kind.__name__}")
    return kept
