"""Delays, coverage, losses, means: integer counts of a run, then everything computed from their sum."""

from cepsim.indicators.counts import Counts, count
from cepsim.indicators.intervals import (
    ENOUGH_REPLICATIONS,
    FEWEST_REPLICATIONS,
    binomial,
    interval,
    one_sided,
)
from cepsim.indicators.marks import cost_marks, marks
from cepsim.indicators.obligation import Norm, obligation
from cepsim.indicators.publish import withhold_small_cells
from cepsim.indicators.rows import ALL
from cepsim.indicators.summary import indicators, summary_of
from cepsim.indicators.window import Window

__all__ = [
    "ALL",
    "ENOUGH_REPLICATIONS",
    "FEWEST_REPLICATIONS",
    "Counts",
    "Norm",
    "Window",
    "binomial",
    "cost_marks",
    "count",
    "indicators",
    "interval",
    "marks",
    "obligation",
    "one_sided",
    "summary_of",
    "withhold_small_cells",
]
