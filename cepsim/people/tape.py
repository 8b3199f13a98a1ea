"""The tape: people in order of arrival, and the draws that decide what happens to them.

The tape holds draws, not durations: uniform integers on [0, 2**32), one set a visit that may happen. The
network turns a draw into seconds or into a decision when the thing happens, so that somebody sent elsewhere
keeps the same luck under the other operator's parameters.

Draws are read where they stand, not stored: those of a visit are one block of Philox, whose key names the
stream of the person and whose counter names him and the visit.

    draws of (person, block, ordinal) = philox(keys[stream[person]], rank[person], ordinal, blocks[block], 0)

Most people stop after information: stored, the rows of all that might happen would be fifteen for each that
is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cepsim.compiled import compiled, inlined, signed
from cepsim.draws import philox
from cepsim.trace import Ints, Shorts

Words = NDArray[np.uint64]


class Draws(NamedTuple):
    """What each draw of a visit decides, in the order of the words of its block; appended to, never moved.

    `plan` gives the number of interviews of a series, and whether the person is sent to another operator;
    `gap` the time before what comes next.
    """

    service: int
    back_office: int
    patience: int
    no_show: int
    route: int
    gap: int
    plan: int


PURPOSES: Final = Draws._fields


@dataclass(frozen=True, slots=True, eq=False)
class Tape:
    """People (n,) by (arrival, ...), and the names of their draws.

    `arrival` seconds, not decreasing; `lane`, `entry` and `alternate` (station or -1), `profile` and
    `service_class` as in the network. `layout` is a row of `layout_rows`, shape (layouts, blocks): the most
    visits that the person may make in each block. `stream` is a row of `keys`, shape (streams, 2); `rank`
    the person's counter in it; `blocks`, shape (blocks,), the names of the blocks.
    Raises ValueError for a column of another type.
    """

    arrival: Ints
    lane: Shorts
    entry: Shorts
    alternate: Shorts
    profile: Shorts
    service_class: Shorts
    layout: Shorts
    stream: Shorts
    rank: Shorts
    layout_rows: Ints
    keys: Words
    blocks: Words

    def __post_init__(self) -> None:
        """Refuse columns of another type: the compiled engine reads them by address."""
        for field in fields(self):
            column, kind = getattr(self, field.name), TYPES[field.name]
            if column.dtype != kind:
                raise ValueError(f"{field.name}: found {column.dtype}, expected {kind.__name__}")

    @property
    def person_count(self) -> int:
        """Number of people."""
        return len(self.arrival)

    def draws_of(self, person: Ints, block: Ints, ordinal: Ints) -> NDArray[np.uint32]:
        """Draws of visits: uint32, shape (visits, purposes)."""
        stream, rank = self.stream[person], self.rank[person]
        return _draws_of(self.keys, self.blocks[block], stream, rank, np.asarray(ordinal))

    def take(self, persons: NDArray[np.bool_] | Ints) -> Tape:
        """The tape of these people, in order."""
        columns = {f.name: getattr(self, f.name) for f in fields(self)}
        for name in PEOPLE_COLUMNS:
            columns[name] = columns[name][persons]
        return Tape(**columns)

    @classmethod
    def concatenate(cls, parts: Sequence[Tape]) -> Tape:
        """The people of several tapes of one network, in order of part: to be put in order of arrival."""
        columns = {n: np.concatenate([getattr(part, n) for part in parts]) for n in PEOPLE_COLUMNS}
        bounds = np.cumsum([0, *(part.person_count for part in parts)])
        for name, of in (("stream", "keys"), ("layout", "layout_rows")):
            before = np.cumsum([0, *(len(getattr(part, of)) for part in parts)])
            for first, last, shift in zip(bounds[:-1], bounds[1:], before[:-1], strict=True):
                columns[name][first:last] += np.int32(shift)
        return cls(
            **columns,
            layout_rows=np.concatenate([part.layout_rows for part in parts]),
            keys=np.concatenate([part.keys for part in parts]),
            blocks=parts[0].blocks,
        )

    def until(self, second: int) -> Tape:
        """The tape of those who come before a second."""
        return self.take(np.arange(np.searchsorted(self.arrival, second)))

    def same(self, other: Tape) -> bool:
        """Same people with the same draws, however streams are numbered.

        The most visits that each may make is left out: it moves no draw, and an heir, later, allows for more.
        """
        simple = (name for name in PEOPLE_COLUMNS if name not in ("layout", "stream"))
        return (
            self.person_count == other.person_count
            and all(np.array_equal(getattr(self, name), getattr(other, name)) for name in simple)
            and np.array_equal(self.keys[self.stream], other.keys[other.stream])
            and np.array_equal(self.blocks, other.blocks)
        )

    def nbytes(self) -> int:
        """Memory of all arrays, in bytes."""
        return sum(getattr(self, field.name).nbytes for field in fields(self))


#: Columns of a tape with an entry a person.
PEOPLE_COLUMNS: Final = tuple(
    field.name for field in fields(Tape) if field.name not in ("layout_rows", "keys", "blocks")
)
#: The type of each column: four bytes where codes are kept.
TYPES: Final[dict[str, type[np.generic]]] = {
    **dict.fromkeys(PEOPLE_COLUMNS, np.int32),
    "arrival": np.int64,
    "layout_rows": np.int64,
    "keys": np.uint64,
    "blocks": np.uint64,
}


@inlined
def visit_draws(
    key_0: np.uint64, key_1: np.uint64, rank: int, ordinal: int, block: np.uint64
) -> tuple[int, int, int, int, int, int, int]:
    """The draws of a visit, in the order of `Draws`; integers on [0, 2**32)."""
    a, b, c, d = philox(key_0, key_1, np.uint64(rank), np.uint64(ordinal), np.uint64(block), np.uint64(0))
    half, low = np.uint64(32), np.uint64(0xFFFFFFFF)
    return (
        signed(a >> half),
        signed(a & low),
        signed(b >> half),
        signed(b & low),
        signed(c >> half),
        signed(c & low),
        signed(d >> half),
    )


@compiled
def one_visit(
    keys: Words, stream: int, rank: int, ordinal: int, block: np.uint64
) -> tuple[int, int, int, int, int, int, int]:
    """The same, for a reader that is not compiled."""
    return visit_draws(keys[stream, 0], keys[stream, 1], rank, ordinal, block)


@compiled
def _draws_of(keys: Words, block: Words, stream: Shorts, rank: Shorts, ordinal: Ints) -> NDArray[np.uint32]:
    found = np.empty((len(stream), 7), dtype=np.uint32)
    for row in range(len(stream)):
        key_0, key_1 = keys[stream[row], 0], keys[stream[row], 1]
        drawn = visit_draws(key_0, key_1, rank[row], ordinal[row], block[row])
        for purpose in range(7):
            found[row, purpose] = drawn[purpose]
    return found


def unique_layouts(rows_wanted: Ints) -> tuple[Shorts, Ints]:
    """Group people by the most visits they make.

    `rows_wanted` has shape (n, blocks). Returns (layout of each person (n,), layout_rows (layouts, blocks)).
    """
    layout_rows, layout = np.unique(rows_wanted, axis=0, return_inverse=True)
    return layout.reshape(-1).astype(np.int32), layout_rows.astype(np.int64)
