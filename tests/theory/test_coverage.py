"""Intervals against exact values, as `cepsim verify --coverage` holds them, and what it says of others."""

import math
from dataclasses import replace

import numpy as np
import pytest

from cepsim.experiment import paired, precision
from cepsim.indicators import intervals
from cepsim.verify import erlang, transient
from cepsim.verify.coverage import STUDIES, Figure, Intervals, Study, cover
from cepsim.verify.coverage.runner import COVERS, LIMIT, OUTSIDE
from cepsim.verify.growing import Cohort, Growing

SEED = 2013
BY_NAME = {study.name: study for study in STUDIES}


def quick(name, runs=200):
    return cover([BY_NAME[name]], seed=SEED, runs=runs, quick=True)


@pytest.mark.parametrize("name", ["means", "costs", "differences"])
def test_intervals_hold_the_exact_value_as_often_as_they_say(name):
    found = quick(name)
    assert found.failures == []
    assert found.rows["coverage"].between(0.9, 0.99).all()
    assert (found.rows["half_width"] > 0).all()


def test_every_kind_of_interval_is_studied_and_every_row_is_found_once():
    kinds = {figure.kind for study in STUDIES for figure in study.figures if not figure.limit}
    assert kinds == {"mean", "cost", "quantile", "share", "cohort", "difference", "ratio", "sequential"}
    rows = [figure.row for study in STUDIES for figure in study.figures]
    assert len(rows) == len(set(rows))


# -- what is wrong is found out ---------------------------------------------------------------------------


def test_a_normal_quantile_in_place_of_student_s_is_found_out(monkeypatch):
    monkeypatch.setattr(intervals.student, "ppf", lambda _level, freedom: np.full_like(freedom, 1.96))
    assert {"MEAN-3", "MEAN-5"} <= set(quick("means").failures)


def test_differences_that_are_not_paired_are_found_out(monkeypatch):
    values = paired._values

    def shifted(runs, keys, is_sum):
        found = values(runs, keys, is_sum)
        # the second frame of replications begins one later: other people
        shifted.calls += 1
        return (
            found
            if shifted.calls % 2
            else found.iloc[:, np.roll(np.arange(found.shape[1]), 1)].set_axis(found.columns, axis=1)
        )

    shifted.calls = 0
    paired_width = quick("differences", runs=40).rows.set_index("row").loc["DIFF", "half_width"]
    monkeypatch.setattr(paired, "_values", shifted)
    assert quick("differences", runs=40).rows.set_index("row").loc["DIFF", "half_width"] > 1.5 * paired_width


def test_half_widths_that_are_as_wide_as_they_should_be_by_half_are_found_out(monkeypatch):
    def narrow(*given):
        found = precision.running(*given)
        return replace(found, half_width=found.half_width / 2.0)

    monkeypatch.setattr("cepsim.verify.coverage.studies.running", narrow)
    assert set(quick("sequential", runs=60).failures) == {"SEQ-10", "SEQ-15"}


def one(low, high, *, exact=1.0, limit=""):
    """A study of one figure, of these intervals."""
    given = Intervals(np.array(low, dtype=float), np.array(high, dtype=float), 5)
    figure = Figure("X", "mean", "present", lambda: exact, limit)
    return Study("x", "M", "", (figure,), lambda _draws, _runs: {"X": given})


def test_the_share_that_holds_is_counted_with_its_sides_and_what_has_no_interval():
    study = one([0.0, 0.0, 2.0, math.nan, 1.0], [2.0, 0.5, 3.0, math.nan, 1.0])
    (row,) = cover([study], seed=1).rows.to_dict("records")
    assert (row["runs"], row["without"], row["covered"], row["coverage"]) == (5, 1, 2, 0.5)
    assert (row["below"], row["above"], row["half_width"]) == (0.25, 0.25, 0.4375)
    assert row["coverage_low"] < 0.5 < row["coverage_high"]


@pytest.mark.parametrize(
    ("held", "quick", "verdict"),
    [
        (930, False, COVERS),
        (970, False, COVERS),
        (929, False, OUTSIDE),
        (971, False, OUTSIDE),
        (915, True, COVERS),
        (900, True, OUTSIDE),
        (980, True, COVERS),
        (995, True, OUTSIDE),
    ],
)
def test_the_band_is_of_the_share_and_quickly_of_what_it_may_be(held, quick, verdict):
    study = one([0.0] * 1000, [2.0] * held + [0.5] * (1000 - held))
    (row,) = cover([study], seed=1, quick=quick).rows.to_dict("records")
    assert row["verdict"] == verdict


def test_a_known_limit_fails_nothing():
    found = cover([one([0.0] * 9, [0.5] * 9, limit="few")], seed=1)
    assert found.rows["verdict"].tolist() == [LIMIT]
    assert found.failures == []


# -- exact values of a queue that grows -------------------------------------------------------------------


def test_the_number_present_of_a_growing_queue_without_patience_is_that_of_transient():
    queue = Growing(arrivals=3.0, service=1.0, servers=2, leaving=0.0)
    law = queue.law_at(np.array([0.0, 4.0]))
    assert law[-1] @ np.arange(law.shape[1]) == pytest.approx(
        transient.transient_mean([(0.0, 3.0)], 1.0, 2, 0, 4.0), rel=1e-6
    )


def test_long_after_the_wait_and_the_share_received_are_erlang_a_s():
    queue = Growing(arrivals=6.0, service=1.0, servers=5, leaving=0.5)
    cohort = Cohort.of(queue, 59.0, 60.0, 40.0)
    of = erlang.erlang_a(6.0, 1.0, 5, 0.5)
    assert cohort.share[0] == pytest.approx(1.0 - of.wait, abs=1e-6)
    assert cohort.received_by(40.0) == pytest.approx(1.0 - of.give_up, abs=1e-4)
    # of a wait of no time, those who are called at once
    assert cohort.received_by(0.0) == pytest.approx(1.0 - of.wait, abs=1e-6)


def test_of_a_queue_that_is_never_left_the_wait_is_that_of_as_many_services():
    queue = Growing(arrivals=3.0, service=1.0, servers=2, leaving=0.0)
    law = np.eye(1, 60, 5)[0]
    # five present, two served: four departures at the rate of 2
    expected = 1.0 - sum(math.exp(-6.0) * 6.0**k / math.factorial(k) for k in range(4))
    assert queue.offered(law, np.array([0.0, 3.0]))[-1] == pytest.approx(expected, abs=1e-6)


@pytest.mark.slow
def test_processes_change_nothing():
    studies = [BY_NAME["costs"], BY_NAME["differences"]]
    alone, two = (cover(studies, seed=3, runs=20, workers=workers) for workers in (1, 2))
    assert alone.rows.equals(two.rows)


def test_another_seed_gives_other_intervals_of_the_same_figures():
    first, again, other = (cover([BY_NAME["costs"]], seed=seed, runs=10).rows for seed in (3, 3, 4))
    assert first.equals(again)
    assert not first["half_width"].equals(other["half_width"])
    assert first["exact"].equals(other["exact"])
