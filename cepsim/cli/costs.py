"""`cepsim costs`: what a finished run costs, by any cut of its ledger."""

import sys
from typing import Annotated

import typer

from cepsim.cli.finished import read_run, run_argument, sample_of
from cepsim.cli.outlet import write_json
from cepsim.cli.render import Sheet, printer, show
from cepsim.cli.settings import Settings
from cepsim.cli.simulating import records
from cepsim.cli.spoken import command


def add_to(app: typer.Typer, settings: Settings) -> None:
    """Add the command `costs` to the tree."""
    text = settings.text

    @command(app, settings, "costs", "help.costs")
    def _costs(
        run: Annotated[str, run_argument(settings)],
        by: Annotated[
            str, typer.Option("--by", metavar=text("metavar.cut"), help=text("help.by"), show_default=False)
        ] = "",
        net_of: Annotated[
            str,
            typer.Option(
                "--net-of", metavar=text("metavar.scenario"), help=text("help.net_of"), show_default=False
            ),
        ] = "",
        json: Annotated[bool, typer.Option("--json", help=text("help.json"))] = False,
    ) -> None:
        cut = [word.strip() for word in by.split(",") if word.strip()]
        show_costs(settings, run, cut, net_of or None, json=json)


def show_costs(settings: Settings, run: str, by: list[str], net_of: str | None, *, json: bool) -> None:
    """Print a cut of the ledger of a run, gross or net of one of its scenarios."""
    from cepsim.report.costs import costs_by, costs_table, sound_ledger

    read = read_run(settings, run, "ledger")
    rows = sound_ledger(read.frame, read.file, read.titles)
    if json:
        frames = {"costs": records(costs_by(rows, by, net_of=net_of))}
        write_json({"folder": str(read.folder), "unit": "eur", "frames": frames}, sys.stdout)
        return
    table = costs_table(
        rows,
        by,
        read.titles,
        settings.language,
        places={region.code: f"{region.name} ({region.code})" for region in settings.tables().regions},
        net_of=net_of,
        sample=sample_of(rows),
    )
    show(printer(sys.stdout), Sheet(table.title, table.note, table.columns, table.rows))
