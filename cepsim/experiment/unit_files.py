"""The files of one finished unit of work: what they hold, and whether they are still what was written.

Layout: `STORE.md`, beside this module.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow.parquet as pq

from cepsim.experiment.pipeline import Measured
from cepsim.experiment.trace_tables import TABLES, file_of
from cepsim.experiment.unit import program
from cepsim.experiment.written import parquet_frame
from cepsim.indicators import Counts, Window
from cepsim.indicators.counts import MEASURES_OF
from cepsim.indicators.tally import in_categories, texts_of
from cepsim.plain import checksum, content

#: Version of the layout of a unit's folder.
LAYOUT: Final = 3

ABOUT: Final = "about.json"
#: More bytes than a description ever has.
_MOST_ABOUT: Final = 1_000_000
_QUANTITIES: Final = "quantities"
_OUTCOMES: Final = "outcomes"


class Unsound(Exception):  # noqa: N818 - a finding, always caught
    """What was read is not what was written; the message says how, as a phrase."""


def packed(
    key: str, measured: Measured, about: Mapping[str, str | int], trace: Path | None = None
) -> dict[str, bytes]:
    """The content of each file of a unit, by name; `about.json` comes last.

    The files of its trace, if there is one, are in the folder `trace`, and described with the others.
    """
    tables = {**measured.counts.tables, _QUANTITIES: measured.quantities}
    if measured.outcomes is not None:
        tables[_OUTCOMES] = measured.outcomes
    contents = {f"{name}.parquet": table.to_parquet(index=False) for name, table in tables.items()}
    window = asdict(measured.counts.window) | {"launch": measured.counts.window.launch.isoformat()}
    document = {
        "layout": LAYOUT,
        "key": key,
        "program": program(),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "about": dict(about),
        "people": measured.people,
        "visits": measured.visits,
        "window": window,
        "files": {
            f"{name}.parquet": {
                "rows": len(table),
                "bytes": len(contents[f"{name}.parquet"]),
                "sha256": hashlib.sha256(contents[f"{name}.parquet"]).hexdigest(),
            }
            for name, table in tables.items()
        }
        | ({} if trace is None else _described(trace)),
    }
    return {**contents, ABOUT: _sealed(document)}


def _described(folder: Path) -> dict[str, dict[str, Any]]:
    """Rows, bytes and checksum of each file of a trace, read piece by piece."""
    found = {}
    for name in map(file_of, TABLES):
        path = folder / name
        digest = checksum(path)
        rows = pq.read_metadata(path).num_rows
        found[name] = {"rows": rows, "bytes": path.stat().st_size, "sha256": digest}
    return found


def has_trace(about: Mapping[str, Any]) -> bool:
    """Whether a unit was kept with its trace."""
    return all(file_of(table) in about["files"] for table in TABLES)


def _sealed(document: Mapping[str, Any]) -> bytes:
    """A document as JSON that ends with the checksum of all the rest."""
    return _json({**document, "sha256": hashlib.sha256(_json(document)).hexdigest()})


def _json(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def read_about(place: Path) -> dict[str, Any]:
    """The document of a unit's `about.json`. Raises Unsound unless each byte is as it was written."""
    try:
        if place.is_symlink():
            raise Unsound("it is a link")
        raw = content(place / ABOUT, most=_MOST_ABOUT)
        document = json.loads(raw)
        told = {name: value for name, value in document.items() if name != "sha256"}
        same = _sealed(told) == raw
    except (OSError, ValueError, AttributeError, TypeError, RecursionError) as error:
        raise Unsound(f"{ABOUT} cannot be read ({_short(error)})") from error
    if not same:
        raise Unsound(f"{ABOUT} does not match its checksum")
    if told.get("layout") != LAYOUT:
        raise Unsound(f"its layout is {told.get('layout')}, expected {LAYOUT}")
    if told.get("key") != place.name:
        raise Unsound(f"it is the unit {told.get('key')}")
    return told


def check_trace(place: Path) -> None:
    """Raise Unsound unless each file of the trace of a unit, if it has one, is as it was written."""
    about = read_about(place)
    if not has_trace(about):
        return
    for name in map(file_of, TABLES):
        try:
            digest = checksum(place / name)
        except OSError as error:
            raise Unsound(f"{name} cannot be read ({_short(error)})") from error
        if digest != about["files"][name]["sha256"]:
            raise Unsound(f"{name} does not match its checksum")


def read(place: Path) -> Measured:
    """A unit, verified; its outcomes too, which are not in what is given. Its trace apart. Raises Unsound."""
    about = read_about(place)
    outcomes = place / f"{_OUTCOMES}.parquet"
    if outcomes.name in about["files"]:
        _content(outcomes, about["files"])
    tables = {name: _table(place / f"{name}.parquet", about["files"]) for name in (*MEASURES_OF, _QUANTITIES)}
    for name in MEASURES_OF:
        tables[name] = in_categories(tables[name], texts_of(tables[name]))
    stored = about["window"]
    window = Window(
        launch=date.fromisoformat(stored["launch"]),
        year_bounds=tuple(stored["year_bounds"]),
        cohort_bounds=tuple(stored["cohort_bounds"]),
        observed=stored["observed"],
        norm_days=stored["norm_days"],
    )
    quantities = tables.pop(_QUANTITIES)
    return Measured(Counts(window, **tables), quantities, about["people"], about["visits"])


def read_outcomes(place: Path) -> pd.DataFrame:
    """What became of each person of a unit; see `indicators.outcomes`. Raises Unsound if it is not there."""
    return _table(place / f"{_OUTCOMES}.parquet", read_about(place)["files"])


def _table(path: Path, known: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    raw = _content(path, known)
    try:
        return parquet_frame(raw)
    except (OSError, ValueError, LookupError, TypeError, NotImplementedError) as error:
        raise Unsound(f"{path.name} cannot be read ({_short(error)})") from error


def _content(path: Path, known: Mapping[str, Mapping[str, Any]]) -> bytes:
    """The bytes of a file, as they were written."""
    if path.name not in known:
        raise Unsound(f"{path.name} was not written")
    try:
        raw = content(path)
        same = hashlib.sha256(raw).hexdigest() == known[path.name]["sha256"]
    except (OSError, LookupError, TypeError) as error:
        raise Unsound(f"{path.name} cannot be read ({_short(error)})") from error
    if not same:
        raise Unsound(f"{path.name} does not match its checksum")
    return raw


def _short(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
