"""`cepsim provenance`: every figure that a scenario uses, how sure it is, where from, where it enters."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from cepsim.cli.outlet import write_json
from cepsim.cli.regions import EVERYWHERE, everywhere_option, region_codes
from cepsim.cli.render import printer, sheet_of, show
from cepsim.cli.settings import Settings
from cepsim.cli.simulating import records, scenarios_argument
from cepsim.cli.spoken import command

_SHOWN = ("id", "low", "mode", "high", "unit", "confidence", "vintage", "provenance", "overridden", "enters")


def add_to(app: typer.Typer, settings: Settings) -> None:
    """Add the command `provenance` to the tree."""
    text = settings.text

    @command(app, settings, "provenance", "help.provenance")
    def _provenance(
        scenario: Annotated[str, scenarios_argument(settings, "help.scenario")],
        region: Annotated[list[str] | None, everywhere_option(settings)] = None,
        json: Annotated[bool, typer.Option("--json", help=text("help.json"))] = False,
    ) -> None:
        show_provenance(settings, scenario, region or EVERYWHERE[:1], json=json)


def show_provenance(settings: Settings, name: str, regions: Sequence[str], *, json: bool) -> None:
    """Print how sure the figures of a scenario are, then each of them."""
    from cepsim.experiment.provenance import provenance
    from cepsim.scenario import load_scenario
    from cepsim.tables.report import confidence_counts

    tables, text = settings.tables(), settings.text
    scenario = load_scenario(name, tables=tables)
    codes = region_codes(regions, tables.regions)
    frame = provenance(scenario, regions=codes, tables=tables)
    if json:
        found = {"scenario": scenario.name, "regions": list(codes), "figures": records(frame)}
        write_json(found, sys.stdout)
        return
    console = printer(sys.stdout)
    used = tables.with_overrides(scenario.figures, file=scenario.name)
    counts = confidence_counts(map(used.figure, frame["id"]))
    title = text("provenance.title", scenario=scenario.name, count=len(frame))
    show(console, sheet_of(counts, settings, columns=list(counts.columns), title=title))
    frame["provenance"] = frame["source"].where(frame["source"] != "", frame["note"])
    note = text("provenance.note")
    show(console, sheet_of(frame, settings, columns=_SHOWN, title=text("provenance.figures"), note=note))
