"""Whether intervals hold what they say: systems with known answers, a thousand runs of each."""

from cepsim.verify.coverage.runner import Coverage, cover
from cepsim.verify.coverage.studies import STUDIES
from cepsim.verify.coverage.study import Figure, Intervals, Study

__all__ = ["STUDIES", "Coverage", "Figure", "Intervals", "Study", "cover"]
