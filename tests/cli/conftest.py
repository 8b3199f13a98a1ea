"""The command line called in this process, in an empty folder: what it returns and prints."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from cepsim.cli import main

Call = Callable[..., "Outcome"]


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for variable in ("CEPSIM_LANG", "COLUMNS", "FORCE_COLOR"):
        monkeypatch.delenv(variable, raising=False)
    return folder


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    def called(*words: str) -> Outcome:
        code = main(words)
        said = capsys.readouterr()
        return Outcome(code, said.out, said.err)

    return called
