"""What happens on dates known beforehand: duty, availability, published delays, sessions, commissions."""

from __future__ import annotations

from cepsim.engine.calling import Calling, Process
from cepsim.engine.parts import Line, SubQueue, Team
from cepsim.engine.records import Person
from cepsim.engine.rules import Step
from cepsim.trace import NEVER, Outcome


class Dates(Calling):
    """The first step of a second, and the fourth."""

    def publications(self) -> Process:
        """Publish, on each date, the mean wait of those called in since the one before."""
        for second in self.net.published_at:
            if self.begin <= second < self.end:
                yield self.at(second, Step.CALENDAR)
                for queue in range(self.network.queue_count):
                    if self.net.publishes[queue]:
                        self.publish(queue)

    def publish(self, queue: int) -> None:
        """A queue's delay: that mean; if nobody was called in, how long the oldest has waited; if none, 0."""
        called, joined = self.called[queue], self.oldest(queue)
        if called:
            self.published[queue] = self.waited[queue] // called
        else:
            self.published[queue] = 0 if joined == NEVER else self.now - joined
        self.waited[queue] = self.called[queue] = 0

    def oldest(self, queue: int) -> int:
        """When the one who has waited longest in a queue joined it; NEVER where nobody waits."""
        heads = []
        for line in (line for s in self.sub_queues if s.queue == queue for line in s.every_line()):
            people = line.people
            while people and not self.stands(*people[0], line):
                people.popleft()
            if people:
                heads.append(people[0][0].joined)
        return min(heads, default=NEVER)

    def closures(self) -> Process:
        """Hand over those who wait where a queue closes, in this second."""
        closing = [(second, q) for q, second in enumerate(self.net.closes_at) if self.net.heir[q] >= 0]
        for second, queue in sorted(closing):
            if self.begin <= second < self.end and not self.net.elsewhere[queue]:
                yield self.at(second, Step.CLOSING)
                for line in (line for s in self.sub_queues if s.queue == queue for line in s.every_line()):
                    self.hand_over(line)

    def hand_over(self, line: Line) -> None:
        """Those who wait in a line go on at the heir's; who has left unseen is let go."""
        for person, visit in line.people:
            if not self.stands(person, visit, line):
                continue
            if NEVER < person.leaves < self.now:
                self.give_up(person)
            else:
                self.turn_away(person, Outcome.HANDED_OVER)
        line.people.clear()

    def duty(self, team: Team) -> Process:
        """A team's roster: how many advisers are on duty from which second."""
        team.on_duty = self.net.duty_before(team.number, self.begin)
        for second, advisers in self.net.duty_changes(team.number, self.begin, self.end):
            yield self.at(second, Step.CALENDAR)
            team.on_duty = advisers
            self.recorder.duty(team.number, second, advisers)
            self.ring(team)

    def availability(self, sub_queue: SubQueue) -> Process:
        """Tell the team when the people of a sub-queue become available."""
        first, last = self.net.openings(sub_queue.calendar)
        for opening in range(first, last):
            if self.begin <= self.net.opens[opening] < self.end:
                yield self.at(self.net.opens[opening], Step.CALENDAR)
                self.ring(self.teams[self.net.queue_team[sub_queue.queue]])

    def sessions(self, queue: int) -> Process:
        """Hold a queue's sessions: seats go by (priority, joined, person); too few, and it is cancelled."""
        waiting = [sub_queue for sub_queue in self.sub_queues if sub_queue.queue == queue]
        for rank, second, budget in self.net.sessions_of(queue, self.begin, self.end):
            yield self.at(second, Step.SESSIONS)
            if budget >= 0:
                accepted = self.decide(queue, waiting, rank, budget)
                self.recorder.session(queue, rank, second, accepted, held=True)
                continue
            taken = self.seated(waiting, self.net.session_seats[queue])
            held = len(taken) >= self.net.session_least[queue]
            self.recorder.session(queue, rank, second, len(taken) if held else 0, held)
            for person, sub_queue in reversed(taken):
                if held:
                    self.serve(person, adviser=-1, session=rank, length=self.net.session_length[queue])
                else:
                    sub_queue.people.appendleft((person, person.visit))

    def decide(self, queue: int, waiting: list[SubQueue], rank: int, budget: int) -> int:
        """A commission accepts files in order until the next does not fit, and refuses the others."""
        left, accepted = budget + self.unspent[queue], 0
        cost = self.net.file_cost[queue % self.network.station_count]
        while (first := self.first_of(waiting)) is not None:
            person, sub_queue = first
            if cost[person.profile] > left:
                break
            sub_queue.people.popleft()
            left -= cost[person.profile]
            accepted += 1
            self.serve(person, adviser=-1, session=rank, length=self.net.session_length[queue])
        for sub_queue in waiting:
            while (refused := self.head(sub_queue)) is not None:
                sub_queue.people.popleft()
                self.turn_away(refused, Outcome.REFUSED)
        self.unspent[queue] = left if self.net.carries_budget[queue] else 0
        return accepted

    def seated(self, waiting: list[SubQueue], seats: int) -> list[tuple[Person, SubQueue]]:
        """Take people from the heads of the sub-queues, in order, until the seats are full."""
        taken: list[tuple[Person, SubQueue]] = []
        while len(taken) < seats and (first := self.first_of(waiting)) is not None:
            first[1].people.popleft()
            taken.append(first)
        return taken

    def first_of(self, waiting: list[SubQueue]) -> tuple[Person, SubQueue] | None:
        """The least (priority, joined, person) among the heads of sub-queues, and where he waits."""
        heads = [(s.priority, h.joined, h.number, h, s) for s in waiting if (h := self.head(s)) is not None]
        return min(heads, key=lambda head: head[:3])[3:] if heads else None
