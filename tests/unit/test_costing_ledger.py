from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest
from deployments import NOBODY, columns, crowd, deployment, desk, rows_of, state, tables, trace
from hypothesis import given, settings
from hypothesis import strategies as st

from cepsim.costing import CELL, DIMENSIONS, NATURES, TRANSFERS, close, ledger, quantities, spread_by_use
from cepsim.costing.quantities import DIMENSIONS as COUNTED
from cepsim.errors import CheckFailed, TableError
from cepsim.scenario import FigureOverride
from cepsim.scenario.vocabulary import OPERATORS, PUBLICS, STAGES
from cepsim.tables.actors import actor_rows, informing_actors
from cepsim.trace import Duty, Visits

HOUR, DAY = 3600, 86_400


def a_deployment(**options):
    return deployment(
        desk(None, 0),
        stations=[("opacif", "accueil")],
        teams=[("opacif", "advisers", "53")],
        staff=[(0, 2015, "existing", 1.5, 0), (0, 2015, "new", 0.5, 0)],
        years=1,
        **options,
    )


def cents(found, *keys):
    sums = found.rows.groupby(list(keys) or ["nature"])["amount_cents"].sum()
    return {key: int(value) for key, value in sums.items() if value}


def test_a_run_by_hand_costs_what_the_hand_says():
    where = a_deployment()
    served = {"called": 9 * HOUR, "ended": 10 * HOUR, "released": 10 * HOUR + 1200, "session": -1}
    duty = [{"second": 9 * HOUR, "advisers": 1}, {"second": 17 * HOUR, "advisers": 0}]
    counted = quantities(where, crowd([0]), trace(columns(Visits, [served]), columns(Duty, duty)), state())
    found = ledger(where, counted)
    close(found, counted)
    # 2 posts: 3 214 h paid, 8 on duty of which 1 h 20 used. An hour: 75 000 / 1.3 / 1607 = 35.9006 EUR, and
    # 75 000 / 1607 - 35.9006 = 10.7702 EUR of structure. Three quarters of it all on existing posts.
    assert cents(found, "nature", "character") == {
        ("advisers_used", "deja_finance"): 3590,
        ("advisers_used", "nouveau_recurrent"): 1197,
        ("advisers_idle", "deja_finance"): 17950,
        ("advisers_idle", "nouveau_recurrent"): 5983,
        ("advisers_outside", "deja_finance"): 8632306,
        ("advisers_outside", "nouveau_recurrent"): 2877435,
        ("advisers_structure", "deja_finance"): 1077 + 2595077,
        ("advisers_structure", "nouveau_recurrent"): 359 + 865026,
    }
    assert sum(cents(found, "nature").values()) == 2 * 75_000_00
    assert set(found.rows["payer"]) == {"contribution_cif_employeurs"}
    used = found.rows[found.rows["nature"] == "advisers_used"]
    assert set(used["stage"]) == {"accueil"}
    assert set(used["public"]) == {"salaries_cdi"}


def test_every_nature_has_its_price_and_its_payers():
    counted = rows_of(
        ("overtime_s", "first_line", "opacif", 2 * HOUR),
        ("calls", "", "missions_locales", 100),
        ("web_visits", "", "apec", 1000),
        ("bilans_conge", "", "opacif", 10),
        ("bilans_refused", "", "opacif", 1),
        ("bilans_psychologist", "", "pole_emploi", 7),
        ("trained_thousandths", "advisers", "opacif", 2500),
        ("hires_thousandths", "advisers", "pole_emploi", 3000, {"character": "nouveau_ponctuel"}),
        ("coordination_s", "", "regions", 1607 * HOUR),
        ("base_thousandths", "", "national", 500),
        ("active_persons", "", "national", 1000),
        ("working_time_s", "", "opacif", 90 * 60),
        ("contacts", "", "opacif", 5),
    )
    found = ledger(a_deployment(), counted)
    close(found, counted)
    active = int(a_deployment().population.stocks.to_numpy().sum())
    assert cents(found, "nature", "payer") == {
        ("first_line_overtime", "contribution_cif_employeurs"): 4308,  # 2 x 45 000 / 1.3 / 1607
        ("telecom", "etat"): 3900,
        ("telecom", "collectivites"): 4600,
        ("telecom", "autres"): 1500,
        ("portal", "employeurs"): 24000,
        ("portal", "cadres"): 16000,
        ("bilan_conge", "contribution_cif_employeurs"): 1700000,
        ("training_of_advisers", "contribution_cif_employeurs"): 187500,  # 2.5 x 5 x 150
        ("recruitment", "etat"): 800040,  # 3 x 4 000, two thirds as written
        ("recruitment", "unedic"): 399960,
        ("regional_coordination", "regions"): 6000000,
        ("information_base", "etat"): 3750000,
        ("information_base", "regions"): 3750000,
        ("shared_tools", "etat"): round(3e8 * 1000 / active / 2),
        ("shared_tools", "regions"): round(3e8 * 1000 / active) - round(3e8 * 1000 / active / 2),
        ("working_time_given", "employeurs"): 5100,  # 1.5 x 34
    }
    psychologists = found.rows[found.rows["nature"] == "bilan_psychologist"]
    assert psychologists[["quantity", "unit_cost_cents", "amount_cents"]].to_numpy().tolist() == [[7, 0, 0]]


def test_the_people_of_a_cell_counted_under_two_names_are_the_same_people():
    counted = rows_of(("used_s", "advisers", "opacif", HOUR), ("outside_s", "advisers", "opacif", HOUR))
    rows = ledger(a_deployment(), counted.assign(people=[7, 5])).rows.set_index("nature")
    assert rows.loc["advisers_structure", "quantity"] == 2 * HOUR
    assert rows["people"].to_dict() == {"advisers_outside": 5, "advisers_structure": 7, "advisers_used": 7}


def test_new_posts_of_pole_emploi_have_payers_of_their_own_and_redeployed_ones_have_not():
    counted = rows_of(
        *(
            ("used_s", "advisers", "pole_emploi", 1607 * HOUR, {"character": character})
            for character in ("redeploye", "nouveau_recurrent")
        ),
        ("calls", "", "pole_emploi", 100, {"character": "nouveau_recurrent"}),
    )
    found = ledger(a_deployment(), counted)
    payers = found.rows.groupby(["nature", "character"])["payer"].agg(set).to_dict()
    usual = {"unedic", "etat", "etat_csp_dispositifs", "autres"}
    assert payers["advisers_used", "redeploye"] == usual
    assert payers["advisers_used", "nouveau_recurrent"] == {"etat", "unedic"}
    assert payers["advisers_structure", "nouveau_recurrent"] == {"etat", "unedic"}
    assert payers["telecom", "nouveau_recurrent"] == usual


@pytest.mark.parametrize(
    ("quantity", "count", "cents", "others"),
    [
        ("account_s", 10 * HOUR, 10 * 30_00, {"contribution_cif_employeurs"}),
        ("account_bilans", 7, 7 * 20 * 30_00, {"contribution_cif_employeurs"}),
    ],
)
def test_accounts_pay_by_the_hour_and_the_usual_payers_as_much_less(quantity, count, cents, others):
    counted = rows_of((quantity, "", "opacif", count, {"character": "deja_finance"}))
    found = ledger(a_deployment(), counted)
    amounts = found.rows.set_index("payer")["amount_cents"]
    assert amounts["cpf_opca"] == cents
    assert set(amounts.index) == {"cpf_opca", *others}
    assert amounts.sum() == 0
    assert found.rows["quantity"].sum() == count
    close(found, counted)


@given(st.integers(1, 10**8), st.sampled_from(OPERATORS))
def test_a_transfer_sums_to_nothing_whatever_the_payers(seconds, operator):
    counted = rows_of(("account_s", "", operator, seconds, {"character": "deja_finance"}))
    rows = ledger(WHERE, counted).rows
    assert rows["amount_cents"].sum() == 0
    assert (rows["amount_cents"][rows["payer"] != "cpf_opca"] <= 0).all()


def test_the_tools_of_all_regions_cost_what_they_cost():
    where = a_deployment()
    active = where.population.stocks.sum(axis=1)
    counted = rows_of(*(("active_persons", "", "national", int(n), {"region": r}) for r, n in active.items()))
    total = ledger(where, counted).rows["amount_cents"].sum()
    assert abs(int(total) - 3_000_000_00) <= len(active)


# -- rules -----------------------------------------------------------------------------------------

STAFF = ("used_s", "idle_s", "outside_s", "overtime_s")
SERVICES = [q for n in NATURES if not n.role for q in n.quantities if q not in ("coordination_s",)]


ACTORS = informing_actors(tables())


@st.composite
def counts(draw):
    """Rows of quantities of every kind, without two of the same place."""
    rows = {}
    for _ in range(draw(st.integers(1, 25))):
        staff = draw(st.booleans())
        quantity = draw(st.sampled_from(STAFF if staff else SERVICES))
        place = {
            "quantity": quantity,
            "role": draw(st.sampled_from(["advisers", "first_line"])) if staff else "",
            "year": draw(st.sampled_from([2014, 2015])),
            "region": draw(st.sampled_from(["53", "11", "national"])),
            "operator": draw(st.sampled_from(ACTORS if quantity == "informed_elsewhere" else OPERATORS)),
            "stage": draw(st.sampled_from([*STAGES, NOBODY])),
            "public": draw(st.sampled_from([PUBLICS[0], PUBLICS[7], NOBODY])),
            "character": draw(st.sampled_from(["deja_finance", "redeploye", "nouveau_recurrent"])),
        }
        rows[tuple(place.values())] = place | {"value": draw(st.integers(1, 10**9))}
    return pd.DataFrame(list(rows.values()), columns=[*COUNTED, "value"]).assign(people=10)


def euros(where, id_):
    return Fraction(str(where.tables.figure(id_).mode))


VISIT = "stages.information.walkin_duration.all.all.all.all"


def by_hand(where, counted):
    """(quantity, cents) of every cell, priced here again from the tables."""
    hours = euros(where, "unit_costs.annual_working_hours.legal") * HOUR
    time = 1 / (1 + euros(where, "unit_costs.overhead_rate.all"))
    other = {
        "telecom": euros(where, "unit_costs.telecom_per_call.all"),
        "portal": euros(where, "unit_costs.web_session.portal"),
        "bilan_conge": euros(where, "unit_costs.bdc_price.opacif"),
        "bilan_plan": euros(where, "unit_costs.bdc_price.opacif"),
        "bilan_refused": Fraction(0),
        "bilan_psychologist": Fraction(0),
        "tests": euros(where, "unit_costs.tests_hour_price.all") / HOUR,
        "tests_psychologist": Fraction(0),
        "bilan_short": 8 * euros(where, "unit_costs.bilan_hour_price.all"),
        "bilan_middle": 16 * euros(where, "unit_costs.bilan_hour_price.all"),
        "bilan_long": 24 * euros(where, "unit_costs.bilan_hour_price.all"),
        "instruction_repeated": euros(where, "unit_costs.full_cost_per_fte.opacif")
        / hours
        / euros(where, "unit_costs.direct_service_share.dedicated_cep_adviser"),
        "recruitment": euros(where, "unit_costs.recruitment_cost.all") / 1000,
        "information_base": euros(where, "unit_costs.information_base_per_region.region") / 1000,
        "shared_tools": Fraction(3_000_000, int(where.population.stocks.to_numpy().sum())),
        "working_time_given": euros(where, "unit_costs.employer_hour_cost.all_private_10plus") / HOUR,
        **dict.fromkeys(TRANSFERS, Fraction(0)),
    }
    natures = {q: n.code for n in NATURES if not n.role for q in n.quantities}
    cells = defaultdict(int)
    prices = {}
    for row in counted.to_dict("records"):
        place = {name: row[name] for name in CELL if name != "nature"}
        if row["quantity"] in STAFF:
            item = row["operator"] if row["role"] == "advisers" else "first_line_agent"
            hour = euros(where, f"unit_costs.full_cost_per_fte.{item}") / hours
            kind = row["quantity"].removesuffix("_s")
            parts = {f"{row['role']}_{kind}": hour * time}
            if kind != "overtime":
                parts[f"{row['role']}_structure"] = hour * (1 - time)
        elif row["quantity"] == "shift_s":
            hour = euros(where, f"unit_costs.full_cost_per_fte.{row['operator']}") / hours
            parts = {"shift_pay": hour * time * euros(where, "unit_costs.evening_saturday_supplement.all")}
        elif row["quantity"] == "informed_elsewhere":
            (item,) = (actor["cost"] for actor in actor_rows(tables()) if actor["actor"] == row["operator"])
            hour = euros(where, f"unit_costs.full_cost_per_fte.{item}") / hours * HOUR
            hour /= euros(where, "unit_costs.direct_service_share.dedicated_cep_adviser")
            parts = {row["quantity"]: hour * euros(where, VISIT) / 60}
        else:
            parts = {natures[row["quantity"]]: other[natures[row["quantity"]]]}
        for nature, price in parts.items():
            key = tuple({**place, "nature": nature}[name] for name in CELL)
            cells[key] += row["value"]
            prices[key] = price
    return {
        key: (quantity, int(quantity * prices[key] * 100 + Fraction(1, 2))) for key, quantity in cells.items()
    }


WHERE = a_deployment()


@settings(max_examples=15)
@given(counts())
def test_the_ledger_is_quantities_times_prices_over_every_cut(counted):
    found = ledger(WHERE, counted)
    close(found, counted)
    cells = by_hand(WHERE, counted)
    rows = found.rows.to_dict("records")
    for size in range(len(CELL) + 1):
        for cut in combinations(CELL, size):
            ours, wanted = defaultdict(lambda: [0, 0]), defaultdict(lambda: [0, 0])
            for row in rows:
                key = tuple(row[name] for name in cut)
                ours[key][0] += row["quantity"]
                ours[key][1] += row["amount_cents"]
            for cell, values in cells.items():
                key = tuple(cell[CELL.index(name)] for name in cut)
                wanted[key][0] += values[0]
                wanted[key][1] += values[1]
            assert dict(ours) == dict(wanted), cut


@settings(max_examples=15)
@given(counts(), st.integers(2, 9))
def test_cost_is_linear_in_prices(counted, factor):
    ids = [i for i in tables().ids("unit_costs") if "_cost_per_fte" in i or "telecom_per_call" in i]
    modes = {i: tables().figure(i).mode * factor for i in ids if tables().figure(i).addressable}
    dearer = tables().with_overrides(
        {i: FigureOverride(low=v, mode=v, high=v, reason="x") for i, v in modes.items()}
    )
    once, more = ledger(WHERE, counted), ledger(replace(WHERE, tables=dearer), counted)
    moved = [n.code for n in NATURES if n.role] + [
        "telecom",
        "instruction_repeated",
        "shift_pay",
        "informed_elsewhere",
    ]
    for nature, amounts in once.rows.groupby("nature")["amount_cents"]:
        times = factor if nature in moved and nature != "training_of_advisers" else 1
        cells = counted.shape[0]
        now = more.rows.loc[more.rows["nature"] == nature, "amount_cents"].sum()
        assert abs(int(now) - times * int(amounts.sum())) <= times * cells


@settings(max_examples=15)
@given(counts(), st.lists(st.integers(1, 98), min_size=2, max_size=2).filter(lambda s: sum(s) < 100))
def test_payers_close_whatever_their_shares(counted, percents):
    first, second = percents
    shares = dict(
        zip(("etat", "collectivites", "autres"), (first, second, 100 - first - second), strict=True)
    )
    overrides = {
        f"payers.missions_locales.operating_cost.{payer}": FigureOverride(
            low=0, mode=share / 100, high=1, reason="x"
        )
        for payer, share in shares.items()
    }
    where = replace(WHERE, tables=tables().with_overrides(overrides))
    found = ledger(where, counted)
    close(found, counted)
    theirs = found.rows["nature"].str.startswith(("advisers", "first_line", "telecom", "portal"))
    rows = found.rows[theirs & (found.rows["operator"] == "missions_locales")]
    for _, cell in rows.groupby(list(CELL)):
        for payer, amount in zip(cell["payer"], cell["amount_cents"], strict=True):
            assert abs(amount - cell["amount_cents"].sum() * shares[payer] / 100) <= 1


@settings(max_examples=15)
@given(counts())
def test_spreading_by_use_moves_no_cent_between_years_operators_natures_or_payers(counted):
    found = ledger(WHERE, counted)
    spread = spread_by_use(found)
    kept = ["year", "operator", "nature", "payer", "character"]
    for name in ("quantity", "amount_cents"):
        before, after = (table.rows.groupby(kept)[name].sum() for table in (found, spread))
        assert before.to_dict() == after.to_dict()


def test_idle_time_goes_to_those_served_in_the_region_and_a_platform_s_to_all_regions():
    counted = rows_of(
        ("used_s", "advisers", "opacif", 3 * HOUR, {"stage": "accueil", "public": "salaries_cdi"}),
        ("used_s", "advisers", "opacif", 1 * HOUR, {"stage": "conseil", "public": "salaries_cdd"}),
        (
            "used_s",
            "advisers",
            "opacif",
            4 * HOUR,
            {"stage": "accueil", "public": "de_autres", "region": "11"},
        ),
        ("idle_s", "advisers", "opacif", 8 * HOUR),
        ("outside_s", "advisers", "opacif", 8 * HOUR, {"region": "national"}),
        ("idle_s", "first_line", "opacif", 5 * HOUR),
        ("idle_s", "advisers", "opacif", 7 * HOUR, {"year": 2014}),
    )
    rows = spread_by_use(ledger(a_deployment(), counted)).rows
    rows = rows.assign(hours=rows["quantity"] / HOUR)

    def hours(nature, year=2015):
        here = rows[(rows["nature"] == nature) & (rows["year"] == year)]
        return here.set_index(["region", "stage", "public"])["hours"].to_dict()

    assert hours("advisers_idle") == {
        ("53", "accueil", "salaries_cdi"): 6,
        ("53", "conseil", "salaries_cdd"): 2,
    }
    assert hours("advisers_outside") == {
        ("53", "accueil", "salaries_cdi"): 3,
        ("53", "conseil", "salaries_cdd"): 1,
        ("11", "accueil", "de_autres"): 4,
    }
    assert hours("first_line_idle") == {("53", NOBODY, NOBODY): 5}
    assert hours("advisers_idle", 2014) == {("53", NOBODY, NOBODY): 7}


# -- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["amount_cents", "quantity"])
def test_a_ledger_wrong_by_one_does_not_close(column):
    counted = rows_of(("calls", "", "opacif", 10), ("web_visits", "", "opacif", 10))
    found = ledger(a_deployment(), counted)
    close(found, counted)
    wrong = found.rows.copy()
    wrong.loc[0, column] += 1
    with pytest.raises(CheckFailed, match="does not close"):
        close(replace(found, rows=wrong), counted)
    with pytest.raises(CheckFailed, match="telecom"):
        close(replace(found, rows=found.rows[found.rows["nature"] != "telecom"]), counted)


def test_a_cent_moved_from_one_cell_to_another_does_not_close():
    counted = rows_of(("calls", "", "opacif", 10), ("web_visits", "", "opacif", 10))
    found = ledger(a_deployment(), counted)
    moved = found.rows.assign(amount_cents=found.rows["amount_cents"] + np.array([1, -1]))
    with pytest.raises(CheckFailed):
        close(replace(found, rows=moved), counted)


def including(id_, text):
    """The tables where a price says that it covers something else."""
    figure = tables().figure(id_)
    other = replace(figure, extras=(("includes", text),))
    return replace(tables(), figures=MappingProxyType({**tables().figures, id_: other}))


@pytest.mark.parametrize(
    ("id_", "text", "found"),
    [
        ("unit_costs.telecom_per_call.all", "telecom+first_line_time", "first_line_time"),
        ("unit_costs.web_session.portal", "telecom", "telecom"),
        ("unit_costs.bdc_price.opacif", "bilan+adviser_time", "adviser_time"),
        ("unit_costs.bilan_hour_price.all", "bilan+telecom", "telecom"),
    ],
)
def test_two_prices_that_cover_the_same_thing_are_refused(id_, text, found):
    counted = rows_of(("calls", "", "opacif", 1), ("bilans_short", "", "opacif", 1))
    with pytest.raises(TableError, match=f"includes: found '?\"?{found}"):
        ledger(replace(a_deployment(), tables=including(id_, text)), counted)


def test_a_price_that_covers_nothing_stated_is_refused():
    with pytest.raises(TableError, match="recruitment_cost"):
        ledger(
            replace(a_deployment(), tables=including("unit_costs.recruitment_cost.all", "")),
            rows_of(("calls", "", "opacif", 1)),
        )


def test_a_nature_without_a_payer_is_refused():
    figures = {id_: f for id_, f in tables().figures.items() if not id_.startswith("payers.apec")}
    where = replace(a_deployment(), tables=replace(tables(), figures=MappingProxyType(figures)))
    with pytest.raises(TableError, match="no row apec, operating_cost"):
        ledger(where, rows_of(("calls", "", "apec", 1)))


def test_rows_are_in_order_and_unique():
    counted = rows_of(("calls", "", "apec", 11), ("used_s", "advisers", "apec", 999))
    rows = ledger(a_deployment(), counted).rows
    keys = rows[list(DIMENSIONS)]
    assert not keys.duplicated().any()
    assert keys.equals(keys.sort_values(list(DIMENSIONS), ignore_index=True))
    assert rows.dtypes[["quantity", "amount_cents"]].tolist() == [np.int64, np.int64]
