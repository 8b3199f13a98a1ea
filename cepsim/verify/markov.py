"""Markov chains solved: stationary laws of birth-death processes, of chains, of general processes.

Rates are per unit of time, whatever the unit. Infinite state spaces are cut where what lies beyond has a
probability under `NEGLIGIBLE`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from cepsim.trace import Ints

Floats = NDArray[np.float64]

#: Probability beyond which a state space is cut.
NEGLIGIBLE = 1e-14


def birth_death(births: NDArray[np.floating[Any]], deaths: NDArray[np.floating[Any]]) -> Floats:
    """Stationary law of a birth-death process; `births[n]` leads from n to n + 1, `deaths[n]` back.

    Source: Kleinrock 1975, Queueing Systems, volume 1, chapter 3.
    """
    weights = np.concatenate([[0.0], np.cumsum(np.log(births) - np.log(deaths))])
    law = np.exp(weights - weights.max())
    return np.asarray(law / law.sum(), dtype=np.float64)


def stationary_chain(moves: Floats) -> Floats:
    """Stationary law of a Markov chain with one closed class, from its matrix of probabilities."""
    states = len(moves)
    equations = np.vstack([(moves.T - np.eye(states))[:-1], np.ones(states)])
    return np.asarray(np.linalg.solve(equations, np.eye(states)[-1]), dtype=np.float64)


def generator(
    states: int, moves: Iterable[tuple[Ints, Ints, NDArray[np.floating[Any]]]]
) -> sparse.csr_matrix:
    """The generator of a process, transposed: slope of the law = matrix @ law.

    `moves` are (from, to, rate), arrays of one length; a rate of 0 is no move and its `to` may be anything.
    """
    rows, columns, values = [], [], []
    for origin, destination, rate in moves:
        possible = rate > 0
        here, there, speed = origin[possible], destination[possible], rate[possible]
        rows += [there, here]
        columns += [here, here]
        values += [speed, -speed]
    return sparse.csr_matrix(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(states, states)
    )


def stationary_process(slopes: sparse.csr_matrix) -> Floats:
    """Stationary law of a process with one closed class, from its transposed generator (see `generator`)."""
    states = slopes.shape[0]
    balance = slopes.tolil()
    balance[-1] = 1.0
    law = sparse.linalg.spsolve(balance.tocsc(), np.eye(1, states, states - 1)[0])
    return np.asarray(law, dtype=np.float64)
