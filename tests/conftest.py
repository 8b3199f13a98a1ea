"""What holds for every test: generated cases are drawn alike at each run, and nothing is timed."""

import gc
import os

import pytest
from hypothesis import HealthCheck, settings

os.environ["MPLBACKEND"] = "Agg"

settings.register_profile(
    "cepsim", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("cepsim")


def pytest_collection_finish(session: pytest.Session) -> None:  # noqa: ARG001
    """Spare the collector what lasts: modules, and the scenarios compiled once for many tests.

    A scenario compiled is a million objects, of which hardly any is in a cycle: a look at all of them every
    seven hundred allocations took a sixth of the tests' time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
