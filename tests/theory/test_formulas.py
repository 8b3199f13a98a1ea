"""The formulas against published values, and the list of rows itself."""

import csv
from pathlib import Path

import pytest
from theory import formulas
from theory.cases import DETERMINISTIC, NOT_SIMULATED, STOCHASTIC

with Path(__file__).with_name("queue_cases.csv").open(encoding="utf-8", newline="") as file:
    PUBLISHED = {row["case"]: float(row["exact_value"]) for row in csv.DictReader(file)}

SIMULATED = {measure.row: measure for case in (*STOCHASTIC, *DETERMINISTIC) for measure in case.measures}
VALUES = {row: measure.exact for row, measure in SIMULATED.items()}
VALUES |= {row: value for row, (value, _) in NOT_SIMULATED.items()}


@pytest.mark.parametrize("row", PUBLISHED)
def test_the_formula_gives_the_published_value(row):
    # published with ten digits; MDC-a was computed there to seven parts in 10**9
    assert VALUES[row]() == pytest.approx(PUBLISHED[row], rel=1e-8)


def test_a_published_row_is_either_simulated_or_said_not_to_be():
    assert SIMULATED.keys().isdisjoint(NOT_SIMULATED)
    assert PUBLISHED.keys() <= VALUES.keys()
    assert all(why for _, why in NOT_SIMULATED.values())


def test_names_of_cases_and_rows_are_unique():
    cases = [case.name for case in (*STOCHASTIC, *DETERMINISTIC)]
    rows = [measure.row for case in (*STOCHASTIC, *DETERMINISTIC) for measure in case.measures]
    assert len(set(cases)) == len(cases)
    assert len(set(rows)) == len(rows)


def test_at_least_twenty_two_published_systems_are_simulated_in_every_run_of_the_tests():
    assert sum(case.measures[0].row in PUBLISHED and not case.slow for case in STOCHASTIC) >= 22


# -- The formulas against each other: different roads to the same number -------------------------------


def test_nobody_leaving_makes_erlang_a_erlang_c():
    almost_patient = formulas.erlang_a(10.0, 4.0, 3, 1e-5)
    assert almost_patient.wait == pytest.approx(formulas.erlang_c(2.5, 3), rel=1e-4)
    assert almost_patient.time_in_queue == pytest.approx(formulas.mmc_mean_wait(10.0, 4.0, 3), rel=1e-3)


def test_whoever_would_leave_at_once_is_lost_as_in_erlang_b():
    assert formulas.constant_patience(10.0, 1.0, 10, 1e-9).give_up == pytest.approx(
        formulas.erlang_b(10.0, 10), rel=1e-6
    )
    assert formulas.mmck(10.0, 1.0, 10, 10)[1] == pytest.approx(formulas.erlang_b(10.0, 10), rel=1e-12)


def test_one_server_is_the_same_by_every_formula():
    assert formulas.pollaczek_khinchine(0.9, 1.0, 1.0) == pytest.approx(
        formulas.mdc(0.9, 1.0, 1)[0], rel=1e-8
    )
    assert formulas.pollaczek_khinchine(0.8, 1.0, 2.0) == pytest.approx(
        formulas.mmc_mean_wait(0.8, 1.0, 1), rel=1e-12
    )
    assert formulas.priority_waits([0.3, 0.4], 1.0, 2.0) == pytest.approx(
        formulas.priority_waits_pool([0.3, 0.4], 1.0, 1), rel=1e-12
    )


def test_classes_share_the_waiting_without_changing_it():
    rates = [30.0, 60.0]
    queue = sum(r * w for r, w in zip(rates, formulas.priority_waits_pool(rates, 1.0, 100), strict=True))
    assert queue == pytest.approx(formulas.mmc_mean_queue(90.0, 1.0, 100), rel=1e-12)


def test_a_transient_ends_in_the_stationary_law():
    present = formulas.mmc_mean_queue(8.0, 1.0, 10) + 8.0
    assert formulas.transient_mean([(0.0, 8.0)], 1.0, 10, 0, 300.0) == pytest.approx(present, rel=1e-5)


def test_while_servers_are_enough_a_transient_is_that_of_infinitely_many():
    rates = [(0.0, 5.0), (1.0, 2.0)]
    # from 0 people: 5 (1 - exp(-1)) after 1, then relaxing to 2
    after_1 = 5.0 * (1.0 - 0.36787944117144233)
    expected = 2.0 + (after_1 - 2.0) * 0.36787944117144233
    assert formulas.transient_mean(rates, 1.0, 200, 0, 2.0) == pytest.approx(expected, rel=1e-6)


def test_joining_the_shorter_queue_lies_between_one_common_queue_and_two_apart():
    common = formulas.mmc_mean_queue(1.6, 1.0, 2) + 1.6
    apart = 2.0 * (formulas.mmc_mean_queue(0.8, 1.0, 1) + 0.8)
    assert common < formulas.shortest_of_two(1.6, 1.0) < apart
