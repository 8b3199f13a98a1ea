"""Letters that a terminal's encoding lacks are written as the nearest ones it has, rather than fail."""

from __future__ import annotations

import codecs
import io
import unicodedata
from typing import Final, TextIO

_NEAREST: Final = {
    "\u2212": "-",
    "–": "-",
    "—": "-",
    "─": "-",
    "…": "...",
    "«": '"',
    "»": '"',
    "’": "'",
    "€": "EUR",
}
_HANDLER: Final = "cepsim_nearest"


def tolerate(stream: TextIO) -> None:
    """Make a stream write what it can of any text; nothing changes for UTF-8."""
    if isinstance(stream, io.TextIOWrapper):
        codecs.register_error(_HANDLER, _nearest)
        stream.reconfigure(errors=_HANDLER)


def _nearest(error: UnicodeError) -> tuple[str, int]:
    """Plain spaces, hyphens and letters without accents for what cannot be encoded; else "?"."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    found = error.object[error.start : error.end]
    plain = "".join(_NEAREST.get(sign, unicodedata.normalize("NFKD", sign)) for sign in found)
    kept = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return "".join(sign if sign.isascii() else "?" for sign in kept), error.end
