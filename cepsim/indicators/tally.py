"""Integer tables that add up: a row a cell, key columns that name it, measures that are summed.

Rows whose measures are all 0 are left out and rows are sorted by key, so that a table depends on nothing
but what it counts, and a sum of tables on nothing but the tables. A key of texts is a categorical column
whose categories are the texts that it holds, sorted: a country has millions of rows and few texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cepsim.people.cells import Cells, Codes, combined, distinct
from cepsim.trace import Ints, Wholes

#: Whole numbers nearer than this are numbered by their distance.
_CLOSE: Final = 1 << 20

#: What a key column may be called: texts, or whole numbers in increasing order.
Names = Sequence[str] | Sequence[int]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Rows to count: where each is among all the combinations of key columns, and what it adds to measures.

    `place` is as `combined` gives it; whole numbers or booleans are added, or one number for all rows.
    """

    place: Ints
    measures: Mapping[str, Wholes | NDArray[np.bool_] | int]

    def summed(self, size: int) -> Batch:
        """One row a combination that is met, out of `size` of them; itself where amounts differ by row."""
        if not all(isinstance(amount, int) for amount in self.measures.values()):
            return self
        place, count = distinct(self.place, size)
        return Batch(place, {name: count * amount for name, amount in self.measures.items()})


def tally(
    keys: Mapping[str, tuple[Wholes | Codes, Names]], measures: Mapping[str, Wholes | NDArray[np.bool_]]
) -> pd.DataFrame:
    """Sum measures over the rows of each cell.

    `keys` gives, by column, the position of each row in the names of that column; `measures` the whole
    numbers (or booleans) to add. All arrays have one shape (rows,).
    """
    names = {name: values for name, (_, values) in keys.items()}
    codes = [positions for positions, _ in keys.values()]
    place = combined(codes, sizes_of(names), len(codes[0]))
    return tally_batches(names, list(measures), [Batch(place, measures)])


def sizes_of(names: Mapping[str, Names]) -> list[int]:
    """How many names each key column may take."""
    return [max(len(values), 1) for values in names.values()]


def tally_batches(
    names: Mapping[str, Names], measures: Sequence[str], batches: Sequence[Batch]
) -> pd.DataFrame:
    """The same over several batches of rows; `names` are those of each key column."""
    sizes = sizes_of(names)
    batches = [batch.summed(prod(sizes)) for batch in batches]
    places = [batch.place for batch in batches]
    cells = Cells.met(places[0] if len(places) == 1 else np.concatenate(places), sizes)
    bounds = np.cumsum([0, *(len(place) for place in places)])
    sums = {name: np.zeros(len(cells.place), dtype=np.int64) for name in measures}
    for batch, begin, end in zip(batches, bounds[:-1], bounds[1:], strict=True):
        here = Cells(cells.of_row[begin:end], cells.place, cells.sizes)
        for name, amounts in batch.measures.items():
            sums[name] += here.sums(amounts)
    found = np.flatnonzero(np.any([values != 0 for values in sums.values()], axis=0))
    codes = cells.codes(found)
    ranks = [_ranks(values)[positions] for values, positions in zip(names.values(), codes, strict=True)]
    order = np.argsort(combined(ranks, sizes, len(found)))
    columns = {
        name: _named(positions[order], values)
        for (name, values), positions in zip(names.items(), codes, strict=True)
    }
    return pd.DataFrame({**columns, **{name: values[found[order]] for name, values in sums.items()}})


def add_up(tables: Sequence[pd.DataFrame], measures: Sequence[str]) -> pd.DataFrame:
    """The sum of tables with the same columns, cell by cell; at least one table."""
    if len(tables) == 1:
        return tidy(tables[0], measures)
    together = pd.concat(_alike(tables), ignore_index=True)
    return _filled(total(together, [c for c in together.columns if c not in measures], measures), measures)


def total(table: pd.DataFrame, keys: Sequence[str], measures: Sequence[str]) -> pd.DataFrame:
    """The sums of whole measures by some of the keys, sorted by them; without any key, one row."""
    if not keys:
        return table[list(measures)].sum().to_frame().T.astype(np.int64)
    return Groups.of(table, keys).total(measures)


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """The rows of a table in the order of some of its columns, the keys.

    `rows` are their positions; `starts` says where in `rows` each group of equal keys begins.
    """

    table: pd.DataFrame
    keys: tuple[str, ...]
    rows: Ints
    starts: Ints

    @classmethod
    def of(cls, table: pd.DataFrame, keys: Sequence[str]) -> Groups:
        """Group a table; quick where it is made of runs that are in order already."""
        codes, sizes = zip(*(_codes(table[key]) for key in keys), strict=True)
        if prod(sizes) > np.iinfo(np.int64).max:
            raise ValueError(f"{' x '.join(keys)}: too many combinations to be numbered: {sizes}")
        place = combined(codes, sizes, len(table))
        rows = np.argsort(place, kind="stable")
        return cls(table, tuple(keys), rows, np.flatnonzero(np.diff(place[rows], prepend=-1)))

    def total(self, measures: Sequence[str]) -> pd.DataFrame:
        """The sums of whole measures, a row a group."""
        first = self.rows[self.starts]
        names = {key: _only_used(self.table[key].iloc[first]) for key in self.keys}
        sums = {measure: self._sums(measure) for measure in measures}
        return pd.DataFrame({**names, **sums}).reset_index(drop=True)

    def _sums(self, measure: str) -> Ints:
        if not len(self.rows):
            return np.zeros(0, dtype=np.int64)
        return np.asarray(np.add.reduceat(self.table[measure].to_numpy()[self.rows], self.starts))

    @property
    def of_row(self) -> Ints:
        """The group of each of `rows`."""
        return np.repeat(np.arange(len(self.starts)), np.diff(self.starts, append=len(self.rows)))


def _codes(column: pd.Series[Any]) -> tuple[Ints, int]:
    """The rank of each value among those of its column, or a number that is as well in order, and a bound."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return np.asarray(column.cat.codes, dtype=np.int64), len(column.cat.categories)
    if pd.api.types.is_integer_dtype(column.dtype) and len(column):
        least, most = int(column.min()), int(column.max())
        if most - least < _CLOSE:
            return np.asarray(column, dtype=np.int64) - least, most - least + 1
    ranks, values = pd.factorize(column, sort=True)
    return np.asarray(ranks, dtype=np.int64), max(len(values), 1)


def _only_used(column: pd.Series[Any]) -> pd.Series[Any]:
    """The same column without the categories that no row has."""
    return column.cat.remove_unused_categories() if isinstance(column.dtype, pd.CategoricalDtype) else column


def tidy(table: pd.DataFrame, measures: Sequence[str]) -> pd.DataFrame:
    """Without empty cells, sorted by the keys, numbered from 0."""
    keys = [column for column in table.columns if column not in measures]
    return _filled(table, measures).sort_values(keys, ignore_index=True)


def _filled(table: pd.DataFrame, measures: Sequence[str]) -> pd.DataFrame:
    """The rows that count something, in their order."""
    kept = table[(table[list(measures)] != 0).any(axis=1)]
    if len(kept) == len(table):
        return table
    used = {name: kept[name].cat.remove_unused_categories() for name in texts_of(kept)}
    return kept.assign(**used).reset_index(drop=True)


def texts_of(table: pd.DataFrame) -> list[str]:
    """The columns of a table that are kept as categories."""
    return [str(name) for name, kind in table.dtypes.items() if isinstance(kind, pd.CategoricalDtype)]


def in_words(table: pd.DataFrame) -> pd.DataFrame:
    """The same table, texts as texts: for what is no longer added up."""
    return table.astype(dict.fromkeys(texts_of(table), "str"))


def in_categories(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """The same table, these columns as sorted categories, whatever order they were in."""
    columns = {}
    for name in names:
        texts = pd.Categorical(table[name])
        columns[name] = texts.set_categories(pd.Index(sorted(texts.categories), dtype="str"))
    return table.assign(**columns)


def _alike(tables: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    """The tables, their columns of texts with the categories of all of them."""
    categories = {
        name: pd.Index(sorted(set().union(*(table[name].cat.categories for table in tables))), dtype="str")
        for name in texts_of(tables[0])
    }
    return [
        table.assign(**{name: table[name].cat.set_categories(of) for name, of in categories.items()})
        for table in tables
    ]


def _ranks(names: Names) -> Ints:
    """The place of each name among them all, sorted."""
    ranks = np.empty(len(names), dtype=np.int64)
    ranks[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
    return ranks


def _named(positions: Ints, names: Names) -> pd.Categorical[str] | Ints:
    if len(names) and isinstance(names[0], int):
        return np.asarray(names, dtype=np.int64)[positions]
    seen = np.flatnonzero(np.bincount(positions, minlength=len(names))).tolist()
    seen.sort(key=names.__getitem__)
    codes = np.zeros(max(len(names), 1), dtype=np.int64)
    codes[seen] = np.arange(len(seen))
    return pd.Categorical.from_codes(
        codes[positions], categories=pd.Index([str(names[n]) for n in seen], dtype="str")
    )
