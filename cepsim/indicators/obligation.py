"""The obligation de moyens: the share offered an accueil within the norm, beside the share required."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, Literal

import pandas as pd

from cepsim.indicators.rows import ALL

Verdict = Literal["met", "missed", "uncertain"]
#: The indicator that is held against what is required.
OFFERED: Final = "share_within_norm"
COLUMNS: Final = (
    *("scenario", "operator", "region", "unit", "required", "mean", "low", "high", "n", "people", "verdict"),
)


def verdict(required: float, mean: float, low: float, high: float) -> Verdict:
    """Whether a share meets what is required, all its interval above it, or misses it, all of it below.

    Without an interval (`low` and `high` NaN) the mean decides.
    """
    if math.isnan(low):
        low = high = mean
    if low >= required:
        return "met"
    return "missed" if high < required else "uncertain"


def obligation(indicators: pd.DataFrame, required: Mapping[str, float]) -> pd.DataFrame:
    """What is offered over the horizon beside what is required, by operator and region, and over all of them.

    `indicators` are rows of `summary_of` with a column scenario; `required` the share of each scenario
    (`norm.quantile`). Columns: `COLUMNS`; operator and region are "all" where a row is over all of them.
    Where nobody asks there is no row.
    """
    here = indicators[
        (indicators["indicator"] == OFFERED)
        & (indicators["stage"] == "accueil")
        & (indicators["public"] == ALL)
        & (indicators["period"] == ALL)
    ]
    asked = here["scenario"].map(dict(required)).astype("float64")
    values = zip(asked, here["mean"], here["low"], here["high"], strict=True)
    found = here.assign(required=asked, verdict=[verdict(*each) for each in values])
    return found[list(COLUMNS)].reset_index(drop=True)
