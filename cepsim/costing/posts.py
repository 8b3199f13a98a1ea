"""Quantities that follow from posts: paid time, hires, advisers trained, and what each region is given.

Posts are full-time equivalents by team, calendar year and character; what is counted here is whole: seconds,
and thousandths of a hire or of an adviser, since regions have parts of them.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
import pandas as pd

from cepsim.people.deployment import Deployment
from cepsim.people.financer import FINANCER
from cepsim.people.hours import NATIONAL, UNALLOCATED
from cepsim.people.segments import calendar_years
from cepsim.scenario.vocabulary import PUBLICS
from cepsim.units import SECONDS_PER_DAY, SECONDS_PER_HOUR

#: What each character of staff is in the ledger.
STAFF_CHARACTERS: Final = {"existing": "deja_finance", "redeployed": "redeploye", "new": "nouveau_recurrent"}
ONE_OFF: Final = "nouveau_ponctuel"
RECURRENT: Final = "nouveau_recurrent"
#: Operators of what belongs to no operator.
REGIONS: Final = "regions"
EMPLOYERS: Final = "employeurs"
_THOUSAND: Final = 1000


def posts(deployment: Deployment) -> pd.DataFrame:
    """ETP by team, operator and year, with a column for each character of staff, none of them negative.

    A character may be negative where a scenario takes posts away: they are taken off existing posts, then
    redeployed, then new ones. Raises ValueError where more is taken than there is.
    """
    table = deployment.staff.pivot_table(
        index=["team", "operator", "year"], columns="character", values="etp", aggfunc="sum", fill_value=0.0
    ).reindex(columns=list(STAFF_CHARACTERS), fill_value=0.0)
    values = table.to_numpy(dtype=np.float64)
    debt = np.maximum(-values, 0.0).sum(axis=1)
    values = np.maximum(values, 0.0)
    for column in range(values.shape[1]):
        taken = np.minimum(values[:, column], debt)
        values[:, column] -= taken
        debt -= taken
    # Posts are sums of daily means: a rest smaller than a thousandth of a post is rounding.
    if (debt > 1.0 / _THOUSAND).any():
        team, _, year = table.index[int(np.argmax(debt))]
        name = deployment.network.team_names[team]
        raise ValueError(f"team {name}, {year}: more posts are taken away than there are")
    return pd.DataFrame(values, index=table.index, columns=list(STAFF_CHARACTERS)).reset_index()


def paid_seconds(deployment: Deployment) -> pd.DataFrame:
    """Seconds paid by team, operator and year, with a column for each character of staff.

    float64, before rounding. Paid hours are ETP x annual hours; a part of a year is in the mean ETP already.
    """
    hours = deployment.tables.figure("unit_costs.annual_working_hours.legal").mode
    paid = posts(deployment)
    columns = list(STAFF_CHARACTERS)
    paid[columns] = paid[columns] * hours * SECONDS_PER_HOUR
    return paid


def opening_years(deployment: Deployment) -> dict[str, int]:
    """The calendar year in which CEP opens in each region of the run, where it does within the horizon."""
    opened: dict[str, int] = {}
    for region in deployment.regions:
        dates = [
            deployment.scenario.admitted_from(public, region, registered=registered)
            for public in PUBLICS
            for registered in (True, False)
        ]
        first = min((date for date in dates if date is not None), default=None)
        if first is not None and deployment.horizon.second(first) < deployment.horizon.end:
            opened[region] = first.year
    return opened


def staff_rows(deployment: Deployment) -> list[dict[str, object]]:
    """Hires and advisers trained, in thousandths, by team, year and character.

    Who is hired costs the recruitment when it is made, and the first training on arrival.
    """
    rows: list[dict[str, object]] = []
    costs, opened = deployment.scenario.costs, opening_years(deployment)
    names = ["team", "operator", "year", "hires", "arrivals"]
    for team, operator, year, hires, arrivals in deployment.staff[names].itertuples(index=False):
        who = (int(team), str(operator))
        if costs.recruitment:
            rows.append(_of_team(deployment, who, int(year), "hires_thousandths", hires))
        if costs.training_of_advisers and _gives_cep(deployment, int(team), opened):
            rows.append(_of_team(deployment, who, int(year), "trained_thousandths", arrivals))
    if costs.training_of_advisers:
        rows += _first_trainings(deployment, opened)
    return rows


def shift_rows(deployment: Deployment) -> list[dict[str, object]]:
    """Seconds on duty in the evening and on Saturday, by team and year: what a supplement is paid on."""
    if deployment.shift_s is None:
        return []
    years = calendar_years(deployment.horizon)[0]
    return [
        row("shift_s", years[when], region, operator, int(deployment.shift_s[team, when]), RECURRENT, role)
        for team, (operator, role, region) in enumerate(deployment.teams.itertuples(index=False))
        for when in range(len(years))
        if deployment.shift_s[team, when] > 0
    ]


def _first_trainings(deployment: Deployment, opened: dict[str, int]) -> list[dict[str, object]]:
    """Advisers existing or redeployed: all the year before opening, then those who join or replace."""
    leaving = deployment.tables.figure("unit_costs.departure_rate.all").mode
    part = _part_of_year(deployment)
    table = posts(deployment).set_index(["team", "operator", "year"])
    in_place = table["existing"] + table["redeployed"]
    rows = []
    for team, operator in sorted({(team, operator) for team, operator, _ in table.index}):
        if not _gives_cep(deployment, team, opened):
            continue
        opening = _opening(deployment, team, opened)
        trained = 0.0
        for year in part:
            level = float(in_place.get((team, operator, year), 0.0)) / part[year]
            if year < opening:
                continue
            joining = max(level - trained, 0.0)
            trained = max(level, trained)
            when = year - 1 if year == opening else year
            who = (team, operator)
            rows.append(_of_team(deployment, who, when, "trained_thousandths", joining))
            replaced = leaving * level * part[year]
            rows.append(_of_team(deployment, who, year, "trained_thousandths", replaced))
    return rows


def region_rows(deployment: Deployment) -> list[dict[str, object]]:
    """Coordination, information base and shared tools of each region, and bilans that its employers decide.

    The national one-off cost of tools is spread by active people; it falls in the year before launch.
    """
    costs, tables = deployment.scenario.costs, deployment.tables
    part, rows = _part_of_year(deployment), []
    for region, opening in opening_years(deployment).items():
        for year in part:
            if year < opening:
                continue
            if costs.regional_coordination:
                etp = tables.figure("operators.regions.coordination_fte_per_region").mode * part[year]
                hours = tables.figure("unit_costs.annual_working_hours.legal").mode
                seconds = round(etp * hours * SECONDS_PER_HOUR)
                rows.append(row("coordination_s", year, region, REGIONS, seconds, RECURRENT))
            if costs.information_base:
                days = round(part[year] * _THOUSAND)
                rows.append(row("base_thousandths", year, region, NATIONAL, days, RECURRENT))
    if costs.shared_tools:
        before = deployment.horizon.launch.year - 1
        active = deployment.population.stocks.sum(axis=1)
        for region in deployment.regions:
            rows.append(row("active_persons", before, region, NATIONAL, int(active[region]), ONE_OFF))
    return [*rows, *_bilans_of_employers(deployment)] if costs.employer_bilans else rows


def _bilans_of_employers(deployment: Deployment) -> list[dict[str, object]]:
    """Bilans that employers decide, whether or not CEP opens, and their hours on working time.

    Regions share those of France as they share the OPACIF's people.
    """
    tables, rows = deployment.tables, []
    yearly = tables.figure("operators.bdc_plan_de_formation.bilans").mode
    part = _part_of_year(deployment)
    hours = tables.figure("unit_costs.bdc_hours.legal_max").mode_in_base
    on_time = tables.figure("stages.conseil.share_on_working_time.salaries.all.all.all").mode
    existing = STAFF_CHARACTERS["existing"]
    for region in deployment.regions:
        key = float(deployment.population.keys.loc[[region], FINANCER].sum())
        for year in part:
            bilans = round(yearly * key * part[year])
            seconds = round(bilans * hours * on_time)
            rows.append(row("bilans_plan", year, region, EMPLOYERS, bilans, existing))
            rows.append(row("working_time_s", year, region, EMPLOYERS, seconds, existing))
    return rows


def row(
    quantity: str, year: int, region: str, operator: str, value: int, character: str, role: str = ""
) -> dict[str, object]:
    """A row of quantities that belongs to no stage and no public."""
    return {
        "quantity": quantity,
        "role": role,
        "year": year,
        "region": region,
        "operator": operator,
        "stage": UNALLOCATED,
        "public": UNALLOCATED,
        "character": character,
        "value": value,
    }


def _of_team(
    deployment: Deployment, who: tuple[int, str], year: int, quantity: str, count: float
) -> dict[str, object]:
    """A row of what a team costs an operator."""
    number, operator = who
    team, value = deployment.teams.iloc[number], round(count * _THOUSAND)
    return row(quantity, year, str(team["region"]), operator, value, ONE_OFF, str(team["role"]))


def _gives_cep(deployment: Deployment, team: int, opened: dict[str, int]) -> bool:
    """Whether a team is of advisers whose region opens; a national one follows the first region."""
    who = deployment.teams.iloc[team]
    return who["role"] == "advisers" and bool(opened) and who["region"] in (*opened, NATIONAL)


def _opening(deployment: Deployment, team: int, opened: dict[str, int]) -> int:
    return opened.get(str(deployment.teams.iloc[team]["region"]), min(opened.values()))


def _part_of_year(deployment: Deployment) -> dict[int, float]:
    """The part of each calendar year that lies in the horizon."""
    years, bounds = calendar_years(deployment.horizon)
    lengths = {year: (dt.date(year + 1, 1, 1) - dt.date(year, 1, 1)).days for year in years}
    seconds = dict(zip(years, np.diff(bounds).tolist(), strict=True))
    return {year: seconds[year] / (lengths[year] * SECONDS_PER_DAY) for year in years}
