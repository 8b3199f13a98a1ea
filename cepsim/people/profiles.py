"""Profiles: the kinds of person that durations and routes tell apart.

Somebody who asks for no accueil differs from others by population and depth alone; somebody who does
also by autonomy, distance to the project and kind of project. Depth is 0 for the service of today
(intensity "actuelle") and 1 for what a scenario gives to those it admits.

The population of a profile is that of its attributes; `served_as` is the one whose rows a stage reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

from cepsim.people.crowd import DISTANCES, Crowd
from cepsim.scenario.vocabulary import AUTONOMY, POPULATIONS, PROJECTS, Intensity, Population
from cepsim.trace import Ints

DEPTHS = ("today", "cep")
#: Intensity of what people who are not admitted go on receiving.
TODAY: Final[Intensity] = "actuelle"


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of person; None where it does not matter."""

    population: Population
    depth: int
    autonomy: str | None
    distance: str | None
    project: str | None

    @property
    def asks(self) -> bool:
        """Whether such a person asks for an accueil."""
        return self.project is not None

    @property
    def name(self) -> str:
        """Its name in the network."""
        parts = (self.population, DEPTHS[self.depth], self.autonomy, self.distance, self.project)
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


def profile_of(crowd: Crowd, deeper: bool) -> Ints:
    """Position in PROFILES of each person; `deeper` when the admitted receive more than today's service."""
    depth = crowd.admitted * deeper
    silent = place = crowd.population * 2 + depth
    for code, size in (
        (crowd.autonomy, len(AUTONOMY)),
        (crowd.distance, len(DISTANCES)),
        (crowd.project, len(PROJECTS)),
    ):
        place = place * size + code
    return np.where(crowd.asks == 1, 2 * len(POPULATIONS) + place, silent)
