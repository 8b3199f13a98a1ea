"""Scenarios and figures in words, for the tables of the command line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cepsim.cli.render import Sheet
from cepsim.cli.settings import Settings
from cepsim.labels import label

if TYPE_CHECKING:
    import pandas as pd

    from cepsim.scenario import Scenario
    from cepsim.tables import Tables

_FIGURES = "figures"


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
        rows.append((key, key_label(key, settings), value_text(value), said_by))
    title, debate = (getattr(words, settings.language) for words in (scenario.title, scenario.debate))
    names = ("key", "meaning", "value", "said_by")
    return Sheet(
        title=f"{scenario.name} : {title}" if settings.language == "fr" else f"{scenario.name}: {title}",
        note=f"{debate} {settings.text('scenarios.reasons')}" if _gives_reasons(scenario) else debate,
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


def value_text(value: Any) -> str:
    """A value as a scenario file writes it, or nearly: codes stay codes, since a reader may copy them."""
    if value is None or value == () or value == {}:
        return "–"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        if {"low", "mode", "high"} <= value.keys():
            return _range_text(value)
        return "; ".join(
            f"{name} = {value_text(inner)}" for name, inner in value.items() if inner is not None
        )
    if isinstance(value, list | tuple):
        separator = "\n" if isinstance(value[0], Mapping) else ", "
        return separator.join(value_text(inner) for inner in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _range_text(value: Mapping[str, Any]) -> str:
    why = value.get("reason") or value.get("source") or ""
    return f"{value['mode']:.10g} [{value['low']:.10g} – {value['high']:.10g}]" + (f" ({why})" if why else "")


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
