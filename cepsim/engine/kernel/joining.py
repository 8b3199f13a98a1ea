"""Joining a queue, or not; waiting there; sessions that take their people."""

from __future__ import annotations

import numpy as np

from cepsim.compiled import inlined
from cepsim.engine.kernel.agenda import is_open, look_at_person
from cepsim.engine.kernel.calling import head, ring, serve
from cepsim.engine.kernel.lines import stand_first, stand_last, step_out, sub_queue
from cepsim.engine.kernel.onward import (
    CLOSED,
    FULL,
    REBOOKED,
    RETRY,
    SERIES,
    come_again,
    join_now,
    seconds,
    settle,
)
from cepsim.engine.kernel.world import NOBODY, PAST_THE_TAPE, SLOT_BITS, World
from cepsim.laws import further_interviews
from cepsim.network.arrays import CHOICE_BASE, NO_TABLE
from cepsim.people.tape import visit_draws
from cepsim.trace import NEVER, Outcome, Reason, Status

FIRST, NOT_YET = int(Reason.FIRST), int(Outcome.WAITING)
BETWEEN, WAITING = int(Status.BETWEEN), int(Status.WAITING)
_FEW = 24


@inlined
def arrive(w: World) -> None:
    """Everybody whose second of arrival this is comes in, and asks to be admitted."""
    clock = w.clock[0]
    while clock.next_arrival < clock.last_arrival and w.arrival[clock.next_arrival] == clock.now:
        number = clock.next_arrival
        clock.next_arrival += 1
        clock.free_count -= 1
        slot = w.free[clock.free_count]
        person = w.people[slot]
        person.number, person.profile, person.lane = number, w.profile[number], w.lane[number]
        person.service_class, person.alternate = w.service_class[number], w.alternate[number]
        person.layout, person.stream, person.rank = w.layout[number], w.stream[number], w.rank[number]
        person.status, person.visit, person.due, person.reason = BETWEEN, -1, clock.now, FIRST
        person.rebooks = person.retries = person.repeats = person.was_referred = 0
        person.series_left, person.day = -1, NOBODY
        station = w.entry[number]
        person.queue = station if station >= CHOICE_BASE else person.lane * len(w.stations) + station
        for block in range(w.made.shape[1]):
            w.made[slot, block] = 0
        join_now(w, slot)


@inlined
def admit_all(w: World) -> None:
    """Admit one by one in order of person; choices read the state as the second step left it."""
    clock = w.clock[0]
    _sort(w, clock.joining_count)
    for rank in range(clock.joining_count):
        person = w.people[w.joining[rank] & ((1 << SLOT_BITS) - 1)]
        if person.queue >= CHOICE_BASE:
            person.queue = choose(w, person.lane, person.queue - CHOICE_BASE)
    for rank in range(clock.joining_count):
        if clock.stop == 0:
            admit(w, w.joining[rank] & ((1 << SLOT_BITS) - 1))
    clock.joining_count = 0


@inlined
def _sort(w: World, count: int) -> None:
    """Put the keys of those who join in order."""
    if count > _FEW:
        w.joining[:count].sort()
        return
    for rank in range(1, count):
        key, place = w.joining[rank], rank
        while place > 0 and w.joining[place - 1] > key:
            w.joining[place] = w.joining[place - 1]
            place -= 1
        w.joining[place] = key


@inlined
def choose(w: World, lane: int, choice: int) -> int:
    """The candidate queue with the fewest present, the first named among equals."""
    chosen = NOBODY
    for candidate in range(w.choice_start[choice], w.choice_start[choice + 1]):
        queue = lane * len(w.stations) + w.choice_station[candidate]
        if chosen == NOBODY or w.queues[queue].present < w.queues[chosen].present:
            chosen = queue
    return chosen


@inlined
def admit(w: World, slot: int) -> None:
    """Let somebody into a queue, or not."""
    clock, person = w.clock[0], w.people[slot]
    number = person.queue % len(w.stations)
    station, queue = w.stations[number], w.queues[person.queue]
    if not begin_visit(w, slot, station.block):
        return
    if person.reason != SERIES and person.reason != REBOOKED and person.reason != RETRY:
        mean = w.terms[number, person.profile].series_mean
        person.series_left = (
            further_interviews(mean, station.series_max, np.int64(person.plan)) if mean else -1
        )
    if station.lost_when_closed and not is_open(w, w.teams[queue.team].calendar, clock.now):
        turn_away(w, slot, CLOSED)
    elif 0 <= queue.room <= queue.present:
        turn_away(w, slot, FULL)
    else:
        queue.present += 1
        if queue.team < 0:
            serve(w, slot, -1, -1, 0)
        else:
            line_up(w, slot, number)


@inlined
def begin_visit(w: World, slot: int, block: int) -> bool:
    """A new visit, with its draws; False past the last one that the tape holds."""
    clock, person = w.clock[0], w.people[slot]
    ordinal = w.made[slot, block]
    if ordinal >= w.layout_rows[person.layout, block]:
        clock.stop, clock.about, clock.other = PAST_THE_TAPE, slot, block
        return False
    w.made[slot, block] += 1
    read_draws(w, slot, block)
    person.leaves = person.called = person.ended = person.released = NEVER
    person.outcome, person.adviser, person.session = NOT_YET, -1, -1
    person.visit += 1
    person.joined, person.status = clock.now, WAITING
    return True


@inlined
def read_draws(w: World, slot: int, block: int) -> None:
    """The draws of the visit in a block that a person has begun last."""
    person = w.people[slot]
    key_0, key_1 = w.keys[person.stream, 0], w.keys[person.stream, 1]
    drawn = visit_draws(key_0, key_1, person.rank, w.made[slot, block] - 1, w.blocks[block])
    person.service, person.back_office, person.patience = drawn[0], drawn[1], drawn[2]
    person.no_show, person.route, person.gap, person.plan = drawn[3], drawn[4], drawn[5], drawn[6]


@inlined
def turn_away(w: World, slot: int, outcome: int) -> None:
    """Not let in: the visit is over on the second it began."""
    person = w.people[slot]
    person.outcome, person.ended, person.status = outcome, w.clock[0].now, BETWEEN
    if settle(w, slot):
        come_again(w, slot)


@inlined
def line_up(w: World, slot: int, station: int) -> None:
    """Wait at the end of the sub-queue of one's class, for as long as patience lasts."""
    person = w.people[slot]
    queue = w.queues[person.queue]
    table = w.terms[station, person.profile].patience
    if table != NO_TABLE:
        person.leaves = w.clock[0].now + seconds(w, table, np.int64(person.patience))
    stand_last(w, sub_queue(w, slot), slot)
    watch_patience(w, slot)
    if not queue.holds_sessions and w.teams[queue.team].busy < w.teams[queue.team].on_duty:
        # whoever is released later in this run rings for himself
        ring(w, queue.team)


@inlined
def watch_patience(w: World, slot: int) -> None:
    """Leave at the end of patience, where leaving has a consequence."""
    person = w.people[slot]
    if person.leaves != NEVER and w.queues[person.queue].patience_is_event:
        look_at_person(w, slot, person.leaves)


@inlined
def hold_session(w: World, event: int) -> None:
    """Seats go by (priority, joined, person); too few, and it is cancelled: everybody keeps his rank."""
    number = w.session_queue[event]
    queue = w.queues[number]
    taken = 0
    while taken < queue.session_seats:
        slot = next_seat(w, number)
        if slot == NOBODY:
            break
        step_out(w, sub_queue(w, slot), slot)
        w.joining[taken] = slot
        taken += 1
    held = taken >= queue.session_least
    w.session_taken[event], w.session_held[event] = taken if held else 0, held
    for rank in range(taken - 1, -1, -1):
        slot = w.joining[rank]
        if held:
            serve(w, slot, -1, w.session_rank[event], queue.session_length)
        else:
            stand_first(w, sub_queue(w, slot), slot)


@inlined
def next_seat(w: World, number: int) -> int:
    """The least (priority, joined, person) among the heads of a queue's sub-queues."""
    queue = w.queues[number]
    chosen = NOBODY
    least_priority = least_joined = least_number = 0
    for rank in range(queue.first_sub, queue.last_sub):
        sub = w.subs[w.queue_subs[rank]]
        slot = head(w, w.queue_subs[rank])
        if slot == NOBODY:
            continue
        person = w.people[slot]
        if (
            chosen == NOBODY
            or sub.priority < least_priority
            or (
                sub.priority == least_priority
                and (
                    person.joined < least_joined
                    or (person.joined == least_joined and person.number < least_number)
                )
            )
        ):
            chosen = slot
            least_priority, least_joined, least_number = sub.priority, person.joined, person.number
    return chosen
