"""How many draws a person may need: the rows of the ragged tape, from the network alone.

The tape holds one row of draws a visit, numbered inside each block. A person's rows are the most that
the stations he can reach and the stated loop maxima allow. Both engines refuse to run past them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from cepsim.errors import NetworkError
from cepsim.network.arrays import CHOICE_BASE, Network
from cepsim.trace import Ints


@dataclass(frozen=True, slots=True)
class Edge:
    """A way from a station to another; `limit` times a person, -1 for any number."""

    origin: int
    destination: int
    limit: int
    is_referral: bool = False


def edges_of(network: Network, profile: int) -> list[Edge]:
    """Every branch between two stations that this profile can take."""
    stations, branches, choices = network.stations, network.branches, network.choices
    heirs = heirs_of(network)
    # who waits where a station closes goes on at its heir, once
    found = {(closed, heir): 1 for closed, several in heirs.items() for heir in several}
    for routes in (stations.route_served, stations.route_lost, stations.route_no_show):
        for origin in range(network.station_count):
            first, last = branches.start[routes[origin, profile] : routes[origin, profile] + 2]
            for branch in range(first, last):
                to, limit = int(branches.to[branch]), int(branches.repeat_max[branch])
                targets: list[int] = []
                if to >= CHOICE_BASE:
                    choice = to - CHOICE_BASE
                    targets = choices.station[choices.start[choice] : choices.start[choice + 1]].tolist()
                elif to >= 0:
                    targets = [to]
                for target in [*targets, *(heir for each in targets for heir in heirs.get(each, ()))]:
                    known = found.get((origin, target))
                    found[origin, target] = limit if known is None else _looser(known, limit)
    return [Edge(origin, target, limit) for (origin, target), limit in found.items()]


def heirs_of(network: Network) -> dict[int, list[int]]:
    """Stations that close somewhere, and those that receive their people there."""
    closing = np.flatnonzero(network.queues.heir >= 0)
    found: dict[int, list[int]] = {}
    for queue, heir in zip(closing.tolist(), network.queues.heir[closing].tolist(), strict=True):
        known = found.setdefault(queue % network.station_count, [])
        if heir not in known:
            known.append(heir)
    return found


def _looser(one: int, other: int) -> int:
    """The larger of two limits; -1 is none."""
    return -1 if -1 in (one, other) else max(one, other)


def rows_by_block(network: Network, profile: int, entries: list[int], alternate: int) -> Ints:
    """Most visits that such a person makes in each block; int64, shape (blocks,).

    `entries` are the stations where he may arrive; `alternate` is the station he may be sent to, or -1.
    Raises NetworkError where a loop has no stated maximum.
    """
    edges = edges_of(network, profile)
    if alternate >= 0:
        senders = np.flatnonzero(network.stations.refer[:, profile] > 0).tolist()
        receivers = [alternate, *heirs_of(network).get(alternate, ())]
        edges += [
            Edge(sender, receiver, 1, is_referral=True)
            for sender in senders
            for receiver in receivers
            if sender != alternate
        ]
    heirs = heirs_of(network)
    begins = [*entries, *(heir for entry in entries for heir in heirs.get(entry, ()))]
    reachable = _reachable(edges, begins)
    edges = [edge for edge in edges if edge.origin in reachable]
    _refuse_endless(network, profile, [edge for edge in edges if edge.limit < 0])
    passes = _passes(network.station_count, edges)
    rows = np.zeros(network.block_count, dtype=np.int64)
    for station in reachable:
        rows[network.stations.block[station]] += passes[station] * _visits(network, station, profile, heirs)
    return rows


def _visits(network: Network, station: int, profile: int, heirs: dict[int, list[int]]) -> int:
    """Most visits to a station in one pass: interviews of a series, each rebooked, and calls tried again.

    Who is handed over goes on at the heir with what is left of the series that he had begun.
    """
    s = network.stations
    begun = [station, *(closed for closed, several in heirs.items() if station in several)]
    series = max(int(s.series_max[each]) if s.series_mean[each, profile] > 0 else 1 for each in begun)
    booked = 1 + int(s.rebook_max[station]) if s.no_show[station, profile] > 0 else 1
    tried = 1 + int(s.retry_max[station]) if s.retry[station, profile] > 0 else 1
    return series * booked * tried


def _reachable(edges: list[Edge], entries: list[int]) -> set[int]:
    reached, frontier = set(entries), list(entries)
    while frontier:
        origin = frontier.pop()
        for edge in edges:
            if edge.origin == origin and edge.destination not in reached:
                reached.add(edge.destination)
                frontier.append(edge.destination)
    return reached


def _refuse_endless(network: Network, profile: int, edges: list[Edge]) -> None:
    count = network.station_count
    groups = _components(count, edges)
    for edge in edges:
        if groups[edge.origin] == groups[edge.destination]:
            raise NetworkError(
                file="network",
                field=f"route from {network.station_names[edge.origin]}",
                found=f"a loop without a maximum for profile {network.profile_names[profile]}",
                expected="a stated maximum on one branch of every loop",
                remedy=f"Set repeat_max on the branch to {network.station_names[edge.destination]}.",
            )


def _passes(count: int, edges: list[Edge]) -> Ints:
    """Most times each station is passed: 1 + the loops of its strongly connected component.

    Repeats are counted together over all branches, so that the largest maximum bounds them; being sent
    to another station is counted apart and may close one loop more.
    """
    groups = _components(count, edges)
    repeats, referrals = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    for edge in edges:
        if groups[edge.origin] == groups[edge.destination]:
            members = groups == groups[edge.origin]
            counted = referrals if edge.is_referral else repeats
            counted[members] = np.maximum(counted[members], edge.limit)
    return 1 + np.maximum(repeats, 0) + referrals


def _components(count: int, edges: list[Edge]) -> Ints:
    matrix = csr_matrix(
        (np.ones(len(edges)), ([e.origin for e in edges], [e.destination for e in edges])),
        shape=(count, count),
    )
    return np.asarray(connected_components(matrix, directed=True, connection="strong")[1], dtype=np.int64)
