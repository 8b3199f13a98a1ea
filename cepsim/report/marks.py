"""A run against what was observed: the table of its marks, and the check of marks read from a file."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from cepsim.errors import InputError, nearest
from cepsim.labels import Language, label, labels_under
from cepsim.report.cells import number
from cepsim.report.table import Table
from cepsim.scenario.fields import Words
from cepsim.units import UNITS

if TYPE_CHECKING:
    from cepsim.experiment import Plan

_COLUMNS: Final = ("scenario", "quantity", "unit", "low", "high", "found", "inside", "set_inputs")
_HEADINGS: Final = ("mark.name", "scenario", "low", "high", "found", "verdict", "calibration")
#: The line of a CSV file that holds its first row.
_FIRST_LINE: Final = 2
_ADVISERS: Final = "operators.opacif.advisers_fte"


def marks_table(
    marks: pd.DataFrame,
    titles: Mapping[str, str],
    language: Language,
    *,
    sample: int = 1,
    advisers: Callable[[str], Mapping[str, str]] | None = None,
) -> Table:
    """What was found beside each mark, and which inputs were set on it.

    `titles` are those of the scenarios, by name. `advisers` gives the posts of a scenario and those of the
    tables (`etp`, `table_etp`): without it, the note does not say that they make a cost miss its mark.
    """

    def text(key: str, **values: object) -> str:
        return label(f"answers.{key}", language, **values)

    rows, why = [], {}
    for mark in marks.to_dict("records"):
        plain = number(language, 2 if mark["high"] < 10 else 0)
        known = not math.isnan(mark["found"])
        verdict = text("inside" if mark["inside"] else "outside")
        rows.append(
            (
                text(f"mark.{mark['quantity']}"),
                titles[mark["scenario"]],
                plain(mark["low"]),
                plain(mark["high"]),
                plain(mark["found"]) if known else "–",
                verdict if known else "–",
                text(f"set_on.{mark['quantity']}" if mark["set_inputs"] else "independent"),
            )
        )
        dear = mark["quantity"] == "cost_per_person_received" and mark["found"] > mark["high"]
        if dear and advisers is not None:
            why["cost"] = text("marks_why.cost", **advisers(mark["scenario"]))
        if UNITS[mark["unit"]].kind == "flow" and mark["found"] < mark["low"]:
            why["volumes"] = text("marks_why.volumes")
        if mark["quantity"].startswith("cif_acceptance") and known and not mark["inside"]:
            why["cif"] = text("marks_why.cif")
    of_sample = [text("sample", sample=sample)] if sample > 1 else []
    note = " ".join([*of_sample, text("marks.note"), *why.values()])
    return Table("marks", text("marks.title"), note, tuple(map(text, _HEADINGS)), tuple(rows))


def adviser_posts(plan: Plan, language: Language) -> Callable[[str], dict[str, str]]:
    """What gives the advisers' posts of the OPACIF in a scenario of a run, and in the tables."""
    write = number(language)

    def of(name: str) -> dict[str, str]:
        (scenario,) = (one for one in plan.scenarios if one.name == name)
        given = plan.tables.with_overrides(scenario.figures, file=name).figure(_ADVISERS).mode
        return {"etp": write(given), "table_etp": write(plan.tables.figure(_ADVISERS).mode)}

    return of


def titles_of(manifest: Mapping[str, Any], file: Path, language: Language) -> dict[str, str]:
    """Titles of a run's scenarios by name, from its manifest. Raises InputError where one has none."""
    scenarios = manifest.get("scenarios")
    if not isinstance(scenarios, dict):
        raise _wrong(file, "scenarios", Words("no scenario"), "the scenarios of the run, each whole")
    titles = {}
    for name, scenario in scenarios.items():
        try:
            titles[name] = str(tomllib.loads(scenario["toml"])["title"][language])
        except (ValueError, LookupError, TypeError, AttributeError):
            raise _wrong(
                file, f"scenarios.{name}", Words("no title"), "the scenarios of the run, each whole"
            ) from None
    return titles


def sound_marks(frame: pd.DataFrame, file: Path, scenarios: Mapping[str, object]) -> pd.DataFrame:
    """Marks read from a file, if they are such as a run with these scenarios writes.

    Raises InputError for the first thing that a run would not have written.
    """
    for column in _COLUMNS:
        if column not in frame:
            raise _wrong(file, column, Words("no such column"), f"the columns {', '.join(_COLUMNS)}")
    if frame.empty:
        raise _wrong(file, "", Words("no row"), "at least one mark")
    # a text that is empty comes back from CSV as a value that is absent
    inputs = frame["set_inputs"].astype(object)
    marks = frame.assign(set_inputs=inputs.where(inputs.notna(), ""))
    for line, mark in enumerate(marks.to_dict("records"), start=_FIRST_LINE):
        for column, expected, remedy in _faults(mark, scenarios):
            found = mark[column]
            shown = found if isinstance(found, str | int | float) else str(found)
            raise _wrong(file, f"line {line}, column {column}", shown, expected, remedy)
    return marks.astype({"inside": bool})


def _faults(mark: Mapping[Any, Any], scenarios: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    """What is wrong in a row: the column, what was expected, a remedy that may be empty."""
    quantities = labels_under("answers.mark").keys() - {"name"}
    words = (
        ("scenario", "a scenario of the manifest", scenarios),
        ("quantity", "a quantity that marks are made of", quantities),
        ("unit", "a unit of the vocabulary", UNITS),
    )
    for column, expected, known in words:
        if not isinstance(mark[column], str) or mark[column] not in known:
            yield column, expected, nearest(str(mark[column]), known)
    for column in ("low", "high", "found"):
        value = mark[column]
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        # nothing is found where it would be divided by nobody
        if not is_number or math.isinf(value) or (column != "found" and math.isnan(value)):
            yield column, "a finite number", ""
    if mark["low"] > mark["high"]:
        yield "high", f"a value greater than or equal to {mark['low']}", ""
    if not isinstance(mark["inside"], bool) or mark["inside"] != (
        mark["low"] <= mark["found"] <= mark["high"]
    ):
        yield "inside", "what low, high and found say", ""
    sample = mark.get("sample", 1)
    if not isinstance(sample, int) or sample < 1:
        yield "sample", "a whole number", ""
    set_on = labels_under("answers.set_on")
    if not isinstance(mark["set_inputs"], str) or (mark["set_inputs"] and mark["quantity"] not in set_on):
        yield "set_inputs", "nothing, where no input was set on the mark", ""


def _wrong(file: Path, field: str, found: object, expected: str, remedy: str = "") -> InputError:
    return InputError(file=str(file), field=field, found=found, expected=expected, remedy=remedy)
