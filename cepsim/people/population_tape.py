"""The people of a deployment: who asks in this scenario, and every draw that they may need."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cepsim.draws import name_code, stream_words, threshold
from cepsim.network.layout import rows_by_block
from cepsim.people.crowd import CHANNELS, Crowd
from cepsim.people.demand import Candidates, candidates
from cepsim.people.deploy import regions_of
from cepsim.people.deployment import Deployment
from cepsim.people.profiles import profile_of
from cepsim.people.sessions import collective_share
from cepsim.people.sources import source_names
from cepsim.people.stations import BLOCK_NAMES
from cepsim.people.tape import Tape, Words, unique_layouts
from cepsim.people.traits import Traits, draw_traits
from cepsim.scenario.vocabulary import OPERATORS, PUBLICS
from cepsim.trace import Ints

_ENTRY_STATION = {
    "telephone": "telephone",
    "face_to_face": "guichet",
    "collective": "collectif",
    "direct": "accueil",
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


def draw_entrants(deployment: Deployment, *, seed: int, replication: int) -> Entrants:
    """Everybody who asks between the warm-up and the end of the follow-up, in order of arrival."""
    scenario, tables = deployment.scenario, deployment.tables
    regions = regions_of(tables, deployment.regions)
    origins = list(deployment.sources)
    run = {"seed": seed, "replication": replication}
    everybody = candidates(origins, scenario, tables, regions, deployment.horizon, **run)
    traits = draw_traits(everybody, origins, scenario, tables, regions, deployment.horizon, **run)
    crowd = _with_meetings(deployment, traits)
    prior = [PUBLICS.index(public) for public in scenario.service.priority_publics]
    return Entrants(
        crowd=crowd,
        chosen=traits.chosen,
        entry=_stations_of(deployment, traits.operator, np.array(CHANNELS)[crowd.channel]),
        alternate=np.where(traits.alternate >= 0, _accueil_of(deployment)[traits.alternate], -1),
        profile=profile_of(crowd, deeper=scenario.service.intensity != "actuelle"),
        service_class=(np.isin(crowd.public, prior) & (crowd.admitted == 1)).astype(np.int64),
    )


def draw_people(deployment: Deployment, *, seed: int, replication: int) -> tuple[Crowd, Tape]:
    """The people of a replication and their tape: everything that chance decides."""
    who = draw_entrants(deployment, seed=seed, replication=replication)
    layout, layout_rows = _layouts(deployment, who.profile, who.entry, who.alternate)
    stream, keys = _streams(deployment, who.chosen, seed, replication)
    return who.crowd, Tape(
        arrival=who.chosen.arrival,
        lane=who.crowd.region,
        entry=who.entry,
        alternate=who.alternate,
        profile=who.profile,
        service_class=who.service_class,
        layout=layout,
        stream=stream,
        rank=who.chosen.rank,
        layout_rows=layout_rows,
        keys=keys,
        blocks=np.array([name_code(name) for name in BLOCK_NAMES], dtype=np.uint64),
    )


def _streams(deployment: Deployment, chosen: Candidates, seed: int, replication: int) -> tuple[Ints, Words]:
    """The stream of each person's draws, and the keys of streams: those of (source, slab)."""
    regions = regions_of(deployment.tables, deployment.regions)
    slabs = int(chosen.slab.max(initial=0)) + 1
    found, stream = np.unique(chosen.source * slabs + chosen.slab, return_inverse=True)
    keys = [
        stream_words(*source_names(deployment.sources[origin], regions, seed, replication), slab, "visits")
        for origin, slab in (divmod(int(code), slabs) for code in found)
    ]
    return stream.reshape(-1).astype(np.int64), np.array(keys, dtype=np.uint64).reshape(-1, 2)


def _with_meetings(deployment: Deployment, traits: Traits) -> Crowd:
    """The crowd, with the channel of those whose first contact is a meeting."""
    limit = threshold(collective_share(deployment.scenario, deployment.tables))
    places = np.zeros((len(deployment.regions), len(OPERATORS)), dtype=bool)
    stations = deployment.network.station_count
    for queue in deployment.sessions["queue"].to_list():
        operator = deployment.stations["operator"].iat[queue % stations]
        places[queue // stations, OPERATORS.index(operator)] = True
    crowd = traits.crowd
    called = (traits.collective < limit) & (crowd.admitted == 1) & places[crowd.region, traits.operator]
    called &= crowd.channel != CHANNELS.index("direct")
    return replace(crowd, channel=np.where(called, CHANNELS.index("collective"), crowd.channel))


def _stations_of(
    deployment: Deployment, operator: Ints, channel: np.ndarray[tuple[int], np.dtype[np.str_]]
) -> Ints:
    """Station of entry of each person."""
    names = deployment.network.station_names
    entry = np.empty(len(operator), dtype=np.int64)
    for code, name in enumerate(OPERATORS):
        for way, station in _ENTRY_STATION.items():
            entry[(operator == code) & (channel == way)] = names.index(f"{name}.{station}")
    return entry


def _accueil_of(deployment: Deployment) -> Ints:
    """Station of the accueil of each operator."""
    names = deployment.network.station_names
    return np.array([names.index(f"{operator}.accueil") for operator in OPERATORS], dtype=np.int64)


def _layouts(deployment: Deployment, profile: Ints, entry: Ints, alternate: Ints) -> tuple[Ints, Ints]:
    """Layout of each person's draws, from the few distinct (profile, entry, alternate)."""
    kinds, kind = np.unique(np.stack([profile, entry, alternate], axis=1), axis=0, return_inverse=True)
    wanted = np.stack([rows_by_block(deployment.network, int(p), [int(e)], int(a)) for p, e, a in kinds])
    of_kind, layout_rows = unique_layouts(wanted)
    return of_kind[kind.reshape(-1)], layout_rows
