"""A financer apart from the body that advises: which files are handed over, and who still lends advisers."""

from __future__ import annotations

from typing import Final

from cepsim.people.posts import lenders
from cepsim.scenario import Scenario
from cepsim.scenario.vocabulary import Operator, Project
from cepsim.tables import Tables

#: Who advises and finances today.
FINANCER: Final[Operator] = "opacif"
#: Kinds of projects that it finances: the CIF is a way of financing a formation.
FINANCED: Final[tuple[Project, ...]] = ("formation", "vae")


def is_handed_over(scenario: Scenario, operator: str, admitted: bool, project: str | None) -> bool:
    """Whether a file of this project, of somebody admitted or not, is handed over to a financer apart."""
    return scenario.service.financer_apart and operator == FINANCER and admitted and project in FINANCED


def who_take_back(scenario: Scenario, tables: Tables) -> tuple[str, ...]:
    """The operators whose advisers go back to their other work where CEP leaves them free.

    A body apart has no other work: the OPACIF keep the files, and not the advisers.
    """
    apart = scenario.service.financer_apart
    return tuple(operator for operator in lenders(scenario, tables) if not (apart and operator == FINANCER))
