"""Tables on a terminal: nothing is cut, numbers stand right, letters always find a way out."""

import io
import re

import pytest
from rich.console import Console

from cepsim.cli.letters import tolerate
from cepsim.cli.progress import bar
from cepsim.cli.render import Sheet, clean, exact, show
from cepsim.cli.settings import Settings

SHEET = Sheet(
    "Titre",
    "Une note.",
    ("identifiant", "texte", "nombre"),
    (
        ("operators.opacif.advisers_fte", "un texte assez long pour être plié", "14\u202f800"),
        ("x", "", "> 3,5 [2; 4]"),
    ),
)


def printed(sheet: Sheet, width: int) -> str:
    stream = io.StringIO()
    show(Console(file=stream, width=width, markup=False, highlight=False), sheet)
    return stream.getvalue()


@pytest.mark.parametrize("width", [1, 20, 40, 80, 200])
def test_no_number_code_or_word_is_lost_on_a_narrow_terminal(width):
    text = printed(SHEET, width)
    for whole in ("operators.opacif.advisers_fte", "14\u202f800", "> 3,5 [2; 4]"):
        assert whole in text
    for word in re.findall(r"\w+", SHEET.rows[0][1]):
        assert word in text


def test_numbers_stand_right_and_texts_left():
    lines = printed(SHEET, 200).splitlines()
    assert [line.rstrip()[-6:] for line in lines if "operators" in line] == ["14\u202f800"]
    assert next(line for line in lines if line.startswith("x")).rstrip().endswith("[2; 4]")


def test_a_note_after_a_wide_table_is_folded_to_the_terminal():
    sheet = Sheet("", "mot " * 60, SHEET.columns, SHEET.rows)
    notes = [line for line in printed(sheet, 40).splitlines() if line.startswith("mot")]
    assert max(map(len, notes)) <= 40


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (0.35, "0,35", "0.35"),
        (14800.0, "14\u202f800", "14,800"),
        (1234567.5, "1\u202f234\u202f567,5", "1,234,567.5"),
        (1 / 3, "0,333333", "0.333333"),
        (-2.0, "\u22122", "\u22122"),
        (0.0, "0", "0"),
        (float("nan"), "–", "–"),
        (float("inf"), "∞", "∞"),
    ],
)
def test_a_number_is_written_with_the_decimals_it_has(value, french, english):
    assert exact(value, Settings("fr")) == french
    assert exact(value, Settings("en")) == english


def test_control_and_invisible_characters_are_written_out():
    assert clean("a\x1b[31mb\u202ec\nd\u202fé\udc80") == "a\\x1b[31mb\\u202ec\nd\u202fé\\udc80"


@pytest.mark.parametrize(
    ("encoding", "written"),
    [("utf-8", "Île « 1\u202f234 » − €"), ("ascii", 'Ile " 1 234 " - EUR'), ("cp1252", "Île « 1 234 » - €")],
)
def test_letters_that_an_encoding_lacks_become_the_nearest_ones(encoding, written):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    tolerate(stream)
    stream.write("Île « 1\u202f234 » − €")
    stream.flush()
    assert raw.getvalue().decode(encoding) == written


def test_the_bar_shows_the_part_done_and_the_time_left():
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=100, markup=False)
    with bar(console, "Simulation") as progress:
        progress(1, 4)
        progress(3, 4)
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", stream.getvalue())
    assert "Simulation" in plain
    assert "75%" in plain
    assert re.search(r"\d:\d\d:\d\d", plain)
