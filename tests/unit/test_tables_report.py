"""What `cepsim data` shows: slide 5 as printed, and checks that fail when they should."""

import pytest

from cepsim.tables import load_tables
from cepsim.tables.report import check_report, printed_number, slide_5_report


class Range:
    def __init__(self, low, mode, high):
        self.low, self.mode, self.high, self.reason = low, mode, high, "tried"


@pytest.fixture(scope="module")
def tables():
    return load_tables()


@pytest.mark.parametrize(
    ("printed", "thousands"),
    [("28 328", 28_328), ("2  360*", 2_360), ("642ù", 642), ("35, 336 *", 35.336), ("0, 86", 0.86)],
)
def test_a_number_of_slide_5_is_read_without_its_marks(printed, thousands):
    assert printed_number(printed) == thousands


def test_every_number_of_slide_5_is_reproduced(tables):
    report = slide_5_report(tables)
    assert len(report) == 20
    assert report["agrees"].all()


@pytest.mark.parametrize(
    ("printed", "value", "unit"),
    [
        ("28 328", 28_328_000, "persons"),
        ("525 ETP", 525_000, "etp"),
        ("35, 336 *", 35_336, "files_per_year"),
        ("9, 5 *", 9_507, "files_per_year"),
        ("0, 86", 860, "bilans_per_year"),
        ("31, 600", 31_600, "bilans_per_year"),
        ("566", 566_000, "persons_per_year"),
    ],
)
def test_each_number_says_what_it_really_is(tables, printed, value, unit):
    row = slide_5_report(tables).set_index("printed").loc[printed]
    assert (row["value"], row["unit"]) == (value, unit)


def test_the_trap_of_the_cif_total_is_told_in_both_languages(tables):
    assert "SEULS" in slide_5_report(tables).set_index("printed").loc["35, 336 *", "meaning"]
    assert "ALONE" in slide_5_report(tables, "en").set_index("printed").loc["35, 336 *", "meaning"]


def test_the_shipped_tables_pass_their_checks(tables):
    report = check_report(tables)
    assert report.passed
    assert report.sums["ok"].all()
    assert report.agreements["ok"].all()


def test_figures_are_counted_by_confidence(tables):
    counts = check_report(tables).confidences
    total = counts.iloc[-1]
    assert total["table"] == "total"
    assert total["figures"] == len(tables.ids())
    assert total["observed"] + total["derived"] + total["to_verify"] + total["hypothesis"] == len(
        tables.ids()
    )


def test_warnings_hold_today_s_figures(tables):
    french = check_report(tables).warnings.set_index("trap")["text"]
    assert "44\u202f843" in french[3]
    assert "charge 0,82" in french[22]
    english = check_report(tables, "en").warnings.set_index("trap")["text"]
    assert "25,521" in english[7]


def test_a_derived_figure_left_behind_by_an_override_fails_the_check(tables):
    changed = tables.with_overrides({"demand.all.contacts.repeat_contact_share": Range(0.1, 0.3, 0.4)})
    report = check_report(changed)
    assert not report.passed
    failed = report.agreements.loc[~report.agreements["ok"], "id"]
    assert "demand.salaries_prives.stock.first_requests" in set(failed)


def test_a_price_at_odds_with_its_budget_fails_the_check(tables):
    changed = tables.with_overrides({"unit_costs.cif_cdi_cost.opacif": Range(20_000, 20_000, 20_000)})
    failed = check_report(changed).agreements
    assert failed.loc[~failed["ok"], "id"].tolist() == ["operators.opacif.cif_cdi@check"]
