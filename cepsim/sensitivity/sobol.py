"""Sobol indices: what part of the variance of an outcome each hypothesis explains, alone and with others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from cepsim.labels import Language
from cepsim.sensitivity.answer import Answer, noise_frame
from cepsim.sensitivity.designs import saltelli_design
from cepsim.sensitivity.estimates import Floats, Indices, Spread, sobol_indices
from cepsim.sensitivity.points import Means
from cepsim.sensitivity.sentence import sobol_said
from cepsim.sensitivity.study import Study


@dataclass(frozen=True, eq=False, repr=False)
class Sobol(Answer):
    """Indices from the points of `designs.Saltelli`, in its order; outcomes are means over replications."""

    def sentences(self, language: Language = "fr") -> list[str]:
        """The hypotheses that explain most of the variance of a cost and of a delay."""
        return sobol_said(self, language)

    def measures(self) -> dict[str, pd.DataFrame]:
        """`sobol`: a row an outcome and a hypothesis; `noise`: a row an outcome."""
        return {"sobol": self.ranking, "noise": self.noise}

    @cached_property
    def ranking(self) -> pd.DataFrame:
        """Hypotheses by outcome, those that explain most first: parts of the variance, with intervals.

        `first` is what would go if the hypothesis were known, `total` what would be left if it were the only
        one not known. `n` are the rows of the samples without a point that failed.
        """
        frames = []
        for rank, (name, unit) in enumerate(zip(self.study.names, self.study.units, strict=True)):
            of = self._indices[rank]
            frame = pd.DataFrame({"outcome": name, "unit": unit, "figure": self.study.hypotheses.ids})
            for which in ("first", "total"):
                low, high = of.interval(which)
                frame[which], frame[f"{which}_low"], frame[f"{which}_high"] = getattr(of, which), low, high
            frame = frame.assign(n=of.n)
            frame = frame.sort_values("total", ascending=False, kind="stable", ignore_index=True)
            frame.insert(2, "rank", np.arange(1, len(frame) + 1))
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    @cached_property
    def noise(self) -> pd.DataFrame:
        """How sure each outcome is; `counted` are rows of the two samples, `left_out` those that failed."""
        found: list[tuple[Spread | None, int, int]] = []
        samples = self.study.samples
        for rank, of in enumerate(self._indices):
            both = np.where(self.found.reached[:, :, rank], self.found.numbers[:, :, rank], np.nan)
            both = both[: 2 * samples][np.isfinite(both[: 2 * samples]).all(axis=1)]
            if not len(both) or np.isnan(of.variance):
                found.append((None, of.n, samples - of.n))
                continue
            replications = both.shape[1]
            within = float(both.var(axis=1, ddof=1).mean()) if replications > 1 else np.nan
            spread = Spread(float(both.mean()), of.variance, within, replications)
            found.append((spread, of.n, samples - of.n))
        return noise_frame(self.study, found)

    @cached_property
    def _indices(self) -> list[Indices]:
        count, samples = len(self.study.hypotheses.figures), self.study.samples
        found = []
        for rank in range(len(self.study.names)):
            values: Floats = self.means(rank)
            first, second, mixed = np.split(values, [samples, 2 * samples])
            found.append(sobol_indices(first, second, mixed.reshape(count, samples)))
        return found


def sobol(study: Study, means: Means) -> Sobol:
    """Run the two samples and the mixed ones; the seed of the people is that of the design."""
    design = saltelli_design(len(study.hypotheses.figures), study.samples, seed=study.planned.seed)
    points = study.hypotheses.values_at(design.points)
    return Sobol(study, points, study.run(points, means))
