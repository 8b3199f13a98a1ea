"""`cepsim explain`: why two scenarios of a finished run cost what they cost."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cepsim.cli.finished import complete_run, run_folder, runs_in
from cepsim.cli.outlet import write_json
from cepsim.cli.render import Sheet, printer, say, show
from cepsim.cli.settings import Settings
from cepsim.cli.simulating import REPORTS, records
from cepsim.cli.spoken import command
from cepsim.errors import InputError


def add_to(app: typer.Typer, settings: Settings) -> None:
    """Add the command `explain` to the tree."""
    text = settings.text

    @command(app, settings, "explain", "help.explain")
    def _explain(
        first: Annotated[str, typer.Argument(metavar="A", help=text("help.explain_first"))],
        second: Annotated[str, typer.Argument(metavar="B", help=text("help.explain_second"))],
        run: Annotated[
            str,
            typer.Option(
                "--run",
                metavar=text("metavar.run"),
                help=text("help.explain_run"),
                show_default=False,
                autocompletion=complete_run,
            ),
        ] = "",
        json: Annotated[bool, typer.Option("--json", help=text("help.json"))] = False,
    ) -> None:
        explain(settings, first, second, run, json=json)


def explain(settings: Settings, first: str, second: str, run: str, *, json: bool) -> None:
    """Print why `second` costs more or less than `first` in a run: the one named, or the latest with both."""
    from cepsim.experiment import RecordedRun
    from cepsim.report.explained import cost_parts, explained

    folder = run_folder(run) if run else _latest(first, second)
    of = RecordedRun.of(folder, settings.tables())
    if json:
        frames = {"explained": records(cost_parts(of, first, second))}
        write_json({"folder": str(folder), "unit": "cents", "frames": frames}, sys.stdout)
        return
    table = explained(of, first, second, settings.language)
    show(printer(sys.stdout), Sheet(table.title, table.note, table.columns, table.rows))
    say(printer(sys.stdout), settings.text("explain.run", folder=folder), style="dim")


def _latest(first: str, second: str) -> Path:
    """The folder of the latest run of `reports` that holds both scenarios. Raises InputError if none does."""
    from cepsim.experiment.written import MANIFEST, read_manifest
    from cepsim.scenario.fields import Words

    both = [
        REPORTS / name
        for name in runs_in(REPORTS)
        if {first, second} <= set(read_manifest(REPORTS / name).get("scenarios", ()))
    ]
    if not both:
        raise InputError(
            file=str(REPORTS),
            found=Words("no run of both"),
            expected=f"a run of {first} and {second}",
            remedy="Run them together, or name the run with --run.",
        )
    return max(both, key=lambda folder: (folder / MANIFEST).stat().st_mtime)
