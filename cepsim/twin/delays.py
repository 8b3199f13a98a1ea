"""From the laws of a flow to the delays of those who join: how long until the advisers reach them.

Who joins when n people are present is reached when those ahead have been called or have left. With patience
without memory the day k of it is the first with

    sum from the day of joining to k of  speed x exp(leaving x time)  >=  n - c + 1

which is the fluid limit when the law is narrow. Chance in how long those ahead take is left out.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from cepsim.compiled import compiled
from cepsim.people.demand import Floats
from cepsim.trace import Ints

#: Bins of working days; the last one has no end.
DAYS: Final = 400


def delays(
    law: Floats,
    unit: int,
    speed: Floats,
    advisers: Floats,
    patience: Floats,
    working: Ints,
    weight: Floats,
    leaving: float,
    cohort: Ints,
    cohorts: int,
) -> tuple[Floats, Floats]:
    """Who joins by delay in working days, and who gives up; shapes (cohorts, DAYS) and (cohorts,).

    `law` (D, states) of one group, `speed`, `advisers`, `patience` (D,) of it; `working` (D,): working days
    up to each day, included; `weight` (D,): who joins; `cohort` (D,): of each day, out of range: left out.
    """
    left = np.concatenate([[0.0], np.cumsum(patience)])
    reached = np.concatenate([[0.0], np.cumsum(speed * np.exp(left[:-1] + patience / 2.0))])
    return _delays(law, unit, reached, left, speed, advisers, working, weight, leaving, cohort, cohorts)


@compiled
def _delays(
    law: Floats,
    unit: int,
    reached: Floats,
    left: Floats,
    speed: Floats,
    advisers: Floats,
    working: Ints,
    weight: Floats,
    leaving: float,
    cohort: Ints,
    cohorts: int,
) -> tuple[Floats, Floats]:
    days, states = law.shape
    counts, gone = np.zeros((cohorts, DAYS)), np.zeros(cohorts)
    for day in range(days):
        c = cohort[day]
        if c < 0 or c >= cohorts or weight[day] <= 0.0:
            continue
        # half of the day is left when one joins; the law there is that between the two ends of the day
        base = (reached[day] + reached[day + 1]) / 2.0
        scale = np.exp((left[day] + left[day + 1]) / 2.0)
        before = law[day - 1] if day > 0 else law[day]
        total, k = 0.0, day
        for n in range(states):
            p = (before[n] + law[day, n]) / 2.0
            if p <= 0.0:
                continue
            total += p
            need = max(n * unit - advisers[day] + 1.0, 1e-9) * scale
            while k < days - 1 and (reached[k + 1] - base < need or speed[k] <= 0.0):
                k += 1
            counts[c, min(working[k] - working[day], DAYS - 1)] += weight[day] * p
            gone[c] += weight[day] * p * -np.expm1(-leaving * (k - day))
    return counts, gone
