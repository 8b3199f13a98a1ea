"""A study of coverage: a system with known answers, and the intervals that so many runs give of them."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from cepsim.verify.estimates import Floats
from cepsim.verify.systems import Asked

#: What an interval is of, each the key of a label under `verify.coverage.kind`.
Kind = Literal["mean", "cost", "quantile", "share", "cohort", "difference", "ratio", "sequential"]


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """The interval of each run, shape (runs,); NaN where a run gives none. `replications` on the mean."""

    low: Floats
    high: Floats
    replications: float

    @property
    def known(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """The runs that give one."""
        return np.isfinite(self.low) & np.isfinite(self.high)


@dataclass(frozen=True, slots=True)
class Figure:
    """What is estimated: its row, what it is, its exact value in the unit of the intervals.

    A `limit` is there to be shown: its interval is known not to hold what it says, for the reason labelled
    `verify.coverage.limit.<limit>`, and it fails nothing.
    """

    row: str
    kind: Kind
    about: str
    exact: Callable[[], float]
    limit: str = ""


@dataclass(frozen=True, slots=True)
class Draws:
    """The draws of a study: nothing is drawn twice between studies, nor between replications."""

    study: str
    seed: int

    def asked(self, replication: int, runs: int) -> Asked:
        """One replication of every run, a lane each."""
        return Asked(zlib.crc32(f"{self.seed}/coverage/{self.study}".encode()), replication, runs)


@dataclass(frozen=True, slots=True)
class Study:
    """A system, as `model` and `parameters` say it in any language, and its figures.

    `intervals(draws, runs)` simulates and gives the intervals of each row.
    """

    name: str
    model: str
    parameters: str
    figures: tuple[Figure, ...]
    intervals: Callable[[Draws, int], Mapping[str, Intervals]]
