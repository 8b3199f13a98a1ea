"""Running scenarios: a plan, its replications, what they answer."""

from cepsim.experiment.plan import Plan, plan
from cepsim.experiment.results import Results
from cepsim.experiment.runner import run, run_scenarios

__all__ = ["Plan", "Results", "plan", "run", "run_scenarios"]
