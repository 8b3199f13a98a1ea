"""Scenarios compiled in a small region, and their people, each built once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from deployments import scenario, tables

from cepsim.engine import compiled_engine
from cepsim.people.crowd import Crowd
from cepsim.people.deploy import deploy
from cepsim.people.deployment import Deployment
from cepsim.people.population_tape import Entrants, draw_entrants, draw_people
from cepsim.people.sources import Source
from cepsim.people.tape import Tape
from cepsim.scenario import Scenario
from cepsim.scenario.vocabulary import PUBLICS
from cepsim.state import State
from cepsim.tables import Region
from cepsim.trace import Trace

CORSE = ("94",)
SEED = 7
#: A short run: the year before launch and the year after.
SHORT = (("calendar.years", 1), ("calendar.follow_up_years", 0))

#: A plant that closes: half as many again for six months.
SHOCK = {
    "publics": ["salaries_cdi"],
    "from_date": date(2015, 3, 1),
    "until": date(2015, 9, 1),
    "change": 0.5,
    "reason": "A plant closes",
}


@cache
def variant(name: str, *changes: tuple[str, Any]) -> Scenario:
    """A shipped scenario with other values for some keys; lists are given as tuples."""
    if not changes:
        return scenario(name)
    values = {key: list(value) if isinstance(value, tuple) else value for key, value in changes}
    return scenario(name).derive(values, name=name, tables=tables())


@cache
def deployed(name: str, *changes: tuple[str, Any], regions: Sequence[str] = CORSE) -> Deployment:
    """The scenario compiled."""
    return deploy(variant(name, *changes), tables(), regions)


@cache
def entrants(name: str, *changes: tuple[str, Any], regions: Sequence[str] = CORSE) -> Entrants:
    """Who asks in it."""
    return draw_entrants(deployed(name, *changes, regions=regions), seed=SEED, replication=0)


@cache
def tape(name: str, *changes: tuple[str, Any], regions: Sequence[str] = CORSE) -> Tape:
    """Their draws."""
    return draw_people(deployed(name, *changes, regions=regions), seed=SEED, replication=0)[1]


def region(code: str) -> Region:
    """A region of the tables."""
    return next(r for r in tables().regions if r.code == code)


def origins(who: Entrants, where: Deployment) -> list[Source]:
    """The source of each person."""
    return [where.sources[number] for number in who.chosen.source.tolist()]


@cache
def identified(name: str, *changes: tuple[str, Any], regions: Sequence[str] = CORSE) -> pd.DataFrame:
    """One row a person, indexed by what identifies him whatever the scenario; in the order of the tape.

    Besides the columns of the crowd: `arrival`, `date` (absolute), `operator`, `person` (number on the tape).
    Shared by the tests: none may change it.
    """
    where, who = (
        deployed(name, *changes, regions=regions),
        entrants(name, *changes, regions=regions),
    )
    found = who.crowd.frame()
    of = [(s.public, s.source, s.channel) for s in where.sources]
    public, source, asked_by = (
        np.array(part, dtype=object)[who.chosen.source] for part in zip(*of, strict=True)
    )
    code = np.array(where.regions, dtype=object)[who.crowd.region]
    launch = pd.Timestamp(where.horizon.launch)
    found = found.assign(
        arrival=who.chosen.arrival,
        date=launch + pd.to_timedelta(who.chosen.arrival, unit="s"),
        operator=where.stations["operator"].to_numpy()[who.entry],
        station=np.array(where.network.station_names, dtype=object)[who.entry],
        alternate=who.alternate,
        profile=who.profile,
        person=np.arange(len(who.entry)),
        level=who.chosen.level,
        name_of_public=np.array(PUBLICS, dtype=object)[who.crowd.public],
    )
    keys = [code, public, source, asked_by, found["slab"], found["rank"]]
    found.index = pd.MultiIndex.from_arrays(keys, names=["code", "of", "why", "by", "in_slab", "in_rank"])
    assert found.index.is_unique
    return found


@cache
def from_launch(
    name: str, *changes: tuple[str, Any], regions: Sequence[str] = CORSE, engine: Any = compiled_engine
) -> Launched:
    """Those who ask from launch on, run from nobody."""
    where = deployed(name, *changes, regions=regions)
    people, of = draw_people(where, seed=SEED, replication=0)
    after = of.arrival >= 0
    people, of = people.take(after), of.take(after)
    return Launched(where, people, of, *engine.run(where.network, of, None, 0, where.horizon.observed))


class Launched(NamedTuple):
    """A run from launch on."""

    deployment: Deployment
    people: Crowd
    tape: Tape
    trace: Trace
    state: State
