"""What may be moved: figures of a scenario that have a range, each with those that must go along."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from cepsim.errors import CepsimError, UsageError
from cepsim.experiment.pipeline import REFERENCE
from cepsim.experiment.plan import Plan
from cepsim.experiment.provenance import read_of
from cepsim.scenario import Scenario
from cepsim.sensitivity.designs import Floats, triangular_quantile
from cepsim.tables import Figure, Tables
from cepsim.tables.checks import mix_groups
from cepsim.tables.schema import MIXES

_RANGE: Final = ("low", "mode", "high")
#: Tables whose figures may only price what is simulated.
_PRICES: Final = ("unit_costs", "payers")
#: Values of hypotheses, by the ids of their figures.
Values = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Mixture:
    """Figures whose modes sum to a total, by id: they vary together."""

    modes: Mapping[str, float]
    total: float

    def with_(self, values: Values) -> dict[str, float]:
        """Every figure of the mixture where some are given a value: the others share what is left as before.

        Where nothing is left for them, or nobody is left to take it, all are brought back to the total in the
        proportions that they then have.
        """
        given = {id_: value for id_, value in values.items() if id_ in self.modes}
        others = {id_: mode for id_, mode in self.modes.items() if id_ not in given}
        left, shared = self.total - sum(given.values()), sum(others.values())
        if shared > 0.0 and left >= 0.0:
            return given | {id_: mode * left / shared for id_, mode in others.items()}
        whole = given | others
        sum_of = sum(whole.values())
        return {id_: value * self.total / sum_of for id_, value in whole.items()} if sum_of > 0.0 else given


@dataclass(frozen=True, eq=False)
class Hypotheses:
    """The figures that are moved, in the order asked, and how.

    `mixtures` are those that one of them is part of. `common` are the ids of figures that `reference`, from
    which net costs are taken, has as the scenario has them: they move in both. A figure that the scenario
    replaced is its own, and moves there alone. `simulated` are the ids of all figures that people depend on;
    None where nobody looked.
    """

    figures: tuple[Figure, ...]
    mixtures: tuple[Mixture, ...]
    common: frozenset[str]
    simulated: frozenset[str] | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """Their ids."""
        return tuple(figure.id for figure in self.figures)

    @cached_property
    def below(self) -> Floats:
        """The part of each range that is below its mode, shape (hypotheses,)."""
        return np.array([(f.mode - f.low) / (f.high - f.low) for f in self.figures])

    def values_at(self, shares: Floats) -> list[dict[str, float]]:
        """Values at points of the unit cube, shape (points, hypotheses): the triangular quantiles."""
        low, mode, high = (np.array([getattr(f, name) for f in self.figures]) for name in _RANGE)
        found = triangular_quantile(shares, low, mode, high)
        return [dict(zip(self.ids, row, strict=True)) for row in found.tolist()]

    def row(self, shares: Floats) -> list[float]:
        """The value of each hypothesis at a point of the unit cube, shape (hypotheses,)."""
        return list(self.values_at(shares[None])[0].values())

    def overrides(self, values: Values) -> dict[str, float]:
        """What a scenario replaces for these values: the figures, and those of their mixtures."""
        whole = dict(values)
        for mixture in self.mixtures:
            if mixture.modes.keys() & values.keys():
                whole |= mixture.with_(values)
        return whole

    def only(self, ids: Iterable[str]) -> Hypotheses:
        """Those of these ids, in their order."""
        known = {figure.id: figure for figure in self.figures}
        return replace(self, figures=tuple(known[id_] for id_ in ids))


def hypotheses_of(planned: Plan, scenario: Scenario, ids: Sequence[str] = ()) -> Hypotheses:
    """The figures of these ids, or all those that a scenario reads, has no certainty of, and may be moved.

    Without ids, it takes half a minute to find what is read; with some, where a price is among them. Raises
    TableError for an unknown id, UsageError for one without a range, or that cannot be moved.
    """
    own = planned.tables.with_overrides(scenario.figures, file=scenario.name)
    used, simulated = None, None
    if not ids or any(own.figure(id_).table in _PRICES for id_ in ids):
        used, simulated = read_of([scenario], regions=planned.regions, tables=planned.tables)
    if ids or used is None:
        figures = [own.figure(id_) for id_ in dict.fromkeys(ids)]
        for figure in figures:
            if figure.low == figure.high:
                raise UsageError(f"{figure.id} is {figure.mode:g} and has no range")
            if not figure.addressable:
                raise UsageError(f"{figure.id} feeds no scenario: it is compared with results")
    else:
        figures = [own.figure(id_) for id_ in dict.fromkeys(used["id"])]
        figures = [figure for figure in figures if figure.addressable and figure.low < figure.high]
    mixtures = _mixtures(own, figures)
    base = _reference(planned)
    # a mixture of which the scenario replaced a part is its own as a whole
    together = {id_: mixture.modes for mixture in mixtures for id_ in mixture.modes}
    common = [
        figure.id
        for figure in figures
        if all(_same(own, base, id_) for id_ in together.get(figure.id, (figure.id,)))
    ]
    found = Hypotheses(tuple(figures), mixtures, frozenset(common), simulated)
    if ids:
        return found
    return found.only(figure.id for figure in figures if _movable(found, figure, scenario, planned.tables))


def _movable(found: Hypotheses, figure: Figure, scenario: Scenario, tables: Tables) -> bool:
    """Whether a scenario takes the figure at both ends of its range."""
    try:
        for value in (figure.low, figure.high):
            moved(scenario, found.overrides({figure.id: value}), tables)
    except CepsimError:
        return False
    return True


def moved(scenario: Scenario, overrides: Values, tables: Tables) -> Scenario:
    """The scenario with other values of figures, under its name. Raises ScenarioError for one it refuses."""
    if not overrides:
        return scenario
    changes = {f"figures.{id_}": value for id_, value in overrides.items()}
    return scenario.derive(changes, name=scenario.name, reason="sensitivity", tables=tables)


def _mixtures(own: Tables, figures: Sequence[Figure]) -> tuple[Mixture, ...]:
    wanted = {figure.id for figure in figures}
    groups = [
        Mixture({figure.id: figure.mode for figure in rows}, mix.total)
        for mix in MIXES
        for rows in mix_groups(mix, own.figures.values()).values()
    ]
    return tuple(group for group in groups if group.modes.keys() & wanted)


def _reference(planned: Plan) -> Tables:
    """The figures of the reference of a plan."""
    (found,) = [each for each in planned.scenarios if each.name == REFERENCE]
    return planned.tables.with_overrides(found.figures, file=found.name) if found.figures else planned.tables


def _same(own: Tables, other: Tables, id_: str) -> bool:
    return all(getattr(own.figure(id_), name) == getattr(other.figure(id_), name) for name in _RANGE)
