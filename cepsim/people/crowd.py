"""Who the people of a tape are: one row a person, in the order of the tape.

Codes are positions in the vocabularies below and in `cepsim.scenario.vocabulary`. An engine never reads
this: it is for indicators and costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from cepsim.trace import Columns, Ints

#: Those whom an entretien professionnel sends to CEP: they come if they are admitted, and not otherwise.
INTERVIEWS: Final = "professional_interview"
SOURCES: Final = ("spontaneous", "event", "apec_flow", "csp", INTERVIEWS)
CHANNELS: Final = ("telephone", "face_to_face", "collective", "direct")
#: Where an actor that informs answers in place of the operator: no channel of a source, but a way in.
OTHER_ACTOR: Final = "other_actor"
#: Ways in: those channels, a call of the operator in place of one's own, and another actor.
WAYS_IN: Final = (*CHANNELS, "outbound", OTHER_ACTOR)
DISTANCES: Final = ("formed", "idea", "none")


class Packed:
    """A column kept in few bytes and read as int64, so that nothing computed from codes overflows.

    Each reading makes an array: read once, then index. Raises ValueError for a number that does not fit.
    """

    def __init__(self, kind: type[np.signedinteger[Any]]) -> None:
        self._kind = kind
        self._name = ""

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object | None, _owner: type) -> Ints:
        if instance is None:
            # a dataclass asks here for a default value: there is none
            raise AttributeError(self._name)
        column: NDArray[np.signedinteger[Any]] = vars(instance)[self._name]
        return column.astype(np.int64)

    def __set__(self, instance: object, values: NDArray[np.integer[Any]]) -> None:
        column = values.astype(self._kind, copy=False)
        if column is not values and (column != values).any():
            raise ValueError(f"{self._name}: a number too large for {self._kind.__name__}")
        vars(instance)[self._name] = column


@dataclass(frozen=True, eq=False)
class Crowd(Columns):
    """One row a person; read as int64, shape (n,).

    `region` is a position in the deployment's regions; `public`, `population` and `project` in the
    scenario's vocabularies; `source`, `channel`, `autonomy`, `distance` in those above. `slab` and `rank`
    identify the candidate in its (region, public, source, channel). Flags are 0 or 1: `admitted` to the
    CEP; `induced`, who would not have come without it; `asks`, asks for an accueil once answered;
    `cadre`, `registered` at Pôle emploi (in activité réduite if in work), `under_26`, `disabled`,
    `pluriactif` (several jobs), `long_term` (out of work for a year or more); `bilan`, asks for a bilan once
    received;
    `time_accueil` and `time_conseil`, comes on working time; `remote`, has an accueil at a distance that
    would have been face to face; `returned`, whose bilan is returned to the adviser; `short`, whose account
    does not hold the hours charged to the path; `short_bilan`, those of the bilan that he asks for beside it;
    `junior`, who lacks the seniority that a scenario asks for that bilan; `recent`, who had one too lately;
    `bound`, an employee whose work leaves him no other time than evenings and Saturdays, where a scenario
    opens these; `bilan_first`, whose bilan comes before what follows his accueil.
    `bilan_depth` is that of a bilan that is a module of CEP, 1 for the first of `BILAN_DEPTHS`, 0 for any
    other bilan or none.
    """

    region: Packed = Packed(np.int8)
    public: Packed = Packed(np.int8)
    population: Packed = Packed(np.int8)
    source: Packed = Packed(np.int8)
    channel: Packed = Packed(np.int8)
    slab: Packed = Packed(np.int16)
    rank: Packed = Packed(np.int32)
    admitted: Packed = Packed(np.int8)
    induced: Packed = Packed(np.int8)
    asks: Packed = Packed(np.int8)
    cadre: Packed = Packed(np.int8)
    registered: Packed = Packed(np.int8)
    under_26: Packed = Packed(np.int8)
    disabled: Packed = Packed(np.int8)
    pluriactif: Packed = Packed(np.int8)
    long_term: Packed = Packed(np.int8)
    autonomy: Packed = Packed(np.int8)
    distance: Packed = Packed(np.int8)
    project: Packed = Packed(np.int8)
    bilan: Packed = Packed(np.int8)
    time_accueil: Packed = Packed(np.int8)
    time_conseil: Packed = Packed(np.int8)
    remote: Packed = Packed(np.int8)
    bilan_depth: Packed = Packed(np.int8)
    returned: Packed = Packed(np.int8)
    short: Packed = Packed(np.int8)
    short_bilan: Packed = Packed(np.int8)
    junior: Packed = Packed(np.int8)
    recent: Packed = Packed(np.int8)
    bound: Packed = Packed(np.int8)
    bilan_first: Packed = Packed(np.int8)

    def rows(self, which: slice) -> Crowd:
        """The people of a slice; the others are not read."""
        return Crowd(**{name: column[which] for name, column in vars(self).items()})

    def __post_init__(self) -> None:
        """Refuse columns of different lengths."""
        lengths = {name: len(column) for name, column in vars(self).items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"columns of different lengths: {lengths}")

    @classmethod
    def concatenate(cls, parts: Sequence[Self]) -> Self:
        """The rows of every part, in order."""
        # as they are kept: read, a column takes eight times the memory
        return cls(**{name: np.concatenate([vars(part)[name] for part in parts]) for name in vars(parts[0])})

    def take(self, rows: NDArray[np.bool_] | Ints | slice) -> Self:
        """The rows of a mask, of positions or of a slice (which are views)."""
        return type(self)(**{name: column[rows] for name, column in vars(self).items()})
