"""Waits counted in bins, from people told one by one."""

import numpy as np

from cepsim.indicators.bins import Bins
from cepsim.indicators.estimates import Curves

CALLED, LOST, CENSORED = 0, 1, 2
DAYS = Bins("working_days", np.arange(40, dtype=np.int64), whole=True)


def curves(*people, bins=DAYS):
    """Curves of one group of (entry, wait, end)."""
    counts = np.zeros((4, 1, len(bins)), dtype=np.int64)
    for entry, wait, end in people:
        counts[0, 0, bins.of(np.array([entry]))] += 1
        counts[1 + end, 0, bins.of(np.array([wait]))] += 1
    return Curves.of(*counts)
