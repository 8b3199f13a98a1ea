"""Units: a closed vocabulary, and numbers written as each language writes them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cepsim.labels import labels_under
from cepsim.units import (
    UNITS,
    format_euros,
    format_number,
    format_quantity,
    format_share,
)

NARROW, SPACE, MINUS = "\u202f", "\u00a0", "\u2212"


def test_every_unit_has_a_label_and_every_label_a_unit():
    assert set(labels_under("unit")) == set(UNITS)


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_a_unit_leads_to_a_base_of_the_same_kind(unit):
    base = UNITS[unit.base]
    assert (base.base, base.factor, base.kind) == (base.code, 1.0, unit.kind)
    assert unit.factor > 0
    assert unit.low < unit.high


@pytest.mark.parametrize(
    ("code", "value", "base"),
    [
        ("k_persons", 1.5, 1500),
        ("percent", 50, 0.5),
        ("minutes", 2, 120),
        ("hours", 2, 7200),
        ("weeks", 1, 604_800),
        ("eur_million", 820, 820e6),
        ("eur_billion_per_year", 1, 1e9),
    ],
)
def test_a_value_is_converted_to_its_base_unit(code, value, base):
    assert UNITS[code].to_base(value) == base


@pytest.mark.parametrize(
    ("code", "value", "allowed"),
    [
        ("share", 1.0, True),
        ("share", 1.01, False),
        ("percent", 100, True),
        ("percent", -1, False),
        ("persons", -1, False),
        ("correlation", -0.5, True),
        ("points", -3, True),
        ("eur", math.inf, False),
        ("eur", math.nan, False),
    ],
)
def test_a_unit_allows_finite_values_of_its_range_only(code, value, allowed):
    assert UNITS[code].allows(value) is allowed


def test_a_stock_and_a_flow_never_share_a_base():
    stocks = {unit.base for unit in UNITS.values() if unit.kind == "stock"}
    flows = {unit.base for unit in UNITS.values() if unit.kind == "flow"}
    assert not stocks & flows


def test_the_vocabulary_is_closed():
    with pytest.raises(TypeError):
        UNITS["bushels"] = UNITS["persons"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("value", "decimals", "french", "english"),
    [
        (0, 0, "0", "0"),
        (999, 0, "999", "999"),
        (1234.5, 1, f"1{NARROW}234,5", "1,234.5"),
        (28_328_000, 0, f"28{NARROW}328{NARROW}000", "28,328,000"),
        (-1234, 0, f"{MINUS}1{NARROW}234", f"{MINUS}1,234"),
        (0.5, 0, "1", "1"),
        (-0.5, 0, f"{MINUS}1", f"{MINUS}1"),
        (2.675, 2, "2,68", "2.68"),
        (-0.001, 2, "0,00", "0.00"),
        (1e21, 0, NARROW.join(["1"] + ["000"] * 7), ",".join(["1"] + ["000"] * 7)),
    ],
)
def test_a_number_is_written_as_its_language_writes_it(value, decimals, french, english):
    assert format_number(value, "fr", decimals) == french
    assert format_number(value, "en", decimals) == english


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_never_shown(value):
    with pytest.raises(ValueError, match="finite"):
        format_number(value, "fr")


@given(value=st.integers(-(10**18), 10**18), decimals=st.integers(0, 4))
def test_a_number_can_be_read_back_from_either_language(value, decimals):
    exact = value / 10**decimals if decimals else value
    french = format_number(exact, "fr", decimals)
    english = format_number(exact, "en", decimals)
    read = french.replace(NARROW, "").replace(",", ".").replace(MINUS, "-")
    assert read == english.replace(",", "").replace(MINUS, "-")
    assert math.isclose(float(read), exact, rel_tol=1e-15)


@pytest.mark.parametrize(
    ("share", "decimals", "french", "english"),
    [
        (0.123, 1, f"12,3{SPACE}%", "12.3%"),
        (1, 0, f"100{SPACE}%", "100%"),
        (0.1235, 1, f"12,4{SPACE}%", "12.4%"),
    ],
)
def test_a_share_is_written_as_a_percentage(share, decimals, french, english):
    assert format_share(share, "fr", decimals) == french
    assert format_share(share, "en", decimals) == english


@pytest.mark.parametrize(
    ("cents", "decimals", "scale", "french", "english"),
    [
        (123_456, 2, "", f"1{NARROW}234,56{SPACE}€", "€1,234.56"),
        (-5, 2, "", f"{MINUS}0,05{SPACE}€", f"{MINUS}€0.05"),
        (82_000_000_000, 0, "M", f"820{SPACE}M€", "€820M"),
        (7_801_250, 1, "k", f"78,0{SPACE}k€", "€78.0k"),
        (99_999_999_999_999_999_999, 2, "", None, "€999,999,999,999,999,999.99"),
    ],
)
def test_an_amount_in_cents_is_written_in_euros_exactly(cents, decimals, scale, french, english):
    assert format_euros(cents, "en", decimals, scale) == english
    if french is not None:
        assert format_euros(cents, "fr", decimals, scale) == french


def test_a_quantity_carries_the_name_of_its_unit_after_a_no_break_space():
    assert format_quantity(1234, "persons", "fr") == f"1{NARROW}234{SPACE}personnes"
    assert format_quantity(12.5, "etp", "en", 1) == f"12.5{SPACE}FTE"


def test_a_share_and_a_percentage_of_the_tables_are_written_alike():
    assert format_quantity(0.1235, "share", "fr", 1) == f"12,4{SPACE}%"
    assert format_quantity(12.35, "percent", "fr", 1) == f"12,4{SPACE}%"


def test_an_unknown_unit_is_never_shown():
    with pytest.raises(KeyError, match="bushels"):
        format_quantity(1, "bushels", "fr")
