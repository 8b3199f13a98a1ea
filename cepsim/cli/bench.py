"""`cepsim bench`: how fast this machine runs things, in ratios."""

import json
import sys
from typing import Annotated

import typer

from cepsim.cli.regions import complete_region, region_codes
from cepsim.cli.render import Sheet, printer, show
from cepsim.cli.scenarios import complete_scenario
from cepsim.cli.settings import Settings
from cepsim.cli.spoken import command
from cepsim.errors import UsageError
from cepsim.units import format_number


def add_to(app: typer.Typer, settings: Settings) -> None:
    """Add the command `bench` to the tree."""
    text = settings.text

    @command(app, settings, "bench", "help.bench")
    def _bench(
        scenario: Annotated[
            str,
            typer.Option(
                metavar=text("metavar.scenario"),
                help=text("help.scenario"),
                autocompletion=complete_scenario,
                show_default=False,
            ),
        ] = "central",
        region: Annotated[
            str,
            typer.Option(
                metavar="CODE",
                help=text("help.bench_region"),
                autocompletion=complete_region,
                show_default=False,
            ),
        ] = "74",
        quick: Annotated[bool, typer.Option("--quick", help=text("help.bench_quick"))] = False,
        as_json: Annotated[bool, typer.Option("--json", help=text("help.json"))] = False,
    ) -> None:
        run(settings, scenario, region, quick=quick, as_json=as_json)


def run(settings: Settings, scenario: str, region: str, *, quick: bool, as_json: bool) -> None:
    """Measure, and print a row a measure."""
    from cepsim.experiment.bench import bench
    from cepsim.scenario import load_scenario

    tables = settings.tables()
    codes = region_codes([region], tables.regions)
    if len(codes) != 1:
        raise UsageError(settings.text("usage.one_region", found=len(codes)))
    frame = bench(load_scenario(scenario, tables=tables), tables, codes, quick=quick, apart=True)
    if as_json:
        json.dump(json.loads(frame.to_json(orient="records")), sys.stdout, indent=2)
        sys.stdout.write("\n")
        return
    text, language = settings.text, settings.language
    names = ("section", "what", "seconds", "people_per_second", "visits_per_second", "peak_mib", "note")
    places = {"seconds": 3, "people_per_second": 0, "visits_per_second": 0, "peak_mib": 0}
    rows = [
        tuple(
            ("" if row[name] != row[name] else format_number(row[name], language, places[name]))
            if name in places
            else str(row[name])
            for name in names
        )
        for row in frame.to_dict("records")
    ]
    columns = tuple(text(f"column.bench_{name}") for name in names)
    show(printer(sys.stdout), Sheet(text("bench.title"), text("bench.note"), columns, tuple(rows)))
