"""The least-cost vector that an oracle accepts: whole numbers, and nothing of what they mean.

A vector holds a number of steps by coordinate. The oracle says which coordinates are short: those answerable
for something that is not met; none, and the vector is enough. More of a coordinate is taken to help its own
claims; what it does to others' (it may load them) is seen by the oracle alone.

    bisection   every coordinate at once, each on what it answers for
    raising     until the whole is enough, or nothing can be raised any more
    descent     a coordinate of each group at once, on what its group answers for; raising again
    proof       one coordinate at a time, until one step less of any of them is not enough

What is found is enough, and each of its neighbours one step below was tried and is not: the least cost
*found*. It is the least of all only where every cheaper vector was tried (`cheaper`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

Vector = tuple[int, ...]
#: The coordinates that are short of a vector; none where it is enough.
Oracle = Callable[[Vector], frozenset[int]]

#: Rounds of joint bisection: a coordinate moved by others for longer than that is left to what follows.
_ROUNDS: Final = 24


@dataclass(frozen=True, slots=True)
class Box:
    """Where a vector may be: `low` <= vector <= `high`, and what a step of each coordinate costs."""

    low: Vector
    high: Vector
    cost: tuple[float, ...]

    def clipped(self, vector: Sequence[int]) -> Vector:
        """The nearest vector of the box."""
        bounds = zip(vector, self.low, self.high, strict=True)
        return tuple(min(max(value, least), most) for value, least, most in bounds)

    def price(self, vector: Vector) -> float:
        """What a vector costs."""
        return sum(price * value for price, value in zip(self.cost, vector, strict=True))


@dataclass(frozen=True, slots=True)
class Found:
    """What the search ends on.

    `short` are the coordinates that are short even so: some claim of theirs is not met anywhere that was
    tried, up to the top of the box, where they stay; none where `vector` is enough. `neighbours` are those
    short where there is one step less of a coordinate, by coordinate; one at its lowest has none.
    """

    vector: Vector
    short: frozenset[int]
    neighbours: Mapping[int, frozenset[int]]


def least(
    oracle: Oracle,
    start: Vector,
    box: Box,
    answerable: frozenset[int],
    *,
    groups: Sequence[int] = (),
    quick: Oracle | None = None,
) -> Found:
    """The least-cost vector found from `start` that is enough; `answerable` are the coordinates with claims.

    The others stay where they start until the descent, which lowers them as long as everything holds.
    `groups` says which coordinates bear on each other most, by a number each (none given: each is alone); it
    decides how fast the search is, never whether what it ends on is right. So does `quick`, an oracle that
    costs less and says nearly the same, which begins.
    """
    vector = _joint(quick or oracle, box.clipped(start), box, answerable)
    vector, short = _raised(oracle, vector, box)
    if not short:
        vector = _descended(oracle, vector, box, groups or range(len(vector)))
        vector, short = _raised(oracle, vector, box)
    if short:
        # nothing meets their claims: the others are given what theirs take, these being as many as may be
        low = tuple(high if n in short else low for n, (low, high) in enumerate(_bounds(box)))
        rest = least(
            lambda tried: oracle(tried) - short,
            start,
            Box(low, box.high, box.cost),
            answerable - short,
            groups=groups,
        )
        return Found(rest.vector, short | rest.short, rest.neighbours)
    vector = _lowered(oracle, vector, box)
    neighbours = {n: oracle(_moved(vector, n, -1)) for n in range(len(vector)) if vector[n] > box.low[n]}
    return Found(vector, frozenset(), neighbours)


def _bounds(box: Box) -> Iterator[tuple[int, int]]:
    """The least and the most of each coordinate."""
    return zip(box.low, box.high, strict=True)


def cheaper(box: Box, than: Vector) -> Iterator[Vector]:
    """Every vector of the box that costs less than this one, the cheapest first."""
    limit = box.price(than)
    every = product(*(range(low, high + 1) for low, high in zip(box.low, box.high, strict=True)))
    yield from sorted((one for one in every if box.price(one) < limit - 1e-9), key=box.price)


def size_of(box: Box) -> int:
    """How many vectors a box holds."""
    count = 1
    for low, high in zip(box.low, box.high, strict=True):
        count *= high - low + 1
    return count


@dataclass(slots=True)
class _Bracket:
    """Where a coordinate stands: the most that was short and the least that was fine, None until known."""

    at: int
    low: int
    high: int
    step: int
    short: int | None = None
    fine: int | None = None

    @property
    def settled(self) -> bool:
        """Whether there is nothing between what is short and what is fine."""
        if self.fine is not None:
            return self.fine == (self.low if self.short is None else self.short + 1)
        return self.short == self.high

    def learn(self, is_short: bool) -> None:
        """What the oracle said of where it stands; the others have moved, so older words may be wrong."""
        if is_short:
            self.short = self.at
            self.fine = None if self.fine is not None and self.fine <= self.at else self.fine
        else:
            self.fine = self.at
            self.short = None if self.short is not None and self.short >= self.at else self.short

    def move(self) -> None:
        """Go half way, or further out where one side is not known yet."""
        if self.settled:
            self.at = self.high if self.fine is None else self.fine
        elif self.short is not None and self.fine is not None:
            self.at = (self.short + self.fine) // 2
        else:
            self.at += self.step if self.fine is None else -self.step
            self.at = min(max(self.at, self.low), self.high)
            self.step *= 2


def _joint(oracle: Oracle, start: Vector, box: Box, answerable: frozenset[int]) -> Vector:
    """Each answerable coordinate bisected on its own claims, all of them at once."""
    brackets = [
        _Bracket(at, low, high, max(1, (at - low) // 8))
        for at, low, high in zip(start, box.low, box.high, strict=True)
    ]
    for _ in range(_ROUNDS):
        short = oracle(tuple(bracket.at for bracket in brackets))
        for number in answerable:
            brackets[number].learn(number in short)
            brackets[number].move()
        if all(brackets[number].settled for number in answerable):
            break
    return tuple(bracket.at for bracket in brackets)


def _raised(oracle: Oracle, vector: Vector, box: Box) -> tuple[Vector, frozenset[int]]:
    """Raise what is short, faster and faster, then everything, until it is enough or there is no more."""
    steps = [1] * len(vector)
    while short := oracle(vector):
        moved = list(vector)
        for number in short if any(vector[n] < box.high[n] for n in short) else range(len(vector)):
            moved[number] = min(vector[number] + steps[number], box.high[number])
            steps[number] *= 2
        if tuple(moved) == vector:
            return vector, short
        vector = tuple(moved)
    return vector, frozenset()


def _descended(oracle: Oracle, vector: Vector, box: Box, groups: Sequence[int]) -> Vector:
    """From what is enough, lower a coordinate of each group at once as long as its group is not short."""
    members: dict[int, list[_Bracket]] = {}
    brackets = [
        _Bracket(at, low, at, 1, fine=at, short=None) for at, low in zip(vector, box.low, strict=True)
    ]
    for number in sorted(range(len(vector)), key=lambda number: (-box.cost[number], number)):
        members.setdefault(groups[number], []).append(brackets[number])
    for _ in range(_ROUNDS):
        moving = {}
        for group, ones in members.items():
            bracket = next((one for one in ones if not one.settled), None)
            if bracket is not None:
                bracket.move()
                moving[group] = bracket
        if not moving:
            break
        short = {groups[number] for number in oracle(tuple(bracket.at for bracket in brackets))}
        for group, bracket in moving.items():
            bracket.learn(group in short)
            bracket.at = bracket.high if bracket.fine is None else bracket.fine
    return tuple(bracket.high if bracket.fine is None else bracket.fine for bracket in brackets)


def _lowered(oracle: Oracle, vector: Vector, box: Box) -> Vector:
    """Lower one coordinate after the other, the dearest first, until no step less is enough."""
    order = sorted(range(len(vector)), key=lambda number: (-box.cost[number], number))
    while True:
        before = vector
        for number in order:
            vector = _lowest(oracle, vector, number, box.low[number])
        if vector == before:
            return vector


def _lowest(oracle: Oracle, vector: Vector, number: int, low: int) -> Vector:
    """The least of one coordinate that is enough, others as they are: down by 1, 2, 4... then bisection."""
    fine, step = vector[number], 1
    short = low - 1
    while fine > low:
        tried = max(fine - step, low)
        if oracle(_at(vector, number, tried)):
            short = tried
            break
        fine, step = tried, 2 * step
    while fine - short > 1:
        middle = (fine + short) // 2
        if oracle(_at(vector, number, middle)):
            short = middle
        else:
            fine = middle
    return _at(vector, number, fine)


def _at(vector: Vector, number: int, value: int) -> Vector:
    return (*vector[:number], value, *vector[number + 1 :])


def _moved(vector: Vector, number: int, by: int) -> Vector:
    return _at(vector, number, vector[number] + by)
