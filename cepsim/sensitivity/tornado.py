"""Tornado: each hypothesis at its low and at its high, the others at their mode, the same people."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
import pandas as pd

from cepsim.labels import Language
from cepsim.sensitivity.answer import Answer, noise_frame
from cepsim.sensitivity.estimates import Effect, Floats, Spread, paired_effect, spread
from cepsim.sensitivity.hypotheses import Values
from cepsim.sensitivity.points import Means
from cepsim.sensitivity.sentence import tornado_said
from cepsim.sensitivity.study import LESS_IS_WORSE, Study

End = Literal["low", "high"]
ENDS: Final[tuple[End, ...]] = ("low", "high")
_EFFECTS: Final = (
    *("outcome", "unit", "figure", "end", "value", "effect", "effect_low", "effect_high", "n", "beyond"),
    *("told", "problem"),
)


@dataclass(frozen=True, eq=False, repr=False)
class Tornado(Answer):
    """A tornado: what each end of each hypothesis changes, paired by replication."""

    def sentences(self, language: Language = "fr") -> list[str]:
        """What may make the budget fail, what may lengthen delays, what is noise, what failed."""
        return tornado_said(self, language)

    def measures(self) -> dict[str, pd.DataFrame]:
        """`effects`: a row an outcome, a hypothesis and an end; `ranking`; `noise`: a row an outcome."""
        return {"effects": self.effects, "ranking": self.ranking, "noise": self.noise}

    @cached_property
    def effects(self) -> pd.DataFrame:
        """What each end changes, in `unit`, with its interval; all of an outcome hold together at 95 %.

        `beyond`: the outcome is not reached there, and changes by that much at least. `told`: whether the
        interval leaves 0 out (None where there is none). Where an end is the mode, it changes nothing.
        """
        rows = []
        for rank, (name, unit) in enumerate(zip(self.study.names, self.study.units, strict=True)):
            for figure in self.study.hypotheses.figures:
                for end in ENDS:
                    effect, problem = self._effect(figure.id, end, rank)
                    mean, low, high, n = effect.mean, effect.low, effect.high, effect.n
                    value = getattr(figure, end)
                    row = (name, unit, figure.id, end, value, mean, low, high, n, effect.beyond, effect.told)
                    rows.append((*row, problem))
        return pd.DataFrame(rows, columns=list(_EFFECTS)).astype({"told": "boolean"})

    @cached_property
    def ranking(self) -> pd.DataFrame:
        """Hypotheses by outcome, those that move it most first: a row each.

        `size` is the greater of the two changes, `worse` the greater of those for the worse (0 where neither
        is), `told` whether one of the two is told from noise.
        """
        found = self.effects
        sign = np.where(found["outcome"].isin(LESS_IS_WORSE), -1.0, 1.0)
        found = found.assign(
            size=found["effect"].abs(), worse=(sign * found["effect"]).clip(lower=0.0).where(found["n"] > 0)
        )
        order = {name: rank for rank, name in enumerate(self.study.names)}
        groups = found.groupby(["outcome", "unit", "figure"], sort=False)
        ranked = groups.agg(
            size=("size", "max"), worse=("worse", "max"), beyond=("beyond", "any")
        ).reset_index()
        told = [
            _either([None if pd.isna(each) else bool(each) for each in part]) for _, part in groups["told"]
        ]
        ranked = ranked.assign(told=pd.array(told, dtype="boolean"), order=ranked["outcome"].map(order))
        ranked = ranked.sort_values(
            ["order", "beyond", "size"], ascending=[True, False, False], kind="stable", ignore_index=True
        )
        ranked.insert(1, "rank", ranked.groupby("outcome", sort=False).cumcount() + 1)
        return ranked.drop(columns="order")

    @cached_property
    def noise(self) -> pd.DataFrame:
        """How sure each outcome is; effects are taken to add up, hypotheses to be independent.

        `counted` are hypotheses; those whose effect is not known at one end are `left_out`.
        """
        count = len(self.study.hypotheses.figures)
        found = [self._spread(rank) for rank in range(len(self.study.names))]
        return noise_frame(self.study, [(of, kept, count - kept) for of, kept in found])

    def level(self, outcome: str) -> float:
        """The mean of an outcome with every hypothesis at its mode; NaN where a replication has none."""
        return float(self.means(self.study.names.index(outcome))[0])

    def _spread(self, rank: int) -> tuple[Spread | None, int]:
        """The spread of an outcome and the hypotheses that it counts; None where the base has none."""
        base = self.found.numbers[0, :, rank]
        if not (np.isfinite(base) & self.found.reached[0, :, rank]).all():
            return None, 0
        both = [
            [self._differences(figure.id, end, rank) for end in ENDS]
            for figure in self.study.hypotheses.figures
        ]
        known = np.array([np.isfinite(ends).all() for ends in both], dtype=np.bool_)
        ends = np.array(both)[known].reshape(-1, len(ENDS), len(base))
        return spread(base, ends[:, 0], ends[:, 1], self.study.hypotheses.below[known]), int(known.sum())

    def _differences(self, figure: str, end: End, rank: int) -> Floats:
        """Point minus base, shape (replications,); NaN where it is not reached."""
        number = self._numbers.get((figure, end))
        if number is None:
            return np.zeros(self.study.planned.replications)
        values = np.where(self.found.reached[number, :, rank], self.found.numbers[number, :, rank], np.nan)
        found: Floats = values - self.found.numbers[0, :, rank]
        return found

    def _effect(self, figure: str, end: End, rank: int) -> tuple[Effect, str]:
        number = self._numbers.get((figure, end))
        if number is None:
            return Effect(0.0, np.nan, np.nan, self.study.planned.replications), ""
        values, reached = self.found.numbers, self.found.reached
        effect = paired_effect(
            values[0, :, rank],
            reached[0, :, rank],
            values[number, :, rank],
            reached[number, :, rank],
            comparisons=max(1, len(self.points) - 1),
        )
        return effect, self.found.problems[number]

    @cached_property
    def _numbers(self) -> dict[tuple[str, str], int]:
        """The point of each end that is not the mode."""
        return {place: number for number, place in enumerate(places(self.study), 1)}


def places(study: Study) -> list[tuple[str, End]]:
    """Ends that differ from the mode, in the order of the points, the base apart."""
    return [
        (figure.id, end)
        for figure in study.hypotheses.figures
        for end in ENDS
        if getattr(figure, end) != figure.mode
    ]


def tornado(study: Study, means: Means) -> Tornado:
    """Run the base and both ends of every hypothesis."""
    known = {figure.id: figure for figure in study.hypotheses.figures}
    points: list[Values] = [{}, *({id_: getattr(known[id_], end)} for id_, end in places(study))]
    return Tornado(study, points, study.run(points, means))


def _either(told: list[bool | None]) -> bool | None:
    """Told at either end; not known where neither is told and one is not known."""
    known = [each for each in told if each is not None]
    if any(known):
        return True
    return False if len(known) == len(told) else None
