"""People followed by the adviser of their first interview, on both engines, in seconds worked out by hand."""

from collections import Counter

import pytest
from engines.by_hand import DAY, rows

from cepsim.engine import compiled_engine, simpy_engine
from cepsim.errors import NetworkError
from cepsim.network import Branch, NetworkBuilder, NoShow, Series
from cepsim.people.by_hand import Arrivals, make_tape
from cepsim.trace import Trace

ENGINES = pytest.mark.parametrize("engine", [simpy_engine, compiled_engine])


TWICE = Series(2.0, 2, 1000)


def followed(advisers=2, wait_s=DAY, *, service=100, series=TWICE, **station):
    """Interviews of 100 s, a second one 1 000 s after the first."""
    builder = NetworkBuilder()
    builder.team("team", advisers)
    builder.queue("desk", team="team", service=service, series=series, referent_wait_s=wait_s, **station)
    return builder


def run(engine, builder, groups, end=10 * DAY):
    network = builder.compile()
    groups = groups if isinstance(groups[0], Arrivals) else [Arrivals("desk", groups)]
    return engine.run(network, make_tape(network, groups), None, 0, end)


@ENGINES
def test_the_second_interview_waits_for_the_adviser_of_the_first(engine):
    trace, _ = run(engine, followed(), [0, 1050])
    assert rows(trace, "person", "adviser", "joined", "called") == [
        (0, 0, 0, 0),
        (0, 0, 1100, 1100),
        (1, 1, 1050, 1050),
        (1, 1, 2150, 2150),
    ]


@ENGINES
def test_one_waits_for_a_busy_adviser_while_another_is_free(engine):
    # both first interviews are adviser 0's; adviser 1 comes on duty at 500
    builder = followed([(0, 1), (500, 2)])
    trace, _ = run(engine, builder, [0, 100])
    assert rows(trace, "person", "adviser", "called") == [(0, 0, 0), (0, 0, 1100), (1, 0, 100), (1, 0, 1200)]
    # joined at 1 150, a person whom nobody follows goes to adviser 1, who is free
    trace, _ = run(engine, builder, [0, 50, 1150])
    second_of_1 = rows(trace, "person", "adviser", "joined", "called")[3]
    assert second_of_1 == (1, 0, 1200, 1200)


@ENGINES
def test_who_follows_the_fewest_receives_then_the_lowest_number(engine):
    # one after the other, each alone: 0, then 1, then 2, then 0 again
    trace, _ = run(engine, followed(3), [0, 200, 400, 600])
    assert [adviser for _, adviser in rows(trace, "person", "adviser")][::2] == [0, 1, 2, 0]


@ENGINES
def test_after_the_longest_wait_anybody_receives_and_follows_from_there_on(engine):
    # adviser 0 is kept by file work: the second interview waits 50 s for him, then is adviser 1's
    builder = followed(2, 50, back_office=5000, series=Series(3.0, 3, 1000))
    trace, _ = run(engine, builder, [0])
    assert rows(trace, "adviser", "joined", "called", "released") == [
        (0, 0, 0, 5100),
        (1, 1100, 1150, 6250),
        (0, 2250, 5100, 10200),
    ]


@ENGINES
def test_people_freed_in_one_second_are_called_in_order_of_person(engine):
    # each waits for his own adviser, busy from 1 090 on; they are freed at 1 151, and a fourth comes at 1 152
    builder = followed([(0, 3), (1152, 4)], 50, service=1)
    builder.queue("long", team="team", service=5000, priority=-1)
    trace, _ = run(engine, builder, [Arrivals("desk", [100, 100, 100]), Arrivals("long", [1090] * 3)])
    later = [row for row in rows(trace, "person", "visit", "adviser", "called") if row[1] == 1]
    assert later == [(0, 1, 3, 1152), (1, 1, 3, 1153), (2, 1, 3, 1154)]


@ENGINES
def test_patience_that_ends_when_one_would_be_freed_has_ended_first(engine):
    builder = followed(1, 50, patience=50, back_office=5000)
    trace, _ = run(engine, builder, [0])
    assert rows(trace, "joined", "called", "ended") == [(0, 0, 100), (1100, None, 1150)]


@ENGINES
def test_an_absence_makes_nobody_ones_adviser(engine):
    builder = followed(2, series=None, no_show=NoShow(1.0, 10, rebook=1.0, gap=1000, times=1))
    trace, state = run(engine, builder, [0], end=500)
    assert state.people.referent.tolist() == [-1]
    assert len(trace.visits) == 1


@ENGINES
def test_who_goes_where_nobody_follows_is_followed_no_more(engine):
    builder = followed(2, series=None)
    builder.delay("elsewhere", 10_000)
    builder.route("desk", [Branch(1.0, "elsewhere")])
    _, state = run(engine, builder, [0], end=50)
    assert (state.people.referent.tolist(), state.people.referent_team.tolist()) == ([0], [0])
    _, state = run(engine, builder, [0], end=150)
    assert (state.people.referent.tolist(), state.people.referent_team.tolist()) == ([-1], [-1])


@ENGINES
def test_the_one_who_has_waited_longest_comes_first_whether_he_has_an_adviser_or_not(engine):
    # one adviser: at 1 100 the first comes back, when somebody new has waited since 1 090
    builder = followed(1)
    trace, _ = run(engine, builder, [0, 1050, 1090])
    called = {(person, visit): second for person, visit, second in rows(trace, "person", "visit", "called")}
    assert called[2, 0] == 1150
    assert called[0, 1] == 1250


@ENGINES
def test_followed_people_are_carried_from_a_state_to_the_next_run(engine):
    network = followed(2, 300, back_office=700, series=Series(3.0, 3, 1000)).compile()
    tape = make_tape(network, [Arrivals("desk", [0, 10, 20, 700, 710, 1500])])
    whole, last = engine.run(network, tape, None, 0, DAY)
    seen = Counter()
    for cut in range(0, 6000, 50):
        first, middle = engine.run(network, tape, None, 0, cut)
        then, end = engine.run(network, tape, middle, cut, DAY)
        assert Trace.concatenate([first, then]).equals(whole), cut
        assert end.equals(last)
        seen["followed"] += int((middle.people.referent >= 0).sum())
    assert seen["followed"] > 100


def test_a_wait_of_no_second_is_refused():
    with pytest.raises(NetworkError, match="referent_wait_s of desk"):
        followed(wait_s=0).compile()


def test_nobody_is_followed_where_nobody_serves():
    builder = NetworkBuilder()
    builder.queue("desk", team=None, service=10, referent_wait_s=100)
    with pytest.raises(NetworkError, match="referent_wait_s of desk"):
        builder.compile()
