"""Where and why people leave, and who is still there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from cepsim.indicators.episodes import Journeys, station_operators, station_stages, stations_of
from cepsim.indicators.tally import tally
from cepsim.indicators.who import Mask, flags, where_from
from cepsim.indicators.window import Window
from cepsim.people.crowd import Crowd
from cepsim.people.deployment import Deployment
from cepsim.people.story import Story
from cepsim.scenario.vocabulary import OPERATORS, STAGES
from cepsim.trace import Exits, Ints, Outcome

#: Exits of a network that complete a project, and that leave a conseil after its last interview.
COMPLETED: Final = "completed"
DROPPED_OUT: Final = "dropped_out"
#: Cause of those who have not left when the horizon ends, and their outcome between two visits.
STILL_THERE: Final = "still_there"
BETWEEN: Final = "between"

_NOT_YET: Final = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True, eq=False)
class Leaving:
    """When each person of the crowd leaves, and how; shape (people,).

    `second` is the greatest integer for those who have not left, or had before launch.
    """

    second: Ints
    completed: Mask
    dropped_out: Mask

    @property
    def has_left(self) -> Mask:
        """Who left between launch and the end of observation."""
        return np.asarray(self.second != _NOT_YET)

    @classmethod
    def of(cls, deployment: Deployment, crowd: Crowd, exits: Exits) -> Leaving:
        """Read from exits."""
        names = np.array(deployment.network.exit_names)
        second = np.full(len(crowd), _NOT_YET)
        second[exits.person] = exits.second
        return cls(
            second,
            flags(crowd, exits.person[(names == COMPLETED)[exits.exit]]),
            flags(crowd, exits.person[(names == DROPPED_OUT)[exits.exit]]),
        )


def count_exits(
    deployment: Deployment, crowd: Crowd, found: Journeys, story: Story, window: Window
) -> pd.DataFrame:
    """Who leaves within the horizon, and who is still there when it ends.

    Columns region, public, year, operator, stage, cause, outcome; people. `cause` is the network's exit or
    "still_there", in the last year; `outcome` that of the last visit, or "waiting", "in_service" or
    "between" two visits for those who are still there.
    """
    last_row = np.full(len(crowd), -1, dtype=np.int64)
    last_row[found.rows.person[found.last]] = np.flatnonzero(found.last)
    exits = story.exits.take((story.exits.second >= 0) & (story.exits.second < window.end))
    there, queue, outcome = _still_there(crowd, found, story, window)
    person = np.concatenate([exits.person, there])
    station = stations_of(deployment, np.concatenate([exits.queue, queue]))
    year = np.concatenate([window.year(exits.second), np.full(len(there), len(window.years) - 1)])
    cause = np.concatenate([exits.exit, np.full(len(there), len(deployment.network.exit_names))])
    ended = np.concatenate([found.rows.outcome[last_row[exits.person]], outcome])
    return tally(
        {
            **where_from(deployment, crowd, person),
            "year": (year, window.years),
            "operator": (station_operators(deployment)[station], OPERATORS),
            "stage": (station_stages(deployment)[station], STAGES),
            "cause": (cause, [*deployment.network.exit_names, STILL_THERE]),
            "outcome": (ended, [*(name.name.lower() for name in Outcome), BETWEEN]),
        },
        {"people": np.ones(len(person), dtype=np.int64)},
    )


def _still_there(crowd: Crowd, found: Journeys, story: Story, window: Window) -> tuple[Ints, Ints, Ints]:
    """Who is in the service when the horizon ends, in which queue, doing what."""
    rows, people, exits = found.rows, story.state.people, story.exits
    begun = np.flatnonzero(rows.joined < window.end)
    row = np.full(len(crowd), -1, dtype=np.int64)
    row[rows.person[begun]] = begun  # in order: the last one stands
    gone = flags(crowd, exits.person[exits.second < window.end])
    present = np.flatnonzero((row >= 0) & ~gone)
    at = row[present]
    waiting = found.wait_ends[at] >= window.end
    serving = ~waiting & found.attended[at] & (rows.ended[at] >= window.end)
    outcome = np.where(
        waiting, int(Outcome.WAITING), np.where(serving, int(Outcome.IN_SERVICE), len(Outcome))
    )
    # people who came before launch and have not come back by the end of the horizon: their next queue
    next_queue = np.full(len(crowd), -1, dtype=np.int64)
    next_queue[people.person] = people.queue
    next_queue[rows.person[::-1]] = rows.queue[::-1]
    silent = (next_queue >= 0) & (row < 0) & ~gone & ~flags(crowd, rows.person[rows.visit == 0])
    absent = np.flatnonzero(silent)
    return (
        np.concatenate([present, absent]),
        np.concatenate([rows.queue[at], next_queue[absent]]),
        np.concatenate([outcome, np.full(len(absent), len(Outcome))]),
    )
