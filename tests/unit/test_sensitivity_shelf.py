"""Points kept on disk: found again as they were, whole or not at all."""

import os
import time
from dataclasses import replace
from datetime import timedelta
from functools import cache

import numpy as np
import pytest
from deployments import tables
from moved_figures import INDUCED, OVERHEAD

from cepsim.errors import Interrupted, StoreError
from cepsim.experiment.plan import plan
from cepsim.experiment.store import Store
from cepsim.experiment.work import Bench
from cepsim.sensitivity import Means, analyse, points, study_of
from cepsim.sensitivity import shelf as shelf_module
from cepsim.sensitivity.hypotheses import moved
from cepsim.sensitivity.outcomes import Outcomes
from cepsim.sensitivity.points import evaluate
from cepsim.sensitivity.shelf import Shelf, point_key

NO_SHOW = "stages.all.no_show.salaries.all.all.all"
FOUND = Outcomes(np.array([[1.25, np.nan], [0.1, 3.0]]), np.array([[True, False], [True, True]]))


@cache
def planned(**more):
    return plan(["central"], regions=["94"], years=1, tables=tables(), **more)


def key(**more):
    return point_key(planned(**more), ["gross_cost"])


def test_a_point_comes_back_as_it_was_put_to_the_last_bit(tmp_path):
    shelf = Shelf(tmp_path)
    assert shelf.get("ab", (2, 2)) is None
    shelf.put("ab", FOUND)
    again = shelf.get("ab", (2, 2))
    np.testing.assert_array_equal(again.numbers, FOUND.numbers)
    np.testing.assert_array_equal(again.reached, FOUND.reached)
    assert [path.name for path in (tmp_path / "points").iterdir()] == ["ab.json"]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"numbers": [[1]], "reached": [[true]]}', '{"numbers": 3}']
)
def test_a_damaged_file_is_no_point(tmp_path, content):
    shelf = Shelf(tmp_path)
    shelf.put("ab", FOUND)
    (tmp_path / "points" / "ab.json").write_text(content)
    assert shelf.get("ab", (2, 2)) is None


def test_points_are_cleaned_like_units_and_never_while_they_are_written(tmp_path, monkeypatch):
    store, shelf = Store(tmp_path), Shelf(tmp_path)
    shelf.put("mine", FOUND)
    (tmp_path / "points" / ".being-1-aa").write_text("{")
    assert store.removable() == []
    assert [(each.name, each.cause) for each in store.removable(everything=True)] == [
        ("points/mine.json", "all")
    ]
    assert [each.cause for each in store.removable(older_than=timedelta(seconds=-5))] == ["old"]
    (tmp_path / "points" / "damaged.json").write_text("{")
    monkeypatch.setattr(shelf_module, "program", lambda: "cepsim of old")
    shelf.put("other", FOUND)
    left = tmp_path / "points" / ".left-1-aa"
    left.write_text("{")
    os.utime(left, (time.time() - 2 * 86_400,) * 2)
    things = store.removable()
    assert {each.name: each.cause for each in things} == {
        "points/.left-1-aa": "unfinished",
        "points/damaged.json": "other_program",
        "points/other.json": "other_program",
    }
    store.clean(things)
    assert {path.name for path in (tmp_path / "points").iterdir()} == {"mine.json", ".being-1-aa"}
    assert not list(tmp_path.glob(".partial-*"))


def test_what_cannot_be_written_leaves_nothing_and_is_said(tmp_path):
    (tmp_path / "points").write_text("in the way")
    with pytest.raises(StoreError, match="could not keep a point"):
        Shelf(tmp_path).put("ab", FOUND)


def test_a_point_is_named_by_all_that_its_outcomes_depend_on():
    of = planned()
    (base, central) = of.scenarios
    other = replace(of, scenarios=(base, moved(central, {OVERHEAD: 0.4}, of.tables)))
    common = replace(of, scenarios=tuple(moved(each, {OVERHEAD: 0.4}, of.tables) for each in of.scenarios))
    keys = [key(), key(seed=2), key(replications=2), key(sample=2)]
    keys += [point_key(each, ["gross_cost"]) for each in (other, common)]
    keys.append(point_key(of, ["gross_cost", "received"]))
    assert len(set(keys)) == len(keys)
    assert key() == point_key(replace(of), ["gross_cost"])


def small(**more):
    return plan(
        ["premiere-vague"],
        regions=["94"],
        replications=1,
        years=1,
        follow_up_years=0,
        sample=20,
        tables=tables(),
        **more,
    )


def test_a_study_that_was_stopped_goes_on_with_the_points_that_lack(monkeypatch, tmp_path):
    done = []

    def read(of, _names):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(of)
        return Outcomes(np.full((1, 1), float(len(done))), np.ones((1, 1), dtype=bool))

    monkeypatch.setattr(points, "_priced", lambda planned, *_: planned)
    monkeypatch.setattr(points, "_read", read)
    study = study_of(small(), figures=[INDUCED, NO_SHOW], outcomes=["received"])
    means = Means(store=Store(tmp_path / "store"))
    with pytest.raises(Interrupted):
        analyse(study, means)
    assert len(done) == 2
    done[:] = [None] * 10
    found = analyse(study, means)
    assert len(done) == 10 + 3
    assert found.found.numbers.ravel().tolist() == [1.0, 2.0, 11.0, 12.0, 13.0]
    # a third time, nothing is done
    again = analyse(study, means)
    assert len(done) == 10 + 3
    np.testing.assert_array_equal(again.found.numbers, found.found.numbers)


def test_people_whom_a_price_does_not_touch_are_not_simulated_again_and_costs_are_the_same(
    monkeypatch, tmp_path
):
    planned, changes = small(), {"premiere-vague": {OVERHEAD: 0.45}, "reference": {OVERHEAD: 0.45}}
    names = ["gross_cost", "new_money", "received"]
    whole = evaluate(planned, changes, Store(tmp_path / "whole"), names)
    store = Store(tmp_path / "store")
    base = evaluate(planned, {}, store, names, frozenset())
    with monkeypatch.context() as patch:
        patch.setattr(Bench, "do", _nobody)
        priced = evaluate(planned, changes, store, names, frozenset())
    assert priced.problem == ""
    np.testing.assert_array_equal(priced.numbers, whole.numbers)
    assert priced.numbers[0, 0] != base.numbers[0, 0]
    assert priced.numbers[0, 2] == base.numbers[0, 2]


def _nobody(*_, **__):
    raise AssertionError("simulated again")
