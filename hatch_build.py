"""Build hook: the tables and the scenarios, which stand outside the package, travel in the wheel."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CARRIED = {"data/insee_2012": "cepsim/_data/insee_2012", "scenarios": "cepsim/_data/scenarios"}


class CarryData(BuildHookInterface[Any]):
    """Adds the folders of CARRIED to a standard wheel.

    A static `force-include` would also copy them at an editable install, where the checkout is read and a
    copy could only go stale.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Declare the folders; hatchling stops the build if one is missing."""
        if version == "standard":
            build_data["force_include"].update(CARRIED)
