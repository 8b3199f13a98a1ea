"""The built wheel works from any folder, with the data it carries."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

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
