"""The readable engine: people, teams, calendars and sessions as SimPy processes.

Each second runs in the five steps of `rules.Step`: an event of a later step is scheduled at the current
second with a lower priority, so that whoever reads the state sees what every earlier step has written.
To add a rule, subclass `Simulation` and override the method where the thing happens.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Generator, Sequence
from typing import Any

import simpy

from cepsim.engine.records import Person, Recorder, dump_state, people_of
from cepsim.engine.rules import (
    EngineError,
    Step,
    advance,
    further_interviews,
    opening_at,
    retry_second,
    taken_branch,
)
from cepsim.engine.views import NetworkView, TapeView
from cepsim.errors import NetworkError
from cepsim.network.arrays import CHOICE_BASE, NO_TABLE, OVERFLOW, Network
from cepsim.people.tape import Tape
from cepsim.trace import NEVER, Outcome, Reason, State, Status, Trace

Process = Generator[simpy.Event, Any, None]


class Signal(simpy.Event):
    """An event that happens at a given step of a second."""

    def fire(self, second: int, step: Step) -> Signal:
        """Happen then."""
        self._ok = True
        self._value = None
        self.env.schedule(self, priority=step, delay=second - self.env.now)  # type: ignore[arg-type]
        return self


class SubQueue:
    """People of one service class waiting in one queue, in order of (joined, person)."""

    __slots__ = ("calendar", "number", "people", "priority", "queue")

    def __init__(self, number: int, queue: int, priority: int, calendar: int) -> None:
        self.number, self.queue, self.priority, self.calendar = number, queue, priority, calendar
        # one entry a visit: an entry whose visit is over is dropped when it reaches the head
        self.people: deque[tuple[Person, int]] = deque()


class Team:
    """A pool of advisers, numbered from 0; the lowest idle number is taken."""

    __slots__ = ("bell", "busy", "calendar", "idle", "known", "number", "on_duty", "rung", "sub_queues")

    def __init__(self, number: int, calendar: int, bell: Signal) -> None:
        self.number, self.calendar, self.bell = number, calendar, bell
        self.on_duty = self.busy = self.known = 0
        self.idle: list[int] = []
        self.sub_queues: list[SubQueue] = []
        self.rung = False

    def take(self) -> int:
        """The lowest idle adviser, now busy."""
        self.busy += 1
        if self.idle:
            return heapq.heappop(self.idle)
        self.known += 1
        return self.known - 1

    def occupy(self, adviser: int) -> None:
        """Mark an adviser busy from the start."""
        while self.known <= adviser:
            heapq.heappush(self.idle, self.known)
            self.known += 1
        self.idle.remove(adviser)
        heapq.heapify(self.idle)
        self.busy += 1

    def release(self, adviser: int) -> None:
        """The adviser is idle again."""
        self.busy -= 1
        heapq.heappush(self.idle, adviser)


class Simulation:
    """One run over [begin, end). Build it, then call `run`."""

    def __init__(self, network: Network, tape: Tape, state: State | None, begin: int, end: int) -> None:
        if (network.choices.rule == OVERFLOW).any() or (network.sub_queues.adviser >= 0).any():
            raise NetworkError(
                file="network",
                field="choices or sub_queues.adviser",
                found="overflow by published delay, or a queue of one's own adviser",
                expected="rules that this engine runs",
            )
        self.network = network
        self.net = NetworkView(network)
        self.tape = TapeView(tape)
        self.begin, self.end = begin, end
        self.env = simpy.Environment(initial_time=begin)
        self.recorder = Recorder()
        self.present = [0] * network.queue_count
        self.everybody: dict[int, Person] = {}
        self.joining: list[Person] = []
        self.busy_until: dict[tuple[int, int], int] = {}
        self.teams = [Team(k, int(c), Signal(self.env)) for k, c in enumerate(network.teams.calendar)]
        self.sub_queues = self._build_sub_queues()
        self.published = network.queues.team * 0 if state is None else state.published
        if state is not None:
            self._load(state)

    # -- running --------------------------------------------------------------------------------

    def run(self) -> tuple[Trace, State]:
        """Run to the end; the trace of settled visits and the state at `end`."""
        for team in self.teams:
            self.env.process(self.duty(team))
            self.env.process(self.shift(team))
            self.ring(team)
        for queue in range(self.network.queue_count):
            if self.net.holds_sessions[queue]:
                self.env.process(self.sessions(queue))
        for sub_queue in self.sub_queues:
            if sub_queue.calendar >= 0:
                self.env.process(self.availability(sub_queue))
        self._resume()
        self.env.process(self.arrivals())
        self.env.run(until=self.end)
        self.settle_patience()
        state = dump_state(
            self.end, list(self.everybody.values()), self.busy_until, self.published, self.network.block_count
        )
        return self.recorder.trace(), state

    def at(self, second: int, step: Step) -> simpy.Event:
        """The event of a step of a second; beyond the end, one that never happens."""
        if second >= self.end:
            return self.env.event()
        return Signal(self.env).fire(second, step)

    @property
    def now(self) -> int:
        """The current second."""
        return self.env.now  # type: ignore[return-value]

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
            person.due = second
            self.everybody[number] = person
            self.env.process(self.life(person))

    def life(self, person: Person) -> Process:
        """Somebody's way through the network: join, wait, be served, go on."""
        while True:
            if person.status == Status.BETWEEN:
                if person.due < self.now:
                    raise EngineError(f"patience in {self.queue_name(person.queue)} must be an event")
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
                del self.everybody[person.number]
                return

    def destination(self, person: Person, station: int) -> int:
        """The queue of a station in the person's lane; a choice stays one until admission."""
        if station >= CHOICE_BASE:
            return station
        return self.tape.lane[person.number] * self.network.station_count + station

    # -- third step: joining --------------------------------------------------------------------

    def ask_admission(self, person: Person) -> None:
        """Be admitted later in this step, together with all who join in this second."""
        person.decided = self.env.event()
        if not self.joining:
            Signal(self.env).fire(self.now, Step.ADMISSION).callbacks.append(self.admit_all)  # type: ignore[union-attr]
        self.joining.append(person)

    def admit_all(self, _event: simpy.Event) -> None:
        """Admit one by one in order of person; choices read the state as the second step left it."""
        joining, self.joining = sorted(self.joining, key=lambda p: p.number), []
        for person in joining:
            if person.queue >= CHOICE_BASE:
                person.queue = self.choose(person, person.queue - CHOICE_BASE)
        for person in joining:
            self.admit(person)

    def choose(self, person: Person, choice: int) -> int:
        """The candidate queue with the fewest present, the first named among equals."""
        first, last = self.net.choice_start[choice], self.net.choice_start[choice + 1]
        candidates = [self.destination(person, self.net.choice_station[c]) for c in range(first, last)]
        return min(candidates, key=lambda queue: self.present[queue])

    def admit(self, person: Person) -> None:
        """Let somebody into a queue, or not."""
        queue, now = person.queue, self.now
        station = queue % self.network.station_count
        team = self.net.queue_team[queue]
        person.begin_visit(now, self.tape.row(person, self.net.block[station]), self.net.block[station])
        if person.reason not in (Reason.SERIES, Reason.REBOOKED, Reason.RETRY):
            mean = self.net.series_mean[station][person.profile]
            plan = self.tape.plan[person.row]
            person.series_left = further_interviews(mean, self.net.series_max[station], plan) if mean else -1
        room = self.net.room[queue]
        if self.net.lost_when_closed[station] and not self.is_open(self.teams[team].calendar):
            self.turn_away(person, Outcome.CLOSED)
        elif 0 <= room <= self.present[queue]:
            self.turn_away(person, Outcome.FULL)
        else:
            self.present[queue] += 1
            if team < 0:
                self.serve(person, adviser=-1, session=-1)
            else:
                self.line_up(person, station)

    def turn_away(self, person: Person, outcome: Outcome) -> None:
        """Not let in: the visit is over on the second it began."""
        person.outcome, person.ended = outcome, self.now
        person.status = Status.BETWEEN
        person.decided.succeed()

    def line_up(self, person: Person, station: int) -> None:
        """Wait at the end of the sub-queue of one's class, for as long as patience lasts."""
        table = self.net.patience[station][person.profile]
        if table != NO_TABLE:
            person.leaves = self.now + self.tape.seconds(self.net, table, self.tape.patience[person.row])
        sub_queue = self.sub_queues[self.net.sub_queue[person.queue][self.tape.service_class[person.number]]]
        sub_queue.people.append((person, person.visit))
        self.watch_patience(person)
        if not self.net.holds_sessions[person.queue]:
            self.ring(self.teams[self.net.queue_team[person.queue]])

    # -- second step: patience and ends -----------------------------------------------------------

    def watch_patience(self, person: Person) -> None:
        """Leave at the end of patience, where leaving has a consequence."""
        if person.leaves == NEVER or not self.net.patience_is_event[person.queue]:
            return
        if person.leaves < self.end:
            visit = person.visit
            event = Signal(self.env).fire(person.leaves, Step.ENDS)
            event.callbacks.append(lambda _: self.lose_patience(person, visit))  # type: ignore[union-attr]

    def lose_patience(self, person: Person, visit: int) -> None:
        """Leave, unless called in since."""
        if person.status == Status.WAITING and person.visit == visit:
            self.give_up(person)

    def give_up(self, person: Person) -> None:
        """Patience has ended: the visit ends on that second, which may lie behind us."""
        person.outcome, person.ended = Outcome.GAVE_UP, person.leaves
        person.status = Status.BETWEEN
        person.decided.succeed()

    def settle_patience(self) -> None:
        """Those whose patience ended unseen before the end have left too."""
        for person in list(self.everybody.values()):
            if person.status == Status.WAITING and NEVER < person.leaves < self.end:
                person.outcome, person.ended = Outcome.GAVE_UP, person.leaves
                self.recorder.visit(person, self.net.queue_team[person.queue])
                if self.go_on(person):
                    raise EngineError(f"patience in {self.queue_name(person.queue)} must be an event")
                del self.everybody[person.number]

    def release(self, team: Team, adviser: int) -> None:
        """An adviser has finished, back office included."""
        del self.busy_until[team.number, adviser]
        team.release(adviser)
        self.ring(team)

    # -- fifth step: teams call people in -----------------------------------------------------------

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
            while team.busy < team.on_duty:
                person = self.next_in_line(team)
                if person is None:
                    break
                self.serve(person, team.take(), session=-1)

    def next_in_line(self, team: Team) -> Person | None:
        """Take the least (priority, joined, person) among the heads who can be served before closing."""
        calendar = team.calendar
        opening = opening_at(self.net.closes, *self.net.openings(calendar), self.now)
        closing = self.net.closes[opening]
        best: tuple[int, int, int] | None = None
        chosen: SubQueue | None = None
        for sub_queue in team.sub_queues:
            head = self.head(sub_queue)
            if head is None:
                continue
            station = sub_queue.queue % self.network.station_count
            rank = (sub_queue.priority, head.joined, head.number)
            if best is not None and rank > best:
                continue
            if self.now + self.net.planned_slot[station][head.profile] > closing:
                continue
            if sub_queue.calendar >= 0 and not self.is_open(sub_queue.calendar):
                continue
            best, chosen = rank, sub_queue
        return chosen.people.popleft()[0] if chosen is not None else None

    def head(self, sub_queue: SubQueue) -> Person | None:
        """The first who still waits; who has left by now is let go."""
        people = sub_queue.people
        while people:
            person, visit = people[0]
            if person.visit == visit and person.status == Status.WAITING:
                if person.leaves == NEVER or person.leaves > self.now:
                    return person
                self.give_up(person)
            people.popleft()
        return None

    def serve(self, person: Person, adviser: int, session: int, length: int = 0) -> None:
        """Call somebody in: how long it takes the person and the adviser is known at once."""
        now, row, profile = self.now, person.row, person.profile
        station = person.queue % self.network.station_count
        team = self.net.queue_team[person.queue]
        person.status, person.called, person.adviser, person.session = Status.IN_SERVICE, now, adviser, session
        person.outcome = Outcome.SERVED
        if session >= 0:
            person.ended = person.released = now + length
        elif self.tape.no_show[row] < self.net.no_show[station][profile]:
            person.outcome = Outcome.NO_SHOW
            person.ended = person.released = now + self.net.no_show_slot[station]
        else:
            seconds = self.tape.seconds(self.net, self.net.service[station][profile], self.tape.service[row])
            if self.net.file_work[station]:
                person.ended = person.released = self.worked(team, now, seconds)
            else:
                person.ended = person.released = now + seconds
                table = self.net.back_office[station][profile]
                if table != NO_TABLE:
                    work = self.tape.seconds(self.net, table, self.tape.back_office[row])
                    person.released = self.worked(team, person.ended, work)
        if adviser >= 0:
            self.keep_busy(self.teams[team], adviser, person.released)
        person.decided.succeed()

    def keep_busy(self, team: Team, adviser: int, until: int) -> None:
        """The adviser is released then."""
        self.busy_until[team.number, adviser] = until
        if until < self.end:
            event = Signal(self.env).fire(until, Step.ENDS)
            event.callbacks.append(lambda _: self.release(team, adviser))  # type: ignore[union-attr]

    def worked(self, team: int, second: int, work: int) -> int:
        """When file work begun then is done, during the team's openings."""
        calendar = self.teams[team].calendar
        done = advance(self.net.opens, self.net.closes, *self.net.openings(calendar), second, work)
        if done == NEVER:
            raise EngineError(f"the calendar of team {self.network.team_names[team]} ends before the work does")
        return done

    # -- first and fourth steps: calendars and sessions -----------------------------------------------

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
        waiting = sorted(
            (s for s in self.sub_queues if s.queue == queue), key=lambda s: (s.priority, s.number)
        )
        for rank, second in self.net.sessions_of(queue, self.begin, self.end):
            yield self.at(second, Step.SESSIONS)
            taken: list[Person] = []
            for priority in sorted({s.priority for s in waiting}):
                same = [p for s in waiting if s.priority == priority for p, v in s.people if self.still(p, v)]
                taken += sorted(same, key=lambda p: (p.joined, p.number))
            taken = taken[: self.net.session_seats[queue]]
            held = len(taken) >= self.net.session_least[queue]
            self.recorder.session(queue, rank, second, len(taken) if held else 0, held)
            if held:
                for person in taken:
                    self.serve(person, adviser=-1, session=rank, length=self.net.session_length[queue])
            for sub_queue in waiting:
                sub_queue.people = deque((p, v) for p, v in sub_queue.people if self.still(p, v))

    def still(self, person: Person, visit: int) -> bool:
        """Whether an entry of a sub-queue is still somebody waiting."""
        return person.visit == visit and person.status == Status.WAITING

    # -- going on -----------------------------------------------------------------------------------

    def go_on(self, person: Person) -> bool:
        """Decide what comes after a visit; False when the person leaves the network."""
        station = person.queue % self.network.station_count
        net, profile, route = self.net, person.profile, self.tape.route[person.row]
        if person.outcome == Outcome.SERVED:
            if person.series_left > 0:
                person.series_left -= 1
                person.rebooks = person.retries = 0
                return self.come_back(person, net.series_gap[station][profile], Reason.SERIES)
            alternate = self.tape.alternate[person.number]
            if alternate >= 0 and not person.was_referred:
                if self.tape.plan[person.row] < net.refer[station][profile]:
                    person.was_referred = 1
                    return self.go_to(person, alternate, NO_TABLE, Reason.REDIRECTED)
            return self.take_branch(person, net.route_served[station][profile], route)
        if person.outcome == Outcome.NO_SHOW:
            if person.rebooks < net.rebook_max[station] and route < net.rebook[station][profile]:
                person.rebooks += 1
                return self.come_back(person, net.rebook_gap[station][profile], Reason.REBOOKED)
            return self.take_branch(person, net.route_no_show[station][profile], route)
        if person.retries < net.retry_max[station] and route < net.retry[station][profile]:
            person.retries += 1
            return self.try_again(person, station)
        return self.take_branch(person, net.route_lost[station][profile], route)

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
        """Join one's queue after a gap. Who was turned away joins again a second later at the earliest."""
        wait = self.tape.seconds(self.net, gap, self.tape.gap[person.row]) if gap != NO_TABLE else 0
        if person.outcome in (Outcome.CLOSED, Outcome.FULL):
            wait = max(wait, 1)
        person.due, person.reason, person.status = person.ended + wait, reason, Status.BETWEEN
        return True

    def try_again(self, person: Person, station: int) -> bool:
        """Call again: so many open days later, or after an elapsed time."""
        days = self.net.retry_open_days[station]
        if days == 0:
            return self.come_back(person, self.net.retry_gap[station][person.profile], Reason.RETRY)
        team = self.teams[self.net.queue_team[person.queue]]
        openings = self.net.openings(team.calendar)
        draw = self.tape.gap[person.row]
        due = retry_second(self.net.opens, self.net.closes, *openings, person.ended, days, draw)
        if due == NEVER:
            raise EngineError(f"the calendar of team {self.network.team_names[team.number]} ends too early")
        person.due, person.reason, person.status = due, Reason.RETRY, Status.BETWEEN
        return True

    # -- odds and ends ------------------------------------------------------------------------------

    def queue_name(self, queue: int) -> str:
        """The name of a queue, for messages."""
        return self.network.queue_name(queue)

    def is_open(self, calendar: int) -> bool:
        """Whether a calendar is open now."""
        first, last = self.net.openings(calendar)
        opening = opening_at(self.net.closes, first, last, self.now)
        return opening < last and self.net.opens[opening] <= self.now

    def _build_sub_queues(self) -> list[SubQueue]:
        subs = self.network.sub_queues
        columns: Sequence[list[int]] = (subs.queue.tolist(), subs.priority.tolist(), subs.calendar.tolist())
        built = [SubQueue(n, *row) for n, row in enumerate(zip(*columns, strict=True))]
        for sub_queue in built:
            team = self.net.queue_team[sub_queue.queue]
            if team >= 0 and not self.net.holds_sessions[sub_queue.queue]:
                self.teams[team].sub_queues.append(sub_queue)
        return built

    def _load(self, state: State) -> None:
        for person in people_of(state):
            person.profile = self.tape.profile[person.number]
            self.everybody[person.number] = person
            if person.status != Status.BETWEEN:
                self.present[person.queue] += 1
        for person in sorted(self.everybody.values(), key=lambda p: (p.joined, p.number)):
            if person.status == Status.WAITING:
                service_class = self.tape.service_class[person.number]
                number = self.net.sub_queue[person.queue][service_class]
                self.sub_queues[number].people.append((person, person.visit))
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
