"""The people of a deployment: who asks in this scenario, and every draw that they may need."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cepsim.draws import stream_key, threshold, uniform
from cepsim.network.layout import rows_by_block
from cepsim.people.crowd import CHANNELS, Crowd
from cepsim.people.demand import Candidates, candidates
from cepsim.people.deploy import regions_of
from cepsim.people.deployment import Deployment
from cepsim.people.profiles import profile_of
from cepsim.people.sessions import collective_share
from cepsim.people.sources import source_names
from cepsim.people.stations import BLOCK_NAMES
from cepsim.people.tape import PURPOSES, Draws, Tape, first_rows, unique_layouts
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
    layout, layout_rows, layout_offset = _layouts(deployment, who.profile, who.entry, who.alternate)
    first_row, row_count = first_rows(layout, layout_rows)
    draws = {purpose: np.zeros(row_count, dtype=np.uint32) for purpose in PURPOSES}
    rows = _Rows(layout, layout_rows, layout_offset, first_row)
    _fill(deployment, who.chosen, (seed, replication), rows, draws)
    return who.crowd, Tape(
        arrival=who.chosen.arrival,
        lane=who.crowd.region,
        entry=who.entry,
        alternate=who.alternate,
        profile=who.profile,
        service_class=who.service_class,
        layout=layout,
        first_row=first_row,
        layout_rows=layout_rows,
        layout_offset=layout_offset,
        **draws,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Where each person's rows of draws are; see `tape`."""

    layout: Ints
    layout_rows: Ints
    layout_offset: Ints
    first_row: Ints


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


def _layouts(deployment: Deployment, profile: Ints, entry: Ints, alternate: Ints) -> tuple[Ints, Ints, Ints]:
    """Layout of each person's rows, from the few distinct (profile, entry, alternate)."""
    kinds, kind = np.unique(np.stack([profile, entry, alternate], axis=1), axis=0, return_inverse=True)
    wanted = np.stack([rows_by_block(deployment.network, int(p), [int(e)], int(a)) for p, e, a in kinds])
    of_kind, layout_rows, layout_offset = unique_layouts(wanted)
    return of_kind[kind.reshape(-1)], layout_rows, layout_offset


def _fill(
    deployment: Deployment,
    chosen: Candidates,
    run: tuple[int, int],
    of: _Rows,
    draws: dict[str, Draws],
) -> None:
    """Write every draw: word `rank` of the stream of (source, slab, purpose, stage, ordinal)."""
    regions = regions_of(deployment.tables, deployment.regions)
    used = _used_purposes(deployment)
    order = np.lexsort((chosen.rank, chosen.slab, chosen.source))
    cuts = np.flatnonzero((np.diff(chosen.source[order]) != 0) | (np.diff(chosen.slab[order]) != 0)) + 1
    for people in np.split(order, cuts):
        if len(people) == 0:
            continue
        origin = deployment.sources[int(chosen.source[people[0]])]
        names = (*source_names(origin, regions, *run), int(chosen.slab[people[0]]))
        rank, mine = chosen.rank[people], of.layout[people]
        for block, stage in enumerate(BLOCK_NAMES):
            here = of.layout_rows[mine, block]
            start = of.first_row[people] + of.layout_offset[mine, block]
            for ordinal in range(int(here.max())):
                has = here > ordinal
                target, whose = start[has] + ordinal, rank[has]
                count = int(whose[-1]) + 1
                for purpose in used[block]:
                    values = uniform(stream_key(*names, purpose, stage, ordinal), count)
                    draws[purpose][target] = values[whose]


def _used_purposes(deployment: Deployment) -> list[list[str]]:
    """Purposes that the stations of each block can read: the others stay 0."""
    s, branches = deployment.network.stations, deployment.network.branches
    several = np.diff(branches.start) > 1
    used = []
    for block in range(len(BLOCK_NAMES)):
        here = s.block == block
        tests = {
            # a draw that an engine always reads, whether the table has one value or many
            "service": True,
            "back_office": (s.back_office[here] >= 0).any(),
            "patience": (s.patience[here] >= 0).any(),
            "no_show": (s.no_show[here] > 0).any(),
            "route": any(
                several[routes[here]].any() for routes in (s.route_served, s.route_lost, s.route_no_show)
            )
            or (s.rebook[here] > 0).any()
            or (s.retry[here] > 0).any(),
            "gap": True,
            "plan": (s.series_mean[here] > 0).any() or (s.refer[here] > 0).any(),
        }
        used.append([purpose for purpose in PURPOSES if tests[purpose]])
    return used
