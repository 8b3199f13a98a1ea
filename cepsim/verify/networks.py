"""Exact values of networks: returns, series, several queues that people pass or choose between.

Time has any unit; rates are per unit of it. `arrivals` is the rate of a Poisson process, `service` the rate
of an exponential law, `servers` a whole number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cepsim.trace import Ints
from cepsim.verify.erlang import mmc_mean_queue, mmc_mean_wait
from cepsim.verify.markov import NEGLIGIBLE, Floats, birth_death, generator, stationary_process


def feedback_time(arrivals: float, service: float, servers: int, returning: float) -> float:
    """Mean total time of a person who comes back to the same M/M/c with this probability (Jackson)."""
    visits = arrivals / (1.0 - returning)
    return (visits / arrivals) * (mmc_mean_wait(visits, service, servers) + 1.0 / service)


def series_time(arrivals: float, service: float, servers: int, interviews: float) -> float:
    """Mean total time of a person who joins the same M/M/c so many times on average (Kelly 1975)."""
    return interviews * (mmc_mean_wait(interviews * arrivals, service, servers) + 1.0 / service)


def traffic(outside: Sequence[float], moves: Sequence[Sequence[float]]) -> Floats:
    """Rate at which each station of an open network is joined: what comes from outside and from the others.

    `moves[i][j]` is the share of those served at station i who go on to station j; the rest leave.
    """
    shares = np.array(moves, dtype=np.float64)
    return np.asarray(np.linalg.solve(np.eye(len(shares)) - shares.T, np.array(outside)), dtype=np.float64)


def jackson_time(
    outside: Sequence[float],
    moves: Sequence[Sequence[float]],
    service: Sequence[float],
    servers: Sequence[int],
) -> float:
    """Mean total time of a person in an open network of M/M/c stations (Jackson 1957, 1963), by Little."""
    present = sum(
        mmc_mean_queue(rate, speed, number) + rate / speed
        for rate, speed, number in zip(traffic(outside, moves).tolist(), service, servers, strict=True)
    )
    return float(present / sum(outside))


def shortest_of_two(arrivals: float, service: float) -> float:
    """Mean number present at two queues of one server where everybody joins the shorter one.

    Its process is solved on a square; source: Haight 1958, Two queues in parallel.
    """
    most = math.ceil(math.log(NEGLIGIBLE) / math.log(arrivals / (2.0 * service)))
    one, other, state = _grid(most, most)
    rows = most + 1
    moves = [
        (state, state + rows, arrivals * ((one <= other) & (one < most))),
        (state, state + 1, arrivals * ((one > other) & (other < most))),
        (state, state - rows, service * (one > 0)),
        (state, state - 1, service * (other > 0)),
    ]
    law = stationary_process(generator(len(state), moves))
    return float((one + other) @ law)


@dataclass(frozen=True, slots=True)
class Overflow:
    """First servers without a line, then others with one: share sent on, mean wait behind the others."""

    sent_on: float
    wait: float


def overflow(
    arrivals: float, first: int, own: float, second: int, service: float, *, most: int = 400
) -> Overflow:
    """Who finds `first` servers busy joins the line of `second` others, who have people of their `own`.

    The share sent on is Erlang's B; what is sent on is no Poisson process (Wilkinson 1956), so that the line
    is found from the process of both numbers, with at most `most` people at the second place.
    """
    here, there, state = _grid(first, most)
    rows = most + 1
    full = here == first
    moves = [
        (state, state + rows, arrivals * ~full),
        (state, state + 1, (own + arrivals * full) * (there < most)),
        (state, state - rows, service * here),
        (state, state - 1, service * np.minimum(there, second)),
    ]
    law = stationary_process(generator(len(state), moves))
    joining = own + arrivals * full
    waiting = np.maximum(there - second, 0)
    return Overflow(float(full @ law), float(waiting @ law) / float(joining @ law))


@dataclass(frozen=True, slots=True)
class Retrying:
    """Callers who find the server busy and call again: share of first calls that do, mean time to the end."""

    busy: float
    stay: float


def retrial(arrivals: float, service: float, retry: float) -> Retrying:
    """M/M/1/1 whose callers try again at rate `retry` until they are answered.

    Source: Falin and Templeton 1997, Retrial Queues, 1.2: the mean number who will try again is
    load (arrivals + load retry) / ((1 - load) retry), where time is counted in services.
    """
    load, again = arrivals / service, retry / service
    trying = load * (load + load * again) / ((1.0 - load) * again)
    return Retrying(load, (trying + load) / arrivals)


def finite_source(people: int, asking: float, service: float, servers: int) -> tuple[float, float]:
    """Mean number waiting and share of the time when all servers are busy, of so many people in all.

    Each asks at rate `asking` when he is away, so that arrivals fall as the queue grows; he goes away once
    served (the repairman's model; Palm 1947, Kleinrock 1975, 3.8).
    """
    present = np.arange(people)
    law = birth_death((people - present) * asking, np.minimum(present + 1, servers) * service)
    waiting = np.maximum(np.arange(people + 1) - servers, 0)
    return float(waiting @ law), float(law[servers:].sum())


def _grid(most: int, most_there: int) -> tuple[Ints, Ints, Ints]:
    """Both numbers, 0 to their most, of each state; and the states, which are numbered by rows."""
    state = np.arange((most + 1) * (most_there + 1), dtype=np.int64)
    here, there = np.divmod(state, most_there + 1)
    return here, there, state
