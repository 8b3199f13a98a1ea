"""Joining a queue, or not; waiting there; sessions that take their people."""

from __future__ import annotations

from typing import Any

import numpy as np

from cepsim.compiled import compiled, inlined, int_at, ints, put_int, short_at, signed
from cepsim.engine.kernel.agenda import is_open, look_at_person
from cepsim.engine.kernel.calling import begins, head, ring, serve
from cepsim.engine.kernel.lines import freed_at, head_line, join_line, leave_line, line_to_join
from cepsim.engine.kernel.onward import (
    CLOSED,
    FULL,
    REFUSED,
    come_again,
    follow,
    is_elsewhere,
    join_now,
    may_be_sent,
    seconds,
    settle,
    standing,
)
from cepsim.engine.kernel.world import (
    NOBODY,
    PAST_THE_TAPE,
    SLOT_BITS,
    person_at,
    queue_at,
    station_at,
    sub_at,
    team_at,
    terms_at,
)
from cepsim.laws import NO_SERIES, planned_series
from cepsim.network.arrays import ALTERNATE, BY_CLASS, CHOICE_BASE, NO_TABLE, SHORTEST
from cepsim.people.tape import visit_draws
from cepsim.trace import NEVER, Outcome, Reason, Status

FIRST, SENT_ON, NOT_YET = int(Reason.FIRST), int(Reason.OVERFLOW), int(Outcome.WAITING)
BETWEEN, WAITING = int(Status.BETWEEN), int(Status.WAITING)
_FEW = 24


@compiled
def arrive(w: Any) -> None:
    """Everybody whose second of arrival this is comes in, and asks to be admitted."""
    while w.next_arrival < w.last_arrival and int_at(w.arrival, w.next_arrival) == w.now:
        number = w.next_arrival
        w.next_arrival += 1
        lane, station = short_at(w.lane, number), short_at(w.entry, number)
        queue = station if station >= CHOICE_BASE else lane * w.station_count + station
        if is_elsewhere(w, lane, queue):
            continue
        w.free_count -= 1
        slot = int_at(w.free, w.free_count)
        person = person_at(w, slot)
        person.number, person.queue, person.lane = number, queue, lane
        person.profile = short_at(w.profile, number)
        person.service_class = short_at(w.service_class, number)
        person.alternate = short_at(w.alternate, number)
        person.layout, person.stream = short_at(w.layout, number), short_at(w.stream, number)
        person.rank = short_at(w.rank, number)
        person.status, person.visit, person.due, person.reason = BETWEEN, -1, w.now, FIRST
        person.rebooks = person.retries = person.repeats = person.was_referred = 0
        person.series_left = person.referent = person.referent_team = -1
        for block in range(w.block_count):
            put_int(w.made, slot * w.block_count + block, 0)
        join_now(w, slot)


@compiled
def admit_all(w: Any) -> None:
    """Admit one by one in order of person; choices read the state as the second step left it.

    Somebody sent elsewhere than home in his first try is noted so.
    """
    _sort(w, w.joining_count)
    for rank in range(w.joining_count):
        slot = int_at(w.joining, rank) & ((1 << SLOT_BITS) - 1)
        if person_at(w, slot).queue >= CHOICE_BASE:
            choose(w, slot, person_at(w, slot).queue - CHOICE_BASE)
        person_at(w, slot).queue = standing(w, person_at(w, slot).queue)
    for rank in range(w.joining_count):
        if w.stop == 0:
            admit(w, int_at(w.joining, rank) & ((1 << SLOT_BITS) - 1))
    w.joining_count = 0


@compiled
def _sort(w: Any, count: int) -> None:
    """Put the keys of those who join in order."""
    if count > _FEW:
        ints(w.joining, count).sort()
        return
    for rank in range(1, count):
        key, place = int_at(w.joining, rank), rank
        while place > 0 and int_at(w.joining, place - 1) > key:
            put_int(w.joining, place, int_at(w.joining, place - 1))
            place -= 1
        put_int(w.joining, place, key)


@compiled
def choose(w: Any, slot: int, choice: int) -> None:
    """Go to one's own candidate, to the one with the fewest present or to that of the least delay.

    A candidate that has closed is its heir.
    """
    person = person_at(w, slot)
    if int_at(w.choice_rule, choice) == BY_CLASS:
        own = int_at(w.choice_station, int_at(w.choice_start, choice) + person.service_class)
        person.queue = person.lane * w.station_count + own
        return
    if int_at(w.choice_rule, choice) == SHORTEST:
        person.queue = _shortest(w, person.lane, choice)
        return
    home = standing(w, person.lane * w.station_count + int_at(w.choice_home, choice))
    person.queue = home
    if queue_at(w, home).published > int_at(w.choice_threshold, choice):
        person.queue = _least_delay(w, slot, choice, home, int_at(w.choice_rule, choice) == ALTERNATE)
        if person.queue != home and person.reason == FIRST:
            person.reason = SENT_ON


@compiled
def _least_delay(w: Any, slot: int, choice: int, home: int, own: bool) -> int:
    """The least published delay; home among equals, then the lowest team, then the first named.

    With `own`, between home and the person's alternate alone, where that is a candidate.
    """
    person, chosen = person_at(w, slot), home
    for candidate in range(int_at(w.choice_start, choice), int_at(w.choice_start, choice + 1)):
        station = int_at(w.choice_station, candidate)
        if own and station != person.alternate:
            continue
        number = standing(w, person.lane * w.station_count + station)
        queue, best = queue_at(w, number), queue_at(w, chosen)
        if queue.published < best.published or (
            queue.published == best.published and chosen != home and queue.team < best.team
        ):
            chosen = number
    return chosen


@compiled
def _shortest(w: Any, lane: int, choice: int) -> int:
    """The candidate queue with the fewest present, the first named among equals."""
    chosen = NOBODY
    for candidate in range(int_at(w.choice_start, choice), int_at(w.choice_start, choice + 1)):
        queue = standing(w, lane * w.station_count + int_at(w.choice_station, candidate))
        if chosen == NOBODY or queue_at(w, queue).present < queue_at(w, chosen).present:
            chosen = queue
    return chosen


@compiled
def admit(w: Any, slot: int) -> None:
    """Let somebody into a queue, or not."""
    person = person_at(w, slot)
    queue = queue_at(w, person.queue)
    station = station_at(w, queue.station)
    if person.referent >= 0 and not (station.referent_wait >= 0 and person.referent_team == queue.team):
        follow(w, slot, -1, -1)
    if not begin_visit(w, slot, station.block):
        return
    if begins(w, slot):
        person.series_left = interviews_left(w, slot)
    if station.lost_when_closed and not is_open(w, team_at(w, queue.team).calendar, w.now):
        turn_away(w, slot, CLOSED)
    elif 0 <= queue.room <= queue.present:
        turn_away(w, slot, FULL)
    else:
        queue.present += 1
        if queue.team < 0 and not queue.holds_sessions:
            serve(w, slot, -1, -1, 0)
        else:
            line_up(w, slot)


@compiled
def begin_visit(w: Any, slot: int, block: int) -> bool:
    """A new visit, with its draws; False past the last one that the tape holds."""
    person = person_at(w, slot)
    place = slot * w.block_count + block
    ordinal = int_at(w.made, place)
    if ordinal >= int_at(w.layout_rows, person.layout * w.block_count + block):
        w.stop, w.about, w.other = PAST_THE_TAPE, slot, block
        return False
    put_int(w.made, place, ordinal + 1)
    take_up(w, slot)
    person.leaves = person.called = person.ended = person.released = NEVER
    person.outcome, person.adviser, person.session = NOT_YET, -1, -1
    person.visit += 1
    person.joined, person.status = w.now, WAITING
    return True


@inlined
def interviews_left(w: Any, slot: int) -> int:
    """Interviews that somebody who joins a station has after the first; see `rules.planned_series`."""
    person, terms = person_at(w, slot), terms_at(w, slot)
    if terms.series_mean == 0:
        return NO_SERIES
    sent = terms.refer if terms.refer > 0 and may_be_sent(w, slot) else 0
    most = station_at(w, person.station).series_max
    return planned_series(terms.series_mean, most, sent, signed(person.plan))


@compiled
def take_up(w: Any, slot: int) -> None:
    """The station of a visit that a person has begun, what it is for him, and his draws.

    The durations that he may need are read together: far apart in memory, they are waited for once.
    """
    person = person_at(w, slot)
    person.station = queue_at(w, person.queue).station
    person.terms = short_at(w.terms_of, person.station * w.profile_count + person.profile)
    block = station_at(w, person.station).block
    key = 2 * signed(person.stream)
    key_0, key_1 = np.uint64(int_at(w.keys, key)), np.uint64(int_at(w.keys, key + 1))
    ordinal = int_at(w.made, slot * w.block_count + block) - 1
    drawn = visit_draws(key_0, key_1, person.rank, ordinal, np.uint64(int_at(w.blocks, block)))
    terms = terms_at(w, slot)
    # where there is no such law, the first cell of the first one: read like the others, and not used
    person.service = seconds(w, terms.service, drawn[0])
    person.back_office = seconds(w, max(terms.back_office, 0), drawn[1])
    person.patience = seconds(w, max(terms.patience, 0), drawn[2])
    person.no_show, person.route, person.gap, person.plan = drawn[3], drawn[4], drawn[5], drawn[6]


@compiled
def turn_away(w: Any, slot: int, outcome: int) -> None:
    """Not let in, refused or handed over: the visit is over on this second."""
    person = person_at(w, slot)
    person.outcome, person.ended, person.status = outcome, w.now, BETWEEN
    if settle(w, slot):
        come_again(w, slot)


@compiled
def line_up(w: Any, slot: int) -> None:
    """Wait at the end of the sub-queue of one's class, for as long as patience lasts."""
    person = person_at(w, slot)
    queue = queue_at(w, person.queue)
    if terms_at(w, slot).patience != NO_TABLE:
        person.leaves = w.now + signed(person.patience)
    join_line(w, line_to_join(w, slot), slot)
    watch(w, slot)
    if not queue.holds_sessions and team_at(w, queue.team).busy < team_at(w, queue.team).on_duty:
        # whoever is released later in this run rings for himself
        ring(w, queue.team)


@compiled
def watch(w: Any, slot: int) -> None:
    """Leave at the end of patience, where leaving has a consequence; be freed before that, if followed."""
    person = person_at(w, slot)
    second = w.end
    if person.leaves != NEVER and queue_at(w, person.queue).patience_is_event:
        second = person.leaves
    if person.referent >= 0 and person.line != sub_at(w, person.line).freed:
        second = min(second, freed_at(w, slot))
    if second < w.end:
        look_at_person(w, slot, second)


@compiled
def hold_session(w: Any, event: int) -> None:
    """Seats go by (priority, joined, person); too few, and it is cancelled: everybody keeps his rank."""
    number = int_at(w.session_queue, event)
    queue = queue_at(w, number)
    if int_at(w.session_budget, event) >= 0:
        decide(w, event, number)
        return
    taken = 0
    while taken < queue.session_seats:
        slot = next_seat(w, number)
        if slot == NOBODY:
            break
        leave_line(w, slot)
        put_int(w.joining, taken, slot)
        taken += 1
    held = taken >= queue.session_least
    put_int(w.session_taken, event, taken if held else 0)
    put_int(w.session_held, event, 1 if held else 0)
    for rank in range(taken - 1, -1, -1):
        slot = int_at(w.joining, rank)
        if held:
            serve(w, slot, -1, int_at(w.session_rank, event), queue.session_length)
        else:
            head_line(w, slot)


@compiled
def decide(w: Any, event: int, number: int) -> None:
    """A commission accepts files in order until the next does not fit, and refuses the others."""
    queue, accepted = queue_at(w, number), 0
    left = int_at(w.session_budget, event) + queue.unspent
    slot = next_seat(w, number)
    while slot != NOBODY and terms_at(w, slot).file_cost <= left:
        leave_line(w, slot)
        left -= terms_at(w, slot).file_cost
        accepted += 1
        serve(w, slot, -1, int_at(w.session_rank, event), queue.session_length)
        slot = next_seat(w, number)
    for rank in range(queue.first_sub, queue.last_sub):
        sub = int_at(w.queue_subs, rank)
        slot = head(w, sub)
        while slot != NOBODY:
            leave_line(w, slot)
            turn_away(w, slot, REFUSED)
            slot = head(w, sub)
    queue.unspent = left if queue.carries_budget else 0
    put_int(w.session_taken, event, accepted)
    put_int(w.session_held, event, 1)


@compiled
def next_seat(w: Any, number: int) -> int:
    """The least (priority, joined, person) among the heads of a queue's sub-queues."""
    queue = queue_at(w, number)
    chosen = NOBODY
    least_priority = least_joined = least_number = 0
    for rank in range(queue.first_sub, queue.last_sub):
        sub = sub_at(w, int_at(w.queue_subs, rank))
        slot = head(w, int_at(w.queue_subs, rank))
        if slot == NOBODY:
            continue
        person = person_at(w, slot)
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
