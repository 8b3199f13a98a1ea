"""Who asks, and when: candidates of a unit Poisson process in (operational time x level).

The level axis is cut in slabs of 5 % a year of the table's stock (or yearly events), one keyed stream a
slab, by region, public, source and channel. A candidate asks, in a scenario, when the level is below the
scenario's rate at that date. So the same person asks on the same date wherever he asks at all, and less
demand is a subset of more.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from cepsim.draws import DRAW_RANGE, stream_key, uniform, words
from cepsim.people.horizon import Horizon
from cepsim.people.sources import Source, source_names
from cepsim.people.territory import YEAR_UNITS, RequestTimes, calendar_span
from cepsim.scenario import Scenario
from cepsim.tables import Region, Tables
from cepsim.trace import Ints

#: Height of a slab: requests a year for one person of the stock (or one event).
SLAB_HEIGHT = 0.05
#: Operational time is counted from this 1 January, forwards and backwards.
EPOCH_YEAR = 2014
#: Argument at which a hyperbolic tangent is 0.9, to four decimals (model, demand).
_NINETY_PERCENT = 1.4722

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """People who may ask, one row each; `source` is a position in the list of sources.

    `slab` is twice the number of the slab, plus 1 before the epoch; `rank` is the candidate's counter.
    """

    source: Ints
    slab: Ints
    rank: Ints
    arrival: Ints
    level: Floats

    def take(self, rows: NDArray[np.bool_] | Ints) -> Candidates:
        """The rows of a mask or of positions."""
        columns = (self.source, self.slab, self.rank, self.arrival, self.level)
        return Candidates(*(column[rows] for column in columns))  # type: ignore[arg-type]


def candidates(
    origins: list[Source],
    scenario: Scenario,
    tables: Tables,
    regions: tuple[Region, ...],
    horizon: Horizon,
    *,
    seed: int,
    replication: int,
) -> Candidates:
    """Every candidate whose level any rate of the scenario can reach, between warm-up and follow-up."""
    first, last = calendar_span(horizon)
    ahead, behind = max(0, last.year - EPOCH_YEAR), max(0, EPOCH_YEAR - first.year)
    parts: list[Candidates] = []
    times: dict[tuple[int, str, tuple[float, ...]], RequestTimes] = {}
    growth = 1.0 + induced_share(scenario, tables)
    for number, origin in enumerate(origins):
        key = (origin.region, origin.channel, origin.season)
        if key not in times:
            times[key] = RequestTimes(tables, regions[origin.region], origin.channel, origin.season)
        top = origin.rate * (growth if origin.can_grow else 1.0)
        for slab in range(ceil(round(top / SLAB_HEIGHT, 9))):
            for direction, years in ((0, ahead), (1, behind)):
                if years == 0:
                    continue
                name = 2 * slab + direction
                names = (*source_names(origin, regions, seed, replication), name)
                units = _positions(stream_key(*names, "position", "", 0), origin.stock * SLAB_HEIGHT, years)
                if direction:
                    units = -1 - units
                heights = uniform(stream_key(*names, "level", "", 0), len(units)) / DRAW_RANGE
                parts.append(
                    Candidates(
                        np.full(len(units), number, dtype=np.int64),
                        np.full(len(units), name, dtype=np.int64),
                        np.arange(len(units), dtype=np.int64),
                        times[key].dates(units, EPOCH_YEAR, horizon),
                        (slab + heights) * SLAB_HEIGHT,
                    )
                )
    everybody = Candidates(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("source", "slab", "rank", "arrival", "level")
        )
    )
    return everybody.take((everybody.arrival >= horizon.begin) & (everybody.arrival < horizon.observed))


def induced_share(scenario: Scenario, tables: Tables) -> float:
    """Induced demand at full awareness, as a share of the base; 0 where the scenario has none."""
    if not scenario.demand.induced:
        return 0.0
    return tables.figure("demand.all.cep.induced_demand_at_full_awareness").mode


def awareness(years_since: Floats, scenario: Scenario, tables: Tables) -> Floats:
    """Share of the public that knows the right so many years after it opened: tanh, 0.9 at t90.

    Rounded so that a library's last bit moves nobody.
    """
    name = "years_to_90_percent" + ("_if_employers_inform" if scenario.demand.employers_inform else "")
    years = tables.figure(f"demand.all.awareness.{name}").mode
    return np.asarray(np.round(np.tanh(_NINETY_PERCENT * np.maximum(years_since, 0.0) / years), 12))


def _positions(key: int, per_year: float, years: int) -> Ints:
    """Positions of a Poisson process in operational time, in units, over so many years from the epoch."""
    expected = per_year * years
    wanted = ceil(expected + 10.0 * sqrt(expected) + 20.0)
    # 53 bits in (0, 1]: the logarithm is finite; rounding to units hides its last bit
    draws = ((words(key, wanted) >> np.uint64(11)) + np.uint64(1)) * 2.0**-53
    units = np.cumsum(np.round(-np.log(draws) * (YEAR_UNITS / per_year)).astype(np.int64))
    if units[-1] < years * YEAR_UNITS:
        # ten standard deviations above the mean were drawn
        raise AssertionError("a stream of candidates ended before its last year")
    return np.asarray(units[units < years * YEAR_UNITS])
