"""The obligation de moyens: the share offered an accueil within the norm, beside the share required."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

import pandas as pd

from cepsim.indicators.rows import ALL

Verdict = Literal["met", "missed", "uncertain"]
#: The indicator that is held against what is required.
OFFERED: Final = "share_within_norm"
COLUMNS: Final = (
    *("scenario", "operator", "region", "norm_days", "unit", "required", "mean", "low", "high"),
    *("n", "people", "verdict"),
)


class Norm(NamedTuple):
    """What a scenario requires: to such a share of who asks, an accueil within so many working days."""

    days: int
    share: float


def verdict(required: float, mean: float, low: float, high: float) -> Verdict:
    """Whether a share meets what is required, all its interval above it, or misses it, all of it below.

    Without an interval (`low` and `high` NaN) the mean decides.
    """
    if math.isnan(low):
        low = high = mean
    if low >= required:
        return "met"
    return "missed" if high < required else "uncertain"


def obligation(indicators: pd.DataFrame, norms: Mapping[str, Norm]) -> pd.DataFrame:
    """What is offered over the horizon beside what is required, by operator and region, and over all of them.

    `indicators` are rows of `summary_of` with a column scenario, `norms` those of the scenarios by name.
    Columns: `COLUMNS`; operator and region are "all" where a row is over all of them. Where nobody asks there
    is no row.
    """
    here = _offered(indicators)
    here = here[here["period"] == ALL]
    required = [norms[name].share for name in here["scenario"]]
    values = zip(required, here["mean"], here["low"], here["high"], strict=True)
    found = here.assign(
        norm_days=[norms[name].days for name in here["scenario"]],
        required=required,
        verdict=[verdict(*each) for each in values],
    )
    return found[list(COLUMNS)].reset_index(drop=True)


def offered_lately(indicators: pd.DataFrame) -> dict[tuple[str, str], float]:
    """The share offered within the norm to those of the last quarter, by operator and scenario.

    `indicators` are rows over all regions, with a column scenario.
    """
    offered = _offered(indicators)
    quarters = offered[offered["period"].str.contains("-", regex=False)]
    last = quarters[quarters["period"] == quarters["period"].max()]
    names = zip(last["operator"], last["scenario"], strict=True)
    return dict(zip(names, last["mean"].astype(float), strict=True))


def _offered(indicators: pd.DataFrame) -> pd.DataFrame:
    """Rows of what is offered to everybody."""
    return indicators[
        (indicators["indicator"] == OFFERED)
        & (indicators["stage"] == "accueil")
        & (indicators["public"] == ALL)
    ]
