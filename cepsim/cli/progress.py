"""How far a run is, with the time left: a bar on a terminal, a line now and then in a file."""

from __future__ import annotations

import time
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

from cepsim.cli.render import say

#: Seconds of the past that tell the time left: all of a run, since its steps may be a minute apart.
_WHOLE_RUN_SECONDS: Final = 24 * 3600
#: Seconds between two lines, where no bar can be drawn.
_BETWEEN_LINES: Final = 60.0


@contextmanager
def shown(console: Console, title: str, people_per_second: str, left: str) -> Iterator[Callable[[Any], None]]:
    """How far the block is, a bar on a terminal and lines elsewhere; it gives what moves them."""
    if console.file.isatty():
        with bar(console, title, people_per_second) as move:
            yield move
    else:
        yield lines(lambda words: say(console, words), title, left)


def lines(
    tell: Callable[[str], None], title: str, left: str, clock: Callable[[], float] = time.monotonic
) -> Callable[[Any], None]:
    """What tells how far a run is, a line a minute at most; a run shorter than that is told nothing.

    `title` holds {done} and {units}, `left` {share} of the people and the {minutes} that remain.
    """
    began = said = clock()
    before: float | None = None

    def move(now: Any) -> None:
        nonlocal said, before
        # a run taken up again has people that came before it began
        before = now.people_done if before is None else before
        moment = clock()
        gained = now.people_done - before
        if moment - said < _BETWEEN_LINES or gained <= 0:
            return
        said = moment
        remaining = (moment - began) * max(now.people - now.people_done, 0.0) / gained
        share, minutes = 100 * now.people_done / now.people, remaining / 60
        tell(
            f"{title.format(done=now.units_done, units=now.units)} · "
            f"{left.format(share=f'{share:.0f}', minutes=f'{minutes:.0f}')}"
        )

    return move


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
