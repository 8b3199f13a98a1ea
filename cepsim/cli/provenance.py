"""`cepsim provenance`: the figures that a scenario uses, how sure they are, where from, where they enter."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from cepsim.cli.outlet import refuse_another, write_file, write_json
from cepsim.cli.regions import EVERYWHERE, everywhere_option, region_codes
from cepsim.cli.render import exact, printer, say, sheet_of, show
from cepsim.cli.settings import Settings
from cepsim.cli.simulating import records, scenarios_argument
from cepsim.cli.spoken import command
from cepsim.errors import UsageError
from cepsim.labels import label

if TYPE_CHECKING:
    import pandas as pd

    from cepsim.tables import Figure

_EACH: Final = (
    *("id", "low", "mode", "high", "unit", "confidence", "vintage", "provenance", "overridden", "enters"),
)
_LINES: Final = ("id", "figure_rows", "range", "unit", "known", "provenance", "enters")
#: Of a text that says where a line is from, in characters: two lines of a column.
_LONGEST: Final = 48
#: Columns of codes of the file that are written in words.
_WORDS: Final = ("unit", "confidence", "vintage")
#: What begins the file, so that spreadsheets take it for UTF-8.
_BOM: Final = "\ufeff"


def add_to(app: typer.Typer, settings: Settings) -> None:
    """Add the command `provenance` to the tree."""
    text = settings.text

    @command(app, settings, "provenance", "help.provenance")
    def _provenance(
        scenario: Annotated[str, scenarios_argument(settings, "help.scenario")],
        region: Annotated[list[str] | None, everywhere_option(settings)] = None,
        each: Annotated[bool, typer.Option("--all", help=text("help.provenance_all"))] = False,
        csv: Annotated[
            str,
            typer.Option(
                "--csv", metavar=text("metavar.file"), help=text("help.provenance_csv"), show_default=False
            ),
        ] = "",
        json: Annotated[bool, typer.Option("--json", help=text("help.json"))] = False,
    ) -> None:
        if csv and json:
            raise UsageError(text("usage.csv_or_json"))
        show_provenance(settings, scenario, region or EVERYWHERE[:1], each=each, csv=csv, json=json)


def show_provenance(
    settings: Settings,
    name: str,
    regions: Sequence[str],
    *,
    each: bool = False,
    csv: str = "",
    json: bool = False,
) -> None:
    """Print how sure the figures of a scenario are, then lines of them, or each.

    Raises InputError if the file of `csv` cannot be written, or is there and is no such list.
    """
    from cepsim.experiment.provenance import provenance
    from cepsim.scenario import load_scenario

    tables = settings.tables()
    scenario = load_scenario(name, tables=tables)
    codes = region_codes(regions, tables.regions)
    file = Path(csv)
    if csv:
        head = f"{_BOM}{settings.text('column.id')}".encode()
        refuse_another(file, option="--csv", mark=head, expected="a new file, or an earlier list of figures")
    frame = provenance(scenario, regions=codes, tables=tables)
    if json:
        found = {"scenario": scenario.name, "regions": list(codes), "figures": records(frame)}
        write_json(found, sys.stdout)
        return
    used = tables.with_overrides(scenario.figures, file=scenario.name)
    _show_counts(settings, scenario.name, [used.figure(id_) for id_ in frame["id"]])
    _show_each(settings, frame) if each else _show_lines(settings, frame)
    if csv:
        write_file(file, file_text(frame, settings))
        say(printer(sys.stdout), settings.text("provenance.written", count=len(frame), file=file))


def file_text(frame: "pd.DataFrame", settings: Settings) -> str:
    """Each figure as the text of a CSV file: heads and codes in the reader's words, no cell a formula.

    In French, cells are parted by semicolons and decimals by a comma, as spreadsheets there read them.
    """
    from cepsim.safe import spreadsheet

    said = frame.copy()
    for name in _WORDS:
        said[name] = [label(f"{name}.{code}", settings.language) for code in frame[name]]
    said["use"] = [settings.text(f"use.{code}") for code in frame["use"]]
    said["overridden"] = [settings.text("yes" if value else "no") for value in frame["overridden"]]
    said.columns = [settings.text(f"column.{name}") for name in frame.columns]
    part, decimal = (";", ",") if settings.language == "fr" else (",", ".")
    text = spreadsheet(said).to_csv(index=False, lineterminator="\n", sep=part, decimal=decimal)
    return _BOM + text


def _show_counts(settings: Settings, name: str, figures: "Sequence[Figure]") -> None:
    from cepsim.tables.report import confidence_counts

    counts = confidence_counts(figures)
    title = settings.text("provenance.title", scenario=name, count=len(figures))
    show(printer(sys.stdout), sheet_of(counts, settings, columns=list(counts.columns), title=title))


def _show_each(settings: Settings, frame: "pd.DataFrame") -> None:
    text = settings.text
    told = frame.assign(provenance=frame["source"].where(frame["source"] != "", frame["note"]))
    sheet = sheet_of(
        told, settings, columns=_EACH, title=text("provenance.figures"), note=text("provenance.note")
    )
    show(printer(sys.stdout), sheet)


def _show_lines(settings: Settings, frame: "pd.DataFrame") -> None:
    """Print a table for each confidence, the least sure first."""
    from cepsim.experiment.provenance_lines import in_lines

    text, lines = settings.text, in_lines(frame)
    told = lines.assign(
        figure_rows=lines["rows"],
        range=[_range(row, settings) for row in lines.itertuples()],
        known=[text(f"provenance.known.{vintage}") for vintage in lines["vintage"]],
        provenance=[_told(row, settings) for row in lines.itertuples()],
    )
    console = printer(sys.stdout)
    for name in lines["confidence"].unique():
        here = told[told["confidence"] == name]
        counted = {"lines": len(here), "count": int(here["rows"].sum())}
        title = text(f"provenance.lines.{name}", **counted)
        show(console, sheet_of(here, settings, columns=_LINES, title=title))
    say(console, f"{text('provenance.lines_note')} {text('provenance.note')}", style="dim")


def _range(row: Any, settings: Settings) -> str:
    """Low, mode and high of a figure, once where they are one; of several, the least and the greatest."""
    if row.low == row.high:
        return exact(row.low, settings)
    values = (row.low, row.high) if row.rows > 1 else (row.low, row.mode, row.high)
    return " – ".join(exact(value, settings) for value in values)


def _told(row: Any, settings: Settings) -> str:
    """Where a line is from, in short."""
    if row.sources > 1:
        table = row.id.partition(".")[0]
        return settings.text("provenance.several", count=row.sources, table=table)
    return _short(row.source or row.note)


def _short(said: str) -> str:
    """The beginning of a text, between two words, where it is long."""
    if len(said) <= _LONGEST:
        return said
    return f"{said[:_LONGEST].rsplit(' ', 1)[0].rstrip(' ,;:(')} …"
