"""What it is worth to know a hypothesis before deciding, in euros: the expected value of partial information.

Before measuring, one takes the decision that is best on average; after, the one that is best for what was
measured. The difference, on average, is the most that the measure may cost. Nothing is simulated here.

Source: Strong, M., Oakley, J. & Brennan, A. 2014, "Estimating multiparameter partial expected value of
perfect information from a probabilistic sensitivity analysis sample", Medical Decision Making 34,
311-326 (the value of each decision is regressed on the hypothesis: a cubic here).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from cepsim.sensitivity.designs import Floats

#: Degree of the regression, and futures below which nothing is said.
DEGREE: Final = 3
FEWEST: Final = 4 * (DEGREE + 1)
#: Samples of the bootstrap, and shuffles that say what chance alone would give.
_RESAMPLES: Final = 200
_TAILS: Final = (0.025, 0.975)


@dataclass(frozen=True, slots=True, eq=False)
class Worth:
    """In euros.

    Attributes:
        best: rank of the decision that is best on average.
        perfect: what it would be worth to know everything.
        partial, low, high: what knowing each hypothesis alone is worth, shape (factors,), its interval.
        chance: what the same computation gives of a hypothesis that says nothing (mean of shuffles).
        n: futures counted.
    """

    best: int
    perfect: float
    partial: Floats
    low: Floats
    high: Floats
    chance: Floats
    n: int


def worth(design: Floats, values: Floats, *, seed: int = 0) -> Worth | None:
    """From points of the unit cube (points, factors) and the values of decisions (points, decisions).

    Points where a decision has no value are left out. None with fewer than `FEWEST` points left.
    """
    known = np.isfinite(values).all(axis=1)
    x, y = design[known], values[known]
    n, factors = x.shape
    if n < FEWEST:
        return None
    rng = np.random.default_rng(seed)
    rows = rng.integers(n, size=(_RESAMPLES, n))
    drawn = np.array([[_partial(x[row, rank], y[row]) for rank in range(factors)] for row in rows])
    chance = np.array(
        [np.mean([_partial(rng.permutation(x[:, rank]), y) for _ in rows]) for rank in range(factors)]
    )
    low, high = np.quantile(drawn, _TAILS, axis=0)
    return Worth(
        best=int(y.mean(axis=0).argmax()),
        perfect=float(y.max(axis=1).mean() - y.mean(axis=0).max()),
        partial=np.array([_partial(x[:, rank], y) for rank in range(factors)]),
        low=low,
        high=high,
        chance=chance,
        n=n,
    )


def _partial(x: Floats, y: Floats) -> float:
    """Mean of the best regressed value, minus the best mean: never below nought."""
    basis = np.vander(2.0 * x - 1.0, DEGREE + 1)
    weights, *_ = np.linalg.lstsq(basis, y, rcond=None)
    fitted = basis @ weights
    return max(0.0, float(fitted.max(axis=1).mean() - fitted.mean(axis=0).max()))
