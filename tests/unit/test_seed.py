"""The page that says where the points of the seed are names nothing that does not exist."""

import ast
import re
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
from deployments import tables

from cepsim.indicators.aims import RATIOS
from cepsim.indicators.equity import _OF as COMPARED_BETWEEN_REGIONS
from cepsim.indicators.volumes import MEASURES
from cepsim.people.stations import EXITS
from cepsim.scenario import field_keys, list_scenarios

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "cepsim"
TABLE, MISSING = files("cepsim").joinpath("SEED.md").read_text(encoding="utf-8").split("## Not there yet")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TABLE.splitlines()
    if line.startswith("| ") and not line.startswith("| the seed")
]
COUNTED = {
    *MEASURES,
    *(ratio.indicator for ratio in RATIOS),
    *COMPARED_BETWEEN_REGIONS,
    *EXITS,
    "cif_requests",
}
KEYS = {key for key in field_keys() if not key.startswith("figures.")}
#: Where figures are read, not merely loaded.
READERS = [path for path in PACKAGE.rglob("*.py") if "tables" not in path.parts]


def spans(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


@cache
def defined_in(file: str) -> frozenset[str]:
    """Names of the functions of a file; none where there is no file."""
    path = ROOT / file
    body = ast.parse(path.read_text(encoding="utf-8")).body if path.is_file() else []
    return frozenset(node.name for node in body if isinstance(node, ast.FunctionDef))


def is_test(span: str) -> bool:
    file, _, name = span.partition("::")
    return file.startswith("tests/") and name.startswith("test_") and name in defined_in(file)


def is_figure(span: str) -> bool:
    return tables().has(span) and tables().figure(span).addressable


def is_command(span: str) -> bool:
    module = PACKAGE / "cli" / f"{span.removeprefix('cepsim ')}.py"
    return span.startswith("cepsim ") and module.is_file() and "\ndef add_to(" in module.read_text("utf-8")


def is_group(span: str) -> bool:
    module = PACKAGE / "cli" / f"{span.removeprefix('cepsim ')}.py"
    return span.startswith("cepsim ") and module.is_file() and "\ndef commands(" in module.read_text("utf-8")


def is_known(span: str) -> bool:
    """Whether there is a key, a scenario, a figure, a command or something counted of this name."""
    named = span in KEYS or span in list_scenarios() or span in COUNTED
    return named or is_figure(span) or is_command(span) or is_group(span)


def test_every_slide_has_its_rows_and_every_row_its_slides():
    slides = [re.search(r"\((\d+(?:, \d+)*)\)$", of) for of, _, _ in ROWS]
    assert all(slides)
    named = {int(n) for found in slides if found for n in found.group(1).split(", ")}
    assert named == set(range(1, 11))
    assert len({of for of, _, _ in ROWS}) == len(ROWS) == 26


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_lives_in_what_exists(row):
    assert spans(row[1])
    assert [span for span in spans(row[1]) if not is_known(span)] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_is_shown_by_tests_or_partly_or_is_out_of_scope_for_a_reason(row):
    shown = row[2]
    if shown.startswith("out of scope: "):
        assert spans(shown) == []
        assert len(shown) > len("out of scope: ")
        return
    if shown.startswith("partly: "):
        missing, _, shown = shown.removeprefix("partly: ").partition(". Shown: ")
        assert missing
        assert [span for span in spans(missing) if not is_known(span)] == []
    # tests and nothing else
    assert re.fullmatch(r"`[^`]+`( · `[^`]+`)*", shown)
    assert [span for span in spans(shown) if not is_test(span)] == []


def test_what_is_not_there_yet_names_what_exists():
    assert [span for span in spans(MISSING) if not is_known(span)] == []


@pytest.mark.parametrize("id_", [span for span in spans(MISSING) if is_figure(span)])
def test_a_figure_said_to_be_read_by_nothing_has_a_word_that_no_module_says(id_):
    code = "".join(path.read_text("utf-8") for path in READERS)
    assert not all(re.search(rf"\b{word}\b", code) for word in id_.split("."))


@pytest.mark.parametrize(
    "span",
    [
        "tests/unit/test_seed.py::test_that_is_not_there",
        "tests/unit/test_nowhere.py::test_a",
        "service.overflows",
        "demand.all.cep.induced_demand",
        "stages.norm.first_appointment_delay.all.pole_emploi.all.all@check",
        "cepsim edge",
        "centrale",
    ],
)
def test_what_does_not_exist_is_not_known(span):
    assert not is_known(span)
    assert not is_test(span)
