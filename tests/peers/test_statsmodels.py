"""Statistics by other hands: the same waits give the same curves, the same values the same intervals."""

import numpy as np
import pytest
from binned import CALLED, CENSORED, DAYS, LOST, curves
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight
from statsmodels.regression.linear_model import WLS
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import DescrStatsW
from stories import DAY, END, Story, place

from cepsim.experiment.paired import mean_of, ratio_of_means
from cepsim.indicators.delays import delays
from cepsim.indicators.estimates import Curves, quantile
from cepsim.indicators.intervals import interval
from cepsim.trace import Outcome
from cepsim.verify.estimates import holm, ratio

people = st.lists(
    st.tuples(st.just(0), st.integers(0, 38), st.sampled_from([CALLED, LOST, CENSORED])),
    min_size=1,
    max_size=60,
)


# -- curves of waits -----------------------------------------------------------------------------------------


@given(people)
def test_the_delay_offered_is_statsmodels_kaplan_meier(group):
    times = np.array([wait for _, wait, _ in group]) + 1.0  # statsmodels wants times above 0
    status = np.array([end == CALLED for *_, end in group], dtype=int)
    reference = SurvfuncRight(times, status)
    found = curves(*group)
    for time, alive in zip(reference.surv_times, reference.surv_prob, strict=True):
        assert found.offered[0, int(time) - 1] == pytest.approx(1.0 - alive, abs=1e-12)


@given(people.filter(lambda group: {CALLED, LOST} <= {end for *_, end in group}))
def test_the_shares_received_and_lost_are_statsmodels_cumulative_incidences(group):
    times = np.array([wait for _, wait, _ in group], dtype=float) + 1.0
    status = np.array([{CALLED: 1, LOST: 2, CENSORED: 0}[end] for *_, end in group])
    # weights of 1: without them statsmodels divides by 0 for a standard error when everybody has left
    reference = CumIncidenceRight(times, status, freq_weights=np.ones(len(times)))
    found = curves(*group)
    for mine, theirs in zip((found.received, found.lost), reference.cinc, strict=True):
        for time, share in zip(reference.times, theirs, strict=True):
            assert mine[0, int(time) - 1] == pytest.approx(share, abs=1e-12)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 20), st.booleans()), min_size=1, max_size=40),
)
def test_who_enters_at_an_age_is_at_risk_from_that_age_only(group):
    rows = [(0, 0, CENSORED)] * 3  # so that somebody is at risk at 0
    rows += [(entry, entry + more, CALLED if called else CENSORED) for entry, more, called in group]
    entry = np.array([row[0] for row in rows], dtype=float)  # at risk in their own bin: the convention here
    times = np.array([row[1] for row in rows]) + 1.0
    status = np.array([row[2] == CALLED for row in rows], dtype=int)
    reference = SurvfuncRight(times, status, entry=entry)
    found = curves(*rows)
    for time, alive in zip(reference.surv_times, reference.surv_prob, strict=True):
        assert found.offered[0, int(time) - 1] == pytest.approx(1.0 - alive, abs=1e-12)


@given(people, st.sampled_from([0.1, 0.25, 0.5, 0.9]))
def test_a_quantile_of_the_delay_offered_is_that_of_statsmodels(group, level):
    """They part where a step ends on the level itself: statsmodels then takes the next one."""
    reference = SurvfuncRight(np.array([wait for _, wait, _ in group]) + 1.0, _is_called(group))
    assume(not np.isclose(reference.surv_prob, 1 - level).any())
    found = curves(*group)
    ours = quantile(found.offered[0], int(found.offered_known[0]), DAYS, level)
    theirs = reference.quantile(level)
    assert ours.reached == np.isfinite(theirs)
    if ours.reached:
        assert ours.value == theirs - 1.0


@given(st.lists(people, min_size=2, max_size=4))
def test_the_mean_curve_of_cohorts_is_statsmodels_weighted_mean(groups):
    apart = [curves(*group) for group in groups]
    stacked = Curves(*(np.concatenate([getattr(c, f) for c in apart]) for f in Curves.__dataclass_fields__))
    sizes = np.array([len(group) for group in groups])
    mixed = stacked.mixed(np.zeros(len(groups), dtype=np.int64), sizes)
    for name in ("offered", "received", "lost"):
        reference = DescrStatsW(getattr(stacked, name), weights=sizes)
        np.testing.assert_allclose(getattr(mixed, name)[0], reference.mean, rtol=0, atol=1e-12)


def _is_called(group):
    return np.array([end == CALLED for *_, end in group], dtype=int)


WHERE = place()


@settings(max_examples=6)
@given(st.integers(0, 10**6))
def test_published_delays_and_shares_are_statsmodels_from_the_visits_to_the_figure(seed):
    """Whoever still waits when observation ends, a year and more after he joined, is censored there."""
    dice = np.random.default_rng(seed)
    size, longest = dice.integers(20, 80), dice.integers(100, 700)
    # of the last quarter followed
    joins, waits = dice.integers(645, 725, size), dice.integers(4, longest, size)
    ends = dice.choice([CALLED, CALLED, LOST], size)
    journeys, group = Story(), []
    for person, (day, wait, end) in enumerate(
        zip(*map(np.ndarray.tolist, (joins, waits, ends)), strict=True)
    ):
        joined, left = day * DAY, (day + wait) * DAY
        if left >= END:
            journeys.visit(person, "accueil", joined, outcome=Outcome.WAITING)
            group.append((0, END // DAY - day, CENSORED))
            continue
        if end == CALLED:
            journeys.visit(person, "accueil", joined, left).leaves(person, left + 3600, "satisfied")
        else:
            journeys.visit(person, "accueil", joined, outcome=Outcome.GAVE_UP, ended=left)
            journeys.leaves(person, left, "gave_up")
        group.append((0, wait, end))
    table = delays(journeys.counts(WHERE))
    everybody = (table[["region", "operator", "public", "period"]] == "all").all(axis=1)
    figures = table[everybody & (table["stage"] == "accueil")].set_index("indicator")
    days = np.array([wait for _, wait, _ in group], dtype=float)
    reference = SurvfuncRight(days, _is_called(group))
    for name, level in (("wait_p50", 0.5), ("wait_p90", 0.9)):
        assume(not np.isclose(reference.surv_prob, 1 - level).any())
        ours, theirs = figures.loc[name], reference.quantile(level)
        assert ours["reached"] == np.isfinite(theirs)
        # a bin is a day: inside it people are spread
        assert 0 <= ours["value"] / DAY - (theirs if ours["reached"] else days.max() + 1) <= 1
    status = np.array([{CALLED: 1, LOST: 2, CENSORED: 0}[end] for *_, end in group])
    assume({1, 2} <= set(status.tolist()))
    incidence = CumIncidenceRight(days, status, freq_weights=np.ones(len(days)))
    for until in (30, 90, 365):
        # before the day of that name is out
        reached = incidence.cinc[0][incidence.times < until]
        share = figures.loc[f"received_by_{until}d", "value"]
        assert share == pytest.approx(reached[-1] if len(reached) else 0.0, abs=1e-12)


# -- intervals -----------------------------------------------------------------------------------------------

numbers = st.integers(0, 10**6).map(np.random.default_rng)


@given(numbers, st.integers(3, 40), st.integers(1, 6))
def test_the_interval_of_a_mean_is_statsmodels_at_a_share_of_the_risk(dice, n, comparisons):
    values = dice.normal(dice.uniform(-50, 50), dice.uniform(0.1, 30), n)
    reference = DescrStatsW(values).tconfint_mean(alpha=0.05 / comparisons)
    ours = interval(values.mean(), values.std(ddof=1), n, comparisons=comparisons)
    assert ours == pytest.approx(reference)
    paired = mean_of(values, comparisons=comparisons)
    assert (paired["low"], paired["high"]) == pytest.approx(reference)


@given(numbers, st.integers(4, 40), st.integers(1, 6))
def test_at_either_end_of_a_ratios_interval_statsmodels_test_is_at_the_risk(dice, n, comparisons):
    """Fieller's interval: the ratios R for which numerator - R x denominator has a mean that may be 0."""
    denominator = dice.normal(100.0, 10.0, n)
    numerator = dice.uniform(-3, 3) * denominator + dice.normal(0.0, 20.0, n)
    found = ratio_of_means(numerator, denominator, comparisons=comparisons)
    assert found.defined
    for bound in (found.low, found.high):
        _, p, _ = DescrStatsW(numerator - bound * denominator).ttest_mean(0.0)
        assert p == pytest.approx(0.05 / comparisons)


# -- what `cepsim verify` says of a figure -------------------------------------------------------------------


@given(numbers, st.integers(3, 60), st.floats(0.9, 1.1))
def test_a_ratio_its_error_and_its_chance_are_statsmodels_regression_through_zero(dice, n, off):
    """Weighted by one over the count, with errors that no equal variance is supposed for (HC1)."""
    counts = dice.integers(1, 500, n).astype(float)
    totals = 7.0 * counts + dice.normal(0.0, 30.0, n)
    reference = WLS(totals, counts, weights=1 / counts).fit(cov_type="HC1", use_t=True)
    found = ratio(list(np.column_stack([totals, counts])))
    assert found.value == pytest.approx(reference.params[0])
    assert found.error == pytest.approx(reference.bse[0])
    exact = off * found.value
    tested = reference.t_test(([[1.0]], [exact]))
    assert found.z(exact) == pytest.approx(float(np.squeeze(tested.tvalue)), abs=1e-9)
    assert found.p(exact) == pytest.approx(float(np.squeeze(tested.pvalue)), abs=1e-12)


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=80))
def test_chances_corrected_for_their_number_are_those_of_statsmodels_holm(chances):
    assert holm(chances) == pytest.approx(multipletests(chances, method="holm")[1].tolist(), abs=1e-15)
