"""Indicators as rows: one shape for every indicator, whatever it is counted by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from cepsim.indicators.tally import in_words, total

#: Key columns of an indicator; ALL where a row sums over a key, or where the key does not apply.
KEYS: Final = ("indicator", "region", "operator", "stage", "public", "team", "period")
#: What a row says. `reached` is False where the value is only a bound ("> value"); `additive` where a
#: missing row means 0; `people` is how many people stand behind the row.
VALUES: Final = ("unit", "value", "reached", "additive", "people")
ALL: Final = "all"


def rows(
    table: pd.DataFrame,
    indicator: str | pd.Series[str],
    unit: str,
    value: pd.Series[float] | pd.Series[int],
    *,
    people: pd.Series[int] | pd.Series[float] | None = None,
    reached: pd.Series[bool] | None = None,
    additive: bool = False,
) -> pd.DataFrame:
    """Rows of an indicator from a table that holds some of the keys; the other keys are ALL.

    Without `people`, the value itself counts the people (or what else stands behind the row).
    """
    given = {key: table[key] for key in KEYS if key in table.columns}
    columns = {
        **dict.fromkeys(KEYS, ALL),
        **given,
        "indicator": indicator,
        "unit": unit,
        "value": value.astype("float64"),
        "reached": True if reached is None else reached,
        "additive": additive,
        "people": (value if people is None else people).astype("float64"),
    }
    # one frame at once: adding columns one by one took a third of the time of all indicators
    return pd.DataFrame({key: columns[key] for key in (*KEYS, *VALUES)}, index=table.index)


def together(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Rows of several indicators, in one frame."""
    kept = [part for part in parts if len(part)]
    if not kept:
        return pd.DataFrame(columns=[*KEYS, *VALUES])
    return pd.concat(kept, ignore_index=True)


def levels(table: pd.DataFrame, of: Sequence[Sequence[str]], measures: Sequence[str]) -> list[pd.DataFrame]:
    """The table summed by each of these sets of keys."""
    found = []
    for keys in of:
        sums = in_words(total(table, keys, measures))
        found.append(sums if len(table) else sums.iloc[:0])
    return found
