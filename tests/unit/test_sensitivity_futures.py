"""Which futures fail, and what it is worth to know: on functions whose answer is known."""

import numpy as np
import pytest
from scipy.stats import qmc, spearmanr

from cepsim.errors import UsageError
from cepsim.sensitivity.designs import joint_design
from cepsim.sensitivity.prim import MOST_BOUNDS, boxes
from cepsim.sensitivity.worth import FEWEST, worth

CUBE = qmc.Sobol(4, scramble=True, rng=3).random(256)


def test_a_corner_where_all_fails_is_found_as_one_box_with_its_two_bounds():
    (box,) = boxes(CUBE, (CUBE[:, 1] > 0.7) & (CUBE[:, 2] < 0.4))
    assert [rank for rank, *_ in box.bounds] == [1, 2]
    (_, low, high), (_, low_2, high_2) = box.bounds
    assert (low, high) == (pytest.approx(0.7, abs=0.05), 1.0)
    assert (low_2, high_2) == (0.0, pytest.approx(0.4, abs=0.05))
    assert box.density > 0.9
    assert box.coverage > 0.9


def test_two_ways_to_fail_are_two_boxes_that_cover_nearly_all():
    found = boxes(CUBE, (CUBE[:, 0] > 0.8) | (CUBE[:, 3] < 0.2))
    assert len(found) >= 2
    assert {rank for box in found[:2] for rank, *_ in box.bounds} == {0, 3}
    assert sum(box.coverage for box in found) > 0.85


def test_where_nothing_fails_or_everything_does_or_chance_alone_does_there_is_no_fine_rule():
    assert boxes(CUBE, np.zeros(256, dtype=bool)) == []
    assert boxes(CUBE, np.ones(256, dtype=bool)) == []
    for box in boxes(CUBE, np.random.default_rng(0).random(256) < 0.5):
        assert len(box.bounds) <= MOST_BOUNDS


def test_knowing_what_decides_between_two_is_worth_its_expected_gain():
    # the second is worth x0 - 1/2 and what is nought on average: E max(0, x - 1/2) is 1/8
    values = np.stack([np.zeros(256), CUBE[:, 0] - 0.5 + 0.2 * (CUBE[:, 1] - 0.5)], axis=1)
    found = worth(CUBE, 1000.0 * values)
    assert found.partial[0] == pytest.approx(125.0, abs=2.0)
    assert found.low[0] <= found.partial[0] <= found.high[0]
    # E max(0, 0.2 (x - 1/2)) is 0.2 / 8
    assert found.partial[1] == pytest.approx(25.0, abs=2.0)
    assert (found.partial[2:] < 5.0).all()
    # what both together are worth is what all is
    both = np.maximum(0.0, values[:, 1]).mean() - max(0.0, values[:, 1].mean())
    assert found.perfect == pytest.approx(1000.0 * both)
    assert found.partial.max() <= found.perfect + 1e-9


def test_where_one_decision_is_always_better_nothing_is_worth_knowing():
    found = worth(CUBE, np.stack([CUBE[:, 0], CUBE[:, 0] + 1.0], axis=1))
    assert (found.best, found.perfect) == (1, pytest.approx(0.0))
    assert found.partial == pytest.approx(0.0, abs=1e-9)


def test_futures_without_a_value_are_left_out_and_too_few_say_nothing():
    values = np.stack([np.zeros(256), CUBE[:, 0] - 0.5], axis=1)
    values[7, 1] = np.nan
    assert worth(CUBE, values).n == 255
    assert worth(CUBE[: FEWEST - 1], values[-(FEWEST - 1) :]) is None


def test_stated_correlations_are_those_of_the_ranks_and_each_law_stays_its_own():
    found = joint_design(3, 1024, seed=1, correlations={(0, 2): 0.6})
    assert spearmanr(found[:, 0], found[:, 2])[0] == pytest.approx(0.6, abs=0.02)
    assert spearmanr(found[:, 0], found[:, 1])[0] == pytest.approx(0.0, abs=0.02)
    for column in found.T:
        assert np.sort(column) == pytest.approx((np.arange(1024) + 0.5) / 1024, abs=0.02)
    assert (joint_design(3, 64, seed=1) == joint_design(3, 64, seed=1)).all()


def test_correlations_that_cannot_hold_together_are_refused():
    with pytest.raises(UsageError, match="correlations"):
        joint_design(3, 8, seed=1, correlations={(0, 1): 0.9, (1, 2): 0.9, (0, 2): -0.9})
