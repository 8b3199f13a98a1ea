"""Layouts of a tape: the most visits that people may make in each block, a row for those who are alike.

The network says how many (`network.layout`). That takes a walk through its stations, the same one for most
profiles: it is made once for those that go the same ways.
"""

from __future__ import annotations

from dataclasses import fields
from hashlib import blake2b

import numpy as np

from cepsim.network.arrays import Network
from cepsim.network.layout import heirs_of, rows_by_block
from cepsim.people.tape import unique_layouts
from cepsim.trace import Ints, Shorts

#: Rows already counted, by stations and ways between them, profile, entry and alternate.
_KNOWN: dict[tuple[bytes, int, int, int], Ints] = {}


def layouts(network: Network, profile: Ints, entry: Ints, alternate: Ints) -> tuple[Shorts, Ints]:
    """Layout of each person's draws, and the layouts, from the few distinct (profile, entry, alternate)."""
    stations = network.station_count
    kind = (profile * stations + entry) * (stations + 1) + (alternate + 1)
    present = np.flatnonzero(np.bincount(kind))
    paths, same = _paths(network), _same_ways(network)
    rows = np.zeros((len(present), network.block_count), dtype=np.int64)
    for row, code in enumerate(present.tolist()):
        place, other = divmod(code, stations + 1)
        here, begins = divmod(place, stations)
        key = (paths, int(same[here]), begins, other - 1)
        if key not in _KNOWN:
            _KNOWN[key] = rows_by_block(network, key[1], [begins], other - 1)
        rows[row] = _KNOWN[key]
    of_kind, layout_rows = unique_layouts(rows)
    of_code = np.zeros(int(present.max(initial=0)) + 1, dtype=np.int32)
    of_code[present] = of_kind
    return of_code[kind], layout_rows


def _same_ways(network: Network) -> Ints:
    """For each profile, the first one that takes the same branches and may make the same kinds of visits."""
    s = network.stations
    branches = (s.route_served, s.route_lost, s.route_no_show)
    chances = [chance > 0 for chance in (s.series_mean, s.no_show, s.retry, s.refer)]
    ways = np.concatenate([*branches, *chances])
    _, first, group = np.unique(ways, axis=1, return_index=True, return_inverse=True)
    return first[group.reshape(-1)]


def _paths(network: Network) -> bytes:
    """A digest of the stations of a network and of the ways between them: those of all its regions."""
    digest = blake2b(digest_size=16)
    for part in (network.stations, network.branches, network.choices):
        for field in fields(part):
            values = getattr(part, field.name)
            digest.update(f"{field.name} {values.shape} {values.dtype}".encode())
            digest.update(values.tobytes())
    digest.update(repr(sorted(heirs_of(network).items())).encode())
    return digest.digest()
