"""So many posts shared out over teams so that least is lost: a mixed-integer program on tabulated curves.

Each curve is followed along the lines that join its points, whatever its shape: a weight a point, which sum
to 1, and a binary number a line, so that only the two ends of one line weigh.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from cepsim.sizing.curves import Curve, Loss
from cepsim.sizing.posts import STEPS
from cepsim.sizing.search import Vector


def allocated(curves: Sequence[Curve], budget: float, loss: Loss) -> Vector:
    """Steps of each post, whose sum is `budget` posts at most, that lose least.

    The program's answer is cut to whole steps, and what is left goes where it spares most. Raises ValueError
    where the fewest posts of the curves are more than the budget.
    """
    sizes = [len(curve.steps) for curve in curves]
    points, lines = sum(sizes), sum(sizes) - len(sizes)
    losses = np.concatenate([curve.losses(loss) for curve in curves])
    posts = np.concatenate([[curve.etp(step) for step in curve.steps] for curve in curves])
    one_place = np.zeros((len(curves), points + lines))
    one_line = np.zeros((len(curves), points + lines))
    ends = np.zeros((points, points + lines))
    point, line = 0, points
    for number, size in enumerate(sizes):
        one_place[number, point : point + size] = 1.0
        one_line[number, line : line + size - 1] = 1.0
        for rank in range(size):
            # a point weighs only where a line that it ends is the one chosen; alone, it needs none
            ends[point + rank, point + rank] = 1.0 if size > 1 else 0.0
            ends[point + rank, [line + one for one in (rank - 1, rank) if 0 <= one < size - 1]] = -1.0
        point, line = point + size, line + size - 1
    several = np.array([size > 1 for size in sizes], dtype=float)
    total = np.concatenate([posts, np.zeros(lines)])
    answer = milp(
        np.concatenate([losses, np.zeros(lines)]),
        integrality=np.concatenate([np.zeros(points), np.ones(lines)]),
        bounds=Bounds(0.0, 1.0),
        constraints=[
            LinearConstraint(one_place, 1.0, 1.0),
            LinearConstraint(one_line, several, several),
            LinearConstraint(ends, -np.inf, 0.0),
            LinearConstraint(total, -np.inf, budget + 1e-9),
        ],
    )
    if answer.x is None:
        raise ValueError(f"no {budget:g} posts hold the fewest of every curve")
    weights = np.split(np.asarray(answer.x[:points]), np.cumsum(sizes)[:-1])
    steps = [
        math.floor(float(weight @ np.array(curve.steps)) + 1e-6)
        for weight, curve in zip(weights, curves, strict=True)
    ]
    return _with_the_rest(curves, steps, budget, loss)


def spent(curves: Sequence[Curve], vector: Sequence[int]) -> float:
    """Posts of these steps, in all."""
    return sum(curve.etp(step) for curve, step in zip(curves, vector, strict=True))


def lost(curves: Sequence[Curve], vector: Sequence[int], loss: Loss) -> float:
    """What the curves say is lost with these steps."""
    return sum(curve.loss_at(step, loss) for curve, step in zip(curves, vector, strict=True))


def spared(curve: Curve, step: int, loss: Loss) -> float:
    """What one more step of a post spares, by its curve."""
    return curve.loss_at(step, loss) - curve.loss_at(step + 1, loss)


def _with_the_rest(curves: Sequence[Curve], steps: list[int], budget: float, loss: Loss) -> Vector:
    """Steps left over by cutting, one after the other where each spares most."""
    given = list(steps)
    while spent(curves, given) + 1.0 / STEPS <= budget + 1e-9:
        spares = [spared(curve, step, loss) for curve, step in zip(curves, given, strict=True)]
        best = int(np.argmax(spares))
        if spares[best] <= 0.0:
            break
        given[best] += 1
    return tuple(given)
