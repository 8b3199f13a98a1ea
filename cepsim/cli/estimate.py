"""`cepsim estimate`: loads, delays and losses of a scenario in an instant, and the gap to a simulation."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cepsim.cli.finished import run_folder
from cepsim.cli.outlet import write_json
from cepsim.cli.render import Sheet, printer, say, show
from cepsim.cli.settings import Settings
from cepsim.cli.simulating import asked, counted, records, region_option, scenarios_argument
from cepsim.cli.spoken import command
from cepsim.errors import UsageError

if TYPE_CHECKING:
    from cepsim.experiment import Plan


def add_to(app: typer.Typer, settings: Settings) -> None:
    """Add the command `estimate` to the tree."""
    text = settings.text

    @command(app, settings, "estimate", "help.estimate")
    def _estimate(
        scenario: Annotated[str, scenarios_argument(settings, "help.estimated")],
        region: Annotated[list[str] | None, region_option(settings)] = None,
        against: Annotated[
            str,
            typer.Option(
                "--against", metavar=text("metavar.run"), help=text("help.against"), show_default=False
            ),
        ] = "",
        seed: Annotated[int | None, counted(settings, "seed", 0)] = None,
        years: Annotated[int | None, counted(settings, "years", 1)] = None,
        json: Annotated[bool, typer.Option("--json", help=text("help.json"))] = False,
    ) -> None:
        if against and (region or seed is not None or years is not None):
            raise UsageError(text("usage.against"))
        show_estimate(settings, scenario, region, against, seed=seed, years=years, json=json)


def show_estimate(
    settings: Settings,
    scenario: str,
    region: list[str] | None,
    against: str,
    *,
    seed: int | None,
    years: int | None,
    json: bool,
) -> None:
    """Estimate and print; beside a finished run, its scenario, regions and seed are those of the run."""
    from cepsim.experiment import RecordedRun
    from cepsim.report.estimate import estimate_table, gaps_table
    from cepsim.twin import against as beside
    from cepsim.twin.estimating import estimate_plan

    gaps, planned, run = None, _plan(settings, scenario, region, seed, years) if not against else None, None
    if planned is None:
        run = RecordedRun.of(run_folder(against), settings.tables())
        planned = run.plan
    found = estimate_plan(planned, scenario if run is not None else "")
    if run is not None:
        gaps = beside(found, run.indicators)
    if json:
        frames = {**found.frames(), **({} if gaps is None else {"gaps": gaps})}
        told = {name: records(frame) for name, frame in frames.items()}
        write_json({"is_estimate": True, "scenario": found.scenario.name, "frames": told}, sys.stdout)
        return
    console, language = printer(sys.stdout), settings.language
    tables = [estimate_table(found, language)] + ([] if gaps is None else [gaps_table(found, gaps, language)])
    for table in tables:
        show(console, Sheet(table.title, table.note, table.columns, table.rows))
    say(console, found.sentence(language), style="bold")
    if gaps is not None:
        count = int((gaps["verdict"] == "unexplained").sum())
        words = settings.text("estimate.unexplained" if count else "estimate.explained", count=count)
        say(console, words, style="yellow" if count else "green")


def _plan(
    settings: Settings, scenario: str, region: list[str] | None, seed: int | None, years: int | None
) -> "Plan":
    return asked(settings, scenarios=[scenario], region=region, replications=1, seed=seed, years=years).plan(
        settings
    )
