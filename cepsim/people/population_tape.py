"""The people of a deployment: who asks in this scenario, and every draw that they may need."""

from __future__ import annotations

import numpy as np

from cepsim.draws import stream_key, threshold, uniform
from cepsim.network.layout import rows_by_block
from cepsim.people.crowd import CHANNELS, Crowd
from cepsim.people.demand import Candidates, candidates, source_names
from cepsim.people.deploy import collective_share, regions_of
from cepsim.people.deployment import Deployment
from cepsim.people.profiles import profile_of
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


def draw_people(deployment: Deployment, *, seed: int, replication: int) -> tuple[Crowd, Tape]:
    """Everybody who asks between the warm-up and the end of the follow-up, in order of arrival."""
    scenario, tables = deployment.scenario, deployment.tables
    regions = regions_of(tables, deployment.regions)
    origins = list(deployment.sources)
    everybody = candidates(
        origins, scenario, tables, regions, deployment.horizon, seed=seed, replication=replication
    )
    traits = draw_traits(
        everybody,
        origins,
        scenario,
        tables,
        regions,
        deployment.horizon,
        seed=seed,
        replication=replication,
    )
    crowd = _with_meetings(deployment, traits)
    entry = _stations_of(deployment, traits.operator, np.array(CHANNELS)[crowd.channel])
    alternate = np.where(traits.alternate >= 0, _accueil_of(deployment)[traits.alternate], -1)
    profile = profile_of(crowd, deeper=scenario.service.intensity != "actuelle")
    prior = [PUBLICS.index(public) for public in scenario.service.priority_publics]
    service_class = (np.isin(crowd.public, prior) & (crowd.admitted == 1)).astype(np.int64)
    layout, layout_rows, layout_offset = _layouts(deployment, profile, entry, alternate)
    first_row, row_count = first_rows(layout, layout_rows)
    draws = {purpose: np.zeros(row_count, dtype=np.uint32) for purpose in PURPOSES}
    _fill(
        deployment, traits.chosen, (seed, replication), layout, layout_rows, layout_offset, first_row, draws
    )
    return crowd, Tape(
        arrival=traits.chosen.arrival,
        lane=crowd.region,
        entry=entry,
        alternate=alternate,
        profile=profile,
        service_class=service_class,
        layout=layout,
        first_row=first_row,
        layout_rows=layout_rows,
        layout_offset=layout_offset,
        **draws,
    )


def _with_meetings(deployment: Deployment, traits: Traits) -> Crowd:
    """The crowd, with the channel of those whose first contact is a meeting."""
    from dataclasses import replace

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
    layout: Ints,
    layout_rows: Ints,
    layout_offset: Ints,
    first_row: Ints,
    draws: dict[str, Draws],
) -> None:
    """Write every draw: word `rank` of the stream of (source, slab, purpose, stage, ordinal)."""
    regions = regions_of(deployment.tables, deployment.regions)
    used = _used_purposes(deployment)
    order = np.lexsort((chosen.rank, chosen.slab, chosen.source))
    cuts = np.flatnonzero((np.diff(chosen.source[order]) != 0) | (np.diff(chosen.slab[order]) != 0)) + 1
    for rows in np.split(order, cuts):
        if len(rows) == 0:
            continue
        origin = deployment.sources[int(chosen.source[rows[0]])]
        names = (*source_names(origin, regions, *run), int(chosen.slab[rows[0]]))
        rank, mine = chosen.rank[rows], layout[rows]
        for block, stage in enumerate(BLOCK_NAMES):
            here = layout_rows[mine, block]
            start = first_row[rows] + layout_offset[mine, block]
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
            "service": True,
            "back_office": (s.back_office[here] >= 0).any(),
            "patience": (s.patience[here] >= 0).any(),
            "no_show": (s.no_show[here] > 0).any(),
            "route": several[s.route_served[here]].any()
            or (s.rebook[here] > 0).any()
            or (s.retry[here] > 0).any(),
            "gap": True,
            "plan": (s.series_mean[here] > 0).any() or (s.refer[here] > 0).any(),
        }
        used.append([purpose for purpose in PURPOSES if tests[purpose]])
    return used
