"""Two engines, one meaning: the same trace and the same state, integer for integer."""

import os
from itertools import pairwise
from unittest.mock import patch

import pytest
from engines.generated import HORIZON, cases, seconds
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import CORSE, SHORT, deployed, tape

from cepsim.engine import compiled_engine, simpy_engine
from cepsim.engine.kernel import build
from cepsim.trace import Trace

#: Networks drawn in continuous integration, and in the long run of the tests.
MANY = settings(max_examples=1000 if os.environ.get("CEPSIM_LONG") else 150)


def both(network, people, state, begin, end):
    """What each engine returns, or the error it refuses with."""
    found = []
    for engine in (simpy_engine, compiled_engine):
        try:
            found.append(engine.run(network, people, state, begin, end))
        except Exception as error:  # noqa: BLE001 - whatever one refuses with, the other must
            found.append((type(error), str(error)))
    return found


def assert_equal(one, other):
    if isinstance(one[0], type) or isinstance(other[0], type):
        assert one == other
        return
    for part in ("visits", "duty", "sessions", "exits"):
        for name in getattr(one[0], part).__dataclass_fields__:
            mine, his = (getattr(getattr(each[0], part), name).tolist() for each in (one, other))
            assert mine == his, (part, name)
    for name in one[1].people.__dataclass_fields__:
        mine, his = (getattr(each[1].people, name).tolist() for each in (one, other))
        assert mine == his, name
    assert one[0].equals(other[0])
    assert one[1].equals(other[1])


@MANY
@given(cases(), st.booleans())
def test_both_engines_write_the_same_trace_and_stop_in_the_same_state(case, patience_as_events):
    people, state = case.people()
    assert_equal(*both(case.network(patience_as_events), people, state, 0, HORIZON))


@MANY
@given(cases(), st.lists(seconds(0, HORIZON), min_size=1, max_size=3).map(sorted))
def test_the_compiled_engine_in_parts_is_the_readable_one_whole(case, cuts):
    people, state = case.people()
    expected = simpy_engine.run(case.network(), people, state, 0, HORIZON)
    parts = []
    for begin, end in pairwise([0, *cuts, HORIZON]):
        part, state = compiled_engine.run(case.network(), people, state, begin, end)
        parts.append(part)
    assert_equal(expected, (Trace.concatenate(parts), state))


@MANY
@given(cases(), seconds(0, HORIZON))
def test_either_engine_goes_on_from_where_the_other_stopped(case, cut):
    people, state = case.people()
    network = case.network()
    for first, then in ((simpy_engine, compiled_engine), (compiled_engine, simpy_engine)):
        begun, middle = first.run(network, people, state, 0, cut)
        ended, last = then.run(network, people, middle, cut, HORIZON)
        whole = simpy_engine.run(network, people, state, 0, HORIZON)
        assert_equal(whole, (Trace.concatenate([begun, ended]), last))


@settings(max_examples=60)
@given(cases())
def test_an_engine_that_starts_with_little_room_makes_more(case):
    people, state = case.people()
    expected = simpy_engine.run(case.network(), people, state, 0, HORIZON)
    with patch.object(build, "SLOTS", 1), patch.object(build, "ROOM", 4):
        found = compiled_engine.run(case.network(), people, state, 0, HORIZON)
    assert_equal(expected, found)


@pytest.mark.parametrize("name", ["reference", "premiere-vague", "central", "mutualise"])
def test_a_shipped_scenario_runs_the_same_on_both_engines(name):
    where, people = deployed(name, *SHORT), tape(name, *SHORT)
    begin, end = where.horizon.begin, where.horizon.observed
    assert where.regions == CORSE
    assert_equal(*both(where.network, people, None, begin, end))
    assert people.person_count > 20_000


def test_a_run_too_long_for_its_days_is_refused_by_both_in_the_same_words():
    where, people = deployed("reference", *SHORT), tape("reference", *SHORT)
    begin = where.horizon.begin
    refused = both(where.network, people, None, begin, begin + (1 << 60))
    assert refused[0] == refused[1]
    assert "keep within" in refused[0][1]
