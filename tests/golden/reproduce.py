"""The golden figures on every Python found on this machine, each with two versions of numpy.

    python tests/golden/reproduce.py            every Python that the project accepts
    python tests/golden/reproduce.py 3.12       those whose version begins so

Each Python gets an environment outside the tree, with what `requirements.lock` names; then numpy gives place
to the oldest series that the project and its locked packages accept and that has a wheel for this Python. One
line each; exit code 1 where a figure differs or none was computed. Packages come by pip: from the network.
"""

import csv
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from golden.figures import HEADER, kept
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NEEDED = {canonicalize_name(of.name): of for of in map(Requirement, PROJECT["dependencies"])}
SHOWN = ("numpy", "numba", "pandas")
LINE = "{:<10} {:<9} {:<9} {:<9} {}"

_WHO = (
    "import json, platform, sys; "
    "print(json.dumps([platform.python_version(), platform.python_implementation(), sys.base_prefix]))"
)
_VERSIONS = f"from importlib.metadata import version; print(*map(version, {SHOWN}))"
_FIGURES = "from golden.figures import text; print(text(), end='')"


class Found(NamedTuple):
    """A Python of this machine."""

    version: str
    command: str


class CannotInstallError(Exception):
    """What pip said last."""


def pythons(begin: Sequence[str] = ()) -> list[Found]:
    """Every CPython here that the project accepts, from the oldest, one a version and place."""
    places = [
        *map(Path, os.environ.get("PATH", "").split(os.pathsep)),
        Path("/usr/bin"),
        Path("/usr/local/bin"),
    ]
    places += sorted(Path.home().glob(".pyenv/versions/*/bin"))
    accepted, seen = SpecifierSet(PROJECT["requires-python"]), {}
    for place in places:
        for file in sorted(place.glob("python3.*")):
            if not re.fullmatch(r"python3\.\d+(\.exe)?", file.name):
                continue
            told = subprocess.run([file, "-c", _WHO], capture_output=True, text=True, check=False)
            if told.returncode:  # a command of pyenv for a version that is not chosen, a broken link
                continue
            version, kind, home = json.loads(told.stdout)
            if kind == "CPython" and version in accepted and version.startswith(tuple(begin) or ""):
                seen.setdefault((Version(version), home), Found(version, str(file)))
    return [seen[key] for key in sorted(seen)]


def environment(python: Found, folder: Path) -> Path:
    """A new environment that holds what the lock names; its Python. Raises CannotInstallError."""
    # with this process's pip, since some systems leave it out of their Python
    made = subprocess.run(
        [python.command, "-m", "venv", "--without-pip", folder], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise CannotInstallError(_last(made.stderr or made.stdout))
    inside = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    _pip(inside, "install", "--require-hashes", "-r", str(ROOT / "requirements.lock"))
    return inside


def with_older_numpy(inside: Path) -> None:
    """Put the oldest series of numpy that works in place of the locked one.

    Raises CannotInstallError if none does.
    """
    locked = Version(_run(inside, _VERSIONS).split()[0])
    (floor,) = (Version(of.version) for of in NEEDED["numpy"].specifier if of.operator == ">=")
    refused = "the project accepts no older one"
    for minor in range(floor.minor, locked.minor):
        wanted = f"numpy=={floor.major}.{minor}"
        try:
            _pip(inside, "install", "--no-deps", "--only-binary", "numpy", wanted)
        except CannotInstallError as error:
            refused = str(error)
            continue
        refused = _conflict(inside)
        if not refused:
            return
    raise CannotInstallError(refused)


def _conflict(inside: Path) -> str:
    """Which package that runs need does not accept the numpy installed, or nothing."""
    lines = _pip(inside, "check", may_fail=True).splitlines()
    return next((of for of in lines if " numpy" in of and canonicalize_name(of.split()[0]) in NEEDED), "")


def first_difference(told: str) -> str:
    """The first row that is not the one kept, or nothing."""
    rows = [tuple(row) for row in csv.reader(told.splitlines())]
    for found, expected in zip_longest(rows, [HEADER, *kept()]):
        if found != expected:
            return f"found {','.join(found or ('nothing',))} expected {','.join(expected or ('nothing',))}"
    return ""


def verdicts(python: Found, folder: Path) -> Iterator[tuple[bool, str]]:
    """With the locked numpy, then with an older one: are the figures equal, and the line that says it."""
    inside = folder / "env"
    for numpy in ("locked", "older"):
        versions = [numpy, "", ""]
        try:
            if numpy == "locked":
                inside = environment(python, folder / "env")
            else:
                with_older_numpy(inside)
            versions = _run(inside, _VERSIONS).split()
            different = first_difference(_run(inside, _FIGURES, cache=folder / numpy))
        except (CannotInstallError, subprocess.CalledProcessError) as error:
            different = (
                f"not computed: {error if isinstance(error, CannotInstallError) else _last(error.stderr)}"
            )
            yield False, LINE.format(python.version, *versions, different)
            if not versions[1]:
                return
            continue
        yield not different, LINE.format(python.version, *versions, different or "equal")


def _run(inside: Path, code: str, cache: Path | None = None) -> str:
    """What a program prints there; each numpy compiles the engine for itself, in a folder of its own."""
    own = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]), "PYTHONDONTWRITEBYTECODE": "1"}
    if cache is not None:
        own["NUMBA_CACHE_DIR"] = str(cache)
    done = subprocess.run(
        [inside, "-c", code], env=os.environ | own, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout


def _pip(inside: Path, *words: str, may_fail: bool = False) -> str:
    command = [sys.executable, "-m", "pip", "--python", str(inside), "--disable-pip-version-check", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and not may_fail:
        raise CannotInstallError(_last(done.stderr))
    return done.stdout


def _last(text: str) -> str:
    return (text.strip().splitlines() or ["no word of why"])[-1]


def main(begin: Sequence[str]) -> int:
    """Print a line for each Python and numpy; 1 where one differs or none was computed."""
    found = pythons(begin)
    print(f"{platform.platform()}; {len(found)} Python accepted by {PROJECT['requires-python']}")
    print(LINE.format("Python", *SHOWN, "golden figures"), flush=True)
    well = bool(found)
    for python in found:
        with tempfile.TemporaryDirectory(prefix="cepsim-reproduce-") as folder:
            for equal, line in verdicts(python, Path(folder)):
                print(line, flush=True)
                well = well and equal
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
