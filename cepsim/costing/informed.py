"""Contacts that actors that inform answer in place of the operators, by actor: somebody pays them already.

The trace counts them by region, public and year; nothing says at which actor of those named. Each has the
part that it is able to answer of them (see `people.informing`), of adults and of the young apart, in whole
contacts: together they are the measure `informed_elsewhere`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from cepsim.costing.parts import split
from cepsim.costing.prices import INFORMED
from cepsim.people.crowd import OTHER_ACTOR, Crowd
from cepsim.people.deployment import Deployment
from cepsim.people.visited import Visited
from cepsim.scenario.vocabulary import POPULATIONS
from cepsim.trace import Ints, Wholes

#: Rows of quantities of a name for some visits, at the seconds given.
Counted = Callable[[str, Ints, Wholes], pd.DataFrame]
_PLACE = ["quantity", "role", "year", "region", "stage", "public", "character"]


def informed(deployment: Deployment, crowd: Crowd, visits: Visited, counted: Counted) -> list[pd.DataFrame]:
    """Contacts by actor, each on the day on which it is made; none where the scenario names no actor.

    `people` of an actor are at most its contacts: who goes twice may go to two of them.
    """
    shares, actors = deployment.informed_by, deployment.scenario.service.informing_actors
    if shares is None:
        return []
    station = visits.queue % deployment.network.station_count
    elsewhere = (deployment.stations["channel"] == OTHER_ACTOR).to_numpy()[station]
    is_young = crowd.population[visits.person] == POPULATIONS.index("jeunes")
    found = []
    for whose, mask in enumerate((~is_young, is_young)):
        rows = np.flatnonzero(elsewhere & mask)
        table = counted(INFORMED, rows, visits.joined)
        # operators in whose place they answer are one here
        table = table.groupby(_PLACE, as_index=False)[["value", "people"]].sum()
        if table.empty:
            continue
        weights = shares[[deployment.regions.index(region) for region in table["region"]], whose]
        value, people = (split(table[name].to_numpy(), weights) for name in ("value", "people"))
        found += [
            table.assign(operator=actor, value=value[:, rank], people=np.minimum(people, value)[:, rank])
            for rank, actor in enumerate(actors)
        ]
    return found
