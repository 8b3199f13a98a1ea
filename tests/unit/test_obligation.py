"""The obligation de moyens: what is offered within the norm, beside what a scenario requires."""

import pandas as pd
import pytest
from counted import counts
from deployments import population, tables

from cepsim.errors import InputError
from cepsim.experiment.promised import norm_of
from cepsim.indicators import Norm, indicators, obligation, summary_of
from cepsim.indicators.obligation import COLUMNS, verdict
from cepsim.report import obligation_table, sound_obligation
from cepsim.scenario import load_scenario

NONE = float("nan")
NORM = Norm(10, 0.9)
NAMES = {"53": "Bretagne", "94": "Corse"}


def offers(within, *, region="53", operator="opacif"):
    return {"region": region, "operator": operator, "asked": 100, "within": within}


def held(*runs, norm=NORM):
    """The obligation of replications, each some rows of offers."""
    stocks = population().stocks
    summed = summary_of([indicators(counts(offers=rows), stocks) for rows in runs])
    return obligation(summed.assign(scenario="central"), {"central": norm})


def row(frame, operator, region="all"):
    (one,) = frame[(frame["operator"] == operator) & (frame["region"] == region)].to_dict("records")
    return one


def told(frame, language="fr"):
    return obligation_table(frame, {"central": "Central"}, NAMES, language)


@pytest.mark.parametrize(
    ("mean", "low", "high", "said"),
    [
        (0.95, 0.92, 0.98, "met"),
        (0.90, 0.90, 0.95, "met"),
        (0.72, 0.70, 0.74, "missed"),
        (0.91, 0.85, 0.97, "uncertain"),
        (0.88, 0.80, 0.90, "uncertain"),
        (0.90, NONE, NONE, "met"),
        (0.89, NONE, NONE, "missed"),
    ],
)
def test_an_obligation_is_met_where_all_the_interval_is_and_missed_where_none_of_it_is(mean, low, high, said):
    assert verdict(0.9, mean, low, high) == said


def test_what_is_offered_is_held_against_what_is_required_by_operator_and_region():
    frame = held([offers(95), offers(60, region="94"), offers(99, operator="apec")])
    assert tuple(frame.columns) == COLUMNS
    here, there, both = (row(frame, "opacif", region) for region in ("53", "94", "all"))
    assert (here["mean"], here["required"], here["verdict"]) == (0.95, 0.9, "met")
    assert (there["mean"], there["verdict"]) == (0.6, "missed")
    assert (both["mean"], both["people"], both["verdict"]) == (0.775, 200, "missed")
    assert row(frame, "apec")["verdict"] == "met"
    assert row(frame, "all")["mean"] == pytest.approx((95 + 60 + 99) / 300)


def test_a_lower_share_required_turns_the_verdict_and_no_figure():
    rows = [offers(72)]
    strict, mild = held(rows), held(rows, norm=Norm(10, 0.7))
    assert (row(strict, "opacif")["verdict"], row(mild, "opacif")["verdict"]) == ("missed", "met")
    other = ["required", "verdict"]
    pd.testing.assert_frame_equal(strict.drop(columns=other), mild.drop(columns=other))


def test_replications_that_differ_leave_it_open():
    frame = held(*([offers(within)] for within in (86, 90, 94)))
    assert row(frame, "opacif")["verdict"] == "uncertain"
    assert row(frame, "opacif")["low"] < 0.9 < row(frame, "opacif")["high"]


def test_where_nobody_asks_nothing_is_owed():
    assert held([]).empty
    assert told(held([])).rows == ()


def test_what_is_required_is_the_quantile_of_the_scenario_and_its_figure():
    id_ = "stages.norm.first_appointment_target.all.all.all.all"
    scenario = load_scenario("central")
    assert norm_of(scenario, tables()) == Norm(round(tables().figure(id_).mode), 0.9)
    other = scenario.derive({"norm.quantile": 0.75}, name="other")
    assert norm_of(other, tables()).share == 0.75


# -- what is read --------------------------------------------------------------------------------------------


def test_the_table_says_offered_norm_required_and_verdict():
    (line,) = told(held([offers(72)])).rows
    assert [text.replace("\xa0", " ") for text in line[1:]] == [
        "Central",
        "72,0 %",
        "10",
        "90,0 %",
        "non tenue",
    ]
    (line,) = told(held([offers(95)]), "en").rows
    assert line[2:] == ("95.0%", "10", "90.0%", "met")


def test_several_regions_say_in_how_many_it_is_met_and_which_is_lowest():
    (line,) = told(held([offers(95), offers(60, region="94")])).rows
    assert [text.replace("\xa0", " ") for text in line[-2:]] == ["1 sur 2", "Corse (60,0 %)"]


# -- read again ----------------------------------------------------------------------------------------------


def sound(frame, tmp_path):
    return sound_obligation(frame, tmp_path / "obligation.csv", {"central": ""}, NAMES)


def test_a_frame_comes_back_from_csv_as_it_was(tmp_path):
    frame = held([offers(95), offers(60, region="94")])
    frame.to_csv(tmp_path / "obligation.csv", index=False)
    again = sound(pd.read_csv(tmp_path / "obligation.csv"), tmp_path)
    pd.testing.assert_frame_equal(again, frame, check_dtype=False)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("scenario", "nowhere"),
        ("operator", "mife"),
        ("region", "99"),
        ("mean", 1.5),
        ("mean", NONE),
        ("low", -0.1),
        ("required", "9/10"),
        ("verdict", "perhaps"),
        ("verdict", "met"),
        ("norm_days", 10.5),
    ],
)
def test_what_no_run_would_have_written_is_refused(tmp_path, column, value):
    frame = held([offers(60)]).astype(object)
    frame.loc[0, column] = value
    with pytest.raises(InputError) as caught:
        sound(frame, tmp_path)
    assert column in caught.value.field


def test_a_frame_without_a_column_is_refused(tmp_path):
    with pytest.raises(InputError, match="required"):
        sound(held([offers(60)]).drop(columns="required"), tmp_path)
