"""One person of a run: what is told of him is what happened to him."""

import numpy as np
import pytest
from deployments import tables

from cepsim.errors import UsageError
from cepsim.experiment import plan, retold, run_scenarios
from cepsim.experiment.retold import retell
from cepsim.people.stations import EXITS
from cepsim.report.person import person_told

REGIONS = ("94", "83")


@pytest.fixture(scope="module")
def planned():
    return plan(
        ["reference", "central"], regions=REGIONS, replications=1, years=1, follow_up_years=0, tables=tables()
    )


@pytest.fixture(scope="module")
def told(planned):
    """Some people of a region behind a platform, from one run of it."""
    once = retold._part(planned, planned.scenarios[1], "94", 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retold, "_part", lambda *_: once)
        return [retell(planned, number, "central", "94") for number in range(1, 400)]


def test_people_are_told_in_order_of_their_first_request_and_begin_with_it(told):
    asked = [of.asked for of in told]
    assert asked == sorted(asked)
    assert asked[0] >= 0
    for of in told:
        assert of.visits["joined"].iloc[0] == of.asked


def test_nothing_happens_before_what_it_follows(told):
    for of in told:
        for name, after in (("joined", "called"), ("called", "ended")):
            both = of.visits[[name, after]].dropna()
            assert (both[after] >= both[name]).all()
        assert of.visits["joined"].is_monotonic_increasing
        assert of.left in ("", *EXITS)
        if of.left == "completed":
            assert of.visits["outcome"].iloc[-1] == "served"


def test_calls_answered_by_the_platform_are_part_of_the_story(told):
    national = [of for of in told if of.visits["station"].iloc[0] == "pole_emploi.telephone"]
    assert len(national) > 20
    assert any(len(of.visits) > 1 and of.visits["stage"].iloc[-1] != "information" for of in national)


def test_the_people_told_are_those_that_the_run_counts(planned, told):
    found = run_scenarios(planned, workers=1)
    first = found.measured["central"][0].counts.funnel
    asked = first[(first["region"] == "94") & (first["step"] == "first_requests")]["people"].sum()
    with pytest.raises(UsageError, match=str(asked)):
        retell(planned, 10**9, region="94")
    assert len(told) < asked


def test_a_person_is_told_in_both_languages(told):
    somebody = max(told, key=lambda of: len(of.visits))
    for language, word in (("fr", "reçue"), ("en", "received")):
        table = person_told(somebody, language)
        assert len(table.rows) == len(somebody.visits)
        assert word in {row[-1] for row in table.rows}
        assert not any("{" in text for row in (table.columns, *table.rows, (table.note,)) for text in row)


@pytest.mark.parametrize(
    ("scenario", "region", "replication", "word"),
    [("universel", "94", 0, "universel"), ("central", "11", 0, "11"), ("central", "94", 1, "2")],
)
def test_what_the_run_has_not_is_refused(planned, scenario, region, replication, word):
    with pytest.raises(UsageError, match=word):
        retell(planned, 1, scenario, region, replication=replication)


def test_the_crowd_is_told_as_it_is(told):
    assert {of.who["admitted"] for of in told} == {0, 1}
    assert all(np.ndim(value) == 0 for of in told for value in of.who.values())


def test_what_is_not_named_is_the_last_scenario_and_the_first_region(planned, told):
    assert planned.place() == (planned.scenarios[-1], planned.regions[0])
    assert planned.place("reference", "83") == (planned.scenarios[0], "83")
    assert (told[6].scenario.name, told[6].region, told[6].number) == ("central", "94", 7)
