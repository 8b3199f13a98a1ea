"""The variants of the central scenario: each moves what its debate is about, in the direction it says."""

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest
from deployments import scenario, tables
from worlds import SEED, SHORT, deployed, entrants, identified, variant

from cepsim.costing import TRANSFERS, close, ledger, quantities
from cepsim.engine import compiled_engine
from cepsim.errors import ScenarioError
from cepsim.experiment.pipeline import warm_up_scenario
from cepsim.people.crowd import INTERVIEWS, SOURCES
from cepsim.people.deploy import deploy
from cepsim.people.loads import offered_loads
from cepsim.people.population_tape import draw_entrants, draw_people
from cepsim.people.posts import lenders
from cepsim.people.profiles import PROFILES
from cepsim.people.routes import _after_accueil
from cepsim.people.stage_figures import StageFigures
from cepsim.scenario import diff, list_scenarios
from cepsim.scenario.vocabulary import ACCOUNT_HOLDERS, JOB_SEEKERS, PRIVATE_EMPLOYEES, PROJECTS, PUBLICS
from cepsim.units import SECONDS_PER_DAY

LAUNCH, A_YEAR_LATER = date(2015, 1, 1), date(2016, 1, 1)
ADMITTED_AT_FIRST = [public for wave in scenario("central").waves for public in wave.publics]
EVERYWHERE = tuple(region.code for region in tables().regions)
PILOTS = tuple(region.code for region in tables().regions if region.pilot)


@cache
def loads(name: str) -> pd.DataFrame:
    """Hours needed, available and usable, and load, by operator and role, in Corse, the year after launch."""
    found = offered_loads(deployed(name, *SHORT), [entrants(name, *SHORT)])
    return found[found["region"] == "94"].set_index(["operator", "role"])


def changed(name: str) -> set[str]:
    """The keys by which a scenario differs from the central one."""
    return {key for key, _, _ in diff(scenario("central"), scenario(name))}


# -- universel ----------------------------------------------------------------------------------------


def test_universel_admits_every_public_and_job_seekers_who_are_not_registered():
    universal = scenario("universel")
    assert changed("universel") == {
        "waves",
        "demand.publics_with_base_demand",
        "demand.publics_who_wait_for_admission",
    }
    assert universal.demand.publics_with_base_demand == PUBLICS
    later = {"agents_publics", "sortants_formation_initiale"}
    for public in PUBLICS:
        opens = A_YEAR_LATER if public in later else LAUNCH
        for registered in (True, False):
            assert universal.admitted_from(public, "53", registered=registered) == opens, public
    assert scenario("central").admitted_from(JOB_SEEKERS[0], "53", registered=False) is None


def test_in_universel_everybody_of_central_asks_and_others_do():
    central, universal = identified("central", *SHORT), identified("universel", *SHORT)
    assert central.index.isin(universal.index).all()
    others = universal[~universal.index.isin(central.index)]
    silent = others["name_of_public"].isin(["independants", "agents_publics"])
    # agents publics come a year later
    assert set(others.loc[silent, "name_of_public"]) == {"independants"}
    # the rest are job seekers who are not registered, and whom the right brings
    assert set(others.loc[~silent, "name_of_public"]) <= set(JOB_SEEKERS)
    assert (~others.loc[~silent, "registered"].astype(bool)).all()
    assert (others.loc[~silent, "induced"] == 1).all()


def test_in_universel_whom_nobody_receives_today_comes_from_admission_on_brought_by_the_right():
    two_years = (("calendar.years", 2), ("calendar.follow_up_years", 0))
    universal = identified("universel", *two_years)
    opens = {"independants": 0, "agents_publics": 365 * SECONDS_PER_DAY}
    for public, second in opens.items():
        of = universal[universal["name_of_public"] == public]
        assert len(of) > 0
        assert (of["arrival"] >= second).all()
        assert (of["admitted"] == 1).all()
        assert (of["induced"] == 1).all()


def test_universel_loads_the_opacif_more_with_the_same_staff():
    opacif = ("opacif", "advisers")
    assert loads("universel").loc[opacif, "hours_needed"] > loads("central").loc[opacif, "hours_needed"]
    assert (
        loads("universel").loc[opacif, "hours_available"] == loads("central").loc[opacif, "hours_available"]
    )


def test_nobody_asks_in_reference_among_the_publics_that_universel_adds():
    assert (
        not identified("reference", *SHORT)["name_of_public"].isin(["independants", "agents_publics"]).any()
    )


# -- sans-ingenierie ----------------------------------------------------------------------------------


def test_without_engineering_every_operator_has_fewer_hours_to_work_for_the_same_people():
    assert changed("sans-ingenierie") == {"service.engineering"}
    without, with_it = (loads(name).xs("advisers", level="role") for name in ("sans-ingenierie", "central"))
    assert (without["hours_needed"] < with_it["hours_needed"]).all()
    ours, theirs = identified("sans-ingenierie", *SHORT), identified("central", *SHORT)
    assert ours.index.equals(theirs.index)


def test_without_engineering_the_opacif_alone_give_fewer_advisers():
    without, with_it = (
        loads(name).xs("advisers", level="role")["hours_available"] for name in ("sans-ingenierie", "central")
    )
    assert list(without.index[without < with_it]) == ["opacif"]
    assert without.drop("opacif").equals(with_it.drop("opacif"))


def test_without_engineering_the_opacif_lend_advisers_so_that_posts_kept_for_files_save_nobody_money():
    lending = {name: set(lenders(scenario(name), tables())) for name in ("central", "sans-ingenierie")}
    assert lending["sans-ingenierie"] == lending["central"] | {"opacif"}
    assert "opacif" not in lending["central"]


# -- retard-loi ---------------------------------------------------------------------------------------


def test_a_late_law_opens_six_months_later_for_the_publics_of_central():
    late = scenario("retard-loi")
    assert changed("retard-loi") == {"waves"}
    for public in PUBLICS:
        opens = date(2015, 7, 1) if public in ADMITTED_AT_FIRST else None
        assert late.admitted_from(public, "53", registered=True) == opens
        if public in JOB_SEEKERS:
            assert late.admitted_from(public, "53", registered=False) is None


def test_a_late_law_leaves_the_staff_of_central_with_less_to_do_in_its_first_year():
    late, central = deployed("retard-loi", *SHORT), deployed("central", *SHORT)
    pd.testing.assert_frame_equal(late.staff, central.staff)
    waiting, at_work = (
        loads(name).xs("advisers", level="role")["hours_needed"] for name in ("retard-loi", "central")
    )
    assert (waiting < at_work).all()


# -- regions-pilotes ----------------------------------------------------------------------------------


def test_the_eight_pilot_regions_open_at_launch_and_every_other_one_a_year_later():
    steps = scenario("regions-pilotes")
    assert changed("regions-pilotes") == {"waves"}
    assert len(PILOTS) == 8
    for code in EVERYWHERE:
        opens = LAUNCH if code in PILOTS else A_YEAR_LATER
        for public in PUBLICS:
            expected = opens if public in ADMITTED_AT_FIRST else None
            assert steps.admitted_from(public, code, registered=True) == expected, (code, public)


def test_a_region_that_is_no_pilot_has_the_people_of_reference_until_it_opens():
    today, steps = identified("reference", *SHORT), identified("regions-pilotes", *SHORT)
    assert steps.index.equals(today.index)
    assert (steps["admitted"] == 0).all()
    needed = [
        loads(name).loc[("opacif", "advisers"), "hours_needed"] for name in ("regions-pilotes", "central")
    ]
    assert needed[0] < needed[1]


# -- central-dimensionne ------------------------------------------------------------------------------


def test_central_staffed_differs_by_posts_alone_and_says_the_computation_of_each():
    assert changed("central-dimensionne") == {"staff.changes"}
    for change in scenario("central-dimensionne").staff.changes:
        assert change.regions == "all"
        assert str(change.from_date.year) in change.reason
        assert change.character == ("redeployed" if change.operator == "pole_emploi" else "new")


def loads_of_france() -> pd.DataFrame:
    """Loads of `central-dimensionne` in France by operator, role and year, from one person in 40."""
    staffed, sample = variant("central-dimensionne", ("calendar.follow_up_years", 0)), 40
    whole, part = (deploy(staffed, tables(), EVERYWHERE, of) for of in (1, sample))
    people = (
        draw_entrants(part, seed=SEED, replication=0, regions=[lane]) for lane in range(len(EVERYWHERE))
    )
    found = offered_loads(whole, people, sample=sample)
    return found.groupby(["operator", "role", "year"])[["hours_needed", "hours_usable"]].sum()


def test_central_staffed_has_a_mean_load_of_nine_tenths_where_central_has_more():
    hours = loads_of_france()
    load = (hours["hours_needed"] / hours["hours_usable"]).rename("load")
    sized = [("opacif", "advisers", year) for year in (1, 2, 3)]
    sized += [("apec", "advisers", year) for year in (1, 2, 3)]
    sized += [("pole_emploi", "advisers", 1), ("opacif", "first_line", 2), ("opacif", "first_line", 3)]
    # one person in 40: a load is known to one or two hundredths
    assert load[sized].to_numpy() == pytest.approx(np.full(len(sized), 0.9), abs=0.04)
    assert (load.drop(sized) < 0.9).all()


# -- choc-chomage -------------------------------------------------------------------------------------


def test_choc_chomage_adds_a_fifth_of_the_unemployed_in_the_first_year_and_nobody_else():
    assert changed("choc-chomage") == {"demand.shocks"}
    central, shocked = identified("central", *SHORT), identified("choc-chomage", *SHORT)
    assert central.index.isin(shocked.index).all()
    others = shocked[~shocked.index.isin(central.index)]
    assert set(others["public"]) <= {PUBLICS.index(public) for public in JOB_SEEKERS}
    a_year = deployed("central", *SHORT).horizon.year_bounds[1]
    assert others["arrival"].between(0, a_year - 1).all()
    concerned = central["public"].isin([PUBLICS.index(public) for public in JOB_SEEKERS])
    within = concerned & central["arrival"].between(0, a_year - 1)
    expected = 0.2 * within.sum()
    assert abs(len(others) - expected) < 4 * np.sqrt(expected)


def test_choc_chomage_loads_the_operators_of_the_unemployed_and_no_other():
    for operator, loaded in (("pole_emploi", True), ("missions_locales", True), ("opacif", False)):
        before, after = (loads(n).loc[(operator, "advisers"), "load"] for n in ("central", "choc-chomage"))
        assert (after > before) if loaded else after == before


# -- approfondi ---------------------------------------------------------------------------------------


def test_approfondi_asks_more_hours_of_the_same_staff_for_the_same_people():
    assert changed("approfondi") == {"service.intensity"}
    ours, theirs = (loads(name).xs("advisers", level="role") for name in ("approfondi", "central"))
    assert ours.loc["opacif", "hours_needed"] > theirs.loc["opacif", "hours_needed"]
    assert ours["hours_available"].equals(theirs["hours_available"])
    assert identified("approfondi", *SHORT).index.equals(identified("central", *SHORT).index)


# -- entretiens-pro -----------------------------------------------------------------------------------


def test_professional_interviews_send_private_employees_for_an_internal_move_and_move_nobody_else():
    assert changed("entretiens-pro") == {"demand.professional_interviews"}
    ours, theirs = identified("entretiens-pro", *SHORT), identified("central", *SHORT)
    sent = ours[~ours.index.isin(theirs.index)]
    assert ours.loc[theirs.index].drop(columns="person").equals(theirs.drop(columns="person"))
    assert set(sent["name_of_public"]) <= set(PRIVATE_EMPLOYEES)
    assert (sent["project"] == PROJECTS.index("mobilite_interne")).all()
    assert (sent["source"] == SOURCES.index(INTERVIEWS)).all()
    assert (sent[["admitted", "induced"]] == 1).all(axis=None)
    assert (sent["arrival"] >= 0).all()


def test_professional_interviews_send_as_many_as_the_tables_say():
    ours, theirs = identified("entretiens-pro", *SHORT), identified("central", *SHORT)
    sent = ours[~ours.index.isin(theirs.index)]
    within = sent["arrival"] < 365 * SECONDS_PER_DAY
    each = [
        tables().figure(f"demand.salaries_prives.event.entretien_professionnel_{name}").mode
        for name in ("per_year", "share_oriented")
    ]
    first = 1.0 - tables().figure("demand.all.contacts.repeat_contact_share").mode
    stocks = deployed("entretiens-pro", *SHORT).population.stocks
    expected = stocks.loc["94", list(PRIVATE_EMPLOYEES)].sum() * each[0] * each[1] * first
    assert abs(within.sum() - expected) < 4 * np.sqrt(expected)


# -- entree-ciblee ------------------------------------------------------------------------------------


def test_in_entree_ciblee_the_most_autonomous_of_the_admitted_go_no_further_than_a_file():
    assert changed("entree-ciblee") == {"service.conseil_for", "service.priority_publics"}
    figures = StageFigures("opacif", scenario("entree-ciblee"), tables())
    for profile in PROFILES:
        if profile.distance is None:
            continue
        after = {branch.to: branch.share for branch in _after_accueil(figures, profile)}
        kept_out = profile.depth == 1 and profile.autonomy == "high"
        assert ("opacif.conseil" in after) != kept_out
        assert sum(after.values()) == pytest.approx(1.0)
        if kept_out and profile.distance == "idea":
            assert after["not_taken"] > 0


def test_entree_ciblee_leaves_fewer_hours_to_work():
    ours, theirs = (loads(name).loc["opacif", "advisers"] for name in ("entree-ciblee", "central"))
    assert ours["hours_needed"] < theirs["hours_needed"]


def test_entry_criteria_of_a_service_that_tells_nobody_apart_are_refused():
    with pytest.raises(ScenarioError, match=r"service\.conseil_for"):
        scenario("premiere-vague").derive({"service.conseil_for": ("low",)}, tables=tables())


# -- cpf ----------------------------------------------------------------------------------------------


def test_charged_to_the_cpf_fewer_of_those_who_have_an_account_ask_and_nobody_else_moves():
    assert changed("cpf") == {"financing.charged_to_cpf"}
    ours, theirs = identified("cpf", *SHORT), identified("central", *SHORT)
    change = tables().figure("demand.all.finance.demand_change_if_charged_to_cpf").mode
    assert ours.index.isin(theirs.index).all()
    both = theirs.loc[ours.index]
    held = ours["name_of_public"].isin(ACCOUNT_HOLDERS) & (ours["admitted"] == 1)
    held &= ours.index.get_level_values("why") != "csp"
    by_contact = held & (ours.index.get_level_values("by") != "direct")
    assert (ours["asks"] <= both["asks"]).all()
    assert ours["asks"][~held].equals(both["asks"][~held])
    assert ours["asks"][by_contact].sum() / both["asks"][by_contact].sum() == pytest.approx(
        1 + change, abs=0.03
    )
    gone = theirs.drop(ours.index)
    assert len(gone) > 20
    assert (gone.index.get_level_values("by") == "direct").all()
    assert (gone["admitted"] == 1).all()
    assert gone["name_of_public"].isin(ACCOUNT_HOLDERS).all()
    # what nobody charges does not depend on who asks for an accueil
    columns = ["project", "bilan", "autonomy", "operator", "registered"]
    assert ours[columns].equals(both[columns])


def test_accounts_pay_in_place_of_others_and_the_cost_is_that_of_the_people():
    where = deployed("cpf", *SHORT)
    people, of = draw_people(where, seed=SEED, replication=0)
    after = of.arrival >= 0
    people, of = people.take(after), of.take(after)
    trace, state = compiled_engine.run(where.network, of, None, 0, where.horizon.observed)
    counted = quantities(where, people, trace, state)
    charged = counted[counted["quantity"] == "account_s"]
    assert set(charged["stage"]) == {"conseil", "formalisation"}
    assert set(charged["public"]) <= set(ACCOUNT_HOLDERS)
    assert set(charged["character"]) == {"deja_finance"}
    used = counted[(counted["quantity"] == "used_s") & (counted["role"] == "advisers")]
    of_conseil = used[used["stage"] == "conseil"]["value"].sum()
    # the adviser writes after the interview: his time is longer than the person's
    assert 0 < charged[charged["stage"] == "conseil"]["value"].sum() < of_conseil
    found = ledger(where, counted)
    close(found, counted)
    by_payer = found.rows.groupby("payer")["amount_cents"].sum()
    assert by_payer["cpf_opca"] > 0
    moved = found.rows[found.rows["nature"].isin(TRANSFERS)]
    assert moved["amount_cents"].sum() == 0
    free = replace(where, scenario=where.scenario.derive({"financing.charged_to_cpf": ()}, tables=tables()))
    same_people = ledger(free, quantities(free, people, trace, state)).rows
    assert same_people["amount_cents"].sum() == found.rows["amount_cents"].sum()
    assert "cpf_opca" not in set(same_people["payer"])


def test_charging_people_whom_nobody_admits_is_refused():
    with pytest.raises(ScenarioError, match=r"financing\.charged_to_cpf"):
        scenario("reference").derive({"financing.charged_to_cpf": ("conseil",)}, tables=tables())


# -- hors-temps-de-travail ----------------------------------------------------------------------------


def test_outside_working_time_employers_give_none_and_nothing_else_moves():
    ours, theirs = identified("hors-temps-de-travail", *SHORT), identified("central", *SHORT)
    times = ["time_accueil", "time_conseil"]
    assert theirs[times].to_numpy().any()
    assert not ours[times].to_numpy().any()
    assert ours.drop(columns=times).equals(theirs.drop(columns=times))
    assert loads("hors-temps-de-travail").equals(loads("central"))


# -- constate -----------------------------------------------------------------------------------------


def test_what_happened_is_the_first_wave_of_nine_years_and_differs_by_what_was_published():
    assert {key for key, _, _ in diff(scenario("premiere-vague"), scenario("constate"))} == {
        "status",
        "calendar.years",
        "waves",
        "demand.publics_with_base_demand",
        "demand.publics_who_wait_for_admission",
        *(f"figures.operators.{operator}.advisers_fte" for operator in ("opacif", "apec", "cap_emploi")),
    }
    found = scenario("constate")
    for public in PUBLICS:
        before = scenario("premiere-vague").admitted_from(public, "53", registered=True)
        expected = date(2020, 1, 1) if public == "independants" else before
        assert found.admitted_from(public, "53", registered=True) == expected


@pytest.mark.parametrize("operator", ["opacif", "apec", "cap_emploi"])
def test_staff_as_it_happened_is_that_of_the_tables_and_is_dated_after_the_fact(operator):
    later = tables().figure(f"operators.{operator}.advisers_fte@ex_post")
    put = scenario("constate").figures[f"operators.{operator}.advisers_fte"]
    assert (put.low, put.mode, put.high) == (later.low, later.mode, later.high)
    assert put.vintage == later.vintage == "ex_post"
    assert put.source


def test_of_the_shipped_scenarios_that_of_what_happened_alone_is_dated_after_the_fact():
    assert [name for name in list_scenarios() if scenario(name).status == "ex_post"] == ["constate"]


def test_the_year_before_launch_has_the_staff_of_what_happened():
    world = warm_up_scenario(scenario("constate"), tables())
    assert world.status == "ex_post"
    assert world.figures["operators.opacif.advisers_fte"].mode == 330
