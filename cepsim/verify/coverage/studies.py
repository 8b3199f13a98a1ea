"""The systems on which intervals are held, and what is read of each. Times are in units of the study.

Replications are five, the fewest that a run calls enough, unless a row says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import Final

import numpy as np
import pandas as pd

from cepsim.experiment.paired import paired_differences, ratio_of_means
from cepsim.experiment.precision import Rule, held_together, kept, running
from cepsim.experiment.search import DEFAULT_MOST
from cepsim.experiment.summed import summary
from cepsim.indicators import ALL, ENOUGH_REPLICATIONS, FEWEST_REPLICATIONS, summary_of
from cepsim.indicators.rows import KEYS
from cepsim.network import Station
from cepsim.units import SECONDS_PER_DAY
from cepsim.verify import erlang, growing, transient
from cepsim.verify.coverage.counted import delay_rows, mean_rows, present, simulated
from cepsim.verify.coverage.study import Draws, Figure, Intervals, Study
from cepsim.verify.estimates import Floats
from cepsim.verify.observing import Run
from cepsim.verify.streams import U5, Unit, together
from cepsim.verify.systems import Asked, Node, Window, delay, queue

#: A unit of 20 000 seconds: waits of some units are then counted in bins of an hour.
_U2: Final = Unit(20_000)
_MANY: Final = 20
_Found = Mapping[str, Intervals]


def _of(summed: pd.DataFrame, replications: float = ENOUGH_REPLICATIONS) -> Intervals:
    """The intervals of a frame, a row a run."""
    low, high = (summed[name].to_numpy(dtype=np.float64) for name in ("low", "high"))
    return Intervals(low, high, replications)


# -- Means -------------------------------------------------------------------------------------------------

_BACKLOG: Final = 30
_DATE: Final = 6.0


def _backlog(asked: Asked, servers: int = 5) -> Run:
    """M/M/c of service rate 1 from a backlog, read at a date."""
    return queue(
        asked,
        unit=U5,
        window=Window(_DATE),
        streams=[together(_BACKLOG, second=-1), U5.poisson(5.0)],
        node=Node(Station("queue", 0, U5.exponential(1.0)), servers),
    )


@cache
def _present(servers: int) -> float:
    return transient.transient_mean([(0.0, 5.0)], 1.0, servers, _BACKLOG, _DATE)


def _means(draws: Draws, runs: int) -> _Found:
    asked = [draws.asked(number, runs) for number in range(_MANY)]
    frames = [mean_rows(present(_backlog(each)), "present") for each in asked]
    return {
        f"MEAN-{number}": _of(summary_of(frames[:number]), number)
        for number in (FEWEST_REPLICATIONS, ENOUGH_REPLICATIONS, _MANY)
    }


def _costs(draws: Draws, runs: int) -> _Found:
    frames = []
    for number in range(ENOUGH_REPLICATIONS):
        run = delay(
            draws.asked(number, runs),
            unit=U5,
            window=Window(40.0, drain=200.0),
            service=U5.gamma(1.0, 1.5),
            stream=U5.poisson(5.0),
        )
        visits = simulated(run)[0].visits
        lane = visits.queue // run.network.station_count
        spent = np.bincount(lane, (visits.ended - visits.joined) / run.unit_s, minlength=runs)
        frames.append(pd.DataFrame({"run": np.arange(runs), "value": spent}))
    return {"COST": _of(summary(frames, ["run"], additive=True, least=0.0))}


# -- Quantiles and shares ----------------------------------------------------------------------------------


def _delays(frames: Sequence[pd.DataFrame], indicator: str, period: str = ALL) -> list[pd.DataFrame]:
    """The rows of an indicator by region, a frame a replication."""
    wanted = {"indicator": indicator, "period": period, "operator": ALL, "public": ALL}
    found = []
    for frame in frames:
        chosen = frame["region"] != ALL
        for key, value in wanted.items():
            chosen &= frame[key] == value
        found.append(frame[chosen])
    return found


_LOAD: Final = 0.55


def _waits(asked: Asked, length: float) -> pd.DataFrame:
    """M/M/1 at 55 %, ten relaxation times forgotten, those who join over a length."""
    window = Window(length, warm_up=150.0, drain=200.0)
    run = queue(
        asked,
        unit=_U2,
        window=window,
        streams=[_U2.poisson(_LOAD)],
        node=Node(Station("queue", 0, _U2.exponential(1.0)), 1),
    )
    return delay_rows(run, (run.begin, run.end))


def _quantiles(draws: Draws, runs: int) -> _Found:
    frames = [_waits(draws.asked(number, runs), 2400.0) for number in range(ENOUGH_REPLICATIONS)]
    return {f"Q{level}": _of(summary_of(_delays(frames, f"wait_p{level}"))) for level in (50, 90)}


def _few(draws: Draws, runs: int) -> _Found:
    frames = [_waits(draws.asked(number, runs), 50.0) for number in range(_MANY)]
    return {"Q90-few": _of(summary_of(_delays(frames, "wait_p90")), _MANY)}


def _wait(level: float) -> float:
    return erlang.mmc_wait_quantile(_LOAD, 1.0, 1, level) * _U2.length_s


def _impatient(asked: Asked, servers: int) -> pd.DataFrame:
    """M/M/c of service rate 1 and exponential patience of mean 2."""
    run = queue(
        asked,
        unit=U5,
        window=Window(80.0, warm_up=30.0, drain=60.0),
        streams=[U5.poisson(6.0)],
        node=Node(Station("queue", 0, U5.exponential(1.0), patience=U5.exponential(2.0)), servers),
    )
    return delay_rows(run, (run.begin, run.end))


def _lost(servers: int) -> float:
    return erlang.erlang_a(6.0, 1.0, servers, 0.5).give_up


def _shares(draws: Draws, runs: int) -> _Found:
    asked = [draws.asked(number, runs) for number in range(ENOUGH_REPLICATIONS)]
    few, more = (_delays([_impatient(each, servers) for each in asked], "share_lost") for servers in (5, 6))
    paired = paired_differences(few, more, [*KEYS, "unit"], comparisons=1)
    return {"LOST": _of(summary_of(few)), "DIFF-lost": _of(paired)}


# -- Differences -------------------------------------------------------------------------------------------


def _differences(draws: Draws, runs: int) -> _Found:
    asked = [draws.asked(number, runs) for number in range(ENOUGH_REPLICATIONS)]
    keys = [*KEYS, "unit"]
    counted = {servers: [present(_backlog(each, servers)) for each in asked] for servers in (5, 6, 7)}
    frames = {
        servers: [mean_rows(values, "present") for values in numbers] for servers, numbers in counted.items()
    }
    # the same people with five, six and seven servers: how many fewer are there, and how many times as many
    one_more, two_more = (np.array(counted[5], np.float64) - np.array(counted[servers]) for servers in (6, 7))
    ratios = [
        ratio_of_means(top, bottom, comparisons=1) for top, bottom in zip(two_more.T, one_more.T, strict=True)
    ]
    low, high = (np.array([getattr(ratio, bound) for ratio in ratios]) for bound in ("low", "high"))
    return {
        "DIFF": _of(paired_differences(frames[5], frames[6], keys, comparisons=1)),
        "RATIO": Intervals(low, high, ENOUGH_REPLICATIONS),
    }


# -- Cohorts of a queue that grows -------------------------------------------------------------------------

#: People come faster than they are served, and some give up. The cohort of 60 to 80 is read; observation ends
#: at 110, when some of the last of it still wait.
_GROWING: Final = growing.Growing(arrivals=8.0, service=1.0, servers=5, leaving=0.01)
_BOUNDS: Final = (0.0, 20.0, 40.0, 60.0, 80.0)
#: The cohort read: the fourth quarter from January 2015.
_LAST: Final = "2015-10"
_MONTH: Final = 30 * SECONDS_PER_DAY / U5.length_s


def _growing(asked: Asked, end: float) -> pd.DataFrame:
    station = Station(
        "queue", 0, U5.exponential(1.0 / _GROWING.service), patience=U5.exponential(1.0 / _GROWING.leaving)
    )
    run = queue(
        asked,
        unit=U5,
        window=Window(end),
        streams=[U5.poisson(_GROWING.arrivals)],
        node=Node(station, _GROWING.servers),
    )
    return delay_rows(run, [U5.seconds(bound) for bound in _BOUNDS])


def _cohorts(draws: Draws, runs: int) -> _Found:
    frames = [_growing(draws.asked(number, runs), 110.0) for number in range(_MANY)]
    wait, received, of_all = (
        _delays(frames, *of) for of in (("wait_p50", _LAST), ("received_by_30d", _LAST), ("wait_p50",))
    )
    few = ENOUGH_REPLICATIONS
    return {
        "COHORT-p50": _of(summary_of(wait[:few])),
        "COHORT-p50-20": _of(summary_of(wait), _MANY),
        "COHORT-30d": _of(summary_of(received), _MANY),
        "COHORT-30d-5": _of(summary_of(received[:few])),
        "COHORTS-p50": _of(summary_of(of_all[:few])),
    }


def _straddling(draws: Draws, runs: int) -> _Found:
    frames = [_growing(draws.asked(number, runs), 100.0) for number in range(_MANY)]
    return {"COHORT-cut": _of(summary_of(_delays(frames, "wait_p50", _LAST)), _MANY)}


@cache
def _cohort(begin: float, end: float) -> growing.Cohort:
    return growing.Cohort.of(_GROWING, begin, end, 80.0)


def _received() -> float:
    return _cohort(60.0, 80.0).received_by(_MONTH)


def _median(begin: float, end: float) -> float:
    return _cohort(begin, end).quantile(0.5) * U5.length_s


# -- As many replications as a precision takes ---------------------------------------------------------------


def _sequential(draws: Draws, runs: int) -> _Found:
    asked = [draws.asked(number, runs) for number in range(DEFAULT_MOST)]
    series = np.array([present(_backlog(each)) for each in asked], dtype=np.float64)
    return {f"SEQ-{relative:g}": _stopped(series, relative / 100.0) for relative in _PRECISIONS}


_PRECISIONS: Final = (10, 15)


def _stopped(series: Floats, relative: float) -> Intervals:
    """The intervals of each run, a column, where its search of replications stops."""
    rule = Rule(relative)
    low, high, sizes = [], [], []
    for column in series.T:
        found = running(column[:, None], np.zeros(1), rule)
        n = kept(held_together(found, rule.fewest), len(column))
        mean, half = float(found.mean[n - 1, 0]), float(found.half_width[n - 1, 0])
        low.append(mean - half)
        high.append(mean + half)
        sizes.append(n)
    return Intervals(np.array(low), np.array(high), float(np.mean(sizes)))


_FROM_BACKLOG: Final = f"λ=5 μ=1 N(0)={_BACKLOG} t={_DATE:g}"
_GROWS: Final = "λ=8 μ=1 θ=0.01"

STUDIES: Final = (
    Study(
        "means",
        "M/M/5",
        _FROM_BACKLOG,
        tuple(
            Figure(f"MEAN-{number}", "mean", "present", partial(_present, 5))
            for number in (FEWEST_REPLICATIONS, ENOUGH_REPLICATIONS, _MANY)
        ),
        _means,
    ),
    Study(
        "costs", "M/G/∞", "λ=5 E(S)=1 CV=1.5 t=40", (Figure("COST", "cost", "time", lambda: 200.0),), _costs
    ),
    Study(
        "quantiles",
        "M/M/1",
        "λ=0.55 μ=1 t=2400",
        (
            Figure("Q50", "quantile", "p50", partial(_wait, 0.5)),
            Figure("Q90", "quantile", "p90", partial(_wait, 0.9)),
        ),
        _quantiles,
    ),
    Study(
        "few",
        "M/M/1",
        "λ=0.55 μ=1 t=50",
        (Figure("Q90-few", "quantile", "p90", partial(_wait, 0.9), limit="few"),),
        _few,
    ),
    Study(
        "shares",
        "M/M/5+M",
        "λ=6 μ=1 θ=0.5",
        (
            Figure("LOST", "share", "lost", partial(_lost, 5)),
            Figure("DIFF-lost", "difference", "lost", lambda: _lost(6) - _lost(5)),
        ),
        _shares,
    ),
    Study(
        "differences",
        "M/M/5",
        _FROM_BACKLOG,
        (
            Figure("DIFF", "difference", "present", lambda: _present(6) - _present(5)),
            Figure(
                "RATIO",
                "ratio",
                "present",
                lambda: (_present(5) - _present(7)) / (_present(5) - _present(6)),
            ),
        ),
        _differences,
    ),
    Study(
        "cohorts",
        "M/M/5+M",
        f"{_GROWS} t=110",
        (
            Figure("COHORT-p50", "cohort", "p50", partial(_median, 60.0, 80.0)),
            Figure("COHORT-p50-20", "cohort", "p50", partial(_median, 60.0, 80.0)),
            Figure("COHORT-30d", "cohort", "received", _received),
            Figure("COHORT-30d-5", "cohort", "received", _received, limit="all_or_none"),
            Figure("COHORTS-p50", "cohort", "p50", partial(_median, 0.0, 80.0)),
        ),
        _cohorts,
    ),
    Study(
        "cut",
        "M/M/5+M",
        f"{_GROWS} t=100",
        (Figure("COHORT-cut", "cohort", "p50", partial(_median, 60.0, 80.0), limit="cut"),),
        _straddling,
    ),
    Study(
        "sequential",
        "M/M/5",
        _FROM_BACKLOG,
        tuple(
            Figure(f"SEQ-{relative:g}", "sequential", f"within_{relative:g}", partial(_present, 5))
            for relative in _PRECISIONS
        ),
        _sequential,
    ),
)
