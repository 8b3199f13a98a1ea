"""Every visit of a run in order, settled or under way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from cepsim.people.cells import Mask, is_sorted
from cepsim.trace import Outcome, Reason, ShortColumns, Shorts, State, Trace, Visits, Wholes


@dataclass(frozen=True, slots=True, eq=False)
class Visited(ShortColumns):
    """One row a visit, by (person, visit): the columns of `Visits` that say what the person did."""

    person: Shorts
    visit: Shorts
    queue: Shorts
    reason: Shorts
    joined: Shorts
    called: Shorts
    ended: Shorts
    outcome: Shorts

    @classmethod
    def of(cls, trace: Trace, state: State) -> Visited:
        """The visits of a trace, and those under way in the state that ends it."""
        settled, under_way = cls._from(trace.visits), cls._from(state.open_visits())
        if not len(under_way):
            return settled if settled.is_ordered else settled.sorted_by("person", "visit")
        if settled.is_ordered and under_way.is_ordered:
            # a visit under way is the person's last one
            at = np.searchsorted(settled.person, under_way.person, side="right")
            merged = cls(
                **{
                    field.name: np.insert(getattr(settled, field.name), at, getattr(under_way, field.name))
                    for field in fields(cls)
                }
            )
            if merged.is_ordered:
                return merged
        return cls.concatenate([settled, under_way]).sorted_by("person", "visit")

    @property
    def is_ordered(self) -> bool:
        """Whether rows are by (person, visit)."""
        same = self.person[1:] == self.person[:-1]
        return is_sorted(self.person) and not (same & (self.visit[1:] < self.visit[:-1])).any()

    @classmethod
    def _from(cls, visits: Visits) -> Visited:
        return cls(**{field.name: getattr(visits, field.name) for field in fields(cls)})


def among(codes: Wholes, chosen: Sequence[int]) -> Mask:
    """Whether each code, of outcomes or of reasons, is one of a few."""
    table = np.zeros(max(len(Outcome), len(Reason)), dtype=np.bool_)
    table[list(chosen)] = True
    return np.asarray(table[codes])
