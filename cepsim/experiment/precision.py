"""How many replications a wanted precision takes: rules over series of numbers, no simulation here.

A series has shape (n, k): one row a replication, in the order of their numbers, one column an indicator. The
mean of each column is precise once the half-width of its Student interval is no more than is allowed:

    half-width(n) <= max(relative x |mean(n)|, floor)

The first number of replications where this holds is often luck: it must hold over a look-ahead too. What is
said of the first n replications never depends on those that follow, nor on how many were run at once.

Sources: Hoad, K., Robinson, S. & Davies, R. 2010, "Automated selection of the number of replications for a
discrete-event simulation", Journal of the Operational Research Society 61, 1632-1644 (the rule and its
look-ahead); Welford, B. 1962, Technometrics 4, 419-420 (running variance); Dunn, O. 1961, Journal of the
American Statistical Association 56, 52-64 (several means at once, after Bonferroni).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from cepsim.indicators import ENOUGH_REPLICATIONS, FEWEST_REPLICATIONS

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Replications over which a precision must hold after it is first met, up to a hundred; in per cent beyond.
LOOK_AHEAD: Final = 5

#: How an indicator stands: precise over the look-ahead, precise but not for that long yet, not precise, or
#: without a mean because some replication has no value.
State = Literal["precise", "unconfirmed", "loose", "unreached"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What is wanted of every mean at once.

    Attributes:
        relative: widest half-width, as a part of the mean.
        risk: that any of the k intervals misses its mean; each has risk / k (Bonferroni).
        fewest: replications below which nothing is said to be precise.
    """

    relative: float
    risk: float = 0.05
    fewest: int = ENOUGH_REPLICATIONS


@dataclass(frozen=True, slots=True)
class Held:
    """A precision that holds: `since` is the first number of replications, `until` the last looked at."""

    since: int
    until: int


@dataclass(frozen=True, slots=True, eq=False)
class Running:
    """Statistics of the first 1, 2, ... n replications, shape (n, k); NaN where there is no mean."""

    mean: Floats
    half_width: Floats
    allowed: Floats

    @property
    def within(self) -> Flags:
        """Where the half-width is no more than is allowed."""
        found: Flags = self.half_width <= self.allowed
        return found

    @property
    def hopeless(self) -> Flags:
        """Where a replication had no value: there is no mean of all, and more replications bring none."""
        found: Flags = np.isnan(self.mean)
        return found


def look_ahead(n: int) -> int:
    """Replications over which a precision must hold, at n replications: f(kLimit, n) of Hoad et al. 2010.

    kLimit x max(n, 100) / 100, rounded down, n being the replications run so far.
    """
    return LOOK_AHEAD * max(n, 100) // 100


def running(series: Floats, floors: Floats, rule: Rule) -> Running:
    """Mean, half-width and widest half-width allowed after each replication.

    `series` has shape (n, k), NaN where a replication has no value; `floors` shape (k,), in the unit of each
    indicator. Half-widths are NaN below three replications, whose Student interval says nothing.
    """
    size, count = series.shape
    mean, squares = np.zeros(count), np.zeros(count)
    means, deviations = np.empty_like(series), np.empty_like(series)
    for rank, value in enumerate(series):
        step = value - mean
        mean = mean + step / (rank + 1)
        squares = squares + step * (value - mean)
        means[rank] = mean
        deviations[rank] = np.sqrt(squares / rank) if rank else np.nan
    n = np.arange(1, size + 1, dtype=np.float64)[:, None]
    freedom = np.where(n >= FEWEST_REPLICATIONS, n - 1, np.nan)
    half_width = student.ppf(1 - rule.risk / count / 2, freedom) * (deviations / np.sqrt(n))
    return Running(means, half_width, np.maximum(rule.relative * np.abs(means), floors))


def held(within: Flags, fewest: int) -> Held | None:
    """The first number of replications where a precision is met and holds over the look-ahead, or None.

    `within` has shape (n,): whether the first 1, 2, ... n replications are precise.
    """
    since = 0
    for n in range(fewest, len(within) + 1):
        if not within[n - 1]:
            since = 0
            continue
        since = since or n
        if n - since >= look_ahead(n):
            return Held(since, n)
    return None


def held_together(of: Running, fewest: int) -> Held | None:
    """The same for all indicators at once: at every number looked at, all of them are precise.

    An indicator that has no mean stops nobody: waiting for it would be in vain.
    """
    return held(_settled(of), fewest)


def kept(found: Held | None, size: int) -> int:
    """Replications that count, of `size` that were run: up to the end of the look-ahead, or all of them."""
    return found.until if found else size


def state(within: Flags, hopeless: Flags, fewest: int) -> State:
    """How an indicator stands after the last replication; both have shape (n,)."""
    if hopeless[-1]:
        return "unreached"
    since = _current(within, fewest)
    n = len(within)
    if since > n:
        return "loose"
    return "precise" if n - since >= look_ahead(n) else "unconfirmed"


def earliest(of: Running, fewest: int) -> int:
    """The fewest replications, all told, after which `held_together` may be found."""
    since = _current(_settled(of), fewest)
    until = since
    while until - since < look_ahead(until):
        until += 1
    return until


def forecast(of: Running) -> int:
    """The replications, all told, that the widest interval seems to take: widths shrink as 1 / sqrt(n)."""
    n = len(of.mean)
    if not n:
        return 0
    width, allowed = of.half_width[-1], of.allowed[-1]
    known = ~of.hopeless[-1] & (allowed > 0) & np.isfinite(width)
    return max((math.ceil(n * ratio**2) for ratio in (width[known] / allowed[known]).tolist()), default=n)


def _settled(of: Running) -> Flags:
    """Whether all indicators that have a mean are precise, shape (n,)."""
    found: Flags = np.all(of.within | of.hopeless, axis=1)
    return found


def _current(within: Flags, fewest: int) -> int:
    """The number of replications since which a precision is met without a break; the next one if none."""
    outside = np.flatnonzero(~within)
    return max(int(outside[-1]) + 2 if len(outside) else 1, fewest)
