"""The trace and the state of a run, from its arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cepsim.compiled import compiled
from cepsim.engine.kernel.world import NOBODY, Records, World
from cepsim.network.arrays import Network
from cepsim.trace import NEVER, Busy, Columns, Duty, Exits, Ints, People, Sessions, State, Trace, Visits


def read_trace(network: Network, w: World, parts: Sequence[tuple[Records, Records]]) -> Trace:
    """The trace, from the visits and exits written in several goes; rows in canonical order."""
    visits, exits = (np.concatenate(column) for column in zip(*parts, strict=True))
    of = w.arrays
    order = np.lexsort((of["session_rank"], of["session_queue"]))
    return Trace(
        # the visits of a person are settled one after the other: his rows are in order already
        _columns(Visits, visits, _by_person(visits["person"])),
        _duty(network, w["begin"], w["end"]),
        Sessions(
            queue=of["session_queue"][order],
            session=of["session_rank"][order],
            second=of["session_second"][order],
            seats_taken=of["session_taken"][order],
            held=of["session_held"][order],
        ),
        _columns(Exits, exits, _by_person(exits["person"])),
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


def _columns(kind: type[Columns], records: Records, order: Ints) -> Any:
    return kind(**{f.name: records[f.name][order].astype(np.int64) for f in fields(kind)})


@compiled
def _by_person(person: NDArray[np.int32]) -> Ints:
    """Positions that put rows in order of person and otherwise leave them as they are."""
    most = 0
    for row in range(len(person)):
        most = max(most, person[row])
    start = np.zeros(most + 2, dtype=np.int64)
    for row in range(len(person)):
        start[person[row] + 1] += 1
    for number in range(most + 1):
        start[number + 1] += start[number]
    order = np.empty(len(person), dtype=np.int64)
    for row in range(len(person)):
        order[start[person[row]]] = row
        start[person[row]] += 1
    return order


def _duty(network: Network, begin: int, end: int) -> Duty:
    teams = network.teams
    team = np.repeat(np.arange(network.team_count, dtype=np.int64), np.diff(teams.duty_start))
    inside = (teams.duty_second >= begin) & (teams.duty_second < end)
    return Duty(team[inside], teams.duty_second[inside], teams.duty_advisers[inside])
