"""What people did, put in one order from what several shards say of it."""

import numpy as np
import pytest
from deployments import columns, desk, state, trace
from hypothesis import given
from hypothesis import strategies as st

from cepsim.people.handover import Handed
from cepsim.people.story import Story, by_person
from cepsim.people.visited import Visited
from cepsim.state import People, State
from cepsim.trace import NEVER, Exits, Status, Visits

persons = st.lists(st.integers(0, 9), max_size=12).map(sorted)


def visits(people, first=0):
    """Visits of these people, each the next one of its person."""
    seen: dict[int, int] = {}
    rows = []
    for number in people:
        seen[number] = seen.get(number, first - 1) + 1
        rows.append({"person": number, "visit": seen[number], "queue": 10 * number + seen[number]})
    return columns(Visits, rows)


@given(persons, persons)
def test_rows_of_both_are_in_order_of_person_and_those_of_the_first_come_first(first, second):
    before, after = Visited.of(visits(first)), Visited.of(visits(second, first=100))
    together = by_person(before, after)
    assert together.equals(Visited.concatenate([before, after]).sorted_by("person", "visit"))
    assert together.person.dtype == np.int32


def test_a_story_begins_in_the_shard_before_and_ends_with_the_visits_under_way():
    people = columns(
        People, [{"person": 2, "status": Status.WAITING, "visit": 2, "queue": 7, "called": NEVER}]
    )
    staying = columns(People, [{"person": 5, "status": Status.BETWEEN}])
    nothing = State.empty(0, 1, 1)
    handed = Handed(
        9, visits([1, 2]), columns(Exits, [{"person": 1}]), nothing, state(people=staying, second=40)
    )
    story = Story.of(
        desk(),
        trace(visits([2, 3], first=1), exits=columns(Exits, [{"person": 0}, {"person": 3}])),
        state(people=people, second=50),
        handed,
    )
    rows = list(zip(story.visits.person.tolist(), story.visits.visit.tolist(), strict=True))
    assert rows == [(1, 0), (2, 0), (2, 1), (2, 2), (3, 1)]
    assert story.exits.person.tolist() == [0, 1, 3]
    assert story.state.people.person.tolist() == [2, 5]
    assert story.state.second == 50


def test_visits_in_another_order_are_refused():
    with pytest.raises(ValueError, match="order"):
        Story.of(desk(), trace(visits([1, 0])), state())


def test_nobody_has_a_story_of_nothing():
    story = Story.of_nobody(desk(), state(people=columns(People, [{"person": 3}])))
    assert len(story.visits) == len(story.exits) == len(story.state.people) == 0
