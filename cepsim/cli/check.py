"""`cepsim check`: whether what a run found is plausible, held against what was observed."""

import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cepsim.cli.finished import FinishedRun, frame_if_there, has_frame, read_run, run_argument, sample_of
from cepsim.cli.outlet import write_json
from cepsim.cli.render import Sheet, printer, say, show
from cepsim.cli.settings import Settings
from cepsim.cli.simulating import records, say_late
from cepsim.cli.spoken import command
from cepsim.errors import CheckFailed

if TYPE_CHECKING:
    import pandas as pd

    from cepsim.experiment import RecordedRun
    from cepsim.report import Table

#: The frame of a run that is held against what was observed.
_MARKS: Final = "marks"
#: The frame that says what is offered within the norm, for what is required: shown, and no reason to fail.
_OBLIGATION: Final = "obligation"


def add_to(app: typer.Typer, settings: Settings) -> None:
    """Add the command `check` to the tree."""
    text = settings.text

    @command(app, settings, "check", "help.check")
    def _check(
        run: Annotated[str, run_argument(settings)],
        json: Annotated[bool, typer.Option("--json", help=text("help.json"))] = False,
    ) -> None:
        check(settings, run, json=json)


def check(settings: Settings, name: str, *, json: bool) -> None:
    """Print the marks of a run, and its obligation de moyens.

    Raises CheckFailed if it misses some marks, InputError if it cannot be read. An obligation that is not met
    is a result of the scenario, not a defect of the run.
    """
    from cepsim.report import adviser_posts, late_in, marks_table, sound_marks

    run = read_run(settings, name, _MARKS)
    marks = sound_marks(run.frame, run.file, run.titles)
    whole = _recorded(run, settings)
    scenarios = () if whole is None else whole.plan.scenarios
    say_late([sentence for of in scenarios for sentence in late_in(of, settings.language)])
    advisers = None if whole is None else adviser_posts(whole.plan, settings.language)
    table = marks_table(marks, run.titles, settings.language, sample=sample_of(marks), advisers=advisers)
    # what cannot be read is refused before anything is printed
    offered = _obligation(run, settings)
    lately = None if json else _lately(whole)
    if json:
        frames = {_MARKS: records(marks)}
        if offered is not None:
            frames[_OBLIGATION] = records(offered)
        write_json({"folder": str(run.folder), "frames": frames}, sys.stdout)
    else:
        show(printer(sys.stdout), Sheet(table.title, table.note, table.columns, table.rows))
        _show_obligation(offered, run, settings, lately)
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


def _recorded(run: FinishedRun, settings: Settings) -> "RecordedRun | None":
    """The whole run, which figures of today explain; None of one made with other tables."""
    from cepsim.experiment import RecordedRun
    from cepsim.experiment.written import read_manifest

    tables = settings.tables()
    same = read_manifest(run.folder).get("tables_sha256") == tables.digest
    return RecordedRun.of(run.folder, tables) if same else None


def _lately(whole: "RecordedRun | None") -> dict[tuple[str, str], float] | None:
    """What is offered in the last quarter, by operator and scenario; None where the folder does not say."""
    from cepsim.indicators import ALL
    from cepsim.indicators.obligation import offered_lately

    if whole is None or not has_frame(whole.folder, "indicators"):
        return None
    known = whole.indicators
    return offered_lately(known[known["region"] == ALL])


def _obligation(run: FinishedRun, settings: Settings) -> "pd.DataFrame | None":
    """The obligation of a run, or None where an earlier version wrote the folder. Raises InputError."""
    from cepsim.report import sound_obligation

    found = frame_if_there(run.folder, _OBLIGATION)
    return None if found is None else sound_obligation(*found, run.titles, settings.tables().region_names)


def _show_obligation(
    offered: "pd.DataFrame | None",
    run: FinishedRun,
    settings: Settings,
    lately: dict[tuple[str, str], float] | None,
) -> None:
    from cepsim.report import obligation_table

    console = printer(sys.stdout)
    if offered is None:
        say(console, settings.text("check.not_there"))
        return
    sample = sample_of(offered) if len(offered) else 1
    table = obligation_table(
        offered, run.titles, settings.tables().region_names, settings.language, sample=sample, lately=lately
    )
    show(console, Sheet(table.title, table.note, table.columns, table.rows))


def _named(table: "Table", which: "pd.Series[bool]") -> str:
    """The marks of some rows as the table names them, with their scenario where several have the same."""
    names = [row[0] for row in table.rows]
    said = [
        f"{name} ({row[1]})" if names.count(name) > 1 else name
        for name, row in zip(names, table.rows, strict=True)
    ]
    return " · ".join(name for name, asked in zip(said, which, strict=True) if asked)
