"""`cepsim explain`: why two scenarios of a run cost what they cost, one person, one figure."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cepsim.cli.finished import complete_run, run_folder, runs_in
from cepsim.cli.outlet import write_json
from cepsim.cli.render import Sheet, printer, say, show
from cepsim.cli.settings import Settings
from cepsim.cli.simulating import REPORTS, counted, records
from cepsim.cli.spoken import command
from cepsim.errors import InputError, UsageError

if TYPE_CHECKING:
    from cepsim.report.table import Table


def add_to(app: typer.Typer, settings: Settings) -> None:
    """Add the command `explain` to the tree."""
    text = settings.text

    @command(app, settings, "explain", "help.explain")
    def _explain(
        first: Annotated[str, typer.Argument(metavar="A", help=text("help.explain_first"))],
        second: Annotated[
            str, typer.Argument(metavar="[B]", help=text("help.explain_second"), show_default=False)
        ] = "",
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
        person: Annotated[int | None, counted(settings, "person", 1, "help.explain_person")] = None,
        figure: Annotated[
            str,
            typer.Option(
                "--figure", metavar=text("metavar.key"), help=text("help.explain_figure"), show_default=False
            ),
        ] = "",
        scenario: Annotated[
            str,
            typer.Option("--scenario", metavar=text("metavar.scenario"), help=text("help.explain_scenario")),
        ] = "",
        region: Annotated[
            str, typer.Option("--region", metavar="CODE", help=text("help.explain_region"))
        ] = "",
        replication: Annotated[
            int | None, counted(settings, "replication", 1, "help.explain_replication")
        ] = None,
        json: Annotated[bool, typer.Option("--json", help=text("help.json"))] = False,
    ) -> None:
        if person is None and not figure:
            if not second:
                raise UsageError("name two scenarios to compare, or a run and --person or --figure")
            explain(settings, first, second, run, json=json)
        elif second or run or (person is not None and figure):
            raise UsageError("--person and --figure go with one run: cepsim explain RUN --person N")
        elif person is not None:
            tell(settings, first, person, scenario, region, replication or 1, json=json)
        else:
            measure(settings, first, figure, scenario, region, json=json)


def tell(
    settings: Settings, run: str, number: int, scenario: str, region: str, replication: int, *, json: bool
) -> None:
    """Print what happens to one person of a run: the region is simulated again."""
    from cepsim.experiment import RecordedRun
    from cepsim.experiment.retold import retell
    from cepsim.report.person import person_told

    of = RecordedRun.of(run_folder(run), settings.tables())
    found = retell(of.plan, number, scenario, region, replication=replication - 1)
    if json:
        about = {"who": found.who, "asked_s": found.asked, "left": found.left}
        write_json(
            {"folder": str(of.folder), **about, "frames": {"visits": records(found.visits)}}, sys.stdout
        )
    else:
        _print(person_told(found, settings.language))


def measure(settings: Settings, run: str, id_: str, scenario: str, region: str, *, json: bool) -> None:
    """Print how far one hypothesis of a run reaches: a region is simulated again, three times."""
    from cepsim.experiment import RecordedRun
    from cepsim.experiment.reach import reach
    from cepsim.report.reach import reach_told

    of = RecordedRun.of(run_folder(run), settings.tables())
    found = reach(of.plan, id_, scenario, region)
    if json:
        frames = {"indicators": records(found.results.indicators), "costs": records(found.results.costs)}
        write_json({"folder": str(of.folder), "figure": id_, "frames": frames}, sys.stdout)
    else:
        _print(reach_told(found, settings.language))


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
    _print(explained(of, first, second, settings.language))
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


def _print(table: "Table") -> None:
    show(printer(sys.stdout), Sheet(table.title, table.note, table.columns, table.rows))
