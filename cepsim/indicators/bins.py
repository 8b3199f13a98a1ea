"""The bins in which waits are counted: fine where waits are short, whole days where they are long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from cepsim.people.cells import reached
from cepsim.trace import Ints, Wholes
from cepsim.units import SECONDS_PER_DAY, SECONDS_PER_HOUR, SECONDS_PER_MINUTE

_YEARS: Final = 4
_DAYS: Final = 365 * _YEARS + 1
_WEEKDAYS: Final = 261 * _YEARS


@dataclass(frozen=True, slots=True, eq=False)
class Bins:
    """Consecutive bins: bin i is [lower[i], lower[i + 1]), the last one has no end.

    `lower` is int64, shape (bins,), in `unit`, beginning at 0. `whole` says that every bin but the last
    holds a single whole value.
    """

    unit: Literal["seconds", "working_days"]
    lower: Ints
    whole: bool

    def __len__(self) -> int:
        """Number of bins."""
        return len(self.lower)

    def of(self, values: Wholes) -> Ints:
        """The bin of each value. Raises ValueError where a value is negative."""
        if len(values) and int(values.min()) < 0:
            raise ValueError(f"a wait is not negative, found {int(values.min())} {self.unit}")
        return np.minimum(values, len(self) - 1) if self.whole else reached(self.lower, values) - 1


def _seconds() -> Ints:
    minutes = np.arange(1, 120) * SECONDS_PER_MINUTE
    hours = np.arange(2, 72) * SECONDS_PER_HOUR
    days = np.arange(3, _DAYS + 1) * SECONDS_PER_DAY
    # those who do not wait at all are a bin of their own: their share is exact
    return np.concatenate([[0, 1], minutes, hours, days]).astype(np.int64)


#: No wait at all, minutes to two hours, hours to three days, days to four years, beyond.
SECONDS: Final = Bins("seconds", _seconds(), whole=False)
#: Working days to four years, beyond.
WORKING_DAYS: Final = Bins("working_days", np.arange(_WEEKDAYS + 1, dtype=np.int64), whole=True)
