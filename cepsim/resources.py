"""Where the tables and the scenarios are: in a source checkout, or in an installed wheel.

Both stand outside the package in the checkout and travel in the wheel under `cepsim/_data`. Nothing else
in the package looks for them.
"""

from __future__ import annotations

from pathlib import Path

from cepsim.errors import InputError

_PACKAGE = Path(__file__).resolve().parent


def tables_folder() -> Path:
    """The folder of the tables shipped with cepsim. Raises InputError if the installation lacks it."""
    return _find(_PACKAGE, "insee_2012", "data/insee_2012")


def scenarios_folder() -> Path:
    """The folder of the scenarios shipped with cepsim. Raises InputError if the installation lacks it."""
    return _find(_PACKAGE, "scenarios", "scenarios")


def _find(package: Path, in_wheel: str, in_checkout: str) -> Path:
    """The folder in the wheel if the package holds one, else the one beside the package."""
    carried = package / "_data"
    folder = carried / in_wheel if carried.is_dir() else package.parent / in_checkout
    if not folder.is_dir():
        raise InputError(
            file=str(folder),
            found="no such folder",
            expected="the data shipped with cepsim",
            remedy="Install cepsim again, or run it from a complete checkout.",
        )
    return folder
