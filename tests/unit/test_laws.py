"""Quantile tables: exact means, second moments, frozen contents."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cepsim.laws import (
    CELLS,
    TABLE_SIZE,
    Law,
    cell,
    constant,
    exponential,
    from_quantile,
    further_interviews,
    gamma,
    lognormal,
)

#: Probability of each row of a table.
WEIGHTS = np.concatenate([np.full(CELLS, 1 / CELLS), np.full(CELLS, 1 / CELLS**2)])
WEIGHTS[CELLS - 1] = 0.0  # the row that the refined tail stands for

LAWS = [
    (lognormal(3600.0, 0.4), "lognormal"),
    (lognormal(3600.0, 0.8), "lognormal"),
    (gamma(3600.0, 0.5), "gamma"),
    (gamma(3600.0, 1.0), "gamma"),
]


def exact_law(law):
    if law.family == "lognormal":
        sigma = np.sqrt(np.log1p(law.variation**2))
        return stats.lognorm(sigma, scale=law.mean_s * np.exp(-(sigma**2) / 2))
    shape = 1 / law.variation**2
    return stats.gamma(shape, scale=law.mean_s / shape)


@pytest.mark.parametrize(("law", "family"), LAWS)
def test_mean_and_second_moment_hold(law, family):
    table = law.exact_table()
    assert family == law.family
    assert table.shape == (TABLE_SIZE,)
    assert WEIGHTS @ table == pytest.approx(law.mean_s, rel=1e-5)
    assert WEIGHTS @ table**2 == pytest.approx(law.mean_s**2 * (1 + law.variation**2), rel=1e-4)


@pytest.mark.parametrize(("law", "family"), LAWS)
def test_whole_seconds_keep_the_mean(law, family):
    assert WEIGHTS @ law.table() == pytest.approx(law.mean_s, rel=1e-5), family


@pytest.mark.parametrize(("law", "_family"), LAWS)
@pytest.mark.parametrize("draw", [0, 1 << 16, 1 << 31, (1 << 32) - (1 << 16) - 1, (1 << 32) - (1 << 16)])
def test_a_cell_holds_a_value_between_its_two_quantiles(law, _family, draw):
    row, known = cell(draw), exact_law(law)
    width = 1 / CELLS if row < CELLS else 1 / CELLS**2
    begin = row / CELLS if row < CELLS else 1 - 1 / CELLS + (row - CELLS) / CELLS**2
    low, high = known.ppf(begin), known.ppf(begin + width)
    assert low - 1e-6 <= law.exact_table()[row] <= high + 1e-6


@given(st.integers(0, (1 << 32) - 1), st.integers(0, (1 << 32) - 1))
def test_a_larger_draw_never_lasts_less(one, other):
    table = lognormal(5000.0, 0.8).table()
    low, high = sorted((one, other))
    assert table[cell(low)] <= table[cell(high)]


@pytest.mark.parametrize(
    ("law", "digest"),
    [
        (lognormal(3600.0, 0.4), "387853686f341408"),
        (lognormal(4800.0, 0.8), "d1116af786d6dc2d"),
        (gamma(604800.0, 0.5), "cde405fc4ac78ed8"),
        (exponential(100000.0), "7ba398486bece146"),
    ],
)
def test_a_table_is_frozen(law, digest):
    assert hashlib.sha256(law.table().astype("<i4").tobytes()).hexdigest()[:16] == digest


def test_a_constant_is_itself():
    assert set(constant(90).table().tolist()) == {90}


def test_no_duration_is_less_than_a_second():
    assert exponential(2.0).table().min() == 1


def test_a_law_given_by_its_quantiles_has_the_same_table():
    drawn = from_quantile(lambda p: -100_000.0 * np.log1p(-p), 100_000.0).exact_table()
    known = exponential(100_000.0).exact_table()
    # the quadrature falls short only where the quantile goes to infinity: the last row of either part
    bounded = np.ones(TABLE_SIZE, dtype=bool)
    bounded[[CELLS - 1, -1]] = False
    assert drawn[bounded] == pytest.approx(known[bounded], rel=1e-6)
    assert WEIGHTS @ drawn == pytest.approx(100_000.0, rel=1e-5)


@pytest.mark.parametrize("mean", [0.0, -1.0, float("nan"), float("inf")])
def test_what_no_duration_can_be_is_refused(mean):
    with pytest.raises(ValueError, match="finite positive mean"):
        constant(mean)


def test_a_negative_variation_is_refused():
    with pytest.raises(ValueError, match="not negative"):
        Law("gamma", 1.0, -0.1)


def test_an_unknown_family_is_refused():
    with pytest.raises(ValueError, match="unknown family"):
        Law("weibull", 1.0, 0.5).table()


def test_a_duration_of_more_than_68_years_is_refused():
    with pytest.raises(ValueError, match="passes"):
        constant(2.0**31).table()


@given(st.floats(1, 6), st.integers(0, (1 << 32) - 1))
def test_a_series_counts_one_of_the_two_whole_numbers_around_its_mean(mean, draw):
    number = 1 + further_interviews(round((mean - 1) * 2**32), 7, draw)
    assert mean - 1 - 1e-6 < number < mean + 1 + 1e-6


def test_the_mean_number_of_interviews_is_exact():
    draws = (np.arange(1000) + 0.5) * 2**32 / 1000
    numbers = [1 + further_interviews(round(1.7 * 2**32), 9, int(draw)) for draw in draws]
    assert np.mean(numbers) == pytest.approx(2.7, abs=1e-9)
