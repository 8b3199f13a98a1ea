"""Whole totals cut in whole parts by largest remainder: every total closes exactly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cepsim.trace import Ints

Floats = NDArray[np.float64]


def split(totals: Ints, weights: Floats) -> Ints:
    """Each total in whole parts in proportion to its weights, ties to the first.

    `totals` has shape (n,) and is not negative; `weights` has shape (n, k), or (k,) for all rows. Returns
    int64 of shape (n, k), every row summing to its total. Raises ValueError unless the weights of every row
    are finite, not negative and not all zero, and no total is negative.
    """
    weights = np.broadcast_to(np.asarray(weights, dtype=np.float64), (len(totals), np.shape(weights)[-1]))
    sums = weights.sum(axis=1)
    if not (np.isfinite(weights).all() and (weights >= 0).all() and (sums > 0).all()):
        raise ValueError("weights must be finite, not negative and not all zero")
    if (totals < 0).any():
        raise ValueError("a total is negative")
    exact = totals[:, None] * (weights / sums[:, None])
    whole = np.floor(exact).astype(np.int64)
    lacking = totals - whole.sum(axis=1)
    # A float may stand a hair above a whole number: what was given too much is taken from the largest part.
    whole[np.arange(len(totals)), whole.argmax(axis=1)] += np.minimum(lacking, 0)
    rank = np.argsort(np.argsort(-(exact - whole), axis=1, kind="stable"), axis=1, kind="stable")
    parts: Ints = whole + (rank < lacking[:, None])
    return parts
