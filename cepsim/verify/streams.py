"""A unit of time and who comes: dates and laws in units, made whole seconds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from cepsim.draws import words
from cepsim.laws import Law
from cepsim.laws import constant as constant_law
from cepsim.laws import exponential as exponential_law
from cepsim.laws import gamma as gamma_law
from cepsim.laws import lognormal as lognormal_law
from cepsim.people.by_hand import ArrivalProcess, poisson_varying
from cepsim.trace import Ints

Times = Sequence[int] | Ints | ArrivalProcess


@dataclass(frozen=True, slots=True)
class Stream:
    """People who come alike: `times` gives their dates before a second. `to` is a station, or the first."""

    times: Callable[[int], Times]
    service_class: int = 0
    profile: str = "everybody"
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of time, in seconds: 10**5 or more, so that rounding to the second moves nothing that is seen.

    A run has 2**31 seconds: 21 000 units of 10**5, 2 100 of 10**6. Long histories are many short runs.
    """

    length_s: int

    def seconds(self, units: float) -> int:
        """A duration or a date in whole seconds."""
        return round(units * self.length_s)

    def constant(self, units: float) -> Law:
        """Always the same duration."""
        return constant_law(units * self.length_s)

    def exponential(self, mean: float) -> Law:
        """Exponential law of this mean."""
        return exponential_law(mean * self.length_s)

    def gamma(self, mean: float, variation: float) -> Law:
        """Gamma law of this mean and coefficient of variation."""
        return gamma_law(mean * self.length_s, variation)

    def lognormal(self, mean: float, variation: float) -> Law:
        """Lognormal law of this mean and coefficient of variation."""
        return lognormal_law(mean * self.length_s, variation)

    def poisson(
        self, rate: float, service_class: int = 0, profile: str = "everybody", to: str | None = None
    ) -> Stream:
        """A Poisson process."""
        return self.varying([(0.0, rate)], service_class, profile, to)

    def varying(
        self,
        rates: Sequence[tuple[float, float]],
        service_class: int = 0,
        profile: str = "everybody",
        to: str | None = None,
    ) -> Stream:
        """A Poisson process of piecewise constant rate: (time from which, rate)."""
        pieces = [(self.seconds(start), rate / self.length_s) for start, rate in rates]

        def times(end: int) -> ArrivalProcess:
            return poisson_varying([piece for piece in pieces if piece[0] < end], end)

        return Stream(times, service_class, profile, to)

    def regular(self, interval: float) -> Stream:
        """One person at each interval."""
        return Stream(lambda end: np.rint(np.arange(0, end, interval * self.length_s)).astype(np.int64))

    def hyper_exponential(self, shares: Sequence[float], means: Sequence[float]) -> Stream:
        """A renewal process: times between arrivals are one of several exponential laws, by share."""
        mean = sum(share * each for share, each in zip(shares, means, strict=True)) * self.length_s

        def times(end: int) -> ArrivalProcess:
            wanted = int(1.5 * end / mean + 1000)

            def drawn(key: int) -> Ints:
                # 53 bits in (0, 1]: the logarithm is finite
                uniform = ((words(key, 2 * wanted) >> np.uint64(11)) + np.uint64(1)) * 2.0**-53
                # which[...] is where a uniform falls among the shares, summed
                which = np.minimum(np.searchsorted(np.cumsum(shares), uniform[:wanted]), len(shares) - 1)
                gaps = -np.log(uniform[wanted:]) * np.array(means)[which] * self.length_s
                dates = np.floor(np.cumsum(gaps)).astype(np.int64)
                if dates[-1] < end:
                    raise ValueError("fewer people than the stream must hold")
                return np.asarray(dates[dates < end], dtype=np.int64)

            return drawn

        return Stream(times)


def together(people: int, second: int = 0, service_class: int = 0, to: str | None = None) -> Stream:
    """So many people on one second; before 0 they are already waiting when the run begins."""
    return Stream(lambda _: [second] * people, service_class, to=to)


#: The unit of nearly every case, and that of those with much in a unit of time.
U5, U6 = Unit(100_000), Unit(1_000_000)
