"""Which hypotheses move the cost and the delays of a scenario, and how sure that is.

`cepsim.sensitivity("central", regions=["94"])`: the package is called by its name. `designs` and `estimates`
are pure; `hypotheses`, `points` and `study` turn a point into a run; there is an answer a method.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from cepsim.sensitivity.analysis import analyse, sensitivity
from cepsim.sensitivity.answer import Answer
from cepsim.sensitivity.futures import Futures
from cepsim.sensitivity.morris import Morris
from cepsim.sensitivity.points import Means
from cepsim.sensitivity.sobol import Sobol
from cepsim.sensitivity.study import METHODS, Study, screened, study_of
from cepsim.sensitivity.tornado import Tornado
from cepsim.sensitivity.wanted import Wanted, wanted_of

__all__ = [
    "METHODS",
    "Answer",
    "Futures",
    "Means",
    "Morris",
    "Sobol",
    "Study",
    "Tornado",
    "Wanted",
    "analyse",
    "screened",
    "sensitivity",
    "study_of",
    "wanted_of",
]


class _Called(ModuleType):
    """A module that is called as its function: `cepsim.sensitivity` is the package once it is imported."""

    def __call__(self, *words: Any, **options: Any) -> Answer:
        return sensitivity(*words, **options)


sys.modules[__name__].__class__ = _Called
