"""What holds for every command: the language, the tables, and how much a defect should tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cepsim.errors import InputError, UsageError
from cepsim.labels import DEFAULT_LANGUAGE, LANGUAGES, Language, label

if TYPE_CHECKING:
    from cepsim.tables import Tables

LANGUAGE_VARIABLE: Final = "CEPSIM_LANG"
_LANG, _DATA, _DEBUG = "--lang", "--data", "--debug"


@dataclass(frozen=True, slots=True)
class Settings:
    """The options that every command understands.

    Attributes:
        language: of all that is shown.
        data: the folder of the tables; None for those shipped.
        debug: whether a defect shows its traceback.
    """

    language: Language = DEFAULT_LANGUAGE
    data: Path | None = None
    debug: bool = False

    def text(self, key: str, **values: object) -> str:
        """The text `cli.<key>` in the user's language."""
        return label(f"cli.{key}", self.language, **values)

    def nearest(self, name: str, names: Iterable[str]) -> str:
        """A sentence that names what the user may have meant, after a space; empty if nothing is close."""
        close = get_close_matches(name, sorted(names), n=1)
        return f" {self.text('usage.nearest', name=close[0])}" if close else ""

    def tables(self) -> Tables:
        """The tables asked for. Raises TableError, or InputError if their folder is none."""
        from cepsim.tables import load_tables

        if self.data is not None and not self.data.is_dir():
            raise InputError(
                file=_DATA,
                found=str(self.data),
                expected="a folder that holds the tables",
                remedy="Copy data/insee_2012 and edit the copy, or leave the option out.",
            )
        return load_tables(self.data)


def take_settings(words: Sequence[str], environment: Mapping[str, str]) -> tuple[Settings, list[str]]:
    """The common options, wherever they stand in a command line, and the words that remain.

    They are taken before the line is parsed because help itself is in the user's language. The language is
    that of `--lang`, else of the variable CEPSIM_LANG, else French. Raises UsageError.
    """
    given: dict[str, str] = {}
    rest: list[str] = []
    debug = False
    following = iter(words)
    for word in following:
        name, equals, value = word.partition("=")
        if word == "--":
            rest += [word, *following]
        elif word == _DEBUG:
            debug = True
        elif name in (_LANG, _DATA):
            given[name] = value if equals else next(following, "")
            if not given[name]:
                raise UsageError(label("cli.usage.no_value", option=name))
        else:
            rest.append(word)
    data = Path(given[_DATA]) if _DATA in given else None
    return Settings(_language(given, environment), data, debug), rest


def _language(given: Mapping[str, str], environment: Mapping[str, str]) -> Language:
    place, found = (
        (_LANG, given[_LANG])
        if _LANG in given
        else (LANGUAGE_VARIABLE, environment.get(LANGUAGE_VARIABLE) or DEFAULT_LANGUAGE)
    )
    for language in LANGUAGES:
        if found.casefold() == language:
            return language
    raise UsageError(label("cli.usage.language", place=place, found=found, languages=" | ".join(LANGUAGES)))
