"""A mutualised fund: what it owes, pays and leaves, and who pays in its place."""

from collections import defaultdict
from dataclasses import replace
from itertools import combinations

import pytest
from deployments import columns, crowd, deployment, desk, rows_of, scenario, state, tables, trace
from hypothesis import given, settings
from hypothesis import strategies as st
from money import FPSPP, HOUR, WORKED, funded, sums, where

from cepsim.costing import (
    CELL,
    DIMENSIONS,
    close,
    envelope_of,
    ledger,
    quantities,
    with_current_euros,
)
from cepsim.errors import ScenarioError
from cepsim.experiment.financed import fund_frame
from cepsim.report.costs import costs_by
from cepsim.report.money import fund_table
from cepsim.scenario.vocabulary import OPERATORS
from cepsim.trace import Duty, Visits

OPACIF, POLE_EMPLOI = 75_000_00, 85_000_00
PATHS = ("mutualised_paths", "", "opacif", 100, {"stage": "conseil", "public": "salaries_cdi"})
ACCOUNT = ("account_s", "", "opacif", 100 * HOUR)


def paid(run, *rows):
    """What each payer pays of a ledger that closes, and what the fund owes and pays, in cents."""
    counted = rows_of(*WORKED, *rows)
    found = ledger(run, counted)
    close(found, counted)
    transfers = found.rows[found.rows["nature"] == "mutualised_fund"]
    assert not transfers.groupby(list(CELL))["amount_cents"].sum().to_numpy().any()
    return defaultdict(int, sums(found.rows, "payer")), found.fund[
        ["due_cents", "paid_cents"]
    ].sum().to_dict()


def test_a_tariff_is_paid_by_contributors_in_place_of_the_operator_s_usual_payers():
    before, nothing = paid(where())
    assert nothing == {"due_cents": 0, "paid_cents": 0}
    after, fund = paid(funded(tariff_eur=300), PATHS)
    assert fund == {"due_cents": 100 * 300_00, "paid_cents": 100 * 300_00}
    assert after["fpspp"] == 100 * 300_00
    assert after["contribution_cif_employeurs"] == before["contribution_cif_employeurs"] - 100 * 300_00
    unmoved = set(before) - {"contribution_cif_employeurs"}
    assert {payer: after[payer] for payer in unmoved} == {payer: before[payer] for payer in unmoved}


def test_a_tariff_above_the_cost_leaves_the_difference_to_the_usual_payers():
    after, _ = paid(funded(tariff_eur=3000), PATHS)
    alone = ledger(funded(tariff_eur=3000), rows_of(PATHS, *WORKED[:1])).rows
    assert after["fpspp"] == 100 * 3000_00
    assert sums(alone, "payer") == {"fpspp": 300_000_00, "contribution_cif_employeurs": OPACIF - 300_000_00}


def test_without_a_bound_the_fund_pays_whole_operators_from_the_launch_on():
    envelope = 1e9
    after, fund = paid(funded(envelope_eur=envelope))
    assert fund["paid_cents"] == fund["due_cents"] == OPACIF + POLE_EMPLOI
    # bilans have their own payers, and the year before launch stays where it was
    assert after == {
        "fpspp": OPACIF + POLE_EMPLOI,
        "contribution_cif_employeurs": 10 * 1700_00 + 5 * 5 * 150_00,
    }


@pytest.mark.parametrize("tariff", [0.0, 300.0])
def test_an_envelope_bounds_what_is_paid_and_the_rest_stays_with_the_usual_payers(tariff):
    run = funded(envelope_eur=2e5, tariff_eur=tariff)
    before, (after, fund) = paid(where())[0], paid(run, PATHS)
    envelope = envelope_of(run)
    assert 0 < envelope < 30_000_00
    assert fund["paid_cents"] == envelope < fund["due_cents"]
    assert after["fpspp"] == envelope
    assert sum(after.values()) == sum(before.values())
    # a tariff is paid where there are paths: the payers of the others see nothing
    assert (after["unedic"] < before["unedic"]) == (tariff == 0)
    assert after["contribution_cif_employeurs"] < before["contribution_cif_employeurs"]


def test_an_envelope_is_that_of_the_regions_by_active_people():
    run = funded(envelope_eur=1e6)
    everywhere = replace(run, regions=tuple(run.population.stocks.index))
    active = run.population.stocks.sum(axis=1)
    assert envelope_of(everywhere) == 100_000_000
    assert envelope_of(run) == pytest.approx(1e8 * active["53"] / active.sum(), abs=1)


@pytest.mark.parametrize("fund", [{"tariff_eur": 300.0}, {"envelope_eur": 1e9}])
def test_mixed_with_accounts_nobody_pays_the_same_hour_twice(fund):
    charged = {"financing__charged_to_cpf": ("conseil",)}
    alone, both = (
        funded(**fund),
        where(
            **charged,
            **{f"financing__mutualised__{k}": v for k, v in ({"contributors": FPSPP} | fund).items()},
        ),
    )
    before, after = paid(alone, PATHS)[0], paid(both, PATHS, ACCOUNT)[0]
    assert after["cpf_opca"] == 100 * 30_00
    assert after["fpspp"] == before["fpspp"] - 100 * 30_00
    for payer in set(before) - {"fpspp"}:
        assert after[payer] == before[payer]


def test_a_contributor_who_is_a_usual_payer_too_pays_what_he_gives_less_what_he_is_spared():
    shares = ({"payer": "fpspp", "share": 0.25}, {"payer": "contribution_cif_employeurs", "share": 0.75})
    before, after = paid(where())[0], paid(funded(tariff_eur=300, contributors=shares), PATHS)[0]
    assert after["fpspp"] == 7_500_00
    assert after["contribution_cif_employeurs"] == before["contribution_cif_employeurs"] - 7_500_00


@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["used_s", "idle_s", "overtime_s", "account_s", "calls", "mutualised_paths"]),
            st.sampled_from(OPERATORS),
            st.sampled_from(["53", "11", "national"]),
            st.sampled_from([2014, 2015, 2016]),
            st.integers(1, 10**7),
        ),
        min_size=1,
        max_size=20,
        unique_by=lambda row: row[:4],
    ),
    st.sampled_from(
        [{"tariff_eur": 120.55}, {"envelope_eur": 3e6}, {"envelope_eur": 3e6, "tariff_eur": 7.5}]
    ),
    st.lists(st.sampled_from(DIMENSIONS), unique=True, max_size=2),
)
def test_every_cut_of_costs_closes_to_the_cent_with_a_fund_and_costs_no_more(rows, fund, by):
    counted = rows_of(
        *(
            (
                name,
                "advisers" if name in ("used_s", "idle_s", "overtime_s") else "",
                operator,
                n,
                {"region": r, "year": y},
            )
            for name, operator, r, y, n in rows
        )
    )
    with_fund, without = ledger(funded(**fund), counted), ledger(where(), counted)
    close(with_fund, counted)
    for size in (0, 1, 2, len(CELL)):
        for cut in combinations(CELL, size):
            keys = list(cut) or ["scenario"]
            ours, theirs = (
                of.rows[of.rows["amount_cents"] != 0].assign(scenario="").groupby(keys)["amount_cents"].sum()
                for of in (with_fund, without)
            )
            ours, theirs = ours.align(theirs, fill_value=0)
            assert (ours == theirs).all(), cut
    table = with_current_euros(with_fund.rows, tables()).assign(scenario="central", replication=0)
    cut, whole = costs_by(table, by), costs_by(table, [])
    for column in ("mean", "current_mean"):
        assert round(cut[column].sum() * 100) == round(whole[column].sum() * 100)
        assert (table["amount_current_cents"].sum() - round(whole["current_mean"].sum() * 100)) == 0


def test_a_tariff_counts_people_admitted_alone():
    served = {"called": 9 * HOUR, "ended": 10 * HOUR, "released": 10 * HOUR, "session": -1}
    run = replace(
        funded(tariff_eur=300, tariff_per="received"),
        staff=deployment(
            desk(None, 0),
            stations=[("opacif", "accueil")],
            teams=[("opacif", "advisers", "53")],
            staff=[(0, 2015, "existing", 1.0, 0)],
        ).staff,
    )
    seen = [
        {**served, "person": 0},
        {**served, "person": 1, "called": 11 * HOUR, "ended": 12 * HOUR, "released": 12 * HOUR},
    ]
    duty = [{"second": 9 * HOUR, "advisers": 1}, {"second": 17 * HOUR, "advisers": 0}]
    story = trace(columns(Visits, seen), columns(Duty, duty))
    found = quantities(run, crowd([0, 0], admitted=[1, 0]), story, state())
    assert sums(found[found["quantity"] == "persons_received"], "operator", column="value") == {"opacif": 2}
    assert sums(found[found["quantity"] == "mutualised_paths"], "operator", column="value") == {"opacif": 1}
    nobody = quantities(where(), crowd([0, 0], admitted=[1, 0]), trace(), state())
    assert "mutualised_paths" not in set(nobody["quantity"])


@pytest.mark.parametrize(
    ("fund", "said"),
    [
        ({"tariff_eur": 300, "contributors": ()}, "contributors: found 0, expected shares that sum to 1"),
        ({"contributors": FPSPP}, "no contributor, since there is no envelope and no tariff"),
        ({"envelope_eur": 1, "contributors": ({"payer": "fpspp", "share": 0.5},) * 2}, "each payer once"),
        ({"envelope_eur": 1, "operators": ()}, "at least one operator"),
        ({"envelope_eur": 1, "contributors": ({"payer": "mecenes", "share": 1.0},)}, "mecenes"),
    ],
)
def test_a_fund_that_says_half_of_what_it_is_is_refused(fund, said):
    with pytest.raises(ScenarioError, match=said):
        funded(**fund)


def test_a_tariff_for_people_whom_nobody_admits_is_refused():
    with pytest.raises(ScenarioError, match=r"financing\.mutualised\.tariff_eur"):
        scenario("reference").derive(
            {"financing.mutualised": {"tariff_eur": 1.0, "contributors": FPSPP}}, tables=tables()
        )


def test_a_fund_is_shown_by_operator_with_what_is_not_spent_of_its_envelope():
    run = funded(envelope_eur=1e7, tariff_eur=300)
    found = ledger(run, rows_of(*WORKED, PATHS))
    frame = fund_frame({"central": [found]}, {"central": run})
    value = frame.set_index(["operator", "indicator"])["mean"]
    assert value["opacif", "paths"] == 100
    assert value["opacif", "paid"] == 30_000
    assert value["opacif", "balance"] == 30_000 - 75_000
    assert value["all", "envelope"] == envelope_of(run) / 100
    assert value["all", "unspent"] == pytest.approx(envelope_of(run) / 100 - 30_000)
    assert value["all", "beyond"] == 0
    table = fund_table(frame, {"reference": "Référence", "central": "Central"}, "fr")
    assert [row[:3] for row in table.rows] == [
        ("Central", "2015", "OPACIF (Fongecif, OPCA)"),
        ("", "2015", "Pôle emploi"),
        ("", "2015", "ensemble"),
    ]
    # nobody enters in two of three replications: no bound is below nought, but a balance
    three = [found, *[ledger(run, rows_of(*WORKED))] * 2]
    spread = fund_frame({"central": three}, {"central": run}).set_index(["operator", "indicator"])["low"]
    assert spread["opacif", "paid"] == 0
    assert spread["opacif", "balance"] < -75_000
    nobody = fund_frame({"central": [ledger(where(), rows_of(*WORKED))]}, {"central": where()})
    assert fund_table(nobody, {"central": "Central"}, "fr").rows == ()


def test_an_envelope_a_little_less_than_what_is_due_bounds_it_too():
    part = envelope_of(funded(envelope_eur=1e6)) / 1e8
    run = funded(envelope_eur=29_000 / part, tariff_eur=300)
    _, fund = paid(run, PATHS)
    assert fund == {"due_cents": 30_000_00, "paid_cents": envelope_of(run)}
    assert envelope_of(run) == pytest.approx(29_000_00, abs=1)
