"""From a replication that was simulated to the rows of its indicators, with the functions of any run.

Each lane of a network is a run of its own: it is given as a region, so that the indicators of all of them are
those of the regions of one run.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from cepsim.engine import compiled_engine
from cepsim.indicators import Counts, Window
from cepsim.indicators.counts import MEASURES_OF
from cepsim.indicators.delays import delays
from cepsim.indicators.episodes import ACCUEIL, WAIT_STAGES, End
from cepsim.indicators.rows import rows
from cepsim.indicators.tally import Names, tally
from cepsim.indicators.waits import Spans, count_waits
from cepsim.indicators.working_days import WorkingDays
from cepsim.state import State
from cepsim.trace import NEVER, Ints, Trace, Visits
from cepsim.units import SECONDS_PER_DAY
from cepsim.verify.observing import Run

#: The stage that waits are said to be at, any would do.
STAGE = WAIT_STAGES[ACCUEIL]


def simulated(run: Run) -> tuple[Trace, State]:
    """What the compiled engine makes of it."""
    return compiled_engine.run(run.network, run.tape, run.state, 0, run.stop)


def all_visits(run: Run, trace: Trace, state: State) -> tuple[Visits, Ints]:
    """Every visit, over or not, and its lane."""
    visits = Visits.concatenate([trace.visits, state.open_visits()])
    return visits, visits.queue.astype(np.int64) // run.network.station_count


def delay_rows(run: Run, bounds: Sequence[int]) -> pd.DataFrame:
    """Delays of one replication of every run, as `indicators.delays` gives them by region and cohort.

    `bounds` are the seconds at which cohorts begin, then the end of the last one; observation ends with the
    run. A lane is a region.
    """
    visits, lane = all_visits(run, *simulated(run))
    called, lost = visits.called != NEVER, (visits.called == NEVER) & (visits.ended != NEVER)
    spans = Spans(
        person=np.arange(len(visits), dtype=np.int32),
        operator=np.zeros(len(visits), dtype=np.int8),
        stage=np.full(len(visits), ACCUEIL, dtype=np.int8),
        joined=visits.joined,
        left=np.where(called, visits.called, np.where(lost, visits.ended, run.stop)).astype(np.int64),
        end=np.where(called, int(End.CALLED), np.where(lost, int(End.LOST), int(End.CENSORED))).astype(
            np.int8
        ),
    )
    window = Window(date(2015, 1, 1), (bounds[0], bounds[-1]), tuple(bounds), run.stop, norm_days=1)
    lanes = run.network.lane_names
    waits, worked = count_waits(lanes, lane, np.zeros_like(lane), [spans], _every_day(run), window)
    # of a table of counts nothing is read here but waits and why they were lost
    none = {
        name: pd.DataFrame({measure: pd.Series(dtype=np.int64) for measure in measures})
        for name, measures in MEASURES_OF.items()
    }
    counts = Counts(window, **{**none, "waits": waits, "waits_working_days": worked, "losses": _no_loss()})
    return delays(counts)


def mean_rows(values: Ints, indicator: str) -> pd.DataFrame:
    """A number of each lane as an indicator of a region."""
    table = pd.DataFrame({"region": [str(lane) for lane in range(len(values))], "value": values})
    return rows(table, indicator, "persons", table["value"], additive=True)


def present(run: Run) -> Ints:
    """People waiting or served at the end, in each lane."""
    visits, lane = all_visits(run, *simulated(run))
    here = (visits.ended == NEVER) | (visits.ended >= run.end)
    return np.bincount(lane[here & (visits.joined < run.end)], minlength=len(run.network.lane_names))


def _every_day(run: Run) -> WorkingDays:
    """A calendar on which every day is worked."""
    days = run.stop // SECONDS_PER_DAY + 3
    lanes = len(run.network.lane_names)
    return WorkingDays(
        np.broadcast_to(np.arange(days, dtype=np.int64), (lanes, days)).copy(),
        -1,
        np.zeros(lanes, dtype=np.int64),
    )


def _no_loss() -> pd.DataFrame:
    nobody = np.zeros(0, dtype=np.int64)
    names: dict[str, Names] = {
        "region": ("",),
        "public": ("",),
        "operator": ("",),
        "stage": (STAGE,),
        "cohort": (0, 1),
        "cause": ("gave_up",),
    }
    return tally({key: (nobody, of) for key, of in names.items()}, {"lost": nobody})
