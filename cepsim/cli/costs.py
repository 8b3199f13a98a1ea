"""`cepsim costs`: what a finished run costs, by any cut of its ledger."""

import json as js
import sys
from pathlib import Path
from typing import Annotated

import typer

from cepsim.cli.outlet import write_json
from cepsim.cli.render import Sheet, printer, show
from cepsim.cli.settings import Settings
from cepsim.cli.simulating import REPORTS
from cepsim.cli.spoken import command


def complete_run(incomplete: str) -> list[str]:
    """Names of finished runs that a shell offers; no result is read."""
    return sorted(
        path.parent.name
        for path in REPORTS.glob("*/manifest.json")
        if path.parent.name.startswith(incomplete)
    )


def add_to(app: typer.Typer, settings: Settings) -> None:
    """Add the command `costs` to the tree."""
    text = settings.text

    @command(app, settings, "costs", "help.costs")
    def _costs(
        run: Annotated[
            str,
            typer.Argument(
                metavar=text("metavar.run"), help=text("help.run_folder"), autocompletion=complete_run
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
    from cepsim.costing import DIMENSIONS
    from cepsim.report.costs import costs_by, costs_table
    from cepsim.report.finished import Finished

    finished = Finished.read(run, Path(REPORTS))
    kinds = {name: "number" if name == "year" else "text" for name in DIMENSIONS}
    kinds |= {"scenario": "text", "replication": "number", "amount_cents": "number"}
    rows = finished.frame("ledger", kinds)
    if json:
        frame = costs_by(rows, by, net_of=net_of)
        found = js.loads(frame.to_json(orient="records", double_precision=15))
        write_json({"run": str(finished.folder), "unit": "eur", "costs": found}, sys.stdout)
        return
    places = {region.code: f"{region.name} ({region.code})" for region in settings.tables().regions}
    table = costs_table(
        rows, by, finished.titles(settings.language), settings.language, places=places, net_of=net_of
    )
    show(printer(sys.stdout), Sheet(table.title, table.note, table.columns, table.rows))
