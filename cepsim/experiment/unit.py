"""A unit of work, and the key under which its result is kept: a digest of all that determines it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

import cepsim
from cepsim.scenario import Scenario, canonical
from cepsim.tables import Tables

#: Raised when seeds name other draws, or when what is counted of a replication has another layout.
PROTOCOL: Final = 1

#: Hexadecimal digits of a key.
KEY_LENGTH: Final = 32

#: Modules, under `cepsim`, that take part in a result: other code may change without touching it.
_COMPUTING: Final = (
    "compiled.py",
    "costing",
    "draws.py",
    "engine",
    "experiment/pipeline.py",
    "indicators",
    "laws.py",
    "network",
    "people",
    "scenario",
    "state.py",
    "tables",
    "trace.py",
    "units.py",
)
#: Libraries whose numbers enter a result: durations, and the days on which nobody works.
_LIBRARIES: Final = ("holidays", "numpy", "scipy")


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """One shard of one replication of a scenario.

    Attributes:
        scenario: what is run.
        warm_up: the scenario of the year before launch, which leaves the state that it opens on.
        tables: the figures that both read.
        regions: codes of the regions of the run, in its order.
        seed, replication: of the draws; the first replication is 0.
        shard: name of the part of the regions.
        sample: one person in so many is simulated.
        keeps_outcomes: whether what became of each person is kept with the rest.
    """

    scenario: Scenario
    warm_up: Scenario
    tables: Tables
    regions: tuple[str, ...]
    seed: int
    replication: int
    shard: str
    sample: int = 1
    keeps_outcomes: bool = False

    @property
    def key(self) -> str:
        """32 hexadecimal digits: the same for equal results, whatever the scenario's name and the engine."""
        figures = self.tables.figures.values()
        content = {
            "scenario": canonical(self.scenario),
            "warm_up": canonical(self.warm_up),
            "tables": self.tables.digest,
            "overrides": [(f.id, f.low, f.mode, f.high) for f in figures if f.overridden],
            "regions": self.regions,
            "seed": self.seed,
            "replication": self.replication,
            "shard": self.shard,
            "program": program(),
            **self._sample,
            **({"outcomes": True} if self.keeps_outcomes else {}),
        }
        text = json.dumps(content, sort_keys=True, allow_nan=False)
        return hashlib.blake2b(text.encode(), digest_size=KEY_LENGTH // 2).hexdigest()

    @property
    def about(self) -> dict[str, str | int]:
        """What a reader of the store is told: scenario, replication, shard, regions, seed, tables, sample."""
        return {
            "scenario": self.scenario.name,
            "replication": self.replication,
            "shard": self.shard,
            "regions": ",".join(self.regions),
            "seed": self.seed,
            "tables_sha256": self.tables.digest,
            **self._sample,
        }

    @property
    def _sample(self) -> dict[str, int]:
        """The sample, named where there is one: the whole has the key that it had before there were any."""
        return {"sample": self.sample} if self.sample > 1 else {}


@cache
def program() -> str:
    """What computes, as one line of text: version of cepsim, protocol, digest of the code, libraries."""
    package = Path(cepsim.__file__).parent
    digest = hashlib.blake2b(digest_size=8)
    for name in _COMPUTING:
        place = package / name
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            content = path.read_bytes().replace(b"\r\n", b"\n")
            digest.update(f"{path.relative_to(package).as_posix()}\n{len(content)}\n".encode() + content)
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return f"cepsim {cepsim.__version__}, protocol {PROTOCOL}, code {digest.hexdigest()}, {libraries}"
