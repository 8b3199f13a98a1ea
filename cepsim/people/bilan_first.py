"""Bilans that the rest of a path waits for, and the providers who make them.

    accueil -> notice to the employer -> attente_bilan -> bilan -> what follows the accueil

Where a scenario says so, the bilan of somebody admitted comes first: for employees before whatever follows
the accueil, for others before a conseil at an operator with psychologists. `attente_bilan` is for those whose
providers begin so many bilans a year: an open day gives so many places, to the first who wait. Who waits for
longer than he would for an interview goes on without a bilan. Providers and psychologists have no team here:
bilans have a price, or are in posts that are paid already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from cepsim.laws import constant
from cepsim.network import Branch, NetworkBuilder, SessionPlan, Station
from cepsim.people.asking import Drawer
from cepsim.people.bilans import acceptance, is_made, without_leave
from cepsim.people.cells import Mask
from cepsim.people.demand import Draw
from cepsim.people.financer import FINANCER
from cepsim.people.horizon import Horizon
from cepsim.people.profiles import Profile
from cepsim.people.stage_figures import StageFigures
from cepsim.people.territory import adviser_hours, region_calendar
from cepsim.scenario import Scenario
from cepsim.scenario.vocabulary import BOUNDS_OF_BILANS
from cepsim.tables import Population, Region, Tables
from cepsim.units import SECONDS_PER_DAY

WAIT: Final = "attente_bilan"
BILAN: Final = "bilan"
#: (station, stage, channel, repeat) of every operator, where a scenario lets bilans come first.
BILAN_STATIONS: Final = ((WAIT, "accueil", "bilan_wait", 1), (BILAN, "accueil", "bilan", 1))
#: Channels of what is no interview of an adviser.
BILAN_CHANNELS: Final = ("bilan_wait", "bilan")
#: Somebody taken has his bilan from the next second on.
_PLACE_S: Final = 1


def yearly_bound(scenario: Scenario, operator: str) -> float:
    """Bilans that may begin in a year in France for the people of an operator; 0 for no bound."""
    return (
        float(getattr(scenario.service, BOUNDS_OF_BILANS[operator])) if operator in BOUNDS_OF_BILANS else 0.0
    )


def whose_come_first(
    draw: Draw, drawer: Drawer, asked: Mask, employee: Mask, lacking: tuple[Mask, Mask], short: Mask
) -> Mask:
    """Whose bilan comes first, of those admitted who have `asked` for one; shape (n,).

    Employees whose request is accepted, once: `lacking` are those who lack seniority and who had one lately,
    `short` those whose account does not hold its hours. Nobody where the scenario lets none come first.
    """
    scenario = draw.scenario
    if not scenario.service.bilan_first:
        return np.zeros(len(asked), dtype=np.bool_)
    of_plan, refused = without_leave(scenario, *lacking)
    if scenario.financing.cpf_short == "excluded":
        refused = refused | (short & ~of_plan)
    decided = (employee & ~of_plan).astype(np.uint16)
    return asked & ~refused & drawer.below("bilan_accepted", [1.0, acceptance(draw.tables)], decided)


def add_bilan_stations(figures: StageFigures, builder: NetworkBuilder, blocks: Sequence[int]) -> None:
    """Add the two stations of an operator; `blocks` are those of their draws."""
    elapsed = figures.elapsed(figures.tables.figure("stages.conseil.bdc_elapsed.all.all.all.all"))
    patience = None
    if yearly_bound(figures.scenario, figures.operator):
        patience = {profile.name: figures.patience(profile) for profile in figures.profiles}
    builder.station(Station(figures.name(WAIT), blocks[0], constant(_PLACE_S), patience=patience))
    builder.station(Station(figures.name(BILAN), blocks[1], elapsed))


def through_bilan(
    figures: StageFigures, builder: NetworkBuilder, profile: Profile, onward: list[Branch]
) -> list[Branch]:
    """The ways on from the accueil of a profile: `onward` unless a bilan comes first, routed here."""
    if not (profile.bilan and is_made(figures.tables, figures.operator, profile.population)):
        return onward
    who, wait, bilan = [profile.name], figures.name(WAIT), figures.name(BILAN)
    bound = yearly_bound(figures.scenario, figures.operator)
    first = wait if bound and (figures.operator == FINANCER) == (profile.population == "salaries") else bilan
    if profile.population == "salaries":
        notice = figures.tables.figure("stages.conseil.bdc_admin_delay_on_worktime.salaries.all.all.all")
        before = [Branch(1.0, first, figures.elapsed(notice) if profile.notice else None)]
        after = onward
    else:
        conseil = [branch for branch in onward if branch.to == figures.name("conseil")]
        before = [replace(branch, to=first, gap=None) if branch in conseil else branch for branch in onward]
        after = [replace(branch, share=1.0) for branch in conseil]
    if after:
        builder.route(wait, [Branch(1.0, bilan)], profiles=who)
        builder.route(wait, after, after="lost", profiles=who)
        builder.route(bilan, after, profiles=who)
    return before


def provider_plans(
    scenario: Scenario,
    tables: Tables,
    population: Population,
    region: Region,
    horizon: Horizon,
    sample: int = 1,
) -> dict[str, SessionPlan]:
    """When bilans may begin in a region, by station: as many each open day of a year, a place each.

    The region's part of those of France, as it shares the people of the operator; for a sample of one person
    in `sample`, so many times less.
    """
    plans = {}
    for operator in BOUNDS_OF_BILANS:
        bound = yearly_bound(scenario, operator)
        if bound == 0:
            continue
        yearly = bound * float(population.keys.loc[[region.code], operator].sum()) / sample
        calendar = region_calendar(region, tables, horizon, adviser_hours(tables))
        days, first = np.unique(calendar.opens // SECONDS_PER_DAY, return_index=True)
        years = np.array([horizon.date_of(int(day) * SECONDS_PER_DAY).year for day in days])
        _, of_year, open_days = np.unique(years, return_inverse=True, return_counts=True)
        begun = np.floor(np.cumsum(yearly / open_days[of_year]) + 0.5).astype(np.int64)
        places = np.diff(begun, prepend=0)
        rank = np.arange(int(places.sum())) - np.repeat(begun - places, places)
        seconds = np.repeat(calendar.opens[first], places) + rank
        within = (seconds >= horizon.begin) & (seconds < horizon.observed)
        plans[f"{operator}.{WAIT}"] = SessionPlan(seconds[within].tolist(), _PLACE_S, seats=1)
    return plans
