"""`cepsim verify`: whether both engines give what is known of queues that have an exact answer."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cepsim.cli.outlet import usable_folder, write_json
from cepsim.cli.render import Sheet, printer, say, show
from cepsim.cli.settings import Settings
from cepsim.cli.simulating import DEFAULT_SEED, counted, document, folder_option
from cepsim.cli.spoken import command
from cepsim.errors import CheckFailed, UsageError

if TYPE_CHECKING:
    from cepsim.report import Table
    from cepsim.verify import Case


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
        seed: Annotated[int | None, counted(settings, "seed", 0)] = None,
        out: Annotated[str, folder_option(settings, "help.verify_out")] = "",
        json: Annotated[bool, typer.Option("--json", help=text("help.json"))] = False,
    ) -> None:
        run(settings, only or [], quick=quick, seed=seed, out=out, json=json)


def run(settings: Settings, only: list[str], *, quick: bool, seed: int | None, out: str, json: bool) -> None:
    """Simulate, print, write. Raises CheckFailed if a figure is not as it must be, or the engines differ."""
    from cepsim.experiment.written import write_folder
    from cepsim.report.verified import left_out_tables, verified_conclusion, verified_tables
    from cepsim.verify import verify

    cases = _cases(settings, only, quick=quick)
    folder = usable_folder(Path(out)) if out else None
    follow = sys.stderr.isatty() and not json
    errors = printer(sys.stderr)

    def told(name: str, rank: int, count: int) -> None:
        if follow:
            say(errors, settings.text("verify.going", name=name, rank=rank + 1, count=count), style="dim")

    found = verify(cases, seed=DEFAULT_SEED if seed is None else seed, quick=quick, told=told)
    written = [] if folder is None else write_folder(folder, found.frames(), found.manifest())
    said = verified_conclusion(found, settings.language)
    if json:
        write_json(document(found, folder), sys.stdout)
    else:
        tables = verified_tables(found, settings.language)
        _show([*tables, *left_out_tables(settings.language)] if not only else tables)
        if folder is not None:
            say(printer(sys.stdout), settings.text("run.written", folder=folder, count=len(written)))
    if found.failures:
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
