"""A bug that could have been written: a text of a file, the one in its place, the tests to see it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Mutant:
    """`old` stands once in `file`, from `cepsim/`; `tests` are of `tests/`, the likeliest to see it first.

    `answer` says why a mutant that no test sees is no bug.
    """

    file: str
    what: str
    old: str
    new: str
    tests: tuple[str, ...]
    answer: str = ""

    @property
    def problem(self) -> str:
        """Why it cannot be planted; nothing where it can."""
        path = ROOT / "cepsim" / self.file
        if not path.is_file():
            return f"{self.file}: no such file"
        found = path.read_text(encoding="utf-8").count(self.old)
        if found != 1:
            return f"{self.file}, {self.what}: found {found} times, expected once: {self.old!r}"
        if self.old == self.new:
            return f"{self.file}, {self.what}: the same text"
        missing = [name for name in self.tests if not (ROOT / "tests" / name).is_file()]
        return f"{self.file}, {self.what}: no such tests: {missing}" if missing or not self.tests else ""
