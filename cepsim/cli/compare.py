"""`cepsim compare`: the same people under several scenarios, who gains, who waits longer, who is lost."""

import sys
from datetime import date
from typing import Annotated, Final

import typer

from cepsim.cli.outlet import usable_folder, write_json
from cepsim.cli.render import Sheet, printer, say, show
from cepsim.cli.settings import Settings
from cepsim.cli.simulating import (
    REPORTS,
    Asked,
    asked,
    branch_option,
    counted,
    document,
    folder_option,
    followed,
    region_option,
    scenarios_argument,
    set_out,
)
from cepsim.cli.spoken import command

_PREFIX: Final = "compare_"


def add_to(app: typer.Typer, settings: Settings) -> None:
    """Add the command `compare` to the tree."""
    text = settings.text

    @command(app, settings, "compare", "help.compare")
    def _compare(
        scenarios: Annotated[list[str], scenarios_argument(settings, "help.compare_scenario")],
        region: Annotated[list[str] | None, region_option(settings)] = None,
        replications: Annotated[int | None, counted(settings, "replications", 1)] = None,
        seed: Annotated[int | None, counted(settings, "seed", 0)] = None,
        years: Annotated[int | None, counted(settings, "years", 1)] = None,
        follow_up: Annotated[int | None, counted(settings, "follow-up", 0)] = None,
        branch: Annotated[date | None, branch_option(settings)] = None,
        workers: Annotated[int | None, counted(settings, "workers", 1)] = None,
        store: Annotated[str, folder_option(settings, "help.store")] = "",
        out: Annotated[str, folder_option(settings, "help.compare_out")] = "",
        json: Annotated[bool, typer.Option("--json", help=text("help.json"))] = False,
        quiet: Annotated[bool, typer.Option("--quiet", help=text("help.quiet"))] = False,
    ) -> None:
        compare(
            settings,
            asked(
                settings,
                scenarios=scenarios,
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
                branch=branch,
            ),
        )


def compare(settings: Settings, of: Asked) -> None:
    """Plan, run what lacks, match people, write, print. Everything is checked before anything is run."""
    from cepsim.experiment import compare_scenarios, comparison_plan
    from cepsim.experiment.store import DEFAULT_FOLDER, Store
    from cepsim.report import comparison_tables

    planned = comparison_plan(of.plan(settings))
    folder = usable_folder(of.out or REPORTS / f"{_PREFIX}{planned.name}")
    store = Store(of.store or DEFAULT_FOLDER)
    workers = set_out(planned, of, settings, store=store, out=folder)
    console = printer(sys.stdout)
    comparison = followed(
        lambda report: compare_scenarios(planned, workers=workers, store=store, report=report),
        settings,
        store=store,
        quiet=of.quiet,
    )
    written = comparison.write(folder)
    if of.json:
        write_json(document(comparison, folder), sys.stdout)
        return
    for table in comparison_tables(comparison, settings.language):
        show(console, Sheet(table.title, table.note, table.columns, table.rows))
    say(console, settings.text("run.written", folder=folder, count=len(written)), style="green")
