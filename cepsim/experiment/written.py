"""Frames as files in a folder, which is there whole or not at all, and the way back."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cepsim.errors import InputError
from cepsim.plain import content
from cepsim.safe import spreadsheet
from cepsim.scenario.fields import Words

MANIFEST: Final = "manifest.json"
#: More bytes than a manifest ever has: its scenarios are of a million at most.
MOST_MANIFEST: Final = 100_000_000
_AGAIN: Final = "Run it again: the same command replaces the folder."


def write_folder(
    folder: Path, frames: Mapping[str, pd.DataFrame], manifest: Mapping[str, object]
) -> list[Path]:
    """Write each frame as CSV and Parquet under its name, and `manifest.json`: the whole folder or nothing.

    A folder of the same name is replaced once the new one is complete; where it holds the same results, what
    other commands added to it (a note, a dossier, a trace) stays. Returns the files written.
    """
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    with replaced(folder) as partial:
        for name, frame in frames.items():
            spreadsheet(frame).to_csv(partial / f"{name}.csv", index=False)
            frame.to_parquet(partial / f"{name}.parquet", index=False)
        (partial / MANIFEST).write_text(text, encoding="utf-8")
        written = sorted(folder / path.name for path in partial.iterdir())
        _keep_added(folder, partial, text)
    return written


def _keep_added(folder: Path, partial: Path, manifest: str) -> None:
    """Copy the folders that others added to results, where those to be written are the same."""
    before = folder / MANIFEST
    if not before.is_file() or before.is_symlink() or before.read_bytes() != manifest.encode():
        return
    for added in folder.iterdir():
        if added.is_dir() and not added.is_symlink() and not (partial / added.name).exists():
            shutil.copytree(added, partial / added.name, symlinks=True, copy_function=_linked)


def _linked(source: str, target: str) -> None:
    """The same file under another name: a trace may be gigabytes. A copy, where a disk has no such names."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


@contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """A new folder to write in, which takes the place of `folder` once the block is left, or not at all.

    Killed between two names, the earlier folder is still there, as `<folder>.before`.
    """
    partial, before = (folder.with_name(folder.name + end) for end in (".partial", ".before"))
    for left in (partial, before):
        if left.exists() and (left == partial or folder.exists()):
            shutil.rmtree(left)
    partial.mkdir(parents=True)
    yield partial
    if folder.exists():
        folder.rename(before)
    partial.rename(folder)
    if before.exists():
        shutil.rmtree(before)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a folder of results. Raises InputError if there is none, or another's."""
    file = folder / MANIFEST
    if not file.is_file():
        raise _no_manifest(file, Words("no such file"))
    try:
        manifest = json.loads(content(file, most=MOST_MANIFEST).decode("utf-8"))
    except OSError as error:
        raise _no_manifest(file, Words(error.strerror or "an error")) from None
    except (ValueError, RecursionError):
        raise _no_manifest(file, Words("text that is not JSON")) from None
    if not isinstance(manifest, dict) or "cepsim" not in manifest:
        raise _no_manifest(file, Words("JSON that cepsim did not write"))
    return manifest


def read_frame(folder: Path, name: str) -> tuple[pd.DataFrame, Path]:
    """A frame of a folder of results and its file: Parquet, or CSV where there is none.

    Raises InputError if neither is there or the file is damaged; what the frame holds is not checked.
    """
    parquet, csv = folder / f"{name}.parquet", folder / f"{name}.csv"
    file = csv if csv.is_file() and not parquet.is_file() else parquet
    if not file.is_file():
        raise _no_frame(file, Words("no such file"))
    try:
        raw = content(file)
    except OSError as error:
        raise _no_frame(file, Words(error.strerror or "an error")) from None
    try:
        if file == parquet:
            return parquet_frame(raw), file
        return pd.read_csv(io.BytesIO(raw), keep_default_na=False, na_values=[""]), file
    except (OSError, ValueError, LookupError, TypeError, NotImplementedError):
        raise _no_frame(file, Words("a damaged file"), _AGAIN) from None


def parquet_frame(raw: bytes) -> pd.DataFrame:
    """The frame that the bytes of a Parquet file hold, as `pandas.read_parquet` gives it.

    On the caller's thread alone: Arrow's own threads, still alive when a process ends, now and then abort it
    (apache/arrow#34314: 5 of 100 processes that read eight units each on a busy machine).
    Raises what pyarrow raises where the bytes are no such file.
    """
    with pq.ParquetFile(pa.BufferReader(raw), pre_buffer=False) as file:
        frame: pd.DataFrame = file.read(use_threads=False, use_pandas_metadata=True).to_pandas(
            use_threads=False
        )
    return frame


def _no_manifest(file: Path, found: Words) -> InputError:
    return InputError(
        file=str(file), found=found, expected="the manifest that `cepsim run` leaves with its results"
    )


def _no_frame(file: Path, found: Words, remedy: str = "") -> InputError:
    return InputError(
        file=str(file),
        found=found,
        expected=f'the frame "{file.stem}" as `cepsim run` writes it',
        remedy=remedy,
    )
