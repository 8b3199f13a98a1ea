"""Profiles: the kinds of person that durations and routes tell apart.

Somebody who asks for no accueil differs from others by population and depth alone; somebody who does
also by autonomy, distance to the project and kind of project. Depth is 0 for the service of today
(intensity "actuelle") and 1 for what a scenario gives to those it admits.

Four keys of a scenario tell more people apart among those of depth 1 who ask for an accueil: it may be at a
distance, a bilan may be returned or come first, and an account may not hold the hours charged to it. Their
profiles come after all others, which keep their positions.

The population of a profile is that of its attributes; `served_as` is the one whose rows a stage reads.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from itertools import product
from typing import Final

import numpy as np

from cepsim.people.crowd import DISTANCES, Crowd
from cepsim.scenario import Scenario
from cepsim.scenario.vocabulary import (
    AUTONOMY,
    BILAN_DEPTHS,
    POPULATIONS,
    PROJECTS,
    Intensity,
    Population,
)
from cepsim.trace import Ints

DEPTHS = ("today", "cep")
#: Intensity of what people who are not admitted go on receiving.
TODAY: Final[Intensity] = "actuelle"


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of person; None where it does not matter.

    `remote`: the accueil is at a distance, where it would have been face to face. `returned`: the synthesis
    of a bilan of this depth (1 is the first) is returned to the adviser, 0 where none is; `bilan`: one comes
    before what follows the accueil; `notice`: that bilan is made on working time, after a notice. `name`: its
    name in the network.
    """

    population: Population
    depth: int
    autonomy: str | None
    distance: str | None
    project: str | None
    remote: bool = False
    returned: int = 0
    notice: bool = False
    short: bool = False
    bilan: bool = False
    name: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Name it once: a deployment asks for it tens of thousands of times."""
        object.__setattr__(self, "name", self._named())

    @property
    def asks(self) -> bool:
        """Whether such a person asks for an accueil."""
        return self.project is not None

    def _named(self) -> str:
        parts = [self.population, DEPTHS[self.depth], self.autonomy, self.distance, self.project]
        parts += ["remote" if self.remote else None, "notice" if self.notice else None]
        parts += ["short" if self.short else None, "bilan" if self.bilan else None]
        parts += [f"returned_{BILAN_DEPTHS[self.returned - 1]}" if self.returned else None]
        return ".".join(part for part in parts if part)


PROFILES: tuple[Profile, ...] = (
    *(Profile(p, d, None, None, None) for p, d in product(POPULATIONS, (0, 1))),
    *(
        Profile(population, depth, autonomy, distance, project)
        for population, depth, autonomy, distance, project in product(
            POPULATIONS, (0, 1), AUTONOMY, DISTANCES, PROJECTS
        )
    ),
)


def served_as(population: Population, operator: str) -> Population:
    """Population whose rows of `stages` hold at an operator: the young are those of the Missions locales."""
    if operator == "missions_locales":
        return "jeunes"
    return "salaries" if population == "salaries" else "demandeurs_emploi"


def profiles_of(scenario: Scenario) -> tuple[Profile, ...]:
    """The profiles that a scenario tells apart: PROFILES, then those of its variants."""
    return _with_variants(*_variants(scenario))


@cache
def _with_variants(
    shorts: tuple[bool, ...], remotes: tuple[bool, ...], returns: tuple[tuple[int, bool, bool], ...]
) -> tuple[Profile, ...]:
    asking = [profile for profile in PROFILES if profile.depth and profile.asks]
    others = [
        replace(profile, short=short, remote=remote, returned=returned, notice=notice, bilan=bilan)
        for short, remote, (returned, notice, bilan) in product(shorts, remotes, returns)
        if short or remote or returned or bilan
        for profile in asking
    ]
    return (*PROFILES, *others)


def _variants(
    scenario: Scenario,
) -> tuple[tuple[bool, ...], tuple[bool, ...], tuple[tuple[int, bool, bool], ...]]:
    """What a scenario tells apart besides, in order.

    Accounts short of hours; accueils at a distance; bilans returned or first, with a notice or not.
    """
    either = (False, True)
    returned = [(0, False, False)]
    if scenario.service.bilan == "module":
        returned += [(rank + 1, notice, False) for rank in range(len(BILAN_DEPTHS)) for notice in either]
    if scenario.service.bilan_first:
        returned += [(0, notice, True) for notice in either]
    return (
        either if scenario.financing.excludes else (False,),
        either if scenario.service.remote_first else (False,),
        tuple(returned),
    )


def profile_of(crowd: Crowd, scenario: Scenario) -> Ints:
    """Position in `profiles_of` the scenario of each person."""
    # the admitted are told from the others where they receive more than today's service
    depth = crowd.admitted * (scenario.service.intensity != TODAY)
    silent = crowd.population * 2 + depth
    rest = np.zeros(len(crowd), dtype=np.int64)
    for code, size in (
        (crowd.autonomy, len(AUTONOMY)),
        (crowd.distance, len(DISTANCES)),
        (crowd.project, len(PROJECTS)),
    ):
        rest = rest * size + code
    each = len(AUTONOMY) * len(DISTANCES) * len(PROJECTS)
    plain = 2 * len(POPULATIONS) + silent * each + rest
    shorts, remotes, returns = _variants(scenario)
    returned = np.where(crowd.returned == 1, 2 * crowd.bilan_depth - 1 + crowd.time_conseil, 0)
    first = crowd.bilan_first == 1
    returned = np.where(first, 1 + crowd.time_conseil, returned)
    # where nobody leaves for lack of hours, nobody is told apart for it
    short = crowd.short * (len(shorts) - 1)
    variant = (short * len(remotes) + crowd.remote) * len(returns) + returned
    other = len(PROFILES) + ((variant - 1) * len(POPULATIONS) + crowd.population) * each + rest
    # whoever is short, or has his bilan first, is admitted, whatever the intensity
    apart = np.where((short == 1) | first, 1, depth) * variant
    return np.where(crowd.asks == 1, np.where(apart > 0, other, plain), silent)
