"""What is asked at each stage and where people go next: the means of the tables hold."""

from dataclasses import replace
from itertools import product
from types import MappingProxyType

import numpy as np
import pytest
from deployments import tables
from worlds import deployed, variant

from cepsim.draws import DRAW_RANGE
from cepsim.errors import TableError
from cepsim.laws import further_interviews
from cepsim.network import NetworkBuilder
from cepsim.network.arrays import CHOICE_BASE, NO_TABLE
from cepsim.people.autonomy import joint_shares
from cepsim.people.crowd import DISTANCES
from cepsim.people.loads import table_means
from cepsim.people.profiles import PROFILES, served_as
from cepsim.people.routes import repeat_max, repeat_probability
from cepsim.people.stage_figures import StageFigures
from cepsim.people.stations import EXITS, STATIONS, OperatorStations
from cepsim.scenario.vocabulary import AUTONOMY, OPERATORS, POPULATIONS, STAGES

NAMES = ("reference", "central")
HOUR = 3600


def figures(operator="opacif", name="reference", *changes, **overridden):
    of = variant(name, *changes)
    return StageFigures(operator, of, with_values(overridden) if overridden else tables())


def with_values(values):
    return tables().with_overrides(
        {id_: replace(tables().figure(id_), low=v, mode=v, high=v) for id_, v in values.items()}
    )


def profiles(population, depth, **others):
    """Profiles of a population and depth that ask for an accueil."""
    return [
        p
        for p in PROFILES
        if p.asks
        and (p.population, p.depth) == (population, depth)
        and all(getattr(p, k) == v for k, v in others.items())
    ]


def station(name, operator, where):
    return where.network.station_names.index(f"{operator}.{name}")


def shares_on(where, origin, profile, after="served"):
    """{destination: share} of the branches taken after a visit."""
    s, b = where.network.stations, where.network.branches
    listed = getattr(s, f"route_{after}")[origin, PROFILES.index(profile)]
    names, choices = where.network.station_names, where.network.choice_names
    first, last = b.start[listed], b.start[listed + 1]
    cuts = np.diff(np.concatenate([[0], b.threshold[first:last]])) / DRAW_RANGE
    exits = where.network.exit_names
    known = {CHOICE_BASE + rank: name for rank, name in enumerate(choices)} | dict(enumerate(names))
    ends = [exits[-1 - to] if to < 0 else known[to] for to in b.to[first:last].tolist()]
    found = {}
    for end, share in zip(ends, cuts.tolist(), strict=True):
        found[end] = found.get(end, 0.0) + share
    return found


# -- means that must hold -----------------------------------------------------------------------------


@pytest.mark.parametrize(("operator", "population", "depth"), list(product(OPERATORS, POPULATIONS, (0, 1))))
def test_the_mean_number_of_interviews_is_the_table_s_for_every_population(operator, population, depth):
    of = figures(operator, "central")
    table = of.mode("conseil", "interviews", profiles(population, depth)[0])
    weights = joint_shares(tables(), population).sum(axis=1)
    means = [of.mean_interviews(profiles(population, depth, autonomy=level)[0]) for level in AUTONOMY]
    assert weights @ means == pytest.approx(table, abs=1e-8)
    assert 1 <= means[0] <= means[1] <= means[2]
    where = deployed("central")
    stations = where.network.stations
    conseil = station("conseil", operator, where)
    for level, mean in zip(AUTONOMY, means, strict=True):
        number = PROFILES.index(profiles(population, depth, autonomy=level)[0])
        further = int(stations.series_mean[conseil, number])
        draws = np.linspace(0, DRAW_RANGE, 1000, endpoint=False).astype(np.int64).tolist()
        held = [1 + further_interviews(further, int(stations.series_max[conseil]), d) for d in draws]
        assert np.mean(held) == pytest.approx(mean, abs=2e-3)
        assert min(held) >= 1


@pytest.mark.parametrize(
    ("name", "operator", "population", "depth", "direct", "conseil"),
    [
        ("reference", "opacif", "salaries", 0, 0.35, 0.40),
        ("central", "opacif", "salaries", 1, 0.35, 0.40),
        ("approfondi", "opacif", "salaries", 1, 0.35, 0.45),
        ("central", "pole_emploi", "demandeurs_emploi", 1, 0.05, 0.25),
        ("central", "pole_emploi", "jeunes", 1, 0.05, 0.25),
        ("central", "missions_locales", "jeunes", 0, 0.05, 0.35),
        ("central", "apec", "salaries", 1, 0.35, 0.40),
    ],
)
def test_shares_going_on_after_the_accueil_are_the_tables_for_every_population(
    name, operator, population, depth, direct, conseil
):
    deep = (("service.intensity", "approfondie"),) if name == "approfondi" else ()
    where = deployed("central", *deep) if deep else deployed(name)
    origin = station("accueil", operator, where)
    weights = joint_shares(tables(), population)
    found = np.zeros(2)
    for (row, autonomy), (column, distance) in product(enumerate(AUTONOMY), enumerate(DISTANCES)):
        mine = profiles(population, depth, autonomy=autonomy, distance=distance)
        means = []
        for profile in mine:
            on = shares_on(where, origin, profile)
            to_file = sum(on.get(f"{operator}.{s}", 0.0) for s in ("ingenierie", "dossier"))
            means.append([to_file, on.get(f"{operator}.conseil", 0.0)])
        found += weights[row, column] * np.mean(means, axis=0)
    assert found == pytest.approx([direct, conseil], abs=1e-8)


def test_a_share_above_that_of_people_with_an_idea_takes_people_without_a_project():
    where = deployed("central", ("service.intensity", "approfondie"))
    origin = station("accueil", "opacif", where)
    (idea,) = {
        shares_on(where, origin, p)["opacif.conseil"] for p in profiles("salaries", 1, distance="idea")
    }
    (none,) = {
        shares_on(where, origin, p)["opacif.conseil"] for p in profiles("salaries", 1, distance="none")
    }
    assert (idea, none) == (1.0, pytest.approx(0.05 / 0.25))


def test_shares_that_nobody_is_left_to_meet_are_refused():
    both = {
        "stages.accueil.p_conseil.salaries.all.actuelle.all": 0.6,
        "stages.accueil.p_ingenierie_direct.salaries.all.all.all": 0.45,
    }
    builder = NetworkBuilder(profiles=[p.name for p in PROFILES])
    with pytest.raises(TableError, match="p_ingenierie_direct and p_conseil"):
        OperatorStations("opacif", variant("reference"), with_values(both)).add_to(builder)


@pytest.mark.parametrize(("name", "share"), [("reference", 0.20), ("central", 0.10)])
def test_contacts_per_person_are_one_over_one_less_the_share_of_repeats(name, share):
    of = figures(name=name)
    again, most = repeat_probability(of), repeat_max(of)
    assert sum(again**n for n in range(most + 1)) == pytest.approx(1 / (1 - share), abs=1e-9)
    where = deployed(name)
    for channel in ("telephone", "guichet"):
        origin, further = (station(s, "opacif", where) for s in (channel, f"{channel}_repeat"))
        for at in (origin, further):
            found = shares_on(where, at, PROFILES[0])
            assert found[f"opacif.{channel}_repeat"] == pytest.approx(again, abs=1e-9)
        b = where.network.branches
        listed = where.network.stations.route_served[origin, 0]
        assert b.repeat_max[b.start[listed]] == most


def test_more_repeats_than_further_contacts_allow_are_refused():
    few = {"calendar.asked_again_max.all": 1.0, "demand.all.contacts.repeat_contact_share": 0.55}
    with pytest.raises(TableError, match=r"expected at most 0\.5, what 1 further contacts allow"):
        repeat_probability(figures(**few))


# -- durations -----------------------------------------------------------------------------------------


def mean_of(where, table):
    return 0.0 if table == NO_TABLE else table_means(where.network.tables)[table]


@pytest.mark.parametrize(
    ("name", "operator", "stage", "population", "depth", "minutes", "after"),
    [
        ("reference", "opacif", "accueil", "salaries", 0, 30, 10),
        ("reference", "opacif", "conseil", "salaries", 0, 60, 15),
        ("central", "opacif", "accueil", "salaries", 1, 45, 15),
        ("central", "opacif", "accueil", "salaries", 0, 30, 10),
        ("central", "opacif", "conseil", "salaries", 1, 60, 20),
        ("central", "opacif", "formalisation", "salaries", 1, 45, 30),
        ("reference", "pole_emploi", "accueil", "demandeurs_emploi", 0, 10, 0),
        ("reference", "pole_emploi", "accueil", "jeunes", 0, 10, 0),
        ("reference", "apec", "accueil", "demandeurs_emploi", 0, 50, 15),
        ("reference", "cap_emploi", "accueil", "demandeurs_emploi", 0, 50, 15),
        ("reference", "apec", "accueil", "salaries", 0, 30, 10),
        ("reference", "missions_locales", "accueil", "jeunes", 0, 50, 15),
        ("reference", "missions_locales", "conseil", "jeunes", 0, 75, 30),
        ("reference", "pole_emploi", "formalisation", "demandeurs_emploi", 0, 60, 45),
    ],
)
def test_interviews_and_what_follows_them_last_what_the_tables_say(
    name, operator, stage, population, depth, minutes, after
):
    where = deployed(name)
    s, at = where.network.stations, station(stage, operator, where)
    for profile in profiles(population, depth)[::7]:
        number = PROFILES.index(profile)
        assert mean_of(where, s.service[at, number]) == pytest.approx(60 * minutes, abs=0.5)
        assert mean_of(where, s.back_office[at, number]) == pytest.approx(60 * after, abs=0.5)
        # the slot is the interview alone, to the quarter of an hour above
        assert s.planned_slot[at, number] == np.ceil(minutes / 15) * 900


def test_a_distinct_accueil_of_job_seekers_is_an_interview_of_its_own():
    where = deployed("central", ("service.accueil_job_seekers", "distinct"))
    s, at = where.network.stations, station("accueil", "pole_emploi", where)
    number = PROFILES.index(profiles("demandeurs_emploi", 1)[0])
    assert mean_of(where, s.service[at, number]) == pytest.approx(3000, abs=0.5)
    assert mean_of(where, s.back_office[at, number]) == pytest.approx(900, abs=0.5)


def test_employees_have_their_project_written_in_the_last_interview_today():
    where = deployed("reference")
    s, conseil = where.network.stations, station("conseil", "opacif", where)
    profile = profiles("salaries", 0)[0]
    assert shares_on(where, conseil, profile) == {
        "dropped_out": pytest.approx(0.25),
        "opacif.dossier": pytest.approx(0.75 * 0.55),
        "completed": pytest.approx(0.75 * 0.45),
    }
    at, number = station("formalisation", "opacif", where), PROFILES.index(profile)
    assert s.planned_slot[at, number] == 0
    after = shares_on(deployed("central"), conseil, profiles("salaries", 1)[0])
    assert after == {"dropped_out": pytest.approx(0.25), "opacif.formalisation": pytest.approx(0.75)}


@pytest.mark.parametrize(
    ("name", "changes", "hours"),
    [
        ("reference", (), 0),
        ("central", (), {"formation": 2, "vae": 1.5, "mobilite_externe": 1.25, "creation_reprise": 2}),
        ("central", (("service.intensity", "approfondie"),), {"formation": 4, "vae": 3}),
        ("central", (("service.engineering", "out"),), 0),
    ],
)
def test_a_file_takes_adviser_time_only_where_cep_advisers_put_it_together(name, changes, hours):
    where = deployed(name, *changes) if changes else deployed(name)
    depth = int(name == "central")
    s, at = where.network.stations, station("ingenierie", "opacif", where)
    for project in hours or ("formation", "vae"):
        (profile,) = profiles("salaries", depth, project=project, distance="formed", autonomy="low")
        on = shares_on(where, station("accueil", "opacif", where), profile)
        if not hours:
            assert on["opacif.dossier"] == 1.0
            continue
        assert on["opacif.ingenierie"] == 1.0
        lasts = mean_of(where, s.service[at, PROFILES.index(profile)])
        assert lasts == pytest.approx(HOUR * hours[project], abs=0.5)
    # those who get today's service have their files put together elsewhere
    today = profiles("salaries", 0, project="formation", distance="formed")[0]
    assert shares_on(where, station("accueil", "opacif", where), today)["opacif.dossier"] == 1.0


@pytest.mark.parametrize(
    ("population", "project", "preparation", "decision"),
    [
        ("salaries", "formation", 75, 45),
        ("salaries", "vae", 45, 30),
        ("demandeurs_emploi", "formation", 75, 30),
    ],
)
def test_files_are_gathered_and_decided_in_the_time_of_their_project(
    population, project, preparation, decision
):
    where = deployed("reference")
    number = PROFILES.index(profiles(population, 0, project=project)[0])
    for name, days in (("dossier", preparation), ("decision", decision)):
        at = station(name, "opacif" if population == "salaries" else "pole_emploi", where)
        assert mean_of(where, where.network.stations.service[at, number]) == pytest.approx(
            86400 * days, rel=1e-5
        )
        assert where.network.queues.team[at] == -1


@pytest.mark.parametrize(
    ("operator", "population", "hazard"),
    [
        ("opacif", "salaries", 0.04),
        ("pole_emploi", "demandeurs_emploi", 0.02),
        ("missions_locales", "jeunes", 0.07),
    ],
)
def test_of_those_who_wait_the_weekly_share_of_the_tables_gives_up(operator, population, hazard):
    where = deployed("reference")
    s, number = where.network.stations, PROFILES.index(profiles(population, 0)[0])
    for stage in ("accueil", "conseil", "formalisation"):
        mean = mean_of(where, s.patience[station(stage, operator, where), number])
        assert 1 - np.exp(-7 * 86400 / mean) == pytest.approx(hazard, rel=1e-4)
    assert s.patience[station("ingenierie", operator, where), number] == NO_TABLE


def test_first_contacts_last_and_are_waited_for_as_the_tables_say():
    where = deployed("central")
    s = where.network.stations
    for operator, (channel, minutes, patience) in product(
        OPERATORS,
        (("telephone", 7, 3), ("telephone_repeat", 7, 3), ("guichet", 15, 45), ("guichet_repeat", 15, 45)),
    ):
        at = station(channel, operator, where)
        for number in (0, 5, 40):
            assert mean_of(where, s.service[at, number]) == pytest.approx(60 * minutes, abs=0.5)
            assert mean_of(where, s.patience[at, number]) == pytest.approx(60 * patience, abs=0.5)
            assert s.retry[at, number] == pytest.approx(0.8 * DRAW_RANGE, abs=1)
        assert (s.retry_max[at], s.retry_open_days[at], s.lost_when_closed[at]) == (4, 1, 1)


def test_who_gets_no_first_answer_is_lost_and_who_gets_no_second_keeps_the_first():
    where = deployed("reference")
    silent, asking = PROFILES[0], profiles("salaries", 0)[0]
    for channel in ("telephone", "guichet"):
        first, repeat = (station(s, "opacif", where) for s in (channel, f"{channel}_repeat"))
        for profile, onward in ((silent, "satisfied"), (asking, "opacif.accueil")):
            assert shares_on(where, first, profile, "lost") == {"lost_call": 1.0}
            assert shares_on(where, repeat, profile, "lost") == {onward: 1.0}


def test_nobody_is_sent_to_another_operator_today_and_an_eighth_may_be_tomorrow():
    where = deployed("central")
    s, at = where.network.stations, station("accueil", "opacif", where)
    for profile in PROFILES:
        share = s.refer[at, PROFILES.index(profile)] / DRAW_RANGE
        assert share == pytest.approx(0.12 if profile.depth else 0.0, abs=1e-9)
    assert not deployed("reference").network.stations.refer.any()


def test_every_no_show_has_its_share_its_slot_and_two_new_dates_at_most():
    where = deployed("reference")
    s = where.network.stations
    for operator, stage in product(OPERATORS, ("accueil", "conseil", "formalisation")):
        at = station(stage, operator, where)
        assert (s.no_show_slot[at], s.rebook_max[at]) == (900, 2)
        for number, profile in enumerate(PROFILES):
            share = {"salaries": 0.10, "demandeurs_emploi": 0.18, "jeunes": 0.25}
            wanted = share[served_as(profile.population, operator)]
            assert s.no_show[at, number] / DRAW_RANGE == pytest.approx(wanted, abs=1e-9)
            assert s.rebook[at, number] / DRAW_RANGE == pytest.approx(0.6, abs=1e-9)


# -- the whole --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_station_leads_on_or_out_for_every_profile(name):
    where = deployed(name)
    reached = set()
    for profile in PROFILES[:: 1 if name == "reference" else 5]:
        for at in range(where.network.station_count):
            for after in ("served", "lost"):
                found = shares_on(where, at, profile, after)
                assert sum(found.values()) == pytest.approx(1)
                reached |= {end for end, share in found.items() if share > 0}
    assert reached >= {"satisfied", "lost_call", "gave_up", "dropped_out", "completed"}
    exits = {end for end in reached if "." not in end}
    # a delay or file work is neither lost nor missed: its exits of that name are never taken
    assert exits <= {*EXITS, "lost"}


def test_stations_are_described_once_for_every_operator():
    where = deployed("reference")
    names = [f"{operator}.{name}" for operator in OPERATORS for name, *_ in STATIONS]
    assert list(where.network.station_names) == names
    assert where.stations["operator"].tolist() == [name.split(".")[0] for name in names]
    assert set(where.stations["stage"]) == set(STAGES)


# -- several interviews at an accueil, or to write a project --------------------------------------------


def with_interviews(stage, mean):
    return {f"stages.{stage}.interviews.all.all.all.all": mean}


@pytest.mark.parametrize(
    ("stage", "value"), [("accueil", 0.5), ("formalisation", 0.5), ("formalisation", 1.8)]
)
def test_a_number_of_interviews_that_has_no_meaning_is_refused(stage, value):
    builder = NetworkBuilder(profiles=[p.name for p in PROFILES])
    # a mean of 1.8 would give more than two to some employees
    with pytest.raises(TableError, match=f"{stage}: interviews: found {value}"):
        OperatorStations("opacif", variant("central"), with_values(with_interviews(stage, value))).add_to(
            builder
        )


@pytest.mark.parametrize(("stage", "mean"), [("accueil", 1.3), ("formalisation", 1.5)])
@pytest.mark.parametrize("population", POPULATIONS)
def test_an_accueil_or_a_formalisation_of_several_interviews_has_its_mean_by_autonomy(
    stage, mean, population
):
    where = deployed("central", *((f"figures.{id_}", v) for id_, v in with_interviews(stage, mean).items()))
    s, at = where.network.stations, station(stage, "apec", where)
    weights = joint_shares(tables(), population).sum(axis=1)
    numbers = [PROFILES.index(profiles(population, 1, autonomy=level)[0]) for level in AUTONOMY]
    held = 1.0 + s.series_mean[at, numbers] / DRAW_RANGE
    assert weights @ held == pytest.approx(mean, abs=1e-8)
    assert 1.0 < held[0] < held[1] < held[2] < 2.0
    assert s.series_max[at] == 2
    gap = tables().figure(f"stages.{stage}.gap_between_interviews.all.all.all.all").mode
    assert mean_of(where, s.series_gap[at, numbers[0]]) == pytest.approx(gap * 24 * HOUR, abs=0.5)


def test_a_formalisation_of_several_interviews_is_still_none_where_the_tables_say_none():
    where = deployed("central", ("figures.stages.formalisation.interviews.all.all.all.all", 1.5))
    conseil, today = station("conseil", "opacif", where), profiles("salaries", 0)[0]
    assert shares_on(where, conseil, today) == shares_on(
        deployed("central"), station("conseil", "opacif", deployed("central")), today
    )


def test_an_accueil_inside_the_registration_interview_is_that_one_alone():
    changes = [(f"figures.{id_}", v) for id_, v in with_interviews("accueil", 1.3).items()]
    number = PROFILES.index(profiles("demandeurs_emploi", 1)[0])
    for form, many in (("marginal", False), ("distinct", True)):
        where = deployed("central", *changes, ("service.accueil_job_seekers", form))
        at = station("accueil", "pole_emploi", where)
        assert (where.network.stations.series_mean[at, number] > 0) == many, form


def test_a_mean_of_one_interview_is_no_series():
    where = deployed("central")
    for stage in ("accueil", "formalisation"):
        at = [station(stage, operator, where) for operator in OPERATORS]
        assert not where.network.stations.series_mean[at].any()


def test_a_stage_without_its_row_is_refused_by_name():
    kept = {i: f for i, f in tables().figures.items() if ".dropout." not in i}
    poorer = StageFigures("opacif", variant("reference"), replace(tables(), figures=MappingProxyType(kept)))
    with pytest.raises(TableError, match=r"conseil: dropout: found .no row for salaries.*at opacif"):
        poorer.mode("conseil", "dropout", profiles("salaries", 0)[0])
