"""Aims that the law and the mission give to the service, as ratios of what is counted.

share_qualifying    projects of formation and of VAE, of the projects with which people leave
mean_operators_met  operators that a person received meets, a mean
share_redirected    people received who are sent to another operator by the one that received them
share_received_by_overflow  people received at an operator since theirs had too long a published delay;
                    where a scenario has an overflow that somebody takes
"""

from __future__ import annotations

from typing import Final, NamedTuple

import pandas as pd

from cepsim.indicators.counts import Counts
from cepsim.indicators.rows import levels, rows, together
from cepsim.indicators.tally import in_words


class Ratio(NamedTuple):
    """An indicator that divides a measure of `volumes.MEASURES` by another."""

    indicator: str
    over: str
    under: str
    unit: str
    #: Whether there is no row where the measure is counted nowhere.
    if_any: bool = False


RATIOS: Final = (
    Ratio("share_qualifying", "qualifying_projects", "projects", "share"),
    Ratio("mean_operators_met", "operators_met", "received", "factor"),
    Ratio("share_redirected", "redirected", "received", "share"),
    Ratio("share_received_by_overflow", "received_by_overflow", "received", "share", if_any=True),
)
_LEVELS: Final[tuple[tuple[str, ...], ...]] = (
    (),
    ("operator",),
    ("region",),
    ("public",),
    ("region", "operator"),
    ("region", "public"),
)


def aims(counts: Counts) -> pd.DataFrame:
    """Each of `RATIOS`, by year and over the horizon, as `rows`; where nobody is counted under it, no row.

    A project is of the operator at which its person ends, whoever met him before; meetings are of the one
    that received him first.
    """
    counted = set(counts.volumes["measure"])
    ratios = [ratio for ratio in RATIOS if not ratio.if_any or ratio.over in counted]
    wanted = {measure for ratio in ratios for measure in (ratio.over, ratio.under)}
    table = in_words(counts.volumes[counts.volumes["measure"].isin(wanted)])
    by_year = table.assign(period=table["year"].astype(str))
    table = pd.concat([by_year, by_year.assign(period="all")], ignore_index=True)
    parts = []
    for keys in _LEVELS:
        (sums,) = levels(table, [[*keys, "period", "measure"]], ["count"])
        wide = sums.pivot_table(index=[*keys, "period"], columns="measure", values="count", fill_value=0)
        wide = wide.reindex(columns=sorted(wanted), fill_value=0).reset_index()
        for ratio in ratios:
            some = wide[wide[ratio.under] > 0]
            value = some[ratio.over] / some[ratio.under]
            parts.append(rows(some, ratio.indicator, ratio.unit, value, people=some[ratio.under]))
    return together(parts)
