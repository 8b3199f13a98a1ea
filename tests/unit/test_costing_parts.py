import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cepsim.costing.parts import split

shares = st.lists(st.floats(0, 1e6), min_size=1, max_size=6).filter(lambda weights: sum(weights) > 1e-3)


@given(st.lists(st.integers(0, 10**13), min_size=1, max_size=5), shares)
def test_parts_close_and_stand_within_one_of_their_share(totals, weights):
    totals, weights = np.array(totals), np.array(weights)
    parts = split(totals, weights)
    assert (parts.sum(axis=1) == totals).all()
    assert (parts >= 0).all()
    assert (np.abs(parts - totals[:, None] * (weights / weights.sum())) <= 1).all()


@given(st.integers(0, 10**9), st.integers(2, 7))
def test_equal_parts_give_the_rest_to_the_first(total, count):
    parts = split(np.array([total]), np.ones(count))[0]
    assert parts.tolist() == sorted(parts, reverse=True)
    assert parts[0] - parts[-1] in (0, 1)


def test_what_floats_give_too_much_is_taken_back():
    # the float products stand a hair above what they should be
    total = np.array([7_209_577_041_606_614])
    weights = np.array([0.4946908635047237, 0.7190800730381186, 0.13572991332681117])
    assert np.floor(total[:, None] * (weights / weights.sum())).sum(dtype=np.int64) > total[0]
    assert split(total, weights).sum() == total[0]


def test_the_largest_remainder_is_served_first():
    assert split(np.array([10]), np.array([0.35, 0.36, 0.29])).tolist() == [[3, 4, 3]]
    assert split(np.array([1]), np.array([0.3, 0.5, 0.2])).tolist() == [[0, 1, 0]]


def test_every_row_may_have_its_own_weights():
    assert split(np.array([4, 4]), np.array([[1.0, 3.0], [1.0, 0.0]])).tolist() == [[1, 3], [4, 0]]


@pytest.mark.parametrize(
    ("totals", "weights"), [([1], [0.0, 0.0]), ([1], [-1.0, 2.0]), ([1], [np.nan, 1.0]), ([-1], [1.0])]
)
def test_what_cannot_be_shared_is_refused(totals, weights):
    with pytest.raises(ValueError, match=r"weights|negative"):
        split(np.array(totals), np.array(weights))
