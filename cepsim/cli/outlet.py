"""Where a run may write, checked before it starts, and JSON on standard output."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Final, TextIO

from cepsim.errors import InputError
from cepsim.plain import content

_MANIFEST: Final = "manifest.json"


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


def write_json(document: object, stream: TextIO) -> None:
    """Print a document as JSON: letters as they are where the stream can write them, else escaped."""
    unicode = (stream.encoding or "").casefold().replace("-", "") == "utf8"
    stream.write(json.dumps(document, indent=2, ensure_ascii=not unicode, allow_nan=False) + "\n")
