"""Curves of waits by some keys, and what is read along them.

    cells       (keys, cohort), in the order of the keys: the cohorts of a group stand side by side
    groups      keys: the mean of the curves of their cohorts, weighted by who joined

Curves are computed a block of cells at a time, so that all of a country's regions and publics never stand
in memory together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from cepsim.indicators.bins import SECONDS, Bins
from cepsim.indicators.estimates import Curves, quantile, share_by
from cepsim.indicators.tally import Groups, in_words
from cepsim.indicators.window import Window
from cepsim.people.cells import add_at
from cepsim.trace import Ints

MEASURES: Final = ("entered", "called", "lost", "censored")
#: Cells whose curves are computed together: some ten arrays of this many rows and 1 700 bins.
_BLOCK: Final = 500


class Readings:
    """Quantiles and shares read along curves, one place a curve.

    `value` and `reached`, shape (levels, curves): quantiles, in the bins' unit; `shares`, shape (waits,
    curves), NaN beyond what is known.
    """

    def __init__(self, count: int, bins: Bins, levels: Sequence[float], waits: Sequence[int]) -> None:
        self.bins, self.levels, self.waits = bins, levels, waits
        self.value = np.zeros((len(levels), count))
        self.reached = np.zeros((len(levels), count), dtype=bool)
        self.shares = np.full((len(waits), count), np.nan)

    def read(self, first: int, curves: Curves) -> None:
        """Read along curves whose places begin at `first`; `waits` are beginnings of bins."""
        offered = zip(curves.offered, curves.offered_known.tolist(), strict=True)
        for place, (curve, known) in enumerate(offered, start=first):
            for rank, level in enumerate(self.levels):
                found = quantile(curve, known, self.bins, level)
                self.value[rank, place], self.reached[rank, place] = found.value, found.reached
        received = zip(curves.received, curves.known.tolist(), strict=True)
        for place, (curve, known) in enumerate(received, start=first):
            for rank, wait in enumerate(self.waits):
                share = share_by(curve, known, self.bins, wait)
                if share is not None:
                    self.shares[rank, place] = share


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """A table of waits, grouped.

    `cells`: one row a (keys, cohort) with `entered`; `groups`: one row a set of keys, with `entered`;
    `group`: which one each cell belongs to, rising.
    """

    cells: pd.DataFrame
    groups: pd.DataFrame
    group: Ints
    _cell: Ints
    _bin: Ints
    _counted: dict[str, Ints]

    @classmethod
    def of(cls, table: pd.DataFrame, keys: Sequence[str]) -> Cells:
        """Group a table of `waits.count_waits` by some of its columns and by cohort."""
        by_cell = Groups.of(table, [*keys, "cohort"])
        cells = by_cell.total(["entered"])
        by_group = Groups.of(cells, keys)
        return cls(
            cells=in_words(cells),
            groups=in_words(by_group.total(["entered"])),
            group=by_group.of_row,
            _cell=by_cell.of_row,
            _bin=table["bin"].to_numpy()[by_cell.rows],
            _counted={measure: table[measure].to_numpy()[by_cell.rows] for measure in MEASURES},
        )

    def blocks(self) -> Iterator[tuple[int, int, Curves, Curves]]:
        """(first cell, first group, curves of cells, mean curves of groups), whole groups at a time."""
        starts = np.flatnonzero(np.diff(self.group, prepend=-1))
        first = 0
        while first < len(self.group):
            after = starts[starts > first + _BLOCK]
            last = int(after[0]) if len(after) else len(self.group)
            curves = self._curves(first, last)
            group = int(self.group[first])
            weight = self.cells["entered"].to_numpy()[first:last]
            yield first, group, curves, curves.mixed(self.group[first:last] - group, weight)
            first = last

    def _curves(self, first: int, last: int) -> Curves:
        rows = slice(*np.searchsorted(self._cell, (first, last)).tolist())
        shape = (last - first, int(self._bin[rows].max()) + 1)
        places = (self._cell[rows] - first) * shape[1] + self._bin[rows]
        grids = {}
        for measure, values in self._counted.items():
            grids[measure] = np.zeros(shape, dtype=np.int64)
            add_at(grids[measure].reshape(-1), places, values[rows])
        return Curves.of(**grids)


def of_horizon(table: pd.DataFrame, window: Window) -> pd.DataFrame:
    """The rows of the quarters of the horizon."""
    cohorts = window.cohorts
    return table[(table["cohort"] >= cohorts.start) & (table["cohort"] < cohorts.stop)]


def suffix(bins: Bins) -> str:
    """What the names of indicators of these bins end with."""
    return "" if bins is SECONDS else "_working_days"
