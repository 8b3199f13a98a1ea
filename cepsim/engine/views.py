"""The network and the tape as Python sequences: what an interpreted loop reads fastest."""

from __future__ import annotations

import numpy as np

from cepsim.engine.records import Person
from cepsim.engine.refusals import EngineError, past_the_tape
from cepsim.laws import cell
from cepsim.network.arrays import Network
from cepsim.people.tape import Draws, Tape, one_visit


class NetworkView:
    """The arrays of a network as (nested) lists, under the same names."""

    def __init__(self, network: Network) -> None:
        s, b, q = network.stations, network.branches, network.queues
        self.tables: list[memoryview[int]] = [np.ascontiguousarray(row).data for row in network.tables]
        self.block, self.file_work = s.block.tolist(), s.file_work.tolist()
        self.lost_when_closed, self.referent_wait = s.lost_when_closed.tolist(), s.referent_wait.tolist()
        self.no_show_slot, self.rebook_max = s.no_show_slot.tolist(), s.rebook_max.tolist()
        self.retry_max, self.retry_open_days = s.retry_max.tolist(), s.retry_open_days.tolist()
        self.series_max = s.series_max.tolist()
        self.service, self.back_office = s.service.tolist(), s.back_office.tolist()
        self.patience, self.planned_slot = s.patience.tolist(), s.planned_slot.tolist()
        self.series_gap, self.rebook_gap = s.series_gap.tolist(), s.rebook_gap.tolist()
        self.retry_gap, self.series_mean = s.retry_gap.tolist(), s.series_mean.tolist()
        self.no_show, self.rebook = s.no_show.tolist(), s.rebook.tolist()
        self.retry = s.retry.tolist()
        self.refer: list[list[int]] = s.refer.tolist()
        self.route_served, self.route_lost = s.route_served.tolist(), s.route_lost.tolist()
        self.route_no_show = s.route_no_show.tolist()
        self.branch_start, self.branch_threshold = b.start.tolist(), b.threshold.tolist()
        self.branch_to, self.branch_gap = b.to.tolist(), b.gap.tolist()
        self.branch_reason, self.branch_repeat_max = b.reason.tolist(), b.repeat_max.tolist()
        self.choice_start = network.choices.start.tolist()
        self.choice_station = network.choices.station.tolist()
        self.choice_rule, self.choice_home = network.choices.rule.tolist(), network.choices.home.tolist()
        self.choice_threshold = network.choices.delay_threshold.tolist()
        self.published_at = network.choices.published_at.tolist()
        self.queue_team, self.room, self.sub_queue = q.team.tolist(), q.room.tolist(), q.sub_queue.tolist()
        self.patience_is_event = q.patience_is_event.tolist()
        self.publishes = q.publishes.tolist()
        self.closes_at, self.heir = q.closes_at.tolist(), q.heir.tolist()
        self.holds_sessions, self.elsewhere = q.holds_sessions.tolist(), q.elsewhere.tolist()
        self.session_least, self.session_seats = q.session_least.tolist(), q.session_seats.tolist()
        self.session_length, self.session_budget = q.session_length.tolist(), q.session_budget.tolist()
        self.carries_budget = q.carries_budget.tolist()
        self.file_cost: list[list[int]] = s.file_cost.tolist()
        self.opens, self.closes = network.teams.opens.tolist(), network.teams.closes.tolist()
        self._openings = network.teams.calendar_start.tolist()
        self._network = network

    def openings(self, calendar: int) -> tuple[int, int]:
        """Bounds of a calendar's openings in `opens` and `closes`."""
        return self._openings[calendar], self._openings[calendar + 1]

    def duty_before(self, team: int, second: int) -> int:
        """Advisers on duty just before a second."""
        first, last = self._network.teams.duty_start[team : team + 2]
        rank = int(np.searchsorted(self._network.teams.duty_second[first:last], second, side="left"))
        return int(self._network.teams.duty_advisers[first + rank - 1]) if rank else 0

    def duty_changes(self, team: int, begin: int, end: int) -> list[tuple[int, int]]:
        """(second, advisers) of every change in [begin, end)."""
        teams = self._network.teams
        first, last = teams.duty_start[team : team + 2]
        seconds = teams.duty_second[first:last]
        here = slice(*np.searchsorted(seconds, [begin, end], side="left"))
        return list(zip(seconds[here].tolist(), teams.duty_advisers[first:last][here].tolist(), strict=True))

    def sessions_of(self, queue: int, begin: int, end: int) -> list[tuple[int, int, int]]:
        """(rank, second, budget) of every session of a queue in [begin, end)."""
        queues = self._network.queues
        first, last = queues.session_start[queue : queue + 2]
        seconds, budgets = (
            queues.session_second[first:last].tolist(),
            queues.session_budget[first:last].tolist(),
        )
        every = enumerate(zip(seconds, budgets, strict=True))
        return [(rank, second, budget) for rank, (second, budget) in every if begin <= second < end]


class TapeView:
    """The arrays of a tape behind the buffer protocol, under the same names."""

    def __init__(self, tape: Tape) -> None:
        self.arrival, self.lane = tape.arrival.data, tape.lane.data
        self.entry, self.alternate = tape.entry.data, tape.alternate.data
        self.profile = tape.profile.data
        self.service_class = tape.service_class.data
        self._layout, self._stream = tape.layout.data, tape.stream.data
        self._rank = tape.rank.data
        self._rows: list[list[int]] = tape.layout_rows.tolist()
        self._blocks = list(tape.blocks)
        self._tape = tape

    def arriving(self, begin: int, end: int) -> tuple[int, int]:
        """Bounds of the people who arrive in [begin, end)."""
        first, last = np.searchsorted(self._tape.arrival, [begin, end], side="left")
        return int(first), int(last)

    def draws(self, person: Person, block: int) -> Draws:
        """The draws of a person's next visit in a block. Raises EngineError past the last one."""
        ordinal, rows = person.made[block], self._rows[self._layout[person.number]][block]
        if ordinal >= rows:
            raise EngineError(past_the_tape(person.number, ordinal + 1, block, rows))
        return self._at(person.number, block, ordinal)

    def draws_again(self, person: Person, block: int) -> Draws:
        """The draws of the visit in a block that a person has begun."""
        return self._at(person.number, block, person.made[block] - 1)

    def _at(self, number: int, block: int, ordinal: int) -> Draws:
        stream, rank = self._stream[number], self._rank[number]
        return Draws(*one_visit(self._tape.keys, stream, rank, ordinal, self._blocks[block]))

    @staticmethod
    def seconds(net: NetworkView, table: int, draw: int) -> int:
        """A duration: the table's cell that the draw points to."""
        return net.tables[table][cell(draw)]
