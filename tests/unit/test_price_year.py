"""Amounts in constant euros of another year than 2013: one index for all, comparisons in one euro."""

from dataclasses import replace
from fractions import Fraction

import pandas as pd
import pytest
from deployments import in_scenario, rows_of, scenario, tables
from money import CIF_CDI, FPSPP, HOUR, WORKED, files, where

from cepsim.costing import (
    CURRENT,
    DIMENSIONS,
    close,
    commitments,
    ledger,
    net_of,
    social_partners,
    with_current_euros,
)
from cepsim.costing.budget import budget_lines
from cepsim.errors import ScenarioError, UsageError
from cepsim.experiment import plan
from cepsim.indicators.marks import cost_marks

INDEX = Fraction("1.015")
COUNTED = rows_of(
    *WORKED,
    ("used_s", "first_line", "apec", 10 * HOUR),
    ("calls", "", "missions_locales", 12_345),
    ("working_time_s", "", "opacif", 90 * HOUR),
    ("account_s", "", "opacif", 100 * HOUR),
    ("bilans_short", "", "opacif", 3),
    ("informed_elsewhere", "", "mife", 77),
    ("active_persons", "", "national", 1000),
)
BEFORE, THEN = where(), where(costs__price_year=2014)


def test_every_amount_is_that_of_2013_times_the_index_to_a_cent_a_row():
    one, other = ledger(BEFORE, COUNTED), ledger(THEN, COUNTED)
    close(other, COUNTED)
    keys = [*DIMENSIONS, "quantity", "people"]
    assert one.rows[keys].equals(other.rows[keys])
    # the cell is rounded in both, and shared in whole cents
    gap = (one.rows["amount_cents"] * float(INDEX) - other.rows["amount_cents"]).abs()
    assert gap.max() <= 2
    assert other.rows["unit_cost_cents"].to_numpy() == pytest.approx(
        one.rows["unit_cost_cents"].to_numpy() * float(INDEX)
    )
    assert other.price_year == 2014


@pytest.mark.parametrize(("year", "index"), [(2012, 1 / INDEX), (2013, 1), (2030, INDEX**17)])
def test_years_before_and_after_the_tables_have_their_index(year, index):
    found = ledger(where(costs__price_year=year), rows_of(("bilans_conge", "", "opacif", 1000)))
    assert found.rows["amount_cents"].sum() == round(1_700_000_00 * index)


@pytest.mark.parametrize("year", [2011, 2031])
def test_other_years_are_refused(year):
    with pytest.raises(ScenarioError, match=r"price_year"):
        where(costs__price_year=year)


def test_current_euros_are_the_same_whatever_the_year_of_prices():
    one, other = (
        with_current_euros(ledger(place, COUNTED).rows, tables(), price_year=year)
        for place, year in ((BEFORE, 2013), (THEN, 2014))
    )
    for column in CURRENT:
        assert (one[column] - other[column]).abs().max() <= 3


def test_marks_on_costs_have_the_verdicts_of_2013():
    for cost in (139.9, 140.1, 164.9, 165.1):
        verdicts = []
        for index in (1.0, float(INDEX)):
            keys = ("reference", "opacif", "all", "per_person_received", cost * index)
            frame = pd.DataFrame([keys], columns=["scenario", "operator", "year", "indicator", "mean"])
            verdicts.append(cost_marks(tables(), frame, "reference", index)["inside"].tolist())
        assert verdicts[0] == verdicts[1]


def test_what_the_social_partners_know_is_in_the_same_euros():
    shares = []
    for place in (BEFORE, THEN):
        ours = ledger(place, COUNTED)
        base = ledger(in_scenario(place, "reference", price_year=place.scenario.costs.price_year), rows_of())
        shares.append(social_partners(ours, base, place).iloc[0])
    for name in ("share_of_private_payroll", "share_of_cif_contribution", "cif_forgone"):
        assert shares[1][name] == pytest.approx(shares[0][name], rel=1e-5)
    assert shares[1]["new_money_cents"] > shares[0]["new_money_cents"] > 0


def test_budgets_accept_as_many_files_and_what_they_commit_follows_the_index():
    asked = rows_of(files("formation", "salaries_cdi", 100_000))
    one, other = (commitments(place, asked).set_index("outcome") for place in (BEFORE, THEN))
    assert one["quantity"].sum() == other["quantity"].sum() == 100_000
    assert one.groupby("outcome")["quantity"].sum().equals(other.groupby("outcome")["quantity"].sum())
    few = commitments(THEN, rows_of(files("formation", "salaries_cdi", 10)))
    assert few["amount_cents"].sum() == 10 * CIF_CDI * INDEX


def test_amounts_of_a_scenario_are_in_euros_of_its_year_of_prices():
    fund = {"contributors": FPSPP, "tariff_eur": 100.0}
    paths = rows_of(*WORKED, ("mutualised_paths", "", "opacif", 50))
    place = where(costs__price_year=2014, financing__mutualised=fund)
    found = ledger(place, paths)
    assert found.fund["due_cents"].sum() == 50 * 100_00
    line = {"name": {"fr": "x", "en": "x"}, "source": "x", "year": 2015, "amount_eur": 1000.0}
    told = {}
    for euros in ("constant", "current"):
        place = where(costs__price_year=2014, costs__budget_lines=[line | {"euros": euros}])
        frame = budget_lines(place, ledger(place, rows_of(("bilans_conge", "", "opacif", 10))), NONE)
        told[euros] = frame.set_index("indicator")["value"]
    assert told["constant"]["simulated"] == pytest.approx(17_000 * float(INDEX))
    # of 2015, whatever the year of prices
    assert told["current"]["simulated"] == pytest.approx(17_000 * float(INDEX) ** 2)
    assert told["constant"]["given"] == told["current"]["given"]


NONE = commitments(BEFORE, rows_of())


def test_ledgers_in_different_euros_have_no_difference():
    with pytest.raises(ValueError, match="other euros"):
        net_of(ledger(THEN, COUNTED), ledger(BEFORE, COUNTED))
    growth = {"figures.unit_costs.price_growth.all": 0.02}
    dearer = replace(THEN, scenario=THEN.scenario.derive(growth, tables=tables()))
    dearer = replace(dearer, tables=tables().with_overrides(dearer.scenario.figures, file="test"))
    with pytest.raises(ValueError, match="other euros"):
        net_of(ledger(dearer, COUNTED), ledger(THEN, COUNTED))


def test_scenarios_of_a_run_have_one_year_of_prices_and_reference_takes_it():
    one, other = (
        scenario("central").derive({"costs.price_year": year}, name=name, tables=tables())
        for name, year in (("one", 2014), ("other", 2015))
    )
    planned = plan([one], regions=["94"], tables=tables())
    assert {of.costs.price_year for of in planned.scenarios} == {2014}
    with pytest.raises(UsageError, match="different euros"):
        plan([one, other], regions=["94"], tables=tables())
