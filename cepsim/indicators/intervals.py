"""The interval of a mean over replications: one rule, for indicators and for money."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import beta
from scipy.stats import t as student

from cepsim.indicators.estimates import Floats

#: Fewer replications than this, and there is no interval at all.
FEWEST_REPLICATIONS: Final = 3
#: Fewer than this, and an interval is only an indication.
ENOUGH_REPLICATIONS: Final = 5
_CONFIDENCE: Final = 0.95


def interval(
    mean: ArrayLike,
    deviation: ArrayLike,
    n: ArrayLike,
    *,
    least: ArrayLike = -np.inf,
    greatest: ArrayLike = np.inf,
    comparisons: int = 1,
) -> tuple[Floats, Floats]:
    """Low and high of the 95 % Student interval of means, clipped to what the quantity may be.

    `deviation` is the standard deviation between replications (divided by n - 1), `n` their number, `least`
    and `greatest` what the quantity never leaves: 0 and 1 for a share, 0 for a wait, a count, hours or a
    cost, nothing for a difference. NaN below three replications, whose Student interval says nothing. The
    clip is that of a symmetric interval: near a bound it does not make it exact. What is inside is the noise
    of the simulation, never the ignorance of hypotheses.

    With several `comparisons`, all of them hold together at 95 % or more: each is at 1 - 5 % / comparisons
    (Bonferroni's inequality; Dunn 1961).
    """
    size = np.asarray(n, dtype=np.float64)
    size = np.where(size >= FEWEST_REPLICATIONS, size, np.nan)
    half = quantile_of_student(size, comparisons) * np.asarray(deviation) / np.sqrt(size)
    centre = np.asarray(mean, dtype=np.float64)
    return np.clip(centre - half, least, greatest), np.clip(centre + half, least, greatest)


def quantile_of_student(n: ArrayLike, comparisons: int = 1) -> Floats:
    """How many standard errors an interval of the mean of n replications reaches on either side."""
    risk = (1.0 - _CONFIDENCE) / comparisons
    return np.asarray(student.ppf(1.0 - risk / 2.0, np.asarray(n, dtype=np.float64) - 1.0))


def one_sided(
    mean: ArrayLike,
    deviation: ArrayLike,
    n: ArrayLike,
    *,
    confidence: float = _CONFIDENCE,
    least: ArrayLike = -np.inf,
    greatest: ArrayLike = np.inf,
) -> tuple[Floats, Floats]:
    """Bounds of means, each of which holds alone at `confidence`: one from below, one from above.

    Otherwise as `interval`, from two replications on; NaN for one, whose spread nobody knows.
    """
    size = np.asarray(n, dtype=np.float64)
    size = np.where(size > 1, size, np.nan)
    reach = np.asarray(student.ppf(confidence, size - 1.0)) * np.asarray(deviation) / np.sqrt(size)
    centre = np.asarray(mean, dtype=np.float64)
    return np.clip(centre - reach, least, greatest), np.clip(centre + reach, least, greatest)


def binomial(count: ArrayLike, of: ArrayLike, *, confidence: float = _CONFIDENCE) -> tuple[Floats, Floats]:
    """One-sided bounds of a share, from people who are each on their own (Clopper & Pearson 1934).

    `count` of `of` people, 1 or more. People of one queue wait together: what one replication says is less
    sure than that, and several say how much.
    """
    yes, every = np.asarray(count, dtype=np.float64), np.asarray(of, dtype=np.float64)
    low = np.where(yes > 0, beta.ppf(1.0 - confidence, yes, every - yes + 1.0), 0.0)
    high = np.where(yes < every, beta.ppf(confidence, yes + 1.0, every - yes), 1.0)
    return low, high
