"""Engines: (network, tape, state, from, to) -> (trace, state). They know nothing of France."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from cepsim.network.arrays import Network
from cepsim.people.tape import Tape
from cepsim.state import State
from cepsim.trace import Trace

Run = Callable[[Network, Tape, State | None, int, int], tuple[Trace, State]]
EngineName = Literal["compiled", "simpy"]

#: The first one is what is run unless another is asked for; both give the same integers.
ENGINES: Final[tuple[EngineName, ...]] = ("compiled", "simpy")


def engine(name: EngineName) -> Run:
    """The function that runs a network on the engine of this name."""
    if name == "simpy":
        from cepsim.engine import simpy_engine

        return simpy_engine.run
    from cepsim.engine import compiled_engine

    return compiled_engine.run
