"""Whole replications kept on disk: a country's counts are hundreds of MiB, and a run has dozens of them."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import weakref
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from cepsim.experiment.pipeline import Measured
from cepsim.experiment.store import Store
from cepsim.experiment.unit import KEY_LENGTH
from cepsim.indicators import Counts


class Shelf:
    """A folder of this process's own, removed with the last replication that is in it."""

    def __init__(self) -> None:
        folder = tempfile.mkdtemp(prefix="cepsim-")
        self.store = Store(Path(folder))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)

    def keep(self, measured: Measured, scenario: str, replication: int, seed: int) -> Kept:
        """Put a replication of a scenario there. Raises StoreError where it cannot be written."""
        name = f"{scenario} {replication}"
        key = hashlib.blake2b(name.encode(), digest_size=KEY_LENGTH // 2).hexdigest()
        about: dict[str, str | int] = {"scenario": scenario, "replication": replication}
        about |= {"shard": "all", "seed": seed}
        self.store.put(key, measured, about)
        return Kept(self, key, measured.quantities, measured.people, measured.visits)


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A replication on a shelf: what is small at hand, its counts read each time that they are asked for."""

    shelf: Shelf
    key: str
    quantities: pd.DataFrame
    people: int
    visits: int

    @property
    def counts(self) -> Counts:
        """Read from the disk. Raises StoreError where they are not there any more, or not as written."""
        return self.shelf.store.reread(self.key).counts
