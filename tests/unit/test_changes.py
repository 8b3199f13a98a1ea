"""The same people in two scenarios: classes, additivity, secrecy, on generated outcomes."""

import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cepsim.experiment.changes import CLASSES, FATES, add_changes, classed, count_changes, quantile
from cepsim.experiment.classes import BOTH, class_rows, delay_rows, withhold_classes
from cepsim.indicators import ALL
from cepsim.indicators.outcomes import COLUMNS, NOT, OUTCOMES, RECEIVED, no_outcomes
from cepsim.indicators.working_days import WorkingDays

DAY = 86_400
REGIONS = ("53", "94")
END = 50 * DAY
#: Working days, five in seven in one region, every day in the other.
WEEK = np.array([1, 1, 1, 1, 1, 0, 0])
DAYS = WorkingDays(
    np.cumsum([np.tile(WEEK, 20), np.ones(140, dtype=np.int64)], axis=1), -1, np.zeros(2, dtype=np.int64)
)

row = st.tuples(
    st.integers(0, 5),
    st.sampled_from(["accueil", "conseil"]),
    st.sampled_from(OUTCOMES),
    st.integers(0, 100 * DAY),
    st.sampled_from(["opacif", "apec"]),
)


def frame(rows) -> pd.DataFrame:
    """Outcomes of people named by their number; region and public are the person's."""
    first = {(number, stage): rest for number, stage, *rest in rows}
    table = pd.DataFrame(
        [
            {
                "stream_high": -number,
                "stream_low": number % 2,
                "rank": number // 2,
                "stage": stage,
                "region": REGIONS[number % 2],
                "public": ("salaries_cdi", "de_autres", "interimaires")[number % 3],
                "operator": operator,
                "asked": 0,
                "joined": 0,
                "received": second if outcome == RECEIVED else NOT,
                "outcome": outcome,
            }
            for (number, stage), (outcome, second, operator) in first.items()
        ],
        columns=list(COLUMNS),
    )
    return table.astype(no_outcomes().dtypes.to_dict())


people = st.lists(row, max_size=40).map(frame)


def changes(base, other):
    return count_changes(base, other, DAYS, REGIONS, END)


def bytes_of(table) -> bytes:
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False)
    return buffer.getvalue()


@given(base=people, other=people)
@settings(max_examples=40)
def test_everybody_who_comes_in_either_scenario_is_in_one_class_and_one_only(base, other):
    found = classed(changes(base, other))
    names = [set(table[["rank", "stream_low", "stage"]].itertuples(index=False)) for table in (base, other)]
    sums = found.groupby("class")["people"].sum()
    assert set(sums.index) <= set(CLASSES)
    assert sums.sum() == len(names[0] | names[1])
    assert sums.get("only_base", 0) == len(names[0] - names[1])
    assert sums.get("only_other", 0) == len(names[1] - names[0])
    for side, table in (("in_base", base), ("in_other", other)):
        assert set(found[side]) <= set(FATES)
        expected = table["outcome"].value_counts()
        assert found.groupby(side)["people"].sum().reindex(expected.index).equals(expected.rename("people"))
    received = base.merge(other, on=["stage", "rank", "stream_low"])
    received = received[(received["received_x"] != NOT) & (received["received_y"] != NOT)]
    assert found["seconds"].sum() == (received["received_y"] - received["received_x"]).sum()
    before, after = ((table["received"] != NOT) & (table["received"] < END) for table in (base, other))
    assert found["gained_in_time"].sum() - found["lost_in_time"].sum() == after.sum() - before.sum()


@given(base=people, other=people, shard=st.lists(st.integers(0, 2), min_size=6, max_size=6))
@settings(max_examples=12)
def test_shards_add_up_to_the_same_bytes_in_any_grouping(base, other, shard):
    def of(table, number):
        return table[np.array(shard)[table["rank"] * 2 + table["stream_low"]] == number]

    parts = [changes(of(base, n), of(other, n)) for n in range(3)]
    whole = bytes_of(changes(base, other))
    for grouping in (
        parts,
        parts[::-1],
        [add_changes(parts[:2]), parts[2]],
        [parts[0], add_changes(parts[1:])],
    ):
        assert bytes_of(add_changes(grouping)) == whole


@given(both=people)
@settings(max_examples=20)
def test_a_scenario_compared_with_itself_changes_nobody(both):
    found = classed(changes(both, both))
    assert set(found["class"]) <= {"same_day", "neither", "waiting"}
    assert (found[["days", "seconds", "gained_in_time", "lost_in_time"]] == 0).all().all()


def test_somebody_still_waiting_in_either_is_neither_gained_nor_lost():
    fates = [("received", "waiting"), ("waiting", "received"), ("waiting", "waiting"), ("waiting", "gave_up")]
    base, other = (
        frame([(n, "accueil", pair[side], 0, "opacif") for n, pair in enumerate(fates)]) for side in (0, 1)
    )
    found = classed(changes(base, other))
    assert found["class"].tolist() == ["waiting"] * 4
    assert (found[["days", "seconds"]] == 0).all().all()


@pytest.mark.parametrize(
    ("region", "first", "second", "days", "name"),
    [
        (0, 3, 8, 3, "later"),  # the week-end is not worked
        (0, 8, 3, -3, "sooner"),
        (0, 4, 5, 0, "same_day"),  # both on a week-end
        (1, 3, 8, 5, "later"),
        (1, 3, 3, 0, "same_day"),
    ],
)
def test_sooner_and_later_are_told_by_working_days_of_the_region(region, first, second, days, name):
    base, other = (
        frame([(region, "accueil", RECEIVED, day * DAY + clock, "opacif")])
        for day, clock in ((first, 100), (second, 200))
    )
    (found,) = classed(changes(base, other)).to_dict("records")
    assert (found["days"], found["class"]) == (days, name)
    assert found["seconds"] == (second - first) * DAY + 100


@given(
    counts=st.dictionaries(st.integers(-30, 30), st.integers(1, 9), min_size=1),
    level=st.sampled_from([0.1, 0.5, 0.9]),
)
def test_a_quantile_is_that_of_people_one_by_one(counts, level):
    days, number = np.array(list(counts)), np.array(list(counts.values()))
    expected = np.quantile(np.repeat(days, number), level, method="inverted_cdf")
    assert quantile(days, number, level) == expected


# -- rows ----------------------------------------------------------------------------------------------------


@given(base=people, other=people)
@settings(max_examples=10)
def test_shares_of_the_classes_sum_to_one_at_every_level(base, other):
    rows = class_rows(changes(base, other))
    rows = rows[(rows["in_base"] == ALL) & (rows["indicator"] == "share")]
    place = ["stage", "region", "public", "operator"]
    sums = rows[rows["class"] != BOTH].groupby(place)["value"]
    assert (sums.sum() - 1.0).abs().max() < 1e-9 or len(rows) == 0
    assert (sums.size() == len(CLASSES)).all()
    apart = rows[rows["class"].isin(["only_base", "only_other", BOTH])].groupby(place)["value"].sum()
    assert ((apart - 1.0).abs() < 1e-9).all()


def test_delays_are_those_of_people_received_in_both_alone():
    base = frame([(n, "accueil", RECEIVED, DAY, "opacif") for n in (1, 3, 5)])
    other = frame(
        [
            (1, "accueil", RECEIVED, 2 * DAY, "apec"),
            (3, "accueil", RECEIVED, 11 * DAY, "opacif"),
            (5, "accueil", "waiting", 0, "opacif"),
        ]
    )
    rows = delay_rows(changes(base, other))
    rows = rows[(rows["region"] == ALL) & (rows["public"] == ALL) & (rows["operator"] == "opacif")]
    found = rows.set_index("indicator")
    assert found["value"].to_dict() == {
        "mean": 5.5,
        "p10": 1.0,
        "p50": 1.0,
        "p90": 10.0,
        "mean_elapsed": 5.5 * DAY,
    }
    assert found["people"].unique().tolist() == [2]


@settings(max_examples=25)
@given(counts=st.lists(st.integers(0, 8), min_size=len(CLASSES), max_size=len(CLASSES)))
def test_few_people_of_a_cell_are_withheld_with_enough_others_not_to_be_subtracted(counts):
    names = [*CLASSES, BOTH]
    numbers = [*counts, sum(counts[:-2])]
    table = pd.DataFrame(
        {
            "scenario": "b",
            "stage": "accueil",
            "region": "94",
            "public": "interimaires",
            "operator": ALL,
            "class": names,
            "indicator": "people",
            **{name: np.array(numbers, dtype=float) for name in ("mean", "low", "high", "people")},
        }
    )
    found = withhold_classes(table, pd.Series(True, index=table.index))
    of = found["class"] != BOTH
    hidden = np.array(counts)[found.loc[of, "withheld"]]
    shown = found.loc[of & ~found["withheld"], "mean"]
    assert (shown >= 5).all()
    assert len(hidden) != 1 or len(shown) == 0 or hidden[0] >= 5
    assert hidden.sum() == 0 or hidden.sum() >= 5 or len(shown) == 0
    assert found.loc[~of, "withheld"].item() == (len(hidden) > 0)
    assert found.loc[found["withheld"], ["mean", "low", "high", "people"]].isna().all().all()
    everywhere = withhold_classes(table.assign(region=ALL), pd.Series(False, index=table.index))
    assert not everywhere["withheld"].any()
