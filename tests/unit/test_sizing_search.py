"""The search alone, on oracles small enough to try everything."""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from cepsim.sizing.search import Box, Found, cheaper, least, size_of

small = st.integers(0, 6)


def oracle_of(needs):
    """Each coordinate needs so much, and more where others (that it comes after) have more."""

    @cache
    def oracle(vector):
        return frozenset(
            number
            for number, (base, loads) in enumerate(needs)
            if vector[number] < base + sum(vector[other] * 10 >= level for other, level in loads)
        )

    return oracle


def best(oracle, box):
    top = tuple(high + 1 for high in box.high)
    enough = [vector for vector in cheaper(box, top) if not oracle(vector)]
    return min(enough, key=box.price) if enough else None


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(small, small, st.floats(1, 5)), min_size=1, max_size=3))
def test_claims_that_hold_from_a_number_on_give_the_least_of_all(drawn):
    """Each coordinate answers for its own: the search finds what trying every vector finds."""
    needs = [(need, ()) for need, _, _ in drawn]
    oracle, count = oracle_of(needs), len(drawn)
    box = Box((0,) * count, (6,) * count, tuple(cost for _, _, cost in drawn))
    start = tuple(start for _, start, _ in drawn)
    found = least(oracle, start, box, frozenset(range(count)))
    assert found.vector == best(oracle, box) == tuple(need for need, _ in needs)
    assert not found.short


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_team_that_loads_those_after_it_still_gives_the_least_of_all(data):
    """More upstream asks for more downstream: trying every vector finds no other."""
    count = data.draw(st.integers(2, 3))
    needs = [
        (data.draw(st.integers(0, 3)), [(other, data.draw(st.integers(1, 60))) for other in range(number)])
        for number in range(count)
    ]
    oracle = oracle_of(needs)
    box = Box((0,) * count, (7,) * count, tuple(data.draw(st.floats(1, 5)) for _ in range(count)))
    start = tuple(data.draw(small) for _ in range(count))
    groups = data.draw(st.lists(st.integers(0, count - 1), min_size=count, max_size=count))
    found = least(oracle, start, box, frozenset(range(count)), groups=groups)
    assert not found.short
    assert not oracle(found.vector)
    assert found.vector == best(oracle, box)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_whatever_the_oracle_what_is_found_is_enough_and_no_neighbour_below_is(data):
    """Even where more does not always help: both are tried, nothing is taken for granted."""
    count = data.draw(st.integers(1, 3))
    fate = {}

    def oracle(vector):
        if vector not in fate:
            short = data.draw(st.sets(st.integers(0, count - 1)))
            fate[vector] = frozenset(short) if vector != box.high else frozenset()
        return fate[vector]

    box = Box((0,) * count, (5,) * count, (1.0,) * count)
    quick = data.draw(st.none() | st.just(lambda vector: frozenset({0}) if vector[0] < 4 else frozenset()))
    found = least(oracle, (3,) * count, box, frozenset(range(count)), quick=quick)
    assert not found.short
    assert not oracle(found.vector)
    for number in range(count):
        if found.vector[number] > 0:
            below = tuple(value - (n == number) for n, value in enumerate(found.vector))
            assert found.neighbours[number] == oracle(below) != frozenset()


def test_a_claim_that_nothing_meets_is_told_and_the_others_have_what_theirs_take():
    tried = []

    def oracle(vector):
        tried.append(vector)
        return frozenset({1} | ({0} if vector[0] < 7 else set()))

    found = least(oracle, (2, 2), Box((0, 0), (1000, 1000), (1.0, 1.0)), frozenset({0, 1}))
    assert found == Found((7, 1000), frozenset({1}), {0: frozenset({0})})
    assert len(tried) < 100


def test_a_coordinate_that_answers_for_nothing_is_lowered_last_as_far_as_the_others_hold():
    """A year before the norm: what it leaves waiting must still be received after."""

    def oracle(vector):
        return frozenset() if vector[1] >= 4 and vector[0] >= 3 else frozenset({1})

    found = least(oracle, (6, 9), Box((0, 0), (9, 9), (1.0, 1.0)), frozenset({1}))
    assert found.vector == (3, 4)
    assert found.neighbours == {0: frozenset({1}), 1: frozenset({1})}


def test_a_large_box_takes_few_questions():
    asked = set()

    def oracle(vector):
        asked.add(vector)
        return frozenset(number for number, need in enumerate((417, 35, 900)) if vector[number] < need)

    found = least(oracle, (400, 60, 500), Box((0,) * 3, (4000,) * 3, (1.0,) * 3), frozenset(range(3)))
    assert found.vector == (417, 35, 900)
    assert len(asked) < 25


def test_vectors_that_cost_less_come_the_cheapest_first():
    box = Box((0, 0), (2, 1), (1.0, 3.0))
    assert list(cheaper(box, (1, 1))) == [(0, 0), (1, 0), (2, 0), (0, 1)]
    assert size_of(box) == 6
