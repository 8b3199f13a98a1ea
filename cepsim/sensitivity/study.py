"""What a sensitivity analysis asks: a scenario, its hypotheses, outcomes; and which hypotheses to keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, get_args

import numpy as np

from cepsim.errors import UsageError
from cepsim.experiment.chosen import Indicator, indicators_named
from cepsim.experiment.pipeline import REFERENCE
from cepsim.experiment.plan import Plan
from cepsim.scenario import Scenario
from cepsim.sensitivity.designs import Floats
from cepsim.sensitivity.hypotheses import Hypotheses, Values, hypotheses_of
from cepsim.sensitivity.outcomes import Found
from cepsim.sensitivity.points import Means, run_points
from cepsim.sensitivity.wanted import Wanted

Method = Literal["tornado", "morris", "sobol", "futures"]
METHODS: Final[tuple[Method, ...]] = get_args(Method)
#: Cost, cover, loss and delay; those net of the reference are left out where it is what is studied.
DEFAULT_OUTCOMES: Final = ("new_money", "gross_cost", "received", "share_lost", "wait_p50", "wait_p90")
#: Outcomes of which less is worse; of any other, more.
LESS_IS_WORSE: Final = ("received", "received_opacif", "share_within_norm")
#: Hypotheses kept where nobody says which.
DEFAULT_MOST: Final = 20
#: Of Morris: Campolongo et al. 2007 use 10 to 50.
DEFAULT_TRAJECTORIES: Final = 10
#: A power of 2: futures; of Saltelli, the points are so many times the hypotheses and two.
DEFAULT_SAMPLES: Final = 64


@dataclass(frozen=True, eq=False)
class Study:
    """What is asked: `planned` is the scenario (the last one) and, where an outcome needs it, `reference`."""

    planned: Plan
    hypotheses: Hypotheses
    outcomes: tuple[Indicator, ...]
    method: Method = "tornado"
    trajectories: int = DEFAULT_TRAJECTORIES
    samples: int = DEFAULT_SAMPLES
    wanted: Wanted = field(default_factory=Wanted)

    @property
    def scenario(self) -> Scenario:
        """The scenario studied."""
        return self.planned.scenarios[-1]

    @property
    def names(self) -> tuple[str, ...]:
        """The outcomes by name."""
        return tuple(each.name for each in self.outcomes)

    @property
    def units(self) -> tuple[str, ...]:
        """Units of the outcomes: amounts are a year of the horizon."""
        return tuple("eur_per_year" if each.unit == "eur" else each.unit for each in self.outcomes)

    @property
    def size(self) -> int:
        """Points that the method runs, at most."""
        count = len(self.hypotheses.figures)
        if self.method == "morris":
            return self.trajectories * (count + 1)
        if self.method == "futures":
            return 1 + self.samples * (1 + len(self.wanted.decisions))
        return self.samples * (count + 2) if self.method == "sobol" else 2 * count + 1

    @property
    def name(self) -> str:
        """Name of the folder where results go by default: another for whatever gives other results."""
        size = {
            "morris": f"t{self.trajectories}",
            "sobol": f"n{self.samples}",
            "futures": f"n{self.samples}",
        }.get(self.method, "")
        ids = [f"{f.id} {f.low} {f.mode} {f.high}" for f in self.hypotheses.figures]
        extra = [str(self.wanted.settings)] if self.wanted else []
        whole = self.planned.named(f"r{self.planned.replications}", *ids, *self.names, *extra)
        return "_".join(part for part in ("sensitivity", self.method, size, whole) if part)

    def run(self, points: Sequence[Values], means: Means) -> Found:
        """The outcomes of points, in their order."""
        return run_points(self.planned, self.hypotheses, points, self.names, means)


def study_of(
    planned: Plan,
    *,
    figures: Sequence[str] = (),
    outcomes: Sequence[str] = (),
    method: str = "tornado",
    trajectories: int = DEFAULT_TRAJECTORIES,
    samples: int = DEFAULT_SAMPLES,
    wanted: Wanted | None = None,
) -> Study:
    """Check what is asked of the last scenario of a plan, and find the hypotheses: `figures`, or all it has.

    Raises UsageError or TableError, before anything is run.
    """
    kind = next((known for known in METHODS if known == method), None)
    if kind is None:
        raise UsageError(f"method: found {method}, expected {', '.join(METHODS)}")
    if trajectories < 2:
        raise UsageError(f"trajectories: found {trajectories}, expected 2 or more")
    if samples < 2 or samples & (samples - 1):
        raise UsageError(f"samples: found {samples}, expected a power of 2: 32, 64, 128...")
    scenario = planned.scenarios[-1]
    if wanted and kind != "futures":
        raise UsageError("limits, correlations, decisions and values are for the method futures")
    wanted = wanted or Wanted()
    asked = (*outcomes, *wanted.outcomes) if outcomes else wanted.outcomes
    followed = indicators_named((*(outcomes or DEFAULT_OUTCOMES), *wanted.outcomes))
    is_base = scenario.name == REFERENCE
    if is_base and any(each.is_net for each in followed if each.name in asked):
        raise UsageError("found the reference alone, expected a scenario to compare with it")
    followed = tuple(each for each in followed if not (is_base and each.is_net))
    kept = hypotheses_of(planned, scenario, figures)
    if not kept.figures:
        raise UsageError(f"{scenario.name} reads no figure that has a range and may move")
    wanted.check(kept.ids)
    # what is net is net of a reference at the same figures; without it, nobody needs the reference
    needs_base = any(each.is_net for each in followed)
    scenarios = planned.scenarios if needs_base else (scenario,)
    return Study(replace(planned, scenarios=scenarios), kept, followed, kind, trajectories, samples, wanted)


def screened(study: Study, most: int, means: Means) -> Study:
    """The same for the `most` hypotheses that matter most for some outcome, found with one replication.

    Each is moved to its end that is farther from its mode. It is kept for its best rank among all hypotheses,
    over the outcomes: a hypothesis that moves delays alone is no worse than one that moves costs alone. Those
    that fail there come first, since nobody knows what they do.
    """
    figures = study.hypotheses.figures
    if len(figures) <= most:
        return study
    trial = replace(study, planned=replace(study.planned, replications=1))
    points: list[Values] = [
        {},
        *({figure.id: _farther(figure.low, figure.mode, figure.high)} for figure in figures),
    ]
    found = trial.run(points, means)
    ranks = impact_ranks(
        found.numbers[1:, 0] - found.numbers[0, 0], [bool(text) for text in found.problems[1:]]
    )
    # correlations are stated of what is moved
    ranks[[figure.id in study.wanted.correlated for figure in figures]] = -2.0
    order = np.argsort(ranks, kind="stable")[:most]
    return replace(study, hypotheses=study.hypotheses.only(figures[rank].id for rank in sorted(order)))


def impact_ranks(effects: Floats, failed: Sequence[bool]) -> Floats:
    """Best rank of each hypothesis over the outcomes, from effects of shape (hypotheses, outcomes).

    An effect that is not known (a wait that is not reached) ranks before any other; one of nought, last.
    """
    size = np.where(np.isnan(effects), np.inf, np.abs(effects))
    # an outcome that nothing moves, or that nobody knows at the base, ranks nobody
    told = np.isfinite(effects).any(axis=0)
    ranks = np.argsort(np.argsort(-size, axis=0, kind="stable"), axis=0, kind="stable").astype(np.float64)
    ranks[size == 0.0] = len(effects)
    best = ranks[:, told].min(axis=1) if told.any() else np.zeros(len(effects))
    found: Floats = np.where(np.asarray(failed, dtype=np.bool_), -1.0, best)
    return found


def _farther(low: float, mode: float, high: float) -> float:
    return low if mode - low > high - mode else high


def settings_of(study: Study) -> Mapping[str, object]:
    """What tells a study apart, for whoever wants to run it again."""
    planned = study.planned
    return {
        "method": study.method,
        "scenario": study.scenario.name,
        "regions": list(planned.regions),
        "seed": planned.seed,
        "replications": planned.replications,
        "sample": planned.sample,
        "outcomes": list(study.names),
        "figures": list(study.hypotheses.ids),
        "tables_sha256": planned.tables.digest,
        **({"trajectories": study.trajectories} if study.method == "morris" else {}),
        **({"samples": study.samples} if study.method in ("sobol", "futures") else {}),
        **study.wanted.settings,
    }
