"""The loads that a plan would meet, as a table: an operator's work over its usable hours, year by year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cepsim.cli.render import Sheet
from cepsim.cli.settings import Settings
from cepsim.labels import label
from cepsim.units import format_number, format_share

if TYPE_CHECKING:
    import pandas as pd

    from cepsim.experiment import Plan


def loads_sheet(planned: Plan, settings: Settings) -> Sheet:
    """Hours available and usable in the first year and load of each year, by scenario, operator and team.

    The regions of the plan are taken together: their hours needed over their hours usable. A national
    platform is apart, since its hours cannot answer at a region's counters. Teams that several operators
    share have a row of their own after those of the operators, which are parts of it.
    """
    from cepsim.people.deployment import NATIONAL
    from cepsim.people.pools import pools_of

    text = settings.text
    keys = ["scenario", "operator", "role", "national"]
    loads = planned.loads().assign(national=lambda frame: frame["region"] == NATIONAL)
    summed = ["hours_needed", "hours_available", "hours_usable"]
    hours = loads.groupby([*keys, "year"], sort=False)[summed].sum().reset_index()
    years = sorted(int(year) for year in hours["year"].unique())
    rows = [
        (
            str(scenario),
            label(f"operator.{operator}", settings.language),
            _team(str(role), bool(national), settings),
            format_number(_first(of, "hours_available"), settings.language),
            format_number(_first(of, "hours_usable"), settings.language),
            *(_load(of[of["year"] == year], settings) for year in years),
        )
        for (scenario, operator, role, national), of in hours.groupby(keys, sort=False)
    ]
    for scenario, here in loads.groupby("scenario", sort=False):
        for pool in pools_of(here):
            of = here[here["team"].isin(pool.teams)].groupby("year", as_index=False)[summed].sum()
            names = " + ".join(label(f"operator.{name}", settings.language) for name in pool.operators)
            rows.append(
                (
                    str(scenario),
                    label("answers.pool", settings.language, operators=names),
                    _team(pool.role, pool.national, settings),
                    format_number(_first(of, "hours_available"), settings.language),
                    format_number(_first(of, "hours_usable"), settings.language),
                    *(_load(of[of["year"] == year], settings) for year in years),
                )
            )
    return Sheet(
        title=text("run.loads"),
        note=text("run.loads_note"),
        columns=(
            *(text(f"column.{name}") for name in ("scenario", "operator", "team", "hours", "hours_usable")),
            *(text("column.load_of_year", year=year) for year in years),
        ),
        rows=tuple(rows),
    )


def _team(role: str, national: bool, settings: Settings) -> str:
    team = label(f"team.{role}", settings.language)
    return settings.text("run.national", team=team) if national else team


def _first(of: pd.DataFrame, column: str) -> float:
    return float(of.sort_values("year")[column].iloc[0])


def _load(of: pd.DataFrame, settings: Settings) -> str:
    """A load as a percentage; a dash where nobody works and nothing is asked, ∞ where only work is there."""
    needed, usable = float(of["hours_needed"].sum()), float(of["hours_usable"].sum())
    if usable == 0:
        return "∞" if needed > 0 else "–"
    return format_share(needed / usable, settings.language, 0)
