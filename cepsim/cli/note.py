"""`cepsim note`: what a group that decides asks of a finished run, printed and written."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

import cepsim
from cepsim.cli.finished import run_argument, run_folder
from cepsim.cli.render import Sheet, printer, say, show
from cepsim.cli.settings import Settings
from cepsim.cli.simulating import say_late
from cepsim.cli.spoken import command
from cepsim.labels import label
from cepsim.safe import spreadsheet

if TYPE_CHECKING:
    from cepsim.experiment import RecordedRun
    from cepsim.report import Table

_FOLDER: Final = "note"


def add_to(app: typer.Typer, settings: Settings) -> None:
    """Add the command `note` to the tree."""

    @command(app, settings, "note", "help.note")
    def _note(run: Annotated[str, run_argument(settings)]) -> None:
        write_note(settings, run)


def write_note(settings: Settings, name: str) -> None:
    """Print the note of a run, and write it in the run's folder. Raises InputError if it cannot be read."""
    from cepsim.experiment import RecordedRun
    from cepsim.report import late_dates, note

    run = RecordedRun.of(run_folder(name), settings.tables())
    say_late(late_dates(run.plan, settings.language))
    tables = note(run, settings.language)
    for table in tables:
        show(printer(sys.stdout), Sheet(table.title, table.note, table.columns, table.rows))
    files = _written(run.folder / _FOLDER, settings, run, tables)
    told = label("note.written", settings.language, folder=run.folder / _FOLDER, files=files)
    say(printer(sys.stdout), told)


def _written(folder: Path, settings: Settings, run: "RecordedRun", tables: "list[Table]") -> int:
    """Write the note as Markdown and CSV, the whole folder or nothing; how many files."""
    from cepsim.experiment.sentence import places
    from cepsim.experiment.written import replaced
    from cepsim.report import late_dates
    from cepsim.report.markdown import document

    plan, language = run.plan, settings.language
    titles = ", ".join(getattr(of.title, language) for of in plan.scenarios)
    lead = label(
        "note.made",
        language,
        version=cepsim.__version__,
        seed=plan.seed,
        replications=plan.replications,
        regions=places(plan, language),
    )
    lead = " ".join([lead, *late_dates(plan, language)])
    text = document(label("note.heading", language, scenarios=titles), lead, tables)
    with replaced(folder) as partial:
        (partial / "note.md").write_text(text, encoding="utf-8")
        for table in tables:
            # read by spreadsheets, which take a file for UTF-8 only where it begins so
            spreadsheet(table.frame).to_csv(partial / f"{table.key}.csv", index=False, encoding="utf-8-sig")
    return len(tables) + 1
