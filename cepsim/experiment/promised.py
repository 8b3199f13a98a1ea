"""What the scenarios of a plan require of delays, and whether a run meets it."""

from __future__ import annotations

import pandas as pd

from cepsim.experiment.plan import Plan
from cepsim.indicators import Norm, obligation
from cepsim.scenario import Scenario
from cepsim.tables import Tables


def norm_of(scenario: Scenario, tables: Tables) -> Norm:
    """The norm of a scenario, with the figures that it changes."""
    figures = tables.with_overrides(scenario.figures, file=scenario.name)
    return Norm(round(figures.figure(scenario.norm.figure).mode), scenario.norm.quantile)


def obligation_of(plan: Plan, indicators: pd.DataFrame) -> pd.DataFrame:
    """What a run offers within the norm beside what each scenario requires; see `indicators.obligation`."""
    return obligation(indicators, {of.name: norm_of(of, plan.tables) for of in plan.scenarios})
