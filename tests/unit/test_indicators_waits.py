"""Waits, losses, funnel and the rest, on journeys short enough to follow by hand."""

import pytest
from deployments import crowd, deployment, desk
from stories import APEC, DAY, END, HOUR, REPEAT, Story, office, place, volume

from cepsim.indicators.bins import SECONDS
from cepsim.indicators.delays import delays
from cepsim.indicators.funnel import STEPS
from cepsim.trace import Outcome, Reason


def wait(counts, stage, measure="called", table="waits"):
    """The bin (its lower edge) and count of what ended so at a stage, in one cell."""
    rows = getattr(counts, table)
    rows = rows[(rows["stage"] == stage) & (rows[measure] > 0)]
    edge = SECONDS.lower[rows["bin"]] if table == "waits" else rows["bin"]
    return list(zip(edge.tolist(), rows[measure].tolist(), strict=True))


# -- the wait at a stage ------------------------------------------------------------------------------


def test_a_wait_runs_from_joining_to_being_called_in():
    found = (
        Story().visit(0, "accueil", 10 * DAY, 14 * DAY + 10 * HOUR).leaves(0, 15 * DAY, "satisfied").counts()
    )
    assert wait(found, "accueil", "entered") == [(0, 1)]
    assert wait(found, "accueil") == [(4 * DAY, 1)]
    assert found.waits.loc[found.waits["stage"] == "accueil", "cohort"].unique().tolist() == [0]


def test_after_a_no_show_the_wait_goes_on_from_the_first_joining():
    story = Story().visit(0, "accueil", 10 * DAY, 12 * DAY, Outcome.NO_SHOW)
    story.visit(0, "accueil", 20 * DAY, 21 * DAY, reason=Reason.REBOOKED)
    found = story.leaves(0, 22 * DAY, "satisfied").counts()
    assert wait(found, "accueil", "entered") == [(0, 1)]
    assert wait(found, "accueil") == [(11 * DAY, 1)]
    assert wait(found, "accueil", "lost") == []
    assert volume(found, measure="no_shows") == 1
    assert volume(found, measure="received") == 1


def test_a_last_no_show_is_a_loss_at_its_date():
    story = Story().visit(0, "accueil", 10 * DAY, 12 * DAY, Outcome.NO_SHOW)
    found = story.leaves(0, 12 * DAY + 900, "no_show").counts()
    assert wait(found, "accueil", "lost") == [(2 * DAY // HOUR * HOUR, 1)]
    assert found.losses[["stage", "cause", "lost"]].to_numpy().tolist() == [["accueil", "no_show", 1]]


def test_giving_up_is_a_loss_at_its_date():
    story = Story().visit(0, "accueil", 10 * DAY, outcome=Outcome.GAVE_UP, ended=40 * DAY)
    found = story.leaves(0, 40 * DAY, "gave_up").counts()
    assert wait(found, "accueil", "lost") == [(30 * DAY, 1)]
    assert found.losses["cause"].tolist() == ["gave_up"]


def test_who_waits_or_is_to_be_rebooked_at_the_end_is_not_lost_but_not_known():
    story = Story().visit(0, "accueil", END - 30 * DAY, outcome=Outcome.WAITING)
    story.visit(1, "accueil", END - 20 * DAY, END - 10 * DAY, Outcome.NO_SHOW)
    story.comes_back(1, "accueil", Reason.REBOOKED)
    found = story.counts()
    assert wait(found, "accueil", "censored") == [(20 * DAY, 1), (30 * DAY, 1)]
    assert len(found.losses) == 0


def test_a_no_show_whose_slot_is_not_over_is_not_lost_yet():
    found = Story().visit(0, "accueil", END - DAY, END - 60, Outcome.IN_SERVICE).counts()
    late = Story().visit(0, "accueil", END - DAY, END - 60, Outcome.IN_SERVICE)
    late.people[0]["outcome"] = Outcome.NO_SHOW
    assert wait(found, "accueil") == [(DAY // HOUR * HOUR - HOUR, 1)]
    assert wait(late.counts(), "accueil", "censored") == [(DAY, 1)]


def test_somebody_sent_to_another_operator_waits_until_that_one_receives_him():
    story = Story().visit(0, "accueil", 10 * DAY, 12 * DAY)
    story.visit(0, APEC, 12 * DAY + HOUR, 30 * DAY, reason=Reason.REDIRECTED)
    found = story.leaves(0, 31 * DAY, "satisfied").counts()
    assert wait(found, "accueil") == [(20 * DAY, 1)]
    assert found.waits.loc[found.waits["stage"] == "accueil", "operator"].unique().tolist() == ["apec"]
    assert volume(found, measure="received", operator="opacif") == 1
    assert volume(found, measure="received_redirected", operator="apec") == 1


def test_somebody_sent_to_another_operator_and_rebooked_there_is_received_there_once():
    story = Story().visit(0, "accueil", 10 * DAY, 12 * DAY)
    story.visit(0, APEC, 12 * DAY + HOUR, 30 * DAY, Outcome.NO_SHOW, Reason.REDIRECTED)
    story.visit(0, APEC, 35 * DAY, 40 * DAY, reason=Reason.REBOOKED)
    story.visit(1, "accueil", 10 * DAY, 11 * DAY)
    found = story.leaves(0, 41 * DAY, "satisfied").leaves(1, 12 * DAY, "satisfied").counts()
    assert sorted(wait(found, "accueil")) == [(DAY // HOUR * HOUR, 1), (30 * DAY, 1)]
    assert volume(found, measure="received") == 2
    assert volume(found, measure="received_redirected", operator="apec") == 1


def test_calls_tried_again_are_one_contact_and_one_wait():
    story = Story().visit(0, "information", DAY, outcome=Outcome.GAVE_UP, ended=DAY + 180)
    story.visit(0, "information", 2 * DAY, outcome=Outcome.CLOSED, ended=2 * DAY, reason=Reason.RETRY)
    story.visit(0, "information", 3 * DAY, 3 * DAY + 30, reason=Reason.RETRY)
    found = story.leaves(0, 4 * DAY, "satisfied", "information").counts()
    assert wait(found, "information") == [(2 * DAY, 1)]
    assert volume(found, measure="contacts") == volume(found, measure="answered") == 1
    assert volume(found, measure="calls") == 3
    assert volume(found, measure="calls_lost") == 2
    assert volume(found, measure="contacts_lost") == 0


def test_further_contacts_and_later_interviews_are_apart():
    story = Story().visit(0, "information", DAY, DAY + 10)
    story.visit(0, REPEAT, 5 * DAY, 5 * DAY + 90, reason=Reason.ASKED_AGAIN)
    story.visit(0, "accueil", 6 * DAY, 7 * DAY).visit(0, "conseil", 10 * DAY, 13 * DAY)
    story.visit(0, "conseil", 20 * DAY, 25 * DAY, Outcome.NO_SHOW, Reason.SERIES)
    story.visit(0, "conseil", 27 * DAY, 28 * DAY, reason=Reason.REBOOKED)
    found = story.leaves(0, 29 * DAY, "completed", "conseil").counts()
    assert wait(found, "information") == [(1, 1)]
    assert wait(found, "information_suite") == [(60, 1)]
    assert wait(found, "conseil") == [(3 * DAY, 1)]
    assert wait(found, "conseil_suite") == [(8 * DAY, 1)]
    assert volume(found, measure="contacts") == 2
    assert volume(found, measure="conseil_entered") == 1
    assert volume(found, measure="interviews") == 3


def test_places_where_nobody_serves_hold_no_wait():
    story = Story().visit(0, "ingenierie", DAY, 3 * DAY).visit(0, "dossier", 3 * DAY + HOUR, 3 * DAY + HOUR)
    found = story.leaves(0, 40 * DAY, "completed", "dossier").counts()
    assert wait(found, "ingenierie") == [(2 * DAY, 1)]
    assert volume(found, measure="files") == 1
    assert volume(found, measure="projects") == 1


# -- launch day, cohorts, working days ----------------------------------------------------------------


def test_who_waits_at_launch_enters_at_his_age_before_the_first_cohort():
    found = Story().visit(0, "accueil", -10 * DAY, 5 * DAY).leaves(0, 6 * DAY, "satisfied").counts()
    rows = found.waits[found.waits["stage"] == "accueil"]
    assert rows["cohort"].unique().tolist() == [-1]
    assert wait(found, "accueil", "entered") == [(10 * DAY, 1)]
    assert wait(found, "accueil") == [(15 * DAY, 1)]
    assert volume(found, measure="received", year=2015) == 1
    assert volume(found, measure="ask_accueil") == 0


def test_who_was_called_in_before_launch_or_whose_wait_began_out_of_sight_has_no_wait_there():
    story = Story().visit(0, "accueil", -10 * DAY, -HOUR, ended=HOUR)
    story.visit(1, "accueil", 3 * DAY, 4 * DAY, reason=Reason.REBOOKED, visit=2)
    found = story.leaves(0, HOUR, "satisfied").leaves(1, 5 * DAY, "satisfied").counts()
    assert found.waits["stage"].tolist() == ["projet"]  # the first one had no project yet
    assert volume(found, measure="received") == 1
    assert found.funnel["people"].sum() == 0


def test_those_who_join_after_the_horizon_are_no_cohort_of_it():
    after = 731 * DAY
    found = Story().visit(0, "accueil", after, after + DAY).leaves(0, after + 2 * DAY, "satisfied").counts()
    assert found.waits["cohort"].unique().tolist() == [8]
    assert len(found.volumes) == len(found.identities) == len(found.exits) == len(found.funnel) == 0


def test_working_days_are_the_open_weekdays_after_the_day_of_joining():
    # launch is Thursday 1 January 2015: joined on Friday 2, called on Tuesday 6; Saturday is no weekday
    story = Story().visit(0, "accueil", DAY + 16 * HOUR, 5 * DAY + 9 * HOUR)
    same_day = Story().visit(0, "accueil", DAY, DAY + 9 * HOUR)
    for told, days in ((story, 2), (same_day, 0)):
        found = told.leaves(0, 6 * DAY, "satisfied").counts()
        assert wait(found, "accueil", table="waits_working_days") == [(days, 1)]


def test_a_region_counts_its_days_on_its_own_clock():
    """At La Réunion it is three hours later: 22:00 in Paris is the next day there."""
    late = 4 * DAY + 22 * HOUR  # Monday in Paris
    story = Story().visit(0, "accueil", late, 5 * DAY + 12 * HOUR).leaves(0, 6 * DAY, "satisfied")
    offset = {"53": 1, "04": 0}
    for code, days in offset.items():
        assert wait(story.counts(place((code,))), "accueil", table="waits_working_days") == [(days, 1)]


def test_a_region_without_advisers_has_no_working_days():
    where = deployment(
        desk(office()), stations=[("opacif", "accueil")], teams=[("opacif", "first_line", "53")]
    )
    with pytest.raises(ValueError, match="region 53 has no team of advisers"):
        Story().visit(0, 0, DAY, 2 * DAY).counts(where)


# -- the norm --------------------------------------------------------------------------------------------


def test_an_offer_within_the_norm_counts_whatever_becomes_of_it():
    story = Story().visit(0, "accueil", 4 * DAY, 10 * DAY, Outcome.NO_SHOW).leaves(0, 11 * DAY, "no_show")
    story.visit(1, "accueil", 4 * DAY, 60 * DAY).leaves(1, 61 * DAY, "satisfied")
    story.visit(2, "accueil", 4 * DAY, outcome=Outcome.GAVE_UP, ended=6 * DAY).leaves(2, 6 * DAY, "gave_up")
    story.visit(3, "accueil", END - 3 * DAY, END - 2 * DAY).leaves(3, END - DAY, "satisfied")
    found = story.counts()
    assert found.window.norm_days == 10
    assert found.offers[["cohort", "asked", "within"]].to_numpy().tolist() == [[0, 3, 1]]


# -- spans over several stages --------------------------------------------------------------------------


def test_first_contact_to_first_interview_is_that_of_people_who_ask():
    story = Story().visit(0, "information", DAY, DAY + 10).visit(0, "accueil", DAY + 600, 9 * DAY)
    story.leaves(0, 10 * DAY, "satisfied")
    story.visit(1, "information", DAY, outcome=Outcome.GAVE_UP, ended=DAY + 60)
    story.leaves(1, DAY + 60, "gave_up", "information")
    story.visit(2, "information", DAY, DAY + 10).leaves(2, 2 * DAY, "satisfied", "information")
    found = story.counts(of=crowd([0] * 3, asks=[1, 1, 0]))
    assert wait(found, "premier_entretien") == [(8 * DAY, 1)]
    assert wait(found, "premier_entretien", "lost") == [(60, 1)]
    assert wait(found, "premier_entretien", "entered") == [(0, 2)]


def test_a_project_is_done_when_somebody_leaves_with_it_and_not_otherwise():
    story = Story().visit(0, "accueil", DAY, 3 * DAY).leaves(0, 90 * DAY, "completed", "ingenierie")
    story.visit(1, "accueil", DAY, 3 * DAY).leaves(1, 4 * DAY, "satisfied")
    story.visit(2, "accueil", DAY, 3 * DAY).comes_back(2, "conseil", Reason.FIRST)
    found = story.counts()
    assert wait(found, "projet") == [(89 * DAY, 1)]
    assert wait(found, "projet", "lost") == [(3 * DAY, 1)]
    assert wait(found, "projet", "censored") == [(END - DAY, 1)]


# -- people counted once --------------------------------------------------------------------------------


def steps(counts, measure="people"):
    return counts.funnel.groupby("step")[measure].sum().to_dict()


def test_the_funnel_counts_each_person_once_and_each_visit():
    story = Story().visit(0, "information", DAY, outcome=Outcome.GAVE_UP, ended=DAY + 60)
    story.visit(0, "information", 2 * DAY, 2 * DAY + 10, reason=Reason.RETRY)
    story.visit(0, REPEAT, 4 * DAY, 4 * DAY + 10, reason=Reason.ASKED_AGAIN)
    story.visit(0, "accueil", 5 * DAY, 6 * DAY)
    story.visit(0, "conseil", 9 * DAY, 10 * DAY).visit(0, "conseil", 15 * DAY, 16 * DAY, reason=Reason.SERIES)
    story.visit(0, "formalisation", 18 * DAY, 19 * DAY)
    story.visit(0, "ingenierie", 20 * DAY, 21 * DAY).visit(0, "dossier", 22 * DAY, 22 * DAY)
    found = story.leaves(0, 50 * DAY, "completed", "dossier").counts()
    assert steps(found) == dict.fromkeys(STEPS, 1)
    assert steps(found, "contacts")["first_requests"] == steps(found, "contacts")["answered"] == 2
    assert steps(found, "visits")["first_requests"] == 3
    assert steps(found, "visits")["conseil_entered"] == 2


@pytest.mark.parametrize(
    ("cause", "finished", "formalised"),
    [("completed", 1, 1), ("dropped_out", 0, 0), ("satisfied", 1, 0)],
)
def test_dropping_out_after_the_last_interview_finishes_nothing(cause, finished, formalised):
    story = Story().visit(0, "accueil", DAY, 2 * DAY).visit(0, "conseil", 3 * DAY, 4 * DAY)
    found = steps(story.leaves(0, 5 * DAY, cause, "conseil").counts())
    assert found.get("conseil_finished", 0) == finished
    assert found.get("formalised", 0) == formalised


@pytest.mark.parametrize(
    ("called", "outcome", "formalised"),
    [(12 * DAY, Outcome.SERVED, 1), (None, Outcome.GAVE_UP, 0), (12 * DAY, Outcome.NO_SHOW, 0)],
)
def test_a_project_written_in_two_interviews_is_formalised_by_the_second(called, outcome, formalised):
    story = Story().visit(0, "accueil", DAY, 2 * DAY).visit(0, "formalisation", 3 * DAY, 4 * DAY)
    when = {"ended": 12 * DAY + 60, "reason": Reason.SERIES, "outcome": outcome}
    story.visit(0, "formalisation", 10 * DAY, *(() if called is None else (called,)), **when)
    cause = "completed" if formalised else "gave_up"
    found = steps(story.leaves(0, 12 * DAY + 60, cause, "formalisation").counts())
    assert found.get("formalised", 0) == formalised


def test_a_project_whose_second_interview_is_still_to_come_is_not_formalised():
    story = Story().visit(0, "accueil", DAY, 2 * DAY).visit(0, "formalisation", 3 * DAY, 4 * DAY)
    found = story.comes_back(0, "formalisation", Reason.SERIES).counts()
    assert steps(found)["formalised"] == 0


def test_who_comes_back_for_another_interview_of_an_accueil_before_launch_is_not_received_anew():
    story = Story().visit(0, "accueil", DAY, 2 * DAY, visit=3, reason=Reason.SERIES)
    story.visit(1, "accueil", DAY, 2 * DAY).visit(1, "accueil", 4 * DAY, 5 * DAY, reason=Reason.SERIES)
    found = story.counts()
    assert found.volumes.groupby("measure")["count"].sum()["received"] == 1
    assert wait(found, "accueil", "entered") == [(0, 1)]


def test_a_conseil_with_interviews_to_come_is_not_finished():
    story = Story().visit(0, "conseil", DAY, 2 * DAY).comes_back(0, "conseil", Reason.SERIES)
    story.visit(1, "conseil", DAY, 2 * DAY).comes_back(1, "formalisation", Reason.FIRST)
    assert steps(story.counts())["conseil_finished"] == 1


def test_somebody_seen_in_two_years_counts_once_in_each_and_once_in_all():
    story = Story().visit(0, "information", DAY, DAY + 10)
    story.visit(0, REPEAT, 2 * DAY, 2 * DAY + 10, reason=Reason.ASKED_AGAIN)
    story.visit(0, "accueil", 360 * DAY, 370 * DAY)
    found = story.leaves(0, 371 * DAY, "satisfied").counts()
    by_year = found.identities.set_index("year")[["reached", "served"]]
    assert by_year.to_numpy().tolist() == [[1, 0], [1, 1]]
    assert found.identities_ever[["reached", "served"]].to_numpy().tolist() == [[1, 1]]


def test_everybody_who_came_has_left_or_is_still_there_when_the_horizon_ends():
    end = 731 * DAY
    story = Story().visit(0, "accueil", DAY, 2 * DAY).leaves(0, 3 * DAY, "satisfied")
    story.visit(1, "accueil", end - DAY, end + DAY).leaves(1, end + 2 * DAY, "satisfied")
    story.visit(2, "accueil", DAY, end - 60, ended=end + 60).leaves(2, end + 60, "satisfied")
    story.visit(3, "accueil", DAY, 2 * DAY).visit(3, "conseil", end + DAY, end + 2 * DAY)
    story.leaves(3, end + 3 * DAY, "completed", "conseil")
    story.comes_back(4, "conseil", Reason.SERIES)  # there before launch, back after the end of observation
    found = story.counts().exits
    told = found.set_index(["cause", "outcome", "stage"])["people"].to_dict()
    assert told == {
        ("satisfied", "served", "accueil"): 1,
        ("still_there", "waiting", "accueil"): 1,
        ("still_there", "in_service", "accueil"): 1,
        ("still_there", "between", "accueil"): 1,
        ("still_there", "between", "conseil"): 1,
    }


# -- Mondays, volumes ------------------------------------------------------------------------------------


def test_the_backlog_is_who_waits_when_monday_begins():
    monday = 4 * DAY  # 5 January 2015
    story = Story().visit(0, "accueil", monday - 1, monday).leaves(0, 6 * DAY, "satisfied")
    story.visit(1, "accueil", monday, monday + HOUR).leaves(1, 6 * DAY, "satisfied")
    story.visit(2, "accueil", DAY, monday - 1).leaves(2, 6 * DAY, "satisfied")
    story.visit(3, "accueil", DAY, monday + 8 * DAY).leaves(3, 20 * DAY, "satisfied")
    found = story.counts().backlog
    assert found[["day", "waiting"]].to_numpy().tolist() == [[4, 2], [11, 1]]


def test_a_bilan_is_asked_for_by_employees_received_and_by_others_in_a_conseil():
    story = Story()
    for person in range(4):
        story.visit(person, "accueil", DAY, 2 * DAY)
        if person in (1, 3):
            story.visit(person, "conseil", 3 * DAY, 4 * DAY)
        story.leaves(person, 9 * DAY, "satisfied")
    who = crowd([0, 0, 7, 7], population=[0, 0, 1, 1], bilan=[1, 0, 1, 1], project=[0, 0, 1, 1])
    found = story.counts(of=who)
    assert volume(found, measure="bilans", stage="accueil", public="salaries_cdi") == 1
    assert volume(found, measure="bilans", stage="conseil", public="de_rupture_conventionnelle") == 1
    assert volume(found, measure="bilans") == 2


def test_interviews_on_working_time_are_counted_in_seconds():
    story = (
        Story().visit(0, "accueil", DAY, 2 * DAY).visit(0, "conseil", 3 * DAY, 4 * DAY, ended=4 * DAY + 100)
    )
    story.leaves(0, 9 * DAY, "satisfied")
    found = story.counts(of=crowd([0], time_accueil=[1], time_conseil=[0]))
    assert volume(found, measure="working_time_s") == HOUR
    found = story.counts(of=crowd([0], time_accueil=[0], time_conseil=[1]))
    assert volume(found, measure="working_time_s", stage="conseil") == 100


def test_files_of_training_are_told_apart():
    story = Story().visit(0, "ingenierie", DAY, 2 * DAY).leaves(0, 9 * DAY, "completed")
    story.visit(1, "dossier", DAY, DAY).leaves(1, 9 * DAY, "completed")
    found = story.counts(of=crowd([0, 0], project=[0, 1]))
    assert volume(found, measure="files") == 2
    assert volume(found, measure="training_files") == 1


# -- bounds ------------------------------------------------------------------------------------------------


def test_an_offer_that_is_not_attended_is_the_offer_though_another_follows():
    story = Story().visit(0, "accueil", 4 * DAY, 10 * DAY, Outcome.NO_SHOW)
    story.visit(0, "accueil", 20 * DAY, 60 * DAY, reason=Reason.REBOOKED).leaves(0, 61 * DAY, "satisfied")
    assert story.counts().offers[["asked", "within"]].to_numpy().tolist() == [[1, 1]]


@pytest.mark.parametrize(("day", "within"), [(18, 1), (19, 0)])
def test_an_offer_on_the_last_day_of_the_norm_is_in_time(day, within):
    # joined on Monday 5 January 2015: the tenth working day after it is Monday 19
    story = Story().visit(0, "accueil", 4 * DAY, day * DAY + 9 * HOUR).leaves(0, 30 * DAY, "satisfied")
    assert story.counts().offers[["asked", "within"]].to_numpy().tolist() == [[1, within]]


@pytest.mark.parametrize(("days", "asked"), [(17, 1), (14, 0)])
def test_who_joins_the_norm_before_the_end_of_observation_tells_and_who_joins_later_does_not(days, asked):
    # observation ends with Sunday 31 December 2017: ten working days after Friday 15, nine after Monday 18
    joined = END - days * DAY + 9 * HOUR
    story = Story().visit(0, "accueil", joined, joined + HOUR).leaves(0, joined + 3 * HOUR, "satisfied")
    assert story.counts().offers["asked"].tolist() == [1] * asked


def test_the_first_of_two_interviews_ends_the_wait_for_a_first_interview():
    story = Story().visit(0, "accueil", DAY, 5 * DAY)
    story.visit(0, "accueil", 30 * DAY, 50 * DAY, reason=Reason.ASKED_AGAIN).leaves(0, 51 * DAY, "satisfied")
    assert wait(story.counts(), "premier_entretien") == [(4 * DAY, 1)]


def test_who_leaves_on_the_second_the_horizon_ends_is_still_there():
    end = 731 * DAY
    story = Story().visit(0, "accueil", DAY, end - HOUR, ended=end).leaves(0, end, "satisfied")
    told = story.counts().exits.set_index(["cause", "outcome"])["people"].to_dict()
    assert told == {("still_there", "in_service"): 1}


def test_files_that_wait_for_a_commission_are_no_backlog():
    story = Story().visit(0, "dossier", 3 * DAY, 12 * DAY).leaves(0, 13 * DAY, "completed", "dossier")
    assert len(story.counts().backlog) == 0


def test_a_cohort_is_a_quarter_named_by_its_first_month():
    window = Story().visit(0, "accueil", DAY, 2 * DAY).counts().window
    names = ["2015-01", "2015-04", "2015-07", "2015-10", "2016-01"]
    assert [window.label(cohort) for cohort in range(5)] == names


def test_of_ten_people_the_fifth_is_the_median_and_the_ninth_the_ninth_decile():
    story = Story()
    for person in range(10):
        story.visit(person, "accueil", DAY, (5 + person) * DAY).leaves(person, 30 * DAY, "satisfied")
    found = delays(story.counts())
    here = found[(found["stage"] == "accueil") & (found["period"] == "all") & (found["region"] == "all")]
    value = here[(here["operator"] == "all") & (here["public"] == "all")].set_index("indicator")["value"]
    # from 4 to 13 days, spread inside their bins
    assert value[["wait_p50", "wait_p90"]].tolist() == pytest.approx([9 * DAY, 13 * DAY])
    assert value[["wait_p50_working_days", "wait_p90_working_days"]].tolist() == [5.0, 8.0]


def test_of_a_sample_people_count_so_many_times_and_hours_once():
    found = Story().visit(0, "accueil", DAY, 2 * DAY).leaves(0, 3 * DAY, "satisfied").counts()
    grown = found.of_everybody(3)
    assert grown.waits["entered"].sum() == 3 * found.waits["entered"].sum() > 0
    assert grown.hours.equals(found.hours)
    assert grown.hours_by.equals(found.hours_by)
    assert found.hours_by["used_s"].sum() > 0
