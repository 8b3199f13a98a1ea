"""A norm of delay as it is said: "opacif accueil: 90 % <= 10 j ouvrés"."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal, get_args

from cepsim.errors import UsageError
from cepsim.scenario.vocabulary import OPERATORS, Operator

#: Delays that depend on how many advisers there are: to a first appointment at the stages where they receive,
#: and from first contact to leaving with a project.
SizedStage = Literal["accueil", "conseil", "formalisation", "projet"]
SIZED_STAGES: Final[tuple[SizedStage, ...]] = get_args(SizedStage)
#: What a norm is told like where one is refused.
EXAMPLE: Final = "opacif accueil: 90 % <= 10 j ouvrés"
#: Longer than any norm: a year of working days.
MOST_DAYS: Final = 260

_SAID: Final = re.compile(r"(?P<who>[^:]*):(?P<share>[^%]*)%\s*(?:<=|=<|≤|<)(?P<days>.*)")
_DAYS: Final = re.compile(r"(\d+)\s*(?:j\.?|jours?|working\s+days?|wd)?\s*(?:ouvr\w*)?\.?")


@dataclass(frozen=True, slots=True)
class Norm:
    """To such a share of those who join a stage, a first appointment offered within so many working days.

    At "projet" it is the share of those who leave with a project, or may still do so when observation ends,
    and the days from first contact on. `operator` is None where the norm is everybody's. `share` is in
    ]0, 1[.
    """

    stage: SizedStage
    share: float
    days: int
    operator: Operator | None = None

    @classmethod
    def parse(cls, text: str) -> Norm:
        """The norm that a text says. Raises UsageError, which names the word that is not understood."""
        said = _SAID.fullmatch(text.strip())
        if said is None:
            raise UsageError(f'norm: found "{text}", expected words such as "{EXAMPLE}"')
        *before, stage = re.split(r"\s+", said["who"].strip())
        operator = "_".join(before)
        return cls(
            stage=_stage(stage),
            share=_share(said["share"]),
            days=_days(said["days"]),
            operator=_operator(operator) if operator else None,
        )

    @property
    def said(self) -> str:
        """The norm as `parse` reads it."""
        who = f"{self.operator} {self.stage}" if self.operator else self.stage
        return f"{who}: {self.share * 100:g} % <= {self.days} j ouvrés"

    def concerns(self, operator: str) -> bool:
        """Whether an operator is held to it."""
        return self.operator is None or self.operator == operator


def _plain(word: str) -> str:
    """A word without accents or capitals, its parts joined by an underscore: "Pôle-emploi" is pole_emploi."""
    letters = unicodedata.normalize("NFKD", word.casefold())
    return re.sub(r"[\s-]+", "_", "".join(one for one in letters if not unicodedata.combining(one)))


def _stage(word: str) -> SizedStage:
    for stage in SIZED_STAGES:
        if _plain(word) == stage:
            return stage
    names = ", ".join(SIZED_STAGES)
    raise UsageError(f'norm: found the stage "{word}", expected one of {names}, where advisers receive')


def _operator(word: str) -> Operator:
    for operator in OPERATORS:
        if _plain(word) == operator:
            return operator
    raise UsageError(f'norm: found the operator "{word}", expected one of {", ".join(OPERATORS)}')


def _share(word: str) -> float:
    try:
        share = float(word.strip().replace(",", ".")) / 100.0
    except ValueError:
        share = float("nan")
    if not 0.0 < share < 1.0:
        raise UsageError(f'norm: found a share of "{word.strip()} %", expected between 0 % and 100 %')
    return share


def _days(word: str) -> int:
    said = _DAYS.fullmatch(word.strip().casefold())
    if said is None or not 0 < int(said[1]) <= MOST_DAYS:
        raise UsageError(f'norm: found a delay of "{word.strip()}", expected 1 to {MOST_DAYS} working days')
    return int(said[1])
