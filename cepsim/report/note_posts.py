"""The posts of a note: today, given and needed, by operator and by region, and when to hire."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, Final

import pandas as pd

from cepsim.labels import label
from cepsim.report.cells import day, number
from cepsim.report.table import Table
from cepsim.scenario.vocabulary import OPERATORS, TEAMS
from cepsim.units import SECONDS_PER_HOUR

if TYPE_CHECKING:
    from cepsim.report.note import Note

_LEAD: Final = "unit_costs.recruitment_lead_time.all"


def posts(note: Note) -> Table:
    """Posts given and needed by operator: today, in the first and in the last year."""
    rows = _rows(note, [(note.scenario(name), name, "") for name in note.scenarios])
    columns = [*map(note.text, ("operator", "team", "scenario")), *_post_columns(note)]
    return note.noted("posts", columns, rows, lead=_lead(note))


def posts_by_region(note: Note) -> Table:
    """The same by region, under the main scenario."""
    rows = _rows(note, [(region.name, note.main, region.code) for region in note.regions])
    columns = [*map(note.text, ("operator", "team")), note.said("region"), *_post_columns(note)]
    return note.noted("posts_by_region", columns, rows, scenario=note.scenario(note.main), lead=_lead(note))


#: Natures of advisers' time that is spent on CEP.
_SPENT: Final = ("advisers_used", "advisers_overtime", "advisers_idle", "advisers_outside")
_ANNUAL_HOURS: Final = "unit_costs.annual_working_hours.legal"
#: Less of a post is rounding.
_LEAST_ETP: Final = 0.05
#: What an adviser of an operator does in a year when he is not lent to CEP: figure, and the label of what it
#: counts. The other operators lend nobody.
_OTHER_WORK: Final = {
    "pole_emploi": ("operators.pole_emploi.portfolio_mean", "followed"),
    "missions_locales": ("operators.missions_locales.interviews_per_adviser_fte", "interviews"),
    "cap_emploi": ("operators.cap_emploi.persons_per_adviser_fte", "followed"),
}


def displaced(note: Note) -> list[Table]:
    """What operators that lend advisers no longer do elsewhere, in the last year; none where none lends more.

    The time that advisers spend on CEP beyond that of the reference, what they give back to their other work
    taken off: posts lent and not used displace nothing.
    """
    year = note.years[-1]
    write, plain = number(note.language, 1), number(note.language)
    rows = []
    for operator, (key, unit) in _OTHER_WORK.items():
        each = note.run.plan.tables.figure(key)
        for name in note.scenarios[1:]:
            lent = _redeployed(note, operator, name, year)
            more = _given(note, operator, name, year) - _given(note, operator, note.scenarios[0], year)
            if lent <= 0.0 and abs(more) < _LEAST_ETP:
                continue
            low, high = sorted((more * each.low, more * each.high))
            rows.append(
                (
                    note.operator(operator),
                    note.scenario(name),
                    write(lent),
                    write(more),
                    note.said(f"displaced.{unit}", count=plain(each.mode)),
                    plain(more * each.mode),
                    note.said("displaced.range", low=plain(low), high=plain(high)),
                )
            )
    if not rows:
        return []
    columns = [
        *map(note.text, ("operator", "scenario")),
        *(note.said(f"displaced.{name}", year=year) for name in ("etp", "more", "each", "amount", "between")),
    ]
    return [note.noted("displaced", columns, rows, year=year)]


def _redeployed(note: Note, operator: str, scenario: str, year: int) -> float:
    """Posts that a scenario redeploys in a year."""
    posts = _teams(note.run.posts, operator, "advisers", "")
    here = (posts["scenario"] == scenario) & (posts["year"] == year) & (posts["character"] == "redeployed")
    return float(posts.loc[here, "etp"].sum())


def _given(note: Note, operator: str, scenario: str, year: int) -> float:
    """Posts' worth of advisers' time spent in a year, less what is given back; mean over replications."""
    rows = note.run.ledger
    here = (rows["scenario"] == scenario) & (rows["operator"] == operator) & (rows["year"] == year)
    seconds = float(rows.loc[here & rows["nature"].isin(_SPENT), "quantity"].sum())
    hours = note.run.plan.tables.figure(_ANNUAL_HOURS).mode
    return seconds / (note.run.plan.replications * hours * SECONDS_PER_HOUR)


def _rows(note: Note, of: Sequence[tuple[str, str, str]]) -> list[tuple[str, ...]]:
    """The rows of every team, for each (name shown, scenario, region or none)."""
    rows = []
    for operator, role in product(OPERATORS, TEAMS):
        for name, scenario, region in of:
            cells = _posts_of(note, scenario, operator, role, region)
            if cells is not None:
                rows.append((note.operator(operator), label(f"team.{role}", note.language), name, *cells))
    return rows


def _shown(note: Note) -> list[int]:
    """The first year and the last, which may be the same."""
    return list(dict.fromkeys((note.years[0], note.years[-1])))


def _post_columns(note: Note) -> list[str]:
    return [
        note.said("posts.today"),
        *(
            note.said(f"posts.{name}", year=year)
            for year in _shown(note)
            for name in ("given", "needed", "gap", "hire_by")
        ),
    ]


def _lead(note: Note) -> str:
    return number(note.language)(note.run.plan.tables.figure(_LEAD).mode)


def _posts_of(note: Note, scenario: str, operator: str, role: str, region: str) -> list[str] | None:
    """Posts of today, then given, needed, gap and date for the first and the last year; None: no team."""
    teams = _teams(note.run.posts, operator, role, region)
    here = _teams(note.run.loads, operator, role, region)
    posts, here = teams[teams["scenario"] == scenario], here[here["scenario"] == scenario]
    if posts.empty:
        return None
    today = teams[(teams["scenario"] == note.scenarios[0]) & (teams["year"] == note.years[0])]
    write = number(note.language, 1)
    cells = [write(float(today["etp"].sum()))]
    for year in _shown(note):
        given = float(posts.loc[posts["year"] == year, "etp"].sum())
        of_year = here[here["year"] == year - note.years[0] + 1]
        hours, usable = float(of_year["hours_needed"].sum()), float(of_year["hours_usable"].sum())
        needed = given * hours / usable if usable > 0 else float("nan")
        gap = needed - given
        by = dt.date(year, 1, 1) - dt.timedelta(days=note.run.plan.tables.figure(_LEAD).mode)
        cells += [
            write(given),
            "–" if math.isnan(needed) else write(needed),
            "–" if math.isnan(gap) else write(gap),
            day(by, note.language) if gap > 0 and scenario != note.scenarios[0] else "–",
        ]
    return cells


def posts_in(note: Note, scenario: str, year: int) -> tuple[float, float]:
    """Posts given in a year, and those that teams lack for the work offered: none helps another."""
    posts, loads = note.run.posts, note.run.loads
    here = posts[(posts["scenario"] == scenario) & (posts["year"] == year)]
    work = loads[(loads["scenario"] == scenario) & (loads["year"] == year - note.years[0] + 1)]
    given = here.groupby("team")["etp"].sum()
    teams = work.groupby("team")[["hours_needed", "hours_usable"]].sum()
    lacking = given * (teams["hours_needed"] / teams["hours_usable"] - 1.0)
    return float(given.sum()), float(lacking.clip(lower=0.0).sum())


def _teams(frame: pd.DataFrame, operator: str, role: str, region: str) -> pd.DataFrame:
    """The rows of an operator's teams of a role, in one region or in all."""
    found = frame[(frame["operator"] == operator) & (frame["role"] == role)]
    return found[found["region"] == region] if region else found
