"""Estimates over replications: ratios, quantiles, and p corrected for the number of tests."""

import math

import numpy as np
import pytest
from scipy import stats

from cepsim.verify.estimates import Estimate, detectable, holm, quantile, ratio


def test_a_ratio_is_of_the_sums_with_the_error_of_its_residuals():
    found = ratio([np.array([6.0, 2.0]), np.array([2.0, 2.0])])
    # value 2; residuals 2 and -2; mean count 2
    assert (found.value, found.replications) == (2.0, 2)
    assert found.error == pytest.approx(math.sqrt(8.0 / 2.0) / 2.0)


def test_equal_counts_give_the_usual_mean_and_error():
    values = np.array([1.0, 4.0, 2.0, 8.0])
    found = ratio([np.array([value, 1.0]) for value in values])
    assert found.value == pytest.approx(values.mean())
    assert found.error == pytest.approx(stats.sem(values))


def test_a_quantile_of_many_exponential_waits_is_near_the_exact_one_and_knows_how_near():
    rng = np.random.default_rng(1)
    exact, far = math.log(20.0), []
    for _ in range(40):
        found = quantile(0.95)([rng.exponential(size=200) for _ in range(24)])
        far.append(found.z(exact))
    # forty distances of a Student's law
    assert abs(np.mean(far)) < 0.5
    assert 0.6 < np.std(far) < 1.5


def test_without_error_the_distance_is_nothing_or_infinite():
    assert Estimate(2.0, 0.0, 2).z(2.0) == 0.0
    assert Estimate(2.0, 0.0, 2).z(3.0) == -math.inf
    assert Estimate(2.0, 0.0, 2).p(3.0) == 0.0


def test_p_is_that_of_student_on_both_sides():
    # the table of Student: 2.262 for 9 degrees of freedom at 5 %
    assert Estimate(2.262, 1.0, 10).p(0.0) == pytest.approx(0.05, rel=1e-3)
    assert Estimate(-2.262, 1.0, 10).p(0.0) == pytest.approx(0.05, rel=1e-3)


def test_holm_multiplies_the_least_by_their_number_and_never_falls():
    # the example of Holm's rule: 0.01, 0.04, 0.03 by 3, 1 and 2
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_holm_keeps_its_level_over_true_hypotheses():
    rng = np.random.default_rng(2)
    found = sum(min(holm(rng.uniform(size=60).tolist())) <= 0.05 for _ in range(2000))
    assert found == pytest.approx(100, abs=30)


def test_more_tests_and_fewer_replications_make_less_detectable():
    few, many = Estimate(1.0, 0.1, 6), Estimate(1.0, 0.1, 240)
    assert detectable(many, 0.01, 1) < detectable(many, 0.01, 80) < detectable(few, 0.01, 80)
