"""What the leave asks of those whom the right brings, where a scenario does: seniority, time between two."""

from math import exp

import numpy as np
import pytest
from deployments import scenario, tables
from worlds import deployed, from_launch, identified

from cepsim.costing import close, ledger, quantities
from cepsim.errors import ScenarioError
from cepsim.people.bilans import had_one_lately, without_leave, without_seniority
from cepsim.scenario.vocabulary import PRIVATE_EMPLOYEES, PUBLICS

#: Long enough for the right to bring people: Corse is small.
YEARS = (("calendar.years", 3), ("calendar.follow_up_years", 0))
KEY = "service.bilan_seniority"
PLAN, REFUSED = ((*YEARS, (KEY, value)) for value in ("plan", "refused"))


INTERVAL = "service.bilan_interval"
#: One that nobody meets but those who have had no bilan for so long.
LONG = (("figures.stages.conseil.bdc_min_interval.salaries.all.all.all", 250.0),)


def totals(found):
    return found.rows.groupby("nature")[["quantity", "amount_cents"]].sum()


def test_the_share_without_seniority_is_what_the_law_asks_over_the_mean():
    assert without_seniority(tables(), "salaries_cdi") == pytest.approx(1 - exp(-5 / 16), abs=1e-9)
    for public in ("salaries_cdd", "interimaires", "alternants_jeunes_contrats"):
        assert without_seniority(tables(), public) == pytest.approx(1 - exp(-2 / 3), abs=1e-9)
    assert not any(without_seniority(tables(), p) for p in PUBLICS if p not in PRIVATE_EMPLOYEES)
    asked = "figures.stages.conseil.bdc_eligibility_seniority.salaries_cdi.all.all.all"
    shorter = deployed("central", *YEARS, (asked, 2)).tables
    assert without_seniority(shorter, "salaries_cdi") < without_seniority(tables(), "salaries_cdi")


def test_seniority_is_asked_of_those_whom_the_right_brings_and_moves_nobody():
    ours, theirs = identified("central", *PLAN), identified("central", *YEARS)
    assert not theirs["junior"].any()
    assert ours.drop(columns="junior").equals(theirs.drop(columns="junior"))
    junior = ours[ours["junior"] == 1]
    assert len(junior) > 0
    for flag in ("induced", "admitted", "bilan"):
        assert (junior[flag] == 1).all()
    assert set(junior["name_of_public"]) <= set(PRIVATE_EMPLOYEES)
    assert ours.equals(identified("central", *REFUSED))


def test_the_employer_pays_by_his_plan_or_nobody_does_and_the_ledger_closes():
    _, _people, _, trace, state = from_launch("central", *PLAN)
    found, served = {}, {}
    for name, changes in (("leave", YEARS), ("plan", PLAN), ("refused", REFUSED)):
        here = deployed("central", *changes)
        # nobody's way moves: only who pays for his bilan
        whose = from_launch("central", *changes).people
        counted = quantities(here, whose, trace, state)
        found[name] = ledger(here, counted)
        close(found[name], counted)
        served[name] = (
            counted[counted["quantity"].str.startswith("bilans_")].groupby("quantity")["value"].sum()
        )
    employees = ["bilans_conge", "bilans_plan", "bilans_refused"]
    asked = {name: int(of.reindex(employees, fill_value=0).sum()) for name, of in served.items()}
    assert len(set(asked.values())) == 1
    by_plan = served["plan"]["bilans_plan"]
    assert by_plan > 0
    assert "bilan_plan" not in totals(found["leave"]).index
    assert "bilan_plan" not in totals(found["refused"]).index
    rows = found["plan"].rows
    plan = rows[rows["nature"] == "bilan_plan"]
    assert set(plan["payer"]) == {"employeurs"}
    assert set(plan["character"]) == {"nouveau_recurrent"}
    assert plan["amount_cents"].sum() == by_plan * 1700_00
    assert served["refused"]["bilans_refused"] >= by_plan
    assert (
        served["refused"]["bilans_conge"] == served["plan"]["bilans_conge"] < served["leave"]["bilans_conge"]
    )


# -- the time between two ----------------------------------------------------------------------------


def test_as_many_have_had_one_lately_as_the_leaves_of_a_year_say_over_private_employees():
    leaves = 23_000 * 0.58 / 0.42
    employees = 1000 * (14_800 + 1450 + 525 + 642)
    assert had_one_lately(tables()) == pytest.approx(5 * leaves / employees, abs=1e-9)
    longer = deployed("central", *YEARS, *LONG).tables
    assert had_one_lately(longer) == pytest.approx(50 * had_one_lately(tables()), abs=1e-6)
    share = "figures.stages.conseil.bdc_share_route_plan.salaries.all.all.all"
    fewer = deployed("central", *YEARS, (share, 0.84)).tables
    assert had_one_lately(fewer) < had_one_lately(tables())


def test_the_time_between_two_is_asked_of_those_whom_the_right_brings_and_moves_nobody():
    ours = identified("central", *YEARS, *LONG, (INTERVAL, "refused"))
    theirs = identified("central", *YEARS, *LONG)
    assert not theirs["recent"].any()
    assert ours.drop(columns="recent").equals(theirs.drop(columns="recent"))
    recent = ours[ours["recent"] == 1]
    whom = theirs[(theirs[["induced", "admitted", "bilan"]] == 1).all(axis=1)]
    whom = whom[whom["name_of_public"].isin(PRIVATE_EMPLOYEES)]
    assert set(recent.index) <= set(whom.index)
    share = had_one_lately(deployed("central", *YEARS, *LONG).tables)
    assert abs(len(recent) - share * len(whom)) < 4 * np.sqrt(len(whom) * share * (1 - share))


def test_fewer_leaves_are_paid_and_employers_or_nobody_give_the_others():
    _, _, _, trace, state = from_launch("central", *YEARS, *LONG)
    served = {}
    for value in ("not_asked", "plan", "refused"):
        changes = (*YEARS, *LONG, (INTERVAL, value))
        counted = quantities(
            deployed("central", *changes), from_launch("central", *changes).people, trace, state
        )
        close(ledger(deployed("central", *changes), counted), counted)
        bilans = counted[counted["quantity"].str.startswith("bilans_")]
        served[value] = bilans.groupby("quantity")["value"].sum()
    assert "bilans_plan" not in served["not_asked"].index
    assert served["plan"]["bilans_plan"] > 0
    assert served["plan"]["bilans_conge"] == served["refused"]["bilans_conge"]
    assert served["plan"]["bilans_conge"] < served["not_asked"]["bilans_conge"]
    assert served["refused"]["bilans_refused"] >= served["plan"]["bilans_plan"]


def test_who_is_refused_for_one_condition_has_no_plan_for_the_other():
    junior, recent = np.array([1, 1, 0, 0]) == 1, np.array([1, 0, 1, 0]) == 1
    both = scenario("central").derive({KEY: "plan", INTERVAL: "refused"}, tables=tables())
    plan, refused = without_leave(both, junior, recent)
    assert plan.tolist() == [False, True, False, False]
    assert refused.tolist() == [True, False, True, False]


@pytest.mark.parametrize("key", [KEY, INTERVAL])
@pytest.mark.parametrize(("name", "value"), [("reference", "plan"), ("bilan-module", "refused")])
def test_what_the_leave_asks_is_asked_of_somebody_and_of_no_module(name, value, key):
    with pytest.raises(ScenarioError, match=key.replace(".", r"\.")):
        scenario(name).derive({key: value}, tables=tables())
