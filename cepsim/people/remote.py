"""At a distance first: who telephones in place of coming, and whose accueil is by telephone or video.

Both follow one draw a person: who is at ease at a distance is so at each step. What is at a distance today is
inside the figures of the tables; only what exceeds it moves anybody.
"""

from __future__ import annotations

from cepsim.errors import TableError
from cepsim.people.profiles import served_as
from cepsim.scenario import Scenario
from cepsim.scenario.vocabulary import IN_WORK, POPULATIONS, Population, Public
from cepsim.tables import Tables

#: The draw that decides both.
PURPOSE = "remote"


def share_by_telephone(tables: Tables, public: Public, parameter: str = "share_phone") -> float:
    """Share of a public's first requests that are calls, at the operator that most of it turns to."""
    return _share(tables, "information", parameter, "all", "opacif" if public in IN_WORK else "pole_emploi")


def telephone_share(scenario: Scenario, tables: Tables, operator: str) -> float:
    """Share of an operator's first contacts that are calls, where the telephone comes first or not."""
    parameter = "share_phone_remote_first" if scenario.service.remote_first else "share_phone"
    return _share(tables, "information", parameter, "all", operator)


def called_instead(tables: Tables, public: Public) -> float:
    """Of those of a public who would come to a desk, share who telephone where that comes first."""
    today = share_by_telephone(tables, public)
    first = share_by_telephone(tables, public, "share_phone_remote_first")
    _check("information: share_phone_remote_first", first, today)
    return (first - today) / (1.0 - today) if today < 1.0 else 0.0


def remote_accueils(tables: Tables) -> list[float]:
    """Share of the accueils that are no longer face to face, by population served."""
    shares = []
    for population in POPULATIONS:
        today = _share(tables, "all", "share_remote_interviews", population, "all")
        first = _share(tables, "accueil", "share_remote", population, "all")
        _check(f"accueil: share_remote, {population}", first, today)
        shares.append(first - today)
    return shares


def is_marginal(scenario: Scenario, operator: str, population: Population) -> bool:
    """Accueil inside the registration interview: job seekers at Pôle emploi, unless distinct."""
    return (
        operator == "pole_emploi"
        and served_as(population, operator) == "demandeurs_emploi"
        and scenario.service.accueil_job_seekers == "marginal"
    )


def _share(tables: Tables, stage: str, parameter: str, population: str, operator: str) -> float:
    figure = tables.stage(stage, parameter, population=population, operator=operator, intensity="all")
    if figure is None:
        raise TableError(
            file="stages.csv",
            field=stage,
            found=f"no row {parameter} for {population}, {operator}",
            expected="one for every operator",
        )
    return figure.mode


def _check(field: str, first: float, today: float) -> None:
    if first < today:
        raise TableError(
            file="stages.csv",
            field=field,
            found=first,
            expected=f"at least {today:g}, the share of today",
            remedy="Raise it, or set service.remote_first to false.",
        )
