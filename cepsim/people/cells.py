"""Rows gathered into cells: what they add up to, and how many different people they are about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cepsim.compiled import compiled
from cepsim.trace import Ints, Wholes

Mask = NDArray[np.bool_]
#: Positions in a short vocabulary, kept in few bytes: not to be computed with.
Codes = NDArray[np.int8]

#: Cells of which all are kept at once, met or not; beyond, only those met.
_DENSE = 1 << 22
#: Numbers a row up to which counting all that there may be is quicker than sorting the rows.
_NEAR = 4


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """The cells that rows fall in, out of all the combinations of some codes.

    `of_row` is the position of each row's cell in `place`; `place` says which combination each cell is, on
    `sizes`. Cells that no row is in may be there too.
    """

    of_row: Ints
    place: Ints
    sizes: tuple[int, ...]

    @classmethod
    def of(cls, codes: Sequence[Wholes | Codes | int], sizes: Sequence[int], count: int) -> Cells:
        """Cells of `count` rows: one array of codes a dimension, or one code for all rows.

        Raises ValueError where a code is outside its dimension.
        """
        return cls.met(combined(codes, sizes, count), sizes)

    @classmethod
    def met(cls, combination: Ints, sizes: Sequence[int]) -> Cells:
        """Cells of rows whose combinations are known, as `combined` gives them."""
        total = int(np.prod(sizes, dtype=np.int64))
        if total <= _DENSE:
            return cls(combination, np.arange(total), tuple(sizes))
        of_row, place = pd.factorize(combination)
        return cls(of_row.astype(np.int64, copy=False), np.asarray(place, dtype=np.int64), tuple(sizes))

    def codes(self, cells: Ints | Mask) -> tuple[Ints, ...]:
        """The codes of some cells, one array a dimension."""
        return tuple(codes.astype(np.int64) for codes in np.unravel_index(self.place[cells], self.sizes))

    def sums(self, amounts: Wholes | Mask | int) -> Ints:
        """The sum of amounts in each cell; one amount is that of every row."""
        if isinstance(amounts, int):
            return np.bincount(self.of_row, minlength=len(self.place)) * amounts
        done = np.zeros(len(self.place), dtype=np.int64)
        add_at(done, self.of_row, amounts)
        return done

    def people(self, person: Wholes) -> Ints:
        """How many different people the rows of each cell are about."""
        first = first_seen(person, self.of_row, len(self.place))
        return np.bincount(self.of_row[first], minlength=len(self.place))


def combined(codes: Sequence[Wholes | Codes | int], sizes: Sequence[int], count: int) -> Ints:
    """The combination of codes that each of `count` rows is, as one number.

    Raises ValueError where a code is outside its dimension.
    """
    done = np.zeros(count, dtype=np.int64)
    for values, size in zip(codes, sizes, strict=True):
        least, most = (values, values) if isinstance(values, int) else _range(values)
        if count and not 0 <= least <= most < size:
            raise ValueError(f"a code is outside 0 to {size - 1}: {least} to {most}")
        done *= size
        done += values
    return done


def distinct(values: Ints, size: int) -> tuple[Ints, Ints]:
    """The different values in order, and how many rows have each; `values` go from 0 to below `size`."""
    if size <= min(_DENSE, _NEAR * len(values)):
        counts = np.bincount(values)
        found = np.flatnonzero(counts)
        return found, counts[found]
    found, counts = np.unique(values, return_counts=True)
    return found, counts


def first_seen(person: Wholes, code: Ints, size: int) -> Mask:
    """The first row of each person with each code, of codes below a size."""
    if len(person) and not is_sorted(person):
        order = np.argsort(person, kind="stable")
        first = np.zeros(len(person), dtype=np.bool_)
        first[order] = first_seen(person[order], code[order], size)
        return first
    return _first_seen(person, code, size)


@compiled
def reached(bounds: Ints, values: Wholes) -> Ints:
    """How many of the increasing bounds each value has reached; quick where values follow each other."""
    done = np.empty(len(values), dtype=np.int64)
    rank = 0
    for row in range(len(values)):
        value = values[row]
        if (rank > 0 and bounds[rank - 1] > value) or (rank < len(bounds) and bounds[rank] <= value):
            low, high = 0, len(bounds)
            while low < high:
                middle = (low + high) // 2
                if bounds[middle] <= value:
                    low = middle + 1
                else:
                    high = middle
            rank = low
        done[row] = rank
    return done


def is_sorted(values: Wholes) -> bool:
    """Whether no value is less than the one before it."""
    return bool((values[1:] >= values[:-1]).all())


@compiled
def _first_seen(person: Wholes, code: Ints, size: int) -> Mask:
    """The same for rows sorted by person: a code was met if its last row is of the same person."""
    last = np.full(size, np.iinfo(np.int64).min)
    first = np.zeros(len(person), dtype=np.bool_)
    for row in range(len(person)):
        if last[code[row]] != person[row]:
            last[code[row]] = person[row]
            first[row] = True
    return first


@compiled
def add_at(sums: Ints, cells: Ints, amounts: Wholes | Mask) -> None:
    """Add each amount to the sum at its position."""
    for row in range(len(cells)):
        sums[cells[row]] += amounts[row]


def _range(values: Wholes | Codes) -> tuple[int, int]:
    return (int(values.min()), int(values.max())) if len(values) else (0, 0)
