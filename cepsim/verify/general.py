"""Exact values of queues with other laws of service or of arrival, of classes of people, of group sessions.

Time has any unit; rates are per unit of it. `arrivals` is the rate of a Poisson process unless said
otherwise, `service` the rate of an exponential law, `servers` a whole number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from scipy import linalg, optimize, stats

from cepsim.verify.erlang import erlang_c
from cepsim.verify.markov import NEGLIGIBLE, Floats, stationary_chain


def pollaczek_khinchine(arrivals: float, mean: float, second_moment: float) -> float:
    """Mean wait in M/G/1, from the first two moments of the service."""
    return arrivals * second_moment / (2.0 * (1.0 - arrivals * mean))


def second_moment(mean: float, variation: float) -> float:
    """Second moment of a law of this mean and coefficient of variation."""
    return mean**2 * (1.0 + variation**2)


def mdc(arrivals: float, length: float, servers: int) -> tuple[float, float]:
    """Mean wait and share who do not wait in M/D/c (Crommelin 1932).

    After one service time everybody in service has gone: N' = max(N - c, 0) + Poisson.
    """
    load = arrivals * length
    law = _left_over_law(load, servers)
    queue = float(np.maximum(np.arange(len(law)) - servers, 0) @ law)
    return queue / arrivals, float(law[:servers].sum())


def _left_over_law(load: float, taken: int) -> Floats:
    """Stationary law of N' = max(N - taken, 0) + Poisson(load)."""
    # the tail is geometric: z**-n, with z > 1 the root of z**taken = exp(load (z - 1))
    root = optimize.brentq(
        lambda z: taken * math.log(z) - load * (z - 1.0), 1.0 + 1e-9, 100.0 * taken / load, xtol=1e-12
    )
    states = int(taken + load - math.log(NEGLIGIBLE) / math.log(root)) + 1
    arriving = stats.poisson.pmf(np.arange(states), load)
    moves = np.zeros((states, states))
    for present in range(states):
        left = max(present - taken, 0)
        moves[present, left:] = arriving[: states - left]
        moves[present, -1] += 1.0 - moves[present].sum()
    return stationary_chain(moves)


def dmc(interval: float, service: float, servers: int) -> tuple[float, float]:
    """Mean wait and share who wait where one customer comes at each interval (D/M/c).

    The number found at an arrival is a chain: a pure death process runs between two of them.
    """
    load = 1.0 / (interval * service)
    root = optimize.brentq(
        lambda s: s - math.exp(-servers * service * (1.0 - s) * interval), 0.0, 1.0 - 1e-6, xtol=1e-15
    )
    states = servers + int(load - math.log(NEGLIGIBLE) / -math.log(root)) + 1
    present = np.arange(states + 1)
    leaving = np.minimum(present, servers) * service
    deaths = np.diag(-leaving) + np.diag(leaving[1:], -1)
    kept = linalg.expm(deaths * interval)
    moves = kept[1:, :states].copy()
    moves[-1] = kept[-1, :states] + np.eye(states)[-1] * kept[-1, states]
    law = stationary_chain(moves)
    ahead = np.maximum(np.arange(states) - servers + 1, 0)
    return float(ahead @ law) / (servers * service), float(law[servers:].sum())


def renewal_m1(transform: Callable[[float], float], service: float) -> tuple[float, float]:
    """Mean wait and share who wait in GI/M/1 (Kendall 1953).

    `transform` is the Laplace transform of the time between two arrivals: E exp(-s time).
    """
    root = optimize.brentq(lambda s: s - transform(service * (1.0 - s)), 0.0, 1.0 - 1e-6, xtol=1e-15)
    return float(root / (service * (1.0 - root))), float(root)


def hyper_exponential(shares: Sequence[float], means: Sequence[float]) -> Callable[[float], float]:
    """Laplace transform of a mixture of exponential laws."""
    return lambda s: sum(share / (1.0 + s * mean) for share, mean in zip(shares, means, strict=True))


def priority_waits(arrivals: Sequence[float], mean: float, second_moment: float) -> list[float]:
    """Mean wait of each class, first class first, in M/G/1 without interruption (Cobham 1954)."""
    residual = sum(arrivals) * second_moment / 2.0
    before = np.concatenate([[0.0], np.cumsum(np.array(arrivals) * mean)])
    return [float(residual / ((1.0 - a) * (1.0 - b))) for a, b in pairwise(before)]


def priority_waits_pool(arrivals: Sequence[float], service: float, servers: int) -> list[float]:
    """The same in M/M/c with one law of service (Kella and Yechiali 1985)."""
    waiting = erlang_c(sum(arrivals) / service, servers) / (servers * service)
    before = np.concatenate([[0.0], np.cumsum(np.array(arrivals) / (servers * service))])
    return [float(waiting / ((1.0 - a) * (1.0 - b))) for a, b in pairwise(before)]


def preemptive_times(arrivals: Sequence[float], service: float) -> list[float]:
    """Mean time in system of each class in M/M/1 where the first class interrupts the second."""
    before = np.concatenate([[0.0], np.cumsum(np.array(arrivals) / service)])
    residual = np.cumsum(np.array(arrivals)) / service**2
    return [
        float((1.0 / service) / (1.0 - a) + r / ((1.0 - a) * (1.0 - b)))
        for (a, b), r in zip(pairwise(before), residual, strict=True)
    ]


def sessions(arrivals: float, period: float, seats: int) -> tuple[float, float]:
    """Mean number left over after a session, and mean wait for one.

    A session of `seats` every period. Just after it X' = max(X + Poisson - seats, 0); those who wait are
    X, then come evenly over the period; Little gives the wait.
    """
    load = arrivals * period
    before = _left_over_law(load, seats)
    left = float(np.maximum(np.arange(len(before)) - seats, 0) @ before)
    return left, (left + load / 2.0) / arrivals
