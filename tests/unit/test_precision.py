"""The number of replications that a precision takes: the rule, against its peer and against itself."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_1samp
from sim_tools.output_analysis import ReplicationsAlgorithm

from cepsim.experiment.precision import (
    LOOK_AHEAD,
    Held,
    Rule,
    earliest,
    forecast,
    held,
    held_together,
    look_ahead,
    running,
    state,
)

NO_FLOOR = np.zeros(1)
#: The peer begins at three replications: so does this rule when compared with it.
LIKE_PEER = 3


class _Replayed:
    """A model whose replications are known."""

    def __init__(self, series):
        self.series = series

    def single_run(self, replication_number):
        return {"x": float(self.series[replication_number])}


class _NoSecondSearch(ReplicationsAlgorithm):
    """The peer without the search that it makes afterwards, with a look-ahead of 5 even beyond 100.

    It is there for those that begin later than they might; what begins at three has nothing to find in it.
    """

    def find_position(self, lst):  # noqa: ARG002 - the peer's own signature
        return None


def of_peer(series, relative, peer=ReplicationsAlgorithm, first=LIKE_PEER):
    """The peer's number for a series whose end is the look-ahead after its budget; None if it finds none."""
    budget = len(series) - LOOK_AHEAD if len(series) <= 100 else int(len(series) / 1.05)
    model = _Replayed(series)
    of = peer(half_width_precision=relative, initial_replications=first, replication_budget=budget)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where it finds none
        found = of.select(model, ["x"])[0]["x"]
    # met within the look-ahead of the budget, it is given without having been verified
    return found if found is not None and found <= budget else None


def ours(series, relative, fewest=LIKE_PEER):
    budget = len(series) - LOOK_AHEAD if len(series) <= 100 else int(len(series) / 1.05)
    column = np.asarray(series, dtype=float)[:, None]
    found = held_together(running(column, NO_FLOOR, Rule(relative, fewest=fewest)), fewest)
    return found.since if found is not None and found.since <= budget else None


def drawn(seed, size, mean=100.0, spread=10.0):
    return np.random.default_rng(seed).normal(mean, spread, size)


#: One that settles soon, one late, one never, one near a zero mean (above it at every number: the peer takes
#: no absolute value, and finds any negative mean precise), one that is precise, comes out and is again, one
#: that does not vary, one that takes more than a hundred.
FIXED = {
    "soon": (drawn(1, 60), 0.05),
    "late": (drawn(2, 100), 0.025),
    "never": (drawn(3, 60, spread=80.0), 0.01),
    "near zero": (drawn(38, 100, mean=0.8, spread=20.0), 0.1),
    "out again": (np.r_[np.full(7, 100.0) + np.arange(7) / 10, 160.0, drawn(5, 80, spread=4.0)], 0.03),
    "constant": (np.full(30, 7.0), 0.01),
    "hundreds": (drawn(6, 420), 0.011),
}


# -- against sim-tools ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FIXED)
def test_the_number_is_that_of_sim_tools(name):
    series, relative = FIXED[name]
    peer = ReplicationsAlgorithm if len(series) <= 100 else _NoSecondSearch
    assert ours(series, relative) == of_peer(series, relative, peer)


@pytest.mark.parametrize("name", FIXED)
def test_from_five_replications_on_the_number_is_that_of_sim_tools_begun_at_five(name):
    series, relative = FIXED[name]
    assert ours(series, relative, fewest=5) == of_peer(series, relative, _NoSecondSearch, first=5)


def test_the_fixed_series_are_what_their_names_say():
    found = {name: ours(*of) for name, of in FIXED.items()}
    assert found["never"] is None
    assert found["near zero"] is None
    assert 100 < found["hundreds"] < 400
    assert found["constant"] == LIKE_PEER
    within = running(FIXED["out again"][0][:, None], NO_FLOOR, Rule(0.03)).within[:, 0]
    assert within[5]
    assert not within[7]
    assert found["out again"] > 10


@given(
    series=st.lists(st.floats(1.0, 1000.0), min_size=9, max_size=80),
    relative=st.sampled_from([0.01, 0.05, 0.1, 0.3]),
)
def test_the_number_is_that_of_sim_tools_for_any_series(series, relative):
    assert ours(series, relative) == of_peer(np.array(series), relative)


@settings(max_examples=20)
@given(seed=st.integers(0, 10**6), relative=st.sampled_from([0.012, 0.015, 0.02]))
def test_the_number_is_that_of_sim_tools_beyond_a_hundred(seed, relative):
    series = drawn(seed, 300)
    assert ours(series, relative) == of_peer(series, relative, _NoSecondSearch)


def test_the_look_ahead_is_that_of_sim_tools():
    peer = ReplicationsAlgorithm()
    for n in range(1, 2000):
        peer.n = n
        assert look_ahead(n) == peer._klimit()
    assert [look_ahead(n) for n in (1, 100, 119, 120, 200)] == [5, 5, 5, 6, 10]


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
