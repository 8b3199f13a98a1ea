"""All that the compiled loop reads and writes: records in flat arrays, drawn here once.

    people    one record a slot: somebody who is in the network; a slot is used again by a later person
    made      (slots, blocks)  visits that the person of a slot has begun in each block
    free      slots without a person, the last one first
    terms     what stations are for profiles, each once; terms_of: (stations, profiles)
    stations  (stations,)  what it is for everybody
    branches  (branches,)  lists end to end: branch_start; branch_threshold, branch_repeat_max apart
    queues    (queues,)  its sub-queues: queue_subs[first_sub:last_sub]; sub_queue_of: (queues, classes)
    subs      (lines,)  each the ends of a line, linked through its people: line_before, line_after; those of
              the sub-queues first. Where people are followed, `freed` is the line of those who wait no longer
              for their own adviser, and `own` that of those who wait for adviser 0, then 1... of the team
    teams     (teams,)  its sub-queues: team_subs[first_sub:last_sub]; its advisers: first_adviser + number
    followed  (advisers,)  how many people each follows; order: advisers who are to look at their queues
    idle      (words,)  of each team, from first_word on, a bit an adviser who is idle again
    busy_until  (advisers,)  when each is released
    opens     (openings,)  and closes: calendars end to end: calendar_start; opening: the next of each
    change_*  what is known beforehand, by second: duty of a team, or -1 where people become available;
              team NOBODY where queues publish their delays, and one less a queue where that queue closes
    session_* the same for sessions
    looks     when to look at whom: an adviser, then a sub-queue whose team looks again, then a slot
    buckets   (seconds of today, then days from begin)  the first of the looks of each, linked; marks: a bit
              a second of today that has any
    joining   slots that join in this second, as keys (person, slot)
    rung      teams that look at their queues at the last step of this second
    visits    settled visits, exits: who left; both are emptied between two calls of the loop

A person is looked at in the second in which something happens to him: somebody who is being served ends,
somebody who waits leaves where that has a consequence, somebody between two visits joins. There is one such
second at a time, and a later one takes its place.

The loop is handed one record, WORLD: where the run is, how much of each array is filled, and where in memory
each array begins. `World` keeps the arrays themselves.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cepsim.compiled import inlined, records_at

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


#: Fields under the names of `state.People` and of the SimPy engine's `Person`.
PERSON: Final = _record(
    second="due joined leaves called ended released",
    code="number status queue reason visit outcome adviser session rebooks retries repeats series_left "
    "was_referred referent referent_team line profile lane service_class alternate layout stream rank "
    "line_before line_after station terms",
    draw="service back_office patience no_show route gap plan",  # the first three as seconds
)
STATION: Final = _record(
    second="no_show_slot referent_wait",
    code="block file_work lost_when_closed rebook_max retry_max retry_open_days series_max",
)
TERMS: Final = _record(
    second="planned_slot file_cost no_show rebook retry refer series_mean",
    code="service back_office patience series_gap rebook_gap retry_gap route_served route_lost route_no_show",
)
QUEUE: Final = _record(
    second="session_length published waited called unspent closes_at",
    code="team room patience_is_event publishes holds_sessions elsewhere session_least session_seats "
    "carries_budget heir "
    "first_sub last_sub present station",
)
SUB: Final = _record(code="queue team priority calendar first last freed own")
TEAM: Final = _record(
    code="calendar on_duty busy rung follows waiting first_sub last_sub first_adviser first_word low_word "
    "idle_count known",
)
LOOK: Final = _record(second="second", code="bucket before after")
BRANCH: Final = _record(code="to gap reason")
#: As the trace keeps them: no second that is written lies beyond the run, nor beyond a calendar.
VISIT: Final = _record(
    code="joined called ended released person visit queue team adviser session reason outcome"
)
EXIT: Final = _record(code="second person queue exit")
#: Arrays whose places the world's record holds; those of the tape under the names of `Tape`.
ARRAYS: Final = (
    *("people", "made", "free", "looks", "buckets", "marks", "joining", "rung", "visits", "exits"),
    *(
        "tables",
        "stations",
        "terms",
        "terms_of",
        "branches",
        "branch_start",
        "branch_threshold",
        "branch_repeat_max",
    ),
    *("choice_start", "choice_station", "choice_rule", "choice_home", "choice_threshold"),
    *("queues", "sub_queue_of", "queue_subs", "subs", "teams", "team_subs"),
    *("idle", "busy_until", "adviser_team", "followed", "order"),
    *("calendar_start", "opens", "closes", "opening"),
    *("change_second", "change_team", "change_advisers"),
    *("session_second", "session_queue", "session_rank", "session_budget"),
    *("session_taken", "session_held"),
    *("arrival", "lane", "entry", "alternate", "profile", "service_class", "layout", "stream", "rank"),
    *("layout_rows", "keys", "blocks"),
)
WORLD: Final = _record(
    second="begin end now today started stop about other "
    "joining_count rung_count free_count visit_count exit_count "
    "next_arrival last_arrival next_change next_session "
    "slot_count first_slot adviser_count team_count station_count profile_count class_count block_count "
    "queue_count day_count change_count session_count visit_room " + " ".join(ARRAYS),
)

#: Why the loop stopped before the end of the run.
GOES_ON, NEEDS_SLOTS, NEEDS_ROOM, PAST_THE_TAPE, PATIENCE, WORK, TRY = range(7)


class World:
    """The arrays by name, and the record that the loop is handed."""

    def __init__(self, arrays: dict[str, NDArray[Any]], **counts: int) -> None:
        self.record: Records = np.zeros(1, dtype=WORLD)
        self.arrays: dict[str, NDArray[Any]] = {}
        self.put(**arrays)
        for name, count in counts.items():
            self[name] = count

    def __getitem__(self, name: str) -> int:
        """A number of the record."""
        return int(self.record[name][0])

    def __setitem__(self, name: str, value: int) -> None:
        self.record[name] = value

    def put(self, **arrays: NDArray[Any]) -> None:
        """Hold these arrays, and note where they are. Raises ValueError for one that is not in one piece."""
        for name, array in arrays.items():
            if name not in ARRAYS or not array.flags.c_contiguous:
                raise ValueError(f"{name}: not an array of the world in one piece")
            self.arrays[name] = array
            self.record[name] = array.ctypes.data


_person, _station, _terms, _branch = map(records_at, (PERSON, STATION, TERMS, BRANCH))
_queue, _sub, _team, _look = map(records_at, (QUEUE, SUB, TEAM, LOOK))
_visit, _exit = map(records_at, (VISIT, EXIT))


@inlined
def person_at(w: Any, slot: int) -> Any:
    """The person of a slot."""
    return _person(w.people, slot)


@inlined
def station_at(w: Any, station: int) -> Any:
    """A station."""
    return _station(w.stations, station)


@inlined
def terms_at(w: Any, slot: int) -> Any:
    """What the station of somebody's visit is for his profile."""
    return _terms(w.terms, person_at(w, slot).terms)


@inlined
def look_at_item(w: Any, whose: int) -> Any:
    """When to look at somebody or something."""
    return _look(w.looks, whose)


@inlined
def branch_at(w: Any, branch: int) -> Any:
    """A branch."""
    return _branch(w.branches, branch)


@inlined
def queue_at(w: Any, queue: int) -> Any:
    """A queue."""
    return _queue(w.queues, queue)


@inlined
def sub_at(w: Any, sub: int) -> Any:
    """A sub-queue."""
    return _sub(w.subs, sub)


@inlined
def team_at(w: Any, team: int) -> Any:
    """A team."""
    return _team(w.teams, team)


@inlined
def visit_at(w: Any, row: int) -> Any:
    """A row of the visits written."""
    return _visit(w.visits, row)


@inlined
def exit_at(w: Any, row: int) -> Any:
    """A row of the exits written."""
    return _exit(w.exits, row)
