"""The tables of a run: what they say of the frames, with which intervals, in which words."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cepsim.experiment import Results, plan, run_scenarios
from cepsim.labels import label
from cepsim.report import answers
from cepsim.report.cells import cell, euros, number, period, share
from cepsim.scenario import load_scenario

SHORT = {"calendar.warm_up_years": 0, "calendar.follow_up_years": 0}


@pytest.fixture(scope="module")
def two():
    """Two replications of the reference and of a variant, over a year."""
    variant = load_scenario("premiere-vague").derive(SHORT, name="premiere-vague")
    return run_scenarios(plan([variant], regions=["94"], replications=2, years=1), workers=1)


@pytest.fixture(scope="module")
def three(two):
    """Three replications, the last a copy of the first."""
    measured = {name: [*runs, runs[0]] for name, runs in two.measured.items()}
    return Results(replace(two.plan, replications=3), measured)


@pytest.fixture(scope="module")
def of_two(two):
    return {table.key: table for table in answers(two, "fr")}


@pytest.fixture(scope="module")
def of_three(three):
    return {table.key: table for table in answers(three, "fr")}


def cells_of(table):
    return [text for row in table.rows for text in row]


def whole(results, **keys):
    frame = results.indicators
    for key, value in {**dict.fromkeys(("region", "public", "team"), "all"), **keys}.items():
        frame = frame[frame[key] == value]
    (mean,) = frame["mean"]
    return mean


# -- intervals -----------------------------------------------------------------------------------------------


def test_two_replications_print_means_alone_and_say_so(of_two):
    assert not [text for table in of_two.values() for text in cells_of(table) if "[" in text]
    for key, table in of_two.items():
        assert (label("answers.interval_none") in table.note) == (key not in ("over_time", "marks"))


def test_three_replications_print_brackets_that_the_note_explains(of_three):
    assert any("[" in text for text in cells_of(of_three["delays"]))
    assert all(
        label("answers.interval_indicative") in table.note
        for key, table in of_three.items()
        if key not in ("over_time", "marks")
    )
    assert "ignorance des hypothèses" in of_three["costs"].note


def test_no_bound_leaves_what_the_indicator_can_be(three):
    known = three.indicators.dropna(subset=["low"])
    assert len(known)
    assert (known["low"] >= 0).all()
    assert (known.loc[known["unit"] == "share", ["mean", "high"]] <= 1).all().all()
    assert (three.costs["low"].dropna() >= 0).all()


@pytest.mark.parametrize(
    ("row", "write", "text"),
    [
        ({"mean": 1234.0, "low": 1234.0, "high": 1234.0}, number("fr"), "1\u202f234"),
        ({"mean": 5.0, "low": 4.0, "high": 6.0}, number("fr"), "5 [4 ; 6]"),
        ({"mean": 5.1, "low": 5.0, "high": 5.2}, euros("fr"), "5\u00a0€"),
        ({"mean": 0.5, "low": np.nan, "high": np.nan}, share("fr"), "50,0\u00a0%"),
        ({"mean": np.nan, "low": np.nan, "high": np.nan, "beyond": 9.0}, number("fr"), "> 9"),
        ({"mean": np.nan, "low": np.nan, "high": np.nan}, number("fr"), "–"),
    ],
)
def test_brackets_are_written_where_they_say_something(row, write, text):
    assert cell(pd.Series(row), write, "fr").replace("\u00a0;", " ;") == text


# -- delays and volumes --------------------------------------------------------------------------------------


def test_delays_are_never_of_all_operators_together(of_two):
    assert label("answers.all_operators") not in cells_of(of_two["delays"])
    assert of_two["delays"].rows[0][0] == label("operator.opacif")


def test_those_who_gave_up_and_those_who_did_not_come_stand_apart(two, of_two):
    frame = of_two["delays"].frame
    keys = {"scenario": "reference", "operator": "opacif", "stage": "accueil", "period": "all"}
    for column, indicator in (("gave_up", "share_gave_up"), ("no_show", "share_no_show")):
        mean = whole(two, indicator=indicator, **keys)
        assert frame[label(f"answers.{column}")][0] == share("fr")(mean)
    parts = [whole(two, indicator=f"share_{name}", **keys) for name in ("gave_up", "no_show")]
    assert sum(parts) == pytest.approx(whole(two, indicator="share_lost", **keys))


def test_volumes_are_those_received_and_the_cif_requests_of_each_year(two, of_two):
    table = of_two["volumes"]
    names = ("personnes reçues", "demandes de CIF", "CIF acceptés")
    assert [row[:2] for row in table.rows] == [(name, "2015") for name in names]
    for row, indicator in zip(table.rows, ("received", "cif_requests", "cif_accepted"), strict=True):
        keys = {"indicator": indicator, "operator": "opacif", "stage": "all", "period": "2015"}
        found = [whole(two, scenario=scenario.name, **keys) for scenario in two.plan.scenarios]
        assert list(row[2:]) == [number("fr")(mean) for mean in found]


# -- words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("years", "french", "english"),
    [(1, "en 2015", "in 2015"), (3, "de 2015 à 2017", "from 2015 to 2017")],
)
def test_a_horizon_is_named_by_its_years(years, french, english):
    calendar = load_scenario("reference").derive({"calendar.years": years}, name="reference").calendar
    assert (period(calendar, "fr"), period(calendar, "en")) == (french, english)


def test_a_year_alone_has_a_column_once(of_two):
    for table in of_two.values():
        assert len(set(table.columns)) == len(table.columns), table.key
        assert "de 2015 à 2015" not in table.title


def test_nobody_is_said_to_have_a_project_accepted(of_two):
    said = " ".join(cells_of(of_two["funnel"]) + cells_of(of_two["unit_costs"]))
    assert "abouti" not in said
    assert "un refus n'est simulé que pour le CIF" in said
    assert "seules les demandes de CIF peuvent être refusées" in of_two["unit_costs"].note


# -- marks ---------------------------------------------------------------------------------------------------


def test_a_mark_says_whether_it_is_missed_and_whether_an_input_was_set_on_it(two, of_two):
    table = of_two["marks"]
    for row, (_, mark) in zip(table.rows, two.marks.iterrows(), strict=True):
        assert row[5] == ("dans le repère" if mark["inside"] else "hors du repère")
        assert row[6].startswith("calé : ") == bool(mark["set_inputs"])
    quantities = two.marks["quantity"].tolist()
    assert quantities[-2:] == ["cost_per_person_received", "cost_per_person_entering_conseil"]
    assert [row[6] for row in table.rows[-2:]] == ["indépendant", "indépendant"]


def test_the_note_of_the_marks_gives_the_reasons_that_are_known_of_those_that_are_missed(two, of_two):
    marks = two.marks.set_index("quantity")
    few = marks.loc["received", "found"] < marks.loc["received", "low"]
    dear = marks.loc["cost_per_person_received", "found"] > marks.loc["cost_per_person_received", "high"]
    assert (few, dear) == (True, True)
    assert "275 ETP de conseillers au lieu de 260" in of_two["marks"].note
    assert label("answers.marks_why.volumes") in of_two["marks"].note
