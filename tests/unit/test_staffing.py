"""Posts day by day, and the people on duty that they give."""

from datetime import date

import numpy as np
import pytest
from deployments import population, tables
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import region, variant

from cepsim.errors import ScenarioError
from cepsim.people.deployment import NATIONAL
from cepsim.people.horizon import Horizon
from cepsim.people.posts import PostBook
from cepsim.people.staffing import Staffing
from cepsim.people.territory import public_holidays
from cepsim.scenario.vocabulary import OPERATORS
from cepsim.units import SECONDS_PER_DAY

HORIZON = Horizon(date(2015, 1, 1), years=3, follow_up_years=1, warm_up_years=1)
EVERYWHERE = [r.code for r in tables().regions]
REGULAR = ("94",)


def change(etp, *, operator="opacif", team="advisers", when=date(2015, 1, 1), character="new", regions="all"):
    return {
        "operator": operator, "team": team, "from_date": when, "etp": etp, "character": character,
        "regions": regions, "reason": "test",
    }  # fmt: skip


def book(name="reference", *changes, horizon=HORIZON, **figures):
    """The posts of a scenario with changes of staff and figures."""
    of = variant(name)
    wanted = {f"figures.{key}": value for key, value in figures.items()}
    if changes:
        wanted["staff.changes"] = list(changes)
    of = of.derive(wanted, tables=tables()) if wanted else of
    return PostBook(of, tables().with_overrides(of.figures), population(), horizon)


def staffing(name="reference", *changes, codes=REGULAR, horizon=HORIZON, **figures):
    of = variant(name)
    wanted = {f"figures.{key}": value for key, value in figures.items()}
    if changes:
        wanted["staff.changes"] = list(changes)
    of = of.derive(wanted, tables=tables()) if wanted else of
    regions = tuple(region(code) for code in codes)
    return Staffing(of, tables().with_overrides(of.figures), population(), regions, horizon)


def team(found, name):
    return next(t for t in found if t.name == name)


def day_of(of: PostBook, when: date) -> int:
    return HORIZON.day(when) - of.first_day


# -- posts ------------------------------------------------------------------------------------------


def test_all_regions_together_have_the_posts_of_the_tables():
    posts = book()
    for operator, given_to_cep in (
        ("opacif", 275.0),  # what the scenario `reference` says, within the range of the tables
        ("apec", 450 * 0.5),
        ("pole_emploi", 18_500 * 0.05),
        ("missions_locales", 7_000 * 0.10),
        ("cap_emploi", 1_150 * 0.20),
    ):
        found = posts.advisers(operator, EVERYWHERE)
        assert found.existing == pytest.approx(given_to_cep)
        assert not found.new.any()
        assert not found.redeployed.any()
    for operator, channel, etp in (
        ("opacif", "", 150),
        ("apec", "", 20),
        ("missions_locales", "", 60),
        ("cap_emploi", "", 10),
        ("pole_emploi", "telephone", 158),
        ("pole_emploi", "face_to_face", 160),
    ):
        assert posts.first_line(operator, EVERYWHERE, channel).paid == pytest.approx(etp)


def test_the_opacif_grow_evenly_to_what_the_ramp_says_at_each_year_s_end():
    posts = book("central")
    found = posts.advisers("opacif", EVERYWHERE)
    for when, added in (
        (date(2014, 6, 1), 0),
        (date(2015, 1, 1), 0),
        (date(2015, 7, 2), 60 * 2 * 182 / 365),
        (date(2016, 1, 1), 120),
        (date(2017, 1, 1), 280),
        (date(2018, 1, 1), 420),
        (date(2018, 12, 31), 420),
    ):
        assert found.new[day_of(posts, when)] == pytest.approx(added), when
    assert found.existing == pytest.approx(275)
    assert not found.redeployed.any()


@pytest.mark.parametrize(
    ("operator", "staff", "shares"),
    [("pole_emploi", 18_500, (0.05, 0.08, 0.10)), ("missions_locales", 7_000, (0.10, 0.15, 0.20))],
)
def test_the_shares_given_by_the_public_operators_step_up_on_each_anniversary(operator, staff, shares):
    posts = book("central")
    found = posts.advisers(operator, EVERYWHERE)
    for when, share in (
        (date(2014, 12, 31), shares[0]),
        (date(2015, 12, 31), shares[0]),
        (date(2016, 1, 1), shares[1]),
        (date(2016, 12, 31), shares[1]),
        (date(2017, 1, 1), shares[2]),
        (date(2018, 12, 31), shares[2]),
    ):
        assert found.paid[day_of(posts, when)] == pytest.approx(staff * share), when
    assert not found.new.any()


def test_the_opacif_keep_part_of_their_advisers_for_files_left_to_the_financer():
    of = variant("reference").derive({"service.engineering": "out"}, tables=tables())
    without = PostBook(of, tables().with_overrides(of.figures), population(), HORIZON)
    assert without.advisers("opacif", EVERYWHERE).paid == pytest.approx(275 * 0.75)
    assert without.advisers("apec", EVERYWHERE).paid == pytest.approx(225)


def test_a_change_is_shared_by_the_key_among_its_regions():
    posts = book("reference", change(100, regions=["53", "94"], when=date(2016, 3, 1)))
    keys = population().keys["opacif"]
    before, after = day_of(posts, date(2016, 2, 29)), day_of(posts, date(2016, 3, 1))
    for code in ("53", "94"):
        found = posts.advisers("opacif", [code]).new
        assert found[before] == 0
        assert found[after] == pytest.approx(100 * keys[code] / (keys["53"] + keys["94"]))
    assert not posts.advisers("opacif", ["11"]).new.any()
    assert not posts.advisers("apec", ["53"]).new.any()


def test_a_change_of_the_first_line_is_shared_between_the_channels_as_their_posts_are():
    posts = book("reference", change(31.8, operator="pole_emploi", team="first_line", character="redeployed"))
    after = day_of(posts, date(2015, 1, 1))
    for channel, etp in (("telephone", 15.8), ("face_to_face", 16.0)):
        found = posts.first_line("pole_emploi", EVERYWHERE, channel)
        assert found.redeployed[after] == pytest.approx(etp)


def test_a_change_may_take_every_post_and_not_one_more():
    assert book("reference", change(-275)).advisers("opacif", EVERYWHERE).paid[-1] == pytest.approx(0)
    with pytest.raises(ScenarioError, match=r'opacif, advisers, 26 regions: found "-1\.00 posts left"'):
        book("reference", change(-276)).advisers("opacif", EVERYWHERE)


# -- learning ----------------------------------------------------------------------------------------


def lost(posts, found):
    return found.paid - posts.productive(found)


def test_people_hired_give_seven_tenths_for_four_months():
    no_departure = {"unit_costs.departure_rate.all": 0.0}
    posts = book("reference", change(100, when=date(2015, 3, 2)), **no_departure)
    missing = lost(posts, posts.advisers("opacif", EVERYWHERE))
    hired = day_of(posts, date(2015, 3, 2))
    assert missing[:hired] == pytest.approx(0)
    assert missing[hired : hired + 120] == pytest.approx(30)
    assert missing[hired + 120 :] == pytest.approx(0, abs=1e-9)


def test_those_of_launch_day_have_learnt_before_it():
    posts = book("reference", change(100), **{"unit_costs.departure_rate.all": 0.0})
    assert lost(posts, posts.advisers("opacif", EVERYWHERE)) == pytest.approx(0)


def test_those_hired_a_little_before_launch_still_learn_at_launch():
    posts = book("reference", change(100, when=date(2014, 12, 1)), **{"unit_costs.departure_rate.all": 0.0})
    missing = lost(posts, posts.advisers("opacif", EVERYWHERE))
    assert missing[day_of(posts, date(2015, 1, 1))] == pytest.approx(30)


def test_those_who_replace_departures_learn_too():
    posts = book("reference", change(100))
    missing = lost(posts, posts.advisers("opacif", EVERYWHERE))
    assert missing[-1] == pytest.approx(100 * 0.08 * 120 / 365.25 * 0.3)
    assert book().arrivals(book().advisers("opacif", EVERYWHERE)).sum() == 0


def test_staff_redeployed_do_not_learn_and_the_scenario_may_say_that_nobody_does():
    moved = book("reference", change(100, when=date(2015, 3, 2), character="redeployed"))
    assert lost(moved, moved.advisers("opacif", EVERYWHERE)) == pytest.approx(0)
    of = variant("central").derive({"staff.productivity.learning": False}, tables=tables())
    posts = PostBook(of, tables().with_overrides(of.figures), population(), HORIZON)
    found = posts.advisers("opacif", EVERYWHERE)
    assert found.new.any()
    assert lost(posts, found) == pytest.approx(0)


# -- on duty -------------------------------------------------------------------------------------------


def on_duty(found):
    """(day, seconds open, people on duty), a row an open day."""
    open_s = np.zeros(len(found.capacity), dtype=np.int64)
    np.add.at(open_s, found.calendar.days - found.first_day, found.calendar.closes - found.calendar.opens)
    duty = dict(found.duty())
    days = np.array(sorted(duty)) // SECONDS_PER_DAY
    return days, open_s[days - found.first_day], np.array([duty[d * SECONDS_PER_DAY] for d in days.tolist()])


@settings(max_examples=12)
@given(st.floats(0, 3000), st.floats(0, 3000))
def test_more_posts_never_put_fewer_people_on_duty_on_any_day(one, other):
    few, many = (
        staffing(**{"operators.opacif.advisers_fte": etp, "operators.opacif.first_line_fte": etp / 3})
        for etp in sorted((one, other))
    )
    for name in ("opacif.advisers.94", "opacif.first_line.94"):
        less, more = on_duty(team(few.teams(), name)), on_duty(team(many.teams(), name))
        assert (less[0] == more[0]).all()
        assert (less[2] <= more[2]).all()
        assert (less[1] * less[2] <= more[1] * more[2]).all()


@pytest.mark.parametrize("operator", OPERATORS)
def test_people_on_duty_work_the_direct_hours_of_their_posts_in_the_long_run(operator):
    found = team(staffing(codes=("53",)).teams(), f"{operator}.advisers.53")
    days, open_s, people = on_duty(found)
    assert len(set(open_s.tolist())) == 1
    # van der Corput: the sum never strays from the mean by more than the number of binary digits of the rank
    wanted = np.cumsum(found.capacity[days - found.first_day])
    assert np.abs(np.cumsum(people) - wanted).max() < np.log2(len(days)) + 2
    hours = found.posts.paid[0] * 1607 * 0.55
    for year in (2014, 2015, 2016):
        mine = (days >= HORIZON.day(date(year, 1, 1))) & (days < HORIZON.day(date(year + 1, 1, 1)))
        worked = (open_s * people)[mine].sum() / 3600
        assert abs(worked - hours) < 7.5 * 2 * (np.log2(len(days)) + 2)
        capacity = found.capacity[days[mine] - found.first_day]
        assert capacity.sum() * 7.5 == pytest.approx(hours)


def test_a_team_s_shift_is_its_own():
    teams = staffing(codes=("53", "52")).teams()
    one, other = (team(teams, f"opacif.advisers.{code}") for code in ("53", "52"))
    fractions = [on_duty(t)[2] - np.floor(t.capacity[t.capacity > 0]) for t in (one, other)]
    assert (fractions[0] != fractions[1]).any()


def test_a_first_line_of_less_than_one_opens_for_that_part_of_the_day_and_an_hour_at_least():
    small = {"operators.opacif.first_line_fte": 100.0, "operators.apec.first_line_fte": 1.0}
    teams = staffing(**small).teams()
    found = team(teams, "opacif.first_line.94")
    days, open_s, people = on_duty(found)
    capacity = found.capacity[days - found.first_day]
    assert 0 < capacity.min() <= capacity.max() < 1
    assert (people == 1).all()
    assert open_s == pytest.approx(capacity * 9.5 * 3600, abs=0.5)
    yearly = open_s[(days >= 0) & (days < 365)].sum() / 3600
    assert yearly == pytest.approx(found.posts.paid[0] * 1607 * 0.80, rel=1e-4)
    tiny = team(teams, "apec.first_line.94")
    assert set(on_duty(tiny)[1].tolist()) == {3600}
    assert tiny.capacity.max() * 9.5 < 1


def test_a_first_line_without_posts_has_nobody():
    found = team(staffing(**{"operators.cap_emploi.first_line_fte": 0.0}).teams(), "cap_emploi.first_line.94")
    assert not on_duty(found)[2].any()


def test_a_first_line_that_grows_is_part_time_before_and_whole_after():
    more = change(300, team="first_line", when=date(2016, 1, 4), character="redeployed")
    found = team(staffing("reference", more).teams(), "opacif.first_line.94")
    days, open_s, people = on_duty(found)
    after = days >= HORIZON.day(date(2016, 1, 4))
    assert found.capacity[days[~after] - found.first_day].max() < 1 < found.capacity[-2]
    assert (people[~after] == 1).all()
    assert open_s[~after].max() < 9.5 * 3600
    assert set(open_s[after].tolist()) == {9.5 * 3600}
    assert people[after].min() >= 1


# -- teams ------------------------------------------------------------------------------------------------


def test_every_operator_has_a_team_of_advisers_and_a_first_line_in_every_region():
    codes = ("42", "94", "03")
    teams = staffing(codes=codes).teams()
    names = [t.name for t in teams]
    assert len(set(names)) == len(names)
    for code in codes:
        for operator in OPERATORS:
            assert f"{operator}.advisers.{code}" in names
            channel = "face_to_face." if operator == "pole_emploi" else ""
            assert f"{operator}.first_line.{channel}{code}" in names
    platforms = [t for t in teams if t.kind.task == "telephone"]
    assert [(t.operator, t.region) for t in platforms] == [("pole_emploi", NATIONAL), ("pole_emploi", "03")]
    assert len(teams) == 2 * 3 * 5 + 2


def test_the_national_platform_holds_the_posts_of_the_metropolitan_regions_of_the_run():
    teams = staffing(codes=("42", "94", "03")).teams()
    keys = population().keys["pole_emploi"]
    found = team(teams, f"pole_emploi.first_line.telephone.{NATIONAL}")
    assert found.posts.paid == pytest.approx(158 * (keys["42"] + keys["94"]))


def test_the_national_platform_keeps_the_ordinary_holidays_even_for_alsace_alone():
    teams = staffing(codes=("42",)).teams()
    day = HORIZON.day(date(2015, 4, 3))
    assert date(2015, 4, 3) in public_holidays("alsace_moselle", 2015)
    open_on = {t.name: day in t.calendar.days for t in teams}
    assert open_on.pop(f"pole_emploi.first_line.telephone.{NATIONAL}")
    assert not any(open_on.values())


def test_an_overseas_run_has_no_national_platform():
    assert NATIONAL not in {t.region for t in staffing(codes=("01", "04")).teams()}


# -- posts and hires by year -------------------------------------------------------------------------------


def yearly(of: Staffing, name: str):
    teams = of.teams()
    frame = of.frame(teams)
    frame = frame[frame["team"] == [t.name for t in teams].index(name)]
    return frame.set_index(["year", "character"])[["etp", "hires", "arrivals"]]


def test_posts_by_year_are_means_of_the_days_and_hires_replace_those_who_leave():
    found = yearly(staffing("central", codes=("53",)), "opacif.advisers.53")
    key = population().keys.loc["53", "opacif"]
    assert list(found.index.get_level_values("year").unique()) == [2014, 2015, 2016, 2017]
    for year, mean, rise in ((2015, 60, 120), (2016, 200, 160), (2017, 350, 140)):
        assert found.loc[(year, "existing"), "etp"] == pytest.approx(275 * key)
        assert found.loc[(year, "existing"), "hires"] == 0
        # the mean of a day's posts over the days, not over the instants: half a day's rise away
        assert found.loc[(year, "new"), "etp"] == pytest.approx(mean * key, rel=0.01)
        replaced = 0.08 * found.loc[(year, "new"), "etp"]
        assert found.loc[(year, "new"), "arrivals"] == pytest.approx(rise * key + replaced, rel=0.01)


def test_who_arrives_was_hired_120_days_before():
    found = yearly(staffing("central", codes=("53",)), "opacif.advisers.53")
    key = population().keys.loc["53", "opacif"]
    part = 120 / 365
    # posts rise evenly: a part of each year's are hired in the year before, with those who replace
    rises = {2014: 120 * part, 2015: 120 * (1 - part) + 160 * part, 2016: 160 * (1 - part) + 140 * part}
    rises[2017] = 140 * (1 - part)
    posts = {2014: 20 * part, 2015: 60 - 20 * part + 147 * part, 2016: 227, 2017: 370}
    for year, rise in rises.items():
        replaced = 0.08 * posts[year]
        assert found.loc[(year, "new"), "hires"] == pytest.approx((rise + replaced) * key, rel=0.02), year
    assert found.loc[(2014, "new"), "etp"] == found.loc[(2014, "new"), "arrivals"] == 0


def test_a_post_of_march_is_hired_in_the_autumn_before_and_one_of_june_in_winter():
    for when, year in ((date(2015, 3, 1), 2014), (date(2015, 6, 1), 2015)):
        found = yearly(staffing("reference", change(100, when=when), codes=("53",)), "opacif.advisers.53")
        posts = 100 * population().keys.loc["53", "opacif"]
        hires = found["hires"].xs("new", level="character")
        assert hires[year] > posts * 0.99
        # and those who replace until 120 days after the horizon
        years = ((date(2018, 1, 1) - when).days + 120) / 365.25
        assert hires.sum() == pytest.approx(posts * (1 + 0.08 * years), rel=0.01)
        assert found.loc[(2015, "new"), "arrivals"] > posts


def test_new_posts_of_launch_day_are_paid_while_they_learn_the_year_before():
    found = yearly(staffing("reference", change(100), codes=("53",)), "opacif.advisers.53")
    posts = 100 * population().keys.loc["53", "opacif"]
    assert found.loc[(2014, "new"), "etp"] == pytest.approx(posts * 120 / 365)
    assert found.loc[(2014, "new"), "arrivals"] == pytest.approx(posts)
    # those who leave in the first 120 days are replaced by people hired before launch
    assert found.loc[(2014, "new"), "hires"] == pytest.approx(posts * (1 + 0.08 * 120 / 365.25), rel=0.01)
    assert found.loc[(2015, "new"), "etp"] == pytest.approx(posts)
    assert found.loc[(2015, "new"), "hires"] == pytest.approx(0.08 * posts, rel=0.01)
    assert (2014, "existing") not in found.index


def test_a_launch_in_july_counts_half_of_the_first_and_of_the_last_year():
    july = Horizon(date(2015, 7, 1), years=2, follow_up_years=1, warm_up_years=1)
    found = yearly(staffing(horizon=july, codes=("53",)), "opacif.advisers.53")
    etp = 275 * population().keys.loc["53", "opacif"]
    assert found["etp"].tolist() == pytest.approx([etp * 184 / 365, etp, etp * 181 / 365])


def test_posts_taken_away_are_negative_and_nobody_is_hired_for_them():
    found = yearly(staffing("reference", change(-100, when=date(2016, 1, 1))), "opacif.advisers.94")
    assert found.loc[(2016, "new"), "etp"] == pytest.approx(-100 * population().keys.loc["94", "opacif"])
    assert (found["hires"] == 0).all()
