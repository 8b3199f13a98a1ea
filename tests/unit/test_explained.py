"""The difference of cost of two scenarios: each part moves with what it is about, all sum to the cent."""

from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cepsim.costing.prices import NATURES
from cepsim.errors import UsageError
from cepsim.indicators import ALL
from cepsim.report.explained import _BILANS, _OVERHEADS, _WORK, PARTS, cost_parts


def run_of(first, second, received=(100, 100), replications=1):
    """A run of two scenarios: (operator, nature, quantity, price in cents) a row, per replication."""
    rows = [
        (name, n, operator, nature, quantity, quantity * price)
        for name, cells in (("a", first), ("b", second))
        for n in range(replications)
        for operator, nature, quantity, price in cells
    ]
    columns = ["scenario", "replication", "operator", "nature", "quantity", "amount_cents"]
    keys = dict.fromkeys(("stage", "public", "team", "period", "region"), ALL)
    counted = [
        {**keys, "operator": operator, "scenario": name, "indicator": "received", "mean": float(n)}
        for name, n in zip("ab", received, strict=True)
        for operator in (ALL, "opacif")
    ]
    scenarios = [SimpleNamespace(name=name) for name in "ab"]
    return SimpleNamespace(
        plan=SimpleNamespace(scenarios=scenarios, replications=replications),
        ledger=pd.DataFrame(rows, columns=columns),
        indicators=pd.DataFrame(counted),
    )


def whole(run):
    frame = cost_parts(run, "a", "b").set_index("operator")
    parts = {part: int(frame.loc[ALL, f"{part}_cents"]) for part in PARTS}
    return {part: cents for part, cents in parts.items() if cents}


BASE = [("opacif", "advisers_used", 1_000, 7), ("opacif", "advisers_idle", 300, 7)]


def test_twice_as_many_people_for_twice_the_work_is_all_volume():
    twice = [("opacif", "advisers_used", 2_000, 7), ("opacif", "advisers_idle", 300, 7)]
    assert whole(run_of(BASE, twice, (100, 200))) == {"volume": 7_000}


def test_longer_work_for_as_many_people_is_all_mix():
    longer = [("opacif", "advisers_used", 1_500, 7), ("opacif", "advisers_idle", 300, 7)]
    assert whole(run_of(BASE, longer)) == {"mix": 3_500}


def test_dearer_posts_are_all_price():
    dearer = [("opacif", "advisers_used", 1_000, 8), ("opacif", "advisers_idle", 300, 8)]
    assert whole(run_of(BASE, dearer)) == {"price": 1_300}


def test_more_time_idle_and_new_tools_are_all_capacity():
    more = [*BASE[:1], ("opacif", "advisers_idle", 400, 7), ("national", "shared_tools", 10, 50)]
    assert whole(run_of(BASE, more)) == {"capacity": 1_200}


def test_bilans_not_rendered_and_premises_have_parts_of_their_own():
    first = [*BASE, ("opacif", "bilan_conge", 10, 170), ("opacif", "advisers_structure", 50, 3)]
    second = [*BASE, ("opacif", "bilan_conge", 4, 170), ("opacif", "advisers_structure", 60, 3)]
    assert whole(run_of(first, second)) == {"bilans": -1_020, "overheads": 30}


def test_the_volume_of_an_operator_follows_his_own_persons():
    first = [*BASE, ("apec", "advisers_used", 1_000, 7)]
    frame = cost_parts(run_of(first, first, (100, 200)), "a", "b").set_index("operator")
    assert frame.loc["opacif", "volume_cents"] == 7_000
    # of the APEC nobody says how many were received: nothing of it is volume
    assert frame.loc["apec", ["volume_cents", "mix_cents"]].tolist() == [0, 0]
    assert frame.loc[ALL, "volume_cents"] == 14_000


CELLS = st.lists(
    st.tuples(
        st.sampled_from(["opacif", "apec", "national"]),
        st.sampled_from([nature.code for nature in NATURES]),
        st.integers(0, 10**7),
        st.integers(0, 10**5),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda cell: cell[:2],
)


@given(CELLS, CELLS, st.integers(1, 10**6), st.integers(0, 10**6), st.integers(1, 4))
def test_parts_sum_to_the_difference_to_the_cent(first, second, n_a, n_b, times):
    frame = cost_parts(run_of(first, second, (n_a, n_b), times), "a", "b").set_index("operator")
    parts = frame[[f"{part}_cents" for part in PARTS]].sum(axis=1)
    assert (frame["first_cents"] + parts == frame["second_cents"]).all()
    assert frame.loc[ALL, "first_cents"] == sum(quantity * price for _, _, quantity, price in first)
    others = frame.drop(index=ALL)
    for part in ("first", "bilans", "overheads", "capacity", "price", "second"):
        assert abs(others[f"{part}_cents"].sum() - frame.loc[ALL, f"{part}_cents"]) <= len(others) + 1


def test_every_nature_that_has_a_part_is_one_of_the_ledger():
    assert {*_WORK, *_BILANS, *_OVERHEADS} < {nature.code for nature in NATURES}


def test_a_scenario_that_was_not_run_or_that_receives_nobody_is_refused():
    with pytest.raises(UsageError, match="no run of"):
        cost_parts(run_of(BASE, BASE), "a", "c")
    with pytest.raises(UsageError, match="receives nobody"):
        cost_parts(run_of(BASE, BASE, (0, 1)), "a", "b")
