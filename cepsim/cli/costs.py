"""`cepsim costs`: what a finished run costs, by any cut of its ledger, and what stands beside."""

import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cepsim.cli.finished import read_run, run_argument, run_folder, sample_of
from cepsim.cli.outlet import write_json
from cepsim.cli.render import Sheet, printer, show
from cepsim.cli.settings import Settings
from cepsim.cli.simulating import records
from cepsim.cli.spoken import command
from cepsim.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from cepsim.report import Table


#: What may be shown of a run.
VIEWS: Final = ("ledger", "commitments", "fund", "budget")


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
        view: Annotated[
            str,
            typer.Option("--view", metavar=text("metavar.view"), help=text("help.view"), show_default=False),
        ] = VIEWS[0],
        json: Annotated[bool, typer.Option("--json", help=text("help.json"))] = False,
    ) -> None:
        cut = [word.strip() for word in by.split(",") if word.strip()]
        show_costs(settings, run, cut, net_of or None, view=view, json=json)


def show_costs(
    settings: Settings, run: str, by: list[str], net_of: str | None, *, view: str, json: bool
) -> None:
    """Print a cut of the ledger of a run or of its commitments, gross or net of one of its scenarios.

    A mutualised fund and lines of a budget have no other cut. Raises UsageError where one is asked for, and
    for another view.
    """
    if view not in VIEWS:
        raise UsageError(settings.text("usage.view", found=view, views=" | ".join(VIEWS)))
    if view in VIEWS[2:] and (by or net_of):
        raise UsageError(f"--view {view} has its own lines: --by and --net-of do not apply")
    if view == "ledger":
        _show_ledger(settings, run, by, net_of, json=json)
    elif view == "commitments":
        _show_commitments(settings, run, by, net_of, json=json)
    else:
        _show_frame(settings, run, view, json=json)


def _show_ledger(settings: Settings, run: str, by: list[str], net_of: str | None, *, json: bool) -> None:
    from cepsim.report.costs import costs_by, costs_table, sound_ledger

    read = read_run(settings, run, "ledger")
    rows = sound_ledger(read.frame, read.file, read.titles)
    if json:
        _print_json(read.folder, "costs", costs_by(rows, by, net_of=net_of))
        return
    places, sample = _places(settings), sample_of(rows)
    _show(costs_table(rows, by, read.titles, settings.language, places=places, net_of=net_of, sample=sample))


def _show_commitments(settings: Settings, run: str, by: list[str], net_of: str | None, *, json: bool) -> None:
    from cepsim.costing import COMMITMENT_DIMENSIONS
    from cepsim.report.costs import sound_ledger
    from cepsim.report.money import COMMITMENTS_BY, commitments_by, commitments_table

    read = read_run(settings, run, "commitments")
    rows = sound_ledger(read.frame, read.file, read.titles, COMMITMENT_DIMENSIONS)
    if json:
        _print_json(read.folder, "commitments", commitments_by(rows, by or COMMITMENTS_BY, net_of=net_of))
        return
    places, sample = _places(settings), sample_of(rows)
    _show(
        commitments_table(
            rows, by, read.titles, settings.language, places=places, net_of=net_of, sample=sample
        )
    )


def _show_frame(settings: Settings, run: str, view: str, *, json: bool) -> None:
    from cepsim.experiment import RecordedRun
    from cepsim.report.money import budget_table, fund_table

    recorded = RecordedRun.of(run_folder(run), settings.tables())
    frame = recorded.fund if view == "fund" else recorded.budget_lines
    if json:
        _print_json(recorded.folder, view, frame)
        return
    language, scenarios = settings.language, recorded.plan.scenarios
    titles = {scenario.name: str(getattr(scenario.title, language)) for scenario in scenarios}
    _show(fund_table(frame, titles, language) if view == "fund" else budget_table(frame, scenarios, language))


def _places(settings: Settings) -> dict[str, str]:
    return {region.code: f"{region.name} ({region.code})" for region in settings.tables().regions}


def _print_json(folder: "Path", name: str, frame: "pd.DataFrame") -> None:
    write_json({"folder": str(folder), "unit": "eur", "frames": {name: records(frame)}}, sys.stdout)


def _show(table: "Table") -> None:
    show(printer(sys.stdout), Sheet(table.title, table.note, table.columns, table.rows))
