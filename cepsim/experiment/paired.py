"""Means over replications of what is paired: differences between scenarios, and ratios of differences.

Replication n of every scenario has the same people with the same luck, hence values are subtracted
replication by replication, and the spread is that of the differences. With k scenarios compared to the first,
intervals hold together at 95 %: each is taken at 1 - 5 % / (k - 1) (Bonferroni).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from cepsim.indicators import ENOUGH_REPLICATIONS, FEWEST_REPLICATIONS, interval
from cepsim.indicators.estimates import Floats
from cepsim.indicators.intervals import quantile_of_student

#: Columns of every mean: what it is, between what, over how many replications, and whether they are few.
MEAN: Final = ("mean", "low", "high", "n", "indicative")
_REPLICATION: Final = "replication"


def means(
    runs: Sequence[pd.DataFrame],
    keys: Sequence[str],
    *,
    comparisons: int,
    least: float = -np.inf,
    greatest: float = np.inf,
) -> pd.DataFrame:
    """Mean over replications of `value`, with its interval clipped to what it may be, by keys.

    `runs` is a frame a replication, one row a set of keys, with the columns of `indicators.rows`: value,
    reached, additive, people. What adds up is 0 where it lacks; of anything else, `n` replications have it.
    Columns: keys, those of MEAN, and `people`, the mean of those behind the value.
    """
    is_sum = _additive(runs, keys)
    values = _values(runs, keys, is_sum)
    found = _summed(values, comparisons=comparisons, least=least, greatest=greatest)
    return found.assign(people=_mean_people(runs, keys, is_sum.index)).reset_index()


def mean_of(values: Floats, *, comparisons: int) -> pd.Series[float]:
    """The same of one quantity, from its value in each replication: what MEAN names."""
    return _summed(pd.DataFrame([values]), comparisons=comparisons).iloc[0]


def paired_differences(
    base: Sequence[pd.DataFrame],
    other: Sequence[pd.DataFrame],
    keys: Sequence[str],
    *,
    comparisons: int,
) -> pd.DataFrame:
    """Mean over replications of other - base, with its interval, by keys.

    Frames are as in `means`. What adds up is 0 where it lacks. Anything else that lacks in one of the two,
    and a quantile that is not reached in one, gives no difference for that replication: `n` counts those that
    do, and `mean` is NaN where there is none. Columns: keys, those of MEAN, and `people`, the fewer of those
    behind either value. Raises ValueError unless both have as many replications.
    """
    if len(base) != len(other):
        raise ValueError(f"{len(base)} replications cannot be paired with {len(other)}")
    is_sum = _additive([*base, *other], keys)
    first, second = (_values(runs, keys, is_sum) for runs in (base, other))
    people = np.minimum(*(_mean_people(runs, keys, is_sum.index) for runs in (base, other)))
    return _summed(second - first, comparisons=comparisons).assign(people=people).reset_index()


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio of means and its bounds, NaN where there is none; `defined` unless its base may be 0."""

    value: float
    low: float
    high: float
    defined: bool


#: No ratio.
NO_RATIO: Final = Ratio(np.nan, np.nan, np.nan, defined=False)


def ratio_of_means(numerator: Floats, denominator: Floats, *, comparisons: int) -> Ratio:
    """Mean of the numerators over mean of the denominators, paired by replication; shape (replications,).

    The interval is Fieller's: the ratios R for which the mean of numerator - R × denominator is not told from
    0. It is bounded only if the interval of the mean denominator leaves 0 out; else the ratio is not defined.
    Under three replications there is no interval, and the ratio is defined if all denominators have one sign.
    Source: Fieller 1954, Some problems in interval estimation, J. R. Stat. Soc. B 16(2), 175-185.
    """
    n = len(numerator)
    top, bottom = float(numerator.mean()), float(denominator.mean())
    if n < FEWEST_REPLICATIONS:
        defined = bool((denominator > 0).all() or (denominator < 0).all())
        return Ratio(top / bottom, np.nan, np.nan, defined=True) if defined else NO_RATIO
    reach = float(quantile_of_student(n, comparisons)) ** 2 / n
    (top_2, both), (_, bottom_2) = np.cov(numerator, denominator, ddof=1).tolist()
    # a R² - 2 b R + c <= 0; b² - a c is written so that nothing cancels where nothing varies
    a, b = bottom**2 - reach * bottom_2, top * bottom - reach * both
    if a <= 0.0:
        return NO_RATIO
    varies = bottom**2 * top_2 - 2.0 * top * bottom * both + top**2 * bottom_2
    half = float(np.sqrt(max(reach * (varies - reach * (top_2 * bottom_2 - both**2)), 0.0)))
    return Ratio(top / bottom, (b - half) / a, (b + half) / a, defined=True)


def _additive(runs: Sequence[pd.DataFrame], keys: Sequence[str]) -> pd.Series[bool]:
    """By keys met in any of these frames, in order: whether their value adds up."""
    return pd.concat(list(runs)).groupby(list(keys))["additive"].first().astype(bool)


def _values(runs: Sequence[pd.DataFrame], keys: Sequence[str], is_sum: pd.Series[bool]) -> pd.DataFrame:
    """One row a set of keys, those of `is_sum`, one column a replication; NaN where nothing is known."""
    named = pd.concat([frame.assign(**{_REPLICATION: n}) for n, frame in enumerate(runs)])
    values = named["value"].where(named["reached"].astype(bool)).astype("float64")
    indexed = values.set_axis(pd.MultiIndex.from_frame(named[[*keys, _REPLICATION]]))
    wide = pd.DataFrame(indexed.unstack(_REPLICATION))  # noqa: PD010 - a key is there once a replication
    wide = wide.reindex(index=is_sum.index, columns=range(len(runs)))
    return wide.mask(is_sum.to_numpy()[:, None] & wide.isna().to_numpy(), 0.0)


def _mean_people(runs: Sequence[pd.DataFrame], keys: Sequence[str], every: pd.Index) -> Floats:
    sums = pd.concat(list(runs)).groupby(list(keys))["people"].sum().reindex(every)
    return np.asarray(sums.fillna(0.0) / len(runs), dtype=np.float64)


def _summed(
    values: pd.DataFrame, *, comparisons: int, least: float = -np.inf, greatest: float = np.inf
) -> pd.DataFrame:
    n = values.count(axis=1)
    mean, deviation = values.mean(axis=1), values.std(axis=1, ddof=1)
    low, high = interval(mean, deviation, n, least=least, greatest=greatest, comparisons=comparisons)
    return pd.DataFrame(
        {"mean": mean, "low": low, "high": high, "n": n, "indicative": n < ENOUGH_REPLICATIONS},
        index=values.index,
    )
