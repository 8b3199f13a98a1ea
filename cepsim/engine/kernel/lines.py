"""Who waits where: lines in order of (joined, person), left from anywhere in one move."""

from __future__ import annotations

from cepsim.compiled import inlined
from cepsim.engine.kernel.world import NOBODY, World


@inlined
def stand_last(w: World, sub: int, slot: int) -> None:
    """Stand at the end of a line."""
    line, person = w.subs[sub], w.people[slot]
    person.line_before, person.line_after = line.last, NOBODY
    if line.last == NOBODY:
        line.first = slot
    else:
        w.people[line.last].line_after = slot
    line.last = slot


@inlined
def stand_first(w: World, sub: int, slot: int) -> None:
    """Stand at the head of a line."""
    line, person = w.subs[sub], w.people[slot]
    person.line_before, person.line_after = NOBODY, line.first
    if line.first == NOBODY:
        line.last = slot
    else:
        w.people[line.first].line_before = slot
    line.first = slot


@inlined
def step_out(w: World, sub: int, slot: int) -> None:
    """Leave a line, wherever one stands in it."""
    line, person = w.subs[sub], w.people[slot]
    if person.line_before == NOBODY:
        line.first = person.line_after
    else:
        w.people[person.line_before].line_after = person.line_after
    if person.line_after == NOBODY:
        line.last = person.line_before
    else:
        w.people[person.line_after].line_before = person.line_before


@inlined
def sub_queue(w: World, slot: int) -> int:
    """The sub-queue of somebody's queue and class."""
    person = w.people[slot]
    return w.sub_queue_of[person.queue, person.service_class]
