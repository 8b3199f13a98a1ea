"""Futures: all hypotheses drawn at once. How often a limit is passed, where, what knowing is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from cepsim.experiment.chosen import indicators_named
from cepsim.experiment.plan import Plan
from cepsim.labels import Language
from cepsim.sensitivity.answer import Answer, noise_frame
from cepsim.sensitivity.designs import Floats, joint_design
from cepsim.sensitivity.estimates import Flags, Spread
from cepsim.sensitivity.futures_said import futures_said
from cepsim.sensitivity.hypotheses import Hypotheses, Values, hypotheses_of
from cepsim.sensitivity.points import Means, run_points
from cepsim.sensitivity.prim import Box, boxes
from cepsim.sensitivity.sentence import COSTS, first_known
from cepsim.sensitivity.study import LESS_IS_WORSE, Study
from cepsim.sensitivity.worth import Worth, worth

#: Euros.
_CENT: Final = 0.01
_PARTS: Final = {"p05": 0.05, "p50": 0.5, "p95": 0.95}
_RULES: Final = (
    *("outcome", "unit", "limit", "rule", "figure", "low", "high", "is_low", "is_high", "figure_unit"),
    *("points", "failures", "density", "coverage", "everywhere"),
)
_WORTH: Final = ("rank", "figure", "worth", "worth_low", "worth_high", "by_chance", "told", "n")


@dataclass(frozen=True, eq=False, repr=False)
class Futures(Answer):
    """The base, every hypothesis at its mode, then futures.

    `design` has shape (futures, hypotheses); `decided` is what each decision is worth in each future, in
    euros a year, shape (futures,), by the name of its scenario: empty where none is named or valued.
    """

    design: Floats
    decided: Mapping[str, Floats]

    def sentences(self, language: Language = "fr") -> list[str]:
        """How often the budget fails, in which futures, what knowing is worth, what is noise."""
        return futures_said(self, language)

    def measures(self) -> dict[str, pd.DataFrame]:
        """`distribution`: a row an outcome; `rules`: a row a bound; `noise`; `decisions`, `worth` if any."""
        found = {"distribution": self.distribution, "rules": self.rules, "noise": self.noise}
        if self.worth is None:
            return found
        return found | {"decisions": self.decisions, "worth": self.worth_frame}

    def level(self, outcome: str) -> float:
        """The mean of an outcome with every hypothesis at its mode; NaN where a replication has none."""
        return float(self.means(self.study.names.index(outcome))[0])

    @cached_property
    def limits(self) -> dict[str, float]:
        """The limits asked for; else the cost that the scenario has with every hypothesis at its mode."""
        if self.study.wanted.limits:
            return dict(self.study.wanted.limits)
        cost = first_known(self, COSTS)
        return {} if cost is None else {cost: self.level(cost)}

    def fails(self, outcome: str) -> tuple[Flags, Flags]:
        """Futures where a limit is passed, and those of which it is known, both of shape (futures,).

        A wait that is not reached is longer than any limit.
        """
        rank, limit = self.study.names.index(outcome), self.limits[outcome]
        numbers, reached = self.found.numbers[1:, :, rank], self.found.reached[1:, :, rank]
        known = _all(np.isfinite(numbers))
        mean = numbers.mean(axis=1)
        passed = mean < limit if outcome in LESS_IS_WORSE else (mean > limit) | ~_all(reached)
        return np.logical_and(passed, known), known

    @cached_property
    def boxes(self) -> dict[str, list[Box]]:
        """Where each limit is passed."""
        found = {}
        for outcome in self.limits:
            passed, known = self.fails(outcome)
            found[outcome] = boxes(self.design[known], passed[known])
        return found

    @cached_property
    def distribution(self) -> pd.DataFrame:
        """A row an outcome: mean and quantiles over `n` futures; its limit and in what part it is passed.

        Futures where a wait is not reached, or that failed, are left out of the mean and the quantiles.
        """
        rows = []
        for rank, (name, unit) in enumerate(zip(self.study.names, self.study.units, strict=True)):
            known = self.means(rank)[1:]
            known = known[np.isfinite(known)]
            numbers = np.quantile(known, list(_PARTS.values())) if len(known) else [np.nan] * len(_PARTS)
            mean = known.mean() if len(known) else np.nan
            limit, passed = np.nan, np.nan
            if name in self.limits:
                fails, there = self.fails(name)
                limit = self.limits[name]
                passed = float(fails[there].mean()) if there.any() else np.nan
            rows.append((name, unit, len(known), mean, *numbers, self.level(name), limit, passed))
        columns = ["outcome", "unit", "n", "mean", *_PARTS, "at_modes", "limit", "share_failing"]
        return pd.DataFrame(rows, columns=columns)

    @cached_property
    def rules(self) -> pd.DataFrame:
        """A row a bound of a rule: where `figure` is between `low` and `high`, with the other bounds of it.

        `is_low` and `is_high` say that it is the end of the range, hence no bound.
        `density` is the part of its futures that fail, `coverage` the part of failures that it holds,
        `everywhere` the part that fails of all futures. They are measured where the rule was found.
        """
        figures = self.study.hypotheses.figures
        rows = []
        for outcome, found in self.boxes.items():
            unit = self.study.units[self.study.names.index(outcome)]
            passed, known = self.fails(outcome)
            for number, box in enumerate(found, 1):
                low, high = (self.study.hypotheses.row(share) for share in (box.low, box.high))
                for rank, *_ in box.bounds:
                    figure = figures[rank]
                    ends = (box.low[rank] == 0.0, box.high[rank] == 1.0)
                    bound = (figure.id, low[rank], high[rank], *ends, figure.unit)
                    held = (box.points, box.failures, box.density, box.coverage)
                    everywhere = float(passed[known].mean())
                    rows.append((outcome, unit, self.limits[outcome], number, *bound, *held, everywhere))
        return pd.DataFrame(rows, columns=list(_RULES))

    @cached_property
    def noise(self) -> pd.DataFrame:
        """How sure each outcome is; `counted` are futures, `left_out` those without a value."""
        found: list[tuple[Spread | None, int, int]] = []
        for rank in range(len(self.study.names)):
            numbers, reached = self.found.numbers[1:, :, rank], self.found.reached[1:, :, rank]
            whole = _all(reached & np.isfinite(numbers))
            values = numbers[whole]
            count = len(values)
            if count < 2:
                found.append((None, count, len(whole) - count))
                continue
            replications = values.shape[1]
            within = float(values.var(axis=1, ddof=1).mean()) if replications > 1 else np.nan
            between = float(values.mean(axis=1).var(ddof=1))
            spread = Spread(float(values.mean()), between, within, replications)
            found.append((spread, count, len(whole) - count))
        return noise_frame(self.study, found)

    @cached_property
    def worth(self) -> Worth | None:
        """What knowing is worth; None without decisions and values, or with too few futures."""
        if len(self.decided) < 2:
            return None
        return worth(self.design, np.stack(list(self.decided.values()), axis=1), seed=self.study.planned.seed)

    @cached_property
    def decisions(self) -> pd.DataFrame:
        """A row a decision: its mean value in euros a year, and in what part of futures it is the best."""
        values = np.stack(list(self.decided.values()), axis=1)
        values = values[np.isfinite(values).all(axis=1)]
        best = np.bincount(values.argmax(axis=1), minlength=len(self.decided)) / len(values)
        return pd.DataFrame(
            {"decision": list(self.decided), "mean_value": values.mean(axis=0), "share_best": best}
        )

    @cached_property
    def worth_frame(self) -> pd.DataFrame:
        """A row a hypothesis, in euros a year: what knowing it before deciding is worth at most.

        `by_chance` is what a hypothesis that says nothing would seem to be worth; `told` where the interval
        is above it. The last row, without a figure, is what knowing them all is worth.
        """
        of = self.worth
        if of is None:
            return pd.DataFrame(columns=list(_WORTH))
        frame = pd.DataFrame(
            {
                "figure": self.study.hypotheses.ids,
                "worth": of.partial,
                "worth_low": of.low,
                "worth_high": of.high,
                "by_chance": of.chance,
                "told": of.low > of.chance,
                "n": of.n,
            }
        ).sort_values("worth", ascending=False, kind="stable", ignore_index=True)
        frame.insert(0, "rank", np.arange(1, len(frame) + 1))
        every = pd.DataFrame(
            [(0, "", of.perfect, np.nan, np.nan, 0.0, of.perfect >= _CENT, of.n)], columns=_WORTH
        )
        return pd.concat([frame, every], ignore_index=True)


def _all(of: Flags) -> Flags:
    """Whether it holds in every replication, shape (futures,)."""
    return np.asarray(of.all(axis=1), dtype=np.bool_)


def futures(study: Study, means: Means) -> Futures:
    """Run the base and the futures; then each decision in the same futures, on the same people."""
    ids, wanted = study.hypotheses.ids, study.wanted
    ranks = {(ids.index(a), ids.index(b)): rank for (a, b), rank in wanted.correlations.items()}
    design = joint_design(len(ids), study.samples, seed=study.planned.seed, correlations=ranks)
    points: list[Values] = [{}, *study.hypotheses.values_at(design)]
    undecided = Futures(study, points, study.run(points, means), design, {})
    return replace(undecided, decided=_decided(undecided, means))


def _decided(of: Futures, means: Means) -> dict[str, Floats]:
    """What each decision is worth in each future: that studied first."""
    study, wanted = of.study, of.study.wanted
    if not (wanted.decisions and wanted.euros):
        return {}
    names = tuple(wanted.euros)
    euros = np.array(list(wanted.euros.values()))
    own = np.stack([of.means(study.names.index(name))[1:] for name in names], axis=1)
    decided: dict[str, Floats] = {study.scenario.name: own @ euros}
    for planned in wanted.decisions:
        scenario = planned.scenarios[-1]
        hypotheses, kept = _moved_in(study, planned)
        points: list[Values] = [*hypotheses.values_at(of.design[:, kept])] if kept else [{}] * len(of.design)
        if not any(each.is_net for each in indicators_named(names)):
            planned = replace(planned, scenarios=(scenario,))
        there = run_points(planned, hypotheses, points, names, means)
        values = np.where(there.reached, there.numbers, np.nan).mean(axis=1)
        decided[scenario.name] = values @ euros
    return decided


def _moved_in(study: Study, planned: Plan) -> tuple[Hypotheses, list[int]]:
    """The hypotheses that another decision has a range for too, and their ranks."""
    scenario = planned.scenarios[-1]
    own = planned.tables.with_overrides(scenario.figures, file=scenario.name)
    ids = study.hypotheses.ids
    kept = [rank for rank, id_ in enumerate(ids) if own.figure(id_).low < own.figure(id_).high]
    if not kept:
        return Hypotheses((), (), frozenset()), kept
    return hypotheses_of(planned, scenario, [ids[rank] for rank in kept]), kept
