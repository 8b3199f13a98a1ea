"""Open days, opening hours and hours of requests, region by region; dates of a run."""

from datetime import date, timedelta

import numpy as np
import pytest
from deployments import tables
from hypothesis import given
from hypothesis import strategies as st
from worlds import region

from cepsim.people.horizon import Horizon
from cepsim.people.territory import (
    YEAR_UNITS,
    RequestTimes,
    adviser_hours,
    calendar_span,
    open_dates,
    public_holidays,
    region_calendar,
    telephone_hours,
)
from cepsim.units import SECONDS_PER_DAY

HORIZON = Horizon(date(2015, 1, 1), years=3, follow_up_years=1, warm_up_years=1)
EVEN = (1.0,) * 12
GOOD_FRIDAY = date(2015, 4, 3)


def horizons():
    return st.builds(
        Horizon,
        st.dates(date(2014, 1, 1), date(2030, 12, 31)),
        st.integers(1, 10),
        st.integers(0, 3),
        st.integers(0, 5),
    )


@given(horizons())
def test_every_launch_date_has_its_anniversaries_and_quarters(horizon):
    bounds = horizon.year_bounds
    assert bounds[0] == 0
    assert all(360 < days < 370 for days in np.diff(bounds) / SECONDS_PER_DAY)
    quarters = horizon.quarters(horizon.end)
    assert quarters[0] == 0
    assert quarters[-1] == horizon.end
    assert len(quarters) == 4 * horizon.years + 1
    assert set(bounds) <= set(quarters)
    lengths = np.diff(quarters) / SECONDS_PER_DAY
    assert lengths.min() >= 87
    assert lengths.max() <= 95


@given(horizons())
def test_calendars_begin_in_january_and_go_on_for_months_after_the_last_second(horizon):
    first, last = calendar_span(horizon)
    assert (first.month, first.day, last.month, last.day) == (1, 1, 1, 1)
    assert horizon.second(first) <= horizon.begin
    assert horizon.second(last) >= horizon.observed + 90 * SECONDS_PER_DAY


def test_a_launch_on_the_twenty_ninth_of_february_has_anniversaries_on_the_twenty_eighth():
    leap = Horizon(date(2016, 2, 29), 3, 1, 1)
    assert [leap.anniversary(n) for n in (-1, 0, 1, 4)] == [
        date(2015, 2, 28),
        date(2016, 2, 29),
        date(2017, 2, 28),
        date(2020, 2, 29),
    ]


def test_a_quarter_begins_on_the_last_day_of_a_month_that_is_too_short():
    last_day = Horizon(date(2015, 8, 31), 1, 0, 1)
    days = [date(2015, 8, 31) + timedelta(seconds=s) for s in last_day.cohort_bounds]
    assert days == [
        date(2015, 8, 31),
        date(2015, 11, 30),
        date(2016, 2, 29),
        date(2016, 5, 31),
        date(2016, 8, 31),
    ]


@pytest.mark.parametrize(
    ("code", "day", "closed"),
    [
        ("42", GOOD_FRIDAY, True),
        ("42", date(2014, 12, 26), True),
        ("41", GOOD_FRIDAY, False),
        ("41", date(2014, 12, 26), False),
        ("94", GOOD_FRIDAY, False),
        ("94", date(2015, 5, 14), True),  # Ascension
        ("94", date(2015, 7, 14), True),
        ("04", date(2016, 12, 20), True),  # the abolition of slavery, in La Réunion
        ("94", date(2016, 12, 20), False),
        ("01", date(2015, 5, 27), True),  # the same, in Guadeloupe
        ("02", date(2015, 5, 22), True),  # in Martinique
        ("03", date(2015, 6, 10), True),  # in Guyane
    ],
)
def test_each_territory_keeps_its_own_holidays(code, day, closed):
    assert (day in public_holidays(region(code).holidays, day.year)) == closed
    assert (day not in open_dates(region(code), tables(), day, day + timedelta(days=1))) == closed


def test_nobody_asks_in_alsace_on_good_friday_and_people_elsewhere_do():
    everywhere = np.linspace(YEAR_UNITS, 2 * YEAR_UNITS, 200_000, endpoint=False).astype(np.int64)
    second = HORIZON.second(GOOD_FRIDAY)
    for code, asked in (("42", False), ("41", True)):
        times = RequestTimes(tables(), region(code), "telephone", EVEN).dates(everywhere, 2014, HORIZON)
        assert ((times >= second) & (times < second + SECONDS_PER_DAY)).any() == asked


@pytest.mark.parametrize("code", ["01", "02", "03", "04"])
def test_overseas_people_ask_and_are_served_by_their_own_clock(code):
    units = np.linspace(YEAR_UNITS, 2 * YEAR_UNITS, 5_000, endpoint=False).astype(np.int64)
    offset = region(code).utc_offset_hours * 3600
    assert offset != 0
    for channel, hours in (("telephone", [(8 * 3600, 20 * 3600)]), ("face_to_face", adviser_hours(tables()))):
        local = RequestTimes(tables(), region(code), channel, EVEN).dates(units, 2014, HORIZON) + offset
        hour = local % SECONDS_PER_DAY
        assert np.any([(hour >= begin) & (hour < end) for begin, end in hours], axis=0).all()
    for hours in (adviser_hours(tables()), telephone_hours(tables())):
        calendar = region_calendar(region(code), tables(), HORIZON, hours)
        opens = set(((calendar.opens + offset) % SECONDS_PER_DAY).tolist())
        closes = set(((calendar.closes + offset) % SECONDS_PER_DAY).tolist())
        assert (opens, closes) == ({b for b, _ in hours}, {e for _, e in hours})


def test_advisers_are_there_seven_hours_and_a_half_and_the_first_line_nine_and_a_half():
    assert sum(e - b for b, e in adviser_hours(tables())) == 7.5 * 3600
    assert sum(e - b for b, e in telephone_hours(tables())) == 9.5 * 3600


def test_a_year_of_operational_time_is_a_calendar_year_whatever_its_open_days():
    for year in (2014, 2015, 2016):
        units = (year - 2014) * YEAR_UNITS + np.array([0, YEAR_UNITS - 1])
        first, last = RequestTimes(tables(), region("94"), "telephone", EVEN).dates(units, 2014, HORIZON)
        assert HORIZON.second(date(year, 1, 2)) <= first < last < HORIZON.second(date(year + 1, 1, 1))


def test_dates_follow_operational_time():
    units = np.sort(np.random.default_rng(1).integers(-YEAR_UNITS, 3 * YEAR_UNITS, 20_000))
    times = RequestTimes(tables(), region("94"), "face_to_face", EVEN).dates(units, 2014, HORIZON)
    assert (np.diff(times) >= 0).all()


@given(st.lists(st.floats(0.1, 3), min_size=12, max_size=12))
def test_months_have_the_days_open_times_the_index(season):
    units = np.linspace(YEAR_UNITS, 2 * YEAR_UNITS, 100_000, endpoint=False).astype(np.int64)
    times = RequestTimes(tables(), region("94"), "face_to_face", tuple(season)).dates(units, 2014, HORIZON)
    days = open_dates(region("94"), tables(), date(2015, 1, 1), date(2016, 1, 1))
    names = ("monday", "tuesday", "wednesday", "thursday", "friday")
    week = [tables().figure(f"calendar.weekday_index.{name}").mode for name in names]
    weight = np.zeros(12)
    for day in days:
        weight[day.month - 1] += season[day.month - 1] * week[day.weekday()]
    month = [(HORIZON.launch + timedelta(seconds=int(t))).month - 1 for t in times[::50]]
    found = np.bincount(month, minlength=12) / len(month)
    assert np.abs(found - weight / weight.sum()).max() < 0.002
