"""The engines against known queues, as `cepsim verify` holds them, and what it does of a wrong one.

Seeds are fixed, so that a run of the tests gives the same figures everywhere.
"""

import math
from dataclasses import replace

import pytest

from cepsim.engine import compiled_engine
from cepsim.verify import CASES, verify
from cepsim.verify.cases.erlang import mmc
from cepsim.verify.metrics import mean_present, mean_wait
from cepsim.verify.runner import replicate
from cepsim.verify.streams import U5, U6

SEED = 2013
BY_NAME = {case.name: case for case in CASES}
#: A case of each kind of figure, of a second together.
FEW = [BY_NAME[name] for name in ("MMC-a", "EA-c", "DET-a", "DET-d")]


def quick(*names, **how):
    return verify([BY_NAME[name] for name in names], seed=SEED, quick=True, **how)


@pytest.fixture(scope="module")
def quickly():
    """A quick verification of every case that has one."""
    return verify([case for case in CASES if not case.slow], seed=SEED, quick=True)


def test_every_figure_is_as_exact_as_it_must_be(quickly):
    assert quickly.failures == []
    assert set(quickly.measures["verdict"]) == {"agrees", "exact"}


def test_no_figure_agrees_for_lack_of_data(quickly):
    tested = quickly.measures[quickly.measures["kind"] != "deterministic"]
    assert (tested["relative_error"] <= tested["precision"]).all()
    assert (tested["detectable"] > tested["relative_error"]).all()


def test_distances_to_exact_values_are_those_of_chance(quickly):
    z = quickly.measures["z"].dropna()
    assert abs(z.mean()) < 0.5
    assert 0.6 < z.std() < 1.6


def test_rounding_to_the_second_is_under_a_tenth_of_a_standard_error(quickly):
    # of waits: a second in units of time; the other figures are ratios of the same dates
    times = quickly.measures[quickly.measures["metric"].str.contains("wait|stay|queue")]
    times = times[times["kind"] == "stationary"]
    assert (1.0 / times["unit_s"] < 0.1 * times["standard_error"]).all()


def test_a_unit_ten_times_longer_moves_shares_and_waits_by_far_less_than_their_error():
    def found(unit):
        return replicate(mmc("MMC-a", 10.0, 4.0, 3, length=900, unit=unit), SEED, quick=True)

    for short, long in zip(found(U5), found(U6), strict=True):
        # that of a full verification, ten times as many runs
        error = short.estimate.error / math.sqrt(10.0)
        assert 0 < abs(short.estimate.value - long.estimate.value) < 0.1 * error


def test_both_engines_write_the_same_trace_of_every_case(quickly):
    assert quickly.engines["equal"].all()
    assert (quickly.engines["visits"] > 5).all()


def test_the_same_seed_gives_the_same_figures_and_another_one_others():
    first, again, other = (verify(FEW[:1], seed=seed, quick=True).measures for seed in (7, 7, 8))
    assert first.equals(again)
    assert not first["simulated"].equals(other["simulated"])


@pytest.mark.slow
def test_every_figure_is_as_exact_in_a_full_verification():
    assert verify(CASES, seed=SEED).failures == []


# -- What is wrong is found out ------------------------------------------------------------------------


def one_adviser_more(network, tape, state, begin, end):
    """A compiled engine that would let one more adviser in."""
    advisers = network.teams.duty_advisers
    teams = replace(network.teams, duty_advisers=advisers + (advisers > 0))
    return compiled_engine.run(replace(network, teams=teams), tape, state, begin, end)


def nobody_leaves(network, tape, state, begin, end):
    """A compiled engine that would forget patience."""
    stations = replace(network.stations, patience=0 * network.stations.patience - 1)
    return compiled_engine.run(replace(network, stations=stations), tape, state, begin, end)


def test_an_adviser_too_many_fails_by_figures_by_hand_and_by_comparison_of_engines():
    found = quick("MMC-a", "DET-a", engine=one_adviser_more)
    verdicts = found.measures.set_index("row")["verdict"]
    assert verdicts["MMC-a-Wq"] == "differs"
    assert verdicts["DET-a-Wq"] == verdicts["DET-a-trace"] == "unequal"
    assert found.engines["equal"].tolist() == [False, False]
    assert {"MMC-a-Wq", "DET-a-Wq", "MMC-a", "DET-a"} <= set(found.failures)


def test_patience_forgotten_fails_where_people_leave_and_nowhere_else():
    found = quick("MMC-a", "EA-c", "DET-d", engine=nobody_leaves)
    failing = {row.partition("-P")[0] for row in found.failures}
    assert "EA-c" in failing
    assert "DET-d-ab" in failing
    assert not any(row.startswith("MMC-a") for row in found.failures)


def test_a_room_one_place_larger_is_found_out():
    case = BY_NAME["PEER-simmer"]
    node = replace(case.build.keywords["node"], room=4)
    wrong = replace(case, build=lambda asked: case.build(asked, node=node))
    assert set(verify([wrong], seed=SEED, quick=True).measures["verdict"]) == {"differs"}


def test_too_few_data_are_found_out():
    case = BY_NAME["MM1-a"]
    window = replace(case.build.keywords["window"], length=30.0)
    short = replace(case, build=lambda asked: case.build(asked, window=window))
    assert "uncertain" in set(verify([short], seed=SEED, quick=True).measures["verdict"])


def test_a_run_that_stops_before_its_people_are_served_is_no_figure():
    case = BY_NAME["RAMP-a"]
    measure = replace(case.measures[0], metric=mean_wait())
    with pytest.raises(ValueError, match="stops before everybody"):
        verify([replace(case, measures=(measure,))], seed=SEED, quick=True)


def test_a_figure_may_be_added_to_a_case_by_whoever_has_one():
    case = BY_NAME["MMC-a"]
    one = replace(case.measures[0], row="N", metric=mean_present(), exact=lambda: 3.511235955 + 2.5)
    found = verify([replace(case, measures=(one,))], seed=SEED, quick=True)
    assert found.failures == []
