"""Who asks, and when: candidates of a unit Poisson process in (operational time x level).

The level axis is cut in slabs of 5 % a year of the table's stock (or yearly events), one keyed stream a
slab, by region, public, source and channel. A candidate asks, in a scenario, when the level is below the
scenario's rate at that date. So the same person asks on the same date wherever he asks at all, and less
demand is a subset of more.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, log, sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cepsim.compiled import compiled
from cepsim.draws import DRAW_BITS, DRAW_RANGE, Words, philox, stream_key, stream_words, threshold, uniform
from cepsim.people.horizon import Horizon
from cepsim.people.shocks import highest_factor
from cepsim.people.sources import Source, source_names
from cepsim.people.territory import YEAR_UNITS, RequestTimes, calendar_span
from cepsim.scenario import Scenario
from cepsim.scenario.vocabulary import PUBLICS
from cepsim.tables import Region, Tables
from cepsim.trace import Ints
from cepsim.units import SECONDS_PER_DAY

#: Height of a slab: requests a year for one person of the stock (or one event).
SLAB_HEIGHT = 0.05
#: Operational time is counted from this 1 January, forwards and backwards.
EPOCH_YEAR = 2014
#: Argument at which a hyperbolic tangent is 0.9, to four decimals (model, demand).
_NINETY_PERCENT = 1.4722

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Draw:
    """What people are drawn from: a scenario's sources in some regions, and the keys of chance.

    Of a sample, one person in `sample` is kept, by a draw of his own: the same one in every scenario.
    """

    origins: Sequence[Source]
    scenario: Scenario
    tables: Tables
    regions: tuple[Region, ...]
    horizon: Horizon
    seed: int
    replication: int
    sample: int = 1

    def names(self, stream: Stream) -> tuple[str | int, ...]:
        """The names that open every key of a stream."""
        origin = self.origins[stream.source]
        return (*source_names(origin, self.regions, self.seed, self.replication), stream.slab)


class Stream(NamedTuple):
    """Candidates drawn together: of a source, a position in the list of sources, and of a slab.

    `slab` is twice the number of the slab, plus 1 before the epoch.
    """

    source: int
    slab: int


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """People who may ask, one row each; `source` is a position in the list of sources.

    `slab` is that of the stream; `rank` is the candidate's counter in it.
    """

    source: NDArray[np.int16]
    slab: NDArray[np.int16]
    rank: Ints
    arrival: Ints
    level: Floats


@dataclass(frozen=True, slots=True, eq=False)
class ByStream:
    """Candidates stream after stream; arrays of shape (n,) but for `bounds`.

    Those of stream n are rows `bounds[n]` to `bounds[n + 1]`, by `rank`, which is their counter in it;
    streams come in the order of people who arrive in the same second.
    """

    streams: list[Stream]
    bounds: Ints
    rank: NDArray[np.uint32]
    arrival: Ints
    level: Floats

    def spread(self, of_source: Sequence[Any] | NDArray[Any], kind: type[np.generic]) -> NDArray[Any]:
        """The value of each candidate's source."""
        of_stream = np.array(of_source, dtype=kind)[[stream.source for stream in self.streams]]
        return np.repeat(of_stream, np.diff(self.bounds))

    def take(self, rows: NDArray[np.bool_]) -> ByStream:
        """Those of a mask."""
        before = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(rows)])
        return ByStream(
            self.streams, before[self.bounds], self.rank[rows], self.arrival[rows], self.level[rows]
        )


def candidates(
    draw: Draw, *, within: Collection[int], channels: Collection[str], before: int | None = None
) -> ByStream:
    """Every candidate whose level any rate of the scenario can reach, between warm-up and follow-up.

    Of the regions of these positions, of the sources of these channels, and before a second (None: all).
    """
    origins, horizon = draw.origins, draw.horizon
    first, last = calendar_span(horizon)
    until = horizon.observed
    if before is not None and before < until:
        # a day more: the clocks of a region may be behind
        until, last = before, date(horizon.date_of(before + SECONDS_PER_DAY).year + 1, 1, 1)
    years = max(0, last.year - EPOCH_YEAR), max(0, EPOCH_YEAR - first.year)
    times: dict[tuple[int, str, tuple[float, ...]], RequestTimes] = {}
    growth = 1.0 + induced_share(draw.scenario, draw.tables)
    numbers = [n for n, o in enumerate(origins) if o.region in within and o.channel in channels]
    streams, found = [], [_nobody()]
    for number in sorted(numbers, key=lambda n: (origins[n].region, PUBLICS.index(origins[n].public), n)):
        origin = origins[number]
        key = (origin.region, origin.channel, origin.season)
        if key not in times:
            region = draw.regions[origin.region]
            times[key] = RequestTimes(draw.tables, region, origin.channel, origin.season)
        top = origin.rate * (growth if origin.can_grow else 1.0)
        top *= highest_factor(draw.scenario, origin, draw.regions[origin.region])
        for slab in range(ceil(round(top / SLAB_HEIGHT, 9))):
            for direction in (0, 1):
                if years[direction] == 0:
                    continue
                stream = Stream(number, 2 * slab + direction)
                rank, units, level = _below(
                    draw.names(stream), origin.stock * SLAB_HEIGHT, years[direction], slab, top
                )
                arrival = times[key].dates(-1 - units if direction else units, EPOCH_YEAR, horizon)
                inside = (arrival >= horizon.begin) & (arrival < until)
                if draw.sample > 1:
                    inside &= _sampled(draw.names(stream), rank, draw.sample)
                streams.append(stream)
                found.append((rank[inside], arrival[inside], level[inside]))
    rank, arrival, level = (np.concatenate(parts) for parts in zip(*found, strict=True))
    bounds = np.cumsum([len(ranks) for ranks, _, _ in found])
    return ByStream(streams, bounds, rank, arrival, level)


def _sampled(names: tuple[str | int, ...], rank: NDArray[np.uint32], sample: int) -> NDArray[np.bool_]:
    """Which candidates of a stream are in the sample; those of a sample of fewer people are in it as well."""
    draws = uniform(stream_key(*names, "sample"), int(rank.max(initial=0)) + 1)
    return np.asarray(draws[rank] < threshold(1.0 / sample))


def _nobody() -> tuple[NDArray[np.uint32], Ints, Floats]:
    return np.empty(0, dtype=np.uint32), np.empty(0, dtype=np.int64), np.empty(0)


def induced_share(scenario: Scenario, tables: Tables) -> float:
    """Induced demand at full awareness, as a share of the base; 0 where the scenario has none."""
    if not scenario.demand.induced:
        return 0.0
    return tables.figure("demand.all.cep.induced_demand_at_full_awareness").mode


def change_if_charged(scenario: Scenario, tables: Tables) -> float:
    """What is added to requests for an accueil by those charged, as a share of them; 0 where nobody is."""
    if not scenario.financing.charged_to_cpf:
        return 0.0
    return tables.figure("demand.all.finance.demand_change_if_charged_to_cpf").mode


def awareness(years_since: Floats, scenario: Scenario, tables: Tables) -> Floats:
    """Share of the public that knows the right so many years after it opened: tanh, 0.9 at t90.

    Rounded so that a library's last bit moves nobody.
    """
    name = "years_to_90_percent" + ("_if_employers_inform" if scenario.demand.employers_inform else "")
    years = tables.figure(f"demand.all.awareness.{name}").mode
    return np.asarray(np.round(np.tanh(_NINETY_PERCENT * np.maximum(years_since, 0.0) / years), 12))


def _below(
    names: tuple[str | int, ...], per_year: float, years: int, slab: int, top: float
) -> tuple[NDArray[np.uint32], Ints, Floats]:
    """Ranks, positions in operational time and levels of those of a stream whose level is below `top`.

    Positions are those of a Poisson process over so many years from the epoch, in units.
    """
    expected = per_year * years
    # ten standard deviations above the mean, and a few
    room = ceil(expected + 10.0 * sqrt(expected) + 20.0)
    rank, units, level = np.empty(room, dtype=np.uint32), np.empty(room, dtype=np.int64), np.empty(room)
    keys = np.array(
        [stream_words(*names, purpose, "", 0) for purpose in ("position", "level")], dtype=np.uint64
    )
    count = _read_below(keys, YEAR_UNITS / per_year, years * YEAR_UNITS, slab, top, rank, units, level)
    if count < 0:
        raise AssertionError("a stream of candidates has no room for its last year")
    return rank[:count], units[:count], level[:count]


@compiled
def _read_below(
    keys: Words,
    mean: float,
    end: int,
    slab: int,
    top: float,
    rank: NDArray[np.uint32],
    units: Ints,
    level: Floats,
) -> int:
    """Fill `rank`, `units` and `level`, and give how many there are; -1 where there are more candidates.

    `keys`, shape (2, 2), are those of positions and of levels; `mean` is the mean time between candidates.
    """
    none = np.uint64(0)
    count, position = 0, np.int64(0)
    for first in range(0, len(rank), 4):
        block = np.uint64(first >> 2)
        gaps = philox(keys[0, 0], keys[0, 1], block, none, none, none)
        heights = philox(keys[1, 0], keys[1, 1], block, none, none, none)
        for word in range(4):
            # 53 bits in (0, 1]: the logarithm is finite; rounding to units hides its last bit
            draw = np.float64((gaps[word] >> np.uint64(11)) + np.uint64(1)) * 2.0**-53
            position += np.int64(np.rint(-log(draw) * mean))
            if position >= end:
                return count
            height = np.float64(heights[word] >> np.uint64(64 - DRAW_BITS)) / DRAW_RANGE
            here = (slab + height) * SLAB_HEIGHT
            if here < top and first + word < len(rank):
                rank[count], units[count], level[count] = first + word, position, here
                count += 1
    return -1
