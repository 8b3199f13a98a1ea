"""Posts of a budget: shared out on curves as trying everything would, then simulated in Corse."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cepsim.errors import UsageError
from cepsim.sizing import budget_answer, budgeted, share_out, wanted
from cepsim.sizing.allocation import allocated, lost, spared, spent
from cepsim.sizing.curves import Curve, Outcome
from cepsim.sizing.posts import Post
from cepsim.sizing.sizing import planned_for

NORMS = ["cap_emploi accueil: 90 % <= 10 j ouvrés", "missions_locales accueil: 90 % <= 10 j ouvrés"]


def curve(*lates, steps=None, given=1.0):
    """A curve of people late, at each step from 0 on unless it says which."""
    outcomes = tuple(Outcome(100.0, late, 10.0 * late, 100.0) for late in lates)
    post = Post("opacif", "94", 0, 0)
    return Curve(post, 1.0, given, 80_000.0, tuple(steps or range(len(lates))), outcomes)


losses = st.lists(st.integers(0, 90), min_size=2, max_size=6).map(lambda of: sorted(of, reverse=True))


@settings(max_examples=40, deadline=None)
@given(st.lists(losses, min_size=1, max_size=3), st.integers(0, 12))
def test_posts_are_shared_out_as_trying_every_way_would(drawn, more):
    """Curves of any shape, known at every step: the program finds the minimum that brute force finds."""
    curves = [curve(*map(float, one)) for one in drawn]
    budget = len(curves) * 1.0 + more / 10
    found = allocated(curves, budget, "late")
    every = product(*(range(len(one)) for one in drawn))
    least = min(lost(curves, way, "late") for way in every if spent(curves, way) <= budget + 1e-9)
    assert spent(curves, found) <= budget + 1e-9
    assert lost(curves, found, "late") == pytest.approx(least)


def test_between_two_points_a_curve_is_a_line_and_chance_never_makes_more_advisers_lose_more():
    of = curve(80.0, 20.0, 30.0, steps=(0, 4, 8))
    assert of.loss_at(1, "late") == 65.0
    assert of.loss_at(6, "late") == 20.0
    assert of.loss_at(2, "days") == 500.0
    assert spared(of, 0, "late") == 15.0
    again = of.also(6, Outcome(100.0, 10.0, 100.0, 100.0))
    assert again.steps == (0, 4, 6, 8)
    assert again.loss_at(6, "late") == 10.0


def test_a_step_that_alone_spares_nothing_is_not_in_the_way_of_those_after_it():
    """Not convex: ten steps spare 60 together, the first five nothing; the other curve spares 3 a step."""
    late_start = curve(60.0, 60.0, 0.0, steps=(0, 5, 10))
    steady = curve(60.0, 30.0, steps=(0, 10))
    assert allocated([late_start, steady], 2.0 + 1.0, "late") == (10, 0)
    assert allocated([late_start, steady], 2.0 + 0.5, "late") == (0, 5)


def test_a_budget_below_the_fewest_posts_is_refused():
    with pytest.raises(ValueError, match=r"no 0\.5 posts"):
        allocated([curve(10.0, 5.0)], 0.5, "late")


# -- in Corse ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shared():
    """The scenario's own posts of two operators, shared out again; three other budgets."""
    return share_out(
        "central", NORMS, regions=["94"], years=1, since=date(2015, 4, 1), replications=2, points=3
    )


def test_the_same_posts_shared_out_lose_no_more_people_than_as_they_were(shared):
    posts = shared.posts
    assert posts["etp_budget"].sum() <= posts["etp_scenario"].sum() + 1e-9
    assert posts["late"].sum() <= posts["late_scenario"].sum()
    assert (posts["etp_budget"] - posts["etp_scenario"]).to_numpy() == pytest.approx(
        posts["delta"].to_numpy()
    )
    assert shared.shadow >= 0.0
    assert shared.scenario.name == "central-budget"


def test_more_posts_cost_more_and_lose_fewer(shared):
    frontier = shared.frontier[shared.frontier["staff"] == "frontier"]
    assert len(frontier) == 3
    assert frontier["cost"].is_monotonic_increasing
    assert frontier["late"].is_monotonic_decreasing
    assert frontier["coverage"].iloc[0] <= frontier["coverage"].iloc[-1]
    assert shared.frontier["efficient"].any()


def test_a_staff_that_another_beats_in_all_is_not_efficient(shared):
    good, bad = (Outcome(100.0, late, 10.0 * late, 100.0 - late) for late in (1.0, 50.0))
    (one, *_) = shared.curves
    point = replace(shared.before, vector=(0,), outcomes=(bad,))
    of = replace(
        shared, curves=(one,), before=point, found=replace(point, outcomes=(good,)), others=()
    )  # fmt: skip
    assert of.frontier.set_index("staff")["efficient"].to_dict() == {"scenario": False, "budget": True}


def test_the_answer_says_where_posts_go_and_what_one_more_spares(shared, tmp_path):
    assert "là où le moins de personnes attendent plus que la norme" in repr(shared)
    assert "Un ETP de plus en épargnerait" in repr(shared)
    assert "One FTE more would spare" in budget_answer(shared, "en")
    names = {path.name for path in shared.write(tmp_path / "shared")}
    assert {"budget.csv", "curves.csv", "frontier.csv", "manifest.json"} <= names


@pytest.mark.parametrize(
    ("budget", "more", "names"),
    [(0.1, {}, "budget: found 0.1 posts"), (5.0, {"loss": "money"}, 'loss: found "money"')],
)
def test_a_budget_that_cannot_be_shared_out_is_refused(budget, more, names):
    planned = planned_for("central", regions=["94"], replications=1, years=1)
    asked = wanted(planned, NORMS[:1], since=date(2015, 4, 1))
    with pytest.raises(UsageError, match=names):
        budgeted(asked, budget, **more)
