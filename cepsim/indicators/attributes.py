"""How far people with an attribute get, beside the others of the same publics.

Attributes overlap: somebody has several, or none. Each is counted by itself among the publics that may have
it; they never add up to publics, nor to everybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from cepsim.indicators.episodes import ACCUEIL, Journeys
from cepsim.indicators.leaving import Leaving
from cepsim.indicators.rows import levels, rows, together
from cepsim.indicators.tally import Batch, Names, sizes_of, tally_batches
from cepsim.indicators.who import Mask, flags
from cepsim.indicators.window import Window
from cepsim.people.cells import combined
from cepsim.people.crowd import Crowd
from cepsim.scenario.vocabulary import IN_WORK, JOB_SEEKERS, PRIVATE_EMPLOYEES, PUBLICS, Public

if TYPE_CHECKING:
    from cepsim.indicators.counts import Counts

#: Publics among which an attribute is counted, those where the tables give it to somebody.
CONCERNED: Final[Mapping[str, tuple[Public, ...]]] = MappingProxyType(
    {
        "pluriactif": IN_WORK,
        "reduced_activity": PRIVATE_EMPLOYEES,
        "cadre": (*PRIVATE_EMPLOYEES, *JOB_SEEKERS),
        "registered": JOB_SEEKERS,
        "long_term": JOB_SEEKERS,
        "under_26": JOB_SEEKERS,
        "disabled": JOB_SEEKERS,
    }
)
#: Steps of a person: first asks within the horizon; is received; asks for an accueil and leaves without one;
#: leaves with a project.
REACHED: Final = ("asking", "wanting", "received", "lost", "completed")


def count_attributes(crowd: Crowd, found: Journeys, leaving: Leaving, window: Window) -> pd.DataFrame:
    """People with each attribute and the others of the publics concerned, at each step, each once.

    Those who first ask within the horizon, by the end of observation. Columns attribute, has (0 or 1), step;
    people. `wanting`: asks for an accueil once answered.
    """
    seen, attended = found.rows, found.attended & (found.stage == ACCUEIL)
    counted = flags(crowd, seen.person[(seen.visit == 0) & (seen.joined >= 0) & (seen.joined < window.end)])
    received = flags(crowd, seen.person[attended])
    wanting = crowd.asks == 1
    steps: Mapping[str, Mask] = {
        "asking": counted,
        "wanting": wanting,
        "received": received,
        "lost": wanting & ~received & leaving.has_left,
        "completed": leaving.completed,
    }
    names: dict[str, Names] = {"attribute": tuple(CONCERNED), "has": (0, 1), "step": REACHED}
    public, batches = crowd.public, []
    for rank, (name, publics) in enumerate(CONCERNED.items()):
        concerned = counted & np.isin(public, [PUBLICS.index(one) for one in publics])
        has = _holds(crowd, name)
        for step, reached in enumerate(steps.values()):
            among = np.flatnonzero(concerned & reached)
            batches.append(
                Batch(combined([rank, has[among], step], sizes_of(names), len(among)), {"people": 1})
            )
    return tally_batches(names, ("people",), batches)


def _holds(crowd: Crowd, attribute: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Who has an attribute, 0 or 1; shape (people,). Activité réduite: registered, of those in work."""
    column = crowd.registered if attribute == "reduced_activity" else getattr(crowd, attribute)
    return np.asarray(column)


def attributes(counts: Counts) -> pd.DataFrame:
    """Of each attribute: people and shares at each step, and what becomes of those who want an accueil.

    <attribute>_people_<step>: who have it. <attribute>_share_<step>: their share of the publics concerned.
    <attribute>_rate_<step>, others_<attribute>_rate_<step>: received, or lost, over those who want an
    accueil, with the attribute and without.
    """
    if counts.attributes.empty:
        return together([])
    (sums,) = levels(counts.attributes, [["attribute", "has", "step"]], ["people"])
    table = sums.pivot_table(index=["attribute", "step"], columns="has", values="people", fill_value=0)
    table = table.reindex(columns=[0, 1], fill_value=0).reset_index()
    table.columns = pd.Index(["attribute", "step", "without", "having"])
    parts = [
        rows(
            table, table["attribute"] + "_people_" + table["step"], "persons", table["having"], additive=True
        )
    ]
    everybody = table["having"] + table["without"]
    share = table["having"] / everybody
    parts.append(
        rows(table, table["attribute"] + "_share_" + table["step"], "share", share, people=everybody)
    )
    base = table[table["step"] == "wanting"].set_index("attribute")
    ends = table[table["step"].isin(("received", "lost"))]
    for column, prefix in (("having", ""), ("without", "others_")):
        wanting = ends["attribute"].map(base[column]).fillna(0)
        some = ends[wanting > 0]
        of = wanting[wanting > 0]
        name = prefix + some["attribute"] + "_rate_" + some["step"]
        parts.append(rows(some, name, "share", some[column] / of, people=of))
    return together(parts)
