"""What advisers of an operator in a region buy: delay curves, tabulated by simulation.

Teams of a region are moved together, each along its own range, and each is read on its own people: what one
team does to another's is seen only where both are simulated together, at the end (`sizing.budget`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

import numpy as np

from cepsim.scenario.vocabulary import OPERATORS
from cepsim.sizing.posts import STEPS, Post
from cepsim.sizing.search import Vector
from cepsim.sizing.world import World

#: What may be made least: people offered nothing within the norm, or working days waited; both a year.
Loss = Literal["late", "days"]
LOSSES: Final = get_args(Loss)

_QUARTERS: Final = 4
#: Posts tried, in shares of what the load asks for; the range of a curve is theirs.
_RANGE: Final = (0.3, 0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of the people of an operator in a region in a year of held quarters: means.

    Of those who `asked`, `late` were offered nothing within the norm and `offered` an appointment at all;
    all of them `waited` so many working days. With several norms, sums over them.
    """

    asked: float
    late: float
    waited: float
    offered: float

    def loss(self, of: Loss) -> float:
        """What is to be made least."""
        return self.late if of == "late" else self.waited


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """What posts become: `steps` more than the scenario's `given`, in rising order, and the outcome of each.

    `price` is that of a post for a year, in euros.
    """

    post: Post
    today: float
    given: float
    price: float
    steps: tuple[int, ...]
    outcomes: tuple[Outcome, ...]

    def etp(self, steps: float) -> float:
        """Posts, with so many steps more than the scenario's."""
        return self.given + steps / STEPS

    def losses(self, of: Loss) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """The loss at each point; where chance would have more advisers lose more, what fewer lose."""
        return np.minimum.accumulate([outcome.loss(of) for outcome in self.outcomes])

    def loss_at(self, steps: float, of: Loss) -> float:
        """The loss between two points, on the line that joins them."""
        return float(np.interp(steps, self.steps, self.losses(of)))

    def also(self, steps: int, outcome: Outcome) -> Curve:
        """The curve with one more point, or with a point seen again."""
        points = dict(zip(self.steps, self.outcomes, strict=True)) | {steps: outcome}
        order = sorted(points)
        return replace(self, steps=tuple(order), outcomes=tuple(points[one] for one in order))


def curves(world: World) -> list[Curve]:
    """Tabulate the curve of each post of a part."""
    sized, box = world.sized, world.sized.box(0)
    tried: list[Vector] = sorted(
        {
            box.clipped(
                [
                    round((share * needed - given) * STEPS)
                    for needed, given in zip(sized.needed, sized.given, strict=True)
                ]
            )
            for share in _RANGE
        }
    )
    found = [outcomes(world, vector) for vector in tried]
    made = []
    for number, post in enumerate(sized.posts):
        points = {vector[number]: of[number] for vector, of in zip(tried, found, strict=True)}
        order = sorted(points)
        made.append(
            Curve(
                post,
                sized.today[number],
                sized.given[number],
                sized.price[number],
                tuple(order),
                tuple(points[one] for one in order),
            )
        )
    return made


def outcomes(world: World, vector: Vector) -> list[Outcome]:
    """What becomes of the people of each post of a part under these posts, simulated together."""
    said = world.heard(vector, world.starts, world.norms)
    found = []
    for post in world.sized.posts:
        rank, lane = OPERATORS.index(post.operator), world.part.regions.index(post.region)
        sums = np.zeros(4)
        for number, norm in enumerate(world.norms):
            if not norm.concerns(post.operator):
                continue
            for one in said:
                heard = one[number][lane]
                asked, within, offered, waited = (
                    float(each[rank, world.since :].sum())
                    for each in (heard.asked, heard.within, heard.offered, heard.waited)
                )
                sums += (asked, asked - within, waited, offered)
        quarters = said[0][0][0].asked.shape[1] - world.since
        found.append(Outcome(*(sums / len(said) * _QUARTERS / quarters).tolist()))
    return found
