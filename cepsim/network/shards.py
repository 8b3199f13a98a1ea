"""Parts of a network that can be run one after the other: computed from it, never assumed.

Queues served by one team, or between which a choice looks at the state, hold together, and so do queues with
a way there and back, and a queue whose advisers follow people with wherever they go from there: he who
follows the fewest is asked first, so that it matters who has left. Whatever holds together and lies in one
lane is run with the rest of that lane, unless another lane would have to be run both before and after it. The
shards are in order: people go from a shard to later ones only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from cepsim.network.arrays import CHOICE_BASE, Network
from cepsim.trace import Ints


@dataclass(frozen=True, slots=True, eq=False)
class Shard:
    """Queues that are run together: `queues` (Q,) and `teams` (T,) say which ones; `lanes` their lanes."""

    name: str
    queues: NDArray[np.bool_]
    teams: NDArray[np.bool_]
    lanes: tuple[int, ...]


def shards_of(network: Network, alternates: Iterable[int] = ()) -> list[Shard]:
    """The shards of a network, in an order in which they can be run.

    `alternates` are the stations to which people may be sent by a station that refers.
    """
    count, stations = network.queue_count, network.station_count
    lane = np.arange(count) // stations
    ways = _ways(network, sorted(set(alternates)))
    one, other = _together(network)
    part = _strong(count, np.concatenate([ways[:, 0], one]), np.concatenate([ways[:, 1], other]))
    # a part that lies in one lane takes the number of that lane, the others keep theirs after them
    lowest, highest = np.full(part.max() + 1, count), np.full(part.max() + 1, -1)
    np.minimum.at(lowest, part, lane)
    np.maximum.at(highest, part, lane)
    lanes = len(network.lane_names)
    group = np.where(lowest == highest, lowest, lanes + np.arange(len(lowest)))[part]
    group = _strong(int(group.max()) + 1, group[ways[:, 0]], group[ways[:, 1]])[group]
    shards = [_shard(network, group == number) for number in _in_order(group, ways)]
    # a team that serves nobody is on duty all the same: with the first shard
    shards[0].teams[~np.any([shard.teams for shard in shards], axis=0)] = True
    return shards


def restricted(network: Network, shard: Shard) -> Network:
    """The same network where only a shard is run: its teams alone have people on duty.

    Numbers of queues and teams stay what they are, so that traces and states of shards are parts of one.
    """
    queues, teams = network.queues, network.teams
    elsewhere = ~shard.queues
    sessions = np.diff(queues.session_start) * ~elsewhere
    kept_sessions = np.repeat(~elsewhere, np.diff(queues.session_start))
    changes = np.diff(teams.duty_start) * shard.teams
    kept_changes = np.repeat(shard.teams, np.diff(teams.duty_start))
    return replace(
        network,
        queues=replace(
            queues,
            elsewhere=elsewhere.astype(np.int64),
            publishes=queues.publishes * shard.queues,
            session_start=np.concatenate([[0], np.cumsum(sessions)]).astype(np.int64),
            session_second=queues.session_second[kept_sessions],
            session_budget=queues.session_budget[kept_sessions],
        ),
        teams=replace(
            teams,
            duty_start=np.concatenate([[0], np.cumsum(changes)]).astype(np.int64),
            duty_second=teams.duty_second[kept_changes],
            duty_advisers=teams.duty_advisers[kept_changes],
        ),
    )


def _ways(network: Network, alternates: Sequence[int]) -> Ints:
    """Every way from a queue to another, for any profile: (origin, destination), shape (ways, 2).

    From wherever somebody who is followed may be, one way more goes back to the queue of who follows him.
    """
    s, branches, choices = network.stations, network.branches, network.choices
    found: set[tuple[int, int]] = set()
    for station in range(network.station_count):
        lists = np.unique(
            np.concatenate([r[station] for r in (s.route_served, s.route_lost, s.route_no_show)])
        )
        for number in lists.tolist():
            for to in branches.to[branches.start[number] : branches.start[number + 1]].tolist():
                if to >= CHOICE_BASE:
                    first, last = choices.start[to - CHOICE_BASE : to - CHOICE_BASE + 2]
                    found |= {(station, other) for other in choices.station[first:last].tolist()}
                elif to >= 0:
                    found.add((station, to))
        if (s.refer[station] > 0).any():
            found |= {(station, other) for other in alternates}
    for station in np.flatnonzero(s.referent_wait >= 0).tolist():
        found |= {(other, station) for other in _reached(found, station)}
    pairs = np.array(sorted(found), dtype=np.int64).reshape(-1, 2)
    lanes = np.arange(len(network.lane_names), dtype=np.int64) * network.station_count
    return (lanes[:, None, None] + pairs).reshape(-1, 2)


def _reached(ways: Iterable[tuple[int, int]], origin: int) -> set[int]:
    """The stations that somebody may reach from one."""
    found, last = set[int](), {origin}
    while last:
        last = {other for station, other in ways if station in last} - found
        found |= last
    return found


def _together(network: Network) -> tuple[Ints, Ints]:
    """Pairs of queues that hold together: those of one team or one choice, one that closes and its heir."""
    pairs: list[tuple[int, int]] = []
    first_of: dict[int, int] = {}
    for queue, team in enumerate(network.queues.team.tolist()):
        if team >= 0:
            pairs.append((first_of.setdefault(team, queue), queue))
    closing = np.flatnonzero(network.queues.heir >= 0)
    heirs = closing // network.station_count * network.station_count + network.queues.heir[closing]
    pairs += zip(closing.tolist(), heirs.tolist(), strict=True)
    choices = network.choices
    for lane in range(len(network.lane_names)):
        for choice in range(len(choices.start) - 1):
            chosen = choices.station[choices.start[choice] : choices.start[choice + 1]]
            queues = (lane * network.station_count + chosen).tolist()
            pairs += [(queues[0], queue) for queue in queues]
    both = np.array([*pairs, *(pair[::-1] for pair in pairs)], dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _strong(count: int, origin: Ints, destination: Ints) -> Ints:
    """The number of each node's strongly connected component."""
    graph = coo_matrix((np.ones(len(origin)), (origin, destination)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=True, connection="strong")[1], dtype=np.int64)


def _in_order(group: Ints, ways: Ints) -> list[int]:
    """The groups, each after those from which people come to it; by first queue among equals."""
    first = {int(g): int(q) for q, g in reversed(list(enumerate(group.tolist())))}
    crossing = group[ways[:, 0]] != group[ways[:, 1]]
    edges = {(int(a), int(b)) for a, b in group[ways[crossing]]}
    before = dict.fromkeys(first, 0)
    for _, to in edges:
        before[to] += 1
    ready = [(first[g], g) for g, count in before.items() if count == 0]
    heapify(ready)
    order = []
    while ready:
        _, number = heappop(ready)
        order.append(number)
        for origin, to in edges:
            if origin == number:
                before[to] -= 1
                if before[to] == 0:
                    heappush(ready, (first[to], to))
    return order


def _shard(network: Network, queues: NDArray[np.bool_]) -> Shard:
    """A shard, named after its lane; where it has several, after the teams that serve several."""
    numbers = np.flatnonzero(queues)
    lanes = tuple(np.unique(numbers // network.station_count).tolist())
    teams = np.zeros(network.team_count, dtype=np.bool_)
    served = network.queues.team[numbers]
    teams[served[served >= 0]] = True
    pairs = np.unique(np.stack([served, numbers // network.station_count])[:, served >= 0], axis=1)
    several = np.bincount(pairs[0], minlength=network.team_count) > 1
    names = [network.team_names[team] for team in np.flatnonzero(several).tolist()]
    name = network.lane_names[lanes[0]] if len(lanes) == 1 else "+".join(names)
    return Shard(name, queues, teams, lanes)
