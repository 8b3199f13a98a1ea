"""Who works with whom: the teams of a region, whose advisers they join and which stations each serves.

By default each operator has a team of advisers and a first line in every region; Pôle emploi's telephone is
a team of its own. A scenario may cut advisers in two (`staff.teams`), put those of several operators
together (`staff.pooled`), and give everybody's telephone to one platform (`staff.shared_platform`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cepsim.people.remote import telephone_share
from cepsim.scenario import Scenario
from cepsim.scenario.vocabulary import OPERATORS, Operator
from cepsim.tables import Tables

#: Between the operators of a team in its name.
_AND: Final = "+"
#: Tasks of a team that does a part only of what its role does, and the stations that it serves.
TASKS: Final = {
    "accueil": ("accueil",),
    "follow_up": ("conseil", "mises_en_situation", "formalisation", "ingenierie"),
    "telephone": ("telephone", "telephone_repeat", "sortant"),
    "face_to_face": ("guichet", "guichet_repeat", "collectif"),
}
_OF_ADVISERS: Final = (*TASKS["accueil"], *TASKS["follow_up"])
#: The operator whose telephone is a team of its own today.
PLATFORM_OPERATOR: Final[Operator] = "pole_emploi"


@dataclass(frozen=True, slots=True)
class TeamKind:
    """A kind of team of a region: operators, role ("advisers", "first_line"), task ("" for all of it)."""

    operators: tuple[Operator, ...]
    role: str
    task: str

    def serves(self, operator: str, station: str) -> bool:
        """Whether it serves a station of an operator."""
        role = "advisers" if station in _OF_ADVISERS else "first_line"
        return (
            operator in self.operators and self.role == role and station in TASKS.get(self.task, (station,))
        )


def named(operators: tuple[Operator, ...]) -> str:
    """The operators of a team as one name."""
    return _AND.join(operators)


def operators_of(name: str) -> tuple[str, ...]:
    """The operators that a name joins."""
    return tuple(name.split(_AND))


def adviser_teams(scenario: Scenario) -> list[TeamKind]:
    """Teams of advisers of a region, in the order of their first operator: one a task."""
    pool_of = {operator: pool for pool in scenario.staff.pooled for operator in pool}
    tasks = ("accueil", "follow_up") if scenario.staff.teams == "dedicated" else ("",)
    made: list[TeamKind] = []
    for operator in OPERATORS:
        together = pool_of.get(operator, (operator,))
        operators = tuple(one for one in OPERATORS if one in together)
        if operators[0] == operator:
            made += [TeamKind(operators, "advisers", task) for task in tasks]
    return made


def desk_task(scenario: Scenario, operator: str) -> str:
    """Task of an operator's first line in a region: all of it, or the desk where a platform has the calls."""
    apart = scenario.staff.shared_platform != "none" or operator == PLATFORM_OPERATOR
    return "face_to_face" if apart else ""


def telephone_operators(scenario: Scenario) -> tuple[Operator, ...]:
    """The operators whose calls a platform answers."""
    return (PLATFORM_OPERATOR,) if scenario.staff.shared_platform == "none" else OPERATORS


def adviser_share(scenario: Scenario, tables: Tables, operator: str, task: str) -> float:
    """Part of an operator's advisers that a task has; those of accueils are the tables', by intensity."""
    if not task:
        return 1.0
    accueil = tables.figure(f"demand.{operator}.capacity.accueil_share_{scenario.service.intensity}").mode
    return accueil if task == "accueil" else 1.0 - accueil


def first_line_share(scenario: Scenario, tables: Tables, operator: str, task: str) -> float:
    """Part of an operator's first line that a task has, where the tables do not tell its posts by channel.

    As the work of its contacts: calls x their length, over the same with visits.
    """
    if not task or operator == PLATFORM_OPERATOR:
        return 1.0
    calls = telephone_share(scenario, tables, operator)
    work = [
        share * tables.figure(f"stages.information.{parameter}.all.all.all.all").mode_in_base
        for share, parameter in ((calls, "phone_duration"), (1.0 - calls, "walkin_duration"))
    ]
    return work[0 if task == "telephone" else 1] / sum(work)
