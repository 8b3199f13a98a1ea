"""Delays, coverage, losses, means: integer counts of a run, then everything computed from their sum."""

from cepsim.indicators.counts import Counts, count
from cepsim.indicators.marks import marks
from cepsim.indicators.publish import withhold_small_cells
from cepsim.indicators.rows import ALL
from cepsim.indicators.summary import indicators, summarise, summary_of
from cepsim.indicators.window import Window

__all__ = [
    "ALL",
    "Counts",
    "Window",
    "count",
    "indicators",
    "marks",
    "summarise",
    "summary_of",
    "withhold_small_cells",
]
