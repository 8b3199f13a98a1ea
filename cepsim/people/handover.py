"""Handing a state from one run to another: the same people under another tape."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cepsim.network.arrays import Network
from cepsim.people.crowd import Crowd
from cepsim.people.tape import Tape
from cepsim.trace import Ints, State

_IDENTITY = ("region", "public", "source", "channel", "slab", "rank")


def hand_over(state: State, before: Crowd, after: Crowd, tape: Tape, network: Network) -> State:
    """A state reached with the people `before`, for a run with the people `after` and their tape.

    People are matched by who they are; every one of them must be in `after`. Rows of draws follow the
    new tape. Raises ValueError where somebody is missing or would need draws that the tape lacks.
    """
    persons = _matched(state.people.person, before, after, np.flatnonzero(tape.arrival < state.second))
    numbers = np.full(int(state.people.person.max(initial=-1)) + 1, -1, dtype=np.int64)
    numbers[state.people.person] = persons
    moved = state.renumbered(numbers)
    people = moved.people
    block = network.stations.block[people.queue % network.station_count]
    begun = people.visit >= 0
    ordinal = moved.visits_made[np.arange(len(people)), block] - 1
    layout = tape.layout[people.person]
    if (moved.visits_made > tape.layout_rows[layout]).any():
        raise ValueError("somebody has made more visits than his new tape has rows for")
    row = tape.first_row[people.person] + tape.layout_offset[layout, block] + ordinal
    return replace(moved, people=replace(people, row=np.where(begun & (ordinal >= 0), row, people.row)))


def _matched(persons: Ints, before: Crowd, after: Crowd, pool: Ints) -> Ints:
    """Numbers in `after` of these people of `before`, looked for among `pool`."""

    def identities(crowd: Crowd, rows: Ints) -> list[tuple[int, ...]]:
        return list(zip(*(getattr(crowd, name)[rows].tolist() for name in _IDENTITY), strict=True))

    known = dict(zip(identities(after, pool), pool.tolist(), strict=True))
    found = [known.get(identity, -1) for identity in identities(before, persons)]
    if -1 in found:
        raise ValueError(
            f"person {int(persons[found.index(-1)])} of the warm-up is not in the scenario's tape"
        )
    return np.array(found, dtype=np.int64)
