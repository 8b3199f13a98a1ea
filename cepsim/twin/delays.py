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
from cepsim.twin.flow import Flow

#: Bins of working days; the last one has no end.
DAYS: Final = 400


def delays(
    flow: Flow,
    group: int,
    working: Ints,
    weight: Floats,
    leaving: float,
    cohort: Ints,
    cohorts: int,
) -> tuple[Floats, Floats]:
    """Who joins by delay in working days, and who gives up; shapes (cohorts, DAYS) and (cohorts,).

    They join a group of `flow`; `working` (D,): working days up to each day, included; `weight` (D,): who
    joins; `leaving`: how fast they leave, a day; `cohort` (D,): of each day, out of range: left out.
    """
    speed, patience = flow.speed[group], flow.leaving[group]
    left = np.concatenate([[0.0], np.cumsum(patience)])
    reached = np.concatenate([[0.0], np.cumsum(speed * np.exp(left[:-1] + patience / 2.0))])
    begins, ends = (np.ascontiguousarray(at[:, group]) for at in (flow.begins, flow.ends))
    return _delays(
        flow.laws, begins, ends, int(flow.unit[group]), reached, left, speed, flow.advisers[group], working,
        weight, leaving, cohort, cohorts,
    )  # fmt: skip


@compiled
def _delays(
    laws: Floats,
    begins: Ints,
    ends: Ints,
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
    days = len(begins)
    counts, gone = np.zeros((cohorts, DAYS)), np.zeros(cohorts)
    for day in range(days):
        c = cohort[day]
        if c < 0 or c >= cohorts or weight[day] <= 0.0:
            continue
        # half of the day is left when one joins; the law there is that between the two ends of the day
        base = (reached[day] + reached[day + 1]) / 2.0
        scale = np.exp((left[day] + left[day + 1]) / 2.0)
        before = max(day - 1, 0)
        states, states_before = ends[day] - begins[day], ends[before] - begins[before]
        k, last, lost = day, -1, 0.0
        for n in range(max(states, states_before)):
            p = (laws[begins[before] + n] if n < states_before else 0.0) / 2.0
            p += (laws[begins[day] + n] if n < states else 0.0) / 2.0
            if p <= 0.0:
                continue
            need = max(n * unit - advisers[day] + 1.0, 1e-9) * scale
            while k < days - 1 and (reached[k + 1] - base < need or speed[k] <= 0.0):
                k += 1
            if k != last:
                last, lost = k, -np.expm1(-leaving * (k - day))
            counts[c, min(working[k] - working[day], DAYS - 1)] += weight[day] * p
            gone[c] += weight[day] * p * lost
    return counts, gone
