"""What a replication says of norms: the waits that they are about, counted by operator and quarter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cepsim.experiment.pipeline import Replication
from cepsim.indicators.episodes import WAIT_STAGES, episodes, journeys
from cepsim.indicators.leaving import Leaving
from cepsim.indicators.waits import Offers, completions, offers, spans
from cepsim.indicators.window import Window
from cepsim.indicators.working_days import WorkingDays
from cepsim.people.story import Story
from cepsim.sizing.claims import Heard
from cepsim.sizing.norm import Norm

_PROJECT: Final = "projet"


def hear(run: Replication, norms: Sequence[Norm], lanes: Sequence[int]) -> list[list[Heard]]:
    """What is heard of each norm, then of each lane of the part that was run."""
    where = run.part.deployment
    story = Story.of(where.network, run.trace, run.state, run.handed)
    found = journeys(where, story)
    waits = episodes(found, run.state.second)
    window = Window.of(where, run.state.second)
    days = WorkingDays.of(where, int(found.rows.joined.min(initial=0)), window.observed)

    def waits_at(stage: str) -> Offers:
        if stage != _PROJECT:
            return offers(run.crowd, waits, days, window, WAIT_STAGES.index(stage))
        *_, to_project = spans(run.crowd, found, waits, Leaving.of(where, run.crowd, story.exits), window)
        return completions(to_project, run.crowd, days, window)

    waited = {stage: waits_at(stage) for stage in {norm.stage for norm in norms}}
    region, cohorts = run.crowd.region, len(window.cohorts)

    def heard(norm: Norm, lane: int) -> Heard:
        everybody = waited[norm.stage]
        return Heard.of(norm, everybody.take(region[everybody.person] == lane), cohorts)

    return [[heard(norm, lane) for lane in lanes] for norm in norms]
