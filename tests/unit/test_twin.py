"""The twin: exact where queues have a formula, and near the simulation where they have none."""

import numpy as np
import pytest
from worlds import CORSE, deployed, entrants, variant

import cepsim
from cepsim.twin import against
from cepsim.twin.against import DAYS, PART, SHARE, _verdict
from cepsim.twin.delays import delays
from cepsim.twin.flow import STATES, flows
from cepsim.twin.waits import offered
from cepsim.twin.world import REACH, World, compile_world
from cepsim.units import SECONDS_PER_DAY
from cepsim.verify.erlang import (
    constant_patience,
    erlang_a,
    mmc_mean_wait,
    mmc_wait_beyond,
    mmc_wait_quantile,
    number_present,
)

LIGHT = (("calendar.years", 1), ("calendar.follow_up_years", 0))


def one_queue(arrivals, seconds, advisers, leaving, days, speed=10.0) -> World:
    """One team with one queue, the same every day; `speed` visits a day by each adviser."""
    rows = np.ones((days, 1))
    return World(
        first=0,
        asking=rows * arrivals,
        capacity=rows * advisers * speed * seconds,
        advisers=rows * advisers,
        queue=np.zeros(1, dtype=np.int64),
        priority=np.zeros(1, dtype=np.int64),
        team=np.zeros(1, dtype=np.int64),
        is_first_line=np.zeros(1, dtype=np.int64),
        seconds=np.array([seconds]),
        leaving=np.array([leaving]),
        again=np.zeros(1),
        absent=np.zeros(1),
        visits=np.ones(1),
        origin=np.zeros(0, dtype=np.int64),
        to=np.zeros(0, dtype=np.int64),
        after=np.zeros((0, REACH)),
    )


def law_of(arrivals, service, servers, leaving):
    return offered(
        np.array([arrivals]), np.array([service]), np.array([servers]), np.array([leaving]), np.ones((1, 1))
    )


@pytest.mark.parametrize(("arrivals", "servers"), [(0.7, 1), (2.4, 3), (9.0, 10)])
def test_without_impatience_the_wait_offered_is_that_of_erlang_c(arrivals, servers):
    law = law_of(arrivals, 1.0, servers, 0.0)
    assert (law.mass * law.wait).sum() == pytest.approx(mmc_mean_wait(arrivals, 1.0, servers), rel=1e-4)
    assert law.beyond(0.5)[0] == pytest.approx(mmc_wait_beyond(arrivals, 1.0, servers, 0.5), rel=1e-4)
    assert law.quantile(0.9)[0] == pytest.approx(mmc_wait_quantile(arrivals, 1.0, servers, 0.9), rel=1e-3)


@pytest.mark.parametrize(("arrivals", "servers", "leaving"), [(0.7, 1, 0.3), (4.0, 3, 0.5), (30.0, 20, 0.05)])
def test_with_impatience_those_who_give_up_are_those_of_erlang_a_overloaded_or_not(
    arrivals, servers, leaving
):
    law, exact = law_of(arrivals, 1.0, servers, leaving), erlang_a(arrivals, 1.0, servers, leaving)
    assert law.given_up(leaving)[0] == pytest.approx(exact.give_up, rel=1e-4)
    assert 1.0 - law.at_once[0] == pytest.approx(exact.wait, rel=1e-4)


def test_a_mix_of_patiences_of_one_rate_is_one_patience_and_a_patience_without_end_is_no_patience():
    mix = offered(
        np.array([4.0]), np.array([1.0]), np.array([3]), np.array([0.5, 0.5]), np.array([[0.3, 0.7]])
    )
    assert mix.given_up(0.5) == pytest.approx(law_of(4.0, 1.0, 3, 0.5).given_up(0.5))
    long = constant_patience(0.7, 1.0, 1, 60.0)
    assert 1.0 - law_of(0.7, 1.0, 1, 0.0).at_once[0] == pytest.approx(long.wait, rel=1e-4)
    with pytest.raises(ValueError, match="never leave"):
        law_of(1.5, 1.0, 1, 0.0)


@pytest.mark.parametrize(("arrivals", "servers", "leaving"), [(0.7, 1, 0.0), (2.4, 3, 0.0), (4.0, 3, 0.5)])
def test_a_queue_that_stays_the_same_comes_to_the_law_of_erlang(arrivals, servers, leaving):
    flow = flows(one_queue(arrivals, 100.0, servers, leaving, 500, speed=1.0), np.ones((500, 1)))
    assert flow.unit[0] == 1
    exact = number_present(arrivals, 1.0, servers, STATES, leaving)
    assert flow.law(0)[-1] == pytest.approx(exact, abs=2e-6)


@pytest.mark.parametrize(("arrivals", "advisers", "leaving"), [(0.7, 1, 0.0), (9.0, 3, 0.5), (2.5, 20, 0.1)])
def test_a_day_of_a_law_solves_kolmogorovs_equations(arrivals, advisers, leaving):
    flow = flows(one_queue(arrivals, 100.0, advisers, leaving, 40), np.ones((40, 1)))
    states = int(flow.ends[-1, 0] - flow.begins[-1, 0])
    present = np.arange(states)
    down = np.minimum(present, advisers) * 10.0 + np.maximum(present - advisers, 0) * leaving
    up = np.where(present < states - 1, arrivals, 0.0)
    equations = np.diag(1.0 + up + down) - np.diag(up[:-1], -1) - np.diag(down[1:], 1)
    before, after = flow.law(0)[-2:, :states]
    assert after == pytest.approx(np.linalg.solve(equations, before), abs=1e-12)


def test_under_overload_the_queue_is_the_fluid_one_and_the_delay_what_those_ahead_take():
    # 1000 a day come, 600 are served, 2 % of those who wait leave each day: (1000 - 600) / 0.02 in the end
    days = 600
    flow = flows(one_queue(1000.0, 100.0, 6, 0.02, days, speed=100.0), np.ones((days, 1)))
    end = 400.0 / 0.02
    assert flow.waiting[-1, 0] == pytest.approx(end, rel=1e-3)
    # on the way there, to the error of steps of a day
    assert flow.waiting[49, 0] == pytest.approx(end * (1.0 - np.exp(-0.02 * 50)), rel=0.02)
    assert flow.lost[-1, 0] / 1000.0 == pytest.approx(0.4, rel=1e-3)
    # someone who does not leave waits ln(arrivals / served) / leaving: 25.5 days
    cohort = np.where(np.arange(days) == 550, 0, -1)
    counts, _ = delays(flow, 0, np.arange(days), np.ones(days), 0.02, cohort, 1)
    median = int(np.searchsorted(np.cumsum(counts[0]), 0.5))
    assert median == pytest.approx(np.log(1000 / 600) / 0.02, abs=1.0)


def test_people_are_conserved_through_queues_routes_and_delays():
    where, who = deployed("central", *LIGHT), entrants("central", *LIGHT)
    teams = where.network.team_count
    world, node, arrival = compile_world(where, who, 0, where.horizon.observed, np.ones(teams))
    assert world.asking.sum() == pytest.approx(len(arrival), rel=0.01)
    assert len(node) == len(arrival)
    flow = flows(world, np.ones(world.asking.shape))
    away = flow.served + flow.lost
    assert flow.joined.sum() == pytest.approx(away.sum() + flow.waiting[-1].sum(), rel=1e-9)
    # who follows somebody served comes later, or is due
    brought = (flow.served[:, world.origin] * world.after.sum(axis=1)).sum()
    assert (flow.joined - world.asking).sum() + flow.due.sum() == pytest.approx(brought, rel=1e-9)
    assert min(part.min() for part in (flow.joined, flow.served, flow.lost, flow.waiting)) >= -1e-9
    assert (world.after.sum(axis=1) <= 1.2).all()
    assert world.days == where.horizon.observed // SECONDS_PER_DAY


def test_an_estimate_of_corse_is_near_its_simulation_and_says_what_it_is():
    scenario = variant("central", ("calendar.years", 1))
    found = cepsim.estimate(scenario, CORSE)
    assert "Estimation, et non simulation" in repr(found)
    row = found.balance.iloc[0]
    there = row["joined"] + row["before"]
    assert there == pytest.approx(row["served"] + row["lost"] + row["waiting"], rel=1e-9)
    run = cepsim.run([scenario], regions=CORSE, replications=1, workers=1)
    gaps = against(found, run.indicators)
    # those that count: the accueils of the overloaded and of the largest operator
    some = gaps[(gaps["stage"] == "accueil") & gaps["operator"].isin(["opacif", "apec", "pole_emploi"])]
    print(some.to_string())
    days = some[some["indicator"] == "wait_p50_working_days"]
    assert len(days) == 3
    assert (days["gap"].abs() <= np.maximum(DAYS, PART * days["simulated"])).all()
    lost = some[some["indicator"] == "share_lost"]
    assert (lost["gap"].abs() <= SHARE).all()


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, "unexplained"),
        ({"gap": 2.0}, "close"),
        ({"low": 5.0, "high": 15.0}, "noise"),
        ({"entered": 20.0}, "few"),
        ({"regime": "critical"}, "critical"),
        ({"gap": float("nan")}, "unknown"),
    ],
)
def test_a_gap_is_a_warning_unless_something_explains_it(change, verdict):
    row = {
        "indicator": "wait_p50_working_days", "estimated": 10.0, "simulated": 20.0, "low": 19.0, "high": 21.0,
        "gap": -10.0, "entered": 500.0, "regime": "calm",
    }  # fmt: skip
    assert _verdict(row | change) == verdict
