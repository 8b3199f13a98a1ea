"""The bar of a run, with the time left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

#: Seconds of the past that tell the time left: all of a run, since its steps may be a minute apart.
_WHOLE_RUN_SECONDS: Final = 24 * 3600


@contextmanager
def bar(console: Console, title: str) -> Iterator[Callable[[float, float], None]]:
    """A bar on a terminal while the block runs; it gives the function that moves it: (done, total)."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, speed_estimate_period=_WHOLE_RUN_SECONDS) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
