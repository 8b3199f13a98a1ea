"""The readable engine: people, teams, calendars and sessions as SimPy processes.

Each second runs in the five steps of `rules.Step`: an event of a later step is scheduled at the current
second with a lower priority, so that whoever reads the state sees what every earlier step has written.

The simulation is one object in five parts, each in its file: `floor` (the clock, the people, the queues),
`onward` (what comes after a visit), `calling` (teams at work), `dates` (calendars, published delays,
sessions, commissions) and this one (a person's life, joining, patience, the run). To add a rule, subclass
`Simulation` and override the method where the thing happens.
"""

from __future__ import annotations

import simpy

from cepsim.engine.calling import Process
from cepsim.engine.dates import Dates
from cepsim.engine.parts import Line, Signal, SubQueue
from cepsim.engine.records import Person, dump_state, people_of
from cepsim.engine.refusals import EngineError, patience_must_be_an_event
from cepsim.engine.rules import GOES_ON, Step
from cepsim.network.arrays import ALTERNATE, BY_CLASS, CHOICE_BASE, NO_TABLE, SHORTEST, Network
from cepsim.people.tape import Tape
from cepsim.state import Carried, State
from cepsim.trace import NEVER, Outcome, Reason, Status, Trace


class Simulation(Dates):
    """One run over [begin, end). Build it, then call `run`."""

    def __init__(self, network: Network, tape: Tape, state: State | None, begin: int, end: int) -> None:
        super().__init__(network, tape, state, begin, end)
        if state is not None:
            self._load(state)

    # -- running --------------------------------------------------------------------------------

    def run(self) -> tuple[Trace, State]:
        """Run to the end; the trace of settled visits and the state at `end`."""
        for team in self.teams:
            self.env.process(self.duty(team))
            self.env.process(self.shift(team))
            # changes nothing where an engine wrote the state; a state stated by hand may have idle advisers
            self.ring(team)
        for queue in range(self.network.queue_count):
            if self.net.holds_sessions[queue]:
                self.env.process(self.sessions(queue))
        for sub_queue in self.sub_queues:
            if sub_queue.calendar >= 0:
                self.env.process(self.availability(sub_queue))
        self.env.process(self.publications())
        self.env.process(self.closures())
        self._resume()
        self.env.process(self.arrivals())
        if self.end > self.begin:
            self.env.run(until=self.end)
        self.settle_patience()
        everybody = list(self.everybody.values())
        blocks = self.network.block_count
        carried = Carried.from_columns(
            {
                "published": self.published,
                "waited": self.waited,
                "called": self.called,
                "unspent": self.unspent,
            }
        )
        state = dump_state(self.end, everybody, self.busy_until, carried, blocks)
        return self.recorder.trace(), state

    # -- people ---------------------------------------------------------------------------------

    def arrivals(self) -> Process:
        """Start everybody's life on the second of arrival."""
        for number in range(*self.tape.arriving(self.begin, self.end)):
            second = self.tape.arrival[number]
            if second > self.now:
                yield self.at(second, Step.JOINS)
            station = self.tape.entry[number]
            person = Person(number, self.tape.profile[number], self.network.block_count)
            person.queue = self.destination(person, station)
            if self.is_elsewhere(person):
                continue
            person.due = second
            self.everybody[number] = person
            self.env.process(self.life(person))

    def life(self, person: Person) -> Process:
        """Somebody's way through the network: join, wait, be served, go on."""
        while True:
            if person.status == Status.BETWEEN:
                if self.is_elsewhere(person):
                    return
                if person.due < self.now:
                    raise EngineError(patience_must_be_an_event(self.queue_name(person.queue)))
                if person.due > self.now:
                    yield self.at(person.due, Step.JOINS)
                self.ask_admission(person)
                yield person.decided
            elif person.status == Status.WAITING:
                yield person.decided
            if person.status == Status.IN_SERVICE:
                yield self.at(person.ended, Step.ENDS)
            self.recorder.visit(person, self.net.queue_team[person.queue])
            self.present[person.queue] -= person.outcome not in (Outcome.CLOSED, Outcome.FULL)
            if not self.go_on(person):
                self.follow(person, -1, -1)
                del self.everybody[person.number]
                return

    # -- third step: joining --------------------------------------------------------------------

    def ask_admission(self, person: Person) -> None:
        """Be admitted later in this step, together with all who join in this second."""
        person.decided = self.env.event()
        if not self.joining:
            Signal(self.env).fire(self.now, Step.ADMISSION).callbacks.append(self.admit_all)
        self.joining.append(person)

    def admit_all(self, _event: simpy.Event) -> None:
        """Admit one by one in order of person; choices read the state as the second step left it.

        Somebody sent elsewhere than home in his first try is noted so.
        """
        joining, self.joining = sorted(self.joining, key=lambda p: p.number), []
        for person in joining:
            if person.queue >= CHOICE_BASE:
                self.choose(person, person.queue - CHOICE_BASE)
            person.queue = self.standing(person.queue)
        for person in joining:
            self.admit(person)

    def choose(self, person: Person, choice: int) -> None:
        """Go to one's own candidate, to the one with the fewest present or to that of the least delay.

        A candidate that has closed is its heir.
        """
        first, last = self.net.choice_start[choice], self.net.choice_start[choice + 1]
        stations, rule = self.net.choice_station[first:last], self.net.choice_rule[choice]
        if rule == BY_CLASS:
            person.queue = self.destination(person, stations[self.tape.service_class[person.number]])
            return
        if rule == SHORTEST:
            candidates = [self.standing(self.destination(person, station)) for station in stations]
            person.queue = min(candidates, key=lambda queue: self.present[queue])
            return
        home = self.standing(self.destination(person, self.net.choice_home[choice]))
        person.queue = home
        if self.published[home] <= self.net.choice_threshold[choice]:
            return
        if rule == ALTERNATE:
            stations = [station for station in stations if station == self.tape.alternate[person.number]]
        candidates = [home, *(self.standing(self.destination(person, station)) for station in stations)]
        team = self.net.queue_team
        person.queue = min(candidates, key=lambda queue: (self.published[queue], queue != home, team[queue]))
        if person.queue != home and person.reason == Reason.FIRST:
            person.reason = Reason.OVERFLOW

    def admit(self, person: Person) -> None:
        """Let somebody into a queue, or not."""
        queue, now = person.queue, self.now
        station = queue % self.network.station_count
        team = self.net.queue_team[queue]
        if person.referent >= 0 and not (self.follows(queue) and person.referent_team == team):
            self.follow(person, -1, -1)
        person.begin_visit(now, self.tape.draws(person, self.net.block[station]), self.net.block[station])
        if person.reason not in GOES_ON:
            person.series_left = self.interviews_left(person, station)
        room = self.net.room[queue]
        if self.net.lost_when_closed[station] and not self.is_open(self.teams[team].calendar):
            self.turn_away(person, Outcome.CLOSED)
        elif 0 <= room <= self.present[queue]:
            self.turn_away(person, Outcome.FULL)
        else:
            self.present[queue] += 1
            if team < 0 and not self.net.holds_sessions[queue]:
                self.serve(person, adviser=-1, session=-1)
            else:
                self.line_up(person, station)

    def line_up(self, person: Person, station: int) -> None:
        """Wait at the end of the sub-queue of one's class, for as long as patience lasts."""
        table = self.net.patience[station][person.profile]
        if table != NO_TABLE:
            person.leaves = self.now + self.tape.seconds(self.net, table, person.draws.patience)
        self.stand_in_line(person)
        self.watch_patience(person)
        if not self.net.holds_sessions[person.queue]:
            team = self.teams[self.net.queue_team[person.queue]]
            # whoever is released later in this run rings for himself
            if team.busy < team.on_duty:
                self.ring(team)

    def stand_in_line(self, person: Person) -> None:
        """Wait for whoever of the team is free, or for one's own adviser and then for anybody."""
        sub_queue = self.sub_queues[self.net.sub_queue[person.queue][self.tape.service_class[person.number]]]
        if person.referent < 0:
            sub_queue.join(person)
            return
        freed = person.joined + self.net.referent_wait[person.queue % self.network.station_count]
        if freed < self.now:
            sub_queue.freed.join(person)
            return
        sub_queue.line_of(person.referent).join(person)
        if freed < self.end:
            visit = person.visit
            event = Signal(self.env).fire(freed, Step.ENDS)
            event.callbacks.append(lambda _: self.free(person, visit, sub_queue))

    def free(self, person: Person, visit: int, sub_queue: SubQueue) -> None:
        """Wait no longer for one's own adviser alone, unless called in or gone since."""
        if person.status != Status.WAITING or person.visit != visit:
            return
        if NEVER < person.leaves <= self.now:
            self.give_up(person)
            return
        self.join_freed(person, sub_queue.freed)
        self.ring(self.teams[self.net.queue_team[person.queue]])

    def join_freed(self, person: Person, line: Line) -> None:
        """Stand behind those who joined before: people freed in one second come in order of person."""
        place = rank = len(line.people)
        while rank > 0:
            other, visit = line.people[rank - 1]
            if self.stands(other, visit, line):
                if (other.joined, other.number) < (person.joined, person.number):
                    break
                place = rank - 1
            rank -= 1
        line.people.insert(place, (person, person.visit))
        person.line = line

    # -- second step: patience and ends -----------------------------------------------------------

    def watch_patience(self, person: Person) -> None:
        """Leave at the end of patience, where leaving has a consequence."""
        if person.leaves == NEVER or not self.net.patience_is_event[person.queue]:
            return
        if person.leaves < self.end:
            visit = person.visit
            event = Signal(self.env).fire(person.leaves, Step.ENDS)
            event.callbacks.append(lambda _: self.lose_patience(person, visit))

    def lose_patience(self, person: Person, visit: int) -> None:
        """Leave, unless called in since."""
        if person.status == Status.WAITING and person.visit == visit:
            self.give_up(person)

    def settle_patience(self) -> None:
        """Those whose patience ended unseen before the end have left too."""
        for person in list(self.everybody.values()):
            if person.status == Status.WAITING and NEVER < person.leaves < self.end:
                person.outcome, person.ended = Outcome.GAVE_UP, person.leaves
                self.recorder.visit(person, self.net.queue_team[person.queue])
                self.follow(person, -1, -1)
                if self.go_on(person):
                    raise EngineError(patience_must_be_an_event(self.queue_name(person.queue)))
                del self.everybody[person.number]

    # -- a state taken up -----------------------------------------------------------------------------

    def _load(self, state: State) -> None:
        for person in people_of(state):
            person.profile = self.tape.profile[person.number]
            self.everybody[person.number] = person
            if person.status != Status.BETWEEN:
                self.present[person.queue] += 1
                block = self.net.block[person.queue % self.network.station_count]
                person.draws = self.tape.draws_again(person, block)
        for person in sorted(self.everybody.values(), key=lambda p: (p.joined, p.number)):
            if person.referent >= 0:
                self.teams[person.referent_team].followed[person.referent] += 1
            if person.status == Status.WAITING:
                self.stand_in_line(person)
        busy = state.busy
        for number, adviser, until in zip(
            busy.team.tolist(), busy.adviser.tolist(), busy.until.tolist(), strict=True
        ):
            self.teams[number].occupy(adviser)
            self.keep_busy(self.teams[number], adviser, until)

    def _resume(self) -> None:
        for person in list(self.everybody.values()):
            person.decided = self.env.event()
            if person.status == Status.WAITING:
                self.watch_patience(person)
            self.env.process(self.life(person))


def run(network: Network, tape: Tape, state: State | None, begin: int, end: int) -> tuple[Trace, State]:
    """Simulate [begin, end) from a state (None: nobody is there).

    Returns the trace of settled visits, in canonical order, and the state at `end`. Raises NetworkError
    for a network that this engine does not run and EngineError for a tape that does not belong to it.
    """
    return Simulation(network, tape, state, begin, end).run()
