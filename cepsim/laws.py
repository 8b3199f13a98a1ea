"""Laws of durations, as quantile tables in integer seconds.

An engine never evaluates a distribution: it reads `table[cell(draw)]`. The 2**16 equal cells of
probability hold the conditional mean of the law in the cell, and the last cell is itself cut in 2**16,
so that the mean is exact and the tail goes out to one draw in 2**32.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from cepsim.compiled import shared

CELLS = 1 << 16
TABLE_SIZE = 2 * CELLS
_FAR_SECONDS = 2**31 - 1
#: `series_left` of who has no series, and of who is to be sent elsewhere from the first interview of one.
NO_SERIES: Final = -1
SENT_AFTER_ONE: Final = -2

Floats = NDArray[np.float64]


@shared
def cell(draw: int) -> int:
    """The row of a quantile table that a uniform draw on 32 bits points to."""
    high = draw >> 16
    return high if high < CELLS - 1 else CELLS + (draw & (CELLS - 1))


@shared
def further_interviews(mean: int, most: int, draw: int) -> int:
    """Interviews after the first: the two whole numbers around the mean, in the proportion that gives it.

    `mean` is in 2**-32, `draw` uniform on 32 bits; `most` counts the first interview.
    """
    return min((mean + draw) >> 32, most - 1)


@shared
def beyond(draw: int, threshold: int) -> int:
    """A draw found at or above a threshold, uniform again: what it decides next depends on it no more."""
    left, width = draw - threshold, (1 << 32) - threshold
    # sixteen bits at a time: all of 64 would not fit in a signed word
    high, rest = divmod(left << 16, width)
    return (high << 16) + (rest << 16) // width


@shared
def planned_series(mean: int, most: int, refer: int, draw: int) -> int:
    """Interviews left after the first of a series, or SENT_AFTER_ONE: one draw decides both.

    `mean` and `refer` are in 2**-32; `refer` is the share of such people who are sent elsewhere.
    """
    if draw < refer:
        return SENT_AFTER_ONE
    return further_interviews(mean, most, beyond(draw, refer) if refer > 0 else draw)


@dataclass(frozen=True, slots=True)
class Law:
    """A law of positive durations: its family, its mean in seconds and its coefficient of variation.

    `quantile` is set for a law given by its quantile function (unit: seconds) and None otherwise.
    """

    family: str
    mean_s: float
    variation: float = 0.0
    quantile: Callable[[Floats], Floats] | None = None

    def __post_init__(self) -> None:
        """Refuse what no duration can be."""
        if not (isfinite(self.mean_s) and self.mean_s > 0 and isfinite(self.variation)):
            raise ValueError(f"a duration has a finite positive mean, found {self.mean_s}")
        if self.variation < 0:
            raise ValueError(f"a coefficient of variation is not negative, found {self.variation}")

    def exact_table(self) -> Floats:
        """Conditional means of the cells in seconds, to the microsecond; float64, shape (TABLE_SIZE,)."""
        if self.quantile is not None:
            values = _from_quantile(self.quantile)
        else:
            values = self.mean_s * _unit_table(self.family, self.variation)
        # rounding makes the last bit of a library's special function harmless on any machine
        return np.asarray(np.round(values * 1e6) / 1e6, dtype=np.float64)

    def table(self) -> NDArray[np.int32]:
        """The quantile table in whole seconds, at least 1; int32, shape (TABLE_SIZE,).

        Raises ValueError where a cell passes 2**31 - 1 seconds (68 years).
        """
        seconds = np.maximum(np.rint(self.exact_table()), 1.0)
        if seconds.max() > _FAR_SECONDS:
            raise ValueError(f"a duration passes {_FAR_SECONDS} s: {self.family}, mean {self.mean_s} s")
        return seconds.astype(np.int32)


def constant(seconds: float) -> Law:
    """Always the same duration, in seconds."""
    return Law("constant", seconds)


def exponential(mean_s: float) -> Law:
    """Exponential law of this mean, in seconds."""
    return Law("gamma", mean_s, 1.0)


def gamma(mean_s: float, variation: float) -> Law:
    """Gamma law of this mean (seconds) and coefficient of variation."""
    return Law("gamma", mean_s, variation)


def lognormal(mean_s: float, variation: float) -> Law:
    """Lognormal law of this mean (seconds) and coefficient of variation."""
    return Law("lognormal", mean_s, variation)


def from_quantile(quantile: Callable[[Floats], Floats], mean_s: float) -> Law:
    """A law given by its quantile function: float64 probabilities in (0, 1) to seconds, vectorised.

    `mean_s` is stated for the reader; the table is computed from the quantile function alone.
    """
    return Law("quantile", mean_s, 0.0, quantile)


def _edges() -> tuple[Floats, Floats]:
    """Lower and upper probability of each table row, counted from above (survival): exact in binary."""
    coarse = 1.0 - np.arange(CELLS + 1) / CELLS
    fine = (1.0 - np.arange(CELLS + 1) / CELLS) / CELLS
    return np.concatenate([coarse[:-1], fine[:-1]]), np.concatenate([coarse[1:], fine[1:]])


@lru_cache(maxsize=64)
def _unit_table(family: str, variation: float) -> Floats:
    """Conditional means of the cells for a law of mean 1."""
    if family == "constant" or variation == 0.0:
        return np.ones(TABLE_SIZE)
    high, low = _edges()
    if family == "lognormal":
        sigma = np.sqrt(np.log1p(variation**2))

        # E[X; X > x] of a lognormal of mean 1 is P(Z > z - sigma) where P(Z > z) is the survival at x
        def mass_above(survival: Floats) -> Floats:
            return np.asarray(special.ndtr(special.ndtri(survival) + sigma))
    elif family == "gamma":
        shape = 1.0 / variation**2

        # E[X; X > x] of a gamma of shape k and mean 1 is the survival of a gamma of shape k + 1
        def mass_above(survival: Floats) -> Floats:
            return np.asarray(special.gammaincc(shape + 1.0, special.gammainccinv(shape, survival)))
    else:
        raise ValueError(f"unknown family of laws: {family}")
    return np.asarray((mass_above(high) - mass_above(low)) / (high - low), dtype=np.float64)


def _from_quantile(quantile: Callable[[Floats], Floats]) -> Floats:
    """Conditional means of the cells by Gauss-Legendre quadrature inside each cell."""
    nodes, weights = np.polynomial.legendre.leggauss(8)
    high, low = _edges()
    total = np.zeros(TABLE_SIZE)
    for node, weight in zip(nodes, weights, strict=True):
        survival = low + (high - low) * (1.0 - node) / 2.0
        total += weight / 2.0 * quantile(1.0 - survival)
    return total
