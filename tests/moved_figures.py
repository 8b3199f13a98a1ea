"""A model in place of runs, where what each hypothesis does is known."""

from __future__ import annotations

from typing import Any

import numpy as np

from cepsim.sensitivity.outcomes import Outcomes

OVERHEAD = "unit_costs.overhead_rate.all"
INDUCED = "demand.all.cep.induced_demand_at_full_awareness"
MIX = "stages.ingenierie.project_mix.salaries.all.centrale."
FORMATION = f"{MIX}formation"


def toy(*, noise: float = 0.0, fails: Any = ()) -> Any:
    """A model in place of `evaluate`: cost is 100 overhead + 10 induced, nothing moves delays.

    Another scenario than `central` always costs 35.
    """

    def run(of, changes, _store, names, _simulated=None):
        seen.append(changes)
        last = of.scenarios[-1].name
        values = {OVERHEAD: 0.3, INDUCED: 0.3} | dict(changes[last])
        shape = (of.replications, len(names))
        if any(values.get(id_) == value for id_, value in fails):
            return Outcomes(np.full(shape, np.nan), np.zeros(shape, dtype=bool), "no staff at all")
        numbers = np.full(shape, 20.0)
        numbers[:, 0] = 100 * values[OVERHEAD] + 10 * values[INDUCED] + noise * np.arange(of.replications)
        if last != "central":
            numbers[:, 0] = 35.0
        return Outcomes(numbers, np.ones(shape, dtype=bool))

    seen = []
    run.seen = seen
    return run
