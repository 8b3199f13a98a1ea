"""`cepsim sensitivity`: which hypotheses move the cost and the delays of a scenario, and how sure that is."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final, TypeVar

import typer

from cepsim.cli.fitting import fitted, warn
from cepsim.cli.outlet import usable_folder, write_json
from cepsim.cli.pairs import numbers_of, pairs_option
from cepsim.cli.precision import complete_indicator
from cepsim.cli.render import Sheet, printer, say, show
from cepsim.cli.scenarios import complete_scenario
from cepsim.cli.settings import Settings
from cepsim.cli.simulating import (
    REPORTS,
    Asked,
    announce,
    asked,
    counted,
    document,
    folder_option,
    region_option,
    scenarios_argument,
)
from cepsim.cli.spoken import command
from cepsim.errors import UsageError

if TYPE_CHECKING:
    from cepsim.experiment import Plan
    from cepsim.experiment.store import Store
    from cepsim.sensitivity import Answer, Means, Study

#: The defaults of `sensitivity.study`, which help may not import; a test holds them together.
METHODS: Final = ("tornado", "morris", "sobol", "futures")
DEFAULT_MOST: Final = 20
DEFAULT_TRAJECTORIES: Final = 10
DEFAULT_SAMPLES: Final = 64
DEFAULT_OUTCOMES: Final = ("new_money", "gross_cost", "received", "share_lost", "wait_p50", "wait_p90")

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks, beside what every simulation is asked."""

    asked: Asked
    method: str
    figures: tuple[str, ...]
    outcomes: tuple[str, ...]
    most: int
    trajectories: int
    samples: int
    cluster: str
    limits: dict[str, float]
    correlations: dict[tuple[str, str], float]
    decisions: tuple[str, ...]
    values: dict[str, float]


def add_to(app: typer.Typer, settings: Settings) -> None:
    """Add the command `sensitivity` to the tree."""
    text = settings.text

    @command(app, settings, "sensitivity", "help.sensitivity")
    def _sensitivity(
        scenario: Annotated[str, scenarios_argument(settings, "help.scenario")],
        region: Annotated[list[str] | None, region_option(settings)] = None,
        method: Annotated[
            str,
            typer.Option(metavar="|".join(METHODS), help=text("help.sensitivity_method"), show_default=False),
        ] = METHODS[0],
        figures: Annotated[
            list[str] | None,
            typer.Option(
                metavar=text("metavar.key"), help=text("help.sensitivity_figures"), show_default=False
            ),
        ] = None,
        most: Annotated[int | None, counted(settings, "most", 1)] = None,
        outcome: Annotated[
            list[str] | None,
            typer.Option(
                metavar=text("metavar.indicator"),
                help=text("help.sensitivity_outcome", default=", ".join(DEFAULT_OUTCOMES)),
                autocompletion=complete_indicator,
                show_default=False,
            ),
        ] = None,
        trajectories: Annotated[int | None, counted(settings, "trajectories", 2)] = None,
        samples: Annotated[int | None, counted(settings, "samples", 2)] = None,
        limit: Annotated[list[str] | None, pairs_option(settings, "limit", "outcome_number")] = None,
        correlation: Annotated[list[str] | None, pairs_option(settings, "correlation", "keys_number")] = None,
        decision: Annotated[
            list[str] | None,
            typer.Option(
                metavar=text("metavar.scenario"),
                help=text("help.decision"),
                autocompletion=complete_scenario,
                show_default=False,
            ),
        ] = None,
        value: Annotated[list[str] | None, pairs_option(settings, "value", "outcome_number")] = None,
        replications: Annotated[int | None, counted(settings, "replications", 1)] = None,
        seed: Annotated[int | None, counted(settings, "seed", 0)] = None,
        years: Annotated[int | None, counted(settings, "years", 1)] = None,
        follow_up: Annotated[int | None, counted(settings, "follow-up", 0)] = None,
        workers: Annotated[int | None, counted(settings, "workers", 1)] = None,
        cluster: Annotated[
            str,
            typer.Option(metavar=text("metavar.address"), help=text("help.cluster"), show_default=False),
        ] = "",
        store: Annotated[str, folder_option(settings, "help.store")] = "",
        out: Annotated[str, folder_option(settings, "help.sensitivity_out")] = "",
        json: Annotated[bool, typer.Option("--json", help=text("help.json"))] = False,
        quiet: Annotated[bool, typer.Option("--quiet", help=text("help.quiet"))] = False,
    ) -> None:
        if cluster and workers is not None:
            raise UsageError(text("usage.workers_or_cluster"))
        common = asked(
            settings,
            scenarios=[scenario],
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
        )
        run(
            settings,
            Request(
                common,
                method,
                _apart(figures),
                _apart(outcome),
                DEFAULT_MOST if most is None else most,
                DEFAULT_TRAJECTORIES if trajectories is None else trajectories,
                DEFAULT_SAMPLES if samples is None else samples,
                cluster,
                numbers_of(settings, "limit", limit),
                numbers_of(settings, "correlation", correlation, names=2),
                _apart(decision),
                numbers_of(settings, "value", value),
            ),
        )


def run(settings: Settings, request: Request) -> None:
    """Find the hypotheses, run the points that lack, write, print."""
    from cepsim.experiment.store import DEFAULT_FOLDER, Store
    from cepsim.report.sensitivity import sensitivity_tables
    from cepsim.report.tornado import tornado_pictures
    from cepsim.sensitivity import Tornado, analyse, screened, study_of, wanted_of

    of = request.asked
    planned = of.plan(settings)
    if of.out is not None:
        usable_folder(of.out)
    chosen = of.store or DEFAULT_FOLDER
    store = Store(chosen.absolute() if request.cluster else chosen)
    workers = _workers(settings, request, planned=planned, store=store)
    wanted = wanted_of(
        planned,
        limits=request.limits,
        correlations=request.correlations,
        decisions=request.decisions,
        values=request.values,
    )
    study = study_of(
        planned,
        figures=request.figures,
        outcomes=request.outcomes,
        method=request.method,
        trajectories=request.trajectories,
        samples=request.samples,
        wanted=wanted,
    )
    if of.talks:
        announce(study.planned, settings)
    most = len(study.hypotheses.figures) if request.figures else request.most
    with _means(request, study, store, workers) as means:
        if most < len(study.hypotheses.figures):
            _tell(settings, of, "sensitivity.screens", count=len(study.hypotheses.figures), most=most)
            study = _followed(partial(screened, study, most), means, settings, of)
        _tell(settings, of, "sensitivity.runs", count=len(study.hypotheses.figures), points=study.size)
        found: Answer = _followed(partial(analyse, study), means, settings, of)
    folder = usable_folder(of.out or REPORTS / study.name)
    written = found.write(folder)
    if isinstance(found, Tornado):
        written += tornado_pictures(found, folder / "figures", settings.language, request.outcomes)
    if of.json:
        write_json(document(found, folder), sys.stdout)
        return
    console = printer(sys.stdout)
    for table in sensitivity_tables(found, settings.language, study.names if request.outcomes else ()):
        show(console, Sheet(table.title, table.note, table.columns, table.rows))
    for sentence in found.sentences(settings.language):
        say(console, sentence, style="bold")
    say(console, settings.text("run.written", folder=folder, count=len(written)), style="green")


def _workers(settings: Settings, request: Request, *, planned: "Plan", store: "Store") -> int | None:
    """Processes that memory holds: each runs whole points. Raises UsageError where not even one fits."""
    if request.cluster:
        return None
    of = request.asked
    fit = fitted(planned, settings, workers=of.workers, store=store, out=of.out or REPORTS)
    if not of.quiet:
        warn(fit, settings)
    return fit.workers


@contextmanager
def _means(request: Request, study: "Study", store: "Store", workers: int | None) -> Iterator["Means"]:
    """What points are run with: processes of this machine, or the cluster asked for."""
    from cepsim.sensitivity import Means

    if not request.cluster:
        yield Means(workers, store)
        return
    from cepsim.experiment.cluster import cluster

    with cluster(request.cluster, study.planned, store) as executor:
        yield Means(workers, store, executor)


def _followed(work: Callable[["Means"], Found], means: "Means", settings: Settings, of: Asked) -> Found:
    """Have points run, and say on standard error how far they are."""
    from cepsim.cli.progress import shown

    if of.quiet:
        return work(means)
    words = settings.text("sensitivity.progress"), "", settings.text("run.left")
    with shown(printer(sys.stderr), *words) as report:
        return work(replace(means, report=report))


def _tell(settings: Settings, of: Asked, key: str, **values: object) -> None:
    if of.talks:
        say(printer(sys.stdout), settings.text(key, **values))


def _apart(words: list[str] | None) -> tuple[str, ...]:
    """Words given one by one or with commas between them."""
    return tuple(word.strip() for each in words or [] for word in each.split(",") if word.strip())
