"""A finished run read back from its folder: the same answers as `Results`, without its replications."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pandas as pd

from cepsim.costing import COMMITMENT_DIMENSIONS, CURRENT
from cepsim.errors import InputError
from cepsim.experiment.pipeline import REFERENCE
from cepsim.experiment.plan import Plan
from cepsim.experiment.promised import obligation_of
from cepsim.experiment.results import LOADS_UNITS
from cepsim.experiment.written import MANIFEST, read_frame, read_manifest
from cepsim.scenario import Scenario, parsed_scenario
from cepsim.scenario.fields import Words
from cepsim.tables import Tables

_AGAIN: Final = "Run it again: the same command replaces the folder."
#: The columns of each frame that answers are read from.
_SUMMARY: Final = ("scenario", "mean", "low", "high", "n")
_COLUMNS: Final = {
    "indicators": (
        *_SUMMARY,
        *("indicator", "region", "operator", "stage", "public", "team", "period", "beyond", "withheld"),
        *("unit", "people"),
    ),
    "costs": (*_SUMMARY, "cut"),
    "net_costs": (*_SUMMARY, "cut", "indicator"),
    "unit_costs": (*_SUMMARY, "operator", "year", "indicator"),
    "social_partners": (*_SUMMARY, "year", "payer", "indicator"),
    "marks": ("scenario", "quantity", "unit", "low", "high", "found", "inside", "set_inputs"),
    "loads": ("scenario", "team", "operator", "role", "region", "year", "indicator", "value"),
    "posts": ("scenario", "team", "operator", "role", "region", "year", "etp"),
    "commitments": ("scenario", "replication", *COMMITMENT_DIMENSIONS, "quantity", "amount_cents", *CURRENT),
    "fund": (*_SUMMARY, "year", "operator", "indicator"),
    "budget_lines": (*_SUMMARY, "line", "year", "indicator"),
    "ledger": ("scenario", "replication", "operator", "stage", "nature", "quantity", "amount_cents"),
}
#: Columns of numbers wherever they are, and those of whole numbers, by frame.
_NUMBERS: Final = ("mean", "low", "high", "n", "value", "etp", "amount_cents", "replication")
_WHOLE: Final = {
    "ledger": ("replication", "quantity", "amount_cents"),
    "commitments": ("replication", "quantity", "amount_cents"),
}


@dataclass(frozen=True, eq=False)
class RecordedRun:
    """What a run wrote: its plan, as its manifest tells it, and its frames, read when they are asked for."""

    folder: Path
    plan: Plan

    @classmethod
    def of(cls, folder: Path, tables: Tables) -> RecordedRun:
        """The run in a folder.

        Raises InputError where the folder is not what a run wrote, or was written with other tables: figures
        are read from the tables of today.
        """
        file, manifest = folder / MANIFEST, read_manifest(folder)
        found = manifest.get("tables_sha256")
        if found != tables.digest:
            raise InputError(
                file=str(file),
                field="tables_sha256",
                found=str(found)[:12],
                expected=f"that of the tables of today, {tables.digest[:12]}",
                remedy=_AGAIN,
            )
        scenarios = recorded_scenarios(manifest, file, tables)
        plan = Plan(
            scenarios=scenarios,
            asked=tuple(scenario.name for scenario in scenarios),
            regions=tuple(_told(manifest, "regions", list, file)),
            replications=_told(manifest, "replications", int, file),
            seed=_told(manifest, "seed", int, file),
            tables=tables,
            sample=_told({"sample": 1, **manifest}, "sample", int, file),
        )
        return cls(folder, plan)

    def frame(self, name: str) -> pd.DataFrame:
        """A frame of the run. Raises InputError where it is not such as a run writes."""
        frame, file = read_frame(self.folder, name)
        for column in _COLUMNS[name]:
            if column not in frame:
                raise InputError(
                    file=str(file),
                    field=column,
                    found=Words("no such column"),
                    expected=f"the columns {', '.join(_COLUMNS[name])}",
                    remedy=_AGAIN,
                )
        _check_numbers(frame, name, file)
        _check_scenarios(frame, [of.name for of in self.plan.scenarios], file)
        return frame

    @cached_property
    def indicators(self) -> pd.DataFrame:
        """As in `Results`, like the frames below."""
        return self.frame("indicators")

    @cached_property
    def obligation(self) -> pd.DataFrame:
        """Offered an accueil within the norm, read from the indicators: every run has them."""
        return obligation_of(self.plan, self.indicators)

    @cached_property
    def costs(self) -> pd.DataFrame:
        """Gross cost by cut, in euros."""
        return _with_texts(self.frame("costs"))

    @cached_property
    def net_costs(self) -> pd.DataFrame:
        """Cost net of the reference by cut, in euros."""
        return _with_texts(self.frame("net_costs"))

    @cached_property
    def unit_costs(self) -> pd.DataFrame:
        """Operators' costs per person, in euros."""
        return _with_texts(self.frame("unit_costs"))

    @cached_property
    def for_social_partners(self) -> pd.DataFrame:
        """New money in the social partners' measures."""
        return _with_texts(self.frame("social_partners"))

    @cached_property
    def marks(self) -> pd.DataFrame:
        """The run against what was observed."""
        frame = self.frame("marks")
        return frame.assign(set_inputs=frame["set_inputs"].fillna(""))

    @cached_property
    def loads(self) -> pd.DataFrame:
        """Offered load by team and year, a column an indicator."""
        long = self.frame("loads")
        keys = ["scenario", "team", "operator", "role", "region", "year"]
        wide = long.pivot_table(index=keys, columns="indicator", values="value", sort=False)
        return wide.reindex(columns=list(LOADS_UNITS)).reset_index()

    @cached_property
    def posts(self) -> pd.DataFrame:
        """Posts of each team by year and character."""
        return self.frame("posts")

    @cached_property
    def commitments(self) -> pd.DataFrame:
        """Every row of the commitments, by scenario and replication."""
        return self.frame("commitments").astype({"region": str})

    @cached_property
    def fund(self) -> pd.DataFrame:
        """What mutualised funds owe and pay."""
        return self.frame("fund")

    @cached_property
    def budget_lines(self) -> pd.DataFrame:
        """Lines of budgets beside what is simulated."""
        return self.frame("budget_lines")

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """Every row of the ledger, by scenario and replication."""
        return self.frame("ledger")


def _check_numbers(frame: pd.DataFrame, name: str, file: Path) -> None:
    """Raises InputError where a column of numbers holds anything else."""
    kinds: tuple[tuple[tuple[str, ...], Callable[[pd.Series[Any]], bool], str], ...] = (
        (_WHOLE.get(name, ()), pd.api.types.is_integer_dtype, "whole numbers"),
        (_NUMBERS, pd.api.types.is_numeric_dtype, "numbers"),
    )
    for columns, holds, expected in kinds:
        for column in columns:
            # a table without rows has columns of no type
            if column in _COLUMNS[name] and len(frame) and not holds(frame[column]):
                raise InputError(
                    file=str(file),
                    field=column,
                    found=str(frame[column].dtype),
                    expected=expected,
                    remedy=_AGAIN,
                )


def _check_scenarios(frame: pd.DataFrame, names: list[str], file: Path) -> None:
    """Raises InputError where a row is of a scenario that the run has not."""
    for name in frame["scenario"].unique():
        if name not in names:
            raise InputError(
                file=str(file),
                field="scenario",
                found=str(name),
                expected="a scenario of the manifest",
                remedy=_AGAIN,
            )


def _with_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """The year as text: CSV makes numbers of a column where nothing is "all"."""
    return frame.assign(year=frame["year"].astype(str)) if "year" in frame else frame


def recorded_scenarios(manifest: dict[str, Any], file: Path, tables: Tables) -> tuple[Scenario, ...]:
    """The scenarios of a run, the reference first. Raises InputError where the manifest tells none."""
    told = _told(manifest, "scenarios", dict, file)
    found = []
    for name, each in told.items():
        if not isinstance(each, dict) or not isinstance(each.get("toml"), str):
            raise InputError(
                file=str(file),
                field=f"scenarios.{name}",
                found=Words("no text"),
                expected="the scenarios of the run, each whole",
                remedy=_AGAIN,
            )
        found.append(parsed_scenario(each["toml"], file, tables=tables))
    if [of.name for of in found[:1]] != [REFERENCE]:
        raise InputError(
            file=str(file),
            field="scenarios",
            found=", ".join(of.name for of in found) or Words("no scenario"),
            expected=f'"{REFERENCE}" first, as in every run',
            remedy=_AGAIN,
        )
    return tuple(found)


def _told(manifest: dict[str, Any], key: str, kind: type[Any], file: Path) -> Any:
    value = manifest.get(key)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise InputError(
            file=str(file),
            field=key,
            found=Words("nothing") if value is None else str(value),
            expected=f"what `cepsim run` writes there ({kind.__name__})",
            remedy=_AGAIN,
        )
    return value
