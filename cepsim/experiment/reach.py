"""How far a hypothesis reaches: a scenario of a run, with one figure at its lowest and at its highest."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cepsim.errors import UsageError
from cepsim.experiment.plan import Plan
from cepsim.experiment.results import Results
from cepsim.experiment.runner import run_scenarios
from cepsim.tables import Figure


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """A figure, and a run of three scenarios on the same people: the figure at its low, mode and high."""

    figure: Figure
    names: tuple[str, str, str]
    results: Results


def reach(planned: Plan, scenario: str, id_: str, region: str, *, workers: int | None = None) -> Reach:
    """Run a scenario again in one region of a run, with one of its figures at either end of its range.

    Raises UsageError where the run has no such scenario or region, or the figure has no range; TableError for
    an unknown figure; ScenarioError where it may not move alone (shares that sum to 1).
    """
    known = {of.name: of for of in planned.scenarios}
    for found, names in ((scenario, list(known)), (region, list(planned.regions))):
        if found not in names:
            raise UsageError(f'the run has no "{found}": it has {", ".join(names)}')
    of = known[scenario]
    figure = planned.tables.with_overrides(of.figures, file=scenario).figure(id_)
    if figure.low == figure.high:
        raise UsageError(f"{id_} is {figure.mode:g} and has no range")
    low, high = (
        of.derive({f"figures.{id_}": value}, name=f"{scenario}-{end}", reason=end, tables=planned.tables)
        for end, value in (("low", figure.low), ("high", figure.high))
    )
    # what a run of everything is based on stays first
    base = planned.scenarios[0]
    scenarios = (of, low, high) if of is base else (base, of, low, high)
    three = (low.name, of.name, high.name)
    again = replace(planned, scenarios=scenarios, asked=three, regions=(region,), keeps_outcomes=())
    return Reach(figure, three, run_scenarios(again, workers=workers))
