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

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from cepsim.errors import nearest
from cepsim.network.arrays import ALTERNATE, BY_CLASS, OVERFLOW, SHORTEST, Network
from cepsim.network.assemble import assemble
from cepsim.network.calendar import Calendar, always_open
from cepsim.network.specs import (
    AFTER,
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
    Staff,
    Station,
    refused,
)
from cepsim.trace import MOST_SECONDS


class NetworkBuilder(Description):
    """Collects the parts of a network and compiles them to arrays."""

    __slots__ = ()

    def team(
        self, name: str, advisers: int | Sequence[tuple[int, int]], calendar: Calendar | None = None
    ) -> str:
        """Add a team: advisers on duty, as a number or as (second, number) changes, while it is open."""
        if name in self.teams:
            raise refused("team", name, "a name that no other team has")
        hours = (calendar if calendar is not None else always_open(-MOST_SECONDS, MOST_SECONDS)).merged()
        changes = [(-MOST_SECONDS, advisers)] if isinstance(advisers, int) else sorted(advisers)
        self.teams[name] = Staff(hours, roster(hours, changes))
        return name

    def station(self, station: Station) -> str:
        """Add a station; `place` then puts it in each lane."""
        self._new_destination("station", station.name)
        self.stations[station.name] = station
        return station.name

    def place(
        self,
        station: str,
        lane: str,
        team: str | None,
        *,
        room: int | None = None,
        priority: int | Sequence[int] = 0,
        availability: Calendar | Sequence[Calendar | None] | None = None,
        sessions: SessionPlan | CommissionPlan | None = None,
    ) -> None:
        """Say who serves a station in a lane (None: a delay, nobody waits), with which limits.

        `priority` is one number, or one a service class; least is served first. `availability` is likewise:
        hours during which people of the class may be called, within the team's (None: all of these).
        """
        _known("station", station, self.stations)
        _known("lane", lane, self.lanes)
        if team is not None:
            _known("team", team, self.teams)
        if (lane, station) in self.places:
            raise refused("place", f"{station} twice in lane {lane}", "one place in each lane")
        ranks = (priority,) * self.classes if isinstance(priority, int) else tuple(priority)
        given = availability if isinstance(availability, Sequence) else (availability,) * self.classes
        hours = tuple(None if calendar is None else calendar.merged() for calendar in given)
        self.places[lane, station] = Place(team, room, ranks, hours, sessions)

    def queue(
        self,
        name: str,
        *,
        team: str | None,
        service: Duration | Mapping[str, Duration],
        back_office: Duration | Mapping[str, Duration | None] | None = None,
        patience: Duration | Mapping[str, Duration | None] | None = None,
        slot_s: int | Mapping[str, int] = 0,
        file_cost: int | Mapping[str, int] = 0,
        no_show: NoShow | None = None,
        retry: Retry | None = None,
        series: Series | None = None,
        file_work: bool = False,
        lost_when_closed: bool = False,
        referent_wait_s: int | None = None,
        room: int | None = None,
        priority: int | Sequence[int] = 0,
        sessions: SessionPlan | CommissionPlan | None = None,
    ) -> str:
        """Add a station with its own block of draws, and place it in every lane."""
        block = 1 + max((station.block for station in self.stations.values()), default=-1)
        self.station(
            Station(
                name,
                block,
                service,
                back_office=back_office,
                patience=patience,
                slot_s=slot_s,
                file_cost=file_cost,
                no_show=no_show,
                retry=retry,
                series=series,
                file_work=file_work,
                lost_when_closed=lost_when_closed,
                referent_wait_s=referent_wait_s,
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
        if name not in self.exits:
            self._new_destination("exit", name)
            self.exits.append(name)
        return name

    def shortest(self, name: str, stations: Sequence[str]) -> str:
        """A choice: of these queues the one with the fewest people, the first named among equals."""
        return self._choice(name, Choice(SHORTEST, tuple(stations)))

    def by_class(self, name: str, stations: Sequence[str]) -> str:
        """A choice: the station of one's service class; one a class, in order."""
        if len(stations) != self.classes:
            raise refused(
                f"choice {name}", f"{len(stations)} stations", f"one a service class: {self.classes}"
            )
        return self._choice(name, Choice(BY_CLASS, tuple(stations)))

    def overflow(
        self, name: str, home: str, others: Sequence[str], threshold_s: int, *, own_alternate: bool = False
    ) -> str:
        """A choice by published delay: home, unless its delay is longer than the threshold; see `publish`.

        Then the one that has published the least; with `own_alternate`, of home and the person's alternate.
        """
        if threshold_s < 0:
            raise refused(f"choice {name}", f"a threshold of {threshold_s} s", "0 s or more")
        rule = ALTERNATE if own_alternate else OVERFLOW
        return self._choice(name, Choice(rule, (home, *others), home, threshold_s))

    def close(self, station: str, lane: str, second: int, heir: str) -> None:
        """From a second on, the heir in the same lane receives whoever waits there or would join."""
        for name in (station, heir):
            _known("station", name, self.stations)
        _known("lane", lane, self.lanes)
        self.closures[lane, station] = second, heir

    def publish(self, seconds: Iterable[int]) -> None:
        """Say when queues publish their delay: the mean of the waits of those called since the last time."""
        self.published_at = sorted({*self.published_at, *seconds})

    def route(
        self,
        origin: str,
        branches: Sequence[Branch],
        *,
        after: str = "served",
        profiles: Sequence[str] | None = None,
    ) -> None:
        """Where people go after a visit that ended "served", "lost" or "no_show"; shares sum to 1.

        A later route replaces an earlier one of the same station, outcome and profile.
        """
        _known("station", origin, self.stations)
        _known("outcome", after, AFTER)
        total = sum(branch.share for branch in branches)
        # written so that a share that is not a number is refused as well
        if not (abs(total - 1.0) <= 1e-9 and all(branch.share >= 0 for branch in branches)):
            raise refused(f"route from {origin}", total, "shares that are not negative and sum to 1")
        if branches[-1].repeat_max is not None:
            raise refused(
                f"route from {origin}",
                f"a maximum on the last branch, to {branches[-1].to}",
                "a last branch without one: it receives whoever has reached the others' maximum",
                "Put the branches that have repeat_max first.",
            )
        listed = tuple(branches)
        for profile in profiles if profiles is not None else self.profiles:
            if profile not in self.profile_set:
                _known("profile", profile, self.profiles)
            self.routes[origin, after, profile] = listed

    def compile(self) -> Network:
        """The network as arrays, checked. Raises NetworkError, naming the part that is wrong."""
        return assemble(self)

    def _choice(self, name: str, choice: Choice) -> str:
        self._new_destination("choice", name)
        if not choice.stations:
            raise refused(f"choice {name}", "no station", "at least one station")
        for station in choice.stations:
            _known("station", station, self.stations)
        self.choices[name] = choice
        return name

    def _new_destination(self, what: str, name: str) -> None:
        if name in (*self.stations, *self.choices, *self.exits):
            raise refused(what, name, "a name that no other station, choice or exit has")


def roster(calendar: Calendar, changes: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """(second, advisers on duty) at every change: none outside openings, the last given number inside."""
    given_at, given = (np.array(column, dtype=np.int64) for column in zip(*changes, strict=True))
    seconds = np.unique(np.concatenate([calendar.opens, calendar.closes, given_at]))
    opening = np.searchsorted(calendar.closes, seconds, side="right")
    is_open = opening < len(calendar.opens)
    is_open[is_open] = calendar.opens[opening[is_open]] <= seconds[is_open]
    rank = np.searchsorted(given_at, seconds, side="right")
    number = np.where(is_open & (rank > 0), given[rank - 1], 0)
    changing = np.flatnonzero(number != np.concatenate([[0], number[:-1]]))
    return list(zip(seconds[changing].tolist(), number[changing].tolist(), strict=True))


def _known(what: str, name: str, names: Collection[str]) -> None:
    if name not in names:
        valid = list(names)
        expected = f"one of {', '.join(valid)}" if valid else f"a {what}, and there is none yet"
        raise refused(what, name, expected, nearest(name, valid))
