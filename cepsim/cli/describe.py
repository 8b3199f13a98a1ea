"""Scenarios and figures in words, for the tables of the command line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cepsim.cli.render import Sheet, exact
from cepsim.cli.settings import Settings
from cepsim.labels import label

if TYPE_CHECKING:
    import pandas as pd

    from cepsim.scenario import Scenario
    from cepsim.tables import Tables

_FIGURES = "figures"
#: What a scenario is held against, from the most usual.
_USUAL = ("central", "reference", "premiere-vague")
#: Whole numbers from here on are written by thousands: years are below.
_LARGE = 10_000


def ancestors(scenario: Scenario, name_or_path: str, tables: Tables) -> list[Scenario]:
    """What a scenario extends, nearest first; a file's parent is looked for beside it first."""
    from cepsim.scenario import load_scenario

    folder = Path(name_or_path).parent
    found: list[Scenario] = []
    extends = scenario.extends
    while extends is not None:
        beside = folder / f"{extends}.toml"
        is_file = name_or_path.endswith(".toml") and beside.is_file()
        found.append(load_scenario(beside if is_file else extends, tables=tables))
        extends = found[-1].extends
    return found


def heading(scenario: Scenario, settings: Settings) -> str:
    """The name and the title of a scenario."""
    title = getattr(scenario.title, settings.language)
    return f"{scenario.name} : {title}" if settings.language == "fr" else f"{scenario.name}: {title}"


def changes_sheet(scenario: Scenario, base: Scenario, name_or_path: str, settings: Settings) -> Sheet:
    """What a scenario changes of the one that it extends, and how to see what differs from another."""
    from cepsim.scenario import diff

    rows = tuple(
        (key_label(key, settings), *(value_text(value, settings) for value in values), key)
        for key, *values in diff(base, scenario)
    )
    if not rows:
        return Sheet(settings.text("scenarios.same", first=scenario.name, second=base.name), "", (), ())
    other = next(known for known in _USUAL if known not in (scenario.name, base.name))
    return Sheet(
        title=settings.text("scenarios.changes", name=scenario.name, base=base.name),
        note=settings.text("scenarios.others", other=other, name=name_or_path),
        columns=(settings.text("column.meaning"), base.name, scenario.name, settings.text("column.key")),
        rows=rows,
    )


def scenario_sheet(scenario: Scenario, older: Sequence[Scenario], settings: Settings) -> Sheet:
    """Every field of a scenario: dotted key, what it is, value, and the scenario that says so."""
    from cepsim.scenario.load import settings as content_of
    from cepsim.scenario.merge import leaves

    contents = [(of.name, leaves(content_of(of))) for of in (scenario, *older)]
    rows = []
    for key, value in contents[0][1].items():
        said_by = scenario.name
        for name, content in contents[1:]:
            if key not in content or content[key] != value:
                break
            said_by = name
        rows.append((key, key_label(key, settings), value_text(value, settings), said_by))
    names = ("key", "meaning", "value", "said_by")
    note = settings.text("scenarios.values")
    return Sheet(
        title=settings.text("scenarios.whole"),
        note=f"{note} {settings.text('scenarios.reasons')}" if _gives_reasons(scenario) else note,
        columns=tuple(settings.text(f"column.{name}") for name in names),
        rows=tuple(rows),
    )


def _gives_reasons(scenario: Scenario) -> bool:
    """Whether a scenario holds words that only its file has: why a number, or where from."""
    dated = (scenario.demand.shocks, scenario.staff.changes, scenario.staff.closures)
    return any([scenario.figures, *dated, scenario.service.commission_budget_changes])


def key_label(key: str, settings: Settings) -> str:
    """What a field of a scenario is, in words."""
    return label(f"scenario.{_FIGURES if key.startswith(f'{_FIGURES}.') else key}", settings.language)


def value_text(value: Any, settings: Settings, name: str = "") -> str:
    """A value in words where it has some; codes stay codes, since a reader may copy them.

    `name` is that of the field which holds it, where it is one of several in a table.
    """
    if value is None or value == () or value == {}:
        return "–"
    if isinstance(value, bool):
        return settings.text(f"value.{str(value).lower()}")
    if value == "none":
        return settings.text("value.none")
    if value == "all":
        return settings.text("value.all_regions" if name == "regions" else "value.all")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        if {"low", "mode", "high"} <= value.keys():
            return _range_text(value, settings)
        return "; ".join(
            f"{field} = {value_text(inner, settings, field)}"
            for field, inner in value.items()
            if inner is not None
        )
    if isinstance(value, list | tuple):
        separator = "\n" if isinstance(value[0], Mapping) else ", "
        return separator.join(value_text(inner, settings) for inner in value)
    is_number = isinstance(value, float) or (isinstance(value, int) and value >= _LARGE)
    return exact(value, settings) if is_number else str(value)


def _range_text(value: Mapping[str, Any], settings: Settings) -> str:
    why = value.get("reason") or value.get("source") or ""
    low, mode, high = (exact(value[name], settings) for name in ("low", "mode", "high"))
    return f"{mode} [{low} – {high}]" + (f" ({why})" if why else "")


def figures_frame(tables: Tables) -> pd.DataFrame:
    """The figures that may feed a scenario, with their provenance.

    Columns: id, low, mode, high, unit, confidence, year, provenance (source, else note), overridden.
    """
    import pandas as pd

    return pd.DataFrame(
        [
            (f.id, f.low, f.mode, f.high, f.unit, f.confidence, f.year, f.source or f.note, f.overridden)
            for f in tables.figures.values()
            if f.addressable
        ],
        columns=["id", "low", "mode", "high", "unit", "confidence", "year", "provenance", "overridden"],
    )
