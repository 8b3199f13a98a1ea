"""Verification: queues with known answers, through the public tools that build networks, on both engines."""

from cepsim.verify.case import Case, Measure
from cepsim.verify.cases import CASES, SIZES
from cepsim.verify.runner import Verified, verify

__all__ = ["CASES", "SIZES", "Case", "Measure", "Verified", "verify"]
