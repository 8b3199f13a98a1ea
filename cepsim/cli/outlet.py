"""Where a command may write, checked before it starts; files written whole; JSON on standard output."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Final, TextIO
from uuid import uuid4

from cepsim.errors import InputError
from cepsim.plain import content

_MANIFEST: Final = "manifest.json"
#: The first bytes of a file that a command writes hold its mark.
_HEAD_BYTES: Final = 1_000


def usable_folder(path: Path) -> Path:
    """The folder, absolute, in which a run may write: new, empty, or that of an earlier run.

    A run replaces the whole folder, hence any other is refused. Raises InputError.
    """
    folder = Path(os.path.abspath(path))  # noqa: PTH100 - a link is not followed: it would be replaced
    try:
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise _refused(path, "a folder", "Choose another name.")
        if folder.is_dir() and any(folder.iterdir()) and not holds_a_run(folder):
            raise _refused(
                path, "a new folder, an empty one, or that of an earlier run", "A run replaces its folder."
            )
        nearest = next(parent for parent in folder.parents if parent.exists())
        # what may be written is best known by writing: a folder of the same name, removed at once
        with tempfile.TemporaryDirectory(prefix=".cepsim-", dir=nearest) as trial:
            (Path(trial) / folder.name).mkdir()
    except OSError as error:
        raise _refused(
            path, f'a folder that can be created in "{folder.parent}"', "Choose another place."
        ) from error
    return folder


def _refused(path: Path, expected: str, remedy: str) -> InputError:
    return InputError(file="--out", found=str(path), expected=expected, remedy=remedy)


def holds_a_run(folder: Path) -> bool:
    """Whether a folder is what a run wrote: its manifest says so."""
    try:
        manifest = json.loads(content(folder / _MANIFEST).decode("utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(manifest, dict) and "cepsim" in manifest


def refuse_another(file: Path, *, option: str, mark: bytes, expected: str) -> None:
    """Raises InputError where a file cannot be written, or is there without the mark of what replaces it."""
    if file.is_symlink() or (file.exists() and not file.is_file()):
        raise InputError(file=option, found=str(file), expected=expected)
    if not file.parent.is_dir():
        raise InputError(file=option, found=str(file), expected="a file in a folder that exists")
    if file.exists():
        with file.open("rb") as opened:
            head = opened.read(_HEAD_BYTES)
        if mark not in head:
            raise InputError(file=option, found=str(file), expected=expected, remedy="Choose another name.")


def write_file(file: Path, text: str) -> None:
    """Write a file whole or not at all; a name that nobody has is written first, and no link is followed."""
    partial = file.with_name(f".{file.name}.{uuid4().hex}.partial")
    try:
        with partial.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def write_json(document: object, stream: TextIO) -> None:
    """Print a document as JSON: letters as they are where the stream can write them, else escaped."""
    unicode = (stream.encoding or "").casefold().replace("-", "") == "utf8"
    stream.write(json.dumps(document, indent=2, ensure_ascii=not unicode, allow_nan=False) + "\n")
