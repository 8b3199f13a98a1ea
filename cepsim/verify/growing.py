"""The wait in a queue that grows and that people leave, by date of joining, from Kolmogorov's equations.

M/M/c with exponential patience, nobody at 0, served in order of arrival. Time has any unit; rates are per
unit of it. The wait offered is that of somebody who would not give up: he is called in once those before him
are gone, and they leave one by one at the rate of services and of patience.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import integrate, optimize

from cepsim.verify.markov import Floats

#: Dates of joining over which a law is averaged, and points of the wait at which it is known.
_DATES, _POINTS = 81, 801


@dataclass(frozen=True, slots=True)
class Growing:
    """A queue: arrivals, the rate of service, servers, the rate of giving up while waiting."""

    arrivals: float
    service: float
    servers: int
    leaving: float

    def law_at(self, dates: Floats) -> Floats:
        """Law of the number present at dates in order, the first at 0 or later; shape (dates, states)."""
        most = self.arrivals * float(dates[-1])
        states = int(most + 10.0 * math.sqrt(most)) + 20
        number = np.arange(states)
        down = np.minimum(number, self.servers) * self.service
        down = down + np.maximum(number - self.servers, 0) * self.leaving

        def slope(_: float, p: Floats) -> Floats:
            # at the last state nobody comes, so that the law keeps its sum
            flow = self.arrivals * p[:-1] - down[1:] * p[1:]
            change = np.zeros_like(p)
            change[:-1] -= flow
            change[1:] += flow
            return change

        solved = integrate.solve_ivp(
            slope,
            (0.0, float(dates[-1])),
            np.eye(1, states)[0],
            method="LSODA",
            t_eval=dates,
            lband=1,
            uband=1,
            rtol=1e-9,
            atol=1e-13,
        )
        return np.asarray(solved.y.T, dtype=np.float64)

    def offered(self, law: Floats, waits: Floats) -> Floats:
        """Chance that the wait offered is no more than each of these, for who finds this law on arriving.

        Who finds n waits for n - c + 1 departures: a pure death process, each state that much nearer.
        """
        ahead = len(law) - self.servers
        rates = self.servers * self.service + self.leaving * np.arange(ahead)

        def slope(_: float, p: Floats) -> Floats:
            gone = rates * p
            change = -gone
            change[:-1] += gone[1:]
            return change

        begun = law[self.servers :]
        solved = integrate.solve_ivp(
            slope,
            (0.0, float(waits[-1])),
            begun,
            method="LSODA",
            t_eval=waits,
            lband=0,
            uband=1,
            rtol=1e-9,
            atol=1e-13,
        )
        return np.asarray(1.0 - solved.y.sum(axis=0), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Cohort:
    """Who joins over [begin, end) at a steady rate: `share` have a wait offered of each of `wait` at most."""

    leaving: float
    wait: Floats
    share: Floats

    @classmethod
    def of(cls, queue: Growing, begin: float, end: float, longest: float) -> Cohort:
        """The mean law over the dates of joining, of waits up to the longest."""
        dates = np.linspace(begin, end, _DATES)
        weights = integrate.simpson(np.eye(_DATES), dates) / (end - begin)
        wait = np.linspace(0.0, longest, _POINTS)
        # what comes of a mean of laws is the mean of what comes of them
        return cls(queue.leaving, wait, queue.offered(weights @ queue.law_at(dates), wait))

    def quantile(self, level: float) -> float:
        """The wait offered that this share does not exceed. Raises ValueError beyond the longest."""
        return float(
            optimize.brentq(lambda w: float(np.interp(w, self.wait, self.share)) - level, 0, self.wait[-1])
        )

    def received_by(self, wait: float) -> float:
        """The share called in before a wait: the wait offered is no more than it, and than one's patience."""
        points = np.linspace(0.0, wait, _POINTS)
        share = np.interp(points, self.wait, self.share)
        inside = integrate.simpson(share * self.leaving * np.exp(-self.leaving * points), points)
        return float(share[-1] * math.exp(-self.leaving * wait) + inside)
