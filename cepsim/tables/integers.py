"""Whole persons: shares of a total, and matrices whose two margins are exact."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_MOST_PASSES: Final = 10_000
#: Passes stop when no row is further than this part of a person from its margin.
_CLOSE_ENOUGH: Final = 1e-6
#: Preference of a cell over later ones when remainders are equal: above the solver's tolerance (1e-7), below
#: any difference of remainders that counts. The root makes the first of two equal pairs win as well.
_TIE: Final = 1e-6


def share_out(total: int, weights: Floats) -> Integers:
    """`total` cut in whole parts in proportion to `weights`, by largest remainder, ties in order.

    Returns int64, shape of weights, summing to `total`. Raises ValueError unless the weights are finite,
    non-negative and not all zero.
    """
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.sum() > 0):
        raise ValueError("weights must be finite, non-negative and not all zero")
    exact = total * (weights / weights.sum())
    whole: Integers = np.floor(exact).astype(np.int64)
    rest = total - int(whole.sum())
    # A stable sort keeps the order of the tables between equal remainders.
    largest = np.argsort(-(exact - whole), kind="stable")[:rest]
    whole[largest] += 1
    return whole


def fit_margins(seed: Floats, rows: Integers, columns: Integers) -> Integers:
    """A matrix of whole persons with the two margins given, as near the seed as they allow.

    Iterative proportional fitting, then each cell takes the whole number below or above: the largest
    remainders go up as far as both margins let them, ties in the order of rows, then columns.

    `seed` has shape (rows, columns) and is positive; `rows` and `columns` are non-negative whole margins of
    the same total. Returns int64 of the seed's shape. Raises ValueError if the seed has a cell that is not
    positive, if the margins have different totals, or if fitting does not settle.
    """
    if not (np.isfinite(seed).all() and (seed > 0).all()):
        raise ValueError("every cell of the seed must be finite and positive")
    if rows.sum() != columns.sum():
        raise ValueError(f"the margins differ: rows sum to {rows.sum()}, columns to {columns.sum()}")
    if (rows < 0).any() or (columns < 0).any():
        raise ValueError("a margin is negative")
    return _round_both_ways(_proportional_fit(seed, rows, columns), rows, columns)


def _proportional_fit(seed: Floats, rows: Integers, columns: Integers) -> Floats:
    cells: Floats = seed / seed.sum()
    for _ in range(_MOST_PASSES):
        sums = cells.sum(axis=1)
        cells = cells * np.divide(rows, sums, out=np.zeros_like(sums), where=sums > 0)[:, None]
        sums = cells.sum(axis=0)
        cells = cells * np.divide(columns, sums, out=np.zeros_like(sums), where=sums > 0)[None, :]
        if np.abs(cells.sum(axis=1) - rows).max() < _CLOSE_ENOUGH:
            return cells
    raise ValueError(f"the margins are not met after {_MOST_PASSES} passes")


def _round_both_ways(cells: Floats, rows: Integers, columns: Integers) -> Integers:
    """Controlled rounding: which cells go up, one at most each, so that both margins are exact.

    What rows and columns still lack is a transport problem; its corner solutions are whole, and one exists
    because the remainders themselves are a solution in fractions.
    """
    whole: Integers = np.floor(cells).astype(np.int64)
    lacking = np.concatenate([rows - whole.sum(axis=1), columns - whole.sum(axis=0)])
    n_rows, n_columns = cells.shape
    membership = np.vstack(
        [np.kron(np.eye(n_rows), np.ones(n_columns)), np.kron(np.ones(n_rows), np.eye(n_columns))]
    )
    preference = (cells - whole).ravel() - _TIE * np.sqrt(np.arange(cells.size))
    found = linprog(-preference, A_eq=membership, b_eq=lacking, bounds=(0, 1), method="highs-ds")
    if found.x is None:
        raise ValueError(f"no whole persons meet both margins: {found.message}")
    up: Integers = np.rint(found.x).astype(np.int64).reshape(cells.shape)
    return whole + up
