"""What a network is described with: stations, branches and what may happen at a visit.

Durations are laws (`cepsim.laws`) or whole seconds. A value may differ between profiles: give a mapping
from profile name to value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from cepsim.errors import NetworkError, nearest
from cepsim.laws import Law
from cepsim.network.arrays import CHOICE_BASE, exit_destination
from cepsim.network.calendar import Calendar
from cepsim.trace import Reason

Duration = Law | float

#: How a visit may end, as far as routes are concerned; each is also the exit taken where no route is given.
AFTER = ("served", "lost", "no_show")


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


#: Where no route is given.
_LEAVES = MappingProxyType({after: (Branch(1.0, after),) for after in AFTER})


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
    """What is asked at a place, the same in every lane. See `arrays.Stations`.

    With `referent_wait_s`, the adviser of the first interview follows the person: later visits wait for him,
    so many seconds; then for anybody of the team, who follows from there on.
    """

    name: str
    block: int
    service: Duration | Mapping[str, Duration]
    back_office: Duration | Mapping[str, Duration | None] | None = None
    patience: Duration | Mapping[str, Duration | None] | None = None
    slot_s: int | Mapping[str, int] = 0
    file_cost: int | Mapping[str, int] = 0
    no_show: NoShow | None = None
    retry: Retry | None = None
    series: Series | None = None
    refer: float | Mapping[str, float] = 0.0
    file_work: bool = False
    lost_when_closed: bool = False
    referent_wait_s: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SessionPlan:
    """Group sessions of a queue: when they begin, how long, how few and how many people."""

    seconds: Sequence[int]
    length_s: int
    seats: int
    least: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class CommissionPlan:
    """A commission that decides on files: when, with how many euros each time, when its answer comes.

    Files are accepted in order until the next one does not fit; the others are refused. With `carries`,
    what is left is added to the next budget; otherwise it is lost.
    """

    seconds: Sequence[int]
    budgets: Sequence[int]
    answer_s: int
    carries: bool = True


@dataclass(frozen=True, slots=True)
class Place:
    """A station in a lane: its team (None: a delay), its limits, a priority and hours a service class."""

    team: str | None
    room: int | None
    priority: tuple[int, ...]
    availability: tuple[Calendar | None, ...]
    sessions: SessionPlan | CommissionPlan | None


@dataclass(frozen=True, slots=True)
class Choice:
    """Routing that looks at the state; see `arrays.Choices`. `home` and `threshold_s` where delays decide."""

    rule: int
    stations: tuple[str, ...]
    home: str | None = None
    threshold_s: int = 0


@dataclass(frozen=True, slots=True)
class Staff:
    """A team: opening hours, and (second, advisers on duty) at every change."""

    calendar: Calendar
    duty: list[tuple[int, int]]


@dataclass(slots=True)
class Description:
    """A network as it is described, before it becomes arrays. Names are keys, in order of description.

    `lanes` are copies of the same stations; `classes` is the number of service classes. With
    `patience_as_events` every departure happens on its second, even where nothing follows from it.
    """

    profiles: Sequence[str] = ("everybody",)
    lanes: Sequence[str] = ("here",)
    classes: int = 1
    patience_as_events: bool = False
    teams: dict[str, Staff] = field(default_factory=dict)
    stations: dict[str, Station] = field(default_factory=dict)
    places: dict[tuple[str, str], Place] = field(default_factory=dict)
    routes: dict[tuple[str, str, str], tuple[Branch, ...]] = field(default_factory=dict)
    choices: dict[str, Choice] = field(default_factory=dict)
    published_at: list[int] = field(default_factory=list)
    closures: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    exits: list[str] = field(default_factory=lambda: list(AFTER))
    profile_set: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Names to look profiles up in: there may be hundreds."""
        self.profile_set = frozenset(self.profiles)

    def destination(self, to: str) -> int:
        """The number of a station, a choice or an exit."""
        if to in self.stations:
            return list(self.stations).index(to)
        if to in self.choices:
            return CHOICE_BASE + list(self.choices).index(to)
        if to in self.exits:
            return exit_destination(self.exits.index(to))
        known = [*self.stations, *self.choices, *self.exits]
        raise refused("route", to, "a station, a choice or an exit", nearest(to, known))

    def branches_of(self, station: str, after: str, profile: str) -> tuple[Branch, ...]:
        """The branch list of a station, by default the exit of the same name."""
        return self.routes.get((station, after, profile), _LEAVES[after])


def refused(name: str, found: object, expected: str, remedy: str = "") -> NetworkError:
    """The error for a part of the network that cannot be."""
    return NetworkError(file="network", field=name, found=found, expected=expected, remedy=remedy)
