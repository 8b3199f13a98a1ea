"""Who is admitted, when and where: perimeters, dates, regions, shocks."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from deployments import scenario, tables
from shipped import A_YEAR_LATER, ADMITTED_AT_FIRST, EVERYWHERE, LAUNCH, PILOTS, changed, loads
from worlds import SHORT, deployed, identified

from cepsim.errors import ScenarioError
from cepsim.people.crowd import INTERVIEWS, SOURCES
from cepsim.people.profiles import PROFILES
from cepsim.people.routes import _after_accueil
from cepsim.people.stage_figures import StageFigures
from cepsim.scenario.vocabulary import (
    JOB_SEEKERS,
    PRIVATE_EMPLOYEES,
    PROJECTS,
    PUBLICS,
)
from cepsim.units import SECONDS_PER_DAY

# -- universel -----------------------------------------------------------------------------------------


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


# -- retard-loi ----------------------------------------------------------------------------------------


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


# -- regions-pilotes -----------------------------------------------------------------------------------


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


# -- choc-chomage --------------------------------------------------------------------------------------


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


# -- entretiens-pro ------------------------------------------------------------------------------------


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


# -- entree-ciblee -------------------------------------------------------------------------------------


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
