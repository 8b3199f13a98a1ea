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
        left = called + lost + censored
        at_risk = np.cumsum(entered, axis=1) - (np.cumsum(left, axis=1) - left)
        offered_left = np.cumprod(1.0 - _share(called, at_risk), axis=1, dtype=np.float64)
        present = np.cumprod(1.0 - _share(called + lost, at_risk), axis=1, dtype=np.float64)
        before = np.concatenate([np.ones((len(present), 1)), present[:, :-1]], axis=1)
        last = _last_at_risk(at_risk)
        return cls(
            offered=1.0 - offered_left,
            received=_sum_of_parts(before * _share(called, at_risk)),
            lost=_sum_of_parts(before * _share(lost, at_risk)),
            offered_known=_known(offered_left, last),
            known=_known(present, last),
        )

    def mixed(self, group: Ints, weight: Ints) -> Curves:
        """Mean curves of groups (numbered from 0), known as far as the least known of each group.

        `group` and `weight` have shape (curves,): cohorts weigh by how many people entered.
        """
        count = int(group.max(initial=-1)) + 1
        total = np.zeros(count)
        np.add.at(total, group, weight.astype(np.float64))

        def mean(curves: Floats) -> Floats:
            sums = np.zeros((count, curves.shape[1]))
            np.add.at(sums, group, curves * weight[:, None])
            return np.minimum(sums / total[:, None], 1.0)

        def least(known: Ints) -> Ints:
            found = np.full(count, FOREVER)
            np.minimum.at(found, group, known)
            return found

        return Curves(
            offered=mean(self.offered),
            received=mean(self.received),
            lost=mean(self.lost),
            offered_known=least(self.offered_known),
            known=least(self.known),
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


def _share(part: Ints, whole: Ints) -> Floats:
    found: Floats = np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)
    return found


def _sum_of_parts(parts: Floats) -> Floats:
    """Parts of a whole summed along each curve; rounding does not take the sum above the whole."""
    return np.minimum(np.cumsum(parts, axis=1), 1.0)


def _last_at_risk(at_risk: Ints) -> Ints:
    """The last bin with somebody at risk, -1 where there is none."""
    bins = at_risk.shape[1]
    found = bins - 1 - np.argmax(at_risk[:, ::-1] > 0, axis=1)
    return np.where((at_risk > 0).any(axis=1), found, -1).astype(np.int64)


def _known(remaining: Floats, last: Ints) -> Ints:
    """How far a curve is known: for ever where nobody remains, else to the last bin with people at risk."""
    return np.where(remaining[:, -1] <= _ROUNDING, FOREVER, last)
