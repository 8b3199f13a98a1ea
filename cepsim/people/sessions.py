"""Collective information: how many meetings each first line holds, when, and who animates them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor

from cepsim.network import SessionPlan
from cepsim.people.asking import admitted_part
from cepsim.people.demand import induced_share
from cepsim.people.horizon import DAYS_PER_YEAR, Horizon
from cepsim.people.sources import Source
from cepsim.people.staffing import TeamStaff
from cepsim.people.territory import open_dates
from cepsim.scenario import Scenario
from cepsim.scenario.events import includes
from cepsim.scenario.vocabulary import JOB_SEEKERS, OPERATORS, SCHOOL_LEAVERS, Public
from cepsim.tables import Region, Tables
from cepsim.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE

#: Beside the animators at work together, so many people of a first line stay for calls and visits.
_AT_THE_DESK = 1.0


def collective_share(scenario: Scenario, tables: Tables) -> float:
    """Share of first contacts of the people admitted that a meeting answers."""
    if not scenario.demand.collective_information:
        return 0.0
    scope = "remote_first" if scenario.service.remote_first else scenario.service.intensity
    own = f"calendar.information_collective_share.{scope}"
    return tables.figure(own if tables.has(own) else "calendar.information_collective_share.all").mode


@dataclass(frozen=True, slots=True)
class Meetings:
    """The meetings of a first line, and the share of the first contacts of the admitted that they answer."""

    plan: SessionPlan
    share: float


def session_plans(
    scenario: Scenario,
    tables: Tables,
    origins: list[Source],
    regions: tuple[Region, ...],
    horizon: Horizon,
    desks: Mapping[tuple[str, str], TeamStaff],
    sample: int = 1,
) -> dict[str, Meetings]:
    """Meetings by team, from the day on which people are admitted; `desks` by (operator, region).

    As many as the contacts expected fill in a period, spread evenly over open days, at one hour of the day;
    those of the same day begin a minute apart. A first line that could not hold them and keep somebody at
    the desk, or whose contacts would not fill the smallest meeting, holds none; where meetings come first, it
    holds those that it can, for so many fewer people. That of an operator that stops holds none after; its
    heir, if it meets, holds as many more as contacts grow, or as its desk allows, and never fewer. For a
    sample of one person in `sample`, so many times fewer meetings are held, of as many seats, where the whole
    holds some.
    """
    share = collective_share(scenario, tables)
    if share == 0.0:
        return {}
    seats = round(tables.figure("calendar.session_max.collective").mode)
    least = round(tables.figure("calendar.session_min.collective").mode)
    period = round(tables.figure("calendar.session_period.collective").mode)
    start = round(tables.figure("calendar.session_start.collective").mode * SECONDS_PER_HOUR)
    length = round(tables.figure("stages.information.collective_duration.all.all.all.all").mode_in_base)
    last = horizon.anniversary(horizon.years + horizon.follow_up_years)
    plans = {}
    for number, region in enumerate(regions):
        opens = _opening(scenario, region)
        days = [] if opens is None else open_dates(region, tables, opens, last)
        if opens is None or not days:
            continue
        local = start - region.utc_offset_hours * SECONDS_PER_HOUR
        here = [origin for origin in origins if origin.region == number]
        contacts = _yearly_contacts(scenario, tables, here, region)
        closures = [c for c in scenario.staff.closures if includes(c.regions, region.code)]
        for operator, yearly in contacts.items():
            team = desks[operator, region.code]
            wanted = yearly * share * period / DAYS_PER_YEAR
            a_day = ceil(wanted / seats) * ((last - opens).days / period) / len(days)
            capacity = team.undisturbed[horizon.day(opens) - team.first_day :]
            room, held = capacity[capacity > 0].mean() - _AT_THE_DESK, share
            if scenario.service.remote_first and 1.0 <= room < ceil(a_day):
                held, a_day = share * floor(room) / a_day, floor(room)
            if wanted < least or room < ceil(a_day):
                continue
            growth = [(c.from_date, contacts[c.operator] / yearly) for c in closures if c.heir == operator]
            stopped = min((c.from_date for c in closures if c.operator == operator), default=last)
            seconds = [
                horizon.second(day) + local + rank * SECONDS_PER_MINUTE
                for some, each in _by_rate(team, horizon, days, a_day, growth, sample)
                for number_of_day, day in enumerate(some)
                for rank in range(floor((number_of_day + 1) * each) - floor(number_of_day * each))
                if day < stopped
            ]
            plans[team.name] = Meetings(SessionPlan(seconds, length, seats, least), held)
    return plans


def _by_rate(
    team: TeamStaff,
    horizon: Horizon,
    days: list[date],
    a_day: float,
    growth: Sequence[tuple[date, float]],
    sample: int,
) -> list[tuple[list[date], float]]:
    """Open days, and how many meetings are held on each: more from the dates on which contacts grow."""
    found, wanted = [(days, a_day)], a_day
    for when, share in sorted(growth):
        wanted += a_day * share
        later = team.capacity[max(horizon.day(when) - team.first_day, 0) :]
        room = floor(later[later > 0].mean() - _AT_THE_DESK) if (later > 0).any() else 0
        before, each = found.pop()
        found += [
            ([day for day in before if day < when], each),
            ([day for day in before if day >= when], max(each, min(wanted, room))),
        ]
    return [(some, each / sample) for some, each in found]


def withdraw_animators(
    duty: list[tuple[int, int]], plan: SessionPlan, *, stay: int = 0
) -> list[tuple[int, int]]:
    """Duty less one person for the length of each session, and not below `stay` because of it."""
    steps: dict[int, int] = {}
    for begin in plan.seconds:
        steps[begin] = steps.get(begin, 0) - 1
        steps[begin + plan.length_s] = steps.get(begin + plan.length_s, 0) + 1
    given = dict(sorted(duty))
    on_duty, away, changes = 0, 0, []
    for second in sorted({*given, *steps}):
        on_duty = given.get(second, on_duty)
        away -= steps.get(second, 0)
        changes.append((second, max(on_duty - away, min(stay, on_duty))))
    return changes


def _opening(scenario: Scenario, region: Region) -> date | None:
    """First day on which anybody is admitted in a region; None if never."""
    asking = scenario.demand.publics_with_base_demand
    dates = [scenario.admitted_from(public, region.code, registered=True) for public in asking]
    return min((day for day in dates if day is not None), default=None)


def _yearly_contacts(
    scenario: Scenario, tables: Tables, origins: list[Source], region: Region
) -> dict[str, float]:
    """Expected first contacts a year of the people admitted, by operator, once the right is known."""
    growth = 1.0 + induced_share(scenario, tables)
    yearly: dict[str, float] = dict.fromkeys(OPERATORS, 0.0)
    for origin in origins:
        if not origin.can_grow:
            continue
        admitted = admitted_part(scenario, tables, origin.public, region.code)
        for operator, part in _expected_operators(tables, origin.public).items():
            yearly[operator] += origin.stock * origin.rate * growth * admitted * part
    return yearly


def _expected_operators(tables: Tables, public: Public) -> dict[str, float]:
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
