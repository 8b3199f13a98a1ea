"""What a backtest is worth, in a few numbers computed from its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

#: A median ratio further than this from 1, either way, is a poor fit, whatever falls inside; ratios of the
#: first and last year so far apart are a trend that the model misses. Conventions.
_NEAR: Final = 1.25


@dataclass(frozen=True, slots=True)
class Verdict:
    """Counts and ratios over the comparable rows of a backtest; NaN where there is no row.

    Attributes:
        comparable, inside: rows, and those whose prediction meets what was published.
        unused: rows that were not used to calibrate.
        median, median_before: of the ratios of unused rows, as calibrated and at the modes of the tables.
        first_year, first, last_year, last: the median ratio of the first and of the last year.
    """

    comparable: int
    inside: int
    unused: int
    median: float
    median_before: float
    first_year: int
    first: float
    last_year: int
    last: float

    @property
    def is_poor(self) -> bool:
        """Fewer than half inside, a median ratio that is far from 1, or a trend that is missed."""
        far = not 1.0 / _NEAR <= self.median <= _NEAR if self.unused else False
        return 2 * self.inside < self.comparable or far or self.trend is not None

    @property
    def trend(self) -> bool | None:
        """Whether what was published rises more than what is predicted; None where they go together."""
        apart = self.first / self.last
        return None if 1.0 / _NEAR <= apart <= _NEAR else apart > 1.0


def verdict(frame: pd.DataFrame) -> Verdict:
    """The verdict on `Backtest.frame`. Raises ValueError where no row is comparable."""
    rows = frame[frame["comparable"]]
    if rows.empty:
        raise ValueError("no row of this backtest is comparable")
    unused = rows[~rows["calibrated_on"]]
    before = unused["predicted_before"] / unused["realised"]
    by_year = rows.groupby(rows["year"].astype(int))["ratio"].median()
    return Verdict(
        comparable=len(rows),
        inside=int(rows["inside"].sum()),
        unused=len(unused),
        median=float(unused["ratio"].median()) if len(unused) else float(np.nan),
        median_before=float(before.median()) if len(unused) else float(np.nan),
        first_year=int(by_year.index[0]),
        first=float(by_year.iloc[0]),
        last_year=int(by_year.index[-1]),
        last=float(by_year.iloc[-1]),
    )
