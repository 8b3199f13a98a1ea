"""People of a crowd as key columns and as flags."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cepsim.indicators.tally import Names
from cepsim.people.crowd import Crowd
from cepsim.people.deployment import Deployment
from cepsim.scenario.vocabulary import PUBLICS
from cepsim.trace import Ints, Wholes

Mask = NDArray[np.bool_]


def where_from(deployment: Deployment, crowd: Crowd, person: Wholes) -> dict[str, tuple[Ints, Names]]:
    """Key columns region and public of these people, for `tally`."""
    return {
        "region": (crowd.region[person], deployment.regions),
        "public": (crowd.public[person], PUBLICS),
    }


def who(deployment: Deployment, crowd: Crowd, person: Wholes) -> dict[str, tuple[Ints, Names]]:
    """Key columns region, public and admitted of these people, for `tally`."""
    return {**where_from(deployment, crowd, person), "admitted": (crowd.admitted[person], (0, 1))}


def flags(crowd: Crowd, persons: Wholes) -> Mask:
    """One boolean a person of the crowd: whether he is among these."""
    found = np.zeros(len(crowd), dtype=bool)
    found[persons] = True
    return found
