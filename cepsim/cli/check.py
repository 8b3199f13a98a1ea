"""`cepsim check`: whether what a run found is plausible, held against what was observed."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cepsim.cli.outlet import holds_a_run, write_json
from cepsim.cli.render import Sheet, printer, say, show
from cepsim.cli.settings import Settings
from cepsim.cli.simulating import REPORTS, records
from cepsim.cli.spoken import command
from cepsim.errors import CheckFailed, InputError, nearest

if TYPE_CHECKING:
    import pandas as pd

    from cepsim.report import Table

#: The frame of a run that is held against what was observed.
_MARKS: Final = "marks"


def add_to(app: typer.Typer, settings: Settings) -> None:
    """Add the command `check` to the tree."""
    text = settings.text
    argument = typer.Argument(
        metavar=text("metavar.run"), help=text("help.check_run"), autocompletion=complete_run
    )

    @command(app, settings, "check", "help.check")
    def _check(
        run: Annotated[str, argument],
        json: Annotated[bool, typer.Option("--json", help=text("help.json"))] = False,
    ) -> None:
        check(settings, run, json=json)


def check(settings: Settings, name: str, *, json: bool) -> None:
    """Print the marks of a run. Raises CheckFailed if it misses some, InputError if it cannot be read."""
    from cepsim.experiment.written import MANIFEST, read_frame, read_manifest
    from cepsim.report import marks_table, sound_marks, titles_of

    folder = run_folder(name)
    manifest = read_manifest(folder)
    titles = titles_of(manifest, folder / MANIFEST, settings.language)
    frame, file = read_frame(folder, _MARKS)
    marks = sound_marks(frame, file, titles)
    sample = int(marks["sample"].iloc[0]) if "sample" in marks else 1
    table = marks_table(marks, titles, settings.language, sample=sample)
    if json:
        write_json({"folder": str(folder), "frames": {_MARKS: records(marks)}}, sys.stdout)
    else:
        show(printer(sys.stdout), Sheet(table.title, table.note, table.columns, table.rows))
    known = marks["found"].notna()
    missed = known & ~marks["inside"]
    inside, outside = int(marks["inside"].sum()), int(missed.sum())
    left = "" if known.all() else f" {settings.text('check.unknown', names=_named(table, ~known))}"
    if outside:
        names = _named(table, missed)
        said = settings.text("check.failed", inside=inside, outside=outside, names=names)
        raise CheckFailed(said + left)
    if not json:
        say(printer(sys.stdout), settings.text("check.passed", inside=inside) + left, style="bold green")


def run_folder(name: str) -> Path:
    """The folder called so, or that of the run of this name in `reports`; a run comes first.

    Whether it holds one remains to be seen. Raises InputError, with the nearest run, if there is no folder.
    """
    places = (Path(name), REPORTS / name) if name else ()
    folders = [place for place in places if _is_folder(place)]
    if folders:
        return next((place for place in folders if holds_a_run(place)), folders[0])
    beside = Path(name).parent
    known = runs_in(REPORTS if beside == Path() else beside)
    raise InputError(
        file="RUN",
        found=name,
        expected=f'the folder of a run, or its name in "{REPORTS}"',
        remedy=nearest(name, known if beside == Path() else [str(beside / run) for run in known]),
    )


def runs_in(folder: Path) -> list[str]:
    """Names of the folders of a folder that hold what a run wrote, in alphabetical order."""
    if not _is_folder(folder):
        return []
    return sorted(path.parent.name for path in folder.glob("*/manifest.json") if holds_a_run(path.parent))


def complete_run(incomplete: str) -> list[str]:
    """Names of runs that a shell offers."""
    return [name for name in runs_in(REPORTS) if name.startswith(incomplete)]


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 - a name that the system refuses is no folder


def _named(table: "Table", which: "pd.Series[bool]") -> str:
    """The marks of some rows as the table names them, with their scenario where several have the same."""
    names = [row[0] for row in table.rows]
    said = [
        f"{name} ({row[1]})" if names.count(name) > 1 else name
        for name, row in zip(names, table.rows, strict=True)
    ]
    return " · ".join(name for name, asked in zip(said, which, strict=True) if asked)
