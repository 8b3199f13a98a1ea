"""From a scenario to a network: teams, stations in every region, sessions, staff on duty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from cepsim.errors import RegionError, nearest
from cepsim.network import CommissionPlan, NetworkBuilder, SessionPlan
from cepsim.people.bilan_first import BILAN, WAIT, provider_plans
from cepsim.people.closures import close_queues, stops
from cepsim.people.commissions import WAYS, answer_s, commission_plans
from cepsim.people.crowd import OTHER_ACTOR
from cepsim.people.deployment import Deployment
from cepsim.people.financer import FINANCER
from cepsim.people.horizon import Horizon
from cepsim.people.informing import informed_shares
from cepsim.people.profiles import profiles_of
from cepsim.people.segments import calendar_years
from cepsim.people.sessions import Meetings, session_plans, withdraw_animators
from cepsim.people.shifts import availability, class_count
from cepsim.people.sources import sources
from cepsim.people.staffing import Staffing, TeamStaff
from cepsim.people.stage_figures import StageFigures
from cepsim.people.stations import EXITS, OperatorStations, add_commissions, add_overflow, stations_of
from cepsim.scenario import Scenario
from cepsim.scenario.vocabulary import OPERATORS
from cepsim.tables import Population, Region, Tables, rake
from cepsim.trace import Ints
from cepsim.units import SECONDS_PER_HOUR

#: Priority of a queue, least first, for ordinary people and for priority publics, whoever decides on their
#: files. Follow-up comes before arrivals at the advisers'; at the first line calls come before visitors, who
#: are patient for longer, and its own calls come last.
_FOLLOW_UP, _ARRIVAL, _OUTBOUND = (0, 0) * len(WAYS), (10, 5) * len(WAYS), (20, 15) * len(WAYS)

#: Where nobody serves.
_DELAYS: Final = ("tests", "enquetes", "dossier", *WAYS, WAIT, BILAN)


def regions_of(tables: Tables, codes: Sequence[str]) -> tuple[Region, ...]:
    """The regions of these codes, in the order of the tables. Raises RegionError for an unknown one."""
    known = {region.code: region for region in tables.regions}
    by_name = {region.name: region.code for region in tables.regions}
    for code in codes:
        if code not in known:
            close = nearest(code, [*known, *by_name])
            raise RegionError(
                file="regions_names.csv",
                field="region",
                found=code,
                expected='a code of a region of 2012, such as "53"',
                remedy=close,
            )
    return tuple(region for region in tables.regions if region.code in set(codes))


def deploy(scenario: Scenario, tables: Tables, codes: Sequence[str], sample: int = 1) -> Deployment:
    """Compile a scenario in these regions, for everybody or for one person in `sample`.

    `tables` are the tables as shipped: the scenario's overrides are applied here. Raises RegionError,
    TableError or NetworkError.
    """
    base = tables
    tables = tables.with_overrides(scenario.figures, file=f"{scenario.name}.toml")
    regions = regions_of(tables, codes)
    calendar = scenario.calendar
    horizon = Horizon.of(calendar)
    population = rake(tables)
    origins = sources(scenario, tables, population, rake(base), regions)
    staffing = Staffing(scenario, tables, population, regions, horizon, sample)
    teams = staffing.teams()
    builder = NetworkBuilder(
        profiles=[profile.name for profile in profiles_of(scenario)],
        lanes=[region.code for region in regions],
        classes=len(_ARRIVAL) * class_count(scenario),
    )
    for name in EXITS:
        builder.exit(name)
    desks: dict[tuple[str, str], TeamStaff] = {
        (operator, region.code): _team_for(teams, operator, "collectif", region)
        for operator in OPERATORS
        for region in regions
    }
    plans = session_plans(scenario, tables, origins, regions, horizon, desks, sample)
    for team in teams:
        duty = team.duty()
        if team.name in plans:
            # the share of a desk's people that a meeting takes is small, unless the desk is a sample of one
            duty = withdraw_animators(duty, plans[team.name].plan, stay=0 if sample == 1 else 1)
        builder.team(team.name, duty, team.openings)
    for operator in OPERATORS:
        OperatorStations(operator, scenario, tables).add_to(builder)
    if scenario.service.overflow:
        add_overflow(scenario, tables, builder)
        builder.publish(horizon.mondays)
    add_commissions(scenario, builder)
    for region in regions:
        boards: dict[str, CommissionPlan | SessionPlan] = {
            **_commissions(scenario, tables, population, region, horizon, sample),
            **provider_plans(scenario, tables, population, region, horizon, sample),
        }
        for operator in OPERATORS:
            _place(builder, scenario, teams, operator, region, plans, boards)
    for stop in stops(scenario, [region.code for region in regions], horizon):
        if stop.second < horizon.observed:
            place = regions[stop.lane]
            desk = _team_for(teams, stop.closure.heir, "guichet", place)
            close_queues(builder, stop, place.code, desk.calendar, meets=desk.name in plans)
    network = builder.compile()
    return Deployment(
        scenario=scenario,
        tables=tables,
        population=population,
        horizon=horizon,
        network=network,
        regions=tuple(region.code for region in regions),
        stations=pd.DataFrame(
            [(operator, *station[1:]) for operator in OPERATORS for station in stations_of(scenario)],
            columns=["operator", "stage", "channel", "repeat"],
        ),
        teams=pd.DataFrame(
            [(team.operator, team.role, team.region) for team in teams],
            columns=["operator", "role", "region"],
        ),
        staff=staffing.frame(teams),
        sessions=_session_frame(
            network.queues.holds_sessions,
            network.queues.session_start,
            network.queues.team,
            [plans[team.name].share if team.name in plans else 0.0 for team in teams],
        ),
        sources=tuple(origins),
        sample=sample,
        whole_duty=None if sample == 1 else _whole_duty(teams, horizon),
        shift_s=_shift_seconds(teams, horizon) if scenario.staff.shifts else None,
        informed_by=informed_shares(scenario, tables, population, origins, regions),
    )


def _whole_duty(teams: list[TeamStaff], horizon: Horizon) -> Ints:
    """Seconds that the whole staff is on duty, by team and calendar year of the horizon."""
    bounds = calendar_years(horizon)[1]
    return np.stack([replace(team, sample=1).duty_seconds(bounds) for team in teams])


def _shift_seconds(teams: list[TeamStaff], horizon: Horizon) -> Ints:
    """The same in the evening and on Saturday."""
    bounds = calendar_years(horizon)[1]
    return np.stack([replace(team, sample=1).shift_seconds(bounds) for team in teams])


def _session_frame(holds: Ints, start: Ints, team: Ints, shares: Sequence[float]) -> pd.DataFrame:
    queues = [q for q in range(len(holds)) if holds[q] and team[q] >= 0 and start[q + 1] > start[q]]
    found = pd.DataFrame({"queue": queues, "team": [int(team[q]) for q in queues]}, dtype="int64")
    return found.assign(share=[shares[number] for number in found["team"]])


def _team_for(teams: list[TeamStaff], operator: str, station: str, region: Region) -> TeamStaff:
    """The team that serves a station in a region."""
    here = [team for team in teams if team.kind.serves(operator, station)]
    own = [team for team in here if team.region == region.code]
    return (own or here)[0]


def _commissions(
    scenario: Scenario, tables: Tables, population: Population, region: Region, horizon: Horizon, sample: int
) -> dict[str, CommissionPlan]:
    """The commissions of a region by the name of their station; none where every file is accepted."""
    figures = StageFigures(FINANCER, scenario, tables)
    if not figures.has_commissions:
        return {}
    anybody = next(p for p in figures.profiles if figures.asks_commission(p))
    decision = figures.figure("ingenierie", "financer_decision", anybody, "formation")
    answer = answer_s(tables, decision)
    changes = scenario.service.commission_budget_changes
    plans = commission_plans(tables, population, region, horizon, answer, sample, changes)
    return {figures.name(station): plan for station, plan in plans.items()}


def _place(
    builder: NetworkBuilder,
    scenario: Scenario,
    teams: list[TeamStaff],
    operator: str,
    region: Region,
    plans: dict[str, Meetings],
    boards: dict[str, CommissionPlan | SessionPlan],
) -> None:
    times = class_count(scenario)
    follow_up = _FOLLOW_UP if scenario.service.follow_up_first else _ARRIVAL
    priorities = {
        "conseil": follow_up,
        "formalisation": follow_up,
        "accueil": _ARRIVAL,
        "collectif": _ARRIVAL,
        "ingenierie": _ARRIVAL,
        "mises_en_situation": follow_up,
        "guichet": _ARRIVAL,
        "guichet_repeat": _ARRIVAL,
        "sortant": _OUTBOUND,
    }
    for station, _, channel, _ in stations_of(scenario):
        name = f"{operator}.{station}"
        if station in _DELAYS:
            board = boards.get(name)
            builder.place(name, region.code, None, priority=_ARRIVAL * times, sessions=board)
            continue
        if channel == OTHER_ACTOR:
            builder.place(name, region.code, None)
            continue
        of = _team_for(teams, operator, station, region)
        team, sessions, hours = of.name, None, None
        if of.shift is not None:
            evening, reserved = of.shift.calendar, of.shift.reserved
            hours = availability(station, of.calendar, evening, reserved=reserved, each=len(_ARRIVAL))
        if station == "collectif":
            # where no meeting is held the queue stays empty: nobody is sent there
            sessions = plans[team].plan if team in plans else SessionPlan([], SECONDS_PER_HOUR, seats=1)
        priority = priorities.get(station)
        builder.place(
            name,
            region.code,
            team,
            priority=priority * times if priority else 0,
            availability=hours,
            sessions=sessions,
        )
