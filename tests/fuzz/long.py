"""A long run of spoiled files: `make fuzz FILES=100000 SEED=1`.

Prints how many of each kind were read or refused, and stops with code 1 where the program crashed, hung or
wrote what it should not: each such file is kept, with the number that makes it again.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path
from random import Random

os.environ["MPLBACKEND"] = "Agg"

from .targets import (
    CommandLine,
    RunFolder,
    ScenarioFile,
    StoredUnit,
    TableFile,
    Target,
    called,
)

#: Out of a hundred files, and the longest that reading one may take, in seconds.
TARGETS: dict[type[Target], int] = {
    ScenarioFile: 55,
    TableFile: 15,
    StoredUnit: 15,
    CommandLine: 12,
    RunFolder: 3,
}
PATIENCE = 120


class HangError(Exception):
    """Reading one file took too long."""


def _hang(*_: object) -> None:
    raise HangError(f"no answer after {PATIENCE} seconds")


def main() -> int:
    """Run the number of files asked for; 1 if one of them was a crash."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first file")
    parser.add_argument("--only", choices=[of.__name__ for of in TARGETS], action="append")
    parser.add_argument("--run", type=Path, help="the folder of a run, or else one is made")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-crashes"))
    asked = parser.parse_args()
    chosen = {of: weight for of, weight in TARGETS.items() if of.__name__ in (asked.only or [of.__name__])}
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, _hang)
    counts: Counter[str] = Counter()
    crashes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        if RunFolder in chosen:
            RunFolder.good = asked.run or _run(Path(folder) / "run")
        targets: dict[type[Target], Target] = {}
        for of in chosen:
            place = Path(folder) / of.__name__
            place.mkdir()
            targets[of] = of(place)
        for number in range(asked.first, asked.first + asked.files):
            rng = Random(f"{asked.seed} {number}")
            of = rng.choices(list(chosen), list(chosen.values()))[0]
            crash = _tried(targets[of], rng, counts)
            if crash:
                cause = crash.strip().splitlines()[-1][:160]
                crashes[f"{of.__name__}: {cause}"] += 1
                _keep(asked.keep / f"{of.__name__}-{asked.seed}-{number}", targets[of], crash)
                print(f"file {number}: {of.__name__}: {cause}", file=sys.stderr, flush=True)
    for name, count in sorted(counts.items()):
        print(f"{count:>8} {name}")
    print(f"{sum(crashes.values()):>8} crashes")
    for cause, count in crashes.most_common():
        print(f"{count:>8} {cause}")
    return 1 if crashes else 0


def _tried(target: Target, rng: Random, counts: Counter[str]) -> str:
    """Count what became of one file; its traceback if that was a crash."""
    signal.alarm(PATIENCE)
    try:
        outcome = target.once(rng)
    except (Exception, RecursionError) as error:  # noqa: BLE001 - that is what is looked for
        counts[f"{type(target).__name__} crash"] += 1
        return "".join(traceback.format_exception(error))
    finally:
        signal.alarm(0)
    counts[f"{type(target).__name__} {outcome}"] += 1
    return ""


def _keep(place: Path, target: Target, crash: str) -> None:
    place.mkdir(parents=True, exist_ok=True)
    (place / "traceback.txt").write_text(crash, encoding="utf-8", errors="backslashreplace")
    offender = target.offender()
    if offender.is_dir():
        shutil.copytree(offender, place / offender.name, symlinks=True, dirs_exist_ok=True)
    elif offender.exists():
        shutil.copy(offender, place)


def _run(folder: Path) -> Path:
    words = ["run", "premiere-vague", "--region", "94", "--replications", "1", "--years", "1", "--follow-up"]
    called([*words, "0", "--workers", "1", "--quiet", "--store", f"{folder}-store", "--out", str(folder)])
    return folder


if __name__ == "__main__":
    sys.exit(main())
