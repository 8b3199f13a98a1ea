"""Morris screening: which hypotheses matter when all move, from a few trajectories."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from cepsim.labels import Language
from cepsim.sensitivity.answer import Answer
from cepsim.sensitivity.designs import Floats, morris_design
from cepsim.sensitivity.estimates import elementary_effects, morris_measures
from cepsim.sensitivity.points import Means
from cepsim.sensitivity.sentence import morris_said
from cepsim.sensitivity.study import Study


@dataclass(frozen=True, eq=False, repr=False)
class Morris(Answer):
    """Elementary effects, each from one end of a range to the other in probability.

    `design` has shape (trajectories, hypotheses + 1, hypotheses); points are its rows.
    """

    design: Floats

    def sentences(self, language: Language = "fr") -> list[str]:
        """The hypotheses that move a cost and a delay most."""
        return morris_said(self, language)

    def measures(self) -> dict[str, pd.DataFrame]:
        """`morris`: a row an outcome and a hypothesis."""
        return {"morris": self.ranking}

    @cached_property
    def ranking(self) -> pd.DataFrame:
        """Hypotheses by outcome, those that matter most first, in the unit of the outcome.

        `mu` is the mean effect, `mu_star` that of its size, with its interval over trajectories; `sigma` the
        spread of the effects (bends and interactions); `noise` the standard error of mu over replications;
        `n` the effects that are known.
        """
        frames = []
        trajectories, points, _ = self.design.shape
        shape = (trajectories, points)
        for rank, (name, unit) in enumerate(zip(self.study.names, self.study.units, strict=True)):
            of = morris_measures(elementary_effects(self.design, self.means(rank).reshape(shape)))
            frame = pd.DataFrame(
                {
                    "outcome": name,
                    "unit": unit,
                    "figure": self.study.hypotheses.ids,
                    "mu": of.mu,
                    "mu_star": of.mu_star,
                    "mu_star_low": of.low,
                    "mu_star_high": of.high,
                    "sigma": of.sigma,
                    "noise": self._noise(rank, shape),
                    "n": of.n,
                }
            ).sort_values("mu_star", ascending=False, kind="stable", ignore_index=True)
            frame.insert(2, "rank", np.arange(1, len(frame) + 1))
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    def _noise(self, rank: int, shape: tuple[int, int]) -> Floats:
        """Standard error of mu over replications, shape (hypotheses,); NaN with one."""
        numbers, reached = self.found.numbers[:, :, rank], self.found.reached[:, :, rank]
        whole = np.asarray(reached.all(axis=1), dtype=np.bool_)
        known = np.where(whole[:, None], numbers, np.nan)
        count = known.shape[1]
        if count < 2:
            return np.full(self.design.shape[2], np.nan)
        mus = [
            morris_measures(elementary_effects(self.design, known[:, n].reshape(shape))).mu
            for n in range(count)
        ]
        found: Floats = np.std(mus, axis=0, ddof=1) / np.sqrt(count)
        return found


def morris(study: Study, means: Means) -> Morris:
    """Run the trajectories; the seed of the people is that of the design."""
    count = len(study.hypotheses.figures)
    design = morris_design(count, study.trajectories, seed=study.planned.seed)
    points = study.hypotheses.values_at(design.reshape(-1, count))
    return Morris(study, points, study.run(points, means), design)
