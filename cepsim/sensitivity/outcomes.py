"""What is found at a point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cepsim.sensitivity.designs import Floats
from cepsim.sensitivity.estimates import Flags


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """Outcomes of a point, shape (replications, outcomes); NaN where there is none, `reached` as in `chosen`.

    `problem` says why the point has no outcome; empty where it has.
    """

    numbers: Floats
    reached: Flags
    problem: str = ""

    @classmethod
    def none(cls, shape: tuple[int, int], problem: str) -> Outcomes:
        """Those of a point that failed."""
        return cls(np.full(shape, np.nan), np.zeros(shape, dtype=np.bool_), problem)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Outcomes of points, shape (points, replications, outcomes), and what was wrong with each, or ""."""

    numbers: Floats
    reached: Flags
    problems: tuple[str, ...]
