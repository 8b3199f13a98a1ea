"""So many posts over regions and operators: where they lose least, and what one more would spare.

What is told is what was simulated; only what one more post would spare is read on curves. `sizing.sharing`
finds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

import cepsim
from cepsim.experiment.written import write_folder
from cepsim.scenario import Scenario
from cepsim.sizing.allocation import spared
from cepsim.sizing.curves import Curve, Loss, Outcome
from cepsim.sizing.posts import STEPS, hire_by
from cepsim.sizing.search import Vector
from cepsim.sizing.sizing import Wanted
from cepsim.sizing.wording import budget_answer


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """A staff that was simulated: posts in all, steps of each curve, and what becomes of people there."""

    budget: float
    vector: Vector
    outcomes: tuple[Outcome, ...]

    def loss(self, of: Loss) -> float:
        """What is lost in all."""
        return sum(outcome.loss(of) for outcome in self.outcomes)


@dataclass(frozen=True, eq=False)
class Budgeted:
    """Posts shared out for what they spare: curves, what was found for a budget, and a frontier of others.

    `before` is the scenario's own staff. `shadow` is what one more post in all would spare, a year.
    """

    asked: Wanted
    loss: Loss
    curves: tuple[Curve, ...]
    before: Point
    found: Point
    shadow: float
    scenario: Scenario
    others: tuple[Point, ...] = ()

    def __repr__(self) -> str:
        """The answer in a sentence."""
        return budget_answer(self)

    @cached_property
    def posts(self) -> pd.DataFrame:
        """A row an operator and region: where posts go, and what becomes of people there.

        region, operator; etp_today, etp_scenario, etp_budget, delta; cost, delta_cost (euros a year); asked,
        late, late_scenario (people a year), wait, wait_scenario (mean working days); spared: what a post more
        there would spare of the loss in a year, by its curve; hire_by (empty where nobody comes).
        """
        rows = []
        for number, curve in enumerate(self.curves):
            step, of, own = (
                self.found.vector[number],
                self.found.outcomes[number],
                self.before.outcomes[number],
            )
            comes = hire_by(self.asked.where, curve.post).isoformat() if step > 0 else ""
            rows.append(
                {
                    "region": curve.post.region,
                    "operator": curve.post.operator,
                    "etp_today": curve.today,
                    "etp_scenario": curve.given,
                    "etp_budget": curve.etp(step),
                    "delta": step / STEPS,
                    "cost": curve.etp(step) * curve.price,
                    "delta_cost": step / STEPS * curve.price,
                    "asked": of.asked,
                    "late": of.late,
                    "late_scenario": own.late,
                    "wait": of.waited / of.asked if of.asked else float("nan"),
                    "wait_scenario": own.waited / own.asked if own.asked else float("nan"),
                    "spared": spared(curve, step, self.loss) * STEPS,
                    "hire_by": comes,
                }
            )
        return pd.DataFrame(rows)

    @cached_property
    def tabulated(self) -> pd.DataFrame:
        """Every point of every curve: region, operator, etp; asked, late, waited, offered (a year)."""
        return pd.DataFrame(
            [
                {
                    "region": curve.post.region,
                    "operator": curve.post.operator,
                    "etp": curve.etp(step),
                    "asked": outcome.asked,
                    "late": outcome.late,
                    "waited": outcome.waited,
                    "offered": outcome.offered,
                }
                for curve in self.curves
                for step, outcome in zip(curve.steps, curve.outcomes, strict=True)
            ]
        )

    @cached_property
    def frontier(self) -> pd.DataFrame:
        """Cost, delay and coverage of every budget tried, the smallest first, all simulated.

        staff ("scenario", "budget", "frontier"), etp, cost (euros a year), late (share), wait (mean working
        days), coverage (share offered an appointment); efficient: no other costs as little, waits as little
        and offers as many, with one of the three better.
        """
        named = [
            ("scenario", self.before),
            ("budget", self.found),
            *(("frontier", one) for one in self.others),
        ]
        frame = pd.DataFrame([{"staff": name, **self._sums(point)} for name, point in named])
        frame = frame.sort_values(["etp", "staff"], ignore_index=True)
        values = frame[["cost", "wait", "coverage"]].to_numpy() * (1.0, 1.0, -1.0)
        frame["efficient"] = [
            not any((other <= one).all() and (other < one).any() for other in values) for one in values
        ]
        return frame

    def frames(self) -> dict[str, pd.DataFrame]:
        """Every tidy frame by name."""
        return {"budget": self.posts, "curves": self.tabulated, "frontier": self.frontier}

    def manifest(self) -> dict[str, object]:
        """All that determines the answer, and the answer."""
        of = self.asked
        return {
            "cepsim": cepsim.__version__,
            "budget": {
                "norms": [norm.said for norm in of.norms],
                "from": of.from_date.isoformat(),
                "posts": self.found.budget,
                "loss": self.loss,
                "shadow_price": self.shadow,
                "answer": budget_answer(self),
            },
            **of.plan.manifest((of.scenario, self.scenario)),
        }

    def write(self, folder: Path) -> list[Path]:
        """Write every frame as CSV and Parquet, and the manifest: the whole folder or nothing."""
        return write_folder(folder, self.frames(), self.manifest())

    def _sums(self, point: Point) -> dict[str, float]:
        asked = sum(outcome.asked for outcome in point.outcomes)
        etp = [curve.etp(step) for curve, step in zip(self.curves, point.vector, strict=True)]
        return {
            "etp": sum(etp),
            "cost": sum(posts * curve.price for posts, curve in zip(etp, self.curves, strict=True)),
            "late": sum(outcome.late for outcome in point.outcomes) / asked,
            "wait": sum(outcome.waited for outcome in point.outcomes) / asked,
            "coverage": sum(outcome.offered for outcome in point.outcomes) / asked,
        }
