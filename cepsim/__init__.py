"""cepsim: delays, coverage and cost of the *conseil en évolution professionnelle*, by simulation.

scenario = cepsim.load_scenario("central").derive({"service.intensity": "approfondie"})
results = cepsim.run([scenario], regions=["53"], replications=2)
results.indicators

Names are imported when first used, so that the command line answers at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from cepsim.experiment import (  # type: ignore[no-redef]
        Comparison,
        Plan,
        Precision,
        Results,
        compare,
        plan,
        run,
        run_scenarios,
        run_until_precise,
    )
    from cepsim.experiment.provenance import provenance
    from cepsim.network import Network, NetworkBuilder
    from cepsim.scenario import Scenario, diff, list_scenarios, load_scenario
    from cepsim.sizing import Sizing, size
    from cepsim.tables import Tables, load_tables
    from cepsim.twin import Estimate, estimate

    #: `cepsim.sensitivity.sensitivity`: its layer is above those that read the version here.
    sensitivity: Callable[..., Any]

__version__ = "0.1.0"

_HOMES = {
    "cepsim.experiment": (
        "Comparison",
        "Plan",
        "Precision",
        "Results",
        "compare",
        "plan",
        "run",
        "run_scenarios",
        "run_until_precise",
    ),
    "cepsim.experiment.provenance": ("provenance",),
    "cepsim.network": ("Network", "NetworkBuilder"),
    "cepsim.scenario": ("Scenario", "diff", "list_scenarios", "load_scenario"),
    "cepsim.sensitivity": ("sensitivity",),
    "cepsim.sizing": ("Sizing", "size"),
    "cepsim.tables": ("Tables", "load_tables"),
    "cepsim.twin": ("Estimate", "estimate"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Comparison",
    "Estimate",
    "Network",
    "NetworkBuilder",
    "Plan",
    "Precision",
    "Results",
    "Scenario",
    "Sizing",
    "Tables",
    "__version__",
    "compare",
    "diff",
    "estimate",
    "list_scenarios",
    "load_scenario",
    "load_tables",
    "plan",
    "provenance",
    "run",
    "run_scenarios",
    "run_until_precise",
    "sensitivity",
    "size",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'cepsim' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
