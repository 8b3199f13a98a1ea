"""Bilans that employers decide by themselves: how many, who pays, and what they are in a net cost."""

from dataclasses import replace
from fractions import Fraction

import pandas as pd
from deployments import population, rows_of, tables
from money import HOUR, sums, where

from cepsim.costing import close, ledger, net_of
from cepsim.costing.posts import region_rows

#: `central` in Bretagne for two years.
WITH, WITHOUT = where(costs__employer_bilans=True), where()
YEARLY = "operators.bdc_plan_de_formation.bilans"
ON_TIME = "stages.conseil.share_on_working_time.salaries.all.all.all"


def changed(figure, mode):
    """`WITH` under another figure."""
    of = WITH.scenario.derive({f"figures.{figure}": mode}, tables=tables())
    return replace(WITH, tables=tables().with_overrides(of.figures, file="test"))


def found(place, quantity):
    return {row["year"]: row["value"] for row in region_rows(place) if row["quantity"] == quantity}


def priced(place):
    rows = pd.DataFrame(region_rows(place)).assign(people=0)
    amounts = ledger(place, rows)
    close(amounts, rows)
    return amounts


def test_a_region_has_its_part_of_those_of_france_every_year_and_none_unless_asked_for():
    key = float(population().keys.loc["53", "opacif"])
    bilans = found(WITH, "bilans_plan")
    assert bilans == {2015: round(23_000 * key), 2016: round(23_000 * key)}
    assert not found(WITHOUT, "bilans_plan") and not found(WITHOUT, "working_time_s")
    assert found(changed(YEARLY, 46_000), "bilans_plan")[2015] == round(46_000 * key)


def test_the_part_of_their_hours_that_the_tables_say_is_on_working_time():
    bilans = found(WITH, "bilans_plan")[2015]
    assert found(WITH, "working_time_s")[2015] == round(bilans * 20 * 0.15 * HOUR)
    assert found(changed(ON_TIME, 0.3), "working_time_s")[2015] == round(bilans * 20 * 0.3 * HOUR)


def test_employers_pay_them_already_and_the_ledger_closes():
    rows = priced(WITH).rows
    rows = rows[rows["operator"] == "employeurs"]
    assert set(rows["payer"]) == {"employeurs"}
    assert set(rows["character"]) == {"deja_finance"}
    bilans = sum(found(WITH, "bilans_plan").values())
    hour = Fraction(str(tables().figure("unit_costs.employer_hour_cost.all_private_10plus").mode))
    seconds = sum(found(WITH, "working_time_s").values())
    assert sums(rows, "nature") == {
        "bilan_plan": bilans * 1700_00,
        "working_time_given": round(seconds * hour * 100 / HOUR),
    }


def test_they_are_no_new_money_beside_a_reference_that_leaves_them_out():
    with_them, without = (net_of(priced(place), priced(WITHOUT), by=[]).iloc[0] for place in (WITH, WITHOUT))
    more = with_them - without
    assert more["paid_anyway_cents"] == more["gross_cents"] > 0
    assert more["new_money_cents"] == more["services_not_rendered_cents"] == 0


def test_those_of_people_whom_the_right_brings_are_new_money_all_the_same():
    ours = ledger(WITHOUT, rows_of(("bilans_plan", "", "opacif", 10, {"character": "nouveau_recurrent"})))
    table = net_of(ours, ledger(WITHOUT, rows_of()), by=[]).iloc[0]
    assert table["new_money_cents"] == 10 * 1700_00
