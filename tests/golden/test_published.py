"""What is published is what this program, these tables and these scenarios give, as far as a second can tell.

`make published` says it whole: git shows no difference after it.
"""

import json

import pytest
from golden.publish import FOLDER, MANIFEST, manifest, published

import cepsim

MOST_BYTES = 300_000


@pytest.fixture(scope="module")
def kept() -> dict:
    return json.loads((FOLDER / MANIFEST).read_text(encoding="utf-8"))


@pytest.mark.parametrize("what", ["cepsim", "run", "tables_sha256", "golden", "files"])
def test_published_tables_are_those_of_today(kept, what):
    assert kept[what] == manifest(published())[what], "make published, and look at what git shows"


def test_published_tables_are_a_note_and_its_tables_alone():
    files = published()
    assert {name.rpartition(".")[2] for name in files} == {"md", "csv"}
    assert sum(map(len, files.values())) < MOST_BYTES
    assert f"cepsim {cepsim.__version__}, graine 2013" in files["note.md"].decode()
