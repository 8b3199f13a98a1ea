"""How fast a replication is, phase by phase, and how much memory it takes.

Seconds depend on the machine and on what else it does: compare ratios measured in one run.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

import pandas as pd

from cepsim.engine import simpy_engine
from cepsim.experiment.pipeline import Replication, measure, open_launch_day
from cepsim.people.deploy import deploy
from cepsim.people.handover import hand_over
from cepsim.people.population_tape import draw_people
from cepsim.scenario import Scenario
from cepsim.tables import Tables

_MEBIBYTE = 1 << 20

Found = TypeVar("Found")


def bench(scenario: Scenario, tables: Tables, regions: list[str], *, seed: int = 1) -> pd.DataFrame:
    """One replication of a scenario, timed.

    Columns: phase, seconds, people, visits, people_per_second, visits_per_second (of the engine), and
    peak_mib, the process's highest memory so far (absent where the system does not tell).
    """
    rows: list[tuple[str, float, int, int, float]] = []

    def timed(phase: str, work: Callable[[], Found]) -> Found:
        begun = perf_counter()
        found = work()
        rows.append((phase, perf_counter() - begun, 0, 0, peak_mib()))
        return found

    deployment = timed("compile", lambda: deploy(scenario, tables, regions))
    opening = timed(
        "warm_up",
        lambda: open_launch_day(
            scenario, tables, regions, seed=seed, replication=0, tick=lambda _years: None
        ),
    )
    crowd, tape = timed("people", lambda: draw_people(deployment, seed=seed, replication=0))
    start = hand_over(opening.state, opening.who, crowd, tape)
    horizon = deployment.horizon
    trace, state = timed(
        "engine", lambda: simpy_engine.run(deployment.network, tape, start, 0, horizon.observed)
    )
    people, visits = int((tape.arrival >= 0).sum()), len(trace.visits)
    rows[-1] = (*rows[-1][:2], people, visits, rows[-1][4])
    timed("measure", lambda: measure(Replication(deployment, crowd, tape, start, trace, state)))
    frame = pd.DataFrame(rows, columns=["phase", "seconds", "people", "visits", "peak_mib"])
    engine = frame["people"] > 0
    frame["people_per_second"] = (frame["people"] / frame["seconds"]).where(engine)
    frame["visits_per_second"] = (frame["visits"] / frame["seconds"]).where(engine)
    return frame


def peak_mib() -> float:
    """Highest resident memory of this process so far, in MiB; NaN where the system does not tell."""
    if sys.platform == "win32":
        return float("nan")
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / _MEBIBYTE if sys.platform == "darwin" else peak / 1024
