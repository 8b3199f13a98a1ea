"""Handing a state from one run to another: the same people under another tape."""

from __future__ import annotations

import numpy as np

from cepsim.people.crowd import Crowd
from cepsim.people.tape import Tape
from cepsim.trace import Ints, State

_IDENTITY = ("region", "public", "source", "channel", "slab", "rank")


def hand_over(state: State, who: Crowd, after: Crowd, tape: Tape) -> State:
    """A state reached in another run, for a run with the people `after` and their tape.

    `who` says who the people of the state are, in their order. They are matched by identity; every one of
    them must be in `after`. Raises ValueError where somebody is missing
    or would need draws that the tape lacks.
    """
    persons = _matched(who, after, np.flatnonzero(tape.arrival < state.second))
    numbers = np.full(int(state.people.person.max(initial=-1)) + 1, -1, dtype=np.int64)
    numbers[state.people.person] = persons
    moved = state.renumbered(numbers)
    if (moved.visits_made > tape.layout_rows[tape.layout[moved.people.person]]).any():
        raise ValueError("somebody has made more visits than his new tape has draws for")
    return moved


def _matched(who: Crowd, after: Crowd, pool: Ints) -> Ints:
    """Numbers in `after` of the people of `who`, looked for among `pool`."""

    def identities(crowd: Crowd) -> list[tuple[int, ...]]:
        return list(zip(*(getattr(crowd, name).tolist() for name in _IDENTITY), strict=True))

    known = dict(zip(identities(after.take(pool)), pool.tolist(), strict=True))
    found = [known.get(identity, -1) for identity in identities(who)]
    if -1 in found:
        raise ValueError(f"person {found.index(-1)} of the state is not in the scenario's tape")
    return np.array(found, dtype=np.int64)
