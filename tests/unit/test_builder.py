"""Networks built by hand: what they compile to, and the one clear error of each bad one."""

import math

import numpy as np
import pytest

from cepsim.draws import DRAW_RANGE
from cepsim.errors import NetworkError
from cepsim.laws import exponential
from cepsim.network import (
    Branch,
    Calendar,
    NetworkBuilder,
    NoShow,
    Retry,
    Series,
    SessionPlan,
    Station,
    weekly_calendar,
)
from cepsim.network.arrays import CHOICE_BASE, NO_TABLE, exit_destination
from cepsim.people.by_hand import Arrivals, already_waiting, draw_beyond, make_tape, poisson_varying
from cepsim.trace import NEVER, Reason

HOURS = weekly_calendar(np.arange(5), [(9 * 3600, 17 * 3600)])


def simple(**station):
    builder = NetworkBuilder()
    team = builder.team("team", 2, HOURS)
    builder.queue("desk", team=team, **{"service": 60, **station})
    return builder


# -- what a network compiles to --------------------------------------------------------------------


def test_names_are_kept_in_order_of_description():
    builder = NetworkBuilder(profiles=("young", "old"), lanes=("north", "south"))
    builder.team("small", 1)
    builder.team("large", 9)
    for name in ("first", "second"):
        builder.queue(name, team="large", service=60)
    builder.exit("home")
    builder.shortest("either", ["second", "first"])
    network = builder.compile()
    assert network.station_names == ("first", "second")
    assert network.lane_names == ("north", "south")
    assert network.team_names == ("small", "large")
    assert network.profile_names == ("young", "old")
    assert network.exit_names == ("served", "lost", "no_show", "home")
    assert network.choice_names == ("either",)
    assert network.queue_name(3) == "south / second"
    assert network.queues.team.tolist() == [1, 1, 1, 1]
    assert network.choices.station.tolist() == [1, 0]


def test_destinations_are_stations_choices_or_exits():
    builder = simple()
    builder.shortest("either", ["desk"])
    builder.exit("home")
    assert builder.destination("desk") == 0
    assert builder.destination("either") == CHOICE_BASE
    assert builder.destination("home") == exit_destination(3)
    assert exit_destination(exit_destination(3)) == 3


def test_the_same_law_and_the_same_calendar_are_stored_once():
    builder = simple(service=exponential(600), patience=exponential(600), back_office=60)
    builder.team("other", 1, HOURS)
    builder.queue("counter", team="other", service=60.0)
    network = builder.compile()
    assert len(network.tables) == 2
    assert network.teams.calendar.tolist() == [0, 0]
    assert network.stations.service[:, 0].tolist() == [0, 1]


def test_a_value_may_differ_between_profiles():
    builder = NetworkBuilder(profiles=("young", "old"))
    builder.team("team", 1)
    builder.queue(
        "desk",
        team="team",
        service={"young": 60, "old": 90},
        patience={"young": None, "old": 600},
        slot_s={"young": 0, "old": 90},
        no_show=NoShow({"young": 0.25, "old": 0.5}, 30),
        series=Series({"young": 1.0, "old": 2.5}, 3),
    )
    stations = builder.compile().stations
    assert stations.service.tolist() == [[0, 1]]
    assert stations.patience.tolist() == [[NO_TABLE, 2]]
    assert stations.planned_slot.tolist() == [[0, 90]]
    assert stations.no_show.tolist() == [[DRAW_RANGE // 4, DRAW_RANGE // 2]]
    assert stations.series_mean.tolist() == [[0, 3 * DRAW_RANGE // 2]]


def test_classes_of_the_same_priority_share_a_sub_queue():
    builder = NetworkBuilder(classes=3)
    builder.team("team", 1)
    builder.queue("desk", team="team", service=60, priority=(1, 0, 1))
    network = builder.compile()
    assert network.queues.sub_queue.tolist() == [[0, 1, 0]]
    assert network.sub_queues.priority.tolist() == [1, 0]


def test_branch_thresholds_are_cumulated_and_end_at_one():
    builder = simple()
    builder.exit("home")
    builder.route(
        "desk", [Branch(0.1, "desk", gap=60, repeat_max=2), Branch(0.2, "home"), Branch(0.7, "served")]
    )
    network = builder.compile()
    first, last = network.branches.start[network.stations.route_served[0, 0] :][:2]
    shares = network.branches.threshold[first:last] / DRAW_RANGE
    assert shares.tolist() == pytest.approx([0.1, 0.3, 1.0], abs=1e-9)
    assert network.branches.threshold[last - 1] == DRAW_RANGE
    assert network.branches.repeat_max[first:last].tolist() == [2, -1, -1]


def test_without_a_route_people_leave_under_the_name_of_their_outcome():
    network = simple().compile()
    lists = [
        getattr(network.stations, name)[0, 0] for name in ("route_served", "route_lost", "route_no_show")
    ]
    assert [network.branches.to[network.branches.start[number]] for number in lists] == [-1, -2, -3]


def test_a_later_route_replaces_an_earlier_one():
    builder = simple()
    builder.route("desk", [Branch(1.0, "lost")])
    builder.route("desk", [Branch(1.0, "no_show")])
    network = builder.compile()
    assert network.branches.to[network.branches.start[network.stations.route_served[0, 0]]] == -3


def test_leaving_is_an_event_only_where_something_follows():
    def is_event(builder):
        return builder.compile().queues.patience_is_event[0]

    again, home = [Branch(1.0, "desk", gap=60)], [Branch(1.0, "served")]
    assert is_event(simple(patience=600)) == 0
    assert is_event(simple(patience=600, room=3)) == 1
    assert is_event(simple(patience=600, retry=Retry(0.5, 1, gap=60))) == 1
    assert is_event(simple(patience=600, sessions=SessionPlan([100], 10, 3))) == 1
    for branches, wanted in ((again, 1), (home, 0)):
        builder = simple(patience=600)
        builder.route("desk", branches, after="lost")
        assert is_event(builder) == wanted
    builder = simple(patience=600)
    builder.shortest("either", ["desk"])
    assert is_event(builder) == 1
    builder = simple(patience=600)
    builder.patience_as_events = True
    assert is_event(builder) == 1


def test_openings_that_touch_become_one():
    builder = NetworkBuilder()
    builder.team("team", 1, Calendar(np.array([0, 10]), np.array([10, 20])))
    builder.queue("desk", team="team", service=60)
    assert builder.compile().teams.closes.tolist() == [20]


# -- one clear error for each bad network ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("station", "message"),
    [
        ({"service": 0}, "network: service of desk: found 0, expected a duration in seconds"),
        ({"service": math.nan}, "service of desk: found nan"),
        ({"service": {"nobody": 60}}, "service of desk: found .no value for profile everybody"),
        ({"service": 2**40}, "service of desk: .*passes 2147483647 s"),
        ({"slot_s": -1}, "slot_s of desk: found -1, expected seconds, 0 or more"),
        ({"room": -1}, "room of desk: found -1"),
        ({"priority": (0, 1)}, r"priority of desk: found \(0, 1\), expected 1 numbers"),
        ({"no_show": NoShow(1.5, 60)}, "no_show.share of desk: found 1.5, expected a share from 0 to 1"),
        ({"no_show": NoShow(0.5, 60, -0.1)}, "no_show.rebook of desk: found -0.1"),
        ({"no_show": NoShow(0.5, 0)}, "no_show.slot_s of desk: found 0, expected at least a second"),
        ({"no_show": NoShow(0.5, 60, 0.5, None, -1)}, "no_show.times of desk: found -1"),
        ({"retry": Retry(math.nan, 1)}, "retry.share of desk: found nan"),
        ({"retry": Retry(0.5, -1)}, "retry of desk"),
        ({"retry": Retry(0.5, 1, gap=60, open_days=1)}, "retry of desk: found .both gap and open_days"),
        ({"series": Series(0.5, 3)}, "series.mean of desk: found 0.5, expected a mean from 1"),
        ({"series": Series(3.5, 3)}, "series.mean of desk: found 3.5, .*to the most interviews, 3"),
        ({"series": Series(1.0, 0)}, "series.most of desk: found 0"),
        ({"sessions": SessionPlan([100, 50], 60, 5)}, "sessions of desk: found .seconds out of order"),
        ({"sessions": SessionPlan([50, 50], 60, 5)}, "sessions of desk: found .seconds out of order"),
        ({"sessions": SessionPlan([50], 0, 5)}, "sessions of desk: found .a length of 0 s"),
        ({"sessions": SessionPlan([50], 60, 5, 6)}, "sessions of desk: found .least 6, seats 5"),
        ({"sessions": SessionPlan([50], 60, 5, 0)}, "sessions of desk: found .least 0, seats 5"),
        (
            {"sessions": SessionPlan([50], 60, 5), "no_show": NoShow(0.1, 60)},
            "no_show of desk: found .a queue held by sessions",
        ),
        (
            {"sessions": SessionPlan([50], 60, 5), "back_office": 60},
            "back_office of desk: found .a queue held by sessions",
        ),
        ({"team": None, "patience": 60}, "patience of desk: found .a place without a team"),
        ({"team": None, "back_office": 60}, "back_office of desk: found .a place without a team"),
        ({"team": None, "file_work": True}, "file_work of desk: found .a place without a team"),
        ({"team": None, "lost_when_closed": True}, "lost_when_closed of desk: found .a place without"),
        ({"team": None, "retry": Retry(0.5, 1, open_days=1)}, "retry.open_days of desk: found .a place"),
        ({"team": "night", "lost_when_closed": True}, "lost_when_closed of desk: .*passes midnight"),
        ({"team": "temas"}, 'team: found "temas", expected one of team. Did you mean "team"'),
        (
            {"team": "night", "retry": Retry(0.5, 1, open_days=1)},
            "retry.open_days of desk: .*passes midnight",
        ),
    ],
)
def test_a_bad_station_is_named(station, message):
    builder = NetworkBuilder()
    builder.team("team", 2, HOURS)
    if station.get("team") == "night":
        builder.team("night", 1)
    with pytest.raises(NetworkError, match=message):
        builder.queue("desk", **{"team": "team", "service": 60, **station})
        builder.compile()


@pytest.mark.parametrize(
    ("branches", "after", "message"),
    [
        ([Branch(0.9, "served")], "served", "route from desk: found 0.9, .*sum to 1"),
        ([Branch(1.5, "served"), Branch(-0.5, "lost")], "served", "route from desk.*not negative"),
        ([Branch(math.nan, "served")], "served", "route from desk: found nan"),
        ([], "served", "route from desk: found 0, .*sum to 1"),
        ([Branch(1.0, "desc")], "served", 'route: found "desc".*Did you mean "desk"'),
        ([Branch(1.0, "desk", gap=-5)], "served", "gap before desk: found -5"),
        (
            [Branch(1.0, "desk", repeat_max=3)],
            "served",
            "route from desk: found .a maximum on the last branch",
        ),
        ([Branch(1.0, "served")], "losst", 'outcome: found "losst".*Did you mean "lost"'),
    ],
)
def test_a_bad_route_is_named(branches, after, message):
    builder = simple()
    with pytest.raises(NetworkError, match=message):
        builder.route("desk", branches, after=after)
        builder.compile()


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda b: b.team("team", 1), 'team: found "team", expected a name that no other team has'),
        (lambda b: b.queue("desk", team="team", service=1), 'station: found "desk", expected a name'),
        (lambda b: b.queue("served", team="team", service=1), 'station: found "served", expected a name'),
        (lambda b: b.exit("desk"), 'exit: found "desk", expected a name'),
        (lambda b: b.shortest("desk", ["desk"]), 'choice: found "desk", expected a name'),
        (lambda b: b.shortest("either", []), "choice either: found .no station"),
        (lambda b: b.shortest("either", ["desk", "dusk"]), 'station: found "dusk".*Did you mean "desk"'),
        (lambda b: b.route("dusk", [Branch(1.0, "served")]), 'station: found "dusk"'),
        (lambda b: b.route("desk", [Branch(1.0, "lost")], profiles=["x"]), 'profile: found "x"'),
        (lambda b: b.place("desk", "here", "team"), "place: found .desk twice in lane here"),
        (lambda b: b.place("desk", "there", "team"), 'lane: found "there"'),
        (lambda b: b.station(Station("alone", 1, 60)), "place: found .alone nowhere in lane here"),
        (lambda b: b.station(Station("alone", -1, 60)), "block of alone: found -1"),
        (lambda b: b.team("negative", -1), "team negative: found .duty changes out of order or negative"),
        (lambda b: b.team("shut", 1, Calendar(np.array([], int), np.array([], int))), "calendar 1: found"),
        (lambda b: b.team("odd", 1, Calendar(np.array([5]), np.array([5]))), "calendar 1: found"),
        (lambda b: b.team("odd", 1, Calendar(np.array([5, 7]), np.array([8, 9]))), "calendar 1: found"),
    ],
)
def test_a_bad_part_is_named(build, message):
    builder = simple()
    with pytest.raises(NetworkError, match=message):
        build(builder)
        builder.compile()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "stations: found .none., expected at least one"),
        ({"profiles": ()}, "profiles: found .none."),
        ({"lanes": ()}, "lanes: found .none."),
        ({"classes": 0}, "classes: found 0"),
    ],
)
def test_a_network_needs_at_least_one_of_each(arguments, message):
    builder = NetworkBuilder(**arguments)
    if arguments:
        builder.team("team", 1)
        builder.station(Station("desk", 0, 60))
    with pytest.raises(NetworkError, match=message):
        builder.compile()


# -- the people of a network built by hand ------------------------------------------------------------


@pytest.mark.parametrize(
    ("group", "message"),
    [
        (Arrivals("dusk", [0]), 'arrivals: to: found "dusk".*Did you mean "desk"'),
        (Arrivals("desk", [0], profile="x"), 'arrivals: profile: found "x"'),
        (Arrivals("desk", [0], lane="there"), 'arrivals: lane: found "there"'),
        (Arrivals("desk", [0], alternate="dusk"), 'arrivals: alternate: found "dusk"'),
        (Arrivals("desk", [0], service_class=1), "arrivals: service_class: found 1"),
    ],
)
def test_a_bad_group_of_people_is_named(group, message):
    with pytest.raises(NetworkError, match=message):
        make_tape(simple().compile(), [group])


def test_nobody_at_all_is_refused():
    with pytest.raises(NetworkError, match=r"found .nobody"):
        make_tape(simple().compile(), [])


@pytest.mark.parametrize("rates", [[(0, -1.0)], [(10, 1.0), (0, 1.0)], [(0, math.inf)]])
def test_a_bad_rate_is_refused(rates):
    with pytest.raises(NetworkError, match="increasing seconds, rates not negative"):
        poisson_varying(rates, 100)


def test_people_come_in_order_of_date_then_of_group():
    builder = simple()
    builder.shortest("either", ["desk"])
    tape = make_tape(builder.compile(), [Arrivals("desk", [5, 9, 1]), Arrivals("either", [5, 0])])
    assert tape.arrival.tolist() == [0, 1, 5, 5, 9]
    assert tape.entry.tolist() == [CHOICE_BASE, 0, 0, CHOICE_BASE, 0]


def test_who_comes_to_a_choice_has_rows_for_every_candidate():
    builder = NetworkBuilder()
    builder.team("team", 1)
    for name, most in (("left", 2), ("right", 3)):
        builder.queue(name, team="team", service=60, series=Series(1.5, most))
    builder.shortest("either", ["left", "right"])
    tape = make_tape(builder.compile(), [Arrivals("either", [0])])
    assert tape.layout_rows.tolist() == [[2, 3]]


def test_a_larger_rate_brings_the_same_people_sooner_and_others_after():
    slow, fast = (poisson_varying([(0, rate)], 100_000)(42) for rate in (1e-2, 2e-2))
    assert len(slow) < len(fast)
    assert np.abs(fast[: len(slow)] - slow / 2).max() <= 1


def test_nobody_comes_while_the_rate_is_zero():
    times = poisson_varying([(0, 0.01), (10_000, 0.0), (50_000, 0.01)], 60_000)(3)
    assert not ((times >= 10_000) & (times < 50_000)).any()
    assert (times < 10_000).any()
    assert (times >= 50_000).any()


def test_who_waits_already_has_waited_since_he_joined():
    network = simple(patience=exponential(3600), series=Series(2.0, 3)).compile()
    tape = make_tape(network, [Arrivals("desk", [-7200, -60, 30])], seed=5)
    state = already_waiting(network, tape)
    assert state.people.person.tolist() == [0, 1]
    assert state.people.joined.tolist() == [-7200, -60]
    assert (state.people.leaves > 0).all()
    assert state.people.reason.tolist() == [Reason.FIRST, Reason.FIRST]
    assert state.people.called.tolist() == [NEVER, NEVER]
    assert state.people.series_left.tolist() == [1, 1]
    assert state.visits_made.tolist() == [[1], [1]]
    assert tape.person_count == 3


def test_patience_that_has_lasted_is_drawn_beyond_its_age():
    table = exponential(3600).table()
    for age in (0, 1800, 36_000, 70_000):
        draws = [draw_beyond(table, age, draw) for draw in (0, 1 << 31, (1 << 32) - 1)]
        assert draws == sorted(draws)
        assert draws[-1] < 1 << 32


def test_an_age_that_patience_never_reaches_is_refused():
    network = simple(patience=600).compile()
    with pytest.raises(
        NetworkError, match="state: joined: found 600, expected an age that patience can reach"
    ):
        already_waiting(network, make_tape(network, [Arrivals("desk", [-600])]))


def test_nobody_waits_already_where_nobody_ever_waits():
    builder = simple()
    builder.delay("away", 60)
    builder.shortest("either", ["desk", "away"])
    network = builder.compile()
    with pytest.raises(NetworkError, match=r"found .somebody waiting at here / away"):
        already_waiting(network, make_tape(network, [Arrivals("away", [-60])]))
    with pytest.raises(NetworkError, match="yet to choose a queue"):
        already_waiting(network, make_tape(network, [Arrivals("either", [-60])]))
