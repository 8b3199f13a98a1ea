"""A state goes from one run to another with the people it speaks of."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from worlds import SHORT, deployed, entrants, identified, tape

from cepsim.engine import simpy_engine
from cepsim.people.handover import hand_over
from cepsim.trace import Status

#: People and horizon of the warm-up, and of a scenario that goes on for longer.
LONGER = (("calendar.years", 2), ("calendar.follow_up_years", 0))
MONTH = 30 * 86_400


@cache
def warmed():
    """The state that the last four months before launch leave, from empty."""
    where, of = deployed("reference", *SHORT), tape("reference", *SHORT)
    begin = -4 * MONTH
    late = of.arrival >= begin
    _, state = simpy_engine.run(where.network, of.take(late), None, begin, 0)
    numbers = np.flatnonzero(late)
    return state.renumbered(numbers)


def handed(name, *changes):
    state = warmed()
    who = entrants("reference", *SHORT).crowd.take(state.people.person)
    after = entrants(name, *changes).crowd
    return hand_over(state, who, after, tape(name, *changes))


def test_the_warm_up_leaves_people_at_every_point_of_the_path():
    state = warmed()
    assert len(state.people) > 100
    assert {Status.WAITING, Status.BETWEEN} <= set(state.people.status.tolist())
    assert (state.people.joined[state.people.status == Status.WAITING] < 0).all()


@pytest.mark.parametrize("name", ["reference", "premiere-vague", "central"])
def test_the_people_of_a_state_keep_who_they_are_and_where_they_stand(name):
    before, after = warmed(), handed(name, *SHORT)
    people = identified("reference", *SHORT).index[before.people.person]
    same = identified(name, *SHORT).index[after.people.person]
    assert set(people) == set(same)
    for column in ("status", "queue", "visit", "due", "leaves", "joined", "called", "series_left", "outcome"):
        assert np.array_equal(
            getattr(before.people, column), getattr(after.people, column)[same.get_indexer(people)]
        ), column
    assert after.second == before.second == 0


def test_those_who_wait_keep_their_draws_on_the_new_tape():
    where, old, new = deployed("reference", *SHORT), tape("reference", *SHORT), tape("central", *SHORT)
    before, after = warmed(), handed("central", *SHORT)
    people = identified("reference", *SHORT).index[before.people.person]
    at = identified("central", *SHORT).index[after.people.person].get_indexer(people)
    waiting = np.flatnonzero(before.people.status == Status.WAITING)
    assert len(waiting) > 20

    def drawn(of, state, rows):
        block = where.network.stations.block[state.people.queue[rows] % where.network.station_count]
        return of.draws_of(state.people.person[rows], block, state.visits_made[rows, block] - 1)

    mine, his = drawn(old, before, waiting), drawn(new, after, at[waiting])
    assert np.array_equal(mine, his)
    assert mine.all(axis=1).any()


def test_a_run_handed_to_a_longer_one_of_the_same_scenario_goes_on_as_if_nothing_happened():
    where, of = deployed("reference", *SHORT), tape("reference", *SHORT)
    longer = deployed("reference", *LONGER)
    one, _ = simpy_engine.run(where.network, of, warmed(), 0, 2 * MONTH)
    other, _ = simpy_engine.run(
        longer.network, tape("reference", *LONGER), handed("reference", *LONGER), 0, 2 * MONTH
    )
    assert len(one.visits) == len(other.visits) > 1000
    names = [identified("reference", *c).index for c in (SHORT, LONGER)]
    columns = ("queue", "joined", "called", "ended", "released", "outcome", "reason")
    rows = [
        sorted(
            zip(
                names[n][trace.visits.person].tolist(),
                *(getattr(trace.visits, c).tolist() for c in columns),
                strict=True,
            )
        )
        for n, trace in enumerate((one, other))
    ]
    assert rows[0] == rows[1]


def test_a_state_whose_people_the_scenario_does_not_have_is_refused():
    fewer = ("demand.publics_with_base_demand", ("salaries_cdi", "de_autres"))
    with pytest.raises(ValueError, match="is not in the scenario's tape"):
        handed("reference", *SHORT, fewer)


def test_a_tape_with_fewer_rows_than_visits_made_is_refused():
    state = warmed()
    who = entrants("reference", *SHORT).crowd
    of = tape("reference", *SHORT)
    short = replace(of, layout_rows=np.zeros_like(of.layout_rows))
    with pytest.raises(ValueError, match="more visits than his new tape has draws for"):
        hand_over(state, who.take(state.people.person), who, short)
