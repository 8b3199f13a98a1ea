"""Teams at work: whom they call in, how long it takes, when the adviser is free again."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from cepsim.engine.onward import Onward
from cepsim.engine.parts import Line, Signal, Team
from cepsim.engine.records import Person
from cepsim.engine.refusals import THE_WORK_IS_DONE, EngineError, calendar_ends
from cepsim.engine.rules import GOES_ON, Step, advance, opening_at
from cepsim.network.arrays import NO_TABLE
from cepsim.trace import NEVER, Outcome, Status

Process = Generator[simpy.Event, Any, None]


class Calling(Onward):
    """The fifth step, and what it starts.

    After it, no adviser on duty is free while the head of one of his sub-queues could be called in.
    """

    def ring(self, team: Team) -> None:
        """Have a team look at its queues at the last step of this second, once."""
        if not team.rung:
            team.rung = True
            team.bell.fire(self.now, Step.CALLS)

    def shift(self, team: Team) -> Process:
        """A team's work: whenever something has changed, call in whoever can be served."""
        while True:
            yield team.bell
            team.rung, team.bell = False, Signal(self.env)
            if team.follows:
                self.call_each(team)
                continue
            while team.busy < team.on_duty:
                person = self.next_in_line(team)
                if person is None:
                    break
                self.serve(person, team.take(), session=-1)

    def call_each(self, team: Team) -> None:
        """Have each idle adviser look once, who follows the fewest people first, then the lowest number.

        Once is enough: nobody whom one of them could not call becomes callable when another calls his own.
        """
        idle = [a for a in range(team.on_duty) if (team.number, a) not in self.busy_until]
        for adviser in sorted(idle, key=lambda a: (team.followed[a], a)):
            if team.busy >= team.on_duty:
                return
            person = self.next_in_line(team, adviser)
            if person is not None:
                team.occupy(adviser)
                self.serve(person, adviser, session=-1)

    def next_in_line(self, team: Team, adviser: int = -1) -> Person | None:
        """Take the least (priority, joined, person) among the heads who can be served before closing.

        With the number of an adviser, those who wait for him are among them.
        """
        first, last = self.net.openings(team.calendar)
        opening = opening_at(self.net.closes, first, last, self.now)
        if opening == last:
            return None
        closing = self.net.closes[opening]
        best: tuple[int, int, int] | None = None
        chosen: Line | None = None
        for sub_queue in (line for each in team.sub_queues for line in each.lines(adviser)):
            head = self.head(sub_queue)
            if head is None:
                continue
            rank = (sub_queue.priority, head.joined, head.number)
            if best is not None and rank > best:
                continue
            station = sub_queue.queue % self.network.station_count
            if self.now + self.net.planned_slot[station][head.profile] > closing:
                self.look_again_without(head, team, closing)
                continue
            if sub_queue.calendar >= 0 and not self.is_open(sub_queue.calendar):
                continue
            best, chosen = rank, sub_queue
        return chosen.people.popleft()[0] if chosen is not None else None

    def head(self, line: Line) -> Person | None:
        """The first who still waits; who has left by now is let go."""
        people = line.people
        while people:
            person, visit = people[0]
            if self.stands(person, visit, line):
                if person.leaves == NEVER or person.leaves > self.now:
                    return person
                self.give_up(person)
            people.popleft()
        return None

    @staticmethod
    def stands(person: Person, visit: int, line: Line) -> bool:
        """Whether an entry of a line is that of somebody who still stands there."""
        return person.visit == visit and person.status == Status.WAITING and person.line is line

    def look_again_without(self, head: Person, team: Team, closing: int) -> None:
        """A head whose slot does not fit hides those behind: if he leaves before closing, look again then."""
        if NEVER < head.leaves < min(closing, self.end):
            event = Signal(self.env).fire(head.leaves, Step.ENDS)
            event.callbacks.append(lambda _: self.ring(team))

    def give_up(self, person: Person) -> None:
        """Patience has ended: the visit ends on that second, which may lie behind us."""
        person.outcome, person.ended = Outcome.GAVE_UP, person.leaves
        person.status = Status.BETWEEN
        person.decided.succeed()

    def turn_away(self, person: Person, outcome: Outcome) -> None:
        """Not let in, refused or handed over: the visit is over on this second."""
        person.outcome, person.ended = outcome, self.now
        person.status = Status.BETWEEN
        person.decided.succeed()

    def serve(self, person: Person, adviser: int, session: int, length: int = 0) -> None:
        """Call somebody in: how long it takes the person and the adviser is known at once."""
        now, draws, profile = self.now, person.draws, person.profile
        station = person.queue % self.network.station_count
        team = self.net.queue_team[person.queue]
        person.status, person.outcome = Status.IN_SERVICE, Outcome.SERVED
        person.called, person.adviser, person.session = now, adviser, session
        if self.net.publishes[person.queue] and person.reason not in GOES_ON:
            self.waited[person.queue] += now - person.joined
            self.called[person.queue] += 1
        if session >= 0:
            person.ended = person.released = now + length
        elif draws.no_show < self.net.no_show[station][profile]:
            person.outcome = Outcome.NO_SHOW
            person.ended = person.released = now + self.net.no_show_slot[station]
        else:
            seconds = self.tape.seconds(self.net, self.net.service[station][profile], draws.service)
            if self.net.file_work[station]:
                person.ended = person.released = self.worked(team, now, seconds)
            else:
                person.ended = person.released = now + seconds
                table = self.net.back_office[station][profile]
                if table != NO_TABLE:
                    work = self.tape.seconds(self.net, table, draws.back_office)
                    person.released = self.worked(team, person.ended, work)
        if adviser >= 0:
            self.keep_busy(self.teams[team], adviser, person.released)
            if person.outcome == Outcome.SERVED and self.follows(person.queue):
                self.follow(person, team, adviser)
        person.decided.succeed()

    def follow(self, person: Person, team: int, adviser: int) -> None:
        """From now on this adviser follows the person; nobody, where both are -1."""
        if person.referent >= 0:
            self.teams[person.referent_team].followed[person.referent] -= 1
        if adviser >= 0:
            self.teams[team].followed[adviser] += 1
        person.referent, person.referent_team = adviser, team

    def worked(self, team: int, second: int, work: int) -> int:
        """When file work begun then is done, during the team's openings."""
        openings = self.net.openings(self.teams[team].calendar)
        done = advance(self.net.opens, self.net.closes, *openings, second, work)
        if done == NEVER:
            raise EngineError(calendar_ends(self.network.team_names[team], THE_WORK_IS_DONE))
        return done

    def keep_busy(self, team: Team, adviser: int, until: int) -> None:
        """The adviser is released then."""
        self.busy_until[team.number, adviser] = until
        if until < self.end:
            event = Signal(self.env).fire(until, Step.ENDS)
            event.callbacks.append(lambda _: self.release(team, adviser))

    def release(self, team: Team, adviser: int) -> None:
        """An adviser has finished, back office included."""
        del self.busy_until[team.number, adviser]
        team.release(adviser)
        self.ring(team)
