"""The compiled loop run by Python itself, every place in memory checked: `python interpreted.py EXAMPLES`.

Compiled code reads and writes by address: a place outside an array goes unseen until something else breaks.
Here each address is one of an array of the run, each position inside it, or an IndexError says which.
With `little` after the number the arrays begin too small and must grow; with `unguarded` nothing makes them.
"""

import sys
from types import SimpleNamespace

import numpy as np

import cepsim.compiled as compiled

WIDE = 1 << 64
#: Arrays that begin with whatever memory holds, and bytes that nothing may be read from.
UNWRITTEN = ("rung", "joining", "order", "visits", "exits")
RUBBISH = 0x5A


class Memory:
    """The arrays of a run by address and by size of an item."""

    def __init__(self):
        self.world, self.arrays = None, {}

    def hold(self, world):
        self.world = world
        self.arrays = {}
        for name, array in world.arrays.items():
            place = array.ctypes.data, array.itemsize
            if place not in self.arrays or self.arrays[place][1].size < array.size:
                self.arrays[place] = name, array.reshape(-1)

    def at(self, address, size, position):
        """The array that begins there, which has this position."""
        if (address, size) not in self.arrays:
            self.hold(self.world)
        name, array = self.arrays.get((address, size), ("no array", np.empty(0)))
        if not 0 <= position < array.size:
            raise IndexError(f"{name}: found position {position}, expected less than {array.size}")
        return array


class Record:
    """A record of an array: its fields are attributes, read as whole numbers and written in place."""

    __slots__ = ("array", "position")

    def __init__(self, array, position):
        object.__setattr__(self, "array", array)
        object.__setattr__(self, "position", position)

    def __getattr__(self, name):
        return int(self.array[name][self.position])

    def __setattr__(self, name, value):
        self.array[name][self.position] = value


def checked(memory):
    """What the loop uses of `cepsim.compiled`, in Python."""

    def records_at(kind):
        return lambda address, position: Record(memory.at(address, kind.itemsize, position), position)

    def read(size):
        return lambda address, position: int(memory.at(address, size, position)[position])

    def write(size):
        def put(address, position, value):
            wrapped = (int(value) + WIDE // 2) % WIDE - WIDE // 2
            memory.at(address, size, position)[position] = wrapped

        return put

    def ints(address, count):
        return memory.at(address, 8, count - 1)[:count] if count else np.empty(0, dtype=np.int64)

    return SimpleNamespace(
        compiled=lambda function: function,
        inlined=lambda function: function,
        records_at=records_at,
        int_at=read(8),
        short_at=read(4),
        put_int=write(8),
        put_short=write(4),
        ints=ints,
        signed=int,
        low_bit=lambda word: (word & -word).bit_length() - 1,
        high_half=lambda left, right: np.uint64(int(left) * int(right) >> 64),
    )


def install(memory):
    """Have the engine, not imported yet, run by Python in this process; the engine."""
    assert "cepsim.engine.kernel.world" not in sys.modules, "too late: the loop is compiled already"
    vars(compiled).update(vars(checked(memory)))
    from cepsim.engine import compiled_engine
    from cepsim.engine.kernel import agenda, loop

    def build(*given):
        world = build_world(*given)
        spoil(world, UNWRITTEN)
        return world

    def spoil(world, names):
        for name in names:
            world.arrays[name].view(np.uint8).fill(RUBBISH)
        memory.hold(world)

    def spoiled(grow, names):
        def more(world):
            grow(world)
            spoil(world, names)

        return more

    def written(world):
        return tuple(records.view(np.recarray) for records in of(world))

    def next_look(world):
        # as in the loop, without reading each of a day's words in Python
        begin = world.begin + world.today * agenda.SECONDS_PER_DAY
        first = max(world.now - begin, 0)
        marks = memory.world.arrays["marks"]
        word = first // 64
        bits = int(marks[word]) & -1 << first % 64
        if bits == 0:
            later = np.flatnonzero(marks[word + 1 :])
            if len(later) == 0:
                return world.end
            word += 1 + int(later[0])
            bits = int(marks[word])
        return begin + word * 64 + compiled.low_bit(bits)

    build_world, of = compiled_engine.build_world, compiled_engine._written
    add_slots, make_room = compiled_engine.add_slots, compiled_engine.make_room
    compiled_engine.add_slots = spoiled(add_slots, ("joining",))
    compiled_engine.make_room = spoiled(make_room, ("visits", "exits"))
    compiled_engine.build_world, compiled_engine._written = build, written
    agenda._next_look = next_look
    for name in ("resume", "run_seconds", "settle_patience"):
        step = getattr(loop, name)
        setattr(compiled_engine, name, lambda records, step=step: step([Record(records, 0)]))
    compiled_engine.go_through.__defaults__ = (compiled_engine.run_seconds,)
    return compiled_engine


def main(examples, *how):
    engine = install(Memory())
    from engines.generated import HORIZON, cases
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st

    from cepsim.engine import simpy_engine
    from cepsim.engine.kernel import build, loop

    if how:
        build.SLOTS, build.ROOM = 1, 4
    if "unguarded" in how:
        loop.has_room = lambda *_: True

    @settings(
        max_examples=int(examples),
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases(), st.booleans())
    def run(case, patience_as_events):
        people, state = case.people()
        network = case.network(patience_as_events)
        trace, after = engine.run(network, people, state, 0, HORIZON)
        expected, last = simpy_engine.run(network, people, state, 0, HORIZON)
        assert trace.equals(expected)
        assert after.equals(last)

    with np.errstate(over="ignore"):
        run()


if __name__ == "__main__":
    main(*sys.argv[1:])
