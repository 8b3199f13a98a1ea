"""Spread between regions, and between publics."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from cepsim.indicators.estimates import Floats
from cepsim.indicators.rows import ALL, KEYS, rows, together

#: Indicators whose spread is given.
_OF: Final = (
    "wait_p50",
    "wait_p90",
    "share_lost",
    "share_within_norm",
    "coverage_reached",
    "coverage_served",
)


def gini(values: Floats) -> float:
    """The Gini index of values that are not negative: 0 where all are equal, also where all are 0."""
    ordered = np.sort(values)
    total = float(ordered.sum())
    if total == 0.0:
        return 0.0
    ranks = np.arange(1, len(ordered) + 1)
    return float((2.0 * ranks - len(ordered) - 1.0) @ ordered) / (len(ordered) * total)


def p90_over_p10(values: Floats) -> float | None:
    """The 90th percentile over the 10th, None where the latter is 0."""
    low, high = np.quantile(values, (0.1, 0.9))
    return float(high / low) if low > 0 else None


def equity(indicators: pd.DataFrame) -> pd.DataFrame:
    """How far indicators are spread, from rows of indicators over all operators.

    gini_<indicator> and p90_p10_<indicator> between regions, over all publics; gini_publics_<indicator> and
    p90_p10_publics_<indicator> between publics, over all regions: of those who come at all. Each region, or
    public, weighs the same. Left out where there is one, or where a quantile is not reached in all of them.
    """
    known = indicators[indicators["indicator"].isin(_OF) & (indicators["operator"] == ALL)]
    return together([_spread(known, "region", ""), _spread(known, "public", "publics_")])


def _spread(known: pd.DataFrame, between: str, prefix: str) -> pd.DataFrame:
    """Spreads between the values of one key, the other of the two being all."""
    over = "public" if between == "region" else "region"
    other = [key for key in KEYS if key not in (between, "indicator")]
    here = known[(known[between] != ALL) & (known[over] == ALL)]
    found: list[tuple[object, ...]] = []
    for (indicator, *names), of in here.groupby(["indicator", *other], sort=True):
        if len(of) < 2 or not of["reached"].all():
            continue
        values, people = of["value"].to_numpy(dtype=np.float64), float(of["people"].sum())
        found.append((*names, f"gini_{prefix}{indicator}", "index", gini(values), people))
        ratio = p90_over_p10(values)
        if ratio is not None:
            found.append((*names, f"p90_p10_{prefix}{indicator}", "factor", ratio, people))
    spreads = pd.DataFrame(found, columns=[*other, "name", "unit", "spread", "people"])
    parts = [
        rows(of, of["name"], str(unit), of["spread"], people=of["people"])
        for unit, of in spreads.groupby("unit", sort=True)
    ]
    return together(parts)
