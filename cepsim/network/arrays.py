"""A network of queues as arrays: all that an engine may know besides the people.

    lane      a copy of the same stations (a region); a hand-built network has one
    station   a kind of place: what is asked there, how long it takes, where people go next
    queue     station in a lane: queue = lane * stations + station; it has a team, a room, sessions: those of
              a group, or of a commission, which refuses whom its budget does not reach
    sub-queue the part of a queue for one service class; teams call from the heads of their sub-queues
    profile   a kind of person, as far as durations and routes are concerned
    block     stations that share the numbering of a person's draws (a stage)

Shapes: S stations, P profiles, Q = lanes x S queues, T teams, U sub-queues, C service classes.
Probabilities are integer thresholds: a draw on [0, 2**32) below the threshold means yes. Durations are
rows of `tables`, or -1 where there is none. Lists of variable length are stored end to end: those of
item i are at positions start[i] to start[i + 1].
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from cepsim.errors import NetworkError
from cepsim.laws import TABLE_SIZE
from cepsim.trace import NEVER, Ints

#: Destinations of a branch: a station, a choice among stations, or an exit.
CHOICE_BASE = 1_000_000
#: Rules of a choice.
SHORTEST, OVERFLOW, ALTERNATE, BY_CLASS = range(4)
NO_TABLE = -1


def exit_destination(exit_code: int) -> int:
    """The destination that means leaving under this exit code; it is its own inverse."""
    return -1 - exit_code


@dataclass(frozen=True, slots=True, eq=False)
class Stations:
    """What is the same in every lane. Shapes (S,) or (S, P) as stated."""

    block: Ints  # (S,) block of draws
    file_work: Ints  # (S,) 1: service is suspended at closing and resumed at opening
    referent_wait: Ints  # (S,) seconds that who is followed waits for his own adviser, -1: nobody is followed
    lost_when_closed: Ints  # (S,) 1: who comes outside opening hours is not let in
    no_show_slot: Ints  # (S,) seconds of adviser time that a no-show loses
    rebook_max: Ints  # (S,) times one may be rebooked
    retry_max: Ints  # (S,) times one may try again after being lost
    retry_open_days: Ints  # (S,) open days until the next try; 0: after the elapsed time of `retry_gap`
    series_max: Ints  # (S,) most interviews of a series
    service: Ints  # (S, P) table
    back_office: Ints  # (S, P) table, file work of the adviser after the interview
    patience: Ints  # (S, P) table
    planned_slot: Ints  # (S, P) seconds that must fit before closing
    file_cost: Ints  # (S, P) euros that a file takes from the budget of a commission
    series_gap: Ints  # (S, P) table
    rebook_gap: Ints  # (S, P) table
    retry_gap: Ints  # (S, P) table
    no_show: Ints  # (S, P) threshold
    rebook: Ints  # (S, P) threshold
    retry: Ints  # (S, P) threshold
    refer: Ints  # (S, P) threshold of being sent to the person's alternate station
    series_mean: Ints  # (S, P) mean number of further interviews, in 2**-32
    route_served: Ints  # (S, P) branch list
    route_lost: Ints  # (S, P) branch list after giving up, finding the door closed or the room full
    route_no_show: Ints  # (S, P) branch list after a no-show that is not rebooked


@dataclass(frozen=True, slots=True, eq=False)
class Branches:
    """Branch lists, end to end. A person takes the first branch whose threshold passes his draw."""

    start: Ints  # (lists + 1,)
    threshold: Ints  # cumulative, the last of a list is 2**32
    to: Ints  # station, CHOICE_BASE + choice, or exit_destination(code)
    gap: Ints  # table of the time before joining, -1: at once
    reason: Ints  # why the person joins there
    repeat_max: Ints  # a branch taken this often by a person is skipped; -1: no limit


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """Routing that looks at the state, as it stands after the second step of the second.

    SHORTEST takes the candidate with the fewest present, the first named among equals. OVERFLOW keeps the
    home station unless the delay that it has published passes a threshold, and takes then the candidate
    that has published the least; home among equals, then the lowest team. ALTERNATE does the same between
    home and the person's own alternate, where that is a candidate. BY_CLASS looks at no state: the candidates
    are those of the service classes, in order.
    """

    rule: Ints
    home: Ints  # the home station; -1 where delays do not decide
    delay_threshold: Ints  # seconds; passed by a longer delay
    start: Ints  # (choices + 1,)
    station: Ints  # candidates, end to end; home is one of them
    published_at: Ints  # (publications,) seconds at which delays are published, in order


@dataclass(frozen=True, slots=True, eq=False)
class Queues:
    """What differs between lanes. Shape (Q,), or (Q, C) for `sub_queue`."""

    team: Ints  # team that serves, -1: a delay, nobody waits
    room: Ints  # most people present (waiting or served), -1: no limit
    sub_queue: Ints  # (Q, C) sub-queue joined by each service class
    patience_is_event: Ints  # 1: leaving has a consequence, so it happens on its second
    publishes: Ints  # 1: its delay is published, since a choice reads it
    holds_sessions: Ints  # 1: people are taken by sessions, never by the team
    closes_at: Ints  # second from which nobody joins it, NEVER: it stays
    heir: Ints  # station of the lane that receives its people from then on, -1: it stays
    elsewhere: (
        Ints  # 1: run apart (see `shards`): nobody joins it here, who is sent there stays between visits
    )
    session_start: Ints  # (Q + 1,) into session_second
    session_second: Ints  # when each session begins
    session_length: Ints  # seconds
    session_budget: Ints  # (as session_second) euros that a commission may spend, -1 for other sessions
    session_least: Ints  # fewest people for a session to be held
    session_seats: Ints  # most people in a session
    carries_budget: Ints  # 1: what a commission leaves is added to the next one's budget


@dataclass(frozen=True, slots=True, eq=False)
class Teams:
    """Opening hours and staff. Calendars are shared; an opening is [opens, closes)."""

    calendar: Ints  # (T,)
    calendar_start: Ints  # (calendars + 1,)
    opens: Ints
    closes: Ints
    duty_start: Ints  # (T + 1,)
    duty_second: Ints  # when the number on duty changes
    duty_advisers: Ints  # to how many


@dataclass(frozen=True, slots=True, eq=False)
class SubQueues:
    """Shape (U,)."""

    queue: Ints
    priority: Ints  # least first
    calendar: Ints  # when its people are available, -1: whenever the team is open


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Everything together, with the names that make sense of the numbers."""

    station_names: tuple[str, ...]
    lane_names: tuple[str, ...]
    team_names: tuple[str, ...]
    profile_names: tuple[str, ...]
    exit_names: tuple[str, ...]
    choice_names: tuple[str, ...]
    tables: NDArray[np.int32]  # (tables, TABLE_SIZE) durations in seconds
    stations: Stations
    branches: Branches
    choices: Choices
    queues: Queues
    teams: Teams
    sub_queues: SubQueues

    @property
    def station_count(self) -> int:
        """S."""
        return len(self.station_names)

    @property
    def queue_count(self) -> int:
        """Q."""
        return len(self.queues.team)

    @property
    def team_count(self) -> int:
        """T."""
        return len(self.team_names)

    @property
    def block_count(self) -> int:
        """Number of blocks of draws."""
        return int(self.stations.block.max()) + 1

    @property
    def holds_commissions(self) -> NDArray[np.bool_]:
        """Which queues wait for a commission, or for others outside, who take no team's time; shape (Q,)."""
        return np.asarray((self.queues.holds_sessions == 1) & (self.queues.team < 0))

    def queue_name(self, queue: int) -> str:
        """A queue as messages write it: lane / station."""
        lane, station = divmod(queue, self.station_count)
        return f"{self.lane_names[lane]} / {self.station_names[station]}"

    def check(self) -> None:
        """Raise NetworkError, naming the culprit, unless every array holds together."""
        s, stations, profiles = self.stations, len(self.station_names), len(self.profile_names)
        for part in (s, self.branches, self.choices, self.queues, self.teams, self.sub_queues):
            for field in fields(part):
                if getattr(part, field.name).dtype != np.int64:
                    raise _bad(field.name, getattr(part, field.name).dtype, "int64")
        for field in fields(s):
            shape = getattr(s, field.name).shape
            if shape not in ((stations,), (stations, profiles)):
                raise _bad(field.name, shape, f"({stations},) or ({stations}, {profiles})")
        if self.tables.ndim != 2 or self.tables.shape[1] != TABLE_SIZE or (self.tables < 1).any():
            raise _bad("tables", self.tables.shape, f"(tables, {TABLE_SIZE}) of durations of at least 1 s")
        for name in ("service", "back_office", "patience", "series_gap", "rebook_gap", "retry_gap"):
            _within(name, getattr(s, name), NO_TABLE, len(self.tables))
        if (s.service == NO_TABLE).any():
            raise _bad("service", "no law of duration", "one for every station and profile")
        lists = len(self.branches.start) - 1
        for name in ("route_served", "route_lost", "route_no_show"):
            _within(name, getattr(s, name), 0, lists)
        last = self.branches.threshold[self.branches.start[1:] - 1]
        if (np.diff(self.branches.start) < 1).any() or (last != 1 << 32).any():
            raise _bad("branches", "a list that does not end at probability 1", "shares that sum to 1")
        station_to = self.branches.to[(self.branches.to >= 0) & (self.branches.to < CHOICE_BASE)]
        _within("branches.to", station_to, 0, stations)
        _within("queues.team", self.queues.team, -1, self.team_count)
        _within("sub_queues.queue", self.sub_queues.queue, 0, self.queue_count)
        _within("teams.calendar", self.teams.calendar, 0, len(self.teams.calendar_start) - 1)
        closing = self.queues.heir >= 0
        lane = np.arange(self.queue_count) // stations * stations
        if (closing != (self.queues.closes_at != NEVER)).any():
            raise _bad("queues.heir", "a queue that closes without an heir", "an heir")
        if closing[(lane + self.queues.heir)[closing]].any():
            raise _bad("queues.heir", "an heir that closes too", "a station that stays")
        if (np.diff(self.choices.published_at) <= 0).any():
            raise _bad("choices.published_at", "dates out of order", "increasing seconds")
        self._check_calendars()

    def _check_calendars(self) -> None:
        teams = self.teams
        for calendar in range(len(teams.calendar_start) - 1):
            piece = slice(teams.calendar_start[calendar], teams.calendar_start[calendar + 1])
            opens, closes = teams.opens[piece], teams.closes[piece]
            if len(opens) == 0 or (opens >= closes).any() or (opens[1:] < closes[:-1]).any():
                raise _bad(f"calendar {calendar}", "openings that overlap, are empty or out of order", "")
        for team, name in enumerate(self.team_names):
            piece = slice(teams.duty_start[team], teams.duty_start[team + 1])
            if (np.diff(teams.duty_second[piece]) <= 0).any() or (teams.duty_advisers[piece] < 0).any():
                raise _bad(f"team {name}", "duty changes out of order or negative", "increasing seconds")


def _within(name: str, values: Ints, low: int, high: int) -> None:
    outside = values[(values < low) | (values >= high)]
    if outside.size:
        raise _bad(name, int(outside.flat[0]), f"{low} to {high - 1}")


def _bad(field: str, found: object, expected: str) -> NetworkError:
    return NetworkError(file="network", field=field, found=found, expected=expected)
