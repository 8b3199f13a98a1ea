"""Points kept on disk: found again as they were, whole or not at all."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from deployments import tables

from cepsim.errors import StoreError
from cepsim.experiment.plan import plan
from cepsim.sensitivity.hypotheses import moved
from cepsim.sensitivity.outcomes import Outcomes
from cepsim.sensitivity.shelf import Shelf, point_key

OVERHEAD = "unit_costs.overhead_rate.all"
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
