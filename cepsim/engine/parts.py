"""The things that stand on the floor: signals at a step of a second, sub-queues, teams of advisers."""

from __future__ import annotations

import heapq
from collections import Counter, deque

import simpy

from cepsim.engine.records import Person
from cepsim.engine.rules import Step


class Signal(simpy.Event):
    """An event that happens at a given step of a second."""

    def fire(self, second: int, step: Step) -> Signal:
        """Happen then."""
        self._ok = True
        self._value = None
        self.env.schedule(self, priority=step, delay=second - self.env.now)  # type: ignore[arg-type]
        return self


class Line:
    """People who wait one behind the other, in order of (joined, person)."""

    __slots__ = ("calendar", "people", "priority", "queue")

    def __init__(self, queue: int, priority: int, calendar: int) -> None:
        self.queue, self.priority, self.calendar = queue, priority, calendar
        # one entry a visit: an entry whose visit is over is dropped when it reaches the head
        self.people: deque[tuple[Person, int]] = deque()

    def join(self, person: Person) -> None:
        """Stand at its end."""
        self.people.append((person, person.visit))
        person.line = self


class SubQueue(Line):
    """People of one service class waiting in one queue: for the team, or for the adviser who follows them.

    `own` are the lines of those who wait for one adviser, `freed` that of those who have waited too long for
    him and whom anybody may call.
    """

    __slots__ = ("freed", "own")

    def __init__(self, queue: int, priority: int, calendar: int) -> None:
        super().__init__(queue, priority, calendar)
        self.own: dict[int, Line] = {}
        self.freed = Line(queue, priority, calendar)

    def line_of(self, adviser: int) -> Line:
        """The line of those who wait for an adviser."""
        return self.own.setdefault(adviser, Line(self.queue, self.priority, self.calendar))

    def lines(self, adviser: int) -> list[Line]:
        """The lines from which an adviser may call; where nobody is followed (-1), there is but one."""
        if adviser < 0:
            return [self]
        return [self, self.freed, self.own[adviser]] if adviser in self.own else [self, self.freed]

    def every_line(self) -> list[Line]:
        """All of them."""
        return [self, self.freed, *self.own.values()]


class Team:
    """A pool of advisers, numbered from 0; the lowest idle number is taken.

    Where people are followed (`follows`), the idle adviser who follows the fewest is: `followed` counts them.
    """

    __slots__ = (
        "bell",
        "busy",
        "calendar",
        "followed",
        "follows",
        "idle",
        "known",
        "number",
        "on_duty",
        "rung",
        "sub_queues",
    )

    def __init__(self, number: int, calendar: int, bell: Signal) -> None:
        self.number, self.calendar, self.bell = number, calendar, bell
        self.on_duty = self.busy = self.known = 0
        self.idle: list[int] = []
        self.sub_queues: list[SubQueue] = []
        self.followed: Counter[int] = Counter()
        self.follows = self.rung = False

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
