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
from cepsim.engine.kernel.onward import BY_CLOSURE, NO_SHOW, REBOOKED, RETRY, SERIES, SERVED, follow, settle
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

#: Bits of an adviser's number in a key of `order`.
_NUMBER_BITS = 31
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
        if team.follows:
            call_each(w, number)
        else:
            call_lowest(w, number)
    w.rung_count = 0


@inlined
def call_lowest(w: Any, number: int) -> None:
    """Have the lowest idle adviser call in, as long as one is free and somebody can be served."""
    team = team_at(w, number)
    while team.busy < team.on_duty and team.waiting > 0 and w.stop == 0:
        slot = next_in_line(w, number, NOBODY)
        if slot == NOBODY:
            break
        serve(w, slot, take_adviser(w, number), -1, 0)


@compiled
def call_each(w: Any, number: int) -> None:
    """Have each idle adviser look once, who follows the fewest people first, then the lowest number.

    Once is enough: nobody whom one of them could not call becomes callable when another calls his own.
    """
    team, count = team_at(w, number), 0
    if team.busy >= team.on_duty or team.waiting == 0:
        return
    for adviser in range(team.on_duty):
        place = team.first_adviser + adviser
        if int_at(w.busy_until, place) == NEVER:
            put_int(w.order, count, int_at(w.followed, place) << _NUMBER_BITS | adviser)
            count += 1
    ints(w.order, count).sort()
    for rank in range(count):
        if team.busy >= team.on_duty or team.waiting == 0 or w.stop != 0:
            return
        adviser = int_at(w.order, rank) & ((1 << _NUMBER_BITS) - 1)
        slot = next_in_line(w, number, adviser)
        if slot != NOBODY:
            take_this(w, number, adviser)
            serve(w, slot, adviser, -1, 0)


@compiled
def next_in_line(w: Any, number: int, adviser: int) -> int:
    """Take the least (priority, joined, person) among the heads who can be served before closing.

    With the number of an adviser, those who wait for him are among them.
    """
    now, team = w.now, team_at(w, number)
    opening = current_opening(w, team.calendar, now)
    if opening == int_at(w.calendar_start, team.calendar + 1):
        return NOBODY
    closing = int_at(w.closes, opening)
    chosen = NOBODY
    for rank in range(team.first_sub, team.last_sub):
        sub = sub_at(w, int_at(w.team_subs, rank))
        chosen = better(w, chosen, int_at(w.team_subs, rank), closing)
        if adviser != NOBODY and sub.own != NOBODY:
            chosen = better(w, chosen, sub.freed, closing)
            chosen = better(w, chosen, sub.own + adviser, closing)
    if chosen != NOBODY:
        leave_line(w, chosen)
    return chosen


@inlined
def better(w: Any, chosen: int, line: int, closing: int) -> int:
    """The head of a line, if he can be served before closing and comes before the one chosen so far."""
    slot = head(w, line)
    if slot == NOBODY or (chosen != NOBODY and comes_before(w, chosen, slot)):
        return chosen
    if w.now + terms_at(w, slot).planned_slot > closing:
        look_again_without(w, line, slot, closing)
        return chosen
    calendar = sub_at(w, line).calendar
    if calendar >= 0 and not is_open(w, calendar, w.now):
        return chosen
    return slot


@inlined
def comes_before(w: Any, one: int, other: int) -> bool:
    """Whether somebody who waits is called before another: the least (priority, joined, person)."""
    first, second = person_at(w, one), person_at(w, other)
    rank, next_rank = sub_at(w, first.line).priority, sub_at(w, second.line).priority
    if rank != next_rank:
        return rank < next_rank
    if first.joined != second.joined:
        return first.joined < second.joined
    return first.number < second.number


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
    leave_line(w, slot)
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
    return reason != SERIES and reason != REBOOKED and reason != RETRY and reason != BY_CLOSURE


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
        if station.referent_wait >= 0 and person.outcome == SERVED:
            follow(w, slot, team, adviser)
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
def take_this(w: Any, number: int, adviser: int) -> None:
    """One idle adviser, now busy; those below him who have not worked yet are known from now on."""
    team = team_at(w, number)
    while team.known <= adviser:
        _mark_idle(w, number, team.known)
        team.known += 1
    word, bit = divmod(adviser, WORD)
    put_int(w.idle, team.first_word + word, int_at(w.idle, team.first_word + word) & ~(1 << bit))
    team.idle_count -= 1
    team.busy += 1


@inlined
def _mark_idle(w: Any, number: int, adviser: int) -> None:
    """An adviser of a team is idle."""
    team = team_at(w, number)
    word, bit = divmod(adviser, WORD)
    put_int(w.idle, team.first_word + word, int_at(w.idle, team.first_word + word) | 1 << bit)
    team.low_word = min(team.low_word, word)
    team.idle_count += 1


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
    _mark_idle(w, team_number, number - team.first_adviser)
    ring(w, team_number)
