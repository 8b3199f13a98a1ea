"""All that the compiled loop reads and writes: records in flat arrays, drawn here once.

    people    one record a slot: somebody who is in the network; a slot is used again by a later person
    made      (slots, blocks)  visits that the person of a slot has begun in each block
    terms     (stations, profiles)  what a station is for a profile
    stations  (stations,)  what it is for everybody
    queues    (queues,)  sub_queue_of: (queues, classes)
    subs      (sub-queues,)  each the ends of a line, linked through its people: line_before, line_after
    teams     (teams,)  its sub-queues: team_subs[first_sub:last_sub]; its advisers: first_adviser + number
    idle      (advisers,)  of each team, the numbers that are idle, as a heap; busy_until: (advisers,)
    agenda    heap of keys (second, whose): (second - begin) << key_bits | whose
              whose: a slot, then an adviser, then a sub-queue whose team looks again
    days      (days from begin,)  first slot of those who have something to do on a later day, linked
              through day_before, day_after
    joining   slots that join in this second, as keys (person, slot)
    visits    settled visits, exits: who left; both are emptied between two calls of the loop
    clock     one record: where we are

A slot on the agenda is a second at which to look at its person, nothing more: somebody who is being served
ends then if `ended` says so, somebody who waits leaves if `leaves` does, somebody between two visits joins if
`due` does. A look that comes to nothing is harmless, so none is ever taken back.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cepsim.trace import Ints

Records = NDArray[Any]

NOBODY: Final = -1
#: Status of who is to be admitted later in this second; beside those of `trace.Status`.
JOINING: Final = 3
#: Bits of a slot in a key of `joining`.
SLOT_BITS: Final = 31

_SECOND, _CODE, _DRAW = np.int64, np.int32, np.uint32


def _record(**groups: Any) -> np.dtype[np.void]:
    """A record type: each keyword is a type (`second`, `code`, `draw`) and the names of its fields."""
    kinds = {"second": _SECOND, "code": _CODE, "draw": _DRAW}
    return np.dtype([(name, kinds[kind]) for kind, names in groups.items() for name in names.split()])


#: Fields under the names of `trace.People` and of the SimPy engine's `Person`.
PERSON: Final = _record(
    second="due joined leaves called ended released",
    code="number status queue reason visit outcome adviser session rebooks retries repeats series_left "
    "was_referred profile lane service_class alternate layout stream rank "
    "line_before line_after day_before day_after day",
    draw="service back_office patience no_show route gap plan",
)
STATION: Final = _record(
    second="no_show_slot",
    code="block file_work lost_when_closed rebook_max retry_max retry_open_days series_max",
)
TERMS: Final = _record(
    second="planned_slot no_show rebook retry refer series_mean",
    code="service back_office patience series_gap rebook_gap retry_gap route_served route_lost route_no_show",
)
QUEUE: Final = _record(
    second="session_length",
    code="team room patience_is_event holds_sessions session_least session_seats first_sub last_sub present",
)
SUB: Final = _record(second="look_again", code="queue priority calendar first last")
TEAM: Final = _record(code="calendar on_duty busy rung first_sub last_sub first_adviser idle_count known")
BRANCH: Final = _record(second="threshold", code="to gap reason repeat_max")
VISIT: Final = _record(
    second="joined called ended released",
    code="person visit queue team adviser session reason outcome",
)
EXIT: Final = _record(second="second", code="person queue exit")
#: Where the run is. Counts of what is filled of each array; what stopped the loop (`stop`, with details).
CLOCK: Final = _record(
    second="begin end now",
    code="key_bits today agenda_count joining_count rung_count free_count visit_count exit_count "
    "next_arrival last_arrival next_change next_session started stop about other",
)

#: Why the loop stopped before the end of the run.
GOES_ON, NEEDS_SLOTS, NEEDS_ROOM, PAST_THE_TAPE, PATIENCE, WORK, TRY = range(7)


class World(NamedTuple):
    """The arrays together; the drawing is at the top of the file."""

    clock: Records
    # people, and what is to come
    people: Records
    made: NDArray[np.int32]
    free: NDArray[np.int32]
    agenda: Ints
    days: NDArray[np.int32]
    joining: Ints
    # the network
    tables: NDArray[np.int32]
    stations: Records
    terms: Records
    branches: Records
    branch_start: Ints
    choice_start: Ints
    choice_station: Ints
    queues: Records
    sub_queue_of: Ints
    queue_subs: Ints
    subs: Records
    teams: Records
    team_subs: Ints
    rung: Ints
    idle: NDArray[np.int32]
    busy_until: Ints
    adviser_team: Ints
    # calendars: openings end to end, and the position of the current or next one
    calendar_start: Ints
    opens: Ints
    closes: Ints
    opening: Ints
    # what is known beforehand, by second: changes of duty (or -1: people become available), sessions
    change_second: Ints
    change_team: Ints
    change_advisers: Ints
    session_second: Ints
    session_queue: Ints
    session_rank: Ints
    session_taken: Ints
    session_held: Ints
    # the tape
    arrival: Ints
    lane: Ints
    entry: Ints
    alternate: Ints
    profile: Ints
    service_class: Ints
    layout: Ints
    stream: Ints
    rank: Ints
    layout_rows: Ints
    keys: NDArray[np.uint64]
    blocks: NDArray[np.uint64]
    # what is written
    visits: Records
    exits: Records
