"""Choices by published delay, on both engines, in seconds worked out by hand."""

import numpy as np
import pytest
from engines.by_hand import one_queue, rows

from cepsim.engine import compiled_engine, simpy_engine
from cepsim.errors import NetworkError
from cepsim.network import NoShow, Series
from cepsim.people.by_hand import Arrivals, make_tape
from cepsim.trace import Reason, Trace

DESK, OTHER = 0, 1
ENGINES = pytest.mark.parametrize("engine", [simpy_engine, compiled_engine])


def two_desks(threshold_s, published_at, *, own_alternate=False):
    """A slow desk that is home, and two others, one adviser each."""
    builder = one_queue(service=100)
    for name in ("other", "third"):
        builder.queue(name, team=builder.team(f"team of {name}", 1), service=100)
    builder.overflow("either", "desk", ["third", "other"], threshold_s, own_alternate=own_alternate)
    builder.publish(published_at)
    return builder.compile()


def queues(engine, network, groups, end=10_000):
    """(queue, reason) of the visits by person."""
    trace, state = engine.run(network, make_tape(network, groups), None, 0, end)
    return rows(trace, "queue", "reason"), state


@ENGINES
def test_people_stay_home_until_a_longer_delay_is_published(engine):
    # called at 0, 100 and 499, hence waits of 0, 90 and 0: 30 s on the mean
    groups = [Arrivals("either", [0, 10, 499, 500])]
    for threshold, queue in ((29, OTHER), (30, DESK)):
        seen, state = queues(engine, two_desks(threshold, [500]), groups)
        moved = Reason.OVERFLOW if queue == OTHER else Reason.FIRST
        assert seen == [(DESK, 0), (DESK, 0), (DESK, 0), (queue, moved)]
        assert state.carried.published.tolist() == [30, 0, 0]


@ENGINES
def test_a_delay_is_the_floor_of_the_mean_wait_of_those_called_in_since_the_last_time(engine):
    # waits 0, 99 and 198 before 250, then 297 alone
    _, state = queues(engine, two_desks(10**6, [250]), [Arrivals("either", [0, 1, 2, 3])])
    assert state.carried.published[DESK] == 99
    _, state = queues(engine, two_desks(10**6, [250, 400]), [Arrivals("either", [0, 1, 2, 3])])
    assert state.carried.published[DESK] == 297
    assert state.carried.called[DESK] == 0


@ENGINES
def test_where_nobody_was_called_in_the_delay_is_the_age_of_the_oldest_who_waits(engine):
    _, state = queues(engine, two_desks(10**6, [50, 90]), [Arrivals("either", [0, 20, 30])])
    assert state.carried.published[DESK] == 70
    assert state.carried.called[DESK] == 2


@ENGINES
def test_where_nobody_waits_nor_was_called_in_the_delay_is_nought(engine):
    _, state = queues(engine, two_desks(10**6, [5000, 6000]), [Arrivals("either", [0, 20, 30])])
    assert state.carried.published.tolist() == [0, 0, 0]


@ENGINES
def test_among_equals_the_lowest_team_receives(engine):
    # "third" is named first, the team of "other" comes first
    seen, _ = queues(engine, two_desks(0, [150]), [Arrivals("either", [0, 10, 200])])
    assert seen[2] == (OTHER, Reason.OVERFLOW)


@ENGINES
def test_a_home_that_has_published_no_more_than_the_others_is_kept(engine):
    groups = [Arrivals("either", [0, 10, 500]), Arrivals("other", [0, 10]), Arrivals("third", [0, 10])]
    seen, state = queues(engine, two_desks(0, [400]), groups)
    assert state.carried.published.tolist() == [45, 45, 45]
    assert (DESK, Reason.FIRST) in seen
    assert all(reason == Reason.FIRST for _, reason in seen)


@ENGINES
def test_with_own_alternate_only_who_has_another_place_goes_there(engine):
    network = two_desks(0, [150], own_alternate=True)
    groups = [Arrivals("either", [0, 10, 200]), Arrivals("either", [201], alternate="third")]
    seen, _ = queues(engine, network, groups)
    assert [queue for queue, _ in seen] == [DESK, DESK, DESK, 2]


@ENGINES
def test_delays_are_carried_from_a_state_to_the_next_run(engine):
    network, groups = two_desks(29, [500]), [Arrivals("either", [0, 10, 499, 500])]
    tape = make_tape(network, groups)
    whole, last = engine.run(network, tape, None, 0, 10_000)
    for cut in (0, 50, 499, 500, 501):
        first, middle = engine.run(network, tape, None, 0, cut)
        then, end = engine.run(network, tape, middle, cut, 10_000)
        assert Trace.concatenate([first, then]).equals(whole)
        assert end.equals(last)


@ENGINES
def test_interviews_of_a_series_and_new_appointments_are_not_in_the_delay(engine):
    for returns in ({"series": Series(2.0, 2)}, {"no_show": NoShow(1.0, 100, rebook=1.0, times=1)}):
        builder = one_queue(service=100, **returns)
        builder.overflow("either", "desk", [], 10**6)
        builder.publish([950])
        _, state = queues(engine, builder.compile(), [Arrivals("desk", [0, 0])])
        # called at 0 and 100 for the first time; the two later visits wait 100 s each
        assert state.carried.published.tolist() == [50]


def test_a_choice_by_delay_without_a_date_of_publication_is_refused():
    with pytest.raises(NetworkError, match="no date at which delays are published"):
        two_desks(0, [])


def test_a_threshold_below_nought_is_refused():
    with pytest.raises(NetworkError, match="a threshold of -1 s"):
        two_desks(-1, [0])


def test_only_queues_that_a_choice_reads_publish():
    builder = one_queue(service=100)
    builder.queue("aside", team=builder.team("team of aside", 1), service=100)
    builder.overflow("either", "desk", [], 0)
    builder.publish([0])
    np.testing.assert_array_equal(builder.compile().queues.publishes, [1, 0])
