"""The layers of the house: kept by the code, and the contract does refuse what it should."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def _lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def empty_house(tmp_path) -> Path:
    """The project's contract on a package with the same modules, all of them empty."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for source in (ROOT / "cepsim").rglob("*.py"):
        module = tmp_path / source.relative_to(ROOT)
        module.parent.mkdir(parents=True, exist_ok=True)
        module.touch()
    return tmp_path


def test_every_folder_of_modules_is_a_package_that_the_contract_sees():
    folders = {path.parent for path in (ROOT / "cepsim").rglob("*.py")}
    assert [folder.name for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []


def test_every_module_imports_only_from_layers_below():
    result = _lint_imports(ROOT)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("module", "imported"),
    [("errors.py", "labels"), ("units.py", "scenario"), ("tables/__init__.py", "network")],
)
def test_an_import_from_a_layer_above_is_refused(empty_house, module, imported):
    assert _lint_imports(empty_house).returncode == 0
    path = empty_house / "cepsim" / module
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"import cepsim.{imported}\n")
    result = _lint_imports(empty_house)
    assert result.returncode == 1
    assert f"cepsim.{imported}" in result.stdout


def test_a_module_outside_the_layers_is_refused(empty_house):
    (empty_house / "cepsim" / "attic.py").touch()
    result = _lint_imports(empty_house)
    assert result.returncode == 1
    assert "attic" in result.stdout
