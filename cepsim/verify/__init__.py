"""Verification: queues with known answers, through the public tools that build networks, on both engines."""

from cepsim.verify.case import Case, Measure
from cepsim.verify.cases import CASES, NOT_EXPRESSED, SIZES
from cepsim.verify.runner import Verified, verify

__all__ = ["CASES", "NOT_EXPRESSED", "SIZES", "Case", "Measure", "Verified", "verify"]
