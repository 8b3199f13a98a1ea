"""What hypotheses change, from the values of a model: effects, their noise, Morris's measures, Sobol indices.

Values of an outcome have the replications on their last axis, the same people at every point: differences are
taken replication by replication. Nothing is simulated here.

Sources: Morris 1991 and Campolongo, F., Cariboni, J. & Saltelli, A. 2007, "An effective screening design for
sensitivity analysis of large models", Environmental Modelling & Software 22, 1509-1518 (mu*); Saltelli, A. et
al. 2010, Computer Physics Communications 181, 259-270 (first index); Jansen, M. 1999, "Analysis of variance
designs for model output", Computer Physics Communications 117, 35-43 (total index); Efron, B. & Tibshirani,
R. 1993, An Introduction to the Bootstrap (intervals of the indices).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from cepsim.indicators import interval

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Part of the variance of an answer below which the noise of the simulation is no matter.
SMALL_NOISE: Final = 0.05
_TWO_SIDED_95: Final = float(norm.ppf(0.975))
#: Samples of the bootstrap.
_RESAMPLES: Final = 1_000
_TAILS: Final = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a point changes, mean over `n` replications with its interval (NaN where there is none).

    `beyond`: the outcome was known at the base and is only a bound at the point (a wait that is not reached):
    `mean` is what the change is at least.
    """

    mean: float
    low: float
    high: float
    n: int
    beyond: bool = False

    @property
    def told(self) -> bool | None:
        """Whether it is told from the noise of the simulation; None where nobody knows."""
        if self.beyond:
            return True
        if np.isnan(self.low):
            return False if self.n and self.mean == 0.0 else None
        return not self.low <= 0.0 <= self.high


def paired_effect(
    base: Floats, base_reached: Flags, point: Floats, point_reached: Flags, *, comparisons: int = 1
) -> Effect:
    """The effect of a point, from values of shape (replications,), NaN where there is none.

    `comparisons` effects hold together at 95 % (Bonferroni).
    """
    both = np.isfinite(base) & np.isfinite(point) & base_reached
    known = both & point_reached
    if both.any() and not known[both].all():
        return Effect(float((point - base)[both].mean()), np.nan, np.nan, int(both.sum()), beyond=True)
    differences = (point - base)[known]
    n = len(differences)
    if not n:
        return Effect(np.nan, np.nan, np.nan, 0)
    deviation = float(differences.std(ddof=1)) if n > 1 else np.nan
    mean = float(differences.mean())
    low, high = interval(mean, deviation, n, comparisons=comparisons)
    return Effect(mean, float(low), float(high), n)


# -- how much of what is not known is noise --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spread:
    """Why an answer is not sure: variance from hypotheses, and from the noise of `n` replications.

    `mean` is the mean over the hypotheses, `replication_variance` that between replications at the base; NaN
    with a single replication.
    """

    mean: float
    hypotheses: float
    replication_variance: float
    n: int

    @property
    def noise(self) -> float:
        """Variance of the mean over the replications."""
        return self.replication_variance / self.n

    @property
    def noise_share(self) -> float:
        """Part of the variance of the answer that more replications would take away; NaN where none is."""
        whole = self.hypotheses + self.noise
        return self.noise / whole if whole > 0.0 else np.nan

    @property
    def half_width(self) -> float:
        """Half of the interval at 95 % of the answer, both causes together, as if it were normal."""
        return _TWO_SIDED_95 * float(np.sqrt(self.hypotheses + self.noise))

    @property
    def least_half_width(self) -> float:
        """The same with replications without end: what hypotheses alone leave unknown."""
        return _TWO_SIDED_95 * float(np.sqrt(self.hypotheses))

    @property
    def enough(self) -> float:
        """Replications after which noise is no matter: no more than `SMALL_NOISE` of the variance."""
        if np.isnan(self.replication_variance):
            return np.nan
        if self.replication_variance == 0.0:
            return 1.0
        allowed = self.hypotheses * SMALL_NOISE / (1.0 - SMALL_NOISE)
        return float(np.ceil(self.replication_variance / allowed)) if allowed > 0.0 else np.inf


def spread(base: Floats, to_low: Floats, to_high: Floats, below: Floats) -> Spread:
    """The spread of an outcome that each hypothesis moves by itself, from its mode to either end in a line.

    `base` has shape (replications,); `to_low` and `to_high`, the differences with it at both ends, shape
    (hypotheses, replications); `below`, shape (hypotheses,), is the part of each range that is below its
    mode. Hypotheses are triangular and independent, and their effects add up. With t the way from the mode
    to an end, E t = 1/3 and E t² = 1/6: hence

        variance = (p l² + q h²) / 6 - (p l + q h)² / 9,  p = below, q = 1 - below,

    of which what the noise of l and h adds is taken away.
    """
    n = len(base)
    p, q = below, 1.0 - below
    low, high = to_low.mean(axis=1), to_high.mean(axis=1)
    variance = (p * low**2 + q * high**2) / 6.0 - (p * low + q * high) ** 2 / 9.0
    if n > 1:
        low_2, high_2 = to_low.var(axis=1, ddof=1) / n, to_high.var(axis=1, ddof=1) / n
        both = ((to_low - low[:, None]) * (to_high - high[:, None])).sum(axis=1) / (n - 1) / n
        of_noise = (p / 6.0 - p**2 / 9.0) * low_2 + (q / 6.0 - q**2 / 9.0) * high_2 - 2.0 / 9.0 * p * q * both
        variance = np.clip(variance - of_noise, 0.0, None)
    return Spread(
        mean=float(base.mean() + ((p * low + q * high) / 3.0).sum()),
        hypotheses=float(variance.sum()),
        replication_variance=float(base.var(ddof=1)) if n > 1 else np.nan,
        n=n,
    )


# -- Morris ----------------------------------------------------------------------------------------------


def elementary_effects(design: Floats, values: Floats) -> Floats:
    """What moving each factor changes per unit of the cube, shape (trajectories, factors).

    `design` has shape (trajectories, factors + 1, factors), `values` (trajectories, factors + 1); an effect
    beside a point that has no value is NaN.
    """
    steps = np.diff(design, axis=1)
    moved = np.abs(steps).argmax(axis=2)
    rank = np.arange(len(design))[:, None]
    found = np.full(moved.shape, np.nan)
    found[rank, moved] = np.diff(values, axis=1) / np.take_along_axis(steps, moved[..., None], axis=2)[..., 0]
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Morris:
    """Measures of each factor, shape (factors,): mean effect, mean of its size with its interval, spread."""

    mu: Floats
    mu_star: Floats
    low: Floats
    high: Floats
    sigma: Floats
    n: NDArray[np.int64]


def morris_measures(effects: Floats) -> Morris:
    """From elementary effects of shape (trajectories, factors), NaN where there is none."""
    there = np.isfinite(effects)
    n = there.sum(axis=0)
    held = np.where(there, effects, 0.0)
    some = np.where(n > 0, n, np.nan)
    mu, star = held.sum(axis=0) / some, np.abs(held).sum(axis=0) / some
    freedom = np.where(n > 1, n - 1.0, np.nan)
    sigma = np.sqrt((np.where(there, effects - mu, 0.0) ** 2).sum(axis=0) / freedom)
    deviation = np.sqrt((np.where(there, np.abs(effects) - star, 0.0) ** 2).sum(axis=0) / freedom)
    low, high = interval(star, deviation, n, least=0.0)
    return Morris(mu, star, low, high, sigma, n.astype(np.int64))


# -- Sobol -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Indices:
    """First and total index of each factor and their bootstrap, shapes (factors,) and (resamples, factors).

    `n` are the rows of the two samples that have all their values.
    """

    first: Floats
    total: Floats
    first_samples: Floats
    total_samples: Floats
    variance: float
    n: int

    def interval(self, which: str) -> tuple[Floats, Floats]:
        """Bounds at 95 % of "first" or "total"."""
        low, high = np.quantile(getattr(self, f"{which}_samples"), _TAILS, axis=0)
        return low, high

    def standard_error(self, which: str) -> Floats:
        """Standard error of "first" or "total"."""
        found: Floats = getattr(self, f"{which}_samples").std(axis=0, ddof=1)
        return found


def sobol_indices(first: Floats, second: Floats, mixed: Floats, *, seed: int = 0) -> Indices:
    """Sobol indices from the values at a design of Saltelli: shapes (n,), (n,) and (factors, n).

    A row where a point has no value is left out, whole. Indices are NaN where nothing varies.
    """
    whole = np.isfinite(first) & np.isfinite(second) & np.isfinite(mixed).all(axis=0)
    a, b, ab = first[whole], second[whole], mixed[:, whole]
    n, factors = len(a), len(mixed)
    if n < 2:
        none = np.full(factors, np.nan)
        return Indices(none, none, none[None], none[None], np.nan, n)
    rows = np.random.default_rng(seed).integers(n, size=(_RESAMPLES, n))
    drawn = [_indices(a[row], b[row], ab[:, row]) for row in rows]
    one, all_ = _indices(a, b, ab)
    samples = np.array(drawn)
    variance = float(np.var([a, b]))
    return Indices(one, all_, samples[:, 0], samples[:, 1], variance, n)


def _indices(a: Floats, b: Floats, ab: Floats) -> tuple[Floats, Floats]:
    centre, variance = np.mean([a, b]), np.var([a, b])
    if variance == 0.0:
        none = np.full(len(ab), np.nan)
        return none, none
    first = ((b - centre) * (ab - a)).mean(axis=1) / variance
    total = ((a - ab) ** 2).mean(axis=1) / 2.0 / variance
    return first, total
