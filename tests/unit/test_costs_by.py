"""Any cut of the ledger of a run, gross and net, closes to the cent; what is not there costs nothing."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cepsim.costing import DIMENSIONS
from cepsim.errors import CheckFailed, UsageError
from cepsim.labels import label
from cepsim.report.costs import costs_by, costs_table, marginal

FIXED = {
    "region": "94",
    "stage": "accueil",
    "public": "salaries_cdi",
    "character": "redeploye",
    "payer": "etat",
}
MARGINAL = label("costs.marginal", "fr")
TITLES = {"reference": "Référence", "central": "Central"}


def rows(*given_rows):
    """Rows of a ledger: (scenario, replication, year, operator, cents)."""
    return pd.DataFrame(
        [
            {
                **FIXED,
                "nature": "advisers_used",
                "scenario": scenario,
                "replication": replication,
                "year": year,
                "operator": operator,
                "amount_cents": cents,
            }
            for scenario, replication, year, operator, cents in given_rows
        ]
    )


@pytest.fixture
def ledger():
    return rows(
        ("reference", 0, 2015, "opacif", 1000),
        ("reference", 1, 2015, "opacif", 3000),
        ("central", 0, 2015, "opacif", 1500),
        ("central", 0, 2016, "apec", 250),
        ("central", 1, 2015, "opacif", 2500),
    )


def test_a_cut_is_the_mean_over_replications_and_a_row_that_is_not_there_is_nought(ledger):
    found = costs_by(ledger, ["operator"]).set_index(["scenario", "operator"])["mean"]
    assert found.to_dict() == {
        ("central", "apec"): 1.25,
        ("central", "opacif"): 20.0,
        ("reference", "opacif"): 20.0,
    }


def test_a_net_cost_is_taken_replication_by_replication_from_what_either_has(ledger):
    found = costs_by(ledger, ["operator", "year"], net_of="reference")
    assert found[["scenario", "operator", "year", "mean"]].to_numpy().tolist() == [
        ["central", "apec", 2016, 1.25],
        ["central", "opacif", 2015, 0.0],
    ]
    other_way = costs_by(ledger, ["operator"], net_of="central").set_index("operator")["mean"]
    assert other_way.to_dict() == {"apec": -1.25, "opacif": 0.0}


def test_an_interval_is_that_of_the_differences_and_there_is_none_under_three_replications(ledger):
    assert costs_by(ledger, []).filter(["low", "high"]).isna().all(axis=None)
    same_step = rows(*((name, n, 2015, "opacif", 100 * n + add) for n in range(3) for name, add in STEP))
    net = costs_by(same_step, [], net_of="reference").iloc[0]
    assert (net["mean"], net["low"], net["high"], net["n"]) == (0.5, 0.5, 0.5, 3)
    gross = costs_by(same_step, []).iloc[0]
    assert gross["low"] < gross["mean"] < gross["high"]


STEP = (("reference", 0), ("central", 50))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["reference", "central"]),
            st.integers(0, 2),
            st.integers(2014, 2017),
            st.sampled_from(["opacif", "apec", "national"]),
            st.integers(0, 10**9),
        ),
        min_size=1,
        max_size=30,
    ),
    st.lists(st.sampled_from(DIMENSIONS), unique=True, max_size=3),
)
def test_every_cut_adds_up_to_the_whole(cells, by):
    table = rows(*cells)
    parts, whole = costs_by(table, by), costs_by(table, [])
    summed = (parts.groupby("scenario")["mean"].sum() * 300).round()
    assert summed.tolist() == pytest.approx(
        (whole.set_index("scenario")["mean"] * 300).round().tolist(), abs=1
    )


def test_a_row_that_no_part_of_a_cut_holds_is_noticed(ledger):
    with pytest.raises(CheckFailed, match="5250 cents, expected 8250"):
        costs_by(
            ledger.assign(operator=ledger["operator"].where(ledger["amount_cents"] != 3000)), ["operator"]
        )


@pytest.mark.parametrize("by", [["colour"], ["year", "year"]])
def test_a_cut_by_what_the_ledger_does_not_have_or_twice_by_the_same_is_refused(ledger, by):
    with pytest.raises(UsageError, match="expected different dimensions among year, region"):
        costs_by(ledger, by)


def test_costs_are_taken_from_a_scenario_of_the_run_only(ledger):
    with pytest.raises(
        UsageError, match='no run of "universel" to take costs from: the run has central, reference'
    ):
        costs_by(ledger, [], net_of="universel")


def test_a_table_has_a_column_a_scenario_names_for_codes_and_the_whole_last(ledger):
    table = costs_table(ledger, ["region", "operator"], TITLES, "fr", places={"94": "Corse (94)"})
    assert table.columns == ("région", "opérateur", "Référence", "Central")
    assert table.rows == (
        ("Corse (94)", "APEC", "–", "1\xa0€"),
        ("Corse (94)", "OPACIF (Fongecif, OPCA)", "20\xa0€", "20\xa0€"),
        ("ensemble", "", "20\xa0€", "21\xa0€"),
        (MARGINAL, "", "20\xa0€", "21\xa0€"),
    )
    net = costs_table(ledger, ["character"], TITLES, "en", places={}, net_of="reference")
    assert net.columns == ("character", "Central")
    assert net.rows[:2] == (("redeployed", "€1"), ("all", "€1"))
    whole = costs_table(ledger, [], TITLES, "fr", places={}).rows
    assert whole == (("ensemble", "20\xa0€", "21\xa0€"), (MARGINAL, "20\xa0€", "21\xa0€"))


def test_what_does_not_vary_with_people_is_not_marginal(ledger):
    idle = ledger.assign(
        nature=["advisers_used", "advisers_idle", "advisers_structure", "recruitment", "telecom"]
    )
    found = costs_by(marginal(idle), []).set_index("scenario")["mean"]
    assert found.to_dict() == {"central": 12.5, "reference": 5.0}


def test_current_euros_stand_beside_constant_ones_and_range_as_prices_do(ledger):
    prices = {"amount_current_cents": 2, "amount_current_low_cents": 1, "amount_current_high_cents": 3}
    current = ledger.assign(**{name: ledger["amount_cents"] * times for name, times in prices.items()})
    assert (costs_by(current, ["year"])["current_mean"] == 2 * costs_by(current, ["year"])["mean"]).all()
    table = costs_table(current, ["year"], TITLES, "fr", places={})
    assert table.columns == (
        "année",
        "Référence",
        "Référence, euros courants",
        "Central",
        "Central, euros courants",
    )
    low, high = table.rows[-2:]
    assert low[1:] == ("20\xa0€", "20\xa0€", "21\xa0€", "21\xa0€")
    assert high[1:] == ("20\xa0€", "60\xa0€", "21\xa0€", "64\xa0€")
