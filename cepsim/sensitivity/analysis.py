"""A sensitivity analysis in one call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from cepsim.experiment.plan import plan
from cepsim.experiment.runner import Report
from cepsim.experiment.store import Store
from cepsim.scenario import Scenario
from cepsim.sensitivity.answer import Answer
from cepsim.sensitivity.futures import futures
from cepsim.sensitivity.morris import morris
from cepsim.sensitivity.points import Means
from cepsim.sensitivity.sobol import sobol
from cepsim.sensitivity.study import (
    DEFAULT_MOST,
    DEFAULT_SAMPLES,
    DEFAULT_TRAJECTORIES,
    Study,
    screened,
    study_of,
)
from cepsim.sensitivity.tornado import tornado
from cepsim.sensitivity.wanted import Correlations, wanted_of


def analyse(study: Study, means: Means) -> Answer:
    """Run a study by its method. A point that the program refuses is a row of the answer."""
    if study.method == "morris":
        return morris(study, means)
    if study.method == "futures":
        return futures(study, means)
    return sobol(study, means) if study.method == "sobol" else tornado(study, means)


def sensitivity(
    scenario: str | Path | Scenario,
    *,
    regions: Sequence[str],
    method: str = "tornado",
    figures: Sequence[str] = (),
    most: int = DEFAULT_MOST,
    outcomes: Sequence[str] = (),
    trajectories: int = DEFAULT_TRAJECTORIES,
    samples: int = DEFAULT_SAMPLES,
    limits: Mapping[str, float] | None = None,
    correlations: Correlations | None = None,
    decisions: Sequence[str | Scenario] = (),
    values: Mapping[str, float] | None = None,
    replications: int = 5,
    seed: int = 1,
    years: int | None = None,
    follow_up_years: int | None = None,
    sample: int = 1,
    workers: int = 1,
    store: Store | None = None,
    report: Report | None = None,
) -> Answer:
    """Which hypotheses move the outcomes of a scenario: its repr says it in a sentence.

    `figures` are ids of the tables; without them, all that the scenario reads and that has a range, of which
    the `most` that matter are kept after a trial of one replication. `outcomes` are names of indicators
    (`cepsim.experiment.chosen`). With the method futures, `limits` by outcome are what may not be passed,
    `correlations` those of ranks by two ids, `decisions` other scenarios and `values` the euros that one more
    of an outcome is worth a year (negative for a cost): see `wanted.Wanted`. Nothing is kept unless a store
    is given; with one, what was stopped goes on where it was. With several `workers`, a script must be
    guarded by `if __name__ == "__main__":`.
    Raises what `plan`, `study_of` and `run_scenarios` raise.
    """
    planned = plan(
        [scenario],
        regions=regions,
        replications=replications,
        seed=seed,
        years=years,
        follow_up_years=follow_up_years,
        sample=sample,
    )
    study = study_of(
        planned,
        figures=figures,
        outcomes=outcomes,
        method=method,
        trajectories=trajectories,
        samples=samples,
        wanted=wanted_of(
            planned, limits=limits, correlations=correlations, decisions=decisions, values=values
        ),
    )
    means = Means(workers, store, report=report)
    return analyse(screened(study, most, means), means)
