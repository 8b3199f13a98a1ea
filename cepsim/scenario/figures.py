"""What a scenario names in the tables exists there: figures and regions."""

from collections.abc import Iterator, Sequence
from functools import cache

from cepsim.errors import ScenarioError, TableError, nearest
from cepsim.scenario.events import BudgetChange, Closure, Shock
from cepsim.scenario.messages import COUNSEL_APART, dotted
from cepsim.scenario.parts import StaffChange, Wave
from cepsim.scenario.schema import Scenario
from cepsim.tables import Tables, load_tables
from cepsim.tables.actors import TRAINING_BODY, actor_rows, informing_actors

shipped_tables = cache(load_tables)
"""The tables shipped with cepsim, read once: deriving a thousand scenarios reads them once."""


def check_against_tables(scenario: Scenario, file: str, tables: Tables | None = None) -> None:
    """Raises ScenarioError, a line for each id, range or region that `tables` refuse, naming `file`.

    `tables` are by default those shipped.
    """
    known = shipped_tables() if tables is None else tables
    problems = [
        *_unknown_regions(scenario, file, known),
        *_unknown_norm(scenario.norm.figure, file, known),
        *_actors_that_do_not_inform(scenario, file, known),
        *_capacity_of_training_bodies(scenario, file),
        *_refused_figures(scenario, file, known),
    ]
    if problems:
        raise ScenarioError.together(problems)


_OfRegions = Wave | Shock | StaffChange | Closure | BudgetChange


def _regions_named(scenario: Scenario) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The lists of codes, by dotted key."""
    lists: Sequence[tuple[tuple[str, ...], Sequence[_OfRegions]]] = (
        (("waves",), scenario.waves),
        (("demand", "shocks"), scenario.demand.shocks),
        (("staff", "changes"), scenario.staff.changes),
        (("staff", "closures"), scenario.staff.closures),
        (("service", "commission_budget_changes"), scenario.service.commission_budget_changes),
    )
    for path, listed in lists:
        for i, of in enumerate(listed):
            if of.regions != "all":
                yield dotted((*path, i, "regions")), of.regions


def _unknown_regions(scenario: Scenario, file: str, tables: Tables) -> Iterator[ScenarioError]:
    names = tables.region_names
    for field, codes in _regions_named(scenario):
        for code in codes:
            if code not in names:
                remedy = (
                    "The regions are: " + ", ".join(f"{code} {name}" for code, name in names.items()) + "."
                )
                expected = "the code of a region of 2012"
                yield ScenarioError(file=file, field=field, found=code, expected=expected, remedy=remedy)


def _unknown_norm(id_: str, file: str, tables: Tables) -> Iterator[ScenarioError]:
    working_days = [
        i for i, figure in tables.figures.items() if figure.addressable and figure.unit == "working_days"
    ]
    if id_ not in working_days:
        expected = "the id of an input figure in working days"
        remedy = nearest(id_, working_days)
        yield ScenarioError(file=file, field="norm.figure", found=id_, expected=expected, remedy=remedy)


def _actors_that_do_not_inform(scenario: Scenario, file: str, tables: Tables) -> Iterator[ScenarioError]:
    """Who is named to inform and has no staff for it, or must not."""
    field, named = "service.informing_actors", scenario.service.informing_actors
    allowed = informing_actors(tables) if named else ()
    known = [row["actor"] for row in actor_rows(tables)]
    for code in named:
        if code == TRAINING_BODY:
            yield _training_body(file, field, code)
        elif code not in allowed:
            expected = f"an actor beside the operators with staff that informs: {', '.join(allowed)}"
            remedy = "Remove it: it informs nobody in place of an operator."
            if code not in known:
                remedy = nearest(code, allowed)
            yield ScenarioError(file=file, field=field, found=code, expected=expected, remedy=remedy)


def _capacity_of_training_bodies(scenario: Scenario, file: str) -> Iterator[ScenarioError]:
    """A training body given staff or a part in the stages by way of the figures."""
    for id_, override in scenario.figures.items():
        if id_.startswith(f"actors.{TRAINING_BODY}.") and override.high > 0.0:
            yield _training_body(file, f"figures.{id_}", f"{override.high:g}")


def _training_body(file: str, field: str, found: str) -> ScenarioError:
    return ScenarioError(
        file=file,
        field=field,
        found=found,
        expected="no part of a training body (organisme de formation) in the service",
        remedy=COUNSEL_APART,
    )


def _refused_figures(scenario: Scenario, file: str, tables: Tables) -> Iterator[ScenarioError]:
    try:
        tables.with_overrides(scenario.figures, file=file)
    except TableError as error:
        for problem in error.problems:
            yield ScenarioError(
                file=file,
                field=problem.field,
                found=problem.found,
                expected=problem.expected,
                remedy=problem.remedy,
            )
