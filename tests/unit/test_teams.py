"""Who works with whom: advisers in two teams, teams of several operators, one telephone platform for all."""

from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from deployments import scenario, tables
from engines.test_shards import in_shards
from engines.test_two_engines import assert_equal
from worlds import SEED, SHORT, deployed, tape, variant

from cepsim.costing import close, ledger, quantities
from cepsim.engine import compiled_engine, simpy_engine
from cepsim.errors import ScenarioError
from cepsim.experiment.pipeline import Setting
from cepsim.people.deployment import NATIONAL
from cepsim.people.hours import team_hours, worked_seconds
from cepsim.people.loads import offered_loads
from cepsim.people.population_tape import draw_entrants, draw_people
from cepsim.people.shared_time import SharedTime
from cepsim.scenario.vocabulary import INTENSITIES, OPERATORS
from cepsim.units import SECONDS_PER_DAY

FOR_SEEKERS = ("pole_emploi", "missions_locales", "cap_emploi")
POOLED = ("staff.pooled", (FOR_SEEKERS,))
WITH_THE_LOADED = ("staff.pooled", (("opacif", "missions_locales"),))
DEDICATED = ("staff.teams", "dedicated")
REGIONAL = ("staff.shared_platform", "regional")
PLATFORM = ("staff.shared_platform", "national")
#: Lent time is paid for whoever it serves: what is idle costs what is used.
IDLE = ("costs.lent_time_stays_idle", True)
TIME = ("used_s", "idle_s", "outside_s", "given_back_s")
TWO = ("94", "74")


@cache
def world(*changes):
    """A year of `central` in Corse, from a year's warm-up in the same teams, and what is counted of it."""
    where = deployed("central", *SHORT, IDLE, *changes)
    crowd, people = draw_people(where, seed=SEED, replication=0)
    begin, end = where.horizon.begin, where.horizon.end
    _, start = compiled_engine.run(where.network, people, None, begin, 0)
    trace, state = compiled_engine.run(where.network, people, start, 0, end)
    worked = worked_seconds(where, crowd, trace, state, start)
    counted = quantities(where, crowd, trace, state, start)
    return SimpleNamespace(
        where=where,
        people=people,
        trace=trace,
        worked=worked,
        hours=team_hours(where, trace, worked),
        quantities=counted,
        ledger=ledger(where, counted),
    )


def accueils(of):
    """First appointments for an accueil after launch: operator, days to it, whether the person gave up."""
    visits, network = of.trace.visits, of.where.network
    station = visits.queue % network.station_count
    stage = of.where.stations["stage"].to_numpy()[station]
    here = (stage == "accueil") & (visits.joined >= 0)
    called = visits.called[here] >= 0
    days = (visits.called[here].astype(np.int64) - visits.joined[here]) / SECONDS_PER_DAY
    operator = of.where.stations["operator"].to_numpy()[station[here]]
    return pd.DataFrame({"operator": operator, "days": np.where(called, days, np.nan), "left": ~called})


def paid(of):
    """Seconds paid by role, operator and year."""
    found = of.quantities[of.quantities["quantity"].isin(TIME)]
    return found.groupby(["role", "operator", "year"])["value"].sum()


def team_of(where, name, code):
    network = where.network
    queue = where.regions.index(code) * network.station_count + network.station_names.index(name)
    return network.team_names[network.queues.team[queue]]


def etp(where):
    """Posts by operator, role and year."""
    staff = where.staff.join(where.teams["role"], on="team")
    return staff.groupby(["operator", "role", "year", "character"])[["etp", "hires", "arrivals"]].sum()


# -- the teams -----------------------------------------------------------------------------------------


def test_dedicated_advisers_give_accueils_or_what_follows_them():
    where = deployed("central", *SHORT, DEDICATED)
    for operator in OPERATORS:
        assert team_of(where, f"{operator}.accueil", "94") == f"{operator}.advisers.accueil.94"
        for stage in ("conseil", "formalisation", "ingenierie"):
            assert team_of(where, f"{operator}.{stage}", "94") == f"{operator}.advisers.follow_up.94"


def test_pooled_operators_have_one_team_that_serves_all_their_queues_and_the_others_keep_theirs():
    where = deployed("central", *SHORT, ("staff.pooled", (("cap_emploi", "pole_emploi"),)))
    for stage in ("accueil", "conseil", "formalisation", "ingenierie"):
        # in the order of the operators, whatever that of the scenario
        for operator in ("pole_emploi", "cap_emploi"):
            assert team_of(where, f"{operator}.{stage}", "94") == "pole_emploi+cap_emploi.advisers.94"
        assert team_of(where, f"apec.{stage}", "94") == "apec.advisers.94"
    assert team_of(where, "cap_emploi.telephone", "94") == "cap_emploi.first_line.94"
    both = deployed("central", *SHORT, POOLED, DEDICATED)
    assert team_of(both, "cap_emploi.accueil", "94") == f"{'+'.join(FOR_SEEKERS)}.advisers.accueil.94"


@pytest.mark.parametrize(("kind", "mainland"), [("national", NATIONAL), ("regional", None)])
def test_one_platform_answers_every_call_and_each_operator_keeps_its_desk(kind, mainland):
    where = deployed("central", *SHORT, ("staff.shared_platform", kind), regions=("94", "74", "03"))
    for code in ("94", "74", "03"):
        place = code if code == "03" or mainland is None else mainland
        for operator in OPERATORS:
            for station in ("telephone", "telephone_repeat"):
                expected = f"{'+'.join(OPERATORS)}.first_line.telephone.{place}"
                assert team_of(where, f"{operator}.{station}", code) == expected
            for station in ("guichet", "guichet_repeat", "collectif"):
                assert (
                    team_of(where, f"{operator}.{station}", code)
                    == f"{operator}.first_line.face_to_face.{code}"
                )


@pytest.mark.parametrize("change", [POOLED, DEDICATED, REGIONAL, PLATFORM, (POOLED, DEDICATED, PLATFORM)])
@pytest.mark.parametrize("name", ["central", "a-distance"])
def test_each_operator_gives_the_posts_that_it_had(name, change):
    changes = change if isinstance(change[0], tuple) else (change,)
    ours, theirs = (etp(deployed(name, *SHORT, *of, regions=TWO)) for of in (changes, ()))
    assert ours.index.equals(theirs.index)
    assert np.allclose(ours.to_numpy(), theirs.to_numpy())


def test_a_dedicated_team_has_the_part_of_the_posts_that_the_tables_say():
    for name in ("reference", "central"):
        where = deployed(name, *SHORT, DEDICATED)
        posts = where.staff[where.staff["year"] == 2015].groupby("team")["etp"].sum()
        names = list(where.network.team_names)
        for operator in OPERATORS:
            own = [posts[names.index(f"{operator}.advisers.{task}.94")] for task in ("accueil", "follow_up")]
            id_ = f"demand.{operator}.capacity.accueil_share_{where.scenario.service.intensity}"
            assert own[0] / sum(own) == pytest.approx(tables().figure(id_).mode)
    assert all(
        tables().has(f"demand.{operator}.capacity.accueil_share_{intensity}")
        for operator in OPERATORS
        for intensity in INTENSITIES
    )


def test_the_split_follows_the_work_that_people_bring():
    """Corse, `central`: no operator's two teams have loads that differ by more than a sixth."""
    where = deployed("central", *SHORT, DEDICATED)
    loads = offered_loads(where, [draw_entrants(where, seed=SEED, replication=0)])
    names = [where.network.team_names[team].split(".") for team in loads["team"]]
    loads = loads.assign(task=[name[2] for name in names])
    wide = loads[loads["role"] == "advisers"].pivot_table(
        index="operator", columns="task", values="hours_needed"
    )
    posts = where.staff[where.staff["year"] == 2015].groupby("team")["etp"].sum()
    given = loads.assign(etp=posts.reindex(loads["team"]).to_numpy())
    given = given[given["role"] == "advisers"].pivot_table(index="operator", columns="task", values="etp")
    per_post = wide / given
    ratio = per_post["accueil"] / per_post["follow_up"]
    assert ratio.between(5 / 6, 6 / 5).all(), ratio


def test_of_a_dedicated_team_of_less_than_one_adviser_somebody_is_there_on_so_many_days():
    where = deployed("central", *SHORT, DEDICATED)
    teams = where.network.teams
    number = where.network.team_names.index("apec.advisers.accueil.94")
    here = slice(teams.duty_start[number], teams.duty_start[number + 1])
    calendar = teams.calendar[number]
    days = teams.calendar_start[calendar + 1] - teams.calendar_start[calendar]
    assert set(teams.duty_advisers[here].tolist()) == {0, 1}
    there = (teams.duty_advisers[here] == 1).sum() / days
    etp_of_team = where.staff[(where.staff["team"] == number) & (where.staff["year"] == 2015)]["etp"].sum()
    assert 0.0 < there < 1.0
    share = tables().figure("unit_costs.direct_service_share.dedicated_cep_adviser").mode
    opens, closes = (getattr(teams, name) for name in ("opens", "closes"))
    of = slice(teams.calendar_start[calendar], teams.calendar_start[calendar + 1])
    hours_a_year = (
        (closes[of] - opens[of]).sum() / 3600 / (len(np.unique(opens[of] // SECONDS_PER_DAY)) / 252)
    )
    assert there == pytest.approx(etp_of_team * 1607 * share / hours_a_year, rel=0.05)


def test_the_telephone_takes_the_part_of_a_first_line_that_calls_take_of_its_work():
    for name, parameter in (("central", "share_phone"), ("a-distance", "share_phone_remote_first")):
        where = deployed(name, *SHORT, REGIONAL)
        staff = where.staff[where.staff["year"] == 2015]
        names = np.array(where.network.team_names)[staff["team"]]
        stage = {"population": "all", "operator": "opacif", "intensity": "all"}
        calls = tables().stage("information", parameter, **stage).mode
        work = calls * 7 / (calls * 7 + (1 - calls) * 15)
        at_first = np.array(["first_line" in name for name in names])
        own = staff[(staff["operator"] == "opacif") & at_first]
        phone = ["telephone" in where.network.team_names[team] for team in own["team"]]
        assert own[phone]["etp"].sum() / own["etp"].sum() == pytest.approx(work)


# -- what it changes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", [(POOLED,), (DEDICATED,), (REGIONAL,), (POOLED, DEDICATED, REGIONAL)])
def test_the_same_people_ask_on_the_same_dates_whatever_the_teams(changes):
    ours, theirs = world(*changes).people, world().people
    assert np.array_equal(ours.arrival, theirs.arrival)
    assert np.array_equal(ours.entry, theirs.entry)


def test_a_pool_of_the_same_staff_makes_nobody_wait_longer_on_its_loaded_queue():
    """In Corse Pôle emploi has the longest waits of the three, and the others have time."""
    alone, together = (accueils(world(*changes)) for changes in ((), (POOLED,)))
    before, after = (of[of["operator"].isin(FOR_SEEKERS)] for of in (alone, together))
    waits = before.groupby("operator")["days"].mean()
    assert waits.idxmax() == "pole_emploi" or waits["pole_emploi"] > waits["missions_locales"]
    of_loaded = [of[of["operator"] == "pole_emploi"] for of in (before, after)]
    assert of_loaded[1]["days"].mean() < 0.5 * of_loaded[0]["days"].mean()
    assert of_loaded[1]["left"].mean() <= of_loaded[0]["left"].mean()
    assert after["days"].mean() < before["days"].mean()


def test_who_is_in_no_pool_waits_as_before():
    alone, together = (accueils(world(*changes)) for changes in ((), (POOLED,)))
    for operator in ("opacif", "apec"):
        ours, theirs = (of[of["operator"] == operator].reset_index(drop=True) for of in (together, alone))
        # who is sent on comes from a pool, a little sooner or later: few
        assert len(ours) == pytest.approx(len(theirs), rel=0.02)
        assert ours["days"].mean() == pytest.approx(theirs["days"].mean(), rel=0.05)


def test_dedicated_teams_lose_what_a_versatile_one_gains():
    """Where nobody is overloaded, two small teams make people wait longer than one of both."""
    alone, apart = (accueils(world(*changes)) for changes in ((), (DEDICATED,)))
    for operator in FOR_SEEKERS:
        one, two = (of[of["operator"] == operator]["days"].mean() for of in (alone, apart))
        assert two > one, operator


# -- hours and money -----------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", [(POOLED,), (WITH_THE_LOADED,), (DEDICATED,), (POOLED, DEDICATED)])
def test_each_operator_pays_the_time_of_its_posts_to_the_second(changes):
    ours, theirs = paid(world(*changes)), paid(world())
    assert ours.index.equals(theirs.index)
    # a second a team, operator and year is rounding
    assert np.abs(ours.to_numpy() - theirs.to_numpy()).max() <= 2


@pytest.mark.parametrize(
    "changes", [(POOLED,), (WITH_THE_LOADED,), (DEDICATED,), (REGIONAL,), (POOLED, DEDICATED)]
)
def test_the_ledger_closes_and_each_payer_pays_what_it_did_for_posts(changes):
    of = world(*changes)
    close(of.ledger, of.quantities)
    if REGIONAL in changes:
        return

    def of_posts(found):
        rows = found.ledger.rows
        staff = rows["nature"].str.startswith(("advisers_", "first_line_"))
        here = rows[staff & ~rows["nature"].str.contains("overtime")]
        return here.groupby(["operator", "payer"])["amount_cents"].sum()

    ours, theirs = of_posts(of), of_posts(world())
    assert ours.index.equals(theirs.index)
    # cents are rounded cell by cell
    assert np.abs(ours - theirs).max() < 100


@pytest.mark.parametrize(
    "changes", [(POOLED,), (WITH_THE_LOADED,), (REGIONAL,), (POOLED, DEDICATED, REGIONAL)]
)
def test_the_hours_of_operators_are_those_of_their_team_to_the_second(changes):
    of = world(*changes)
    names = ["duty_s", "used_s", "overtime_s", "idle_s"]
    shared = SharedTime.of(of.where, of.hours, of.worked).hours
    assert (shared[names] >= 0).all().all()
    assert (shared["duty_s"] + shared["overtime_s"] == shared["used_s"] + shared["idle_s"]).all()
    summed = shared.groupby(["team", "year"])[names].sum()
    assert summed.equals(of.hours.set_index(["team", "year"])[names].sort_index())
    # what is served, in the quantities: the same to the second over operators
    counted = of.quantities[of.quantities["quantity"].isin(["used_s", "overtime_s"])]
    assert counted["value"].sum() == of.hours["used_s"].sum()


def test_an_operator_serves_its_own_people_first_and_lends_what_is_left():
    """The OPACIF of Corse have more work than time; the Mission locale has time."""
    of = world(WITH_THE_LOADED)
    whole = of.where.teams.index[of.where.teams["operator"] == "opacif+missions_locales"][0]
    shared = SharedTime.of(of.where, of.hours, of.worked)
    here = shared.hours[shared.hours["team"] == whole].set_index("operator")
    asked = of.worked[of.worked["team"] == whole].groupby("operator", observed=True)["used_s"].sum()
    assert asked["opacif"] > here.loc["opacif", "duty_s"]
    assert here.loc["opacif", "idle_s"] == 0
    assert here.loc["missions_locales", "used_s"] > asked["missions_locales"]
    used = of.quantities[of.quantities["quantity"] == "used_s"]
    employees = used["public"].str.startswith("salaries") & (used["role"] == "advisers")
    by = used[employees].groupby("operator")["value"].sum()
    assert by["missions_locales"] > 0
    before = world().quantities
    seen = before[(before["quantity"] == "used_s") & before["public"].str.startswith("salaries")]
    assert "missions_locales" not in set(seen[seen["role"] == "advisers"]["operator"])


def test_the_load_of_a_team_is_the_sum_of_its_operators():
    where, apart = (deployed("central", *SHORT, *changes) for changes in ((POOLED,), ()))
    ours, theirs = (offered_loads(of, [draw_entrants(of, seed=SEED, replication=0)]) for of in (where, apart))
    for frame in (ours, theirs):
        assert frame.groupby(["operator", "role", "region", "year"]).size().max() <= 2
    columns = ["people", "hours_needed"]
    both = [of[of["role"] == "advisers"].groupby("operator")[columns].sum() for of in (ours, theirs)]
    assert np.allclose(both[0].to_numpy(), both[1].to_numpy())
    pool = ours[(ours["operator"].isin(FOR_SEEKERS)) & (ours["role"] == "advisers")]
    assert len(set(pool["team"])) == 1
    assert pool["hours_available"].sum() == pytest.approx(
        theirs[theirs["operator"].isin(FOR_SEEKERS) & (theirs["role"] == "advisers")][
            "hours_available"
        ].sum(),
        rel=0.02,
    )


# -- engines, parts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", [(POOLED, DEDICATED), (WITH_THE_LOADED, REGIONAL)])
def test_both_engines_give_the_same_trace(changes):
    where, people = deployed("central", *SHORT, *changes), tape("central", *SHORT, *changes)
    begin = where.horizon.begin
    end = begin + 120 * SECONDS_PER_DAY
    ours, theirs = (of.run(where.network, people, None, begin, end) for of in (compiled_engine, simpy_engine))
    assert_equal(theirs, ours)
    assert len(ours[0].visits) > 3_000


@pytest.mark.parametrize("changes", [(PLATFORM,), (PLATFORM, POOLED, DEDICATED)])
def test_a_platform_for_all_operators_is_run_before_the_regions_and_the_answer_is_the_same(changes):
    where = deployed("central", *SHORT, *changes, regions=TWO)
    people = tape("central", *SHORT, *changes, regions=TWO)
    network, begin = where.network, where.horizon.begin
    _, empty = compiled_engine.run(network, people, None, begin, begin)
    end = begin + 60 * SECONDS_PER_DAY
    shards, trace, last = in_shards(compiled_engine, network, people, empty, begin, end)
    whole, whole_last = compiled_engine.run(network, people, empty, begin, end)
    platform = f"{'+'.join(OPERATORS)}.first_line.telephone.national"
    assert [shard.name for shard in shards] == [platform, *where.regions]
    assert trace.equals(whole)
    assert last.equals(whole_last)


@pytest.mark.parametrize(("change", "parts"), [(PLATFORM, 3), (REGIONAL, 2), (POOLED, 3), (DEDICATED, 3)])
def test_a_warm_up_is_made_of_the_parts_and_the_teams_of_its_scenario(change, parts):
    setting = Setting.of(variant("central", *SHORT, change), tables(), TWO)
    assert len(setting.parts) == parts
    for part, world_of in zip(setting.parts, setting.warm_up, strict=True):
        assert part.name == world_of.name
        assert part.deployment.network.team_names == world_of.deployment.network.team_names
        assert world_of.deployment.scenario.service.intensity == "actuelle"


# -- refused -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "changes", "place", "said"),
    [
        (
            "central",
            {"staff.pooled": [["apec", "opacif"], ["cap_emploi", "apec"]]},
            "staff.pooled",
            "one group",
        ),
        ("central", {"staff.pooled": [["apec"]]}, "staff.pooled", "at least two"),
        ("central", {"staff.pooled": [["apec", "mife"]]}, "staff.pooled", "mife"),
        ("mutualise", {"staff.pooled": [["pole_emploi", "cap_emploi"]]}, "service.overflow", "staff.pooled"),
        (
            "conseil-separe-du-financeur",
            {"staff.pooled": [["opacif", "apec"]]},
            "staff.pooled",
            "financer_apart",
        ),
        ("central", {"staff.teams": "mixed"}, "staff.teams", "versatile"),
        ("central", {"staff.shared_platform": "europe"}, "staff.shared_platform", "national"),
    ],
)
def test_what_makes_no_team_is_refused(name, changes, place, said):
    with pytest.raises(ScenarioError) as refused:
        scenario(name).derive(changes, tables=tables())
    assert place in str(refused.value)
    assert said in str(refused.value)


def test_a_body_apart_leaves_the_pools_of_the_others_alone():
    pools = [["pole_emploi", "cap_emploi"]]
    of = scenario("conseil-separe-du-financeur").derive({"staff.pooled": pools}, tables=tables())
    assert (of.staff.pooled, of.service.financer_apart) == ((("pole_emploi", "cap_emploi"),), True)
