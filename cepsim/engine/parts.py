"""The things that stand on the floor: signals at a step of a second, sub-queues, teams of advisers."""

from __future__ import annotations

import heapq
from collections import deque

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
