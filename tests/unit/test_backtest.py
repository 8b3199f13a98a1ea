"""What was published is read whole, calibrated on its first two years, never on what does not compare."""

from dataclasses import replace
from types import MappingProxyType, SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from deployments import population, scenario, tables

from cepsim.backtest import INDICATORS, PARAMETERS, UNTIL, calibrate, realised, verdict
from cepsim.backtest import calibration as module
from cepsim.backtest.backtest import BEYOND, NOT_RUN, _told, scenario_of
from cepsim.backtest.calibration import nearest_point
from cepsim.backtest.predicted import Predicted
from cepsim.errors import TableError, UsageError
from cepsim.experiment import plan, run_scenarios
from cepsim.labels import LANGUAGES, labels_under
from cepsim.report.backtest import conclusion
from cepsim.scenario.vocabulary import OPERATORS

ROWS = realised(tables())


def row(measure: str, perimeter: str = "france", year: int = 2016):
    """A row of what was published by the OPACIF."""
    (found,) = (
        of
        for of in ROWS
        if of.year == year
        and (of.figure.key("operator"), of.figure.key("perimeter"), of.figure.key("measure"))
        == ("opacif", perimeter, measure)
    )
    return found


def changed(id_: str, **fields):
    """The tables with another row of what was published."""
    known = tables()
    return replace(
        known, figures=MappingProxyType({**known.figures, id_: replace(known.figure(id_), **fields)})
    )


def run_of(values, regions=("53",), years=range(2015, 2024)) -> Predicted:
    return Predicted(regions, years, population(), values)


# -- the rows -----------------------------------------------------------------------------------------


def test_every_row_published_says_what_it_is_compared_with_or_why_it_is_not():
    assert [of.figure.id for of in ROWS] == list(tables().ids("cep_realised"))
    for of in ROWS:
        assert of.indicator in ("", *INDICATORS)
        assert of.comparable or of.why, of.figure.id
        assert bool(of.indicator) == bool(of.operators), of.figure.id


def test_totals_of_operators_that_renamed_what_they_did_are_never_compared():
    """Trap 12 of the guide: the regional operators' series is the usable one."""
    assert {of.figure.key("operator") for of in ROWS if of.comparable} == {"opacif", "regional_cep_market"}
    assert {of.indicator for of in ROWS if of.comparable} == {"received"}
    assert {of.operators for of in ROWS if of.comparable} == {("opacif",)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_a_row_has_its_words_in_its_language(language):
    keys = {name: {of.figure.key(name) for of in ROWS} for name in ("operator", "perimeter", "measure")}
    assert keys["operator"] == set(labels_under("backtest.who", language))
    assert keys["perimeter"] == {*labels_under("backtest.perimeter", language), "france"}
    assert keys["measure"] == set(labels_under("backtest.what", language))
    reasons = {code for of in ROWS for code in of.why}
    assert reasons | {NOT_RUN, BEYOND} == set(labels_under("backtest.because", language))


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("comparable", "perhaps"),
        ("indicator", "recieved"),
        ("indicator", ""),
        ("operators", "opacif+everybody"),
        ("regions", "22+99"),
        ("regions", ""),
    ],
)
def test_a_row_that_names_what_the_model_has_not_is_refused(column, text):
    figure = row("beneficiaires_cep", "picardie", 2015).figure
    extras = tuple((name, text if name == column else said) for name, said in figure.extras)
    with pytest.raises(TableError, match=f"line {figure.line}, column {column}"):
        realised(changed(figure.id, extras=extras))


def test_a_row_that_is_not_comparable_says_why_or_is_refused():
    figure = row("part_des_1_5_m_telle_que_dite").figure
    extras = tuple((name, "" if name == "why" else said) for name, said in figure.extras)
    with pytest.raises(TableError, match="column why"):
        realised(changed(figure.id, extras=extras))


# -- what a run gives ---------------------------------------------------------------------------------


def test_a_row_about_a_region_is_held_against_that_region_alone_where_it_was_run():
    values = {("received", code, "opacif", 2015): value for code, value in (("22", 7.0), ("53", 9.0))}
    picardie = row("beneficiaires_cep", "picardie", 2015)
    both = run_of([values], regions=("22", "53"))
    assert both.covers(picardie)
    assert both.found(picardie).tolist() == [7.0]
    assert both.part(picardie) == 1.0
    assert both.found(row("beneficiaires_cep", year=2015)).tolist() == [16.0]
    assert not run_of([values]).covers(picardie)
    told = _told(picardie, run_of([values]), run_of([values]), calibrated_on=False)
    assert (told["comparable"], told["why"]) == (False, NOT_RUN)
    assert np.isnan(told["predicted"])


def test_a_row_about_two_regions_needs_both():
    of = row("beneficiaires_cep", "bourgogne_franche_comte")
    values = {("received", code, "opacif", 2016): value for code, value in (("26", 2.0), ("43", 3.0))}
    assert not run_of([values], regions=("26",)).covers(of)
    assert run_of([values], regions=("26", "43")).found(of).tolist() == [5.0]


def test_an_amount_of_the_country_is_taken_for_the_part_of_the_regions_run():
    of, keys = row("beneficiaires_cep_corrige"), population().keys["opacif"]
    assert run_of([{}], regions=("53", "52")).part(of) == pytest.approx(keys["53"] + keys["52"])
    assert run_of([{}], regions=tuple(keys.index)).part(of) == pytest.approx(1.0)
    whole = next(of for of in ROWS if of.operators == OPERATORS)
    assert 0 < run_of([{}]).part(whole) < 1


def test_a_share_is_that_of_an_operator_in_the_persons_received_by_all():
    of = row("part_des_1_5_m_telle_que_dite")
    values = {("received", "53", operator, 2016): 1.0 for operator in OPERATORS}
    assert run_of([values]).found(of).tolist() == [0.2]
    assert run_of([values]).part(of) == 1.0
    assert np.isnan(run_of([{}]).found(of)).all()


def test_a_year_that_was_not_run_is_told_as_such():
    of = row("beneficiaires_cep_corrige")
    short = run_of([{}], years=range(2015, 2016))
    told = _told(of, short, short, calibrated_on=False)
    assert (told["comparable"], told["why"]) == (False, f"corrected+{BEYOND}")


def test_a_prediction_is_inside_where_its_interval_meets_what_was_published():
    of = row("beneficiaires_cep_corrige")

    def told(*found: float):
        part = run_of([{}]).part(of)
        runs = [{("received", "53", "opacif", 2016): value * part} for value in found]
        return _told(of, run_of(runs), run_of(runs), calibrated_on=False)

    assert told(113_000)["inside"]
    assert not told(113_001)["inside"]
    assert not told(113_001, 113_001, 113_001)["inside"]
    assert told(112_000, 114_000, 113_500)["inside"]
    assert told(206_000)["ratio"] == pytest.approx(2.0)


# -- calibration --------------------------------------------------------------------------------------


def surface(level: float, growth: float) -> np.ndarray:
    """Two years: a level times what growth adds, so that its logarithm is linear in both."""
    return np.exp([level + 0.5 * growth, level + growth])


RUNS = {point: surface(*point) for point in ((1.0, 0.4), (0.0, 0.4), (2.0, 0.4), (1.0, 0.0), (1.0, 1.0))}


def test_the_point_that_gives_what_was_published_is_found_between_the_runs():
    values, before, after = nearest_point(RUNS, surface(1.5, 0.2), (1.0, 0.4))
    assert values == pytest.approx((1.5, 0.2), abs=0.01)
    assert after < 0.01 < before


def test_what_asks_for_less_than_the_range_lands_on_its_bound():
    values, _, after = nearest_point(RUNS, surface(-1.0, 0.0), (1.0, 0.4))
    assert values == (0.0, 0.0)
    assert after == pytest.approx(1.0)


def test_what_tells_nothing_of_a_hypothesis_leaves_it_where_the_tables_have_it():
    flat = {point: np.exp([point[0]]) for point in RUNS}
    values, _, after = nearest_point(flat, np.exp([1.0]), (1.0, 0.4))
    assert values == (1.0, 0.4)
    assert after == pytest.approx(0.0)


@pytest.fixture(scope="module")
def calibrated():
    """Calibrates in Corse on any tables: what is published changes no run, so that they are made once."""
    constate, made = scenario("constate"), []

    def run_once(planned, **options):
        if not made:
            made.append(run_scenarios(planned, **options))
        return made[0]

    def on(known):
        planned = plan([constate], regions=["94"], replications=1, tables=known, sample=5)
        return calibrate(planned, constate, realised(known), workers=1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "run_scenarios", run_once)
        yield on


def test_no_row_after_2016_is_read_to_calibrate(calibrated):
    found = calibrated(tables())
    assert [of.year for of in found.rows] == [2015, 2016]
    assert [figure.id for figure in found.figures] == list(PARAMETERS)
    for figure, value in zip(found.figures, found.kept, strict=True):
        assert figure.low <= value <= figure.high
    later = [of for of in ROWS if of.comparable and (of.year or 0) > UNTIL]
    assert later
    for of in later:
        again = calibrated(changed(of.figure.id, low=9.0, mode=9.0, high=9.0))
        assert (again.kept, again.error_after) == (found.kept, found.error_after)
    of = row("beneficiaires_cep_corrige").figure
    moved = calibrated(changed(of.id, low=1e6, mode=1e6, high=1e6))
    assert moved.kept != found.kept


def test_what_does_not_compare_is_not_read_to_calibrate(calibrated):
    of = next(of.figure for of in ROWS if of.year == 2015 and of.figure.key("operator") == "all_cep")
    found = calibrated(tables())
    again = calibrated(changed(of.id, low=9.0, mode=9.0, high=9.0))
    assert (again.kept, again.error_after) == (found.kept, found.error_after)


# -- which scenario -----------------------------------------------------------------------------------


def test_a_scenario_of_2013_is_not_held_against_what_happened():
    with pytest.raises(UsageError, match="central says what could be known in 2013"):
        scenario_of(plan(["central"], regions=["94"], tables=tables()))
    assert scenario_of(plan(["constate"], regions=["94"], tables=tables())).name == "constate"


def test_a_scenario_that_opens_too_late_has_nothing_to_be_calibrated_on():
    late = scenario("constate").derive(
        {"calendar.launch_date": scenario("constate").calendar.launch_date.replace(year=2018)},
        tables=tables(),
    )
    planned = plan([late], regions=["94"], tables=tables())
    with pytest.raises(UsageError, match="no comparable figure up to 2016"):
        calibrate(planned, late, ROWS, workers=1)


# -- the verdict --------------------------------------------------------------------------------------


def rows_of(*of: tuple[int, float, bool, bool]) -> pd.DataFrame:
    """Comparable rows: year, ratio, inside, calibrated on; and one that compares with nothing."""
    frame = pd.DataFrame(of, columns=["year", "ratio", "inside", "calibrated_on"])
    frame = frame.assign(comparable=True, realised=100.0, predicted_before=150.0)
    return pd.concat([frame, frame.iloc[:1].assign(comparable=False, ratio=99.0)], ignore_index=True)


def test_the_verdict_counts_comparable_rows_and_weighs_those_that_were_not_calibrated_on():
    found = verdict(rows_of((2015, 2.0, True, True), (2020, 1.2, False, False), (2021, 0.8, False, False)))
    assert (found.comparable, found.inside, found.unused) == (3, 1, 2)
    assert (found.median, found.median_before) == pytest.approx((1.0, 1.5))
    assert (found.first_year, found.first, found.last_year, found.last) == (2015, 2.0, 2021, 0.8)


@pytest.mark.parametrize(
    ("ratio", "inside", "poor"),
    [(1.0, True, False), (1.3, True, True), (0.7, True, True), (1.0, False, True)],
)
def test_a_fit_is_poor_where_few_fall_inside_or_the_median_is_far(ratio, inside, poor):
    assert verdict(rows_of((2015, 1.0, inside, True), (2020, ratio, inside, False))).is_poor == poor


def test_a_backtest_of_nothing_has_no_verdict():
    with pytest.raises(ValueError, match="comparable"):
        verdict(rows_of((2015, 1.0, True, True)).assign(comparable=False))


def test_the_verdict_is_a_sentence_computed_from_the_rows_in_both_languages():
    rows = rows_of((2015, 1.4, False, True), (2020, 1.1, False, False), (2023, 0.8, True, False))
    of = SimpleNamespace(frame=rows)
    assert conclusion(of, "en") == (
        "A poor fit: 1 of the 3 comparable rows fall inside what was published. On the 2 that were not used "
        "to calibrate, the median ratio of predicted to realised is 0.95 (1.50 before calibration). The "
        "median ratio of a year goes from 1.40 in 2015 to 0.80 in 2023: what was published rises more than "
        "what is predicted."
    )
    assert conclusion(of, "fr").startswith("Ajustement médiocre : 1 des 3 lignes comparables")
