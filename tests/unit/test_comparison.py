"""Scenarios compared on a small region: what is subset, paired, withheld, kept and taken up again."""

import os
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from deployments import scenario, tables

import cepsim
from cepsim.errors import ScenarioError, StoreError, UsageError
from cepsim.experiment import (
    Comparison,
    Results,
    compare_scenarios,
    comparison_plan,
    plan,
    run_scenarios,
)
from cepsim.experiment.changes import CLASSES, classed
from cepsim.experiment.paired import MEAN
from cepsim.experiment.store import Store
from cepsim.experiment.work import Bench, unit_of
from cepsim.indicators import ALL
from cepsim.labels import LANGUAGES, label
from cepsim.report import comparison_tables

REGION = "94"
SHORT = {"years": 1, "follow_up_years": 0}


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Store:
    return Store(tmp_path_factory.mktemp("kept"))


@pytest.fixture(scope="module")
def planned():
    twin = scenario("reference").derive({}, name="jumelle", tables=tables())
    return plan(
        ["reference", "premiere-vague", twin], regions=[REGION], replications=3, tables=tables(), **SHORT
    )


@pytest.fixture(scope="module")
def found(planned, kept) -> Comparison:
    made = compare_scenarios(planned, workers=1, store=kept)
    # what is long to compute of a scenario is that of its twin, whose counts are the same
    results, names = made.results, ("reference", "premiere-vague")
    for one, other in zip(results.measured["reference"], results.measured["jumelle"], strict=True):
        assert one.counts.equals(other.counts)
        assert one.quantities.equals(other.quantities)
    alone = Results(results.plan, {name: results.measured[name] for name in names})
    vars(results)["ledgers"] = {**alone.ledgers, "jumelle": alone.ledgers["reference"]}
    results._replicated["jumelle"] = results.replicated("reference")
    return made


def of(frame: pd.DataFrame, name: str, **keys) -> pd.DataFrame:
    here = frame[frame["scenario"] == name]
    for key, value in keys.items():
        here = here[here[key] == value]
    return here


def test_a_scenario_under_another_name_changes_nothing(found):
    for table in found.changes["jumelle"]:
        assert set(classed(table)["class"]) <= {"same_day", "neither", "waiting"}
        assert (table[["days", "seconds"]] == 0).all().all()
    for frame in (found.indicators, found.costs, found.delays):
        same = of(frame, "jumelle")[["mean", "low", "high"]]
        assert (same.fillna(0.0) == 0.0).all().all()
    costs = of(found.costs, "jumelle", cut="total")
    assert costs[["low", "high"]].notna().all().all()
    assert (of(found.unit_costs, "jumelle")["undefined"] == "none").all()


def test_who_comes_where_less_is_asked_comes_where_more_is(found):
    for table in found.changes["premiere-vague"]:
        accueil = classed(table[table["stage"] == "accueil"])
        sums = accueil.groupby("class")["people"].sum()
        assert "only_base" not in sums
        assert sums["only_other"] > 100
        assert sums.sum() > 4000


def test_differences_of_indicators_are_those_of_the_runs(found):
    keys = ["indicator", "region", "operator", "stage", "public", "team", "period", "unit"]
    apart = found.results.indicators
    both = of(apart, "reference").merge(of(apart, "premiere-vague"), on=keys, suffixes=("_a", "_b"))
    both = both.merge(of(found.indicators, "premiere-vague"), on=keys)
    both = both[~both["withheld"] & (both["n"] == 3)].dropna(subset=["mean_a", "mean_b"])
    assert len(both) > 1000
    assert np.allclose(both["mean_b"] - both["mean_a"], both["mean"], atol=1e-6)
    assert (both["low"] <= both["mean"]).all()
    assert (both["mean"] <= both["high"]).all()


def test_two_comparisons_make_wider_intervals_than_one(found):
    plan_of_two = replace(found.results.plan, asked=("reference", "premiere-vague"))
    alone = Comparison(
        Results(plan_of_two, found.results.measured), {"premiere-vague": found.changes["premiere-vague"]}
    )
    place = {"region": ALL, "public": ALL, "operator": ALL, "in_base": ALL}
    keys = {**place, "stage": "accueil", "indicator": "people"}
    width = [
        of(each.people, "premiere-vague", **keys, **{"class": "only_other"}).eval("high - low").item()
        for each in (found, alone)
    ]
    # Student's quantiles of 2 degrees at 97.5 % and 95 %, both sides
    assert width[0] / width[1] == pytest.approx(6.20535 / 4.30265, rel=1e-5)


def test_the_difference_of_gross_cost_is_that_of_net_cost_and_its_parts_add_up(found):
    wide = of(found.costs, "premiere-vague").pivot_table(
        index=["cut", "nature", "payer", "character", "operator", "stage", "year"],
        columns="indicator",
        values="mean",
    )
    assert np.allclose(wide["gross"], wide["net"], atol=0.005)
    parts = wide[["new_money", "services_not_rendered", "paid_anyway"]].sum(axis=1)
    assert np.allclose(parts, wide["net"], atol=0.005)
    net = of(found.results.net_costs, "premiere-vague", cut="total", indicator="net")
    assert wide.loc["total", "net"].item() == pytest.approx(net["mean"].item(), abs=0.01)


def test_a_cost_per_person_is_the_difference_of_cost_over_the_difference_of_people(found):
    gross = of(found.costs, "premiere-vague", cut="total", indicator="gross")["mean"].item()
    for row in of(found.unit_costs, "premiere-vague", cost="gross").to_dict("records"):
        if row["undefined"]:
            assert np.isnan(row["mean"])
            assert row["people_low"] <= 0
        else:
            assert row["mean"] == pytest.approx(gross / row["people"])
            assert row["low"] < row["mean"] < row["high"]
    received = of(found.unit_costs, "premiere-vague", cost="gross", per="received")["people"].item()
    gained = [
        int(t.loc[t["stage"] == "accueil", "gained_in_time"].sum()) for t in found.changes["premiere-vague"]
    ]
    gaining = of(found.unit_costs, "premiere-vague", cost="gross", per="gaining")["people"].item()
    assert gaining == pytest.approx(np.mean(gained))
    assert gaining >= received


def test_every_frame_is_tidy_and_says_what_it_compares(found):
    for name, frame in found.frames().items():
        assert list(frame.columns[:2]) == ["scenario", "base"], name
        assert {*MEAN, "unit"} <= set(frame.columns), name
        assert set(frame["base"]) == {"reference"}
        assert set(frame["scenario"]) == {"premiere-vague", "jumelle"}
        keys = [c for c in frame.columns if frame[c].dtype.kind not in "fib"]
        assert not frame.duplicated(keys).any(), name


def test_no_difference_is_shown_of_fewer_than_five_people_of_a_public(found):
    for frame in (found.indicators, found.people, found.delays):
        cells = frame[frame["public"] != ALL]
        assert cells["withheld"].any()
        assert cells.loc[cells["withheld"], ["mean", "low", "high", "people"]].isna().all().all()
        assert (cells["people"].dropna() >= 5).all()
    people = found.people[(found.people["public"] != ALL) & (found.people["class"].isin(CLASSES))]
    hidden = people.groupby(["scenario", "stage", "region", "public", "operator", "indicator"])[
        "withheld"
    ].sum()
    # one class alone would be found by subtraction
    assert (hidden != 1).all()
    assert (people["in_base"] == ALL).all()


# -- what is kept --------------------------------------------------------------------------------------------


def first_of(planned):
    """The same plan, of the first two scenarios and the first replication."""
    return replace(planned, scenarios=planned.scenarios[:2], asked=planned.asked[:2], replications=1)


@pytest.mark.skipif(not os.environ.get("CEPSIM_LONG"), reason="two processes compile everything anew")
def test_changes_are_the_same_with_two_processes_and_without_a_store(planned, found):
    again = compare_scenarios(first_of(planned), workers=2)
    assert again.changes["premiere-vague"][0].equals(found.changes["premiere-vague"][0])


def test_what_is_kept_is_taken_up_by_a_comparison_and_by_a_plain_run(planned, kept, found, monkeypatch):
    monkeypatch.setattr(Bench, "do", None)
    again = compare_scenarios(first_of(planned), workers=1, store=kept)
    assert again.changes["premiere-vague"][0].equals(found.changes["premiere-vague"][0])
    run_scenarios(first_of(planned), workers=1, store=kept)


@pytest.fixture
def done(monkeypatch) -> list:
    """What is done of a run."""
    tasks, do = [], Bench.do
    monkeypatch.setattr(Bench, "do", lambda *words: tasks.append(words[1]) or do(*words))
    return tasks


def test_a_unit_with_damaged_outcomes_is_done_again(planned, kept, found, tmp_path, done):
    shutil.copytree(kept.folder, tmp_path / "damaged")
    damaged = Store(tmp_path / "damaged")
    key = unit_of(comparison_plan(first_of(planned)), planned.scenarios[1], 0, REGION).key
    path = damaged.folder / key / "outcomes.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    again = compare_scenarios(first_of(planned), workers=1, store=damaged)
    assert len(done) == 1
    assert [found.key for found in damaged.damaged] == [key]
    assert damaged.damaged[0].reason.startswith("outcomes.parquet")
    assert again.changes["premiere-vague"][0].equals(found.changes["premiere-vague"][0])


def test_a_unit_without_outcomes_is_done_again_where_they_are_asked_for(planned, tmp_path, done):
    store = Store(tmp_path / "plain")
    one = replace(first_of(planned), scenarios=planned.scenarios[:1], asked=("reference",))
    run_scenarios(one, workers=1, store=store)
    assert not list(store.folder.glob("*/outcomes.parquet"))
    results = run_scenarios(replace(one, keeps_outcomes=("reference",)), workers=1, store=store)
    assert len(done) == 2
    (path,) = store.folder.glob("*/outcomes.parquet")
    assert len(pd.read_parquet(path)) > 4000
    # memory is that of a shard: what is given back does not hold them
    assert not hasattr(results.measured["reference"][0], "outcomes")


def test_outcomes_that_are_gone_are_told(kept, found):
    with pytest.raises(StoreError, match="cannot be read again"):
        kept.outcomes("0" * 32)
    with pytest.raises(ValueError, match="none was given"):
        run_scenarios(comparison_plan(found.results.plan), workers=1)


# -- plans ---------------------------------------------------------------------------------------------------


def test_a_comparison_takes_two_scenarios_over_the_same_years():
    with pytest.raises(UsageError, match="two scenarios"):
        cepsim.compare(["central"], regions=[REGION])
    longer = scenario("central").derive({"calendar.years": 2}, name="long", tables=tables())
    with pytest.raises(UsageError, match="different calendars"):
        cepsim.compare(["central", longer], regions=[REGION])
    with pytest.raises(ScenarioError, match="central"):
        cepsim.compare(["reference", "centrale"], regions=[REGION])


# -- tables --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_is_a_table_a_question_and_each_says_which_scenarios_it_compares(found, language):
    printed = comparison_tables(found, language)
    keys = ["comes", "gains", "longer", "lost", "causes", "delays", "indicators", "cif"]
    keys += ["costs", "unit_costs"]
    assert [table.key for table in printed] == keys
    for table in printed:
        assert all(len(row) == len(table.columns) for row in table.rows)
        assert label("compare.bonferroni", language, count=2) in table.note
        assert found.results.plan.scenarios[0].title.fr in table.note or language == "en"
        assert table.rows
        assert table.rows[0][0]


def test_what_is_printed_is_what_the_frames_hold(found):
    printed = {table.key: table for table in comparison_tables(found, "fr")}
    rows = printed["gains"].rows
    assert [row[0] for row in rows[:3]] == ["ensemble", "", label("operator.opacif")]
    for key, name in (("gained", 2), ("sooner", 4)):
        row = of(
            found.people, "premiere-vague", stage="accueil", region=ALL, public=ALL, operator=ALL, in_base=ALL
        )
        row = row[(row["class"] == key) & (row["indicator"] == "people")]
        assert rows[0][name].replace("\u202f", "").split(" ")[0] == f"{row['mean'].item():.0f}"
    decided = {row[0]: row for row in printed["cif"].rows}
    everywhere = dict.fromkeys(("region", "operator", "stage", "public", "team", "period"), ALL)
    for measure in ("cif_requests", "cif_accepted", "cif_refusals"):
        row = of(found.indicators, "premiere-vague", indicator=measure, **everywhere)
        base = of(found.results.indicators, "reference", indicator=measure, **everywhere)
        _, level, more, twin = decided[label(f"compare.cif.{measure}")]
        for text, mean in ((level, base["mean"].item()), (more, row["mean"].item()), (twin, 0.0)):
            assert text.replace("\u202f", "").split(" ")[0].lstrip("+") == f"{mean:.0f}".replace("-", "−")
    twin = [row for row in printed["costs"].rows if row[0] == label("compare.cost.gross")]
    assert twin[0][2] == "0,00\u00a0M€"
    assert label("compare.undefined.none") in [row[2] for row in printed["unit_costs"].rows]
