"""Results as a store keeps them, with the columns that its documentation gives, and no simulation."""

from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd

from cepsim.experiment.pipeline import Measured
from cepsim.experiment.store import Store
from cepsim.indicators import Counts, Window
from cepsim.indicators.counts import MEASURES_OF

ABOUT: dict[str, str | int] = {
    "scenario": "central",
    "replication": 3,
    "shard": "94",
    "regions": "94,53",
    "seed": 2013,
    "tables_sha256": "ab" * 32,
}
_NUMBERS = ("year", "cohort", "bin", "day", "admitted", "has")
_MEASURES = {**MEASURES_OF, "quantities": ("value", "people")}


@cache
def documented() -> dict[str, tuple[list[str], str]]:
    """The keys of each table and what is said of its measures, from the text that a store carries."""
    text = files("cepsim.experiment").joinpath("STORE.md").read_text(encoding="utf-8")
    rows = [line.strip("|").split("|") for line in text.partition("## Tables")[2].splitlines() if "|" in line]
    return {name.strip(): (keys.strip().split(", "), said) for name, keys, said in rows[2:]}


def measured(seed: int = 1, rows: int = 20) -> Measured:
    """Tables of `rows` rows of any numbers."""
    drawn = np.random.default_rng(seed)
    tables = {
        name: pd.DataFrame(
            {
                **{key: _keys(key, drawn, rows) for key in documented()[name][0]},
                **{measure: drawn.integers(0, 2**40, rows) for measure in measures},
            }
        )
        for name, measures in _MEASURES.items()
    }
    quantities = tables.pop("quantities")
    window = Window(date(2015, 1, 1), (0, 31_536_000), (0, 7_776_000, 31_536_000), 31_536_000, 10)
    return Measured(Counts(window, **tables), quantities, people=1000 + seed, visits=5000 + seed)


def _keys(name: str, drawn: np.random.Generator, rows: int) -> list[str] | np.ndarray:
    numbers = drawn.integers(-1, 2020, rows)
    return numbers if name in _NUMBERS else [f"{name}, « à l'été » n° {n}" if n % 9 else "" for n in numbers]


def same(one: Measured | None, other: Measured) -> bool:
    """Whether both hold the same numbers in columns of the same types."""
    if one is None:
        return False
    frames = [
        *((one.counts.tables[name], table) for name, table in other.counts.tables.items()),
        (one.quantities, other.quantities),
    ]
    return (
        one.counts.equals(other.counts)
        and (one.people, one.visits) == (other.people, other.visits)
        and all(a.equals(b) and a.dtypes.equals(b.dtypes) and a.index.equals(b.index) for a, b in frames)
    )


def key_of(number: int) -> str:
    return f"{number:032x}"


# -- what other processes do: here, since an installed package may be called `tests`, but none `stored` ----


def put_for_ever(folder: Path, ready) -> None:
    store, units = Store(folder), [measured(number, rows=2000) for number in range(3)]
    for number in range(10**9):
        store.put(key_of(number), units[number % 3], {**ABOUT, "replication": number})
        ready.set()


def put_many(folder: Path, barrier) -> None:
    store, unit = Store(folder), measured()
    for number in range(8):
        barrier.wait()
        store.put(key_of(number), unit, ABOUT)
        assert same(store.get(key_of(number)), unit)
    assert store.damaged == []
