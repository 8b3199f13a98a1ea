"""Exact values of known queues: what an engine must give, up to chance.

Time has any unit; rates are per unit of it. `arrivals` is the rate of a Poisson process unless said
otherwise, `service` the rate of an exponential law (mean 1 / service), `servers` a whole number. Infinite
state spaces are cut where what lies beyond has a probability under 1e-13.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import integrate, linalg, optimize, sparse, stats

Floats = NDArray[np.float64]

#: Probability beyond which a state space is cut.
_NEGLIGIBLE = 1e-14


# -- Chains --------------------------------------------------------------------------------------------


def birth_death(births: Floats, deaths: Floats) -> Floats:
    """Stationary law of a birth-death process; `births[n]` leads from n to n + 1, `deaths[n]` back."""
    weights = np.concatenate([[0.0], np.cumsum(np.log(births) - np.log(deaths))])
    law = np.exp(weights - weights.max())
    return np.asarray(law / law.sum(), dtype=np.float64)


def stationary(moves: Floats) -> Floats:
    """Stationary law of a Markov chain with one closed class, from its matrix of probabilities."""
    states = len(moves)
    equations = np.vstack([(moves.T - np.eye(states))[:-1], np.ones(states)])
    return np.asarray(np.linalg.solve(equations, np.eye(states)[-1]), dtype=np.float64)


def number_present(
    arrivals: float, service: float, servers: int, states: int, leaving: float = 0.0
) -> Floats:
    """Law of the number present in M/M/c, with at most `states` - 1 people.

    Whoever waits gives up at rate `leaving` (Erlang-A).
    """
    later = np.arange(1, states)
    deaths = np.minimum(later, servers) * service + np.maximum(later - servers, 0) * leaving
    return birth_death(np.full(states - 1, arrivals), deaths)


# -- Erlang --------------------------------------------------------------------------------------------


def erlang_b(load: float, servers: int) -> float:
    """Share of customers lost by M/G/c/c; `load` in servers."""
    blocked = 1.0
    for rank in range(1, servers + 1):
        blocked = load * blocked / (rank + load * blocked)
    return blocked


def erlang_c(load: float, servers: int) -> float:
    """Share of customers who wait in M/M/c."""
    blocked = erlang_b(load, servers)
    return servers * blocked / (servers - load * (1.0 - blocked))


def mmc_mean_wait(arrivals: float, service: float, servers: int) -> float:
    """Mean wait in M/M/c, those who do not wait included."""
    return erlang_c(arrivals / service, servers) / (servers * service - arrivals)


def mmc_mean_queue(arrivals: float, service: float, servers: int) -> float:
    """Mean number waiting in M/M/c (Little)."""
    return arrivals * mmc_mean_wait(arrivals, service, servers)


def mmc_wait_beyond(arrivals: float, service: float, servers: int, wait: float) -> float:
    """Share who wait longer than this, first come first served."""
    return erlang_c(arrivals / service, servers) * math.exp(-(servers * service - arrivals) * wait)


def mmc_wait_quantile(arrivals: float, service: float, servers: int, share: float) -> float:
    """The wait that this share of customers does not exceed; 0 where fewer wait."""
    waiting = erlang_c(arrivals / service, servers)
    return max(0.0, math.log(waiting / (1.0 - share)) / (servers * service - arrivals))


@dataclass(frozen=True, slots=True)
class Impatient:
    """A queue that people leave: share who give up, share who do not start at once, mean time in queue."""

    give_up: float
    wait: float
    time_in_queue: float


def erlang_a(arrivals: float, service: float, servers: int, leaving: float) -> Impatient:
    """M/M/c with exponential patience of rate `leaving` (Garnett, Mandelbaum, Reiman 2002)."""
    far = servers + int(arrivals / leaving + 40.0 * math.sqrt(arrivals / leaving) + 200)
    law = number_present(arrivals, service, servers, far, leaving)
    queue = float(np.arange(far - servers) @ law[servers:])
    return Impatient(leaving * queue / arrivals, float(law[servers:].sum()), queue / arrivals)


def constant_patience(arrivals: float, service: float, servers: int, patience: float) -> Impatient:
    """M/M/c where everybody gives up after the same time (Baccelli and Hebuterne 1981).

    The wait offered has the density a p(c-1) exp(-(c s - a) x) up to the patience and
    a p(c-1) exp(a D - c s x) beyond, p(n) being the probability of n people present.
    """
    load, drain = arrivals / service, servers * service
    empty_or_free = np.array([math.exp(n * math.log(load) - math.lgamma(n + 1)) for n in range(servers)])
    entering = arrivals * float(empty_or_free[-1])

    def density(wait: float) -> float:
        return entering * math.exp(arrivals * min(wait, patience) - drain * wait)

    before = integrate.quad(density, 0.0, patience)[0]
    beyond = density(patience) / drain
    total = float(empty_or_free.sum()) + before + beyond
    inside = integrate.quad(lambda wait: wait * density(wait), 0.0, patience)[0]
    time_in_queue = (inside + patience * beyond) / total
    return Impatient(float(beyond / total), float((before + beyond) / total), float(time_in_queue))


def mmck(arrivals: float, service: float, servers: int, places: int) -> tuple[float, float]:
    """Mean number present and share turned away where at most `places` people are present."""
    law = number_present(arrivals, service, servers, places + 1)
    return float(np.arange(places + 1) @ law), float(law[-1])


# -- Other laws of service and of arrival --------------------------------------------------------------


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
    states = int(taken + load - math.log(_NEGLIGIBLE) / math.log(root)) + 1
    arriving = stats.poisson.pmf(np.arange(states), load)
    moves = np.zeros((states, states))
    for present in range(states):
        left = max(present - taken, 0)
        moves[present, left:] = arriving[: states - left]
        moves[present, -1] += 1.0 - moves[present].sum()
    return stationary(moves)


def dmc(interval: float, service: float, servers: int) -> tuple[float, float]:
    """Mean wait and share who wait where one customer comes at each interval (D/M/c).

    The number found at an arrival is a chain: a pure death process runs between two of them.
    """
    load = 1.0 / (interval * service)
    root = optimize.brentq(
        lambda s: s - math.exp(-servers * service * (1.0 - s) * interval), 0.0, 1.0 - 1e-6, xtol=1e-15
    )
    states = servers + int(load - math.log(_NEGLIGIBLE) / -math.log(root)) + 1
    present = np.arange(states + 1)
    leaving = np.minimum(present, servers) * service
    deaths = np.diag(-leaving) + np.diag(leaving[1:], -1)
    kept = linalg.expm(deaths * interval)
    moves = kept[1:, :states].copy()
    moves[-1] = kept[-1, :states] + np.eye(states)[-1] * kept[-1, states]
    law = stationary(moves)
    ahead = np.maximum(np.arange(states) - servers + 1, 0)
    return float(ahead @ law) / (servers * service), float(law[servers:].sum())


# -- Priorities, returns -------------------------------------------------------------------------------


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


def feedback_time(arrivals: float, service: float, servers: int, returning: float) -> float:
    """Mean total time of a person who comes back to the same M/M/c with this probability (Jackson)."""
    visits = arrivals / (1.0 - returning)
    return (visits / arrivals) * (mmc_mean_wait(visits, service, servers) + 1.0 / service)


def series_time(arrivals: float, service: float, servers: int, interviews: float) -> float:
    """Mean total time of a person who joins the same M/M/c so many times on average (Kelly 1975)."""
    return interviews * (mmc_mean_wait(interviews * arrivals, service, servers) + 1.0 / service)


def shortest_of_two(arrivals: float, service: float) -> float:
    """Mean number present at two queues of one server where everybody joins the shorter one."""
    most = math.ceil(math.log(_NEGLIGIBLE) / math.log(arrivals / (2.0 * service)))
    one, other = np.divmod(np.arange((most + 1) ** 2), most + 1)
    state, rows = np.arange((most + 1) ** 2), most + 1
    moves = [
        (state + rows, arrivals * ((one <= other) & (one < most))),
        (state + 1, arrivals * ((one > other) & (other < most))),
        (state - rows, service * (one > 0)),
        (state - 1, service * (other > 0)),
    ]
    size = len(state)
    balance = sparse.lil_matrix((size, size))
    for to, rate in moves:
        possible = rate > 0
        balance[to[possible], state[possible]] += rate[possible]
        balance[state[possible], state[possible]] -= rate[possible]
    balance[-1] = 1.0
    law = sparse.linalg.spsolve(balance.tocsc(), np.eye(1, size, size - 1)[0])
    return float((one + other) @ law)


# -- Group sessions ------------------------------------------------------------------------------------


def sessions(arrivals: float, period: float, seats: int) -> tuple[float, float]:
    """Mean number left over after a session, and mean wait for one.

    A session of `seats` every period. Just after it X' = max(X + Poisson - seats, 0); those who wait are
    X, then come evenly over the period; Little gives the wait.
    """
    load = arrivals * period
    before = _left_over_law(load, seats)
    left = float(np.maximum(np.arange(len(before)) - seats, 0) @ before)
    return left, (left + load / 2.0) / arrivals


# -- Transients ----------------------------------------------------------------------------------------


def transient_mean(
    rates: Sequence[tuple[float, float]], service: float, servers: int, present: int, time: float
) -> float:
    """Mean number present at a time in M/M/c from `present` people at 0 (Kolmogorov's equations).

    `rates` are (time from which, arrivals), in order, the first at 0.
    """
    starts = [start for start, _ in rates if start < time]
    most = max(rate for _, rate in rates) * time
    states = int(present + most + 10.0 * math.sqrt(most)) + 20
    leaving = np.minimum(np.arange(states), servers) * service
    law = np.zeros(states)
    law[present] = 1.0
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
        law = solved.y[:, -1]
    return float(np.arange(states) @ law)


# -- Sizing --------------------------------------------------------------------------------------------


def fewest(is_enough: Callable[[int], bool], least: int) -> int:
    """The smallest number of servers, from `least` on, that is enough."""
    servers = least
    while not is_enough(servers):
        servers += 1
    return servers
