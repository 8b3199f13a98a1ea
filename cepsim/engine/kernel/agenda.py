"""What is to come: a heap of today's looks, and a list of people a day for later."""

from __future__ import annotations

from typing import Any

from cepsim.compiled import compiled, inlined
from cepsim.engine.kernel.world import NOBODY, World
from cepsim.trace import Status
from cepsim.units import SECONDS_PER_DAY

WAITING, IN_SERVICE = int(Status.WAITING), int(Status.IN_SERVICE)


@inlined
def put(heap: Any, first: int, count: int, key: int) -> None:
    """Add a key to the heap heap[first : first + count]; there must be room behind it."""
    place = count
    while place > 0:
        above = (place - 1) >> 1
        if heap[first + above] <= key:
            break
        heap[first + place] = heap[first + above]
        place = above
    heap[first + place] = key


@inlined
def take_least(heap: Any, first: int, count: int) -> int:
    """Remove the least key of the heap heap[first : first + count] and return it."""
    least, key, last = heap[first], heap[first + count - 1], count - 1
    place = 0
    while True:
        below = 2 * place + 1
        if below >= last:
            break
        if below + 1 < last and heap[first + below + 1] < heap[first + below]:
            below += 1
        if key <= heap[first + below]:
            break
        heap[first + place] = heap[first + below]
        place = below
    heap[first + place] = key
    return least


@inlined
def look_at(w: World, second: int, whose: int) -> None:
    """Look at somebody or something at a second of today."""
    clock = w.clock[0]
    if clock.agenda_count == len(w.agenda):
        _drop_idle_looks(w)
    put(w.agenda, 0, clock.agenda_count, (second - clock.begin) << clock.key_bits | whose)
    clock.agenda_count += 1


@inlined
def look_at_person(w: World, slot: int, second: int) -> None:
    """Look at a person at a second: today, on a later day, or never where the run has ended by then."""
    clock = w.clock[0]
    if second >= clock.end:
        return
    day = (second - clock.begin) // SECONDS_PER_DAY
    if day <= clock.today:
        look_at(w, second, slot)
        return
    person, after = w.people[slot], w.days[day]
    person.day, person.day_before, person.day_after = day, NOBODY, after
    if after != NOBODY:
        w.people[after].day_before = slot
    w.days[day] = slot


@inlined
def forget_day(w: World, slot: int) -> None:
    """Nothing is to happen any more to a person on the later day for which it was noted."""
    person = w.people[slot]
    if person.day == NOBODY:
        return
    if person.day_before == NOBODY:
        w.days[person.day] = person.day_after
    else:
        w.people[person.day_before].day_after = person.day_after
    if person.day_after != NOBODY:
        w.people[person.day_after].day_before = person.day_before
    person.day = NOBODY


@inlined
def second_of(w: World, slot: int) -> int:
    """When something next happens to a person."""
    person = w.people[slot]
    if person.status == WAITING:
        return person.leaves
    return person.ended if person.status == IN_SERVICE else person.due


@compiled
def open_day(w: World) -> None:
    """The day after becomes today: those noted for it go on the agenda."""
    clock = w.clock[0]
    clock.today += 1
    slot = w.days[clock.today]
    w.days[clock.today] = NOBODY
    while slot != NOBODY:
        person = w.people[slot]
        person.day = NOBODY
        look_at(w, second_of(w, slot), slot)
        slot = person.day_after


@compiled
def _drop_idle_looks(w: World) -> None:
    """Keep the looks that something may come of: at most one a slot, an adviser or a sub-queue."""
    clock = w.clock[0]
    slots, advisers = len(w.people), len(w.busy_until)
    mask = (1 << clock.key_bits) - 1
    # keys in order are a heap, and equal ones stand together
    w.agenda[: clock.agenda_count].sort()
    kept, before = 0, -1
    for rank in range(clock.agenda_count):
        key = w.agenda[rank]
        whose, second = key & mask, (key >> clock.key_bits) + clock.begin
        if whose < slots:
            live = second_of(w, whose) == second
        elif whose < slots + advisers:
            live = w.busy_until[whose - slots] == second
        else:
            live = w.subs[whose - slots - advisers].look_again == second
        if live and key != before:
            w.agenda[kept] = before = key
            kept += 1
    clock.agenda_count = kept


@inlined
def next_second(w: World) -> int:
    """The next second in which something is to be looked at; the end of the run if there is none."""
    clock = w.clock[0]
    second = clock.end
    if clock.next_change < len(w.change_second):
        second = min(second, w.change_second[clock.next_change])
    if clock.next_session < len(w.session_second):
        second = min(second, w.session_second[clock.next_session])
    if clock.next_arrival < clock.last_arrival:
        second = min(second, w.arrival[clock.next_arrival])
    if clock.agenda_count > 0:
        second = min(second, (w.agenda[0] >> clock.key_bits) + clock.begin)
    while clock.today < (second - clock.begin) // SECONDS_PER_DAY and clock.today + 1 < len(w.days):
        open_day(w)
        if clock.agenda_count > 0:
            second = min(second, (w.agenda[0] >> clock.key_bits) + clock.begin)
    return second


@inlined
def current_opening(w: World, calendar: int, now: int) -> int:
    """Position of the first opening of a calendar that closes after now; its end if there is none."""
    opening, last = w.opening[calendar], w.calendar_start[calendar + 1]
    while opening < last and w.closes[opening] <= now:
        opening += 1
    w.opening[calendar] = opening
    return opening


@inlined
def is_open(w: World, calendar: int, now: int) -> bool:
    """Whether a calendar is open now."""
    opening = current_opening(w, calendar, now)
    return opening < w.calendar_start[calendar + 1] and w.opens[opening] <= now
