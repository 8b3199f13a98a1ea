"""Networks and people drawn by hypothesis: every rule of the engine may meet every other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from hypothesis import strategies as st

from cepsim.laws import constant, exponential, gamma
from cepsim.network import (
    Branch,
    Calendar,
    CommissionPlan,
    Network,
    NetworkBuilder,
    NoShow,
    Retry,
    Series,
    SessionPlan,
    Station,
    weekly_calendar,
)
from cepsim.people.by_hand import Arrivals, already_waiting, make_tape
from cepsim.people.tape import Tape
from cepsim.state import State

DAY = 86_400
HORIZON = 5 * DAY
PROFILES = ("quick", "slow")

#: A few laws, so that seconds often coincide; everything lasts minutes to hours.
LAWS = [constant(600), constant(1800), constant(5400), exponential(900), exponential(7200), gamma(3600, 0.5)]
SHARES = [0.0, 0.3, 1.0]


@dataclass(frozen=True)
class Case:
    """A network described, people, and a seed; `network` builds it either way."""

    lanes: tuple[str, ...]
    classes: int
    teams: list[tuple[str, list[tuple[int, int]], Calendar | None]]
    stations: list[Station]
    places: list[tuple[str, str, str | None, dict[str, object]]]
    choices: dict[str, tuple[list[str], int, bool]]
    by_class: list[str]
    published_at: Sequence[int]
    closures: list[tuple[str, str, int, str]]
    routes: list[tuple[str, str, list[Branch]]]
    groups: list[Arrivals]
    seed: int
    built: dict[bool, Network] = field(default_factory=dict)

    def network(self, patience_as_events: bool = False) -> Network:
        """The network, with departures on their second or settled when it does not matter."""
        if patience_as_events not in self.built:
            builder = NetworkBuilder(PROFILES, self.lanes, self.classes, patience_as_events)
            for name, duty, calendar in self.teams:
                builder.team(name, duty, calendar)
            for station in self.stations:
                builder.station(station)
            for station_name, lane, team, options in self.places:
                builder.place(station_name, lane, team, **options)
            builder.publish(self.published_at)
            for closure in self.closures:
                builder.close(*closure)
            for name, (candidates, threshold_s, own) in self.choices.items():
                if threshold_s < 0:
                    builder.shortest(name, candidates)
                else:
                    builder.overflow(name, *candidates[:1], candidates[1:], threshold_s, own_alternate=own)
            builder.by_class("each", self.by_class)
            for origin, after, branches in self.routes:
                builder.route(origin, branches, after=after)
            self.built[patience_as_events] = builder.compile()
        return self.built[patience_as_events]

    def people(self) -> tuple[Tape, State]:
        """The tape, and the state at 0: those who arrived before are waiting."""
        tape = make_tape(self.network(), self.groups, seed=self.seed)
        return tape, already_waiting(self.network(), tape)


def seconds(low=0, high=HORIZON - 1):
    """Dates, half of them round, so that many fall together."""
    return st.one_of(
        st.integers(low, high), st.integers(low // 1800, high // 1800).map(lambda half: half * 1800)
    )


@st.composite
def calendars(draw):
    """Opening hours within the day, for long after the horizon."""
    days = np.arange(60)[np.array(draw(st.sampled_from([[1], [1, 0], [1, 1, 0]])) * 60, dtype=bool)[:60]]
    hours = draw(st.sampled_from([[(32400, 61200)], [(32400, 43200), (50400, 61200)], [(0, 7200)]]))
    return weekly_calendar(days, hours)


@st.composite
def cases(draw):
    """Any network: each feature is there or not, and routes go anywhere that loops' maxima allow."""
    lanes = draw(st.sampled_from([("here",), ("north", "south")]))
    classes = draw(st.integers(1, 2))
    teams = draw(_teams())
    names = [f"s{number}" for number in range(draw(st.integers(1, 4)))]
    has_team = [draw(st.integers(0, 5)) > 0 for _ in names]
    stations, places = [], []
    for number, name in enumerate(names):
        open_teams = [team for team, _, calendar in teams if calendar is not None]
        holds_sessions = draw(st.integers(0, 4)) == 0
        team = draw(st.sampled_from([team for team, _, _ in teams])) if has_team[number] else None
        # without a team people wait for a commission, for sessions, or for nothing
        stations.append(draw(_station(number, name, team, team in open_teams, holds_sessions)))
        for lane in lanes:
            places.append((name, lane, team, draw(_options(classes, team is not None, holds_sessions))))
    choices, by_class = {}, [draw(st.sampled_from(names)) for _ in range(classes)]
    if len(names) > 1 and draw(st.booleans()):
        candidates = draw(st.lists(st.sampled_from(names), min_size=2, max_size=3, unique=True))
        choices["either"] = candidates, draw(st.sampled_from([-1, 0, 0, 600])), draw(st.booleans())
    routes = [
        (name, after, draw(_branches(number, names, [*choices, "each"])))
        for number, name in enumerate(names)
        for after in draw(st.sets(st.sampled_from(["served", "lost", "no_show"])).map(sorted))
    ]
    every = draw(st.sampled_from([900, 3600, DAY]))
    published_at = draw(
        st.just(range(-DAY, HORIZON, every)) | st.lists(seconds(-DAY), min_size=1, max_size=8)
    )
    closures = []
    if len(names) > 1 and draw(st.integers(0, 3)) == 0:
        # an heir is a later station: people go back no more than the maxima of loops allow
        closed = draw(st.integers(0, len(names) - 2))
        heir = draw(st.sampled_from(names[closed + 1 :]))
        closures = [(names[closed], lane, draw(seconds()), heir) for lane in lanes]
    groups = draw(st.lists(_group(lanes, classes, [*names, *choices, "each"], names), min_size=1, max_size=4))
    if choices:
        # close enough together that some meet a home whose delay is long
        groups.append(draw(_group(lanes, classes, list(choices), names, least=8, most=16, within=7200)))
    patience = stations[0].patience
    lasting = patience is None or (not isinstance(patience, Mapping) and patience.family != "constant")
    if has_team[0] and lasting:
        dates = draw(st.lists(st.integers(-9000, -1), max_size=6))
        groups.append(Arrivals(names[0], dates, profile="slow", lane=lanes[0]))
    seed = draw(st.integers(0, 2**20))
    ways = choices, by_class, published_at, closures, routes
    return Case(lanes, classes, teams, stations, places, *ways, groups, seed)


@st.composite
def _teams(draw):
    teams = []
    for number in range(draw(st.integers(1, 3))):
        changes = draw(st.dictionaries(seconds(), st.integers(0, 3), max_size=3)) | {
            -DAY: draw(st.sampled_from([1, 2, 0]))
        }
        teams.append((f"team {number}", sorted(changes.items()), draw(st.none() | calendars())))
    return teams


@st.composite
def _station(draw, number, name, team, within_days, holds_sessions):
    laws, maybe = st.sampled_from(LAWS), st.integers(0, 2).map(lambda dice: dice == 0)
    options = {}
    if holds_sessions:
        options["file_cost"] = draw(st.sampled_from([0, 3, {"quick": 1, "slow": 5}]))
        if team is None and draw(maybe):
            options["retry"] = Retry(draw(st.sampled_from(SHARES)), draw(st.integers(0, 2)), gap=draw(laws))
    if draw(maybe):
        options["series"] = Series(draw(st.sampled_from([1.5, 2.0, 2.7])), 3, draw(st.none() | laws))
    if draw(st.booleans()):
        options["refer"] = draw(st.sampled_from(SHARES))
    if team is not None:
        if draw(st.integers(0, 3)):
            one, other = draw(laws), draw(st.none() | laws)
            options["patience"] = one if draw(st.booleans()) else {"quick": one, "slow": other}
        options["lost_when_closed"] = within_days and draw(maybe)
        share, times = draw(st.sampled_from(SHARES)), draw(st.integers(0, 2))
        if within_days and draw(maybe):
            options["retry"] = Retry(share, times, open_days=draw(st.integers(1, 2)))
        elif draw(maybe):
            options["retry"] = Retry(share, times, gap=draw(st.none() | laws))
        if not holds_sessions:
            if draw(maybe):
                options["back_office"] = draw(laws)
            options["file_work"] = draw(st.integers(0, 5)) == 0
            options["referent_wait_s"] = draw(st.sampled_from([None, None, 1800, 9000, 2 * DAY]))
            options["slot_s"] = draw(
                st.sampled_from([0, 1800, {"quick": 600, "slow": 5400}, {"quick": 9000, "slow": 0}])
            )
    if not holds_sessions and draw(maybe):
        absent = NoShow(
            draw(st.sampled_from(SHARES)), 900, draw(st.sampled_from(SHARES)), draw(st.none() | laws), 2
        )
        options["no_show"] = absent
    service = draw(laws)
    block = draw(st.integers(0, number))
    return Station(name, block, {"quick": constant(300), "slow": service}, **options)


@st.composite
def _options(draw, classes, has_team, holds_sessions):
    options = {"priority": tuple(draw(st.integers(0, 2)) for _ in range(classes))}
    if draw(st.integers(0, 4)) == 0:
        options["room"] = draw(st.integers(0, 4))
    if holds_sessions and draw(st.booleans()):
        dates = sorted(draw(st.sets(seconds(), max_size=6)))
        budgets = draw(st.lists(st.integers(0, 12), min_size=len(dates), max_size=len(dates)))
        options["sessions"] = CommissionPlan(dates, budgets, 1800, draw(st.booleans()))
    elif holds_sessions:
        dates = sorted(draw(st.sets(seconds(), max_size=6)))
        seats = draw(st.integers(1, 4))
        options["sessions"] = SessionPlan(dates, 1800, seats, draw(st.integers(1, seats)))
    elif has_team and draw(st.integers(0, 4)) == 0:
        # the same hours for all, or some of its own for each service class
        each = draw(st.none() | st.lists(st.none() | calendars(), min_size=classes, max_size=classes))
        options["availability"] = draw(calendars()) if each is None else each
    return options


@st.composite
def _branches(draw, number, names, choices):
    """Later stations freely; back, to itself or to a choice so many times; an exit for the rest."""
    shares = draw(st.sampled_from([[0.5, 0.5], [0.2, 0.5, 0.3], [1.0]]))
    branches = []
    for share in shares[:-1]:
        to = draw(st.sampled_from([*names, *choices]))
        onward = to in names and names.index(to) > number
        limit = None if onward else draw(st.integers(1, 2))
        branches.append(Branch(share, to, draw(st.none() | st.sampled_from(LAWS)), limit))
    last = draw(st.sampled_from(["served", "lost", *names[number + 1 :]]))
    return [*branches, Branch(shares[-1], last)]


@st.composite
def _dates(draw, least, most, within):
    """Up to forty people within so long; half of them on round seconds, so that many come together."""
    dice = np.random.default_rng(draw(st.integers(0, 2**20)))
    dates = dice.integers(0, within, draw(st.integers(least, most)))
    rounded = dice.random(len(dates)) < 0.5
    dates[rounded] -= dates[rounded] % 1800
    return dates.tolist()


def _group(lanes, classes, entries, names, least=0, most=40, within=2 * DAY):
    return st.builds(
        Arrivals,
        st.sampled_from(entries),
        _dates(least, most, within),
        profile=st.sampled_from(PROFILES),
        lane=st.sampled_from(lanes),
        service_class=st.integers(0, classes - 1),
        alternate=st.none() | st.sampled_from(names),
    )
