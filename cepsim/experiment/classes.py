"""What became of people in two scenarios, as rows of one replication; and which of them may be shown."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from cepsim.experiment.changes import CLASSES, classed, quantile
from cepsim.indicators import ALL
from cepsim.indicators.delays import LEVELS
from cepsim.indicators.outcomes import RECEIVED
from cepsim.indicators.publish import LEAST

#: A row beside those of the classes: who comes in both scenarios.
BOTH: Final = "both"
#: Keys of the two kinds of rows.
CLASS_KEYS: Final = (
    "stage",
    "region",
    "public",
    "operator",
    "class",
    "in_base",
    "in_other",
    "indicator",
    "unit",
)
DELAY_KEYS: Final = ("stage", "region", "public", "operator", "indicator", "unit")

_IN_ONE: Final = ("only_base", "only_other")
_PLACE: Final = ("region", "public", "operator")
#: A value, whether it adds up, and the people behind it, as in `indicators.rows`.
_VALUES: Final = ("value", "reached", "additive", "people")
#: What became of people in each scenario is never given by public: the cells would be those of few people.
_DETAILED: Final = tuple(level for level in LEVELS if "public" not in level)
_QUANTILES: Final = (("p10", 0.1), ("p50", 0.5), ("p90", 0.9))


def class_rows(changes: pd.DataFrame) -> pd.DataFrame:
    """People in each class, who comes in both, and their share of all who come in either, by every level.

    `changes` are those of a replication; see `changes.count_changes`. Columns: CLASS_KEYS, value, reached,
    additive, people. A level with anybody has a row for each class, and for BOTH, with 0 where nobody is in
    it.
    """
    table = classed(changes)
    parts = [
        *(_by_class(table, list(level)) for level in LEVELS),
        *(_in_detail(table, list(level)) for level in _DETAILED),
    ]
    counts = pd.concat(parts, ignore_index=True)
    shares = counts.assign(indicator="share", unit="share", value=counts["people"] / counts["whole"])
    numbers = counts.assign(indicator="people", unit="persons", value=counts["people"])
    rows = pd.concat([numbers, shares], ignore_index=True)
    rows = rows.assign(reached=True, additive=rows["indicator"] == "people")
    return rows[[*CLASS_KEYS, *_VALUES]]


def delay_rows(changes: pd.DataFrame) -> pd.DataFrame:
    """How much later people are received, of those received in both scenarios, by every level.

    Columns: DELAY_KEYS, value, reached, additive, people; mean, p10, p50 and p90 in working days,
    mean_elapsed in seconds. Of `changes` of a replication.
    """
    both = changes[(changes["in_base"] == RECEIVED) & (changes["in_other"] == RECEIVED)]
    rows = []
    for level in LEVELS:
        keys = ["stage", *level]
        for names, of in both.groupby(keys, sort=True):
            days, people = of["days"].to_numpy(), of["people"].to_numpy()
            count = int(people.sum())
            found = {
                ("mean", "working_days"): float(days @ people) / count,
                **{(name, "working_days"): quantile(days, people, share) for name, share in _QUANTILES},
                ("mean_elapsed", "seconds"): float(of["seconds"].sum()) / count,
            }
            place = {**dict.fromkeys(_PLACE, ALL), **dict(zip(keys, names, strict=True))}
            rows += [
                {**place, "indicator": name, "unit": unit, "value": value, "people": count}
                for (name, unit), value in found.items()
            ]
    table = pd.DataFrame(rows, columns=[*DELAY_KEYS, "value", "people"])
    return table.assign(reached=True, additive=False)[[*DELAY_KEYS, *_VALUES]]


def withhold_classes(rows: pd.DataFrame, cell: pd.Series[bool]) -> pd.DataFrame:
    """The rows without the values of few people of one region and one public, and the column `withheld`.

    `rows` has CLASS_KEYS, scenario, mean, low, high and people; `cell` says which are about one region and
    one public. From the class with the fewest people on, classes of a cell are withheld until what is
    withheld is about five people or more: it is not found again from the sum over classes. Nor is it from
    BOTH, which is withheld with any of them.
    """
    group = ["scenario", "stage", *_PLACE, "indicator"]
    ordered = rows[cell & (rows["class"] != BOTH)].sort_values([*group, "people", "class"])
    before = ordered.groupby(group)["people"].cumsum() - ordered["people"]
    is_first = ordered.groupby(group).cumcount() == 0
    hidden = (ordered["people"] < LEAST) | (~is_first & (before < LEAST))
    withheld = hidden.reindex(rows.index, fill_value=False)
    withheld |= (
        cell & withheld.groupby([rows[name] for name in group]).transform("any") & (rows["class"] == BOTH)
    )
    shown = rows.assign(withheld=withheld)
    for name in ("mean", "low", "high", "people"):
        shown[name] = shown[name].astype("float64").mask(withheld)
    return shown


def _by_class(table: pd.DataFrame, level: list[str]) -> pd.DataFrame:
    """One row a class of each place of a level, empty classes included."""
    keys = ["stage", *level]
    sums = table.groupby([*keys, "class"])["people"].sum()
    wide = pd.DataFrame(sums.unstack("class", fill_value=0))  # noqa: PD010 - a class is there once
    wide = wide.reindex(columns=pd.Index(CLASSES, name="class"), fill_value=0)
    whole = np.repeat(wide.sum(axis=1).to_numpy(), len(CLASSES) + 1)
    wide[BOTH] = wide[[name for name in CLASSES if name not in _IN_ONE]].sum(axis=1)
    stacked = pd.Series(wide.stack(), name="people")  # noqa: PD013 - in the order of the rows of `whole`
    long = stacked.reset_index()
    return _placed(long.assign(whole=whole, in_base=ALL, in_other=ALL))


def _in_detail(table: pd.DataFrame, level: list[str]) -> pd.DataFrame:
    """One row a class and what became of people in each scenario."""
    keys = ["stage", *level]
    long = table.groupby([*keys, "class", "in_base", "in_other"], as_index=False)["people"].sum()
    return _placed(long.assign(whole=long.groupby(keys)["people"].transform("sum")))


def _placed(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(**{name: ALL for name in _PLACE if name not in rows.columns})
