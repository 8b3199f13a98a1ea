"""Sensitivity of a scenario: what is moved, where, and what comes of a point that fails."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from deployments import tables
from moved_figures import FORMATION, INDUCED, MIX, OVERHEAD, toy

import cepsim
from cepsim.errors import CepsimError, StoreError, UsageError
from cepsim.experiment.plan import plan
from cepsim.experiment.store import Store
from cepsim.experiment.work import Bench
from cepsim.scenario import load_scenario
from cepsim.sensitivity import Means, analyse, hypotheses, points, screened, study_of
from cepsim.sensitivity.hypotheses import hypotheses_of
from cepsim.sensitivity.outcomes import Outcomes
from cepsim.sensitivity.points import evaluate
from cepsim.sensitivity.study import impact_ranks
from cepsim.sensitivity.words import named

#: Low is the mode: one end only is a point.
ONE_END = "stages.formalisation.interviews.all.all.all.all"
THREE = (OVERHEAD, INDUCED, FORMATION)


def planned_of(scenario):
    return plan([scenario], regions=["94"], replications=4, years=1, tables=tables())


@cache
def planned(name="central"):
    return planned_of(name)


@pytest.fixture(autouse=True)
def read(monkeypatch):
    """What a run reads is not looked for: it takes a run."""
    monkeypatch.setattr(hypotheses, "read_of", lambda *_, **__: (None, frozenset()))


def analysed(monkeypatch, model, *, figures=THREE, **more):
    monkeypatch.setattr(points, "evaluate", model)
    study = study_of(planned(), figures=figures, outcomes=["new_money", "wait_p50"], **more)
    return analyse(study, Means())


def effects(found, outcome="new_money"):
    frame = found.frames()["effects"]
    return frame[frame["outcome"] == outcome].set_index(["figure", "end"])


def test_a_linear_model_gives_back_its_effects_and_noise_common_to_all_points_is_none_of_them(monkeypatch):
    found = effects(analysed(monkeypatch, toy(noise=7.0)))
    assert found["effect"].round(9).to_dict() == {
        (OVERHEAD, "low"): -10.0,
        (OVERHEAD, "high"): 15.0,
        (INDUCED, "low"): -3.0,
        (INDUCED, "high"): 7.0,
        (FORMATION, "low"): 0.0,
        (FORMATION, "high"): 0.0,
    }
    assert found["effect_low"][OVERHEAD, "high"] == pytest.approx(15.0)
    assert found["told"].tolist() == [True] * 4 + [False] * 2


def test_hypotheses_are_ranked_by_the_greater_of_their_two_effects(monkeypatch):
    ranking = analysed(monkeypatch, toy()).frames()["ranking"]
    here = ranking[ranking["outcome"] == "new_money"]
    assert here["figure"].tolist() == [OVERHEAD, INDUCED, FORMATION]
    assert here["size"].tolist() == pytest.approx([15.0, 7.0, 0.0])
    assert here["rank"].tolist() == [1, 2, 3]


def test_the_sentence_names_what_may_make_the_budget_fail_and_what_noise_there_is(monkeypatch):
    said = repr(analysed(monkeypatch, toy(noise=1.0)))
    assert "Ce qui peut faire échouer le budget (argent nouveau, par an) : " + named(OVERHEAD) in said
    assert "jusqu'à +15\u202f€" in said or "jusqu'à +15\xa0€" in said
    assert "Aucune des hypothèses essayées ne dégrade les délais" in said
    assert "de la variance est du bruit de simulation" in said


def test_a_notebook_shows_a_sentence_a_line(monkeypatch):
    found = analysed(monkeypatch, toy(noise=1.0))
    shown = found._repr_html_()
    assert shown.count("<li>") == len(found.sentences()) == 4
    assert "Corse (94)" in shown


def test_reference_moves_with_what_it_shares_and_not_with_what_the_scenario_made_its_own(monkeypatch):
    own = load_scenario("central").derive(
        {f"figures.{INDUCED}": {"low": 0.1, "mode": 0.2, "high": 0.9, "reason": "A test"}},
        name="central",
        tables=tables(),
    )
    model = toy()
    monkeypatch.setattr(points, "evaluate", model)
    found = analyse(study_of(planned_of(own), figures=[OVERHEAD, INDUCED]), Means())
    moved = [(sorted(changes["reference"]), sorted(changes["central"])) for changes in model.seen]
    assert moved == [([], []), *[([OVERHEAD], [OVERHEAD])] * 2, *[([], [INDUCED])] * 2]
    assert found.frames()["hypotheses"]["moves_reference"].tolist() == [True, False]


def test_shares_that_sum_to_one_go_along_and_still_sum_to_one():
    kept = hypotheses_of(planned(), planned().scenarios[-1], [FORMATION, f"{MIX}vae"])
    (mixture,) = kept.mixtures
    alone = kept.overrides({FORMATION: 0.27})
    assert alone.keys() == mixture.modes.keys()
    assert sum(alone.values()) == pytest.approx(1.0)
    # the others keep their proportions
    assert alone[f"{MIX}vae"] / alone[f"{MIX}mobilite_externe"] == pytest.approx(0.10 / 0.20)
    both = kept.overrides({FORMATION: 0.63, f"{MIX}vae": 0.14})
    assert (both[FORMATION], both[f"{MIX}vae"]) == (0.63, 0.14)
    assert sum(both.values()) == pytest.approx(1.0)
    crowded = mixture.with_(dict.fromkeys(mixture.modes, 0.5))
    assert sum(crowded.values()) == pytest.approx(1.0)
    assert kept.overrides({OVERHEAD: 0.4}) == {OVERHEAD: 0.4}


def test_a_point_that_fails_is_a_row_that_says_why_and_the_others_are_there(monkeypatch):
    found = analysed(monkeypatch, toy(fails=[(OVERHEAD, 0.2)]))
    frames = found.frames()
    failed = frames["points"][frames["points"]["problem"] != ""]
    assert failed[["figure", "value", "problem"]].to_numpy().tolist() == [[OVERHEAD, 0.2, "no staff at all"]]
    here = effects(found)
    assert np.isnan(here["effect"][OVERHEAD, "low"])
    assert here["problem"][OVERHEAD, "low"] == "no staff at all"
    assert here["effect"][OVERHEAD, "high"] == pytest.approx(15.0)
    assert frames["noise"].set_index("outcome")["left_out"]["new_money"] == 1
    assert "1 points sur 7 ont échoué" in repr(found)


def test_what_the_program_refuses_is_the_points_own_and_a_full_disk_is_not(monkeypatch, tmp_path):
    def refused(*_, **__):
        raise CepsimError("nobody to receive them")

    def full(*_, **__):
        raise StoreError("no space left")

    store = Store(tmp_path / "store")
    monkeypatch.setattr(points, "run_scenarios", refused)
    found = evaluate(planned(), {"central": {OVERHEAD: 0.2}}, store, ["gross_cost"])
    assert (found.problem, found.numbers.shape) == ("nobody to receive them", (4, 1))
    # a value that its unit refuses
    assert "overhead_rate" in evaluate(planned(), {"central": {OVERHEAD: 7.0}}, store, ["gross_cost"]).problem
    monkeypatch.setattr(points, "run_scenarios", full)
    with pytest.raises(StoreError):
        evaluate(planned(), {}, store, ["gross_cost"])


def test_a_defect_met_at_a_point_is_the_points_own(monkeypatch, tmp_path):
    def broken(*_, **__):
        raise ZeroDivisionError("float division by zero")

    monkeypatch.setattr(points, "run_scenarios", broken)
    found = evaluate(planned(), {}, Store(tmp_path / "store"), ["gross_cost"])
    assert found.problem == "ZeroDivisionError: float division by zero"
    assert not (tmp_path / "store" / "points").exists()


def test_screening_keeps_what_matters_for_any_outcome_with_one_replication(monkeypatch):
    model = toy()
    monkeypatch.setattr(points, "evaluate", model)
    study = study_of(planned(), figures=(FORMATION, INDUCED, OVERHEAD), outcomes=["new_money"])
    assert screened(study, 2, Means()).hypotheses.ids == (INDUCED, OVERHEAD)
    assert len(model.seen) == 4
    assert screened(study, 3, Means()) is study
    ranks = impact_ranks(
        np.array([[0.0, 0.0], [5.0, 0.0], [1.0, 2.0], [0.0, np.nan]]), [True, False, False, False]
    )
    assert ranks.tolist() == [-1.0, 0.0, 1.0, 0.0]


def test_morris_of_a_model_ranks_what_moves_it_and_leaves_the_rest_at_nought(monkeypatch):
    found = analysed(monkeypatch, toy(noise=5.0), method="morris", trajectories=6)
    assert len(found.points) == 6 * 4
    here = found.frames()["morris"].query("outcome == 'new_money'").set_index("figure")
    assert list(here.index) == [OVERHEAD, INDUCED, FORMATION]
    # it only adds, and rises with each: sizes are effects, and noise is common to all points
    assert here["mu"].tolist() == pytest.approx(here["mu_star"].tolist())
    assert here["mu_star"][FORMATION] == 0.0
    assert here["noise"].to_numpy() == pytest.approx(0.0, abs=1e-9)
    assert "Ce qui bouge le plus, toutes les hypothèses bougeant ensemble (argent nouveau) : " in repr(found)


def test_sobol_of_an_additive_model_gives_each_its_part_of_the_variance(monkeypatch):
    found = analysed(monkeypatch, toy(noise=0.1), method="sobol", samples=256)
    assert len(found.points) == 256 * 5
    here = found.frames()["sobol"].query("outcome == 'new_money'").set_index("figure")
    parts = {OVERHEAD: 100**2 * _variance(OVERHEAD), INDUCED: 10**2 * _variance(INDUCED), FORMATION: 0.0}
    for id_, part in parts.items():
        exact = part / sum(parts.values())
        for which in ("first", "total"):
            row = here.loc[id_]
            assert row[f"{which}_low"] - 0.02 <= exact <= row[f"{which}_high"] + 0.02
    noise = found.frames()["noise"].set_index("outcome").loc["new_money"]
    assert noise["least_half_width"] == pytest.approx(1.96 * sum(parts.values()) ** 0.5, rel=0.05)
    assert noise["noise_share"] < 0.01
    assert f"Ce qui explique le doute (argent nouveau) : {named(OVERHEAD)}" in repr(found)


def test_a_failed_point_of_a_sample_leaves_the_rest(monkeypatch):
    model = toy()

    def once(of, changes, store, names, simulated=None):
        found = model(of, changes, store, names, simulated)
        if len(model.seen) == 5:
            return Outcomes(np.full_like(found.numbers, np.nan), np.zeros_like(found.reached), "no")
        return found

    found = analysed(monkeypatch, once, method="sobol", samples=16)
    frames = found.frames()
    assert (found.failed, set(frames["sobol"]["n"])) == (1, {15})
    assert frames["points"].query("problem == 'no'")["point"].unique().tolist() == [4]


def _variance(id_):
    figure = tables().figure(id_)
    a, c, b = figure.low, figure.mode, figure.high
    return (a * a + b * b + c * c - a * b - a * c - b * c) / 18


def test_what_has_no_range_or_is_not_there_is_refused_before_anything_is_run():
    with pytest.raises(UsageError, match="has no range"):
        study_of(planned(), figures=[_certain()])
    with pytest.raises(CepsimError, match="no_such"):
        study_of(planned(), figures=["no_such.figure"])
    with pytest.raises(UsageError, match="method"):
        study_of(planned(), figures=[OVERHEAD], method="guess")
    with pytest.raises(UsageError, match="power of 2"):
        study_of(planned(), figures=[OVERHEAD], method="sobol", samples=100)


def _certain():
    return next(f.id for f in tables().figures.values() if f.addressable and f.low == f.high)


def test_of_reference_costs_are_gross_and_it_is_run_alone():
    study = study_of(planned("reference"), figures=[OVERHEAD])
    assert study.names == ("gross_cost", "received", "share_lost", "wait_p50", "wait_p90")
    assert [each.name for each in study.planned.scenarios] == ["reference"]
    gross = study_of(planned(), figures=[OVERHEAD], outcomes=["gross_cost"])
    assert [each.name for each in gross.planned.scenarios] == ["central"]


def test_a_tornado_of_corse_is_taken_up_again_from_its_store_and_is_the_same(monkeypatch, tmp_path):
    def asked():
        return cepsim.sensitivity(
            "central",
            regions=["94"],
            figures=[ONE_END],
            outcomes=["gross_cost", "received", "wait_p50"],
            replications=1,
            years=1,
            follow_up_years=0,
            sample=20,
            store=Store(tmp_path / "store"),
        )

    def nothing(*_, **__):
        raise AssertionError("simulated again")

    first = asked()
    frames = first.frames()
    assert frames["points"]["figure"].tolist() == ["", ONE_END]
    assert frames["outcomes"]["value"].notna().all()
    effect = effects(first, "gross_cost")["effect"]
    assert effect[ONE_END, "low"] == 0.0
    assert effect[ONE_END, "high"] != 0.0
    monkeypatch.setattr(Bench, "do", nothing)
    for name, frame in asked().frames().items():
        pd.testing.assert_frame_equal(frame, frames[name])
    folder = tmp_path / "out"
    first.write(folder)
    assert pd.read_csv(folder / "effects.csv")["figure"].tolist() == [ONE_END] * 6
