"""`cepsim run`: scenarios on some regions, from what they ask for to the tables and files of the answer."""

import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from cepsim.cli.fitting import fitted, refuse_a_handful, say_what_it_takes, warn
from cepsim.cli.outlet import usable_folder, write_json
from cepsim.cli.precision import Wanted, indicator_option, precision_option, until
from cepsim.cli.render import Sheet, printer, say, show
from cepsim.cli.settings import Settings
from cepsim.cli.simulating import (
    REPORTS,
    Asked,
    announce,
    asked,
    branch_option,
    counted,
    document,
    folder_option,
    followed,
    region_option,
    scenarios_argument,
)
from cepsim.cli.spoken import command
from cepsim.errors import UsageError

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from cepsim.engine import EngineName
    from cepsim.experiment import Plan
    from cepsim.experiment.store import Store


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks to run, beside what every simulation is asked."""

    asked: Asked
    wanted: Wanted
    cluster: str
    engine: str
    sample: int
    trace: bool


def add_to(app: typer.Typer, settings: Settings) -> None:
    """Add the command `run` to the tree."""
    text = settings.text

    @command(app, settings, "run", "help.run")
    def _run(
        scenarios: Annotated[list[str], scenarios_argument(settings, "help.scenario")],
        region: Annotated[list[str] | None, region_option(settings)] = None,
        replications: Annotated[int | None, counted(settings, "replications", 1)] = None,
        precision: Annotated[float | None, precision_option(settings)] = None,
        max_replications: Annotated[int | None, counted(settings, "max-replications", 1)] = None,
        indicator: Annotated[list[str] | None, indicator_option(settings)] = None,
        seed: Annotated[int | None, counted(settings, "seed", 0)] = None,
        years: Annotated[int | None, counted(settings, "years", 1)] = None,
        follow_up: Annotated[int | None, counted(settings, "follow-up", 0)] = None,
        branch: Annotated[date | None, branch_option(settings)] = None,
        workers: Annotated[int | None, counted(settings, "workers", 1)] = None,
        sample: Annotated[int | None, counted(settings, "sample", 1)] = None,
        cluster: Annotated[
            str,
            typer.Option(metavar=text("metavar.address"), help=text("help.cluster"), show_default=False),
        ] = "",
        engine: Annotated[
            str,
            typer.Option(metavar=text("metavar.engine"), help=text("help.engine"), show_default=False),
        ] = "",
        store: Annotated[str, folder_option(settings, "help.store")] = "",
        trace: Annotated[bool, typer.Option("--trace", help=text("help.trace"))] = False,
        out: Annotated[str, folder_option(settings, "help.out")] = "",
        json: Annotated[bool, typer.Option("--json", help=text("help.json"))] = False,
        quiet: Annotated[bool, typer.Option("--quiet", help=text("help.quiet"))] = False,
    ) -> None:
        if cluster and workers is not None:
            raise UsageError(text("usage.workers_or_cluster"))
        common = asked(
            settings,
            scenarios=scenarios,
            region=region,
            replications=replications,
            seed=seed,
            years=years,
            follow_up=follow_up,
            workers=workers,
            store=store,
            out=out,
            json=json,
            quiet=quiet,
            branch=branch,
        )
        wanted = Wanted(precision, max_replications, tuple(indicator or ()))
        run(settings, Request(common, wanted, cluster, engine, 1 if sample is None else sample, trace))


def run(settings: Settings, request: Request) -> None:
    """Plan, run, write, print. Everything is checked before anything is run or written."""
    from cepsim.cli.loads import loads_sheet
    from cepsim.experiment import run_scenarios, run_until_precise
    from cepsim.experiment.precise_results import PreciseResults
    from cepsim.experiment.search import Search
    from cepsim.experiment.sentence import findings
    from cepsim.experiment.trace_tables import gather
    from cepsim.experiment.work import unit_folders
    from cepsim.report import answers, conclusion, figures, precision_table

    of, precision = request.asked, request.wanted.precision(settings)
    planned = of.plan(settings, engine=_engine(request.engine, settings), sample=request.sample)
    refuse_a_handful(planned, settings)
    search = Search.of(planned, precision) if precision is not None else None
    folder = usable_folder(of.out or REPORTS / (search or planned).name)
    store = _store(request)
    fit = None
    if not request.cluster:
        # the memory of a cluster is not this machine's
        first = search.plan if search else planned
        fit = fitted(first, settings, workers=of.workers, store=store, out=folder)
    run_it = (
        partial(run_until_precise, planned, search.precision) if search else partial(run_scenarios, planned)
    )
    console = printer(sys.stdout)
    with _executor(planned, request, store) as executor:
        if of.talks:
            announce(planned, settings, until(search, settings) if search else None)
            if fit is not None:
                say_what_it_takes(fit, settings)
            show(console, loads_sheet(planned, settings))
        if fit is not None and not of.quiet:
            warn(fit, settings)
        workers = fit.workers if fit is not None else None
        results = followed(
            lambda report: run_it(workers=workers, store=store, executor=executor, report=report),
            settings,
            store=store,
            quiet=of.quiet,
            progress="progress_precise" if search else "progress",
        )
    written = [*results.write(folder), *figures(results, folder / "figures", settings.language)]
    if request.trace:
        written += gather(folder / "trace", unit_folders(results.plan, store))
    if of.json:
        write_json(document(results, folder), sys.stdout)
        return
    tables = answers(results, settings.language)
    if isinstance(results, PreciseResults):
        tables.append(precision_table(results, settings.language))
    for table in tables:
        show(console, Sheet(table.title, table.note, table.columns, table.rows))
    say(console, settings.text("run.in_short"), style="bold")
    for finding in findings(results.plan, results.indicators, results.net_costs, settings.language):
        say(console, f"- {finding}")
    say(console, settings.text("run.written", folder=folder, count=len(written)), style="green")
    if isinstance(results, PreciseResults):
        say(console, conclusion(results, settings.language), style="bold")


def _store(request: Request) -> "Store":
    """Where finished units are kept; workers of a cluster do not share the current folder."""
    from cepsim.experiment.store import DEFAULT_FOLDER, Store

    folder = request.asked.store or DEFAULT_FOLDER
    return Store(folder.absolute() if request.cluster else folder, trace=request.trace)


def _executor(planned: "Plan", request: Request, store: "Store") -> AbstractContextManager["Executor | None"]:
    """The cluster asked for, connected and checked; None leaves the work to processes of this machine."""
    if not request.cluster:
        return nullcontext()
    from cepsim.experiment.cluster import cluster

    return cluster(request.cluster, planned, store)


def _engine(name: str, settings: Settings) -> "EngineName":
    """The engine asked for. Raises UsageError for a name that no engine has."""
    from cepsim.engine import ENGINES

    for known in ENGINES:
        if name in ("", known):
            return known
    raise UsageError(settings.text("usage.engine", found=name, engines=" | ".join(ENGINES)))
