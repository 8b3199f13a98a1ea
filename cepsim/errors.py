"""What can go wrong, in words a user can act on, each with the exit code of the command line.

A message says where, what was found, what was expected and what to do:

    central.toml: accueil.suites: found 0.97, expected shares that sum to 1. Add the missing 0.03.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from difflib import SequenceMatcher, get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Self

#: Longest text of a found value that a message repeats, in characters.
_FOUND_LENGTH = 120


class CepsimError(Exception):
    """Every error that cepsim raises for its user; anything else is a defect of the program."""

    exit_code: ClassVar[int] = 1


class UsageError(CepsimError):
    """The command line was called in a way that it does not know.

    Attributes:
        command: whose help tells more, such as "cepsim run"; empty for that of the program.
    """

    exit_code: ClassVar[int] = 2
    command: str = ""


class InputError(CepsimError):
    """A file, a field or an argument holds something that cannot be used.

    Attributes:
        file: where; a path is shown by its name alone.
        field: dotted key, column or line inside it; empty when the whole file is wrong.
        found: the value met; quoted if it is text.
        expected: the rule, as a noun phrase.
        remedy: a full sentence that says what to do; may be empty.
        problems: the errors gathered in this one; itself alone when it is a single one.
    """

    exit_code: ClassVar[int] = 3

    def __init__(
        self, *, file: str | Path, field: str = "", found: object, expected: str, remedy: str = ""
    ) -> None:
        self.file = file.name if isinstance(file, Path) else file
        self.field = field
        self.found = found
        self.expected = expected
        self.remedy = remedy
        self.problems: tuple[InputError, ...] = (self,)
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        place = ": ".join(part for part in (self.file, self.field) if part)
        sentence = f"{place}: found {show_found(self.found)}, expected {self.expected.rstrip('.')}"
        return f"{sentence}. {self.remedy}" if self.remedy else sentence

    def __str__(self) -> str:
        """One line for each problem."""
        return "\n".join(problem.args[0] for problem in self.problems)

    def __reduce__(self) -> tuple[Callable[[], Self], tuple[()], dict[str, Any]]:
        """Errors come back whole from the processes that run replications."""
        rebuild = partial(
            type(self),
            file=self.file,
            field=self.field,
            found=self.found,
            expected=self.expected,
            remedy=self.remedy,
        )
        others = {} if self.problems == (self,) else {"problems": self.problems}
        return rebuild, (), others

    @classmethod
    def together(cls, errors: Sequence[InputError]) -> Self:
        """One error that reports several, a line each; the first one gives its place.

        Raises ValueError if there is none to report.
        """
        if not errors:
            raise ValueError("there is no error to report")
        first = errors[0]
        gathered = cls(
            file=first.file,
            field=first.field,
            found=first.found,
            expected=first.expected,
            remedy=first.remedy,
        )
        gathered.problems = tuple(problem for error in errors for problem in error.problems)
        return gathered


class ScenarioError(InputError):
    """A scenario says something that the schema or the tables refuse."""


class TableError(InputError):
    """A table of figures is malformed or contradicts itself."""


class SumError(TableError):
    """Figures, each well written, do not add up to their total."""


class NetworkError(InputError):
    """A network cannot be built or does not fit the engine."""


class RegionError(InputError):
    """No region has this code."""


class StoreError(CepsimError):
    """A finished unit of work cannot be kept on the disk."""


class Interrupted(CepsimError):  # noqa: N818 - stopping is the user's choice, not an error
    """The user stopped the run."""

    exit_code: ClassVar[int] = 4


class CheckFailed(CepsimError):  # noqa: N818 - named as the exit code reads: "a check failed"
    """A verification asked for by the user does not hold."""

    exit_code: ClassVar[int] = 5


def nearest(name: str, valid: Iterable[str]) -> str:
    """A remedy that names what the user may have meant.

    Returns 'Did you mean "…"?' with the closest valid name, or the list of valid names when none is close
    (at most ten), or an empty text when nothing is valid. Case and accents written otherwise still match.
    """
    names = sorted(set(valid))
    by_folded = {candidate.casefold(): candidate for candidate in names}
    close = get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    if close:
        return f'Did you mean "{by_folded[close[0]]}"?'
    if not names:
        return ""
    shown = ", ".join(names[:10])
    return f"Valid names: {shown}." if len(names) <= 10 else f"Valid names start with: {shown}…"


def nearest_ids(id_: str, valid: Iterable[str], count: int = 3) -> str:
    """A remedy that names what may be meant by a dotted id that does not exist; empty if none is valid.

    'Did you mean "…"?' as `nearest` says it, or the ids that share most words with it and are written most
    like it: an id is long, and one word of it is often all that is remembered.
    """
    names = set(valid)
    if get_close_matches(id_.casefold(), [name.casefold() for name in names], n=1):
        return nearest(id_, names)
    words = set(_words(id_))

    def distance(candidate: str) -> tuple[float, str]:
        shared = len(words.intersection(_words(candidate)))
        likeness = SequenceMatcher(None, id_.casefold(), candidate.casefold()).ratio()
        return -(shared / max(len(words), 1) + likeness), candidate

    near = sorted(names, key=distance)[:count]
    return f"The nearest ids: {', '.join(near)}." if near else ""


def _words(id_: str) -> list[str]:
    """The words of a dotted id, such as "stages.accueil.p_conseil"."""
    return [word for word in re.split(r"[^0-9a-z]+", id_.casefold()) if word]


def show_found(found: object, quotes: str = '"{}"') -> str:
    """A value as a message repeats it: text between `quotes`, on one line, cut when long."""
    text = quotes.format(found) if isinstance(found, str) else str(found)
    line = " ".join(text.split())
    return line if len(line) <= _FOUND_LENGTH else line[: _FOUND_LENGTH - 1] + "…"
