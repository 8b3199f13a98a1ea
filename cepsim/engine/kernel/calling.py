"""Teams at work: whom they call in, how long it takes, when the adviser is free again."""

from __future__ import annotations

from typing import Any

from cepsim.compiled import compiled, inlined, int_at, ints, low_bit, put_int, signed
from cepsim.engine.kernel.agenda import (
    current_opening,
    is_open,
    look_at,
    look_at_person,
)
from cepsim.engine.kernel.lines import leave_line
from cepsim.engine.kernel.onward import NO_SHOW, REBOOKED, RETRY, SERIES, SERVED, settle
from cepsim.engine.kernel.world import (
    NOBODY,
    PATIENCE,
    WORK,
    look_at_item,
    person_at,
    queue_at,
    station_at,
    sub_at,
    team_at,
    terms_at,
)
from cepsim.engine.rules import advance
from cepsim.network.arrays import NO_TABLE
from cepsim.trace import NEVER, Outcome, Status

#: Advisers whose bits a word holds.
WORD = 64

GAVE_UP = int(Outcome.GAVE_UP)
BETWEEN, IN_SERVICE = int(Status.BETWEEN), int(Status.IN_SERVICE)


@inlined
def ring(w: Any, team: int) -> None:
    """Have a team look at its queues at the last step of this second, once."""
    if not team_at(w, team).rung:
        team_at(w, team).rung = 1
        put_int(w.rung, w.rung_count, team)
        w.rung_count += 1


@compiled
def call_in(w: Any) -> None:
    """The fifth step: each team that was rung calls in whoever can be served."""
    for rank in range(w.rung_count):
        number = int_at(w.rung, rank)
        team = team_at(w, number)
        team.rung = 0
        while team.busy < team.on_duty and team.waiting > 0 and w.stop == 0:
            slot = next_in_line(w, number)
            if slot == NOBODY:
                break
            serve(w, slot, take_adviser(w, number), -1, 0)
    w.rung_count = 0


@compiled
def next_in_line(w: Any, number: int) -> int:
    """Take the least (priority, joined, person) among the heads who can be served before closing."""
    now, team = w.now, team_at(w, number)
    opening = current_opening(w, team.calendar, now)
    if opening == int_at(w.calendar_start, team.calendar + 1):
        return NOBODY
    closing = int_at(w.closes, opening)
    chosen = chosen_sub = NOBODY
    least_priority = least_joined = least_number = 0
    for rank in range(team.first_sub, team.last_sub):
        sub_number = int_at(w.team_subs, rank)
        slot = head(w, sub_number)
        if slot == NOBODY:
            continue
        sub, person = sub_at(w, sub_number), person_at(w, slot)
        if chosen != NOBODY and (
            sub.priority > least_priority
            or (
                sub.priority == least_priority
                and (
                    person.joined > least_joined
                    or (person.joined == least_joined and person.number > least_number)
                )
            )
        ):
            continue
        if now + terms_at(w, slot).planned_slot > closing:
            look_again_without(w, sub_number, slot, closing)
            continue
        if sub.calendar >= 0 and not is_open(w, sub.calendar, now):
            continue
        chosen, chosen_sub = slot, sub_number
        least_priority, least_joined, least_number = sub.priority, person.joined, person.number
    if chosen != NOBODY:
        leave_line(w, chosen_sub, chosen)
    return chosen


@inlined
def head(w: Any, sub: int) -> int:
    """The first who still waits; who has left by now is let go."""
    now = w.now
    slot = sub_at(w, sub).first
    while slot != NOBODY:
        leaves = person_at(w, slot).leaves
        if leaves == NEVER or leaves > now:
            break
        let_go(w, sub, slot)
        slot = sub_at(w, sub).first
    return slot


@compiled
def let_go(w: Any, sub: int, slot: int) -> None:
    """Somebody has left a line unseen, since nothing follows from it."""
    leave_line(w, sub, slot)
    give_up(w, slot)
    if settle(w, slot):
        w.stop, w.about = PATIENCE, sub_at(w, sub).queue


@compiled
def look_again_without(w: Any, sub: int, slot: int, closing: int) -> None:
    """A head whose slot does not fit hides those behind: if he leaves before closing, look again then."""
    leaves, whose = person_at(w, slot).leaves, w.adviser_count + sub
    look = look_at_item(w, whose)
    if NEVER < leaves < min(closing, w.end) and (look.bucket == NOBODY or look.second != leaves):
        look_at(w, leaves, whose)


@inlined
def give_up(w: Any, slot: int) -> None:
    """Patience has ended: the visit ends on that second, which may lie behind us."""
    person = person_at(w, slot)
    person.outcome, person.ended, person.status = GAVE_UP, person.leaves, BETWEEN


@inlined
def begins(w: Any, slot: int) -> bool:
    """Whether somebody's visit does not go on with what an earlier one began."""
    reason = person_at(w, slot).reason
    return reason != SERIES and reason != REBOOKED and reason != RETRY


@compiled
def serve(w: Any, slot: int, adviser: int, session: int, length: int) -> None:
    """Call somebody in: how long it takes the person and the adviser is known at once."""
    now, person, queue = w.now, person_at(w, slot), queue_at(w, person_at(w, slot).queue)
    station, terms = station_at(w, person.station), terms_at(w, slot)
    team = queue.team
    if queue.publishes and begins(w, slot):
        queue.waited += now - person.joined
        queue.called += 1
    person.status, person.outcome = IN_SERVICE, SERVED
    person.called, person.adviser, person.session = now, adviser, session
    if session >= 0:
        person.ended = person.released = now + length
    elif signed(person.no_show) < terms.no_show:
        person.outcome = NO_SHOW
        person.ended = person.released = now + station.no_show_slot
    else:
        work = signed(person.service)
        if station.file_work:
            person.ended = person.released = worked(w, team, now, work)
        else:
            person.ended = person.released = now + work
            if terms.back_office != NO_TABLE:
                person.released = worked(w, team, person.ended, signed(person.back_office))
    if adviser >= 0:
        keep_busy(w, team, adviser, person.released)
    look_at_person(w, slot, person.ended)


@compiled
def worked(w: Any, team: int, second: int, work: int) -> int:
    """When file work begun then is done, during the team's openings."""
    calendar = team_at(w, team).calendar
    first, last = current_opening(w, calendar, w.now), int_at(w.calendar_start, calendar + 1)
    opens, closes = ints(w.opens, last), ints(w.closes, last)
    done = advance(opens, closes, first, last, second, work)
    if done == NEVER:
        w.stop, w.about = WORK, team
        return w.end
    return done


@compiled
def take_adviser(w: Any, number: int) -> int:
    """The lowest idle adviser, now busy."""
    team = team_at(w, number)
    team.busy += 1
    if team.idle_count == 0:
        team.known += 1
        return team.known - 1
    team.idle_count -= 1
    word = team.low_word
    while int_at(w.idle, team.first_word + word) == 0:
        word += 1
    team.low_word = word
    bits = int_at(w.idle, team.first_word + word)
    put_int(w.idle, team.first_word + word, bits & (bits - 1))
    return word * WORD + low_bit(bits)


@compiled
def keep_busy(w: Any, team: int, adviser: int, until: int) -> None:
    """The adviser is released then."""
    number = team_at(w, team).first_adviser + adviser
    put_int(w.busy_until, number, until)
    if until < w.end:
        look_at(w, until, number)


@compiled
def release(w: Any, number: int) -> None:
    """An adviser has finished, back office included."""
    team_number = int_at(w.adviser_team, number)
    team = team_at(w, team_number)
    put_int(w.busy_until, number, NEVER)
    team.busy -= 1
    word, bit = divmod(number - team.first_adviser, WORD)
    put_int(w.idle, team.first_word + word, int_at(w.idle, team.first_word + word) | 1 << bit)
    team.low_word = min(team.low_word, word)
    team.idle_count += 1
    ring(w, team_number)
