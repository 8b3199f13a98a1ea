"""Two hypotheses set on what was published for 2015 and 2016, and on nothing later.

One sets a level, the share of contacts of private employees that asks for an accueil; the other a growth, the
demand that the right induces. Both stay within the range of the tables. The scenario is run at the low, mode
and high of each, one replication on the same people; between these runs the logarithms of what they give are
interpolated linearly; the pair that leaves the least sum of squared log ratios, predicted over published, is
kept.

The shares of staff that operators give are not calibrated: the OPACIF give all of theirs, and what the others
published says nothing of them, being a new name on what they did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

import numpy as np
from scipy.interpolate import RegularGridInterpolator

from cepsim.backtest.predicted import Predicted
from cepsim.backtest.realised import Realised
from cepsim.errors import UsageError
from cepsim.experiment import Plan, run_scenarios
from cepsim.experiment.store import Store
from cepsim.indicators.estimates import Floats
from cepsim.scenario import Scenario
from cepsim.tables import Figure

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
    points = list(product(*(sorted({f.low, f.mode, f.high}) for f in figures)))
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
    runs: dict[tuple[float, ...], Floats] = {}
    wanted = np.empty(len(used))
    for point, name in zip(points, names, strict=True):
        predicted = Predicted.of(results, name)
        runs[point] = np.array([predicted.found(row)[0] for row in used])
        wanted = np.array([row.figure.mode * predicted.part(row) for row in used])
        if not (runs[point] > 0).all():
            raise UsageError(
                "the calibration receives nobody in some region: run more regions, or a larger sample"
            )
    modes = tuple(figure.mode for figure in figures)
    values, before, after = nearest_point(runs, wanted, modes)
    return Calibration(figures, values, used, before, after, runs)


def nearest_point(
    runs: Mapping[tuple[float, ...], Floats], wanted: Floats, modes: tuple[float, ...]
) -> tuple[tuple[float, ...], float, float]:
    """The point nearest to what is wanted, the error at the modes and there.

    `runs` is a full grid of points; errors are root mean squares of log ratios over `wanted`, shape (rows,).
    Among points as near, that nearest to the modes, each distance being a part of its range.
    """
    axes = [np.array(sorted({point[n] for point in runs})) for n in range(len(modes))]
    grid = np.array([np.log(runs[point]) for point in product(*(axis.tolist() for axis in axes))])
    logs = grid.reshape(*(len(axis) for axis in axes), len(wanted))
    surface = RegularGridInterpolator(axes, logs)
    fine = [np.unique([*np.linspace(a[0], a[-1], _TRIED), m]) for a, m in zip(axes, modes, strict=True)]
    places = np.stack([part.ravel() for part in np.meshgrid(*fine, indexing="ij")], axis=1)

    def errors(at: Floats) -> Floats:
        return np.asarray(np.sqrt(np.mean((surface(at) - np.log(wanted)) ** 2, axis=1)))

    found = errors(places)
    width = np.array([max(axis[-1] - axis[0], np.finfo(float).tiny) for axis in axes])
    away = np.sum(((places - np.array(modes)) / width) ** 2, axis=1)
    best = np.lexsort((away, np.round(found, 9)))[0]
    before = float(errors(np.array([modes]))[0])
    return tuple(places[best].tolist()), before, float(found[best])


def _override(figure: Figure, value: float) -> dict[str, object]:
    """The figure with another mode, within the same range: what is known of 2015 and 2016 is in it."""
    return {
        "low": figure.low,
        "mode": value,
        "high": figure.high,
        "reason": f"calibrated on what was published up to {UNTIL}",
        "vintage": "ex_post",
    }
