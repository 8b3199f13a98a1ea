"""The end of openings: what is lost before closing, by the formula and in runs of saturated teams."""

import numpy as np
import pytest

from cepsim.engine import simpy_engine
from cepsim.laws import constant, exponential, lognormal
from cepsim.network import Branch, NetworkBuilder, NoShow, Series, Station
from cepsim.network.calendar import weekly_calendar
from cepsim.people.by_hand import Arrivals, make_tape
from cepsim.people.closing import ClosingLoss, Kind
from cepsim.people.loads import duty_seconds

MINUTE, HOUR, DAY = 60, 3600, 86_400
DAYS, ADVISERS = 120, 5
HALVES = [(9 * HOUR, 12 * HOUR + 30 * MINUTE), (13 * HOUR + 30 * MINUTE, 17 * HOUR + 30 * MINUTE)]


def interviews(name, block, minutes, slot, **more):
    return Station(name, block, lognormal(minutes * MINUTE, 0.4), slot_s=slot * MINUTE, **more)


def team_of(*stations, routes=(), advisers=ADVISERS):
    """One team open two halves of a day; stations with their priority."""
    builder = NetworkBuilder()
    days = np.arange(DAYS + 40, dtype=np.int64)
    team = builder.team("team", advisers=advisers, calendar=weekly_calendar(days, HALVES))
    for station, priority in stations:
        builder.station(station)
        builder.place(station.name, "here", team, priority=priority)
    for name, branches in routes:
        builder.route(name, branches)
    return builder.compile()


def idle_in_a_run(network, people):
    """Share of the hours of duty that a run leaves idle, and the visits begun of each kind."""
    tape = make_tape(network, [Arrivals(network.station_names[0], [0] * people)], seed=3)
    trace, state = simpy_engine.run(network, tape, None, 0, DAYS * DAY)
    assert len(state.people) > 400  # somebody always waits
    visits = trace.visits.take(trace.visits.called >= 0)
    worked = sum(
        int(np.maximum(np.minimum(visits.released, closes) - np.maximum(visits.called, opens), 0).sum())
        for opens, closes in zip(network.teams.opens, network.teams.closes, strict=True)
    )
    counts = np.bincount(visits.queue, minlength=network.queue_count)
    kinds = {Kind(queue, 0): float(count) for queue, count in enumerate(counts)}
    return 1 - worked / duty_seconds(network, 0, 0, DAYS * DAY), kinds


def idle_by_formula(network, kinds):
    duty = duty_seconds(network, 0, 0, DAYS * DAY)
    return ClosingLoss(network).seconds(0, 0, DAYS * DAY, kinds, 1.0) / duty


ACCUEIL = interviews(
    "accueil", 0, 45, 45, back_office=lognormal(15 * MINUTE, 0.4), no_show=NoShow(0.1, 15 * MINUTE)
)
CONSEIL = interviews(
    "conseil", 1, 60, 60, back_office=lognormal(20 * MINUTE, 0.4), series=Series(2.0, 3, 14 * DAY)
)
FILES = Station("files", 2, lognormal(2 * HOUR, 0.4), file_work=True)


def with_files(share):
    onward = [Branch(0.4, "conseil", 7 * DAY), Branch(share, "files"), Branch(0.6 - share, "served")]
    return team_of((ACCUEIL, 10), (CONSEIL, 0), (FILES, 10), routes=[("accueil", onward)])


CASES = {
    "slot of the mean": team_of((interviews("accueil", 0, 30, 30), 0)),
    "slot above the mean": team_of((interviews("accueil", 0, 40, 45), 0)),
    "slot far above the mean": team_of((interviews("accueil", 0, 60, 90), 0)),
    "back office and absences": team_of((ACCUEIL, 0)),
    "follow-up first": team_of(
        (ACCUEIL, 10),
        (CONSEIL, 0),
        routes=[("accueil", [Branch(0.4, "conseil", 7 * DAY), Branch(0.6, "served")])],
    ),
    "few files": with_files(0.05),
    "some files": with_files(0.15),
    "many files": with_files(0.4),
}


@pytest.mark.parametrize("case", CASES)
def test_a_saturated_team_is_idle_for_as_long_as_the_formula_says(case):
    found, kinds = idle_in_a_run(CASES[case], 9000)
    # hours usable within two hundredths of what a run uses
    assert idle_by_formula(CASES[case], kinds) == pytest.approx(found, abs=0.015)


def test_without_a_slot_nothing_is_lost():
    network = team_of((interviews("calls", 0, 7, 0), 0))
    assert idle_by_formula(network, {Kind(0, 0): 1000.0}) == 0.0
    assert idle_in_a_run(network, 60_000)[0] == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize(
    ("law", "idle_minutes"),
    [
        # what is left of a constant length is uniform on it
        (constant(30 * MINUTE), 45 - 15),
        (constant(60 * MINUTE), 45**2 / 120),
        # what is left of an exponential length is exponential
        (exponential(30 * MINUTE), 45 - 30 * (1 - np.exp(-1.5))),
    ],
)
def test_the_idle_end_is_that_of_known_laws(law, idle_minutes):
    network = team_of((Station("accueil", 0, law, slot_s=45 * MINUTE), 0), advisers=1)
    seconds = ClosingLoss(network).seconds(0, 0, DAY, {Kind(0, 0): 1.0}, 1.0)
    assert seconds / MINUTE / 2 == pytest.approx(idle_minutes, rel=2e-3)


def test_an_idle_end_is_no_longer_than_its_opening_and_needs_somebody_to_call():
    network = team_of((interviews("accueil", 0, 60, 600), 0))
    loss = ClosingLoss(network)
    assert loss.seconds(0, 0, DAY, {Kind(0, 0): 1.0}, 1.0) == ADVISERS * 7.5 * HOUR
    assert loss.seconds(0, 0, DAY, {}, 1.0) == 0.0


def test_files_fill_idle_ends_no_further_than_they_last():
    network = with_files(0.1)
    loss, alone = ClosingLoss(network), {Kind(0, 0): 100.0}
    none, some, all_ = (loss.seconds(0, 0, DAY, alone | {Kind(2, 0): n}, 1.0) for n in (0.0, 3.0, 1000.0))
    assert none > some > all_ == 0.0
    assert loss.seconds(0, 0, DAY, alone | {Kind(2, 0): 3.0}, 0.0) > some
