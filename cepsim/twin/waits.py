"""The wait offered in M/M/c+G: exact law where arrivals and services are without memory, patience any mix.

In equilibrium the wait offered has the density (Baccelli and Hebuterne 1981; Zeltyn and Mandelbaum 2005)

    v(x) = a p(c-1) exp(a int_0^x G(u) du - c s x),    G(u): share whose patience exceeds u

a: arrivals, s: services of an adviser, c: advisers, p(c-1): chance that all but one are busy. Somebody gives
up before he is called with probability E[1 - G(V)]. Rates are per unit of open time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

Floats = NDArray[np.float64]
#: Points at which the law is held, and how small the rest of it is.
_POINTS = 800
_REST = 36.0


@dataclass(frozen=True, slots=True, eq=False)
class Offered:
    """Laws of waits, one a row: `at_once` is P(V = 0); `mass[:, i]` is that of waits around `wait[:, i]`.

    Shapes (rows,), (rows, points), (rows, points). `edge` are the ends of the pieces.
    """

    at_once: Floats
    wait: Floats
    mass: Floats
    edge: Floats

    def given_up(self, leaving: float) -> Floats:
        """Share of those whose patience is exponential of this rate who give up; shape (rows,)."""
        return np.asarray((self.mass * -np.expm1(-leaving * self.wait)).sum(axis=1))

    def beyond(self, wait: float) -> Floats:
        """Share offered a longer wait; shape (rows,)."""
        below = [
            at + np.interp(wait, edge, np.append(0.0, np.cumsum(mass)))
            for at, edge, mass in zip(self.at_once, self.edge, self.mass, strict=True)
        ]
        return np.asarray(1.0 - np.array(below))

    def quantile(self, share: float) -> Floats:
        """The wait that this share is not offered more than; 0 where more are called at once."""
        found = [
            np.interp(share - at, np.append(0.0, np.cumsum(mass)), edge)
            for at, edge, mass in zip(self.at_once, self.edge, self.mass, strict=True)
        ]
        return np.asarray(found)


def offered(
    arrivals: Floats,
    service: Floats,
    servers: NDArray[np.int64],
    leaving: Floats,
    parts: Floats,
    points: int = _POINTS,
) -> Offered:
    """The laws of queues, one a row.

    `arrivals`, `service` (of an adviser), `servers`: shape (rows,). Patience is a mix of exponentials:
    `leaving` its rates, shape (kinds,), 0 for who never leaves; `parts` who has them, shape (rows, kinds).
    Raises ValueError where the queue would grow without end.
    """
    drain = servers * service
    forever = (parts * (leaving == 0.0)).sum(axis=1) * arrivals
    if (forever >= drain).any():
        raise ValueError("arrivals who never leave exceed what the advisers can serve")
    # where the exponent has its top, and how far it must go to be negligible
    far = _far(arrivals, drain, leaving, parts)
    edge = far[:, None] * np.linspace(0.0, 1.0, points + 1) ** 2
    middle = (edge[:, 1:] + edge[:, :-1]) / 2.0
    half = np.sqrt(1.0 / 12.0) * np.diff(edge)
    load = arrivals / service
    # two points of Gauss a piece, relative to no wait
    ends = [_exponent(x, arrivals, drain, leaving, parts) for x in (middle - half, middle + half)]
    top = np.maximum(0.0, np.maximum(ends[0], ends[1]).max(axis=1))[:, None]
    # p(c-1) relative to the sum of p(0) to p(c-1)
    free = _last_free(load, servers)
    pieces = np.diff(edge) * (np.exp(ends[0] - top) + np.exp(ends[1] - top)) / 2.0
    waiting = (arrivals * free)[:, None] * pieces
    at_once = np.exp(-top[:, 0])
    total = at_once + waiting.sum(axis=1)
    return Offered(at_once / total, middle, waiting / total[:, None], edge)


def _exponent(x: Floats, arrivals: Floats, drain: Floats, leaving: Floats, parts: Floats) -> Floats:
    """The exponent, a int_0^x G - c s x; shape of x, (rows, points)."""
    patient = np.zeros_like(x)
    for rate, part in zip(leaving.tolist(), parts.T, strict=True):
        patient += part[:, None] * (x if rate == 0.0 else -np.expm1(-rate * x) / rate)
    return np.asarray(arrivals[:, None] * patient - drain[:, None] * x)


def _far(arrivals: Floats, drain: Floats, leaving: Floats, parts: Floats) -> Floats:
    """A wait beyond which the density is negligible beside its top; shape (rows,)."""
    wait = _REST / drain
    top = np.zeros_like(wait)
    for _ in range(60):
        exponent = _exponent(wait[:, None], arrivals, drain, leaving, parts)[:, 0]
        top = np.maximum(top, exponent)
        more = exponent > top - _REST
        if not more.any():
            break
        wait = np.where(more, 1.5 * wait, wait)
    return wait


def _last_free(load: Floats, servers: NDArray[np.int64]) -> Floats:
    """p(c-1) over p(0) + ... + p(c-1) in a queue of Erlang; shape (rows,)."""
    found = np.empty_like(load)
    for row, (a, c) in enumerate(zip(load.tolist(), servers.tolist(), strict=True)):
        n = np.arange(c)
        terms = n * np.log(max(a, 1e-300)) - gammaln(n + 1)
        found[row] = np.exp(terms[-1] - terms.max()) / np.exp(terms - terms.max()).sum()
    return found
