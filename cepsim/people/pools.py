"""Teams that several operators share, read from the loads of a scenario, which have a row for each."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cepsim.people.deployment import NATIONAL
from cepsim.scenario.vocabulary import OPERATORS


@dataclass(frozen=True, slots=True)
class Pool:
    """Teams of one role shared by the same operators, of regions or `national`: their names in the loads."""

    operators: tuple[str, ...]
    role: str
    national: bool
    teams: tuple[object, ...]


def pools_of(loads: pd.DataFrame) -> list[Pool]:
    """The pools of one scenario, in the order of their teams; none where each operator has its own."""
    found: dict[tuple[tuple[str, ...], str, bool], list[object]] = {}
    for team, rows in loads.groupby("team", sort=False):
        here = set(rows["operator"])
        if len(here) > 1:
            operators = tuple(name for name in OPERATORS if name in here)
            key = (operators, str(rows["role"].iloc[0]), bool((rows["region"] == NATIONAL).all()))
            found.setdefault(key, []).append(team)
    return [Pool(*key, tuple(teams)) for key, teams in found.items()]
