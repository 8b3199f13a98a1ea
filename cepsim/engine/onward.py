"""What comes after a visit: the next interview, another appointment, another try, elsewhere, nothing."""

from __future__ import annotations

from cepsim.engine.floor import Floor
from cepsim.engine.records import Person
from cepsim.engine.refusals import THE_NEXT_TRY, EngineError, calendar_ends
from cepsim.engine.rules import retry_second, taken_branch
from cepsim.laws import NO_SERIES, SENT_AFTER_ONE, beyond, planned_series
from cepsim.network.arrays import CHOICE_BASE, NO_TABLE
from cepsim.trace import NEVER, Outcome, Reason, Status
from cepsim.units import SECONDS_PER_DAY


class Onward(Floor):
    """Decides from the outcome of a visit and from the draws of its row."""

    def go_on(self, person: Person) -> bool:
        """Decide what comes after a visit; False when the person leaves the network."""
        station = person.queue % self.network.station_count
        net, profile, route = self.net, person.profile, person.draws.route
        if person.outcome == Outcome.SERVED:
            if person.series_left > 0:
                person.series_left -= 1
                person.rebooks = person.retries = 0
                return self.come_back(person, net.series_gap[station][profile], Reason.SERIES)
            if self.is_referred(person):
                person.was_referred = 1
                return self.go_to(person, self.tape.alternate[person.number], NO_TABLE, Reason.REDIRECTED)
            return self.take_branch(person, net.route_served[station][profile], route)
        if person.outcome == Outcome.HANDED_OVER:
            person.queue = self.heir_of(person.queue)
            person.rebooks = person.retries = 0
            person.due, person.reason, person.status = self.now, Reason.HANDED_OVER, Status.BETWEEN
            return True
        if person.outcome == Outcome.NO_SHOW:
            if person.rebooks < net.rebook_max[station]:
                share = net.rebook[station][profile]
                if route < share:
                    person.rebooks += 1
                    return self.come_back(person, net.rebook_gap[station][profile], Reason.REBOOKED)
                route = beyond(route, share)
            return self.take_branch(person, net.route_no_show[station][profile], route)
        if person.retries < net.retry_max[station]:
            share = net.retry[station][profile]
            if route < share:
                person.retries += 1
                return self.try_again(person, station)
            route = beyond(route, share)
        return self.take_branch(person, net.route_lost[station][profile], route)

    def is_referred(self, person: Person) -> bool:
        """Whether somebody received is sent to the other station that would have him.

        Where there are several interviews that was decided before the first, which is then the only one.
        """
        if not self.may_be_sent(person):
            return False
        if person.series_left != NO_SERIES:
            return person.series_left == SENT_AFTER_ONE
        return person.draws.plan < self.net.refer[person.queue % self.network.station_count][person.profile]

    def may_be_sent(self, person: Person) -> bool:
        """Whether there is another station that would have somebody, who was not sent there before.

        There is none where the heir of that one, which has closed, receives him.
        """
        alternate = self.tape.alternate[person.number]
        if alternate < 0 or person.was_referred:
            return False
        return self.standing(self.destination(person, alternate)) != person.queue

    def interviews_left(self, person: Person, station: int) -> int:
        """Interviews that somebody who joins a station has after the first; see `rules.planned_series`."""
        mean, refer = self.net.series_mean[station][person.profile], self.net.refer[station][person.profile]
        if not mean:
            return NO_SERIES
        sent = refer if refer and self.may_be_sent(person) else 0
        return planned_series(mean, self.net.series_max[station], sent, person.draws.plan)

    def take_branch(self, person: Person, branches: int, draw: int) -> bool:
        """Follow the branch of a list that the draw points to."""
        net = self.net
        first, last = net.branch_start[branches], net.branch_start[branches + 1]
        branch = taken_branch(net.branch_threshold, net.branch_repeat_max, first, last, draw, person.repeats)
        to = net.branch_to[branch]
        if to < 0:
            self.recorder.exit(person, -1 - to)
            return False
        if net.branch_repeat_max[branch] >= 0:
            person.repeats += 1
        return self.go_to(person, to, net.branch_gap[branch], net.branch_reason[branch])

    def go_to(self, person: Person, station: int, gap: int, reason: int) -> bool:
        """Join another station, after a gap if there is one."""
        person.rebooks = person.retries = 0
        person.queue = self.destination(person, station)
        return self.come_back(person, gap, reason)

    def come_back(self, person: Person, gap: int, reason: int) -> bool:
        """Join one's queue after a gap. Who was not let in, or refused, does a second later at the earliest.

        A return to a place that lets nobody in when it is closed is made at the same hour, on the first
        open day that the gap reaches; only another try after an elapsed time keeps its second.
        """
        wait = self.tape.seconds(self.net, gap, person.draws.gap) if gap != NO_TABLE else 0
        if person.outcome in (Outcome.CLOSED, Outcome.FULL, Outcome.REFUSED):
            wait = max(wait, 1)
        person.due, person.reason, person.status = person.ended + wait, reason, Status.BETWEEN
        if gap != NO_TABLE and reason != Reason.RETRY and self.shuts_its_door(person.queue):
            eve = person.ended + max(wait - SECONDS_PER_DAY, 0) // SECONDS_PER_DAY * SECONDS_PER_DAY
            person.due = self.same_hour(person, eve, open_days=1)
        return True

    def try_again(self, person: Person, station: int) -> bool:
        """Call again: so many open days later, or after an elapsed time."""
        days = self.net.retry_open_days[station]
        if days == 0:
            return self.come_back(person, self.net.retry_gap[station][person.profile], Reason.RETRY)
        person.due, person.reason = self.same_hour(person, person.ended, days), Reason.RETRY
        person.status = Status.BETWEEN
        return True

    def shuts_its_door(self, queue: int) -> bool:
        """Whether a queue is one that lets nobody in when it is closed."""
        if queue >= CHOICE_BASE:
            return False
        return bool(self.net.lost_when_closed[queue % self.network.station_count])

    def same_hour(self, person: Person, second: int, open_days: int) -> int:
        """The same hour as `second`, so many open days of one's queue later; see `rules.retry_second`."""
        team = self.teams[self.net.queue_team[person.queue]]
        openings = self.net.openings(team.calendar)
        draw = person.draws.gap
        due = retry_second(self.net.opens, self.net.closes, *openings, second, open_days, draw)
        if due == NEVER:
            raise EngineError(calendar_ends(self.network.team_names[team.number], THE_NEXT_TRY))
        return due
