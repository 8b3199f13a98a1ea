"""The same people in two scenarios: matched by identity, then counted by what became of them in each.

    outcomes of a shard, base and other -> count_changes -> whole numbers that add up -> add_changes
    counts of a replication -> classes, delays

A person is whoever has the same identity, the name of his draws: he first asks on the same second wherever he
asks at all. What he may be is a partition, `CLASSES`: everybody who comes in either scenario is in one and
one only.

    received in both        sooner, same_day, later      by working days between the two dates
    received in one         lost (in the base alone), gained (in the other alone)
    received in neither     neither
    open in one at least    waiting: not over when observation ends, hence neither gained nor lost yet
    comes in one            only_base, only_other
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from cepsim.indicators.outcomes import IDENTITY, NOT, OUTCOMES, RECEIVED, WAITING
from cepsim.indicators.tally import add_up, total
from cepsim.indicators.working_days import WorkingDays
from cepsim.people.cells import Mask
from cepsim.trace import Ints

#: What became, in a scenario, of somebody who does not come in it.
ABSENT: Final = "absent"
FATES: Final = (*OUTCOMES, ABSENT)
CLASSES: Final = (
    "sooner",
    "same_day",
    "later",
    "gained",
    "lost",
    "neither",
    "waiting",
    "only_base",
    "only_other",
)
KEYS: Final = ("stage", "region", "public", "operator", "in_base", "in_other", "days")
MEASURES: Final = ("people", "seconds", "gained_in_time", "lost_in_time")

_PLACE: Final = ("region", "public", "operator")


def count_changes(
    base: pd.DataFrame, other: pd.DataFrame, days: WorkingDays, regions: Sequence[str], end: int
) -> pd.DataFrame:
    """The people of a shard, as they are in the base and in another scenario.

    `base` and `other` are rows of `indicators.outcomes`, of the same seed, replication and shard; `days` and
    `regions` the working days of the base's regions, `end` the end of the horizon in seconds. Columns:

    - stage, region, public, operator (that of the base; of the other where the person comes in it alone);
    - in_base, in_other: what became of them in each, as in FATES;
    - days: where received in both, working days from the date in the base to that in the other, negative
      where it is sooner; 0 elsewhere;
    - people; seconds: where received in both, the sum of those from one date to the other; gained_in_time
      and lost_in_time: people received before the end of the horizon in the other and not in the base, and
      the reverse.

    Whole numbers, which add up over shards. Raises ValueError where one person is twice in a stage.
    """
    both = base.merge(
        other, how="outer", on=["stage", *IDENTITY], suffixes=("_base", "_other"), validate="one_to_one"
    )
    in_base, in_other = (both[f"outcome_{side}"].fillna(ABSENT) for side in ("base", "other"))
    first, second = (_seconds(both[f"received_{side}"]) for side in ("base", "other"))
    place = {name: both[f"{name}_base"].fillna(both[f"{name}_other"]) for name in _PLACE}
    received = np.asarray((in_base == RECEIVED) & (in_other == RECEIVED), dtype=np.bool_)
    lanes = {code: lane for lane, code in enumerate(regions)}
    lane = np.asarray(place["region"].map(lanes), dtype=np.int64)
    rows = pd.DataFrame(
        {
            "stage": both["stage"],
            **place,
            "in_base": in_base,
            "in_other": in_other,
            "days": _days(days, lane, first, second, received),
            "people": 1,
            "seconds": np.where(received, second - first, 0),
            **_in_time(first, second, end),
        }
    )
    return add_changes([total(rows, KEYS, MEASURES)])


def add_changes(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The sum of several counts of changes: any grouping gives the same bytes."""
    return add_up(parts, MEASURES)


def classed(changes: pd.DataFrame) -> pd.DataFrame:
    """The same rows with the column `class`, as in CLASSES."""
    before, after, days = changes["in_base"], changes["in_other"], changes["days"]
    received = (before == RECEIVED) & (after == RECEIVED)
    conditions = {
        "only_base": after == ABSENT,
        "only_other": before == ABSENT,
        "waiting": (before == WAITING) | (after == WAITING),
        "sooner": received & (days < 0),
        "later": received & (days > 0),
        "same_day": received,
        "lost": before == RECEIVED,
        "gained": after == RECEIVED,
    }
    return changes.assign(**{"class": np.select(list(conditions.values()), list(conditions), "neither")})


def quantile(days: Ints, people: Ints, level: float) -> float:
    """The least number of days that a share `level` of the people do not pass; at least one person."""
    order = np.argsort(days, kind="stable")
    reached = np.cumsum(people[order])
    # as whole numbers: a share of a count is no exact float
    position = int(np.searchsorted(reached, np.ceil(round(level * float(reached[-1]), 6))))
    return float(days[order][position])


def _seconds(column: pd.Series[float]) -> Ints:
    # a column with holes is of floats: seconds of some years are whole in them
    return np.asarray(column.fillna(NOT), dtype=np.int64)


def _days(days: WorkingDays, lane: Ints, first: Ints, second: Ints, received: Mask) -> Ints:
    found = np.zeros(len(lane), dtype=np.int64)
    at = np.flatnonzero(received)
    earlier, later = np.minimum(first[at], second[at]), np.maximum(first[at], second[at])
    found[at] = np.sign(second[at] - first[at]) * days.between(lane[at], earlier, later)
    return found


def _in_time(first: Ints, second: Ints, end: int) -> dict[str, Ints]:
    before, after = ((of != NOT) & (of < end) for of in (first, second))
    return {
        "gained_in_time": (after & ~before).astype(np.int64),
        "lost_in_time": (before & ~after).astype(np.int64),
    }
