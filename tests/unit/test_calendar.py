"""Opening hours, and whole advisers from a mean that is not whole."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cepsim.network.builder import roster
from cepsim.network.calendar import Calendar, always_open, on_duty, van_der_corput, weekly_calendar

DAY = 86_400


def calendar(*openings):
    return Calendar(np.array([o for o, _ in openings]), np.array([c for _, c in openings]))


def test_the_same_hours_open_on_every_open_day():
    week = weekly_calendar(np.array([0, 3]), [(9 * 3600, 12 * 3600), (14 * 3600, 17 * 3600)])
    assert week.opens.tolist() == [9 * 3600, 14 * 3600, 3 * DAY + 9 * 3600, 3 * DAY + 14 * 3600]
    assert week.closes.tolist() == [12 * 3600, 17 * 3600, 3 * DAY + 12 * 3600, 3 * DAY + 17 * 3600]
    assert week.days.tolist() == [0, 0, 3, 3]


def test_open_seconds_count_the_part_of_an_opening_inside_the_bounds():
    assert calendar((10, 20), (30, 50)).open_seconds(15, 32) == 5 + 2
    assert calendar((10, 20), (30, 50)).open_seconds(0, 100) == 30
    assert calendar((10, 20), (30, 50)).open_seconds(20, 30) == 0


def test_a_place_that_never_closes_has_one_opening():
    assert always_open(-5, 7).open_seconds(-100, 100) == 12


def test_openings_that_touch_are_merged_and_others_are_not():
    merged = calendar((0, 10), (10, 20), (21, 30), (30, 31), (31, 40)).merged()
    assert (merged.opens.tolist(), merged.closes.tolist()) == ([0, 21], [20, 40])


def test_the_roster_is_empty_outside_openings_and_follows_the_given_numbers_inside():
    duty = roster(calendar((10, 20), (30, 50)), [(0, 2), (15, 3), (25, 1), (40, 0), (45, 4)])
    assert duty == [(10, 2), (15, 3), (20, 0), (30, 1), (40, 0), (45, 4), (50, 0)]


def test_nobody_is_on_duty_before_the_first_given_number():
    assert roster(calendar((10, 20)), [(12, 2)]) == [(12, 2), (20, 0)]


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=8), st.lists(st.integers(1, 9), min_size=2, max_size=12)
)
def test_the_roster_holds_at_every_second(numbers, lengths):
    bounds = np.cumsum(lengths)[: 2 * (len(lengths) // 2)].reshape(-1, 2)
    hours = Calendar(bounds[:, 0], bounds[:, 1])
    changes = [(5 * rank, number) for rank, number in enumerate(numbers)]
    duty = roster(hours, changes)
    for second in range(int(bounds[-1, 1]) + 3):
        wanted = numbers[min(second // 5, len(numbers) - 1)] if hours.open_seconds(second, second + 1) else 0
        known = [number for when, number in duty if when <= second]
        assert (known[-1] if known else 0) == wanted
    assert all(one != other for (_, one), (_, other) in pairwise(duty))


def test_the_van_der_corput_sequence_mirrors_bits():
    wanted = [0, 1 / 2, 1 / 4, 3 / 4, 1 / 8, 5 / 8, 3 / 8, 7 / 8]
    assert van_der_corput(np.arange(8)).tolist() == wanted


@given(st.floats(0, 20), st.floats(0, 0.999))
def test_advisers_on_duty_are_exact_in_the_long_run(capacity, shift):
    numbers = on_duty(np.full(256, capacity), shift)
    assert set(numbers.tolist()) <= {int(capacity), int(capacity) + 1}
    assert abs(numbers.mean() - capacity) <= 1 / 128


@given(st.floats(0, 20), st.floats(0, 3), st.floats(0, 0.999))
def test_a_larger_capacity_never_puts_fewer_on_duty(capacity, more, shift):
    assert (on_duty(np.full(64, capacity + more), shift) >= on_duty(np.full(64, capacity), shift)).all()


def test_a_capacity_of_whole_advisers_is_the_same_every_day():
    assert on_duty(np.full(9, 3.0), 0.37).tolist() == [3] * 9


def test_an_open_second_is_counted_once_by_consecutive_bounds():
    hours = calendar((10, 20), (30, 50))
    assert sum(hours.open_seconds(second, second + 7) for second in range(0, 70, 7)) == 30


@pytest.mark.parametrize("bounds", [(0, 5), (5, 10), (60, 90)])
def test_nothing_is_open_outside_the_openings(bounds):
    assert calendar((10, 20), (30, 50)).open_seconds(*bounds) == 0
