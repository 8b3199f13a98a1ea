"""The posts of a team over time: its own until its operator stops, and those that it is handed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from cepsim.people.demand import Floats
from cepsim.people.posts import PostBook, Posts
from cepsim.scenario.events import includes


@dataclass(frozen=True, slots=True, eq=False)
class Spell:
    """Posts that a team has from a day on and before another, in positions of the book's days; None: always.

    They are those of an operator as if it never stopped: who is hired, and who still learns, stays so when
    the post changes hands.
    """

    posts: Posts
    begin: int | None
    end: int | None

    def within(self, values: Floats) -> Floats:
        """These values, and 0 on the days when the team does not have the posts."""
        if self.begin is None and self.end is None:
            return values
        found = np.zeros_like(values)
        found[self.begin : self.end] = values[self.begin : self.end]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Spells:
    """All the posts of a team, by spell: `own` until its operator stops, then those it is handed."""

    book: PostBook
    own: tuple[Spell, ...]
    handed: tuple[Spell, ...] = ()

    @property
    def posts(self) -> Posts:
        """The posts paid day by day."""
        columns = [
            sum((spell.within(getattr(spell.posts, name)) for spell in self._every), self.book.nothing())
            for name in ("existing", "redeployed", "new")
        ]
        return Posts(*columns)

    @property
    def productive(self) -> Floats:
        """Their worth of work each day."""
        each = (spell.within(self.book.productive(spell.posts)) for spell in self._every)
        return sum(each, self.book.nothing())

    @property
    def arrivals(self) -> Floats:
        """People who arrive on new posts each day; who comes with a post that changes hands does not."""
        each = (spell.within(self.book.arrivals(spell.posts)) for spell in self._every)
        return sum(each, self.book.nothing())

    @property
    def undisturbed(self) -> Floats:
        """The worth of work of its own posts, as if no operator stopped."""
        return sum((self.book.productive(spell.posts) for spell in self.own), self.book.nothing())

    @property
    def _every(self) -> tuple[Spell, ...]:
        return (*self.own, *self.handed)


def spells(
    book: PostBook, operator: str, role: str, channel: str, codes: Sequence[str], share: float = 1.0
) -> Spells:
    """The posts of a team of these regions; `channel` is that of a first line, "" where it has one team.

    `share` is the part of the operator's posts that the team has.
    """

    def posts(of: str, where: Sequence[str], by: str) -> Posts:
        found = book.advisers(of, where) if role == "advisers" else book.first_line(of, where, by)
        return found if share == 1.0 else found.times(share)

    closures, staying = book.scenario.staff.closures, list(codes)
    own = []
    for closure in closures:
        here = [code for code in staying if includes(closure.regions, code)]
        if closure.operator == operator and here:
            own.append(Spell(posts(operator, here, channel), None, book.position(closure.from_date)))
            staying = [code for code in staying if code not in here]
    if staying:
        own.insert(0, Spell(posts(operator, staying, channel), None, None))
    handed = []
    for closure in closures:
        here = [code for code in codes if includes(closure.regions, code)]
        if closure.heir == operator and closure.posts == "heir" and here:
            begin = book.position(closure.from_date)
            for given, part in _given(book, role, channel, operator, closure.operator):
                of = posts(closure.operator, here, given)
                handed.append(Spell(of.times(part), begin, None))
    return Spells(book, tuple(own), tuple(handed))


def _given(book: PostBook, role: str, channel: str, heir: str, operator: str) -> Iterator[tuple[str, float]]:
    """Which of an operator's teams a team of its heir is given, and which part of their posts."""
    if role == "advisers":
        yield "", 1.0
        return
    part = book.part_of_channel(heir, channel)
    for given in book.channels(operator):
        yield given, part
