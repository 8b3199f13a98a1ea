"""Every known queue. Rows named as in the literature's list of this project; the others are its own."""

from __future__ import annotations

from typing import Final

from cepsim.verify.case import Case
from cepsim.verify.cases.by_hand import BY_HAND
from cepsim.verify.cases.erlang import ERLANG, IMPATIENCE, OVERFLOW, POOLS, ROOMS
from cepsim.verify.cases.laws import LAWS, PRIORITIES, SIZES
from cepsim.verify.cases.networks import NETWORKS, SESSIONS, STATE_DEPENDENT
from cepsim.verify.cases.transients import TRANSIENTS

CASES: Final[tuple[Case, ...]] = (
    *ERLANG,
    *IMPATIENCE,
    *LAWS,
    *PRIORITIES,
    *NETWORKS,
    *TRANSIENTS,
    *SESSIONS,
    *OVERFLOW,
    *POOLS,
    *ROOMS,
    *STATE_DEPENDENT,
    *BY_HAND,
)

#: Families in order, each the key of a label under `verify.family`.
FAMILIES: Final[tuple[str, ...]] = tuple(dict.fromkeys(case.family for case in CASES))

#: What no case simulates, each the key of a label under `verify.not_expressed` that says why.
NOT_EXPRESSED: Final[tuple[str, ...]] = ("sharing", "last_first", "random_order", "endless")

__all__ = ["CASES", "FAMILIES", "NOT_EXPRESSED", "SIZES"]
