"""The engine against known queues: exactly where nothing is drawn, within three standard errors elsewhere.

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

from cepsim.network import Station

CASES = [pytest.param(c, id=c.name, marks=[pytest.mark.slow] * c.slow) for c in STOCHASTIC]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in DETERMINISTIC])
def test_a_system_without_chance_is_as_worked_out_by_hand(case):
    assert case.misses() == []


@pytest.mark.parametrize("case", CASES)
def test_the_engine_gives_the_exact_value_within_three_standard_errors(case):
    assert case.misses() == []


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
