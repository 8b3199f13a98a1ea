"""The folder of results of a finished run, read again."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from cepsim.errors import InputError, nearest
from cepsim.labels import Language

_MANIFEST: Final = "manifest.json"


@dataclass(frozen=True, slots=True)
class Finished:
    """A run's folder and what its manifest says."""

    folder: Path
    manifest: Mapping[str, Any]

    @classmethod
    def read(cls, run: str, reports: Path) -> Finished:
        """A run by its folder, or by its name in the folder of reports. Raises InputError."""
        found = [folder for folder in (Path(run), reports / run) if (folder / _MANIFEST).is_file()]
        if not found:
            raise InputError(
                file=run,
                found="no results",
                expected=f"the folder of a finished run, or its name in {reports}",
                remedy=nearest(run, names_in(reports)) or "`cepsim run` makes one.",
            )
        path = found[0] / _MANIFEST
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(manifest["scenarios"], dict) or "cepsim" not in manifest:
                raise ValueError("another document")
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise InputError(
                file=str(path), found="another document", expected="the manifest of a run of cepsim"
            ) from error
        return cls(found[0], manifest)

    def frame(self, name: str, columns: Mapping[str, str]) -> pd.DataFrame:
        """One of the run's frames, which has at least these columns, by kind ("number" or "text").

        Raises InputError where the file is not what a run writes.
        """
        path = self.folder / f"{name}.parquet"
        try:
            found = pd.read_parquet(path)
        # a file may hold anything at all
        except Exception as error:
            told = "no such file" if isinstance(error, FileNotFoundError) else "something else"
            raise InputError(file=str(path), found=told, expected="a frame that a run wrote") from error
        lacking = [
            column
            for column, kind in columns.items()
            if column not in found or (kind == "number" and not pd.api.types.is_numeric_dtype(found[column]))
        ]
        if lacking:
            raise InputError(
                file=str(path),
                found=", ".join(map(str, found.columns)),
                expected=f"the columns that a run writes: {', '.join(lacking)}",
            )
        return found

    def titles(self, language: Language) -> dict[str, str]:
        """The title of each scenario of the run, in its order. Raises InputError."""
        try:
            return {
                name: str(tomllib.loads(of["toml"])["title"][language])
                for name, of in self.manifest["scenarios"].items()
            }
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise InputError(
                file=str(self.folder / _MANIFEST),
                found="a scenario without a title",
                expected="the manifest of a run of cepsim",
            ) from error


def names_in(reports: Path) -> list[str]:
    """The runs whose results are in a folder of reports, by name."""
    return sorted(path.parent.name for path in reports.glob(f"*/{_MANIFEST}"))
