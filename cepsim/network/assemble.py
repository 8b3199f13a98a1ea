"""From the description of a network to its arrays; each law, calendar and branch list is stored once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from cepsim.draws import DRAW_RANGE, threshold
from cepsim.laws import Law, constant
from cepsim.network.arrays import (
    NO_TABLE,
    Branches,
    Choices,
    Network,
    Queues,
    Stations,
    SubQueues,
    Teams,
)
from cepsim.network.calendar import Calendar
from cepsim.network.consistency import check_description
from cepsim.network.specs import (
    Branch,
    Choice,
    CommissionPlan,
    Description,
    Duration,
    NoShow,
    Place,
    Retry,
    Series,
    SessionPlan,
    refused,
)
from cepsim.trace import NEVER, Ints

Value = TypeVar("Value")
_MaybeDurations = Duration | Mapping[str, Duration | None] | None


def assemble(described: Description) -> Network:
    """The network as arrays, checked. Raises NetworkError, naming the part that is wrong."""
    check_description(described)
    tables, calendars = _Tables(), _Calendars()
    branches = _BranchLists(described, tables)
    stations = _stations(described, tables, branches)
    places = [described.places[lane, name] for lane in described.lanes for name in described.stations]
    sub_queues, sub_queue_of = _sub_queues(places, calendars)
    network = Network(
        station_names=tuple(described.stations),
        lane_names=tuple(described.lanes),
        team_names=tuple(described.teams),
        profile_names=tuple(described.profiles),
        exit_names=tuple(described.exits),
        choice_names=tuple(described.choices),
        stations=stations,
        branches=branches.arrays(),
        choices=_choices(described),
        queues=_queues(described, places, sub_queue_of, _leaving_matters(described, stations, branches)),
        teams=_teams(described, calendars),
        sub_queues=sub_queues,
        tables=tables.array(),
    )
    network.check()
    return network


def _stations(described: Description, tables: _Tables, branches: _BranchLists) -> Stations:
    specs, profiles = list(described.stations.values()), described.profiles
    no_shows = [s.no_show or NoShow(0.0, 1) for s in specs]
    retries = [s.retry or Retry(0.0, 0) for s in specs]
    series = [s.series or Series(1.0, 1) for s in specs]
    means = [
        _series_means(f"series.mean of {s.name}", r, profiles) for s, r in zip(specs, series, strict=True)
    ]

    def grid(
        what: str, values: Sequence[Value | Mapping[str, Value]], number: Callable[[str, Value], int]
    ) -> Ints:
        rows = []
        for spec, value in zip(specs, values, strict=True):
            name = f"{what} of {spec.name}"
            if isinstance(value, Mapping):
                rows.append([number(name, each) for each in _of(name, value, profiles)])
            else:
                rows.append([number(name, value)] * len(profiles))
        return np.array(rows, dtype=np.int64).reshape(len(specs), len(profiles))

    def laws(what: str, values: Sequence[_MaybeDurations]) -> Ints:
        return grid(what, values, tables.number)

    def routes(after: str) -> Ints:
        rows = [[branches.number(s.name, after, profile) for profile in profiles] for s in specs]
        return np.array(rows, dtype=np.int64).reshape(len(specs), len(profiles))

    return Stations(
        block=_ints([s.block for s in specs]),
        file_work=_ints([int(s.file_work) for s in specs]),
        referent_wait=_ints([-1 if s.referent_wait_s is None else s.referent_wait_s for s in specs]),
        lost_when_closed=_ints([int(s.lost_when_closed) for s in specs]),
        no_show_slot=_ints([n.slot_s for n in no_shows]),
        rebook_max=_ints([n.times for n in no_shows]),
        retry_max=_ints([r.times for r in retries]),
        retry_open_days=_ints([r.open_days for r in retries]),
        series_max=_ints([s.most for s in series]),
        service=laws("service", [s.service for s in specs]),
        back_office=laws("back_office", [s.back_office for s in specs]),
        patience=laws("patience", [s.patience for s in specs]),
        planned_slot=grid("slot_s", [s.slot_s for s in specs], _seconds),
        file_cost=grid("file_cost", [s.file_cost for s in specs], _euros),
        series_gap=laws("series.gap", [s.gap for s in series]),
        rebook_gap=laws("no_show.gap", [n.gap for n in no_shows]),
        retry_gap=laws("retry.gap", [r.gap for r in retries]),
        no_show=grid("no_show.share", [n.share for n in no_shows], _threshold),
        rebook=grid("no_show.rebook", [n.rebook for n in no_shows], _threshold),
        retry=grid("retry.share", [r.share for r in retries], _threshold),
        refer=grid("refer", [s.refer for s in specs], _threshold),
        series_mean=np.array(means, dtype=np.int64).reshape(len(specs), len(profiles)),
        route_served=routes("served"),
        route_lost=routes("lost"),
        route_no_show=routes("no_show"),
    )


def _series_means(name: str, series: Series, profiles: Sequence[str]) -> list[int]:
    """Mean number of interviews after the first, in 2**-32, for each profile."""
    means = _of(name, series.mean, profiles)
    wrong = [mean for mean in means if not 1.0 <= mean <= series.most]
    if wrong:
        raise refused(name, wrong[0], f"a mean from 1 to the most interviews, {series.most}")
    return [round((mean - 1.0) * DRAW_RANGE) for mean in means]


def _leaving_matters(described: Description, stations: Stations, branches: _BranchLists) -> set[str]:
    """Stations where something follows from leaving a queue, besides being gone."""
    looked_at = _looked_at(described, described.choices.values())
    return {
        name
        for number, name in enumerate(described.stations)
        if described.patience_as_events
        # an adviser follows one person fewer: who follows the fewest is asked first
        or stations.referent_wait[number] >= 0
        or (stations.retry[number] > 0).any()
        or any(branches.leads_on(listed) for listed in set(stations.route_lost[number].tolist()))
        or name in looked_at
    }


def _looked_at(described: Description, choices: Iterable[Choice]) -> set[str]:
    """The candidates of choices, and the heirs of those that close."""
    named = {name for choice in choices for name in choice.stations}
    return named | {heir for (_, name), (_, heir) in described.closures.items() if name in named}


def _sub_queues(places: Sequence[Place], calendars: _Calendars) -> tuple[SubQueues, Ints]:
    """One sub-queue a priority and hours of a queue, and which one each service class joins, shape (Q, C)."""
    queue: list[int] = []
    priority: list[int] = []
    calendar: list[int] = []
    joined = []
    for number, place in enumerate(places):
        known: dict[tuple[int, int], int] = {}
        hours = [-1 if open_at is None else calendars.number(open_at) for open_at in place.availability]
        alike = list(zip(place.priority, hours, strict=True))
        for rank, when in alike:
            if (rank, when) not in known:
                known[rank, when] = len(queue)
                queue.append(number)
                priority.append(rank)
                calendar.append(when)
        joined.append([known[each] for each in alike])
    return SubQueues(_ints(queue), _ints(priority), _ints(calendar)), np.array(joined, np.int64)


def _queues(
    described: Description, places: Sequence[Place], sub_queue_of: Ints, leaving_matters: set[str]
) -> Queues:
    teams = list(described.teams)
    plans = [place.sessions for place in places]
    names = [name for _ in described.lanes for name in described.stations]
    closures = [
        described.closures.get((lane, name)) for lane in described.lanes for name in described.stations
    ]
    read = _looked_at(described, [choice for choice in described.choices.values() if choice.home])
    return Queues(
        team=_ints([-1 if place.team is None else teams.index(place.team) for place in places]),
        room=_ints([-1 if place.room is None else place.room for place in places]),
        sub_queue=sub_queue_of,
        patience_is_event=_ints(
            [
                int(name in leaving_matters or place.room is not None or place.sessions is not None)
                for name, place in zip(names, places, strict=True)
            ]
        ),
        publishes=_ints([int(name in read) for name in names]),
        holds_sessions=_ints([int(plan is not None) for plan in plans]),
        closes_at=_ints([NEVER if closure is None else closure[0] for closure in closures]),
        heir=_ints([-1 if closure is None else described.destination(closure[1]) for closure in closures]),
        elsewhere=np.zeros(len(places), dtype=np.int64),
        session_start=_starts([len(plan.seconds) if plan else 0 for plan in plans]),
        session_second=_ints([second for plan in plans if plan for second in plan.seconds]),
        session_length=_ints([_length(plan) for plan in plans]),
        session_budget=_ints([euros for plan in plans if plan for euros in _budgets(plan)]),
        session_least=_ints([plan.least if isinstance(plan, SessionPlan) else 0 for plan in plans]),
        session_seats=_ints([plan.seats if isinstance(plan, SessionPlan) else 0 for plan in plans]),
        carries_budget=_ints([int(isinstance(plan, CommissionPlan) and plan.carries) for plan in plans]),
    )


def _length(plan: SessionPlan | CommissionPlan | None) -> int:
    """How long somebody taken is kept: the session, or the time until a commission's answer."""
    if plan is None:
        return 0
    return plan.length_s if isinstance(plan, SessionPlan) else plan.answer_s


def _budgets(plan: SessionPlan | CommissionPlan) -> Sequence[int]:
    return [-1] * len(plan.seconds) if isinstance(plan, SessionPlan) else plan.budgets


def _teams(described: Description, calendars: _Calendars) -> Teams:
    """To be called once every calendar has its number."""
    staffs = list(described.teams.values())
    numbers = [calendars.number(staff.calendar) for staff in staffs]
    return Teams(
        calendar=_ints(numbers),
        calendar_start=_starts([len(calendar.opens) for calendar in calendars.known]),
        opens=np.concatenate([_ints([]), *(calendar.opens for calendar in calendars.known)]),
        closes=np.concatenate([_ints([]), *(calendar.closes for calendar in calendars.known)]),
        duty_start=_starts([len(staff.duty) for staff in staffs]),
        duty_second=_ints([second for staff in staffs for second, _ in staff.duty]),
        duty_advisers=_ints([number for staff in staffs for _, number in staff.duty]),
    )


def _choices(described: Description) -> Choices:
    choices = list(described.choices.values())
    return Choices(
        rule=_ints([choice.rule for choice in choices]),
        home=_ints([-1 if choice.home is None else described.destination(choice.home) for choice in choices]),
        delay_threshold=_ints([choice.threshold_s for choice in choices]),
        start=_starts([len(choice.stations) for choice in choices]),
        station=_ints([described.destination(name) for choice in choices for name in choice.stations]),
        published_at=_ints(described.published_at),
    )


class _Tables:
    """Each distinct law once."""

    def __init__(self) -> None:
        self.tables: dict[Law, np.ndarray[tuple[int], np.dtype[np.int32]]] = {}
        self.numbers: dict[Law, int] = {}

    def number(self, name: str, duration: Duration | None) -> int:
        """The row of a law; NO_TABLE where there is none."""
        if duration is None:
            return NO_TABLE
        known = self.numbers.get(duration) if isinstance(duration, Law) else None
        if known is not None:
            return known
        try:
            law = duration if isinstance(duration, Law) else constant(float(duration))
            if law not in self.tables:
                self.tables[law] = law.table()
        except ValueError as error:
            raise refused(name, duration, f"a duration in seconds: {error}") from error
        return self.numbers.setdefault(law, len(self.numbers))

    def array(self) -> np.ndarray[tuple[int, int], np.dtype[np.int32]]:
        """All of them, a row each."""
        return np.stack([self.tables[law] for law in self.numbers])


class _Calendars:
    """Each distinct calendar once."""

    def __init__(self) -> None:
        self.known: list[Calendar] = []

    def number(self, calendar: Calendar) -> int:
        for number, other in enumerate(self.known):
            if np.array_equal(other.opens, calendar.opens) and np.array_equal(other.closes, calendar.closes):
                return number
        self.known.append(calendar)
        return len(self.known) - 1


class _BranchLists:
    """Each distinct branch list once."""

    def __init__(self, described: Description, tables: _Tables) -> None:
        self.described, self.tables = described, tables
        self.lists: dict[tuple[Branch, ...], int] = {}
        # by identity: hundreds of profiles have the same list, which the description keeps alive
        self.seen: dict[int, int] = {}

    def number(self, station: str, after: str, profile: str) -> int:
        branches = self.described.branches_of(station, after, profile)
        known = self.seen.get(id(branches))
        if known is None:
            known = self.seen[id(branches)] = self.lists.setdefault(branches, len(self.lists))
        return known

    def leads_on(self, number: int) -> bool:
        """Whether some branch of a list stays in the network."""
        branches = list(self.lists)[number]
        return any(self.described.destination(branch.to) >= 0 for branch in branches)

    def arrays(self) -> Branches:
        flat = [branch for branches in self.lists for branch in branches]
        cumulated = [
            threshold(min(1.0, sum(b.share for b in branches[: rank + 1])))
            if rank + 1 < len(branches)
            else DRAW_RANGE
            for branches in self.lists
            for rank in range(len(branches))
        ]
        return Branches(
            start=_starts([len(branches) for branches in self.lists]),
            threshold=_ints(cumulated),
            to=_ints([self.described.destination(branch.to) for branch in flat]),
            gap=_ints([self.tables.number(f"gap before {branch.to}", branch.gap) for branch in flat]),
            reason=_ints([int(branch.reason) for branch in flat]),
            repeat_max=_ints([-1 if b.repeat_max is None else b.repeat_max for b in flat]),
        )


def _of(name: str, value: Value | Mapping[str, Value], profiles: Sequence[str]) -> list[Value]:
    """The value of each profile."""
    if not isinstance(value, Mapping):
        return [value] * len(profiles)
    missing = next((profile for profile in profiles if profile not in value), None)
    if missing is not None:
        raise refused(name, f"no value for profile {missing}", "a value for every profile")
    return [value[profile] for profile in profiles]


def _threshold(name: str, share: float) -> int:
    try:
        return threshold(share)
    except ValueError as error:
        raise refused(name, share, "a share from 0 to 1") from error


def _seconds(name: str, seconds: int) -> int:
    if seconds < 0:
        raise refused(name, seconds, "seconds, 0 or more")
    return int(seconds)


def _euros(name: str, euros: int) -> int:
    if euros < 0:
        raise refused(name, euros, "euros, 0 or more")
    return int(euros)


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def _starts(lengths: Sequence[int]) -> Ints:
    return np.concatenate([_ints([0]), np.cumsum(_ints(lengths))])
