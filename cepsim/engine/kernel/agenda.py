"""What is to come: a wheel of today's seconds, and a list a day for later. Nothing is searched or sorted.

Somebody, an adviser or a sub-queue has one look at most: the second at which to look again. Looks of a second
of today, or of a later day, are linked in a bucket; a bit says which seconds have any.
"""

from __future__ import annotations

from typing import Any

from cepsim.compiled import compiled, inlined, int_at, low_bit, put_int, put_short, short_at
from cepsim.engine.kernel.world import NOBODY, look_at_item
from cepsim.units import SECONDS_PER_DAY

_WORD = 64


@compiled
def look_at(w: Any, second: int, whose: int) -> None:
    """Look at somebody or something at a later second, and no more at the one noted before.

    Never, where the run has ended by then.
    """
    forget(w, whose)
    if second >= w.end:
        return
    look_at_item(w, whose).second = second
    elapsed = second - w.begin
    day = elapsed // SECONDS_PER_DAY
    if day > w.today:
        _link(w, SECONDS_PER_DAY + day, whose)
    else:
        _mark(w, elapsed - day * SECONDS_PER_DAY, whose)


@inlined
def look_at_person(w: Any, slot: int, second: int) -> None:
    """Look at a person at a later second."""
    look_at(w, second, w.first_slot + slot)


@compiled
def forget(w: Any, whose: int) -> None:
    """Take back the look at somebody or something, if there is one."""
    look = look_at_item(w, whose)
    bucket = look.bucket
    if bucket == NOBODY:
        return
    if look.before == NOBODY:
        put_short(w.buckets, bucket, look.after)
        if look.after == NOBODY and bucket < SECONDS_PER_DAY:
            put_int(w.marks, bucket // _WORD, int_at(w.marks, bucket // _WORD) & ~(1 << bucket % _WORD))
    else:
        look_at_item(w, look.before).after = look.after
    if look.after != NOBODY:
        look_at_item(w, look.after).before = look.before
    look.bucket = NOBODY


@inlined
def take_look(w: Any) -> int:
    """Whose look is due in this second, taken off; nobody's, where there is none left."""
    bucket = w.now - w.begin - w.today * SECONDS_PER_DAY
    whose = short_at(w.buckets, bucket)
    if whose != NOBODY:
        forget(w, whose)
    return whose


@inlined
def _link(w: Any, bucket: int, whose: int) -> None:
    """Put a look first in its bucket."""
    look, after = look_at_item(w, whose), short_at(w.buckets, bucket)
    look.bucket, look.before, look.after = bucket, NOBODY, after
    if after != NOBODY:
        look_at_item(w, after).before = whose
    put_short(w.buckets, bucket, whose)


@inlined
def _mark(w: Any, bucket: int, whose: int) -> None:
    """Put a look in a second of today."""
    _link(w, bucket, whose)
    put_int(w.marks, bucket // _WORD, int_at(w.marks, bucket // _WORD) | 1 << bucket % _WORD)


@compiled
def open_day(w: Any) -> None:
    """The day after becomes today: each look noted for it goes to its second."""
    w.today += 1
    begin = w.begin + w.today * SECONDS_PER_DAY
    whose = short_at(w.buckets, SECONDS_PER_DAY + w.today)
    put_short(w.buckets, SECONDS_PER_DAY + w.today, NOBODY)
    while whose != NOBODY:
        after = look_at_item(w, whose).after
        _mark(w, look_at_item(w, whose).second - begin, whose)
        whose = after


@inlined
def _next_look(w: Any) -> int:
    """The next second of today that has a look, from now on; the end of the run where there is none."""
    begin = w.begin + w.today * SECONDS_PER_DAY
    first = max(w.now - begin, 0)
    word = first // _WORD
    bits = int_at(w.marks, word) & -1 << first % _WORD
    while bits == 0:
        word += 1
        if word == SECONDS_PER_DAY // _WORD:
            return w.end
        bits = int_at(w.marks, word)
    return begin + word * _WORD + low_bit(bits)


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
    look = _next_look(w)
    while look >= w.end and w.today < (second - w.begin) // SECONDS_PER_DAY and w.today + 1 < w.day_count:
        open_day(w)
        look = _next_look(w)
    return min(second, look)


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
