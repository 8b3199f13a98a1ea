"""What a run gives for a row of what was published, replication by replication."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cepsim.backtest.realised import AMOUNTS, Realised
from cepsim.experiment import Results
from cepsim.indicators import Counts
from cepsim.indicators.estimates import Floats
from cepsim.scenario.vocabulary import OPERATORS
from cepsim.tables import Population

#: How often something is counted, by what it is, region, operator and year.
Values = Mapping[tuple[str, str, str, int], float]


@dataclass(frozen=True, slots=True, eq=False)
class Predicted:
    """A scenario of a run, ready to be held against rows; `values` has a mapping a replication."""

    regions: tuple[str, ...]
    years: range
    population: Population
    values: Sequence[Values]

    @classmethod
    def of(cls, results: Results, scenario: str, population: Population) -> Predicted:
        """A scenario of a run; `population` is that of the tables."""
        (calendar,) = (of.calendar for of in results.plan.scenarios if of.name == scenario)
        first = calendar.launch_date.year
        return cls(
            regions=results.plan.regions,
            years=range(first, first + calendar.years),
            population=population,
            values=[_values(measured.counts) for measured in results.measured[scenario]],
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
                values.get((indicator, region, operator, row.year or 0), 0.0)
                for region in row.regions or self.regions
                for operator in operators
            )

        found = total(row.operators)
        if row.indicator in AMOUNTS:
            return found
        every = total(OPERATORS)
        return found / every if every else float("nan")


def _values(counts: Counts) -> Values:
    """What is counted of each, read as it was counted: all indicators of a country take minutes."""
    here = counts.volumes[counts.volumes["measure"].isin(AMOUNTS)]
    keys = ["measure", "region", "operator", "year"]
    sums = here.assign(**{key: here[key].astype(object) for key in keys}).groupby(keys)["count"].sum()
    return dict(zip(sums.index.tolist(), sums.astype("float64").tolist(), strict=True))
