"""What became of each person, in worlds worked out by hand and in a small region."""

import numpy as np
import pandas as pd
import pytest
from deployments import crowd, deployment, tables
from hypothesis import given, settings
from hypothesis import strategies as st
from sharded import at_once, in_parts
from worlds import deployed, variant

from cepsim.engine import simpy_engine
from cepsim.experiment.changes import classed, count_changes
from cepsim.indicators.outcomes import COLUMNS, IDENTITY, NOT, OUTCOMES, no_outcomes, outcomes
from cepsim.indicators.working_days import WorkingDays
from cepsim.network import Branch, NetworkBuilder
from cepsim.people.by_hand import Arrivals, make_tape
from cepsim.people.population_tape import draw_people

DAY, HOUR = 86_400, 3600
#: The horizon of the deployments: 2015 and 2016.
YEARS = 731 * DAY


def every_day(last: int = 4 * 365) -> WorkingDays:
    """One region where every day is worked."""
    return WorkingDays(np.arange(last + 3, dtype=np.int64)[None, :], -1, np.zeros(1, dtype=np.int64))


def desk(times, *, advisers=1, patience=None, end=10 * DAY, asks=None) -> pd.DataFrame:
    """Outcomes of people who come straight to a desk that serves them for an hour each."""
    builder = NetworkBuilder(lanes=("53",))
    builder.team("desk", advisers=advisers)
    builder.queue("accueil", team="desk", service=HOUR, patience=patience)
    network = builder.compile()
    where = deployment(network, stations=[("opacif", "accueil")], teams=[("opacif", "advisers", "53")])
    tape = make_tape(network, [Arrivals("accueil", times, lane="53")])
    trace, state = simpy_engine.run(network, tape, None, 0, end)
    flags = [1] * len(times) if asks is None else asks
    return outcomes(where, crowd([0] * len(times), asks=flags), tape, trace, state)


def told(frame: pd.DataFrame, *names: str) -> list[tuple]:
    return list(frame[list(names)].itertuples(index=False, name=None))


# -- one person after the other ------------------------------------------------------------------------------


def test_each_person_is_received_lost_or_still_waiting_when_observation_ends():
    found = desk([0, 10, 20, 30], patience=2 * HOUR - 100, end=2 * HOUR)
    assert told(found, "outcome", "asked", "joined", "received") == [
        ("received", 0, 0, 0),
        ("received", 10, 10, HOUR),
        ("gave_up", 20, 20, NOT),
        ("gave_up", 30, 30, NOT),
    ]
    patient = desk([0, 10, 20, 30], end=2 * HOUR)
    assert patient["outcome"].tolist() == ["received", "received", "waiting", "waiting"]
    assert list(found.columns) == list(COLUMNS)
    assert found.dtypes.equals(no_outcomes().dtypes)


def test_only_first_requests_of_the_horizon_are_followed():
    found = desk([0, YEARS - 1, YEARS], end=YEARS + DAY)
    assert found["asked"].tolist() == [0, YEARS - 1]


def first_contact(patience: int | None, end: int) -> pd.DataFrame:
    """Two people call one agent, who answers an hour each; then an accueil, for who asks for one."""
    builder = NetworkBuilder(lanes=("53",))
    builder.team("line", advisers=1)
    builder.team("desk", advisers=1)
    builder.queue("telephone", team="line", service=HOUR, patience=patience)
    builder.queue("accueil", team="desk", service=HOUR)
    builder.route("telephone", [Branch(1.0, "accueil", gap=DAY)])
    network = builder.compile()
    where = deployment(
        network,
        stations=[("opacif", "information"), ("opacif", "accueil")],
        teams=[("opacif", "first_line", "53"), ("opacif", "advisers", "53")],
    )
    tape = make_tape(network, [Arrivals("telephone", [0, 10, 20], lane="53")])
    trace, state = simpy_engine.run(network, tape, None, 0, end)
    return outcomes(where, crowd([0, 0, 0], asks=[1, 1, 0]), tape, trace, state)


def test_who_wants_an_accueil_and_is_not_answered_is_lost_and_told_apart():
    assert told(first_contact(HOUR // 2, 10 * DAY), "outcome", "joined") == [
        ("received", HOUR + DAY),
        ("unanswered", NOT),
    ]


@pytest.mark.parametrize("end", [HOUR // 2, HOUR + 60, HOUR + DAY // 2])
def test_who_has_not_left_is_waiting_wherever_he_is(end):
    assert first_contact(None, end)["outcome"].tolist() == ["waiting", "waiting"]


# -- the same people in two worlds ---------------------------------------------------------------------------


@given(
    times=st.lists(st.integers(0, 5 * DAY), min_size=1, max_size=30).map(sorted),
    advisers=st.integers(1, 3),
    more=st.integers(0, 2),
)
@settings(max_examples=15)
def test_more_staff_on_a_plain_queue_makes_nobody_later(times, advisers, more):
    base, other = (desk(times, advisers=number, end=YEARS) for number in (advisers, advisers + more))
    found = classed(count_changes(base, other, every_day(), ("53",), YEARS))
    assert set(found["class"]) <= {"sooner", "same_day"}
    assert (found["seconds"] <= 0).all()
    assert found["people"].sum() == len(times)
    if more == 0:
        assert (found[["days", "seconds"]] == 0).all().all()


def test_a_person_is_matched_by_the_name_of_his_draws_not_by_his_place():
    base = desk([0, 10, 20])
    shuffled = desk([0, 10, 20], advisers=2).iloc[[2, 0, 1]]
    found = count_changes(base, shuffled, every_day(), ("53",), YEARS)
    # two desks: the second no longer waits an hour, the third waits one less
    assert found["seconds"].sum() == -(HOUR - 10) - HOUR
    assert found["people"].sum() == 3
    with pytest.raises(ValueError, match="one-to-one"):
        count_changes(base, pd.concat([base, base]), every_day(), ("53",), YEARS)


# -- a small region ------------------------------------------------------------------------------------------


def test_no_two_people_of_a_region_have_the_same_name_of_their_draws():
    where = deployed("central", ("calendar.years", 1), ("calendar.follow_up_years", 0))
    people, tape = draw_people(where, seed=7, replication=0)
    names = pd.DataFrame(
        np.column_stack([tape.keys[tape.stream].view(np.int64).reshape(-1, 2), tape.rank]),
        columns=list(IDENTITY),
    )
    assert len(people) == len(names.drop_duplicates())


def test_outcomes_are_the_same_in_parts_and_whole():
    short = (("calendar.years", 1), ("calendar.follow_up_years", 0), ("calendar.warm_up_years", 0))
    scenario, regions = variant("central", *short), ["74", "94"]
    parts = in_parts(scenario, tables(), regions, keeps_outcomes=True)
    found = [measured.outcomes for measured in parts.values()]
    assert [len(frame) > 0 for frame in found] == [False, True, True]
    expected = at_once(scenario, tables(), regions, keeps_outcomes=True)
    keys = ["stage", *IDENTITY]
    together, whole = (
        frame.sort_values(keys, ignore_index=True) for frame in (pd.concat(found), expected.outcomes)
    )
    assert together.equals(whole)
    assert set(together["outcome"]) <= set(OUTCOMES)


def test_of_several_waits_that_end_without_an_interview_the_last_one_counts():
    builder = NetworkBuilder(lanes=("53",))
    builder.team("desk", advisers=0)
    builder.queue("accueil", team="desk", service=HOUR, patience=HOUR)
    builder.route(
        "accueil", [Branch(1.0, "accueil", gap=DAY, repeat_max=1), Branch(0.0, "lost")], after="lost"
    )
    network = builder.compile()
    where = deployment(network, stations=[("opacif", "accueil")], teams=[("opacif", "advisers", "53")])
    tape = make_tape(network, [Arrivals("accueil", [0], lane="53")])
    trace, state = simpy_engine.run(network, tape, None, 0, HOUR + DAY + 60)
    found = outcomes(where, crowd([0], asks=[1]), tape, trace, state)
    assert told(found, "outcome", "joined") == [("waiting", HOUR + DAY)]
