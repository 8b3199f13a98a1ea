"""Attributes drawn per person: several jobs, activité réduite, long-term unemployment; what they count."""

from functools import cache

import numpy as np
import pytest
from deployments import crowd, tables
from engines.test_two_engines import assert_equal, both
from stories import DAY, Story
from worlds import SHORT, deployed, from_launch, identified, tape, variant

from cepsim.indicators.attributes import CONCERNED, REACHED, attributes
from cepsim.indicators.counts import count
from cepsim.people.asking import registered_share
from cepsim.people.traits import pluriactif_share
from cepsim.scenario.vocabulary import IN_WORK, JOB_SEEKERS, PRIVATE_EMPLOYEES, PUBLICS
from cepsim.trace import Outcome

TO_POLE_EMPLOI = ("service.reduced_activity", "pole_emploi")


def near(found, share, size):
    """Whether a share is met within four standard deviations."""
    return abs(found - share) <= 4 * np.sqrt(share * (1 - share) / size)


# -- who has them ------------------------------------------------------------------------------------


def test_several_jobs_add_up_to_the_published_totals_of_employees_and_of_the_others():
    stocks = {public: tables().figure(f"publics.stock.{public}.persons").mode for public in IN_WORK}
    several = {public: stocks[public] * pluriactif_share(tables(), public) for public in IN_WORK}
    assert sum(several.values()) == pytest.approx(2360, abs=1)
    assert several["independants"] == pytest.approx(349, abs=0.2)
    assert all(pluriactif_share(tables(), public) == 0 for public in PUBLICS if public not in IN_WORK)


def test_those_in_reduced_activity_are_in_work_and_no_more_than_the_published_total():
    held = [
        tables().figure(f"publics.stock.{public}.persons").mode * registered_share(tables(), public)
        for public in IN_WORK
    ]
    # fixed-term contracts of the public sector hold the rest
    assert sum(held) == pytest.approx(1100 - 719 * 0.228, rel=2e-3)


@pytest.mark.parametrize("name", ["reference", "universel"])
def test_people_have_the_attributes_of_their_public(name):
    people = identified(name, *SHORT)
    for public, mine in people.groupby("name_of_public"):
        assert near(mine["pluriactif"].mean(), pluriactif_share(tables(), public), len(mine)), public
    seekers = people[people["name_of_public"].isin(JOB_SEEKERS)]
    just_left = np.isin(seekers.index.get_level_values("why"), ["event", "csp"])
    share = tables().figure("publics.attribute.demandeurs_emploi.long_term").mode
    assert near(seekers["long_term"][~just_left].mean(), share, (~just_left).sum())
    assert not seekers["long_term"][just_left].any()
    assert not people["long_term"][~people["name_of_public"].isin(JOB_SEEKERS)].any()


def test_who_has_been_long_out_of_work_is_who_has_no_hours_of_the_first_year():
    """The same draw says how long, for an account: nobody is out of work for two different times."""
    people = identified("cpf", *SHORT)
    asking = people[
        (people["asks"] == 1) & (people["admitted"] == 1) & people["name_of_public"].eq("de_autres")
    ]
    asking = asking[asking.index.get_level_values("why") == "spontaneous"]
    short = asking.groupby("long_term")["short"].mean()
    assert short[1] >= short[0]


# -- where they go -----------------------------------------------------------------------------------


def test_employees_in_reduced_activity_whom_the_right_brings_go_to_pole_emploi_where_a_scenario_says_so():
    before, after = identified("central", *SHORT), identified("central", *SHORT, TO_POLE_EMPLOI)
    assert before.index.equals(after.index)
    moved = before["operator"] != after["operator"]
    assert moved.any()
    who = after[moved]
    assert set(who["operator"]) == {"pole_emploi"}
    assert (who["registered"] == 1).all()
    assert (who["induced"] == 1).all()
    assert (who["cadre"] == 0).all()
    assert who["name_of_public"].isin(PRIVATE_EMPLOYEES).all()
    eligible = (
        after["name_of_public"].isin(PRIVATE_EMPLOYEES)
        & (after[["registered", "induced"]] == 1).all(axis=1)
        & (after["cadre"] == 0)
    )
    assert near(moved[eligible].mean(), 0.5, eligible.sum())
    # nobody else's traits move
    apart = ["operator", "station", "alternate", "project", "bilan", "channel"]
    assert before[~moved].drop(columns=apart).equals(after[~moved].drop(columns=apart))
    assert before["station"][~moved].equals(after["station"][~moved])


def test_they_are_the_same_on_both_engines():
    changes = (*SHORT, TO_POLE_EMPLOI)
    where, people = deployed("central", *changes), tape("central", *changes)
    assert_equal(*both(where.network, people, None, 0, 60 * DAY))


def test_today_s_employees_go_where_they_went_and_may_be_sent_to_pole_emploi():
    before, after = identified("reference", *SHORT), identified("reference", *SHORT, TO_POLE_EMPLOI)
    assert before.drop(columns="alternate").equals(after.drop(columns="alternate"))
    other = after["alternate"] != before["alternate"]
    assert (after["registered"][other] == 1).all()
    names = np.array(deployed("reference", *SHORT).network.station_names)
    assert set(names[after["alternate"][other]]) == {"pole_emploi.accueil"}
    assert variant("reference").service.reduced_activity == "as_others"


# -- what is counted -----------------------------------------------------------------------------------


@cache
def counted():
    of = from_launch("central", *SHORT)
    return of, count(of.deployment, of.people, of.trace, of.state)


def of_each(frame):
    return frame.set_index(["attribute", "has", "step"])["people"].to_dict()


def test_each_attribute_is_counted_among_its_publics_once_a_person():
    _, found = counted()
    people, each = found.funnel, of_each(found.attributes)
    first = people[people["step"] == "first_requests"]
    received = people[people["step"] == "received"]
    for name, publics in CONCERNED.items():
        for step, rows in (("asking", first), ("received", received)):
            whole = rows.loc[rows["public"].isin(publics), "people"].sum()
            assert each.get((name, 0, step), 0) + each[name, 1, step] == whole, (name, step)
    # they overlap: together they are more than the people there are
    assert sum(each[name, 1, "asking"] for name in CONCERNED) != first["people"].sum()


def test_what_becomes_of_people_is_counted_by_hand():
    cdi, seeker = PUBLICS.index("salaries_cdi"), PUBLICS.index("de_autres")
    story = Story().visit(0, "information", DAY, DAY + 10).visit(0, "accueil", DAY + 60, 3 * DAY)
    story.leaves(0, 9 * DAY, "completed")
    story.visit(1, "information", DAY, outcome=Outcome.GAVE_UP, ended=DAY + 60)
    story.leaves(1, DAY + 60, "gave_up", "information")
    story.visit(2, "information", DAY, DAY + 10).leaves(2, DAY + 99, "satisfied", "information")
    people = crowd(
        [cdi, cdi, seeker], asks=[1, 1, 0], pluriactif=[1, 1, 0], registered=[0, 1, 1], long_term=[0, 0, 1]
    )
    found = story.counts(of=people)
    each = of_each(found.attributes)
    several = {step: each.get(("pluriactif", 1, step), 0) for step in REACHED}
    assert several == {"asking": 2, "wanting": 2, "received": 1, "lost": 1, "completed": 1}
    assert each["reduced_activity", 1, "lost"] == 1
    assert each["reduced_activity", 0, "received"] == 1
    # registered job seekers are not in activité réduite, nor the other way round
    assert each["registered", 1, "asking"] == each["long_term", 1, "asking"] == 1
    assert ("registered", 0, "asking") not in each
    table = attributes(found).set_index("indicator")["value"]
    assert table["pluriactif_rate_lost"] == 0.5
    assert table["reduced_activity_rate_lost"] == 1.0
    assert table["others_reduced_activity_rate_lost"] == 0.0
    assert table["reduced_activity_share_asking"] == 0.5
    assert "long_term_rate_lost" not in table


def test_the_indicators_are_of_everybody_alone():
    _, found = counted()
    rows = attributes(found)
    assert (rows[["region", "public", "operator", "stage"]] == "all").all().all()
    assert rows["value"].between(0, 1)[rows["unit"] == "share"].all()
