"""The full trace of a unit as tables for analysts, written in few rows at a time: names, no codes.

Columns: `STORE.md`, beside this module. A part writes what happens in it, whoever it happens to: visits made
at a platform are in its own files, and the people of a region in that of the region alone. So the files of a
run hold each row once, and those of one table read as one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from cepsim.experiment.pipeline import Replication
from cepsim.people.crowd import CHANNELS, DISTANCES, SOURCES
from cepsim.people.handover import identities
from cepsim.scenario.vocabulary import AUTONOMY, BILAN_DEPTHS, POPULATIONS, PROJECTS, PUBLICS
from cepsim.trace import NEVER, Ints, Outcome, Reason, Visits, Wholes

#: Rows of a group: what is held in memory, besides the trace, while a table is written.
ROWS: Final = 1 << 17

TABLES: Final = ("people", "visits", "exits", "duty", "openings", "sessions", "unfinished")
_FLAGS: Final = (
    "admitted",
    "induced",
    "asks",
    "cadre",
    "registered",
    "under_26",
    "disabled",
    "pluriactif",
    "long_term",
    "bilan",
    "time_accueil",
    "time_conseil",
    "remote",
    "returned",
    "short",
    "short_bilan",
    "junior",
    "recent",
    "bound",
    "bilan_first",
)
_VOCABULARIES: Final[Mapping[str, Sequence[str]]] = {
    "public": PUBLICS,
    "population": POPULATIONS,
    "source": SOURCES,
    "channel": CHANNELS,
    "autonomy": AUTONOMY,
    "distance": DISTANCES,
    "project": PROJECTS,
    "bilan_depth": ("", *BILAN_DEPTHS),
}
_NOBODY: Final = -1

Arrays = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Table:
    """A table as so many rows, and the columns of any slice of them."""

    rows: int
    columns: Callable[[slice], Arrays]


def file_of(table: str) -> str:
    """The name of a table's file in the folder of a unit."""
    return f"trace-{table}.parquet"


def write_trace(folder: Path, of: Replication, *, scenario: str, replication: int) -> None:
    """Write every table of the trace of a part into a folder, a file each."""
    shard, sample = of.part.name, of.part.deployment.sample
    for name, table in _tables(of).items():

        def batch(rows: slice, table: _Table = table) -> Any:
            columns = table.columns(rows)
            count = len(next(iter(columns.values())))
            constants = {
                "scenario": _named(np.zeros(count, dtype=np.int64), [scenario]),
                "replication": _whole(np.full(count, replication, dtype=np.int64)),
                "shard": _named(np.zeros(count, dtype=np.int64), [shard]),
                "sample": _whole(np.full(count, sample, dtype=np.int64)),
            }
            return pa.RecordBatch.from_pydict({**constants, **columns})

        with pq.ParquetWriter(folder / file_of(name), batch(slice(0, 0)).schema) as writer:
            for first in range(0, table.rows, ROWS):
                writer.write_batch(batch(slice(first, first + ROWS)))


def gather(folder: Path, units: Mapping[str, Path]) -> list[Path]:
    """Put the traces of a run together: FOLDER/TABLE/NAME.parquet, whole or not at all.

    `units` are the folders of its units by name. Files are links to those of the store where the disk can
    hold one file under two names, copies elsewhere. Returns the files.
    """
    partial = folder.with_name(folder.name + ".partial")
    if partial.exists():
        shutil.rmtree(partial)
    for table in TABLES:
        (partial / table).mkdir(parents=True)
        for name, unit in units.items():
            source, target = unit / file_of(table), partial / table / f"{name}.parquet"
            try:
                os.link(source, target)
            except OSError:
                shutil.copyfile(source, target)
    if folder.exists():
        shutil.rmtree(folder)
    partial.rename(folder)
    return sorted(folder.rglob("*.parquet"))


def _tables(of: Replication) -> dict[str, _Table]:
    who = identities(of.crowd, np.arange(len(of.crowd))).astype(np.int64)
    visits = [of.trace.visits, of.state.open_visits()]
    return {
        "people": _people(of, who),
        "visits": _stacked([_visits(of, who, part) for part in visits]),
        "exits": _exits(of, who),
        "duty": _duty(of),
        "openings": _openings(of),
        "sessions": _sessions(of),
        "unfinished": _unfinished(of),
    }


def _people(of: Replication, who: Ints) -> _Table:
    deployment = of.part.deployment

    def columns(rows: slice) -> Arrays:
        crowd = of.crowd.rows(rows)
        return {
            "person": pa.array(who[rows]),
            "region": _named(crowd.region, deployment.regions),
            **{name: _named(getattr(crowd, name), names) for name, names in _VOCABULARIES.items()},
            "entry": _named(of.tape.entry[rows], deployment.network.station_names),
            "arrival_s": _whole(of.tape.arrival[rows]),
            **{name: pa.array(getattr(crowd, name) == 1) for name in _FLAGS},
        }

    return _Table(len(of.crowd) if of.part.is_home else 0, columns)


def _visits(of: Replication, who: Ints, visits: Visits) -> _Table:
    def columns(rows: slice) -> Arrays:
        queue = visits.queue[rows]
        team = of.part.deployment.network.queues.team[queue]
        return {
            "person": pa.array(who[visits.person[rows]]),
            "visit": _whole(visits.visit[rows]),
            **_placed(of, queue),
            "team": _named(team, of.part.deployment.network.team_names),
            "adviser": _whole(visits.adviser[rows], absent=_NOBODY),
            "session": _whole(visits.session[rows], absent=_NOBODY),
            "reason": _named(visits.reason[rows], [reason.name.lower() for reason in Reason]),
            **{f"{name}_s": _whole(getattr(visits, name)[rows], absent=NEVER) for name in _MOMENTS},
            "outcome": _named(visits.outcome[rows], [outcome.name.lower() for outcome in Outcome]),
        }

    return _Table(len(visits), columns)


_MOMENTS: Final = ("joined", "called", "ended", "released")


def _exits(of: Replication, who: Ints) -> _Table:
    exits = of.trace.exits

    def columns(rows: slice) -> Arrays:
        return {
            "person": pa.array(who[exits.person[rows]]),
            **_placed(of, exits.queue[rows]),
            "second": _whole(exits.second[rows]),
            "exit": _named(exits.exit[rows], of.part.deployment.network.exit_names),
        }

    return _Table(len(exits), columns)


def _duty(of: Replication) -> _Table:
    """Changes of the number on duty of the teams of the part, and that of launch."""
    duty, teams = of.trace.duty, of.part.deployment.network.teams
    mine = np.flatnonzero(of.part.shard.teams)
    at_launch = []
    for number in mine.tolist():
        planned = slice(teams.duty_start[number], teams.duty_start[number + 1])
        rank = int(np.searchsorted(teams.duty_second[planned], 0, side="left"))
        at_launch.append(int(teams.duty_advisers[planned][rank - 1]) if rank else 0)
    here = of.part.shard.teams[duty.team]
    team = np.concatenate([mine, duty.team[here]])
    second = np.concatenate([np.zeros(len(mine), dtype=np.int64), duty.second[here]])
    advisers = np.concatenate([np.array(at_launch, dtype=np.int64), duty.advisers[here]])
    # a change of the first second comes after what stood before it
    order = np.lexsort([np.arange(len(team)), second, team])
    return _of_teams(of, team[order], {"second": second[order], "advisers": advisers[order]})


def _openings(of: Replication) -> _Table:
    teams = of.part.deployment.network.teams
    parts = []
    for number in np.flatnonzero(of.part.shard.teams).tolist():
        calendar = int(teams.calendar[number])
        here = slice(teams.calendar_start[calendar], teams.calendar_start[calendar + 1])
        opens, closes = teams.opens[here], teams.closes[here]
        inside = (closes > 0) & (opens < of.state.second)
        parts.append((np.full(int(inside.sum()), number, dtype=np.int64), opens[inside], closes[inside]))
    team, opens, closes = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return _of_teams(of, team, {"opens_s": opens, "closes_s": closes})


def _unfinished(of: Replication) -> _Table:
    busy = of.start.busy
    return _of_teams(of, busy.team, {"adviser": busy.adviser, "until_s": busy.until})


def _of_teams(of: Replication, team: Ints, values: Mapping[str, Ints]) -> _Table:
    names = of.part.deployment.network.team_names

    def columns(rows: slice) -> Arrays:
        return {
            "team": _named(team[rows], names),
            **{name: _whole(column[rows]) for name, column in values.items()},
        }

    return _Table(len(team), columns)


def _sessions(of: Replication) -> _Table:
    """The sessions of the part; a platform holds none."""
    sessions, network = of.trace.sessions, of.part.deployment.network
    found = sessions.take(of.part.shard.queues[sessions.queue])

    def columns(rows: slice) -> Arrays:
        queue = found.queue[rows]
        return {
            **_placed(of, queue),
            "team": _named(network.queues.team[queue], network.team_names),
            "session": _whole(found.session[rows]),
            "second": _whole(found.second[rows]),
            "length_s": _whole(network.queues.session_length[queue]),
            "seats_taken": _whole(found.seats_taken[rows]),
            "held": pa.array(found.held[rows] == 1),
        }

    return _Table(len(found), columns)


def _placed(of: Replication, queue: Wholes) -> Arrays:
    """Where a queue is: region, operator, stage, channel, station."""
    deployment = of.part.deployment
    lane, station = np.divmod(queue, deployment.network.station_count)
    known = deployment.stations
    names = list(deployment.network.station_names)
    found = {"region": _named(lane, deployment.regions)}
    for name in ("operator", "stage", "channel"):
        values = list(dict.fromkeys(known[name]))
        codes = np.array([values.index(value) for value in known[name]], dtype=np.int64)
        found[name] = _named(codes[station], values)
    return {**found, "station": _named(station, names)}


def _stacked(parts: Sequence[_Table]) -> _Table:
    """Tables of the same columns, one under the other."""
    bounds = np.cumsum([0, *(part.rows for part in parts)]).tolist()

    def columns(rows: slice) -> Arrays:
        pieces = [
            part.columns(slice(max(rows.start - first, 0), max(rows.stop - first, 0)))
            for part, first in zip(parts, bounds, strict=False)
        ]
        return {name: pa.concat_arrays([piece[name] for piece in pieces]) for name in pieces[0]}

    return _Table(bounds[-1], columns)


def _named(codes: NDArray[np.integer[Any]], names: Sequence[str]) -> Any:
    """Positions as the names that they stand for, each name kept once; nothing where negative."""
    indices = pa.array(codes.astype(np.int32), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(names), pa.string()))


def _whole(values: Wholes, absent: int | None = None) -> Any:
    """Whole numbers on 32 bits, nothing where `absent`. Raises ValueError for one that does not fit."""
    mask = np.zeros(len(values), dtype=np.bool_) if absent is None else values == absent
    kept = np.where(mask, 0, values)
    if len(kept) and np.abs(kept).max() > np.iinfo(np.int32).max:
        raise ValueError(f"{int(np.abs(kept).max())} does not fit in a column of 32 bits")
    return pa.array(kept.astype(np.int32), mask=mask)
