"""Who waits where: lines in order of (joined, person), left from anywhere in one move."""

from __future__ import annotations

from typing import Any

from cepsim.compiled import compiled, inlined, int_at
from cepsim.engine.kernel.world import NOBODY, person_at, station_at, sub_at, team_at


@inlined
def join_line(w: Any, sub: int, slot: int) -> None:
    """Stand at the end of a line."""
    _count(w, sub, 1)
    line, person = sub_at(w, sub), person_at(w, slot)
    person.line = sub
    person.line_before, person.line_after = line.last, NOBODY
    if line.last == NOBODY:
        line.first = slot
    else:
        person_at(w, line.last).line_after = slot
    line.last = slot


@compiled
def join_freed(w: Any, sub: int, slot: int) -> None:
    """Stand behind those who joined before: people freed in one second come in order of person."""
    person, after, before = person_at(w, slot), NOBODY, sub_at(w, sub).last
    while before != NOBODY:
        other = person_at(w, before)
        if other.joined < person.joined or (other.joined == person.joined and other.number < person.number):
            break
        after, before = before, other.line_before
    if after == NOBODY:
        join_line(w, sub, slot)
        return
    _count(w, sub, 1)
    person.line, person.line_before, person.line_after = sub, before, after
    person_at(w, after).line_before = slot
    if before == NOBODY:
        sub_at(w, sub).first = slot
    else:
        person_at(w, before).line_after = slot


@inlined
def head_line(w: Any, slot: int) -> None:
    """Stand again at the head of the line that one has left."""
    person = person_at(w, slot)
    line = sub_at(w, person.line)
    _count(w, person.line, 1)
    person.line_before, person.line_after = NOBODY, line.first
    if line.first == NOBODY:
        line.last = slot
    else:
        person_at(w, line.first).line_before = slot
    line.first = slot


@inlined
def leave_line(w: Any, slot: int) -> None:
    """Leave one's line, wherever one stands in it."""
    person = person_at(w, slot)
    line = sub_at(w, person.line)
    _count(w, person.line, -1)
    if person.line_before == NOBODY:
        line.first = person.line_after
    else:
        person_at(w, person.line_before).line_after = person.line_after
    if person.line_after == NOBODY:
        line.last = person.line_before
    else:
        person_at(w, person.line_after).line_before = person.line_before


@inlined
def _count(w: Any, sub: int, more: int) -> None:
    """So many more wait in the lines of a team; files wait for a commission, and no team has them."""
    if sub_at(w, sub).team >= 0:
        team_at(w, sub_at(w, sub).team).waiting += more


@inlined
def line_to_join(w: Any, slot: int) -> int:
    """The line of somebody's queue and class: that of his own adviser until he is freed, where he has one."""
    person = person_at(w, slot)
    sub = int_at(w.sub_queue_of, person.queue * w.class_count + person.service_class)
    if person.referent < 0:
        return sub
    return sub_at(w, sub).freed if freed_at(w, slot) < w.now else sub_at(w, sub).own + person.referent


@inlined
def freed_at(w: Any, slot: int) -> int:
    """When somebody who is followed waits no longer for his own adviser alone."""
    person = person_at(w, slot)
    return person.joined + station_at(w, person.station).referent_wait
