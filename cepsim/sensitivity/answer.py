"""What a sensitivity analysis answers: tidy frames, the files that keep them, and a sentence."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

import cepsim
from cepsim.experiment.sentence import headline
from cepsim.experiment.written import write_folder
from cepsim.labels import Language
from cepsim.sensitivity.estimates import Floats, Spread
from cepsim.sensitivity.hypotheses import Values
from cepsim.sensitivity.outcomes import Found
from cepsim.sensitivity.study import Study, settings_of

#: Columns of `noise`: a row an outcome.
_NOISE: Final = (
    *("outcome", "unit", "mean", "half_width", "least_half_width", "noise_share", "replications", "enough"),
    *("counted", "left_out"),
)


def noise_frame(study: Study, found: Sequence[tuple[Spread | None, int, int]]) -> pd.DataFrame:
    """How sure each outcome is, and why, from its spread, and how many of what are counted and left out.

    `mean` and `half_width` are those of the outcome over hypotheses and replications together (95 %, as if
    normal), `least_half_width` what hypotheses alone leave; `noise_share` the part of the variance that more
    replications would take away; `enough` the replications that leave it at 5 % at most.
    """
    replications = study.planned.replications
    rows = []
    for name, unit, (of, counted, left_out) in zip(study.names, study.units, found, strict=True):
        numbers, enough = [np.nan] * 4, np.nan
        if of is not None:
            numbers = [of.mean, of.half_width, of.least_half_width, of.noise_share]
            enough = of.enough
        rows.append((name, unit, *numbers, replications, enough, counted, left_out))
    return pd.DataFrame(rows, columns=list(_NOISE))


@dataclass(frozen=True, eq=False, repr=False)
class Answer(ABC):
    """A study, the points that were run, and their outcomes; the first point of a tornado is the base."""

    study: Study
    points: Sequence[Values]
    found: Found

    @abstractmethod
    def sentences(self, language: Language = "fr") -> list[str]:
        """What was found, in sentences that may be quoted."""

    def __repr__(self) -> str:
        """The answer in a few sentences."""
        return " ".join([f"{headline(self.study.planned)}.", *self.sentences()])

    def _repr_html_(self) -> str:
        """The same, a line a sentence, for a notebook."""
        items = "".join(f"<li>{escape(sentence)}</li>" for sentence in self.sentences())
        return f"<p>{escape(headline(self.study.planned))}</p><ul>{items}</ul>"

    @abstractmethod
    def measures(self) -> dict[str, pd.DataFrame]:
        """The frames of the method."""

    def level(self, outcome: str) -> float:
        """The mean of an outcome over the points that reach it; NaN where none does."""
        known = self.means(self.study.names.index(outcome))
        known = known[np.isfinite(known)]
        return float(known.mean()) if len(known) else np.nan

    def means(self, rank: int) -> Floats:
        """The mean over replications of an outcome at each point; NaN where one of them does not reach it."""
        numbers, reached = self.found.numbers[:, :, rank], self.found.reached[:, :, rank]
        found: Floats = np.where(reached, numbers, np.nan).mean(axis=1)
        return found

    @property
    def failed(self) -> int:
        """Points without any outcome."""
        return sum(bool(problem) for problem in self.found.problems)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Every tidy frame by name: those of the method, then hypotheses, points and their outcomes.

        A point that failed is a row of `points` that says why, and has no value in `outcomes`.
        """
        return self.measures() | {
            "hypotheses": self._hypotheses(),
            "points": self._points(),
            "outcomes": self._outcomes(),
        }

    def manifest(self) -> dict[str, object]:
        """All that determines the results."""
        return {
            "cepsim": cepsim.__version__,
            "sensitivity": dict(settings_of(self.study)),
            "scenarios": self.study.planned.manifest()["scenarios"],
        }

    def write(self, folder: Path) -> list[Path]:
        """Write every frame as CSV and Parquet, and the manifest: the whole folder or nothing."""
        return write_folder(folder, self.frames(), self.manifest())

    def _hypotheses(self) -> pd.DataFrame:
        names = ("id", "low", "mode", "high", "unit", "kind", "confidence", "source", "note")
        kept = self.study.hypotheses
        rows = [
            (*(getattr(figure, name) for name in names), figure.id in kept.common) for figure in kept.figures
        ]
        return pd.DataFrame(rows, columns=["figure", *names[1:], "moves_reference"])

    def _points(self) -> pd.DataFrame:
        rows = [
            (number, figure, value, problem)
            for number, (point, problem) in enumerate(zip(self.points, self.found.problems, strict=True))
            for figure, value in (point.items() or [("", np.nan)])
        ]
        return pd.DataFrame(rows, columns=["point", "figure", "value", "problem"])

    def _outcomes(self) -> pd.DataFrame:
        points, replications, outcomes = self.found.numbers.shape
        index = np.indices((points, replications, outcomes)).reshape(3, -1)
        names, units = np.array(self.study.names), np.array(self.study.units)
        return pd.DataFrame(
            {
                "point": index[0],
                "replication": index[1],
                "outcome": names[index[2]],
                "unit": units[index[2]],
                "value": self.found.numbers.ravel(),
                "reached": self.found.reached.ravel(),
            }
        )
