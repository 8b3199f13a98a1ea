"""The arrays of a run, from a network, a tape and a state."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cepsim.engine.kernel.world import (
    BRANCH,
    CLOCK,
    EXIT,
    NOBODY,
    PERSON,
    QUEUE,
    STATION,
    SUB,
    TEAM,
    TERMS,
    VISIT,
    Records,
    World,
)
from cepsim.engine.refusals import key_bits
from cepsim.network.arrays import Network
from cepsim.people.tape import Tape
from cepsim.trace import NEVER, Busy, Ints, People, State
from cepsim.units import SECONDS_PER_DAY

#: Slots, and rows of the trace, to begin with: enough for a small region, and little to grow from.
SLOTS = 1 << 12
ROOM = 1 << 18


def build_world(network: Network, tape: Tape, state: State | None, begin: int, end: int) -> World:
    """Everything as it is at `begin`, with the people of the state in the first slots."""
    here = state.people if state is not None else People.empty()
    busy = state.busy if state is not None else Busy.empty()
    teams, idle, busy_until, adviser_team = _teams(network, busy, begin)
    queues, queue_subs = _queues(network)
    subs, team_subs = _sub_queues(network, teams)
    clock = np.zeros(1, dtype=CLOCK)
    clock["begin"], clock["end"], clock["now"] = begin, end, begin
    clock["key_bits"] = key_bits(tape, begin, end)[1]
    clock["next_arrival"], clock["last_arrival"] = np.searchsorted(tape.arrival, [begin, end], side="left")
    changes, sessions = _changes(network, begin, end), _sessions(network, begin, end)
    slots = len(here) + SLOTS
    people, made, free = _slots(state, tape, slots, network.block_count)
    clock["free_count"] = slots - len(here)
    return World(
        clock=clock,
        people=people,
        made=made,
        free=free,
        agenda=_agenda(slots, len(busy_until), len(subs)),
        days=np.full((end - begin) // SECONDS_PER_DAY + 1, NOBODY, dtype=np.int32),
        joining=np.empty(slots, dtype=np.int64),
        tables=network.tables,
        stations=_records(STATION, network.stations),
        terms=_records(TERMS, network.stations),
        branches=_records(BRANCH, network.branches),
        branch_start=network.branches.start,
        choice_start=network.choices.start,
        choice_station=network.choices.station,
        queues=queues,
        sub_queue_of=network.queues.sub_queue,
        queue_subs=queue_subs,
        subs=subs,
        teams=teams,
        team_subs=team_subs,
        rung=np.empty(network.team_count + 1, dtype=np.int64),
        idle=idle,
        busy_until=busy_until,
        adviser_team=adviser_team,
        calendar_start=network.teams.calendar_start,
        opens=network.teams.opens,
        closes=network.teams.closes,
        opening=network.teams.calendar_start[:-1].copy(),
        change_second=changes[0],
        change_team=changes[1],
        change_advisers=changes[2],
        session_second=sessions[0],
        session_queue=sessions[1],
        session_rank=sessions[2],
        session_taken=np.zeros(len(sessions[0]), dtype=np.int64),
        session_held=np.zeros(len(sessions[0]), dtype=np.int64),
        arrival=tape.arrival,
        lane=tape.lane,
        entry=tape.entry,
        alternate=tape.alternate,
        profile=tape.profile,
        service_class=tape.service_class,
        layout=tape.layout,
        stream=tape.stream,
        rank=tape.rank,
        layout_rows=tape.layout_rows,
        keys=tape.keys,
        blocks=tape.blocks,
        visits=np.empty(ROOM, dtype=VISIT),
        exits=np.empty(ROOM, dtype=EXIT),
    )


def with_more_slots(w: World) -> World:
    """The same world with twice the slots; those of advisers and sub-queues on the agenda move up."""
    before, after = len(w.people), 2 * len(w.people)
    clock = w.clock[0]
    agenda = _agenda(after, len(w.busy_until), len(w.subs))
    keys = w.agenda[: clock["agenda_count"]]
    mask = (1 << int(clock["key_bits"])) - 1
    agenda[: len(keys)] = np.where(keys & mask >= before, keys + (after - before), keys)
    free = np.empty(after, dtype=np.int32)
    count = int(clock["free_count"])
    # taken from the end: the new slots go first, so that old ones are used again
    free[: after - before] = np.arange(after - 1, before - 1, -1)
    free[after - before : after - before + count] = w.free[:count]
    clock["free_count"] = count + after - before
    made = np.zeros((after, w.made.shape[1]), dtype=np.int32)
    made[:before] = w.made
    return w._replace(
        people=_longer(w.people, after),
        made=made,
        free=free,
        agenda=agenda,
        joining=np.empty(after, np.int64),
    )


def with_room(w: World) -> World:
    """The same world with empty visits and exits, enough for a long while."""
    clock = w.clock[0]
    clock["visit_count"] = clock["exit_count"] = 0
    room = max(ROOM, 8 * len(w.people))
    if room <= len(w.visits):
        return w
    return w._replace(visits=np.empty(room, dtype=VISIT), exits=np.empty(room, dtype=EXIT))


def _longer(records: Records, count: int) -> Records:
    longer = np.zeros(count, dtype=records.dtype)
    longer[: len(records)] = records
    longer["number"][len(records) :] = NOBODY
    return longer


def _agenda(slots: int, advisers: int, subs: int) -> Ints:
    # twice what may be on it at once: when it is full, half of it is idle looks
    return np.empty(2 * (slots + advisers + subs) + 64, dtype=np.int64)


def _slots(
    state: State | None, tape: Tape, slots: int, blocks: int
) -> tuple[Records, NDArray[np.int32], NDArray[np.int32]]:
    """People, visits made and free slots: the people of the state first, by person."""
    people = np.zeros(slots, dtype=PERSON)
    people["number"] = NOBODY
    people["day"] = NOBODY
    made = np.zeros((slots, blocks), dtype=np.int32)
    count = 0
    if state is not None:
        count = len(state.people)
        number = state.people.person
        people["number"][:count] = number
        for field in fields(People):
            if field.name != "person":
                people[field.name][:count] = getattr(state.people, field.name)
        for name in ("profile", "lane", "service_class", "alternate", "layout", "stream", "rank"):
            people[name][:count] = getattr(tape, name)[number]
        made[:count] = state.visits_made
    free = np.empty(slots, dtype=np.int32)
    free[: slots - count] = np.arange(slots - 1, count - 1, -1)
    return people, made, free


def _records(kind: np.dtype[np.void], part: Any) -> Records:
    """Parallel arrays as records with the fields of a type."""
    names = kind.names or ()
    records = np.zeros(getattr(part, names[0]).shape, dtype=kind)
    for name in names:
        records[name] = getattr(part, name)
    return records


def _queues(network: Network) -> tuple[Records, Ints]:
    """Queues, and their sub-queues end to end."""
    given, subs = network.queues, network.sub_queues
    records = np.zeros(network.queue_count, dtype=QUEUE)
    for name in (
        "team",
        "room",
        "patience_is_event",
        "holds_sessions",
        "session_least",
        "session_seats",
        "session_length",
    ):
        records[name] = getattr(given, name)
    order = np.argsort(subs.queue, kind="stable")
    bounds = np.searchsorted(subs.queue[order], np.arange(network.queue_count + 1))
    records["first_sub"], records["last_sub"] = bounds[:-1], bounds[1:]
    return records, order.astype(np.int64)


def _sub_queues(network: Network, teams: Records) -> tuple[Records, Ints]:
    """Sub-queues, and those that each team calls from end to end."""
    given, queues = network.sub_queues, network.queues
    records = np.zeros(len(given.queue), dtype=SUB)
    for name in ("queue", "priority", "calendar"):
        records[name] = getattr(given, name)
    records["first"] = records["last"] = NOBODY
    records["look_again"] = NEVER
    team = np.where(queues.holds_sessions[given.queue] == 1, -1, queues.team[given.queue])
    called = np.flatnonzero(team >= 0)
    order = called[np.argsort(team[called], kind="stable")]
    bounds = np.searchsorted(team[order], np.arange(network.team_count + 1))
    teams["first_sub"], teams["last_sub"] = bounds[:-1], bounds[1:]
    return records, order.astype(np.int64)


def _teams(network: Network, busy: Busy, begin: int) -> tuple[Records, NDArray[np.int32], Ints, Ints]:
    """Teams; their idle advisers; until when each is busy; the team of each."""
    given, count = network.teams, network.team_count
    records = np.zeros(count, dtype=TEAM)
    records["calendar"] = given.calendar
    known, most = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    np.maximum.at(known, busy.team, busy.adviser + 1)
    for team in range(count):
        piece = slice(given.duty_start[team], given.duty_start[team + 1])
        seconds, advisers = given.duty_second[piece], given.duty_advisers[piece]
        before = int(np.searchsorted(seconds, begin, side="left"))
        records["on_duty"][team] = advisers[before - 1] if before else 0
        most[team] = advisers.max(initial=0)
    room = np.maximum(most, known)
    first = np.cumsum(room) - room
    records["first_adviser"], records["known"] = first, known
    idle = np.zeros(int(room.sum()), dtype=np.int32)
    busy_until = np.full(len(idle), NEVER, dtype=np.int64)
    busy_until[first[busy.team] + busy.adviser] = busy.until
    for team in range(count):
        numbers = np.flatnonzero(busy_until[first[team] : first[team] + known[team]] == NEVER)
        idle[first[team] : first[team] + len(numbers)] = numbers
        records["idle_count"][team], records["busy"][team] = len(numbers), known[team] - len(numbers)
    return records, idle, busy_until, np.repeat(np.arange(count, dtype=np.int64), room)


def _changes(network: Network, begin: int, end: int) -> tuple[Ints, Ints, Ints]:
    """Second, team and advisers on duty of each change; -1 where people of a sub-queue become available."""
    teams, subs = network.teams, network.sub_queues
    team = np.repeat(np.arange(network.team_count, dtype=np.int64), np.diff(teams.duty_start))
    parts = [(teams.duty_second, team, teams.duty_advisers)]
    for sub in np.flatnonzero(subs.calendar >= 0).tolist():
        whose = int(network.queues.team[subs.queue[sub]])
        calendar = int(subs.calendar[sub])
        opens = teams.opens[teams.calendar_start[calendar] : teams.calendar_start[calendar + 1]]
        if whose >= 0:
            parts.append((opens, np.full(len(opens), whose), np.full(len(opens), -1)))
    second, whose_, advisers = (np.concatenate(column) for column in zip(*parts, strict=True))
    inside = np.flatnonzero((second >= begin) & (second < end))
    order = inside[np.argsort(second[inside], kind="stable")]
    return second[order], whose_[order].astype(np.int64), advisers[order].astype(np.int64)


def _sessions(network: Network, begin: int, end: int) -> tuple[Ints, Ints, Ints]:
    """Second, queue and rank of each session, by second then queue."""
    start, second = network.queues.session_start, network.queues.session_second
    queue = np.repeat(np.arange(network.queue_count, dtype=np.int64), np.diff(start))
    rank = np.arange(len(second), dtype=np.int64) - start[queue]
    inside = np.flatnonzero((second >= begin) & (second < end))
    order = inside[np.lexsort((queue[inside], second[inside]))]
    return second[order], queue[order], rank[order]
