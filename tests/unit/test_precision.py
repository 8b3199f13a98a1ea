"""The number of replications that a precision takes: the rule, against itself.

`peers/test_sim_tools.py` holds it against another.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_1samp

from cepsim.experiment.precision import (
    LOOK_AHEAD,
    Held,
    Rule,
    earliest,
    forecast,
    held,
    held_together,
    running,
    state,
)

NO_FLOOR = np.zeros(1)


def drawn(seed, size, mean=100.0, spread=10.0):
    return np.random.default_rng(seed).normal(mean, spread, size)


# -- widths --------------------------------------------------------------------------------------------------

SERIES = st.integers(0, 10**6).map(lambda seed: np.random.default_rng(seed).normal(50.0, 20.0, (40, 3)))


def test_several_intervals_hold_together_after_bonferroni():
    series = np.random.default_rng(0).normal(10.0, 3.0, (20, 4))
    found = running(series, np.zeros(4), Rule(0.1))
    for n in (3, 5, 20):
        for column in range(4):
            interval = ttest_1samp(series[:n, column], 0.0).confidence_interval(1 - 0.05 / 4)
            half_width = (interval.high - interval.low) / 2
            assert found.half_width[n - 1, column] == pytest.approx(half_width)
            assert found.mean[n - 1, column] == pytest.approx(series[:n, column].mean())


def test_fewer_than_three_replications_have_no_interval_and_are_not_precise():
    found = running(np.full((4, 1), 5.0), NO_FLOOR, Rule(0.1))
    assert np.isnan(found.half_width[:2]).all()
    assert found.within[:, 0].tolist() == [False, False, True, True]


def test_a_mean_near_zero_is_precise_by_its_floor_and_a_negative_one_as_its_opposite():
    series = drawn(7, 40, mean=0.0, spread=1.0)[:, None]
    assert held_together(running(series, NO_FLOOR, Rule(0.02)), 5) is None
    assert held_together(running(series, np.array([1.0]), Rule(0.02)), 5) is not None
    costs = drawn(8, 60)[:, None]
    up, down = (running(sign * costs, NO_FLOOR, Rule(0.05)) for sign in (1.0, -1.0))
    assert held_together(up, 5) == held_together(down, 5) is not None


# -- the rule against itself ---------------------------------------------------------------------------------


@given(series=SERIES, relative=st.floats(0.05, 0.5), ready=st.integers(1, 40))
def test_what_is_found_does_not_depend_on_how_many_replications_are_ready(series, relative, ready):
    """Hence not on the size of batches: an answer is there as soon as its replications are, and stays."""
    rule = Rule(relative)
    whole = held_together(running(series, np.zeros(3), rule), rule.fewest)
    part = held_together(running(series[:ready], np.zeros(3), rule), rule.fewest)
    assert part == (whole if whole is not None and whole.until <= ready else None)


@given(series=SERIES, relative=st.floats(0.05, 0.5), ready=st.integers(0, 40))
def test_no_answer_comes_before_the_earliest_that_may(series, relative, ready):
    rule = Rule(relative)
    whole = held_together(running(series, np.zeros(3), rule), rule.fewest)
    if whole is not None and whole.until > ready:
        assert ready < earliest(running(series[:ready], np.zeros(3), rule), rule.fewest) <= whole.until


@given(series=SERIES, relative=st.floats(0.05, 0.5))
def test_all_are_precise_at_every_number_looked_at(series, relative):
    rule = Rule(relative)
    found = running(series, np.zeros(3), rule)
    whole = held_together(found, rule.fewest)
    if whole is not None:
        assert whole.since >= rule.fewest
        assert whole.until - whole.since == LOOK_AHEAD
        assert found.within[whole.since - 1 : whole.until].all()
        upto, no = slice(whole.until), np.zeros(whole.until, dtype=bool)
        assert {state(found.within[upto, c], no, rule.fewest) for c in range(3)} == {"precise"}


@given(within=st.lists(st.booleans(), min_size=1, max_size=60), fewest=st.integers(1, 20))
def test_the_first_number_is_the_first_of_a_run_as_long_as_the_look_ahead(within, fewest):
    runs = [n for n in range(fewest, len(within) - LOOK_AHEAD + 1) if all(within[n - 1 : n + LOOK_AHEAD])]
    expected = Held(runs[0], runs[0] + LOOK_AHEAD) if runs else None
    assert held(np.array(within), fewest) == expected


@pytest.mark.parametrize(
    ("within", "said"),
    [
        ([True] * 10, "precise"),
        ([True] * 9, "unconfirmed"),
        ([True] * 12 + [False], "loose"),
        ([True] * 12 + [False] + [True] * 3, "unconfirmed"),
        ([False] * 4, "loose"),
    ],
)
def test_a_state_is_that_of_the_last_replications(within, said):
    assert state(np.array(within), np.zeros(len(within), dtype=bool), 5) == said


def test_what_is_not_reached_in_a_replication_has_no_mean_and_stops_nobody():
    series = np.column_stack([np.full(20, 3.0), np.r_[np.full(7, 1.0), np.nan, np.full(12, 1.0)]])
    found = running(series, np.zeros(2), Rule(0.1))
    assert np.isnan(found.mean[7:, 1]).all()
    assert np.isnan(found.half_width[7:, 1]).all()
    assert held(found.within[:, 1], 5) is None
    assert held_together(found, 5) == Held(5, 10)
    assert state(found.within[:, 1], found.hopeless[:, 1], 5) == "unreached"


def test_a_forecast_is_that_of_widths_that_shrink_as_the_root_of_the_number():
    found = running(drawn(9, 25)[:, None], NO_FLOOR, Rule(0.01))
    ratio = found.half_width[-1, 0] / found.allowed[-1, 0]
    assert forecast(found) == int(np.ceil(25 * ratio**2))
    assert forecast(running(np.empty((0, 2)), np.zeros(2), Rule(0.01))) == 0
    assert forecast(running(np.full((6, 1), np.nan), NO_FLOOR, Rule(0.01))) == 6
    assert earliest(running(np.empty((0, 2)), np.zeros(2), Rule(0.01)), 5) == 10
