"""The compiled engine: the rules of the SimPy engine at national scale, the same trace integer for integer.

The loop and its arrays are in `kernel`. It stops when it lacks room, and goes on once it has some.
"""

from __future__ import annotations

from collections.abc import Callable

from cepsim.engine.kernel.build import add_slots, build_world, make_room
from cepsim.engine.kernel.loop import resume, run_seconds, settle_patience
from cepsim.engine.kernel.read import read_state, read_trace
from cepsim.engine.kernel.world import (
    GOES_ON,
    NEEDS_ROOM,
    NEEDS_SLOTS,
    PAST_THE_TAPE,
    PATIENCE,
    WORK,
    Records,
    World,
)
from cepsim.engine.refusals import (
    THE_NEXT_TRY,
    THE_WORK_IS_DONE,
    EngineError,
    calendar_ends,
    past_the_tape,
    patience_must_be_an_event,
    refuse_what_does_not_run,
)
from cepsim.network.arrays import Network
from cepsim.people.tape import Tape
from cepsim.state import State
from cepsim.trace import Trace


def run(network: Network, tape: Tape, state: State | None, begin: int, end: int) -> tuple[Trace, State]:
    """Simulate [begin, end) from a state (None: nobody is there).

    Returns the trace of settled visits, in canonical order, and the state at `end`. Raises NetworkError
    for a network that no engine runs and EngineError for a tape that does not belong to it.
    """
    refuse_what_does_not_run(network, tape, state, begin, end)
    w = build_world(network, tape, state, begin, end)
    resume(w.record)
    parts = go_through(network, w)
    settle_patience(w.record)
    if w["stop"] != GOES_ON:
        raise _error(network, w, w["stop"])
    parts.append(_written(w))
    return read_trace(network, w, parts), read_state(w)


def go_through(
    network: Network, w: World, loop: Callable[[Records], None] = run_seconds
) -> list[tuple[Records, Records]]:
    """Run to the end: the visits and exits written in several goes. `loop` is the loop, or what times it."""
    parts: list[tuple[Records, Records]] = []
    while True:
        loop(w.record)
        stop, w["stop"] = w["stop"], GOES_ON
        if stop == GOES_ON:
            break
        if stop == NEEDS_SLOTS:
            add_slots(w)
        elif stop == NEEDS_ROOM:
            parts.append(_written(w))
        else:
            raise _error(network, w, stop)
    parts.append(_written(w))
    return parts


def _written(w: World) -> tuple[Records, Records]:
    """Visits and exits written since the last time; what comes next is written elsewhere."""
    written = w.arrays["visits"][: w["visit_count"]], w.arrays["exits"][: w["exit_count"]]
    make_room(w)
    return written


def _error(network: Network, w: World, stop: int) -> EngineError:
    """What the loop found that cannot be."""
    about, other = w["about"], w["other"]
    if stop == PAST_THE_TAPE:
        person, made = w.arrays["people"][about], int(w.arrays["made"][about, other])
        rows = int(w.arrays["layout_rows"][person["layout"], other])
        return EngineError(past_the_tape(int(person["number"]), made + 1, other, rows))
    if stop == PATIENCE:
        return EngineError(patience_must_be_an_event(network.queue_name(about)))
    team = network.team_names[about]
    return EngineError(calendar_ends(team, THE_WORK_IS_DONE if stop == WORK else THE_NEXT_TRY))
