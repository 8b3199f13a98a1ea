"""The people of a deployment: who asks in this scenario, and every draw that they may need."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np

from cepsim.draws import name_code, stream_words
from cepsim.people.asking import those_who_ask
from cepsim.people.commissions import WAYS, way_of
from cepsim.people.crowd import CHANNELS, OTHER_ACTOR, WAYS_IN, Crowd
from cepsim.people.demand import Candidates, Draw, Floats, Stream, candidates
from cepsim.people.deploy import regions_of
from cepsim.people.deployment import Deployment
from cepsim.people.layouts import layouts
from cepsim.people.profiles import profile_of
from cepsim.people.shifts import bound_class
from cepsim.people.stations import BLOCK_NAMES
from cepsim.people.tape import Tape, Words
from cepsim.people.traits import draw_traits
from cepsim.scenario.vocabulary import OPERATORS, PUBLICS
from cepsim.trace import Ints, Shorts

_ENTRY_STATION: Final = {
    "telephone": "telephone",
    "face_to_face": "guichet",
    "collective": "collectif",
    "direct": "accueil",
    "outbound": "sortant",
    OTHER_ACTOR: "relais",
}


@dataclass(frozen=True, slots=True, eq=False)
class Entrants:
    """Who comes, when and where, before any draw of what follows; arrays of shape (n,), by arrival."""

    crowd: Crowd
    chosen: Candidates
    entry: Ints
    alternate: Ints
    profile: Ints
    service_class: Ints


def draw_entrants(
    deployment: Deployment,
    *,
    seed: int,
    replication: int,
    regions: Collection[int] | None = None,
    channels: Collection[str] = CHANNELS,
    before: int | None = None,
) -> Entrants:
    """Everybody who asks between the warm-up and the end of the follow-up, in order of arrival.

    `regions` are positions in those of the deployment, None for all; `channels` those of the sources that
    people come from; `before` the second by which they ask, None for the end of the follow-up. The people
    drawn for some are those that are drawn for all, in the same order.
    """
    scenario = deployment.scenario
    draw = _draw(deployment, seed, replication)
    within = range(len(draw.regions)) if regions is None else regions
    asking = those_who_ask(draw, candidates(draw, within=within, channels=channels, before=before))
    traits = draw_traits(draw, asking, _invited(deployment), deployment.informed)
    crowd = traits.crowd
    prior = np.isin(np.arange(len(PUBLICS)), [PUBLICS.index(p) for p in scenario.service.priority_publics])
    way = np.array([way_of(public) for public in PUBLICS])
    ordinary = 2 * way[crowd.public] + (prior[crowd.public] & (crowd.admitted == 1) | traits.brought)
    return Entrants(
        crowd=crowd,
        chosen=traits.chosen,
        entry=_stations_of(deployment)[traits.operator, traits.way],
        alternate=_accueil_of(deployment)[traits.alternate],
        profile=profile_of(crowd, scenario),
        service_class=ordinary + 2 * len(WAYS) * bound_class(crowd, scenario),
    )


def draw_people(
    deployment: Deployment,
    *,
    seed: int,
    replication: int,
    regions: Collection[int] | None = None,
    channels: Collection[str] = CHANNELS,
    before: int | None = None,
) -> tuple[Crowd, Tape]:
    """The people of a replication and their tape: everything that chance decides.

    For all regions, channels of sources and dates, or for some: see `draw_entrants`.
    """
    who = draw_entrants(
        deployment, seed=seed, replication=replication, regions=regions, channels=channels, before=before
    )
    layout, layout_rows = layouts(deployment.network, who.profile, who.entry, who.alternate)
    blocks = BLOCK_NAMES[: deployment.network.block_count]
    stream, keys = _streams(who.chosen, _draw(deployment, seed, replication))
    return who.crowd, Tape(
        arrival=who.chosen.arrival,
        lane=who.crowd.region.astype(np.int32),
        entry=who.entry.astype(np.int32),
        alternate=who.alternate.astype(np.int32),
        profile=who.profile.astype(np.int32),
        service_class=who.service_class.astype(np.int32),
        layout=layout,
        stream=stream,
        rank=who.chosen.rank.astype(np.int32),
        layout_rows=layout_rows,
        keys=keys,
        blocks=np.array([name_code(name) for name in blocks], dtype=np.uint64),
    )


def _draw(deployment: Deployment, seed: int, replication: int) -> Draw:
    """What the people of a replication are drawn from."""
    return Draw(
        origins=deployment.sources,
        scenario=deployment.scenario,
        tables=deployment.tables,
        regions=regions_of(deployment.tables, deployment.regions),
        horizon=deployment.horizon,
        seed=seed,
        replication=replication,
        sample=deployment.sample,
    )


def _streams(chosen: Candidates, draw: Draw) -> tuple[Shorts, Words]:
    """The stream of each person's draws, and the keys of those that have people, by (source, slab)."""
    slabs = int(chosen.slab.max(initial=0)) + 1
    code = chosen.source.astype(np.int64) * slabs + chosen.slab
    counts = np.bincount(code)
    present = np.flatnonzero(counts).tolist()
    number = (np.cumsum(counts > 0) - 1).astype(np.int32)
    keys = [stream_words(*draw.names(Stream(*divmod(place, slabs))), "visits") for place in present]
    return number[code], np.array(keys, dtype=np.uint64).reshape(-1, 2)


def _invited(deployment: Deployment) -> Floats:
    """Share of the first contacts of the people admitted that meetings answer; shape (regions, operators)."""
    share = np.zeros((len(deployment.regions), len(OPERATORS)))
    stations = deployment.network.station_count
    for queue, held in deployment.sessions[["queue", "share"]].itertuples(index=False):
        operator = deployment.stations["operator"].iat[queue % stations]
        share[queue // stations, OPERATORS.index(operator)] = held
    return share


def _stations_of(deployment: Deployment) -> Ints:
    """Station where people enter, by operator and way in; no last one where no actor informs."""
    names = deployment.network.station_names
    ways = WAYS_IN[:-1] if deployment.informed is None else WAYS_IN
    stations = [[names.index(f"{o}.{_ENTRY_STATION[way]}") for way in ways] for o in OPERATORS]
    return np.array(stations, dtype=np.int64)


def _accueil_of(deployment: Deployment) -> Ints:
    """Station of the accueil of each operator, and -1 last, for nobody."""
    names = deployment.network.station_names
    return np.array([*(names.index(f"{operator}.accueil") for operator in OPERATORS), -1], dtype=np.int64)
