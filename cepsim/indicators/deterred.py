"""People who would ask for an accueil if nothing were charged to their account, and do not since it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from cepsim.indicators.episodes import ACCUEIL, station_operators
from cepsim.indicators.tally import Batch, Names, sizes_of, tally_batches
from cepsim.indicators.volumes import MEASURES, volume_names
from cepsim.indicators.window import Window
from cepsim.people.cells import combined
from cepsim.people.crowd import Crowd
from cepsim.people.deployment import Deployment
from cepsim.people.population_tape import draw_entrants
from cepsim.trace import Wholes

#: The measure of `volumes.MEASURES` that they are counted under.
DETERRED: Final = "deterred"


def count_deterred(
    deployment: Deployment, crowd: Crowd, entry: Wholes, arrival: Wholes, *, seed: int, replication: int
) -> pd.DataFrame | None:
    """How many are deterred, in the shape of `volumes.count_volumes`; None where nothing is charged.

    `crowd` are the people of the replication, who enter by the stations `entry` at the seconds `arrival`. Of
    those drawn with nothing charged, whoever would ask for an accueil (once answered, where he calls first)
    counts in the year in which he would first ask; the same people of the scenario are taken away, since
    a draw is that of the same person in both. They come to no queue, hence count in no wait and no loss.
    """
    scenario = deployment.scenario
    if not scenario.financing.charged_to_cpf:
        return None
    nothing = scenario.financing.model_copy(update={"charged_to_cpf": ()})
    free = scenario.model_copy(update={"financing": nothing})
    with_all = draw_entrants(replace(deployment, scenario=free), seed=seed, replication=replication)
    window = Window.of(deployment, deployment.horizon.observed)
    names = volume_names(deployment, window)
    batches = [
        _asking(deployment, window, names, with_all.crowd, with_all.entry, with_all.chosen.arrival, 1),
        _asking(deployment, window, names, crowd, entry, arrival, -1),
    ]
    return tally_batches(names, ("count",), batches)


def _asking(
    deployment: Deployment,
    window: Window,
    names: dict[str, Names],
    crowd: Crowd,
    entry: Wholes,
    arrival: Wholes,
    amount: int,
) -> Batch:
    """Those who ask for an accueil, each counting for an amount."""
    year = window.year(arrival)
    rows = np.flatnonzero((crowd.asks == 1) & (year >= 0) & (arrival >= 0))
    codes: list[Wholes | int] = [
        year[rows],
        crowd.region[rows],
        station_operators(deployment)[entry[rows]],
        ACCUEIL,
        crowd.public[rows],
        crowd.admitted[rows],
        MEASURES.index(DETERRED),
    ]
    return Batch(combined(codes, sizes_of(names), len(rows)), {"count": amount})
