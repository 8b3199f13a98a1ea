"""`cepsim report`: a finished run as one HTML file, to be read, printed and passed on."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from cepsim.cli.finished import run_argument, run_folder
from cepsim.cli.outlet import refuse_another, write_file
from cepsim.cli.render import printer, say
from cepsim.cli.settings import Settings
from cepsim.cli.spoken import command
from cepsim.labels import label
from cepsim.units import format_number

_FOLDER: Final = "report"
_FILE: Final = "report.html"
_KILOBYTE: Final = 1_000


def add_to(app: typer.Typer, settings: Settings) -> None:
    """Add the command `report` to the tree."""

    @command(app, settings, "report", "help.report")
    def _report(
        run: Annotated[str, run_argument(settings)],
        out: Annotated[
            str,
            typer.Option(
                metavar=settings.text("metavar.file"),
                help=settings.text("help.report_out"),
                show_default=False,
            ),
        ] = "",
    ) -> None:
        write_report(settings, run, out)


def write_report(settings: Settings, name: str, out: str = "") -> None:
    """Write the report of a run, in its folder or in the file asked for.

    Raises InputError if the run cannot be read, or if the file is there and is no report.
    """
    from cepsim.experiment import RecordedRun
    from cepsim.experiment.written import replaced
    from cepsim.report.html_report import html_report

    run = RecordedRun.of(run_folder(name), settings.tables())
    if out:
        file = Path(out)
        _refuse_another(file)
        document = html_report(run, settings.language)
        write_file(file, document)
    else:
        document = html_report(run, settings.language)
        # a folder, as for the note: what was added to a run stays when the same results are written again
        file = run.folder / _FOLDER / _FILE
        with replaced(file.parent) as folder:
            (folder / _FILE).write_text(document, encoding="utf-8", newline="\n")
    size = format_number(len(document.encode()) / _KILOBYTE, settings.language)
    told = label("report.written", settings.language, file=file, size=size)
    say(printer(sys.stdout), told)


def _refuse_another(file: Path) -> None:
    """Raises InputError where a file cannot be written, or is there and is no report: it would be lost."""
    from cepsim.report.html_report import GENERATOR

    refuse_another(file, option="--out", mark=GENERATOR.encode(), expected="a new file, or an earlier report")
