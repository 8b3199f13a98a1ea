"""HTML made of elements: whatever text goes in is escaped here, and nowhere else."""

from __future__ import annotations

import re
from html import escape
from typing import Final

from cepsim.safe import visible

_CODE: Final = re.compile(r"`([^`]+)`")
#: Long words, as identifiers are, and where their lines may break.
_LONG_WORD: Final = re.compile(r"\S{24,}")
_BREAK: Final = re.compile(r"(?<=[._/,])(?=\w)")
_NOT_OF_AN_ID: Final = re.compile(r"[^a-z0-9]+")
#: Spaces at which French does not break a line: before high punctuation, inside its quotation marks.
_HELD: Final = re.compile(r" (?=[»:;?!%](?![\w(]))|(?<=«) ")
#: Elements that hold nothing and are not closed.
_VOID: Final = ("meta", "img", "wbr")


class Html(str):
    """Text that is HTML already. Only the functions of this module make some."""

    __slots__ = ()


def text(words: str) -> Html:
    """Words as HTML shows them: nothing in them is markup, nothing is invisible."""
    return Html(escape(_HELD.sub("\u00a0", visible(words))))


def element(name: str, /, *children: str, **attributes: str) -> Html:
    """An element: children that are `Html` stay as they are, other texts are escaped, as attributes are.

    An attribute that is a word of Python is written with `_` at its end (`class_`), and `_` is a hyphen.
    """
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"' for key, value in attributes.items()
    )
    if name in _VOID:
        return Html(f"<{name}{told}>")
    return Html(f"<{name}{told}>{joined(*children)}</{name}>")


def joined(*children: str, by: str = "") -> Html:
    """Pieces one after the other; those that are not `Html` are escaped."""
    return Html(by.join(child if isinstance(child, Html) else text(child) for child in children))


def prose(words: str) -> Html:
    """Words in which what stands between backquotes is code; identifiers may break at their dots."""
    parts = _CODE.split(words)
    return joined(
        *(
            element("code", _breaking(part)) if rank % 2 else _breaking(part)
            for rank, part in enumerate(parts)
        )
    )


def _breaking(words: str) -> Html:
    pieces, last = [], 0
    for found in _LONG_WORD.finditer(words):
        pieces += [text(words[last : found.start()]), joined(*_BREAK.split(found[0]), by=element("wbr"))]
        last = found.end()
    return joined(*pieces, words[last:])


def style(css: str) -> Html:
    """A sheet of style of the program's own. Raises ValueError if it would close its element."""
    if "<" in css:
        raise ValueError("a sheet of style with a '<'")
    return Html(f"<style>\n{css}</style>")


def identity(*words: str) -> str:
    """What an element may be called, from words: letters, figures and hyphens."""
    return "-".join(_NOT_OF_AN_ID.sub("-", word.lower()).strip("-") for word in words)
