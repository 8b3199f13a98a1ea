from datetime import date

import numpy as np
import pytest
from deployments import columns, crowd, deployment, desk, state, trace
from hypothesis import given, settings
from hypothesis import strategies as st

from cepsim.engine.simpy_engine import run
from cepsim.laws import exponential
from cepsim.network.builder import NetworkBuilder, NoShow, SessionPlan
from cepsim.network.calendar import weekly_calendar
from cepsim.people.by_hand import Arrivals, make_tape
from cepsim.people.hours import team_hours, worked_seconds
from cepsim.state import Busy, People
from cepsim.trace import NEVER, Duty, Outcome, Sessions, Status, Visits

HOUR, DAY = 3600, 86_400
NEW_YEAR = 365  # 1 January 2016, in days from launch


def office(first=NEW_YEAR - 2, last=NEW_YEAR + 3):
    """Open 9-12 and 13-17 on these days."""
    return weekly_calendar(np.arange(first, last), [(9 * HOUR, 12 * HOUR), (13 * HOUR, 17 * HOUR)])


def one_desk(**options):
    return deployment(
        desk(office(), 1, **options), stations=[("opacif", "accueil")], teams=[("opacif", "advisers", "53")]
    )


def visit(called, ended, released, **others):
    return {"called": called, "ended": ended, "released": released, "session": -1, **others}


def at(day, hour, minute=0):
    return day * DAY + hour * HOUR + minute * 60


def hours_of(where, found, people=None, final=None, start=None):
    worked = worked_seconds(where, people or crowd([0] * 20), found, final or state(), start)
    return worked, team_hours(where, found, worked).set_index(["team", "year"])


def full_duty(days):
    changes = [(at(d, h), n) for d in days for h, n in ((9, 1), (12, 0), (13, 1), (17, 0))]
    return columns(Duty, [{"second": s, "advisers": n} for s, n in changes])


def test_an_interview_goes_on_after_closing_as_overtime_and_its_file_waits_for_the_morning():
    where = one_desk()
    rows = [visit(at(364, 16, 30), at(364, 17, 10), at(365, 9, 20))]
    worked, hours = hours_of(where, trace(columns(Visits, rows), full_duty([364, 365])))
    assert worked.set_index("year")["used_s"].to_dict() == {2015: 40 * 60, 2016: 20 * 60}
    assert worked.set_index("year")["overtime_s"].to_dict() == {2015: 10 * 60, 2016: 0}
    assert hours.loc[(0, 2015)].to_dict() == {
        "duty_s": 7 * HOUR,
        "used_s": 40 * 60,
        "overtime_s": 10 * 60,
        "idle_s": 7 * HOUR - 30 * 60,
    }
    assert hours.loc[(0, 2016), "idle_s"] == 7 * HOUR - 20 * 60


def test_file_work_stops_at_closing_but_a_no_show_there_does_not():
    where = one_desk(file_work=True)
    rows = [
        visit(at(364, 16), at(365, 10), at(365, 10)),
        visit(at(366, 16, 50), at(366, 17, 5), at(366, 17, 5), outcome=Outcome.NO_SHOW, person=1),
    ]
    worked, _ = hours_of(where, trace(columns(Visits, rows), full_duty([364, 365, 366])))
    assert worked.groupby("person")["used_s"].sum().tolist() == [2 * HOUR, 15 * 60]
    assert worked.groupby("person")["overtime_s"].sum().tolist() == [0, 5 * 60]


def test_an_adviser_whose_number_is_not_on_duty_works_overtime():
    where = one_desk()
    rows = [visit(at(364, 9), at(364, 10), at(364, 10), adviser=1)]
    _, hours = hours_of(where, trace(columns(Visits, rows), full_duty([364])))
    assert hours.loc[(0, 2015)].tolist() == [7 * HOUR, HOUR, HOUR, 7 * HOUR]


def test_nothing_is_counted_before_launch_or_after_the_horizon():
    network, teams = desk(office(-2, 2), 1), [("opacif", "advisers", "53")]
    where = deployment(network, stations=[("opacif", "accueil")], teams=teams, years=1)
    rows = [
        visit(-HOUR, HOUR, HOUR, joined=-HOUR),
        visit(365 * DAY - HOUR, 365 * DAY + HOUR, 365 * DAY + HOUR, person=1),
        visit(400 * DAY, 400 * DAY + HOUR, 400 * DAY + HOUR, person=2),
    ]
    worked, _ = hours_of(where, trace(columns(Visits, rows)))
    assert worked.set_index("person")["used_s"].to_dict() == {0: HOUR, 1: HOUR}
    assert set(worked["year"]) == {2015}


def test_the_years_of_a_launch_in_july_are_calendar_years_cut_at_both_ends():
    network, teams = desk(office(183, 186), 1), [("opacif", "advisers", "53")]
    where = deployment(
        network, stations=[("opacif", "accueil")], teams=teams, years=1, launch=date(2015, 7, 1)
    )
    new_year = 184 * DAY
    rows = [visit(new_year - HOUR, new_year + 2 * HOUR, new_year + 2 * HOUR)]
    worked, hours = hours_of(where, trace(columns(Visits, rows)))
    assert worked.set_index("year")["used_s"].to_dict() == {2015: HOUR, 2016: 2 * HOUR}
    assert hours.index.tolist() == [(0, 2015), (0, 2016)]


def test_somebody_in_service_when_the_engine_stops_is_counted():
    where = one_desk()
    waiting = {"status": Status.WAITING, "called": NEVER, "person": 1}
    serving = {
        "session": -1,
        "status": Status.IN_SERVICE,
        "called": at(364, 9),
        "ended": at(364, 10),
        "released": at(364, 10),
    }
    final = state(at(364, 9, 30), columns(People, [serving, waiting]))
    worked, _ = hours_of(where, trace(duty=full_duty([364])), final=final)
    assert worked[["person", "used_s"]].to_numpy().tolist() == [[0, HOUR]]


def test_files_left_by_people_gone_before_launch_are_worked_by_nobody_known():
    where = deployment(
        desk(office(0, 2), 2), stations=[("opacif", "accueil")], teams=[("opacif", "advisers", "53")]
    )
    serving = {"status": Status.IN_SERVICE, "called": -HOUR, "ended": HOUR, "released": HOUR, "adviser": 1}
    busy = columns(
        Busy, [{"adviser": 0, "until": at(0, 9, 20)}, {"adviser": 1, "until": HOUR}]
    )  # the second is with somebody: his visit is a row of the trace to come
    start = state(0, columns(People, [serving]), busy)
    worked, _ = hours_of(where, trace(duty=full_duty([0])), start=start)
    assert worked[["person", "used_s", "overtime_s", "public"]].to_numpy().tolist() == [[-1, 1200, 0, -1]]
    assert worked["stage"].tolist() == ["non_affecte"]
    assert worked["region"].tolist() == ["53"]


def test_a_session_is_one_animator_whatever_the_number_of_people():
    where = deployment(
        desk(office(), 1),
        stations=[("opacif", "information")],
        teams=[("opacif", "first_line", "53")],
        sessions=[(0, 0)],
    )
    where.network.queues.session_length[0] = 2 * HOUR + 2
    second = at(364, 9)
    people = [
        visit(second, second + 2 * HOUR + 2, second + 2 * HOUR + 2, person=p, adviser=-1, session=0)
        for p in (3, 1, 2, 0)
    ]
    sessions = columns(
        Sessions,
        [
            {"second": second, "seats_taken": 4, "held": 1},
            {"second": at(365, 9), "session": 1, "held": 0},
        ],
    )
    worked, hours = hours_of(where, trace(columns(Visits, people), sessions=sessions), crowd([0, 1, 2, 3]))
    assert worked.sort_values("person")["used_s"].tolist() == [1801, 1801, 1800, 1800]
    assert worked.sort_values("person")["public"].tolist() == [0, 1, 2, 3]
    assert hours.loc[(0, 2015)].tolist() == [2 * HOUR + 2, 2 * HOUR + 2, 0, 0]
    assert hours.loc[(0, 2016)].tolist() == [2 * HOUR + 2, 0, 0, 2 * HOUR + 2]


def test_two_people_served_at_once_by_one_adviser_are_refused():
    where = one_desk()
    rows = [visit(at(364, 9), at(364, 17), at(364, 17), person=p) for p in (0, 1)]
    with pytest.raises(ValueError, match="team desk"):
        hours_of(where, trace(columns(Visits, rows), full_duty([364])))


def test_a_session_without_its_animator_is_refused():
    sessions = columns(Sessions, [{"second": at(364, 9), "held": 0}])
    with pytest.raises(ValueError, match="no animator"):
        hours_of(one_desk(), trace(sessions=sessions))


def test_a_visit_served_by_no_adviser_is_refused():
    rows = [visit(at(364, 9), at(364, 10), at(364, 10), adviser=-1)]
    with pytest.raises(ValueError, match="no adviser"):
        hours_of(one_desk(), trace(columns(Visits, rows)))


@st.composite
def busy_weeks(draw):
    """Visits of three advisers around a new year, one after the other, and a roster."""
    visits = []
    for adviser in range(3):
        second = at(363, 9) + draw(st.integers(0, DAY))
        for _ in range(draw(st.integers(0, 4))):
            lengths = draw(st.tuples(*[st.integers(0, 2 * DAY)] * 2, st.integers(1, DAY)))
            called, ended, released = second, second + lengths[0] // 8, second + lengths[0] // 8 + lengths[1]
            visits.append(
                visit(called, ended, released, adviser=adviser, person=len(visits))
                | {"outcome": draw(st.sampled_from([Outcome.SERVED, Outcome.NO_SHOW]))}
            )
            second = released + lengths[2]
    seconds = draw(st.lists(st.integers(at(363, 0), at(368, 0)), unique=True, max_size=12))
    duty = [{"second": s, "advisers": draw(st.integers(0, 3))} for s in sorted(seconds)]
    return columns(Visits, visits), columns(Duty, duty)


@settings(max_examples=50)
@given(busy_weeks(), st.booleans())
def test_hours_are_those_counted_second_by_second(found, file_work):
    visits, duty = found
    where = one_desk(file_work=file_work)
    _, hours = hours_of(where, trace(visits, duty))
    begin, end = 362 * DAY, 380 * DAY
    seconds = np.arange(begin, end)
    is_open = np.zeros(len(seconds), dtype=bool)
    for opens, closes in zip(where.network.teams.opens, where.network.teams.closes, strict=True):
        is_open[opens - begin : closes - begin] = True
    # The team's own roster holds until the trace's first change.
    rank = np.searchsorted(duty.second, seconds, side="right")
    on_duty = np.concatenate([[0], duty.advisers])[rank]
    counts = {name: np.zeros(len(seconds), dtype=np.int64) for name in ("used", "overtime", "idle")}
    for adviser in range(3):
        works = np.zeros(len(seconds), dtype=bool)
        for row in np.flatnonzero(visits.adviser == adviser):
            called, ended, released = (
                int(getattr(visits, name)[row]) - begin for name in ("called", "ended", "released")
            )
            stops = file_work and visits.outcome[row] != Outcome.NO_SHOW
            works[called:ended] = is_open[called:ended] if stops else True
            works[ended:released] = is_open[ended:released]
        counts["used"] += works
        counts["overtime"] += works & (on_duty <= adviser)
        counts["idle"] += ~works & (on_duty > adviser)
    for year, part in ((2015, seconds < NEW_YEAR * DAY), (2016, seconds >= NEW_YEAR * DAY)):
        row = hours.loc[(0, year)]
        last_duty = int(on_duty[-1]) * (731 * DAY - end) if year == 2016 else 0
        assert row["used_s"] == counts["used"][part].sum()
        assert row["overtime_s"] == counts["overtime"][part].sum()
        assert row["idle_s"] == counts["idle"][part].sum() + last_duty
        assert row["duty_s"] + row["overtime_s"] == row["used_s"] + row["idle_s"]


@pytest.fixture(scope="module")
def a_run():
    """Two regions, interviews with files, no-shows, sessions, six weeks over a new year, by the engine."""
    builder = NetworkBuilder(lanes=("53", "11"))
    calendar = office(NEW_YEAR - 21, NEW_YEAR + 42)
    desk_team = builder.team("desk", advisers=[(at(340, 0), 2), (at(366, 0), 1)], calendar=calendar)
    room = builder.team("room", advisers=1, calendar=calendar)
    plan = SessionPlan([at(d, 9) for d in range(NEW_YEAR - 14, NEW_YEAR + 14, 2)], 2 * HOUR, seats=9, least=7)
    builder.queue("information", team=room, service=600, sessions=plan)
    builder.queue(
        "accueil",
        team=desk_team,
        service=exponential(3000),
        back_office=exponential(1500),
        no_show=NoShow(0.2, 900),
        slot_s=1800,
    )
    network = builder.compile()
    where = deployment(
        network,
        stations=[("opacif", "information"), ("opacif", "accueil")],
        teams=[("opacif", "advisers", "national"), ("opacif", "first_line", "53")],
        sessions=[(0, 1), (2, 1)],
        regions=("53", "11"),
    )
    times = np.arange(at(NEW_YEAR - 20, 9), at(NEW_YEAR + 14, 9), 8 * HOUR)
    tape = make_tape(
        network, [Arrivals(to, times, lane=lane) for to in network.station_names for lane in ("53", "11")]
    )
    found, final = run(network, tape, None, 0, where.horizon.observed)
    people = crowd(np.arange(tape.person_count) % 11)
    return where, found, final, people


def test_hours_of_a_run_balance_and_its_sessions_are_animated_once(a_run):
    where, found, final, people = a_run
    worked, hours = hours_of(where, found, people, final)
    assert (hours["duty_s"] + hours["overtime_s"] == hours["used_s"] + hours["idle_s"]).all()
    assert (hours.loc[0, ["used_s", "overtime_s", "idle_s"]] > 0).all(axis=None)
    held = int(found.sessions.held.sum())
    assert 0 < held < len(found.sessions)
    assert hours.loc[1, "used_s"].sum() == held * 2 * HOUR
    assert set(worked["region"]) == {"53", "11"}


def test_regions_add_up(a_run):
    where, found, final, people = a_run
    worked, _ = hours_of(where, found, people, final)
    station = found.visits.queue // where.network.station_count
    parts = []
    for lane in (0, 1):
        queues = found.sessions.queue // where.network.station_count == lane
        part = trace(found.visits.take(station == lane), found.duty, found.sessions.take(queues))
        parts.append(worked_seconds(where, people, part, state()))
    total = sum(part["used_s"].sum() for part in parts)
    assert total == worked["used_s"].sum() > 0
