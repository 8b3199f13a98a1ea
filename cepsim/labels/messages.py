"""Error messages in the user's language.

Errors are raised in English, the language of the code; what they say is translated here, at the edge. The
catalogue `errors.<language>.toml` gives, for each part of a message, the texts of the code with `{}` for what
changes, and their translations. A text that is not there is left as it is.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Final, Literal

from cepsim.errors import CepsimError, InputError, show_found
from cepsim.labels import Language

Section = Literal[
    "frame", "file", "field", "found", "expected", "remedy", "description", "sentence", "system"
]
#: The language of the code: messages are raised in it.
_OWN: Final = "en"
#: What a section falls back on.
_ALSO: Final[dict[str, tuple[Section, ...]]] = {
    "found": ("system",),
    "remedy": ("description",),
    "sentence": ("system",),
}
_QUOTED: Final = "« {} »"


def message(error: CepsimError, language: Language) -> str:
    """What an error says, a line for each problem."""
    if language == _OWN:
        return str(error)
    if isinstance(error, InputError):
        return "\n".join(_sentence(problem) for problem in error.problems)
    return translated("sentence", str(error))


def system_message(error: OSError, language: Language) -> str:
    """What the system says that it could not do, and on which file."""
    words = error.strerror or str(error)
    said = words if language == _OWN else translated("system", words)
    colon = ": " if language == _OWN else " : "
    return f"{error.filename}{colon}{said}" if error.filename else said


def translated(section: Section, text: str) -> str:
    """A text of the code in French; as it is, if the catalogue does not hold it."""
    return _known(section, text) or text


def _sentence(error: InputError) -> str:
    words = _catalogue()["frame"]
    place = " : ".join(
        part for part in (translated("file", error.file), translated("field", error.field)) if part
    )
    found = _found_words(error.found) or show_found(error.found, _QUOTED)
    expected = translated("expected", error.expected.rstrip("."))
    sentence = f"{place} : {words['found']} {found}, {words['expected']} {expected}"
    return f"{sentence}. {translated('remedy', error.remedy)}" if error.remedy else sentence


def _found_words(found: object) -> str:
    """What was found, if the code says it in words; a single word may be the user's own, hence no match."""
    text = str(found)
    return "" if isinstance(found, str) and " " not in text else _known("found", text)


def _known(section: Section, text: str) -> str:
    """The translation of a text; empty if there is none."""
    for name in (section, *_ALSO.get(section, ())):
        texts = _catalogue()[name]
        if text in texts and "{}" not in text:
            return texts[text]
        for pattern, translation in _templates(name):
            match = pattern.fullmatch(text)
            if match:
                return translation.format(*(_Piece(section, piece) for piece in match.groups()))
    return ""


class _Piece(str):
    """What a template holds: written as it is, or translated where its place says `:fr`."""

    __slots__ = ("_section",)

    def __new__(cls, section: Section, text: str) -> _Piece:
        piece = super().__new__(cls, text)
        piece._section = section
        return piece

    _section: Section

    def __format__(self, spec: str) -> str:
        return translated(self._section, str(self)) if spec else str(self)


@lru_cache
def _templates(section: Section) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The texts with holes as patterns, those that say most first."""
    texts = [(text, said) for text, said in _catalogue()[section].items() if "{}" in text]
    texts.sort(key=lambda pair: -len(pair[0].replace("{}", "")))
    return tuple(
        (re.compile("(.*?)".join(map(re.escape, text.split("{}"))), re.DOTALL), said) for text, said in texts
    )


@lru_cache
def _catalogue() -> dict[str, dict[str, str]]:
    return tomllib.loads(files(__package__).joinpath("errors.fr.toml").read_text(encoding="utf-8"))
