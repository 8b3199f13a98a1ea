"""Spread of delays and coverage between regions and between publics, by hand."""

import numpy as np
import pytest
from counted import counts, found, value
from deployments import population

from cepsim.indicators import indicators
from cepsim.indicators.equity import gini, p90_over_p10


@pytest.fixture(scope="module")
def stocks():
    return population().stocks


def offers(*shares):
    """A public each: so many in ten offered an accueil within the norm."""
    publics = ("salaries_cdi", "salaries_cdd", "interimaires")
    return [{"public": p, "asked": 10, "within": n} for p, n in zip(publics, shares, strict=False)]


def test_publics_that_are_offered_the_same_have_no_spread(stocks):
    run = indicators(counts(offers=offers(6, 6, 6)), stocks)
    assert value(run, "gini_publics_share_within_norm", stage="accueil") == 0
    assert value(run, "p90_p10_publics_share_within_norm", stage="accueil") == 1


def test_the_spread_between_publics_is_that_of_their_shares(stocks):
    run = indicators(counts(offers=offers(2, 4, 9)), stocks)
    # sum of |a - b| over ordered pairs is 2 * (2 + 7 + 5) = 28; over 2 n^2 mean: 28 / (2 * 9 * 5)
    assert value(run, "gini_publics_share_within_norm", stage="accueil") == pytest.approx(28 / 90)
    # deciles between 0.2, 0.4, 0.9: 0.4 + 0.8 * 0.5 and 0.2 + 0.2 * 0.2
    assert value(run, "p90_p10_publics_share_within_norm", stage="accueil") == pytest.approx(0.80 / 0.24)


def test_publics_weigh_the_same_however_many_they_are(stocks):
    rows = offers(2, 4)
    many = [{**rows[0], "asked": 1000, "within": 200}, rows[1]]
    one, other = (indicators(counts(offers=of), stocks) for of in (rows, many))
    name = "gini_publics_share_within_norm"
    assert value(one, name, stage="accueil") == value(other, name, stage="accueil")
    assert found(other, name, stage="accueil")["people"].tolist() == [1010]


def test_coverage_is_spread_between_publics_over_their_stock(stocks):
    rows = [
        {"public": public, "served": n, "reached": n}
        for public, n in (("salaries_cdi", 90), ("agents_publics", 40))
    ]
    run = indicators(counts(identities=rows), stocks)
    shares = [90 / stocks.loc["53", "salaries_cdi"], 40 / stocks.loc["53", "agents_publics"]]
    expected = abs(shares[0] - shares[1]) / (2 * sum(shares))
    assert value(run, "gini_publics_coverage_served", period="2015") == pytest.approx(expected)


def test_one_public_has_no_spread_and_one_region_none_between_regions(stocks):
    run = indicators(counts(offers=offers(5)), stocks)
    assert found(run, "gini_publics_share_within_norm", stage="accueil").empty
    two = indicators(counts(offers=offers(5, 6)), stocks)
    assert found(two, "gini_share_within_norm", stage="accueil").empty


def test_regions_are_compared_over_all_publics_together(stocks):
    rows = [*offers(2, 4), *({**row, "region": "94"} for row in offers(6, 8))]
    run = indicators(counts(offers=rows), stocks)
    # 0.3 in one, 0.7 in the other
    assert value(run, "gini_share_within_norm", stage="accueil") == pytest.approx(0.4 / (2 * 1.0))
    # publics over both regions: 0.4 and 0.6
    assert value(run, "gini_publics_share_within_norm", stage="accueil") == pytest.approx(0.2 / (2 * 1.0))


def test_a_spread_over_nothing_is_nought_and_has_no_ratio():
    assert gini(np.zeros(3)) == 0
    assert p90_over_p10(np.zeros(3)) is None
