"""The precision that is wanted of a plan, checked before anything is run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

import numpy as np

from cepsim.errors import UsageError
from cepsim.experiment.chosen import DEFAULT_INDICATORS, Indicator, indicators_named
from cepsim.experiment.pipeline import REFERENCE
from cepsim.experiment.plan import MOST_REPLICATIONS, Plan
from cepsim.experiment.precision import Floats, Rule, look_ahead
from cepsim.indicators import ENOUGH_REPLICATIONS

#: Replications beyond which nothing more is run, unless the caller says otherwise.
DEFAULT_MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Precision:
    """What is wanted of a run.

    Attributes:
        relative: widest half-width of an interval, as a part of its mean: 0.02 for 2 %.
        indicators: names, of `chosen.INDICATORS`.
        most: replications beyond which nothing more is run, those of the look-ahead included; None for
            `DEFAULT_MOST`, or for the fewest and their look-ahead where that is more.
    """

    relative: float
    indicators: tuple[str, ...] = DEFAULT_INDICATORS
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    """An indicator of a scenario: a column of the series."""

    scenario: str
    indicator: Indicator


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """A plan and the precision wanted of it; `plan.replications` is the fewest it may take."""

    plan: Plan
    precision: Precision
    rule: Rule
    most: int
    followed: tuple[Followed, ...]

    @classmethod
    def of(cls, planned: Plan, precision: Precision) -> Search:
        """Put both together. Raises UsageError, before anything is run.

        Every indicator is followed in every scenario asked for, those net of the reference in all but the
        reference. At least five replications are run, more if the plan asks for more.
        """
        if not 0.0 < precision.relative < 1.0:
            raise UsageError(f"precision: found {precision.relative}, expected more than 0 and less than 1")
        indicators = indicators_named(precision.indicators)
        followed = tuple(
            Followed(scenario, indicator)
            for scenario in planned.asked
            for indicator in indicators
            if not (indicator.is_net and scenario == REFERENCE)
        )
        if not followed:
            names = ", ".join(indicator.name for indicator in indicators)
            raise UsageError(f"{names}: found the reference alone, expected a scenario to compare with it")
        rule = Rule(precision.relative, fewest=max(planned.replications, ENOUGH_REPLICATIONS))
        most = precision.most
        if most is None:
            most = max(DEFAULT_MOST, rule.fewest + look_ahead(rule.fewest) + 1)
        if most < rule.fewest:
            raise UsageError(f"maximum of replications: found {most}, expected {rule.fewest} or more")
        if most > MOST_REPLICATIONS:
            raise UsageError(f"maximum of replications: found {most}, expected {MOST_REPLICATIONS} or fewer")
        return cls(replace(planned, replications=rule.fewest), precision, rule, most, followed)

    @property
    def name(self) -> str:
        """Name of the folder where results go by default: as `Plan.name`, with what is wanted in it."""
        per_cent = f"{(Decimal(str(self.precision.relative)) * 100).normalize():f}"
        names = ",".join(dict.fromkeys(each.indicator.name for each in self.followed))
        return self.plan.named(f"p{per_cent}_r{self.rule.fewest}-{self.most}", names)

    @property
    def floors(self) -> Floats:
        """Absolute floors, shape (k,)."""
        return np.array([each.indicator.floor for each in self.followed])
