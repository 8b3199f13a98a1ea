"""What a norm claims of each quarter, and whether replications show it met, missed, or do not tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from cepsim.indicators import binomial, one_sided
from cepsim.indicators.waits import Offers
from cepsim.scenario.vocabulary import OPERATORS
from cepsim.sizing.norm import Norm
from cepsim.trace import Ints

#: Quarters, counted from launch, in a year of the horizon.
_QUARTERS: Final = 4
Verdict = Literal["met", "missed", "undecided"]


@dataclass(frozen=True, slots=True)
class Claim:
    """A norm at an operator of a region for those who join in a quarter, and what was simulated of it.

    `asked` are those of whom it is known, a mean over replications; `share` were offered an appointment
    within the norm, between `low` and `high`, each a one-sided bound. `days` is the delay within which the
    norm's share of them was offered one: a mean, NaN where some replication did not offer it to so many.
    """

    norm: Norm
    operator: str
    region: str
    cohort: int
    asked: float
    share: float
    low: float
    high: float
    days: float

    @property
    def verdict(self) -> Verdict:
        """Met where the lower bound reaches the norm, missed where the upper bound does not."""
        if self.low >= self.norm.share:
            return "met"
        return "missed" if self.high < self.norm.share else "undecided"

    @property
    def reach(self) -> float:
        """How far from the share its bounds are, at most: an undecided claim is so within that much."""
        return max(self.share - self.low, self.high - self.share)

    @property
    def year(self) -> int:
        """The year of the horizon of those who join, from 0 on."""
        return self.cohort // _QUARTERS

    @property
    def slack(self) -> float:
        """By how much the lower bound passes the norm; negative where it does not reach it."""
        return self.low - self.norm.share


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """What one replication says of a norm: by operator and cohort, shape (operators, cohorts).

    `asked`, `within` and `offered` are people: all of whom it is known, those offered an appointment within
    the norm, and at all. `waited` are the working days of all of them, until offered or no longer seen;
    `days` is the delay offered to the norm's share of them, NaN if it was not.
    """

    asked: Ints
    within: Ints
    offered: Ints
    waited: Ints
    days: np.ndarray[tuple[int, int], np.dtype[np.float64]]

    @classmethod
    def of(cls, norm: Norm, offered: Offers, cohorts: int) -> Heard:
        """Count what was offered; those who join after the horizon are left out."""
        seen = offered.take(
            (offered.followed >= norm.days) & (offered.cohort >= 0) & (offered.cohort < cohorts)
        )
        shape = (len(OPERATORS), cohorts)
        place = seen.operator.astype(np.int64) * cohorts + seen.cohort
        asked = np.bincount(place, minlength=shape[0] * shape[1])
        in_time = seen.is_offered & (seen.wait <= norm.days)
        within = np.bincount(place[in_time], minlength=len(asked))
        offered_one = np.bincount(place[seen.is_offered], minlength=len(asked))
        waited = np.bincount(place, weights=seen.wait, minlength=len(asked)).astype(np.int64)
        days = np.full(len(asked), np.nan)
        # of each place, waits in order, who was offered nothing last
        waits = np.where(seen.is_offered, seen.wait.astype(np.float64), np.inf)
        order = np.lexsort((waits, place))
        first = np.concatenate([[0], np.cumsum(asked)])
        for number in np.flatnonzero(asked):
            reached = waits[order[first[number] + int(np.ceil(norm.share * asked[number])) - 1]]
            days[number] = reached if np.isfinite(reached) else np.nan
        return cls(
            asked.reshape(shape),
            within.reshape(shape),
            offered_one.reshape(shape),
            waited.reshape(shape),
            days.reshape(shape),
        )


def claims_of(norm: Norm, region: str, heard: Sequence[Heard], since: int, confidence: float) -> list[Claim]:
    """The claims of a norm from a cohort on: one an operator and quarter in which somebody asks.

    With several replications bounds are Student's; with one they are binomial, people taken one by one.
    """
    found = []
    for rank, operator in enumerate(OPERATORS):
        if not norm.concerns(operator):
            continue
        for cohort in range(since, heard[0].asked.shape[1]):
            asked = np.array([one.asked[rank, cohort] for one in heard])
            within = np.array([one.within[rank, cohort] for one in heard])[asked > 0]
            days = np.array([one.days[rank, cohort] for one in heard])[asked > 0]
            some = asked[asked > 0]
            if len(some) == 0:
                continue
            shares = within / some
            if len(some) > 1:
                spread = shares.std(ddof=1)
                low, high = one_sided(
                    shares.mean(), spread, len(some), confidence=confidence, least=0.0, greatest=1.0
                )
            else:
                low, high = binomial(within[0], some[0], confidence=confidence)
            found.append(
                Claim(
                    norm,
                    operator,
                    region,
                    cohort,
                    asked=float(asked.mean()),
                    share=float(shares.mean()),
                    low=float(low),
                    high=float(high),
                    days=float(days.mean()),
                )
            )
    return found
