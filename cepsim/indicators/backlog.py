"""Who waits on each Monday at 00:00."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cepsim.indicators.episodes import Journeys
from cepsim.indicators.tally import Names, tally
from cepsim.indicators.window import Window
from cepsim.people.cells import Codes, reached
from cepsim.people.deployment import Deployment
from cepsim.scenario.vocabulary import OPERATORS, STAGES
from cepsim.trace import Wholes
from cepsim.units import SECONDS_PER_DAY


def count_backlog(deployment: Deployment, found: Journeys, window: Window) -> pd.DataFrame:
    """People waiting when each Monday begins, until the end of observation.

    Columns region, operator, stage, day (from launch); waiting. No row where nobody waits.
    """
    mondays = window.mondays
    rows = found.rows
    # waiting at t: joined before t, and neither called in nor gone before t
    first = reached(mondays, rows.joined)
    last = reached(mondays, found.wait_ends)
    waits = np.flatnonzero((last > first) & found.staffed)
    keys: dict[str, tuple[Wholes | Codes, Names]] = {
        "region": (rows.queue[waits] // deployment.network.station_count, deployment.regions),
        "operator": (found.operator[waits], OPERATORS),
        "stage": (found.stage[waits], STAGES),
    }
    sizes = tuple(len(names) for _, names in keys.values())
    place = np.ravel_multi_index([codes for codes, _ in keys.values()], sizes)
    changes = np.zeros((int(np.prod(sizes)), len(mondays) + 1), dtype=np.int64)
    np.add.at(changes, (place, first[waits]), 1)
    np.add.at(changes, (place, last[waits]), -1)
    waiting = np.cumsum(changes, axis=1)[:, :-1]
    cell, week = np.nonzero(waiting)
    where = np.unravel_index(cell, sizes)
    days = (mondays // SECONDS_PER_DAY).tolist()
    named: dict[str, tuple[Wholes | Codes, Names]] = {
        name: (codes.astype(np.int64), names)
        for (name, (_, names)), codes in zip(keys.items(), where, strict=True)
    }
    return tally({**named, "day": (week, days)}, {"waiting": waiting[cell, week]})
