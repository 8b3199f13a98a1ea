"""From the counts of each replication to one figure with its uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from cepsim.indicators.activity import backlog, coverage, exits, funnel, hours, load, volumes
from cepsim.indicators.aims import aims
from cepsim.indicators.attributes import attributes
from cepsim.indicators.counts import Counts
from cepsim.indicators.delays import delays, losses, within_norm
from cepsim.indicators.equity import equity
from cepsim.indicators.intervals import ENOUGH_REPLICATIONS, interval
from cepsim.indicators.rows import KEYS, together

#: Indicators are amounts, and shares are parts of a whole.
_LEAST: Final = 0.0
_GREATEST_SHARE: Final = 1.0


def indicators(counts: Counts, stocks: pd.DataFrame) -> pd.DataFrame:
    """Every indicator of one run, as `rows`; `stocks` are persons, regions by publics."""
    found = together(
        [
            delays(counts),
            within_norm(counts),
            losses(counts),
            volumes(counts),
            aims(counts),
            funnel(counts),
            attributes(counts),
            coverage(counts, stocks),
            exits(counts),
            backlog(counts),
            hours(counts),
            load(counts),
        ]
    )
    return together([found, equity(found)])


def summary_of(runs: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Every indicator over replications, from what `indicators` gives of each.

    Columns: the keys of `rows`, unit, mean, low, high (95 % Student interval of the mean, clipped, absent
    below three replications: see `intervals`), n (replications that have the row), indicative (fewer than
    5), beyond and people (mean).
    Where a quantile is not reached in every replication, mean, low and high are absent and `beyond` is a
    value that none of them is below: it is printed "> beyond".
    """
    if not runs:
        raise ValueError("a summary needs at least one replication")
    every = pd.concat(runs, ignore_index=True)
    keys = [*KEYS, "unit"]
    groups = every.groupby(keys, sort=True)
    found = groups.agg(
        seen=("value", "size"),
        total=("value", "sum"),
        least=("value", "min"),
        reached=("reached", "all"),
        additive=("additive", "all"),
        people=("people", "sum"),
    ).reset_index()
    # what adds up is 0 where it is not there; a ratio is not
    n = np.where(found["additive"], len(runs), found["seen"])
    mean = found["total"].to_numpy() / n
    squares = every.assign(square=(every["value"] - mean[groups.ngroup().to_numpy()]) ** 2)
    spread = squares.groupby(keys, sort=True)["square"].sum().to_numpy()
    spread = spread + (n - found["seen"].to_numpy()) * mean**2
    greatest = np.where(found["unit"] == "share", _GREATEST_SHARE, np.inf)
    deviation = np.sqrt(spread / np.maximum(n - 1, 1))
    # the nine tenths of something are never under its tenth
    spreads = found["indicator"].str.startswith("p90_p10_")
    low, high = interval(mean, deviation, n, least=np.where(spreads, 1.0, _LEAST), greatest=greatest)
    known = found["reached"].to_numpy(dtype=bool)
    found["mean"] = np.where(known, mean, np.nan)
    found["low"] = np.where(known, low, np.nan)
    found["high"] = np.where(known, high, np.nan)
    found["n"] = n.astype(np.int64)
    found["indicative"] = n < ENOUGH_REPLICATIONS
    found["beyond"] = np.where(known, np.nan, found["least"])
    found["people"] = found["people"] / n
    return found[[*keys, "mean", "low", "high", "n", "indicative", "beyond", "people"]]
