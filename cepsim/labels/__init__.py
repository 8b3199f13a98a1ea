"""What users read on screen, in French and in English.

Each language is one TOML file of this folder; a key is the dotted path of a text, and both files hold the
same keys. A text may hold named places, filled by the caller: `label("run.done", runs=3)`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final, Literal, get_args

from cepsim.errors import nearest

Language = Literal["fr", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
DEFAULT_LANGUAGE: Final[Language] = "fr"


def label(key: str, language: Language = DEFAULT_LANGUAGE, **values: object) -> str:
    """The text of a key, its named places filled with `values`.

    Raises KeyError if there is no such key, or if a place of the text has no value: both are defects of the
    program, never of the user.
    """
    texts = all_labels(language)
    if key not in texts:
        raise KeyError(f'no label "{key}" in {language}.toml. {nearest(key, texts)}')
    return texts[key].format_map(values) if values else texts[key]


def plural(key: str, count: int, language: Language = DEFAULT_LANGUAGE) -> str:
    """The text of `key.one` or of `key.many`, its place `count` filled: "1 an", "3 ans"."""
    return label(f"{key}.{'one' if count == 1 else 'many'}", language, count=count)


def labels_under(prefix: str, language: Language = DEFAULT_LANGUAGE) -> dict[str, str]:
    """The texts whose keys start with `prefix.`, by the rest of the key, in the order of the file.

    `labels_under("stage")` gives {"information": "information", "accueil": "accueil", ...}.
    Raises KeyError if there is none.
    """
    start = f"{prefix}."
    found = {key[len(start) :]: text for key, text in all_labels(language).items() if key.startswith(start)}
    if not found:
        raise KeyError(f'no label under "{prefix}" in {language}.toml')
    return found


@lru_cache(maxsize=len(LANGUAGES))
def all_labels(language: Language) -> Mapping[str, str]:
    """Every text of a language by dotted key, in the order of its file.

    Raises ValueError if the language is not one of `LANGUAGES`, TypeError if a value is not a text.
    """
    if language not in LANGUAGES:
        raise ValueError(f"languages are {', '.join(LANGUAGES)}, found {language}")
    document = files(__package__).joinpath(f"{language}.toml").read_text(encoding="utf-8")
    return MappingProxyType(_flatten(tomllib.loads(document)))


def _flatten(table: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    """{"a": {"b": "text"}} as {"a.b": "text"}."""
    flat: dict[str, str] = {}
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, str):
            flat[key] = value
        elif isinstance(value, dict):
            flat |= _flatten(value, f"{key}.")
        else:
            raise TypeError(f"label {key} is not a text: {value!r}")
    return flat
