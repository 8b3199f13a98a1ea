"""Finished units of work on disk: a run that was killed goes on where it stopped.

    FOLDER/README.md            what the files hold, column by column (`STORE.md`, beside this module)
    FOLDER/KEY/about.json       what was run, by what and when, its size, the checksum of each file
    FOLDER/KEY/TABLE.parquet    one a table of `Counts`, `quantities.parquet`; on request, `outcomes.parquet`
    FOLDER/KEY/trace-*.parquet  its full trace, where it was asked for
    FOLDER/points/*.json        outcomes of the points of analyses (`store_points`)
    FOLDER/.partial-*           being written, or left there by a process that was killed; also what a run in
                                progress keeps for itself (`scratch`)

A unit is written under a partial name, flushed to the disk, then renamed: it is there whole or not at all.
It is verified each time it is read: what does not match its checksums is removed, noted, and computed again.
"""

from __future__ import annotations

import errno
import hashlib
import os
import platform
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

import pandas as pd

from cepsim.errors import StoreError
from cepsim.experiment.pipeline import Measured
from cepsim.experiment.store_points import points_kept
from cepsim.experiment.trace_tables import TABLES, file_of
from cepsim.experiment.unit import KEY_LENGTH, program
from cepsim.experiment.unit_files import (
    Unsound,
    check_trace,
    has_trace,
    packed,
    read,
    read_about,
    read_outcomes,
)

#: Where units are kept, from the current folder, when nobody says otherwise.
DEFAULT_FOLDER: Final = Path("reports", ".store")
_README: Final = "README.md"
_PARTIAL: Final = ".partial-"
#: What `entries` repeats of the description of a unit.
_SAID: Final = ("scenario", "replication", "shard", "seed")
#: What a unit may hold beside its counts.
_KEPT: Final = ("outcomes", "trace")
_ENTRIES: Final = {
    "key": "str",
    "scenario": "str",
    "replication": "int64",
    "shard": "str",
    "seed": "int64",
    "regions": "str",
    "sample": "int64",
    "years": "int64",
    "keeps": "str",
    "this_program": "bool",
    "people": "int64",
    "visits": "int64",
    "bytes": "int64",
    "written": "datetime64[s, UTC]",
}
#: After this long a partial folder has no writer any more: writing takes seconds.
_ABANDONED: Final = timedelta(days=1)
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT)

#: Why a file or folder may be removed.
Cause = Literal["unfinished", "unreadable", "other_program", "old", "all"]


@dataclass(frozen=True, slots=True)
class Damage:
    """A unit that was found damaged and was removed: its key, and what was wrong, as a phrase."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Removable:
    """Something in the store that may go: its name there, its size in bytes, and why."""

    name: str
    bytes: int
    cause: Cause


@dataclass(slots=True)
class Store:
    """Finished units in a folder, which is made when the first one is put there.

    With `trace`, only units kept with their full trace are known; others are computed again, and replaced.
    Several processes may read and write one store at once. `damaged` grows by one each time `get` meets a
    unit that it has to refuse.
    """

    folder: Path = DEFAULT_FOLDER
    damaged: list[Damage] = field(default_factory=list)
    trace: bool = False

    def holds(self, key: str) -> bool:
        """Whether `get` would look at a unit of this key: its tables are not verified."""
        about = self.about(key)
        return about is not None and (has_trace(about) or not self.trace)

    def get(self, key: str) -> Measured | None:
        """The unit of this key, exactly as it was put; None if it is not there or is not sound.

        An unsound one is noted in `damaged` and removed, so that it is computed again. Raises nothing.
        """
        place = self.folder / key
        if not os.path.lexists(place) or (self.trace and self._lacks_trace(key)):
            return None
        try:
            if self.trace:
                check_trace(place)
            return read(place)
        except Unsound as found:
            if os.path.lexists(place):  # else somebody removed it meanwhile
                self.damaged.append(Damage(key, str(found)))
                self._discard(key)
            return None

    def outcomes(self, key: str) -> pd.DataFrame:
        """What became of each person of a unit that was put with its outcomes; see `indicators.outcomes`.

        Raises StoreError if it is not there any more or is not sound.
        """
        with self._again(key):
            return read_outcomes(self.folder / key)

    def reread(self, key: str) -> Measured:
        """A unit that was put there, by this process or another, its trace not verified over again.

        Raises StoreError if it is not there any more or is not sound.
        """
        with self._again(key):
            return read(self.folder / key)

    @contextmanager
    def _again(self, key: str) -> Iterator[None]:
        try:
            yield
        except Unsound as found:
            raise StoreError(
                f"{self.folder}: the unit {key} cannot be read again: {found}. "
                "Run the same command again: it is computed anew."
            ) from found

    def put(
        self, key: str, measured: Measured, about: Mapping[str, str | int], trace: Path | None = None
    ) -> None:
        """Keep a unit, whole or not at all; if it is already there, nothing changes.

        `about` describes it for readers: at least scenario, replication, shard, seed. `trace` is the folder
        of the store (see `scratch`) where the files of its trace are: they are moved from there, and a unit
        kept without its trace is replaced. Raises StoreError if it cannot be written, in which case nothing
        of it is left, and ValueError if `about` lacks something.
        """
        missing = [name for name in _SAID if name not in about]
        if missing:
            raise ValueError(f"a unit is put without its {', '.join(missing)}")
        contents = packed(key, measured, about, trace)
        partial = self._partial()
        try:
            self._open()
            partial.mkdir()
            for name, content in contents.items():
                _write(partial / name, content)
            if trace is not None:
                for table in TABLES:
                    _flush(trace / file_of(table))
                    (trace / file_of(table)).rename(partial / file_of(table))
                if self._lacks_trace(key):
                    self._discard(key)
            _sync(partial)
            _settle(partial, self.folder / key)
            _sync(self.folder)
        except OSError as error:
            raise self._refused(error, about, sum(map(len, contents.values()))) from error
        finally:
            _erase(partial)

    def problem(self, key: str) -> str:
        """What is wrong with a unit, as a phrase; empty if it is sound. Nothing is removed."""
        try:
            check_trace(self.folder / key)
            read(self.folder / key)
        except Unsound as found:
            return str(found)
        return ""

    def named(self, start: str = "") -> list[str]:
        """Keys that begin by `start`, of what stands in the folder, sound or not, in order."""
        with suppress(OSError):
            names = sorted(path.name for path in self.folder.iterdir())
            keys = [name for name in names if re.fullmatch(f"[0-9a-f]{{{KEY_LENGTH}}}", name)]
            return [key for key in keys if key.startswith(start)]
        return []

    def about(self, key: str) -> dict[str, Any] | None:
        """What `about.json` says of a unit; None if it is not there or cannot be trusted."""
        with suppress(Unsound):
            return read_about(self.folder / key)
        return None

    def entries(self) -> pd.DataFrame:
        """One row a unit, by scenario, replication and shard: what `about.json` says.

        Columns key, scenario, replication, shard, seed, regions (of the run), sample (1: everybody), years
        (of the horizon), keeps (of `outcomes` and `trace`, joined by "+"), this_program (whether it is
        the one that runs here, which reads no other's), people, visits, bytes (on disk), written (UTC).
        Tables are not verified; a unit whose `about.json` cannot be trusted has no row.
        """
        rows = [
            (
                key,
                *(about["about"][name] for name in _SAID),
                about["about"]["regions"],
                about["about"].get("sample", 1),
                len(about["window"]["year_bounds"]) - 1,
                "+".join(_kept_of(about)),
                about["program"] == program(),
                about["people"],
                about["visits"],
                _size(self.folder / key),
                datetime.fromisoformat(about["written"]),
            )
            for key, about in self._abouts()
            if about is not None
        ]
        frame = pd.DataFrame(rows, columns=list(_ENTRIES)).astype(_ENTRIES)
        return frame.sort_values(["scenario", "replication", "shard", "key"], ignore_index=True)

    def removable(self, *, older_than: timedelta | None = None, everything: bool = False) -> list[Removable]:
        """What `clean` may remove, by name.

        Always: what killed processes left, units whose `about.json` cannot be trusted, and those that another
        version of the program computed, which this one never reads. Besides, units written longer ago than
        `older_than`, or `everything`. What a process is writing now is never there. So with the points of
        analyses, `points/FILE`.
        """
        found = [(path.name, _cause_of_partial(path)) for path in self._partials()]
        now = datetime.now(UTC)
        for point in points_kept(self.folder):
            is_old = older_than is not None and now - point.written > older_than
            if point.program is None:
                found.append((point.name, "unfinished" if now - point.written > _ABANDONED else None))
            elif point.program != program():
                found.append((point.name, "other_program"))
            elif is_old or everything:
                found.append((point.name, "old" if is_old else "all"))
        for key, about in self._abouts():
            if about is None:
                found.append((key, "unreadable"))
            elif about["program"] != program():
                found.append((key, "other_program"))
            elif older_than is not None and now - datetime.fromisoformat(about["written"]) > older_than:
                found.append((key, "old"))
            elif everything:
                found.append((key, "all"))
        return [Removable(name, _size(self.folder / name), cause) for name, cause in found if cause]

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder in the store for what a run keeps for itself, as long as it lasts.

        One that a killed run left is unfinished, for `clean`. Raises OSError if it cannot be made.
        """
        self._open()
        place = self._partial()
        place.mkdir()
        try:
            yield place
        finally:
            _erase(place)

    def clean(self, things: Iterable[Removable]) -> None:
        """Remove what `removable` gave."""
        for thing in things:
            self._discard(thing.name)

    def _lacks_trace(self, key: str) -> bool:
        """Whether a unit is there, to be trusted, and was kept without its trace."""
        about = self.about(key)
        return about is not None and not has_trace(about)

    def _open(self) -> None:
        """Make the folder, and say in it what it holds."""
        self.folder.mkdir(parents=True, exist_ok=True)
        readme, partial = self.folder / _README, self._partial()
        words = files("cepsim.experiment").joinpath("STORE.md").read_bytes()
        if readme.is_file() and readme.read_bytes() == words:
            return
        try:
            _write(partial, words)
            partial.replace(readme)
        finally:
            _erase(partial)

    def _partial(self) -> Path:
        """A name that no other process takes, and that tells which process took it."""
        return self.folder / f"{_PARTIAL}{_machine()}-{os.getpid()}-{secrets.token_hex(8)}"

    def _partials(self) -> list[Path]:
        return sorted(self.folder.glob(f"{_PARTIAL}*"))

    def _abouts(self) -> Iterator[tuple[str, dict[str, Any] | None]]:
        for key in self.named():
            yield key, self.about(key)

    def _discard(self, name: str) -> None:
        """Remove at once from its name, then from the disk; what cannot be removed is left."""
        aside = self._partial()
        with suppress(OSError):
            (self.folder / name).rename(aside)
        _erase(aside)

    def _refused(self, error: OSError, about: Mapping[str, str | int], needed: int) -> StoreError:
        remedy = "Free some space" if error.errno in _NO_ROOM else "Make it a folder that can be written"
        return StoreError(
            f"{self.folder}: {error.strerror or error}: could not keep {about['scenario']}, "
            f"replication {about['replication']}, shard {about['shard']} ({needed} bytes needed). "
            f"Units already there are kept ({len(self.named())}). {remedy}, or choose another folder, "
            "and run the same command again: it goes on from them."
        )


def _write(path: Path, content: bytes) -> None:
    """Write a new file down to the disk."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush(path: Path) -> None:
    """Write a file down to the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Write the names that a folder holds down to the disk; Windows has no way to ask for it."""
    if os.name == "nt":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _settle(partial: Path, place: Path) -> None:
    """Give a folder its name, unless another process was first: both hold the same unit."""
    try:
        partial.rename(place)
    except OSError:
        if not place.is_dir():
            raise


def _erase(path: Path) -> None:
    """Remove a file or a folder, if it is there and can be removed."""
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _kept_of(about: Mapping[str, Any]) -> list[str]:
    """What a unit keeps beside its counts, of `_KEPT`."""
    there = {"outcomes": "outcomes.parquet" in about["files"], "trace": has_trace(about)}
    return [name for name in _KEPT if there[name]]


def _size(path: Path) -> int:
    """Bytes of a file, or of the files of a folder; those that are gone count 0."""
    total = 0
    for each in [path, *path.glob("*")]:
        with suppress(OSError):
            total += each.stat().st_size if each.is_file() else 0
    return total


def _machine() -> str:
    """A short name of this machine: processes of others cannot be asked whether they run."""
    return hashlib.blake2b(platform.node().encode(), digest_size=4).hexdigest()


def _cause_of_partial(path: Path) -> Cause | None:
    """A partial folder is unfinished if nobody writes it any more: it is old, or its process is gone."""
    try:
        age = datetime.now(UTC) - datetime.fromtimestamp(path.lstat().st_mtime, UTC)
    except OSError:
        return None
    named = re.fullmatch(rf"{re.escape(_PARTIAL)}([0-9a-f]+)-([0-9]{{1,9}})-[0-9a-f]+", path.name)
    gone = named is not None and named[1] == _machine() and not _runs(int(named[2]))
    return "unfinished" if gone or age > _ABANDONED else None


def _runs(pid: int) -> bool:
    """Whether a process of this machine runs; on Windows, where asking would stop it, supposed to."""
    if os.name == "nt":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it runs under another user
        return True
    return True


@contextmanager
def store_or_temporary(store: Store | None) -> Iterator[Store]:
    """The store, or where there is none, one that lasts as long as this."""
    if store is not None:
        yield store
        return
    with tempfile.TemporaryDirectory(prefix="cepsim-") as folder:
        yield Store(Path(folder))
