"""Estimates of waits from counts at risk, by bin of the wait.

    at risk in bin k    entered up to k, not left before k
    offered             Kaplan-Meier: who gives up is censored. The wait if nobody gave up ("délai offert")
    received, lost      Aalen-Johansen: giving up competes ("part reçue avant t", "part perdue avant t")

Within a bin, people are called first, lost next, then no longer observed. Sources: Kaplan & Meier 1958;
Aalen & Johansen 1978.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cepsim.compiled import compiled
from cepsim.indicators.bins import Bins
from cepsim.trace import Ints

Floats = NDArray[np.float64]
_ROUNDING = 1e-12
#: The last bin up to which a curve is known, where nobody's outcome is open any more.
FOREVER = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True)
class Quantile:
    """A quantile of a wait, or the value up to which it is known not to be reached ("> value")."""

    value: float
    reached: bool


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Shares by the end of each bin; shape (curves, bins).

    `offered` is known up to bin `offered_known`, `received` and `lost` up to `known`, shape (curves,):
    beyond, nobody was observed any more while an outcome was still open (FOREVER: none was).
    """

    offered: Floats
    received: Floats
    lost: Floats
    offered_known: Ints
    known: Ints

    @classmethod
    def of(cls, entered: Ints, called: Ints, lost: Ints, censored: Ints) -> Curves:
        """From counts by bin, shape (curves, bins)."""
        found = cls(
            offered=np.empty(entered.shape),
            received=np.empty(entered.shape),
            lost=np.empty(entered.shape),
            offered_known=np.empty(len(entered), dtype=np.int64),
            known=np.empty(len(entered), dtype=np.int64),
        )
        curves, known = (found.offered, found.received, found.lost), (found.offered_known, found.known)
        _estimate(entered, called, lost, censored, curves, known)
        return found

    def mixed(self, group: Ints, weight: Ints) -> Curves:
        """Mean curves of groups (numbered from 0), known as far as the least known of each group.

        `group` and `weight` have shape (curves,): cohorts weigh by how many people entered.
        """
        shape = (int(group.max(initial=-1)) + 1, self.offered.shape[1])
        return Curves(
            offered=_mean(self.offered, group, weight, shape),
            received=_mean(self.received, group, weight, shape),
            lost=_mean(self.lost, group, weight, shape),
            offered_known=_least(self.offered_known, group, shape[0]),
            known=_least(self.known, group, shape[0]),
        )


def quantile(curve: Floats, known: int, bins: Bins, level: float) -> Quantile:
    """The wait by which a share `level` is reached, along one curve of shape (bins,).

    Inside a bin of time people are taken to be spread evenly. In the last bin, which has no end, and beyond
    what is known, the quantile is not reached.
    """
    here = curve[: min(known, len(curve) - 1) + 1]
    position = int(np.searchsorted(here, level - _ROUNDING))
    if position >= len(here) or position == len(bins) - 1:
        end = min(len(here), len(bins) - 1)
        return Quantile(float(bins.lower[end]), reached=False)
    lower = float(bins.lower[position])
    if bins.whole or position == 0:
        return Quantile(lower, reached=True)
    below = float(here[position - 1])
    part = min(1.0, (level - below) / (float(here[position]) - below))
    return Quantile(lower + part * (float(bins.lower[position + 1]) - lower), reached=True)


def share_by(curve: Floats, known: int, bins: Bins, wait: int) -> float | None:
    """The share reached by a wait that is the beginning of a bin; None beyond what is known."""
    position = int(np.searchsorted(bins.lower, wait)) - 1
    if position < 0:
        return 0.0
    return float(curve[min(position, len(curve) - 1)]) if position <= known else None


@compiled
def _estimate(
    entered: Ints,
    called: Ints,
    lost: Ints,
    censored: Ints,
    curves: tuple[Floats, Floats, Floats],
    known: tuple[Ints, Ints],
) -> None:
    """Fill `offered`, `received` and `lost`, then how far the first and the others are known."""
    for curve in range(entered.shape[0]):
        at_risk, last = 0, -1
        # of everybody: not called if nobody were lost; neither called nor lost; called; lost
        waiting, present, received, gone = 1.0, 1.0, 0.0, 0.0
        for place in range(entered.shape[1]):
            at_risk += entered[curve, place]
            if at_risk > 0:
                last = place
                called_share, lost_share = called[curve, place] / at_risk, lost[curve, place] / at_risk
                received += present * called_share
                gone += present * lost_share
                waiting *= 1.0 - called_share
                present *= 1.0 - (called[curve, place] + lost[curve, place]) / at_risk
            # rounding does not take a sum of parts above the whole
            curves[0][curve, place] = 1.0 - waiting
            curves[1][curve, place] = min(received, 1.0)
            curves[2][curve, place] = min(gone, 1.0)
            at_risk -= called[curve, place] + lost[curve, place] + censored[curve, place]
        # for ever where nobody remains, else to the last bin with people at risk
        known[0][curve] = FOREVER if waiting <= _ROUNDING else last
        known[1][curve] = FOREVER if present <= _ROUNDING else last


@compiled
def _mean(curves: Floats, group: Ints, weight: Ints, shape: tuple[int, int]) -> Floats:
    """Mean curves of groups, shape (groups, bins); rounding does not take them above 1."""
    total, means = np.zeros(shape[0]), np.zeros(shape)
    for curve in range(len(group)):
        total[group[curve]] += weight[curve]
        means[group[curve]] += curves[curve] * weight[curve]
    for place in range(shape[0]):
        means[place] = np.minimum(means[place] / total[place], 1.0)
    return means


def _least(known: Ints, group: Ints, count: int) -> Ints:
    found = np.full(count, FOREVER)
    np.minimum.at(found, group, known)
    return found
