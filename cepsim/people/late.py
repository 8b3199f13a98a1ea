"""Dated lines of a scenario that lie after the years counted: nothing that is counted hangs on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from cepsim.people.horizon import Horizon
from cepsim.scenario import Scenario
from cepsim.scenario.messages import dotted


class _Dated(Protocol):
    @property
    def from_date(self) -> dt.date | None: ...


@dataclass(frozen=True, slots=True)
class LateLine:
    """A line of a scenario, as files name it ("staff.closures[0]"), and its date.

    `followed` where it falls within the follow-up: what is observed of earlier people may hang on it.
    """

    key: str
    when: dt.date
    followed: bool


def late_lines(scenario: Scenario) -> list[LateLine]:
    """Waves, shocks, closures, changes of posts and of budgets that begin once the years counted are over."""
    horizon = Horizon.of(scenario.calendar)
    return [
        LateLine(dotted(path), when, is_observed(horizon, when))
        for path, when in _dates(scenario)
        if is_late(horizon, when)
    ]


def is_late(horizon: Horizon, when: dt.date) -> bool:
    """Whether a day is after the last one counted."""
    return horizon.second(when) >= horizon.end


def is_observed(horizon: Horizon, when: dt.date) -> bool:
    """Whether a day is one of the run, follow-up included."""
    return horizon.second(when) < horizon.observed


def _dates(scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], dt.date]]:
    """The path of each dated line and its first day; a wave without a date begins at launch."""
    lists: tuple[tuple[tuple[str, ...], Sequence[_Dated]], ...] = (
        (("waves",), scenario.waves),
        (("demand", "shocks"), scenario.demand.shocks),
        (("service", "commission_budget_changes"), scenario.service.commission_budget_changes),
        (("staff", "changes"), scenario.staff.changes),
        (("staff", "closures"), scenario.staff.closures),
    )
    for path, lines in lists:
        for i, line in enumerate(lines):
            if line.from_date is not None:
                yield (*path, i), line.from_date
