"""The built wheel works from any folder, with the data it carries, and is the same wherever it is built."""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

#: Of the root, what a wheel is made of.
SOURCES = {"cepsim", "data", "scenarios", "pyproject.toml", "hatch_build.py", "LICENSE", ".gitignore"}

BUILD_PRIVATELY = """
import os, runpy, sys
os.umask(0o077)
sys.argv = ["hatchling", "build", "-t", "wheel", "-d", sys.argv[1]]
runpy.run_module("hatchling", run_name="__main__")
"""

FIND = """
import cepsim, cepsim.resources
print(cepsim.__file__)
print(cepsim.resources.tables_folder())
print(cepsim.resources.scenarios_folder())
"""


def _python(*arguments: str, cwd: Path, **environment: str) -> str:
    result = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _python("-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_carries_every_table_every_scenario_and_every_module(wheel):
    carried = {
        "data/insee_2012": "cepsim/_data/insee_2012",
        "scenarios": "cepsim/_data/scenarios",
        "cepsim": "cepsim",
    }
    expected = {
        f"{target}/{path.relative_to(ROOT / source).as_posix()}"
        for source, target in carried.items()
        for path in (ROOT / source).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == expected


def test_the_wheel_holds_its_licence_and_its_command(wheel):
    archive = zipfile.ZipFile(wheel)
    names = {name.partition(".dist-info/")[2]: name for name in archive.namelist()}
    assert archive.read(names["licenses/LICENSE"]) == (ROOT / "LICENSE").read_bytes()
    assert "cepsim = cepsim.cli:main" in archive.read(names["entry_points.txt"]).decode()


def test_built_elsewhere_at_another_time_under_other_permissions_it_is_the_same_to_the_byte(wheel, tmp_path):
    copy, out = tmp_path / "another folder", tmp_path / "out"
    shutil.copytree(
        ROOT,
        copy,
        ignore=lambda folder, names: {*names} - SOURCES if Path(folder) == ROOT else {"__pycache__"},
    )
    for path in sorted(copy.rglob("*"), reverse=True):
        path.chmod(0o700 if path.is_dir() else 0o600)
        os.utime(path, (1_000_000_000, 1_000_000_000))
    _python("-c", BUILD_PRIVATELY, str(out), cwd=copy, PYTHONHASHSEED="7", TZ="Asia/Tokyo")
    (other,) = out.glob("*.whl")
    assert other.name == wheel.name
    assert hashlib.sha256(other.read_bytes()).digest() == hashlib.sha256(wheel.read_bytes()).digest()


def test_every_file_of_the_wheel_is_installed_within_its_folder(wheel):
    for name in zipfile.ZipFile(wheel).namelist():
        assert not Path(name).is_absolute()
        assert ".." not in Path(name).parts


def test_the_installed_wheel_finds_its_data_from_another_folder(wheel, tmp_path):
    target, elsewhere = tmp_path / "installed", tmp_path / "elsewhere"
    elsewhere.mkdir()
    _python(
        "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(target), str(wheel),
        cwd=elsewhere,
    )  # fmt: skip
    found = [Path(line) for line in _python("-c", FIND, cwd=elsewhere, PYTHONPATH=str(target)).splitlines()]
    package = (target / "cepsim").resolve()
    assert found == [
        package / "__init__.py",
        package / "_data" / "insee_2012",
        package / "_data" / "scenarios",
    ]
    assert all(any(folder.iterdir()) for folder in found[1:])
