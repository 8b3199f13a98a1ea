"""Futures of a scenario: what they say of a budget, and of what to measure before deciding."""

from functools import cache

import numpy as np
import pytest
from deployments import tables
from moved_figures import FORMATION, INDUCED, OVERHEAD, toy
from scipy.stats import triang

from cepsim.errors import UsageError
from cepsim.experiment.plan import plan
from cepsim.sensitivity import Means, analyse, hypotheses, points, study_of, wanted_of
from cepsim.sensitivity.words import words

THREE = (OVERHEAD, INDUCED, FORMATION)


@cache
def planned():
    return plan(["central"], regions=["94"], replications=4, years=1, tables=tables())


def asked(monkeypatch, *, model=None, outcomes=("new_money", "wait_p50"), samples=256, **wanted):
    monkeypatch.setattr(hypotheses, "read_of", lambda *_, **__: (None, frozenset()))
    monkeypatch.setattr(points, "evaluate", model or toy())
    study = study_of(
        planned(),
        figures=THREE,
        outcomes=outcomes,
        method="futures",
        samples=samples,
        wanted=wanted_of(planned(), **wanted),
    )
    return analyse(study, Means())


def law(id_):
    of = tables().figure(id_)
    return triang((of.mode - of.low) / (of.high - of.low), of.low, of.high - of.low)


def test_the_distribution_is_that_of_the_laws_and_the_base_comes_first(monkeypatch):
    found = asked(monkeypatch)
    assert found.points[0] == {}
    row = found.distribution.set_index("outcome").loc["new_money"]
    assert row["at_modes"] == pytest.approx(33.0)
    assert row["mean"] == pytest.approx(100 * law(OVERHEAD).mean() + 10 * law(INDUCED).mean(), rel=0.01)
    # without another, the limit is what the scenario costs at its modes
    assert row["limit"] == pytest.approx(33.0)


def test_a_rule_says_in_units_of_its_figure_where_the_budget_fails(monkeypatch):
    limit = 100 * 0.38 + 10 * 0.5
    found = asked(monkeypatch, limits={"new-money": limit})
    rule = found.rules[found.rules["rule"] == 1].set_index("figure")
    assert OVERHEAD in rule.index
    row = rule.loc[OVERHEAD]
    # no future fails at 0.33, all do at 0.43
    assert 0.33 < row["low"] < 0.43
    assert (row["is_low"], row["is_high"], row["high"]) == (False, True, 0.45)
    assert row["density"] > 0.6 > row["everywhere"]
    said = repr(found)
    assert "plus que la limite de 43" in said
    assert f"Elle est passée surtout quand {words(OVERHEAD)} dépasse 0,3" in said
    assert words(FORMATION) not in said


def test_what_falls_short_is_below_its_limit_and_what_nothing_moves_fails_nowhere(monkeypatch):
    found = asked(monkeypatch, outcomes=("received", "wait_p90"), limits={"received": 36.0, "wait_p90": 25.0})
    row = found.distribution.set_index("outcome")["share_failing"]
    assert 0.1 < row["received"] < 0.9
    assert row["wait_p90"] == 0.0
    assert "moins que la limite de 36" in repr(found)
    rule = found.rules.query("outcome == 'received' and rule == 1").set_index("figure").loc[OVERHEAD]
    assert (rule["is_low"], rule["is_high"]) == (True, False)


def test_without_decisions_and_values_nothing_is_said_to_be_worth_measuring_and_it_says_so(monkeypatch):
    for wanted in ({}, {"decisions": ["premiere-vague"]}, {"values": {"new_money": -1.0}}):
        found = asked(monkeypatch, samples=16, **wanted)
        assert found.worth is None
        assert not {"worth", "decisions"} & found.frames().keys()
        assert "n'est pas calculé : il faut nommer les autres décisions possibles" in repr(found)


def test_knowing_what_decides_is_worth_its_expected_gain_in_euros(monkeypatch):
    # the other decision always costs 35: one loses |cost - 35| wherever one chose the dearer
    found = asked(monkeypatch, decisions=["premiere-vague"], values={"new_money": -1.0}, samples=512)
    frame = found.worth_frame.set_index("figure")
    u = (np.arange(20_000) + 0.5) / 20_000
    known = {
        OVERHEAD: 100 * law(OVERHEAD).ppf(u) + 10 * law(INDUCED).mean(),
        INDUCED: 100 * law(OVERHEAD).mean() + 10 * law(INDUCED).ppf(u),
    }
    for id_, cost in known.items():
        gain = np.maximum(-cost, -35.0).mean() - max(-cost.mean(), -35.0)
        assert frame.loc[id_, "worth"] == pytest.approx(gain, abs=0.1)
    assert frame.loc[FORMATION, "worth"] < 0.2
    assert bool(frame.loc[OVERHEAD, "told"])
    assert frame.loc[FORMATION, "rank"] == 3
    assert found.decisions["decision"].tolist() == ["central", "premiere-vague"]
    assert "est le meilleur choix en moyenne" in repr(found)


def test_futures_where_every_replication_is_the_same_have_no_noise(monkeypatch):
    noise = asked(monkeypatch, samples=64).noise.set_index("outcome").loc["new_money"]
    assert (noise["noise_share"], noise["counted"], noise["left_out"]) == (0.0, 64, 0)


def test_a_failed_future_is_left_out_and_said_and_a_failed_base_too(monkeypatch):
    model = toy()

    def first(of, changes, store, names, simulated=None):
        if not changes["central"]:
            raise_at = toy(fails=[(OVERHEAD, 0.3)])
            return raise_at(of, changes, store, names, simulated)
        return model(of, changes, store, names, simulated)

    found = asked(monkeypatch, model=first, limits={"new_money": 40.0}, samples=64)
    assert found.failed == 1
    assert "Le scénario lui-même, aux valeurs retenues, a échoué : no staff at all" in repr(found)
    assert found.distribution["n"].tolist() == [64, 64]


def test_correlated_hypotheses_are_drawn_so_and_what_cannot_be_is_refused(monkeypatch):
    found = asked(monkeypatch, samples=256, correlations={(OVERHEAD, INDUCED): 0.8})
    assert np.corrcoef(found.design[:, 0], found.design[:, 1])[0, 1] == pytest.approx(0.8, abs=0.03)
    for pair, rank in (((OVERHEAD, OVERHEAD), 0.5), ((OVERHEAD, INDUCED), 1.0), ((OVERHEAD, "no.such"), 0.5)):
        with pytest.raises(UsageError, match="correlation"):
            asked(monkeypatch, correlations={pair: rank})
    with pytest.raises(UsageError, match="different scenarios"):
        asked(monkeypatch, decisions=["central"])
    with pytest.raises(UsageError, match="method futures"):
        study_of(planned(), figures=[INDUCED], wanted=wanted_of(planned(), limits={"received": 1.0}))
