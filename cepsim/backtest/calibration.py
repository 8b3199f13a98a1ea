"""Two hypotheses set on what was published for 2015 and 2016, and on nothing later.

One sets a level, the share of contacts of private employees that asks for an accueil; the other a growth, the
demand that the right induces. Both stay within the range of the tables. The scenario is run at the modes, and
at the low and the high of each, the other at its mode: one replication, the same people. Between these runs
the logarithms of what they give are interpolated linearly, and the effects of both are added; the pair that
leaves the least sum of squared log ratios, predicted over published, is kept.

The shares of staff that operators give are not calibrated: the OPACIF give all of theirs, and what the others
published says nothing of them, being a new name on what they did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from cepsim.backtest.predicted import Predicted
from cepsim.backtest.realised import Realised
from cepsim.errors import UsageError
from cepsim.experiment import Plan, run_scenarios
from cepsim.experiment.store import Store
from cepsim.indicators.estimates import Floats
from cepsim.scenario import Scenario
from cepsim.tables import Figure, rake

#: What is calibrated: ids of figures.
PARAMETERS: Final = (
    "demand.salaries_prives.stock.p_accueil",
    "demand.all.cep.induced_demand_at_full_awareness",
)
#: The last year of which anything is read to calibrate.
UNTIL: Final = 2016
#: Values tried along each range once the runs are made.
_TRIED: Final = 201


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What was found.

    Attributes:
        figures: those calibrated, with the range that bounds them.
        kept: what is kept of each.
        rows: those that it was set on.
        error_before, error_after: root mean square of log ratios at the modes, and at what is kept
            (interpolated).
        runs: values of the figures -> what a run gave for each row; float64, shape (rows,).
    """

    figures: tuple[Figure, ...]
    kept: tuple[float, ...]
    rows: tuple[Realised, ...]
    error_before: float
    error_after: float
    runs: Mapping[tuple[float, ...], Floats]

    def bound(self, number: int) -> str:
        """Whether a value lies on an end of its range: "low", "high", or nothing."""
        figure, value = self.figures[number], self.kept[number]
        return "low" if value <= figure.low else "high" if value >= figure.high else ""

    def applied(self, scenario: Scenario, planned: Plan, name: str, title: Mapping[str, str]) -> Scenario:
        """The scenario with what is kept in place of the modes."""
        overrides: dict[str, object] = {"title": dict(title)}
        for figure, value in zip(self.figures, self.kept, strict=True):
            overrides[f"figures.{figure.id}"] = _override(figure, value)
        return scenario.derive(overrides, name=name, tables=planned.tables)


def calibrate(
    planned: Plan,
    scenario: Scenario,
    rows: Sequence[Realised],
    *,
    workers: int | None = None,
    store: Store | None = None,
) -> Calibration:
    """Set `PARAMETERS` on the comparable rows up to `UNTIL` that the plan's regions hold.

    Raises UsageError where there is none, or where a run receives nobody.
    """
    first = scenario.calendar.launch_date.year
    early = [row for row in rows if row.comparable and row.year in range(first, UNTIL + 1)]
    used = tuple(row for row in early if row.is_of(planned.regions))
    if not used:
        raise UsageError(
            f"{scenario.name} opens in {first}: found no comparable figure up to {UNTIL} to calibrate on"
        )
    tables = planned.tables.with_overrides(scenario.figures, file=scenario.name)
    figures = tuple(tables.figure(id_) for id_ in PARAMETERS)
    modes = tuple(figure.mode for figure in figures)
    ends = [(n, end) for n, f in enumerate(figures) for end in (f.low, f.high) if end != f.mode]
    points = [modes, *((*modes[:n], end, *modes[n + 1 :]) for n, end in ends)]
    variants = [
        scenario.derive(
            {
                "calendar.years": UNTIL - first + 1,
                "calendar.follow_up_years": 0,
                **{f"figures.{f.id}": _override(f, v) for f, v in zip(figures, point, strict=True)},
            },
            name=f"{scenario.name}-{number}",
            tables=planned.tables,
        )
        for number, point in enumerate(points)
    ]
    names = tuple(variant.name for variant in variants)
    tried = replace(planned, scenarios=tuple(variants), asked=names, replications=1, keeps_outcomes=())
    results = run_scenarios(tried, workers=workers, store=store)
    population = rake(planned.tables)
    predicted = [Predicted.of(results, name, population) for name in names]
    runs = {
        point: np.array([of.found(row)[0] for row in used])
        for point, of in zip(points, predicted, strict=True)
    }
    if not all((found > 0).all() for found in runs.values()):
        raise UsageError(
            "the calibration receives nobody in some region: run more regions, or a larger sample"
        )
    wanted = np.array([row.figure.mode * predicted[0].part(row) for row in used])
    kept, before, after = nearest_point(runs, wanted, modes)
    return Calibration(figures, kept, used, before, after, runs)


def nearest_point(
    runs: Mapping[tuple[float, ...], Floats], wanted: Floats, modes: tuple[float, ...]
) -> tuple[tuple[float, ...], float, float]:
    """The point nearest to what is wanted, the error at the modes and there.

    `runs` holds the modes, and points that differ from them by one figure; errors are root mean squares of
    log ratios over `wanted`, shape (rows,). Among points as near, that nearest to the modes, each distance
    being a part of its range.
    """
    centre = np.log(runs[modes])
    axes, effects = [], []
    for n, mode in enumerate(modes):
        along = {point[n]: np.log(found) for point, found in runs.items() if _alone(point, modes, n)}
        known = np.array(sorted(along))
        axis = np.unique([*np.linspace(known[0], known[-1], _TRIED), mode])
        logs = np.array([along[value] - centre for value in known.tolist()])
        axes.append(axis)
        effects.append(np.stack([np.interp(axis, known, logs[:, row]) for row in range(len(wanted))], axis=1))
    # what each pair of values gives, shape (first figure, second figure, rows)
    given = centre + effects[0][:, None, :] + effects[1][None, :, :]
    errors = np.sqrt(np.mean((given - np.log(wanted)) ** 2, axis=2))
    away = [
        ((a - m) / max(a[-1] - a[0], np.finfo(float).tiny)) ** 2 for a, m in zip(axes, modes, strict=True)
    ]
    distance = away[0][:, None] + away[1][None, :]
    best = np.lexsort((distance.ravel(), np.round(errors, 9).ravel()))[0]
    first, second = np.unravel_index(best, errors.shape)
    before = float(np.sqrt(np.mean((centre - np.log(wanted)) ** 2)))
    return (float(axes[0][first]), float(axes[1][second])), before, float(errors[first, second])


def _alone(point: tuple[float, ...], modes: tuple[float, ...], moved: int) -> bool:
    """Whether a point differs from the modes by one figure at most, the one that is moved."""
    return all(value == mode for n, (value, mode) in enumerate(zip(point, modes, strict=True)) if n != moved)


def _override(figure: Figure, value: float) -> dict[str, object]:
    """The figure with another mode, within the same range: what is known of 2015 and 2016 is in it."""
    return {
        "low": figure.low,
        "mode": value,
        "high": figure.high,
        "reason": f"calibrated on what was published up to {UNTIL}",
        "vintage": "ex_post",
    }
