"""`cepsim data`: whether the tables hold together, and what they hold."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cepsim.cli.outlet import write_json
from cepsim.cli.regions import complete_region, region_codes
from cepsim.cli.render import Sheet, exact, printer, say, sheet_of, show
from cepsim.cli.settings import Settings
from cepsim.cli.simulating import records
from cepsim.cli.spoken import command, group
from cepsim.errors import CheckFailed, SumError, UsageError
from cepsim.labels import label
from cepsim.labels.messages import message
from cepsim.resources import tables_folder

if TYPE_CHECKING:
    from rich.console import Console

    from cepsim.tables import Figure
    from cepsim.tables.report import CheckReport

_SLIDE_COLUMNS: Final = ("line", "printed", "id", "value", "unit", "year", "agrees", "meaning", "source")
#: Columns of a table of figures that are left out: the id holds the keys.
_LEFT_OUT: Final = ("use", "file", "line", "overridden", "kind")
_PARTS: Final = {
    "residuals": ("control", "target", "got", "difference", "exact"),
    "sums": ("group", "rows", "total", "expected", "difference", "ok"),
    "agreements": ("id", "rule", "written", "computed", "ok"),
}


def commands(settings: Settings) -> typer.Typer:
    """The group `cepsim data`."""
    text = settings.text
    app = group(settings, "help.tables")

    @command(app, settings, "check", "help.data_check")
    def _check() -> None:
        check(settings)

    @command(app, settings, "show", "help.data_show")
    def _show(
        table: Annotated[
            str,
            typer.Argument(
                metavar=text("metavar.table"),
                help=text("help.table"),
                show_default=False,
                autocompletion=complete_table,
            ),
        ] = "",
        figure: Annotated[str, typer.Option(metavar="ID", help=text("help.figure"), show_default=False)] = "",
    ) -> None:
        if table and figure:
            raise UsageError(text("usage.table_or_figure"))
        if figure:
            show_figure(settings, figure)
        elif table:
            show_table(settings, table)
        else:
            show_slide_5(settings)

    @command(app, settings, "actors", "help.data_actors")
    def _actors(
        region: Annotated[
            list[str] | None,
            typer.Option(
                metavar="CODE",
                help=text("help.actors_region"),
                autocompletion=complete_region,
                show_default=False,
            ),
        ] = None,
        csv: Annotated[bool, typer.Option("--csv", help=text("help.csv"))] = False,
        json: Annotated[bool, typer.Option("--json", help=text("help.json"))] = False,
    ) -> None:
        if csv and json:
            raise UsageError(text("usage.csv_or_json"))
        show_actors(settings, region or [], csv=csv, json=json)

    return app


def complete_table(incomplete: str) -> list[str]:
    """Names of tables that a shell offers; their files are not read."""
    return sorted(path.stem for path in tables_folder().glob("*.csv") if path.stem.startswith(incomplete))


def check(settings: Settings) -> None:
    """Print what the tables say of each other. Raises CheckFailed if something does not hold."""
    from cepsim.tables.report import check_report

    try:
        tables = settings.tables()
    except SumError as error:
        raise CheckFailed(message(error, settings.language)) from error
    report = check_report(tables, settings.language)
    text, console = settings.text, printer(sys.stdout)
    for name, columns in _PARTS.items():
        title = text(f"data.{name}", count=len(getattr(report, name)))
        show(console, sheet_of(getattr(report, name), settings, columns=columns, title=title))
    counts = report.confidences
    show(console, sheet_of(counts, settings, columns=list(counts.columns), title=text("data.confidences")))
    _warn(console, report, settings)
    if not report.passed:
        raise CheckFailed(text("data.failed", names=", ".join(_broken(report))))
    say(console, text("data.passed"), style="bold green")


def _warn(console: "Console", report: "CheckReport", settings: Settings) -> None:
    say(console, settings.text("data.warnings"), style="bold")
    for number, words in report.warnings.itertuples(index=False, name=None):
        say(console, f"  {number:>2}. {words}")
    say(console, "")


def _broken(report: "CheckReport") -> list[str]:
    """Names of what does not hold: controls, groups, figures."""
    residuals = report.residuals[report.residuals["exact"] & (report.residuals["difference"] != 0)]
    sums = report.sums[~report.sums["ok"]]
    agreements = report.agreements[~report.agreements["ok"]]
    return [*residuals["control"], *sums["group"], *agreements["id"]]


def show_slide_5(settings: Settings) -> None:
    """Print slide 5 line by line: what is printed there, and what each number really is."""
    from cepsim.tables.report import slide_5_report

    tables = settings.tables()
    frame = slide_5_report(tables, settings.language)
    names = dict.fromkeys(id_.split(".")[0] for id_ in tables.ids())
    note = settings.text("data.slide_5_note", tables=", ".join([*names, *tables.names]))
    title = settings.text("data.slide_5")
    show(printer(sys.stdout), sheet_of(frame, settings, columns=_SLIDE_COLUMNS, title=title, note=note))


def show_table(settings: Settings, name: str) -> None:
    """Print one table, a row a figure. Raises TableError, with the nearest name, if there is none."""
    tables = settings.tables()
    frame = tables.frame(name)
    console = printer(sys.stdout)
    if name in tables.names:
        rows = tuple(tuple(str(cell) for cell in row) for row in frame.itertuples(index=False, name=None))
        show(console, Sheet(name, settings.text("data.quoted"), tuple(frame.columns), rows))
        return
    columns = _figure_columns(name, list(frame.columns))
    title = settings.text("data.table", name=name, count=len(frame))
    show(console, sheet_of(frame, settings, columns=columns, title=title, note=settings.text("data.quoted")))


def _figure_columns(name: str, columns: list[str]) -> list[str]:
    from cepsim.tables.schema import TABLES

    keys = TABLES[name].keys
    return [column for column in columns if column not in (*keys, *_LEFT_OUT)]


def show_actors(settings: Settings, given: Sequence[str], *, csv: bool, json: bool) -> None:
    """Print every actor of slide 7: role, hours, contacts, cost, in France and in the regions named.

    Raises RegionError for a region that is unknown.
    """
    from cepsim.costing.actors import actors
    from cepsim.report.actors import actor_tables
    from cepsim.safe import spreadsheet
    from cepsim.tables import rake

    tables = settings.tables()
    names = tables.region_names
    codes = region_codes(given, tables.regions)
    frame = actors(tables, rake(tables), codes)
    if csv:
        sys.stdout.write(spreadsheet(frame).to_csv(index=False, lineterminator="\n"))
    elif json:
        write_json({"regions": list(codes), "actors": records(frame)}, sys.stdout)
    else:
        for table in actor_tables(frame, tables, settings.language, {code: names[code] for code in codes}):
            show(printer(sys.stdout), Sheet(table.title, table.note, table.columns, table.rows))


def show_figure(settings: Settings, id_: str) -> None:
    """Print one figure with all that is known of it. Raises TableError, with the nearest id."""
    figure = settings.tables().figure(id_)
    show(printer(sys.stdout), _figure_sheet(figure, settings))


def _figure_sheet(figure: "Figure", settings: Settings) -> Sheet:
    text, language = settings.text, settings.language
    facts = {
        **{name: exact(getattr(figure, name), settings) for name in ("low", "mode", "high")},
        **{
            name: label(f"{name}.{getattr(figure, name)}", language)
            for name in ("unit", "kind", "confidence", "vintage")
        },
        "use": text(f"use.{figure.use}"),
        "year": figure.year,
        "perimeter": figure.perimeter,
        **dict(figure.extras),
        "source": figure.source,
        "note": figure.note,
        "written_in": text("data.place", file=figure.file, line=figure.line),
    }
    rows = tuple((text(f"column.{name}"), said or "–") for name, said in facts.items())
    note = text("data.quoted") if figure.source or figure.note else ""
    return Sheet(figure.id, note, (text("column.property"), text("column.value")), rows)
