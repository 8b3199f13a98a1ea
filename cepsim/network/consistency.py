"""What a described network must respect before it can become arrays: each breach is one clear error.

Checks of the arrays themselves are in `arrays.Network.check`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from cepsim.network.specs import CommissionPlan, Description, Place, SessionPlan, Station, refused
from cepsim.units import SECONDS_PER_DAY


def check_description(described: Description) -> None:
    """Raise NetworkError for the first part that is missing or that contradicts another."""
    for what, given in (
        ("stations", described.stations),
        ("profiles", described.profiles),
        ("lanes", described.lanes),
    ):
        if not given:
            raise refused(what, "none", "at least one")
    if described.classes < 1:
        raise refused("classes", described.classes, "at least one service class")
    for station in described.stations.values():
        _check_station(station)
    if not described.published_at:
        for name, choice in described.choices.items():
            if choice.home is not None:
                remedy = "Give dates with publish()."
                raise refused(
                    f"choice {name}", "no date at which delays are published", "at least one", remedy
                )
    for (lane, name), (_, heir) in described.closures.items():
        if (lane, heir) in described.closures:
            raise refused(f"closure of {name}", f"the heir {heir}, which closes too", "a station that stays")
    for lane in described.lanes:
        for name, station in described.stations.items():
            if (lane, name) not in described.places:
                raise refused("place", f"{name} nowhere in lane {lane}", "a place in every lane")
            _check_place(described, station, described.places[lane, name])


def _check_station(station: Station) -> None:
    name = station.name
    if station.block < 0:
        raise refused(f"block of {name}", station.block, "0 or more")
    if station.no_show is not None:
        if station.no_show.slot_s < 1:
            raise refused(f"no_show.slot_s of {name}", station.no_show.slot_s, "at least a second")
        if station.no_show.times < 0:
            raise refused(f"no_show.times of {name}", station.no_show.times, "0 or more")
    if station.retry is not None:
        if min(station.retry.times, station.retry.open_days) < 0:
            raise refused(f"retry of {name}", station.retry, "times and open_days, 0 or more")
        if station.retry.open_days and station.retry.gap is not None:
            raise refused(f"retry of {name}", "both gap and open_days", "one of them")
    if station.referent_wait_s is not None and station.referent_wait_s < 1:
        raise refused(f"referent_wait_s of {name}", station.referent_wait_s, "at least a second")
    if station.series is not None and station.series.most < 1:
        raise refused(f"series.most of {name}", station.series.most, "at least one interview")


def _check_place(described: Description, station: Station, place: Place) -> None:
    name = station.name
    if len(place.priority) != described.classes:
        expected = f"{described.classes} numbers, one a service class"
        raise refused(f"priority of {name}", place.priority, expected)
    if len(place.availability) != described.classes:
        expected = f"{described.classes} calendars or None, one a service class"
        raise refused(f"availability of {name}", len(place.availability), expected)
    if place.room is not None and place.room < 0:
        raise refused(f"room of {name}", place.room, "0 or more people")
    if place.team is None:
        _check_delay(station, place)
    else:
        _check_days(described, station, place.team)
    if isinstance(place.sessions, CommissionPlan):
        _check_commission(station, place, place.sessions)
    elif place.sessions is not None:
        _check_sessions(station, place, place.sessions)


def _check_days(described: Description, station: Station, team: str) -> None:
    """People who come back at the same hour of an open day need days that open and close."""
    calendar = described.teams[team].calendar
    if (calendar.opens // SECONDS_PER_DAY == (calendar.closes - 1) // SECONDS_PER_DAY).all():
        return
    if station.lost_when_closed:
        what, remedy = "lost_when_closed", "Give the team opening hours."
    elif station.retry is not None and station.retry.open_days:
        what, remedy = "retry.open_days", "Give the team opening hours, or the retry a gap in seconds."
    else:
        return
    found = f"an opening of team {team} that passes midnight"
    raise refused(f"{what} of {station.name}", found, "openings within one day", remedy)


def _check_delay(station: Station, place: Place) -> None:
    """Where nobody serves, nobody closes or works on files, nor waits unless people are taken on dates."""
    meaningless: Mapping[str, bool] = {
        "back_office": station.back_office is not None,
        "patience": station.patience is not None and not isinstance(place.sessions, SessionPlan),
        "file_work": station.file_work,
        "lost_when_closed": station.lost_when_closed,
        "retry.open_days": station.retry is not None and station.retry.open_days > 0,
        "referent_wait_s": station.referent_wait_s is not None,
        "availability": any(hours is not None for hours in place.availability),
    }
    for what, present in meaningless.items():
        if present:
            raise refused(f"{what} of {station.name}", "a place without a team", "a team")


def _check_commission(station: Station, place: Place, plan: CommissionPlan) -> None:
    name = f"commission of {station.name}"
    if len(plan.budgets) != len(plan.seconds):
        raise refused(name, f"{len(plan.budgets)} budgets", f"one a date: {len(plan.seconds)}")
    if any(budget < 0 for budget in plan.budgets):
        raise refused(name, f"a budget of {min(plan.budgets)} EUR", "0 EUR or more")
    _check_dates(name, station, place, plan.seconds, plan.answer_s)


def _check_sessions(station: Station, place: Place, plan: SessionPlan) -> None:
    name = f"sessions of {station.name}"
    if not 1 <= plan.least <= plan.seats:
        raise refused(name, f"least {plan.least}, seats {plan.seats}", "1 <= least <= seats")
    _check_dates(name, station, place, plan.seconds, plan.length_s)


def _check_dates(name: str, station: Station, place: Place, seconds: Sequence[int], length_s: int) -> None:
    """Those of sessions and of commissions, which take people whatever the team does."""
    if any(later <= earlier for earlier, later in pairwise(seconds)):
        raise refused(name, "seconds out of order", "increasing seconds")
    if length_s < 1:
        raise refused(name, f"a length of {length_s} s", "at least a second")
    meaningless: Mapping[str, bool] = {
        "back_office": station.back_office is not None,
        "no_show": station.no_show is not None,
        "file_work": station.file_work,
        "referent_wait_s": station.referent_wait_s is not None,
        "availability": any(hours is not None for hours in place.availability),
    }
    for what, present in meaningless.items():
        if present:
            raise refused(f"{what} of {station.name}", "a queue held by sessions", "a queue served by a team")
