"""Aims of the law and of the mission: qualification, operators met, people sent elsewhere."""

import pytest
from counted import counts, found, value
from deployments import crowd, population
from stories import APEC, DAY, HOUR, Story, volume

from cepsim.indicators import indicators
from cepsim.scenario.vocabulary import PROJECTS
from cepsim.trace import Outcome, Reason

FORMATION, VAE, MOVE = (PROJECTS.index(name) for name in ("formation", "vae", "mobilite_externe"))


@pytest.fixture(scope="module")
def stocks():
    return population().stocks


def met(counted):
    return volume(counted, measure="operators_met"), volume(counted, measure="received")


def received(story, person, day=10, queue="accueil", **more):
    return story.visit(person, queue, day * DAY, (day + 1) * DAY + 10 * HOUR, **more)


# -- qualification -------------------------------------------------------------------------------------------


def test_projects_of_formation_and_vae_lead_to_a_qualification_and_others_do_not():
    story = Story()
    for person in range(4):
        received(story, person).leaves(person, 20 * DAY, "completed")
    found = story.counts(of=crowd([0] * 4, project=[FORMATION, VAE, MOVE, MOVE]))
    assert volume(found, measure="projects") == 4
    assert volume(found, measure="qualifying_projects") == 2


def test_who_leaves_without_his_project_has_none_that_qualifies():
    story = received(received(Story(), 0), 1)
    story.leaves(0, 20 * DAY, "dropped_out").leaves(1, 20 * DAY, "satisfied")
    found = story.counts(of=crowd([0] * 2, project=[FORMATION, VAE]))
    assert volume(found, measure="qualifying_projects") == 0


def test_a_project_counts_in_the_year_in_which_its_person_leaves():
    story = received(Story(), 0).leaves(0, 400 * DAY, "completed")
    found = story.counts(of=crowd([0], project=[VAE]))
    assert volume(found, measure="qualifying_projects", year=2015) == 0
    assert volume(found, measure="qualifying_projects", year=2016) == 1


PROJECTS_DONE = [
    {"measure": "projects", "count": 8, "public": "salaries_cdi"},
    {"measure": "qualifying_projects", "count": 6, "public": "salaries_cdi"},
    {"measure": "projects", "count": 2, "public": "salaries_cdd", "operator": "apec", "year": 2016},
]


def test_the_share_that_qualifies_is_given_by_operator_public_and_year(stocks):
    run = indicators(counts(volumes=PROJECTS_DONE), stocks)
    assert value(run, "share_qualifying") == pytest.approx(6 / 10)
    assert value(run, "share_qualifying", operator="opacif") == pytest.approx(6 / 8)
    assert value(run, "share_qualifying", operator="apec") == 0.0
    assert value(run, "share_qualifying", public="salaries_cdd") == 0.0
    assert value(run, "share_qualifying", period="2015") == pytest.approx(6 / 8)
    assert value(run, "share_qualifying", period="2016") == 0.0
    assert found(run, "share_qualifying", region="53", operator="apec")["people"].tolist() == [2]


def test_without_a_project_there_is_no_share_of_them(stocks):
    run = indicators(counts(volumes=[{"measure": "received", "count": 3}]), stocks)
    assert found(run, "share_qualifying").empty
    assert value(run, "mean_operators_met") == 0.0


# -- operators met -------------------------------------------------------------------------------------------


def test_somebody_received_where_he_called_meets_one_operator_however_often():
    story = Story().visit(0, "information", 9 * DAY, 9 * DAY + HOUR)
    received(story, 0).visit(0, "conseil", 30 * DAY, 31 * DAY)
    assert met(story.counts()) == (1, 1)


def test_somebody_sent_to_another_operator_who_receives_him_meets_two():
    story = received(Story(), 0)
    received(story, 0, day=20, queue=APEC, reason=Reason.REDIRECTED)
    found = story.counts()
    assert met(found) == (2, 1)
    assert volume(found, measure="redirected", operator="opacif") == 1
    assert volume(found, measure="redirected") == 1


def test_who_is_sent_to_another_operator_and_gives_up_there_is_redirected_and_met_one():
    story = received(Story(), 0)
    gone = {"outcome": Outcome.GAVE_UP, "ended": 25 * DAY}
    story.visit(0, APEC, 20 * DAY, reason=Reason.REDIRECTED, **gone).leaves(0, 25 * DAY, "gave_up")
    found = story.counts()
    assert met(found) == (1, 1)
    assert volume(found, measure="redirected") == 1


def test_who_calls_one_operator_and_is_received_by_another_meets_two_and_is_not_redirected():
    story = Story().visit(0, "information", 9 * DAY, 9 * DAY + HOUR)
    found = received(story, 0, queue=APEC, reason=Reason.OVERFLOW).counts()
    assert met(found) == (2, 1)
    assert volume(found, measure="operators_met", operator="apec") == 2
    assert volume(found, measure="redirected") == 0


def test_a_file_and_a_call_that_nobody_answers_meet_nobody():
    story = received(Story(), 0, queue=APEC).visit(0, "ingenierie", 30 * DAY, 31 * DAY)
    story.visit(1, "information", 9 * DAY, outcome=Outcome.GAVE_UP, ended=9 * DAY + 60)
    received(story, 1, queue=APEC)
    assert met(story.counts()) == (2, 2)


def test_who_is_never_received_is_in_no_mean():
    story = Story().visit(0, "information", 9 * DAY, 9 * DAY + HOUR).leaves(0, 10 * DAY, "satisfied")
    assert met(story.counts()) == (0, 0)


def test_means_are_of_those_received_at_the_operator_that_received_them(stocks):
    rows = [
        {"measure": "received", "count": 8},
        {"measure": "operators_met", "count": 10},
        {"measure": "redirected", "count": 2},
        {"measure": "received", "count": 2, "operator": "apec"},
        {"measure": "operators_met", "count": 2, "operator": "apec"},
    ]
    run = indicators(counts(volumes=rows), stocks)
    assert value(run, "mean_operators_met") == pytest.approx(12 / 10)
    assert value(run, "mean_operators_met", operator="apec") == 1.0
    assert value(run, "share_redirected") == pytest.approx(2 / 10)
    assert value(run, "share_redirected", operator="opacif") == pytest.approx(2 / 8)


def test_who_is_received_by_overflow_is_told_apart_from_who_is_redirected(stocks):
    rows = [
        {"measure": "received", "count": 8},
        {"measure": "redirected", "count": 2},
        {"measure": "received", "count": 4, "operator": "apec"},
        {"measure": "received_by_overflow", "count": 3, "operator": "apec"},
    ]
    run = indicators(counts(volumes=rows), stocks)
    assert value(run, "share_received_by_overflow") == pytest.approx(3 / 12)
    assert value(run, "share_received_by_overflow", operator="apec") == pytest.approx(3 / 4)
    assert value(run, "share_redirected") == pytest.approx(2 / 12)
    without = indicators(counts(volumes=rows[:3]), stocks)
    assert found(without, "share_received_by_overflow").empty
    assert not found(without, "share_redirected").empty
