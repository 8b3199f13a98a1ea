"""What a run will take, before it starts: people, visits, memory, time, disk; and what the machine has.

Orders of magnitude, from the people expected in each part and a few constants, each with the command that
measures it again. `tests/unit/test_fit.py` holds the memory against that of a run, within `WITHIN`.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import psutil

from cepsim.engine import EngineName
from cepsim.experiment.deployments import deployed
from cepsim.experiment.plan import Plan
from cepsim.experiment.store import Store
from cepsim.experiment.work import unit_of
from cepsim.people.shards import Part, parts_of

_MEBIBYTE: Final = 1 << 20

#: What is expected and what is met differ by this factor at most: people are known, memory is not.
WITHIN: Final = 2.0
#: Visits from launch to the end of the follow-up for one of the people expected in a part, warm-up included:
#: 1.5 behind a platform, 1.7 to 2.1 elsewhere (`cepsim runs list`: visits; `Part.expected_people`).
VISITS_PER_PERSON: Final = 2.0
#: Highest memory of a part above that of its process, for each of its visits: Île-de-France and Bretagne,
#: `central`, three years. `cepsim bench --region 11 --json`: peak_mib of "counts", less that of "compile",
#: over visits.
BYTES_PER_VISIT: Final = 400
#: Highest memory of the smallest part above that of its process: the same, of Corse (`--region 94`).
LEAST_PART_BYTES: Final = 130 * _MEBIBYTE
#: A process that has compiled the scenarios: `cepsim bench --region 94 --json`, peak_mib of "compile".
PROCESS_BYTES: Final = 400 * _MEBIBYTE
#: The process of the run itself, with its tables and its pictures, before any result: /usr/bin/time -v on
#: `cepsim run reference --region 94` where every unit is in the store already.
PARENT_BYTES: Final = 560 * _MEBIBYTE
#: What the process of the run keeps of a unit, once frames and pictures are made: highest resident memory of
#: `cepsim run` on France, two and four scenarios, two and five replications, 112 to 280 units.
UNIT_BYTES: Final = 6 * _MEBIBYTE
#: Visits that a process simulates and counts in a second: 490 000 (Île-de-France) to 530 000 (Bretagne)
#: alone, fewer where two processes share the memory.
#: `cepsim bench --region 11 --json`: visits over the seconds of "people and engine" and "counts"; for the
#: readable engine, over those of "simpy".
VISITS_PER_SECOND: Final[Mapping[EngineName, int]] = MappingProxyType({"compiled": 400_000, "simpy": 30_000})
#: Seconds of a unit, however small, and of a run: `cepsim run central --region 94`, one year.
SECONDS_PER_UNIT: Final = 1.0
SECONDS_PER_RUN: Final = 25.0
#: On the disk: a unit, and what a run writes (`du -b` on both, Bretagne, three years).
UNIT_FILES_BYTES: Final = 700_000
RESULTS_BYTES: Final = 12_000_000
#: On the disk until its regions are done, for each visit at a platform: 53, 24 and 52, the .npz files.
HANDED_BYTES_PER_VISIT: Final = 220
#: On the disk for each visit, with `--trace`: all files of the trace (`du -b`), Bretagne, one year.
TRACE_BYTES_PER_VISIT: Final = 45


@dataclass(frozen=True, slots=True)
class Size:
    """A part of a replication: its name, whether it is a platform, the people and visits expected."""

    shard: str
    platform: bool
    people: float
    visits: float

    @property
    def memory(self) -> float:
        """Its highest memory, in bytes, above that of the process that runs it."""
        return max(LEAST_PART_BYTES, self.visits * BYTES_PER_VISIT)


@dataclass(frozen=True, slots=True)
class Expected:
    """What is left to run of a plan: one `Size` a unit, the largest first; `units` counts the others too.

    `held` are the units that the store has already; a platform among them may be left to run again.
    """

    left: tuple[Size, ...]
    units: int
    engine: EngineName
    trace: bool
    held: int = 0

    @property
    def people(self) -> float:
        """People to simulate, each once: those of a platform are those of its regions."""
        return sum(size.people for size in self.left if not size.platform)

    @property
    def visits(self) -> float:
        """Visits to simulate."""
        return sum(size.visits for size in self.left)

    def memory(self, workers: int) -> float:
        """Highest memory of the run, in bytes: the largest parts at once, a process each beside the run's.

        One worker is the process of the run itself.
        """
        beside = PROCESS_BYTES * workers if workers > 1 else 0
        parts = sum(size.memory for size in self.left[:workers])
        return PARENT_BYTES + UNIT_BYTES * self.units + beside + parts

    def seconds(self, workers: int) -> float:
        """Time that it takes, at least that of its largest part."""
        each = [SECONDS_PER_UNIT + size.visits / VISITS_PER_SECOND[self.engine] for size in self.left]
        return SECONDS_PER_RUN + max(sum(each) / workers, max(each, default=0.0))

    def stored(self, workers: int) -> float:
        """Most bytes that the store takes: units, their traces, what platforms hand on until it is used."""
        platforms = sorted((size.visits for size in self.left if size.platform), reverse=True)
        # one process does a platform then its regions; several begin a few before the first is used up
        at_once = platforms[:1] if workers == 1 else platforms[: 2 * workers]
        trace = self.visits * TRACE_BYTES_PER_VISIT if self.trace else 0.0
        return UNIT_FILES_BYTES * len(self.left) + trace + HANDED_BYTES_PER_VISIT * sum(at_once)

    def most_workers(self, available: float) -> int:
        """The most processes that hold in so many bytes; 0 where not even one does."""
        counts = range(max(len(self.left), 1), 0, -1)
        return next((workers for workers in counts if self.memory(workers) <= available), 0)

    def sample_that_fits(self, available: float) -> int | None:
        """K such that one person in K, of those expected here, fits with one worker; None if none does."""
        room = available - PARENT_BYTES - UNIT_BYTES * self.units
        if not self.left or room < LEAST_PART_BYTES:
            return None
        return max(1, math.ceil(self.left[0].memory / room))


def expected(planned: Plan, store: Store | None = None) -> Expected:
    """What a plan will take, less the units that a store holds already.

    The people are those of `Part.expected_people`, between warm-up and follow-up.
    """
    left: list[Size] = []
    units = held = 0
    for _scenario, of in enumerate(planned.scenarios):
        parts = parts_of(deployed(of, planned.tables, planned.regions, planned.sample))
        units += len(parts) * planned.replications
        for replication in range(planned.replications):
            missing = [
                part
                for rank, part in enumerate(parts)
                if store is None or not store.holds(unit_of(planned, of, replication, part.name).key)
            ]
            held += len(parts) - len(missing)
            left += [_size(part) for part in _with_platforms(parts, missing)]
    left.sort(key=lambda size: -size.visits)
    return Expected(tuple(left), units, planned.engine, store is not None and store.trace, held)


def people_of_each(planned: Plan) -> float:
    """People to simulate in one replication of the scenario that has the fewest."""
    of_each = (deployed(s, planned.tables, planned.regions, planned.sample) for s in planned.scenarios)
    return min(sum(part.expected_people for part in parts_of(each) if part.is_home) for each in of_each)


def _with_platforms(parts: Sequence[Part], missing: Sequence[Part]) -> list[Part]:
    """The parts that are not there, and the platforms before them: what these hand on is not kept."""
    again = any(part.is_home for part in missing)
    return [part for part in parts if part in missing or (again and not part.is_home)]


def _size(part: Part) -> Size:
    people = part.expected_people
    return Size(part.name, not part.is_home, people, people * VISITS_PER_PERSON)


def available_memory(groups: Path = Path("/sys/fs/cgroup")) -> float:
    """Bytes of memory that processes may still take: the machine's, or those of its container if fewer.

    `groups` is where Linux says what a container may take (control groups, version 2).
    """
    free = float(psutil.virtual_memory().available)
    try:
        limit = (groups / "memory.max").read_text(encoding="ascii").strip()
        used = int((groups / "memory.current").read_text(encoding="ascii"))
        counted = (groups / "memory.stat").read_text(encoding="ascii").splitlines()
    except FileNotFoundError:  # no container, or another system
        return free
    if limit == "max":
        return free
    # the cache of files counts as used and is given back when it is needed
    cache = sum(int(line.split()[1]) for line in counted if line.split()[0] == "file")
    return min(free, max(0.0, float(int(limit) - used + cache)))


def free_disk(place: Path) -> float:
    """Bytes free on the disk where a folder is, or will be made."""
    place = place.absolute()
    here = next(folder for folder in (place, *place.parents) if folder.exists())
    return float(shutil.disk_usage(here).free)
