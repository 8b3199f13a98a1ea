"""The arrays of a run, from a network, a tape and a state."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cepsim.engine.kernel.world import (
    BRANCH,
    EXIT,
    LOOK,
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
from cepsim.network.arrays import Network
from cepsim.people.tape import Tape
from cepsim.state import Busy, Carried, People, State
from cepsim.trace import NEVER, Ints
from cepsim.units import SECONDS_PER_DAY

#: Slots, and rows of the trace, to begin with: enough for a small region, and little to grow from.
SLOTS = 1 << 12
ROOM = 1 << 18
_WORD = 64


def build_world(network: Network, tape: Tape, state: State | None, begin: int, end: int) -> World:
    """Everything as it is at `begin`, with the people of the state in the first slots."""
    here = state.people if state is not None else People.empty()
    busy = state.busy if state is not None else Busy.empty()
    teams, advisers = _teams(network, here, busy, begin)
    nothing = Carried.none(network.queue_count)
    queues, queue_subs = _queues(network, nothing if state is None else state.carried_of(network.queue_count))
    subs, team_subs = _sub_queues(network, teams, len(advisers["busy_until"]))
    changes, sessions = _changes(network, begin, end), _sessions(network, begin, end)
    slots = len(here) + SLOTS
    people, made, free = _slots(state, tape, slots, network.block_count)
    terms, terms_of = _terms(network)
    days = (end - begin) // SECONDS_PER_DAY + 1
    first_slot = len(advisers["busy_until"]) + len(subs)
    arrays: dict[str, NDArray[Any]] = {
        "stations": _records(STATION, network.stations),
        "terms": terms,
        "terms_of": terms_of,
        "branches": _records(BRANCH, network.branches),
        "branch_start": network.branches.start,
        "branch_threshold": network.branches.threshold,
        "branch_repeat_max": network.branches.repeat_max,
        "choice_start": network.choices.start,
        "choice_station": network.choices.station,
        "choice_rule": network.choices.rule,
        "choice_home": network.choices.home,
        "choice_threshold": network.choices.delay_threshold,
        "queues": queues,
        "sub_queue_of": network.queues.sub_queue,
        "queue_subs": queue_subs,
        "subs": subs,
        "teams": teams,
        "team_subs": team_subs,
        "tables": network.tables,
        "calendar_start": network.teams.calendar_start,
        "opens": network.teams.opens,
        "closes": network.teams.closes,
        "opening": network.teams.calendar_start[:-1].copy(),
        "rung": np.empty(network.team_count + 1, dtype=np.int64),
        "looks": _no_looks(first_slot + slots),
        "buckets": np.full(SECONDS_PER_DAY + days, NOBODY, dtype=np.int32),
        "marks": np.zeros(SECONDS_PER_DAY // _WORD, dtype=np.int64),
        "people": people,
        "made": made,
        "free": free,
        "joining": np.empty(slots, dtype=np.int64),
        "visits": np.empty(ROOM, dtype=VISIT),
        "exits": np.empty(ROOM, dtype=EXIT),
        **advisers,
        **changes,
        **sessions,
        **{field.name: getattr(tape, field.name) for field in fields(Tape)},
    }
    first, last = np.searchsorted(tape.arrival, [begin, end], side="left")
    w = World(
        arrays,
        begin=begin,
        end=end,
        now=begin,
        free_count=slots - len(here),
        next_arrival=int(first),
        last_arrival=int(last),
        adviser_count=len(advisers["busy_until"]),
        first_slot=first_slot,
        team_count=network.team_count,
        station_count=network.station_count,
        profile_count=len(network.profile_names),
        class_count=network.queues.sub_queue.shape[1],
        block_count=network.block_count,
        queue_count=network.queue_count,
        day_count=days,
        change_count=len(changes["change_second"]),
        session_count=len(sessions["session_second"]),
    )
    _measure(w)
    return w


def add_slots(w: World) -> None:
    """Twice the slots."""
    before = len(w.arrays["people"])
    after, count = 2 * before, w["free_count"]
    looks = _no_looks(w["first_slot"] + after)
    looks[: w["first_slot"] + before] = w.arrays["looks"]
    free = np.empty(after, dtype=np.int64)
    # slots are taken from the end: those used before come first
    free[: after - before] = np.arange(after - 1, before - 1, -1)
    free[after - before : after - before + count] = w.arrays["free"][:count]
    made = np.zeros((after, w["block_count"]), dtype=np.int64)
    made[:before] = w.arrays["made"]
    people = _longer(w.arrays["people"], after)
    w.put(people=people, made=made, free=free, looks=looks, joining=np.empty(after, dtype=np.int64))
    w["free_count"] = count + after - before
    _measure(w)


def make_room(w: World) -> None:
    """No visit and no exit written, and room for a long while."""
    room = max(ROOM, 8 * w["slot_count"])
    w["visit_count"] = w["exit_count"] = 0
    w.put(visits=np.empty(room, dtype=VISIT), exits=np.empty(room, dtype=EXIT))
    _measure(w)


def _measure(w: World) -> None:
    w["slot_count"] = len(w.arrays["people"])
    w["visit_room"] = len(w.arrays["visits"])


def _longer(records: Records, count: int) -> Records:
    longer = np.zeros(count, dtype=records.dtype)
    longer[: len(records)] = records
    longer["number"][len(records) :] = NOBODY
    return longer


def _no_looks(count: int) -> Records:
    looks = np.zeros(count, dtype=LOOK)
    looks["bucket"] = NOBODY
    return looks


def _terms(network: Network) -> tuple[Records, NDArray[np.int32]]:
    """What stations are for profiles, each once; and which of them, (stations, profiles)."""
    every = _records(TERMS, network.stations)
    found, which = np.unique(every.view(f"V{TERMS.itemsize}"), return_inverse=True)
    return found.view(TERMS), which.reshape(every.shape).astype(np.int32)


def _slots(state: State | None, tape: Tape, slots: int, blocks: int) -> tuple[Records, Ints, Ints]:
    """People, visits made and free slots: the people of the state first, by person."""
    people = np.zeros(slots, dtype=PERSON)
    people["number"] = NOBODY
    made = np.zeros((slots, blocks), dtype=np.int64)
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
    free = np.empty(slots, dtype=np.int64)
    free[: slots - count] = np.arange(slots - 1, count - 1, -1)
    return people, made, free


def _records(kind: np.dtype[np.void], part: Any) -> Records:
    """Parallel arrays as records with the fields of a type."""
    names = kind.names or ()
    records = np.zeros(getattr(part, names[0]).shape, dtype=kind)
    for name in names:
        records[name] = getattr(part, name)
    return records


def _queues(network: Network, carried: Carried) -> tuple[Records, Ints]:
    """Queues, and their sub-queues end to end."""
    given, subs = network.queues, network.sub_queues
    records = np.zeros(network.queue_count, dtype=QUEUE)
    for name in (
        "team",
        "room",
        "patience_is_event",
        "publishes",
        "holds_sessions",
        "elsewhere",
        "session_least",
        "session_seats",
        "session_length",
        "carries_budget",
        "closes_at",
        "heir",
    ):
        records[name] = getattr(given, name)
    for field in fields(Carried):
        records[field.name] = getattr(carried, field.name)
    records["station"] = np.arange(network.queue_count) % network.station_count
    order = np.argsort(subs.queue, kind="stable")
    bounds = np.searchsorted(subs.queue[order], np.arange(network.queue_count + 1))
    records["first_sub"], records["last_sub"] = bounds[:-1], bounds[1:]
    return records, order.astype(np.int64)


def _sub_queues(network: Network, teams: Records, advisers: int) -> tuple[Records, Ints]:
    """Lines: sub-queues, those of people freed, own ones; and the sub-queues that each team calls from."""
    given, queues = network.sub_queues, network.queues
    count = len(given.queue)
    follows = network.stations.referent_wait[given.queue % network.station_count] >= 0
    serving = queues.team[given.queue]
    # where no team serves, the last one: nobody is followed there
    room = np.append(np.diff(np.append(teams["first_adviser"], advisers)), 0)[serving] * follows
    freed = np.where(follows, count + np.cumsum(follows) - 1, NOBODY)
    own = np.where(follows, count + follows.sum() + np.cumsum(room) - room, NOBODY)
    whose = np.concatenate([np.arange(count), np.flatnonzero(follows), np.repeat(np.arange(count), room)])
    records = np.zeros(len(whose), dtype=SUB)
    for name in ("queue", "priority", "calendar"):
        records[name] = getattr(given, name)[whose]
    records["team"] = queues.team[given.queue[whose]]
    records["first"] = records["last"] = NOBODY
    records["freed"], records["own"] = freed[whose], own[whose]
    teams["follows"][serving[follows]] = 1
    team = np.where(queues.holds_sessions[given.queue] == 1, -1, queues.team[given.queue])
    called = np.flatnonzero(team >= 0)
    order = called[np.argsort(team[called], kind="stable")]
    bounds = np.searchsorted(team[order], np.arange(network.team_count + 1))
    teams["first_sub"], teams["last_sub"] = bounds[:-1], bounds[1:]
    return records, order.astype(np.int64)


def _teams(network: Network, here: People, busy: Busy, begin: int) -> tuple[Records, dict[str, Ints]]:
    """Teams; and of their advisers who is idle again, until when each is busy, and the team."""
    given, count = network.teams, network.team_count
    records = np.zeros(count, dtype=TEAM)
    records["calendar"] = given.calendar
    known, most = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    np.maximum.at(known, busy.team, busy.adviser + 1)
    cared = here.referent >= 0
    np.maximum.at(most, here.referent_team[cared], here.referent[cared] + 1)
    for team in range(count):
        piece = slice(given.duty_start[team], given.duty_start[team + 1])
        seconds, advisers = given.duty_second[piece], given.duty_advisers[piece]
        before = int(np.searchsorted(seconds, begin, side="left"))
        records["on_duty"][team] = advisers[before - 1] if before else 0
        most[team] = max(most[team], advisers.max(initial=0))
    room = np.maximum(most, known)
    first = np.cumsum(room) - room
    records["first_adviser"], records["known"] = first, known
    words = -(-room // _WORD)
    records["first_word"] = np.cumsum(words) - words
    idle = np.zeros((int(words.sum()), _WORD), dtype=np.bool_)
    busy_until = np.full(int(room.sum()), NEVER, dtype=np.int64)
    busy_until[first[busy.team] + busy.adviser] = busy.until
    for team in range(count):
        numbers = np.flatnonzero(busy_until[first[team] : first[team] + known[team]] == NEVER)
        idle[records["first_word"][team] + numbers // _WORD, numbers % _WORD] = True
        records["idle_count"][team], records["busy"][team] = len(numbers), known[team] - len(numbers)
    team_of = np.repeat(np.arange(count, dtype=np.int64), room)
    bits = np.packbits(idle, axis=1, bitorder="little").view("<u8").astype(np.int64).reshape(-1)
    followed = np.zeros(len(busy_until), dtype=np.int64)
    np.add.at(followed, first[here.referent_team[cared]] + here.referent[cared], 1)
    return records, {
        "idle": bits,
        "busy_until": busy_until,
        "adviser_team": team_of,
        "followed": followed,
        "order": np.empty(len(busy_until), dtype=np.int64),
    }


def _changes(network: Network, begin: int, end: int) -> dict[str, Ints]:
    """Second, team and advisers on duty of each change; -1 where people of a sub-queue become available.

    The team is NOBODY where queues publish their delays, and NOBODY - 1 - queue where a queue closes.
    """
    teams, subs = network.teams, network.sub_queues
    team = np.repeat(np.arange(network.team_count, dtype=np.int64), np.diff(teams.duty_start))
    parts = [(teams.duty_second, team, teams.duty_advisers)]
    for sub in np.flatnonzero(subs.calendar >= 0).tolist():
        whose = int(network.queues.team[subs.queue[sub]])
        calendar = int(subs.calendar[sub])
        opens = teams.opens[teams.calendar_start[calendar] : teams.calendar_start[calendar + 1]]
        if whose >= 0:
            parts.append((opens, np.full(len(opens), whose), np.full(len(opens), -1)))
    published_at = network.choices.published_at
    parts.append((published_at, np.full(len(published_at), NOBODY), np.full(len(published_at), -1)))
    # delays are published before queues close
    closing = np.flatnonzero((network.queues.heir >= 0) & (network.queues.elsewhere == 0))
    parts.append((network.queues.closes_at[closing], NOBODY - 1 - closing, np.full(len(closing), -1)))
    second, whose_, advisers = (np.concatenate(column) for column in zip(*parts, strict=True))
    inside = np.flatnonzero((second >= begin) & (second < end))
    order = inside[np.argsort(second[inside], kind="stable")]
    return {
        "change_second": second[order],
        "change_team": whose_[order].astype(np.int64),
        "change_advisers": advisers[order].astype(np.int64),
    }


def _sessions(network: Network, begin: int, end: int) -> dict[str, Ints]:
    """Second, queue, rank and budget of each session, by second then queue."""
    start, second = network.queues.session_start, network.queues.session_second
    budget = network.queues.session_budget
    queue = np.repeat(np.arange(network.queue_count, dtype=np.int64), np.diff(start))
    rank = np.arange(len(second), dtype=np.int64) - start[queue]
    inside = np.flatnonzero((second >= begin) & (second < end))
    order = inside[np.lexsort((queue[inside], second[inside]))]
    none = np.zeros(len(order), dtype=np.int64)
    return {
        "session_second": second[order],
        "session_queue": queue[order],
        "session_rank": rank[order],
        "session_budget": budget[order],
        "session_taken": none,
        "session_held": none.copy(),
    }
