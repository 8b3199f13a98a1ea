"""How far a hypothesis reaches: a scenario of a run, with one figure at its lowest and at its highest."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cepsim.errors import UsageError
from cepsim.experiment.plan import Plan
from cepsim.experiment.results import Results
from cepsim.experiment.runner import run_scenarios
from cepsim.scenario import Scenario
from cepsim.tables import Figure


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """A figure of a scenario, and a run of one region: the figure at its low, mode and high, the same people.

    `names` are those of the three scenarios of `results`, in that order.
    """

    figure: Figure
    scenario: Scenario
    region: str
    names: tuple[str, str, str]
    results: Results


def reach(
    planned: Plan, id_: str, scenario: str = "", region: str = "", *, workers: int | None = None
) -> Reach:
    """Run a scenario again in one region of a run, with one of its figures at either end of its range.

    The last scenario and the first region, where none is named. Raises UsageError where the run has no such
    scenario or region, or the figure has no range; TableError for an unknown figure, or for one that may not
    move alone (shares that sum to 1).
    """
    of, region = planned.place(scenario, region)
    figure = planned.tables.with_overrides(of.figures, file=of.name).figure(id_)
    if figure.low == figure.high:
        raise UsageError(f"{id_} is {figure.mode:g} and has no range")
    low, high = (
        of.derive({f"figures.{id_}": value}, name=f"{of.name}-{end}", reason=end, tables=planned.tables)
        for end, value in (("low", figure.low), ("high", figure.high))
    )
    # what a run of everything is based on stays first
    base = planned.scenarios[0]
    scenarios = (of, low, high) if of is base else (base, of, low, high)
    three = (low.name, of.name, high.name)
    again = replace(planned, scenarios=scenarios, asked=three, regions=(region,), keeps_outcomes=())
    return Reach(figure, of, region, three, run_scenarios(again, workers=workers))
