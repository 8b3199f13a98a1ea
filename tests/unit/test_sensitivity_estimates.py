"""Designs and estimates of sensitivity, on functions whose answer is known."""

import numpy as np
import pytest
from scipy.stats import sobol_indices as scipy_indices
from scipy.stats import triang, uniform

from cepsim.sensitivity.designs import morris_design, saltelli_design, triangular_quantile
from cepsim.sensitivity.estimates import (
    elementary_effects,
    morris_measures,
    paired_effect,
    sobol_indices,
    spread,
)

#: Ishigami & Homma 1990, a = 7, b = 0.1: first and total indices, exact.
_V = 7.0**2 / 8 + 0.1 * np.pi**4 / 5 + 0.1**2 * np.pi**8 / 18 + 0.5
FIRST = np.array([0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2, 7.0**2 / 8, 0.0]) / _V
_V13 = 0.1**2 * np.pi**8 * (1 / 18 - 1 / 50)
TOTAL = FIRST + np.array([_V13, 0.0, _V13]) / _V


def ishigami(x):
    """Of points of the unit cube, shape (n, 3)."""
    x = 2 * np.pi * x - np.pi
    return np.sin(x[..., 0]) + 7 * np.sin(x[..., 1]) ** 2 + 0.1 * x[..., 2] ** 4 * np.sin(x[..., 0])


def at(design, of):
    values = of(design.points)
    n = len(design.first)
    return values[:n], values[n : 2 * n], values[2 * n :].reshape(-1, n)


def test_triangular_quantiles_are_those_of_scipy_and_both_ends_are_the_bounds():
    share = np.linspace(0, 1, 21)
    for low, mode, high in ((2.0, 3.0, 7.0), (2.0, 2.0, 7.0), (2.0, 7.0, 7.0)):
        exact = triang((mode - low) / (high - low), low, high - low).ppf(share)
        assert triangular_quantile(share, low, mode, high) == pytest.approx(exact)
    assert triangular_quantile([0.0, 1.0], 2.0, 3.0, 7.0).tolist() == [2.0, 7.0]
    assert triangular_quantile(0.3, 5.0, 5.0, 5.0) == 5.0


def test_a_trajectory_moves_each_factor_once_on_the_grid():
    design = morris_design(5, 8, seed=3)
    assert design.shape == (8, 6, 5)
    assert set(np.round(design * 3).astype(int).ravel()) == {0, 1, 2, 3}
    assert np.allclose(design * 3, np.round(design * 3))
    moves = np.diff(design, axis=1) != 0
    assert (moves.sum(axis=2) == 1).all()
    assert (moves.sum(axis=1) == 1).all()
    assert (morris_design(5, 8, seed=3) == design).all()


def test_morris_on_a_linear_function_gives_its_coefficients_and_no_spread():
    design = morris_design(4, 6, seed=1)
    slopes = np.array([3.0, -2.0, 0.0, 10.0])
    found = morris_measures(elementary_effects(design, design @ slopes + 7.0))
    assert found.mu == pytest.approx(slopes)
    assert found.mu_star == pytest.approx(np.abs(slopes))
    assert found.sigma == pytest.approx(0.0, abs=1e-12)


def test_a_point_without_a_value_takes_only_its_own_effects_away():
    design = morris_design(3, 4, seed=1)
    values = design @ np.array([1.0, 2.0, 3.0])
    values[2, 1] = np.nan
    found = morris_measures(elementary_effects(design, values))
    assert found.n.sum() == 4 * 3 - 2
    assert found.mu == pytest.approx([1.0, 2.0, 3.0])


def test_interactions_are_in_sigma():
    design = morris_design(2, 20, seed=1)
    found = morris_measures(elementary_effects(design, design[..., 0] * design[..., 1]))
    assert (found.sigma > 0.1).all()


def test_sobol_of_ishigami_is_within_three_standard_errors_of_the_exact_indices():
    found = sobol_indices(*at(saltelli_design(3, 4096, seed=1), ishigami))
    assert (np.abs(found.first - FIRST) < 3 * found.standard_error("first")).all()
    assert (np.abs(found.total - TOTAL) < 3 * found.standard_error("total")).all()
    low, high = found.interval("total")
    assert ((low <= found.total) & (found.total <= high)).all()
    assert found.variance == pytest.approx(_V, rel=0.02)


def test_sobol_indices_are_those_of_scipy():
    first, second, mixed = at(saltelli_design(3, 256, seed=2), ishigami)
    found = sobol_indices(first, second, mixed)
    theirs = scipy_indices(
        func={"f_A": first[None], "f_B": second[None], "f_AB": mixed[:, None]},
        n=256,
        dists=[uniform()] * 3,
    )
    assert found.first == pytest.approx(np.ravel(theirs.first_order))
    assert found.total == pytest.approx(np.ravel(theirs.total_order))


def test_a_failed_point_leaves_its_row_out_of_the_indices():
    first, second, mixed = at(saltelli_design(3, 256, seed=2), ishigami)
    mixed[1, 7] = np.nan
    kept = np.arange(256) != 7
    found, other = (
        sobol_indices(first, second, mixed),
        sobol_indices(first[kept], second[kept], mixed[:, kept]),
    )
    assert found.n == 255
    assert found.first == pytest.approx(other.first)
    nothing = sobol_indices(np.ones(8), np.ones(8), np.ones((3, 8)))
    assert np.isnan(nothing.first).all()


ALL = np.ones(4, dtype=bool)


def test_an_effect_is_paired_and_told_from_noise_only_where_its_interval_leaves_nought_out():
    base = np.array([100.0, 200.0, 50.0, 400.0])
    same = paired_effect(base, ALL, base + 3.0, ALL)
    assert (same.mean, same.low, same.high, same.told) == (3.0, 3.0, 3.0, True)
    noisy = paired_effect(base, ALL, base + np.array([10.0, -9.0, 8.0, -7.0]), ALL)
    assert noisy.told is False
    few = paired_effect(base[:2], ALL[:2], base[:2] + 3.0, ALL[:2])
    assert few.told is None
    assert paired_effect(base[:2], ALL[:2], base[:2], ALL[:2]).told is False
    assert np.isnan(paired_effect(base, ALL, base * np.nan, ALL).mean)


def test_what_is_not_reached_any_more_is_an_effect_of_at_least_its_bound():
    base, bound = np.full(4, 10.0), np.full(4, 60.0)
    found = paired_effect(base, ALL, bound, ~ALL)
    assert (found.mean, found.beyond, found.told) == (50.0, True, True)
    assert paired_effect(bound, ~ALL, base, ALL).n == 0


def test_the_spread_of_a_linear_outcome_is_that_of_its_triangular_laws():
    # 3 x + 5 y, both exact: two skewed ranges
    laws = [(0.0, 1.0, 4.0, 3.0), (10.0, 12.0, 12.0, 5.0)]
    base = np.full(3, 63.0)
    to_low = np.array([[slope * (low - mode)] * 3 for low, mode, _, slope in laws])
    to_high = np.array([[slope * (high - mode)] * 3 for _, mode, high, slope in laws])
    below = np.array([(mode - low) / (high - low) for low, mode, high, _ in laws])
    found = spread(base, to_low, to_high, below)
    exact = [triang((m - low) / (h - low), low, h - low) for low, m, h, _ in laws]
    assert found.hypotheses == pytest.approx(9 * exact[0].var() + 25 * exact[1].var())
    assert found.mean == pytest.approx(3 * exact[0].mean() + 5 * exact[1].mean())
    assert (found.noise_share, found.enough) == (0.0, 1.0)


def test_noise_of_the_effects_is_not_taken_for_hypotheses_and_more_replications_would_help():
    rng = np.random.default_rng(5)
    base = rng.normal(0.0, 10.0, 4000)
    effects = rng.normal(0.0, 10.0, (2, 30, 4000))
    found = spread(base, effects[0], effects[1], np.full(30, 0.5))
    assert found.hypotheses < 10.0**2 / 4000 * 2
    assert found.noise_share > 0.3
    sure = spread(base, effects[0] - 1.0, effects[1] + 1.0, np.full(30, 0.5))
    assert sure.hypotheses == pytest.approx(30 / 6, rel=0.15)
    assert sure.noise_share < 0.01
    assert sure.enough == pytest.approx(100.0 / (sure.hypotheses / 19), rel=0.1)
