"""What no engine runs, said once: both refuse the same things with the same words."""

from __future__ import annotations

from cepsim.errors import CepsimError
from cepsim.network.arrays import Network
from cepsim.people.tape import Tape
from cepsim.state import State
from cepsim.trace import MOST_SECONDS


class EngineError(CepsimError):
    """A network and a tape that do not belong together, found while running."""


def refuse_what_does_not_run(network: Network, tape: Tape, state: State | None, begin: int, end: int) -> None:
    """Raise EngineError for what is refused before anything happens."""
    if begin > end or (state is not None and state.second != begin):
        found = f"from {begin} to {end}, the state being that of {begin if state is None else state.second}"
        raise EngineError(f"a run goes from the second of its state to a later one, not {found}")
    if state is None and len(tape.arrival) and tape.arrival[0] < begin:
        raise EngineError(f"people arrive from second {tape.arrival[0]}, before the run begins at {begin}")
    last = max(end, int(network.teams.closes.max(initial=0)))
    if begin < -MOST_SECONDS or last > MOST_SECONDS:
        raise EngineError(
            f"a run and its calendars keep within {MOST_SECONDS} seconds of launch, "
            f"not from {begin} to {last}"
        )


def past_the_tape(person: int, visit: int, block: int, rows: int) -> str:
    """Somebody begins a visit for which the tape has no draws."""
    return f"person {person} begins visit {visit} of block {block}: the tape holds {rows}"


def patience_must_be_an_event(queue: str) -> str:
    """Something follows from leaving a queue where it was settled afterwards."""
    return f"patience in {queue} must be an event"


def calendar_ends(team: str, before: str) -> str:
    """A team's calendar is shorter than what it is asked."""
    return f"the calendar of team {team} ends before {before}"


#: What a calendar may end before.
THE_WORK_IS_DONE = "the work is done"
THE_NEXT_TRY = "somebody's next date"
