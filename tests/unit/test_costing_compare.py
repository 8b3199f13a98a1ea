from dataclasses import replace

import pandas as pd
import pytest
from deployments import deployment, desk
from hypothesis import given, settings
from hypothesis import strategies as st

from cepsim.costing import DIMENSIONS, ledger, net_of, social_partners, unit_costs
from cepsim.costing.quantities import DIMENSIONS as COUNTED

HOUR = 3600
WHERE = deployment(
    desk(None, 0), stations=[("opacif", "accueil")], teams=[("opacif", "advisers", "53")], years=1
)
NEW, MOVED, OLD = "nouveau_recurrent", "redeploye", "deja_finance"


def counted(*rows):
    """Quantities from (quantity, role, operator, character, value), and a year by default 2015."""
    plain = {"region": "53", "stage": "accueil", "public": "salaries_cdi"}
    names = ("quantity", "role", "operator", "character", "value", "year")
    filled = [plain | dict(zip(names, (*row, 2015)[:6], strict=True)) for row in rows]
    return pd.DataFrame(filled, columns=[*COUNTED, "value"])


def of(*rows):
    return ledger(WHERE, counted(*rows))


# A post of an adviser of the OPACIF costs 75 000 EUR a year for 1607 hours.
POST = 1607 * HOUR
REFERENCE = of(
    ("used_s", "advisers", "opacif", OLD, POST),
    ("calls", "", "opacif", OLD, 1000),
    ("working_time_s", "", "opacif", OLD, HOUR),
)
SCENARIO = of(
    ("used_s", "advisers", "opacif", OLD, POST),
    ("used_s", "advisers", "opacif", NEW, POST),
    ("used_s", "advisers", "opacif", MOVED, POST),
    ("calls", "", "opacif", OLD, 1500),
    ("working_time_s", "", "opacif", OLD, 3 * HOUR),
    ("hires_thousandths", "advisers", "opacif", "nouveau_ponctuel", 1000, 2014),
)


def test_net_is_gross_less_the_reference_and_new_money_leaves_out_staff_moved_and_working_time():
    table = net_of(SCENARIO, REFERENCE, by=[]).iloc[0].to_dict()
    calls, time, hire, post = 500_00, 2 * 34_00, 4000_00, 75_000_00
    assert table == {
        "gross_cents": 3 * post + 1500_00 + 3 * 34_00 + hire,
        "reference_cents": post + 1000_00 + 34_00,
        "net_cents": 2 * post + calls + time + hire,
        "new_money_cents": post + calls + hire,
    }


def test_the_overtime_of_staff_moved_is_new_money():
    scenario = of(("overtime_s", "advisers", "opacif", MOVED, HOUR))
    table = net_of(scenario, REFERENCE, by=["nature"]).set_index("nature")
    assert table.loc["advisers_overtime", "new_money_cents"] == 3590


def test_a_cost_of_the_reference_alone_is_a_saving():
    table = net_of(of(("calls", "", "opacif", OLD, 1)), REFERENCE, by=["nature"]).set_index("nature")
    assert table.loc["advisers_used", "net_cents"] == -5769231
    assert table.loc["telecom", "net_cents"] == -999_00


@settings(max_examples=25)
@given(st.lists(st.sampled_from(DIMENSIONS), unique=True))
def test_any_cut_adds_up_to_the_whole(cut):
    names = ["gross_cents", "reference_cents", "net_cents", "new_money_cents"]
    whole = net_of(SCENARIO, REFERENCE, by=[])
    assert net_of(SCENARIO, REFERENCE, by=cut)[names].sum().tolist() == whole[names].iloc[0].tolist()


def test_a_ledger_compared_with_itself_has_no_net_cost():
    assert (net_of(SCENARIO, SCENARIO, by=["payer"])[["net_cents", "new_money_cents"]] == 0).all(axis=None)


def test_ledgers_of_other_regions_and_unknown_cuts_are_refused():
    with pytest.raises(ValueError, match="other regions"):
        net_of(SCENARIO, replace(REFERENCE, regions=("11",)))
    with pytest.raises(ValueError, match="natures is not a cut"):
        net_of(SCENARIO, REFERENCE, by=["natures"])


def test_unit_costs_divide_the_operators_cost_by_three_different_counts():
    people = [
        ("persons_received", "", "opacif", OLD, 500),
        ("persons_entering_conseil", "", "opacif", OLD, 200),
        ("persons_received", "", "apec", OLD, 3),
    ]
    rows = [
        ("used_s", "advisers", "opacif", OLD, POST),
        ("bilans_conge", "", "opacif", OLD, 40),
        ("calls", "", "opacif", OLD, 1000),
        ("working_time_s", "", "opacif", OLD, HOUR),
    ]
    both = counted(*people, *rows)
    table = unit_costs(ledger(WHERE, both), both).set_index("operator")
    found = table.loc["opacif"]
    assert found["cost_cents"] == 75_000_00 + 1000_00
    assert found["per_person_received"] == pytest.approx(76_000 / 500)
    assert found["per_person_entering_conseil"] == pytest.approx(76_000 / 200)
    assert pd.isna(found["per_project"])
    assert table.loc["apec", "cost_cents"] == 0


def test_unit_costs_may_be_cut_by_year():
    both = counted(
        ("used_s", "advisers", "opacif", OLD, POST, 2014),
        ("used_s", "advisers", "opacif", OLD, POST),
        ("projects", "", "opacif", OLD, 100),
    )
    table = unit_costs(ledger(WHERE, both), both, by=["year"]).set_index("year")
    assert table.loc[2015, "per_project"] == pytest.approx(750)
    assert pd.isna(table.loc[2014, "per_project"])


def test_new_money_is_set_against_the_region_s_part_of_what_the_social_partners_know():
    table = social_partners(SCENARIO, REFERENCE, WHERE).set_index(["year", "payer"])
    new = 75_000 + 500
    part = float(WHERE.population.keys.loc["53", "opacif"])
    found = table.loc[(2015, "all")]
    assert found["new_money_cents"] == new * 100
    assert found["share_of_private_payroll"] == pytest.approx(new / (510e9 * part))
    assert found["share_of_cif_contribution"] == pytest.approx(new / (912e6 * part))
    assert found["cif_forgone"] == pytest.approx(new / 24_600)
    assert 500_000 < new / found["eur_per_private_employee"] < 1_200_000
    assert table.loc[(2014, "contribution_cif_employeurs"), "new_money_cents"] == 4000_00
