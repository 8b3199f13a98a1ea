"""Who is answered by actors that inform, in place of an operator's first line: shares by region.

    able    = contacts that the staff of the actors named could answer x part of its hours open to CEP
    asked   = share that the regional service sends x contacts expected a year of the people admitted
    share   = what is sent, as far as they are able

Actors for the young (role youth, unless the tables give them a part for adults) answer young people alone,
and first; the others answer who is left, young or not, in the same proportion. Nothing says which actor of
either kind somebody goes to: each has the part that it is able to answer. Regions have the part of
their active population in what actors are able, since nobody counted them by region.
"""

from __future__ import annotations

import numpy as np

from cepsim.people.actors import contacts_able
from cepsim.people.asking import admitted_part
from cepsim.people.cells import Mask
from cepsim.people.demand import Floats, induced_share
from cepsim.people.routes import repeat_figure
from cepsim.people.sources import Source
from cepsim.scenario import Scenario
from cepsim.scenario.vocabulary import JOB_SEEKERS, SCHOOL_LEAVERS, Public
from cepsim.tables import Population, Region, Tables
from cepsim.tables.actors import actor_rows

_SENT = "demand.all.contacts.share_sent_to_informing_actors"
_OPEN = "demand.all.capacity.informing_actors_open_share"


def informed_shares(
    scenario: Scenario,
    tables: Tables,
    population: Population,
    origins: list[Source],
    regions: tuple[Region, ...],
) -> Floats | None:
    """Share of the first contacts of the admitted that each actor answers.

    Shape (regions, 2, actors named): of adults, then of the young, by actor in the order of the scenario.
    None where the scenario names no actor. Contacts expected are those of a year in which the right is known,
    shocks apart, so that what is sent exceeds what actors are able to answer in no such year.
    """
    if not scenario.service.informing_actors:
        return None
    able, is_for_young = _able(scenario, tables)
    active = population.stocks.sum(axis=1)
    sent = tables.figure(_SENT).mode
    shares = [
        _bounded(
            sent,
            _yearly_contacts(scenario, tables, [o for o in origins if o.region == number], region),
            able * float(active[region.code] / active.sum()),
            is_for_young,
        )
        for number, region in enumerate(regions)
    ]
    return np.array(shares)


def _bounded(sent: float, contacts: Floats, able: Floats, is_for_young: Mask) -> Floats:
    """Shares of adults' and of the young's contacts by actor; shape (2, actors).

    `contacts` are of adults, then of the young; `able` is by actor. What is able of adults is able of
    everybody.
    """
    for_young, for_all = (np.where(kind, able, 0.0) for kind in (is_for_young, ~is_for_young))
    adults, young = sent * contacts
    at_youth_actors = min(young, for_young.sum())
    left = adults + young - at_youth_actors
    part = min(1.0, for_all.sum() / left) if left > 0.0 else 1.0
    first, then = (
        (at_youth_actors / contacts[1], part * (young - at_youth_actors) / contacts[1])
        if contacts[1] > 0
        else (0.0, 0.0)
    )
    at_first, at_others = _parts(for_young), _parts(for_all)
    return np.array([sent * part * at_others, first * at_first + then * at_others])


def _parts(able: Floats) -> Floats:
    """The part of each in what all are able to answer; nothing where nobody is able."""
    total = able.sum()
    return able / total if total > 0.0 else able


def _able(scenario: Scenario, tables: Tables) -> tuple[Floats, Mask]:
    """Contacts a year in France that each actor named can answer, and whether they are of the young alone."""
    rows = {row["actor"]: row for row in actor_rows(tables)}
    able, is_for_young = [], []
    for actor in scenario.service.informing_actors:
        found = contacts_able(tables, actor)
        able.append(found.range.mode if found is not None else 0.0)
        adults = tables.has(f"actors.{actor}.share_adult_public")
        is_for_young.append(rows[actor]["role"] == "youth" and not adults)
    return np.array(able) * tables.figure(_OPEN).mode, np.array(is_for_young, dtype=np.bool_)


def _yearly_contacts(scenario: Scenario, tables: Tables, origins: list[Source], region: Region) -> Floats:
    """Contacts expected a year of the people admitted, repeats included: of adults, of the young."""
    repeats = tables.figure(f"demand.all.contacts.{repeat_figure(scenario)}").mode
    growth, found = 1.0 + induced_share(scenario, tables), np.zeros(2)
    for origin in origins:
        if origin.channel == "direct":
            continue
        admitted = admitted_part(scenario, tables, origin.public, region.code)
        contacts = (
            origin.stock * origin.rate * (growth if origin.can_grow else 1.0) * admitted / (1.0 - repeats)
        )
        young = _young(tables, origin.public)
        found += contacts * np.array([1.0 - young, young])
    return found


def _young(tables: Tables, public: Public) -> float:
    """Share of a public who are served as young people are."""
    if public in JOB_SEEKERS:
        return tables.figure("publics.attribute.demandeurs_emploi.under_26").mode
    return 1.0 if public == SCHOOL_LEAVERS else 0.0
