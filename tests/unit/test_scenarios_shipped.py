"""The variants of the central scenario: each moves what its debate is about, in the direction it says."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from deployments import scenario, tables
from worlds import SEED, SHORT, deployed, entrants, identified, tape, variant

from cepsim.costing import BILANS_BY_DEPTH, TRANSFERS, close, ledger, net_of, quantities
from cepsim.draws import DRAW_RANGE
from cepsim.engine import compiled_engine, simpy_engine
from cepsim.errors import ScenarioError
from cepsim.experiment.pipeline import Draws, Setting, _people, warm_up_scenario
from cepsim.laws import further_interviews
from cepsim.network.arrays import CHOICE_BASE
from cepsim.people.bilans import depth_hours, elapsed_seconds
from cepsim.people.crowd import INTERVIEWS, SOURCES
from cepsim.people.deploy import deploy
from cepsim.people.financer import FINANCED, who_take_back
from cepsim.people.loads import offered_loads
from cepsim.people.population_tape import draw_entrants, draw_people
from cepsim.people.posts import lenders
from cepsim.people.profiles import PROFILES, profiles_of
from cepsim.people.remote import called_instead, remote_accueils
from cepsim.people.routes import _after_accueil, _after_decision, _outside
from cepsim.people.stage_figures import StageFigures
from cepsim.people.story import Story
from cepsim.scenario import diff, list_scenarios
from cepsim.scenario.vocabulary import (
    ACCOUNT_HOLDERS,
    AUTONOMY,
    BILAN_DEPTHS,
    IN_WORK,
    JOB_SEEKERS,
    OPERATORS,
    POPULATIONS,
    PRIVATE_EMPLOYEES,
    PROJECTS,
    PUBLICS,
)
from cepsim.trace import Reason
from cepsim.units import SECONDS_PER_DAY

LAUNCH, A_YEAR_LATER = date(2015, 1, 1), date(2016, 1, 1)
ADMITTED_AT_FIRST = [public for wave in scenario("central").waves for public in wave.publics]
EVERYWHERE = tuple(region.code for region in tables().regions)
PILOTS = tuple(region.code for region in tables().regions if region.pilot)


def figures_of(operator: str, name: str) -> StageFigures:
    return StageFigures(operator, scenario(name), tables())


@cache
def after_launch(name: str):
    """A run of those who ask from launch on: its deployment, people, trace and state."""
    where = deployed(name, *SHORT)
    people, of = draw_people(where, seed=SEED, replication=0)
    after = of.arrival >= 0
    people, of = people.take(after), of.take(after)
    return where, people, *compiled_engine.run(where.network, of, None, 0, where.horizon.observed)


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


# -- mutualise ----------------------------------------------------------------------------------------


def test_mutualise_sends_on_those_admitted_alone_and_past_the_norm():
    assert changed("mutualise") == {"service.overflow", "staff.shared_platform"}
    network = deployed("mutualise", *SHORT).network
    s, branches, choices = network.stations, network.branches, network.choices
    # ten working days are two weeks
    assert set(choices.delay_threshold[choices.home >= 0].tolist()) == {14 * SECONDS_PER_DAY}
    telephone = network.station_names.index("opacif.telephone")
    for number, profile in enumerate(PROFILES):
        listed = s.route_served[telephone, number]
        to = branches.to[branches.start[listed] : branches.start[listed + 1]]
        assert (to >= CHOICE_BASE).any() == (profile.asks and profile.depth == 1), profile.name


def test_delays_are_published_on_mondays_at_midnight():
    where = deployed("mutualise", *SHORT)
    dates = [where.horizon.date_of(second) for second in where.network.choices.published_at.tolist()]
    assert {day.weekday() for day in dates} == {0}
    assert all(later - earlier == timedelta(days=7) for earlier, later in pairwise(dates))
    assert dates[0] - timedelta(days=7) < where.horizon.date_of(where.horizon.begin) <= dates[0]


def test_in_mutualise_people_change_places_in_queues_that_are_long():
    """The other of a cadre in work is the APEC or the OPACIF; of a young job seeker, the Missions locales."""
    where, who = deployed("mutualise", *SHORT), entrants("mutualise", *SHORT)
    network = where.network
    trace, _ = compiled_engine.run(
        network, tape("mutualise", *SHORT), None, where.horizon.begin, where.horizon.end
    )
    sent = trace.visits.take(trace.visits.reason == Reason.OVERFLOW)
    assert len(sent) > 0
    assert (sent.queue % network.station_count == who.alternate[sent.person]).all()
    assert who.crowd.admitted[sent.person].all()
    assert (sent.joined >= network.choices.published_at[0]).all()


def test_in_mutualise_one_platform_answers_the_calls_of_every_operator_with_the_posts_of_central():
    where, central = (deployed(name, *SHORT) for name in ("mutualise", "central"))
    network = where.network
    calls = [network.station_names.index(f"{operator}.telephone") for operator in OPERATORS]
    (team,) = set(network.queues.team[calls].tolist())
    assert where.teams["region"].iloc[team] == "national"
    assert set(where.staff.loc[where.staff["team"] == team, "operator"]) == set(OPERATORS)
    ours, theirs = (of.staff.groupby(["operator", "year"])["etp"].sum() for of in (where, central))
    assert np.allclose(ours, theirs)


def test_overflow_of_a_service_that_tells_nobody_apart_is_refused():
    with pytest.raises(ScenarioError, match=r"service\.overflow"):
        scenario("premiere-vague").derive({"service.overflow": True}, tables=tables())


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


# -- financement-mutualise ----------------------------------------------------------------------------


def test_a_mutualised_fund_pays_in_place_of_others_and_moves_nobody():
    fund = {f"financing.mutualised.{key}" for key in ("envelope_eur", "tariff_eur", "contributors")}
    assert changed("financement-mutualise") == {*fund, "costs.budget_lines"}
    where = deployed("financement-mutualise", *SHORT)
    people, of = draw_people(where, seed=SEED, replication=0)
    after = of.arrival >= 0
    people, of = people.take(after), of.take(after)
    trace, state = compiled_engine.run(where.network, of, None, 0, where.horizon.observed)
    found = ledger(where, quantities(where, people, trace, state))
    central = deployed("central", *SHORT)
    counted = quantities(central, people, trace, state)
    without = ledger(central, counted).rows.groupby("payer")["amount_cents"].sum()
    paid = found.rows.groupby("payer")["amount_cents"].sum()
    assert paid.sum() == without.sum()
    assert paid["fpspp"] > 0
    assert "fpspp" not in without
    for payer in ("contribution_cif_employeurs", "unedic", "collectivites"):
        assert paid[payer] < without[payer]
    entering = counted[counted["quantity"] == "persons_entering_conseil"]["value"].sum()
    assert 0 < found.fund["paths"].sum() <= entering
    assert found.fund["paid_cents"].sum() <= found.fund["paths"].sum() * 500_00


# -- hors-temps-de-travail ----------------------------------------------------------------------------


def test_outside_working_time_employers_give_none_and_nothing_else_moves():
    ours, theirs = identified("hors-temps-de-travail", *SHORT), identified("central", *SHORT)
    times = ["time_accueil", "time_conseil"]
    assert theirs[times].to_numpy().any()
    assert not ours[times].to_numpy().any()
    assert ours.drop(columns=times).equals(theirs.drop(columns=times))
    assert loads("hors-temps-de-travail").equals(loads("central"))


# -- a-distance ---------------------------------------------------------------------------------------


def test_at_a_distance_first_the_same_people_telephone_in_place_of_coming():
    assert changed("a-distance") == {"service.remote_first"}
    ours, theirs = identified("a-distance", *SHORT), identified("central", *SHORT)
    assert ours.index.equals(theirs.index)
    moved = ours["station"] != theirs["station"]
    where = ours["station"].str.split(".").str[1]
    assert set(where[moved]) == {"telephone"}
    assert set(theirs["station"][moved].str.split(".").str[1]) == {"guichet"}
    assert (ours["admitted"][moved] == 1).all()
    columns = [name for name in theirs if name not in ("station", "remote", "profile")]
    assert ours[columns].equals(theirs[columns])
    came = (ours["admitted"] == 1) & (ours.index.get_level_values("by") == "face_to_face")
    for public in ("salaries_cdi", "de_autres"):
        here = came & (ours["name_of_public"] == public)
        expected = called_instead(tables(), public)
        assert 0 < expected < 1
        assert abs(moved[here].mean() - expected) < 4 * np.sqrt(0.25 / here.sum())
    # not one of those who are at a distance is there by chance of another draw: who calls is remote first
    employees = moved & ours["name_of_public"].isin(PRIVATE_EMPLOYEES)
    assert (ours["remote"][employees] == 1).mean() > (ours["remote"][ours["admitted"] == 1]).mean()


def test_an_accueil_at_a_distance_is_shorter_and_missed_less_and_no_other_interview_moves():
    of, shares = figures_of("opacif", "a-distance"), remote_accueils(tables())
    near = {replace(p, remote=False): p for p in of.profiles if p.remote}
    assert len(near) == len([p for p in PROFILES if p.asks and p.depth])
    shown = {stage: of.no_shows(stage) for stage in ("accueil", "conseil")}
    where = deployed("a-distance", *SHORT).network
    s, names = where.stations, list(where.station_names)
    number = {p: rank for rank, p in enumerate(of.profiles)}
    means = where.tables[:, : 2**16].mean(axis=1)
    for face, far in near.items():
        assert shown["accueil"][far.name] == pytest.approx(0.7 * shown["accueil"][face.name])
        assert shown["conseil"][far.name] == shown["conseil"][face.name]
        for operator in OPERATORS:
            inside = figures_of(operator, "a-distance").is_marginal(far)
            assert inside == (operator == "pole_emploi" and far.population != "salaries")
            at = names.index(f"{operator}.accueil")
            lengths = means[s.service[at, [number[far], number[face]]]]
            assert lengths[0] / lengths[1] == pytest.approx(1.0 if inside else 0.8, abs=0.01)
            for other in ("conseil", "formalisation", "ingenierie"):
                here = names.index(f"{operator}.{other}")
                assert s.service[here, number[far]] == s.service[here, number[face]]
    ours = identified("a-distance", *SHORT)
    employees = (ours["admitted"] == 1) & ours["name_of_public"].isin(PRIVATE_EMPLOYEES)
    expected = shares[POPULATIONS.index("salaries")]
    assert abs(ours["remote"][employees].mean() - expected) < 4 * np.sqrt(0.25 / employees.sum())
    assert not ours["remote"][ours["admitted"] == 0].any()


def test_at_a_distance_first_desks_have_less_to_do_and_the_platform_more():
    ours, theirs = (loads(name)["hours_needed"] for name in ("a-distance", "central"))
    assert ours["opacif", "advisers"] < theirs["opacif", "advisers"]
    for operator in OPERATORS:
        assert ours[operator, "first_line"] < theirs[operator, "first_line"]
    platform = [
        offered_loads(deployed(n, *SHORT), [entrants(n, *SHORT)]).set_index("region")
        for n in ("a-distance", "central")
    ]
    assert platform[0].loc["national", "hours_needed"] > platform[1].loc["national", "hours_needed"]


def test_at_a_distance_first_some_posts_of_desks_answer_the_telephone_and_no_post_is_added():
    ours, theirs = (deployed(n, *SHORT) for n in ("a-distance", "central"))
    assert ours.staff["etp"].sum() == pytest.approx(theirs.staff["etp"].sum())
    desk = ours.network.team_names.index("pole_emploi.first_line.face_to_face.94")
    etp = [of.staff.query(f"team == {desk} and year == 2015")["etp"].sum() for of in (ours, theirs)]
    assert etp[0] / etp[1] == pytest.approx(1 - 0.3)
    moved = ours.staff.merge(theirs.staff, on=["team", "year", "character"])
    changed_teams = set(moved.loc[~np.isclose(moved["etp_x"], moved["etp_y"]), "team"])
    assert set(theirs.teams.loc[sorted(changed_teams), "operator"]) == {"pole_emploi"}
    assert len(changed_teams) == 2


def test_who_calls_the_platform_in_place_of_coming_is_drawn_there():
    regions = ("74", "94")
    setting = Setting.of(variant("a-distance", *SHORT), tables(), regions)
    platform = next(part for part in setting.parts if not part.is_home)
    _, of, _ = _people(platform, None, Draws(SEED, 0))
    who = entrants("a-distance", *SHORT, regions=regions)
    where = deployed("a-distance", *SHORT, regions=regions)
    assert of.person_count == (who.entry == where.network.station_names.index("pole_emploi.telephone")).sum()


def test_first_lines_hold_the_meetings_that_they_can_where_meetings_come_first():
    seats = {}
    for name in ("a-distance", "central"):
        held = deployed(name, *SHORT, regions=("53",))
        by = {
            held.network.team_names[t].split(".")[0]: share
            for _, t, share in held.sessions.itertuples(index=False)
        }
        seats[name] = by
    assert set(seats["central"].values()) == {0.05}
    assert set(seats["a-distance"]) >= set(seats["central"])
    for operator, share in seats["a-distance"].items():
        assert seats["central"].get(operator, 0.0) < share <= 0.15


# -- bilan-module -------------------------------------------------------------------------------------


def test_a_bilan_that_is_a_module_is_as_deep_as_autonomy_says_and_returned_with_consent():
    assert changed("bilan-module") == {"service.bilan"}
    ours, theirs = identified("bilan-module", *SHORT), identified("central", *SHORT)
    assert ours.index.equals(theirs.index)
    own = ["bilan_depth", "returned", "profile"]
    assert ours.drop(columns=own).equals(theirs.drop(columns=own))
    concerned = (ours["bilan"] == 1) & (ours["admitted"] == 1)
    assert ((ours["bilan_depth"] > 0) == concerned).all()
    assert concerned[ours["returned"] == 1].all()
    employees = concerned & ours["name_of_public"].isin(IN_WORK)
    consent = tables().figure("stages.conseil.p_consent_synthese.all.all.all.all").mode
    accepted = tables().figure("stages.conseil.p_bdc_acceptance.salaries.all.all.all").mode
    assert abs(ours["returned"][employees].mean() - consent * accepted) < 4 * np.sqrt(0.25 / employees.sum())
    for rank, level in enumerate(AUTONOMY):
        here = ours["bilan_depth"][concerned & (ours["autonomy"] == rank)]
        for depth, name in enumerate(BILAN_DEPTHS, 1):
            id_ = f"stages.conseil.bdc_depth_autonomy_{level}_{name}.all.all.all.all"
            expected = tables().figure(id_).mode
            assert abs((here == depth).mean() - expected) < 4 * np.sqrt(0.25 / len(here))


def test_those_whose_bilan_is_returned_and_they_alone_have_the_shorter_conseil_after_it():
    ours, theirs = identified("bilan-module", *SHORT), identified("central", *SHORT)
    told_apart = profiles_of(scenario("bilan-module"))
    returned = (ours["returned"] == 1) & (ours["asks"] == 1)
    assert returned.any()
    assert ours["profile"][~returned].equals(theirs["profile"][~returned])
    for row in ours[returned].itertuples():
        profile = told_apart[row.profile]
        assert (profile.returned, profile.notice) == (row.bilan_depth, row.time_conseil == 1)
    mode, whose = figures_of("opacif", "bilan-module"), figures_of("opacif", "central")
    draws = np.linspace(0, DRAW_RANGE, 500, endpoint=False).astype(np.int64).tolist()
    saved = tables().figure("stages.conseil.interviews_saved_with_synthese.all.all.all.all").mode
    assert saved == 1
    for profile in (p for p in told_apart if p.returned and p.population == "salaries"):
        plain = replace(profile, returned=0, notice=False)
        means = [f.mean_interviews(p) for f, p in ((mode, profile), (whose, plain))]
        assert means[0] == max(1.0, means[1] - 1.0)
        planned = [
            [1 + further_interviews(round((mean - 1.0) * DRAW_RANGE), 99, d) for d in draws] for mean in means
        ]
        assert planned[0] == [max(1, number - 1) for number in planned[1]]
        later = mode.before_conseil(profile).mean_s - whose.before_conseil(plain).mean_s
        assert later == pytest.approx(elapsed_seconds(tables(), profile.returned, profile.notice))


def test_depth_and_notice_make_the_bilan_last():
    days = [elapsed_seconds(tables(), rank, notice=False) / SECONDS_PER_DAY for rank in (1, 2, 3)]
    assert days == pytest.approx([75 * hours / 20 for hours in depth_hours(tables())])
    assert elapsed_seconds(tables(), 1, notice=True) / SECONDS_PER_DAY == pytest.approx(days[0] + 60)


def test_a_job_seeker_s_bilan_is_returned_where_there_are_psychologists_alone():
    profile = next(
        p for p in profiles_of(scenario("bilan-module")) if p.returned and p.population == "jeunes"
    )
    got = [o for o in OPERATORS if figures_of(o, "bilan-module").gets_synthesis(profile)]
    assert got == ["pole_emploi"]


def test_without_consent_nothing_is_returned_and_nobody_s_conseil_moves():
    never = {"low": 0.0, "mode": 0.0, "high": 0.0, "reason": "nobody consents"}
    alone = ("figures.stages.conseil.p_consent_synthese.all.all.all.all", never)
    ours = identified("bilan-module", *SHORT, regions=("94",)), identified("central", *SHORT)
    found = draw_entrants(
        deploy(scenario("bilan-module").derive(dict([*SHORT, alone]), tables=tables()), tables(), ("94",)),
        seed=SEED,
        replication=0,
    )
    assert ours[0]["returned"].any()
    assert not found.crowd.returned.any()
    assert (found.profile == ours[1]["profile"].to_numpy()).all()
    assert (found.crowd.bilan_depth == ours[0]["bilan_depth"].to_numpy()).all()


def test_bilans_are_priced_by_depth_and_cheaper_ones_are_money_saved():
    where, people, trace, state = after_launch("bilan-module")
    counted = quantities(where, people, trace, state)
    found = ledger(where, counted)
    close(found, counted)
    by_nature = found.rows.groupby("nature")[["quantity", "amount_cents"]].sum()
    assert "bilan_conge" not in by_nature.index
    each = by_nature["amount_cents"] / by_nature["quantity"]
    assert each[list(BILANS_BY_DEPTH)].tolist() == [68000, 136000, 204000]
    # the same people, with bilans of one length
    one_length = replace(people, bilan_depth=np.zeros(len(people), dtype=np.int8))
    beside = replace(where, scenario=where.scenario.derive({"service.bilan": "beside"}, tables=tables()))
    other = ledger(beside, quantities(beside, one_length, trace, state))
    bilans = other.rows[other.rows["nature"] == "bilan_conge"]
    assert by_nature.loc[list(BILANS_BY_DEPTH), "quantity"].sum() == bilans["quantity"].sum()
    net = net_of(found, other, by=()).iloc[0]
    cheaper = by_nature.loc[list(BILANS_BY_DEPTH), "amount_cents"].sum() - bilans["amount_cents"].sum()
    assert net["new_money_cents"] == net["net_cents"] == cheaper < 0
    assert net["services_not_rendered_cents"] == 0
    # half of the people: bilans that nobody renders are no saving, those rendered are cheaper all the same
    few = counted.assign(value=counted["value"].where(~counted["quantity"].str.startswith("bilans_"), 0))
    fewer = net_of(ledger(where, few[few["value"] > 0]), other, by=()).iloc[0]
    assert fewer["services_not_rendered_cents"] == -bilans["amount_cents"].sum()
    assert fewer["new_money_cents"] == 0


@pytest.mark.parametrize("key", [("service.bilan", "module"), ("service.remote_first", True)])
def test_a_choice_for_the_admitted_needs_an_intensity_that_tells_them_apart(key):
    with pytest.raises(ScenarioError, match=key[0].replace(".", r"\.")):
        scenario("premiere-vague").derive(dict([key]), tables=tables())


def test_accounts_pay_for_bilans_of_one_length_alone():
    with pytest.raises(ScenarioError, match=r"financing\.charged_to_cpf"):
        scenario("cpf").derive({"service.bilan": "module"}, tables=tables())


# -- conseil-separe-du-financeur ----------------------------------------------------------------------


def test_a_financer_apart_takes_files_up_later_and_sends_some_back_at_the_opacif_alone():
    ours = scenario("conseil-separe-du-financeur")
    assert {key for key, _, _ in diff(scenario("sans-ingenierie"), ours)} == {"service.financer_apart"}
    gap = tables().figure("stages.ingenierie.handover_to_financer.all.opacif.all.all").mode_in_base
    refused = tables().figure("stages.ingenierie.p_refused_after_handover.all.opacif.all.all").mode
    for operator in OPERATORS:
        apart, together = (figures_of(operator, n) for n in (ours.name, "sans-ingenierie"))
        for profile in PROFILES:
            handed = operator == "opacif" and profile.depth == 1 and profile.project in FINANCED
            begins, ends = _outside(apart, profile, 1.0), _after_decision(apart, profile)
            if not handed:
                assert begins == _outside(together, profile, 1.0)
                assert ends == _after_decision(together, profile)
                continue
            assert begins.gap.mean_s == gap
            assert {b.to: b.share for b in ends} == {"sent_back": refused, "completed": 1.0 - refused}


def test_files_handed_over_are_read_again_at_a_cost_and_nothing_before_them_moves():
    name = "conseil-separe-du-financeur"
    assert loads(name).equals(loads("sans-ingenierie"))
    assert identified(name, *SHORT).equals(identified("sans-ingenierie", *SHORT))
    where, people, trace, state = after_launch(name)
    counted = quantities(where, people, trace, state)
    read = counted[counted["quantity"] == "instruction_s"]
    known = where.network.station_names
    visits = Story.of(where.network, trace, state).visits
    person = visits.person[visits.queue % where.network.station_count == known.index("opacif.dossier")]
    files = np.isin(people.project[person], [PROJECTS.index(p) for p in FINANCED]).sum()
    assert files > 20
    assert read["value"].sum() == files * 1800
    assert set(read["operator"]) == {"opacif"}
    assert set(read["character"]) == {"nouveau_recurrent"}
    found = ledger(where, counted)
    close(found, counted)
    cost = found.rows.loc[found.rows["nature"] == "instruction_repeated", "amount_cents"].sum()
    assert cost == pytest.approx(files * 0.5 * 75_000_00 / 1607 / 0.55, rel=1e-3)
    _, _, before, _ = after_launch("sans-ingenierie")
    first = [
        of.visits.take(of.visits.queue % where.network.station_count < known.index("opacif.dossier"))
        for of in (trace, before)
    ]
    assert len(first[0]) == len(first[1]) > 1000
    exits = {n: {where.network.exit_names[e] for e in of.exits.exit} for n, of in ((0, trace), (1, before))}
    assert "sent_back" not in exits[1]


def test_a_body_apart_has_no_other_work_for_advisers_whom_cep_leaves_free():
    apart, together = scenario("conseil-separe-du-financeur"), scenario("sans-ingenierie")
    assert lenders(apart, tables()) == lenders(together, tables()) == who_take_back(together, tables())
    assert set(lenders(apart, tables())) - set(who_take_back(apart, tables())) == {"opacif"}


# -- both engines -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a-distance", "bilan-module", "conseil-separe-du-financeur"])
def test_both_engines_give_the_same_trace(name):
    where = deployed(name, *SHORT)
    _, of = draw_people(where, seed=SEED, replication=0)
    of = of.take(np.flatnonzero(of.arrival >= 0)[:1500])
    (one, left), (other, rest) = (
        run(where.network, of, None, 0, where.horizon.observed)
        for run in (compiled_engine.run, simpy_engine.run)
    )
    assert one.equals(other)
    assert left.equals(rest)


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
