"""Points of accueil per 100 000 active people: the tables' structures, shared out by stated keys."""

import numpy as np
import pytest
from deployments import population, tables

from cepsim.report import access_table
from cepsim.scenario.vocabulary import OPERATORS
from cepsim.tables.access import ALL_ACTORS, FULL_OPERATORS, points_of_accueil, structures


@pytest.fixture(scope="module")
def points():
    return points_of_accueil(tables())


def of(points, actor):
    return points[points["actor"] == actor].set_index("region")


def test_the_structures_of_an_actor_are_all_shared_out_to_the_last(points):
    for actor, figure in structures(tables()).items():
        here = of(points, actor)
        assert len(here) == 26
        for name in ("low", "mode", "high"):
            assert here[f"places_{name}"].sum() == pytest.approx(getattr(figure, name))


def test_an_operator_s_structures_go_where_its_staff_goes(points):
    for operator in OPERATORS:
        here = of(points, operator)
        shares = here["places_mode"] / here["places_mode"].sum()
        assert np.allclose(shares, population().keys[operator].loc[here.index])


def test_other_actors_have_the_same_rate_everywhere(points):
    (rate,) = of(points, "cio")["mode"].round(9).unique()
    assert rate == pytest.approx(582 * 100_000 / population().stocks.to_numpy().sum())


def test_the_rate_of_bretagne_is_its_places_over_its_active_people(points):
    active = int(population().stocks.loc["53"].sum())
    share = population().keys["pole_emploi"].loc["53"]
    row = of(points, "pole_emploi").loc["53"]
    assert row["active"] == active
    assert row["mode"] == pytest.approx(950 * share / active * 100_000)


def test_sums_are_those_of_the_five_operators_and_of_all_actors(points):
    each = points[~points["actor"].isin([FULL_OPERATORS, ALL_ACTORS])]
    five = each[each["actor"].isin(OPERATORS)]
    for name, rows in ((FULL_OPERATORS, five), (ALL_ACTORS, each)):
        assert np.allclose(of(points, name)["high"], rows.groupby("region", sort=False)["high"].sum())
    assert (of(points, ALL_ACTORS)["mode"] > of(points, FULL_OPERATORS)["mode"]).all()


def test_what_was_counted_later_or_does_no_accueil_is_left_out():
    known = structures(tables())
    assert set(OPERATORS) < set(known)
    assert known["pole_emploi"].mode == 950  # not the 900 published in 2016
    assert "bdc_private" not in known  # private centres of bilans: no weight at the accueil
    assert "of" not in known  # training bodies count no structure


def test_the_table_of_some_regions_holds_no_other():
    assert [row[1] for row in access_table(tables(), "fr", ["94"]).rows] == ["Corse"]
