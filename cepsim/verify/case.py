"""A case: a system, what is measured on it, and what it must give."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from cepsim.verify.metrics import Metric
from cepsim.verify.observing import Run
from cepsim.verify.streams import U5, Unit
from cepsim.verify.systems import Asked

#: Stationary, read at a date, or without chance.
Kind = Literal["stationary", "transient", "deterministic"]

#: Copies of a system in a run, and runs; a quick verification makes fewer runs.
COPIES, RUNS = 24, 10


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of a case: its row, how it is read on a replication, its exact value.

    `precision` is the widest standard error accepted over all runs, relative to the exact value.
    """

    row: str
    metric: Metric
    exact: Callable[[], float]
    precision: float = 0.02


@dataclass(frozen=True, slots=True)
class Case:
    """A system, `build`, run so many times; each copy in a run is a replication.

    `family` is the key of a label under `verify.family`; `model` and `parameters` are read in any language,
    times in units. `relaxation` is in units, 0 where none is forgotten. `slow` cases are left out of a quick
    verification.
    """

    name: str
    family: str
    model: str
    parameters: str
    build: Callable[[Asked], Run]
    measures: tuple[Measure, ...]
    kind: Kind = "stationary"
    relaxation: float = 0.0
    unit: Unit = U5
    copies: int = COPIES
    runs: int = RUNS
    quick_runs: int = 1
    slow: bool = False

    def asked(self, seed: int, rank: int) -> Asked:
        """The run of this rank; nothing is drawn twice between cases, runs or copies."""
        return Asked(zlib.crc32(f"{seed}/{self.name}".encode()), rank, self.copies)
