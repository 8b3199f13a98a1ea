"""A third simulator, by other hands: the same arrivals, services and patience give the same departures."""

import os
from dataclasses import dataclass
from itertools import pairwise

import ciw
import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from peers.in_ciw import no_second_twice, of_ciw, of_engines

from cepsim.laws import Law, constant, exponential, gamma, lognormal
from cepsim.network import Branch, Calendar, NetworkBuilder, SessionPlan
from cepsim.people.by_hand import Arrivals, make_tape, poisson

DAY = 86_400
SERVICES = [constant(1801), exponential(900), exponential(7200), gamma(3600, 0.5), lognormal(5400, 1.5)]
PATIENCE = [None, constant(2999), exponential(3600), lognormal(9000, 2.0)]
#: How classes are ranked; Ciw counts ranks from 0 without a gap.
RANKS = [(0,), (0, 1), (1, 0), (0, 0), (2, 0, 1), (1, 0, 1)]

#: Systems drawn in continuous integration, and in the long run of the tests.
MANY = settings(max_examples=1000 if os.environ.get("CEPSIM_LONG") else 40)


def everybody(dates_of):
    return sorted(date for of in dates_of for date in of)


def one_queue(person):  # noqa: ARG001
    return (0,)


few_advisers = st.integers(1, 3)


@st.composite
def dates(draw, groups):
    """Dates of people of so many groups, no two of one second, close enough together that they meet."""
    dice = np.random.default_rng(draw(st.integers(0, 2**20)))
    within = draw(st.sampled_from([DAY // 24, DAY // 6, DAY // 2]))
    drawn = dice.choice(within, size=draw(st.integers(1, 40)), replace=False) + 1
    group = dice.integers(0, groups, len(drawn))
    return [sorted(drawn[group == number].tolist()) for number in range(groups)]


# -- one queue -----------------------------------------------------------------------------------------------


@MANY
@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 40)), min_size=1, max_size=10),
    few_advisers,
)
def test_dates_and_services_given_as_sequences_end_on_the_same_seconds_ties_included(people, advisers):
    """First come, first served by c advisers: what comes first within a second moves no date."""
    gaps, services = zip(*people, strict=True)
    arrivals = (1 + np.cumsum(gaps)).tolist()
    names = [f"takes {seconds}" for seconds in services]
    builder = NetworkBuilder(profiles=sorted(set(names)))
    builder.queue(
        "desk",
        team=builder.team("team", advisers),
        service={name: int(name.removeprefix("takes ")) for name in builder.profiles},
    )
    network = builder.compile()
    groups = [Arrivals("desk", [date], name) for date, name in zip(arrivals, names, strict=True)]
    ours, _ = of_engines(network, make_tape(network, groups))
    # nobody leaves: services begin in order of arrival, so that Ciw can be given them as a sequence too
    described = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([1 + gaps[0], *gaps[1:], float("inf")])],
        service_distributions=[ciw.dists.Sequential(list(services))],
        number_of_servers=[advisers],
    )
    simulation = ciw.Simulation(described)
    simulation.simulate_until_max_time(10_000)
    theirs = sorted(simulation.get_all_records(), key=lambda record: record.id_number)
    assert [(visit.called, visit.ended) for visit in ours] == [
        (record.service_start_date, record.exit_date) for record in theirs
    ]


@st.composite
def desks(draw):
    """One queue: advisers, laws of service and of patience, classes and their ranks, dates a class."""
    ranks = draw(st.sampled_from(RANKS))
    return (
        draw(few_advisers),
        draw(st.sampled_from(SERVICES)),
        draw(st.sampled_from(PATIENCE)),
        ranks,
        draw(dates(len(ranks))),
        draw(st.integers(0, 2**20)),
    )


@MANY
@given(desks())
def test_who_is_served_and_who_gives_up_by_priority_are_the_same_on_the_same_second(desk):
    advisers, service, patience, ranks, dates_of, seed = desk
    builder = NetworkBuilder(classes=len(ranks))
    team = builder.team("team", advisers)
    builder.queue("desk", team=team, service=service, patience=patience, priority=ranks)
    network = builder.compile()
    groups = [Arrivals("desk", of, service_class=number) for number, of in enumerate(dates_of)]
    tape = make_tape(network, groups, seed=seed)
    ours, _ = of_engines(network, tape)
    assume(no_second_twice(ours))
    assert ours == of_ciw(network, tape, [advisers], way=one_queue, priority=ranks)


@MANY
@given(desks(), st.integers(0, 4))
def test_who_is_turned_away_from_a_full_room_is_the_same(desk, seats):
    advisers, service, patience, _, dates_of, seed = desk
    builder = NetworkBuilder()
    room = advisers + seats
    team = builder.team("team", advisers)
    builder.queue("desk", team=team, service=service, patience=patience, room=room)
    network = builder.compile()
    tape = make_tape(network, [Arrivals("desk", everybody(dates_of))], seed=seed)
    ours, _ = of_engines(network, tape)
    assume(no_second_twice(ours))
    assert ours == of_ciw(network, tape, [advisers], way=one_queue, room=room)


@MANY
@given(desks(), st.integers(600, 7200), st.integers(600, 7200))
def test_an_interview_begun_before_closing_is_finished_and_the_queue_waits_for_the_next_opening(
    desk, opening_s, closing_s
):
    """Nobody is in service any more at an opening: Ciw has fresh servers then, cepsim the same advisers."""
    advisers, _, patience, _, dates_of, seed = desk
    service = constant(599)
    opens = np.arange(0, 20 * (opening_s + closing_s), opening_s + closing_s)
    # open for good after the last date
    closes = np.append(opens[:-1] + opening_s, 2**31 - 1)
    builder = NetworkBuilder()
    team = builder.team("team", advisers, Calendar(opens, closes))
    builder.queue("desk", team=team, service=service, patience=patience)
    network = builder.compile()
    tape = make_tape(network, [Arrivals("desk", everybody(dates_of))], seed=seed)
    ours, _ = of_engines(network, tape)
    ends = np.array([visit.ended for visit in ours])
    assume(no_second_twice(ours) and not np.isin(np.concatenate([tape.arrival, ends]), [opens, closes]).any())
    shifts = np.sort(np.concatenate([opens[1:], closes])).tolist()
    schedule = ciw.Schedule(([advisers, 0] * len(opens))[: len(shifts)], shifts)
    assert ours == of_ciw(network, tape, [schedule], way=one_queue)


@MANY
@given(desks(), st.integers(600, 7200), st.integers(1, 6))
def test_a_group_session_takes_the_same_people_and_leaves_the_same_ones_waiting(desk, every_s, seats):
    _, _, patience, ranks, dates_of, seed = desk
    # enough for everybody to have a seat
    sessions = range(every_s, DAY + 80 * every_s, every_s)
    builder = NetworkBuilder(classes=len(ranks))
    team = builder.team("team", 0)
    plan = SessionPlan(sessions, 1801, seats)
    builder.queue("desk", team=team, service=1, patience=patience, priority=ranks, sessions=plan)
    network = builder.compile()
    groups = [Arrivals("desk", of, service_class=number) for number, of in enumerate(dates_of)]
    tape = make_tape(network, groups, seed=seed)
    ours, _ = of_engines(network, tape)
    # all of a session end together, and nobody waits for that
    alone = tape.arrival.tolist() + [visit.ended for visit in ours if visit.outcome == "GAVE_UP"]
    assume(len(set(alone)) == len(alone) and not set(alone) & set(sessions))
    slots, end = ciw.Slotted([every_s], [seats]), sessions[-1] + plan.length_s
    assert ours == of_ciw(
        network, tape, [slots], way=one_queue, priority=ranks, session_s=plan.length_s, end=end
    )


# -- several queues ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ways:
    """Stations one after the other: each profile has a path, and goes back to its beginning so many times."""

    advisers: list[int]
    services: list[Law]
    patience: list[Law | None]
    ranks: tuple[int, ...]
    paths: list[tuple[list[int], int]]
    groups: list[tuple[int, int, list[int]]]
    seed: int

    def run(self):
        """Network, tape and whole way of each person."""
        count = len(self.advisers)
        profiles = [f"path {number}" for number in range(len(self.paths))]
        builder = NetworkBuilder(profiles=profiles, classes=len(self.ranks))
        for n in range(count):
            team = builder.team(f"team {n}", self.advisers[n])
            builder.queue(
                f"s{n}", team=team, service=self.services[n], patience=self.patience[n], priority=self.ranks
            )
        for profile, (path, back) in zip(profiles, self.paths, strict=True):
            for one, following in pairwise(path):
                builder.route(f"s{one}", [Branch(1.0, f"s{following}")], profiles=[profile])
            again = Branch(1.0, f"s{path[0]}", repeat_max=back)
            builder.route(f"s{path[-1]}", [again, Branch(0.0, "served")], profiles=[profile])
        network = builder.compile()
        groups = [
            Arrivals(f"s{self.paths[path][0][0]}", of, profiles[path], service_class=number)
            for path, number, of in self.groups
        ]
        tape = make_tape(network, groups, seed=self.seed)
        ways = [path * (1 + back) for path, back in self.paths]
        return network, tape, lambda person: ways[tape.profile[person]]


@st.composite
def networks(draw):
    """Nobody comes straight back to the queue that he leaves where ranks differ: see below."""
    count, ranks = draw(st.integers(1, 3)), draw(st.sampled_from(RANKS))
    stations, one_rank = st.permutations(range(count)), len(set(ranks)) == 1
    paths = []
    for _ in range(draw(st.integers(1, 3))):
        path = draw(stations)[: draw(st.integers(1, count))]
        paths.append((path, draw(st.integers(0, 2)) if one_rank or len(path) > 1 else 0))
    kinds = [
        (draw(st.integers(0, len(paths) - 1)), draw(st.integers(0, len(ranks) - 1)))
        for _ in range(draw(st.integers(1, 3)))
    ]
    groups = [(*kind, of) for kind, of in zip(kinds, draw(dates(len(kinds))), strict=True)]
    return Ways(
        [draw(few_advisers) for _ in range(count)],
        [draw(st.sampled_from(SERVICES)) for _ in range(count)],
        [draw(st.sampled_from(PATIENCE)) for _ in range(count)],
        ranks,
        paths,
        groups,
        draw(st.integers(0, 2**20)),
    )


@MANY
@given(networks())
def test_queues_one_after_the_other_and_ways_back_give_the_same_seconds(ways):
    network, tape, way = ways.run()
    ours, _ = of_engines(network, tape)
    assume(no_second_twice(ours))
    assert ours == of_ciw(network, tape, ways.advisers, way=way, priority=ways.ranks)


@MANY
@given(desks(), st.lists(few_advisers, min_size=2, max_size=3))
def test_the_queue_with_the_fewest_people_is_the_same(desk, advisers):
    _, service, patience, _, dates_of, seed = desk
    builder = NetworkBuilder()
    names = [f"s{number}" for number in range(len(advisers))]
    for name, number in zip(names, advisers, strict=True):
        team = builder.team(f"team {name}", number)
        builder.queue(name, team=team, service=service, patience=patience)
    builder.shortest("either", names)
    network = builder.compile()
    tape = make_tape(network, [Arrivals("either", everybody(dates_of))], seed=seed)
    ours, _ = of_engines(network, tape)
    assume(no_second_twice(ours))
    assert ours == of_ciw(network, tape, advisers)


def test_who_comes_straight_back_to_a_queue_meets_his_equals_first_in_cepsim_and_not_in_ciw():
    """The two part here: cepsim calls once everybody of the second has joined, Ciw as soon as one is free."""
    ways = Ways([1], [constant(100)], [None], (0, 1), [([0], 1), ([0], 0)], [(0, 0, [1]), (1, 1, [2])], 0)
    network, tape, way = ways.run()
    ours, _ = of_engines(network, tape)
    theirs = of_ciw(network, tape, ways.advisers, way=way, priority=ways.ranks)
    assert [(visit.person, visit.called) for visit in ours] == [(0, 1), (0, 101), (1, 201)]
    assert [(visit.person, visit.called) for visit in theirs] == [(0, 1), (0, 201), (1, 101)]


# -- a long queue --------------------------------------------------------------------------------------------


def test_two_thousand_people_at_a_load_of_nine_tenths_leave_on_the_same_seconds():
    mean_s, advisers = 100_000, 3
    builder = NetworkBuilder()
    team = builder.team("team", advisers)
    builder.queue("desk", team=team, service=exponential(mean_s), patience=exponential(3 * mean_s))
    network = builder.compile()
    rate = 0.9 * advisers / mean_s
    tape = make_tape(network, [Arrivals("desk", poisson(rate, int(2000 / rate)))], seed=5)
    ours, _ = of_engines(network, tape)
    assert no_second_twice(ours)
    assert {visit.outcome for visit in ours} == {"SERVED", "GAVE_UP"}
    assert len(ours) > 1900
    assert ours == of_ciw(network, tape, [advisers], way=one_queue)
