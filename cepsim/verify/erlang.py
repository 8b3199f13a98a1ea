"""Exact values of queues without memory: Erlang's formulas, people who leave, room limits, sizing.

Time has any unit; rates are per unit of it. `arrivals` is the rate of a Poisson process, `service` the rate
of an exponential law (mean 1 / service), `servers` a whole number.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import integrate

from cepsim.verify.markov import Floats, birth_death


def number_present(
    arrivals: float, service: float, servers: int, states: int, leaving: float = 0.0
) -> Floats:
    """Law of the number present in M/M/c, with at most `states` - 1 people.

    Whoever waits gives up at rate `leaving` (Erlang-A).
    """
    later = np.arange(1, states)
    deaths = np.minimum(later, servers) * service + np.maximum(later - servers, 0) * leaving
    return birth_death(np.full(states - 1, arrivals), deaths)


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


def fewest(is_enough: Callable[[int], bool], least: int) -> int:
    """The smallest number of servers, from `least` on, that is enough."""
    servers = least
    while not is_enough(servers):
        servers += 1
    return servers
