"""Plans, replications, results and the files that keep them."""

import json
from concurrent.futures import Executor, Future
from dataclasses import replace

import pandas as pd
import pytest
from scipy.stats import ttest_1samp
from sharded import at_once, in_parts

import cepsim
from cepsim.errors import CheckFailed, Interrupted, RegionError, ScenarioError, StoreError, UsageError
from cepsim.experiment import Results, plan, run_scenarios
from cepsim.experiment.pipeline import (
    Measured,
    open_part,
)
from cepsim.experiment.runner import Progress
from cepsim.experiment.store import Store
from cepsim.experiment.work import Bench, Task
from cepsim.scenario import load_scenario
from cepsim.tables import load_tables

REGION = "94"


@pytest.fixture(scope="module")
def tables():
    return load_tables()


@pytest.fixture(scope="module")
def planned(tables):
    return plan(
        ["premiere-vague"],
        regions=[REGION],
        replications=2,
        years=1,
        follow_up_years=0,
        tables=tables,
    )


@pytest.fixture(scope="module")
def results(planned):
    return run_scenarios(planned, workers=1)


def same(one: Results, other: Results) -> bool:
    pairs = [
        (a, b) for name in one.measured for a, b in zip(one.measured[name], other.measured[name], strict=True)
    ]
    return all(
        a.quantities.equals(b.quantities)
        and all(table.equals(b.counts.tables[name]) for name, table in a.counts.tables.items())
        for a, b in pairs
    )


def test_the_reference_is_run_with_every_scenario_on_its_calendar(planned):
    assert [scenario.name for scenario in planned.scenarios] == ["reference", "premiere-vague"]
    assert planned.asked == ("premiere-vague",)
    assert {scenario.calendar.years for scenario in planned.scenarios} == {1}


def test_scenarios_of_different_lengths_have_no_common_base():
    longer = load_scenario("central").derive({"calendar.years": 2}, name="long", tables=load_tables())
    with pytest.raises(UsageError, match="long have different calendars"):
        plan(["central", longer], regions=[REGION])
    planned = plan(["central", longer], regions=[REGION], years=2)
    assert {of.calendar.years for of in planned.scenarios} == {2}


def test_results_are_the_same_with_one_process_or_two(planned, results):
    assert same(results, run_scenarios(planned, workers=2))


def test_another_seed_gives_other_people(planned, results):
    again = run_scenarios(replace(planned, seed=2, replications=1), workers=1)
    first, other = results.measured["reference"][0], again.measured["reference"][0]
    assert not first.quantities.equals(other.quantities)


def test_a_replication_does_not_depend_on_how_many_there_are(planned, results):
    alone = run_scenarios(replace(planned, replications=1), workers=1)
    assert results.measured["reference"][0].quantities.equals(alone.measured["reference"][0].quantities)


def test_progress_ends_at_the_whole(planned):
    seen: list[Progress] = []
    run_scenarios(replace(planned, replications=1), workers=1, report=seen.append)
    assert [now.people_done for now in seen] == sorted(now.people_done for now in seen)
    assert seen[0].units_done == 0
    assert seen[-1].units_done == seen[-1].units == 2
    assert seen[-1].people_done == pytest.approx(seen[-1].people)


def test_every_ledger_closes_and_a_cent_astray_is_noticed(results):
    priced = results.ledgers["premiere-vague"][0]
    astray = priced.rows.copy()
    astray.loc[0, "amount_cents"] += 1
    from cepsim.costing import close

    close(priced, results.measured["premiere-vague"][0].quantities)
    with pytest.raises(CheckFailed):
        close(replace(priced, rows=astray), results.measured["premiere-vague"][0].quantities)


def test_gross_cost_by_any_cut_sums_to_the_total(results):
    costs = results.costs[results.costs["scenario"] == "premiere-vague"]
    total = costs.loc[costs["cut"] == "total", "mean"].item()
    for cut, group in costs.groupby("cut"):
        assert group["mean"].sum() == pytest.approx(total, abs=0.01), cut


def test_net_cost_is_gross_less_the_reference_in_each_replication(results):
    net = results.net_costs
    found = net[(net["cut"] == "total") & (net["indicator"] == "net")]["mean"].item()
    gross = [
        (a.rows["amount_cents"].sum() - b.rows["amount_cents"].sum()) / 100
        for a, b in zip(results.ledgers["premiere-vague"], results.ledgers["reference"], strict=True)
    ]
    assert found == pytest.approx(sum(gross) / len(gross), abs=0.01)


def test_the_parts_of_a_net_cost_add_up_to_it_to_the_cent(results):
    net = results.net_costs
    keys = [name for name in net.columns if name not in ("indicator", "mean", "low", "high", "n")]
    sums = net.pivot_table(index=keys, columns="indicator", values="mean", aggfunc="sum")
    parts = sums[["new_money", "services_not_rendered", "paid_anyway"]].sum(axis=1)
    assert (parts - sums["net"]).abs().max() < 0.005


def test_no_export_shows_fewer_than_five_people_of_a_region_and_a_public(results):
    frames = results.frames()
    shown = frames["ledger"]
    public = ~shown["public"].isin(["secret", "non_affecte"])
    units = shown["unit"].isin(["bilans", "calls"])
    keys = ["scenario", "replication", "year", "region", "operator", "stage", "public", "nature", "character"]
    assert (shown[public & units].groupby(keys)["quantity"].sum() >= 5).all()
    assert (shown["public"] == "secret").any()
    for name, priced in results.ledgers.items():
        for n, of in enumerate(priced):
            here = shown[(shown["scenario"] == name) & (shown["replication"] == n)]
            for cut in ("nature", "payer", "operator", "stage", "year", "region", "character"):
                ours, whole = (t.groupby(cut)["amount_cents"].sum() for t in (here, of.rows))
                assert ours.to_dict() == whole.to_dict(), cut
    # one region: what sums over regions is that region
    small = frames["indicators"]
    small = small[(small["public"] != "all") & small["withheld"]]
    assert "all" in set(small["region"])
    assert small["mean"].isna().all()
    for name, frame in frames.items():
        assert name in ("indicators", "ledger", "commitments") or "public" not in frame.columns
    files = frames["commitments"]
    files = files[files["public"] != "secret"]
    keys = ["scenario", "replication", "year", "region", "operator", "public", "kind", "outcome", "character"]
    assert (files.groupby(keys)["quantity"].sum() >= 5).all()


def test_fewer_than_three_replications_have_no_interval_in_any_frame(results):
    for name in ("indicators", "costs", "net_costs", "unit_costs", "social_partners"):
        frame = results.frames()[name]
        assert frame["mean"].notna().any(), name
        assert frame[["low", "high"]].isna().all().all(), name


def test_the_interval_of_a_net_cost_is_that_of_its_differences_on_the_same_people(results):
    """Three replications: the two of the run and one that is a copy, since only the arithmetic is asked."""
    thrice = Results(
        replace(results.plan, replications=3), {k: [*v, v[0]] for k, v in results.measured.items()}
    )
    net = thrice.net_costs
    found = net[(net["cut"] == "total") & (net["indicator"] == "net")].iloc[0]
    differences = [
        (a.rows["amount_cents"].sum() - b.rows["amount_cents"].sum()) / 100
        for a, b in zip(thrice.ledgers["premiere-vague"], thrice.ledgers["reference"], strict=True)
    ]
    interval = ttest_1samp(differences, 0.0).confidence_interval(0.95)
    assert found["low"] == pytest.approx(interval.low, abs=0.01)
    assert found["high"] == pytest.approx(interval.high, abs=0.01)
    assert (thrice.costs["low"] >= 0).all()


def test_results_are_written_whole_with_a_manifest(results, tmp_path):
    folder = tmp_path / "run"
    files = results.write(folder)
    assert not list(tmp_path.glob("*.partial"))
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["seed"] == 1
    assert manifest["tables_sha256"] == results.plan.tables.digest
    assert set(manifest["scenarios"]) == {"reference", "premiere-vague"}
    for name, frame in results.frames().items():
        assert folder / f"{name}.csv" in files
        back = pd.read_parquet(folder / f"{name}.parquet")
        assert len(back) == len(frame)
        assert list(back.columns) == list(frame.columns)


def test_writing_again_replaces_the_folder(results, tmp_path):
    folder = tmp_path / "run"
    results.write(folder)
    (folder / "old.txt").write_text("old", encoding="utf-8")
    results.write(folder)
    assert not (folder / "old.txt").exists()


def test_a_stop_by_the_user_is_an_interruption(planned, monkeypatch):
    def stopped(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(Bench, "do", stopped)
    with pytest.raises(Interrupted):
        run_scenarios(replace(planned, replications=1), workers=1)


class AtOnce(Executor):
    """An executor that does each task when it is given, then something else."""

    def __init__(self, then):
        self.then, self.answers = then, []

    def submit(self, function, /, *words, **options):
        future = Future()
        self.answers.append(function(*words, **options))
        self.then()
        future.set_result(self.answers[-1])
        return future


def test_a_process_answers_nothing_since_who_is_killed_halfway_through_an_answer_is_waited_for(
    planned, results
):
    executor = AtOnce(lambda: None)
    assert same(run_scenarios(planned, executor=executor), results)
    assert executor.answers == [None] * 4


def test_a_unit_that_somebody_removed_as_soon_as_it_was_put_is_told(planned, tmp_path):
    store = Store(tmp_path)
    executor = AtOnce(lambda: store.clean(store.removable(everything=True)))
    with pytest.raises(StoreError, match="cannot be read again"):
        run_scenarios(planned, executor=executor, store=store)


def test_either_engine_gives_the_same_results(planned, results):
    again = run_scenarios(replace(planned, replications=1, engine="simpy"), workers=1)
    for name, replications in again.measured.items():
        assert replications[0].counts.equals(results.measured[name][0].counts)
        assert replications[0].quantities.equals(results.measured[name][0].quantities)


def test_scenarios_with_the_same_warm_up_share_it(planned, results, monkeypatch):
    opened = []

    def counted(world, passage, draws):
        opened.append(draws.replication)
        return open_part(world, passage, draws)

    monkeypatch.setattr("cepsim.experiment.work.open_part", counted)
    assert same(run_scenarios(planned, workers=1), results)
    assert opened == [0, 1]


def test_finished_units_are_taken_from_the_store_and_damaged_ones_made_again(planned, results, tmp_path):
    store = Store(tmp_path / "store")
    assert same(results, run_scenarios(planned, workers=1, store=store))
    done = store.named()
    assert len(done) == 4
    victim = tmp_path / "store" / done[0] / "waits.parquet"
    victim.write_bytes(victim.read_bytes()[:-20])
    made: list[Task] = []
    do = Bench.do

    def counted(self, task, tick):
        made.append(task)
        return do(self, task, tick)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Bench, "do", counted)
        again = Store(tmp_path / "store")
        assert same(results, run_scenarios(planned, workers=1, store=again))
    assert len(made) == len(again.damaged) == 1


def test_parts_put_together_are_the_regions_run_whole(tables):
    scenario = load_scenario("central", tables=tables).derive(
        {"calendar.years": 1, "calendar.follow_up_years": 0}, name="central", tables=tables
    )
    parts = in_parts(scenario, tables, ["74", "94"])
    assert list(parts) == ["pole_emploi.first_line.telephone.national", "74", "94"]
    found, expected = list(parts.values()), at_once(scenario, tables, ["74", "94"])
    for grouping in (found, [Measured.merge(found[:2]), found[2]], found[::-1]):
        together = Measured.merge(grouping)
        assert together.counts.equals(expected.counts)
        assert together.people == expected.people
        columns = [c for c in expected.quantities.columns if c != "people"]
        assert together.quantities[columns].equals(expected.quantities[columns])


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"regions": ["99"]}, RegionError),
        ({"regions": []}, UsageError),
        ({"regions": [REGION], "replications": 0}, UsageError),
        ({"regions": [REGION], "years": 0}, ScenarioError),
    ],
)
def test_a_bad_plan_is_refused_before_anything_runs(tables, arguments, error):
    with pytest.raises(error):
        plan(["central"], tables=tables, **arguments)


def test_the_same_scenario_twice_is_refused(tables):
    with pytest.raises(UsageError):
        plan(["central", "central"], regions=[REGION], tables=tables)


def test_the_public_names_are_reached_from_the_package():
    assert all(getattr(cepsim, name) is not None for name in cepsim.__all__)
    with pytest.raises(AttributeError):
        cepsim.nothing_of_the_kind  # noqa: B018


def test_three_lines_run_a_derived_scenario():
    scenario = cepsim.load_scenario("central").derive(
        {"service.intensity": "approfondie", "calendar.years": 1, "calendar.follow_up_years": 0}
    )
    found = cepsim.run([scenario], regions=[REGION], replications=1)
    received = found.indicators.query(
        "indicator == 'received' and region == 'all' and operator == 'all'"
        " and stage == 'all' and public == 'all' and period == 'all'"
    )
    assert set(received["scenario"]) == {"reference", "central-variante"}
