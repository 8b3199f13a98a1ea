"""Running scenarios: a plan, its replications, what they answer."""

from cepsim.experiment.compare import compare, compare_scenarios, comparison_plan
from cepsim.experiment.comparison import Comparison
from cepsim.experiment.plan import Plan, plan
from cepsim.experiment.results import Results
from cepsim.experiment.runner import run, run_scenarios

__all__ = [
    "Comparison",
    "Plan",
    "Results",
    "compare",
    "compare_scenarios",
    "comparison_plan",
    "plan",
    "run",
    "run_scenarios",
]
