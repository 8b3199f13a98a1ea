"""What commands that simulate share: what they are asked, what they say on the way, the JSON they print."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import typer

from cepsim.cli.fitting import fitted, say_what_it_takes, warn
from cepsim.cli.precision import DEFAULT_MOST
from cepsim.cli.regions import complete_region, region_codes
from cepsim.cli.render import printer, say
from cepsim.cli.scenarios import complete_scenario
from cepsim.cli.settings import Settings
from cepsim.errors import InputError, ScenarioError, UsageError
from cepsim.labels import plural

if TYPE_CHECKING:
    import pandas as pd

    from cepsim.experiment import Plan
    from cepsim.experiment.runner import Report
    from cepsim.experiment.store import Store

Found = TypeVar("Found")
#: Where results are written by default: a folder of their own in this one, in the current folder.
REPORTS: Final = Path("reports")
#: The defaults of `experiment.plan`, which help may not import; a test holds them together.
DEFAULT_REPLICATIONS: Final = 5
DEFAULT_SEED: Final = 1
#: Of the longest whole number of the command line: seeds have no more.
_DIGITS: Final = 18


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks to simulate; None leaves a choice to the scenario or to the program."""

    scenarios: tuple[str, ...]
    regions: tuple[str, ...]
    replications: int
    seed: int
    years: int | None
    follow_up_years: int | None
    workers: int | None
    store: Path | None
    out: Path | None
    json: bool
    quiet: bool
    branch: date | None = None

    @property
    def talks(self) -> bool:
        """Whether tables and words go to standard output."""
        return not (self.json or self.quiet)

    def plan(self, settings: Settings, **more: Any) -> "Plan":
        """The plan, checked before anything is run or written; `more` are other arguments of `plan`.

        Dates on which nothing hangs are said on standard error.
        """
        from cepsim.experiment import plan
        from cepsim.report.late import late_dates

        tables = settings.tables()
        try:
            planned = plan(
                self.scenarios,
                regions=region_codes(self.regions, tables.regions),
                replications=self.replications,
                seed=self.seed,
                years=self.years,
                follow_up_years=self.follow_up_years,
                tables=tables,
                branch_date=self.branch,
                **more,
            )
        except ScenarioError as error:
            raise ScenarioError.together([self._said(problem) for problem in error.problems]) from None
        if not self.quiet:
            say_late(late_dates(planned, settings.language))
        return planned

    def _said(self, problem: InputError) -> InputError:
        """A problem of a field that the command line sets, told of its option."""
        for field, option, value in (
            ("calendar.years", "--years", self.years),
            ("calendar.follow_up_years", "--follow-up", self.follow_up_years),
        ):
            if problem.field == field and value is not None and problem.found == value:
                return ScenarioError(
                    file=option, found=value, expected=problem.expected, remedy=problem.remedy
                )
        return problem


def asked(
    settings: Settings,
    *,
    scenarios: Sequence[str],
    region: Sequence[str] | None,
    replications: int | None = None,
    seed: int | None = None,
    years: int | None = None,
    follow_up: int | None = None,
    workers: int | None = None,
    store: str = "",
    out: str = "",
    json: bool = False,
    quiet: bool = False,
    branch: date | None = None,
) -> Asked:
    """The options under their names of the command line, defaults filled in; one not given is left out.

    Raises UsageError where no region is.
    """
    if not region:
        raise UsageError(settings.text("usage.region"))
    return Asked(
        scenarios=tuple(scenarios),
        regions=tuple(region),
        replications=DEFAULT_REPLICATIONS if replications is None else replications,
        seed=DEFAULT_SEED if seed is None else seed,
        years=years,
        follow_up_years=follow_up,
        workers=workers,
        store=Path(store) if store else None,
        out=Path(out) if out else None,
        json=json,
        quiet=quiet,
        branch=branch,
    )


def scenarios_argument(settings: Settings, help_key: str) -> Any:
    """The scenarios, by name or path."""
    return typer.Argument(
        metavar=settings.text("metavar.scenario"),
        help=settings.text(help_key),
        autocompletion=complete_scenario,
    )


def region_option(settings: Settings) -> Any:
    """The option `--region`, which may be repeated."""
    return typer.Option(
        metavar="CODE",
        help=settings.text("help.region"),
        autocompletion=complete_region,
        show_default=False,
    )


def folder_option(settings: Settings, help_key: str) -> Any:
    """An option that takes a folder."""
    return typer.Option(metavar="DIR", help=settings.text(help_key), show_default=False)


def counted(settings: Settings, name: str, least: int, help_key: str = "") -> Any:
    """An option that takes a whole number from `least` on; its help is by default that of its name."""
    help_key = help_key or f"help.{name.replace('-', '_')}"
    return typer.Option(
        f"--{name}",
        metavar="N",
        help=settings.text(help_key, replications=DEFAULT_REPLICATIONS, seed=DEFAULT_SEED, most=DEFAULT_MOST),
        parser=_whole_number(settings, f"--{name}", least),
        show_default=False,
    )


def say_late(sentences: Sequence[str]) -> None:
    """Say on standard error, which stays apart from results, what lies after the years counted."""
    for sentence in sentences:
        say(printer(sys.stderr), sentence, style="yellow")


def branch_option(settings: Settings) -> Any:
    """The option `--branch`: the day until which scenarios are the same."""
    return day_option(settings, "--branch", "help.branch")


def day_option(settings: Settings, name: str, help_key: str) -> Any:
    """An option that takes a day."""
    return typer.Option(
        name,
        metavar=settings.text("metavar.day"),
        help=settings.text(help_key),
        parser=_day(settings, name),
        show_default=False,
    )


def set_out(planned: "Plan", of: Asked, settings: Settings, *, store: "Store", out: Path) -> int | None:
    """Say what is to be run on this machine and what it takes; the processes to run it with.

    Raises UsageError where it does not fit.
    """
    fit = fitted(planned, settings, workers=of.workers, store=store, out=out)
    if of.talks:
        announce(planned, settings)
        say_what_it_takes(fit, settings)
    if not of.quiet:
        warn(fit, settings)
    return fit.workers


def announce(planned: "Plan", settings: Settings, replications: str | None = None) -> None:
    """Say what is about to run; `replications` says how many where it is not the plan that does."""
    from cepsim.experiment.sentence import places
    from cepsim.report.cells import day

    count = plural("count.replications", planned.replications, settings.language)
    said = settings.text(
        "run.begins",
        scenarios=", ".join(scenario.name for scenario in planned.scenarios),
        regions=places(planned, settings.language),
        replications=replications or count,
        seed=planned.seed,
    )
    if planned.sample > 1:
        said += f" · {settings.text('run.sample', sample=planned.sample)}"
    if planned.branch_date is not None:
        said += f" · {settings.text('run.branch', day=day(planned.branch_date, settings.language))}"
    say(printer(sys.stdout), said, style="bold")


def followed(
    work: "Callable[[Report | None], Found]",
    settings: Settings,
    *,
    store: "Store",
    quiet: bool,
    progress: str = "progress",
) -> "Found":
    """Have something run with its store, and say on standard error how far it is."""
    from cepsim.cli.progress import shown

    if quiet:
        found = work(None)
    else:
        words = (settings.text(f"run.{name}") for name in (progress, "people_per_second", "left"))
        with shown(printer(sys.stderr), *words) as report:
            found = work(report)
    if store.damaged and not quiet:
        say(printer(sys.stderr), settings.text("run.damaged", count=len(store.damaged)), style="yellow")
    return found


class Answer(Protocol):
    """What a command found: frames by name, and what determines them."""

    def frames(self) -> "Mapping[str, pd.DataFrame]":
        """Every tidy frame by name."""

    def manifest(self) -> Mapping[str, object]:
        """All that determines the results."""


def document(of: Answer, folder: Path | None) -> dict[str, object]:
    """What `--json` prints: the manifest, the folder written if there is one, every frame as records."""
    frames = {name: records(frame) for name, frame in of.frames().items()}
    return {"manifest": of.manifest(), "folder": None if folder is None else str(folder), "frames": frames}


def records(frame: "pd.DataFrame") -> list[dict[str, object]]:
    """A frame as JSON holds it: a record a row, null for what is absent."""
    found: list[dict[str, object]] = json.loads(frame.to_json(orient="records", double_precision=15))
    return found


def _day(settings: Settings, option: str) -> Callable[[str], date]:
    """A parser of days, which refuses others in the user's language."""

    def parse(words: str) -> date:
        try:
            return date.fromisoformat(words)
        except ValueError:
            raise UsageError(settings.text("usage.day", option=option, found=words)) from None

    return parse


def _whole_number(settings: Settings, option: str, least: int) -> Callable[[str], int]:
    """A parser of whole numbers from `least` on, which refuses others in the user's language."""

    def parse(words: str) -> int:
        if not (words.isascii() and words.isdigit() and len(words) <= _DIGITS and least <= int(words)):
            raise UsageError(settings.text("usage.number", option=option, found=words, least=least))
        return int(words)

    return parse
