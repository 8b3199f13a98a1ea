"""Delays from counts: how long people wait at each stage, and how many are lost.

A figure over several cohorts is the mean of their curves, weighted by who joined, up to the shortest
follow-up: pooling the people of a growing queue would forget those who wait longest, who are observed least.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from cepsim.indicators.bins import SECONDS, WORKING_DAYS, Bins
from cepsim.indicators.counts import Counts
from cepsim.indicators.estimates import Curves, quantile, share_by
from cepsim.indicators.rows import levels, rows, together
from cepsim.indicators.window import Window
from cepsim.trace import Ints
from cepsim.units import SECONDS_PER_DAY

#: What delays are given by, beside the stage and the cohort.
LEVELS: Final[tuple[tuple[str, ...], ...]] = (
    (),
    ("operator",),
    ("region",),
    ("public",),
    ("region", "operator"),
    ("region", "public"),
)
_BY_COHORT: Final[tuple[tuple[str, ...], ...]] = ((), ("operator",), ("region",), ("public",))
_QUANTILES: Final = (("p50", 0.5), ("p90", 0.9))
#: Days by which a share received is given.
SHARE_DAYS: Final = (30, 90, 365)
_MEASURES: Final = ("entered", "called", "lost", "censored")


def delays(counts: Counts) -> pd.DataFrame:
    """Indicators of waits, as `rows`; `stage` is one of `episodes.WAIT_STAGES`.

    wait_p50, wait_p90: délai offert in seconds, and in working days under the name followed by
    "_working_days". received_by_30d (90d, 365d): part reçue avant t. entered: who joined; share_lost:
    of whom lost; share_unknown: still waiting at the end of observation. By cohort and over all of them.
    """
    window = counts.window
    parts = []
    for table, bins in ((counts.waits, SECONDS), (counts.waits_working_days, WORKING_DAYS)):
        joined = _of_horizon(table, window)
        for _, of_stage in joined.groupby("stage", sort=True):
            for level in LEVELS:
                parts.append(_curves_rows(of_stage, level, bins, window, by_cohort=False))
            for level in _BY_COHORT:
                parts.append(_curves_rows(of_stage, level, bins, window, by_cohort=True))
    parts.append(_shares(_of_horizon(counts.waits, window), window))
    return together(parts)


def within_norm(counts: Counts) -> pd.DataFrame:
    """share_within_norm: offered an accueil within the norm, of those who asked early enough to tell."""
    table = _of_horizon(counts.offers, counts.window).assign(stage="accueil")
    parts = []
    for sums in _with_cohorts(table, ("asked", "within"), counts.window):
        known = sums[sums["asked"] > 0]
        share = known["within"] / known["asked"]
        parts.append(rows(known, "share_within_norm", "share", share, people=known["asked"]))
    return together(parts)


def losses(counts: Counts) -> pd.DataFrame:
    """lost_gave_up, lost_no_show, lost_closed, lost_full: waits lost at each stage by cause."""
    table = _of_horizon(counts.losses, counts.window)
    parts = []
    for keys in LEVELS:
        (sums,) = levels(table, [[*keys, "stage", "cause"]], ["lost"])
        parts.append(rows(sums, "lost_" + sums["cause"], "requests", sums["lost"], additive=True))
    return together(parts)


def _of_horizon(table: pd.DataFrame, window: Window) -> pd.DataFrame:
    cohorts = window.cohorts
    return table[(table["cohort"] >= cohorts.start) & (table["cohort"] < cohorts.stop)]


def _shares(table: pd.DataFrame, window: Window) -> pd.DataFrame:
    parts = []
    for sums in _with_cohorts(table, _MEASURES, window):
        known = sums[sums["entered"] > 0]
        entered = known["entered"]
        parts.append(rows(known, "entered", "requests", entered, additive=True))
        for name, measure in (("share_lost", "lost"), ("share_unknown", "censored")):
            parts.append(rows(known, name, "share", known[measure] / entered, people=entered))
    return together(parts)


def _with_cohorts(table: pd.DataFrame, measures: Sequence[str], window: Window) -> list[pd.DataFrame]:
    """Sums at every level, over all cohorts and by cohort (column period)."""
    pooled = levels(table, [[*keys, "stage"] for keys in LEVELS], measures)
    apart = levels(table, [[*keys, "stage", "cohort"] for keys in _BY_COHORT], measures)
    return [*pooled, *(sums.assign(period=[window.label(c) for c in sums["cohort"]]) for sums in apart)]


def _curves_rows(
    table: pd.DataFrame, level: Sequence[str], bins: Bins, window: Window, *, by_cohort: bool
) -> pd.DataFrame:
    """Quantiles and shares of one stage by some keys, over all cohorts or by cohort."""
    keys = ["stage", *level]
    cells = table.groupby([*keys, "cohort"], sort=True)
    cell = cells.ngroup().to_numpy().astype(np.int64)
    names = cells[["entered"]].sum().reset_index()
    width = int(table["bin"].max()) + 1
    counted = {measure: _grid(cell, table, measure, len(names), width) for measure in _MEASURES}
    curves = Curves.of(**counted)
    entered = counted["entered"].sum(axis=1)
    if by_cohort:
        names["period"] = [window.label(cohort) for cohort in names["cohort"]]
        names["entered"] = entered
    else:
        groups = names.groupby(keys, sort=True)
        curves = curves.mixed(groups.ngroup().to_numpy().astype(np.int64), entered)
        names = groups[["entered"]].sum().reset_index()
    parts = []
    suffix = "" if bins is SECONDS else "_working_days"
    for name, level_of in _QUANTILES:
        found = [
            quantile(curve, int(known), bins, level_of)
            for curve, known in zip(curves.offered, curves.offered_known, strict=True)
        ]
        value = pd.Series([q.value for q in found], index=names.index, dtype="float64")
        reached = pd.Series([q.reached for q in found], index=names.index, dtype="bool")
        parts.append(
            rows(
                names,
                f"wait_{name}{suffix}",
                bins.unit,
                value,
                people=names["entered"],
                reached=reached,
            )
        )
    if bins is SECONDS:
        parts += [_received(names, curves, days) for days in SHARE_DAYS]
    return together(parts)


def _received(names: pd.DataFrame, curves: Curves, days: int) -> pd.DataFrame:
    wait = days * SECONDS_PER_DAY
    found = [
        share_by(curve, int(known), SECONDS, wait)
        for curve, known in zip(curves.received, curves.known, strict=True)
    ]
    value = pd.Series(found, index=names.index, dtype="float64")
    known = value.notna()
    return rows(
        names[known], f"received_by_{days}d", "share", value[known], people=names.loc[known, "entered"]
    )


def _grid(cell: Ints, table: pd.DataFrame, measure: str, height: int, width: int) -> Ints:
    """A measure by cell and bin."""
    grid = np.zeros((height, width), dtype=np.int64)
    np.add.at(grid, (cell, table["bin"].to_numpy()), table[measure].to_numpy())
    return grid
