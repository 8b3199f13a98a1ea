"""Visits, without what only hours of work are counted from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from cepsim.people.cells import Mask, is_sorted
from cepsim.trace import Outcome, Reason, ShortColumns, Shorts, Visits, Wholes


@dataclass(frozen=True, slots=True, eq=False)
class Visited(ShortColumns):
    """One row a visit: the columns of `Visits` that say what the person did."""

    person: Shorts
    visit: Shorts
    queue: Shorts
    reason: Shorts
    joined: Shorts
    called: Shorts
    ended: Shorts
    outcome: Shorts

    @classmethod
    def of(cls, visits: Visits) -> Visited:
        """These visits."""
        return cls(**{field.name: getattr(visits, field.name) for field in fields(cls)})

    @property
    def is_ordered(self) -> bool:
        """Whether rows are by (person, visit)."""
        same = self.person[1:] == self.person[:-1]
        return is_sorted(self.person) and not (same & (self.visit[1:] < self.visit[:-1])).any()


def among(codes: Wholes, chosen: Sequence[int]) -> Mask:
    """Whether each code, of outcomes or of reasons, is one of a few."""
    table = np.zeros(max(len(Outcome), len(Reason)), dtype=np.bool_)
    table[list(chosen)] = True
    return np.asarray(table[codes])
