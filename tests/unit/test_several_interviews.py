"""An accueil of more than one interview, a project written in one or two: what moves, what does not."""

from functools import cache

import pytest
from engines.test_two_engines import assert_equal, both
from worlds import SHORT, deployed, from_launch, identified, tape

from cepsim.indicators.counts import count
from cepsim.trace import Outcome, Reason

ACCUEIL = ("figures.stages.accueil.interviews.all.all.all.all", 1.3)
WRITTEN = ("figures.stages.formalisation.interviews.all.all.all.all", 1.5)
DAY = 86_400


@cache
def visits(*changes):
    """Every settled visit, with the stage and operator of its station."""
    of = from_launch("central", *SHORT, *changes)
    found, known = of.trace.visits.frame(), of.deployment.stations
    station = found["queue"] % of.deployment.network.station_count
    for name in ("stage", "operator"):
        found[name] = known[name].to_numpy()[station]
    return found


@cache
def counted(*changes):
    of = from_launch("central", *SHORT, *changes)
    return count(of.deployment, of.people, of.trace, of.state)


def test_the_same_people_ask_with_the_same_traits():
    assert (
        identified("central", *SHORT, ACCUEIL, WRITTEN)
        .drop(columns="profile")
        .equals(identified("central", *SHORT).drop(columns="profile"))
    )


def held(stage, *changes):
    """Interviews held by each person at a stage, of those whose first one there was in the first months."""
    found = visits(*changes)
    found = found[(found["stage"] == stage) & (found["operator"] != "pole_emploi")]
    served = found[found["outcome"] == Outcome.SERVED]
    first = served.groupby(["person", "operator"])["joined"].min()
    numbers = served.groupby(["person", "operator"]).size()
    return numbers[first < 200 * DAY]


@pytest.mark.parametrize(
    ("stage", "change", "mean"), [("accueil", ACCUEIL, 1.3), ("formalisation", WRITTEN, 1.5)]
)
def test_people_have_the_interviews_of_the_tables_less_those_lost_on_the_way(stage, change, mean):
    before, after = held(stage), held(stage, change)
    assert (before == 1).all()
    assert set(after.unique()) == {1, 2}
    assert len(after) > 50
    # a next one is missed by those who do not come or give up: at most a fifth of them
    assert 1.0 + 0.7 * (mean - 1.0) < after.mean() < mean + 0.15


def test_a_person_is_received_once_whatever_the_number_of_interviews():
    found = visits(ACCUEIL).query("stage == 'accueil'")
    again = found[found["reason"] == Reason.SERIES]
    assert len(again) > 100
    of = counted(ACCUEIL)
    measured = of.volumes.groupby("measure", observed=True)["count"].sum()
    people = of.funnel.groupby("step", observed=True)["people"].sum()
    assert measured["received"] == people["received"]
    assert measured["ask_accueil"] <= people["ask_accueil"]
    visited = of.funnel.groupby("step", observed=True)["visits"].sum()
    assert visited["received"] > people["received"]


def test_their_waits_for_a_further_interview_are_apart():
    waits = counted(ACCUEIL, WRITTEN).waits.groupby("stage", observed=True)["entered"].sum()
    assert waits["accueil_suite"] > 100
    assert waits["formalisation_suite"] > 20
    assert "accueil_suite" not in set(counted().waits["stage"])


def test_more_interviews_take_more_of_the_same_advisers_hours():
    hours = {}
    for changes in ((), (ACCUEIL,), (WRITTEN,)):
        used = counted(*changes).hours_by
        hours[changes] = used.groupby("stage", observed=True)["used_s"].sum()
    assert hours[(ACCUEIL,)]["accueil"] > hours[()]["accueil"] * 1.05
    assert hours[(WRITTEN,)]["formalisation"] > hours[()]["formalisation"] * 1.2


def test_both_engines_hold_the_same_interviews():
    where, people = deployed("central", *SHORT, ACCUEIL, WRITTEN), tape("central", *SHORT, ACCUEIL, WRITTEN)
    assert_equal(*both(where.network, people, None, 0, 100 * DAY))
