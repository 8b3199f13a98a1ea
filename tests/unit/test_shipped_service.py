"""What is given and by whom: files, staff, depth, distance, overflow, hours."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from deployments import scenario, tables
from shipped import EVERYWHERE, after_launch, changed, figures_of, loads
from worlds import SEED, SHORT, deployed, entrants, identified, tape, variant

from cepsim.engine import compiled_engine
from cepsim.errors import ScenarioError
from cepsim.experiment.pipeline import Draws, Setting, people_of
from cepsim.network.arrays import CHOICE_BASE
from cepsim.people.deploy import deploy
from cepsim.people.loads import offered_loads
from cepsim.people.population_tape import draw_entrants
from cepsim.people.posts import lenders
from cepsim.people.profiles import PROFILES
from cepsim.people.remote import called_instead, remote_accueils
from cepsim.scenario.vocabulary import (
    OPERATORS,
    POPULATIONS,
    PRIVATE_EMPLOYEES,
)
from cepsim.trace import Reason
from cepsim.units import SECONDS_PER_DAY

# -- sans-ingenierie -----------------------------------------------------------------------------------


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


# -- central-dimensionne -------------------------------------------------------------------------------


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


# -- approfondi ----------------------------------------------------------------------------------------


def test_approfondi_asks_more_hours_of_the_same_staff_for_the_same_people():
    assert changed("approfondi") == {"service.intensity"}
    ours, theirs = (loads(name).xs("advisers", level="role") for name in ("approfondi", "central"))
    assert ours.loc["opacif", "hours_needed"] > theirs.loc["opacif", "hours_needed"]
    assert ours["hours_available"].equals(theirs["hours_available"])
    assert identified("approfondi", *SHORT).index.equals(identified("central", *SHORT).index)


# -- mutualise -----------------------------------------------------------------------------------------


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


# -- hors-temps-de-travail -----------------------------------------------------------------------------


def test_outside_working_time_employers_give_none_and_the_same_people_ask_with_the_same_staff():
    ours, theirs = identified("hors-temps-de-travail", *SHORT), identified("central", *SHORT)
    times = ["time_accueil", "time_conseil"]
    assert theirs[times].to_numpy().any()
    assert not ours[times].to_numpy().any()
    assert not theirs["bound"].any()
    moved = [*times, "bound"]
    assert ours.drop(columns=moved).equals(theirs.drop(columns=moved))
    assert deployed("hors-temps-de-travail", *SHORT).staff.equals(deployed("central", *SHORT).staff)
    ours, theirs = loads("hors-temps-de-travail"), loads("central")
    needed = ["people", "hours_needed"]
    assert ours[needed].equals(theirs[needed])
    # as many hours, but for whole advisers, at other times
    assert np.allclose(ours["hours_available"], theirs["hours_available"], rtol=0.02)


def test_outside_working_time_who_can_come_in_the_evening_alone_waits_longer_and_the_others_less():
    def waits(name):
        where, people, trace, _ = after_launch(name)
        visits = trace.visits.take(trace.visits.called >= 0)
        accueil = where.network.station_names.index("opacif.accueil")
        visits = visits.take(visits.queue % where.network.station_count == accueil)
        return visits.called - visits.joined, people.bound[visits.person] == 1

    ours, bound = waits("hors-temps-de-travail")
    theirs, nobody = waits("central")
    assert not nobody.any()
    assert ours[~bound].mean() < theirs.mean() < ours[bound].mean()


# -- a-distance ----------------------------------------------------------------------------------------


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
    _, of, _ = people_of(platform, None, Draws(SEED, 0))
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
