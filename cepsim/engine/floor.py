"""What every part of the readable engine stands on: the clock, the people, the queues, the teams."""

from __future__ import annotations

import simpy

from cepsim.engine.parts import Signal, SubQueue, Team
from cepsim.engine.records import Person, Recorder
from cepsim.engine.refusals import refuse_what_does_not_run
from cepsim.engine.rules import Step, is_open_at
from cepsim.engine.views import NetworkView, TapeView
from cepsim.network.arrays import CHOICE_BASE, Network
from cepsim.people.tape import Tape
from cepsim.state import Carried, State
from cepsim.trace import NEVER


class Floor:
    """The state of a run over [begin, end), and its clock."""

    def __init__(self, network: Network, tape: Tape, state: State | None, begin: int, end: int) -> None:
        refuse_what_does_not_run(network, tape, state, begin, end)
        self.network = network
        self.net = NetworkView(network)
        self.tape = TapeView(tape)
        self.begin, self.end = begin, end
        self.env = simpy.Environment(initial_time=begin)
        self.recorder = Recorder()
        self.everybody: dict[int, Person] = {}
        self.joining: list[Person] = []
        self.present = [0] * network.queue_count
        self.teams = [Team(k, int(c), Signal(self.env)) for k, c in enumerate(network.teams.calendar)]
        self.busy_until: dict[tuple[int, int], int] = {}
        self.sub_queues = self._build_sub_queues()
        queues = network.queue_count
        carried = Carried.none(queues) if state is None else state.carried_of(queues)
        #: By queue, as in `state.Carried`.
        self.published, self.waited = carried.published.tolist(), carried.waited.tolist()
        self.called, self.unspent = carried.called.tolist(), carried.unspent.tolist()

    def at(self, second: int, step: Step) -> simpy.Event:
        """The event of a step of a second; beyond the end, one that never happens."""
        if second >= self.end:
            return self.env.event()
        return Signal(self.env).fire(second, step)

    @property
    def now(self) -> int:
        """The current second."""
        return self.env.now  # type: ignore[return-value]

    def is_open(self, calendar: int) -> bool:
        """Whether a calendar is open now."""
        return is_open_at(self.net.opens, self.net.closes, *self.net.openings(calendar), self.now)

    def destination(self, person: Person, station: int) -> int:
        """The queue of a station in the person's lane; a choice stays one until admission."""
        if station >= CHOICE_BASE:
            return station
        return self.tape.lane[person.number] * self.network.station_count + station

    def heir_of(self, queue: int) -> int:
        """The queue that receives the people of one that closes."""
        return int(queue - queue % self.network.station_count + self.net.heir[queue])

    def standing(self, queue: int) -> int:
        """A queue, or its heir once it has closed."""
        return self.heir_of(queue) if NEVER < self.net.closes_at[queue] <= self.now else queue

    def follows(self, queue: int) -> bool:
        """Whether an adviser follows those whom he receives there."""
        return bool(self.net.referent_wait[queue % self.network.station_count] >= 0)

    def is_elsewhere(self, person: Person) -> bool:
        """Whether somebody's next queue, or every one that he may choose, is run apart."""
        queue = person.queue
        if queue >= CHOICE_BASE:
            queue = self.destination(
                person, self.net.choice_station[self.net.choice_start[queue - CHOICE_BASE]]
            )
        return bool(self.net.elsewhere[queue])

    def queue_name(self, queue: int) -> str:
        """The name of a queue, for messages."""
        return self.network.queue_name(queue)

    def _build_sub_queues(self) -> list[SubQueue]:
        subs = self.network.sub_queues
        columns = (subs.queue.tolist(), subs.priority.tolist(), subs.calendar.tolist())
        built = [SubQueue(*row) for row in zip(*columns, strict=True)]
        for sub_queue in built:
            team = self.net.queue_team[sub_queue.queue]
            if team >= 0 and not self.net.holds_sessions[sub_queue.queue]:
                self.teams[team].sub_queues.append(sub_queue)
                self.teams[team].follows |= self.follows(sub_queue.queue)
        return built
