"""Keys that no shipped variant of `central` is about: each moves what it says, and the way it says."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from deployments import population
from worlds import SHORT, deployed, entrants, from_launch, identified

from cepsim.indicators import Window, count, indicators
from cepsim.people.loads import offered_loads
from cepsim.scenario.parts import StaffChange
from cepsim.scenario.vocabulary import OPERATORS, PRIVATE_EMPLOYEES, STAGES
from cepsim.trace import Outcome

NORM = "figures.stages.norm.first_appointment_target.all.all.all.all"
SATURDAYS_TOO = ("figures.calendar.opening_days.all", 6.0)
MORE_ADVISERS = StaffChange(
    operator="opacif",
    from_date=date(2015, 1, 1),
    etp=500,
    character="new",
    reason="A test",
)


def run(*changes):
    """`central` from launch on: its deployment, people, trace and state."""
    where, people, _, trace, state = from_launch("central", *SHORT, *changes)
    return where, people, trace, state


def counted(*changes):
    return count(*run(*changes))


def value(of, indicator: str, operator: str = "opacif") -> float:
    found = indicators(of, population().stocks)
    (one,) = found.loc[
        (found["indicator"] == indicator)
        & (found["operator"] == operator)
        & (found["stage"] == "accueil")
        & (found[["region", "public", "period"]] == "all").all(axis=1),
        "value",
    ]
    return float(one)


def hours_needed(*changes) -> pd.Series:
    """Hours of work by operator and role, in Corse."""
    found = offered_loads(deployed("central", *SHORT, *changes), [entrants("central", *SHORT, *changes)])
    return found[found["region"] == "94"].set_index(["operator", "role"])["hours_needed"]


def test_employers_who_inform_bring_the_same_people_and_others_whom_the_right_brings():
    usual, told = (
        identified("central", *SHORT, *changes) for changes in ((), (("demand.employers_inform", True),))
    )
    assert usual.index.isin(told.index).all()
    assert usual["arrival"].equals(told["arrival"].loc[usual.index])
    others = told[~told.index.isin(usual.index)]
    assert len(others) > 100
    assert (others[["induced", "admitted"]] == 1).all(axis=None)


def test_the_law_of_2013_admits_private_employees_alone_and_leaves_the_others_as_they_are_today():
    today, law, first = (identified(name, *SHORT) for name in ("reference", "loi-2013", "premiere-vague"))
    assert today.index.isin(law.index).all()
    assert law.index.isin(first.index).all()
    new = law[~law.index.isin(today.index)]
    assert 0 < len(new) < len(first) - len(today)
    assert set(new["name_of_public"]) <= set(PRIVATE_EMPLOYEES)
    after = law[law["arrival"] >= 0]
    assert (after["admitted"] == after["name_of_public"].isin(PRIVATE_EMPLOYEES)).all()
    others = ~first["name_of_public"].isin(PRIVATE_EMPLOYEES)
    assert first.loc[others, "admitted"].any()


def test_a_distinct_accueil_of_job_seekers_takes_more_of_pole_emploi_s_advisers_and_of_nobody_else_s():
    inside, apart = hours_needed(), hours_needed(("service.accueil_job_seekers", "distinct"))
    assert list(apart.index[apart > inside]) == [("pole_emploi", "advisers")]
    assert apart.drop(("pole_emploi", "advisers")).equals(inside.drop(("pole_emploi", "advisers")))


def share_with_the_first_adviser(*changes) -> float:
    """Of the interviews of a conseil after the first, the share held by the adviser of the first."""
    where, _, trace, _ = run(*changes)
    names = np.array([name.split(".")[1] for name in where.network.station_names])
    rows = trace.visits.take(trace.visits.outcome == Outcome.SERVED).frame()
    rows = rows[names[rows["queue"] % where.network.station_count] == "conseil"]
    seen = rows.sort_values(["person", "queue", "visit"]).groupby(["person", "queue"])["adviser"]
    first, further = seen.transform("first"), seen.cumcount() > 0
    assert further.sum() > 800
    return float((rows["adviser"] == first)[further].mean())


def test_a_referent_holds_the_interviews_that_anybody_held():
    assert share_with_the_first_adviser() < 0.7
    assert share_with_the_first_adviser(("service.referent", True)) > 0.9


def test_more_advisers_offer_an_accueil_sooner_and_lose_fewer_people():
    few, many = counted(), counted(("staff.changes", (MORE_ADVISERS,)))
    assert value(many, "share_within_norm") > value(few, "share_within_norm") + 0.2
    for indicator in ("share_lost", "wait_p50_working_days", "wait_p90_working_days"):
        assert value(many, indicator) < value(few, indicator), indicator
    # nobody else has more advisers, and nobody else's people wait otherwise but those sent on
    assert value(many, "share_within_norm", "missions_locales") == pytest.approx(
        value(few, "share_within_norm", "missions_locales"), abs=0.01
    )


def test_a_wider_norm_is_met_more_often_by_the_same_people_at_the_same_dates():
    wide = ((NORM, 30.0),)
    assert value(counted(*wide), "share_within_norm") > value(counted(), "share_within_norm")
    assert run(*wide)[2].visits.equals(run()[2].visits)
    assert Window.of(run(*wide)[0], 0).norm_days == 30


def test_where_saturdays_are_worked_people_come_and_are_served_on_them():
    where, _, trace, _ = run(SATURDAYS_TOO)
    called = pd.to_datetime(where.horizon.launch) + pd.to_timedelta(
        trace.visits.called[(trace.visits.outcome == Outcome.SERVED) & (trace.visits.team >= 0)], unit="s"
    )
    assert set(called.day_of_week) == set(range(6))
    asked = [identified("central", *SHORT, *more)["date"].dt.day_of_week for more in ((), (SATURDAYS_TOO,))]
    assert [sorted(set(days)) for days in asked] == [list(range(5)), list(range(6))]


def test_every_operator_advises_at_every_stage_in_its_region():
    where = deployed("central", *SHORT)
    advised = where.teams[where.teams["role"] == "advisers"]
    assert set(advised["operator"]) == set(OPERATORS)
    for operator in OPERATORS:
        assert set(where.stations.loc[where.stations["operator"] == operator, "stage"]) == set(STAGES)
