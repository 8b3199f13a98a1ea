"""A rule for the number of replications by other hands: the same series give the same number.

Both follow Hoad, Robinson & Davies 2010. They part where sim-tools gives a number met within the look-ahead
of its budget, hence not verified; where it searches again among the numbers before the one where it began;
and at negative means, of which it takes no absolute value. Helpers below leave the first two out.
"""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sim_tools.output_analysis import ReplicationsAlgorithm, confidence_interval_method

from cepsim.experiment.precision import LOOK_AHEAD, Rule, held, held_together, look_ahead, running

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


# -- several means at once -----------------------------------------------------------------------------------


class _ReplayedTogether:
    def __init__(self, series):
        self.series = series

    def single_run(self, replication_number):
        return {str(column): float(value) for column, value in enumerate(self.series[replication_number])}


@settings(max_examples=40)
@given(seed=st.integers(0, 10**6), relative=st.sampled_from([0.03, 0.05, 0.1]), count=st.integers(2, 4))
def test_of_several_means_each_has_the_number_of_sim_tools_at_a_share_of_the_risk(seed, relative, count):
    """sim-tools gives each its own; cepsim one number, where all are precise over one look-ahead."""
    budget, spread = 80, np.random.default_rng(seed).uniform(1.0, 30.0, count)
    series = np.random.default_rng(seed + 1).normal(100.0, spread, (budget + LOOK_AHEAD, count))
    peer = ReplicationsAlgorithm(alpha=0.05 / count, half_width_precision=relative, replication_budget=budget)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs, _ = peer.select(_ReplayedTogether(series), [str(column) for column in range(count)])
    found = running(series, np.zeros(count), Rule(relative, fewest=LIKE_PEER))
    ours = [held(found.within[:, column], LIKE_PEER) for column in range(count)]
    for column, of in enumerate(ours):
        number = theirs[str(column)]
        assert (of.since if of else None) == (number if number is not None and number <= budget else None)
    together = held_together(found, LIKE_PEER)
    if together is not None:
        latest = max(of.since for of in ours)
        assert together.since >= latest
        # the common case: precise once, precise for good
        if found.within[latest - 1 : latest + LOOK_AHEAD].all():
            assert together.since == latest


# -- the table, and the number without a look-ahead ----------------------------------------------------------


def of_table(series, relative, fewest):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where it finds none
        return confidence_interval_method(
            series, alpha=0.05, desired_precision=relative, min_rep=fewest, decimal_places=10
        )


@given(
    series=st.lists(st.floats(1.0, 1000.0), min_size=4, max_size=60),
    relative=st.sampled_from([0.01, 0.05, 0.1, 0.3]),
    fewest=st.integers(LIKE_PEER, 8),
)
def test_means_and_intervals_after_each_replication_are_those_of_sim_tools(series, relative, fewest):
    number, table = of_table(series, relative, fewest)
    found = running(np.array(series)[:, None], NO_FLOOR, Rule(relative))
    mean, half_width = found.mean[:, 0], found.half_width[:, 0]
    np.testing.assert_allclose(mean, table["Cumulative Mean"], rtol=1e-9)
    for name, bound in (("Lower Interval", mean - half_width), ("Upper Interval", mean + half_width)):
        np.testing.assert_allclose(bound, table[name], rtol=1e-9, atol=1e-8)
    # what it calls the least number of replications is not among those that it considers: it begins after
    within = np.flatnonzero(found.within[fewest:, 0])
    assert number == (fewest + 1 + within[0] if len(within) else -1)


def test_without_a_look_ahead_the_number_is_lower_where_a_precision_does_not_last():
    series, relative = FIXED["out again"]
    number, _ = of_table(series.tolist(), relative, 5)
    assert number == 6 < ours(series, relative)
