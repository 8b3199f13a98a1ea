"""Whether a run fits this machine, said before it starts: people, visits, memory, time, disk."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cepsim.cli.render import printer, say
from cepsim.cli.settings import Settings
from cepsim.errors import UsageError
from cepsim.labels import plural
from cepsim.units import format_number

if TYPE_CHECKING:
    from cepsim.experiment import Plan
    from cepsim.experiment.fit import Expected
    from cepsim.experiment.store import Store

_GIGABYTE: Final = 1e9
_MEGABYTE: Final = 1e6
_MINUTE, _HOUR = 60, 3600
#: Figures that an order of magnitude is printed with.
_FIGURES: Final = 2
#: People of a sample, in one replication of a scenario, below which nothing is told of them.
LEAST_PEOPLE: Final = 1000


@dataclass(frozen=True, slots=True)
class Fit:
    """How a run fits: what it takes, the processes wanted and those it is given, the memory there is.

    `asked` are the processes that the user asked for, None where the program chooses.
    """

    expected: Expected
    asked: int | None
    wanted: int
    used: int
    available: float

    @property
    def workers(self) -> int | None:
        """Processes to run with; None leaves the choice to the program."""
        return self.used if self.reduced else self.asked

    @property
    def reduced(self) -> bool:
        """Whether memory holds fewer processes than the program would take by itself."""
        return self.used < self.wanted


def fitted(planned: Plan, settings: Settings, *, workers: int | None, store: Store, out: Path) -> Fit:
    """The processes that a run may have: those asked for, or as many as there are cores and memory holds.

    Raises UsageError where the processes asked for, or even one, would take more memory than there is, or
    the files more than the disk has left.
    """
    from cepsim.experiment import fit
    from cepsim.experiment.runner import available_cores

    expected = fit.expected(planned, store)
    available = fit.available_memory()
    wanted = min(workers or available_cores(), max(len(expected.left), 1))
    most = expected.most_workers(available) if expected.left else wanted
    if most == 0:
        raise UsageError(_too_large(expected, planned, settings, available))
    if workers is not None and wanted > most:
        raise UsageError(
            settings.text(
                "fit.workers",
                workers=wanted,
                needed=size(expected.memory(wanted), settings),
                available=size(available, settings),
                most=most,
            )
        )
    used = min(wanted, most)
    places = [(store.folder, expected.stored(used)), (out, float(fit.RESULTS_BYTES))]
    for place, needed in places:
        free = fit.free_disk(place)
        if needed > free:
            raise UsageError(
                settings.text(
                    "fit.disk", folder=place, needed=size(needed, settings), free=size(free, settings)
                )
            )
    return Fit(expected, workers, wanted, used, available)


def refuse_a_handful(planned: Plan, settings: Settings) -> None:
    """Raise UsageError where a sample leaves too few people to tell anything of them."""
    from cepsim.experiment import fit

    if planned.sample == 1:
        return
    people = fit.people_of_each(planned)
    if people < LEAST_PEOPLE:
        most = max(1, int(people * planned.sample // LEAST_PEOPLE))
        words = settings.text(
            "fit.sparse",
            sample=planned.sample,
            most=most,
            people=format_number(people, settings.language),
            least=format_number(LEAST_PEOPLE, settings.language),
        )
        raise UsageError(words)


def say_what_it_takes(found: Fit, settings: Settings) -> None:
    """Say what a run will take, in orders of magnitude."""
    expected, text = found.expected, settings.text
    console = printer(sys.stdout)
    if not expected.left:
        say(console, text("fit.nothing_left"))
        return
    if expected.held:
        say(console, text("fit.taken_up", held=expected.held, units=expected.units))
    say(
        console,
        text(
            "fit.expected",
            people=_rounded(expected.people, settings),
            visits=_rounded(expected.visits, settings),
            memory=size(expected.memory(found.used), settings),
            available=size(found.available, settings),
            processes=plural("count.processes", found.used, settings.language),
            time=duration(expected.seconds(found.used), settings),
            disk=size(expected.stored(found.used), settings),
        ),
    )


def warn(found: Fit, settings: Settings) -> None:
    """Say on standard error that a run has fewer processes than cores, where memory does not hold more."""
    if not found.reduced:
        return
    more = found.used + 1
    words = settings.text(
        "fit.fewer",
        processes=plural("count.processes", found.used, settings.language),
        more=more,
        needed=size(found.expected.memory(more), settings),
        available=size(found.available, settings),
    )
    say(printer(sys.stderr), words, style="yellow")


def _too_large(expected: Expected, planned: Plan, settings: Settings, available: float) -> str:
    """That a run does not fit, and what would."""
    largest, text = expected.left[0], settings.text
    names = planned.tables.region_names
    sample = expected.sample_that_fits(available)
    remedies = [] if sample is None else [text("fit.try_sample", sample=sample * planned.sample)]
    if len(planned.regions) > 1:
        remedies.append(text("fit.try_regions"))
    if not remedies:
        remedies.append(text("fit.try_machine"))
    return text(
        "fit.too_large",
        people=_rounded(expected.people, settings),
        visits=_rounded(expected.visits, settings),
        needed=size(expected.memory(1), settings),
        available=size(available, settings),
        part=names.get(largest.shard, text("fit.platform") if largest.platform else largest.shard),
        part_visits=_rounded(largest.visits, settings),
        remedies=f" {text('fit.or')} ".join(remedies),
    )


def size(count: float, settings: Settings) -> str:
    """So many bytes as people say it: "850 Mo", "3,4 Go"."""
    if count < _GIGABYTE:
        return settings.text(
            "fit.megabytes", count=format_number(round(count / _MEGABYTE), settings.language)
        )
    return settings.text("fit.gigabytes", count=format_number(count / _GIGABYTE, settings.language, 1))


def duration(seconds: float, settings: Settings) -> str:
    """An order of magnitude of time: "moins d'une minute", "12 min", "3 h"."""
    if seconds < _MINUTE:
        return settings.text("fit.under_a_minute")
    if seconds < 2 * _HOUR:
        return settings.text("fit.minutes", count=round(seconds / _MINUTE))
    return settings.text("fit.hours", count=round(seconds / _HOUR))


def _rounded(count: float, settings: Settings) -> str:
    """A number of people or visits with two significant figures."""
    whole = round(count)
    return format_number(round(whole, _FIGURES - len(str(whole))), settings.language)
