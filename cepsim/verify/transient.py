"""Laws of the number present before a system is stationary, from Kolmogorov's equations.

Time has any unit; rates are per unit of it. `rates` are (time from which, arrivals), in order, the first at
0; `servers` a number, or (time from which, number).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import integrate
from scipy.sparse import linalg

from cepsim.verify.markov import Floats, generator

Rates = Sequence[tuple[float, float]]


def transient_law(rates: Rates, service: float, servers: int, present: int, time: float) -> Floats:
    """Law of the number present at a time in M(t)/M/c from `present` people at 0, by integration."""
    states = _states(rates, present, time)
    leaving = np.minimum(np.arange(states), servers) * service
    law = np.zeros(states)
    law[present] = 1.0
    starts = [start for start, _ in rates if start < time]
    for start, stop, (_, rate) in zip(starts, [*starts[1:], time], rates, strict=False):

        def slope(_: float, p: Floats, rate: float = rate) -> Floats:
            # at the last state nobody comes, so that the law keeps its sum
            up, down = rate * p[:-1], leaving[1:] * p[1:]
            change = np.zeros_like(p)
            change[:-1] += down - up
            change[1:] += up - down
            return change

        solved = integrate.solve_ivp(
            slope, (start, stop), law, method="LSODA", lband=1, uband=1, rtol=1e-9, atol=1e-13
        )
        law = np.asarray(solved.y[:, -1], dtype=np.float64)
    return law


def transient_mean(rates: Rates, service: float, servers: int, present: int, time: float) -> float:
    """Mean number present at a time in M(t)/M/c from `present` people at 0."""
    law = transient_law(rates, service, servers, present, time)
    return float(np.arange(len(law)) @ law)


def transient_busy(rates: Rates, service: float, servers: int, present: int, time: float) -> float:
    """Chance that every server is busy at a time in M(t)/M/c from `present` people at 0."""
    return float(transient_law(rates, service, servers, present, time)[servers:].sum())


@dataclass(frozen=True, slots=True)
class Staffed:
    """A system whose staff changes, at a time: mean number present, mean number waiting."""

    present: float
    waiting: float


def changing_staff(rates: Rates, service: float, staff: Rates, time: float) -> Staffed:
    """M(t)/M/c(t) from nobody at 0, where a service that has begun is finished.

    When staff falls, more may be busy than are on duty until they are done; when it rises, people are called
    in at once. The law of (busy, waiting) goes through the exponential of its generator between two changes
    of either (Massey and Whitt 1998 on such systems; Al-Mohy and Higham 2011 on the exponential).
    """
    most, line = int(max(number for _, number in staff)), _states(rates, 0, time)
    busy, waiting = np.divmod(np.arange((most + 1) * line, dtype=np.int64), line)
    state = np.arange(len(busy), dtype=np.int64)
    law: Floats = np.eye(1, len(busy))[0]
    dates = sorted({start for start, _ in (*rates, *staff) if start < time} | {0.0})
    for start, stop in pairwise([*dates, time]):
        rate, servers = _at(rates, start), int(_at(staff, start))
        called = np.clip(servers - busy, 0, waiting)
        after = (busy + called) * line + waiting - called
        law = np.asarray(np.bincount(after, weights=law, minlength=len(law)), dtype=np.float64)
        free, full = busy < servers, busy >= servers
        goes_on = (busy <= servers) & (waiting > 0)
        moves = [
            (state, state + line, rate * free),
            (state, state + 1, rate * (full & (waiting < line - 1))),
            (state, state - 1, service * busy * goes_on),
            (state, state - line, service * busy * ~goes_on),
        ]
        # moves out of states that nothing leads to are dropped with them
        reached = (waiting == 0) | full
        kept = [(a, b, speed * reached) for a, b, speed in moves]
        law = np.asarray(linalg.expm_multiply(generator(len(state), kept) * (stop - start), law))
    return Staffed(float((busy + waiting) @ law), float(waiting @ law))


def _states(rates: Rates, present: int, time: float) -> int:
    """States enough for everybody who may come."""
    most = max(rate for _, rate in rates) * time
    return int(present + most + 10.0 * math.sqrt(most)) + 20


def _at(steps: Rates, time: float) -> float:
    """The value of a step function at a time."""
    return [value for start, value in steps if start <= time][-1]
