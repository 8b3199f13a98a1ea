"""The trace and the state of a run, from its arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from cepsim.compiled import compiled
from cepsim.engine.kernel.world import NOBODY, Records, World
from cepsim.network.arrays import Network
from cepsim.trace import NEVER, Busy, Duty, Exits, Ints, People, Sessions, State, Trace, Visits

Fill = Callable[[Records, Ints, Ints], None]


def read_trace(network: Network, w: World, parts: Sequence[tuple[Records, Records]]) -> Trace:
    """The trace, from the visits and exits written in several goes; rows in canonical order."""
    of = w.arrays
    order = np.lexsort((of["session_rank"], of["session_queue"]))
    return Trace(
        Visits(*_by_person([visits for visits, _ in parts], fields(Visits), _fill_visits)),
        _duty(network, w["begin"], w["end"]),
        Sessions(
            queue=of["session_queue"][order],
            session=of["session_rank"][order],
            second=of["session_second"][order],
            seats_taken=of["session_taken"][order],
            held=of["session_held"][order],
        ),
        Exits(*_by_person([exits for _, exits in parts], fields(Exits), _fill_exits)),
    )


def read_state(w: World, published: Ints) -> State:
    """The state at the end of the run: people by number, advisers by team and number."""
    of = w.arrays
    slots = np.flatnonzero(of["people"]["number"] != NOBODY)
    slots = slots[np.argsort(of["people"]["number"][slots], kind="stable")]
    people = {
        field.name: of["people"]["number" if field.name == "person" else field.name][slots].astype(np.int64)
        for field in fields(People)
    }
    at_work = np.flatnonzero(of["busy_until"] != NEVER)
    team = of["adviser_team"][at_work]
    return State(
        second=w["end"],
        people=People(**people),
        visits_made=of["made"][slots],
        busy=Busy(
            team=team,
            adviser=at_work - of["teams"]["first_adviser"][team].astype(np.int64),
            until=of["busy_until"][at_work],
        ),
        published=published,
    )


def _by_person(parts: Sequence[Records], columns: Sequence[Any], fill: Fill) -> Ints:
    """Records written in several goes as columns, a row each, in order of person.

    The visits of a person are settled one after the other: his rows are in order already.
    """
    persons = 1 + max(int(part["person"].max(initial=-1)) for part in parts)
    place = np.zeros(persons + 1, dtype=np.int64)
    for part in parts:
        _count(part, place)
    place = np.cumsum(place)
    found = np.empty((len(columns), int(place[-1])), dtype=np.int64)
    for part in parts:
        fill(part, place, found)
    return found


@compiled
def _count(records: Records, place: Ints) -> None:
    for row in range(len(records)):
        place[records[row].person + 1] += 1


@compiled
def _fill_visits(records: Records, place: Ints, found: Ints) -> None:
    for row in range(len(records)):
        visit = records[row]
        at = place[visit.person]
        place[visit.person] += 1
        found[0, at], found[1, at], found[2, at] = visit.person, visit.visit, visit.queue
        found[3, at], found[4, at], found[5, at] = visit.team, visit.adviser, visit.session
        found[6, at], found[7, at], found[8, at] = visit.reason, visit.joined, visit.called
        found[9, at], found[10, at], found[11, at] = visit.ended, visit.released, visit.outcome


@compiled
def _fill_exits(records: Records, place: Ints, found: Ints) -> None:
    for row in range(len(records)):
        leaving = records[row]
        at = place[leaving.person]
        place[leaving.person] += 1
        found[0, at], found[1, at] = leaving.person, leaving.queue
        found[2, at], found[3, at] = leaving.second, leaving.exit


def _duty(network: Network, begin: int, end: int) -> Duty:
    teams = network.teams
    team = np.repeat(np.arange(network.team_count, dtype=np.int64), np.diff(teams.duty_start))
    inside = (teams.duty_second >= begin) & (teams.duty_second < end)
    return Duty(team[inside], teams.duty_second[inside], teams.duty_advisers[inside])
