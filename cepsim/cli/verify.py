"""`cepsim verify`: whether both engines give what is known of queues that have an exact answer."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cepsim.cli.outlet import usable_folder, write_json
from cepsim.cli.render import Sheet, printer, say, show
from cepsim.cli.settings import Settings
from cepsim.cli.simulating import DEFAULT_SEED, counted, document, folder_option
from cepsim.cli.spoken import command
from cepsim.errors import CheckFailed, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cepsim.report import Table
    from cepsim.verify import Case
    from cepsim.verify.coverage import Study

#: Processes of a study of coverage: two, whatever the machine, since each holds a gigabyte.
_PROCESSES: Final = 2


def add_to(app: typer.Typer, settings: Settings) -> None:
    """Add the command `verify` to the tree."""
    text = settings.text

    @command(app, settings, "verify", "help.verify")
    def _verify(
        only: Annotated[
            list[str] | None,
            typer.Option(metavar=text("metavar.case"), help=text("help.verify_only"), show_default=False),
        ] = None,
        quick: Annotated[bool, typer.Option("--quick", help=text("help.verify_quick"))] = False,
        coverage: Annotated[bool, typer.Option("--coverage", help=text("help.verify_coverage"))] = False,
        seed: Annotated[int | None, counted(settings, "seed", 0)] = None,
        out: Annotated[str, folder_option(settings, "help.verify_out")] = "",
        json: Annotated[bool, typer.Option("--json", help=text("help.json"))] = False,
    ) -> None:
        how = run_coverage if coverage else run
        how(settings, only or [], quick=quick, seed=seed, out=out, json=json)


def run(settings: Settings, only: list[str], *, quick: bool, seed: int | None, out: str, json: bool) -> None:
    """Simulate, print, write. Raises CheckFailed if a figure is not as it must be, or the engines differ."""
    from cepsim.experiment.written import write_folder
    from cepsim.report.verified import left_out_tables, verified_conclusion, verified_tables
    from cepsim.verify import verify

    cases = _cases(settings, only, quick=quick)
    folder = usable_folder(Path(out)) if out else None
    seed = DEFAULT_SEED if seed is None else seed
    found = verify(cases, seed=seed, quick=quick, told=_told(settings, json=json))
    written = [] if folder is None else write_folder(folder, found.frames(), found.manifest())
    said = verified_conclusion(found, settings.language)
    tables = verified_tables(found, settings.language)
    if not only:
        tables += left_out_tables(settings.language)
    _give(settings, document(found, folder) if json else None, tables, folder, len(written))
    _conclude(said, failed=bool(found.failures), json=json)


def run_coverage(
    settings: Settings, only: list[str], *, quick: bool, seed: int | None, out: str, json: bool
) -> None:
    """The same of intervals. Raises CheckFailed where they do not hold exact values as often as said."""
    from cepsim.experiment.written import write_folder
    from cepsim.report.covered import coverage_conclusion, coverage_tables
    from cepsim.verify.coverage import cover

    studies = _studies(settings, only)
    folder = usable_folder(Path(out)) if out else None
    found = cover(
        studies,
        seed=DEFAULT_SEED if seed is None else seed,
        quick=quick,
        workers=1 if quick else _PROCESSES,
        told=_told(settings, json=json),
    )
    written = [] if folder is None else write_folder(folder, found.frames(), found.manifest())
    said = coverage_conclusion(found, settings.language)
    tables = coverage_tables(found, settings.language)
    _give(settings, document(found, folder) if json else None, tables, folder, len(written))
    _conclude(said, failed=bool(found.failures), json=json)


def _told(settings: Settings, *, json: bool) -> "Callable[[str, int, int], None]":
    """Tells what is under way, on a terminal."""
    follow = sys.stderr.isatty() and not json
    errors = printer(sys.stderr)

    def told(name: str, rank: int, count: int) -> None:
        if follow:
            say(errors, settings.text("verify.going", name=name, rank=rank + 1, count=count), style="dim")

    return told


def _give(
    settings: Settings,
    written_as: dict[str, object] | None,
    tables: "list[Table]",
    folder: Path | None,
    count: int,
) -> None:
    """Print a document if there is one, else tables and where the figures are."""
    if written_as is not None:
        write_json(written_as, sys.stdout)
        return
    _show(tables)
    if folder is not None:
        say(printer(sys.stdout), settings.text("run.written", folder=folder, count=count))


def _conclude(said: str, *, failed: bool, json: bool) -> None:
    if failed:
        raise CheckFailed(said)
    if not json:
        say(printer(sys.stdout), said, style="bold green")


def _show(tables: "list[Table]") -> None:
    console = printer(sys.stdout)
    for table in tables:
        show(console, Sheet(table.title, table.note, table.columns, table.rows))


def _cases(settings: Settings, only: list[str], *, quick: bool) -> "list[Case]":
    """The cases of these names or families; all of them where none is named. Raises UsageError."""
    from cepsim.verify import CASES

    if not only:
        return [case for case in CASES if not (quick and case.slow)]
    names = {name: [case for case in CASES if name in (case.name, case.family)] for name in only}
    known = {*(case.name for case in CASES), *(case.family for case in CASES)}
    for name, cases in names.items():
        if not cases:
            raise UsageError(settings.text("usage.no_case", name=name) + settings.nearest(name, known))
    wanted = {case.name for cases in names.values() for case in cases}
    return [case for case in CASES if case.name in wanted]


def _studies(settings: Settings, only: list[str]) -> "list[Study]":
    """The studies of coverage of these names; all of them where none is named. Raises UsageError."""
    from cepsim.verify.coverage import STUDIES

    known = {study.name: study for study in STUDIES}
    for name in only:
        if name not in known:
            raise UsageError(settings.text("usage.no_study", name=name) + settings.nearest(name, set(known)))
    return [study for study in STUDIES if not only or study.name in only]
