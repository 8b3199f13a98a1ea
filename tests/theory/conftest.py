"""Long runs are made when they are asked for: `pytest -m slow tests/theory`."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip this folder's slow tests unless marks are chosen on the command line."""
    if config.getoption("markexpr"):
        return
    skip = pytest.mark.skip(reason="long: pytest -m slow tests/theory")
    for item in items:
        if HERE in item.path.parents and item.get_closest_marker("slow"):
            item.add_marker(skip)
