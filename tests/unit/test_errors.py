"""Errors: what a user reads, and the exit code that a script reads."""

import pickle
from pathlib import Path

import pytest

from cepsim import errors
from cepsim.errors import InputError, ScenarioError, TableError, nearest, show_found


def test_a_message_says_where_what_was_found_what_was_expected_and_what_to_do():
    error = ScenarioError(
        file=Path("scenarios/central.toml"),
        field="service.intensity",
        found="central",
        expected="an intensity.",
        remedy='Did you mean "centrale"?',
    )
    assert str(error) == (
        'central.toml: service.intensity: found "central", expected an intensity. Did you mean "centrale"?'
    )


def test_a_message_without_field_or_remedy_has_no_empty_part():
    error = TableError(file="publics.csv", found="no such file", expected="a table")
    assert str(error) == 'publics.csv: found "no such file", expected a table'


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.CepsimError, 1),
        (errors.UsageError, 2),
        (errors.InputError, 3),
        (errors.ScenarioError, 3),
        (errors.TableError, 3),
        (errors.NetworkError, 3),
        (errors.RegionError, 3),
        (errors.StoreError, 1),
        (errors.Interrupted, 4),
        (errors.CheckFailed, 5),
    ],
)
def test_each_error_has_the_exit_code_of_its_family(error, code):
    assert issubclass(error, errors.CepsimError)
    assert error.exit_code == code


def _two() -> list[InputError]:
    return [InputError(file="a.toml", field=f"f{n}", found=n, expected="less") for n in (1, 2)]


def test_errors_reported_together_take_a_line_each_in_order():
    both = InputError.together(_two())
    assert str(both).splitlines() == [
        "a.toml: f1: found 1, expected less",
        "a.toml: f2: found 2, expected less",
    ]
    third = InputError(file="b.toml", found=3, expected="less")
    assert len(InputError.together([both, third]).problems) == 3


def test_errors_reported_together_keep_their_kind():
    assert type(TableError.together([TableError(file="a", found=1, expected="2")])) is TableError


def test_reporting_no_error_together_is_a_defect():
    with pytest.raises(ValueError, match="no error"):
        InputError.together([])


@pytest.mark.parametrize("error", [_two()[0], InputError.together(_two())])
def test_an_error_comes_back_whole_from_another_process(error):
    back = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert type(back) is type(error)
    assert str(back) == str(error)
    assert (back.file, back.field, back.found, back.expected) == ("a.toml", "f1", 1, "less")


def test_the_nearest_name_is_found_whatever_its_case():
    assert nearest("OPACF", ["apec", "opacif"]) == 'Did you mean "opacif"?'
    assert nearest("apec", ["APEC", "OPACIF"]) == 'Did you mean "APEC"?'


def test_when_no_name_is_near_the_valid_ones_are_listed_in_order():
    assert nearest("zzz", ["b", "a"]) == "Valid names: a, b."


def test_a_long_list_of_valid_names_is_cut_and_says_so():
    remedy = nearest("zzz", [f"name{n:02d}" for n in range(30)])
    assert remedy.startswith("Valid names start with: name00, ")
    assert "name09…" in remedy
    assert "name10" not in remedy


def test_no_name_is_proposed_when_none_is_valid():
    assert nearest("zzz", []) == ""


def test_a_found_value_takes_one_line_and_is_cut_when_long():
    assert show_found("two\nlines") == '"two lines"'
    assert show_found(0.97) == "0.97"
    assert len(show_found("x" * 1000)) == 120
    assert show_found("x" * 1000).endswith("…")
