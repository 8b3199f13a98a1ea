"""A scenario run part after part, and whole: what is counted must be the same."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cepsim.experiment.pipeline import (
    Draws,
    Measured,
    Passage,
    Setting,
    open_part,
    run_part,
    warm_up_scenario,
)
from cepsim.people.deploy import deploy
from cepsim.people.shards import Part
from cepsim.scenario import Scenario
from cepsim.tables import Tables

_DRAWS = Draws(1, 0)


def in_parts(
    scenario: Scenario, tables: Tables, codes: Sequence[str], *, keeps_outcomes: bool = False
) -> dict[str, Measured]:
    """What each part gives, by its name, platforms first."""
    setting = Setting.of(scenario, tables, codes)
    passages: dict[int, Passage] = {}
    found = {}
    for rank, part in enumerate(setting.parts):
        passage = passages.get(part.shard.lanes[0]) if part.is_home else None
        opening = open_part(setting.warm_up[rank], passage, _DRAWS)
        found[part.name], handed = run_part(
            part, opening, passage, _DRAWS, lambda _share: None, keeps_outcomes=keeps_outcomes
        )
        passages |= handed
    return found


def at_once(
    scenario: Scenario, tables: Tables, codes: Sequence[str], *, keeps_outcomes: bool = False
) -> Measured:
    """What the same regions give as one part."""
    shard = Setting.of(scenario, tables, codes).parts[0].shard
    everything = replace(shard, queues=np.ones_like(shard.queues), teams=np.ones_like(shard.teams))
    whole, world = (
        Part(everything, deploy(of, tables, codes), is_home=True)
        for of in (scenario, warm_up_scenario(scenario, tables))
    )
    opening = open_part(world, None, _DRAWS)
    return run_part(whole, opening, None, _DRAWS, lambda _share: None, keeps_outcomes=keeps_outcomes)[0]
