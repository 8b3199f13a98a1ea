"""Commissions that decide on files within a budget, on both engines, worked out by hand."""

import pytest
from engines.by_hand import DAY, rows

from cepsim.engine import compiled_engine, simpy_engine
from cepsim.errors import NetworkError
from cepsim.network import Branch, CommissionPlan, NetworkBuilder, Retry, SessionPlan, Station
from cepsim.people.by_hand import Arrivals, make_tape
from cepsim.trace import Outcome, Reason, Trace

ENGINES = pytest.mark.parametrize("engine", [simpy_engine, compiled_engine])
SERVED, REFUSED, GAVE_UP = int(Outcome.SERVED), int(Outcome.REFUSED), int(Outcome.GAVE_UP)


def commission(dates, budgets, *, carries=True, classes=1, priority=0, **station):
    """Files of 10 EUR, or 25 for the profile "dear", with an answer after 5 s."""
    builder = NetworkBuilder(profiles=["everybody", "dear"], classes=classes)
    builder.station(Station("files", 0, 1, file_cost={"everybody": 10, "dear": 25}, **station))
    builder.place(
        "files",
        "here",
        None,
        priority=priority,
        sessions=CommissionPlan(dates, budgets, answer_s=5, carries=carries),
    )
    return builder


def run(engine, builder, groups, end=10 * DAY):
    network = builder.compile()
    return engine.run(network, make_tape(network, groups), None, 0, end)


@ENGINES
def test_files_are_accepted_in_order_until_the_next_does_not_fit_then_no_more(engine):
    # 10 + 25 leaves 5 of 40 EUR
    groups = [Arrivals("files", [0, 2, 3]), Arrivals("files", [1], profile="dear")]
    trace, _ = run(engine, commission([100], [40]), groups)
    assert rows(trace, "person", "outcome", "called", "ended") == [
        (0, SERVED, 100, 105),
        (1, SERVED, 100, 105),
        (2, REFUSED, None, 100),
        (3, REFUSED, None, 100),
    ]
    assert rows(trace, "session") == [(0,), (0,), (-1,), (-1,)]
    assert trace.sessions.seats_taken.tolist() == [2]


@ENGINES
def test_a_file_that_would_fit_does_not_pass_before_one_that_does_not(engine):
    groups = [Arrivals("files", [0], profile="dear"), Arrivals("files", [1])]
    trace, _ = run(engine, commission([100], [20]), groups)
    assert rows(trace, "outcome") == [(REFUSED,), (REFUSED,)]


@ENGINES
def test_what_is_left_is_carried_on_or_lost(engine):
    groups = [Arrivals("files", [0, 150, 160])]
    for carries, outcome in ((True, SERVED), (False, REFUSED)):
        trace, state = run(engine, commission([100, 200], [19, 11], carries=carries), groups)
        assert rows(trace, "outcome") == [(SERVED,), (SERVED,), (outcome,)]
        assert state.carried.unspent.tolist() == [0]
    _, state = run(engine, commission([100, 200], [19, 11]), [Arrivals("files", [0])])
    assert state.carried.unspent.tolist() == [20]


@ENGINES
def test_a_file_lodged_on_the_second_of_the_commission_is_decided_by_it(engine):
    trace, _ = run(engine, commission([100, 200], [10, 10]), [Arrivals("files", [100, 101])])
    assert rows(trace, "called") == [(100,), (200,)]


@ENGINES
def test_a_refused_file_applies_again_later_as_often_as_stated(engine):
    builder = commission([100, 200, 300], [0, 0, 0], retry=Retry(1.0, 1, gap=50))
    builder.exit("refused")
    builder.route("files", [Branch(1.0, "refused")], after="lost")
    trace, _ = run(engine, builder, [Arrivals("files", [0])])
    assert rows(trace, "joined", "outcome", "ended", "reason") == [
        (0, REFUSED, 100, Reason.FIRST),
        (150, REFUSED, 200, Reason.RETRY),
    ]
    assert trace.exits.second.tolist() == [200]


@ENGINES
def test_who_is_refused_goes_nowhere_before_the_next_second(engine):
    builder = commission([100, 101], [0, 10])
    builder.route("files", [Branch(1.0, "files", repeat_max=1), Branch(0.0, "lost")], after="lost")
    trace, _ = run(engine, builder, [Arrivals("files", [0])])
    assert rows(trace, "joined", "outcome") == [(0, REFUSED), (101, SERVED)]


@ENGINES
def test_priority_comes_before_the_date_of_the_file(engine):
    builder = commission([100], [10], classes=2, priority=(1, 0))
    groups = [Arrivals("files", [0], service_class=0), Arrivals("files", [50], service_class=1)]
    trace, _ = run(engine, builder, groups)
    assert rows(trace, "person", "outcome") == [(0, REFUSED), (1, SERVED)]


@ENGINES
def test_a_budget_is_carried_from_a_state_to_the_next_run(engine):
    network = commission([100, 200], [19, 11]).compile()
    tape = make_tape(network, [Arrivals("files", [0, 150, 160])])
    whole, last = engine.run(network, tape, None, 0, DAY)
    for cut in (0, 100, 101, 155, 200, 201):
        first, middle = engine.run(network, tape, None, 0, cut)
        then, end = engine.run(network, tape, middle, cut, DAY)
        assert Trace.concatenate([first, then]).equals(whole)
        assert end.equals(last)


@ENGINES
def test_each_service_class_goes_to_its_own_station(engine):
    builder = NetworkBuilder(classes=3)
    for name in ("one", "other"):
        builder.delay(name, 10)
    builder.by_class("each", ["other", "one", "other"])
    groups = [Arrivals("each", [number], service_class=number) for number in range(3)]
    network = builder.compile()
    trace, _ = engine.run(network, make_tape(network, groups), None, 0, DAY)
    assert rows(trace, "queue") == [(1,), (0,), (1,)]


def test_a_choice_by_class_names_a_station_for_each():
    builder = NetworkBuilder(classes=2)
    builder.delay("one", 10)
    with pytest.raises(NetworkError, match=r"1 stations.*expected one a service class: 2"):
        builder.by_class("each", ["one"])


@pytest.mark.parametrize(
    ("dates", "budgets", "message"),
    [
        ([100], [1, 2], "2 budgets.*expected one a date: 1"),
        ([100], [-1], "a budget of -1 EUR.*expected 0 EUR or more"),
        ([100, 100], [1, 1], "seconds out of order"),
    ],
)
def test_a_commission_that_makes_no_sense_is_refused(dates, budgets, message):
    with pytest.raises(NetworkError, match=message):
        commission(dates, budgets).compile()


@ENGINES
def test_places_without_a_team_go_in_order_to_those_whose_patience_lasts_and_the_others_go_on(engine):
    builder = NetworkBuilder()
    builder.exit("without")
    places = SessionPlan([100, 101, 200], 1, seats=1)
    builder.queue("wait", team=None, service=1, patience=150, sessions=places)
    builder.delay("bilan", 30)
    builder.route("wait", [Branch(1.0, "bilan")])
    builder.route("wait", [Branch(1.0, "without")], after="lost")
    trace, _ = run(engine, builder, [Arrivals("wait", [0, 10, 20, 30, 60])])
    waits = trace.visits.take(trace.visits.queue == 0)
    found = sorted(zip(waits.person.tolist(), waits.outcome.tolist(), waits.ended.tolist(), strict=True))
    assert found == [
        (0, SERVED, 101),
        (1, SERVED, 102),
        (2, GAVE_UP, 170),
        (3, GAVE_UP, 180),
        (4, SERVED, 201),
    ]
    assert sorted(trace.exits.second.tolist()) == [131, 132, 170, 180, 231]
    assert (trace.visits.adviser == -1).all()


@ENGINES
def test_the_patience_of_who_was_refused_does_not_end_for_who_comes_after(engine):
    builder = NetworkBuilder(patience_as_events=True)
    no_money = CommissionPlan([100], [0], answer_s=5, carries=False)
    builder.station(Station("files", 0, 1, file_cost={"everybody": 10}, patience=500))
    builder.place("files", "here", builder.team("commission", 1), sessions=no_money)
    builder.queue("desk", team=builder.team("team", [(0, 0), (600, 1)]), service=50)
    trace, _ = run(engine, builder, [Arrivals("files", [0]), Arrivals("desk", [200])])
    assert rows(trace, "person", "outcome", "called", "ended") == [
        (0, REFUSED, None, 100),
        (1, SERVED, 600, 650),
    ]
