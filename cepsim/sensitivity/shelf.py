"""Points kept on disk: a small file of the store for each, written whole or not at all.

Units of a store spare the simulation of a point that is asked again; this spares its costs as well. A point
that failed is not kept: it is tried again.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

import cepsim
from cepsim.errors import StoreError
from cepsim.experiment.plan import Plan
from cepsim.experiment.store_points import FOLDER
from cepsim.experiment.unit import program
from cepsim.scenario import canonical
from cepsim.sensitivity.outcomes import Outcomes

#: Modules that turn the counts of a unit into outcomes; `unit.program` has those that count.
_READING: Final = ("experiment/chosen.py", "experiment/results.py", "sensitivity/points.py")


def point_key(planned: Plan, names: Sequence[str]) -> str:
    """What a point is called: a digest of all that determines its outcomes, whatever the processes."""
    figures = planned.tables.figures.values()
    content = {
        "scenarios": [(of.name, canonical(of)) for of in planned.scenarios],
        "tables": planned.tables.digest,
        "overrides": [(f.id, f.low, f.mode, f.high) for f in figures if f.overridden],
        "regions": planned.regions,
        "seed": planned.seed,
        "replications": planned.replications,
        "sample": planned.sample,
        "outcomes": list(names),
        "program": (program(), _reading()),
    }
    text = json.dumps(content, sort_keys=True, allow_nan=False)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Shelf:
    """The points kept in the folder of a store."""

    store: Path

    def get(self, key: str, shape: tuple[int, int]) -> Outcomes | None:
        """A point as it was put, of shape (replications, outcomes); None if it is not there or is damaged."""
        try:
            held = json.loads(self._file(key).read_bytes())
            numbers = np.array(held["numbers"], dtype=np.float64)
            reached = np.array(held["reached"], dtype=np.bool_)
        except (OSError, ValueError, TypeError, LookupError):
            return None
        return Outcomes(numbers, reached) if numbers.shape == reached.shape == shape else None

    def put(self, key: str, found: Outcomes) -> None:
        """Keep a point. Raises StoreError if it cannot be written, in which case nothing of it is left."""
        file = self._file(key)
        partial = file.with_name(f".{key}-{os.getpid()}-{secrets.token_hex(4)}")
        # not a number is null
        numbers = [[each if math.isfinite(each) else None for each in row] for row in found.numbers.tolist()]
        held = {"program": program(), "numbers": numbers, "reached": found.reached.tolist()}
        text = json.dumps(held, allow_nan=False)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with partial.open("x", encoding="utf-8") as writing:
                writing.write(text)
                writing.flush()
                os.fsync(writing.fileno())
            partial.replace(file)
        except OSError as error:
            raise StoreError(
                f"{file.parent}: {error.strerror or error}: could not keep a point of the analysis. "
                "Free some space or choose another folder, and run the same command again: it goes on from "
                "what is there."
            ) from error
        finally:
            with suppress(OSError):
                partial.unlink(missing_ok=True)

    def _file(self, key: str) -> Path:
        return self.store / FOLDER / f"{key}.json"


@cache
def _reading() -> str:
    package = Path(cepsim.__file__).parent
    digest = hashlib.blake2b(digest_size=8)
    for name in _READING:
        digest.update((package / name).read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()
