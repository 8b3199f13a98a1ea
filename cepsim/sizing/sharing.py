"""Share posts out over regions and operators: tabulate, solve, simulate, and look closer where it matters.

Curves are tabulated (`sizing.curves`), posts shared out on them (`sizing.allocation`), and what is found is
simulated, with its surroundings; the points seen join the curves, and so on until nothing moves or a few
rounds have passed. The best vector simulated is the answer: the least loss found.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Final

from cepsim.errors import UsageError
from cepsim.experiment.runner import available_cores
from cepsim.labels import LANGUAGES, label
from cepsim.scenario import Scenario
from cepsim.sizing.allocation import allocated, lost, spent
from cepsim.sizing.budget import Budgeted, Point
from cepsim.sizing.curves import LOSSES, Curve, Loss, Outcome, curves, outcomes
from cepsim.sizing.norm import Norm
from cepsim.sizing.posts import staffed
from cepsim.sizing.search import Vector
from cepsim.sizing.sizing import Tell, Wanted, planned_for, wanted, worlds
from cepsim.sizing.world import World
from cepsim.tables import Tables

#: Times, at most, that what is found is simulated and joins the curves; steps on either side seen with it.
_ROUNDS: Final = 3
_BESIDE: Final = (-2, -1, 1, 2)
#: Budgets of a frontier.
POINTS: Final = 8
#: Posts by which a budget is moved to see what one more spares.
_MORE: Final = 1.0


def share_out(
    scenario: str | Path | Scenario,
    norms: str | Norm | Sequence[str | Norm],
    budget: float | None = None,
    *,
    regions: Sequence[str],
    loss: Loss = "late",
    points: int = 0,
    since: date | None = None,
    replications: int = 5,
    seed: int = 1,
    years: int | None = None,
    workers: int | None = None,
    tables: Tables | None = None,
    name: str | None = None,
) -> Budgeted:
    """Where so many posts lose least: plan and share out in one call; see `budgeted` and `sizing.size`.

    share_out("central", "accueil: 90 % <= 10 j ouvrés", 11, regions=["94"])
    """
    planned = planned_for(
        scenario, regions=regions, replications=replications, seed=seed, years=years, tables=tables
    )
    asked = wanted(planned, norms, since=since)
    return budgeted(asked, budget, loss=loss, points=points, name=name, workers=workers)


def budgeted(
    asked: Wanted,
    budget: float | None = None,
    *,
    loss: Loss = "late",
    points: int = 0,
    name: str | None = None,
    workers: int | None = None,
    tell: Tell = lambda _region, _runs: None,
) -> Budgeted:
    """Share `budget` posts of advisers over the regions of a plan and the operators of its norms.

    Without a budget, those of the scenario. What is made least is people a year offered nothing within the
    norm ("late"), or working days waited ("days"). `points` other budgets are tried for a frontier. Raises
    UsageError where posts are by year or the budget is less than the fewest posts tried, ScenarioError where
    no scenario may be called `name`.
    """
    if asked.by_year:
        raise UsageError("budget: found posts of each year, expected the same posts in all years")
    if loss not in LOSSES:
        raise UsageError(f'loss: found "{loss}", expected one of {", ".join(LOSSES)}')
    called = name if name is not None else f"{asked.scenario.name}-budget"
    with_posts(asked, (), (), called)
    with ThreadPoolExecutor(workers or available_cores()) as executor:
        made = [_Part(world, tell) for world in worlds(asked, executor)]
        found = [curve for part in made for curve in curves(part.world)]
        fewest = spent(found, [curve.steps[0] for curve in found])
        most = spent(found, [curve.steps[-1] for curve in found])
        own: Vector = (0,) * len(found)
        posts = spent(found, own) if budget is None else budget
        if posts < fewest:
            raise UsageError(f"budget: found {posts:g} posts, expected {fewest:.1f} or more here")
        before = Point(spent(found, own), own, _together(made, own))
        found = _seen(found, own, before.outcomes)
        best, found = _best(made, found, posts, loss)
        others = []
        for number in range(points):
            aim = fewest + (most - fewest) * number / max(points - 1, 1)
            vector = allocated(found, aim, loss)
            others.append(Point(aim, vector, _together(made, vector)))
    more = allocated(found, posts + _MORE, loss)
    shadow = max(lost(found, best.vector, loss) - lost(found, more, loss), 0.0) / _MORE
    return Budgeted(
        asked,
        loss,
        tuple(found),
        before,
        best,
        shadow,
        with_posts(asked, found, best.vector, called),
        tuple(others),
    )


def with_posts(asked: Wanted, curves: Sequence[Curve], vector: Sequence[int], name: str) -> Scenario:
    """The scenario with the posts of a vector."""
    return staffed(
        asked.scenario,
        asked.where,
        {curve.post: step for curve, step in zip(curves, vector, strict=True)},
        tables=asked.plan.tables,
        reason="cepsim size --budget: " + " ; ".join(norm.said for norm in asked.norms),
        name=name,
        title={
            language: label("sizing.budget.title", language, title=getattr(asked.scenario.title, language))
            for language in LANGUAGES
        },
    )


class _Part:
    """A part of the country; how many staffs were tried there is told as they are."""

    def __init__(self, world: World, tell: Tell) -> None:
        self.world, self.runs, self._tell = world, 0, tell
        world.tell = self._count

    @property
    def size(self) -> int:
        return len(self.world.sized.posts)

    def _count(self) -> None:
        self.runs += 1
        self._tell(self.world.part.name, self.runs)


def _together(parts: Sequence[_Part], vector: Sequence[int]) -> tuple[Outcome, ...]:
    """What becomes of everybody under a vector of all parts."""
    found: list[Outcome] = []
    for part in parts:
        found += outcomes(part.world, tuple(vector[len(found) : len(found) + part.size]))
    return tuple(found)


def _seen(found: Sequence[Curve], vector: Sequence[int], of: Sequence[Outcome]) -> list[Curve]:
    """The curves with what was seen at a vector."""
    return [curve.also(step, outcome) for curve, step, outcome in zip(found, vector, of, strict=True)]


def _best(parts: Sequence[_Part], found: list[Curve], budget: float, loss: Loss) -> tuple[Point, list[Curve]]:
    """The best of the staffs simulated for a budget, and the curves with what was seen of them."""
    low, high = [curve.steps[0] for curve in found], [curve.steps[-1] for curve in found]
    simulated: dict[Vector, Point] = {}
    for _ in range(_ROUNDS):
        vector = allocated(found, budget, loss)
        if vector in simulated:
            break
        simulated[vector] = Point(budget, vector, _together(parts, vector))
        found = _seen(found, vector, simulated[vector].outcomes)
        # beside it lines join points far apart, and say less than what is there
        for by in _BESIDE:
            beside = [min(max(step + by, a), b) for step, a, b in zip(vector, low, high, strict=True)]
            found = _seen(found, beside, _together(parts, beside))
    return min(simulated.values(), key=lambda point: point.loss(loss)), found
