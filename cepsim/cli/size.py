"""`cepsim size`: how many advisers, where, for which delay."""

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from cepsim.cli.outlet import usable_folder, write_json
from cepsim.cli.render import Sheet, printer, say, show
from cepsim.cli.scenarios import complete_scenario
from cepsim.cli.settings import Settings
from cepsim.cli.simulating import (
    REPORTS,
    Asked,
    announce,
    asked,
    counted,
    day_option,
    document,
    folder_option,
    region_option,
)
from cepsim.cli.spoken import command
from cepsim.errors import InputError, UsageError
from cepsim.safe import visible

if TYPE_CHECKING:
    from cepsim.report.table import Table
    from cepsim.sizing import Budgeted, Sizing, Wanted

#: Start of the name of its folder.
_NAME: Final = "size"
_HALF: Final = 0.5
_FEWEST_POSTS: Final = 0.1


def add_to(app: typer.Typer, settings: Settings) -> None:
    """Add the command `size` to the tree."""
    text = settings.text

    @command(app, settings, "size", "help.size")
    def _size(
        scenario: Annotated[
            str,
            typer.Argument(
                metavar=text("metavar.scenario"),
                help=text("help.scenario"),
                autocompletion=complete_scenario,
            ),
        ],
        norm: Annotated[
            list[str] | None,
            typer.Option("--norm", metavar=text("metavar.norm"), help=text("help.norm"), show_default=False),
        ] = None,
        region: Annotated[list[str] | None, region_option(settings)] = None,
        since: Annotated[date | None, day_option(settings, "--from", "help.norm_from")] = None,
        confidence: Annotated[
            float | None,
            typer.Option(
                "--confidence",
                metavar=text("metavar.percent"),
                help=text("help.confidence"),
                parser=lambda words: _percent(settings, words, "usage.confidence", _HALF),
                show_default=False,
            ),
        ] = None,
        by_year: Annotated[bool, typer.Option("--by-year", help=text("help.by_year"))] = False,
        brute_force: Annotated[bool, typer.Option("--brute-force", help=text("help.brute_force"))] = False,
        also: Annotated[
            list[float] | None,
            typer.Option(
                "--also",
                metavar=text("metavar.percent"),
                help=text("help.also"),
                parser=lambda words: _percent(settings, words, "usage.also", 0.0),
                show_default=False,
            ),
        ] = None,
        budget: Annotated[
            float | None,
            typer.Option(
                "--budget",
                metavar=text("metavar.posts"),
                help=text("help.budget"),
                parser=lambda words: _posts(settings, words),
                show_default=False,
            ),
        ] = None,
        loss: Annotated[str, typer.Option("--loss", metavar="late|days", help=text("help.loss"))] = "late",
        pareto: Annotated[bool, typer.Option("--pareto", help=text("help.pareto"))] = False,
        replications: Annotated[int | None, counted(settings, "replications", 1)] = None,
        seed: Annotated[int | None, counted(settings, "seed", 0)] = None,
        years: Annotated[int | None, counted(settings, "years", 1)] = None,
        workers: Annotated[int | None, counted(settings, "workers", 1)] = None,
        save: Annotated[
            str,
            typer.Option(
                "--save", metavar=text("metavar.file"), help=text("help.size_save"), show_default=False
            ),
        ] = "",
        out: Annotated[str, folder_option(settings, "help.out")] = "",
        json: Annotated[bool, typer.Option("--json", help=text("help.json"))] = False,
        quiet: Annotated[bool, typer.Option("--quiet", help=text("help.quiet"))] = False,
    ) -> None:
        if not norm:
            raise UsageError(text("usage.norm"))
        of = asked(
            settings,
            scenarios=[scenario],
            region=region,
            replications=replications,
            seed=seed,
            years=years,
            workers=workers,
            out=out,
            json=json,
            quiet=quiet,
        )
        shared = budget is not None or pareto
        if shared and (brute_force or also):
            raise UsageError(text("usage.budget"))
        options = {"since": since, "by_year": by_year, "brute_force": brute_force, "also": also or ()}
        posts = {"budget": budget, "loss": loss, "pareto": pareto} if shared else None
        size_it(settings, of, norm, save, posts, confidence=confidence or 0.95, **options)


def size_it(
    settings: Settings, of: Asked, norms: list[str], save: str, shared: dict[str, Any] | None, **options: Any
) -> None:
    """Check, size or share out, write, print. Everything is checked before anything is run or written.

    `options` are those of `sizing.wanted`; `shared` says what of, where posts are shared out.
    """
    from cepsim.scenario import to_toml
    from cepsim.sizing import wanted

    planned = of.plan(settings)
    want = wanted(planned, norms, **options)
    told = (*(norm.said for norm in want.norms), *map(str, options.values()), str(shared))
    name = planned.named(f"r{planned.replications}", *told)
    folder = usable_folder(of.out or REPORTS / f"{_NAME}-{name}")
    file = _new_file(save) if save else None
    console = printer(sys.stdout)
    if of.talks:
        announce(planned, settings)
    with printer(sys.stderr).status(settings.text("size.begins")) as status:
        if of.quiet or not sys.stderr.isatty():
            status.stop()
        running: dict[str, Any] = {
            "name": file.stem if file else None,
            "workers": of.workers,
            "tell": lambda region, count: status.update(
                settings.text("size.tried", region=region, count=count)
            ),
        }
        found, tables, sentence = (
            _shared(settings, want, shared, running) if shared else _sized(settings, want, running)
        )
    count = len(found.write(folder))
    if file is not None:
        with file.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(to_toml(found.scenario))
    if of.json:
        write_json(document(found, folder), sys.stdout)
        return
    for table in tables:
        if table.rows:
            show(console, Sheet(table.title, table.note, table.columns, table.rows))
    say(console, sentence, style="bold")
    if file is not None:
        say(console, settings.text("size.saved", file=visible(str(file))), style="green")
    say(console, settings.text("run.written", folder=folder, count=count), style="green")


def _sized(settings: Settings, want: "Wanted", running: dict[str, Any]) -> "tuple[Sizing, list[Table], str]":
    """The least-cost posts, their tables and their sentence."""
    from cepsim.report.sizing import levels_table, onward_table, sizing_table
    from cepsim.sizing import answer, sized

    found = sized(want, **running)
    tables = [made(found, settings.language) for made in (sizing_table, levels_table, onward_table)]
    return found, tables, answer(found, settings.language)


def _shared(
    settings: Settings, want: "Wanted", shared: dict[str, Any], running: dict[str, Any]
) -> "tuple[Budgeted, list[Table], str]":
    """Posts shared out, their tables and their sentence."""
    from cepsim.report.sized_budget import budget_table, frontier_table
    from cepsim.sizing import budget_answer, budgeted
    from cepsim.sizing.sharing import POINTS

    points = POINTS if shared["pareto"] else 0
    found = budgeted(want, shared["budget"], loss=shared["loss"], points=points, **running)
    tables = [made(found, settings.language) for made in (budget_table, frontier_table)]
    return found, tables, budget_answer(found, settings.language)


def _new_file(path: str) -> Path:
    """A file to write a scenario to. Raises InputError unless it is new, in a folder that is there."""
    file = Path(path)
    if file.suffix != ".toml":
        raise InputError(
            file="--save",
            found=path,
            expected='a file called "NAME.toml"',
            remedy="A scenario is named as its file.",
        )
    if not file.parent.is_dir():
        raise InputError(
            file="--save", found=path, expected="a file in a folder that exists", remedy="Create it first."
        )
    if file.exists():
        raise InputError(
            file="--save",
            found=path,
            expected="a file that does not exist",
            remedy="It is there already and is left as it was: choose another name, or remove it.",
        )
    return file


def _percent(settings: Settings, words: str, refusal: str, least: float) -> float:
    """A share above `least` and below 1: "95 %", "95%" or "0.95"."""
    plain = words.replace(",", ".").strip()
    try:
        value = float(plain.removesuffix("%")) / (100.0 if plain.endswith("%") else 1.0)
    except ValueError:
        value = float("nan")
    if not least < value < 1.0:
        raise UsageError(settings.text(refusal, found=words))
    return value


def _posts(settings: Settings, words: str) -> float:
    """Full-time equivalents, a tenth of one at least: "120" or "0,5"."""
    try:
        value = float(words.replace(",", "."))
    except ValueError:
        value = float("nan")
    if not _FEWEST_POSTS <= value < float("inf"):
        raise UsageError(settings.text("usage.posts", found=words))
    return value
