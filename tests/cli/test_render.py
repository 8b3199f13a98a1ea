"""Tables on a terminal: nothing is cut, numbers stand right, letters always find a way out."""

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console
from rich.progress import Task

from cepsim.cli.letters import tolerate
from cepsim.cli.progress import bar, lines
from cepsim.cli.render import Sheet, clean, exact, show
from cepsim.cli.settings import Settings
from cepsim.experiment import Results, plan, run_scenarios
from cepsim.experiment.runner import Progress
from cepsim.report import answers
from cepsim.scenario import load_scenario

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


@pytest.fixture(scope="module")
def real_answers():
    """The tables of three scenarios with intervals: two replications, and a copy of the first as a third."""
    short = {"calendar.warm_up_years": 0, "calendar.follow_up_years": 0, "calendar.years": 1}
    scenarios = [load_scenario(name).derive(short, name=name) for name in ("premiere-vague", "central")]
    planned = plan(scenarios, regions=["94"], replications=2)
    results = run_scenarios(planned, workers=1)
    measured = {name: [*runs, runs[0]] for name, runs in results.measured.items()}
    return answers(Results(replace(planned, replications=3), measured), "fr")


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_every_answer_is_whole_on_a_terminal_of_any_width(real_answers, width):
    for answer in real_answers:
        text = printed(Sheet(answer.title, "", answer.columns, answer.rows), width)
        assert max(map(len, text.splitlines())) <= width
        for cell in (*answer.columns, *(cell for row in answer.rows for cell in row)):
            assert not [word for word in cell.split() if word not in text]
        blocks = re.findall("─{10,}", text)
        # each block begins with what names its rows
        name = answer.rows[-1][0].split() or answer.columns[0].split()
        assert text.count(name[0]) >= len(blocks) >= 1


def test_a_table_too_wide_is_printed_in_blocks_with_the_same_labels():
    columns = ("opérateur", "année", *(f"grandeur {number}" for number in range(6)))
    rows = tuple(
        ("APEC", str(year), *["12\u202f345 [10\u202f000 ; 14\u202f000]"] * 6) for year in (2015, 2016)
    )
    text = printed(Sheet("", "", columns, rows), 60)
    assert max(map(len, text.splitlines())) <= 60
    blocks = text.split("opérateur")[1:]
    assert len(blocks) > 1
    for block in blocks:
        assert [block.count(label) for label in ("année", "APEC", "2015", "2016")] == [1, 2, 1, 1]
    for number in range(6):
        assert text.count(f"grandeur {number}") == 1


def test_a_table_of_long_codes_is_printed_row_by_row_where_no_column_fits():
    code = "stages.accueil.p_conseil.salaries.all.actuelle.all"
    text = printed(Sheet("", "", ("identifiant", "mode"), ((code, "0,35"), (f"{code}2", "1"))), 40)
    assert text.splitlines() == [code, "  mode: 0,35", f"{code}2", "  mode: 1", ""]


def test_the_bar_shows_units_people_per_second_and_the_time_left(monkeypatch):
    monkeypatch.setattr(Task, "elapsed", property(lambda _task: 10.0))
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=120, markup=False)
    with bar(console, "Simulation : {done} sur {units}", ", {people} personnes/s") as report:
        # a run taken up again: 100 000 people were there before it began
        report(Progress(1, 4, 100_000, 400_000))
        report(Progress(3, 4, 300_000, 400_000))
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", stream.getvalue())
    assert "Simulation : 3 sur 4, 20\u202f000 personnes/s" in plain
    assert "75%" in plain
    assert re.search(r"\d:\d\d:\d\d", plain)


def test_in_a_file_a_run_says_once_a_minute_how_far_it_is_and_what_is_left():
    told: list[str] = []
    moments = iter([0.0, 1.0, 61.0, 90.0, 121.0])
    words = "Simulation : {done} sur {units}", "{share} %, encore {minutes} min"
    report = lines(told.append, *words, clock=lambda: next(moments))
    # a run taken up again: 100 000 people were there before it began
    for people in (100_000, 200_000, 220_000, 250_000):
        report(Progress(people // 100_000, 4, people, 400_000))
    assert told == ["Simulation : 2 sur 4 · 50 %, encore 2 min", "Simulation : 2 sur 4 · 62 %, encore 2 min"]
