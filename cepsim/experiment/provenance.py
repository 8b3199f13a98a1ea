"""Every figure that a scenario uses, found by using it: how sure it is, where from, and where it enters.

A scenario is compiled in the regions asked for, then run from its people to its costs in one small region for
a year, on tables that note what is read from them. So nothing is listed from memory: a figure that no line of
the program reads is not there, and one that a new line reads is.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

import pandas as pd

from cepsim.errors import CheckFailed
from cepsim.experiment.plan import plan
from cepsim.experiment.runner import run_scenarios
from cepsim.people.deploy import deploy
from cepsim.scenario import Scenario, load_scenario
from cepsim.tables import Figure, Tables, load_tables

#: Modules that read figures for others: what asked them is where a figure enters.
_READERS: Final = ("cepsim.tables.store", "cepsim.people.stage_figures", "functools", __name__)
#: The region that is run: the smallest of metropolitan France.
_SMALL: Final = "94"

#: What is known of the figure: columns of the frame, besides the modules where it enters.
COLUMNS: Final = (
    *("id", "low", "mode", "high", "unit", "confidence", "vintage", "use", "year", "perimeter"),
    *("source", "note", "overridden", "enters"),
)


@dataclass(frozen=True)
class ReadTables(Tables):
    """Tables that note what is read from them, and by which modules; those made from them share the notes.

    `simulated` are the ids of what was read before anything was priced.
    """

    readers: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    simulated: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, tables: Tables) -> ReadTables:
        """The same tables, of which nothing was read yet."""
        return cls(**{part.name: getattr(tables, part.name) for part in fields(Tables)})

    def figure(self, id_: str) -> Figure:
        """As `Tables.figure`, noted."""
        found = super().figure(id_)
        self.readers[id_].add(_reader())
        return found

    def stage(self, stage: str, parameter: str, **of: Any) -> Figure | None:
        """As `Tables.stage`, noted."""
        return self._noted(super().stage(stage, parameter, **of))

    def demand(self, public: str, basis: str, parameter: str) -> Figure | None:
        """As `Tables.demand`, noted."""
        return self._noted(super().demand(public, basis, parameter))

    def _noted(self, found: Figure | None) -> Figure | None:
        if found is not None:
            self.readers[found.id].add(_reader())
        return found


def provenance(
    scenario: str | Path | Scenario, *, regions: Sequence[str] | None = None, tables: Tables | None = None
) -> pd.DataFrame:
    """A row for each figure that a scenario uses in these regions (None: all), in the order of the tables.

    Columns `COLUMNS`: `low`, `mode`, `high` in `unit`; `use` is "input", or "check" for what results are only
    held against; `overridden` whether the scenario replaced it; `enters` the modules that read it, as one
    text. `reference`, from which every scenario opens and every net cost is taken, is part of it. Raises
    CheckFailed where a scenario of 2013 is fed a figure that could not be known then. Takes half a minute.
    """
    tables = load_tables() if tables is None else tables
    if not isinstance(scenario, Scenario):
        scenario = load_scenario(scenario, tables=tables)
    codes = [region.code for region in tables.regions] if regions is None else regions
    noting = _noted([scenario], codes, tables)
    used = noting.with_overrides(scenario.figures, file=scenario.name).figures
    frame = _frame(used, noting.readers)
    unknowable = frame[(frame["vintage"] == "ex_post") & (frame["use"] == "input")]
    if scenario.status == "ex_ante" and len(unknowable):
        names = ", ".join(unknowable["id"])
        raise CheckFailed(f"{scenario.name} is fed figures that nobody could know in November 2013: {names}")
    return frame


def figures_of(scenarios: Sequence[Scenario], *, regions: Sequence[str], tables: Tables) -> pd.DataFrame:
    """A row for each figure that the scenarios of a run use in these regions, in the order of the tables.

    Columns `COLUMNS`, and three more: `scenario`, the names of those that replace the figure by this one, or
    "" for that of the tables, where some scenario uses it; `table` and `kind`, as in `Figure`. All scenarios
    have one calendar. Takes some seconds a scenario.
    """
    return _used(scenarios, _noted(scenarios, regions, tables), tables)


def read_of(
    scenarios: Sequence[Scenario], *, regions: Sequence[str], tables: Tables
) -> tuple[pd.DataFrame, frozenset[str]]:
    """What `figures_of` gives, and the ids of the figures that a simulation reads: others only price it."""
    noting = _noted(scenarios, regions, tables)
    return _used(scenarios, noting, tables), frozenset(noting.simulated)


def _used(scenarios: Sequence[Scenario], noting: ReadTables, tables: Tables) -> pd.DataFrame:
    by_scenario = {of.name: noting.with_overrides(of.figures, file=of.name).figures for of in scenarios}
    order = {id_: place for place, id_ in enumerate(tables.figures)}
    rows = []
    for id_ in sorted(noting.readers, key=order.__getitem__):
        enters = ", ".join(sorted(noting.readers[id_]))
        # scenarios mostly inherit what they replace: those that say the same are one row
        found: dict[Figure, list[str]] = {}
        for name, figures in by_scenario.items():
            found.setdefault(figures[id_], []).append(name)
        for figure, names in found.items():
            known = (getattr(figure, column) for column in COLUMNS[:-1])
            whose = ", ".join(names) if figure.overridden else ""
            rows.append((*known, enters, whose, figure.table, figure.kind))
    return pd.DataFrame(rows, columns=[*COLUMNS, "scenario", "table", "kind"])


def _noted(scenarios: Sequence[Scenario], regions: Sequence[str], tables: Tables) -> ReadTables:
    """Tables that noted what was read from them: scenarios compiled here, then run in a small region."""
    noting = ReadTables.of(tables)
    for scenario in scenarios:
        deploy(scenario, noting, regions)
    planned = plan(scenarios, regions=[_SMALL], replications=1, years=1, follow_up_years=0, tables=noting)
    results = run_scenarios(planned, workers=1)
    noting.simulated.update(noting.readers)
    results.frames()
    return noting


def _frame(figures: Mapping[str, Figure], readers: Mapping[str, set[str]]) -> pd.DataFrame:
    rows = [
        (*(getattr(figure, name) for name in COLUMNS[:-1]), ", ".join(sorted(readers[id_])))
        for id_, figure in figures.items()
        if id_ in readers
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _reader() -> str:
    """The module that asked for a figure, without those that only look it up."""
    frame = sys._getframe(1)
    name = __name__
    while name.startswith(_READERS) and frame.f_back is not None:
        frame = frame.f_back
        name = frame.f_globals["__name__"]
    return name.removeprefix("cepsim.")
