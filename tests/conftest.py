"""What holds for every test: generated cases are the same at each run, and nothing is timed."""

import os

from hypothesis import HealthCheck, settings

os.environ["MPLBACKEND"] = "Agg"

settings.register_profile(
    "cepsim", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("cepsim")
