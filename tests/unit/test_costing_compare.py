from dataclasses import replace

import pandas as pd
import pytest
from deployments import deployment, desk
from hypothesis import given, settings
from hypothesis import strategies as st

from cepsim.costing import DIMENSIONS, PARTS, ledger, net_of, social_partners, unit_costs
from cepsim.costing.quantities import DIMENSIONS as COUNTED

HOUR = 3600
WHERE = deployment(
    desk(None, 0), stations=[("opacif", "accueil")], teams=[("opacif", "advisers", "53")], years=1
)
NEW, MOVED, OLD = "nouveau_recurrent", "redeploye", "deja_finance"


def counted(*rows):
    """Quantities from (quantity, role, operator, character, value), and a year by default 2015."""
    plain = {"region": "53", "stage": "accueil", "public": "salaries_cdi", "people": 10}
    names = ("quantity", "role", "operator", "character", "value", "year")
    filled = [plain | dict(zip(names, (*row, 2015)[:6], strict=True)) for row in rows]
    return pd.DataFrame(filled, columns=[*COUNTED, "value", "people"])


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
        "services_not_rendered_cents": 0,
        "paid_anyway_cents": post + time,
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
    names = ["gross_cents", "reference_cents", "net_cents", *(f"{part}_cents" for part in PARTS)]
    whole = net_of(SCENARIO, REFERENCE, by=[])
    assert net_of(SCENARIO, REFERENCE, by=cut)[names].sum().tolist() == whole[names].iloc[0].tolist()


def bilans(*counts):
    """A ledger of bilans alone: (year, character, number)."""
    return of(*(("bilans_conge", "", "opacif", character, n, year) for year, character, n in counts))


def test_bilans_that_are_not_given_are_no_saving_and_a_line_of_their_own():
    reference = bilans((2015, OLD, 100), (2016, OLD, 100))
    # 70 of the 100 of today and 10 of newcomers in the first year; 95 and 15 in the second
    scenario = bilans((2015, OLD, 70), (2015, NEW, 10), (2016, OLD, 95), (2016, NEW, 15))
    years = net_of(scenario, reference, by=["year"]).set_index("year")
    assert years["services_not_rendered_cents"].to_dict() == {2015: -20 * 1700_00, 2016: 0}
    assert years["new_money_cents"].to_dict() == {2015: 0, 2016: 10 * 1700_00}
    assert years["net_cents"].to_dict() == {2015: -20 * 1700_00, 2016: 10 * 1700_00}
    characters = net_of(scenario, reference, by=["year", "character"]).set_index(["year", "character"])
    assert characters["services_not_rendered_cents"].to_dict() == {
        (2015, OLD): -30 * 1700_00,
        (2015, NEW): 10 * 1700_00,
        (2016, OLD): 0,
        (2016, NEW): 0,
    }


PLACES = st.tuples(
    st.sampled_from(["used_s", "overtime_s", "idle_s", "bilans_conge", "calls", "working_time_s"]),
    st.sampled_from(["opacif", "pole_emploi", "apec"]),
    st.sampled_from([OLD, MOVED, NEW]),
    st.integers(1, 10**7),
    st.sampled_from([2014, 2015]),
)


@settings(max_examples=25)
@given(st.lists(PLACES, max_size=12), st.lists(PLACES, min_size=1, max_size=12), st.sampled_from(DIMENSIONS))
def test_the_parts_of_a_net_cost_add_up_to_it_in_every_row_and_over_any_cut(ours, theirs, cut):
    staff = ("used_s", "overtime_s", "idle_s")
    one, other = (
        of(*((q, "advisers" if q in staff else "", *rest) for q, *rest in rows)) for rows in (ours, theirs)
    )
    names = [f"{part}_cents" for part in PARTS]
    whole, table = net_of(one, other, by=[]), net_of(one, other, by=[cut])
    assert (table[names].sum(axis=1) == table["net_cents"]).all()
    assert table[names].sum().tolist() == whole[names].iloc[0].tolist()


def test_the_time_of_advisers_lent_is_paid_anyway_whoever_is_busy():
    reference = of(("used_s", "advisers", "pole_emploi", OLD, 4 * POST))
    scenario = of(
        ("used_s", "advisers", "pole_emploi", OLD, 3 * POST),
        ("used_s", "advisers", "pole_emploi", MOVED, 3 * POST),
    )
    found = net_of(scenario, reference, by=[]).iloc[0]
    assert found["new_money_cents"] == 0
    assert found["paid_anyway_cents"] == found["net_cents"] == 2 * 85_000_00


def test_fewer_advisers_of_the_opacif_who_do_nothing_else_are_a_saving():
    one, two = (of(("used_s", "advisers", "opacif", OLD, n * POST)) for n in (1, 2))
    assert net_of(one, two, by=[]).loc[0, "new_money_cents"] == -75_000_00


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
    assert found["per_person_received_without_idle"] == found["per_person_received"]


def test_unit_costs_are_given_with_what_was_not_used_and_without_it():
    both = counted(
        ("persons_received", "", "cap_emploi", OLD, 10),
        ("used_s", "advisers", "cap_emploi", OLD, 100 * HOUR),
        ("outside_s", "advisers", "cap_emploi", OLD, 80 * HOUR),
        ("given_back_s", "advisers", "cap_emploi", OLD, 1620 * HOUR),
        ("persons_received", "", "opacif", OLD, 10),
        ("used_s", "advisers", "opacif", OLD, 300 * HOUR),
        ("idle_s", "advisers", "opacif", OLD, 100 * HOUR),
        ("outside_s", "advisers", "opacif", OLD, 200 * HOUR),
    )
    priced = ledger(WHERE, both)
    table = unit_costs(priced, both).set_index("operator")
    lent, own = (
        WHERE.tables.figure(f"unit_costs.full_cost_per_fte.{name}").mode / 1607
        for name in ("cap_emploi", "opacif")
    )
    given, used = (table[f"per_person_received{ending}"].to_dict() for ending in ("", "_without_idle"))
    assert given == pytest.approx({"cap_emploi": 180 * lent, "opacif": 60 * own}, rel=1e-5)
    assert used == pytest.approx({"cap_emploi": 18 * lent, "opacif": 45 * own}, rel=1e-5)
    # the ledger pays for what is not given back, and one row over all operators is their sum
    assert priced.rows["amount_cents"].sum() == pytest.approx((180 * lent + 600 * own) * 100, abs=5)
    alone = unit_costs(priced, both, by=()).iloc[0]
    assert alone["cost_cents"] == table["cost_cents"].sum()
    assert alone["persons_received"] == 20


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


def test_bilans_not_rendered_are_beside_the_social_partners_new_money():
    scenario, reference = bilans((2015, OLD, 70)), bilans((2015, OLD, 100))
    table = social_partners(scenario, reference, WHERE).set_index(["year", "payer"])
    for payer in ("all", "contribution_cif_employeurs"):
        found = table.loc[(2015, payer)]
        assert found["services_not_rendered_cents"] == -30 * 1700_00
        measures = ["share_of_private_payroll", "share_of_cif_contribution", "cif_forgone"]
        assert (found[["new_money_cents", *measures, "eur_per_private_employee"]] == 0).all()


def test_bilans_by_depth_of_both_that_are_not_given_are_no_saving_at_today_s_price():
    def short(count):
        return of(("bilans_short", "", "opacif", OLD, count))

    table = net_of(short(70), short(100), by=[]).iloc[0]
    assert table["services_not_rendered_cents"] == -30 * 1700_00
    assert table["new_money_cents"] == table["net_cents"] + 30 * 1700_00
