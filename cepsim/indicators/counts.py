"""All that a run counts: integer tables that add up over people, regions and shards.

    count(...) -> Counts        of one run, one region or one shard
    Counts.merge([...])         their sum: any grouping gives the same tables

Ratios, quantiles and spreads are computed from the sum, never added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import pandas as pd

from cepsim.indicators.attributes import count_attributes
from cepsim.indicators.backlog import count_backlog
from cepsim.indicators.episodes import episodes, journeys
from cepsim.indicators.funnel import count_funnel, count_identities
from cepsim.indicators.hours import count_hours
from cepsim.indicators.leaving import Leaving, count_exits
from cepsim.indicators.tally import add_up
from cepsim.indicators.volumes import count_volumes
from cepsim.indicators.waits import count_losses, count_offers, count_waits, spans
from cepsim.indicators.window import Window
from cepsim.indicators.working_days import WorkingDays
from cepsim.people.crowd import Crowd
from cepsim.people.deployment import Deployment
from cepsim.people.hours import worked_seconds
from cepsim.people.story import Story
from cepsim.state import State
from cepsim.trace import Trace

_WAITS: Final = ("entered", "called", "lost", "censored")

#: Measures of each table; its other columns are keys.
MEASURES_OF: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "waits": _WAITS,
        "waits_working_days": _WAITS,
        "losses": ("lost",),
        "offers": ("asked", "within"),
        "funnel": ("people", "contacts", "visits"),
        "attributes": ("people",),
        "identities": ("reached", "served"),
        "identities_ever": ("reached", "served"),
        "exits": ("people",),
        "backlog": ("waiting",),
        "hours": ("duty_s", "used_s", "overtime_s", "idle_s"),
        "hours_by": ("used_s", "overtime_s"),
        "volumes": ("count",),
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Tables of whole numbers (int64); which columns each holds is said where it is counted.

    Attributes:
        window: the dates of the run, the same for all that is added.
        waits, waits_working_days: `waits.count_waits`, in `bins.SECONDS` and `bins.WORKING_DAYS`.
        losses: `waits.count_losses`. offers: `waits.count_offers`.
        funnel: `funnel.count_funnel`. attributes: `attributes.count_attributes`.
        identities, identities_ever: `funnel.count_identities`.
        exits: `leaving.count_exits`. backlog: `backlog.count_backlog`.
        hours, hours_by: `hours.count_hours`. volumes: `volumes.count_volumes`.
    """

    window: Window
    waits: pd.DataFrame
    waits_working_days: pd.DataFrame
    losses: pd.DataFrame
    offers: pd.DataFrame
    funnel: pd.DataFrame
    attributes: pd.DataFrame
    identities: pd.DataFrame
    identities_ever: pd.DataFrame
    exits: pd.DataFrame
    backlog: pd.DataFrame
    hours: pd.DataFrame
    hours_by: pd.DataFrame
    volumes: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table by name."""
        return {name: getattr(self, name) for name in MEASURES_OF}

    @classmethod
    def merge(cls, parts: Sequence[Counts]) -> Counts:
        """The sum of several counts. Raises ValueError if there is none, or if their windows differ."""
        windows = {part.window for part in parts}
        if len(windows) != 1:
            raise ValueError(f"counts of {len(windows)} different windows cannot be added")
        summed = {
            name: add_up([getattr(part, name) for part in parts], measures)
            for name, measures in MEASURES_OF.items()
        }
        return cls(windows.pop(), **summed)

    def of_everybody(self, sample: int) -> Counts:
        """The counts of everybody, from those of one person in `sample`; hours are those of all already."""
        if sample == 1:
            return self
        grown = {
            name: getattr(self, name).assign(**{m: getattr(self, name)[m] * sample for m in measures})
            for name, measures in MEASURES_OF.items()
            if name not in ("hours", "hours_by")
        }
        return replace(self, **grown)

    def equals(self, other: Counts) -> bool:
        """Same window and same tables, number for number."""
        mine, theirs = self.tables, other.tables
        return self.window == other.window and all(mine[name].equals(theirs[name]) for name in mine)


def count(
    deployment: Deployment,
    crowd: Crowd,
    trace: Trace,
    state: State,
    start: State | None = None,
    *,
    story: Story | None = None,
    counts_people: bool = True,
    worked: pd.DataFrame | None = None,
    deterred: pd.DataFrame | None = None,
) -> Counts:
    """Count a run observed from launch to `state`, the state in which the engine stopped.

    `start` is the state at launch (None: nobody was there); it gives the file work of advisers whose person
    had left by then. The warm-up is not counted, except in what its people go on with. `story` is what
    the people did, in a shard run before as well, where it is known already; hours are those of the teams run
    here. Without `counts_people` only these are counted: the people are counted where they go on. `worked` is
    what `worked_seconds` gives of all this, where it is known already; `deterred` are volumes of people who
    did not come, as `deterred.count_deterred` gives them, if there are some. Of a sample of one person in n,
    each person counts for n.
    """
    window = Window.of(deployment, state.second)
    if worked is None:
        worked = worked_seconds(deployment, crowd, trace, state, start)
    by_team, by_use = count_hours(deployment, crowd, trace, worked)
    if not counts_people:
        story = Story.of_nobody(deployment.network, state)
    elif story is None:
        story = Story.of(deployment.network, trace, state)
    found = journeys(deployment, story)
    waits = episodes(found, window.observed)
    leaving = Leaving.of(deployment, crowd, story.exits)
    days = WorkingDays.of(deployment, int(found.rows.joined.min(initial=0)), window.observed)
    going_on = spans(crowd, found, waits, leaving, window)
    elapsed, working = count_waits(deployment.regions, crowd.region, crowd.public, going_on, days, window)
    volumes = count_volumes(deployment, crowd, found, waits, story, leaving, window)
    if deterred is not None:
        volumes = add_up([volumes, deterred], MEASURES_OF["volumes"])
    by_year, ever = count_identities(deployment, crowd, found, window)
    return Counts(
        window=window,
        waits=elapsed,
        waits_working_days=working,
        losses=count_losses(deployment, crowd, waits, window),
        offers=count_offers(deployment, crowd, waits, days, window),
        funnel=count_funnel(deployment, crowd, found, story.state, leaving, window),
        attributes=count_attributes(crowd, found, leaving, window),
        identities=by_year,
        identities_ever=ever,
        exits=count_exits(deployment, crowd, found, story, window),
        backlog=count_backlog(deployment, found, window),
        hours=by_team,
        hours_by=by_use,
        volumes=volumes,
    ).of_everybody(deployment.sample)
