"""`cepsim run`: scenarios on some regions, from what they ask for to the tables and files of the answer."""

import json
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

from cepsim.cli.fitting import fitted, say_what_it_takes, warn
from cepsim.cli.outlet import usable_folder, write_json
from cepsim.cli.precision import DEFAULT_MOST, Wanted, indicator_option, precision_option, until
from cepsim.cli.regions import complete_region, region_codes
from cepsim.cli.render import Sheet, printer, say, show
from cepsim.cli.scenarios import complete_scenario
from cepsim.cli.settings import Settings
from cepsim.cli.spoken import command
from cepsim.errors import UsageError
from cepsim.labels import plural

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from cepsim.engine import EngineName
    from cepsim.experiment import Plan, Results
    from cepsim.experiment.runner import Report
    from cepsim.experiment.store import Store

Found = TypeVar("Found")
#: Where runs write by default: a folder of their own in this one, in the current folder.
REPORTS: Final = Path("reports")
#: The defaults of `experiment.plan`, which help may not import; a test holds them together.
DEFAULT_REPLICATIONS: Final = 5
DEFAULT_SEED: Final = 1


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks to run; None leaves a choice to the scenario or to the program."""

    scenarios: tuple[str, ...]
    regions: tuple[str, ...]
    replications: int
    wanted: Wanted
    seed: int
    years: int | None
    follow_up_years: int | None
    workers: int | None
    cluster: str
    engine: str
    sample: int
    trace: bool
    store: Path | None
    out: Path | None
    json: bool
    quiet: bool


def add_to(app: typer.Typer, settings: Settings) -> None:
    """Add the command `run` to the tree."""
    text = settings.text

    def number(name: str, least: int, help_key: str) -> Any:
        return counted(settings, name, least, help_key)

    @command(app, settings, "run", "help.run")
    def _run(
        scenarios: Annotated[
            list[str],
            typer.Argument(
                metavar=text("metavar.scenario"),
                help=text("help.scenario"),
                autocompletion=complete_scenario,
            ),
        ],
        region: Annotated[
            list[str] | None,
            typer.Option(
                metavar="CODE", help=text("help.region"), autocompletion=complete_region, show_default=False
            ),
        ] = None,
        replications: Annotated[int | None, number("replications", 1, "help.replications")] = None,
        precision: Annotated[float | None, precision_option(settings)] = None,
        max_replications: Annotated[
            int | None, number("max-replications", 1, "help.max_replications")
        ] = None,
        indicator: Annotated[list[str] | None, indicator_option(settings)] = None,
        seed: Annotated[int | None, number("seed", 0, "help.seed")] = None,
        years: Annotated[int | None, number("years", 1, "help.years")] = None,
        follow_up: Annotated[int | None, number("follow-up", 0, "help.follow_up")] = None,
        workers: Annotated[int | None, number("workers", 1, "help.workers")] = None,
        sample: Annotated[int | None, number("sample", 1, "help.sample")] = None,
        cluster: Annotated[
            str,
            typer.Option(metavar=text("metavar.address"), help=text("help.cluster"), show_default=False),
        ] = "",
        engine: Annotated[
            str,
            typer.Option(metavar=text("metavar.engine"), help=text("help.engine"), show_default=False),
        ] = "",
        store: Annotated[str, typer.Option(metavar="DIR", help=text("help.store"), show_default=False)] = "",
        trace: Annotated[bool, typer.Option("--trace", help=text("help.trace"))] = False,
        out: Annotated[str, typer.Option(metavar="DIR", help=text("help.out"), show_default=False)] = "",
        json: Annotated[bool, typer.Option("--json", help=text("help.json"))] = False,
        quiet: Annotated[bool, typer.Option("--quiet", help=text("help.quiet"))] = False,
    ) -> None:
        if not region:
            raise UsageError(text("usage.region"))
        if cluster and workers is not None:
            raise UsageError(text("usage.workers_or_cluster"))
        request = Request(
            scenarios=tuple(scenarios),
            regions=tuple(region),
            replications=DEFAULT_REPLICATIONS if replications is None else replications,
            wanted=Wanted(precision, max_replications, tuple(indicator or ())),
            seed=DEFAULT_SEED if seed is None else seed,
            years=years,
            follow_up_years=follow_up,
            workers=workers,
            cluster=cluster,
            engine=engine,
            sample=1 if sample is None else sample,
            trace=trace,
            store=Path(store) if store else None,
            out=Path(out) if out else None,
            json=json,
            quiet=quiet,
        )
        run(settings, request)


def counted(settings: Settings, name: str, least: int, help_key: str) -> Any:
    """An option that takes a whole number from `least` on."""
    return typer.Option(
        f"--{name}",
        metavar="N",
        help=settings.text(help_key, replications=DEFAULT_REPLICATIONS, seed=DEFAULT_SEED, most=DEFAULT_MOST),
        parser=_whole_number(settings, f"--{name}", least),
        show_default=False,
    )


def run(settings: Settings, request: Request) -> None:
    """Plan, run, write, print. Everything is checked before anything is run or written."""
    from cepsim.experiment import plan, run_scenarios, run_until_precise
    from cepsim.experiment.precise_results import PreciseResults
    from cepsim.experiment.search import Search
    from cepsim.experiment.trace_tables import gather
    from cepsim.experiment.work import unit_folders
    from cepsim.report import answers, conclusion, figures, precision_table

    precision = request.wanted.precision(settings)
    tables = settings.tables()
    planned = plan(
        request.scenarios,
        regions=region_codes(request.regions, tables.regions),
        replications=request.replications,
        seed=request.seed,
        years=request.years,
        follow_up_years=request.follow_up_years,
        tables=tables,
        engine=_engine(request.engine, settings),
        sample=request.sample,
    )
    search = Search.of(planned, precision) if precision is not None else None
    folder = usable_folder(request.out or REPORTS / (search or planned).name)
    store = _store(request)
    fit = None
    if not request.cluster:
        # the memory of a cluster is not this machine's
        fit = fitted(
            search.plan if search else planned, settings, workers=request.workers, store=store, out=folder
        )
    run_it = (
        partial(run_until_precise, planned, search.precision) if search else partial(run_scenarios, planned)
    )
    talks = not (request.json or request.quiet)
    console = printer(sys.stdout)
    with _executor(planned, request, store) as executor:
        if talks:
            announce(planned, settings, until(search, settings) if search else None)
            if fit is not None:
                say_what_it_takes(fit, settings)
            show(console, _loads(planned, settings))
        if fit is not None and not request.quiet:
            warn(fit, settings)
        workers = fit.workers if fit is not None else None
        results = followed(
            lambda report: run_it(workers=workers, store=store, executor=executor, report=report),
            settings,
            store=store,
            quiet=request.quiet,
            progress="progress_precise" if search else "progress",
        )
    written = [*results.write(folder), *figures(results, folder / "figures", settings.language)]
    if request.trace:
        written += gather(folder / "trace", unit_folders(results.plan, store))
    if request.json:
        write_json(_document(results, folder), sys.stdout)
        return
    for table in answers(results, settings.language):
        show(console, Sheet(table.title, table.note, table.columns, table.rows))
    if isinstance(results, PreciseResults):
        table = precision_table(results, settings.language)
        show(console, Sheet(table.title, table.note, table.columns, table.rows))
    say(console, settings.text("run.written", folder=folder, count=len(written)), style="green")
    if isinstance(results, PreciseResults):
        say(console, conclusion(results, settings.language), style="bold")


def _loads(planned: "Plan", settings: Settings) -> Sheet:
    from cepsim.cli.loads import loads_sheet

    return loads_sheet(planned, settings)


def announce(planned: "Plan", settings: Settings, replications: str | None = None) -> None:
    """Say what is about to run; `replications` says how many where it is not the plan that does."""
    from cepsim.experiment.sentence import places

    count = plural("count.replications", planned.replications, settings.language)
    said = settings.text(
        "run.begins",
        scenarios=", ".join(scenario.name for scenario in planned.scenarios),
        regions=places(planned, settings.language),
        replications=replications or count,
        seed=planned.seed,
    )
    if planned.sample > 1:
        said += f" · {settings.text('run.sample', sample=planned.sample)}"
    say(printer(sys.stdout), said, style="bold")


def _store(request: Request) -> "Store":
    """Where finished units are kept; workers of a cluster do not share the current folder."""
    from cepsim.experiment.store import DEFAULT_FOLDER, Store

    folder = request.store or DEFAULT_FOLDER
    return Store(folder.absolute() if request.cluster else folder, trace=request.trace)


def _executor(planned: "Plan", request: Request, store: "Store") -> AbstractContextManager["Executor | None"]:
    """The cluster asked for, connected and checked; None leaves the work to processes of this machine."""
    if not request.cluster:
        return nullcontext()
    from cepsim.experiment.cluster import cluster

    return cluster(request.cluster, planned, store)


def followed(
    work: "Callable[[Report | None], Found]",
    settings: Settings,
    *,
    store: "Store",
    quiet: bool,
    progress: str = "progress",
) -> "Found":
    """Have something run with its store, and a bar on standard error if somebody is there to see it."""
    from cepsim.cli.progress import bar

    if quiet or not sys.stderr.isatty():
        found = work(None)
    else:
        words = (settings.text(f"run.{name}") for name in (progress, "people_per_second"))
        with bar(printer(sys.stderr), *words) as report:
            found = work(report)
    if store.damaged and not quiet:
        say(printer(sys.stderr), settings.text("run.damaged", count=len(store.damaged)), style="yellow")
    return found


def _engine(name: str, settings: Settings) -> "EngineName":
    """The engine asked for. Raises UsageError for a name that no engine has."""
    from cepsim.engine import ENGINES

    for known in ENGINES:
        if name in ("", known):
            return known
    raise UsageError(settings.text("usage.engine", found=name, engines=" | ".join(ENGINES)))


def _document(results: "Results", folder: Path) -> dict[str, object]:
    """What `--json` prints: the manifest, the folder written, every frame as records."""
    frames = {
        name: json.loads(frame.to_json(orient="records", double_precision=15))
        for name, frame in results.frames().items()
    }
    return {"manifest": results.manifest(), "folder": str(folder), "frames": frames}


def _whole_number(settings: Settings, option: str, least: int) -> Callable[[str], int]:
    """A parser of whole numbers from `least` on, which refuses others in the user's language."""

    def parse(words: str) -> int:
        if not (words.isascii() and words.isdigit() and least <= int(words) <= sys.maxsize):
            raise UsageError(settings.text("usage.number", option=option, found=words, least=least))
        return int(words)

    return parse
