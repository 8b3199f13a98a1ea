"""Rows of draws that a person may need, from the network alone."""

import pytest

from cepsim.errors import NetworkError
from cepsim.laws import exponential
from cepsim.network import Branch, NetworkBuilder, NoShow, Retry, Series, Station
from cepsim.network.layout import rows_by_block


def network(*names, **stations):
    builder = NetworkBuilder(profiles=("one", "two"))
    team = builder.team("team", 1)
    for name in names:
        builder.queue(name, team=team, service=60, **stations.get(name, {}))
    return builder


def rows(builder, entry=0, profile=0, alternate=-1):
    return rows_by_block(builder.compile(), profile, [entry], alternate).tolist()


def test_a_station_out_of_reach_needs_no_row():
    assert rows(network("a", "b")) == [1, 0]


def test_every_way_out_of_a_visit_is_followed():
    builder = network("a", "b", "c", "d")
    builder.route("a", [Branch(1.0, "b")])
    builder.route("a", [Branch(1.0, "c")], after="lost")
    builder.route("a", [Branch(1.0, "d")], after="no_show")
    assert rows(builder) == [1, 1, 1, 1]


def test_a_route_of_another_profile_is_not_followed():
    builder = network("a", "b")
    builder.route("a", [Branch(1.0, "b")], profiles=["two"])
    assert rows(builder, profile=0) == [1, 0]
    assert rows(builder, profile=1) == [1, 1]


def test_interviews_rebookings_and_tries_multiply():
    several = {
        "series": Series(2.5, 4),
        "no_show": NoShow(0.1, 60, 0.5, 60, times=2),
        "retry": Retry(0.5, 3),
    }
    assert rows(network("a", a=several)) == [4 * 3 * 4]


def test_what_never_happens_needs_no_row():
    never = {
        "series": Series(1.0, 4),
        "no_show": NoShow(0.0, 60, 0.5, 60, times=2),
        "retry": Retry({"one": 0.0, "two": 0.5}, 3),
    }
    assert rows(network("a", a=never)) == [1]
    assert rows(network("a", a=never), profile=1) == [4]


def test_a_loop_passes_once_more_than_its_maximum():
    builder = network("a", "b", "c")
    builder.route("a", [Branch(1.0, "b")])
    builder.route("b", [Branch(0.5, "a", repeat_max=3), Branch(0.5, "c")])
    assert rows(builder) == [4, 4, 1]


def test_the_largest_maximum_bounds_all_repeats_together():
    builder = network("a", "b")
    builder.route(
        "a", [Branch(0.3, "a", repeat_max=2), Branch(0.3, "b", repeat_max=5), Branch(0.4, "served")]
    )
    builder.route("b", [Branch(0.5, "a", repeat_max=1), Branch(0.5, "served")])
    assert rows(builder) == [6, 6]


def described(*stations):
    builder = NetworkBuilder()
    team = builder.team("team", 1)
    for station in stations:
        builder.station(station)
        builder.place(station.name, "here", team)
    return builder


def test_being_sent_elsewhere_may_close_one_loop_more():
    # a, sent to b, back to a, then a twice more: four visits to a
    builder = described(Station("a", 0, 60, refer=0.5), Station("b", 1, 60))
    builder.route("a", [Branch(0.5, "a", repeat_max=2), Branch(0.5, "served")])
    builder.route("b", [Branch(1.0, "a")])
    assert rows(builder, alternate=1) == [4, 4]
    assert rows(builder) == [3, 0]


def test_stations_that_share_a_block_add_up_their_visits():
    builder = described(Station("a", 0, 60), Station("b", 1, 60), Station("c", 0, 60, series=Series(2, 3)))
    builder.route("a", [Branch(0.5, "b"), Branch(0.5, "c")])
    assert rows(builder) == [1 + 3, 1]


def test_a_choice_leads_to_each_of_its_candidates():
    builder = network("a", "b", "c")
    builder.shortest("either", ["b", "c"])
    builder.route("a", [Branch(1.0, "either")])
    assert rows(builder) == [1, 1, 1]


def test_a_loop_without_a_maximum_is_refused():
    builder = network("a", "b")
    builder.route("a", [Branch(1.0, "b")])
    builder.route("b", [Branch(0.5, "a"), Branch(0.5, "served")])
    with pytest.raises(NetworkError, match=r"route from [ab]: .*a loop without a maximum for profile one"):
        rows(builder)


def test_a_queue_whose_lost_come_back_at_once_has_rows_for_each_try():
    builder = network("a", a={"patience": exponential(60), "retry": Retry(0.9, 2, gap=60)})
    assert rows(builder) == [3]
