"""Each rule of the engine on a case small enough to work out by hand, in seconds."""

import numpy as np
import pytest
from engines.by_hand import DAY, hours, one_queue, outcomes, rows, run

from cepsim.engine import compiled_engine, simpy_engine
from cepsim.engine.refusals import EngineError
from cepsim.engine.rules import retry_second, taken_branch
from cepsim.errors import NetworkError
from cepsim.laws import exponential
from cepsim.network import (
    Branch,
    NetworkBuilder,
    NoShow,
    Retry,
    Series,
    SessionPlan,
    Station,
    weekly_calendar,
)
from cepsim.people.by_hand import Arrivals, already_waiting, make_tape
from cepsim.trace import NEVER, Outcome, Reason, Status

TWO_OPENINGS = hours((0, 100), (1000, 1100), (2000, 2100))

# -- one second, five steps -------------------------------------------------------------------------


def test_somebody_who_comes_when_an_adviser_is_released_is_called_in_on_that_second():
    trace = run(one_queue(service=50), [0, 50])
    assert rows(trace, "joined", "called", "ended") == [(0, 0, 50), (50, 50, 100)]


@pytest.mark.parametrize("engine", [simpy_engine, compiled_engine])
def test_patience_that_ends_when_an_adviser_is_released_has_ended_first(engine):
    trace = run(one_queue(service=50, patience=30), [0, 20, 21], engine=engine)
    assert rows(trace, "called", "ended") == [(0, 50), (None, 50), (50, 100)]
    assert outcomes(trace) == ["SERVED", "GAVE_UP", "SERVED"]


def test_people_of_one_second_are_called_in_order_of_person():
    trace = run(one_queue(service=50), [7, 7, 7])
    assert rows(trace, "person", "called") == [(0, 7), (1, 57), (2, 107)]


def test_a_new_place_is_joined_on_the_second_the_visit_before_it_ends():
    builder = one_queue(service=50)
    builder.queue("next", team=builder.team("other", 1), service=20)
    builder.route("desk", [Branch(1.0, "next")])
    assert rows(run(builder, [0]), "queue", "joined", "called", "ended") == [(0, 0, 0, 50), (1, 50, 50, 70)]


def test_what_would_happen_at_the_end_does_not_happen():
    trace = run(one_queue(service=50), [0, 100], end=50)
    assert len(trace.visits) == 0
    assert rows(run(one_queue(service=50), [0, 50], end=51), "person") == [(0,)]


# -- closing, overtime, files -----------------------------------------------------------------------


def test_an_interview_is_called_in_only_if_its_slot_fits_before_closing():
    trace = run(one_queue(calendar=TWO_OPENINGS, service=50, slot_s=50), [0, 10, 20])
    assert rows(trace, "called") == [(0,), (50,), (1000,)]
    trace = run(one_queue(calendar=TWO_OPENINGS, service=50, slot_s=51), [0, 10, 20])
    assert rows(trace, "called") == [(0,), (1000,), (2000,)]


def test_without_a_slot_people_are_called_in_until_the_last_second():
    trace = run(one_queue(calendar=TWO_OPENINGS, service=5), [99, 100])
    assert rows(trace, "called", "ended") == [(99, 104), (1000, 1005)]


def test_what_exceeds_the_slot_is_worked_after_closing():
    trace = run(one_queue(calendar=TWO_OPENINGS, service=70, slot_s=10), [90])
    assert rows(trace, "called", "ended", "released") == [(90, 160, 160)]


def test_a_free_adviser_takes_the_next_head_whose_slot_fits():
    builder = one_queue(calendar=TWO_OPENINGS, service=50, slot_s=60)
    builder.queue("short", team="team", service=20, slot_s=20, priority=1)
    builder.queue("file", team="team", service=60, file_work=True, priority=2)
    arrivals = [Arrivals("desk", [0, 0]), Arrivals("short", [0]), Arrivals("file", [0])]
    # at 50 the second desk slot does not fit, the short one does; at 70 only the file is left
    trace = run(builder, arrivals)
    assert rows(trace, "person", "queue", "called", "released") == [
        (0, 0, 0, 50),
        (1, 0, 1030, 1080),
        (2, 1, 50, 70),
        (3, 2, 70, 1030),
    ]


def test_file_work_is_suspended_at_closing_and_resumed_at_opening():
    file = {"service": 150, "file_work": True, "calendar": TWO_OPENINGS}
    assert rows(run(one_queue(**file), [20]), "called", "ended", "released") == [(20, 1070, 1070)]
    assert rows(run(one_queue(**file | {"service": 300}), [0]), "released") == [(2100,)]
    assert rows(run(one_queue(**file | {"service": 80}), [20]), "released") == [(100,)]


def test_back_office_follows_the_interview_inside_opening_hours():
    trace = run(one_queue(calendar=TWO_OPENINGS, service=60, back_office=30), [0, 80, 85])
    assert rows(trace, "called", "ended", "released") == [
        (0, 60, 90),
        (90, 150, 1030),
        (1030, 1090, 2020),
    ]


def test_a_calendar_that_ends_before_the_work_is_an_error():
    with pytest.raises(EngineError, match="the calendar of team team ends before the work is done"):
        run(one_queue(calendar=TWO_OPENINGS, service=301, file_work=True), [0])


# -- staff ------------------------------------------------------------------------------------------


def test_nobody_is_called_in_while_more_are_busy_than_on_duty():
    builder = one_queue([(0, 3), (50, 1)], service=100)
    trace = run(builder, [0, 10, 20, 30, 40])
    assert rows(trace, "called", "adviser") == [(0, 0), (10, 1), (20, 2), (120, 0), (220, 0)]


def test_more_advisers_on_duty_call_people_in_at_once():
    trace = run(one_queue([(0, 1), (30, 2)], service=100), [0, 10])
    assert rows(trace, "called", "adviser") == [(0, 0), (30, 1)]


def test_the_lowest_idle_number_is_taken():
    trace = run(one_queue(3, service=100), [0, 10, 20, 115, 116])
    assert rows(trace, "called", "adviser") == [(0, 0), (10, 1), (20, 2), (115, 0), (116, 1)]


def test_every_change_of_duty_is_written_down():
    trace = run(one_queue([(0, 2), (40, 2), (60, 1)], calendar=TWO_OPENINGS, service=5), [0], end=1050)
    written = zip(trace.duty.second.tolist(), trace.duty.advisers.tolist(), strict=True)
    assert list(written) == [(0, 2), (60, 1), (100, 0), (1000, 1)]


# -- queues, priorities, availability ------------------------------------------------------------------


def test_priority_comes_before_date_and_date_before_person():
    builder = NetworkBuilder(classes=2)
    builder.team("team", 1)
    builder.queue("desk", team="team", service=50, priority=(1, 0))
    builder.queue("other", team="team", service=50, priority=(1, 2))
    arrivals = [
        Arrivals("desk", [0, 10]),
        Arrivals("other", [5]),
        Arrivals("desk", [20], service_class=1),
        Arrivals("other", [1], service_class=1),
    ]
    trace = run(builder, arrivals)
    # by person: desk 0, other class 1 at 1, other at 5, desk at 10, desk class 1 at 20
    assert rows(trace, "joined", "called") == [(0, 0), (1, 200), (5, 100), (10, 150), (20, 50)]


def test_people_are_called_in_only_when_they_are_available():
    builder = NetworkBuilder()
    builder.team("team", 1)
    builder.station(Station("evening", 0, 50))
    builder.place("evening", "here", "team", availability=hours((100, 200), (1000, 1100)))
    trace = run(builder, [Arrivals("evening", [0, 10, 150, 195])])
    assert rows(trace, "called") == [(100,), (150,), (1000,), (1050,)]


def test_each_service_class_may_have_hours_of_its_own_in_one_queue():
    builder = NetworkBuilder(classes=2)
    builder.team("team", 1)
    builder.station(Station("desk", 0, 50))
    builder.place("desk", "here", "team", availability=[None, hours((100, 200), (1000, 1100))])
    trace = run(builder, [Arrivals("desk", [20, 130]), Arrivals("desk", [0, 10, 110], service_class=1)])
    # by person: evening at 0 and 10, day at 20, evening at 110, day at 130; one adviser, 50 s each
    assert rows(trace, "joined", "called") == [(0, 100), (10, 150), (20, 20), (110, 1000), (130, 200)]


def test_hours_for_another_number_of_service_classes_are_refused():
    builder = NetworkBuilder(classes=2)
    builder.team("team", 1)
    builder.station(Station("desk", 0, 50))
    builder.place("desk", "here", "team", availability=[None])
    with pytest.raises(NetworkError, match="availability of desk"):
        builder.compile()


def test_an_initial_backlog_keeps_its_rank_and_its_dates():
    network = one_queue(service=50).compile()
    tape = make_tape(network, [Arrivals("desk", [-300, -20, 5, -300])])
    state = already_waiting(network, tape)
    trace, last = simpy_engine.run(network, tape, state, 0, 400)
    assert rows(trace, "joined", "called") == [(-300, 0), (-300, 50), (-20, 100), (5, 150)]
    assert len(last.people) == 0


def test_the_shortest_queue_is_read_before_anybody_joins():
    builder = one_queue(service=100)
    builder.queue("other", team=builder.team("others", 1), service=100)
    builder.shortest("either", ["desk", "other"])
    # both of second 0 see two empty queues and take the first named; at 10 the other is shorter;
    # at 100 the second step has freed the desk, which holds one, like the other, and is named first
    trace = run(builder, [Arrivals("either", [0, 0, 10, 100])])
    assert rows(trace, "queue", "joined", "called") == [(0, 0, 0), (0, 0, 100), (1, 10, 10), (0, 100, 200)]


def test_a_room_is_filled_in_order_of_person():
    trace = run(one_queue(service=50, room=2), [0, 0, 0, 50])
    assert outcomes(trace) == ["SERVED", "SERVED", "FULL", "SERVED"]
    assert rows(trace, "called", "ended") == [(0, 50), (50, 100), (None, 0), (100, 150)]


def test_who_leaves_frees_his_place_in_the_room():
    trace = run(one_queue(service=50, room=2, patience=20), [0, 5, 24, 25])
    assert outcomes(trace) == ["SERVED", "GAVE_UP", "FULL", "GAVE_UP"]
    assert rows(trace, "ended") == [(50,), (25,), (24,), (45,)]


def test_a_head_that_leaves_before_closing_lets_the_next_one_in():
    builder = NetworkBuilder(profiles=("long", "short"))
    builder.team("team", 1, TWO_OPENINGS)
    builder.queue(
        "desk",
        team="team",
        service=10,
        slot_s={"long": 80, "short": 10},
        patience={"long": 25, "short": None},
    )
    arrivals = [Arrivals("desk", [30], profile="long"), Arrivals("desk", [40], profile="short")]
    # nothing else happens at 55, when the long one gives up
    trace = run(builder, arrivals)
    assert rows(trace, "called", "ended") == [(None, 55), (55, 65)]


# -- absence, tries, series, loops -------------------------------------------------------------------


def test_a_no_show_loses_the_slot_and_comes_back_later_as_a_new_visit():
    absent = NoShow(1.0, 15, rebook=1.0, gap=100, times=2)
    trace = run(one_queue(service=50, no_show=absent), [0, 1])
    assert rows(trace, "person", "visit", "reason", "joined", "called", "ended", "released") == [
        (0, 0, Reason.FIRST, 0, 0, 15, 15),
        (0, 1, Reason.REBOOKED, 115, 115, 130, 130),
        (0, 2, Reason.REBOOKED, 230, 230, 245, 245),
        (1, 0, Reason.FIRST, 1, 15, 30, 30),
        (1, 1, Reason.REBOOKED, 130, 130, 145, 145),
        (1, 2, Reason.REBOOKED, 245, 245, 260, 260),
    ]
    assert set(outcomes(trace)) == {"NO_SHOW"}
    assert trace.exits.exit.tolist() == [2, 2]
    assert trace.exits.second.tolist() == [245, 260]


def test_a_call_outside_opening_hours_tries_again_on_the_next_open_day():
    calendar = weekly_calendar(np.array([0, 1, 3, 4]), [(9 * 3600, 12 * 3600), (14 * 3600, 17 * 3600)])
    builder = one_queue(
        calendar=calendar, service=60, lost_when_closed=True, retry=Retry(1.0, 2, open_days=1)
    )
    trace = run(builder, [DAY + 8 * 3600])
    assert outcomes(trace) == ["CLOSED", "SERVED"]
    first, second = rows(trace, "joined", "called", "ended")
    assert first == (DAY + 8 * 3600, None, DAY + 8 * 3600)
    # day 2 is closed; he has learnt the hours
    assert 3 * DAY + 9 * 3600 <= second[0] < 3 * DAY + 12 * 3600


def test_a_call_not_answered_in_time_tries_again_at_the_same_hour_of_the_next_open_day():
    calendar = weekly_calendar(np.array([0, 1, 3, 4]), [(9 * 3600, 12 * 3600), (14 * 3600, 17 * 3600)])
    builder = one_queue(0, calendar=calendar, service=60, patience=100, retry=Retry(1.0, 2, open_days=1))
    afternoon = 14 * 3600
    trace = run(builder, [afternoon])
    assert rows(trace, "joined", "ended", "reason") == [
        (afternoon, afternoon + 100, Reason.FIRST),
        (DAY + afternoon + 100, DAY + afternoon + 200, Reason.RETRY),
        (3 * DAY + afternoon + 200, 3 * DAY + afternoon + 300, Reason.RETRY),
    ]
    assert trace.exits.exit.tolist() == [1]


def test_tries_two_open_days_later_count_open_days_only():
    calendar = weekly_calendar(np.array([0, 3, 4, 7]), [(0, 3600)])
    builder = one_queue(0, calendar=calendar, service=60, patience=10, retry=Retry(1.0, 1, open_days=2))
    assert rows(run(builder, [5]), "joined") == [(5,), (4 * DAY + 15,)]


def test_a_try_after_the_end_of_the_calendar_is_an_error():
    builder = one_queue(
        0, calendar=hours((0, 100)), service=60, patience=10, retry=Retry(1.0, 1, open_days=1)
    )
    with pytest.raises(EngineError, match="the calendar of team team ends before somebody"):
        run(builder, [5])


def test_who_is_turned_away_comes_back_a_second_later_at_the_earliest():
    trace = run(one_queue(service=50, room=1, retry=Retry(1.0, 3)), [0, 48])
    assert rows(trace, "person", "joined", "ended") == [(0, 0, 50), (1, 48, 48), (1, 49, 49), (1, 50, 100)]


def test_a_series_has_its_gap_between_two_interviews():
    trace = run(one_queue(service=50, series=Series(3.0, 4, gap=100)), [0])
    assert rows(trace, "reason", "joined", "called", "ended") == [
        (Reason.FIRST, 0, 0, 50),
        (Reason.SERIES, 150, 150, 200),
        (Reason.SERIES, 300, 300, 350),
    ]


def test_a_mean_between_two_whole_numbers_gives_both():
    trace = run(one_queue(1000, service=50, series=Series(2.25, 3)), list(range(1000)))
    numbers = np.bincount(trace.visits.person)
    assert set(numbers.tolist()) == {2, 3}
    assert (numbers == 3).mean() == pytest.approx(0.25, abs=0.04)


def test_a_branch_taken_to_its_maximum_leaves_its_share_to_the_next():
    builder = one_queue(service=50)
    builder.exit("home")
    builder.route(
        "desk",
        [Branch(1.0, "desk", gap=10, repeat_max=2, reason=Reason.ASKED_AGAIN), Branch(0.0, "home")],
    )
    trace = run(builder, [0])
    assert rows(trace, "reason", "joined") == [
        (Reason.FIRST, 0),
        (Reason.ASKED_AGAIN, 60),
        (Reason.ASKED_AGAIN, 120),
    ]
    assert trace.exits.exit.tolist() == [3]


def test_who_is_sent_elsewhere_is_sent_once():
    builder = NetworkBuilder()
    builder.team("team", 2)
    for block, name in enumerate(("accueil", "other")):
        builder.station(Station(name, block, 50, refer=1.0))
        builder.place(name, "here", "team")
    trace = run(
        builder, [Arrivals("accueil", [0], alternate="other"), Arrivals("other", [1], alternate="other")]
    )
    assert rows(trace, "person", "queue", "reason", "joined") == [
        (0, 0, Reason.FIRST, 0),
        (0, 1, Reason.REDIRECTED, 50),
        (1, 1, Reason.FIRST, 1),
    ]


def sent_or_series(share, mean):
    builder = NetworkBuilder()
    builder.team("team", 2000)
    builder.station(Station("accueil", 0, 50, refer=share, series=Series(mean, 3)))
    builder.station(Station("other", 1, 50, refer=share, series=Series(mean, 3)))
    for name in ("accueil", "other"):
        builder.place(name, "here", "team")
    return builder


def test_who_is_sent_elsewhere_has_the_first_interview_alone_and_his_series_there():
    trace = run(
        sent_or_series(1.0, 2.0), [Arrivals("accueil", [0], alternate="other"), Arrivals("accueil", [9])]
    )
    assert rows(trace, "person", "queue", "reason") == [
        (0, 0, Reason.FIRST),
        (0, 1, Reason.REDIRECTED),
        (0, 1, Reason.SERIES),
        (1, 0, Reason.FIRST),
        (1, 0, Reason.SERIES),
    ]


def test_the_share_sent_and_the_mean_of_interviews_hold_together():
    trace = run(sent_or_series(0.25, 1.6), [Arrivals("accueil", list(range(4000)), alternate="other")])
    sent = np.unique(trace.visits.person[trace.visits.reason == Reason.REDIRECTED])
    assert len(sent) / 4000 == pytest.approx(0.25, abs=0.03)
    at_home = np.bincount(trace.visits.person[trace.visits.queue == 0], minlength=4000)
    assert (at_home[sent] == 1).all()
    assert np.delete(at_home, sent).mean() == pytest.approx(1.6, abs=0.04)
    there = np.bincount(trace.visits.person[trace.visits.queue == 1], minlength=4000)
    assert there[sent].mean() == pytest.approx(1.6, abs=0.08)


def test_shares_after_a_loss_hold_among_those_who_do_not_try_again():
    builder = one_queue(0, service=50, patience=10, retry=Retry(0.5, 1, gap=10))
    builder.exit("angry")
    builder.route("desk", [Branch(0.5, "angry"), Branch(0.5, "lost")], after="lost")
    trace = run(builder, list(range(4000)))
    visits = np.bincount(trace.visits.person)
    for number in (1, 2):
        left = trace.exits.exit[visits == number]
        assert (left == 3).mean() == pytest.approx(0.5, abs=0.05)


def test_people_stay_in_their_lane():
    builder = NetworkBuilder(lanes=("north", "south"))
    for lane in builder.lanes:
        builder.team(lane, 1)
    for block, name in enumerate(("first", "second")):
        builder.station(Station(name, block, 50))
        for lane in builder.lanes:
            builder.place(name, lane, lane)
    builder.route("first", [Branch(1.0, "second")])
    trace = run(builder, [Arrivals("first", [0], lane="south"), Arrivals("first", [0], lane="north")])
    assert rows(trace, "queue", "team", "called") == [(2, 1, 0), (3, 1, 50), (0, 0, 0), (1, 0, 50)]


def test_nobody_waits_where_there_is_no_team():
    builder = NetworkBuilder()
    builder.delay("away", 50)
    trace = run(builder, [Arrivals("away", [0, 0, 7])])
    assert rows(trace, "joined", "called", "ended", "team", "adviser") == [
        (0, 0, 50, -1, -1),
        (0, 0, 50, -1, -1),
        (7, 7, 57, -1, -1),
    ]


# -- sessions -----------------------------------------------------------------------------------------


def sessions_of(trace):
    columns = (trace.sessions.session, trace.sessions.second, trace.sessions.seats_taken, trace.sessions.held)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def test_a_session_below_its_minimum_is_cancelled_and_people_keep_their_rank():
    plan = SessionPlan([100, 200, 300], 30, seats=2, least=2)
    trace = run(one_queue(service=1, sessions=plan), [10, 150, 160])
    assert sessions_of(trace) == [(0, 100, 0, 0), (1, 200, 2, 1), (2, 300, 0, 0)]
    assert rows(trace, "person", "called", "ended", "released", "session", "adviser") == [
        (0, 200, 230, 230, 1, -1),
        (1, 200, 230, 230, 1, -1),
    ]


def test_who_comes_on_the_second_of_a_session_may_have_a_seat():
    plan = SessionPlan([100], 30, seats=5)
    assert rows(run(one_queue(service=1, sessions=plan), [100, 101], end=200), "called") == [(100,)]


def test_seats_go_by_priority_then_by_date():
    builder = NetworkBuilder(classes=2)
    builder.team("team", 0)
    builder.queue(
        "desk", team="team", service=1, priority=(1, 0), sessions=SessionPlan([100, 200], 30, seats=2)
    )
    arrivals = [Arrivals("desk", [10, 20]), Arrivals("desk", [30], service_class=1)]
    assert rows(run(builder, arrivals), "joined", "called") == [(10, 100), (20, 200), (30, 100)]


def test_who_gives_up_has_no_seat():
    plan = SessionPlan([100, 200], 30, seats=1)
    trace = run(one_queue(service=1, patience=50, sessions=plan), [10, 60])
    assert rows(trace, "called", "ended") == [(None, 60), (100, 130)]


def test_a_session_uses_no_adviser_of_the_team():
    builder = one_queue(service=1, sessions=SessionPlan([100], 30, seats=9))
    builder.queue("other", team="team", service=50)
    trace = run(builder, [Arrivals("desk", [0, 0]), Arrivals("other", [100, 110])])
    assert rows(trace, "queue", "called") == [(0, 100), (0, 100), (1, 100), (1, 150)]


# -- what is left in the state ------------------------------------------------------------------------------


def test_the_state_says_who_waits_who_is_served_and_who_is_busy():
    network = one_queue(service=50, back_office=20, patience=500).compile()
    tape = make_tape(network, [Arrivals("desk", [0, 10, 20])])
    trace, state = simpy_engine.run(network, tape, None, 0, 60)
    assert rows(trace, "person") == [(0,)]
    assert state.people.person.tolist() == [1, 2]
    assert state.people.status.tolist() == [Status.WAITING, Status.WAITING]
    assert state.people.leaves.tolist() == [510, 520]
    assert (state.busy.team.tolist(), state.busy.adviser.tolist(), state.busy.until.tolist()) == (
        [0],
        [0],
        [70],
    )
    _, later = simpy_engine.run(network, tape, state, 60, 90)
    assert later.people.status.tolist() == [Status.IN_SERVICE, Status.WAITING]
    assert later.people.called.tolist() == [70, NEVER]
    assert later.open_visits().outcome.tolist() == [Outcome.IN_SERVICE, Outcome.WAITING]


def test_a_run_of_no_second_changes_nothing():
    network = one_queue(service=50, patience=exponential(50)).compile()
    tape = make_tape(network, [Arrivals("desk", [0, 10, 20])])
    _, state = simpy_engine.run(network, tape, None, 0, 25)
    trace, same = simpy_engine.run(network, tape, state, 25, 25)
    assert same.equals(state)
    assert len(trace.visits) == 0


# -- what is refused ----------------------------------------------------------------------------------


def test_a_run_goes_forward_from_the_second_of_its_state():
    network = one_queue(service=50).compile()
    tape = make_tape(network, [Arrivals("desk", [5])])
    _, state = simpy_engine.run(network, tape, None, 0, 10)
    with pytest.raises(EngineError, match="from the second of its state"):
        simpy_engine.run(network, tape, state, 11, 20)
    with pytest.raises(EngineError, match="from the second of its state"):
        simpy_engine.run(network, tape, state, 10, 9)


def test_people_who_came_before_the_run_must_be_in_its_state():
    network = one_queue(service=50).compile()
    tape = make_tape(network, [Arrivals("desk", [-5])])
    with pytest.raises(EngineError, match="people arrive from second -5, before the run begins at 0"):
        simpy_engine.run(network, tape, None, 0, 10)


def test_a_tape_made_for_another_network_runs_out_and_says_so():
    tape = make_tape(one_queue(service=50).compile(), [Arrivals("desk", [0])])
    with pytest.raises(EngineError, match="person 0 begins visit 2 of block 0: the tape holds 1"):
        simpy_engine.run(one_queue(service=50, series=Series(2.0, 2)).compile(), tape, None, 0, DAY)


# -- bounds of the rules -----------------------------------------------------------------------------------


def test_the_second_of_closing_is_closed_to_who_tries_again():
    opens, closes = [9 * 3600, DAY + 9 * 3600], [17 * 3600, DAY + 17 * 3600]
    for second, due in ((17 * 3600 - 1, DAY + 17 * 3600 - 1), (17 * 3600, DAY + 9 * 3600)):
        assert retry_second(opens, closes, 0, 2, second, 1, 0) == due


def test_a_draw_equal_to_a_threshold_points_to_the_next_branch():
    assert [taken_branch([5, 10], [-1, -1], 0, 2, draw, 0) for draw in (4, 5)] == [0, 1]


@pytest.mark.parametrize("engine", [simpy_engine, compiled_engine])
def test_who_would_leave_on_the_second_the_run_ends_is_still_waiting(engine):
    network = one_queue(advisers=0, patience=30, service=50).compile()
    tape = make_tape(network, [Arrivals("desk", [0, 1])])
    for end, waiting in ((30, 2), (31, 1), (32, 0)):
        trace, state = engine.run(network, tape, None, 0, end)
        assert (len(trace.visits), len(state.people)) == (2 - waiting, waiting)
