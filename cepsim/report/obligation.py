"""The obligation de moyens as people read it: what is offered, what is required, and the verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, get_args

import pandas as pd

from cepsim.errors import InputError
from cepsim.indicators import ALL
from cepsim.indicators.obligation import COLUMNS, Verdict, verdict
from cepsim.labels import Language, label
from cepsim.report.cells import cell, number, share, uncertainty
from cepsim.report.table import Table
from cepsim.scenario.fields import Words
from cepsim.scenario.vocabulary import OPERATORS

_FIGURES: Final = ("offered", "norm", "required", "verdict")
_OF_REGIONS: Final = ("regions_met", "lowest")
#: The line of a CSV file that holds its first row.
_FIRST_LINE: Final = 2


def obligation_table(
    frame: pd.DataFrame,
    titles: Mapping[str, str],
    regions: Mapping[str, str],
    language: Language,
    *,
    sample: int = 1,
    lately: Mapping[tuple[str, str], float] | None = None,
) -> Table:
    """A row an operator and scenario; where there are several regions, in how many it holds, and the lowest.

    `lately` is what is offered in the last quarter, by operator and scenario, where it is known.

    `frame` is as `indicators.obligation` gives it; `titles` are those of the scenarios by name, `regions` the
    names of regions by code.
    """
    several = len({*frame["region"]} - {ALL}) > 1
    rows = []
    for operator in OPERATORS:
        shown = label(f"operator.{operator}", language)
        for scenario, title in titles.items():
            here = frame[(frame["operator"] == operator) & (frame["scenario"] == scenario)]
            found = here[here["region"] == ALL]
            if found.empty:
                continue
            cells = [shown, title, *_said(found.iloc[0], language)]
            if lately is not None:
                last = lately.get((operator, scenario))
                cells.append("–" if last is None or math.isnan(last) else share(language)(last))
            apart = here[here["region"] != ALL]
            rows.append((*cells, *(_by_region(apart, regions, language) if several else ())))
            shown = ""
    names = (*_FIGURES, *(("lately",) if lately is not None else ()), *(_OF_REGIONS if several else ()))
    columns = [
        *(label(f"answers.{name}", language) for name in ("operator", "scenario")),
        *(label(f"answers.obligation.{name}", language) for name in names),
    ]
    told = [label("answers.obligation.note", language), uncertainty(_replications(frame), language)]
    if lately is not None:
        told.insert(1, label("answers.obligation.note_lately", language))
    if sample > 1:
        told.insert(0, label("answers.sample", language, sample=sample))
    title = label("answers.obligation.title", language)
    return Table("obligation", title, " ".join(told), tuple(columns), tuple(rows))


def verdict_of(row: pd.Series, language: Language) -> str:
    """The verdict of a row, in a word."""
    return label(f"answers.obligation.verdicts.{row['verdict']}", language)


def _said(row: pd.Series, language: Language) -> tuple[str, ...]:
    parts = share(language)
    required, days = parts(float(row["required"])), number(language)(float(row["norm_days"]))
    return cell(row, parts, language), days, required, verdict_of(row, language)


def _by_region(apart: pd.DataFrame, regions: Mapping[str, str], language: Language) -> tuple[str, str]:
    """In how many regions of those where people ask it holds, and where the share is lowest."""
    if apart.empty:
        return "–", "–"
    lowest = apart.iloc[int(apart["mean"].argmin())]
    met = int((apart["verdict"] == "met").sum())
    where = f"{regions[str(lowest['region'])]} ({share(language)(float(lowest['mean']))})"
    return label("answers.obligation.of", language, met=met, count=len(apart)), where


def _replications(frame: pd.DataFrame) -> int:
    return int(frame["n"].max()) if len(frame) else 0


def sound_obligation(
    frame: pd.DataFrame, file: Path, scenarios: Mapping[str, object], regions: Mapping[str, str]
) -> pd.DataFrame:
    """The frame read from a file, if it is such as a run with these scenarios writes.

    Raises InputError for the first thing that a run would not have written.
    """
    for column in COLUMNS:
        if column not in frame:
            raise _wrong(file, column, Words("no such column"), f"the columns {', '.join(COLUMNS)}")
    # CSV makes numbers of a column of codes
    sound = frame.assign(region=frame["region"].astype(str).str.zfill(2))
    for line, row in enumerate(sound.to_dict("records"), start=_FIRST_LINE):
        for column, expected in _faults(row, scenarios, regions):
            found = row[column]
            shown = found if isinstance(found, str | int | float) else str(found)
            raise _wrong(file, f"line {line}, column {column}", shown, expected)
    return sound


def _faults(
    row: Mapping[Any, Any], scenarios: Mapping[str, object], regions: Mapping[str, str]
) -> list[tuple[str, str]]:
    """What is wrong in a row: the column, what was expected."""
    faults = []
    for column, expected, known in (
        ("scenario", "a scenario of the manifest", scenarios),
        ("operator", "an operator of the conseil", (ALL, *OPERATORS)),
        ("region", "the code of a region", (ALL, *regions)),
        ("verdict", "what required, mean, low and high say", get_args(Verdict)),
    ):
        if row[column] not in known:
            faults.append((column, expected))
    for column in ("required", "mean", "low", "high"):
        value = row[column]
        absent = isinstance(value, float) and math.isnan(value) and column in ("low", "high")
        if not absent and not (isinstance(value, int | float) and 0 <= value <= 1):
            faults.append((column, "a share between 0 and 1"))
    for column in ("n", "norm_days"):
        if not isinstance(row[column], int):
            faults.append((column, "a whole number"))
    values = (row[name] for name in ("required", "mean", "low", "high"))
    if not faults and row["verdict"] != verdict(*values):
        faults.append(("verdict", "what required, mean, low and high say"))
    return faults


def _wrong(file: Path, field: str, found: object, expected: str) -> InputError:
    return InputError(file=str(file), field=field, found=found, expected=expected)
