"""What comes after a visit: the next interview, another appointment, another try, elsewhere, nothing."""

from __future__ import annotations

from typing import Any

from cepsim.compiled import compiled, inlined, int_at, ints, put_int, short_at, signed
from cepsim.engine.kernel.agenda import forget, look_at_person
from cepsim.engine.kernel.world import (
    JOINING,
    NOBODY,
    SLOT_BITS,
    TRY,
    branch_at,
    exit_at,
    person_at,
    queue_at,
    station_at,
    team_at,
    terms_at,
    visit_at,
)
from cepsim.engine.rules import retry_second, taken_branch
from cepsim.laws import NO_SERIES, SENT_AFTER_ONE, TABLE_SIZE, beyond, cell
from cepsim.network.arrays import CHOICE_BASE, NO_TABLE
from cepsim.trace import NEVER, Outcome, Reason, Status
from cepsim.units import SECONDS_PER_DAY

SERVED, NO_SHOW = int(Outcome.SERVED), int(Outcome.NO_SHOW)
CLOSED, FULL, REFUSED = int(Outcome.CLOSED), int(Outcome.FULL), int(Outcome.REFUSED)
SERIES, REBOOKED = int(Reason.SERIES), int(Reason.REBOOKED)
RETRY, REDIRECTED = int(Reason.RETRY), int(Reason.REDIRECTED)
HANDED_OVER, BY_CLOSURE = int(Outcome.HANDED_OVER), int(Reason.HANDED_OVER)
BETWEEN = int(Status.BETWEEN)


@inlined
def seconds(w: Any, table: int, draw: int) -> int:
    """A duration: the table's cell that the draw points to."""
    return short_at(w.tables, table * TABLE_SIZE + cell(draw))


@compiled
def settle(w: Any, slot: int) -> bool:
    """A visit is over: write it and decide what comes next. False when the person leaves the network."""
    person = person_at(w, slot)
    queue = queue_at(w, person.queue)
    write_visit(w, slot)
    if person.outcome != CLOSED and person.outcome != FULL:
        queue.present -= 1
    if go_on(w, slot):
        return True
    if person.referent >= 0:
        follow(w, slot, -1, -1)
    # nobody is to be looked at where another may be next: his patience, or his adviser's, has not ended yet
    forget(w, w.first_slot + slot)
    put_int(w.free, w.free_count, slot)
    w.free_count += 1
    person.number = NOBODY
    return False


@compiled
def follow(w: Any, slot: int, team: int, adviser: int) -> None:
    """From now on this adviser follows the person; nobody, where both are -1."""
    person = person_at(w, slot)
    if person.referent >= 0:
        before = team_at(w, person.referent_team).first_adviser + person.referent
        put_int(w.followed, before, int_at(w.followed, before) - 1)
    if adviser >= 0:
        after = team_at(w, team).first_adviser + adviser
        put_int(w.followed, after, int_at(w.followed, after) + 1)
    person.referent, person.referent_team = adviser, team


@compiled
def come_again(w: Any, slot: int) -> None:
    """Join when it is due: in this second, or later; not where the next queue is run apart."""
    person = person_at(w, slot)
    if is_elsewhere(w, person.lane, person.queue):
        return
    if person.due == w.now:
        join_now(w, slot)
    else:
        look_at_person(w, slot, person.due)


@inlined
def is_elsewhere(w: Any, lane: int, queue: int) -> bool:
    """Whether a queue, or every one that a choice leaves, is run apart."""
    if queue >= CHOICE_BASE:
        candidate = int_at(w.choice_start, queue - CHOICE_BASE)
        queue = lane * w.station_count + int_at(w.choice_station, candidate)
    return queue_at(w, queue).elsewhere == 1


@compiled
def join_now(w: Any, slot: int) -> None:
    """Be admitted later in this second, together with all who join in it."""
    person = person_at(w, slot)
    person.status = JOINING
    put_int(w.joining, w.joining_count, signed(person.number) << SLOT_BITS | slot)
    w.joining_count += 1


@compiled
def write_visit(w: Any, slot: int) -> None:
    """Add the visit of a slot to the trace."""
    person, visit = person_at(w, slot), visit_at(w, w.visit_count)
    visit.person, visit.visit, visit.queue = person.number, person.visit, person.queue
    visit.team, visit.adviser, visit.session = queue_at(w, person.queue).team, person.adviser, person.session
    visit.reason, visit.outcome = person.reason, person.outcome
    visit.joined, visit.called = person.joined, person.called
    visit.ended, visit.released = person.ended, person.released
    w.visit_count += 1


@compiled
def go_on(w: Any, slot: int) -> bool:
    """Decide what comes after a visit; False when the person leaves the network."""
    person = person_at(w, slot)
    station, terms = station_at(w, person.station), terms_at(w, slot)
    route = signed(person.route)
    if person.outcome == SERVED:
        if person.series_left > 0:
            person.series_left -= 1
            person.rebooks = person.retries = 0
            return come_back(w, slot, terms.series_gap, SERIES)
        if is_referred(w, slot):
            person.was_referred = 1
            return go_to(w, slot, person.alternate, NO_TABLE, REDIRECTED)
        branches = terms.route_served
    elif person.outcome == HANDED_OVER:
        person.queue = heir_of(w, person.queue)
        person.rebooks = person.retries = 0
        person.due, person.reason, person.status = w.now, BY_CLOSURE, BETWEEN
        return True
    elif person.outcome == NO_SHOW:
        if person.rebooks < station.rebook_max:
            if route < terms.rebook:
                person.rebooks += 1
                return come_back(w, slot, terms.rebook_gap, REBOOKED)
            route = beyond(route, terms.rebook)
        branches = terms.route_no_show
    else:
        if person.retries < station.retry_max:
            if route < terms.retry:
                person.retries += 1
                return try_again(w, slot, station.retry_open_days, terms.retry_gap)
            route = beyond(route, terms.retry)
        branches = terms.route_lost
    return take_branch(w, slot, branches, route)


@inlined
def is_referred(w: Any, slot: int) -> bool:
    """Whether somebody received is sent to the other station that would have him.

    Where there are several interviews that was decided before the first, which is then the only one.
    """
    if not may_be_sent(w, slot):
        return False
    person = person_at(w, slot)
    if person.series_left != NO_SERIES:
        return person.series_left == SENT_AFTER_ONE
    return signed(person.plan) < terms_at(w, slot).refer


@inlined
def may_be_sent(w: Any, slot: int) -> bool:
    """Whether there is another station that would have somebody, who was not sent there before."""
    person = person_at(w, slot)
    if person.alternate < 0 or person.was_referred == 1:
        return False
    # nobody is sent on to the heir of a place that has closed, if he comes from there
    return standing(w, person.lane * w.station_count + person.alternate) != person.queue


@compiled
def take_branch(w: Any, slot: int, branches: int, draw: int) -> bool:
    """Follow the branch of a list that the draw points to."""
    person = person_at(w, slot)
    first, last = int_at(w.branch_start, branches), int_at(w.branch_start, branches + 1)
    thresholds, maxima = ints(w.branch_threshold, last), ints(w.branch_repeat_max, last)
    number = taken_branch(thresholds, maxima, first, last, draw, person.repeats)
    branch = branch_at(w, number)
    if branch.to < 0:
        leaving = exit_at(w, w.exit_count)
        leaving.person, leaving.queue, leaving.exit = person.number, person.queue, -1 - branch.to
        leaving.second = person.ended
        w.exit_count += 1
        return False
    if int_at(w.branch_repeat_max, number) >= 0:
        person.repeats += 1
    return go_to(w, slot, branch.to, branch.gap, branch.reason)


@compiled
def go_to(w: Any, slot: int, station: int, gap: int, reason: int) -> bool:
    """Join another station, after a gap if there is one; a choice stays one until admission."""
    person = person_at(w, slot)
    person.rebooks = person.retries = 0
    person.queue = station if station >= CHOICE_BASE else person.lane * w.station_count + station
    return come_back(w, slot, gap, reason)


@compiled
def come_back(w: Any, slot: int, gap: int, reason: int) -> bool:
    """Join one's queue after a gap. Who was not let in, or refused, does a second later at the earliest.

    A return to a place that lets nobody in when it is closed is made at the same hour, on the first
    open day that the gap reaches; only another try after an elapsed time keeps its second.
    """
    person = person_at(w, slot)
    wait = seconds(w, gap, signed(person.gap)) if gap != NO_TABLE else 0
    if person.outcome == CLOSED or person.outcome == FULL or person.outcome == REFUSED:
        wait = max(wait, 1)
    person.due, person.reason, person.status = person.ended + wait, reason, BETWEEN
    if gap != NO_TABLE and reason != RETRY and shuts_its_door(w, person.queue):
        eve = person.ended + max(wait - SECONDS_PER_DAY, 0) // SECONDS_PER_DAY * SECONDS_PER_DAY
        person.due = same_hour(w, slot, eve, 1)
    return True


@inlined
def heir_of(w: Any, queue: int) -> int:
    """The queue that receives the people of one that closes."""
    return queue - queue_at(w, queue).station + queue_at(w, queue).heir


@inlined
def standing(w: Any, queue: int) -> int:
    """A queue, or its heir once it has closed."""
    closes_at = queue_at(w, queue).closes_at
    return heir_of(w, queue) if NEVER < closes_at <= w.now else queue


@inlined
def shuts_its_door(w: Any, queue: int) -> bool:
    """Whether a queue is one that lets nobody in when it is closed."""
    return queue < CHOICE_BASE and station_at(w, queue_at(w, queue).station).lost_when_closed == 1


@compiled
def try_again(w: Any, slot: int, days: int, gap: int) -> bool:
    """Call again: so many open days later, or after an elapsed time."""
    person = person_at(w, slot)
    if days == 0:
        return come_back(w, slot, gap, RETRY)
    person.due, person.reason, person.status = same_hour(w, slot, person.ended, days), RETRY, BETWEEN
    return True


@compiled
def same_hour(w: Any, slot: int, second: int, open_days: int) -> int:
    """The same hour as `second`, so many open days of one's queue later; see `rules.retry_second`."""
    person = person_at(w, slot)
    team = queue_at(w, person.queue).team
    calendar = team_at(w, team).calendar
    first, last = int_at(w.calendar_start, calendar), int_at(w.calendar_start, calendar + 1)
    opens, closes = ints(w.opens, last), ints(w.closes, last)
    due = retry_second(opens, closes, first, last, second, open_days, signed(person.gap))
    if due == NEVER:
        w.stop, w.about = TRY, team
        return w.end
    return due
