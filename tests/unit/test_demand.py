"""Who asks and when: the same people in every scenario, as many as the tables say, at the hours they say."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from deployments import population, tables
from worlds import CORSE, SEED, SHORT, deployed, entrants, identified, tape, variant

from cepsim.errors import ScenarioError, TableError
from cepsim.people.demand import SLAB_HEIGHT, awareness
from cepsim.people.sources import sources
from cepsim.people.tape import PURPOSES
from cepsim.people.territory import public_holidays
from cepsim.scenario.vocabulary import JOB_SEEKERS, PRIVATE_EMPLOYEES, SCHOOL_LEAVERS
from cepsim.tables import rake

INDUCED = "figures.demand.all.cep.induced_demand_at_full_awareness"
#: Traits that nothing in a scenario touches.
LASTING = [
    "population", "asks", "cadre", "registered", "under_26", "disabled", "autonomy", "distance",
    "time_accueil", "time_conseil",
]  # fmt: skip


@pytest.mark.parametrize("name", ["premiere-vague", "central"])
def test_the_same_person_asks_on_the_same_date_with_the_same_traits_in_every_scenario(name):
    today, then = identified("reference"), identified(name)
    assert today.index.isin(then.index).all()
    same = then.loc[today.index]
    for column in ["arrival", *LASTING]:
        assert (same[column] == today[column]).all(), column
    # the order of the tape is that of arrival, whoever else comes
    assert (np.diff(same["person"]) > 0).all()


def test_projects_and_bilans_change_with_what_is_given_alone():
    today, first, central = (identified(name) for name in ("reference", "premiere-vague", "central"))
    for column in ("project", "bilan"):
        assert (first.loc[today.index, column] == today[column]).all()
        others = central.loc[today.index]
        waiting = others["admitted"] == 0
        assert waiting.sum() > 1000
        assert (others.loc[waiting, column] == today.loc[waiting, column]).all()
    # a smaller share of bilans, on the same draws: nobody asks for one who did not
    received = central.loc[today.index, "admitted"] == 1
    assert (central.loc[today.index, "bilan"] <= today["bilan"])[received].all()


@pytest.mark.parametrize("name", ["premiere-vague", "central"])
def test_people_common_to_two_scenarios_have_the_same_draws(name):
    ours, theirs = identified("reference", *SHORT), identified(name, *SHORT)
    one, other = tape("reference", *SHORT), tape(name, *SHORT)
    mine, his = ours["person"].to_numpy(), theirs.loc[ours.index, "person"].to_numpy()
    compared = 0
    for block in range(one.layout_rows.shape[1]):
        rows = [t.layout_rows[t.layout[p], block] for t, p in ((one, mine), (other, his))]
        for ordinal in range(int(min(r.max() for r in rows))):
            both = (rows[0] > ordinal) & (rows[1] > ordinal)
            places = [np.full(both.sum(), number) for number in (block, ordinal)]
            draws = [t.draws_of(p[both], *places) for t, p in ((one, mine), (other, his))]
            assert np.array_equal(*draws), (block, ordinal)
            compared += both.sum()
    assert compared > 100_000


def test_those_who_come_because_of_the_right_are_those_who_do_not_come_today():
    today, then = identified("reference"), identified("premiere-vague")
    new = ~then.index.isin(today.index)
    assert (then["induced"] == new).all()
    assert (then.loc[new, "admitted"] == 1).all()
    assert (then.loc[new, "arrival"] > 0).all()
    assert new.sum() > 1000


def test_awareness_multiplies_the_right_alone_so_that_today_s_people_all_come():
    today, then = identified("reference"), identified("premiere-vague")
    assert len(then[then["induced"] == 0]) == len(today)


def test_more_induced_demand_gives_the_same_people_and_others():
    once, twice = identified("premiere-vague"), identified("premiere-vague", (INDUCED, 0.6))
    assert once.index.isin(twice.index).all()
    grown, before = (len(x) - len(identified("reference")) for x in (twice, once))
    assert abs(grown - 2 * before) < 5 * np.sqrt(2 * before + 4 * before)
    assert (once["arrival"] == twice.loc[once.index, "arrival"]).all()


def test_more_layoffs_give_the_same_people_and_others():
    id_ = "figures.demand.de_licenciement_eco.event.events_per_year_hors_csp"
    usual, shock = identified("reference"), identified("reference", (id_, 228.0))
    assert usual.index.isin(shock.index).all()
    new = shock[~shock.index.isin(usual.index)]
    assert set(new["name_of_public"]) == {"de_licenciement_eco"}
    before = (usual.index.get_level_values("why") == "event") & (
        usual["name_of_public"] == "de_licenciement_eco"
    )
    assert abs(len(new) - 0.2 * before.sum()) < 5 * np.sqrt(0.2 * before.sum())


@pytest.mark.parametrize("launch", [date(2014, 1, 1), date(2014, 7, 1), date(2015, 7, 1)])
def test_another_launch_date_keeps_people_on_their_calendar_dates(launch):
    usual = identified("reference")
    moved = identified("reference", ("calendar.launch_date", launch))
    assert moved["date"].min() < pd.Timestamp(launch) - pd.Timedelta(days=350)
    begin = max(usual["date"].min(), moved["date"].min())
    end = min(usual["date"].max(), moved["date"].max())
    here, there = (frame[frame["date"].between(begin, end)]["date"] for frame in (usual, moved))
    assert len(here) > 30_000
    assert here.sort_index().equals(there.sort_index())


def test_people_ask_in_the_years_before_the_origin_of_operational_time():
    early = identified("reference", ("calendar.launch_date", date(2014, 1, 1)))
    before = early[early["date"] < "2014-01-01"]
    usual = identified("reference")
    year = usual[(usual["date"] >= "2014-01-01") & (usual["date"] < "2015-01-01")]
    assert abs(len(before) - len(year)) < 5 * np.sqrt(len(before) + len(year))
    assert (before["slab"] % 2 == 1).all()
    assert (year["slab"] % 2 == 0).all()


@pytest.mark.parametrize("added", ["independants", "agents_publics"])
def test_another_public_permutes_nobody_and_changes_no_draw(added):
    publics = (*PRIVATE_EMPLOYEES, *JOB_SEEKERS, SCHOOL_LEAVERS)
    usual = identified("reference", *SHORT)
    more = ("demand.publics_with_base_demand", (*publics[:4], added, *publics[4:]))
    wider = identified("reference", *SHORT, more)
    assert (wider["name_of_public"] == added).any()
    same = wider[wider["name_of_public"] != added]
    assert same.index.equals(usual.index)
    columns = ["arrival", "station", "alternate", "profile", "project", "bilan", *LASTING]
    assert same[columns].equals(usual[columns])
    assert draws_by_person("reference", *SHORT, more)[same["person"]].equals(
        draws_by_person("reference", *SHORT)[usual["person"]]
    )


def test_a_second_region_changes_nothing_in_the_first():
    alone, together = identified("reference", *SHORT), identified("reference", *SHORT, regions=("94", "03"))
    here = together.loc[["94"]]
    assert len(together) > len(here) == len(alone)
    columns = ["arrival", "station", "alternate", "profile", "project", "bilan", *LASTING]
    assert here.index.equals(alone.index)
    assert here[columns].equals(alone[columns])
    assert draws_by_person("reference", *SHORT, regions=("94", "03"))[here["person"]].equals(
        draws_by_person("reference", *SHORT)[alone["person"]]
    )


def draws_by_person(*args, **of) -> pd.DataFrame:
    """What names the draws of each person, and those of the first visit of each block; by number."""
    of_tape = tape(*args, **of)
    everybody = np.arange(of_tape.person_count)
    names = {"key": of_tape.keys[of_tape.stream, 0], "rank": of_tape.rank}
    for block in range(len(of_tape.blocks)):
        same = np.full(len(everybody), block)
        drawn = of_tape.draws_of(everybody, same, np.zeros_like(same))
        names |= {f"{block} {purpose}": drawn[:, n] for n, purpose in enumerate(PURPOSES)}
    return Numbered(pd.DataFrame(names))


class Numbered:
    def __init__(self, values):
        self.values = values

    def __getitem__(self, persons):
        return Numbered(self.values.iloc[np.asarray(persons)].reset_index(drop=True))

    def equals(self, other):
        return len(self.values) > 0 and self.values.equals(other.values)


def test_another_seed_or_replication_gives_other_people_and_as_many():
    from cepsim.people.population_tape import draw_entrants

    where = deployed("reference", *SHORT)
    runs = [
        draw_entrants(where, seed=seed, replication=n).chosen.arrival
        for seed, n in ((SEED, 0), (SEED, 0), (SEED, 1), (SEED + 1, 0))
    ]
    assert np.array_equal(runs[0], runs[1])
    for other in runs[2:]:
        assert abs(len(other) - len(runs[0])) < 5 * np.sqrt(2 * len(other))
        assert len(np.intersect1d(other, runs[0])) < 0.1 * len(other)


def test_the_numbers_of_each_source_are_those_of_the_tables():
    where, people = deployed("reference"), identified("reference")
    years = 5
    counts = people.groupby(["of", "why", "by"]).size()
    for source in where.sources:
        expected = source.stock * source.rate * years
        found = counts.get((source.public, source.source, source.channel), 0)
        assert abs(found - expected) < 5 * np.sqrt(expected) + 1, source
    assert len(where.sources) == len({(s.public, s.source, s.channel) for s in where.sources})


def test_first_requests_and_shares_that_ask_are_the_derived_rows_of_the_tables():
    of = tables()
    for source in deployed("reference").sources:
        if source.source == "spontaneous":
            rows = [
                s
                for s in deployed("reference").sources
                if (s.public, s.source) == (source.public, source.source)
            ]
            assert sum(s.rate for s in rows) == pytest.approx(
                of.demand(source.public, "stock", "first_requests").mode
            )
            # the row of the table is rounded to four decimals
            per_person = of.demand(source.public, "stock", "p_accueil_per_person").mode
            assert source.asks == pytest.approx(per_person, abs=1e-4)


def test_contacts_of_france_are_those_of_the_opacif():
    everywhere = tuple(r.code for r in tables().regions if r.zone == "metropole")
    found = sources(
        variant("reference"),
        tables(),
        population(),
        population(),
        tuple(r for r in tables().regions if r.code in everywhere),
    )
    first = sum(
        s.stock * s.rate for s in found if s.public in PRIVATE_EMPLOYEES and s.source == "spontaneous"
    )
    check = tables().figure("demand.salaries_prives.control.opacif_contacts_total@check")
    repeats = tables().figure("demand.all.contacts.repeat_contact_share").mode
    assert first / (1 - repeats) == pytest.approx(check.mode_in_base, rel=1e-3)


def test_every_level_lies_in_its_slab_and_in_the_part_of_those_who_ask():
    people, where = identified("premiere-vague"), deployed("premiere-vague")
    number = people["slab"] // 2
    assert (people["level"] >= number * SLAB_HEIGHT - 1e-12).all()
    assert (people["level"] < (number + 1) * SLAB_HEIGHT + 1e-12).all()
    rate = np.array([s.rate for s in where.sources])[entrants("premiere-vague").chosen.source]
    assert ((people["level"] < rate) == (people["induced"] == 0)).all()


def test_levels_of_those_who_come_today_are_uniform():
    people = identified("reference")
    mine = people.loc[(slice(None), "salaries_cdi", "spontaneous", "telephone"), :]
    rate = next(
        s.rate
        for s in deployed("reference").sources
        if (s.public, s.channel) == ("salaries_cdi", "telephone")
    )
    cells = np.histogram(mine["level"] / rate, bins=10, range=(0, 1))[0]
    assert cells.sum() == len(mine)
    assert ((cells - cells.mean()) ** 2 / cells.mean()).sum() < 33.7  # chi-square, 9 degrees, 1 in 10 000


def test_nobody_asks_on_a_sunday_a_saturday_or_a_holiday():
    days = identified("reference")["date"].dt.normalize()
    assert (days.dt.day_of_week < 5).all()
    closed = set().union(*(public_holidays("metropole", year) for year in range(2014, 2019)))
    assert not set(days.dt.date) & closed
    # and on every other day somebody does
    first, last = date(2014, 1, 1), date(2018, 12, 31)
    every = {first + timedelta(days=n) for n in range((last - first).days + 1)}
    usual = {day for day in every if day.weekday() < 5} - closed
    assert usual == set(days.dt.date)


def test_shares_of_hours_are_met_on_the_telephone_and_follow_the_advisers_at_the_desk():
    people = identified("reference")
    asked = people.index.get_level_values("by")
    hour = people["date"].dt.hour + people["date"].dt.minute / 60
    calls, visits = hour[asked == "telephone"], hour[asked == "face_to_face"]
    for id_ in tables().ids("calendar"):
        if id_.startswith("calendar.hour_share_telephone."):
            begin, end = (int(t[:2]) + int(t[3:]) / 60 for t in id_.split(".")[-1].split("-"))
            share = tables().figure(id_).mode
            found = ((calls >= begin) & (calls < end)).mean()
            assert abs(found - share) < 5 * np.sqrt(share / len(calls)), id_
    assert (((visits >= 9) & (visits < 12.5)) | ((visits >= 13.5) & (visits < 17.5))).all()
    assert abs((visits < 12.5).mean() - 3.5 / 7.5) < 5 * np.sqrt(0.25 / len(visits))


def test_mondays_and_augusts_weigh_what_the_tables_say():
    people = identified("reference")
    employees = people[people["name_of_public"].isin(PRIVATE_EMPLOYEES)]
    per_day = employees.groupby(employees["date"].dt.date).size()
    weekday = pd.Series([day.weekday() for day in per_day.index], index=per_day.index)
    ordinary = per_day[[day.month not in (8,) for day in per_day.index]]
    by_weekday = ordinary.groupby(weekday).agg(["mean", "sum"])
    ratio = by_weekday["mean"] / by_weekday["mean"].mean()
    for number, name in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday")):
        index = tables().figure(f"calendar.weekday_index.{name}").mode
        assert abs(ratio[number] - index) < 5 * index / np.sqrt(by_weekday["sum"][number]), name
    august = per_day[[day.month == 8 for day in per_day.index]]
    index = (
        tables().figure("flows.saison_salaries.m08").mode / tables().figure("flows.saison_salaries.m07").mode
    )
    assert abs(august.mean() / ordinary.mean() - index) < 0.06


def test_awareness_is_nothing_on_the_first_day_and_nine_tenths_at_its_date():
    for changes, years in (((), 2.0), ((("demand.employers_inform", True),), 1.0)):
        of = variant("premiere-vague", *changes)
        known = awareness(np.array([-1.0, 0.0, years, 100.0]), of, tables())
        assert known[:2].tolist() == [0.0, 0.0]
        assert known[2] == pytest.approx(0.9, abs=1e-4)
        assert known[3] == 1.0


def test_induced_people_are_few_at_first_and_reach_the_share_of_the_tables():
    people = identified("premiere-vague")
    can_grow = ~people.index.get_level_values("by").isin(["direct"])
    mine = people[can_grow & (people["admitted"] == 1) & (people["arrival"] >= 0)]
    year = mine["date"].dt.year - 2015
    of = mine.groupby(year)["induced"].agg(lambda flag: flag.sum() / (1 - flag).sum())
    t = np.linspace(0, 1, 1000)
    for n in range(4):
        expected = 0.3 * awareness(n + t, variant("premiere-vague"), tables()).mean()
        assert abs(of[n] - expected) < 0.02


def test_independants_and_agents_publics_ask_nothing_today():
    names = set(identified("reference")["name_of_public"])
    assert names == {*PRIVATE_EMPLOYEES, *JOB_SEEKERS, SCHOOL_LEAVERS}


def test_people_in_csp_and_the_flow_of_the_apec_do_not_grow():
    today, then = identified("reference"), identified("premiere-vague")
    for why in ("csp", "apec_flow"):
        counts = [(frame.index.get_level_values("why") == why).sum() for frame in (today, then)]
        assert counts[0] == counts[1] > 0


def test_a_scenario_in_which_nobody_asks_is_refused():
    silent = variant("reference").model_copy(
        update={"demand": variant("reference").demand.model_copy(update={"publics_with_base_demand": ()})}
    )
    with pytest.raises(ScenarioError, match="publics_with_base_demand"):
        sources(silent, tables(), population(), population(), tuple(tables().regions[:1]))


def test_more_people_asking_than_are_answered_is_refused():
    high = tables().with_overrides(
        {
            "demand.de_autres.stock.p_accueil": replace_range(
                tables().figure("demand.de_autres.stock.p_accueil"), 0.9
            )
        }
    )
    counts = rake(high)
    with pytest.raises(TableError, match=r"at most 0\.8"):
        sources(variant("reference"), high, counts, counts, tuple(tables().regions[:1]))


def replace_range(figure, value):
    return replace(figure, low=value, mode=value, high=value)


def test_people_are_in_order_of_arrival_then_of_who_they_are():
    people = identified("premiere-vague", *SHORT, regions=("94", "03"))
    keys = [people["arrival"], people["region"], people["public"]]
    order = np.lexsort([k.to_numpy() for k in reversed(keys)])
    assert (order == np.arange(len(people))).all()
    assert people["arrival"].between(deployed("premiere-vague", *SHORT).horizon.begin, 365 * 86400).all()
    assert set(people.index.get_level_values("code")) == {*CORSE, "03"}
