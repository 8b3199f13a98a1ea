"""Plants each bug of the lists in a copy of the tree and counts those that the tests see: `make mutations`.

A mutant is killed where a test fails, or does not end. Exits 1 where fewer than 85 % are killed, where one
that survives has no answer, where a text to replace is no longer there, or where the tests fail without any.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from mutations.costs import COSTS
from mutations.engines import ENGINES
from mutations.figures import FIGURES
from mutations.mutant import ROOT, Mutant

EVERY = (*COSTS, *FIGURES, *ENGINES)
LEAST = 0.85
#: Seconds after which tests that do not end count as failed: many times what the slowest take.
PATIENCE_S = 900
KILLED, SURVIVED, HANGS, BROKEN = "killed", "SURVIVED", "hangs", "BROKEN"
_LEFT_OUT = shutil.ignore_patterns(
    ".*", "__pycache__", "reports", "*.egg-info", "node_modules", "dist", "build", "compiled-*"
)


class Copy:
    """A copy of the tree, in which one bug at a time is planted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # a later date for each writing: bytecode of the one before is never taken for that of this one
        self.clock = time.time() + 10
        shutil.copytree(ROOT, folder, ignore=_LEFT_OUT, dirs_exist_ok=True)

    def write(self, path: Path, text: str) -> None:
        path.write_text(text, encoding="utf-8")
        self.clock += 10
        os.utime(path, (self.clock, self.clock))

    @contextmanager
    def planted(self, mutant: Mutant) -> Iterator[None]:
        """With the bug."""
        path = self.folder / "cepsim" / mutant.file
        text = path.read_text(encoding="utf-8")
        self.write(path, text.replace(mutant.old, mutant.new))
        try:
            yield
        finally:
            self.write(path, text)

    def tested(self, tests: Sequence[str]) -> tuple[str, str]:
        """What becomes of the tests, and the last lines that they print."""
        known = {"PYTHONPATH": str(self.folder), "NUMBA_CACHE_DIR": str(self.folder / ".numba")}
        options = ("-x", "-q", "-p", "no:nbmake", "-p", "no:cacheprovider", "-m", "not slow")
        files = [str(self.folder / "tests" / name) for name in tests]
        try:
            done = subprocess.run(
                [sys.executable, "-m", "pytest", *options, *files],
                cwd=self.folder,
                env={**os.environ, **known},
                capture_output=True,
                text=True,
                timeout=PATIENCE_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return HANGS, ""
        verdict = {0: SURVIVED, 1: KILLED}.get(done.returncode, BROKEN)
        # a compiled loop that reads where nothing is ends the process
        return (KILLED if done.returncode < 0 else verdict), done.stdout[-2000:] + done.stderr[-1000:]


def main(words: Sequence[str] | None = None) -> int:
    """Plant, test, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", default="", help="those whose file or name holds this")
    parser.add_argument("--hurried", action="store_true", help="do not see first that the tests pass")
    given = parser.parse_args(words)
    mutants = [m for m in EVERY if given.only in f"{m.file} {m.what}"]
    problems = [mutant.problem for mutant in mutants if mutant.problem]
    if problems or not mutants:
        print("\n".join(problems) or "no such mutant", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="cepsim-mutants-") as folder:
        copies: SimpleQueue[Copy] = SimpleQueue()
        for number in range(given.workers):
            copies.put(Copy(Path(folder) / str(number)))

        def clean(tests: Sequence[str]) -> tuple[str, str]:
            copy = copies.get()
            try:
                return copy.tested(tests)
            finally:
                copies.put(copy)

        def verdict(mutant: Mutant) -> tuple[str, float]:
            copy, begun = copies.get(), time.monotonic()
            try:
                with copy.planted(mutant):
                    found, said = copy.tested(mutant.tests)
            finally:
                copies.put(copy)
            taken = time.monotonic() - begun
            print(f"{found:9} {taken:5.0f} s  {mutant.file}: {mutant.what}{_by(said)}", flush=True)
            if found == BROKEN:
                print(said, flush=True)
            return found, taken

        with ThreadPoolExecutor(given.workers) as threads:
            every_test = sorted(
                {name for mutant in mutants for name in mutant.tests} if not given.hurried else ()
            )
            for name, (found, said) in zip(
                every_test, threads.map(clean, [[t] for t in every_test]), strict=True
            ):
                if found != SURVIVED:
                    print(f"{name} fails without any bug:\n{said}", file=sys.stderr)
                    return 1
            print(f"{len(every_test)} files of tests pass without any bug", flush=True)
            verdicts = [found for found, _ in threads.map(verdict, mutants)]
    return _conclusion(mutants, verdicts)


def _by(said: str) -> str:
    """The test that failed, in brackets."""
    failed = [line.split(" - ")[0] for line in said.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return f" [{failed[0].rpartition('::')[2]}]" if failed else ""


def _conclusion(mutants: Sequence[Mutant], verdicts: Sequence[str]) -> int:
    """Say how many were seen, and answer for the others."""
    killed = sum(verdict in (KILLED, HANGS) for verdict in verdicts)
    left = [m for m, verdict in zip(mutants, verdicts, strict=True) if verdict not in (KILLED, HANGS)]
    print(f"\n{killed} of {len(mutants)} bugs are seen ({killed / len(mutants):.1%}, expected {LEAST:.0%})")
    for mutant in left:
        print(f"- {mutant.file}: {mutant.what}: {mutant.answer or 'NO ANSWER'}")
    return 0 if killed >= LEAST * len(mutants) and all(m.answer for m in left) else 1


if __name__ == "__main__":
    sys.exit(main())
