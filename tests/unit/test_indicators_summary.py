"""Indicators of runs, over replications, between regions, against marks, and what may be shown of them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from counted import counts, found, value
from deployments import deployment, desk, population, tables
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cepsim.indicators import (
    ALL,
    cost_marks,
    indicators,
    interval,
    marks,
    summary_of,
    withhold_small_cells,
)
from cepsim.indicators.equity import equity, gini, p90_over_p10
from cepsim.indicators.estimates import Curves
from cepsim.indicators.rows import KEYS


@pytest.fixture(scope="module")
def stocks():
    return population().stocks


# -- indicators of one run -----------------------------------------------------------------------------------


def test_the_delay_of_several_cohorts_is_their_mean_and_stops_at_the_shortest_follow_up(stocks):
    days = [
        {"cohort": 0, "bin": 0, "entered": 10}, {"cohort": 0, "bin": 2, "called": 10},
        {"cohort": 1, "bin": 0, "entered": 10}, {"cohort": 1, "bin": 6, "called": 4},
        {"cohort": 1, "bin": 7, "censored": 6},
    ]  # fmt: skip
    run = indicators(counts(waits_working_days=days), stocks)
    assert value(run, "wait_p50_working_days", stage="accueil", period="2015-01") == 2
    assert value(run, "wait_p50_working_days", stage="accueil") == 2
    assert value(run, "wait_p90_working_days", stage="accueil") == 8
    assert not found(run, "wait_p90_working_days", stage="accueil")["reached"].any()
    assert not found(run, "wait_p50_working_days", stage="accueil", period="2015-04")["reached"].any()


def test_people_who_waited_at_launch_or_came_after_the_horizon_are_in_no_headline_wait(stocks):
    rows = [
        {"cohort": cohort, "entered": people, "called": people}
        for cohort, people in ((-1, 5), (3, 7), (8, 9))
    ]
    run = indicators(counts(waits=rows, waits_working_days=rows), stocks)
    assert value(run, "entered", stage="accueil") == 7
    assert found(run, "wait_p50", stage="accueil")["people"].tolist() == [7]


def test_the_share_lost_is_beside_the_wait_and_by_cause(stocks):
    rows = [{"entered": 10, "called": 6, "lost": 3, "censored": 1}]
    causes = [{"cause": "gave_up", "lost": 2}, {"cause": "no_show", "lost": 1}]
    run = indicators(counts(waits=rows, losses=causes), stocks)
    assert value(run, "share_lost", stage="accueil") == pytest.approx(0.3)
    assert value(run, "share_unknown", stage="accueil") == pytest.approx(0.1)
    assert value(run, "lost_gave_up", stage="accueil") == 2
    assert value(run, "share_gave_up", stage="accueil") == pytest.approx(0.2)
    assert value(run, "share_no_show", stage="accueil", operator="opacif") == pytest.approx(0.1)
    assert value(run, "share_gave_up", stage="accueil", period="2015-01") == pytest.approx(0.2)


def test_nobody_lost_for_a_cause_is_a_share_of_nought_and_a_span_has_no_cause(stocks):
    rows = [{"entered": 4, "called": 4}, {"stage": "projet", "entered": 4, "lost": 4}]
    run = indicators(counts(waits=rows), stocks)
    assert value(run, "share_gave_up", stage="accueil") == 0
    assert found(run, "share_gave_up", stage="projet").empty


def test_a_share_received_never_exceeds_the_whole():
    """Ten steps of a tenth each sum to a little more than 1 in floating point."""
    entered, called = np.zeros((1, 60), dtype=np.int64), np.full((1, 60), 7, dtype=np.int64)
    entered[0, 0] = called.sum()
    nobody = np.zeros_like(called)
    curves = Curves.of(entered, called, nobody, nobody)
    assert curves.received[0, -1] == pytest.approx(1.0)
    assert curves.received.max() <= 1.0
    mean = curves.mixed(np.zeros(1, dtype=np.int64), np.array([3], dtype=np.int64))
    assert mean.received.max() <= 1.0


def test_requests_for_a_cif_are_the_training_files_of_private_employees_of_any_operator(stocks):
    rows = [
        {"measure": "training_files", "count": 9, "stage": "ingenierie"},
        {"measure": "training_files", "count": 5, "public": "agents_publics"},
        {"measure": "training_files", "count": 3, "operator": "apec"},
    ]
    run = indicators(counts(volumes=rows), stocks)
    assert value(run, "cif_requests", operator="opacif", period="2015") == 12
    assert value(run, "cif_requests", period="all") == 12
    assert value(run, "training_files", period="2015") == 17


def test_the_share_within_the_norm_is_of_those_who_asked_early_enough(stocks):
    run = indicators(counts(offers=[{"asked": 8, "within": 6}, {"public": "salaries_cdd"}]), stocks)
    assert value(run, "share_within_norm", stage="accueil") == pytest.approx(0.75)
    assert found(run, "share_within_norm", stage="accueil", public="salaries_cdd").empty


def test_coverage_is_identities_over_the_stock_of_the_run_s_regions(stocks):
    rows = [
        {"reached": 300, "served": 90}, {"year": 2016, "reached": 10},
        {"public": "sortants_formation_initiale", "reached": 50},
    ]  # fmt: skip
    run = indicators(counts(identities=rows), stocks)
    people = int(stocks.loc["53", "salaries_cdi"])
    assert value(run, "coverage_reached", public="salaries_cdi", period="2015") == pytest.approx(300 / people)
    assert value(run, "coverage_reached", period="2015") == pytest.approx(300 / stocks.loc["53"].sum())
    assert value(run, "reached", period="2015") == 350
    assert found(run, "coverage_reached", public="sortants_formation_initiale", period="2015").empty


def test_occupation_is_what_is_used_inside_duty(stocks):
    rows = [{"duty_s": 36_000, "used_s": 30_000, "overtime_s": 3_000, "idle_s": 9_000}]
    run = indicators(counts(hours=rows), stocks)
    assert value(run, "occupation", team="advisers", period="2015") == pytest.approx(27_000 / 36_000)
    assert value(run, "hours_duty", team="advisers") == pytest.approx(10.0)


def test_the_load_is_what_everybody_who_would_come_takes_over_the_capacity(stocks):
    """175 of 183 who ask would come; 164 are received at 1.4 hour each, in 260 hours on duty."""
    run = indicators(
        counts(
            hours=[{"duty_s": 260 * 3600, "used_s": round(164 * 1.4 * 3600)}],
            volumes=[{"measure": "ask_accueil", "count": 183}, {"measure": "received", "count": 164}],
            waits=[{"entered": 183}],
            losses=[{"cause": "no_show", "lost": 8}, {"cause": "gave_up", "lost": 11}],
        ),
        stocks,
    )
    assert value(run, "load", team="advisers") == pytest.approx(1.4 * 175 / 260, rel=1e-6)
    assert found(run, "load", team="first_line").empty


def test_the_funnel_is_given_as_shares_of_those_who_first_ask(stocks):
    rows = [{"people": 50, "contacts": 60, "visits": 90}, {"step": "received", "people": 10, "visits": 10}]
    run = indicators(counts(funnel=rows), stocks)
    assert value(run, "share_of_requests_received", public="salaries_cdi") == pytest.approx(0.2)
    assert value(run, "contacts_first_requests") == 60


def test_the_backlog_is_dated(stocks):
    run = indicators(counts(backlog=[{"day": 11, "waiting": 3}]), stocks)
    assert value(run, "backlog", stage="accueil", period="2015-01-12") == 3


def test_every_row_names_its_unit_and_its_keys(stocks):
    run = indicators(counts(waits=[{"entered": 1, "called": 1}]), stocks)
    assert run[[*KEYS, "unit", "value", "reached"]].notna().all().all()
    assert not run.duplicated(list(KEYS)).any()


# -- between regions -----------------------------------------------------------------------------------------


@given(st.lists(st.floats(0.0, 1e6), min_size=1, max_size=30))
def test_gini_is_the_mean_difference_over_twice_the_mean(values):
    array = np.array(values)
    expected = np.abs(array[:, None] - array).mean() / (2 * array.mean()) if array.sum() else 0.0
    assert gini(array) == pytest.approx(expected, abs=1e-9)


def test_p90_over_p10_says_nothing_where_the_lowest_is_0():
    assert p90_over_p10(np.array([0.0, 0.0, 5.0])) is None
    assert p90_over_p10(np.arange(11.0)) == pytest.approx(9.0)


def test_the_spread_between_regions_needs_two_regions_and_quantiles_reached_in_all(stocks):
    def run(**last):
        rows = [
            {"region": "53", "bin": 0, "entered": 10}, {"region": "53", "bin": 4, "called": 10},
            {"region": "74", "bin": 0, "entered": 10}, {"region": "74", "bin": 12, **last},
        ]  # fmt: skip
        return indicators(counts(waits=rows, waits_working_days=rows), stocks)

    one = indicators(counts(waits=[{"entered": 1, "called": 1}]), stocks)
    assert not one["indicator"].str.startswith("gini").any()
    both = run(called=10)
    fast, slow = (value(both, "wait_p50", region=code, stage="accueil") for code in ("53", "74"))
    assert value(both, "gini_wait_p50", stage="accueil") == pytest.approx((slow - fast) / (2 * (slow + fast)))
    assert found(run(censored=10), "gini_wait_p50", stage="accueil").empty
    assert equity(both.iloc[:0]).empty


# -- over replications ---------------------------------------------------------------------------------------


def run_of(*rows):
    usual = {**dict.fromkeys(KEYS, ALL), "unit": "share", "reached": True, "additive": False, "people": 100}
    return pd.DataFrame([{**usual, **row} for row in rows])


def student(values):
    """The mean of some replications, and the half of its interval at 95 %."""
    n = len(values)
    return np.mean(values), stats.t.ppf(0.975, n - 1) * np.std(values, ddof=1) / np.sqrt(n)


@given(st.lists(st.floats(0.0, 1e3), min_size=3, max_size=12))
def test_the_interval_of_an_amount_is_student_s_cut_at_nought(values):
    rows = [run_of({"indicator": "load", "unit": "factor", "value": v}) for v in values]
    summary = summary_of(rows).iloc[0]
    mean, half = student(values)
    assert summary["mean"] == pytest.approx(mean, abs=1e-9)
    assert summary["high"] == pytest.approx(mean + half, abs=1e-6)
    assert summary["low"] == pytest.approx(max(mean - half, 0.0), abs=1e-6)
    assert summary["indicative"] == (len(values) < 5)


@given(st.lists(st.floats(0.0, 1.0), min_size=3, max_size=12))
def test_the_interval_of_a_share_stays_between_0_and_1(values):
    summary = summary_of([run_of({"indicator": "share_lost", "value": v}) for v in values]).iloc[0]
    mean, half = student(values)
    assert 0.0 <= summary["low"] <= summary["mean"] + 1e-12
    assert summary["mean"] - 1e-12 <= summary["high"] <= 1.0
    assert summary["high"] == pytest.approx(min(mean + half, 1.0), abs=1e-9)


def test_the_interval_of_a_difference_has_no_bound():
    low, high = interval(0.0, 2.0, 4)
    half = stats.t.ppf(0.975, 3) * 2.0 / np.sqrt(4)
    assert (low, high) == (pytest.approx(-half), pytest.approx(half))


@pytest.mark.parametrize("replications", [1, 2])
def test_fewer_than_three_replications_have_no_interval(replications):
    rows = [run_of({"indicator": "load", "value": 0.5 + rank}) for rank in range(replications)]
    summary = summary_of(rows).iloc[0]
    assert (summary["n"], summary["indicative"]) == (replications, True)
    assert summary["mean"] == pytest.approx(0.5 + (replications - 1) / 2)
    assert np.isnan(summary["low"])
    assert np.isnan(summary["high"])


def test_a_count_that_is_not_there_is_nought_but_a_ratio_is_not_known():
    files = {"indicator": "files", "unit": "persons", "value": 8.0, "additive": True}
    full = run_of(files, {"indicator": "load", "value": 0.5})
    other = run_of({"indicator": "other", "value": 1.0})
    summary = summary_of([full, other, full]).set_index("indicator")
    mean, half = student([8.0, 0.0, 8.0])
    assert summary.loc["files", ["mean", "n"]].tolist() == [pytest.approx(mean), 3]
    assert summary.loc["files", "high"] == pytest.approx(mean + half)
    assert summary.loc["load", ["mean", "n"]].tolist() == [0.5, 2]


def test_a_quantile_not_reached_in_one_replication_is_a_bound_and_never_a_mean():
    runs = [
        run_of({"indicator": "wait_p90", "value": v, "reached": r}) for v, r in ((9.0, True), (7.0, False))
    ]
    summary = summary_of(runs).iloc[0]
    assert np.isnan(summary["mean"])
    assert summary["beyond"] == 7.0


def test_a_summary_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one replication"):
        summary_of([])


# -- against what was observed -------------------------------------------------------------------------------


@pytest.fixture
def brittany():
    """Bretagne with 15 advisers' posts over two years."""
    staff = [(0, year, "existing", 15.0, 0.0) for year in (2014, 2015, 2016)]
    return deployment(
        desk(), stations=[("opacif", "accueil")], teams=[("opacif", "advisers", "53")], staff=staff
    )


def observed(share):
    """Two years of counts at this share of the middle of the marks, for Bretagne."""
    part = float(population().keys.loc["53", "opacif"])
    national = {"contacts": 1_050_000, "received": 170_000, "bilans": 31_600 / 0.98, "training_files": 74_000}
    decided = {"salaries_cdi": (33_300, 28_600), "salaries_cdd": (9_300, 2_900)}
    volumes = [
        {"measure": measure, "count": round(amount * part * share), "year": year}
        for measure, amount in national.items()
        for year in (2015, 2016)
    ] + [
        {"measure": measure, "count": round(amount * part * share), "public": public}
        for public, amounts in decided.items()
        for measure, amount in zip(("cif_accepted", "cif_refusals"), amounts, strict=True)
    ]
    received = round(170_000 * part * share)
    hours = [{"stage": "accueil", "used_s": round(received * 1.4 * 3600), "year": y} for y in (2015, 2016)]
    others = [{"stage": "ingenierie", "used_s": 10**9}, {"operator": "apec", "used_s": 10**9}]
    return counts(volumes=[*volumes, {"operator": "apec", "count": 10**6}], hours_by=[*hours, *others])


def test_a_run_at_the_observed_level_is_inside_every_mark(brittany):
    table = marks(brittany, [observed(1.0), observed(1.0)]).set_index("quantity")
    assert table["inside"].all()
    assert table.loc["direct_hours_per_person_received", "found"] == pytest.approx(1.4, rel=1e-3)
    part = float(population().keys.loc["53", "opacif"])
    assert table.loc["received", "low"] == pytest.approx(160_000 * part)
    assert table.loc["received_per_adviser_etp", "low"] == 417
    assert table.loc["received_per_adviser_etp", "found"] == pytest.approx(170_000 * part / 15, rel=1e-3)


def test_a_run_of_half_as_many_is_outside_the_marks_of_volume_alone(brittany):
    table = marks(brittany, [observed(0.5)]).set_index("quantity")["inside"]
    assert table.to_dict() == {
        "contacts": False,
        "received": False,
        "bilans": False,
        "cif_requests": False,
        "cif_acceptance_cdi": True,
        "cif_acceptance_cdd": True,
        "received_per_adviser_etp": False,
        "direct_hours_per_person_received": True,
    }


def test_a_mark_says_which_inputs_were_set_on_it(brittany):
    table = marks(brittany, [observed(1.0)]).set_index("quantity")
    assert table.loc["contacts", "set_inputs"] == "demand.salaries_prives.stock.information_contacts"
    assert set(table["scenario"]) == {"reference"}


def test_every_input_set_on_a_mark_is_an_input_of_the_tables():
    known = tables()
    named = [id_ for mark in known.ids("marks") for id_ in known.figure(mark).extra("set_inputs").split("+")]
    assert [id_ for id_ in named if id_ and not known.figure(id_).addressable] == []
    assert "operators.opacif.advisers_fte" in named


def costs_of(**means):
    return pd.DataFrame(
        [
            (scenario, operator, "all", indicator, mean)
            for scenario, by in means.items()
            for (operator, indicator), mean in by.items()
        ],
        columns=["scenario", "operator", "year", "indicator", "mean"],
    )


def test_the_reference_is_held_to_its_cost_per_person_received_and_the_others_to_theirs_per_conseil():
    received, entering = ("opacif", "per_person_received"), ("opacif", "per_person_entering_conseil")
    frame = costs_of(
        reference={received: 150.0, entering: 9.0, ("all", "per_person_received"): 1.0},
        central={received: 9.0, entering: 900.0},
    )
    table = cost_marks(tables(), frame, "reference").set_index("scenario")
    assert table["quantity"].to_dict() == {
        "reference": "cost_per_person_received",
        "central": "cost_per_person_entering_conseil",
    }
    assert table["found"].to_dict() == {"reference": 150.0, "central": 900.0}
    assert table["inside"].to_dict() == {"reference": True, "central": False}
    assert (table.loc["reference", "low"], table.loc["reference", "high"]) == (140, 165)


def test_a_cost_per_person_where_there_is_nobody_is_not_known_and_not_inside():
    table = cost_marks(tables(), costs_of(reference={("apec", "per_project"): 1.0}), "reference")
    assert table["found"].isna().all()
    assert not table["inside"].any()


def test_a_mark_for_which_nothing_is_counted_is_refused(brittany):
    figures = dict(brittany.tables.figures)
    mark = figures["marks.opacif.contacts@check"]
    figures["marks.opacif.smiles@check"] = replace(
        mark, id="marks.opacif.smiles@check", keys=("opacif", "smiles")
    )
    with pytest.raises(ValueError, match="smiles"):
        marks(replace(brittany, tables=replace(brittany.tables, figures=figures)), [observed(1.0)])
    with pytest.raises(ValueError, match="at least one replication"):
        marks(brittany, [])


# -- what may be shown ---------------------------------------------------------------------------------------


def test_no_cell_of_fewer_than_five_people_of_a_region_and_a_public_is_shown():
    table = pd.DataFrame(
        {
            "region": ["53", "53", ALL, "53", "53"],
            "public": ["salaries_cdi", "salaries_cdd", "salaries_cdd", ALL, "interimaires"],
            "mean": [0.1, 0.2, 0.3, 0.4, 0.5],
            "people": [5, 4.9, 2, 3, np.nan],
        }
    )
    shown = withhold_small_cells(table, values=["mean", "people"])
    assert shown["withheld"].tolist() == [False, True, False, False, True]
    assert shown["mean"].isna().tolist() == [False, True, False, False, True]
    assert shown.loc[1, ["people"]].isna().all()
    assert table["mean"].notna().all()


def test_a_table_that_does_not_say_how_many_people_is_not_shown():
    with pytest.raises(ValueError, match="no column people"):
        withhold_small_cells(pd.DataFrame({"region": ["53"], "public": ["a"], "mean": [1.0]}), ["mean"])


@given(st.lists(st.integers(1, 12), min_size=1, max_size=20))
def test_whatever_is_shown_of_one_region_and_one_public_holds_five_people(sizes):
    summary = summary_of(
        [
            run_of(
                *(
                    {
                        "indicator": f"i{n}",
                        "region": "53",
                        "public": "salaries_cdi",
                        "value": 1.0,
                        "people": s,
                    }
                    for n, s in enumerate(sizes)
                )
            )
        ]
    )
    shown = withhold_small_cells(summary)
    kept = shown[shown["mean"].notna()]
    assert (kept["people"] >= 5).all()
    assert len(kept) == sum(size >= 5 for size in sizes)
