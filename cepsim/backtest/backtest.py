"""The backtest: a scenario of what happened, calibrated on two years, held against every row published."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from cepsim.backtest.calibration import Calibration, calibrate
from cepsim.backtest.predicted import Predicted
from cepsim.backtest.realised import Realised, realised
from cepsim.errors import UsageError
from cepsim.experiment import Plan, Results, plan, run_scenarios
from cepsim.experiment.store import Store
from cepsim.indicators import interval
from cepsim.labels import LANGUAGES, label
from cepsim.scenario import Scenario
from cepsim.tables import rake

#: What a row that the run does not hold is told as, beside the reasons of the table.
NOT_RUN: Final = "region_not_run"
BEYOND: Final = "outside_the_years"
_CALIBRATED: Final = "calibre"


@dataclass(frozen=True, eq=False)
class Backtest:
    """A finished backtest; `before` and `after` name its scenario as it was and as calibrated."""

    rows: tuple[Realised, ...]
    calibration: Calibration
    results: Results
    before: str
    after: str

    @cached_property
    def frame(self) -> pd.DataFrame:
        """A row a row of `cep_realised`, in its order.

        Columns: id, year, operator, perimeter, measure, unit; indicator, operators, regions; part (of what
        was published, for the regions run); realised, realised_low, realised_high (that part of it);
        predicted, predicted_low, predicted_high (mean over n replications, its interval);
        predicted_before (at the modes of the tables); ratio (predicted over realised); inside (the interval,
        or the mean where there is none, meets what was published); calibrated_on; comparable (it counts the
        same thing, and the run holds it); why (codes joined by "+"); source, note.
        """
        population = rake(self.results.plan.tables)
        now, then = (Predicted.of(self.results, name, population) for name in (self.after, self.before))
        used = {row.figure.id for row in self.calibration.rows}
        return pd.DataFrame([_told(row, now, then, row.figure.id in used) for row in self.rows])

    def frames(self) -> dict[str, pd.DataFrame]:
        """`backtest` and `calibration`, as tidy frames."""
        return {"backtest": self.frame, "calibration": self.parameters}

    def manifest(self) -> dict[str, object]:
        """All that determines the results."""
        return self.results.manifest()

    @property
    def parameters(self) -> pd.DataFrame:
        """A row a figure calibrated: id, low, mode, high (its range), unit, value kept, bound, errors."""
        of = self.calibration
        return pd.DataFrame(
            [
                {
                    **{name: getattr(figure, name) for name in ("id", "low", "mode", "high", "unit")},
                    "value": value,
                    "bound": of.bound(number),
                    "error_before": of.error_before,
                    "error_after": of.error_after,
                }
                for number, (figure, value) in enumerate(zip(of.figures, of.kept, strict=True))
            ]
        )


def backtest(
    planned: Plan,
    *,
    workers: int | None = None,
    store: Store | None = None,
    run: Callable[[Plan], Results] | None = None,
) -> Backtest:
    """Calibrate the scenario asked of a plan, run it as it was and as calibrated, hold it against all rows.

    `run` does the long run where the caller wants to follow it. Raises UsageError where the plan asks for
    another number of scenarios, or for one that is not dated after the fact.
    """
    scenario = scenario_of(planned)
    rows = tuple(realised(planned.tables))
    calibration = calibrate(planned, scenario, rows, workers=workers, store=store)
    after = f"{scenario.name}-{_CALIBRATED}"
    titles: Mapping[str, str] = {
        language: label("backtest.calibrated", language, title=getattr(scenario.title, language))
        for language in LANGUAGES
    }
    both = plan(
        [scenario, calibration.applied(scenario, planned, after, titles)],
        regions=planned.regions,
        replications=planned.replications,
        seed=planned.seed,
        tables=planned.tables,
        engine=planned.engine,
        sample=planned.sample,
    )
    results = run(both) if run is not None else run_scenarios(both, workers=workers, store=store)
    return Backtest(rows, calibration, results, scenario.name, after)


def scenario_of(planned: Plan) -> Scenario:
    """The scenario that a plan is to hold against what happened. Raises UsageError as `backtest` does."""
    if len(planned.asked) != 1:
        raise UsageError(f"backtest: found {len(planned.asked)} scenarios, expected one")
    (scenario,) = (of for of in planned.scenarios if of.name == planned.asked[0])
    if scenario.status != "ex_post":
        raise UsageError(
            f"{scenario.name} says what could be known in 2013: a backtest takes a scenario whose status is "
            '"ex_post", such as constate'
        )
    return scenario


def _told(row: Realised, now: Predicted, then: Predicted, calibrated_on: bool) -> dict[str, object]:
    figure, covered = row.figure, now.covers(row)
    part = now.part(row)
    low, mode, high = (part * value for value in (figure.low, figure.mode, figure.high))
    mean = below = above = before = ratio = float("nan")
    inside, n = False, 0
    if covered:
        values = now.found(row)
        mean, n = float(values.mean()), len(values)
        spread = float(values.std(ddof=1)) if n > 1 else float("nan")
        bounds = interval(mean, spread, n, least=0.0)
        below, above = (float(bound) for bound in bounds)
        before = float(then.found(row).mean())
        ratio = mean / mode if mode else float("nan")
        inside = bool(np.fmax(low, np.fmin(below, mean)) <= np.fmin(high, np.fmax(above, mean)))
    missing = [NOT_RUN] if row.indicator and not row.is_of(now.regions) else []
    missing += [BEYOND] if row.indicator and row.year not in now.years else []
    return {
        "id": figure.id,
        **{name: figure.key(name) for name in ("year", "operator", "perimeter", "measure")},
        "unit": figure.unit,
        "indicator": row.indicator,
        "operators": "+".join(row.operators),
        "regions": "+".join(row.regions),
        "part": part,
        "realised": mode,
        "realised_low": low,
        "realised_high": high,
        "predicted": mean,
        "predicted_low": below,
        "predicted_high": above,
        "n": n,
        "predicted_before": before,
        "ratio": ratio,
        "inside": inside,
        "calibrated_on": calibrated_on,
        "comparable": row.comparable and covered,
        "why": "+".join([*row.why, *missing]),
        "source": figure.source,
        "note": figure.note,
    }
