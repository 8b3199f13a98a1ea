"""Where to run a model: points of the unit cube, and what each of them is worth on a triangular range.

A coordinate of the unit cube is the probability that a hypothesis is lower: 0 is its low, 1 its high. Nothing
here knows what is run.

Sources: Morris, M. 1991, "Factorial sampling plans for preliminary computational experiments", Technometrics
33, 161-174 (trajectories on a grid); Saltelli, A. et al. 2010, "Variance based sensitivity analysis of model
output", Computer Physics Communications 181, 259-270 (two samples, and one with a column of the other).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm, qmc

from cepsim.errors import UsageError

Floats = NDArray[np.float64]

#: Levels of the grid of Morris; his step, p / (2 (p - 1)), then visits each level as often as any other.
LEVELS: Final = 4
#: A probability of nought has no normal quantile.
_EDGE: Final = 1e-12


def triangular_quantile(share: ArrayLike, low: ArrayLike, mode: ArrayLike, high: ArrayLike) -> Floats:
    """The value that a triangular law is below with probability `share`; shapes broadcast.

    A range without width is its mode.
    """
    u, a, c, b = (np.asarray(of, dtype=np.float64) for of in (share, low, mode, high))
    width = b - a
    left = a + np.sqrt(np.clip(u * width * (c - a), 0.0, None))
    right = b - np.sqrt(np.clip((1.0 - u) * width * (b - c), 0.0, None))
    below = u * width < c - a
    return np.where(width > 0.0, np.where(below, left, right), c)


def morris_design(factors: int, trajectories: int, *, seed: int, levels: int = LEVELS) -> Floats:
    """Trajectories that move one coordinate at a time, shape (trajectories, factors + 1, factors).

    Each begins on the grid at random, moves every coordinate once, in an order at random, up or down.
    Raises ValueError unless `levels` is even and at least 2.
    """
    if levels < 2 or levels % 2:
        raise ValueError(f"{levels} levels, expected an even number")
    rng = np.random.default_rng(seed)
    step = levels / (2.0 * (levels - 1))
    design = np.empty((trajectories, factors + 1, factors))
    for trajectory in design:
        lowest = rng.integers(levels // 2, size=factors) / (levels - 1)
        up = rng.integers(2, size=factors).astype(bool)
        trajectory[0] = np.where(up, lowest, lowest + step)
        for rank, factor in enumerate(rng.permutation(factors)):
            trajectory[rank + 1] = trajectory[rank]
            trajectory[rank + 1, factor] += step if up[factor] else -step
    return design


@dataclass(frozen=True, slots=True, eq=False)
class Saltelli:
    """Two samples of shape (n, factors), and `mixed`, of shape (factors, n, factors).

    `mixed[i]` is the first sample with its column i from the second.
    """

    first: Floats
    second: Floats
    mixed: Floats

    @property
    def points(self) -> Floats:
        """All of them in a row, shape (n x (factors + 2), factors): first, second, then the mixed ones."""
        factors = self.first.shape[1]
        return np.concatenate([self.first, self.second, self.mixed.reshape(-1, factors)])


def saltelli_design(factors: int, samples: int, *, seed: int) -> Saltelli:
    """Points of a scrambled Sobol sequence. Raises ValueError unless `samples` is a power of 2."""
    if samples < 2 or samples & (samples - 1):
        raise ValueError(f"{samples} samples, expected a power of 2")
    drawn = qmc.Sobol(2 * factors, scramble=True, rng=seed).random(samples)
    first, second = drawn[:, :factors], drawn[:, factors:]
    mixed = np.repeat(first[None], factors, axis=0)
    for factor in range(factors):
        mixed[factor, :, factor] = second[:, factor]
    return Saltelli(first, second, mixed)


def joint_design(
    factors: int, samples: int, *, seed: int, correlations: Mapping[tuple[int, int], float] | None = None
) -> Floats:
    """Points of a scrambled Sobol sequence, shape (samples, factors), with stated correlations of ranks.

    `correlations` are Spearman's, by two ranks of factors; those not named are nought (a Gaussian copula).
    Raises ValueError unless `samples` is a power of 2, UsageError for correlations that no law can have.
    """
    if samples < 2 or samples & (samples - 1):
        raise ValueError(f"{samples} samples, expected a power of 2")
    drawn: Floats = qmc.Sobol(factors, scramble=True, rng=seed).random(samples)
    if not correlations:
        return drawn
    matrix = np.eye(factors)
    for (one, other), rank in correlations.items():
        # the correlation of normal laws whose ranks have this one
        matrix[one, other] = matrix[other, one] = 2.0 * np.sin(np.pi * rank / 6.0)
    try:
        root = np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        raise UsageError("the correlations given cannot hold together") from None
    inside = np.clip(drawn, _EDGE, 1.0 - _EDGE)
    found: Floats = norm.cdf(norm.ppf(inside) @ root.T)
    return found
