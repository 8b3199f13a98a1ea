"""The engines against known queues: exactly where nothing is drawn, within three standard errors elsewhere.

The compiled engine, which runs unless another is asked for, is held to every case. The readable one writes
the same trace of the first people of each, and is held to every case too by `pytest -m slow tests/theory`.

Seeds are fixed, so that a run of the tests gives the same figures everywhere. A standard error that is too
wide to tell a wrong engine from a right one is a failure too.
"""

from functools import partial

import pytest
from theory import formulas
from theory.case import Case, Measure
from theory.cases import DETERMINISTIC, STOCHASTIC
from theory.families import RUNS
from theory.observing import mean_present, mean_time_in_queue
from theory.systems import exponential, poisson, queue

from cepsim.engine import ENGINES, compiled_engine, simpy_engine
from cepsim.network import Station

CASES = [pytest.param(c, id=c.name, marks=[pytest.mark.slow] * c.slow) for c in STOCHASTIC]
#: How many people both engines are run with, in each case.
FIRST = 5000


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in DETERMINISTIC])
def test_a_system_without_chance_is_as_worked_out_by_hand(case, engine):
    assert case.misses(on=engine) == []


@pytest.mark.parametrize("case", CASES)
def test_the_compiled_engine_gives_the_exact_value_within_three_standard_errors(case):
    assert case.misses() == []


@pytest.mark.parametrize("case", CASES)
def test_the_readable_engine_writes_the_same_trace_of_the_first_people_of_each_case(case):
    run = case.run(0)
    coming = run.tape.arrival[run.tape.arrival > 0]
    stop = int(coming[FIRST]) if len(coming) > FIRST else run.stop
    compiled, reached = compiled_engine.run(run.network, run.tape, run.state, 0, stop)
    readable, there = simpy_engine.run(run.network, run.tape, run.state, 0, stop)
    assert readable.equals(compiled)
    assert there.equals(reached)
    assert len(compiled.visits) > 0


@pytest.mark.slow
@pytest.mark.parametrize("case", [pytest.param(c, id=c.name) for c in STOCHASTIC])
def test_the_readable_engine_gives_the_exact_value_within_three_standard_errors(case):
    assert case.misses(on="simpy") == []


@pytest.mark.slow
@pytest.mark.parametrize("case", [pytest.param(c, id=c.name) for c in STOCHASTIC if not c.slow])
def test_it_still_does_with_ten_times_the_replications(case):
    assert case.misses(10 * case.runs) == []


def room_for(places: int) -> Case:
    """M/M/2 with some places, held against the formula for three."""
    build = partial(
        queue,
        station=Station("queue", 0, exponential(0.25)),
        streams=[poisson(3.0)],
        servers=2,
        room=places,
        warm_up=20,
        length=400,
        copies=RUNS,
    )
    return Case("room", build, 1, (Measure("N", mean_present, lambda: formulas.mmck(3.0, 4.0, 2, 3)[0]),))


def test_one_place_more_than_the_formula_has_is_found_out():
    assert room_for(3).misses() == []
    assert any("standard errors away" in miss for miss in room_for(4).misses())


def test_too_few_replications_are_found_out():
    build = partial(
        queue,
        station=Station("queue", 0, exponential(1.0)),
        streams=[poisson(0.8)],
        servers=1,
        warm_up=10,
        length=50,
    )
    short = Case("short", build, 3, (Measure("Wq", mean_time_in_queue, lambda: 4.0),))
    assert any("too wide to tell" in miss for miss in short.misses())
