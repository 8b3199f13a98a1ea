"""Points of accueil per 100 000 active people, region by region: what the tables know of proximity.

Structures are known for the whole country. Those of a full operator are shared out between regions by the key
of its staff (`Population.keys`), those of other actors by active people, so that their rate is the same
everywhere. Nothing is known below the region: not how far anybody lives from the nearest point.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from cepsim.tables.figure import Figure
from cepsim.tables.raking import rake
from cepsim.tables.store import Tables

#: The rows that add several actors up.
FULL_OPERATORS: Final = "full_operators"
ALL_ACTORS: Final = "all_actors"
PER: Final = 100_000
_RANGE: Final = ("low", "mode", "high")
_FULL: Final = "full_operator"


def structures(tables: Tables) -> dict[str, Figure]:
    """The structures of each actor that receives people at the accueil, as known in November 2013.

    An actor whose weight at the accueil is 0, or whose structures no row counts, is left out.
    """
    found = {}
    for id_ in tables.ids("actors"):
        figure = tables.figure(id_)
        if figure.key("variable") != "structures" or figure.vintage != "ex_ante":
            continue
        actor = figure.key("actor")
        if tables.figure(f"actors.{actor}.weight_accueil").mode > 0:
            found[actor] = figure
    return found


def points_of_accueil(tables: Tables) -> pd.DataFrame:
    """Structures and their rate, a row a region and actor, then the full operators and all actors.

    Columns region, actor, key (what shares the structures out), active (persons), places_low, places_mode,
    places_high, and low, mode, high: places per 100 000 active people. Sums are of lows and of highs: they
    bound, and are no interval. Raises TableError where the population cannot be raked.
    """
    population = rake(tables)
    active = population.stocks.sum(axis=1)
    full = {row["actor"] for row in tables.names["actors_names"] if row["role"] == _FULL}
    parts = []
    for actor, figure in structures(tables).items():
        is_full = actor in full
        share = population.keys[actor] if is_full else active / active.sum()
        places = {f"places_{name}": share.to_numpy() * getattr(figure, name) for name in _RANGE}
        key = "staff" if is_full else "active"
        parts.append(pd.DataFrame({"region": active.index, "actor": actor, "key": key, **places}))
    each = pd.concat(parts, ignore_index=True)
    sums = [
        rows.groupby("region", sort=False, as_index=False)[[f"places_{name}" for name in _RANGE]]
        .sum()
        .assign(actor=name, key="")
        for name, rows in ((FULL_OPERATORS, each[each["key"] == "staff"]), (ALL_ACTORS, each))
    ]
    found = pd.concat([each, *sums], ignore_index=True)
    people = active.loc[found["region"]].to_numpy(dtype=np.int64)
    rates = {name: found[f"places_{name}"] * PER / people for name in _RANGE}
    columns = ["region", "actor", "key", "active", *(f"places_{name}" for name in _RANGE), *_RANGE]
    return found.assign(active=people, **rates)[columns]
