"""The seniority that the leave asks for, where a scenario asks it of those whom the right brings."""

from math import exp

import pytest
from deployments import scenario, tables
from worlds import deployed, from_launch, identified

from cepsim.costing import close, ledger, quantities
from cepsim.errors import ScenarioError
from cepsim.people.bilans import without_seniority
from cepsim.scenario.vocabulary import PRIVATE_EMPLOYEES, PUBLICS

#: Long enough for the right to bring people: Corse is small.
YEARS = (("calendar.years", 3), ("calendar.follow_up_years", 0))
KEY = "service.bilan_seniority"
PLAN, REFUSED = ((*YEARS, (KEY, value)) for value in ("plan", "refused"))


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


@pytest.mark.parametrize(("name", "value"), [("reference", "plan"), ("bilan-module", "refused")])
def test_seniority_asked_of_nobody_or_for_a_module_is_refused(name, value):
    with pytest.raises(ScenarioError, match=r"service\.bilan_seniority"):
        scenario(name).derive({KEY: value}, tables=tables())
