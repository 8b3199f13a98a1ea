"""What is to come: a heap of today's looks, and a list of people a day for later."""

from __future__ import annotations

from typing import Any

from cepsim.compiled import compiled, inlined, int_at, ints, put_int
from cepsim.engine.kernel.world import NOBODY, person_at, sub_at
from cepsim.trace import Status
from cepsim.units import SECONDS_PER_DAY

WAITING, IN_SERVICE = int(Status.WAITING), int(Status.IN_SERVICE)


@inlined
def put(heap: int, first: int, count: int, key: int) -> None:
    """Add a key to the heap at positions first to first + count; there must be room behind it."""
    place = count
    while place > 0:
        above = (place - 1) >> 1
        other = int_at(heap, first + above)
        if other <= key:
            break
        put_int(heap, first + place, other)
        place = above
    put_int(heap, first + place, key)


@inlined
def take_least(heap: int, first: int, count: int) -> int:
    """Remove the least key of the heap at positions first to first + count and return it."""
    least, key, last = int_at(heap, first), int_at(heap, first + count - 1), count - 1
    place = 0
    while True:
        below = 2 * place + 1
        if below >= last:
            break
        if below + 1 < last and int_at(heap, first + below + 1) < int_at(heap, first + below):
            below += 1
        other = int_at(heap, first + below)
        if key <= other:
            break
        put_int(heap, first + place, other)
        place = below
    put_int(heap, first + place, key)
    return least


@compiled
def look_at(w: Any, second: int, whose: int) -> None:
    """Look at somebody or something at a second of today."""
    if w.agenda_count == w.agenda_room:
        _drop_idle_looks(w)
    put(w.agenda, 0, w.agenda_count, (second - w.begin) << w.key_bits | whose)
    w.agenda_count += 1


@compiled
def look_at_person(w: Any, slot: int, second: int) -> None:
    """Look at a person at a second: today, on a later day, or never where the run has ended by then."""
    if second >= w.end:
        return
    day = (second - w.begin) // SECONDS_PER_DAY
    if day <= w.today:
        look_at(w, second, slot)
        return
    person, after = person_at(w, slot), int_at(w.days, day)
    person.day, person.day_before, person.day_after = day, NOBODY, after
    if after != NOBODY:
        person_at(w, after).day_before = slot
    put_int(w.days, day, slot)


@compiled
def forget_day(w: Any, slot: int) -> None:
    """Nothing is to happen any more to a person on the later day for which it was noted."""
    person = person_at(w, slot)
    if person.day == NOBODY:
        return
    if person.day_before == NOBODY:
        put_int(w.days, person.day, person.day_after)
    else:
        person_at(w, person.day_before).day_after = person.day_after
    if person.day_after != NOBODY:
        person_at(w, person.day_after).day_before = person.day_before
    person.day = NOBODY


@inlined
def second_of(w: Any, slot: int) -> int:
    """When something next happens to a person."""
    person = person_at(w, slot)
    if person.status == WAITING:
        return person.leaves
    return person.ended if person.status == IN_SERVICE else person.due


@compiled
def open_day(w: Any) -> None:
    """The day after becomes today: those noted for it go on the agenda."""
    w.today += 1
    slot = int_at(w.days, w.today)
    put_int(w.days, w.today, NOBODY)
    while slot != NOBODY:
        person = person_at(w, slot)
        person.day = NOBODY
        look_at(w, second_of(w, slot), slot)
        slot = person.day_after


@compiled
def _drop_idle_looks(w: Any) -> None:
    """Keep the looks that something may come of: at most one a slot, an adviser or a sub-queue."""
    slots, advisers = w.slot_count, w.adviser_count
    mask = (1 << w.key_bits) - 1
    # keys in order are a heap, and equal ones stand together
    ints(w.agenda, w.agenda_count).sort()
    kept, before = 0, -1
    for rank in range(w.agenda_count):
        key = int_at(w.agenda, rank)
        whose, second = key & mask, (key >> w.key_bits) + w.begin
        if whose < slots:
            live = second_of(w, whose) == second
        elif whose < slots + advisers:
            live = int_at(w.busy_until, whose - slots) == second
        else:
            live = sub_at(w, whose - slots - advisers).look_again == second
        if live and key != before:
            put_int(w.agenda, kept, key)
            kept, before = kept + 1, key
    w.agenda_count = kept


@compiled
def next_second(w: Any) -> int:
    """The next second in which something is to be looked at; the end of the run if there is none."""
    second = w.end
    if w.next_change < w.change_count:
        second = min(second, int_at(w.change_second, w.next_change))
    if w.next_session < w.session_count:
        second = min(second, int_at(w.session_second, w.next_session))
    if w.next_arrival < w.last_arrival:
        second = min(second, int_at(w.arrival, w.next_arrival))
    if w.agenda_count > 0:
        second = min(second, (int_at(w.agenda, 0) >> w.key_bits) + w.begin)
    while w.today < (second - w.begin) // SECONDS_PER_DAY and w.today + 1 < w.day_count:
        open_day(w)
        if w.agenda_count > 0:
            second = min(second, (int_at(w.agenda, 0) >> w.key_bits) + w.begin)
    return second


@inlined
def current_opening(w: Any, calendar: int, now: int) -> int:
    """Position of the first opening of a calendar that closes after now; its end if there is none."""
    opening, last = int_at(w.opening, calendar), int_at(w.calendar_start, calendar + 1)
    while opening < last and int_at(w.closes, opening) <= now:
        opening += 1
    put_int(w.opening, calendar, opening)
    return opening


@inlined
def is_open(w: Any, calendar: int, now: int) -> bool:
    """Whether a calendar is open now."""
    opening = current_opening(w, calendar, now)
    return opening < int_at(w.calendar_start, calendar + 1) and int_at(w.opens, opening) <= now
