"""Cases simulated and held against what they must give, on both engines.

The compiled engine gives the statistics. The SimPy engine runs the beginning of each case, and its trace and
state must be those of the compiled one, integer for integer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

import cepsim
from cepsim.engine import Run as Engine
from cepsim.engine import compiled_engine, simpy_engine
from cepsim.verify.case import Case, Measure
from cepsim.verify.estimates import Estimate, Floats, detectable, holm
from cepsim.verify.observing import Run, observe

#: Chance that a verification of a right program finds at least one figure that differs.
FAMILY_ERROR: Final = 0.01
#: Visits on which both engines are compared, in each case.
COMPARED: Final = 2000
COMPARED_QUICKLY: Final = 400

#: Verdicts of a figure; the last three fail.
AGREES, EXACT, DIFFERS, UNEQUAL, UNCERTAIN = "agrees", "exact", "differs", "unequal", "uncertain"
FAILING: Final = (DIFFERS, UNEQUAL, UNCERTAIN)


@dataclass(frozen=True, slots=True, eq=False)
class Verified:
    """What a verification found.

    `measures`: a row a figure. Columns: case, family, model, parameters, unit_s, kind, row, metric, about,
    replications, visits, deleted (relaxation times forgotten, NaN where nothing is), simulated, exact,
    standard_error, z, p, p_corrected, relative_error, precision and detectable (relative), verdict.
    `engines`: case, visits compared, equal.
    """

    measures: pd.DataFrame
    engines: pd.DataFrame
    seed: int
    quick: bool
    family_error: float

    @property
    def failures(self) -> list[str]:
        """Rows that are not as they must be, and cases on which the engines differ."""
        measures, engines = self.measures, self.engines
        rows = measures.loc[measures["verdict"].isin(FAILING), "row"].tolist()
        return [*rows, *engines.loc[~engines["equal"], "case"].tolist()]

    def frames(self) -> dict[str, pd.DataFrame]:
        """Both frames by name."""
        return {"measures": self.measures, "engines": self.engines}

    def manifest(self) -> dict[str, object]:
        """What the figures follow from, and what failed."""
        return {
            "cepsim": cepsim.__version__,
            "verification": {
                "seed": self.seed,
                "quick": self.quick,
                "family_error": self.family_error,
                "cases": self.engines["case"].tolist(),
                "failures": self.failures,
            },
        }


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A measure of a case as its replications gave it; `deleted` in relaxation times, NaN where none is."""

    case: Case
    measure: Measure
    estimate: Estimate
    exact: float
    visits: int
    deleted: float
    precision: float

    @property
    def tested(self) -> bool:
        """Whether chance plays a part."""
        return self.case.kind != "deterministic"

    def relative(self, gap: float) -> float:
        """A gap as a share of the exact value, or itself where that is 0."""
        return gap / (abs(self.exact) or 1.0)

    def verdict(self, p_corrected: float, family_error: float) -> str:
        """What is to be said of it."""
        if not self.tested:
            return EXACT if self.estimate.error == 0 and self.estimate.value == self.exact else UNEQUAL
        if p_corrected <= family_error:
            return DIFFERS
        return AGREES if self.relative(self.estimate.error) <= self.precision else UNCERTAIN


def _silent(_name: str, _rank: int, _count: int) -> None:
    """Tell nothing."""


def verify(
    cases: Sequence[Case],
    *,
    seed: int,
    quick: bool = False,
    family_error: float = FAMILY_ERROR,
    told: Callable[[str, int, int], None] = _silent,
    engine: Engine = compiled_engine.run,
) -> Verified:
    """Simulate each case and say what holds. `told` is called with (name, rank, number) before each."""
    figures: list[Figure] = []
    engines = []
    for rank, case in enumerate(cases):
        told(case.name, rank, len(cases))
        figures += replicate(case, seed, quick=quick, engine=engine)
        engines.append(_engines(case, seed, COMPARED_QUICKLY if quick else COMPARED, engine))
    tested = [figure for figure in figures if figure.tested]
    corrected = holm([figure.estimate.p(figure.exact) for figure in tested])
    by_row = {figure.measure.row: p for figure, p in zip(tested, corrected, strict=True)}
    rows = [
        _row(figure, by_row.get(figure.measure.row, math.nan), len(tested), family_error)
        for figure in figures
    ]
    return Verified(pd.DataFrame(rows), pd.DataFrame(engines), seed, quick, family_error)


def replicate(
    case: Case, seed: int, *, quick: bool = False, engine: Engine = compiled_engine.run
) -> list[Figure]:
    """The figures of a case over its runs, or over fewer."""
    rows: list[list[Floats]] = [[] for _ in case.measures]
    visits, deleted = 0, math.nan
    for rank in range(case.quick_runs if quick else case.runs):
        run = case.build(case.asked(seed, rank))
        if case.relaxation:
            deleted = run.begin / run.unit_s / case.relaxation
        trace, state = engine(run.network, run.tape, run.state, 0, run.stop)
        visits += len(trace.visits)
        for seen in observe(run, trace, state):
            for of_measure, measure in zip(rows, case.measures, strict=True):
                of_measure.append(measure.metric.read(seen))
    # fewer runs are less precise by the root of their number
    wider = math.sqrt(case.runs / case.quick_runs) if quick else 1.0
    return [
        Figure(
            case,
            measure,
            measure.metric.combine(of),
            measure.exact(),
            visits,
            deleted,
            wider * measure.precision,
        )
        for of, measure in zip(rows, case.measures, strict=True)
    ]


def _row(figure: Figure, p_corrected: float, tests: int, family_error: float) -> dict[str, object]:
    case, measure, estimate = figure.case, figure.measure, figure.estimate
    found: dict[str, object] = {
        "case": case.name,
        "family": case.family,
        "model": case.model,
        "parameters": case.parameters,
        "unit_s": case.unit.length_s,
        "kind": case.kind,
        "row": measure.row,
        "metric": measure.metric.key,
        "about": str(measure.metric.about),
        "replications": estimate.replications,
        "visits": figure.visits,
        "deleted": figure.deleted,
        "simulated": estimate.value,
        "exact": figure.exact,
        "standard_error": estimate.error,
        "z": estimate.z(figure.exact) if figure.tested else math.nan,
        "p": estimate.p(figure.exact) if figure.tested else math.nan,
        "p_corrected": p_corrected,
        "relative_error": figure.relative(estimate.error),
        "precision": figure.precision,
        "detectable": math.nan,
        "verdict": figure.verdict(p_corrected, family_error),
    }
    if figure.tested:
        found["detectable"] = figure.relative(detectable(estimate, family_error, tests))
    return found


def _engines(case: Case, seed: int, most: int, engine: Engine) -> dict[str, object]:
    """Whether both engines write the same trace and leave the same state, up to the visit of this rank."""
    asked = case.asked(seed, 0)
    # where a copy is read at a date and over, more of them are needed
    copies = 10 if case.kind == "transient" else 2
    run = case.build(replace(asked, copies=min(asked.copies, copies)))
    stop = _second_of_visit(run, most, engine)
    tape = run.tape.until(stop)
    given = run.network, tape, run.state, 0, stop
    (one, left), (other, left_there) = engine(*given), simpy_engine.run(*given)
    return {
        "case": case.name,
        "visits": len(one.visits),
        "equal": one.equals(other) and left.equals(left_there),
    }


def _second_of_visit(run: Run, rank: int, engine: Engine) -> int:
    """The second before which so many visits begin, or the end of the run."""
    # those who arrive make the first visits: no need to go further than the arrival of this rank
    coming = run.tape.arrival[run.tape.arrival >= 0]
    first = min(run.stop, int(coming[rank]) + 1) if len(coming) > rank else run.stop
    trace, _ = engine(run.network, run.tape.until(first), run.state, 0, first)
    joined = np.sort(trace.visits.joined[trace.visits.joined >= 0])
    return first if len(joined) <= rank else max(1, min(first, int(joined[rank]) + 1))
