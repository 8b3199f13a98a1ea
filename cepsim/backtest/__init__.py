"""A scenario of what happened held against what was published: few parameters set on two years, then told."""

from cepsim.backtest.backtest import Backtest, backtest
from cepsim.backtest.calibration import PARAMETERS, UNTIL, Calibration, calibrate
from cepsim.backtest.realised import AMOUNTS, INDICATORS, Realised, realised
from cepsim.backtest.verdict import Verdict, verdict

__all__ = [
    "AMOUNTS",
    "INDICATORS",
    "PARAMETERS",
    "UNTIL",
    "Backtest",
    "Calibration",
    "Realised",
    "Verdict",
    "backtest",
    "calibrate",
    "realised",
    "verdict",
]
