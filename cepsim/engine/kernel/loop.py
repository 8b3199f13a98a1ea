"""One second after the other, in five steps."""

from __future__ import annotations

import numpy as np

from cepsim.compiled import compiled, inlined
from cepsim.engine.kernel.agenda import look_at, look_at_person, next_second, second_of, take_least
from cepsim.engine.kernel.calling import call_in, give_up, release, ring
from cepsim.engine.kernel.joining import admit_all, arrive, hold_session, read_draws, watch_patience
from cepsim.engine.kernel.lines import stand_last, step_out, sub_queue
from cepsim.engine.kernel.onward import come_again, join_now, settle
from cepsim.engine.kernel.world import JOINING, NEEDS_ROOM, NEEDS_SLOTS, NOBODY, PATIENCE, World
from cepsim.trace import NEVER, Status

BETWEEN, WAITING = int(Status.BETWEEN), int(Status.WAITING)


@compiled
def run_seconds(w: World) -> None:
    """Run to the end, or until something stops the loop: `clock.stop` says what.

    It may be called again once there is more room: nothing of the second it stopped before has happened.
    """
    clock = w.clock[0]
    while clock.stop == 0:
        second = next_second(w) if clock.started else clock.begin
        if second >= clock.end:
            return
        if not has_room(w, second):
            return
        clock.now, clock.started = second, 1
        change_duty(w)
        look_at_all(w)
        arrive(w)
        admit_all(w)
        while (
            clock.next_session < len(w.session_second) and w.session_second[clock.next_session] == clock.now
        ):
            hold_session(w, clock.next_session)
            clock.next_session += 1
        call_in(w)


@inlined
def has_room(w: World, second: int) -> bool:
    """Whether a second can be run to its end: nobody settles more than two visits in it."""
    clock = w.clock[0]
    arriving = 0
    while (
        clock.next_arrival + arriving < clock.last_arrival
        and w.arrival[clock.next_arrival + arriving] == second
    ):
        arriving += 1
    if arriving > clock.free_count:
        clock.stop = NEEDS_SLOTS
    elif clock.visit_count + 2 * (len(w.people) - clock.free_count + arriving) > len(w.visits):
        clock.stop = NEEDS_ROOM
    return clock.stop == 0


@inlined
def change_duty(w: World) -> None:
    """The first step: duty changes, people become available."""
    clock = w.clock[0]
    while clock.next_change < len(w.change_second) and w.change_second[clock.next_change] == clock.now:
        team, advisers = w.change_team[clock.next_change], w.change_advisers[clock.next_change]
        if advisers >= 0:
            w.teams[team].on_duty = advisers
        ring(w, team)
        clock.next_change += 1


@inlined
def look_at_all(w: World) -> None:
    """The second step, ends and patience; those who join in this second are put together for the third."""
    clock = w.clock[0]
    slots, advisers = len(w.people), len(w.busy_until)
    mask = (1 << clock.key_bits) - 1
    while clock.agenda_count > 0 and (w.agenda[0] >> clock.key_bits) + clock.begin == clock.now:
        whose = take_least(w.agenda, 0, clock.agenda_count) & mask
        clock.agenda_count -= 1
        if whose < slots:
            look_at_slot(w, whose)
        elif whose < slots + advisers:
            if w.busy_until[whose - slots] == clock.now:
                release(w, whose - slots)
        else:
            ring(w, w.queues[w.subs[whose - slots - advisers].queue].team)


@inlined
def look_at_slot(w: World, slot: int) -> None:
    """Somebody ends, leaves or joins in this second, or nothing of that any more."""
    clock, person = w.clock[0], w.people[slot]
    if person.number == NOBODY:
        return
    if person.status == JOINING or second_of(w, slot) != clock.now:
        return
    if person.status == BETWEEN:
        join_now(w, slot)
        return
    if person.status == WAITING:
        step_out(w, sub_queue(w, slot), slot)
        give_up(w, slot)
    if settle(w, slot):
        come_again(w, slot)


@compiled
def resume(w: World) -> None:
    """Take up a state: those who wait stand in line, and what is to come goes on the agenda."""
    clock = w.clock[0]
    present = len(w.people) - clock.free_count
    for slot in range(present):
        person = w.people[slot]
        if person.status == BETWEEN:
            if person.due < clock.begin:
                clock.stop, clock.about = PATIENCE, person.queue
                return
        else:
            w.queues[person.queue].present += 1
            read_draws(w, slot, w.stations[person.queue % len(w.stations)].block)
        if person.status == WAITING:
            w.joining[clock.joining_count] = slot
            clock.joining_count += 1
            watch_patience(w, slot)
        else:
            look_at_person(w, slot, second_of(w, slot))
    _line_up_again(w)
    for number in range(len(w.busy_until)):
        if NEVER < w.busy_until[number] < clock.end:
            look_at(w, w.busy_until[number], len(w.people) + number)
    for team in range(len(w.teams)):
        # changes nothing where an engine wrote the state; a state stated by hand may have idle advisers
        ring(w, team)


@inlined
def _line_up_again(w: World) -> None:
    """Put those who wait in line in order of (joined, person); slots are in order of person."""
    clock = w.clock[0]
    waiting = w.joining[: clock.joining_count].copy()
    joined = np.empty(len(waiting), dtype=np.int64)
    for rank in range(len(waiting)):
        joined[rank] = w.people[waiting[rank]].joined
    for rank in np.argsort(joined, kind="mergesort"):
        stand_last(w, sub_queue(w, waiting[rank]), waiting[rank])
    clock.joining_count = 0


@compiled
def settle_patience(w: World) -> None:
    """Those whose patience ended unseen before the end of the run have left too."""
    clock = w.clock[0]
    for slot in range(len(w.people)):
        person = w.people[slot]
        if person.number != NOBODY and person.status == WAITING and NEVER < person.leaves < clock.end:
            give_up(w, slot)
            if settle(w, slot):
                clock.stop, clock.about = PATIENCE, person.queue
                return
