"""Bilans that the rest of a path waits for: whose, how long, what providers can take, what is paid."""

from functools import cache

import numpy as np
import pytest
from deployments import population, scenario, tables
from worlds import CORSE, SHORT, deployed, from_launch, identified

from cepsim.costing import close, ledger, quantities
from cepsim.engine import compiled_engine, simpy_engine
from cepsim.errors import ScenarioError
from cepsim.experiment.pipeline import warm_up_scenario
from cepsim.indicators import count, indicators
from cepsim.people.bilan_first import BILAN, WAIT
from cepsim.people.bilans import has_experts, is_made
from cepsim.scenario.vocabulary import POPULATIONS
from cepsim.trace import NEVER, Outcome

DAY = 86_400
FIRST = (*SHORT, ("service.bilan_first", True))
#: About twenty bilans a year in Corse, of the sixty that are asked for.
FEW = (*FIRST, ("service.bilans_of_providers", 3000.0))
#: Twice as many, and next to none for job seekers.
MORE = (*FIRST, ("service.bilans_of_providers", 6000.0), ("service.bilans_of_psychologists", 300.0))
EMPLOYEE = POPULATIONS.index("salaries")


@cache
def visits(*changes):
    where, *_, trace, _ = from_launch("central", *changes)
    names = np.array(where.network.station_names)
    found = trace.visits.frame()
    where_to = np.array([name.split(".") for name in names])[found["queue"] % len(names)]
    return found.assign(operator=where_to[:, 0], station=where_to[:, 1])


def at(station, *changes):
    found = visits(*changes)
    return found[found["station"] == station]


def left_after(station, *changes):
    """Where the people of a station go next, of those who have left it."""
    found = visits(*changes).sort_values(["person", "visit"])
    following = found.groupby("person")["station"].shift(-1)
    return following[found["station"] == station].dropna()


@cache
def counted(*changes):
    where, people, _, trace, state = from_launch("central", *changes)
    return quantities(where, people, trace, state)


def total(quantity, *changes):
    found = counted(*changes)
    return int(found.loc[found["quantity"] == quantity, "value"].sum())


@cache
def measured(*changes):
    where, people, _, trace, state = from_launch("central", *changes)
    found = indicators(count(where, people, trace, state), population().stocks)
    found = found[(found[["region", "public", "operator", "period", "stage"]] == "all").all(axis=1)]
    return found.groupby("indicator")["value"].first()


# -- whose -------------------------------------------------------------------------------------------


def test_the_same_people_ask_for_the_same_bilans_and_those_given_to_the_admitted_come_first():
    ours, theirs = identified("central", *FIRST), identified("central", *SHORT)
    assert not theirs["bilan_first"].any()
    moved = ["bilan_first", "profile"]
    common = [name for name in ours.columns if name not in (*moved, "entry", "station", "alternate")]
    assert ours[common].equals(theirs[common])
    first = ours[ours["bilan_first"] == 1]
    assert ((first["bilan"] == 1) & (first["admitted"] == 1)).all()
    asked = ours[(ours["bilan"] == 1) & (ours["admitted"] == 1)]
    refused = asked[asked["bilan_first"] == 0]
    assert set(refused["population"]) <= {EMPLOYEE}
    assert len(refused) < 0.06 * len(asked)


def test_employees_have_theirs_before_whatever_follows_and_others_before_a_conseil():
    _, people, *_ = from_launch("central", *FIRST)
    found = at(BILAN, *FIRST)
    assert len(found) > 40
    employee = people.population[found["person"]] == EMPLOYEE
    assert set(found.loc[~employee, "operator"]) <= {"pole_emploi"}
    following = left_after(BILAN, *FIRST)
    assert set(following) == {"conseil", "ingenierie"}
    before = visits(*FIRST).sort_values(["person", "visit"])
    before = before.assign(previous=before.groupby("person")["station"].shift(1))
    assert set(before.loc[before["station"] == BILAN, "previous"]) == {"accueil"}
    assert (found.groupby("person").size() == 1).all()


def test_where_no_bilan_comes_first_nobody_s_path_has_one():
    assert not set(visits(*SHORT)["station"]) & {BILAN, WAIT}
    assert BILAN not in {name.split(".")[1] for name in deployed("central", *SHORT).network.station_names}


def test_without_psychologists_nobody_but_employees_has_a_bilan():
    id_ = "operators.pole_emploi.orientation_psychologists"
    of = scenario("central").derive({f"figures.{id_}": 0}, tables=tables())
    nobody = tables().with_overrides(of.figures)
    assert has_experts(tables(), "pole_emploi")
    assert not has_experts(nobody, "pole_emploi")
    assert not is_made(nobody, "pole_emploi", "demandeurs_emploi")
    assert is_made(nobody, "pole_emploi", "salaries")


# -- how long ----------------------------------------------------------------------------------------


def test_what_follows_waits_for_the_time_of_a_bilan_and_for_the_notice_on_working_time():
    _, people, *_ = from_launch("central", *FIRST)
    found = at(BILAN, *FIRST)
    accueil = at("accueil", *FIRST)
    received = accueil[accueil["outcome"] == Outcome.SERVED].groupby("person")["ended"].max()
    notice = (found["joined"] - received.reindex(found["person"]).to_numpy()) / DAY
    on_time = (people.time_conseil[found["person"]] == 1).astype(bool)
    assert 0 < on_time.sum() < len(found)
    # nobody waits for a provider here
    assert (notice[~on_time] < 0.1).all()
    assert notice[on_time].mean() > 20
    begins_early = found[(found["joined"] < 100 * DAY) & (found["outcome"] == Outcome.SERVED)]
    days = (begins_early["ended"] - begins_early["called"]) / DAY
    assert abs(days.mean() - 75) < 4 * days.std() / np.sqrt(len(days))


def test_a_conseil_begins_later_for_those_whose_bilan_comes_first_and_is_as_long():
    _, people, *_ = from_launch("central", *FIRST)
    joined = {
        changes: at("conseil", *changes).groupby("person")["joined"].min() for changes in (SHORT, FIRST)
    }
    later = (joined[FIRST] - joined[SHORT]).dropna() / DAY
    first = people.bilan_first[later.index] == 1
    assert first.sum() > 5
    assert later[first].mean() > 30
    assert abs(later[~first].mean()) < 3
    assert measured(*FIRST)["received"] == pytest.approx(measured(*SHORT)["received"], rel=0.03)
    assert measured(*FIRST)["conseil_entered"] <= measured(*SHORT)["conseil_entered"]


# -- what providers can take -------------------------------------------------------------------------


def test_no_more_bilans_begin_than_providers_can_take_and_the_others_wait_or_go_on_without():
    begun = at(BILAN, *FEW)
    of_opacif = begun[begun["operator"] == "opacif"]
    places = 3000 * float(population().keys.loc[CORSE[0], "opacif"])
    assert 10 < places < 40
    assert len(of_opacif) <= places + 1
    assert len(of_opacif) < (at(BILAN, *FIRST)["operator"] == "opacif").sum()
    waits = at(WAIT, *FEW)
    taken = waits[waits["outcome"] == Outcome.SERVED]
    assert ((taken["called"] - taken["joined"]) / DAY).mean() > 10
    gave_up = waits[waits["outcome"] == Outcome.GAVE_UP]
    assert len(gave_up) > 5
    onward = left_after(WAIT, *FEW)
    assert {"conseil", BILAN} <= set(onward)
    assert not set(gave_up["person"]) & set(begun["person"])


def test_first_come_first_served_for_those_who_wait_on():
    waits = at(WAIT, *FEW)
    taken = waits[(waits["outcome"] == Outcome.SERVED) & (waits["operator"] == "opacif")]
    assert taken.sort_values("joined")["called"].is_monotonic_increasing


def test_more_places_make_people_wait_less_and_give_more_bilans():
    assert total("bilans_conge", *MORE) > total("bilans_conge", *FEW)
    assert measured(*MORE)["bilans_given_up"] < measured(*FEW)["bilans_given_up"]
    assert measured(*FEW)["bilan_wait_s"] > 0
    mean = {}
    for changes in (FEW, MORE):
        waits = at(WAIT, *changes)
        waits = waits[(waits["outcome"] == Outcome.SERVED) & (waits["operator"] == "opacif")]
        mean[changes] = (waits["called"] - waits["joined"]).mean()
    assert mean[MORE] < mean[FEW]


def test_psychologists_have_places_of_their_own():
    assert set(at(WAIT, *FEW)["operator"]) == {"opacif"}
    assert set(at(WAIT, *MORE)["operator"]) == {"opacif", "pole_emploi"}
    assert total("bilans_psychologist", *MORE) < total("bilans_psychologist", *FEW)


def test_both_engines_write_the_same():
    where, _, of, *_ = from_launch("central", *FEW)
    first = of.take(of.arrival < 60 * DAY)
    ours, theirs = (
        each.run(where.network, first, None, 0, 200 * DAY) for each in (compiled_engine, simpy_engine)
    )
    assert (ours[0].visits.session >= 0).any()
    assert ours[0].equals(theirs[0])
    assert ours[1].equals(theirs[1])


# -- what is paid ------------------------------------------------------------------------------------


def test_a_bilan_is_paid_when_it_begins_and_the_ledger_closes():
    for changes in (FIRST, FEW):
        where, people, *_, state = from_launch("central", *changes)
        close(ledger(where, counted(*changes)), counted(*changes))
        under_way = state.open_visits().frame()
        names = np.array([name.split(".")[1] for name in where.network.station_names])
        open_ones = (names[under_way["queue"] % len(names)] == BILAN) & (under_way["called"] != NEVER)
        begun = np.concatenate([at(BILAN, *changes)["person"], under_way.loc[open_ones, "person"]])
        employee = people.population[begun] == EMPLOYEE
        assert (people.admitted[begun] == 1).all()
        assert total("bilans_conge", *changes) == employee.sum()
        # beside them, those of job seekers who are not admitted, as before
        conseil = at("conseil", *changes)
        conseil = set(conseil.loc[conseil["operator"] == "pole_emploi", "person"])
        wants = (people.bilan == 1) & (people.admitted == 0) & (people.population != EMPLOYEE)
        today = total("bilans_psychologist", *changes) - (~employee).sum()
        assert 0 < today <= len(conseil & set(np.flatnonzero(wants).tolist())) + 3
    assert total("bilans_conge", *FEW) < total("bilans_conge", *FIRST) <= total("bilans_conge", *SHORT) + 5


def test_no_interview_and_no_wait_for_an_accueil_is_counted_more():
    ours, theirs = measured(*FIRST), measured(*SHORT)
    assert ours["bilans"] == pytest.approx(theirs["bilans"], abs=3)
    assert ours["bilans_begun"] > 0
    assert "bilans_begun" not in theirs.index or theirs["bilans_begun"] == 0
    assert ours["interviews"] <= theirs["interviews"] * 1.01
    assert total("persons_received", *FIRST) == pytest.approx(total("persons_received", *SHORT), rel=0.03)
    assert total("persons_entering_conseil", *FIRST) <= total("persons_entering_conseil", *SHORT)
    assert total("calls", *FIRST) == pytest.approx(total("calls", *SHORT), rel=0.01)


# -- what is refused, and the year before ------------------------------------------------------------


def test_the_year_before_has_the_same_stations_and_nobody_in_them():
    where = deployed("central", *FEW)
    before = warm_up_scenario(where.scenario, tables())
    assert before.service.bilan_first and not before.service.bilans_of_providers


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"service.bilans_of_providers": 10}, r"bilans_of_providers: found 10.*expected 0, since"),
        ({"service.bilans_of_psychologists": 10}, "bilans_of_psychologists"),
        (
            {"service.bilan": "module", "service.bilan_first": True},
            r'bilan_first: found true, expected false, since service\.bilan is "module"',
        ),
        (
            {
                "service.bilan_first": True,
                "service.bilans_of_providers": 10,
                "staff.closures": [
                    {
                        "operator": "opacif",
                        "heir": "apec",
                        "from_date": scenario("central").calendar.launch_date,
                        "posts": "heir",
                        "reason": "test",
                    }
                ],
            },
            "an operator other than opacif",
        ),
    ],
)
def test_a_bound_of_nobody_a_module_that_comes_first_or_providers_without_an_operator_are_refused(
    changes, message
):
    with pytest.raises(ScenarioError, match=message):
        scenario("central").derive(changes, tables=tables())
