"""Build a network by hand: teams, stations, routes. What it compiles to is in `arrays`.

    network = NetworkBuilder()
    desk = network.team("desk", advisers=3)
    network.queue("counter", team=desk, service=exponential(100_000))
    compiled = network.compile()

Durations are laws (`cepsim.laws`) or whole seconds. A value may differ between profiles: give a mapping
from profile name to value. Somebody leaves under the exit "served", "lost" or "no_show" unless a route
says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from cepsim.draws import DRAW_RANGE, threshold
from cepsim.errors import NetworkError, nearest
from cepsim.laws import Law, constant
from cepsim.network.arrays import (
    CHOICE_BASE,
    NO_TABLE,
    SHORTEST,
    Branches,
    Choices,
    Network,
    Queues,
    Stations,
    SubQueues,
    Teams,
    exit_destination,
)
from cepsim.network.calendar import Calendar, always_open
from cepsim.trace import Ints, Reason

Duration = Law | float
FOREVER = 2**61


@dataclass(frozen=True, slots=True)
class Branch:
    """A way on: with this share, to a station, a choice or an exit, after a gap.

    `repeat_max` is the most times that a person may take branches that have one; None: no limit.
    """

    share: float
    to: str
    gap: Duration | None = None
    repeat_max: int | None = None
    reason: Reason = Reason.FIRST


@dataclass(frozen=True, slots=True)
class NoShow:
    """Somebody called in is absent: adviser time lost, and perhaps a new appointment."""

    share: float | Mapping[str, float]
    slot_s: int
    rebook: float | Mapping[str, float] = 0.0
    gap: Duration | None = None
    times: int = 0


@dataclass(frozen=True, slots=True)
class Retry:
    """Somebody lost tries again: after an elapsed time, or the same hour so many open days later."""

    share: float | Mapping[str, float]
    times: int
    gap: Duration | None = None
    open_days: int = 0


@dataclass(frozen=True, slots=True)
class Series:
    """Several interviews in the same queue, with a gap between two; `mean` counts the first one."""

    mean: float | Mapping[str, float]
    most: int
    gap: Duration | Mapping[str, Duration] | None = None


@dataclass(frozen=True, slots=True)
class Station:
    """What is asked at a place, the same in every lane. See `arrays.Stations`."""

    name: str
    block: int
    service: Duration | Mapping[str, Duration]
    back_office: Duration | Mapping[str, Duration | None] | None = None
    patience: Duration | Mapping[str, Duration | None] | None = None
    slot_s: int | Mapping[str, int] = 0
    no_show: NoShow | None = None
    retry: Retry | None = None
    series: Series | None = None
    refer: float | Mapping[str, float] = 0.0
    file_work: bool = False
    lost_when_closed: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class SessionPlan:
    """Group sessions of a queue: when they begin, how long, how few and how many people."""

    seconds: Sequence[int]
    length_s: int
    seats: int
    least: int = 1


@dataclass(slots=True)
class _Place:
    team: int = -1
    room: int = -1
    priority: tuple[int, ...] = (0,)
    availability: Calendar | None = None
    sessions: SessionPlan | None = None


@dataclass(slots=True)
class _Team:
    name: str
    calendar: Calendar
    duty: list[tuple[int, int]]


@dataclass(slots=True)
class NetworkBuilder:
    """Collects the parts of a network and compiles them to arrays.

    `lanes` are copies of the same stations; `classes` is the number of service classes. With
    `patience_as_events` every departure happens on its second, even where nothing follows from it.
    """

    profiles: Sequence[str] = ("everybody",)
    lanes: Sequence[str] = ("here",)
    classes: int = 1
    patience_as_events: bool = False
    _teams: list[_Team] = field(default_factory=list)
    _stations: dict[str, Station] = field(default_factory=dict)
    _places: dict[tuple[str, str], _Place] = field(default_factory=dict)
    _routes: dict[tuple[str, str, str], tuple[Branch, ...]] = field(default_factory=dict)
    _choices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _exits: list[str] = field(default_factory=lambda: ["served", "lost", "no_show"])

    # -- describing ------------------------------------------------------------------------------

    def team(
        self, name: str, advisers: int | Sequence[tuple[int, int]], calendar: Calendar | None = None
    ) -> str:
        """Add a team: advisers on duty, as a number or as (second, number) changes, while it is open."""
        if name in [team.name for team in self._teams]:
            raise _bad("team", name, "a name that no other team has")
        hours = calendar if calendar is not None else always_open(-FOREVER, FOREVER)
        changes = [(-FOREVER, advisers)] if isinstance(advisers, int) else sorted(advisers)
        self._teams.append(_Team(name, hours, roster(hours, changes)))
        return name

    def station(self, station: Station) -> str:
        """Add a station; `place` then puts it in each lane."""
        if station.name in self._stations or station.name in self._choices:
            raise _bad("station", station.name, "a name that no other station has")
        self._stations[station.name] = station
        return station.name

    def place(
        self,
        station: str,
        lane: str,
        team: str | None,
        *,
        room: int | None = None,
        priority: int | Sequence[int] = 0,
        availability: Calendar | None = None,
        sessions: SessionPlan | None = None,
    ) -> None:
        """Say who serves a station in a lane (None: a delay, nobody waits), with which limits.

        `priority` is one number, or one a service class; least is served first.
        """
        self._known(station, self._stations, "station")
        self._known(lane, self.lanes, "lane")
        number = -1
        if team is not None:
            names = [known.name for known in self._teams]
            self._known(team, names, "team")
            number = names.index(team)
        ranks = (priority,) * self.classes if isinstance(priority, int) else tuple(priority)
        if len(ranks) != self.classes:
            raise _bad(f"priority of {station}", ranks, f"{self.classes} numbers, one a service class")
        limit = -1 if room is None else room
        self._places[lane, station] = _Place(number, limit, ranks, availability, sessions)

    def queue(
        self,
        name: str,
        *,
        team: str | None,
        service: Duration | Mapping[str, Duration],
        back_office: Duration | Mapping[str, Duration | None] | None = None,
        patience: Duration | Mapping[str, Duration | None] | None = None,
        slot_s: int | Mapping[str, int] = 0,
        no_show: NoShow | None = None,
        retry: Retry | None = None,
        series: Series | None = None,
        file_work: bool = False,
        lost_when_closed: bool = False,
        room: int | None = None,
        priority: int | Sequence[int] = 0,
        sessions: SessionPlan | None = None,
    ) -> str:
        """Add a station with its own block of draws, and place it in every lane."""
        self.station(
            Station(
                name,
                len(self._stations),
                service,
                back_office=back_office,
                patience=patience,
                slot_s=slot_s,
                no_show=no_show,
                retry=retry,
                series=series,
                file_work=file_work,
                lost_when_closed=lost_when_closed,
            )
        )
        for lane in self.lanes:
            self.place(name, lane, team, room=room, priority=priority, sessions=sessions)
        return name

    def delay(self, name: str, service: Duration | Mapping[str, Duration]) -> str:
        """Add a place where nobody waits: everybody stays for the given time."""
        return self.queue(name, team=None, service=service)

    def exit(self, name: str) -> str:
        """Name a way of leaving."""
        if name not in self._exits:
            self._exits.append(name)
        return name

    def shortest(self, name: str, stations: Sequence[str]) -> str:
        """A choice: of these queues the one with the fewest people, the first named among equals."""
        for station in stations:
            self._known(station, self._stations, "station")
        self._choices[name] = tuple(stations)
        return name

    def route(
        self,
        origin: str,
        branches: Sequence[Branch],
        *,
        after: str = "served",
        profiles: Sequence[str] | None = None,
    ) -> None:
        """Where people go after a visit that ended "served", "lost" or "no_show"; shares sum to 1."""
        self._known(origin, self._stations, "station")
        self._known(after, ("served", "lost", "no_show"), "outcome")
        total = sum(branch.share for branch in branches)
        if abs(total - 1.0) > 1e-9 or any(branch.share < 0 for branch in branches):
            raise _bad(f"route from {origin}", total, "shares that are not negative and sum to 1")
        for profile in profiles if profiles is not None else self.profiles:
            self._known(profile, self.profiles, "profile")
            self._routes[origin, after, profile] = tuple(branches)

    # -- compiling -------------------------------------------------------------------------------

    def compile(self) -> Network:
        """The network as arrays, checked. Raises NetworkError, naming the part that is wrong."""
        missing = [(lane, s) for lane in self.lanes for s in self._stations if (lane, s) not in self._places]
        if missing:
            raise _bad("place", f"{missing[0][1]} nowhere in lane {missing[0][0]}", "a place in every lane")
        tables = _Tables()
        branches = _BranchLists(self, tables)
        stations = self._station_arrays(tables, branches)
        queues, sub_queues = self._queue_arrays(stations, branches)
        branch_arrays = branches.arrays()
        calendars = _Calendars()
        team_calendars = [calendars.number(team.calendar) for team in self._teams]
        sub_calendars = [
            -1 if calendar is None else calendars.number(calendar) for calendar in sub_queues.calendars
        ]
        network = Network(
            station_names=tuple(self._stations),
            lane_names=tuple(self.lanes),
            team_names=tuple(team.name for team in self._teams),
            profile_names=tuple(self.profiles),
            exit_names=tuple(self._exits),
            tables=tables.array(),
            stations=stations,
            branches=branch_arrays,
            choices=self._choice_arrays(),
            queues=queues,
            teams=Teams(
                calendar=_ints(team_calendars),
                calendar_start=_starts([len(c.opens) for c in calendars.known]),
                opens=np.concatenate([_ints([]), *(c.opens for c in calendars.known)]),
                closes=np.concatenate([_ints([]), *(c.closes for c in calendars.known)]),
                duty_start=_starts([len(team.duty) for team in self._teams]),
                duty_second=_ints([second for team in self._teams for second, _ in team.duty]),
                duty_advisers=_ints([number for team in self._teams for _, number in team.duty]),
            ),
            sub_queues=SubQueues(
                queue=_ints(sub_queues.queue),
                priority=_ints(sub_queues.priority),
                calendar=_ints(sub_calendars),
                adviser=np.full(len(sub_queues.queue), -1, dtype=np.int64),
            ),
        )
        network.check()
        return network

    def destination(self, to: str) -> int:
        """The number of a station, a choice or an exit."""
        if to in self._stations:
            return list(self._stations).index(to)
        if to in self._choices:
            return CHOICE_BASE + list(self._choices).index(to)
        if to in self._exits:
            return exit_destination(self._exits.index(to))
        known = [*self._stations, *self._choices, *self._exits]
        raise _bad("route", to, "a station, a choice or an exit", nearest(to, known))

    def branches_of(self, station: str, after: str, profile: str) -> tuple[Branch, ...]:
        """The branch list of a station, by default the exit of the same name."""
        return self._routes.get((station, after, profile), (Branch(1.0, after),))

    def _station_arrays(self, tables: _Tables, branches: _BranchLists) -> Stations:
        specs = list(self._stations.values())
        none = NoShow(0.0, 1)

        def each(values: Sequence[int | bool]) -> Ints:
            return _ints([int(value) for value in values])

        def grid(rows: Sequence[Sequence[int]]) -> Ints:
            return np.array(rows, dtype=np.int64).reshape(len(specs), len(self.profiles))

        def laws(values: Sequence[object]) -> Ints:
            return grid([[tables.number(_of(v, p)) for p in self.profiles] for v in values])

        def shares(values: Sequence[object]) -> Ints:
            return grid([[threshold(float(_of(v, p) or 0.0)) for p in self.profiles] for v in values])  # type: ignore[arg-type]

        def routes(after: str) -> Ints:
            return grid([[branches.number(s.name, after, p) for p in self.profiles] for s in specs])

        no_shows = [s.no_show or none for s in specs]
        retries = [s.retry or Retry(0.0, 0) for s in specs]
        series = [s.series or Series(1.0, 1) for s in specs]
        return Stations(
            block=each([s.block for s in specs]),
            file_work=each([s.file_work for s in specs]),
            lost_when_closed=each([s.lost_when_closed for s in specs]),
            no_show_slot=each([n.slot_s for n in no_shows]),
            rebook_max=each([n.times for n in no_shows]),
            retry_max=each([r.times for r in retries]),
            retry_open_days=each([r.open_days for r in retries]),
            series_max=each([s.most for s in series]),
            service=laws([s.service for s in specs]),
            back_office=laws([s.back_office for s in specs]),
            patience=laws([s.patience for s in specs]),
            planned_slot=grid([[int(_of(s.slot_s, p) or 0) for p in self.profiles] for s in specs]),  # type: ignore[call-overload]
            series_gap=laws([s.gap for s in series]),
            rebook_gap=laws([n.gap for n in no_shows]),
            retry_gap=laws([r.gap for r in retries]),
            no_show=shares([n.share for n in no_shows]),
            rebook=shares([n.rebook for n in no_shows]),
            retry=shares([r.share for r in retries]),
            refer=shares([s.refer for s in specs]),
            series_mean=grid(
                [[round((float(_of(s.mean, p)) - 1.0) * DRAW_RANGE) for p in self.profiles] for s in series]  # type: ignore[arg-type]
            ),
            route_served=routes("served"),
            route_lost=routes("lost"),
            route_no_show=routes("no_show"),
        )

    def _queue_arrays(self, stations: Stations, branches: _BranchLists) -> tuple[Queues, _SubQueues]:
        lost_matters = {
            name
            for number, name in enumerate(self._stations)
            if self.patience_as_events
            or (stations.retry[number] > 0).any()
            or any(branches.leads_on(int(listed)) for listed in stations.route_lost[number])
            or any(name in candidates for candidates in self._choices.values())
        }
        subs, numbers, places = _SubQueues([], [], []), [], []
        for lane in self.lanes:
            for name in self._stations:
                place = self._places[lane, name]
                queue = len(places)
                places.append(place)
                known: dict[int, int] = {}
                for priority in place.priority:
                    if priority not in known:
                        known[priority] = len(subs.queue)
                        subs.queue.append(queue)
                        subs.priority.append(priority)
                        subs.calendars.append(place.availability)
                numbers.append([known[priority] for priority in place.priority])
        plans = [place.sessions for place in places]
        names = [name for _ in self.lanes for name in self._stations]
        return (
            Queues(
                team=_ints([place.team for place in places]),
                room=_ints([place.room for place in places]),
                sub_queue=np.array(numbers, dtype=np.int64).reshape(len(places), self.classes),
                patience_is_event=_ints(
                    [
                        int(name in lost_matters or place.room >= 0 or place.sessions is not None)
                        for name, place in zip(names, places, strict=True)
                    ]
                ),
                holds_sessions=_ints([int(plan is not None) for plan in plans]),
                session_start=_starts([len(plan.seconds) if plan else 0 for plan in plans]),
                session_second=_ints([second for plan in plans if plan for second in plan.seconds]),
                session_length=_ints([plan.length_s if plan else 0 for plan in plans]),
                session_least=_ints([plan.least if plan else 0 for plan in plans]),
                session_seats=_ints([plan.seats if plan else 0 for plan in plans]),
            ),
            subs,
        )

    def _choice_arrays(self) -> Choices:
        lists = list(self._choices.values())
        return Choices(
            rule=np.full(len(lists), SHORTEST, dtype=np.int64),
            home=np.full(len(lists), -1, dtype=np.int64),
            delay_threshold=np.zeros(len(lists), dtype=np.int64),
            start=_starts([len(candidates) for candidates in lists]),
            station=_ints([self.destination(name) for candidates in lists for name in candidates]),
        )

    def _known(self, name: str, names: Sequence[str] | Mapping[str, object], what: str) -> None:
        if name not in names:
            raise _bad(what, name, f"one of {', '.join(names)}", nearest(name, list(names)))


def roster(calendar: Calendar, changes: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """(second, advisers on duty) at every change: none outside openings, the last given number inside."""
    seconds = sorted({int(s) for s in (*calendar.opens, *calendar.closes)} | {second for second, _ in changes})
    given_at = np.array([second for second, _ in changes])
    numbers = [number for _, number in changes]
    duty: list[tuple[int, int]] = []
    for second in seconds:
        opening = int(np.searchsorted(calendar.closes, second, side="right"))
        is_open = opening < len(calendar.opens) and calendar.opens[opening] <= second
        rank = int(np.searchsorted(given_at, second, side="right"))
        number = numbers[rank - 1] if is_open and rank else 0
        if number != (duty[-1][1] if duty else 0):
            duty.append((second, number))
    return duty


@dataclass(slots=True)
class _SubQueues:
    queue: list[int]
    priority: list[int]
    calendars: list[Calendar | None]


class _Tables:
    """Each distinct law once."""

    def __init__(self) -> None:
        self.laws: dict[Law, int] = {}

    def number(self, duration: object) -> int:
        if duration is None:
            return NO_TABLE
        law = duration if isinstance(duration, Law) else constant(float(duration))  # type: ignore[arg-type]
        return self.laws.setdefault(law, len(self.laws))

    def array(self) -> np.ndarray[tuple[int, int], np.dtype[np.int32]]:
        return np.stack([law.table() for law in self.laws])


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

    def __init__(self, builder: NetworkBuilder, tables: _Tables) -> None:
        self.builder, self.tables = builder, tables
        self.lists: dict[tuple[Branch, ...], int] = {}

    def number(self, station: str, after: str, profile: str) -> int:
        branches = self.builder.branches_of(station, after, profile)
        return self.lists.setdefault(branches, len(self.lists))

    def leads_on(self, number: int) -> bool:
        branches = list(self.lists)[number]
        return any(self.builder.destination(branch.to) >= 0 for branch in branches)

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
            to=_ints([self.builder.destination(branch.to) for branch in flat]),
            gap=_ints([self.tables.number(branch.gap) for branch in flat]),
            reason=_ints([int(branch.reason) for branch in flat]),
            repeat_max=_ints([-1 if b.repeat_max is None else b.repeat_max for b in flat]),
        )


def _of(value: object, profile: str) -> object:
    return value[profile] if isinstance(value, Mapping) else value


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def _starts(lengths: Sequence[int]) -> Ints:
    return np.concatenate([_ints([0]), np.cumsum(_ints(lengths))])


def _bad(name: str, found: object, expected: str, close: str | None = None) -> NetworkError:
    remedy = close or ""
    return NetworkError(file="network", field=name, found=found, expected=expected, remedy=remedy)
