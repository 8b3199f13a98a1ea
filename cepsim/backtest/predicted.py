"""What a run gives for a row of what was published, replication by replication."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from cepsim.backtest.realised import AMOUNTS, Realised
from cepsim.experiment import Results
from cepsim.indicators.estimates import Floats
from cepsim.scenario.vocabulary import OPERATORS
from cepsim.tables import Population

_ALL: Final = "all"
_KEYS: Final = ("indicator", "region", "operator", "period")

#: Value of an indicator, by region ("all" over them), operator and year.
Values = Mapping[tuple[str, str, str, str], float]


@dataclass(frozen=True, slots=True, eq=False)
class Predicted:
    """A scenario of a run, ready to be held against rows; `values` has a mapping a replication."""

    regions: tuple[str, ...]
    years: range
    population: Population
    values: Sequence[Values]

    @classmethod
    def of(cls, results: Results, scenario: str) -> Predicted:
        """A scenario of a run."""
        deployment = results.deployments[scenario]
        first = deployment.horizon.launch.year
        return cls(
            regions=results.plan.regions,
            years=range(first, first + deployment.horizon.years),
            population=deployment.population,
            values=[_values(frame) for frame in results.replicated(scenario)],
        )

    def covers(self, row: Realised) -> bool:
        """Whether the run holds the year and the regions of a row, and has something to compare it with."""
        return bool(row.indicator) and row.year in self.years and row.is_of(self.regions)

    def found(self, row: Realised) -> Floats:
        """The run's value for a row that it covers, float64 of shape (replications,), in the row's unit.

        Of a year: the row's regions, or all of the run where it is about the whole country. Nobody is 0.
        A share is that of the row's operators in the persons received by all of them; NaN where nobody is.
        """
        return np.array([self._one(row, values) for values in self.values])

    def part(self, row: Realised) -> float:
        """The part of what was published that the run is held against, between 0 and 1.

        An amount of the whole country: the regions' part of the operator's key, by which the model shares out
        its staff; of several operators, their part of active people. Anything else: all of it.
        """
        if row.regions or row.indicator not in AMOUNTS:
            return 1.0
        here = list(self.regions)
        if len(row.operators) == 1:
            return float(self.population.keys[row.operators[0]].loc[here].sum())
        active = self.population.stocks.sum(axis=1)
        return float(active.loc[here].sum() / active.sum())

    def _one(self, row: Realised, values: Values) -> float:
        indicator = row.indicator if row.indicator in AMOUNTS else AMOUNTS[0]

        def total(operators: Sequence[str]) -> float:
            return sum(
                values.get((indicator, region, operator, str(row.year)), 0.0)
                for region in row.regions or (_ALL,)
                for operator in operators
            )

        found = total(row.operators)
        if row.indicator in AMOUNTS:
            return found
        every = total(OPERATORS)
        return found / every if every else float("nan")


def _values(frame: pd.DataFrame) -> Values:
    wanted = frame["indicator"].isin(AMOUNTS)
    for key in ("stage", "public", "team"):
        wanted &= frame[key] == _ALL
    here = frame[wanted]
    return dict(zip(here[list(_KEYS)].itertuples(index=False, name=None), here["value"], strict=True))
