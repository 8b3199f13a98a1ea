"""The people of a world, day by day: laws of the number present, who is served, lost, and goes where.

A group (people of one priority at a team) is an Erlang-A queue whose arrivals, advisers and speed change
every day. Its law goes from day to day by an implicit step of Kolmogorov's equations:

    (1 + dt (up + down(n))) p(n) = before p(n) + dt up p(n-1) + dt down(n+1) p(n+1)
    up = arrivals,  down(n) = min(n, c) speed + max(n - c, 0) leaving

So a queue whose rates stay the same comes to the exact law of Erlang-A, a long queue to the fluid limit
(length' = arrivals - served - leaving x length), and what is between is not left out. People are conserved to
rounding. Where a queue is long, a state stands for several people: the mean stays, chance grows a little.
The groups of a team are served in order, each with what the others before it leave.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from cepsim.compiled import compiled
from cepsim.people.demand import Floats
from cepsim.trace import Ints
from cepsim.twin.world import World

#: States of a law.
STATES: Final = 400


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """Shapes: D days, N nodes, G groups, STATES.

    `joined`, `served`, `lost` (D, N): visits of the day; `waiting` (D, N): people at its end; `laws`: of the
    number present at its end, in states of `unit` (G,) people, one after the other: that of a day and group
    goes from `begins` to `ends` (D, G), what is beyond being none; `speed` (G, D): visits that all the
    advisers left to the group can serve in the day; `group` (N,), -1 where nobody waits; `due` (days after,
    N): who comes later; `start` (N,): who was there.
    """

    joined: Floats
    served: Floats
    lost: Floats
    waiting: Floats
    laws: Floats
    begins: Ints
    ends: Ints
    unit: Ints
    speed: Floats
    advisers: Floats
    leaving: Floats
    group: Ints
    due: Floats
    start: Floats

    def law(self, group: int) -> Floats:
        """The laws of a group, shape (D, STATES)."""
        found = np.zeros((len(self.begins), STATES))
        for row, begin, end in zip(found, self.begins[:, group], self.ends[:, group], strict=True):
            row[: end - begin] = self.laws[begin:end]
        return found


def flows(world: World, passes: Floats, waiting: Floats | None = None, due: Floats | None = None) -> Flow:
    """Run a world from `waiting` (N,) people and those `due` (days, N); nobody where there is none.

    `passes`, shape (D, N): share of those who come to a first line whom it answers in the end.
    """
    nodes = len(world.queue)
    group, teams = _groups(world)
    start = np.zeros(nodes) if waiting is None else waiting
    coming = np.zeros((nodes, world.days + world.after.shape[1] + 1))
    if due is not None:
        coming[:, : len(due)] += due.T[:, : coming.shape[1]]
    lengths = [int(np.flatnonzero(row)[-1]) + 1 if row.any() else 0 for row in world.after]
    order = np.argsort(world.origin, kind="stable")
    first_way = np.searchsorted(world.origin[order], np.arange(nodes + 1))
    # the nodes of each group, one after the other
    members = np.argsort(group, kind="stable")
    first_member = np.searchsorted(group[members], np.arange(len(teams) + 1))
    arrays = (
        world.asking, passes, world.capacity, world.advisers, group, members, first_member.astype(np.int64),
        teams, world.seconds, world.leaving, first_way.astype(np.int64), world.to[order],
        np.ascontiguousarray(world.after[order]), np.array(lengths, dtype=np.int64)[order],
    )  # fmt: skip
    # a pass without chance says how long the queues get, so how many people a state must hold
    fluid = _run(*arrays, start, coming.copy(), np.zeros(len(teams), dtype=np.int64), 1)
    longest = np.zeros(len(teams))
    most = np.zeros(len(teams))
    for g in range(len(teams)):
        of = np.flatnonzero(group == g)
        longest[g] = fluid[3][:, of].sum(axis=1).max(initial=0.0)
        most[g] = fluid[0][:, of].sum(axis=1).max(initial=0.0)
    reach = longest + 8.0 * np.sqrt(longest + 20.0 * most) + 10.0 * most + 60.0
    unit = np.maximum(1, np.ceil(reach / STATES)).astype(np.int64)
    joined, served, lost, left, laws, begins, ends, speed, advisers, leaving, later = _run(
        *arrays, start, coming, unit, STATES
    )
    due = later.T[world.days :]
    return Flow(
        joined, served, lost, left, laws, begins, ends, unit, speed, advisers, leaving, group, due, start
    )


def _groups(world: World) -> tuple[Ints, Ints]:
    """The group of each node (-1: none) and the team of each group, in the order in which a team serves."""
    waits = (world.team >= 0) & (world.is_first_line == 0) & (world.visits > 0)
    keys = sorted({(int(world.team[n]), int(world.priority[n])) for n in np.flatnonzero(waits)})
    number = {key: g for g, key in enumerate(keys)}
    group = [
        number[int(world.team[n]), int(world.priority[n])] if waits[n] else -1 for n in range(len(waits))
    ]
    return np.array(group, dtype=np.int64), np.array([team for team, _ in keys], dtype=np.int64)


@compiled
def _run(
    asking: Floats,
    passes: Floats,
    capacity: Floats,
    on_duty: Floats,
    group: Ints,
    members: Ints,
    first_member: Ints,
    teams: Ints,
    seconds: Floats,
    leaving: Floats,
    first_way: Ints,
    to: Ints,
    after: Floats,
    lengths: Ints,
    start: Floats,
    coming: Floats,
    unit: Ints,
    states: int,
) -> tuple[Floats, Floats, Floats, Floats, Floats, Ints, Ints, Floats, Floats, Floats, Floats]:
    """One pass; a `unit` of 0 is without chance. See `Flow` for what is given."""
    days, nodes = asking.shape
    groups = len(teams)
    joined, served = np.zeros((days, nodes)), np.zeros((days, nodes))
    lost, waiting = np.zeros((days, nodes)), np.zeros((days, nodes))
    begins, ends = np.zeros((days, groups), dtype=np.int64), np.zeros((days, groups), dtype=np.int64)
    laws, written, speed = np.empty(days * groups * 16), 0, np.zeros((groups, days))
    advisers, patience = np.ones((groups, days)), np.zeros((groups, days))
    present = start.copy()
    now = np.zeros((groups, states))
    top = np.zeros(groups, dtype=np.int64)
    upper, right = np.zeros(states), np.zeros(states)
    for g in range(groups):
        size = 0.0
        for m in range(first_member[g], first_member[g + 1]):
            size += present[members[m]]
        if unit[g] > 0:
            place = min(size / unit[g], states - 2.0)
            low = int(place)
            now[g, low], now[g, low + 1] = 1.0 - (place - low), place - low
            top[g] = low + 1
    left = np.zeros(capacity.shape[1])
    for day in range(days):
        left[:] = capacity[day]
        for n in range(nodes):
            joined[day, n] = asking[day, n] + coming[n, day]
            if group[n] < 0:
                served[day, n] = joined[day, n] * passes[day, n]
                lost[day, n] = joined[day, n] - served[day, n]
        for g in range(groups):
            arrivals, before, work, gone = 0.0, 0.0, 0.0, 0.0
            for m in range(first_member[g], first_member[g + 1]):
                n = members[m]
                arrivals += joined[day, n]
                before += present[n]
                here = present[n] + joined[day, n]
                work += here * seconds[n]
                gone += here * leaving[n]
            total = before + arrivals
            p = now[g]
            end = top[g]
            if total <= 1e-12:
                speed[g, day] = left[teams[g]] / 3600.0
            else:
                each, rate = max(work / total, 1.0), gone / total
                most = left[teams[g]] / each
                number = on_duty[day, teams[g]]
                speed[g, day], advisers[g, day], patience[g, day] = most, number, rate
                if unit[g] == 0:
                    # exact where arrivals, advisers and patience stay the same over the day
                    kept = np.exp(-rate)
                    mean = (1.0 - kept) / rate if rate > 1e-12 else 1.0
                    rest = max(before * kept + (arrivals - most) * mean, 0.0)
                    done = min(most, arrivals + before * kept / mean)
                    away = max(total - done - rest, 0.0)
                else:
                    size = float(unit[g])
                    end = min(top[g] + 12 + int(4.0 * arrivals / size), states - 1)
                    last, done, away, rest = _step(
                        p, end, arrivals / size, number / size, most / number, rate, upper, right
                    )
                    top[g] = last
                    done, away, rest = done * size, away * size, rest * size
                    # what the last state could not hold is kept out of nobody's account
                    extra = total - done - away - rest
                    rest += extra
                share = done / total
                for m in range(first_member[g], first_member[g + 1]):
                    n = members[m]
                    here = present[n] + joined[day, n]
                    served[day, n] = here * share
                    if gone > 0.0:
                        lost[day, n] = min(away * here * leaving[n] / gone, here - served[day, n])
                    present[n] = here - served[day, n] - lost[day, n]
                    waiting[day, n] = present[n]
                    left[teams[g]] -= served[day, n] * seconds[n]
                left[teams[g]] = max(left[teams[g]], 0.0)
            if unit[g] > 0:
                if written + end + 1 > len(laws):
                    longer = np.empty(2 * len(laws) + end + 1)
                    longer[:written] = laws[:written]
                    laws = longer
                laws[written : written + end + 1] = p[: end + 1]
                begins[day, g], written = written, written + end + 1
                ends[day, g] = written
        for n in range(nodes):
            if served[day, n] > 0.0:
                for way in range(first_way[n], first_way[n + 1]):
                    # who would come the same day comes the next one
                    if lengths[way] > 0:
                        coming[to[way], day + 1] += served[day, n] * after[way, 0]
                    for later in range(1, lengths[way]):
                        coming[to[way], day + 1 + later] += served[day, n] * after[way, later]
    return joined, served, lost, waiting, laws[:written], begins, ends, speed, advisers, patience, coming


@compiled
def _step(
    p: Floats, end: int, up: float, servers: float, pace: float, rate: float, upper: Floats, right: Floats
) -> tuple[int, float, float, float]:
    """Bring a law a day on, in place, up to the state `end`: the last state that counts, served, lost, there.

    `upper` and `right` are room to work in. Thomas: from the last state down, then up.
    """
    leave = min(end, servers) * pace + max(end - servers, 0.0) * rate
    diagonal = 1.0 + leave
    upper[end], right[end] = (up / diagonal if end > 0 else 0.0), p[end] / diagonal
    for n in range(end - 1, -1, -1):
        below, leave = leave, min(n, servers) * pace + max(n - servers, 0.0) * rate
        inverse = 1.0 / (1.0 + up + leave - below * upper[n + 1])
        upper[n] = up * inverse if n > 0 else 0.0
        right[n] = (p[n] + below * right[n + 1]) * inverse
    p[0] = right[0]
    done, waiting, rest = 0.0, 0.0, 0.0
    for n in range(1, end + 1):
        p[n] = right[n] + upper[n] * p[n - 1]
        rest += p[n] * n
        done += p[n] * min(n, servers)
        waiting += p[n] * max(n - servers, 0.0)
    last, tail = end, 0.0
    while last > 1 and tail + p[last] < 1e-9:
        tail += p[last]
        last -= 1
    return last, done * pace, waiting * rate, rest
