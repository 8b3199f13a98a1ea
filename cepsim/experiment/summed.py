"""Values of replications summed up: mean, interval, in a tidy frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cepsim.indicators import interval


def summary(
    frames: Sequence[pd.DataFrame], keys: Sequence[str], *, additive: bool = False, least: float = -np.inf
) -> pd.DataFrame:
    """Mean and interval of `value` over replications, by key; `n` replications have the row.

    Where values add up, a replication without the row counts 0. No bound of an interval is below `least`:
    0 for a cost, nothing for a difference. See `indicators.intervals`.
    """
    named = [frame.assign(_all=0, _replication=number) for number, frame in enumerate(frames)]
    keys = list(keys) or ["_all"]
    values = pd.concat(named).set_index([*keys, "_replication"])["value"]
    wide = pd.DataFrame(values.unstack("_replication"))  # noqa: PD010 - a key is there once a replication
    if additive:
        wide = wide.reindex(columns=range(len(frames))).fillna(0.0)
    mean, n = wide.mean(axis=1), wide.count(axis=1)
    low, high = interval(mean, wide.std(axis=1, ddof=1), n, least=least)
    found = pd.DataFrame({"mean": mean, "low": low, "high": high, "n": n})
    return pd.DataFrame(found.reset_index().drop(columns="_all", errors="ignore"))


def ordered(frame: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Keys as text, "all" where they do not apply, in a fixed order of columns."""
    named = frame.assign(
        **{
            key: [_text(value) for value in frame[key]] if key in frame else "all"
            for key in dict.fromkeys(keys)
        }
    )
    first = ["scenario", *dict.fromkeys(keys), *(c for c in ("indicator", "unit") if c in named)]
    return named[[*first, "mean", "low", "high", "n"]]


def _text(value: object) -> str:
    if isinstance(value, float):
        return "all" if np.isnan(value) else str(int(value))
    return str(value)
