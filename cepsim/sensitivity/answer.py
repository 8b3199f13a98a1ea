"""What a sensitivity analysis answers: tidy frames, the files that keep them, and a sentence."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import cepsim
from cepsim.experiment.written import write_folder
from cepsim.scenario import canonical, to_toml
from cepsim.sensitivity.hypotheses import Values
from cepsim.sensitivity.points import Found
from cepsim.sensitivity.study import Study, settings_of


@dataclass(frozen=True, eq=False)
class Answer(ABC):
    """A study, the points that were run, and their outcomes; the first point of a tornado is the base."""

    study: Study
    points: Sequence[Values]
    found: Found

    @abstractmethod
    def measures(self) -> dict[str, pd.DataFrame]:
        """The frames of the method."""

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
        scenarios = {
            each.name: {"canonical": json.loads(canonical(each)), "toml": to_toml(each)}
            for each in self.study.planned.scenarios
        }
        return {
            "cepsim": cepsim.__version__,
            "sensitivity": dict(settings_of(self.study)),
            "scenarios": scenarios,
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
