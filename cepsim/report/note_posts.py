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


#: What an adviser of an operator does in a year when he is not lent to CEP: figure, and the label of what it
#: counts. The other operators lend nobody.
_OTHER_WORK: Final = {
    "pole_emploi": ("operators.pole_emploi.portfolio_mean", "followed"),
    "missions_locales": ("operators.missions_locales.interviews_per_adviser_fte", "interviews"),
    "cap_emploi": ("operators.cap_emploi.persons_per_adviser_fte", "followed"),
}


def displaced(note: Note) -> list[Table]:
    """What posts redeployed to CEP no longer do for their operator, in the last year; none where none are."""
    year, posts = note.years[-1], note.run.posts
    lent = posts[(posts["character"] == "redeployed") & (posts["year"] == year)]
    write, plain = number(note.language, 1), number(note.language)
    rows = []
    for operator, name in product(OPERATORS, note.scenarios):
        etp = float(lent.loc[(lent["operator"] == operator) & (lent["scenario"] == name), "etp"].sum())
        if etp <= 0.0:
            continue
        told = [note.operator(operator), note.scenario(name), write(etp)]
        if operator not in _OTHER_WORK:
            rows.append((*told, "–", "–", "–"))
            continue
        key, unit = _OTHER_WORK[operator]
        each = note.run.plan.tables.figure(key)
        amounts = [plain(etp * value) for value in (each.mode, each.low, each.high)]
        words = note.said(f"displaced.{unit}", count=plain(each.mode))
        rows.append((*told, words, amounts[0], note.said("displaced.range", low=amounts[1], high=amounts[2])))
    if not rows:
        return []
    columns = [
        *map(note.text, ("operator", "scenario")),
        *(note.said(f"displaced.{name}", year=year) for name in ("etp", "each", "amount", "between")),
    ]
    return [note.noted("displaced", columns, rows, year=year)]


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
