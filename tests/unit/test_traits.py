"""What people are, and who receives them."""

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
from deployments import tables
from worlds import deployed, entrants, identified

from cepsim.draws import DRAW_RANGE
from cepsim.errors import TableError
from cepsim.people.asking import registered_share
from cepsim.people.autonomy import autonomy_and_distance, joint_shares
from cepsim.people.crowd import CHANNELS, DISTANCES
from cepsim.people.market import NOBODY, Applicants, operators
from cepsim.people.profiles import PROFILES, served_as
from cepsim.scenario.vocabulary import (
    AUTONOMY,
    JOB_SEEKERS,
    OPERATORS,
    POPULATIONS,
    PRIVATE_EMPLOYEES,
    PROJECTS,
    PUBLICS,
    SCHOOL_LEAVERS,
)

#: Draws spread evenly: shares are met to one part in their number.
EVEN = np.linspace(0, DRAW_RANGE, 10_000, endpoint=False).astype(np.int64)


def evenly(limits, kinds):
    """Where these draws fall among limits."""
    return (limits[kinds] <= EVEN[:, None]).sum(axis=1).astype(np.uint8)


def close(found, share, count):
    """Within five standard deviations of a share observed over so many."""
    return abs(found - share) <= 5 * np.sqrt(share * (1 - share) / count)


def attribute(name):
    return tables().figure(f"publics.attribute.{name}").mode


# -- autonomy and distance -------------------------------------------------------------------------


@pytest.mark.parametrize("population", POPULATIONS)
def test_margins_of_autonomy_and_distance_are_those_of_the_tables(population):
    cells = joint_shares(tables(), population)
    assert cells.sum() == pytest.approx(1, abs=1e-8)
    assert (cells > 0).all()
    assert cells.sum(axis=1) == pytest.approx(
        [attribute(f"{population}.autonomy_{a}") for a in AUTONOMY], abs=1e-8
    )
    assert cells.sum(axis=0) == pytest.approx(
        [attribute(f"all.project_distance_{d}") for d in DISTANCES], abs=1e-8
    )


@pytest.mark.parametrize("population", POPULATIONS)
def test_the_autonomous_more_often_have_a_formed_project(population):
    cells = joint_shares(tables(), population)
    formed = cells[:, 0] / cells.sum(axis=1)
    assert formed[0] > formed[1] > formed[2]


def test_each_cell_is_drawn_at_its_share():
    codes = np.full(len(EVEN), 1)
    autonomy, distance = autonomy_and_distance(tables(), evenly, codes)
    found = np.zeros((3, 3))
    np.add.at(found, (autonomy, distance), 1 / len(EVEN))
    assert np.abs(found - joint_shares(tables(), "demandeurs_emploi")).max() < 2 / len(EVEN)


def test_a_level_that_nobody_has_is_never_drawn():
    none = tables().with_overrides(
        {
            f"publics.attribute.jeunes.autonomy_{name}": replace(
                tables().figure(f"publics.attribute.jeunes.autonomy_{name}"), low=v, mode=v, high=v
            )
            for name, v in (("high", 0.0), ("mid", 0.5), ("low", 0.5))
        }
    )
    autonomy, _ = autonomy_and_distance(none, evenly, np.full(len(EVEN), 2))
    assert set(autonomy.tolist()) == {1, 2}


# -- who receives whom -------------------------------------------------------------------------------


def applicants(public: str, **flags: bool) -> Applicants:
    """People of one public, one a draw."""
    nobody = np.zeros(len(EVEN), dtype=bool)
    named = {name: nobody | flags.get(name, False) for name in Applicants.__dataclass_fields__}
    return Applicants(**{**named, "public": np.full(len(EVEN), PUBLICS.index(public))})


def shares(codes):
    """(operator, share) of those that somebody has."""
    return {OPERATORS[c]: round(float((codes == c).mean()), 3) for c in set(codes.tolist()) if c != NOBODY}


@pytest.mark.parametrize(
    ("public", "flags", "expected"),
    [
        ("de_autres", {"disabled": True, "under_26": True}, {"cap_emploi": 0.22, "pole_emploi": 0.78}),
        ("de_autres", {"under_26": True, "cadre": True}, {"missions_locales": 0.6, "pole_emploi": 0.4}),
        ("de_fin_contrat_court", {"cadre": True}, {"apec": 0.25, "pole_emploi": 0.75}),
        ("de_licenciement_eco", {}, {"pole_emploi": 1.0}),
        ("sortants_formation_initiale", {}, {"missions_locales": 0.6, "pole_emploi": 0.4}),
        ("salaries_cdi", {"cadre": True}, {"apec": 0.7, "opacif": 0.3}),
        ("interimaires", {}, {"opacif": 1.0}),
        ("interimaires", {"registered": True}, {"pole_emploi": 0.5, "opacif": 0.5}),
        ("interimaires", {"registered": True, "cadre": True}, {"apec": 0.7, "opacif": 0.3}),
        ("interimaires", {"registered": True, "base": True}, {"opacif": 1.0}),
        ("de_autres", {"registered": True}, {"pole_emploi": 1.0}),
        ("independants", {}, {"opacif": 1.0}),
        ("agents_publics", {}, {"opacif": 1.0}),
    ],
)
def test_the_first_rule_of_the_market_that_applies_gives_the_shares(public, flags, expected):
    assert shares(operators(tables(), applicants(public, **flags), evenly)[0]) == expected


def test_private_employees_who_come_today_all_go_to_the_opacif():
    for cadre in (True, False):
        own, other = operators(tables(), applicants("salaries_cdi", base=True, cadre=cadre), evenly)
        assert shares(own) == {"opacif": 1.0}
        assert shares(other) == ({"apec": 1.0} if cadre else {})


@pytest.mark.parametrize(("public", "other"), [("salaries_cdi", "opacif"), ("de_autres", "pole_emploi")])
def test_who_goes_to_the_apec_of_his_own_accord_is_received_there(public, other):
    own, alternate = operators(tables(), applicants(public, base=True, own_way=True, cadre=True), evenly)
    assert shares(own) == {"apec": 1.0}
    assert shares(alternate) == {other: 1.0}


def test_one_may_be_sent_to_the_other_operator_that_the_shares_name():
    own, other = operators(tables(), applicants("de_autres", disabled=True), evenly)
    pair = {OPERATORS.index("cap_emploi"), OPERATORS.index("pole_emploi")}
    assert {frozenset(p) for p in zip(own.tolist(), other.tolist(), strict=True)} == {frozenset(pair)}


def test_where_the_shares_name_one_operator_nobody_is_sent_elsewhere():
    assert (operators(tables(), applicants("de_autres"), evenly)[1] == NOBODY).all()


def test_a_market_without_a_rule_for_somebody_is_refused():
    kept = {i: f for i, f in tables().figures.items() if "none_of_the_above" not in i}
    poorer = replace(tables(), figures=MappingProxyType(kept))
    with pytest.raises(TableError, match=r"market_shares\.csv: de_autres"):
        operators(poorer, applicants("de_autres"), evenly)


# -- people of a run ----------------------------------------------------------------------------------


def test_flows_have_their_own_door():
    people = identified("reference")
    why = people.index.get_level_values("why")
    assert set(people[why == "apec_flow"]["station"]) == {"apec.accueil"}
    assert set(people[why == "csp"]["station"]) <= {f"{operator}.accueil" for operator in OPERATORS}
    assert (people[why == "csp"]["station"] == "pole_emploi.accueil").mean() > 0.7
    others = people[~why.isin(["apec_flow", "csp"])]
    assert set(others["station"].str.split(".").str[1]) == {"telephone", "guichet"}
    employees = others[others["name_of_public"].isin(PRIVATE_EMPLOYEES)]
    assert set(employees["operator"]) == {"opacif"}
    assert (people.loc[why == "apec_flow", "asks"] == 1).all()
    assert (people.loc[why == "csp", "asks"] == 1).all()


def test_people_have_the_attributes_of_the_tables():
    people = identified("reference")
    why = people.index.get_level_values("why")
    seekers = people[people["name_of_public"].isin(JOB_SEEKERS) & (why != "apec_flow")]
    for name in ("under_26", "disability_recognised", "cadre"):
        column = {"disability_recognised": "disabled"}.get(name, name)
        assert close(seekers[column].mean(), attribute(f"demandeurs_emploi.{name}"), len(seekers)), name
    employees = people[people["name_of_public"].isin(PRIVATE_EMPLOYEES) & (why != "apec_flow")]
    assert close(employees["cadre"].mean(), attribute("salaries_prives.cadre"), len(employees))
    leavers = people[people["name_of_public"] == SCHOOL_LEAVERS]
    assert (leavers[["under_26", "disabled", "cadre", "registered"]] == 0).all().all()
    for public, mine in people.groupby("name_of_public"):
        assert close(mine["registered"].mean(), registered_share(tables(), public), len(mine)), public


def test_the_population_of_attributes_is_that_of_age_and_status():
    people = identified("reference")
    expected = np.where(
        people["name_of_public"].isin(PRIVATE_EMPLOYEES),
        0,
        np.where((people["name_of_public"] == SCHOOL_LEAVERS) | (people["under_26"] == 1), 2, 1),
    )
    assert (people["population"] == expected).all()


def test_job_seekers_are_admitted_when_registered_alone():
    people = identified("premiere-vague")
    after = people[people["arrival"] >= 0]
    seekers = after[after["name_of_public"].isin(JOB_SEEKERS)]
    assert (seekers["admitted"] == seekers["registered"]).all()
    assert 0.7 < seekers["admitted"].mean() < 0.9
    assert (after.loc[after["name_of_public"].isin(PRIVATE_EMPLOYEES), "admitted"] == 1).all()
    assert (after.loc[after["name_of_public"] == SCHOOL_LEAVERS, "admitted"] == 0).all()
    assert (people.loc[people["arrival"] < 0, "admitted"] == 0).all()
    assert (identified("reference")["admitted"] == 0).all()


def test_bilans_are_asked_for_at_the_share_of_the_stage_that_serves():
    people = identified("reference")
    employees = people[(people["operator"] == "opacif") & (people["population"] == 0)]
    share = tables().figure("stages.accueil.p_expert_bdc.salaries.all.actuelle.all").mode
    assert close(employees["bilan"].mean(), share, len(employees))
    assert (people.loc[(people["operator"] == "apec") & (people["population"] == 0), "bilan"] == 0).all()
    for operator, row in (("pole_emploi", "demandeurs_emploi"), ("missions_locales", "jeunes")):
        young = people[(people["population"] == 2) & (people["operator"] == operator)]
        share = tables().figure(f"stages.conseil.p_expert_bdc.{row}.all.all.all").mode
        assert close(young["bilan"].mean(), share, len(young)), operator


def test_projects_are_the_mix_of_the_intensity_received():
    for name, intensity, admitted in (("reference", "actuelle", 0), ("central", "centrale", 1)):
        people = identified(name)
        mine = people[(people["population"] == 0) & (people["admitted"] == admitted)]
        for number, project in enumerate(PROJECTS):
            share = tables().figure(f"stages.ingenierie.project_mix.salaries.all.{intensity}.{project}").mode
            assert close((mine["project"] == number).mean(), share, len(mine)), (name, project)


def test_working_time_is_that_of_employees_alone():
    people = identified("reference")
    employees = people["population"] == 0
    for stage in ("accueil", "conseil"):
        share = tables().figure(f"stages.{stage}.share_on_working_time.salaries.all.all.all").mode
        assert close(people.loc[employees, f"time_{stage}"].mean(), share, employees.sum())
        assert (people.loc[~employees, f"time_{stage}"] == 0).all()


def test_those_who_ask_for_an_accueil_are_the_share_of_their_source():
    where, people = deployed("reference"), identified("reference")
    asks = np.array([s.asks for s in where.sources])[entrants("reference").chosen.source]
    expected, variance = asks.sum(), (asks * (1 - asks)).sum()
    assert abs(people["asks"].sum() - expected) < 5 * np.sqrt(variance)


@pytest.mark.parametrize("name", ["reference", "central"])
def test_the_profile_of_a_person_is_named_after_what_he_is(name):
    people, names = identified(name), deployed(name).network.profile_names
    assert names == tuple(profile.name for profile in PROFILES)
    depth = people["admitted"] * (name == "central")
    for row in people.assign(depth=depth).sample(3000, random_state=1).itertuples():
        profile = PROFILES[row.profile]
        assert (profile.population, profile.depth) == (POPULATIONS[row.population], row.depth)
        assert profile.asks == (row.asks == 1)
        if row.asks:
            assert (profile.autonomy, profile.distance, profile.project) == (
                AUTONOMY[row.autonomy],
                DISTANCES[row.distance],
                PROJECTS[row.project],
            )


def test_profiles_have_names_of_their_own():
    assert len({profile.name for profile in PROFILES}) == len(PROFILES)


@pytest.mark.parametrize(
    ("population", "operator", "row"),
    [
        ("jeunes", "missions_locales", "jeunes"),
        ("demandeurs_emploi", "missions_locales", "jeunes"),
        ("jeunes", "pole_emploi", "demandeurs_emploi"),
        ("salaries", "apec", "salaries"),
        ("demandeurs_emploi", "apec", "demandeurs_emploi"),
    ],
)
def test_a_stage_reads_the_rows_of_those_it_serves(population, operator, row):
    assert served_as(population, operator) == row


def test_channels_are_shared_as_the_operator_s_first_contacts():
    people = identified("reference")
    for public, operator in (("salaries_cdi", "opacif"), ("de_autres", "all")):
        mine = people[(people["name_of_public"] == public) & (people["channel"] != CHANNELS.index("direct"))]
        share = tables().figure(f"stages.information.share_phone.all.{operator}.all.all").mode
        assert close((mine["channel"] == CHANNELS.index("telephone")).mean(), share, len(mine))
