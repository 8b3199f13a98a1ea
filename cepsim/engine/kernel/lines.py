"""Who waits where: lines in order of (joined, person), left from anywhere in one move."""

from __future__ import annotations

from typing import Any

from cepsim.compiled import inlined, int_at
from cepsim.engine.kernel.world import NOBODY, person_at, sub_at, team_at


@inlined
def join_line(w: Any, sub: int, slot: int) -> None:
    """Stand at the end of a line."""
    _count(w, sub, 1)
    line, person = sub_at(w, sub), person_at(w, slot)
    person.line_before, person.line_after = line.last, NOBODY
    if line.last == NOBODY:
        line.first = slot
    else:
        person_at(w, line.last).line_after = slot
    line.last = slot


@inlined
def head_line(w: Any, sub: int, slot: int) -> None:
    """Stand at the head of a line."""
    _count(w, sub, 1)
    line, person = sub_at(w, sub), person_at(w, slot)
    person.line_before, person.line_after = NOBODY, line.first
    if line.first == NOBODY:
        line.last = slot
    else:
        person_at(w, line.first).line_before = slot
    line.first = slot


@inlined
def leave_line(w: Any, sub: int, slot: int) -> None:
    """Leave a line, wherever one stands in it."""
    _count(w, sub, -1)
    line, person = sub_at(w, sub), person_at(w, slot)
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
def sub_queue(w: Any, slot: int) -> int:
    """The sub-queue of somebody's queue and class."""
    person = person_at(w, slot)
    return int_at(w.sub_queue_of, person.queue * w.class_count + person.service_class)
