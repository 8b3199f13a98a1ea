"""Evenings and Saturdays as a shift: its hours, its posts, whom it receives, its pay."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from deployments import scenario, tables
from engines.test_two_engines import assert_equal
from worlds import CORSE, SEED, SHORT, deployed, from_launch, identified, tape

from cepsim.costing import close, ledger, quantities
from cepsim.engine import compiled_engine, simpy_engine
from cepsim.errors import ScenarioError, TableError
from cepsim.people.deploy import deploy, regions_of
from cepsim.people.horizon import Horizon
from cepsim.people.population_tape import draw_people
from cepsim.people.segments import calendar_years
from cepsim.people.shards import parts_of
from cepsim.people.shifts import EMPLOYEES
from cepsim.people.staffing import Staffing
from cepsim.scenario.parts import FigureOverride
from cepsim.scenario.vocabulary import PUBLICS
from cepsim.tables import rake
from cepsim.units import SECONDS_PER_DAY, SECONDS_PER_HOUR

SHIFT = {
    "operators": ["opacif"],
    "evenings": ["tuesday", "thursday"],
    "saturdays": True,
    "posts": "moved",
    "share": 0.2,
    "reason": "a test",
}
BOUND = "figures.publics.attribute.salaries.free_outside_working_time_only"
SUPPLEMENT = "unit_costs.evening_saturday_supplement.all"
NOT_GIVEN = tuple(
    (f"figures.stages.{stage}.share_on_working_time.salaries.all.all.all", 0.0)
    for stage in ("accueil", "conseil")
)
#: Posts are the same all year and newly hired people work as the others: hours are posts times a constant.
STEADY = (("staff.productivity.learning", False), ("staff.ramp", "none"))


def shift(**changes):
    return ("staff.shifts", (Frozen({**SHIFT, **changes}),))


class Frozen(dict):
    """A shift that a cache may hold."""

    def __hash__(self):
        return hash(repr(sorted(self.items())))


@cache
def teams(*changes):
    """Teams of `central` in Corse, by name."""
    of = scenario("central").derive(
        {key: list(value) if isinstance(value, tuple) else value for key, value in (*SHORT, *changes)},
        name="central",
        tables=tables(),
    )
    with_figures = tables().with_overrides(of.figures)
    calendar = of.calendar
    horizon = Horizon(calendar.launch_date, calendar.years, calendar.follow_up_years, calendar.warm_up_years)
    staffing = Staffing(of, with_figures, rake(with_figures), regions_of(with_figures, CORSE), horizon)
    return {team.name: team for team in staffing.teams()}


def hours_of(team):
    """Adviser hours that the mean numbers on duty make in the year after launch, by day and in the shift."""

    def in_first_year(calendar, capacity):
        here = (calendar.opens >= 0) & (calendar.days < 365)
        mean = capacity[calendar.days[here] - team.first_day]
        return float(((calendar.closes - calendar.opens)[here] * mean).sum()) / SECONDS_PER_HOUR

    by_day = in_first_year(team.calendar, team.capacity)
    return by_day, in_first_year(team.shift.calendar, team.shift.capacity) if team.shift else 0.0


# -- hours and posts -----------------------------------------------------------------------------------


def test_hours_moved_to_a_shift_are_taken_from_the_day_and_sum_to_those_of_the_posts():
    today, moved = (teams(*of)["opacif.advisers.94"] for of in (STEADY, (*STEADY, shift())))
    whole, nothing = hours_of(today)
    by_day, on_shift = hours_of(moved)
    assert nothing == 0.0
    assert by_day + on_shift == pytest.approx(whole)
    assert on_shift == pytest.approx(0.2 * whole)
    assert np.array_equal(moved.posts.paid, today.posts.paid)


def test_posts_added_for_a_shift_leave_the_day_what_it_had_and_are_new():
    today, added = (teams(*of)["opacif.advisers.94"] for of in (STEADY, (*STEADY, shift(posts="added"))))
    launch = -today.first_day
    by_day, on_shift = hours_of(added)
    assert by_day == pytest.approx(hours_of(today)[0])
    assert on_shift == pytest.approx(0.2 * by_day)
    assert np.allclose(added.posts.new[launch:] - today.posts.new[launch:], 0.2 * today.posts.paid[launch:])
    assert np.array_equal(added.posts.paid[:launch], today.posts.paid[:launch])


def test_the_number_on_duty_gives_the_hours_of_the_posts_in_the_shift_as_by_day():
    team = teams(*STEADY, shift())["opacif.advisers.94"]
    first_year = np.array([0, 365 * SECONDS_PER_DAY])
    by_day, on_shift = hours_of(team)
    every, part = (
        int(seconds[0]) / SECONDS_PER_HOUR
        for seconds in (team.duty_seconds(first_year), team.shift_seconds(first_year))
    )
    longest = 3.5  # hours of an opening: a number on duty is off its mean by so much now and then
    assert part == pytest.approx(on_shift, abs=2 * longest)
    assert every == pytest.approx(by_day + on_shift, abs=6 * longest)


def test_a_shift_opens_on_the_evenings_and_saturdays_named_from_launch_on_and_on_no_holiday():
    team = teams(shift())["opacif.advisers.94"]
    launch = deployed("central", *SHORT).horizon.launch
    dates = [launch + timedelta(days=day) for day in team.shift.calendar.days.tolist()]
    assert min(dates) >= launch
    assert {day.weekday() for day in dates} == {1, 3, 5}
    assert not {(day.month, day.day) for day in dates} & {(1, 1), (5, 1), (12, 25)}
    opens, closes = (
        at % SECONDS_PER_DAY / SECONDS_PER_HOUR
        for at in (team.shift.calendar.opens, team.shift.calendar.closes)
    )
    saturday = [day.weekday() == 5 for day in dates]
    assert set(zip(saturday, opens.tolist(), closes.tolist(), strict=True)) == {
        (True, 9.0, 12.5),
        (False, 18.0, 20.0),
    }


def test_only_the_advisers_of_its_operators_have_a_shift():
    assert [name for name, team in teams(shift()).items() if team.shift] == ["opacif.advisers.94"]
    dedicated = teams(("staff.teams", "dedicated"), shift())
    assert [name for name, team in dedicated.items() if team.shift] == [
        "opacif.advisers.accueil.94",
        "opacif.advisers.follow_up.94",
    ]


def test_without_a_shift_nothing_is_told_apart():
    network = deployed("central", *SHORT).network
    assert deployed("central", *SHORT).shift_s is None
    assert (network.sub_queues.calendar == -1).all()
    assert network.queues.sub_queue.shape[1] == 6
    assert not identified("central", *SHORT)["bound"].any()


# -- who comes when ------------------------------------------------------------------------------------


def test_those_bound_by_their_work_are_admitted_employees_and_nobody_else_moves():
    ours, theirs = identified("central", *SHORT, shift()), identified("central", *SHORT)
    assert ours.drop(columns="bound").equals(theirs.drop(columns="bound"))
    employees = ours["name_of_public"].isin(EMPLOYEES) & (ours["admitted"] == 1)
    assert not ours.loc[~employees, "bound"].any()
    share = tables().figure(BOUND.removeprefix("figures.")).mode
    assert ours.loc[employees, "bound"].mean() == pytest.approx(share, abs=0.02)
    assert "independants" in PUBLICS
    assert "independants" not in EMPLOYEES


def received(*changes):
    """Interviews in the year after launch: operator, stage, whose, and whether in the hours of the shift."""
    of = from_launch("central", *SHORT, *changes)
    visits, network = of.trace.visits, of.deployment.network
    called = visits.called >= 0
    station = (visits.queue % network.station_count)[called]
    person, second = visits.person[called], visits.called[called]
    hour = second % SECONDS_PER_DAY / SECONDS_PER_HOUR
    saturday = (second // SECONDS_PER_DAY + of.deployment.horizon.launch.weekday()) % 7 == 5
    where = of.deployment.stations
    found = where[["operator", "stage"]].iloc[station].reset_index(drop=True)
    people, accueil = of.people, found["stage"] == "accueil"
    return found.assign(
        bound=people.bound[person],
        given=np.where(accueil, people.time_accueil[person], people.time_conseil[person]),
        on_shift=saturday | (hour >= 18.0),
        days=(second - visits.joined[called]) / SECONDS_PER_DAY,
    )


INTERVIEWS = ("accueil", "conseil", "formalisation")


def test_who_can_come_at_no_other_time_is_received_then_alone_where_there_is_a_shift():
    found = received(shift())
    found = found[found["stage"].isin(INTERVIEWS)]
    bound = (found["bound"] == 1) & (found["given"] == 0)
    here = found["operator"] == "opacif"
    for stage in INTERVIEWS[:2]:
        assert (bound & here & (found["stage"] == stage)).any()
    assert found.loc[bound & here, "on_shift"].all()
    # who is given working time, or is free, comes by day, and in the evening if he has waited longest
    assert set(found.loc[~bound & here, "on_shift"]) == {True, False}
    given = here & (found["bound"] == 1) & (found["given"] == 1)
    assert not found.loc[given, "on_shift"].all()
    # elsewhere nobody works in the evening, and people come as they do today
    assert not found.loc[~here, "on_shift"].any()
    assert (found.loc[~here, "bound"] == 1).any()


def test_a_reserved_shift_receives_nobody_who_could_come_by_day():
    found = received(shift(reserved=True))
    found = found[found["stage"].isin(INTERVIEWS) & (found["operator"] == "opacif")]
    bound = (found["bound"] == 1) & (found["given"] == 0)
    assert (found["on_shift"] == bound).all()


def test_with_the_same_posts_a_shift_lengthens_the_waits_of_the_day():
    """Nobody is bound, so that only the hours have moved."""
    nobody = ((BOUND, 0.0), *NOT_GIVEN)
    means = []
    for of in (nobody, (*nobody, shift(reserved=True))):
        found = received(*of)
        accueils = found[(found["stage"] == "accueil") & (found["operator"] == "opacif")]
        means.append(accueils["days"].mean())
    assert means[1] > means[0] + 5.0


def test_both_engines_give_the_same_trace():
    changes = (*SHORT, shift(operators=["opacif", "pole_emploi"]), ("service.referent", True))
    where, people = deployed("central", *changes), tape("central", *changes)
    begin, end = where.horizon.begin, 90 * SECONDS_PER_DAY
    _, start = compiled_engine.run(where.network, people, None, begin, 0)
    ours, theirs = (of.run(where.network, people, start, 0, end) for of in (compiled_engine, simpy_engine))
    assert_equal(theirs, ours)
    assert len(ours[0].visits) > 3_000


# -- its pay -------------------------------------------------------------------------------------------


@cache
def costed(*changes):
    where = deployed("central", *SHORT, *changes)
    crowd, people = draw_people(where, seed=SEED, replication=0)
    _, start = compiled_engine.run(where.network, people, None, where.horizon.begin, 0)
    trace, state = compiled_engine.run(where.network, people, start, 0, where.horizon.end)
    counted = quantities(where, crowd, trace, state, start)
    return where, trace, counted, ledger(where, counted)


def test_the_supplement_is_paid_on_the_hours_on_duty_in_the_shift_and_the_ledger_closes():
    where, trace, counted, found = costed(shift())
    close(found, counted)
    team = where.network.team_names.index("opacif.advisers.94")
    duty = trace.duty.take(trace.duty.team == team)
    ends = np.append(duty.second[1:], where.horizon.end)
    hour = duty.second % SECONDS_PER_DAY / SECONDS_PER_HOUR
    saturday = (duty.second // SECONDS_PER_DAY + where.horizon.launch.weekday()) % 7 == 5
    on_shift = (hour >= 18.0) | saturday
    seconds = int(((ends - duty.second) * duty.advisers)[on_shift].sum())
    rows = found.rows[found.rows["nature"] == "shift_pay"]
    assert rows["quantity"].sum() == seconds > 0

    def euros(name):
        return Fraction(str(where.tables.figure(f"unit_costs.{name}").mode))

    hour_cost = euros("full_cost_per_fte.opacif") / euros("annual_working_hours.legal")
    price = hour_cost / (1 + euros("overhead_rate.all")) * euros("evening_saturday_supplement.all")
    cents = price * 100 * seconds / SECONDS_PER_HOUR
    assert rows["amount_cents"].sum() == int(cents + Fraction(1, 2))
    assert set(rows["character"]) == {"nouveau_recurrent"}
    assert set(rows["operator"]) == {"opacif"}


def test_without_a_supplement_a_shift_of_the_same_posts_costs_what_the_posts_do():
    where, _, counted, found = costed(shift())
    free = where.tables.with_overrides(
        {SUPPLEMENT: FigureOverride(low=0, mode=0, high=0, reason="paid as other hours")}
    )
    less = ledger(replace(where, tables=free), counted).rows.groupby("nature")["amount_cents"].sum()
    cost = found.rows.groupby("nature")["amount_cents"].sum()
    assert less.get("shift_pay", 0) == 0
    assert cost["shift_pay"] > 0
    assert cost.drop("shift_pay").equals(less.drop("shift_pay", errors="ignore"))


def test_the_hours_of_a_shift_are_counted_once_where_regions_are_run_apart():
    where = deployed("central", *SHORT, shift(), regions=("94", "74"))
    parts = [part.deployment.shift_s for part in parts_of(where)]
    assert len(parts) == 3
    assert np.array_equal(sum(parts), where.shift_s)


def test_a_sample_pays_the_supplement_of_the_whole():
    of = deployed("central", *SHORT, shift())
    part = deploy(of.scenario, tables(), CORSE, sample=4)
    assert np.array_equal(part.shift_s, of.shift_s)
    years = calendar_years(of.horizon)[0]
    assert of.shift_s.shape == (of.network.team_count, len(years))


# -- refusals ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        ("reference", {}, r"staff\.shifts: found a shift, expected nothing"),
        (
            "central",
            {"evenings": [], "saturdays": False},
            r"staff\.shifts\[0\]\.evenings: found an empty",
        ),
        ("central", {"share": 1.0}, r"staff\.shifts\[0\]\.share"),
        ("central", {"operators": []}, r"staff\.shifts\[0\]\.operators"),
        ("central", {"evenings": ["sunday"]}, r"staff\.shifts\[0\]\.evenings"),
    ],
)
def test_a_shift_of_nobody_or_of_no_hour_is_refused(name, changes, said):
    with pytest.raises(ScenarioError, match=said):
        scenario(name).derive({"staff.shifts": [{**SHIFT, **changes}]}, tables=tables())


def test_an_operator_has_one_shift_at_most_and_none_in_a_pool_or_beside_closures():
    two = {"staff.shifts": [SHIFT, {**SHIFT, "saturdays": False}]}
    pooled = {"staff.shifts": [SHIFT], "staff.pooled": [["opacif", "apec"]]}
    closure = {
        "operator": "cap_emploi",
        "heir": "pole_emploi",
        "from_date": scenario("central").calendar.launch_date,
        "posts": "heir",
        "reason": "a test",
    }
    closed = {"staff.shifts": [SHIFT], "staff.closures": [closure]}
    for changes, said in (
        (two, r'staff\.shifts\[1\]\.operators: found "opacif"'),
        (pooled, r'staff\.shifts\[0\]\.operators: found "opacif"'),
        (closed, r"staff\.shifts: found a shift, expected the teams of today"),
    ):
        with pytest.raises(ScenarioError, match=said):
            scenario("central").derive(changes, tables=tables())


@pytest.mark.parametrize(
    ("figure", "value", "said"),
    [
        ("opening_days.all", 6, "opening_days: all"),
        ("opening_evening_start.advisers", 17.5, "opening_evening_start: advisers"),
        ("opening_evening_end.advisers", 18, "opening_evening_end: advisers"),
    ],
)
def test_hours_that_are_those_of_the_day_are_refused(figure, value, said):
    with pytest.raises(TableError, match=said):
        teams((f"figures.calendar.{figure}", float(value)), shift())
