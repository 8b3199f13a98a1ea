"""Points of analyses of sensitivity beside the units of a store: what is there, and whose it is.

`sensitivity.shelf` writes and reads them; here they are only looked at, for whoever cleans.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

#: The folder of a store where they are.
FOLDER: Final = "points"


@dataclass(frozen=True, slots=True)
class Point:
    """A file of a point: its name from the store's folder, when it was written, and by which program.

    `program` is "" where the file does not say it, None where the file is not finished.
    """

    name: str
    written: datetime
    program: str | None


def points_kept(store: Path) -> Iterator[Point]:
    """The points in the folder of a store, by name; none where there is no such folder."""
    paths: list[Path] = []
    with suppress(OSError):
        paths = sorted(path for path in (store / FOLDER).iterdir() if path.is_file())
    for path in paths:
        # another process may have finished or removed it since
        with suppress(OSError):
            written = datetime.fromtimestamp(path.lstat().st_mtime, UTC)
            is_whole = not path.name.startswith(".")
            yield Point(f"{FOLDER}/{path.name}", written, _program(path) if is_whole else None)


def _program(path: Path) -> str:
    try:
        return str(json.loads(path.read_bytes())["program"])
    except (ValueError, TypeError, LookupError):
        return ""
