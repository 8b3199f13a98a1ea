"""`cepsim dossier`: the checklists of good practice, filled from a finished run, printed and written."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

import cepsim
from cepsim.cli.finished import run_argument, run_folder
from cepsim.cli.render import Sheet, printer, say, show
from cepsim.cli.settings import Settings
from cepsim.cli.simulating import folder_option
from cepsim.cli.spoken import command
from cepsim.labels import label
from cepsim.safe import spreadsheet

if TYPE_CHECKING:
    from cepsim.report import Table
    from cepsim.report.dossier_facts import Facts

_FOLDER: Final = "dossier"


def add_to(app: typer.Typer, settings: Settings) -> None:
    """Add the command `dossier` to the tree."""

    @command(app, settings, "dossier", "help.dossier")
    def _dossier(
        run: Annotated[str, run_argument(settings)],
        impact: Annotated[str, folder_option(settings, "help.impact")] = "",
    ) -> None:
        write_dossier(settings, run, impact)


def write_dossier(settings: Settings, name: str, impact: str = "") -> None:
    """Print the checklists of a run, and write its dossier in its folder.

    `impact` is the folder of a tornado of one of its scenarios. Raises InputError if either cannot be read.
    """
    from cepsim.experiment import RecordedRun
    from cepsim.experiment.provenance import figures_of
    from cepsim.report.dossier import PRINTED, dossier
    from cepsim.report.dossier_facts import Facts
    from cepsim.report.dossier_impacts import impacts_of

    run = RecordedRun.of(run_folder(name), settings.tables())
    plan = run.plan
    used = figures_of(plan.scenarios, regions=plan.regions, tables=plan.tables)
    impacts = impacts_of(Path(impact), plan, settings.language) if impact else {}
    facts = Facts(run, used, settings.language, impacts)
    tables = dossier(facts)
    for table in tables:
        if table.key in PRINTED:
            show(printer(sys.stdout), Sheet(table.title, table.note, table.columns, table.rows))
    files = _written(run.folder / _FOLDER, facts, tables)
    told = label("dossier.written", settings.language, folder=run.folder / _FOLDER, files=files)
    say(printer(sys.stdout), told)


def _written(folder: Path, facts: "Facts", tables: "list[Table]") -> int:
    """Write the dossier as Markdown, CSV and a diagram, the whole folder or nothing; how many files."""
    from cepsim.experiment.written import replaced
    from cepsim.report.dossier_model import diagram
    from cepsim.report.markdown import document

    heading = facts.filled("heading")
    text = document(heading, facts.filled("made", written_by=cepsim.__version__), tables)
    with replaced(folder) as partial:
        (partial / "dossier.md").write_text(text, encoding="utf-8")
        (partial / "flow.mmd").write_text(diagram(facts), encoding="utf-8")
        for table in tables:
            # read by spreadsheets, which take a file for UTF-8 only where it begins so
            spreadsheet(table.frame).to_csv(partial / f"{table.key}.csv", index=False, encoding="utf-8-sig")
    return len(tables) + 2
