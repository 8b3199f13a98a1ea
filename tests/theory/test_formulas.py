"""The formulas against published values, against each other, and the list of rows itself."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from cepsim.verify import CASES, SIZES, erlang, general, networks, relaxation, transient
from cepsim.verify.cases import FAMILIES

with Path(__file__).with_name("queue_cases.csv").open(encoding="utf-8", newline="") as file:
    PUBLISHED = {row["case"]: float(row["exact_value"]) for row in csv.DictReader(file)}

SIMULATED = {measure.row: measure.exact for case in CASES for measure in case.measures}
VALUES = SIMULATED | {row: value for row, (value, _) in SIZES.items()}


@pytest.mark.parametrize("row", PUBLISHED)
def test_the_formula_gives_the_published_value(row):
    # published with ten digits; MDC-a was computed there to seven parts in 10**9
    assert VALUES[row]() == pytest.approx(PUBLISHED[row], rel=1e-8)


def test_every_published_row_is_simulated_but_two_searches_whose_neighbours_are():
    assert PUBLISHED.keys() - SIMULATED.keys() == SIZES.keys() == {"SIZE-a", "SIZE-c"}
    names = {case.name for case in CASES}
    assert all(name in names for _, neighbours in SIZES.values() for name in neighbours.split(", "))


def test_names_of_cases_and_rows_are_unique():
    rows = [measure.row for case in CASES for measure in case.measures]
    assert len({case.name for case in CASES}) == len(CASES)
    assert len(set(rows)) == len(rows)


def test_every_family_that_a_queueing_program_must_know_has_a_case():
    assert set(FAMILIES) >= {
        "erlang", "impatience", "laws", "priorities", "networks", "time_varying", "staff", "backlog",
        "overload", "sessions", "overflow", "pooling", "room", "state_dependent", "deterministic",
    }  # fmt: skip


@pytest.mark.parametrize("case", [pytest.param(c, id=c.name) for c in CASES if c.kind == "stationary"])
def test_a_stationary_case_deletes_ten_relaxation_times_and_has_a_unit_of_a_hundred_thousand_seconds(case):
    window = case.build.keywords["window"]
    assert window.warm_up >= 10.0 * case.relaxation * (1.0 - 1e-9) > 0
    assert case.unit.length_s >= 100_000


# -- Published tables ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("load", "servers", "lost"),
    # traffic offered for a given loss, as tables of Erlang B print it (ITU, Teletraffic engineering handbook)
    [(1.0, 1, 0.5), (0.0101, 1, 0.01), (4.461, 10, 0.01), (12.03, 20, 0.01), (84.06, 100, 0.01)],
)
def test_erlang_b_gives_the_loss_of_the_tables(load, servers, lost):
    assert erlang.erlang_b(load, servers) == pytest.approx(lost, rel=2e-3)


def test_a_formula_for_one_server_is_that_of_any_textbook():
    assert erlang.erlang_c(0.8, 1) == pytest.approx(0.8)
    assert erlang.mmc_mean_wait(0.8, 1.0, 1) == pytest.approx(4.0)
    # M/M/2: load**2 / (1 - load**2) services of wait
    assert erlang.mmc_mean_wait(1.5, 1.0, 2) == pytest.approx(0.75**2 / (1.0 - 0.75**2))
    assert erlang.mmc_wait_quantile(0.5, 1.0, 1, 0.4) == 0.0
    # a server as fast as arrivals, three places: each number is as likely
    assert erlang.mmck(1.0, 1.0, 1, 3) == pytest.approx((1.5, 0.25))


def test_two_persons_and_a_server_are_as_worked_out_by_hand():
    # each away a unit, served a unit: weights 1, 2, 2
    assert networks.finite_source(2, 1.0, 1.0, 1) == pytest.approx((0.4, 0.8))


# -- The formulas against each other: different roads to the same number -------------------------------


def test_nobody_leaving_makes_erlang_a_erlang_c():
    almost_patient = erlang.erlang_a(10.0, 4.0, 3, 1e-5)
    assert almost_patient.wait == pytest.approx(erlang.erlang_c(2.5, 3), rel=1e-4)
    assert almost_patient.time_in_queue == pytest.approx(erlang.mmc_mean_wait(10.0, 4.0, 3), rel=1e-3)


def test_whoever_would_leave_at_once_is_lost_as_in_erlang_b():
    assert erlang.constant_patience(10.0, 1.0, 10, 1e-9).give_up == pytest.approx(
        erlang.erlang_b(10.0, 10), rel=1e-6
    )
    assert erlang.mmck(10.0, 1.0, 10, 10)[1] == pytest.approx(erlang.erlang_b(10.0, 10), rel=1e-12)


def test_one_server_is_the_same_by_every_formula():
    assert general.pollaczek_khinchine(0.9, 1.0, 1.0) == pytest.approx(general.mdc(0.9, 1.0, 1)[0], rel=1e-8)
    assert general.pollaczek_khinchine(0.8, 1.0, 2.0) == pytest.approx(
        erlang.mmc_mean_wait(0.8, 1.0, 1), rel=1e-12
    )
    assert general.priority_waits([0.3, 0.4], 1.0, 2.0) == pytest.approx(
        general.priority_waits_pool([0.3, 0.4], 1.0, 1), rel=1e-12
    )


def test_regular_and_poisson_arrivals_are_two_renewal_processes():
    regular = general.renewal_m1(lambda s: math.exp(-1.25 * s), 1.0)
    assert regular == pytest.approx(general.dmc(1.25, 1.0, 1), rel=1e-8)
    poisson = general.renewal_m1(general.hyper_exponential([1.0], [1.25]), 1.0)
    assert poisson == pytest.approx((erlang.mmc_mean_wait(0.8, 1.0, 1), 0.8), rel=1e-8)


def test_classes_share_the_waiting_without_changing_it():
    rates = [30.0, 60.0]
    queue = sum(r * w for r, w in zip(rates, general.priority_waits_pool(rates, 1.0, 100), strict=True))
    assert queue == pytest.approx(erlang.mmc_mean_queue(90.0, 1.0, 100), rel=1e-12)


def test_a_network_of_one_station_is_that_station():
    alone = networks.jackson_time([3.0], [[0.4]], [2.0], [3])
    assert alone == pytest.approx(networks.feedback_time(3.0, 2.0, 3, 0.4))
    assert networks.traffic([2.0, 0.0], [[0.0, 0.5], [0.2, 0.0]]) == pytest.approx([2.0 / 0.9, 1.0 / 0.9])


def test_what_overflows_is_erlang_b_and_a_line_without_it_is_erlang_c():
    some = networks.overflow(4.0, 4, 1.0, 3, 1.0)
    assert some.sent_on == pytest.approx(erlang.erlang_b(4.0, 4), rel=1e-9)
    # overflow comes in bursts: a Poisson process as large would wait less
    sent = 1.0 + 4.0 * some.sent_on
    assert some.wait > erlang.mmc_mean_wait(sent, 1.0, 3)
    almost_none = networks.overflow(1e-9, 1, 2.0, 3, 1.0)
    assert almost_none.wait == pytest.approx(erlang.mmc_mean_wait(2.0, 1.0, 3), rel=1e-6)


def test_callers_who_try_again_at_once_wait_as_in_a_line():
    # the order of service moves no mean
    assert networks.retrial(0.5, 1.0, 1e9).stay == pytest.approx(erlang.mmc_mean_wait(0.5, 1.0, 1) + 1.0)


def test_many_people_who_seldom_come_are_a_poisson_process():
    waiting, busy = networks.finite_source(100_000, 1.5e-5, 1.0, 2)
    assert waiting == pytest.approx(erlang.mmc_mean_queue(1.5, 1.0, 2), rel=1e-3)
    assert busy == pytest.approx(erlang.erlang_c(1.5, 2), rel=1e-3)


def test_joining_the_shorter_queue_lies_between_one_common_queue_and_two_apart():
    common = erlang.mmc_mean_queue(1.6, 1.0, 2) + 1.6
    apart = 2.0 * (erlang.mmc_mean_queue(0.8, 1.0, 1) + 0.8)
    assert common < networks.shortest_of_two(1.6, 1.0) < apart


def test_a_transient_ends_in_the_stationary_law():
    present = erlang.mmc_mean_queue(8.0, 1.0, 10) + 8.0
    assert transient.transient_mean([(0.0, 8.0)], 1.0, 10, 0, 300.0) == pytest.approx(present, rel=1e-5)


def test_while_servers_are_enough_a_transient_is_that_of_infinitely_many():
    rates = [(0.0, 5.0), (1.0, 2.0)]
    # from 0 people: 5 (1 - exp(-1)) after 1, then relaxing to 2
    after_1 = 5.0 * (1.0 - 0.36787944117144233)
    expected = 2.0 + (after_1 - 2.0) * 0.36787944117144233
    assert transient.transient_mean(rates, 1.0, 200, 0, 2.0) == pytest.approx(expected, rel=1e-6)


def test_integration_and_the_exponential_of_a_matrix_give_the_same_transient():
    rates = [(0.0, 5.0), (4.0, 14.0)]
    by_matrix = transient.changing_staff(rates, 1.0, [(0.0, 10)], 8.0)
    law = transient.transient_law(rates, 1.0, 10, 0, 8.0)
    assert by_matrix.present == pytest.approx(float(np.arange(len(law)) @ law), rel=1e-6)
    assert by_matrix.waiting == pytest.approx(float(np.arange(len(law) - 10) @ law[10:]), rel=1e-6)


def test_where_staff_falls_to_none_those_who_are_served_are_served_to_the_end():
    # nobody is called any more, and 4 busy at most fall by exp(-2)
    before = transient.changing_staff([(0.0, 6.0)], 1.0, [(0.0, 4)], 5.0)
    after = transient.changing_staff([(0.0, 6.0), (5.0, 0.0)], 1.0, [(0.0, 4), (5.0, 0)], 7.0)
    assert after.waiting == pytest.approx(before.waiting, rel=1e-6)
    busy = before.present - before.waiting
    assert after.present - after.waiting == pytest.approx(busy * math.exp(-2.0), rel=1e-6)


def test_relaxation_of_one_server_is_that_of_its_diffusion_near_saturation():
    assert relaxation.mmc(0.98, 1.0, 1) == pytest.approx(relaxation.workload(2.0 * 0.98, 0.02), rel=0.05)
    assert relaxation.mmc(1.0, 1.0, 50) == 1.0
