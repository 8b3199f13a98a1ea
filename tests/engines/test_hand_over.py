"""Queues that close and hand over their people, on both engines, in seconds worked out by hand."""

import pytest
from engines.by_hand import DAY, one_queue, rows

from cepsim.engine import compiled_engine, simpy_engine
from cepsim.errors import NetworkError
from cepsim.network import Branch, Series
from cepsim.people.by_hand import Arrivals, make_tape
from cepsim.trace import Outcome, Reason, Trace

ENGINES = pytest.mark.parametrize("engine", [simpy_engine, compiled_engine])
SERVED, HANDED_OVER = int(Outcome.SERVED), int(Outcome.HANDED_OVER)
DESK, HEIR = 0, 1


def closing(second, **station):
    """A desk of one adviser that closes, and its heir, of one adviser too."""
    builder = one_queue(service=100, **station)
    builder.queue("heir", team=builder.team("team of the heir", 1), service=100, **station)
    builder.close("desk", "here", second, "heir")
    return builder


def run(engine, builder, arrivals, end=10 * DAY):
    network = builder.compile()
    return engine.run(network, make_tape(network, [Arrivals("desk", arrivals)]), None, 0, end)[0]


@ENGINES
def test_those_who_wait_are_handed_over_and_those_who_are_received_finish(engine):
    trace = run(engine, closing(50), [0, 10, 20])
    assert rows(trace, "person", "queue", "reason", "joined", "called", "ended", "outcome") == [
        (0, DESK, Reason.FIRST, 0, 0, 100, SERVED),
        (1, DESK, Reason.FIRST, 10, None, 50, HANDED_OVER),
        (1, HEIR, Reason.HANDED_OVER, 50, 50, 150, SERVED),
        (2, DESK, Reason.FIRST, 20, None, 50, HANDED_OVER),
        (2, HEIR, Reason.HANDED_OVER, 50, 150, 250, SERVED),
    ]


@ENGINES
def test_who_comes_later_goes_to_the_heir_on_the_second_of_the_closing_already(engine):
    trace = run(engine, closing(50), [49, 50, 60])
    assert rows(trace, "person", "queue", "reason") == [
        (0, DESK, Reason.FIRST),
        (1, HEIR, Reason.FIRST),
        (2, HEIR, Reason.FIRST),
    ]


@ENGINES
def test_patience_that_would_end_on_that_second_is_handed_over_and_begins_anew(engine):
    trace = run(engine, closing(50, patience=50), [0, 0])
    assert rows(trace, "person", "queue", "ended", "outcome")[1:3] == [
        (1, DESK, 50, HANDED_OVER),
        (1, HEIR, 150, SERVED),
    ]
    trace = run(engine, closing(51, patience=50), [0, 0])
    assert rows(trace, "person", "queue", "ended", "outcome")[1:] == [(1, DESK, 50, int(Outcome.GAVE_UP))]


@ENGINES
def test_a_series_goes_on_at_the_heir_s_with_as_many_interviews_left(engine):
    trace = run(engine, closing(150, series=Series(3.0, 3, 10)), [0])
    assert rows(trace, "queue", "called", "outcome") == [
        (DESK, 0, SERVED),
        (DESK, 110, SERVED),
        (HEIR, 220, SERVED),
    ]


@ENGINES
def test_one_who_is_sent_to_a_closed_place_goes_to_its_heir(engine):
    builder = closing(50)
    builder.queue("before", team=builder.team("team before", 1), service=100)
    builder.route("before", [Branch(1.0, "desk")])
    network = builder.compile()
    trace, _ = engine.run(network, make_tape(network, [Arrivals("before", [0])]), None, 0, DAY)
    assert rows(trace, "queue", "joined") == [(2, 0), (HEIR, 100)]


@ENGINES
def test_a_closing_is_the_same_in_one_run_or_in_parts(engine):
    network = closing(50, patience=200, series=Series(2.0, 2, 30)).compile()
    tape = make_tape(network, [Arrivals("desk", [0, 10, 20, 30, 90, 200])])
    whole, last = engine.run(network, tape, None, 0, DAY)
    for cut in (0, 49, 50, 51, 130, 200):
        first, middle = engine.run(network, tape, None, 0, cut)
        then, end = engine.run(network, tape, middle, cut, DAY)
        assert Trace.concatenate([first, then]).equals(whole), cut
        assert end.equals(last)


def test_an_heir_that_closes_too_is_refused():
    builder = closing(50)
    builder.close("heir", "here", 60, "desk")
    with pytest.raises(NetworkError, match="closes too"):
        builder.compile()
