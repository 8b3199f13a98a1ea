"""One second after the other, in five steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from cepsim.compiled import compiled, inlined, int_at, ints, put_int, signed
from cepsim.engine.kernel.agenda import forget, look_at, look_at_person, next_second, take_look
from cepsim.engine.kernel.calling import call_in, give_up, let_go, release, ring
from cepsim.engine.kernel.joining import admit_all, arrive, hold_session, take_up, turn_away, watch
from cepsim.engine.kernel.lines import join_freed, join_line, leave_line, line_to_join
from cepsim.engine.kernel.onward import HANDED_OVER, come_again, is_elsewhere, settle
from cepsim.engine.kernel.world import (
    NEEDS_ROOM,
    NEEDS_SLOTS,
    NOBODY,
    PATIENCE,
    person_at,
    queue_at,
    sub_at,
    team_at,
)
from cepsim.trace import NEVER, Status

BETWEEN, WAITING, IN_SERVICE = int(Status.BETWEEN), int(Status.WAITING), int(Status.IN_SERVICE)


@compiled
def run_seconds(world: Any) -> None:
    """Run to the end, or until something stops the loop: `w.stop` says what.

    It may be called again once there is more room: nothing of the second it stopped before has happened.
    """
    w = world[0]
    while w.stop == 0:
        second = next_second(w) if w.started else w.begin
        if second >= w.end:
            return
        if not has_room(w, second):
            return
        w.now, w.started = second, 1
        change_duty(w)
        look_at_all(w)
        arrive(w)
        admit_all(w)
        while w.next_session < w.session_count and int_at(w.session_second, w.next_session) == w.now:
            hold_session(w, w.next_session)
            w.next_session += 1
        call_in(w)


@compiled
def has_room(w: Any, second: int) -> bool:
    """Whether a second can be run to its end: nobody settles more than two visits in it."""
    arriving = 0
    while (
        w.next_arrival + arriving < w.last_arrival and int_at(w.arrival, w.next_arrival + arriving) == second
    ):
        arriving += 1
    if arriving > w.free_count:
        w.stop = NEEDS_SLOTS
    elif w.visit_count + 2 * (w.slot_count - w.free_count + arriving) > w.visit_room:
        w.stop = NEEDS_ROOM
    return w.stop == 0


@compiled
def change_duty(w: Any) -> None:
    """The first step: duty changes, people become available, delays are published."""
    while w.next_change < w.change_count and int_at(w.change_second, w.next_change) == w.now:
        team, advisers = int_at(w.change_team, w.next_change), int_at(w.change_advisers, w.next_change)
        w.next_change += 1
        if team == NOBODY:
            publish_delays(w)
            continue
        if team < NOBODY:
            close_queue(w, NOBODY - 1 - team)
            continue
        if advisers >= 0:
            team_at(w, team).on_duty = advisers
        ring(w, team)


@compiled
def close_queue(w: Any, number: int) -> None:
    """Hand over those who wait where a queue closes, in this second."""
    queue = queue_at(w, number)
    for rank in range(queue.first_sub, queue.last_sub):
        sub = sub_at(w, int_at(w.queue_subs, rank))
        hand_over(w, int_at(w.queue_subs, rank))
        if sub.own != NOBODY:
            hand_over(w, sub.freed)
            for adviser in range(adviser_room(w, queue.team)):
                hand_over(w, sub.own + adviser)


@compiled
def hand_over(w: Any, line: int) -> None:
    """Those who wait in a line go on at the heir's; who has left unseen is let go."""
    slot = sub_at(w, line).first
    while slot != NOBODY:
        person = person_at(w, slot)
        if NEVER < person.leaves < w.now:
            let_go(w, line, slot)
        else:
            leave_line(w, slot)
            forget(w, w.first_slot + slot)
            turn_away(w, slot, HANDED_OVER)
        slot = sub_at(w, line).first


@compiled
def publish_delays(w: Any) -> None:
    """Each queue whose delay is read: the mean wait of those called in since the last time.

    If nobody was, how long the oldest has waited; if nobody waits, 0.
    """
    for number in range(w.queue_count):
        queue = queue_at(w, number)
        if not queue.publishes:
            continue
        if queue.called > 0:
            queue.published = queue.waited // queue.called
        else:
            joined = oldest(w, number)
            queue.published = 0 if joined == NEVER else w.now - joined
        queue.waited = queue.called = 0


@compiled
def oldest(w: Any, number: int) -> int:
    """When the one who has waited longest in a queue joined it; NEVER where nobody waits."""
    queue, found = queue_at(w, number), NEVER
    for rank in range(queue.first_sub, queue.last_sub):
        sub = sub_at(w, int_at(w.queue_subs, rank))
        found = _sooner(w, found, sub.first)
        if sub.own != NOBODY:
            found = _sooner(w, found, sub_at(w, sub.freed).first)
            for adviser in range(adviser_room(w, queue.team)):
                found = _sooner(w, found, sub_at(w, sub.own + adviser).first)
    return found


@inlined
def _sooner(w: Any, found: int, slot: int) -> int:
    """When a head joined, if that was before what was found so far."""
    if slot == NOBODY or NEVER < found <= person_at(w, slot).joined:
        return found
    return signed(person_at(w, slot).joined)


@inlined
def adviser_room(w: Any, team: int) -> int:
    """How many numbers of advisers a team has."""
    after = team_at(w, team + 1).first_adviser if team + 1 < w.team_count else w.adviser_count
    return after - team_at(w, team).first_adviser


@compiled
def look_at_all(w: Any) -> None:
    """The second step, ends and patience; those who join in this second are put together for the third."""
    whose = take_look(w)
    while whose != NOBODY:
        if whose >= w.first_slot:
            look_at_slot(w, whose - w.first_slot)
        elif whose < w.adviser_count:
            release(w, whose)
        else:
            ring(w, sub_at(w, whose - w.adviser_count).team)
        whose = take_look(w)


@compiled
def look_at_slot(w: Any, slot: int) -> None:
    """Somebody ends, leaves or joins in this second."""
    person = person_at(w, slot)
    if person.status == BETWEEN:
        come_again(w, slot)
        return
    if person.status == WAITING:
        leave_line(w, slot)
        if person.leaves == NEVER or person.leaves > w.now:
            # his own adviser has made him wait too long
            line = sub_at(w, person.line)
            join_freed(w, line.freed, slot)
            watch(w, slot)
            ring(w, line.team)
            return
        give_up(w, slot)
    if settle(w, slot):
        come_again(w, slot)


@compiled
def resume(world: Any) -> None:
    """Take up a state: those who wait stand in line, and what is to come goes on the agenda."""
    w = world[0]
    present = w.slot_count - w.free_count
    for slot in range(present):
        person = person_at(w, slot)
        if person.status == BETWEEN:
            if is_elsewhere(w, person.lane, person.queue):
                continue
            if person.due < w.begin:
                w.stop, w.about = PATIENCE, person.queue
                return
        else:
            queue_at(w, person.queue).present += 1
            take_up(w, slot)
        if person.status == WAITING:
            put_int(w.joining, w.joining_count, slot)
            w.joining_count += 1
        else:
            look_at_person(w, slot, person.ended if person.status == IN_SERVICE else person.due)
    _line_up_again(w)
    for number in range(w.adviser_count):
        if NEVER < int_at(w.busy_until, number) < w.end:
            look_at(w, int_at(w.busy_until, number), number)
    for team in range(w.team_count):
        # changes nothing where an engine wrote the state; a state stated by hand may have idle advisers
        ring(w, team)


@compiled
def _line_up_again(w: Any) -> None:
    """Put those who wait in line in order of (joined, person); slots are in order of person."""
    waiting = ints(w.joining, w.joining_count).copy()
    joined = np.empty(len(waiting), dtype=np.int64)
    for rank in range(len(waiting)):
        joined[rank] = person_at(w, waiting[rank]).joined
    for rank in np.argsort(joined, kind="mergesort"):
        join_line(w, line_to_join(w, waiting[rank]), waiting[rank])
        watch(w, waiting[rank])
    w.joining_count = 0


@compiled
def settle_patience(world: Any) -> None:
    """Those whose patience ended unseen before the end of the run have left too."""
    w = world[0]
    for slot in range(w.slot_count):
        person = person_at(w, slot)
        if person.number != NOBODY and person.status == WAITING and NEVER < person.leaves < w.end:
            give_up(w, slot)
            if settle(w, slot):
                w.stop, w.about = PATIENCE, person.queue
                return
