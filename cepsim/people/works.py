"""What people do in a conseil between its interviews: tests, enquêtes, mises en situation.

    last interview of the conseil -> tests -> enquetes -> mises_en_situation -> formalisation

Each that the scenario names is done by a share of the people admitted who have the interviews of a conseil to
the end, whatever else they do; nobody else does any. Tests and enquêtes take time and no adviser. An adviser
puts a mise en situation together, as file work; then an employer is looked for and the person is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from cepsim.network import Branch, NetworkBuilder, Station
from cepsim.people.profiles import Profile
from cepsim.people.stage_figures import StageFigures
from cepsim.scenario.vocabulary import CONSEIL_WORKS, ConseilWork
from cepsim.tables import Tables

#: Share of the people who do each of them: parameters of the stage conseil.
_SHARES: Final = MappingProxyType(
    {"tests": "p_tests", "enquetes": "p_enquetes", "mises_en_situation": "p_workplace_trial"}
)
#: The one that takes an adviser's time; it comes last.
TRIAL: Final[ConseilWork] = "mises_en_situation"


def add_work_stations(figures: StageFigures, builder: NetworkBuilder, blocks: Sequence[int]) -> None:
    """Add the stations of an operator, in the order of CONSEIL_WORKS; `blocks` are those of their draws."""
    for work, block in zip(CONSEIL_WORKS, blocks, strict=True):
        parameter = "workplace_trial_backoffice" if work == TRIAL else f"{work}_elapsed"
        of = {p.name: figures.figure("conseil", parameter, p) for p in figures.profiles}
        if work == TRIAL:
            laws = {name: figures.interview_law(figure.mode_in_base) for name, figure in of.items()}
            # who is followed stays so: his adviser puts it together
            station = Station(
                figures.name(work), block, laws, file_work=True, referent_wait_s=figures.referent_wait_s
            )
        else:
            station = Station(
                figures.name(work), block, {name: figures.elapsed(figure) for name, figure in of.items()}
            )
        builder.station(station)


def through_works(
    figures: StageFigures,
    profile: Profile,
    works: Sequence[ConseilWork],
    onward: Sequence[Branch],
) -> list[Branch]:
    """Those of `works` that a profile may do, each by its share, and `onward` for who does none."""
    branches, left = [], 1.0
    for work in works:
        if profile.depth and work in figures.scenario.service.conseil_works:
            share = figures.mode("conseil", _SHARES[work], profile)
            branches.append(Branch(left * share, figures.name(work)))
            left *= 1.0 - share
    return [*branches, *(scaled(branch, left) for branch in onward)]


def scaled(branch: Branch, share: float) -> Branch:
    """The same way on, for a share of those who took it."""
    return replace(branch, share=branch.share * share)


def trial_seconds(figures: StageFigures, profile: Profile) -> float:
    """Mean time from the adviser's work to the end of a mise en situation."""
    parameters = ("workplace_trial_search", "workplace_trial_days")
    return sum(figures.figure("conseil", name, profile).mode_in_base for name in parameters)


def tests_seconds(tables: Tables) -> int:
    """Time of a psychologist or of a provider for the tests of a person."""
    return round(tables.figure("stages.conseil.tests_hours.all.all.all.all").mode_in_base)
