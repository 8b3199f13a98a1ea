"""What is asked of futures beside hypotheses: limits, correlations, decisions, what outcomes are worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cepsim.errors import UsageError
from cepsim.experiment.chosen import indicators_named
from cepsim.experiment.plan import Plan, plan
from cepsim.scenario import Scenario

#: Rank correlations by two ids of hypotheses.
Correlations = Mapping[tuple[str, str], float]


@dataclass(frozen=True, eq=False)
class Wanted:
    """All of it may be empty.

    Attributes:
        limits: by outcome, what it may not pass (more is worse) or fall below (less is worse), a year.
        correlations: Spearman's, between -1 and 1, both apart.
        decisions: plans of the scenarios between which one has to decide, beside that studied.
        euros: what one more of an outcome is worth, a year.
    """

    limits: Mapping[str, float] = field(default_factory=dict)
    correlations: Correlations = field(default_factory=dict)
    decisions: tuple[Plan, ...] = ()
    euros: Mapping[str, float] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether anything is asked."""
        return bool(self.limits or self.correlations or self.decisions or self.euros)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The outcomes that it needs."""
        return tuple(dict.fromkeys((*self.limits, *self.euros)))

    @property
    def correlated(self) -> frozenset[str]:
        """The hypotheses that are not independent."""
        return frozenset(id_ for pair in self.correlations for id_ in pair)

    @property
    def settings(self) -> dict[str, object]:
        """What tells it apart; what is not asked is not there."""
        whole = {
            "limits": dict(self.limits),
            "correlations": [[*pair, rank] for pair, rank in self.correlations.items()],
            "decisions": [of.scenarios[-1].name for of in self.decisions],
            "values": dict(self.euros),
        }
        return {name: value for name, value in whole.items() if value}

    def check(self, ids: Iterable[str]) -> None:
        """Raise UsageError for a correlation of what is not moved, or that is none."""
        known = set(ids)
        for (one, other), rank in self.correlations.items():
            missing = next((id_ for id_ in (one, other) if id_ not in known), None)
            if missing is not None:
                raise UsageError(f"correlation: {missing} is not among the hypotheses moved")
            if one == other or not -1.0 < rank < 1.0:
                raise UsageError(
                    f"correlation: found {rank:g} of {one} and {other}, expected two hypotheses and a number "
                    "between -1 and 1, both apart"
                )


def wanted_of(
    planned: Plan,
    *,
    limits: Mapping[str, float] | None = None,
    correlations: Correlations | None = None,
    decisions: Sequence[str | Scenario] = (),
    values: Mapping[str, float] | None = None,
) -> Wanted:
    """What is asked beside the scenario of a plan; every decision is run on the same people.

    Raises UsageError for an outcome that is not there, for a decision that is the scenario itself, and what
    `plan` raises.
    """
    limits, values = _by_name(limits or {}), _by_name(values or {})
    of = planned.scenarios[-1]
    plans = tuple(
        plan(
            [decision],
            regions=planned.regions,
            replications=planned.replications,
            seed=planned.seed,
            years=of.calendar.years,
            follow_up_years=of.calendar.follow_up_years,
            sample=planned.sample,
            tables=planned.tables,
        )
        for decision in decisions
    )
    names = [of.name, *(each.scenarios[-1].name for each in plans)]
    if len(set(names)) < len(names):
        raise UsageError(f"decisions: found {', '.join(names)}, expected different scenarios")
    return Wanted(limits, correlations or {}, plans, values)


def _by_name(of: Mapping[str, float]) -> dict[str, float]:
    """Numbers by the names of indicators, as the program writes them."""
    return {indicators_named([name])[0].name: number for name, number in of.items()}
