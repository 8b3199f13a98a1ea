"""In which futures something fails: a few boxes of hypotheses that hold most failures and little else.

Source: Friedman, J. & Fisher, N. 1999, "Bump hunting in high-dimensional data", Statistics and Computing 9,
123-143 (PRIM: peeling, covering); Bryant, B. & Lempert, R. 2010, "Thinking inside the box", Technological
Forecasting & Social Change 77, 34-49 (coverage and density of a scenario). Nothing is simulated here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from cepsim.sensitivity.designs import Floats
from cepsim.sensitivity.estimates import Flags

#: Part of the points of a box that a peel takes away.
PEEL: Final = 0.05
#: Boxes found at most, bounds of each, and the part of all points, and how many, that one must hold.
MOST_BOXES: Final = 3
MOST_BOUNDS: Final = 3
LEAST_MASS: Final = 0.05
LEAST_POINTS: Final = 5
#: Part of what a box is worth that a side must bring.
LEAST_TOLD: Final = 0.03
#: A box is worth a rule if failures are there so many times as frequent as among the points left.
LEAST_LIFT: Final = 1.2


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """Points of the unit cube between `low` and `high`, both of shape (factors,).

    Attributes:
        points, failures: how many of each it holds, among those that earlier boxes left.
        coverage: part of all failures that are in it.
        density: part of its points that fail.
    """

    low: Floats
    high: Floats
    points: int
    failures: int
    coverage: float

    @property
    def density(self) -> float:
        """Part of its points that fail."""
        return self.failures / self.points

    @property
    def bounds(self) -> list[tuple[int, float, float]]:
        """Factors that it bounds, and between what."""
        bound = np.flatnonzero((self.low > 0.0) | (self.high < 1.0))
        return [(int(rank), float(self.low[rank]), float(self.high[rank])) for rank in bound]

    def holds(self, design: Floats) -> Flags:
        """Which points, of shape (points, factors), are in it."""
        return inside(design, self.low, self.high)


def inside(design: Floats, low: Floats, high: Floats) -> Flags:
    """Which points, of shape (points, factors), are between two others."""
    return np.asarray(((design >= low) & (design <= high)).all(axis=1), dtype=np.bool_)


def boxes(design: Floats, fails: Flags) -> list[Box]:
    """Boxes where points of the unit cube fail more than elsewhere, the first one first; none where none is.

    `design` has shape (points, factors), `fails` (points,). Each box is looked for among the points that
    those before it left.
    """
    found: list[Box] = []
    left: Flags = np.ones(len(design), dtype=np.bool_)
    whole = int(fails.sum())
    least = max(LEAST_POINTS, int(np.ceil(LEAST_MASS * len(design))))
    while len(found) < MOST_BOXES and fails[left].any() and not fails[left].all() and left.sum() >= 2 * least:
        box = _box(design[left], fails[left], whole, least)
        if not box.bounds or box.density < LEAST_LIFT * fails[left].mean():
            break
        found.append(box)
        left[box.holds(design)] = False
    return found


def _box(design: Floats, fails: Flags, whole: int, least: int) -> Box:
    """The best box of a peeling: the one that tells failures from the rest best, with few bounds."""
    candidates = [_simpler(box, design, fails, whole) for box in _peeled(design, fails, whole, least)]
    # what both coverage and density make of it (their harmonic mean); the wider of two equals
    return max(
        candidates, key=lambda box: (round(_merit(box, fails, whole), 9), -len(box.bounds), box.points)
    )


def _merit(box: Box, fails: Flags, whole: int) -> float:
    coverage = box.failures / max(1, int(fails.sum()))
    return 2.0 * coverage * box.density / (coverage + box.density) if whole and box.failures else 0.0


def _peeled(design: Floats, fails: Flags, whole: int, least: int) -> Iterator[Box]:
    """Boxes from the whole cube on, each without the slice whose loss leaves it densest."""
    low, high = np.zeros(design.shape[1]), np.ones(design.shape[1])
    box = _counted(low, high, design, fails, whole)
    yield box
    while box.points > least and box.density < 1.0:
        there = design[box.holds(design)]
        slices = [
            each
            for rank in range(design.shape[1])
            for each in _slices(box, rank, there[:, rank], design, fails, whole)
            if least <= each.points < box.points
        ]
        if not slices:
            return
        box = max(slices, key=lambda each: (each.density, each.points))
        yield box


def _slices(box: Box, rank: int, values: Floats, design: Floats, fails: Flags, whole: int) -> Iterator[Box]:
    """The box without the lowest values of a factor, and without the highest."""
    count = max(1, int(PEEL * len(values)))
    ordered = np.sort(values)
    if len(ordered) <= 2 * count:
        return
    low, high = box.low.copy(), box.high.copy()
    low[rank] = (ordered[count - 1] + ordered[count]) / 2.0
    yield _counted(low, box.high, design, fails, whole)
    high[rank] = (ordered[-count] + ordered[-count - 1]) / 2.0
    yield _counted(box.low, high, design, fails, whole)


def _simpler(box: Box, design: Floats, fails: Flags, whole: int) -> Box:
    """The box without the sides that tell least, until few factors are left and each side is worth having."""
    while box.bounds:
        wider = list(_wider(box, design, fails, whole))
        best = max(wider, key=lambda each: _merit(each, fails, whole))
        kept = (1.0 - LEAST_TOLD) * _merit(box, fails, whole)
        if len(box.bounds) <= MOST_BOUNDS and _merit(best, fails, whole) < kept:
            break
        box = best
    return box


def _wider(box: Box, design: Floats, fails: Flags, whole: int) -> Iterator[Box]:
    """The box without one of its sides."""
    for rank in range(design.shape[1]):
        for side, end in ((0, 0.0), (1, 1.0)):
            bounds = (box.low.copy(), box.high.copy())
            if bounds[side][rank] != end:
                bounds[side][rank] = end
                yield _counted(*bounds, design, fails, whole)


def _counted(low: Floats, high: Floats, design: Floats, fails: Flags, whole: int) -> Box:
    held = inside(design, low, high)
    failures = int(fails[held].sum())
    return Box(low, high, int(held.sum()), failures, failures / whole if whole else 0.0)
