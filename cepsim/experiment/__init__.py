"""Running scenarios: a plan, its replications, what they answer."""

from cepsim.experiment.compare import compare, compare_scenarios, comparison_plan
from cepsim.experiment.comparison import Comparison
from cepsim.experiment.plan import Plan, plan
from cepsim.experiment.recorded import RecordedRun
from cepsim.experiment.results import Results
from cepsim.experiment.runner import run, run_scenarios
from cepsim.experiment.search import Precision
from cepsim.experiment.until_precise import run_until_precise

__all__ = [
    "Comparison",
    "Plan",
    "Precision",
    "RecordedRun",
    "Results",
    "compare",
    "compare_scenarios",
    "comparison_plan",
    "plan",
    "run",
    "run_scenarios",
    "run_until_precise",
]
