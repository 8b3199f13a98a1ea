"""`cepsim costs`: what a finished run costs, by any cut of its ledger."""

import json as js
import sys
from typing import Annotated

import typer

from cepsim.cli.check import complete_run, run_folder
from cepsim.cli.outlet import write_json
from cepsim.cli.render import Sheet, printer, show
from cepsim.cli.settings import Settings
from cepsim.cli.spoken import command


def add_to(app: typer.Typer, settings: Settings) -> None:
    """Add the command `costs` to the tree."""
    text = settings.text

    @command(app, settings, "costs", "help.costs")
    def _costs(
        run: Annotated[
            str,
            typer.Argument(
                metavar=text("metavar.run"), help=text("help.check_run"), autocompletion=complete_run
            ),
        ],
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
    from cepsim.experiment.written import MANIFEST, read_frame, read_manifest
    from cepsim.report import titles_of
    from cepsim.report.costs import costs_by, costs_table, sound_rows

    folder = run_folder(run)
    titles = titles_of(read_manifest(folder), folder / MANIFEST, settings.language)
    rows = sound_rows(*read_frame(folder, "ledger"), titles)
    if json:
        frame = costs_by(rows, by, net_of=net_of)
        found = js.loads(frame.to_json(orient="records", double_precision=15))
        write_json({"run": str(folder), "unit": "eur", "costs": found}, sys.stdout)
        return
    places = {region.code: f"{region.name} ({region.code})" for region in settings.tables().regions}
    table = costs_table(rows, by, titles, settings.language, places=places, net_of=net_of)
    show(printer(sys.stdout), Sheet(table.title, table.note, table.columns, table.rows))
