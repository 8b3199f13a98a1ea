"""Who the people of a tape are: one row a person, in the order of the tape.

Codes are positions in the vocabularies below and in `cepsim.scenario.vocabulary`. An engine never reads
this: it is for indicators and costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cepsim.trace import Columns, Ints

SOURCES: Final = ("spontaneous", "event", "apec_flow", "csp")
CHANNELS: Final = ("telephone", "face_to_face", "collective", "direct")
AUTONOMY: Final = ("high", "mid", "low")
DISTANCES: Final = ("formed", "idea", "none")


@dataclass(frozen=True, slots=True, eq=False)
class Crowd(Columns):
    """One row a person; int64, shape (n,).

    `region` is a position in the deployment's regions; `public`, `population` and `project` in the
    scenario's vocabularies; `source`, `channel`, `autonomy`, `distance` in those above. `slab` and `rank`
    identify the candidate in its (region, public, source, channel). Flags are 0 or 1: `admitted` to the
    CEP; `induced`, who would not have come without it; `asks`, asks for an accueil once answered;
    `cadre`, `registered` at Pôle emploi, `under_26`, `disabled`; `bilan`, asks for a bilan once received;
    `time_accueil` and `time_conseil`, comes on working time.
    """

    region: Ints
    public: Ints
    population: Ints
    source: Ints
    channel: Ints
    slab: Ints
    rank: Ints
    admitted: Ints
    induced: Ints
    asks: Ints
    cadre: Ints
    registered: Ints
    under_26: Ints
    disabled: Ints
    autonomy: Ints
    distance: Ints
    project: Ints
    bilan: Ints
    time_accueil: Ints
    time_conseil: Ints
