"""First lines: the share of the calls and visits that they answer in the end, year by year and hour by hour.

Each hour of the day of a team is a queue M/M/c+G in equilibrium, in open time: people of its channels are
served in the order in which they come, each with the patience of his own. Whoever finds the door closed or
gives up tries again, as the network says. Left out: that a telephone is answered before a desk, groups.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from cepsim.draws import DRAW_RANGE
from cepsim.network.arrays import Network
from cepsim.people.demand import Floats
from cepsim.trace import Ints
from cepsim.twin.waits import offered
from cepsim.twin.world import World
from cepsim.units import SECONDS_PER_DAY, SECONDS_PER_HOUR

_HOURS: Final = SECONDS_PER_DAY // SECONDS_PER_HOUR
_ROUNDS: Final = 5
_POINTS: Final = 120


def hours_of(network: Network, team: Ints, arrival: Ints) -> tuple[Ints, Floats]:
    """Whether each arrival finds its team open, and seconds a day at which a team is open, by hour of day.

    Shapes (n,) and (T, 24); the second is a mean over the days of the calendar on which it opens.
    """
    teams = network.teams
    inside = np.zeros(len(arrival), dtype=np.int64)
    share = np.zeros((network.team_count, _HOURS))
    for number in range(network.team_count):
        here = slice(*teams.calendar_start[teams.calendar[number] : teams.calendar[number] + 2])
        opens, closes = teams.opens[here], teams.closes[here]
        mine = np.flatnonzero(team == number)
        piece = np.searchsorted(closes, arrival[mine], side="right")
        known = piece < len(opens)
        inside[mine[known]] = opens[piece[known]] <= arrival[mine[known]]
        days = max(len(np.unique(opens // SECONDS_PER_DAY)), 1)
        begin = opens % SECONDS_PER_DAY
        end = begin + closes - opens
        for hour in range(_HOURS):
            low, high = hour * SECONDS_PER_HOUR, (hour + 1) * SECONDS_PER_HOUR
            share[number, hour] = (
                np.clip(np.minimum(end, high) - np.maximum(begin, low), 0, None).sum() / days
            )
    return inside, share


def answered(world: World, network: Network, arrival: Ints, node: Ints) -> Floats:
    """Share of those who come to a node on a day that is answered in the end; shape (D, N), 1 elsewhere."""
    passes = np.ones((world.days, len(world.queue)))
    team = world.team[node]
    is_open, open_s = hours_of(network, team, arrival)
    first = np.flatnonzero(world.is_first_line & (world.visits > 0))
    year = (arrival // SECONDS_PER_DAY - world.first) // 365
    hour = arrival % SECONDS_PER_DAY // SECONDS_PER_HOUR
    for number in np.unique(world.team[first]).tolist():
        nodes = first[world.team[first] == number]
        rates, where = np.unique(world.leaving[nodes] / SECONDS_PER_DAY, return_inverse=True)
        mine = team == number
        visits = world.visits[nodes].sum()
        # visits that follow others, such as a second call, come when the first ones do
        more = visits / max(int(mine.sum()), 1)
        seconds = float(world.seconds[nodes] @ world.visits[nodes]) / visits
        parts = np.bincount(where, weights=world.visits[nodes], minlength=len(rates)) / visits
        closed = 1.0 - float(is_open[mine].mean()) if mine.any() else 0.0
        again, tries = _again(network, int(world.queue[nodes[0]]))
        hours = np.flatnonzero(open_s[number] > 0)
        for of in range(max(world.days // 365, 1)):
            days = slice(of * 365, (of + 1) * 365 if (of + 2) * 365 <= world.days else world.days)
            working = int((world.capacity[days, number] > 0).sum())
            if working == 0:
                passes[days, nodes] = 0.0
                continue
            here = mine & (is_open == 1) & (np.minimum(year, max(world.days // 365, 1) - 1) == of)
            count = np.bincount(hour[here], minlength=_HOURS)[hours].astype(np.float64) * more
            duty = float(world.capacity[days, number].sum()) / (working * open_s[number].sum())
            servers = np.full(len(hours), max(1, round(duty)), dtype=np.int64)
            speed = np.full(len(hours), duty / servers[0] / seconds)
            first_rate = np.maximum(count, 1e-3) / (working * open_s[number, hours])
            weight = first_rate * open_s[number, hours]
            extra, lost = 1.0, np.zeros(len(rates))
            for _ in range(_ROUNDS):
                law = offered(
                    first_rate * extra, speed, servers, rates, np.tile(parts, (len(hours), 1)), _POINTS
                )
                lost = np.array([law.given_up(rate) @ weight / weight.sum() for rate in rates.tolist()])
                mean = float(parts @ lost)
                failed = closed + (1.0 - closed) * mean
                follow = sum((again * mean) ** k for k in range(tries))
                extra = 1.0 + failed * again * follow / max(1.0 - closed, 1e-9)
            failed_of = closed + (1.0 - closed) * lost
            follow_of = sum((again * lost) ** k for k in range(tries))
            passed = 1.0 - failed_of + failed_of * again * (1.0 - lost) * follow_of
            passes[days, nodes] = passed[where]
    return passes


def _again(network: Network, queue: int) -> tuple[float, int]:
    """Share who try again, and how often they may."""
    station = queue % network.station_count
    return float(network.stations.retry[station].mean()) / DRAW_RANGE, int(
        network.stations.retry_max[station]
    )
