"""A figure: one number of the world with its range, its unit and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from cepsim.errors import TableError
from cepsim.tables.schema import TABLES
from cepsim.units import UNITS


class Override(Protocol):
    """What may replace a figure in a scenario: a range, in the figure's own unit.

    A `reason`, a `source` or a `vintage`, where the object has one, becomes that of the new figure: a reason
    is its note.
    """

    @property
    def low(self) -> float:
        """The least plausible mean."""

    @property
    def mode(self) -> float:
        """The most plausible mean."""

    @property
    def high(self) -> float:
        """The greatest plausible mean."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of a table.

    Attributes:
        id: name of the table and codes of its key columns, joined by dots; a suffix `@ex_post`, `@check` or
            `@year` marks what may not feed a scenario.
        table, keys: the same, apart.
        low, mode, high: how well the mean is known, in `unit`; never how people differ.
        unit: code of `cepsim.units.UNITS`.
        kind: stock, flow, share, rate, duration, cost, count, index, law, or key.
        use: "input", or "check" for what is only compared with results.
        year, perimeter: of what is measured.
        confidence: observed, derived, to_verify or hypothesis.
        vintage: ex_ante (could be known in November 2013) or ex_post.
        source: as printed; empty for a hypothesis.
        note: formula, reason or caution.
        extras: the table's own columns, by name.
        file, line: where it is written.
        overridden: whether a scenario replaced the table's range.
    """

    id: str
    table: str
    keys: tuple[str, ...]
    low: float
    mode: float
    high: float
    unit: str
    kind: str
    use: str
    year: str
    perimeter: str
    confidence: str
    vintage: str
    source: str
    note: str
    extras: tuple[tuple[str, str], ...]
    file: str
    line: int
    overridden: bool = False

    @property
    def addressable(self) -> bool:
        """Whether a scenario may use or replace it; a later one only where a scenario put it there."""
        return self.use == "input" and (self.vintage == "ex_ante" or self.overridden)

    @property
    def mode_in_base(self) -> float:
        """The mode in base units: persons for `k_persons`, seconds for `minutes`."""
        return UNITS[self.unit].to_base(self.mode)

    @property
    def base_unit(self) -> str:
        """Code of the unit of `mode_in_base`."""
        return UNITS[self.unit].base

    def key(self, column: str) -> str:
        """The code in one of the key columns of its table."""
        return self.keys[TABLES[self.table].keys.index(column)]

    def extra(self, column: str) -> str:
        """The text in one of the table's own columns."""
        return dict(self.extras)[column]

    def replaced(self, other: Override, *, file: str) -> Figure:
        """This figure with another range.

        Raises TableError unless low <= mode <= high, all finite and inside the range of the unit.
        """
        problem = range_problem(other.low, other.mode, other.high, self.unit)
        if problem:
            found, expected = problem
            raise TableError(file=file, field=f"figures.{self.id}", found=found, expected=expected)
        reason, source = getattr(other, "reason", None), getattr(other, "source", None)
        return replace(
            self,
            low=float(other.low),
            mode=float(other.mode),
            high=float(other.high),
            confidence="hypothesis",
            vintage=getattr(other, "vintage", self.vintage),
            source=source or "",
            note=reason or "",
            overridden=True,
        )


def range_problem(low: float, mode: float, high: float, unit: str) -> tuple[str, str] | None:
    """What is wrong with a range, as (found, expected); None if nothing is."""
    bounds = UNITS[unit]
    for name, value in (("low", low), ("mode", mode), ("high", high)):
        if not bounds.allows(value):
            limits = f"from {bounds.low:g} to {bounds.high:g}"
            return f"{name} = {value:g}", f"a finite number {limits}, the range of the unit {unit}"
    if not low <= mode <= high:
        return f"low = {low:g}, mode = {mode:g}, high = {high:g}", "low <= mode <= high"
    return None
