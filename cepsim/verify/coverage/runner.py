"""Studies of coverage run, and what they find: the share of intervals that hold the exact value."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy import stats

import cepsim
from cepsim.experiment.processes import pool
from cepsim.verify.coverage.studies import STUDIES
from cepsim.verify.coverage.study import Draws, Figure, Intervals, Study

#: What 95 % intervals must hold, at least and at most.
LEAST, GREATEST = 0.93, 0.97
#: Runs of each study; a quick one makes fewer.
RUNS: Final = 1000
QUICK_RUNS: Final = 200

#: Verdicts; the last one fails. A limit is shown and fails nothing.
COVERS, LIMIT, OUTSIDE = "covers", "limit", "outside"

Row = dict[str, object]


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """What studies of coverage found.

    `rows`, one a figure. Columns: study, row, kind, about, model, parameters, exact, replications (mean of
    each run), runs, without (runs that give no interval), covered, coverage, coverage_low and coverage_high
    (its exact binomial interval, 95 %), below and above (shares of intervals that lie under or over the exact
    value), half_width (mean), limit, verdict.
    """

    rows: pd.DataFrame
    seed: int
    quick: bool

    @property
    def failures(self) -> list[str]:
        """Rows whose intervals do not hold what they say."""
        found: list[str] = self.rows.loc[self.rows["verdict"] == OUTSIDE, "row"].tolist()
        return found

    def frames(self) -> dict[str, pd.DataFrame]:
        """The frame by name."""
        return {"coverage": self.rows}

    def manifest(self) -> dict[str, object]:
        """What the figures follow from, and what failed."""
        return {
            "cepsim": cepsim.__version__,
            "coverage": {
                "seed": self.seed,
                "quick": self.quick,
                "studies": list(dict.fromkeys(self.rows["study"])),
                "failures": self.failures,
            },
        }


def cover(
    studies: Sequence[Study] = STUDIES,
    *,
    seed: int,
    runs: int | None = None,
    quick: bool = False,
    workers: int = 1,
    told: Callable[[str, int, int], None] = lambda _name, _rank, _count: None,
) -> Coverage:
    """Run studies and say how many intervals hold the exact value; the same for any number of workers.

    `told` is called with (name, rank, number) as each is waited for. Several workers take studies of
    `STUDIES` alone, which they find by name.
    """
    rows: list[Row] = []
    runs = runs or (QUICK_RUNS if quick else RUNS)
    if workers == 1 or len(studies) == 1:
        for rank, study in enumerate(studies):
            told(study.name, rank, len(studies))
            rows += covered(study, seed, runs, quick=quick)
    else:
        with pool(min(workers, len(studies))) as executor:
            waited = [executor.submit(_covered, study.name, seed, runs, quick) for study in studies]
            for rank, (study, one) in enumerate(zip(studies, waited, strict=True)):
                told(study.name, rank, len(studies))
                rows += one.result()
    return Coverage(pd.DataFrame(rows), seed, quick)


def _covered(name: str, seed: int, runs: int, quick: bool) -> list[Row]:
    """A study found by name, in a process of its own."""
    return covered(next(study for study in STUDIES if study.name == name), seed, runs, quick=quick)


def covered(study: Study, seed: int, runs: int, *, quick: bool = False) -> list[Row]:
    """The rows of a study."""
    found = study.intervals(Draws(study.name, seed), runs)
    return [_row(study, figure, found[figure.row], quick=quick) for figure in study.figures]


def _row(study: Study, figure: Figure, of: Intervals, *, quick: bool) -> Row:
    exact = figure.exact()
    known = of.known
    low, high, count = of.low[known], of.high[known], int(known.sum())
    # a bound that is the exact value to rounding holds it
    slack = 1e-9 * abs(exact)
    below, above = int((high < exact - slack).sum()), int((low > exact + slack).sum())
    held = count - below - above
    share = held / count if count else math.nan
    bounds = stats.binomtest(held, count).proportion_ci(0.95) if count else (math.nan, math.nan)
    return {
        "study": study.name,
        "row": figure.row,
        "kind": figure.kind,
        "about": figure.about,
        "model": study.model,
        "parameters": study.parameters,
        "exact": exact,
        "replications": of.replications,
        "runs": len(known),
        "without": len(known) - count,
        "covered": held,
        "coverage": share,
        "coverage_low": float(bounds[0]),
        "coverage_high": float(bounds[1]),
        "below": below / max(count, 1),
        "above": above / max(count, 1),
        "half_width": float(np.mean(high - low) / 2.0) if count else math.nan,
        "limit": figure.limit,
        "verdict": _verdict(figure, share, (float(bounds[0]), float(bounds[1])), quick=quick),
    }


def _verdict(figure: Figure, share: float, bounds: tuple[float, float], *, quick: bool) -> str:
    """Whether a coverage is where it must be; of few runs, whether it may be."""
    if figure.limit:
        return LIMIT
    low, high = bounds if quick else (share, share)
    return COVERS if low <= GREATEST and high >= LEAST else OUTSIDE
