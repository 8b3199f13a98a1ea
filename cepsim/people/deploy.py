"""From a scenario to a network: teams, stations in every region, sessions, staff on duty."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from math import ceil

import pandas as pd

from cepsim.errors import RegionError, nearest
from cepsim.network import NetworkBuilder, SessionPlan
from cepsim.people.demand import Source, induced_share, sources
from cepsim.people.deployment import Deployment
from cepsim.people.horizon import Horizon
from cepsim.people.profiles import PROFILES
from cepsim.people.staffing import Staffing, TeamStaff
from cepsim.people.stations import EXITS, STATIONS, OperatorStations
from cepsim.people.territory import open_dates
from cepsim.scenario import Scenario
from cepsim.scenario.vocabulary import JOB_SEEKERS, OPERATORS, SCHOOL_LEAVERS
from cepsim.tables import Region, Tables, rake
from cepsim.trace import Ints
from cepsim.units import SECONDS_PER_HOUR

#: Priority of a queue, least first, for ordinary people and for priority publics. Follow-up comes before
#: arrivals at the advisers'; at the first line calls come before visitors, who are patient for longer.
_FOLLOW_UP, _ARRIVAL = (0, 0), (10, 5)
_WEEKS_PER_YEAR = 52
#: A first line with fewer people on duty keeps them all for calls and visits.
_LEAST_FOR_SESSIONS = 2.0


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


def deploy(scenario: Scenario, tables: Tables, codes: Sequence[str]) -> Deployment:
    """Compile a scenario in these regions.

    `tables` are the tables as shipped: the scenario's overrides are applied here. Raises RegionError,
    TableError or NetworkError.
    """
    base = tables
    tables = tables.with_overrides(scenario.figures, file=f"{scenario.name}.toml")
    regions = regions_of(tables, codes)
    calendar = scenario.calendar
    horizon = Horizon(calendar.launch_date, calendar.years, calendar.follow_up_years, calendar.warm_up_years)
    population = rake(tables)
    origins = sources(scenario, tables, population, rake(base), regions)
    staffing = Staffing(scenario, tables, population, regions, horizon)
    teams = staffing.teams()
    builder = NetworkBuilder(
        profiles=[profile.name for profile in PROFILES],
        lanes=[region.code for region in regions],
        classes=2,
    )
    for name in EXITS:
        builder.exit(name)
    plans = _session_plans(scenario, tables, origins, regions, horizon, staffing, teams)
    for team in teams:
        duty = _withdraw_animators(staffing.duty(team), plans.get(team.name))
        builder.team(team.name, duty, team.calendar)
    for operator in OPERATORS:
        OperatorStations(operator, scenario, tables).add_to(builder)
    for region in regions:
        for operator in OPERATORS:
            _place(builder, scenario, teams, operator, region, plans)
    network = builder.compile()
    return Deployment(
        scenario=scenario,
        tables=tables,
        population=population,
        horizon=horizon,
        network=network,
        regions=tuple(region.code for region in regions),
        stations=pd.DataFrame(
            [(operator, *station[1:]) for operator in OPERATORS for station in STATIONS],
            columns=["operator", "stage", "channel", "repeat"],
        ),
        teams=pd.DataFrame(
            [(team.operator, team.role, team.region) for team in teams],
            columns=["operator", "role", "region"],
        ),
        staff=staffing.frame(teams),
        sessions=_session_frame(
            network.queues.holds_sessions, network.queues.session_start, network.queues.team
        ),
        sources=tuple(origins),
    )


def _session_frame(holds: Ints, start: Ints, team: Ints) -> pd.DataFrame:
    queues = [q for q in range(len(holds)) if holds[q] and start[q + 1] > start[q]]
    return pd.DataFrame({"queue": queues, "team": [int(team[q]) for q in queues]}, dtype="int64")


def _team_for(teams: list[TeamStaff], operator: str, station: str, region: Region) -> str:
    """Name of the team that serves a station in a region."""
    role = "advisers" if station in ("accueil", "conseil", "formalisation", "ingenierie") else "first_line"
    channel = ""
    if role == "first_line" and operator == "pole_emploi":
        channel = "telephone" if station.startswith("telephone") else "face_to_face"
    wanted = (operator, role, channel)
    here = [team for team in teams if (team.operator, team.role, team.channel) == wanted]
    own = [team for team in here if team.region == region.code]
    return (own or here)[0].name


def _place(
    builder: NetworkBuilder,
    scenario: Scenario,
    teams: list[TeamStaff],
    operator: str,
    region: Region,
    plans: dict[str, SessionPlan],
) -> None:
    follow_up = _FOLLOW_UP if scenario.service.follow_up_first else _ARRIVAL
    priorities = {
        "conseil": follow_up,
        "formalisation": follow_up,
        "accueil": _ARRIVAL,
        "ingenierie": _ARRIVAL,
        "guichet": _ARRIVAL,
        "guichet_repeat": _ARRIVAL,
    }
    for station, *_ in STATIONS:
        name = f"{operator}.{station}"
        if station in ("dossier", "decision"):
            builder.place(name, region.code, None)
            continue
        team = _team_for(teams, operator, station, region)
        sessions = None
        if station == "collectif":
            sessions = plans.get(team, SessionPlan([], SECONDS_PER_HOUR, seats=1))
        builder.place(name, region.code, team, priority=priorities.get(station, 0), sessions=sessions)


# -- collective information ------------------------------------------------------------------------


def collective_share(scenario: Scenario, tables: Tables) -> float:
    """Share of first contacts of the people admitted that a meeting answers."""
    if not scenario.demand.collective_information:
        return 0.0
    own = f"calendar.information_collective_share.{scenario.service.intensity}"
    return tables.figure(own if tables.has(own) else "calendar.information_collective_share.all").mode


def _session_plans(
    scenario: Scenario,
    tables: Tables,
    origins: list[Source],
    regions: tuple[Region, ...],
    horizon: Horizon,
    staffing: Staffing,
    teams: list[TeamStaff],
) -> dict[str, SessionPlan]:
    """Sessions of each first line: as many a period as the expected contacts fill, in one hour of the day.

    A first line of fewer than two people, or whose contacts would not fill the smallest session, holds none.
    """
    share = collective_share(scenario, tables)
    if share == 0.0:
        return {}
    seats = round(tables.figure("calendar.session_max.collective").mode)
    least = round(tables.figure("calendar.session_min.collective").mode)
    period = round(tables.figure("calendar.session_period.collective").mode)
    begin = round(tables.figure("calendar.session_start.collective").mode * SECONDS_PER_HOUR)
    length = round(tables.figure("stages.information.collective_duration.all.all.all.all").mode_in_base)
    plans = {}
    for number, region in enumerate(regions):
        expected = _weekly_contacts(scenario, tables, origins, number, region)
        for operator in OPERATORS:
            wanted = expected[operator] * share * period / 7
            team = next(t for t in teams if t.name == _team_for(teams, operator, "collectif", region))
            launch = staffing.capacity(team)[-team.first_day :]
            if wanted < least or launch[launch > 0].mean() < _LEAST_FOR_SESSIONS:
                continue
            shift = region.utc_offset_hours * SECONDS_PER_HOUR
            seconds = [
                horizon.second(day) + begin - shift
                for day in _session_days(region, tables, horizon, period, ceil(wanted / seats))
            ]
            plans[team.name] = SessionPlan(seconds, length, seats, least)
    return plans


def _session_days(region: Region, tables: Tables, horizon: Horizon, period: int, wanted: int) -> list[date]:
    """Days on which a session is held: the wanted number a period, over its open days, one a day."""
    last = horizon.launch + timedelta(
        days=horizon.day(horizon.anniversary(horizon.years + horizon.follow_up_years))
    )
    days, start = [], horizon.launch
    while start < last:
        end = min(start + timedelta(days=period), last)
        here = open_dates(region, tables, start, end)
        count = min(wanted, len(here))
        days += [here[rank * len(here) // count] for rank in range(count)]
        start = end
    return days


def _weekly_contacts(
    scenario: Scenario, tables: Tables, origins: list[Source], region: int, place: Region
) -> dict[str, float]:
    """Expected first contacts a week of the people admitted, by operator, once the right is known."""
    growth = 1.0 + induced_share(scenario, tables)
    weekly = dict.fromkeys(OPERATORS, 0.0)
    for origin in origins:
        if origin.region != region or not origin.can_grow:
            continue
        when = scenario.admitted_from(origin.public, place.code, registered=True)
        if when is None:
            continue
        requests = origin.stock * origin.rate * growth / _WEEKS_PER_YEAR
        for operator, part in _expected_operators(tables, origin.public).items():
            weekly[operator] += requests * part  # type: ignore[index]
    return {str(operator): value for operator, value in weekly.items()}


def _expected_operators(tables: Tables, public: str) -> dict[str, float]:
    """Mean market shares of a public's contacts, from the shares of the attributes that route them."""

    def share(order: str, group: str, condition: str, operator: str) -> float:
        return tables.figure(f"market_shares.{order}.{group}.{condition}.{operator}").mode

    if public in JOB_SEEKERS:
        attribute = "publics.attribute.demandeurs_emploi."
        left, parts = 1.0, {}
        for order, condition, operator in (
            ("1", "disability_recognised", "cap_emploi"),
            ("2", "under_26", "missions_locales"),
            ("3", "cadre", "apec"),
        ):
            chance = tables.figure(attribute + condition).mode
            parts[operator] = left * chance * share(order, "demandeurs_emploi", condition, operator)
            left *= 1.0 - chance
        return {**parts, "pole_emploi": 1.0 - sum(parts.values())}
    if public == SCHOOL_LEAVERS:
        young = share("1", public, "all", "missions_locales")
        return {"missions_locales": young, "pole_emploi": 1.0 - young}
    return {"opacif": 1.0}


def _withdraw_animators(duty: list[tuple[int, int]], plan: SessionPlan | None) -> list[tuple[int, int]]:
    """Duty less one person for the length of each session."""
    if plan is None:
        return duty
    changes = dict(duty)
    seconds = sorted(changes)
    number, position = 0, 0
    for begin in sorted(plan.seconds):
        while position < len(seconds) and seconds[position] <= begin:
            number = changes[seconds[position]]
            position += 1
        changes[begin] = max(number - 1, 0)
        changes[begin + plan.length_s] = number
    return sorted(changes.items())
