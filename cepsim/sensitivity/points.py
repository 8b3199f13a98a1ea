"""Running points: values of hypotheses -> scenarios -> outcomes, replication by replication.

A point is one task: whoever does it derives the scenarios, runs what the store does not hold yet, and answers
with a few numbers, hence the same ones whatever the processes or the machines. A point that the program
refuses is a row that says why. Points done are kept (`shelf`), and people whom a figure does not touch are
not simulated again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext
from dataclasses import dataclass, replace

import numpy as np

from cepsim.errors import CepsimError, Interrupted, StoreError
from cepsim.experiment import processes
from cepsim.experiment.chosen import Replicate, indicators_named
from cepsim.experiment.pipeline import REFERENCE
from cepsim.experiment.plan import Plan
from cepsim.experiment.results import Results
from cepsim.experiment.runner import Progress, Report, available_cores, died, run_scenarios
from cepsim.experiment.store import Store, store_or_temporary
from cepsim.sensitivity.hypotheses import Hypotheses, Values, moved
from cepsim.sensitivity.outcomes import Found, Outcomes
from cepsim.sensitivity.shelf import Shelf, point_key

_YEARLY = "eur"


def evaluate(
    planned: Plan,
    changes: Mapping[str, Values],
    store: Store,
    names: Sequence[str],
    simulated: frozenset[str] | None = None,
) -> Outcomes:
    """Run the scenarios of a plan with other figures (`changes`, by the name of the scenario), and read them.

    Outcomes are those of the last scenario, by their names; amounts are a year. Figures that are not in
    `simulated` only price what is counted: people are those of the run without them (None: all are in it).
    Whatever the program refuses, or fails at, is the point's own problem. Raises what says nothing of the
    point: Interrupted, StoreError.
    """
    shape = (planned.replications, len(names))
    shelf = Shelf(store.folder)
    try:
        whole = _moved(planned, changes)
        key = point_key(whole, names)
        held = shelf.get(key, shape)
        if held is not None:
            return held
        found = _read(_priced(planned, whole, changes, store, simulated), names)
    except (Interrupted, StoreError):
        raise
    except CepsimError as error:
        return Outcomes.none(shape, str(error))
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        # a defect met at one point does not lose a night of others
        return Outcomes.none(shape, f"{type(error).__name__}: {error}")
    shelf.put(key, found)
    return found


def _moved(planned: Plan, changes: Mapping[str, Values]) -> Plan:
    """The plan with other figures."""
    scenarios = tuple(moved(of, changes.get(of.name, {}), planned.tables) for of in planned.scenarios)
    return replace(planned, scenarios=scenarios)


def _priced(
    planned: Plan,
    whole: Plan,
    changes: Mapping[str, Values],
    store: Store,
    simulated: frozenset[str] | None,
) -> Results:
    """The results of `whole`; people are simulated with the figures that they depend on, and no other."""
    if simulated is None:
        return run_scenarios(whole, workers=1, store=store)
    people = {
        name: {id_: value for id_, value in values.items() if id_ in simulated}
        for name, values in changes.items()
    }
    results = run_scenarios(_moved(planned, people), workers=1, store=store)
    return replace(results, plan=whole)


def _read(results: Results, names: Sequence[str]) -> Outcomes:
    """Outcomes of the last scenario of results."""
    planned = results.plan
    shape = (planned.replications, len(names))
    values, reached = np.empty(shape), np.empty(shape, dtype=np.bool_)
    for number in range(planned.replications):
        replicate = Replicate(results, planned.scenarios[-1].name, number)
        for rank, indicator in enumerate(indicators_named(names)):
            reading = indicator.read(replicate)
            value = reading.value / replicate.years if indicator.unit == _YEARLY else reading.value
            values[number, rank], reached[number, rank] = value, reading.reached
    return Outcomes(values, reached)


@dataclass(frozen=True, slots=True)
class Means:
    """What points are run with: processes (None: one a core), or an executor; the store; who is told."""

    workers: int | None = 1
    store: Store | None = None
    executor: Executor | None = None
    report: Report | None = None


def run_points(
    planned: Plan, hypotheses: Hypotheses, points: Sequence[Values], names: Sequence[str], means: Means
) -> Found:
    """The outcomes of every point, in their order. An executor is given `planned` itself, first of all.

    Raises Interrupted when the user stops it, and CepsimError when a process dies: what was finished is kept
    where there is a store.
    """
    tasks = [_changes(planned, hypotheses, point) for point in points]
    found: list[Outcomes | None] = [None] * len(tasks)
    with store_or_temporary(means.store) as store:
        try:
            running = _done(planned, tasks, store, names, means, hypotheses.simulated)
            for done, (rank, outcomes) in enumerate(running, 1):
                found[rank] = outcomes
                if means.report is not None:
                    means.report(Progress(done, len(tasks), done, len(tasks)))
        except KeyboardInterrupt as stopped:
            raise Interrupted("stopped") from stopped
        except BrokenProcessPool as broken:
            raise died() from broken
    whole = [each for each in found if each is not None]
    return Found(
        np.array([each.numbers for each in whole]),
        np.array([each.reached for each in whole]),
        tuple(each.problem for each in whole),
    )


def _done(
    planned: Plan,
    tasks: Sequence[Mapping[str, Values]],
    store: Store,
    names: Sequence[str],
    means: Means,
    simulated: frozenset[str] | None,
) -> Iterator[tuple[int, Outcomes]]:
    """Points as they are done, by rank."""
    workers = min(means.workers or available_cores(), len(tasks))
    if means.executor is None and workers <= 1:
        for rank, task in enumerate(tasks):
            yield rank, evaluate(planned, task, store, names, simulated)
        return
    with nullcontext(means.executor) if means.executor else processes.pool(workers) as executor:
        running = {
            executor.submit(evaluate, planned, task, store, names, simulated): rank
            for rank, task in enumerate(tasks)
        }
        for future in as_completed(running):
            yield running[future], future.result()


def _changes(planned: Plan, hypotheses: Hypotheses, point: Values) -> dict[str, dict[str, float]]:
    """What each scenario replaces at a point; the reference, what it has in common with the last one."""
    last = planned.scenarios[-1].name
    common = {id_: value for id_, value in point.items() if id_ in hypotheses.common}
    return {
        of.name: hypotheses.overrides(common if of.name == REFERENCE and of.name != last else point)
        for of in planned.scenarios
    }
