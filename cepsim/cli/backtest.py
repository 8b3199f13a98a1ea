"""`cepsim backtest`: what the model would have said of 2015 to 2023, beside what was published."""

import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cepsim.cli.outlet import usable_folder, write_json
from cepsim.cli.render import Sheet, printer, say, show
from cepsim.cli.scenarios import complete_scenario
from cepsim.cli.settings import Settings
from cepsim.cli.simulating import (
    REPORTS,
    Asked,
    asked,
    counted,
    document,
    folder_option,
    followed,
    region_option,
    set_out,
)
from cepsim.cli.spoken import command

if TYPE_CHECKING:
    from pathlib import Path

    from cepsim.backtest import Backtest
    from cepsim.report import Table

_SCENARIO: Final = "constate"
#: Name of the folder of a run that holds what a backtest adds to it, and start of the name of the run's.
_NAME: Final = "backtest"


def add_to(app: typer.Typer, settings: Settings) -> None:
    """Add the command `backtest` to the tree."""
    text = settings.text

    @command(app, settings, "backtest", "help.backtest")
    def _backtest(
        scenario: Annotated[
            str,
            typer.Argument(
                metavar=text("metavar.scenario"),
                help=text("help.backtest_scenario"),
                autocompletion=complete_scenario,
            ),
        ] = _SCENARIO,
        region: Annotated[list[str] | None, region_option(settings)] = None,
        replications: Annotated[int | None, counted(settings, "replications", 1)] = None,
        seed: Annotated[int | None, counted(settings, "seed", 0)] = None,
        years: Annotated[int | None, counted(settings, "years", 1)] = None,
        follow_up: Annotated[int | None, counted(settings, "follow-up", 0)] = None,
        workers: Annotated[int | None, counted(settings, "workers", 1)] = None,
        sample: Annotated[int | None, counted(settings, "sample", 1)] = None,
        store: Annotated[str, folder_option(settings, "help.store")] = "",
        out: Annotated[str, folder_option(settings, "help.out")] = "",
        json: Annotated[bool, typer.Option("--json", help=text("help.json"))] = False,
        quiet: Annotated[bool, typer.Option("--quiet", help=text("help.quiet"))] = False,
    ) -> None:
        of = asked(
            settings,
            scenarios=[scenario],
            region=region,
            replications=replications,
            seed=seed,
            years=years,
            follow_up=follow_up,
            workers=workers,
            store=store,
            out=out,
            json=json,
            quiet=quiet,
        )
        hold(settings, of, 1 if sample is None else sample)


def hold(settings: Settings, of: Asked, sample: int) -> None:
    """Plan, calibrate, run, write, print. Everything is checked before anything is run or written."""
    from cepsim.backtest import backtest
    from cepsim.backtest.backtest import scenario_of
    from cepsim.experiment import run_scenarios
    from cepsim.experiment.store import DEFAULT_FOLDER, Store
    from cepsim.report.backtest import backtest_tables, conclusion

    planned = of.plan(settings, sample=sample)
    scenario_of(planned)
    folder = usable_folder(of.out or REPORTS / f"{_NAME}-{planned.name}")
    store = Store(of.store or DEFAULT_FOLDER)
    workers = set_out(planned, of, settings, store=store, out=folder)
    console = printer(sys.stdout)
    if of.talks:
        say(console, settings.text("backtest.calibrates"))
    run_it = partial(run_scenarios, workers=workers, store=store)
    found = backtest(
        planned,
        workers=workers,
        store=store,
        run=lambda both: followed(
            lambda report: run_it(both, report=report), settings, store=store, quiet=of.quiet
        ),
    )
    tables = backtest_tables(found, settings.language)
    said = conclusion(found, settings.language)
    count = len(found.results.write(folder)) + _write(folder / _NAME, settings, found, tables, said)
    if of.json:
        write_json(document(found, folder), sys.stdout)
        return
    for table in tables:
        show(console, Sheet(table.title, table.note, table.columns, table.rows))
    say(console, said, style="bold")
    say(console, settings.text("run.written", folder=folder, count=count), style="green")


def _write(folder: "Path", settings: Settings, found: "Backtest", tables: "list[Table]", said: str) -> int:
    """Write the backtest as Markdown and its frames as CSV, the whole folder or nothing; how many files."""
    from cepsim.experiment.written import replaced
    from cepsim.report.markdown import document as markdown
    from cepsim.safe import spreadsheet

    frames = found.frames()
    with replaced(folder) as partial_folder:
        text = markdown(settings.text("backtest.heading"), said, tables)
        (partial_folder / f"{_NAME}.md").write_text(text, encoding="utf-8")
        for name, frame in frames.items():
            # read by spreadsheets, which take a file for UTF-8 only where it begins so
            spreadsheet(frame).to_csv(partial_folder / f"{name}.csv", index=False, encoding="utf-8-sig")
    return len(frames) + 1
