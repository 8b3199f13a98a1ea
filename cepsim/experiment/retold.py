"""One person of a run, followed from the first request on: the run of his region is made again.

Nothing of a run says what became of each person: it is simulated again, as it was, and read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cepsim.errors import UsageError
from cepsim.experiment.pipeline import (
    Draws,
    Opening,
    Passage,
    Replication,
    Setting,
    from_day_one,
    open_part,
    passed_on,
)
from cepsim.experiment.plan import Plan
from cepsim.people.shards import before
from cepsim.people.story import Story
from cepsim.scenario import Scenario
from cepsim.trace import NEVER, Outcome, Reason


@dataclass(frozen=True, slots=True, eq=False)
class Retold:
    """What happened to somebody, under a scenario and in a region.

    `number` is his rank there. `who`: his row of the crowd. `asked`: second of his first request. `visits`:
    one row each, in order, columns station, operator, stage, channel, reason, outcome (as texts), joined,
    called, ended (seconds from launch, NA where it never came). `left` names the exit, "" for who is still
    there when observation ends.
    """

    scenario: Scenario
    region: str
    number: int
    who: dict[str, int]
    asked: int
    visits: pd.DataFrame
    left: str


def retell(
    planned: Plan, number: int, scenario: str = "", region: str = "", *, replication: int = 0
) -> Retold:
    """The story of the `number`-th person, from 1, who asks in a region from launch on.

    The last scenario and the first region, where none is named. The same number is somebody else under
    another scenario, where others ask. Raises UsageError where the run has no such scenario, region,
    replication or person.
    """
    told, region = planned.place(scenario, region)
    if not 0 <= replication < planned.replications:
        raise UsageError(f"the run has no replication {replication + 1}: it has {planned.replications}")
    of = _part(planned, told, region, replication)
    network = of.part.deployment.network
    lane = of.part.deployment.regions.index(region)
    asking = np.flatnonzero((of.tape.arrival >= 0) & (of.tape.lane == lane))
    if not 1 <= number <= len(asking):
        raise UsageError(f"{len(asking)} people ask in the region {region}, there is no person {number}")
    person = int(asking[number - 1])
    story = Story.of(of.part.deployment.network, of.trace, of.state, of.handed)
    exits = story.exits.exit[story.exits.person == person]
    return Retold(
        scenario=told,
        region=region,
        number=number,
        who={name: int(column[person]) for name, column in vars(of.crowd).items()},
        asked=int(of.tape.arrival[person]),
        visits=_visits(of, story, person),
        left=network.exit_names[int(exits[0])] if len(exits) else "",
    )


def _part(planned: Plan, scenario: Scenario, region: str, replication: int) -> Replication:
    """The run of a region again, after that of the platforms that serve it."""
    setting = Setting.of(scenario, planned.tables, planned.regions, planned.sample)
    draws = Draws(planned.seed, replication, planned.engine)
    home = next(rank for rank, part in enumerate(setting.parts) if region in part.regions)

    def again(rank: int, passage: Passage | None) -> tuple[Opening, Replication]:
        opening = open_part(setting.warm_up[rank], passage, draws)
        return opening, from_day_one(setting.parts[rank], opening, passage, draws)

    passages: dict[int, Passage] = {}
    for rank in before(setting.parts, home):
        passages |= passed_on(*again(rank, None))
    return again(home, passages.get(setting.parts[home].shard.lanes[0]))[1]


def _visits(of: Replication, story: Story, person: int) -> pd.DataFrame:
    deployment = of.part.deployment
    rows = story.visits.take(story.visits.person == person)
    station = rows.queue % deployment.network.station_count
    known = deployment.stations.iloc[station]
    moments = {
        name: pd.array(getattr(rows, name).astype(np.int64), dtype="Int64")
        for name in ("joined", "called", "ended")
    }
    for column in moments.values():
        column[column == NEVER] = pd.NA
    return pd.DataFrame(
        {
            "station": [deployment.network.station_names[number] for number in station],
            **{name: known[name].to_list() for name in ("operator", "stage", "channel")},
            "reason": [Reason(code).name.lower() for code in rows.reason.tolist()],
            "outcome": [Outcome(code).name.lower() for code in rows.outcome.tolist()],
            **moments,
        }
    )
