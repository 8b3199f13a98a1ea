"""The trace and the state of a run, from its arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields

import numpy as np

from cepsim.compiled import compiled
from cepsim.engine.kernel.world import NOBODY, Records, World
from cepsim.network.arrays import Network
from cepsim.state import Busy, Carried, People, State
from cepsim.trace import NEVER, Duty, Exits, Ints, Sessions, ShortColumns, Shorts, Trace, Visits

Split = Callable[[Records, tuple[Shorts, ...]], None]


def read_trace(network: Network, w: World, parts: Sequence[tuple[Records, Records]]) -> Trace:
    """The trace, from the visits and exits written in several goes; rows in canonical order."""
    of = w.arrays
    order = np.lexsort((of["session_rank"], of["session_queue"]))
    return Trace(
        Visits(*_by_person([visits for visits, _ in parts], Visits, _split_visits)),
        _duty(network, w["begin"], w["end"]),
        Sessions(
            queue=of["session_queue"][order],
            session=of["session_rank"][order],
            second=of["session_second"][order],
            seats_taken=of["session_taken"][order],
            held=of["session_held"][order],
        ),
        Exits(*_by_person([exits for _, exits in parts], Exits, _split_exits)),
    )


def read_state(w: World) -> State:
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
        carried=Carried(*(of["queues"][field.name].copy() for field in fields(Carried))),
    )


def _by_person(parts: Sequence[Records], columns: type[ShortColumns], split: Split) -> list[Shorts]:
    """Records written in several goes as columns, a row each, in order of person.

    The visits of a person are settled one after the other: his rows are in order already.
    """
    persons = 1 + max(int(part["person"].max(initial=-1)) for part in parts)
    place = np.zeros(persons + 1, dtype=np.int64)
    for part in parts:
        _count(part, place)
    place = np.cumsum(place)
    # whole records first: a row at a time is one place in memory, where its columns would be as many
    ordered = np.empty(int(place[-1]), dtype=parts[0].dtype)
    for part in parts:
        _put_in_order(part, place, ordered)
    found = [np.empty(len(ordered), dtype=columns.kind()) for _ in fields(columns)]
    split(ordered, tuple(found))
    return found


@compiled
def _count(records: Records, place: Ints) -> None:
    for row in range(len(records)):
        place[records[row].person + 1] += 1


@compiled
def _put_in_order(records: Records, place: Ints, ordered: Records) -> None:
    for row in range(len(records)):
        person = records[row].person
        ordered[place[person]] = records[row]
        place[person] += 1


@compiled
def _split_visits(visits: Records, found: tuple[Shorts, ...]) -> None:
    person, visit, queue, team, adviser, session, reason, joined, called, ended, released, outcome = found
    for row in range(len(visits)):
        one = visits[row]
        person[row], visit[row], queue[row], team[row] = one.person, one.visit, one.queue, one.team
        adviser[row], session[row], reason[row] = one.adviser, one.session, one.reason
        joined[row], called[row], ended[row] = one.joined, one.called, one.ended
        released[row], outcome[row] = one.released, one.outcome


@compiled
def _split_exits(exits: Records, found: tuple[Shorts, ...]) -> None:
    person, queue, second, code = found
    for row in range(len(exits)):
        one = exits[row]
        person[row], queue[row], second[row], code[row] = one.person, one.queue, one.second, one.exit


def _duty(network: Network, begin: int, end: int) -> Duty:
    teams = network.teams
    team = np.repeat(np.arange(network.team_count, dtype=np.int64), np.diff(teams.duty_start))
    inside = (teams.duty_second >= begin) & (teams.duty_second < end)
    return Duty(team[inside], teams.duty_second[inside], teams.duty_advisers[inside])
