"""Autonomy and distance to the project, drawn together: the autonomous more often have a project."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.stats import multivariate_normal, norm

from cepsim.draws import DRAW_RANGE, Codes, Kinds, Pick
from cepsim.people.crowd import DISTANCES
from cepsim.people.demand import Floats
from cepsim.scenario.vocabulary import AUTONOMY, POPULATIONS
from cepsim.tables import Tables


def joint_shares(tables: Tables, population: str) -> Floats:
    """P(autonomy, distance) by a Gaussian copula; shape (3, 3), high autonomy and formed project first."""
    autonomy = tuple(
        tables.figure(f"publics.attribute.{population}.autonomy_{name}").mode for name in AUTONOMY
    )
    distance = tuple(
        tables.figure(f"publics.attribute.all.project_distance_{name}").mode for name in DISTANCES
    )
    correlation = tables.figure("publics.attribute.all.correlation_autonomy_distance").mode
    return _copula(autonomy, distance, correlation)


@lru_cache(maxsize=64)
def _copula(first: tuple[float, ...], second: tuple[float, ...], correlation: float) -> Floats:
    """The cells between the quantiles of both margins, to 9 decimals."""
    law = multivariate_normal([0.0, 0.0], [[1.0, correlation], [correlation, 1.0]])
    edges = [
        [-np.inf, *norm.ppf(np.minimum(np.cumsum(shares)[:-1], 1.0)), np.inf] for shares in (first, second)
    ]

    def below(a: float, b: float) -> float:
        if np.isinf(a) and np.isinf(b):
            return float(a > 0 and b > 0)
        if np.isinf(a):
            return float(norm.cdf(b)) if a > 0 else 0.0
        if np.isinf(b):
            return float(norm.cdf(a)) if b > 0 else 0.0
        return float(law.cdf([a, b]))

    corner = np.array([[below(a, b) for b in edges[1]] for a in edges[0]])
    return np.asarray(np.round(np.diff(np.diff(corner, axis=0), axis=1), 9))


def autonomy_and_distance(tables: Tables, pick: Pick, population: Kinds) -> tuple[Codes, Codes]:
    """Positions in AUTONOMY and in DISTANCES of people, from one draw each."""
    shares = [joint_shares(tables, name).reshape(-1) for name in POPULATIONS]
    limits = np.round(np.cumsum(shares, axis=1)[:, :-1] * DRAW_RANGE).astype(np.int64)
    cell = pick(limits, population)
    return cell // np.uint8(len(DISTANCES)), cell % np.uint8(len(DISTANCES))
