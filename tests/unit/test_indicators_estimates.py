import numpy as np
import pytest
from binned import CALLED, CENSORED, DAYS, LOST, curves
from hypothesis import given
from hypothesis import strategies as st

from cepsim.indicators.bins import SECONDS, WORKING_DAYS
from cepsim.indicators.estimates import FOREVER, Curves, quantile, share_by

people = st.lists(
    st.tuples(st.just(0), st.integers(0, 38), st.sampled_from([CALLED, LOST, CENSORED])),
    min_size=1,
    max_size=60,
)


@given(people)
def test_received_lost_and_still_waiting_make_everybody(group):
    found = curves(*group)
    together = found.received + found.lost
    assert (together <= 1.0 + 1e-12).all()
    assert (np.diff(found.received, axis=1) >= -1e-15).all()
    if not any(end == CENSORED for *_, end in group):
        assert together[0, -1] == pytest.approx(1.0)
        assert found.known[0] == FOREVER


def test_five_people_by_hand():
    # 1 of 5 called at 1; 1 of 4 lost at 2; 1 of 3 called at 3; 1 censored at 4; 1 of 1 called at 5
    found = curves((0, 1, CALLED), (0, 2, LOST), (0, 3, CALLED), (0, 4, CENSORED), (0, 5, CALLED))
    assert found.offered[0, 1] == pytest.approx(1 / 5)
    assert found.offered[0, 3] == pytest.approx(1 - 4 / 5 * 2 / 3)
    assert found.offered[0, 5] == pytest.approx(1.0)
    assert found.received[0, [1, 2, 3, 4]] == pytest.approx([0.2, 0.2, 0.4, 0.4])
    assert found.lost[0, 2] == pytest.approx(0.2)
    assert found.received[0, 5] == pytest.approx(0.8)


def test_a_quantile_that_is_not_reached_says_up_to_where():
    found = curves((0, 1, CALLED), (0, 2, CENSORED), (0, 7, CENSORED))
    reached = quantile(found.offered[0], int(found.offered_known[0]), DAYS, 0.3)
    beyond = quantile(found.offered[0], int(found.offered_known[0]), DAYS, 0.5)
    assert (reached.value, reached.reached) == (1.0, True)
    assert (beyond.value, beyond.reached) == (8.0, False)


def test_a_quantile_is_not_read_where_nobody_is_observed_any_more():
    found = curves((0, 1, CALLED), (0, 2, CENSORED))
    assert share_by(found.received[0], int(found.known[0]), DAYS, 3) == pytest.approx(0.5)
    assert share_by(found.received[0], int(found.known[0]), DAYS, 4) is None
    assert share_by(found.received[0], int(found.known[0]), DAYS, 0) == 0.0


def test_a_share_is_known_for_ever_once_nobody_waits():
    found = curves((0, 1, CALLED), (0, 2, LOST))
    assert share_by(found.received[0], int(found.known[0]), DAYS, 39) == pytest.approx(0.5)


def test_a_quantile_of_time_is_spread_inside_its_bin_and_nobody_waiting_is_exact():
    minute = curves(*[(0, 90, CALLED)] * 4, bins=SECONDS)
    none = curves(*[(0, 0, CALLED)] * 4, bins=SECONDS)
    assert quantile(minute.offered[0], FOREVER, SECONDS, 0.5).value == pytest.approx(90.0)
    assert quantile(none.offered[0], FOREVER, SECONDS, 0.9).value == 0.0


def test_cohorts_weigh_by_who_joined_and_are_known_as_far_as_the_least_known():
    early = curves((0, 1, CALLED), (0, 9, CALLED), (0, 9, CALLED))
    late = curves((0, 1, CALLED), (0, 4, CENSORED))
    both = Curves(
        *(np.concatenate([getattr(early, f), getattr(late, f)]) for f in Curves.__dataclass_fields__)
    )
    mixed = both.mixed(np.array([0, 0]), np.array([3, 2]))
    assert mixed.offered[0, 1] == pytest.approx((3 * (1 / 3) + 2 * (1 / 2)) / 5)
    assert mixed.offered_known.tolist() == [4]
    assert not quantile(mixed.offered[0], 4, DAYS, 0.9).reached


def test_pooling_a_growing_queue_is_biased_and_the_mix_of_cohorts_is_not():
    """Waits grow from cohort to cohort and the last ones are hardly observed."""
    cohorts = [[(0, wait, CALLED)] * 100 for wait in (2, 4, 6)]
    cohorts.append([(0, 3, CENSORED)] * 100)  # would have waited 8, seen for 3
    pooled = curves(*(row for cohort in cohorts for row in cohort))
    apart = [curves(*cohort) for cohort in cohorts]
    stacked = Curves(*(np.concatenate([getattr(c, f) for c in apart]) for f in Curves.__dataclass_fields__))
    mixed = stacked.mixed(np.zeros(4, dtype=np.int64), np.full(4, 100))
    assert quantile(pooled.offered[0], int(pooled.offered_known[0]), DAYS, 0.9).value == 6.0
    honest = quantile(mixed.offered[0], int(mixed.offered_known[0]), DAYS, 0.9)
    assert (honest.value, honest.reached) == (4.0, False)


@given(st.integers(0, 6 * 365 * 86_400))
def test_every_wait_is_in_the_bin_that_holds_it(wait):
    position = int(SECONDS.of(np.array([wait]))[0])
    assert SECONDS.lower[position] <= wait
    assert position == len(SECONDS) - 1 or wait < SECONDS.lower[position + 1]


def test_bins_are_minutes_to_two_hours_hours_to_three_days_then_days():
    widths = dict(zip(SECONDS.lower[:-1].tolist(), np.diff(SECONDS.lower).tolist(), strict=True))
    assert widths[60] == widths[119 * 60] == 60
    assert widths[2 * 3600] == widths[71 * 3600] == 3600
    assert widths[3 * 86_400] == widths[1460 * 86_400] == 86_400
    assert len(WORKING_DAYS) > 4 * 250


def test_a_negative_wait_is_refused():
    with pytest.raises(ValueError, match="not negative"):
        SECONDS.of(np.array([3, -1]))


def test_what_is_reached_in_the_bin_that_has_no_end_is_not_reached():
    found = curves((0, 39, CALLED))
    last = quantile(found.offered[0], int(found.offered_known[0]), DAYS, 0.5)
    assert (last.value, last.reached) == (39.0, False)


def test_when_the_last_gives_up_what_was_offered_is_known_up_to_then_and_what_became_of_all_for_ever():
    found = curves((0, 1, CALLED), (0, 2, LOST))
    mixed = found.mixed(np.array([0]), np.array([2]))
    assert (mixed.offered_known.tolist(), mixed.known.tolist()) == ([2], [FOREVER])
