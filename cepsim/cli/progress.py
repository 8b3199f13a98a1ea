"""The bar of a run, with the time left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

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
def bar(console: Console, title: str, people_per_second: str) -> Iterator[Callable[[Any], None]]:
    """A bar on a terminal while the block runs; it gives the function that moves it.

    `title` holds {done} and {units}, `people_per_second` {people}: what is filled in as the run goes on.
    """
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, speed_estimate_period=_WHOLE_RUN_SECONDS) as progress:
        task = progress.add_task("", total=None)

        def move(now: Any) -> None:
            seconds = max(progress.tasks[0].elapsed or 0.0, 1.0)
            # a run taken up again has people that came before it began
            moved.setdefault("before", now.people_done)
            speed = (now.people_done - moved["before"]) / seconds
            words = title.format(done=now.units_done, units=now.units)
            if speed > 0:
                words += people_per_second.format(people=f"{speed:,.0f}".replace(",", "\u202f"))
            progress.update(task, description=words, completed=now.people_done, total=now.people)

        moved: dict[str, float] = {}
        yield move
