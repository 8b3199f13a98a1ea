"""What tests of the shipped scenarios share: dates, regions, loads, and what differs from the central one."""

from datetime import date
from functools import cache

import pandas as pd
from deployments import scenario, tables
from worlds import SHORT, deployed, entrants, from_launch

from cepsim.people.loads import offered_loads
from cepsim.people.stage_figures import StageFigures
from cepsim.scenario import diff

LAUNCH, A_YEAR_LATER = date(2015, 1, 1), date(2016, 1, 1)
ADMITTED_AT_FIRST = [public for wave in scenario("central").waves for public in wave.publics]
EVERYWHERE = tuple(region.code for region in tables().regions)
PILOTS = tuple(region.code for region in tables().regions if region.pilot)


def figures_of(operator: str, name: str) -> StageFigures:
    return StageFigures(operator, scenario(name), tables())


def after_launch(name: str):
    """A run of those who ask from launch on: its deployment, people, trace and state."""
    where, people, _, trace, state = from_launch(name, *SHORT)
    return where, people, trace, state


@cache
def loads(name: str) -> pd.DataFrame:
    """Hours needed, available and usable, and load, by operator and role, in Corse, the year after launch."""
    found = offered_loads(deployed(name, *SHORT), [entrants(name, *SHORT)])
    return found[found["region"] == "94"].set_index(["operator", "role"])


def changed(name: str) -> set[str]:
    """The keys by which a scenario differs from the central one."""
    return {key for key, _, _ in diff(scenario("central"), scenario(name))}
