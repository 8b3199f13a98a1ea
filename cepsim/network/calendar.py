"""Opening hours, and staff on duty from full-time equivalents.

An opening is [opens, closes) in integer seconds from 00:00 of launch day. Days have 86 400 s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cepsim.trace import Ints
from cepsim.units import SECONDS_PER_DAY


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """Openings in order; `opens` and `closes` are int64 of one shape (openings,)."""

    opens: Ints
    closes: Ints

    @property
    def days(self) -> Ints:
        """The day (launch day is 0) of each opening."""
        return self.opens // SECONDS_PER_DAY

    @classmethod
    def together(cls, several: Sequence[Calendar]) -> Calendar:
        """The openings of several calendars that never open at once, in order."""
        opens = np.concatenate([calendar.opens for calendar in several])
        order = np.argsort(opens, kind="stable")
        return cls(opens[order], np.concatenate([calendar.closes for calendar in several])[order])

    def since(self, second: int) -> Calendar:
        """The openings that begin at a second or later."""
        later = self.opens >= second
        return Calendar(self.opens[later], self.closes[later])

    def merged(self) -> Calendar:
        """The same hours, where openings that touch are one: nothing closes between them."""
        if len(self.opens) == 0:
            return self
        touching = self.opens[1:] == self.closes[:-1]
        return Calendar(
            self.opens[np.concatenate([[True], ~touching])], self.closes[np.concatenate([~touching, [True]])]
        )

    def open_seconds(self, begin: int, end: int) -> int:
        """Seconds of opening in [begin, end)."""
        return int(np.maximum(np.minimum(self.closes, end) - np.maximum(self.opens, begin), 0).sum())


def always_open(begin: int, end: int) -> Calendar:
    """A place that never closes between two dates."""
    return Calendar(np.array([begin], dtype=np.int64), np.array([end], dtype=np.int64))


def weekly_calendar(open_days: Ints, hours: list[tuple[int, int]]) -> Calendar:
    """The same hours on every open day.

    `open_days` are day numbers in order; `hours` are (opens, closes) in seconds from midnight, in order.
    """
    begins = np.array([begin for begin, _ in hours], dtype=np.int64)
    ends = np.array([end for _, end in hours], dtype=np.int64)
    base = open_days[:, None] * SECONDS_PER_DAY
    return Calendar((base + begins).reshape(-1), (base + ends).reshape(-1))


def van_der_corput(ranks: Ints) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The base-2 van der Corput sequence at these ranks, in [0, 1): bits mirrored at the binary point."""
    remaining, value, digit = ranks.astype(np.int64).copy(), np.zeros(len(ranks)), 0.5
    while remaining.any():
        value += digit * (remaining & 1)
        remaining >>= 1
        digit /= 2
    return value


def on_duty(capacity: np.ndarray[tuple[int], np.dtype[np.float64]], shift: float) -> Ints:
    """Whole advisers on duty each open day: floor(c + u), exact in the long run, monotone in c.

    `capacity` has shape (open days,): mean advisers wanted on each. `shift` in [0, 1) is the team's own.
    """
    sequence = (van_der_corput(np.arange(len(capacity), dtype=np.int64)) + shift) % 1.0
    return np.floor(capacity + sequence).astype(np.int64)
