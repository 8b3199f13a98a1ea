"""Paired differences and ratios over replications, against scipy."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student
from scipy.stats import ttest_1samp, ttest_rel

from cepsim.experiment.paired import mean_of, means, paired_differences, ratio_of_means

KEYS = ["indicator", "region"]
values = st.floats(-1e4, 1e4, allow_nan=False)


def run(**rows) -> pd.DataFrame:
    """One replication: a value an indicator, or (value, reached, additive, people)."""
    full = {name: row if isinstance(row, tuple) else (row, True, False, 10.0) for name, row in rows.items()}
    return pd.DataFrame(
        [(name, "all", *row) for name, row in full.items()],
        columns=[*KEYS, "value", "reached", "additive", "people"],
    )


def only(table: pd.DataFrame) -> pd.Series:
    assert len(table) == 1
    return table.iloc[0]


@pytest.mark.parametrize("comparisons", [1, 2, 3])
@pytest.mark.parametrize("n", [3, 5, 8])
def test_the_interval_is_that_of_scipy_at_a_level_shared_by_the_comparisons(comparisons, n):
    drawn = np.random.default_rng(n)
    base = drawn.normal(100, 10, n)
    other = base + drawn.normal(2, 1, n)
    found = only(
        paired_differences(
            [run(wait=v) for v in base], [run(wait=v) for v in other], KEYS, comparisons=comparisons
        )
    )
    test = ttest_rel(other, base)
    expected = test.confidence_interval(1 - 0.05 / comparisons)
    assert (found["mean"], found["n"]) == (pytest.approx((other - base).mean()), n)
    assert (found["low"], found["high"]) == pytest.approx((expected.low, expected.high))
    assert found["indicative"] == (n < 5)


def test_two_replications_have_a_mean_and_no_interval():
    found = only(paired_differences([run(w=1), run(w=2)], [run(w=2), run(w=5)], KEYS, comparisons=1))
    assert found["mean"] == 2.0
    assert np.isnan([found["low"], found["high"]]).all()


def test_the_same_values_differ_by_nothing_with_an_interval_of_no_width():
    same = [run(w=v) for v in (1.1, 2.7, 9.3)]
    found = only(paired_differences(same, same, KEYS, comparisons=2))
    assert found[["mean", "low", "high"]].tolist() == [0.0, 0.0, 0.0]


def test_what_adds_up_is_nought_where_it_lacks_and_nothing_else_is():
    base = [run(lost=(4.0, True, True, 4.0), wait=3.0), run(), run(lost=(2.0, True, True, 2.0), wait=3.0)]
    other = [run(wait=5.0), run(lost=(1.0, True, True, 1.0), wait=5.0), run()]
    found = paired_differences(base, other, KEYS, comparisons=1).set_index("indicator")
    assert (found.loc["lost", "mean"], found.loc["lost", "n"]) == (pytest.approx((-4 + 1 - 2) / 3), 3)
    assert (found.loc["wait", "mean"], found.loc["wait", "n"]) == (2.0, 1)
    assert found.loc["lost", "people"] == pytest.approx(1 / 3)


def test_a_quantile_not_reached_in_a_replication_gives_no_difference_for_it():
    base = [run(p90=(9.0, True, False, 10.0)), run(p90=(9.0, False, False, 10.0))]
    other = [run(p90=(12.0, True, False, 10.0)), run(p90=(50.0, True, False, 10.0))]
    found = only(paired_differences(base, other, KEYS, comparisons=1))
    assert (found["mean"], found["n"]) == (3.0, 1)
    never = only(paired_differences(base[1:], other[1:], KEYS, comparisons=1))
    assert np.isnan(never["mean"])
    assert never["n"] == 0


def test_other_numbers_of_replications_are_not_paired():
    with pytest.raises(ValueError, match="cannot be paired"):
        paired_differences([run(w=1)], [run(w=1), run(w=2)], KEYS, comparisons=1)


def test_a_mean_does_not_leave_what_it_may_be():
    runs = [run(share=v) for v in (0.0, 0.0, 0.3)]
    found = only(means(runs, KEYS, comparisons=1, least=0.0, greatest=1.0))
    assert (found["low"], found["people"]) == (0.0, 10.0)
    assert found["high"] > found["mean"] == pytest.approx(0.1)


# -- ratios --------------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(
    pairs=st.lists(st.tuples(values, st.floats(1.0, 1e3)), min_size=3, max_size=9),
    comparisons=st.integers(1, 3),
)
def test_a_ratio_is_in_its_interval_and_its_bounds_are_just_not_told_from_it(pairs, comparisons):
    top, bottom = (np.array(column) for column in zip(*pairs, strict=True))
    found = ratio_of_means(top, bottom, comparisons=comparisons)
    divisor = mean_of(bottom, comparisons=comparisons)
    assert found.defined == (divisor["low"] > 0)
    if not found.defined:
        assert np.isnan([found.value, found.low, found.high]).all()
        return
    slack = 1e-6 * (1.0 + abs(found.value))
    assert found.low - slack <= found.value <= found.high + slack
    assert found.value == pytest.approx(top.mean() / bottom.mean())


@pytest.mark.parametrize("comparisons", [1, 2])
def test_the_bounds_of_a_ratio_are_where_the_paired_test_turns(comparisons):
    drawn = np.random.default_rng(3)
    bottom = drawn.normal(80, 9, 6)
    top = 1500 * bottom + drawn.normal(0, 9000, 6)
    found = ratio_of_means(top, bottom, comparisons=comparisons)
    for bound in (found.low, found.high):
        assert ttest_1samp(top - bound * bottom, 0.0).pvalue == pytest.approx(0.05 / comparisons)


def test_a_ratio_to_what_may_be_nought_is_not_defined():
    cost = np.array([10.0, 11.0, 12.0])
    assert not ratio_of_means(cost, np.array([-1.0, 0.5, 1.0]), comparisons=1).defined
    assert not ratio_of_means(cost, np.zeros(3), comparisons=1).defined
    assert ratio_of_means(cost, np.array([-5.0, -5.1, -4.9]), comparisons=1).value < 0
    few = ratio_of_means(cost[:2], np.array([4.0, 6.0]), comparisons=1)
    assert (few.value, few.defined) == (2.1, True)
    assert np.isnan([few.low, few.high]).all()
    assert not ratio_of_means(cost[:2], np.array([-4.0, 6.0]), comparisons=1).defined


def test_a_divisor_that_does_not_vary_divides_the_interval():
    cost = np.array([10.0, 12.0, 17.0, 11.0])
    found, plain = ratio_of_means(cost, np.full(4, 2.0), comparisons=1), mean_of(cost, comparisons=1)
    assert (found.low, found.high) == pytest.approx((plain["low"] / 2, plain["high"] / 2))
    half = student.ppf(0.975, 3) * cost.std(ddof=1) / 2
    assert plain["high"] - plain["mean"] == pytest.approx(half)
