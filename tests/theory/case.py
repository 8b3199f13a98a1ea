"""A case: a system, what is measured on it, and what it must give."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

from theory.observing import Estimate, Metric, Run, estimate, simulate
from theory.systems import UNIT_S

from cepsim.engine import EngineName


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of a case: its row, how it is read on a replication, its exact value.

    `precision` is the widest standard error accepted, relative to the exact value; 0: exactly.
    """

    row: str
    metric: Metric
    exact: Callable[[], float]
    precision: float = 0.05


@dataclass(frozen=True, slots=True)
class Case:
    """A system, `build(seed)`, run so many times; each lane of a run is a replication."""

    name: str
    build: Callable[[int], Run]
    runs: int
    measures: tuple[Measure, ...]
    slow: bool = False

    def estimates(self, runs: int | None = None, on: EngineName = "compiled") -> dict[str, Estimate]:
        """The estimate of each measure, by row, over that many runs of an engine; the same at each call."""
        values: dict[str, list[float]] = {measure.row: [] for measure in self.measures}
        for rank in range(self.runs if runs is None else runs):
            for seen in simulate(self.run(rank), UNIT_S, on):
                for measure in self.measures:
                    values[measure.row].append(measure.metric(seen))
        return {row: estimate(of_row) for row, of_row in values.items()}

    def run(self, rank: int) -> Run:
        """One of its runs, by rank: each has a seed of its own."""
        return self.build(zlib.crc32(f"{self.name}/{rank}".encode()))

    def misses(self, runs: int | None = None, errors: float = 3.0, on: EngineName = "compiled") -> list[str]:
        """What is wrong: measures too far from their exact value, or too uncertain to tell."""
        found = []
        estimates = self.estimates(runs, on)
        for measure in self.measures:
            got, exact = estimates[measure.row], measure.exact()
            if got.error > measure.precision * abs(exact):
                found.append(
                    f"{measure.row}: standard error {got.error:.3g} for {exact:.6g}, too wide to tell"
                )
            if got.distance(exact) > errors:
                found.append(
                    f"{measure.row}: {got.mean:.6g} ± {got.error:.2g} over {got.replications} replications "
                    f"for {exact:.10g}, {got.distance(exact):.1f} standard errors away"
                )
        return found
