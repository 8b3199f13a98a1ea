"""What leaves a network's trace as it is, or changes it in one known way."""

from dataclasses import fields, replace
from itertools import pairwise

import numpy as np
from engines.generated import HORIZON, PROFILES, Case, cases
from hypothesis import given, settings
from hypothesis import strategies as st

from cepsim.engine import simpy_engine
from cepsim.laws import constant
from cepsim.network import Branch, Calendar, NetworkBuilder, NoShow, Series, Station
from cepsim.people.by_hand import Arrivals, make_tape
from cepsim.trace import NEVER

MANY = settings(max_examples=100)


def run(case: Case):
    tape, state = case.people()
    return simpy_engine.run(case.network(), tape, state, 0, HORIZON)


def columns_of(part):
    return {field.name: np.asarray(getattr(part, field.name)) for field in fields(part)}


# -- what nobody uses -------------------------------------------------------------------------------------


def with_something_unused(case: Case) -> Case:
    """One more team, calendar, station with every option, choice and route, where nobody ever goes."""
    opened = Calendar(np.array([0, 86_400]), np.array([36_000, 90_000]))
    unused = Station(
        "unused",
        len(case.stations),
        constant(900),
        patience=constant(1200),
        back_office=constant(300),
        series=Series(2.0, 3, constant(600)),
        no_show=NoShow(0.3, 900, 0.5, constant(60), 2),
        slot_s=600,
    )
    return replace(
        case,
        teams=[*case.teams, ("unused team", [(0, 2)], opened)],
        stations=[*case.stations, unused],
        places=[
            *case.places,
            *(("unused", lane, "unused team", {"priority": (1,) * case.classes}) for lane in case.lanes),
        ],
        routes=[*case.routes, ("unused", "served", [Branch(0.5, "unused", None, 2), Branch(0.5, "served")])],
        built={},
    )


def without_the_last_station(queue, stations):
    """Numbers of queues where each lane has one station less; those below 0 stand for no queue."""
    assert not ((queue >= 0) & (queue % (stations + 1) == stations)).any()
    return np.where(queue < 0, queue, queue // (stations + 1) * stations + queue % (stations + 1))


@MANY
@given(cases())
def test_a_team_and_a_station_that_nobody_uses_move_nothing(case):
    trace, _ = run(case)
    other, _ = run(with_something_unused(case))
    for name in ("visits", "exits", "sessions"):
        found, expected = columns_of(getattr(other, name)), columns_of(getattr(trace, name))
        if "queue" in found:
            found["queue"] = without_the_last_station(found["queue"], len(case.stations))
        for column in expected:
            np.testing.assert_array_equal(found[column], expected[column], err_msg=f"{name}.{column}")


# -- units of time ----------------------------------------------------------------------------------------


@st.composite
def plain(draw):
    """Stations in a row with fixed durations, and people; nothing that the rules count in days or seconds."""
    minutes = st.integers(1, 90).map(lambda number: 60 * number)
    duty = draw(st.dictionaries(st.integers(0, HORIZON), st.integers(0, 3), max_size=3)) | {0: 1}
    edges = sorted(draw(st.sets(st.integers(0, 4 * HORIZON), min_size=2, max_size=8)))
    # the last opening holds whatever is left
    opened = [*list(pairwise(edges))[::2], (5 * HORIZON, 40 * HORIZON)] if draw(st.booleans()) else None
    stations = [
        {
            "service": (draw(minutes), draw(minutes)),
            "patience": draw(st.none() | minutes),
            "back_office": draw(st.none() | minutes) if opened is None else None,
            "interviews": (draw(st.sampled_from([1.5, 2.0])), draw(minutes)) if draw(st.booleans()) else None,
            "absent": (draw(st.sampled_from([0.3, 1.0])), draw(minutes)) if draw(st.booleans()) else None,
            "onward": draw(st.none() | minutes),
        }
        for _ in range(draw(st.integers(1, 3)))
    ]
    dates = st.lists(st.integers(0, HORIZON - 1), max_size=25)
    return duty, opened, stations, [draw(dates) for _ in PROFILES], draw(st.integers(0, 2**20))


def scaled(described, factor):
    """The trace of such a network where everything lasts `factor` times as long."""
    duty, opened, stations, dates, seed = described

    def law(length):
        return None if length is None else constant(factor * length)

    builder = NetworkBuilder(PROFILES, ("here",), 1)
    calendar = None if opened is None else Calendar(*(factor * np.array(opened)).T.copy())
    builder.team("team", sorted((factor * at, number) for at, number in duty.items()), calendar)
    for number, station in enumerate(stations):
        interviews, absent = station["interviews"], station["absent"]
        builder.station(
            Station(
                f"s{number}",
                number,
                {name: law(length) for name, length in zip(PROFILES, station["service"], strict=True)},
                patience=law(station["patience"]),
                back_office=law(station["back_office"]),
                series=interviews and Series(interviews[0], 3, law(interviews[1])),
                no_show=absent and NoShow(absent[0], factor * 900, 0.5, law(absent[1]), 2),
            )
        )
        builder.place(f"s{number}", "here", "team", priority=(number,))
        if number:
            builder.route(f"s{number - 1}", [Branch(1.0, f"s{number}", law(stations[number - 1]["onward"]))])
    network = builder.compile()
    groups = [
        Arrivals("s0", sorted(factor * at for at in each), profile=name)
        for name, each in zip(PROFILES, dates, strict=True)
    ]
    return simpy_engine.run(network, make_tape(network, groups, seed=seed), None, 0, factor * HORIZON)[0]


DATES = {"joined", "called", "ended", "released", "second"}


@MANY
@given(plain(), st.sampled_from([2, 3, 7]))
def test_where_everything_lasts_so_many_times_as_long_the_trace_does(described, factor):
    once, longer = scaled(described, 1), scaled(described, factor)
    for name in ("visits", "exits"):
        found, expected = columns_of(getattr(longer, name)), columns_of(getattr(once, name))
        for column, values in expected.items():
            if column in DATES:
                values = np.where(values == NEVER, NEVER, values.astype(np.int64) * factor)
            np.testing.assert_array_equal(found[column], values, err_msg=f"{name}.{column}")
