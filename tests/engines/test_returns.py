"""When people come back to a place that lets nobody in while it is closed."""

import numpy as np
import pytest

from cepsim.engine import simpy_engine
from cepsim.laws import constant
from cepsim.network import Branch, NetworkBuilder, Retry, weekly_calendar
from cepsim.people.by_hand import Arrivals, make_tape
from cepsim.trace import Outcome, Reason

DAY, HOUR = 86_400, 3_600
WEEK = np.array([0, 1, 2, 3, 4, 7, 8, 9, 10, 11, 14, 15, 16, 17, 18], dtype=np.int64)


def visits_of_one_caller(arrival: int, gap_s: int):
    """Somebody answered at once, who calls once more after a gap; open from 9 to 17, Monday to Friday."""
    network = NetworkBuilder()
    network.team("desk", advisers=1, calendar=weekly_calendar(WEEK, [(9 * HOUR, 17 * HOUR)]))
    network.queue("call", team="desk", service=60, lost_when_closed=True)
    network.queue("again", team="desk", service=60, lost_when_closed=True)
    network.route("call", [Branch(1.0, "again", constant(gap_s), reason=Reason.ASKED_AGAIN)])
    compiled = network.compile()
    tape = make_tape(compiled, [Arrivals("call", [arrival])])
    trace, _ = simpy_engine.run(compiled, tape, None, 0, 18 * DAY)
    return trace.visits


@pytest.mark.parametrize(
    ("gap_s", "day"),
    [
        (3 * HOUR, 1),  # less than a day: the next open day
        (2 * DAY + 7 * HOUR, 2),
        (4 * DAY, 4),
        (5 * DAY, 7),  # Saturday: Monday
        (8 * DAY + 20 * HOUR, 8),
    ],
)
def test_a_further_contact_is_made_at_the_same_hour_of_the_first_open_day_that_the_gap_reaches(gap_s, day):
    visits = visits_of_one_caller(10 * HOUR, gap_s)
    assert visits.joined.tolist() == [10 * HOUR, day * DAY + 10 * HOUR + 60]
    assert visits.outcome.tolist() == [Outcome.SERVED, Outcome.SERVED]


def test_where_that_hour_is_closed_the_caller_comes_inside_the_first_opening():
    visits = visits_of_one_caller(17 * HOUR - 30, 2 * DAY)
    again = visits.joined[1]
    assert 2 * DAY + 9 * HOUR <= again < 2 * DAY + 17 * HOUR


def test_another_try_after_an_elapsed_time_keeps_its_second():
    network = NetworkBuilder()
    network.team("desk", advisers=0, calendar=weekly_calendar(WEEK, [(9 * HOUR, 17 * HOUR)]))
    retry = Retry(1.0, 2, gap=300)
    network.queue("call", team="desk", service=60, patience=100, lost_when_closed=True, retry=retry)
    compiled = network.compile()
    trace, _ = simpy_engine.run(compiled, make_tape(compiled, [Arrivals("call", [10 * HOUR])]), None, 0, DAY)
    assert trace.visits.joined.tolist() == [10 * HOUR, 10 * HOUR + 400, 10 * HOUR + 800]
