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
from cepsim.indicators.curves import MEASURES, Cells, Readings, of_horizon, suffix
from cepsim.indicators.episodes import LATER, WAIT_STAGES
from cepsim.indicators.rows import levels, rows, together
from cepsim.indicators.tally import in_words
from cepsim.indicators.window import Window
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
#: Causes of loss whose share is given.
_CAUSES: Final = ("gave_up", "no_show")
#: Days by which a share received is given.
SHARE_DAYS: Final = (30, 90, 365)


def delays(counts: Counts) -> pd.DataFrame:
    """Indicators of waits, as `rows`; `stage` is one of `episodes.WAIT_STAGES`.

    wait_p50, wait_p90: délai offert in seconds, and in working days under the name followed by
    "_working_days". received_by_30d (90d, 365d): part reçue avant t. entered: who joined; share_lost:
    of whom lost; share_gave_up, share_no_show: lost for giving up, or absent and not rebooked;
    share_unknown: still waiting at the end of observation. By cohort and over all of them.
    """
    window = counts.window
    parts = []
    for table, bins in ((counts.waits, SECONDS), (counts.waits_working_days, WORKING_DAYS)):
        joined = of_horizon(table, window)
        for level in LEVELS:
            parts += _readings(joined, level, bins, window, by_cohort=level in _BY_COHORT)
    # over bins, once for all
    (joined,) = levels(
        of_horizon(counts.waits, window), [["region", "public", "operator", "stage", "cohort"]], MEASURES
    )
    parts.append(_shares(joined, window))
    parts.append(_shares_by_cause(joined, in_words(of_horizon(counts.losses, window)), window))
    return together(parts)


def within_norm(counts: Counts) -> pd.DataFrame:
    """share_within_norm: offered an accueil within the norm, of those who asked early enough to tell."""
    table = of_horizon(counts.offers, counts.window).assign(stage="accueil")
    parts = []
    for sums in _with_cohorts(table, ("asked", "within"), counts.window):
        known = sums[sums["asked"] > 0]
        share = known["within"] / known["asked"]
        parts.append(rows(known, "share_within_norm", "share", share, people=known["asked"]))
    return together(parts)


def losses(counts: Counts) -> pd.DataFrame:
    """lost_gave_up, lost_no_show, lost_closed, lost_full: waits lost at each stage by cause."""
    table = of_horizon(counts.losses, counts.window)
    parts = []
    for keys in LEVELS:
        (sums,) = levels(table, [[*keys, "stage", "cause"]], ["lost"])
        parts.append(rows(sums, "lost_" + sums["cause"], "requests", sums["lost"], additive=True))
    return together(parts)


def _shares(table: pd.DataFrame, window: Window) -> pd.DataFrame:
    parts = []
    for sums in _with_cohorts(table, MEASURES, window):
        known = sums[sums["entered"] > 0]
        entered = known["entered"]
        parts.append(rows(known, "entered", "requests", entered, additive=True))
        for name, measure in (("share_lost", "lost"), ("share_unknown", "censored")):
            parts.append(rows(known, name, "share", known[measure] / entered, people=entered))
    return together(parts)


def _shares_by_cause(waits: pd.DataFrame, losses: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Of those who joined a stage, the share lost for each of two causes; spans have no cause of theirs."""
    joined = waits[waits["stage"].isin(WAIT_STAGES[: 2 * LATER])]
    by_cause = [losses[losses["cause"] == cause].rename(columns={"lost": cause}) for cause in _CAUSES]
    measures = ("entered", *_CAUSES)
    both = pd.concat([joined, *by_cause], ignore_index=True)
    both = both.fillna(dict.fromkeys(measures, 0)).astype(dict.fromkeys(measures, np.int64))
    parts = []
    for sums in _with_cohorts(both, measures, window):
        known = sums[sums["entered"] > 0]
        for cause in _CAUSES:
            share = known[cause] / known["entered"]
            parts.append(rows(known, f"share_{cause}", "share", share, people=known["entered"]))
    return together(parts)


def _with_cohorts(table: pd.DataFrame, measures: Sequence[str], window: Window) -> list[pd.DataFrame]:
    """Sums at every level, over all cohorts and by cohort (column period)."""
    pooled = levels(table, [[*keys, "stage"] for keys in LEVELS], measures)
    apart = levels(table, [[*keys, "stage", "cohort"] for keys in _BY_COHORT], measures)
    return [*pooled, *(sums.assign(period=[window.label(c) for c in sums["cohort"]]) for sums in apart)]


def _readings(
    table: pd.DataFrame, level: Sequence[str], bins: Bins, window: Window, *, by_cohort: bool
) -> list[pd.DataFrame]:
    """Quantiles and shares of every stage by some keys, over all cohorts and, where asked, by cohort."""
    grouped = Cells.of(table, ["stage", *level])
    quantiles = [share for _, share in _QUANTILES]
    waits = [days * SECONDS_PER_DAY for days in SHARE_DAYS] if bins is SECONDS else []
    pooled = Readings(len(grouped.groups), bins, quantiles, waits)
    apart = Readings(len(grouped.cells), bins, quantiles, waits)
    for cell, group, curves, mean in grouped.blocks():
        pooled.read(group, mean)
        if by_cohort:
            apart.read(cell, curves)
    parts = _reading_rows(grouped.groups, pooled)
    if by_cohort:
        cells = grouped.cells
        cells["period"] = [window.label(cohort) for cohort in cells["cohort"]]
        parts += _reading_rows(cells, apart)
    return parts


def _reading_rows(names: pd.DataFrame, found: Readings) -> list[pd.DataFrame]:
    """Readings as rows of indicators."""
    parts = []
    for rank, (name, _) in enumerate(_QUANTILES):
        parts.append(
            rows(
                names,
                f"wait_{name}{suffix(found.bins)}",
                found.bins.unit,
                pd.Series(found.value[rank], index=names.index),
                people=names["entered"],
                reached=pd.Series(found.reached[rank], index=names.index),
            )
        )
    # the readings of working days have no shares
    for days, shares in zip(SHARE_DAYS, found.shares, strict=False):
        value = pd.Series(shares, index=names.index)
        known = value.notna()
        some = names[known]
        parts.append(rows(some, f"received_by_{days}d", "share", value[known], people=some["entered"]))
    return parts
