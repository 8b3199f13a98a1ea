"""A network as it matters before a second: two scenarios that differ later only have the same."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from cepsim.network.arrays import Network
from cepsim.trace import NEVER, Ints

#: Parts of a network, by what they say: how people are served, or who is on duty.
_SERVICE = ("stations", "branches", "choices", "queues", "sub_queues")
_STAFF = ("teams",)


def until(network: Network, second: int) -> Network:
    """The same network, without the dated changes that come at a second or later.

    Before it, an engine does the same with both: nothing that happens at `second` is executed.
    """
    queues, teams = network.queues, network.teams
    held, on = queues.session_second < second, teams.duty_second < second
    open_still = queues.closes_at >= second
    published = network.choices.published_at
    return replace(
        network,
        choices=replace(network.choices, published_at=published[published < second]),
        queues=replace(
            queues,
            session_start=_starts(queues.session_start, held),
            session_second=queues.session_second[held],
            session_budget=queues.session_budget[held],
            closes_at=np.where(open_still, NEVER, queues.closes_at),
            heir=np.where(open_still, -1, queues.heir),
        ),
        teams=replace(
            teams,
            duty_start=_starts(teams.duty_start, on),
            duty_second=teams.duty_second[on],
            duty_advisers=teams.duty_advisers[on],
        ),
    )


def served_alike(one: Network, other: Network) -> bool:
    """Same stations, queues, durations and routes: people are served alike, given the staff."""
    names = ("station_names", "lane_names", "team_names", "profile_names", "exit_names", "choice_names")
    return (
        all(getattr(one, name) == getattr(other, name) for name in names)
        and np.array_equal(one.tables, other.tables)
        and _same(one, other, _SERVICE)
    )


def staffed_alike(one: Network, other: Network) -> bool:
    """Same teams, opening hours and staff on duty."""
    return _same(one, other, _STAFF)


def _same(one: Network, other: Network, parts: tuple[str, ...]) -> bool:
    return all(
        np.array_equal(getattr(getattr(one, part), field.name), getattr(getattr(other, part), field.name))
        for part in parts
        for field in fields(getattr(one, part))
    )


def _starts(start: Ints, kept: NDArray[np.bool_]) -> Ints:
    """Where lists stored end to end begin, once the entries that are not kept are gone."""
    before = np.concatenate([[0], np.cumsum(kept)])
    return np.asarray(before[start], dtype=np.int64)
