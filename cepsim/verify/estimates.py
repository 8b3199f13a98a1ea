"""How replications of one figure are summarised: a value, its standard error, its distance to the exact one.

A replication gives a row of numbers, read by a `Metric`; replications are independent. A mean wait is a sum
over a number of people that is itself random: it is the ratio of two means, not a mean of ratios, whose
bias would show with many replications.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure over independent replications, and its standard error."""

    value: float
    error: float
    replications: int

    def z(self, exact: float) -> float:
        """How far it lies from the exact value, in standard errors; 0 where both agree exactly."""
        gap = self.value - exact
        if self.error > 0:
            return gap / self.error
        return 0.0 if gap == 0 else math.copysign(math.inf, gap)

    def p(self, exact: float) -> float:
        """Chance of lying at least as far if the exact value is the true one, both sides (Student's law)."""
        return float(2.0 * stats.t.sf(abs(self.z(exact)), self.replications - 1))


Combine = Callable[[Sequence[Floats]], Estimate]


def ratio(rows: Sequence[Floats]) -> Estimate:
    """Sum of the first numbers over the sum of the second ones; its error is that of the residuals.

    Source: Law 2015, Simulation Modeling and Analysis, 9.5.3. Needs two replications.
    """
    totals, counts = np.array(rows, dtype=np.float64).T
    value = float(totals.sum() / counts.sum())
    residuals, number = totals - value * counts, len(totals)
    error = math.sqrt(float(residuals @ residuals) / (number * (number - 1))) / float(counts.mean())
    return Estimate(value, error, number)


def quantile(share: float) -> Combine:
    """The value that this share of all does not exceed; its error is that of groups of replications about it.

    At most 40 groups, so that each is large (sectioning: Asmussen and Glynn 2007, Stochastic Simulation,
    III.5): the quantile of all has a bias 40 times smaller than those of the groups.
    """

    def combine(rows: Sequence[Floats]) -> Estimate:
        groups = min(len(rows), 40)
        parts = [np.concatenate(rows[group::groups]) for group in range(groups)]
        value = float(np.quantile(np.concatenate(parts), share))
        gaps = np.array([np.quantile(part, share) for part in parts]) - value
        return Estimate(value, math.sqrt(float(gaps @ gaps) / (groups * (groups - 1))), groups)

    return combine


def holm(p_values: Sequence[float]) -> list[float]:
    """Each p corrected for the number of cases (Holm 1979), in the order given.

    Rejecting those under a level makes at least one error with at most that chance, whatever ties them.
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    corrected, highest = [0.0] * len(p_values), 0.0
    for rank, number in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[number]))
        corrected[number] = highest
    return corrected


def detectable(estimate: Estimate, family_error: float, tests: int, power: float = 0.9) -> float:
    """Deviation that would be found with this chance, at the level of the most demanding of the tests."""
    needed = stats.t.isf(family_error / tests / 2.0, estimate.replications - 1)
    return float((needed + stats.norm.ppf(power)) * estimate.error)
