"""`cepsim compare`: the same people under several scenarios, who gains, who waits longer, who is lost."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cepsim.cli.fitting import fitted, say_what_it_takes, warn
from cepsim.cli.outlet import usable_folder, write_json
from cepsim.cli.regions import complete_region, region_codes
from cepsim.cli.render import Sheet, printer, say, show
from cepsim.cli.run import DEFAULT_REPLICATIONS, DEFAULT_SEED, REPORTS, announce, counted, followed
from cepsim.cli.scenarios import complete_scenario
from cepsim.cli.settings import Settings
from cepsim.cli.spoken import command
from cepsim.errors import UsageError

if TYPE_CHECKING:
    from cepsim.experiment import Comparison

_PREFIX: Final = "compare_"


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks to compare; None leaves a choice to the scenario or to the program."""

    scenarios: tuple[str, ...]
    regions: tuple[str, ...]
    replications: int
    seed: int
    years: int | None
    follow_up_years: int | None
    workers: int | None
    store: Path | None
    out: Path | None
    json: bool
    quiet: bool


def add_to(app: typer.Typer, settings: Settings) -> None:
    """Add the command `compare` to the tree."""
    text = settings.text

    @command(app, settings, "compare", "help.compare")
    def _compare(
        scenarios: Annotated[
            list[str],
            typer.Argument(
                metavar=text("metavar.scenario"),
                help=text("help.compare_scenario"),
                autocompletion=complete_scenario,
            ),
        ],
        region: Annotated[
            list[str] | None,
            typer.Option(
                metavar="CODE", help=text("help.region"), autocompletion=complete_region, show_default=False
            ),
        ] = None,
        replications: Annotated[int | None, counted(settings, "replications", 1, "help.replications")] = None,
        seed: Annotated[int | None, counted(settings, "seed", 0, "help.seed")] = None,
        years: Annotated[int | None, counted(settings, "years", 1, "help.years")] = None,
        follow_up: Annotated[int | None, counted(settings, "follow-up", 0, "help.follow_up")] = None,
        workers: Annotated[int | None, counted(settings, "workers", 1, "help.workers")] = None,
        store: Annotated[str, typer.Option(metavar="DIR", help=text("help.store"), show_default=False)] = "",
        out: Annotated[
            str, typer.Option(metavar="DIR", help=text("help.compare_out"), show_default=False)
        ] = "",
        json: Annotated[bool, typer.Option("--json", help=text("help.json"))] = False,
        quiet: Annotated[bool, typer.Option("--quiet", help=text("help.quiet"))] = False,
    ) -> None:
        if not region:
            raise UsageError(text("usage.region"))
        request = Request(
            scenarios=tuple(scenarios),
            regions=tuple(region),
            replications=DEFAULT_REPLICATIONS if replications is None else replications,
            seed=DEFAULT_SEED if seed is None else seed,
            years=years,
            follow_up_years=follow_up,
            workers=workers,
            store=Path(store) if store else None,
            out=Path(out) if out else None,
            json=json,
            quiet=quiet,
        )
        compare(settings, request)


def compare(settings: Settings, request: Request) -> None:
    """Plan, run what lacks, match people, write, print. Everything is checked before anything is run."""
    from cepsim.experiment import compare_scenarios, comparison_plan, plan
    from cepsim.experiment.store import DEFAULT_FOLDER, Store
    from cepsim.report import comparison_tables

    tables = settings.tables()
    planned = comparison_plan(
        plan(
            request.scenarios,
            regions=region_codes(request.regions, tables.regions),
            replications=request.replications,
            seed=request.seed,
            years=request.years,
            follow_up_years=request.follow_up_years,
            tables=tables,
        )
    )
    folder = usable_folder(request.out or REPORTS / f"{_PREFIX}{planned.name}")
    store = Store(request.store or DEFAULT_FOLDER)
    fit = fitted(planned, settings, workers=request.workers, store=store, out=folder)
    console = printer(sys.stdout)
    if not (request.json or request.quiet):
        announce(planned, settings)
        say_what_it_takes(fit, settings)
    if not request.quiet:
        warn(fit, settings)
    comparison = followed(
        lambda report: compare_scenarios(planned, workers=fit.workers, store=store, report=report),
        settings,
        store=store,
        quiet=request.quiet,
    )
    written = comparison.write(folder)
    if request.json:
        write_json(_document(comparison, folder), sys.stdout)
        return
    for table in comparison_tables(comparison, settings.language):
        show(console, Sheet(table.title, table.note, table.columns, table.rows))
    say(console, settings.text("run.written", folder=folder, count=len(written)), style="green")


def _document(comparison: "Comparison", folder: Path) -> dict[str, object]:
    """What `--json` prints: the manifest, the folder written, every frame as records."""
    frames = {
        name: json.loads(frame.to_json(orient="records", double_precision=15))
        for name, frame in comparison.frames().items()
    }
    return {"manifest": comparison.manifest(), "folder": str(folder), "frames": frames}
