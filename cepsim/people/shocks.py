"""Times at which more people ask than usual, or fewer: what the rate of a source is multiplied by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

import numpy as np
from numpy.typing import NDArray

from cepsim.people.horizon import Horizon
from cepsim.people.sources import Source
from cepsim.scenario import Scenario
from cepsim.scenario.events import Shock, includes
from cepsim.tables import Region
from cepsim.trace import Ints

Floats = NDArray[np.float64]


def highest_factor(scenario: Scenario, origin: Source, region: Region) -> float:
    """What the rate of a source is multiplied by at most, all its shocks together."""
    return prod(max(1.0, 1.0 + shock.change) for shock in _shocks_of(scenario, origin, region))


def factors(
    scenario: Scenario,
    horizon: Horizon,
    origins: Sequence[Source],
    regions: Sequence[Region],
    source: Ints,
    arrival: Ints,
    *,
    with_priority: bool = True,
) -> Floats:
    """What the rate of each candidate's source is multiplied by on his date.

    `source`, position in `origins`, and `arrival`, seconds, have shape (n,); so has what is returned.
    Without those `with_priority`, as if the shocks whose people come first did not happen.
    """
    found = np.ones(len(arrival))
    for shock in scenario.demand.shocks:
        if shock.priority and not with_priority:
            continue
        concerned = np.array([shock in _shocks_of(scenario, o, regions[o.region]) for o in origins])
        begin, end = horizon.second(shock.from_date), horizon.second(shock.until)
        found[concerned[source] & (arrival >= begin) & (arrival < end)] *= 1.0 + shock.change
    return found


def _shocks_of(scenario: Scenario, origin: Source, region: Region) -> Iterator[Shock]:
    for shock in scenario.demand.shocks:
        if origin.public in shock.publics and includes(shock.regions, region.code):
            yield shock
