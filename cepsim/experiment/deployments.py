"""Scenarios compiled once a process: compiling France takes seconds, and several steps of a run need it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from cepsim.people.deploy import deploy
from cepsim.people.deployment import Deployment
from cepsim.scenario import Scenario, canonical
from cepsim.tables import Tables

#: Deployments remembered: the scenarios of a run, and as many worlds of warm-up.
_MOST: Final = 24

_Key = tuple[str, str, int, tuple[str, ...], int]
_known: OrderedDict[_Key, tuple[Tables, Deployment]] = OrderedDict()


def deployed(scenario: Scenario, tables: Tables, regions: Sequence[str], sample: int = 1) -> Deployment:
    """What `deploy` gives, remembered for these tables and for scenarios that say the same under one name."""
    key = (scenario.name, canonical(scenario), id(tables), tuple(regions), sample)
    if key not in _known:
        # the tables are kept with the result, so that nothing else can take their identity
        _known[key] = (tables, deploy(scenario, tables, regions, sample))
        if len(_known) > _MOST:
            _known.popitem(last=False)
    return _known[key][1]
