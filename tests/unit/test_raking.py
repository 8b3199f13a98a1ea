"""Raking meets both margins to the person, on the tables and on any input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cepsim.errors import TableError
from cepsim.tables import load_tables, rake
from cepsim.tables.integers import fit_margins, share_out
from cepsim.tables.raking import EMPLOYED, UNEMPLOYED
from cepsim.tables.store import PRIVATE_PUBLICS


@pytest.fixture(scope="module")
def tables():
    return load_tables()


@pytest.fixture(scope="module")
def population(tables):
    return rake(tables)


@pytest.fixture(scope="module")
def here(tables):
    return [region.code for region in tables.regions if region.zone == "metropole"]


@pytest.fixture(scope="module")
def overseas(tables):
    return [region.code for region in tables.regions if region.zone == "overseas"]


# The rule, on random inputs.


@st.composite
def problems(draw):
    """A positive seed, and two whole margins of the same total."""
    shape = draw(st.tuples(st.integers(1, 12), st.integers(1, 8)))
    seed = draw(arrays(np.float64, shape, elements=st.floats(0.01, 100)))
    cells = draw(arrays(np.int64, shape, elements=st.integers(0, 100_000)))
    return seed, cells.sum(axis=1), cells.sum(axis=0)


@given(problems())
def test_both_margins_are_exact(problem):
    seed, rows, columns = problem
    fitted = fit_margins(seed, rows, columns)
    assert fitted.dtype == np.int64
    assert (fitted >= 0).all()
    assert (fitted.sum(axis=1) == rows).all()
    assert (fitted.sum(axis=0) == columns).all()


@given(problems())
def test_a_seed_scaled_by_row_and_column_gives_the_same_persons(problem):
    seed, rows, columns = problem
    scaled = seed * np.linspace(1, 2, len(rows))[:, None] * np.linspace(3, 1, len(columns))[None, :]
    assert np.abs(fit_margins(seed, rows, columns) - fit_margins(scaled, rows, columns)).max() <= 1


@given(arrays(np.int64, (4, 3), elements=st.integers(1, 1000)))
def test_whole_persons_that_meet_their_margins_are_left_alone(cells):
    fitted = fit_margins(cells.astype(np.float64), cells.sum(axis=1), cells.sum(axis=0))
    assert (fitted == cells).all()


@given(
    st.integers(0, 10**8),
    arrays(np.float64, st.integers(1, 30), elements=st.floats(0, 100)).filter(lambda w: w.sum() > 0.001),
)
def test_parts_of_a_total_sum_to_it_and_miss_their_share_by_less_than_one(total, weights):
    parts = share_out(total, weights)
    assert parts.sum() == total
    assert np.abs(parts - total * weights / weights.sum()).max() < 1 + 1e-6


def test_equal_remainders_go_to_the_first_rows():
    assert share_out(5, np.ones(3)).tolist() == [2, 2, 1]
    half = np.array([[0.5, 0.5], [0.5, 0.5]])
    assert fit_margins(half, np.array([1, 1]), np.array([1, 1])).tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize(
    ("seed", "rows", "columns", "words"),
    [
        ([[1.0, 1.0]], [3], [1, 1], "the margins differ"),
        ([[1.0, 0.0]], [2], [1, 1], "positive"),
        ([[1.0, float("nan")]], [2], [1, 1], "positive"),
        ([[1.0, 1.0]], [0], [1, -1], "negative"),
    ],
)
def test_margins_that_cannot_be_met_are_refused(seed, rows, columns, words):
    with pytest.raises(ValueError, match=words):
        fit_margins(np.array(seed), np.array(rows), np.array(columns))


@pytest.mark.parametrize("weights", [[0.0, 0.0], [1.0, -1.0], [1.0, float("inf")]])
def test_weights_that_share_nothing_out_are_refused(weights):
    with pytest.raises(ValueError, match="weights"):
        share_out(10, np.array(weights))


# On the tables.


def test_the_totals_of_slide_5_are_met_to_the_person(population, here):
    stocks = population.stocks.loc[here]
    assert stocks.to_numpy().sum() == 28_328_000
    assert stocks[list(EMPLOYED)].to_numpy().sum() == 25_520_000
    assert stocks[list(UNEMPLOYED)].to_numpy().sum() == 2_808_000
    assert stocks[list(PRIVATE_PUBLICS)].to_numpy().sum() == 17_417_000


def test_each_public_meets_its_total(tables, population, here):
    for public in population.stocks:
        total = tables.figure(f"publics.stock.{public}.persons").mode_in_base
        assert population.stocks.loc[here, public].sum() == total


def test_regions_keep_their_published_totals_but_for_rounding(tables, population):
    for region in tables.regions:
        for variable, publics in (("employed_15_64", EMPLOYED), ("unemployed_bit_15_64", UNEMPLOYED)):
            published = tables.figure(f"regions.{region.code}.{variable}").mode_in_base
            assert population.stocks.loc[region.code, list(publics)].sum() == pytest.approx(published, abs=50)


def test_overseas_keeps_its_public_agents_and_its_people_in_work(tables, population, overseas):
    for code in overseas:
        agents = tables.figure(f"regions.{code}.agents_publics").mode_in_base
        employed = tables.figure(f"regions.{code}.employed_15_64").mode_in_base
        assert population.stocks.loc[code, "agents_publics"] == round(agents)
        assert population.stocks.loc[code, list(EMPLOYED)].sum() == round(employed)


def test_overseas_comes_on_top(population, overseas):
    assert 700_000 < population.stocks.loc[overseas].to_numpy().sum() < 800_000


def test_private_employees_follow_the_key_that_shares_out_opacif_staff(population, here):
    private = population.stocks.loc[here, list(PRIVATE_PUBLICS)].sum(axis=1)
    key = population.keys.loc[here, "opacif"]
    assert (private / private.sum()).to_numpy() == pytest.approx((key / key.sum()).to_numpy(), rel=1e-4)


def test_people_and_events_are_whole_and_not_negative(population):
    for frame in (population.stocks, population.events):
        assert (frame.dtypes == np.int64).all()
        assert (frame >= 0).to_numpy().all()
        assert frame.shape[0] == 26


def test_a_metropolitan_total_is_met_without_overseas(population, here, overseas):
    layoffs = population.events["licenciement_eco_hors_csp"]
    assert layoffs.loc[here].sum() == 190_000
    assert layoffs.loc[overseas].sum() > 0
    assert population.events.loc[here, "rupture_conventionnelle"].sum() == 320_000


def test_a_total_for_france_is_met_by_all_regions(population):
    assert population.events["sortants_formation_initiale"].sum() == 700_000
    assert population.events["apec_salaries"].sum() == 65_300


def test_the_keys_of_each_operator_sum_to_one(population):
    assert population.keys.sum().to_numpy() == pytest.approx(np.ones(5), abs=1e-12)
    assert list(population.keys) == ["opacif", "pole_emploi", "missions_locales", "cap_emploi", "apec"]


def test_exact_residuals_are_zero(population):
    residuals = population.residuals
    assert (residuals.loc[residuals["exact"], "difference"] == 0).all()
    assert (residuals["got"] - residuals["target"] == residuals["difference"]).all()


def test_raking_twice_gives_the_same_people(tables, population):
    again = rake(tables)
    assert population.stocks.equals(again.stocks)
    assert population.events.equals(again.events)


def test_a_region_without_its_row_is_named(tables):
    figures = {k: v for k, v in tables.figures.items() if k != "regions.53.cdd"}
    with pytest.raises(TableError, match="no cdd for some regions"):
        rake(type(tables)(figures, tables.names, tables.regions, tables.digest))


class Range:
    low, mode, high, reason = 100.0, 210.0, 300.0, "a bad year"


def test_an_override_of_events_moves_them_everywhere(tables, population, here):
    id_ = "demand.de_licenciement_eco.event.events_per_year_hors_csp"
    more = rake(tables.with_overrides({id_: Range()}))
    assert more.events.loc[here, "licenciement_eco_hors_csp"].sum() == 210_000
    assert more.stocks.equals(population.stocks)
