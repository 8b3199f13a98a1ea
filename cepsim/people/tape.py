"""The tape: people in order of arrival, and the draws that decide what happens to them.

The tape holds draws, not durations: uniform integers on [0, 2**32), one row a visit that may happen.
The network turns a draw into seconds or into a decision when the thing happens, so that somebody sent
elsewhere keeps the same luck under the other operator's parameters.

    row of (person, block, ordinal) = first_row[person] + layout_offset[layout[person], block] + ordinal
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from cepsim.trace import Ints

Draws = NDArray[np.uint32]

#: What each draw of a visit decides. `plan` gives the number of interviews of a series, or whether the
#: person is sent to another operator; `gap` the time before what comes next.
PURPOSES = ("service", "back_office", "patience", "no_show", "route", "gap", "plan")


@dataclass(frozen=True, slots=True, eq=False)
class Tape:
    """People (n,) by (arrival, ...), draws (rows,) by person, block and ordinal.

    `arrival` seconds, not decreasing; `lane`, `entry` and `alternate` (station or -1), `profile` and
    `service_class` as in the network. `layout_rows` and `layout_offset` have shape (layouts, blocks).
    """

    arrival: Ints
    lane: Ints
    entry: Ints
    alternate: Ints
    profile: Ints
    service_class: Ints
    layout: Ints
    first_row: Ints
    layout_rows: Ints
    layout_offset: Ints
    service: Draws
    back_office: Draws
    patience: Draws
    no_show: Draws
    route: Draws
    gap: Draws
    plan: Draws

    @property
    def person_count(self) -> int:
        """Number of people."""
        return len(self.arrival)

    @property
    def row_count(self) -> int:
        """Rows of draws."""
        return len(self.service)

    def nbytes(self) -> int:
        """Memory of all arrays, in bytes."""
        return sum(getattr(self, field.name).nbytes for field in fields(self))


def unique_layouts(rows_wanted: Ints) -> tuple[Ints, Ints, Ints]:
    """Group people by the rows they need.

    `rows_wanted` has shape (n, blocks). Returns (layout of each person (n,), layout_rows, layout_offset),
    the last two of shape (layouts, blocks).
    """
    layout_rows, layout = np.unique(rows_wanted, axis=0, return_inverse=True)
    offset = np.cumsum(layout_rows, axis=1) - layout_rows
    return layout.reshape(-1).astype(np.int64), layout_rows.astype(np.int64), offset.astype(np.int64)


def first_rows(layout: Ints, layout_rows: Ints) -> tuple[Ints, int]:
    """Where each person's rows begin, and how many there are in all."""
    width = layout_rows.sum(axis=1)[layout]
    ends = np.cumsum(width)
    return (ends - width).astype(np.int64), int(ends[-1]) if len(ends) else 0
