"""The analytic twin: what a compiled scenario gives in milliseconds, without a person or a draw.

    (deployments, who asks) -> World: arrays of demand, ways and capacity, day by day
    World -> Flow: the law of each queue, who is served and who is lost, day by day
    Flow -> Estimate: tidy frames and a sentence, shown beside a simulation with the gap

It is an estimate. What it leaves out is said in `estimating.py` and `world.py`.
"""

from cepsim.twin.against import against
from cepsim.twin.answer import Estimate
from cepsim.twin.estimating import estimate

__all__ = ["Estimate", "against", "estimate"]
