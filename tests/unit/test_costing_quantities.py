from dataclasses import replace
from datetime import date

import pytest
from deployments import columns, crowd, deployment, desk, in_scenario, state, tables, trace

from cepsim.costing import quantities
from cepsim.network.builder import NetworkBuilder
from cepsim.people.hours import UNALLOCATED
from cepsim.scenario.vocabulary import PUBLICS
from cepsim.trace import NEVER, Duty, Exits, Outcome, Reason, Visits

HOUR, DAY = 3600, 86_400
CDI, CDD, INDEPENDANTS, SEEKER = (
    PUBLICS.index(p) for p in ("salaries_cdi", "salaries_cdd", "independants", "de_autres")
)
#: Stations of the network below, in order.
PHONE, COUNTER, ACCUEIL, CONSEIL, FORMALISATION, APEC_ACCUEIL = range(6)
LANE = 6


def path(staff=((0, 2015, "existing", 10.0, 0.0), (1, 2015, "existing", 10.0, 0.0)), **options):
    """Two regions; OPACIF's telephone, counter and interviews, and an accueil of the APEC."""
    builder = NetworkBuilder(lanes=("53", "11"))
    first_line, advisers, apec = (builder.team(name, 0) for name in ("first line", "advisers", "apec"))
    for name, team in (("phone", first_line), ("counter", first_line), ("accueil", advisers)):
        builder.queue(name, team=team, service=600)
    for name, team in (("conseil", advisers), ("formalisation", advisers), ("apec", apec)):
        builder.queue(name, team=team, service=600)
    builder.exit("completed")
    stages = ("information", "information", "accueil", "conseil", "formalisation")
    where = deployment(
        builder.compile(),
        stations=[*(("opacif", stage) for stage in stages), ("apec", "accueil")],
        teams=[
            ("opacif", "first_line", "53"),
            ("opacif", "advisers", "national"),
            ("apec", "advisers", "53"),
        ],
        staff=[*staff, (2, 2015, "existing", 10.0, 0.0)],
        regions=("53", "11"),
        years=1,
        **options,
    )
    channels = where.stations.assign(channel=["telephone", "face_to_face", "", "", "", ""])
    return replace(where, stations=channels)


def seen(person, visit, station, day, *, hour=9, lane=0, minutes=60, **others):
    """A visit served at once; no one is on duty, so that all of it is overtime."""
    second = day * DAY + hour * HOUR
    end = second + minutes * 60
    moments = {"joined": second, "called": second, "ended": end, "released": end}
    found = {"person": person, "visit": visit, "queue": lane * LANE + station, "session": -1, **moments}
    return found | {"adviser": person} | others


def lost(person, visit, station, day, outcome=Outcome.GAVE_UP, **others):
    found = seen(person, visit, station, day, **others)
    return found | {"called": NEVER, "released": NEVER, "adviser": -1, "outcome": outcome}


def count(where, people, rows, exits=()):
    return quantities(where, people, trace(columns(Visits, rows), exits=columns(Exits, exits)), state())


def of(found, name, *keys):
    rows = found[found["quantity"] == name]
    if not keys:
        return int(rows["value"].sum())
    return {key if len(keys) > 1 else key[0]: int(v["value"].sum()) for key, v in rows.groupby(list(keys))}


def test_a_contact_is_counted_once_and_every_call_that_enters_the_line():
    rows = [
        lost(0, 0, PHONE, 1, Outcome.CLOSED),
        lost(0, 1, PHONE, 2, reason=Reason.RETRY),
        seen(0, 2, PHONE, 3, reason=Reason.RETRY, minutes=10),
        seen(0, 3, PHONE, 9, reason=Reason.ASKED_AGAIN, minutes=10),
        seen(1, 0, COUNTER, 3, minutes=10, lane=1),
        lost(2, 0, PHONE, -1, lane=1),
    ]
    found = count(path(), crowd([CDI] * 3), rows)
    assert of(found, "contacts", "region") == {"53": 2, "11": 1}
    assert of(found, "calls", "region") == {"53": 3}
    assert of(found, "web_visits", "region") == {"53": 6, "11": 3}  # three quarters of all contacts


def test_somebody_still_waiting_has_made_a_contact():
    final = state()
    waiting = {"person": 0, "status": 1, "queue": PHONE, "joined": 40, "called": NEVER, "session": -1}
    final = replace(final, people=columns(type(final.people), [waiting]))
    found = quantities(path(), crowd([CDI]), trace(), final)
    assert of(found, "contacts") == 1


def test_people_are_received_once_by_each_operator_and_enter_conseil_once():
    rows = [
        seen(0, 0, ACCUEIL, 1, outcome=Outcome.NO_SHOW, minutes=15),
        seen(0, 1, ACCUEIL, 8, reason=Reason.REBOOKED),
        seen(0, 2, APEC_ACCUEIL, 20, reason=Reason.REDIRECTED),
        seen(0, 3, CONSEIL, 30),
        seen(0, 4, CONSEIL, 40, reason=Reason.SERIES),
        seen(1, 0, CONSEIL, 50, reason=Reason.SERIES),
        seen(2, 0, ACCUEIL, 364, outcome=Outcome.NO_SHOW, minutes=15),
    ]
    found = count(path(), crowd([CDI] * 3), rows)
    assert of(found, "persons_received", "operator") == {"opacif": 1, "apec": 1}
    assert of(found, "persons_entering_conseil", "operator") == {"opacif": 1}


def test_employees_ask_for_a_bilan_once_received_and_others_once_in_a_conseil():
    people = crowd([CDI, CDI, SEEKER, SEEKER], population=[0, 0, 1, 1], bilan=[1, 0, 1, 1])
    rows = [
        seen(0, 0, ACCUEIL, 1),
        seen(0, 1, CONSEIL, 20),
        seen(0, 2, APEC_ACCUEIL, 20, reason=Reason.REDIRECTED),
        seen(1, 0, ACCUEIL, 1),
        seen(2, 0, ACCUEIL, 1),
        seen(3, 0, ACCUEIL, 1),
        seen(3, 1, CONSEIL, 20),
    ]
    found = count(path(), people, rows)
    assert of(found, "bilans_conge", "operator", "stage") == {("opacif", "accueil"): 1}
    # the OPACIF has no psychologists
    assert of(found, "bilans_psychologist") == 0


def test_psychologists_make_bilans_where_the_tables_name_some():
    people = crowd([SEEKER, SEEKER], population=[1, 1], bilan=[1, 0])
    where = path()
    renamed = replace(where, stations=where.stations.assign(operator="pole_emploi"))
    found = count(renamed, people, [seen(0, 0, CONSEIL, 20), seen(1, 0, CONSEIL, 20)])
    assert of(found, "bilans_psychologist", "public", "stage") == {("de_autres", "conseil"): 1}


def test_the_share_accepted_of_the_bilans_asked_for_is_financed_in_whole_bilans():
    publics = [CDI] * 130 + [CDD] * 70
    people = crowd(publics, bilan=[1] * 200)
    found = count(path(), people, [seen(p, 0, ACCUEIL, 1 + p % 200) for p in range(200)])
    financed, refused = of(found, "bilans_conge", "public"), of(found, "bilans_refused", "public")
    # 98 % of 200; of the 130, 127.4 by proportion, and 68.6 of the 70
    assert financed == {"salaries_cdi": 127, "salaries_cdd": 69}
    assert refused == {"salaries_cdi": 3, "salaries_cdd": 1}


def test_employers_give_the_time_of_interviews_attended_by_their_own_staff():
    people = crowd([CDI, CDI, INDEPENDANTS], time_accueil=[1, 0, 1], time_conseil=[0, 1, 1])
    rows = [
        seen(0, 0, ACCUEIL, 1, minutes=50, released=1 * DAY + 11 * HOUR),
        seen(0, 1, CONSEIL, 20),
        seen(1, 0, ACCUEIL, 1),
        seen(1, 1, CONSEIL, 20, minutes=70),
        seen(1, 2, FORMALISATION, 30, minutes=80),
        seen(1, 3, FORMALISATION, 40, minutes=15, outcome=Outcome.NO_SHOW),
        seen(2, 0, ACCUEIL, 1),
    ]
    found = count(path(), people, rows)
    minutes = {name: v // 60 for name, v in of(found, "working_time_s", "stage").items()}
    assert minutes == {"accueil": 50, "conseil": 70, "formalisation": 80}
    assert of(found, "working_time_interviews") == 3
    assert set(found.loc[found["quantity"] == "working_time_s", "character"]) == {"deja_finance"}


def test_what_induced_people_do_is_new_but_for_their_employers_time():
    people = crowd([CDI, CDI], induced=[0, 1], time_accueil=[1, 1])
    rows = [seen(p, n, s, 1 + n) for p in (0, 1) for n, s in enumerate((PHONE, ACCUEIL))]
    found = count(path(), people, rows)
    assert of(found, "contacts", "character") == {"deja_finance": 1, "nouveau_recurrent": 1}
    assert of(found, "working_time_s", "character") == {"deja_finance": 2 * HOUR}


def test_projects_are_counted_where_they_are_completed_and_within_the_horizon():
    exits = [
        {"person": 0, "queue": FORMALISATION, "second": 5, "exit": 3},
        {"person": 1, "queue": LANE + FORMALISATION, "second": 365 * DAY, "exit": 3},
        {"person": 2, "queue": FORMALISATION, "second": 5, "exit": 0},
    ]
    found = count(path(), crowd([CDI] * 3), [], exits)
    assert of(found, "projects", "year", "region", "operator") == {(2015, "53", "opacif"): 1}


# -- time and posts --------------------------------------------------------------------------------


def one_team(staff, advisers=0, calendar=None, **options):
    return deployment(
        desk(calendar, advisers),
        stations=[("opacif", "accueil")],
        teams=[("opacif", "advisers", "53")],
        staff=staff,
        **options,
    )


def times(found):
    return {n: of(found, n) for n in ("used_s", "idle_s", "outside_s", "overtime_s") if of(found, n)}


def test_paid_time_is_used_idle_and_outside_and_overtime_comes_on_top():
    where = path()
    rows = [seen(0, 0, ACCUEIL, 1)]
    found = count(where, crowd([CDI]), rows)
    advisers = found[(found["role"] == "advisers") & (found["operator"] == "opacif")]
    assert times(advisers) == {"outside_s": 16070 * HOUR, "overtime_s": HOUR}
    assert set(advisers.loc[advisers["quantity"] == "outside_s", "region"]) == {"national"}
    assert set(advisers.loc[advisers["quantity"] == "outside_s", "public"]) == {UNALLOCATED}
    assert set(advisers.loc[advisers["quantity"] == "overtime_s", "public"]) == {"salaries_cdi"}


def test_time_is_split_between_characters_of_staff_in_proportion_to_posts():
    staff = [(0, 2015, "existing", 6.0, 0), (0, 2015, "redeployed", 3.0, 0), (0, 2015, "new", 1.0, 0)]
    found = count(one_team(staff, years=1), crowd([CDI]), [seen(0, 0, 0, 1, minutes=100, adviser=9)])
    assert of(found, "overtime_s", "character") == {
        "deja_finance": 3600,
        "redeploye": 1800,
        "nouveau_recurrent": 600,
    }
    assert of(found, "outside_s") == 16070 * HOUR


def test_posts_taken_away_are_taken_off_existing_ones():
    staff = [(0, 2015, "existing", 6.0, 0), (0, 2015, "redeployed", -2.0, 0), (0, 2015, "new", 1.0, 0)]
    found = count(one_team(staff, years=1), crowd([CDI]), [])
    hours = {name: value / HOUR for name, value in of(found, "outside_s", "character").items()}
    assert hours == {"deja_finance": 4 * 1607, "nouveau_recurrent": 1607}


def test_more_posts_taken_away_than_there_are_is_refused():
    staff = [(0, 2015, "existing", 1.0, 0), (0, 2015, "redeployed", -2.0, 0)]
    with pytest.raises(ValueError, match="team desk, 2015: more posts"):
        count(one_team(staff, years=1), crowd([CDI]), [])


def test_a_team_on_duty_without_a_post_is_refused():
    with pytest.raises(ValueError, match="team desk works in 2015 without a post"):
        count(one_team([], advisers=1, years=1), crowd([CDI]), [])


def test_a_team_open_longer_than_its_posts_give_is_paid_for_that_time():
    found = count(one_team([(0, 2015, "existing", 1.0, 0)], advisers=1, years=1), crowd([CDI]), [])
    assert times(found) == {"idle_s": 365 * DAY}


def test_posts_of_the_year_before_launch_are_paid_and_outside_direct_service():
    staff = [(0, 2014, "new", 1.0, 3.0), (0, 2015, "new", 3.0, 0.24), (0, 2016, "new", 3.0, 0.24)]
    found = count(one_team(staff), crowd([CDI]), [])
    assert of(found, "outside_s", "year")[2014] == 1607 * HOUR
    assert of(found, "hires_thousandths") == 0  # the reference counts no recruitment


def test_hires_and_trainings_are_counted_where_the_scenario_pays_for_them():
    staff = [
        *((0, year, "existing", 4.0, 0.0) for year in (2015, 2016)),
        *((0, year, "redeployed", etp, 0.0) for year, etp in ((2015, 1.0), (2016, 2.0))),
        *((0, year, "new", 3.0, hires) for year, hires in ((2014, 3.0), (2015, 0.24), (2016, 0.24))),
    ]
    where = in_scenario(one_team(staff), "premiere-vague", recruitment=True)
    found = count(where, crowd([CDI]), [])
    assert of(found, "hires_thousandths", "year") == {2014: 3000, 2015: 240, 2016: 240}
    # 5 advisers in place and 3 hired; 8 % of 5 replaced and 0.24 hired; one who joins, 8 % of 6, 0.24 hired
    assert of(found, "trained_thousandths", "year") == {2014: 8000, 2015: 640, 2016: 1720}
    assert set(found.loc[found["quantity"] == "trained_thousandths", "character"]) == {"nouveau_ponctuel"}


def test_nobody_is_trained_where_cep_does_not_open():
    staff = [(0, 2015, "existing", 4.0, 0.0)]
    where = in_scenario(one_team(staff), "premiere-vague")
    pilot = where.scenario.derive({"waves": [{"publics": ["salaries_cdi"], "regions": ["11"]}]})
    assert of(count(replace(where, scenario=pilot), crowd([CDI]), []), "trained_thousandths") == 0
    assert of(count(where, crowd([CDI]), []), "trained_thousandths") > 0


def test_regions_are_coordinated_from_the_year_in_which_they_open():
    staff = [(0, year, "existing", 4.0, 0.0) for year in (2015, 2016)]
    where = in_scenario(one_team(staff), "premiere-vague", information_base=True, shared_tools=True)
    wave = {"publics": ["salaries_cdi"], "from_date": date(2016, 1, 1)}
    later = replace(where, scenario=where.scenario.derive({"waves": [wave]}, tables=tables()))
    found = count(later, crowd([CDI]), [])
    assert of(found, "coordination_s", "year") == {2016: 4 * 1607 * HOUR}
    assert of(found, "base_thousandths", "year", "character") == {(2016, "nouveau_recurrent"): 1000}
    active = int(where.population.stocks.loc["53"].sum())
    assert of(found, "active_persons", "year", "operator") == {(2014, "national"): active}
    assert of(found, "trained_thousandths", "year") == {2015: 4000, 2016: 320}


def test_a_part_of_a_year_is_coordinated_for_that_part():
    where = in_scenario(
        one_team(
            [(0, 2015, "existing", 1.0, 0), (0, 2016, "existing", 1.0, 0)], years=1, launch=date(2015, 7, 1)
        ),
        "premiere-vague",
        information_base=True,
    )
    found = count(where, crowd([CDI]), [])
    assert of(found, "base_thousandths", "year") == {2015: 504, 2016: 497}
    trained = of(found, "trained_thousandths", "year")
    # 8 % of a post leave in a year: of twice as many advisers in half a year, as many
    assert (trained[2014], trained[2015]) == (round(1000 * 365 / 184), 80)
    whole = 4 * 1607 * HOUR
    assert of(found, "coordination_s", "year") == {
        2015: round(whole * 184 / 365),
        2016: round(whole * 182 / 366),
    }


def test_the_reference_counts_nothing_of_the_new_service():
    found = count(one_team([(0, 2015, "existing", 4.0, 0.0)]), crowd([CDI]), [])
    assert set(found["quantity"]) == {"outside_s"}


# -- time lent -------------------------------------------------------------------------------------


def lent(operator="missions_locales", stays_idle=False):
    """Ten posts, seven of them there before, two redeployed and one new; one adviser on duty all the time."""
    staff = [(0, 2015, name, etp, 0) for name, etp in (("existing", 7.0), ("redeployed", 2.0), ("new", 1.0))]
    where = deployment(
        desk(None, 1),
        stations=[(operator, "accueil")],
        teams=[(operator, "advisers", "53")],
        staff=staff,
        years=1,
    )
    if not stays_idle:
        return where
    kept = where.scenario.derive({"costs.lent_time_stays_idle": True}, tables=tables())
    return replace(where, scenario=kept)


def served_for(hours):
    return [seen(0, 0, 0, 1, minutes=60 * hours)]


def test_lent_time_that_is_not_used_goes_back_with_its_share_of_the_rest():
    duty = columns(Duty, [{"second": 0, "advisers": 1}])
    where, used = lent(), 365 * 24 // 4

    def hours(of_where):
        rows = trace(columns(Visits, served_for(used)), duty)
        found = quantities(of_where, crowd([CDI]), rows, state())
        back = of(found, "given_back_s", "character") if of(found, "given_back_s") else {}
        names = ("used_s", "idle_s", "outside_s", "given_back_s")
        return {key: value / HOUR for key, value in back.items()}, {
            name: of(found, name) / HOUR for name in names
        }

    outside = 16_070 - 8760
    back, every = hours(where)
    # three quarters of the duty of nine posts of ten, and three quarters of their time outside service
    assert back == {
        "deja_finance": pytest.approx(0.7 * 0.75 * 16_070, abs=0.01),
        "redeploye": pytest.approx(0.2 * 0.75 * 16_070, abs=0.01),
    }
    assert every["used_s"] == used
    assert every["idle_s"] == pytest.approx(0.1 * 0.75 * 8760, abs=0.01)
    assert every["outside_s"] == pytest.approx(outside - 0.9 * 0.75 * outside, abs=0.01)
    assert sum(every.values()) == pytest.approx(16_070, abs=0.01)
    # nothing where it stays idle, nor at the OPACIF, whose advisers do nothing else
    for other in (lent(stays_idle=True), lent("opacif")):
        back, every = hours(other)
        assert back == {}
        assert every == {"used_s": used, "idle_s": 0.75 * 8760, "outside_s": outside, "given_back_s": 0}


# -- people behind a row ---------------------------------------------------------------------------


def test_each_row_says_how_many_different_people_it_is_about():
    people = crowd([CDI, CDI, SEEKER])
    rows = [
        seen(0, 0, PHONE, 1, minutes=10),
        seen(0, 1, PHONE, 5, minutes=10, reason=Reason.ASKED_AGAIN),
        seen(1, 0, PHONE, 2, minutes=10),
        seen(2, 0, PHONE, 2, minutes=10),
    ]
    found = count(path(), people, rows).set_index(["quantity", "public"])
    assert found.loc[("contacts", "salaries_cdi"), ["value", "people"]].tolist() == [3, 2]
    assert found.loc[("overtime_s", "salaries_cdi"), ["value", "people"]].tolist() == [1800, 2]
    assert found.loc[("overtime_s", "de_autres"), "people"] == 1
    assert (found.loc["outside_s", "people"] == 0).all()


def test_a_call_that_finds_the_line_full_or_closed_is_a_contact_and_no_call():
    rows = [lost(0, 0, PHONE, 1, Outcome.FULL), lost(1, 0, PHONE, 1, Outcome.CLOSED), lost(2, 0, PHONE, 1)]
    found = count(path(), crowd([CDI] * 3), rows)
    assert of(found, "contacts") == 3
    assert of(found, "calls") == 1


def test_employers_give_the_time_of_the_interview_and_not_that_of_the_wait():
    rows = [seen(0, 0, ACCUEIL, 9, joined=DAY)]
    assert of(count(path(), crowd([CDI], time_accueil=[1]), rows), "working_time_s") == HOUR
