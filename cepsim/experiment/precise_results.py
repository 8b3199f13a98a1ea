"""Results whose number of replications was found: how precise each indicator is, beside what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
import pandas as pd

from cepsim.costing import Ledger
from cepsim.experiment.precision import (
    LOOK_AHEAD,
    Flags,
    Floats,
    Held,
    Running,
    held,
    held_together,
    running,
    state,
)
from cepsim.experiment.results import Results
from cepsim.experiment.search import Search


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """What indicators were in each replication: `value` and `reached`, shape (n, k)."""

    value: Floats
    reached: Flags

    @property
    def series(self) -> Floats:
        """The values, NaN where what was not reached is but a bound."""
        return np.where(self.reached, self.value, np.nan)

    def first(self, n: int) -> Readings:
        """Those of the first n replications."""
        return Readings(self.value[:n], self.reached[:n])


@dataclass(frozen=True, eq=False)
class PreciseResults(Results):
    """Results of the replications that a precision took, and how precise each indicator is.

    `plan.replications` is the number at which the look-ahead was over: the replications that it looked at
    were run, and count. `readings` has a row a replication, a column an indicator of `search.followed`.
    `batches` are the replications as they came, whose costs may be known already.
    """

    search: Search
    readings: Readings
    batches: Sequence[Results]

    @cached_property
    def ledgers(self) -> dict[str, list[Ledger]]:
        """Each replication priced and closed: once, whether its costs were followed or not."""
        return {
            name: list(chain.from_iterable(batch.ledgers[name] for batch in self.batches))[: len(measured)]
            for name, measured in self.measured.items()
        }

    @cached_property
    def held(self) -> Held | None:
        """From which number of replications to which all were precise; None: the maximum came first."""
        return held_together(self._running, self.search.rule.fewest)

    @cached_property
    def precision(self) -> pd.DataFrame:
        """A row an indicator followed, with the half-width of its interval over all replications.

        Columns: scenario, indicator, unit (of mean, half_width, allowed, floor and beyond), mean, half_width,
        relative_half_width (over the mean), allowed (the widest half-width that is precise), floor,
        confidence (of this interval: all of them hold together at 95 %), replications, precise_from (first
        number from which it was precise over the look-ahead), state (`precision.State`), beyond (where some
        replication has no value: none of them is below this).
        """
        rule, found, of = self.search.rule, self._running, self.readings
        rows = []
        for column, each in enumerate(self.search.followed):
            within, hopeless = found.within[:, column], found.hopeless[:, column]
            mean, half_width = float(found.mean[-1, column]), float(found.half_width[-1, column])
            own = held(within, rule.fewest)
            rows.append(
                {
                    "scenario": each.scenario,
                    "indicator": each.indicator.name,
                    "unit": each.indicator.unit,
                    "mean": mean,
                    "half_width": half_width,
                    "relative_half_width": half_width / abs(mean) if mean else np.nan,
                    "allowed": float(found.allowed[-1, column]),
                    "floor": each.indicator.floor,
                    "confidence": 1.0 - rule.risk / len(self.search.followed),
                    "replications": self.plan.replications,
                    "precise_from": own.since if own else None,
                    "state": state(within, hopeless, rule.fewest),
                    "beyond": float(of.value[:, column].min()) if hopeless[-1] else np.nan,
                }
            )
        return pd.DataFrame(rows).astype({"precise_from": "Int64"})

    def frames(self) -> dict[str, pd.DataFrame]:
        """Every tidy frame by name, `precision` among them."""
        return {**super().frames(), "precision": self.precision}

    def manifest(self) -> dict[str, object]:
        """All that determines the results, and what was wanted and found of their precision."""
        search, together = self.search, self.held
        left = self.precision[self.precision["state"] != "precise"]
        return {
            **super().manifest(),
            "precision": {
                "relative": search.precision.relative,
                "confidence": 1.0 - search.rule.risk,
                "intervals": len(search.followed),
                "indicators": list(dict.fromkeys(each.indicator.name for each in search.followed)),
                "fewest": search.rule.fewest,
                "most": search.most,
                "look_ahead": LOOK_AHEAD,
                "precise_from": together.since if together else None,
                "not_precise": left[["scenario", "indicator", "state"]].to_dict("records"),
            },
        }

    @cached_property
    def _running(self) -> Running:
        return running(self.readings.series, self.search.floors, self.search.rule)
