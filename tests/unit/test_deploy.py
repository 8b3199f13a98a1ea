"""A scenario compiled: teams at their stations, priorities, meetings and who animates them."""

from datetime import date

import numpy as np
import pytest
from deployments import scenario, tables
from hypothesis import given
from hypothesis import strategies as st
from worlds import CORSE, SHORT, deployed, entrants, identified, region

from cepsim.errors import RegionError
from cepsim.network import SessionPlan
from cepsim.people.commissions import WAYS
from cepsim.people.crowd import CHANNELS
from cepsim.people.deploy import deploy, regions_of
from cepsim.people.loads import duty_seconds
from cepsim.people.population_tape import draw_entrants
from cepsim.people.sessions import withdraw_animators
from cepsim.people.stations import STATIONS
from cepsim.people.territory import open_dates
from cepsim.scenario.vocabulary import JOB_SEEKERS, OPERATORS
from cepsim.units import SECONDS_PER_DAY

BRETAGNE = ("53",)
HOUR = 3600


# -- regions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "said"), [("99", "Valid names"), ("Bretagn", 'Did you mean "Bretagne"')])
def test_an_unknown_region_is_refused_with_the_nearest(code, said):
    with pytest.raises(RegionError, match=said):
        regions_of(tables(), ["94", code])


def test_regions_come_in_the_order_of_the_tables_and_once():
    assert [r.code for r in regions_of(tables(), ["03", "53", "94", "53"])] == ["53", "94", "03"]


# -- teams and queues --------------------------------------------------------------------------------------


def queue(where, name, code):
    network = where.network
    return where.regions.index(code) * network.station_count + network.station_names.index(name)


def team_of(where, name, code):
    return where.network.team_names[where.network.queues.team[queue(where, name, code)]]


def test_each_station_is_served_by_its_team_in_its_region():
    where = deploy(scenario("reference"), tables(), ["53", "94", "03"])
    for code in ("53", "94", "03"):
        for operator in OPERATORS:
            for stage in ("accueil", "conseil", "formalisation", "ingenierie"):
                assert team_of(where, f"{operator}.{stage}", code) == f"{operator}.advisers.{code}"
        for channel in ("telephone", "telephone_repeat", "guichet", "guichet_repeat", "collectif"):
            assert team_of(where, f"opacif.{channel}", code) == f"opacif.first_line.{code}"
        for channel in ("guichet", "guichet_repeat", "collectif"):
            assert (
                team_of(where, f"pole_emploi.{channel}", code)
                == f"pole_emploi.first_line.face_to_face.{code}"
            )
        platform = "national" if code != "03" else "03"
        for channel in ("telephone", "telephone_repeat"):
            expected = f"pole_emploi.first_line.telephone.{platform}"
            assert team_of(where, f"pole_emploi.{channel}", code) == expected
        for station in ("dossier", "decision"):
            assert where.network.queues.team[queue(where, f"apec.{station}", code)] == -1
    names = where.network.team_names
    described = [".".join((t.operator, t.role)) for t in where.teams.itertuples()]
    assert [".".join(name.split(".")[:2]) for name in names] == described
    assert [name.split(".")[-1] for name in names] == where.teams["region"].tolist()


def priorities(where, name):
    subs = where.network.sub_queues
    return [int(subs.priority[n]) for n in where.network.queues.sub_queue[queue(where, name, "94")]]


def test_people_already_in_a_conseil_are_called_before_newcomers():
    where = deployed("reference")
    for stage in ("conseil", "formalisation"):
        assert max(priorities(where, f"opacif.{stage}")) < min(priorities(where, "opacif.accueil"))
    together = deployed("reference", ("service.follow_up_first", False))
    assert priorities(together, "opacif.conseil") == priorities(together, "opacif.accueil")


def test_priority_publics_come_first_where_people_are_known_and_once_admitted():
    where = deployed("reference")
    for name in ("opacif.accueil", "opacif.guichet", "opacif.collectif"):
        ordinary, prior = priorities(where, name)[:2]
        assert prior < ordinary, name
        # the same whoever decides on a file
        assert priorities(where, name) == [ordinary, prior] * len(WAYS)
    calls = priorities(where, "opacif.telephone")
    assert calls[0] == calls[1] < min(priorities(where, "opacif.guichet"))
    first = identified("premiere-vague", *SHORT, ("service.priority_publics", ("interimaires",)))
    who = entrants("premiere-vague", *SHORT, ("service.priority_publics", ("interimaires",)))
    expected = (first["name_of_public"] == "interimaires") & (first["admitted"] == 1)
    assert expected.sum() > 20
    assert (who.service_class % 2 == expected).all()


def test_two_deployments_of_a_scenario_are_the_same():
    one, other = (deploy(scenario("central"), tables(), CORSE) for _ in range(2))
    for part in ("stations", "queues", "teams", "branches"):
        for name in getattr(one.network, part).__dataclass_fields__:
            assert np.array_equal(
                getattr(getattr(one.network, part), name), getattr(getattr(other.network, part), name)
            ), (part, name)
    assert np.array_equal(one.network.tables, other.network.tables)
    assert one.staff.equals(other.staff)


@pytest.mark.parametrize("launch", [date(2016, 2, 29), date(2015, 12, 31), date(2015, 8, 31)])
def test_any_launch_date_compiles_and_finds_people(launch):
    where = deployed("premiere-vague", *SHORT, ("calendar.launch_date", launch))
    who = entrants("premiere-vague", *SHORT, ("calendar.launch_date", launch))
    assert (who.chosen.arrival >= where.horizon.begin).all()
    assert (who.chosen.arrival < where.horizon.observed).all()
    closes = where.network.teams.closes
    for calendar in range(len(where.network.teams.calendar_start) - 1):
        last = closes[where.network.teams.calendar_start[calendar + 1] - 1]
        assert last > where.horizon.observed + 60 * SECONDS_PER_DAY


# -- meetings ------------------------------------------------------------------------------------------------


def sessions_of(where, operator, code):
    at = queue(where, f"{operator}.collectif", code)
    q = where.network.queues
    return q.session_second[q.session_start[at] : q.session_start[at + 1]]


def test_nobody_holds_meetings_where_the_scenario_has_none():
    for name in ("reference", "premiere-vague"):
        where = deployed(name, *SHORT)
        assert len(where.sessions) == 0
        seated = np.diff(where.network.queues.session_start) > 0
        assert not seated[~where.network.holds_commissions].any()
        assert not (entrants(name, *SHORT).crowd.channel == CHANNELS.index("collective")).any()


def test_meetings_seat_the_contacts_expected_and_little_more():
    where = deployed("central", regions=BRETAGNE)
    who = entrants("central", regions=BRETAGNE)
    held = 0
    for row in where.sessions.itertuples():
        name = where.network.station_names[row.queue % where.network.station_count]
        operator = name.split(".")[0]
        entered = (who.entry == where.network.station_names.index(name)) & (who.chosen.arrival >= 0)
        seconds = sessions_of(where, operator, "53")
        seats = 12 * len(seconds)
        # as many as the third year's contacts fill, the last one perhaps half empty
        assert entered.sum() < seats, operator
        weeks = where.horizon.observed / SECONDS_PER_DAY / 7
        assert seats < 1.35 * entered.sum() + 12 * weeks, operator
        held += 1
    assert held >= 2


def test_a_large_region_holds_several_meetings_a_day():
    where = deploy(scenario("central"), tables(), ["11"])
    seconds = sessions_of(where, "pole_emploi", "11")
    per_day = np.bincount(seconds // SECONDS_PER_DAY)
    assert per_day.max() > 1
    # spread evenly: no two open days differ by more than one meeting
    assert np.ptp(per_day[per_day > 0]) <= 1
    seekers = [s for s in where.sources if s.public in JOB_SEEKERS and s.can_grow]
    contacts = sum(s.stock * s.rate for s in seekers) * 1.3 * 0.8 * 0.856 * 0.05
    assert 0.99 < 12 * len(seconds) / 4 / contacts < 1.1


def test_meetings_are_held_on_open_days_after_launch_at_their_hour():
    where = deployed("central", regions=BRETAGNE)
    horizon = where.horizon
    last = horizon.anniversary(horizon.years + horizon.follow_up_years)
    days = {horizon.day(d) for d in open_dates(region("53"), tables(), horizon.launch, last)}
    for operator in ("opacif", "pole_emploi"):
        seconds = sessions_of(where, operator, "53")
        assert set((seconds // SECONDS_PER_DAY).tolist()) <= days
        hours = seconds % SECONDS_PER_DAY / HOUR
        assert ((hours >= 14) & (hours < 14.5)).all()
        assert (np.diff(seconds) > 0).all()


def test_meetings_begin_on_the_day_on_which_a_region_opens():
    wave = {"publics": ["salaries_cdi"], "from_date": date(2016, 3, 1)}
    later = scenario("central").derive({"waves": [wave]}, tables=tables())
    where = deploy(later, tables(), BRETAGNE)
    first = sessions_of(where, "opacif", "53")[0]
    opens = where.horizon.second(date(2016, 3, 1))
    assert opens <= first < opens + 14 * SECONDS_PER_DAY
    # no wave reaches job seekers: their operator holds none
    assert len(sessions_of(where, "pole_emploi", "53")) == 0
    who = draw_entrants(where, seed=7, replication=0)
    gathered = who.crowd.channel == CHANNELS.index("collective")
    assert gathered.any()
    assert who.chosen.arrival[gathered].min() >= opens


def test_a_small_region_holds_no_meeting_and_everybody_is_received_alone():
    where = deployed("central")
    assert len(where.sessions) == 0
    assert not (entrants("central").crowd.channel == CHANNELS.index("collective")).any()


def test_people_go_to_meetings_at_the_share_of_the_tables_once_admitted():
    where = deployed("central", regions=BRETAGNE)
    who = entrants("central", regions=BRETAGNE)
    crowd = who.crowd
    gathered = crowd.channel == CHANNELS.index("collective")
    assert (crowd.admitted[gathered] == 1).all()
    operator = where.stations["operator"].to_numpy()[who.entry]
    holding = {
        where.stations["operator"].iat[q % where.network.station_count] for q in where.sessions["queue"]
    }
    may = (
        (crowd.admitted == 1) & np.isin(operator, list(holding)) & (crowd.channel != CHANNELS.index("direct"))
    )
    assert abs(gathered[may].mean() - 0.05) < 5 * np.sqrt(0.05 * 0.95 / may.sum())
    assert not gathered[~may].any()
    stations = [name for name, *_ in STATIONS]
    entered = np.array([n.split(".")[1] for n in where.network.station_names])[who.entry]
    assert set(entered[gathered]) == {"collectif"}
    assert set(entered) <= set(stations)


@pytest.mark.parametrize("name", ["central", "a-distance"])
def test_meetings_are_for_information_alone_and_accueils_are_individual(name):
    where = deployed(name, *SHORT, regions=BRETAGNE)
    stages = where.stations["stage"].to_numpy()[where.sessions["queue"] % where.network.station_count]
    assert len(stages) > 0
    assert set(stages) == {"information"}
    seated = np.diff(where.network.queues.session_start) > 0
    assert set(np.flatnonzero(seated & ~where.network.holds_commissions)) == set(where.sessions["queue"])


def test_an_animator_is_away_from_the_first_line_for_the_length_of_each_meeting():
    where = deployed("central", regions=BRETAGNE)
    without = deployed("central", ("demand.collective_information", False), regions=BRETAGNE)
    for row in where.sessions.itertuples():
        seconds = where.network.queues.session_second[
            where.network.queues.session_start[row.queue] : where.network.queues.session_start[row.queue + 1]
        ]
        begin, end = 0, where.horizon.observed
        away = on_duty(without, row.team, begin, end) - on_duty(where, row.team, begin, end)
        assert away == len(seconds) * 2 * HOUR
    quiet = [t for t in range(where.network.team_count) if t not in set(where.sessions["team"])]
    for team in quiet:
        assert on_duty(where, team, 0, HOUR * 24 * 365) == on_duty(without, team, 0, HOUR * 24 * 365)


def on_duty(where, team, begin, end):
    return duty_seconds(where.network, team, begin, end)


@st.composite
def duties(draw):
    days = draw(st.integers(1, 5))
    duty = [(day * 100, draw(st.integers(0, 4))) for day in range(days)]
    begins = draw(st.lists(st.integers(0, 100 * days - 1), unique=True, max_size=8))
    return duty, sorted(begins), draw(st.integers(1, 30))


@given(duties())
def test_on_every_second_those_on_duty_are_those_planned_less_the_animators(case):
    duty, begins, length = case
    changes = withdraw_animators(duty, SessionPlan(begins, length, seats=12, least=4))
    seconds = [second for second, _ in changes]
    assert seconds == sorted(set(seconds))

    def at(plan, second):
        return next((n for when, n in reversed(plan) if when <= second), 0)

    for second in range(len(duty) * 100 + length + 1):
        away = sum(begin <= second < begin + length for begin in begins)
        assert at(changes, second) == max(at(duty, second) - away, 0)
