"""A run until it is precise: what is followed, when it stops, what it tells; one small simulation."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cepsim.cli.precision import DEFAULT_INDICATORS as TOLD_INDICATORS
from cepsim.cli.precision import DEFAULT_MOST as TOLD_MOST
from cepsim.errors import UsageError
from cepsim.experiment import Precision, Results, plan, run_scenarios, run_until_precise, until_precise
from cepsim.experiment.chosen import DEFAULT_INDICATORS, INDICATORS, Reading, Replicate, indicators_named
from cepsim.experiment.pipeline import Measured
from cepsim.experiment.runner import Progress
from cepsim.experiment.search import DEFAULT_MOST, Search
from cepsim.labels import label, labels_under
from cepsim.report import conclusion, precision_table
from cepsim.tables import load_tables
from cepsim.units import UNITS

#: What `Results` gives of each indicator: the frame, and the keys of its row.
WHOLE = {"region": "all", "public": "all", "team": "all", "period": "all"}
ACCUEIL = {**WHOLE, "operator": "opacif", "stage": "accueil"}
RECEIVED = {**WHOLE, "indicator": "received", "stage": "all"}
PER_PERSON = {"indicator": "per_person_received", "year": "all"}
IN_RESULTS = {
    "received": ("indicators", {**RECEIVED, "operator": "all"}),
    "received_opacif": ("indicators", {**RECEIVED, "operator": "opacif"}),
    "wait_p50": ("indicators", {**ACCUEIL, "indicator": "wait_p50_working_days"}),
    "wait_p90": ("indicators", {**ACCUEIL, "indicator": "wait_p90_working_days"}),
    "share_within_norm": ("indicators", {**ACCUEIL, "indicator": "share_within_norm"}),
    "share_lost": ("indicators", {**ACCUEIL, "indicator": "share_lost"}),
    "gross_cost": ("costs", {"cut": "total"}),
    "net_cost": ("net_costs", {"cut": "total", "indicator": "net"}),
    "new_money": ("net_costs", {"cut": "total", "indicator": "new_money"}),
    "cost_per_person_received": ("unit_costs", {**PER_PERSON, "operator": "all"}),
    "cost_per_person_received_opacif": ("unit_costs", {**PER_PERSON, "operator": "opacif"}),
}


@pytest.fixture(scope="module")
def planned():
    return plan(["central"], regions=["94"], replications=1, years=2, follow_up_years=0, tables=load_tables())


@pytest.fixture(scope="module")
def one(planned):
    """One replication, over two years."""
    return run_scenarios(planned, workers=1)


# -- what is followed ----------------------------------------------------------------------------------------


def test_an_indicator_is_what_the_frames_of_the_results_hold(one):
    assert set(IN_RESULTS) == set(INDICATORS)
    alone = Results(one.plan, {"central": one.measured["central"]})
    for name, (frame, keys) in IN_RESULTS.items():
        rows = getattr(one if frame == "net_costs" else alone, frame)
        for column, value in {**keys, "scenario": "central"}.items():
            rows = rows[rows[column] == value]
        (row,) = rows.to_dict("records")
        found = INDICATORS[name].read(Replicate(one, "central", 0))
        years = 2 if name.startswith("received") else 1
        assert found.reached
        assert found.value == pytest.approx(row["mean"] / years, rel=1e-12), name


def test_a_wait_that_is_not_over_is_a_bound(one):
    """The same replication, had nobody been called in before the end of observation."""
    of = one.measured["central"][0]
    waits = of.counts.waits_working_days
    waits = waits.assign(called=0, censored=waits["censored"] + waits["called"])
    open_ = Measured(replace(of.counts, waits_working_days=waits), of.quantities, of.people, of.visits)
    here = Replicate(Results(one.plan, {**one.measured, "central": [open_]}), "central", 0)
    for name in ("wait_p50", "wait_p90"):
        found = INDICATORS[name].read(here)
        assert not found.reached
        assert found.value > INDICATORS[name].read(Replicate(one, "central", 0)).value


def test_the_reference_costs_nothing_more_than_itself(one):
    of = Replicate(one, "reference", 0)
    assert INDICATORS["net_cost"].read(of) == INDICATORS["new_money"].read(of) == Reading(0.0)


def test_nobody_is_no_mean_and_no_crash(one):
    """Nobody asks for an accueil, nobody is received: shares and waits have no value, volumes are 0."""
    of = one.measured["central"][0]
    empty = {name: table.iloc[:0] for name, table in of.counts.tables.items()}
    none = Measured(replace(of.counts, **empty), of.quantities.iloc[:0], of.people, of.visits)
    results = Results(one.plan, {**one.measured, "central": [none]})
    # priced as it was: only who is received matters here
    results.__dict__["ledgers"] = one.ledgers
    here = Replicate(results, "central", 0)
    for name in ("wait_p50", "share_lost", "share_within_norm", "cost_per_person_received"):
        found = INDICATORS[name].read(here)
        assert np.isnan(found.value), name
        assert not found.reached, name
    assert INDICATORS["received_opacif"].read(here) == Reading(0.0)


def test_every_indicator_has_a_unit_a_floor_and_a_name_in_words():
    assert list(labels_under("precision.indicator")) == list(INDICATORS)
    for name, indicator in INDICATORS.items():
        assert indicator.name == name
        assert indicator.unit in UNITS
        assert indicator.floor > 0
    assert set(DEFAULT_INDICATORS) < set(INDICATORS)


def test_the_defaults_that_help_tells_are_those_of_a_search():
    assert (TOLD_INDICATORS, TOLD_MOST) == (DEFAULT_INDICATORS, DEFAULT_MOST)
    assert Precision(0.1).indicators == DEFAULT_INDICATORS


def test_names_are_taken_once_in_their_order_with_hyphens_or_not():
    found = indicators_named(["net-cost", "Share_Lost", "net_cost"])
    assert [indicator.name for indicator in found] == ["net_cost", "share_lost"]


def test_a_name_that_none_has_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match=r"found net_cots, expected one of .*The nearest: net_cost, "):
        indicators_named(["share_lost", "net_cots"])
    with pytest.raises(UsageError, match="no indicator"):
        indicators_named([])


# -- what is searched for ------------------------------------------------------------------------------------


def test_each_indicator_is_followed_in_each_scenario_asked_for_but_net_costs_in_the_reference(planned):
    precision = Precision(0.02, ("share_lost", "net_cost"))
    found = Search.of(replace(planned, asked=("reference", "central")), precision)
    assert [(each.scenario, each.indicator.name) for each in found.followed] == [
        ("reference", "share_lost"),
        ("central", "share_lost"),
        ("central", "net_cost"),
    ]
    assert len(Search.of(planned, precision).followed) == 2


def test_at_least_five_replications_are_run_and_more_if_the_plan_says_so(planned):
    def fewest_and_most(replications, most=None):
        found = Search.of(replace(planned, replications=replications), Precision(0.02, most=most))
        return found.rule.fewest, found.most

    assert fewest_and_most(1) == fewest_and_most(5) == (5, DEFAULT_MOST)
    assert fewest_and_most(20, 30) == (20, 30)
    assert fewest_and_most(5, 5) == (5, 5)
    fewest, most = fewest_and_most(130)
    assert most >= fewest + 6


@pytest.mark.parametrize(
    ("precision", "replications", "said"),
    [
        (Precision(0.0), 5, "precision: found 0.0"),
        (Precision(1.0), 5, "precision: found 1.0"),
        (Precision(float("nan")), 5, "precision: found nan"),
        (Precision(0.1, most=4), 5, "maximum of replications: found 4, expected 5"),
        (Precision(0.1, most=19), 20, "maximum of replications: found 19, expected 20"),
        (Precision(0.1, ("net_cots",)), 5, "indicator: found net_cots"),
    ],
)
def test_what_cannot_be_searched_for_is_refused(planned, precision, replications, said):
    with pytest.raises(UsageError, match=said):
        Search.of(replace(planned, replications=replications), precision)


def test_a_difference_with_the_reference_needs_another_scenario(planned):
    alone = replace(planned, asked=("reference",), scenarios=planned.scenarios[:1])
    with pytest.raises(UsageError, match="net_cost: found the reference alone"):
        Search.of(alone, Precision(0.1, ("net_cost",)))


def test_searches_that_may_differ_have_folders_of_their_own(planned):
    def name(relative=0.02, indicators=("net_cost",), most=None, replications=5):
        of = replace(planned, replications=replications)
        return Search.of(of, Precision(relative, indicators, most)).name

    names = [name(), name(0.025), name(indicators=("share_lost",)), name(most=20), name(replications=6)]
    assert len({*names, planned.name}) == len(names) + 1
    assert name() == name(indicators=("net-cost",)) == name(replications=1)
    assert "_p2.5_r5-50_" in names[1]


# -- when it stops -------------------------------------------------------------------------------------------


@pytest.fixture
def run_of(planned, one, monkeypatch):
    """Run a search over given readings, shape (n, k): a simulation is a copy of the one that was made."""

    def run(values, precision, *, reached=None, report=None, replications=5, growth=2):
        values = np.asarray(values, dtype=float)
        known = np.ones(values.shape, dtype=bool) if reached is None else reached
        sizes, taken = [], []

        def run_scenarios(batch, *, report=None, **_options):
            if report is not None:
                for done in (sizes[-1] if sizes else 0, batch.replications):
                    report(Progress(2 * done, 2 * batch.replications, 10.0 * done, 10.0 * batch.replications))
            sizes.append(batch.replications)
            return Results(batch, {name: list(of) * batch.replications for name, of in one.measured.items()})

        def add(self, results):
            before, after = len(self.rows), results.plan.replications
            taken.append(after - before)
            each = zip(values[before:after].tolist(), known[before:after].tolist(), strict=True)
            self.rows += [[Reading(*pair) for pair in zip(*row, strict=True)] for row in each]
            fresh = {name: of[before:] for name, of in results.measured.items()}
            self.batches.append(Results(replace(results.plan, replications=after - before), fresh))

        monkeypatch.setattr(until_precise, "run_scenarios", run_scenarios)
        monkeypatch.setattr(until_precise._Watched, "add", add)
        monkeypatch.setattr(until_precise, "_GROWTH", growth)
        of = replace(planned, replications=replications)
        results = run_until_precise(of, precision, report=report)
        assert sum(taken) == sizes[-1]
        return results, sizes

    return run


PAIR = ("share_lost", "gross_cost")


def drawn(seed, size=200):
    generator = np.random.default_rng(seed)
    return np.column_stack([generator.normal(0.3, 0.02, size), generator.normal(1e6, 1.5e5, size)])


@pytest.mark.parametrize("seed", range(3))
def test_batches_change_nothing_but_how_many_are_ready(run_of, seed):
    found = [run_of(drawn(seed), Precision(0.05, PAIR, most=200), growth=growth) for growth in (1, 2, 4, 50)]
    results = [of for of, _ in found]
    assert len({tuple(sizes) for _, sizes in found}) > 1
    assert len({of.plan.replications for of in results}) == 1
    for of in results:
        pd.testing.assert_frame_equal(of.precision, results[0].precision)
        assert of.plan.replications == of.held.until == len(of.readings.series)
        assert {len(runs) for runs in of.measured.values()} == {of.plan.replications}
        assert (of.precision["state"] == "precise").all()


def test_the_first_batch_is_as_short_as_an_answer_may_be_and_none_goes_beyond_the_most(run_of):
    results, sizes = run_of(np.full((60, 2), 1.0), Precision(0.05, PAIR))
    assert (sizes, results.held.since, results.plan.replications) == ([10], 5, 10)
    results, sizes = run_of(np.full((60, 2), 1.0), Precision(0.05, PAIR), replications=20)
    assert (sizes, results.held.since, results.plan.replications) == ([25], 20, 25)
    results, sizes = run_of(drawn(1), Precision(0.001, PAIR, most=33))
    assert sizes == sorted(set(sizes))
    assert sizes[-1] == results.plan.replications == 33


def test_the_maximum_is_no_error_and_what_is_loose_is_said(run_of):
    results, _ = run_of(drawn(2), Precision(0.02, PAIR, most=12))
    assert results.held is None
    assert results.plan.replications == 12
    frame = results.precision.set_index("indicator")
    assert frame.loc["gross_cost", "state"] == "loose"
    assert frame.loc["gross_cost", "half_width"] > frame.loc["gross_cost", "allowed"]
    found = results.manifest()["precision"]
    assert found["precise_from"] is None
    assert {"scenario": "central", "indicator": "gross_cost", "state": "loose"} in found["not_precise"]
    said = conclusion(results).splitlines()
    assert said[0].startswith("Arrêt au maximum permis, 12 réplications (--max-replications)")
    assert any(line.startswith("Encore imprécis : ") and "coût brut [central] ± " in line for line in said)


def test_a_quantile_that_is_not_reached_keeps_nobody_waiting_and_is_said_to_be_loose(run_of):
    values = np.column_stack([np.full(60, 41.0), np.full(60, 1e6)])
    reached = np.ones((60, 2), dtype=bool)
    reached[3, 0] = False
    results, sizes = run_of(values, Precision(0.05, ("wait_p90", "gross_cost")), reached=reached)
    assert (sizes, results.plan.replications) == ([10], 10)
    wait, cost = results.precision.to_dict("records")
    assert (wait["state"], cost["state"]) == ("unreached", "precise")
    assert np.isnan(wait["mean"])
    assert wait["beyond"] == 41.0
    said = conclusion(results).splitlines()
    assert said[0].startswith(
        "Précision de 5\u00a0% atteinte dès 5 réplications et vérifiée pour tout ce qui"
    )
    assert said[1].startswith("Sans moyenne, et plus de réplications n'y changeraient rien")
    assert said[1].endswith("attente de 9 sur 10, OPACIF (j ouvrés) [central] > 41,00.")
    table = precision_table(results)
    assert table.rows[0][2:4] == ("> 41,00", "–")


def test_what_was_precise_for_too_few_replications_is_said_apart(run_of):
    results, _ = run_of(np.full((8, 2), 1.0), Precision(0.05, PAIR, most=8))
    assert set(results.precision["state"]) == {"unconfirmed"}
    assert "à confirmer" in {row[-1] for row in precision_table(results).rows}
    assert conclusion(results).splitlines()[1].startswith("Précis, mais depuis trop peu de réplications")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_table_says_what_was_wanted_and_what_was_found(run_of, language):
    results, _ = run_of(drawn(1), Precision(0.05, PAIR, most=200))
    table = precision_table(results, language)
    first = results.precision.iloc[0]
    n = results.plan.replications
    assert str(n) in table.title
    assert ("97,50\u00a0%" if language == "fr" else "97.50%") in table.note
    assert [row[1] for row in table.rows] == [label(f"precision.indicator.{i}", language) for i in PAIR]
    assert [row[7] for row in table.rows] == [str(x) for x in results.precision["precise_from"]]
    assert {len(row) for row in table.rows} == {len(table.columns)}
    points = f"{first['half_width'] * 100:.2f}"
    assert table.rows[0][3] == f"± {points.replace('.', ',') if language == 'fr' else points} pt"
    (said,) = conclusion(results, language).splitlines()
    assert str(results.held.since) in said
    assert str(n) in said


# -- what it tells and writes --------------------------------------------------------------------------------


def test_progress_is_told_against_what_the_search_seems_to_take_and_ends_at_the_whole(run_of):
    told: list[Progress] = []
    results, sizes = run_of(drawn(0), Precision(0.05, PAIR, most=200), report=told.append)
    assert len(sizes) > 1
    assert [now.people_done for now in told] == sorted(now.people_done for now in told)
    assert all(now.people_done <= now.people for now in told)
    assert told[-1].units_done == told[-1].units == 2 * sizes[-1]
    # in the midst of a search the bar is not full
    assert told[1].people_done < told[2].people
    assert results.held is not None


def test_the_frame_has_units_and_is_written_with_the_others(run_of, tmp_path):
    results, _ = run_of(drawn(1), Precision(0.05, PAIR, most=12))
    frame = results.precision
    assert dict(zip(frame["indicator"], frame["unit"], strict=True)) == {
        "share_lost": "share",
        "gross_cost": "eur",
    }
    assert set(frame["confidence"]) == {1 - 0.05 / 2}
    assert frame["relative_half_width"].tolist() == pytest.approx(
        (frame["half_width"] / frame["mean"]).tolist()
    )
    for ending, read in (("csv", pd.read_csv), ("parquet", pd.read_parquet)):
        path = tmp_path / f"precision.{ending}"
        frame.to_csv(path, index=False) if ending == "csv" else frame.to_parquet(path, index=False)
        assert list(read(path).columns) == list(frame.columns)
