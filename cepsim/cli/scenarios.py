"""`cepsim scenarios`: what exists, what one holds, its parts, how two differ, is a file right, a new one."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cepsim.cli import describe
from cepsim.cli.outlet import write_json
from cepsim.cli.regions import EVERYWHERE, everywhere_option
from cepsim.cli.render import Sheet, printer, say, sheet_of, show
from cepsim.cli.settings import Settings
from cepsim.cli.spoken import command, group
from cepsim.errors import InputError
from cepsim.resources import scenarios_folder
from cepsim.safe import visible


def complete_scenario(incomplete: str) -> list[str]:
    """Names of shipped scenarios that a shell offers; their files are not read."""
    names = sorted(path.stem for path in scenarios_folder().glob("*.toml"))
    return [name for name in names if name.startswith(incomplete)]


def commands(settings: Settings) -> typer.Typer:
    """The group `cepsim scenarios`."""
    text = settings.text
    app = group(settings, "help.scenarios")
    scenario = typer.Argument(
        metavar=text("metavar.scenario"), help=text("help.scenario"), autocompletion=complete_scenario
    )

    @command(app, settings, "list", "help.scenarios_list")
    def _list() -> None:
        list_all(settings)

    @command(app, settings, "show", "help.scenarios_show")
    def _show(
        name: Annotated[str, scenario],
        figures: Annotated[bool, typer.Option("--figures", help=text("help.figures"))] = False,
    ) -> None:
        show_one(settings, name, figures=figures)

    @command(app, settings, "diff", "help.scenarios_diff")
    def _diff(first: Annotated[str, scenario], second: Annotated[str, scenario]) -> None:
        show_differences(settings, first, second)

    @command(app, settings, "shards", "help.scenarios_shards")
    def _shards(
        name: Annotated[str, scenario],
        region: Annotated[list[str] | None, everywhere_option(settings)] = None,
        json: Annotated[bool, typer.Option("--json", help=text("help.json"))] = False,
    ) -> None:
        from cepsim.cli.shards import show_shards

        show_shards(settings, name, region or EVERYWHERE[:1], json=json)

    @command(app, settings, "validate", "help.scenarios_validate")
    def _validate(
        path: Annotated[str, typer.Argument(metavar=text("metavar.file"), help=text("help.scenario_file"))],
    ) -> None:
        validate_file(settings, path)

    @command(app, settings, "schema", "help.scenarios_schema")
    def _schema() -> None:
        print_schema()

    @command(app, settings, "new", "help.scenarios_new")
    def _new(
        name: Annotated[str, typer.Argument(metavar=text("metavar.name"), help=text("help.new_name"))],
        extends: Annotated[
            str,
            typer.Option(
                metavar=text("metavar.scenario"), help=text("help.extends"), autocompletion=complete_scenario
            ),
        ] = "reference",
        out: Annotated[
            str, typer.Option(metavar=text("metavar.file"), help=text("help.new_out"), show_default=False)
        ] = "",
    ) -> None:
        write_new(settings, name, extends, Path(out) if out else Path(f"{name}.toml"))

    return app


def list_all(settings: Settings) -> None:
    """Print every shipped scenario, with the question that it answers."""
    from cepsim.scenario import list_scenarios, load_scenario

    tables, text = settings.tables(), settings.text
    rows = []
    for name in list_scenarios():
        of = load_scenario(name, tables=tables)
        title, debate = (getattr(words, settings.language) for words in (of.title, of.debate))
        rows.append((name, title, of.extends or "", debate))
    columns = tuple(text(f"column.{name}") for name in ("name", "title", "extends", "debate"))
    show(printer(sys.stdout), Sheet("", text("scenarios.list_note"), columns, tuple(rows)))


def show_one(settings: Settings, name: str, *, figures: bool) -> None:
    """Print what a scenario changes, all that it inherits, and on request every figure that may feed it."""
    from cepsim.scenario import load_scenario

    tables = settings.tables()
    scenario = load_scenario(name, tables=tables)
    console = printer(sys.stdout)
    older = describe.ancestors(scenario, name, tables)
    say(console, describe.heading(scenario, settings), style="bold")
    say(console, getattr(scenario.debate, settings.language))
    if older:
        changes = describe.changes_sheet(scenario, older[0], name, settings)
        show(console, changes) if changes.rows else say(console, changes.title)
    show(console, describe.scenario_sheet(scenario, older, settings))
    if not figures:
        return
    frame = describe.figures_frame(tables.with_overrides(scenario.figures, file=scenario.name))
    say(console, settings.text("scenarios.figures_title", count=len(frame)), style="bold")
    note = settings.text("data.quoted")
    show(console, sheet_of(frame, settings, columns=list(frame.columns), note=note))


def show_differences(settings: Settings, first: str, second: str) -> None:
    """Print what differs between two scenarios, or that nothing does."""
    from cepsim.scenario import diff, load_scenario

    tables, text = settings.tables(), settings.text
    left, right = (load_scenario(name, tables=tables) for name in (first, second))
    console = printer(sys.stdout)
    rows = [
        (key, describe.key_label(key, settings), *(describe.value_text(value, settings) for value in values))
        for key, *values in diff(left, right)
    ]
    if not rows:
        say(console, text("scenarios.same", first=left.name, second=right.name))
        return
    columns = (text("column.key"), text("column.meaning"), left.name, right.name)
    show(console, Sheet("", "", columns, tuple(rows)))


def validate_file(settings: Settings, path: str) -> None:
    """Say that a file holds a valid scenario, and which of its dates its calendar does not reach.

    Raises ScenarioError with a line for each problem.
    """
    from cepsim.report.late import late_in
    from cepsim.scenario import load_scenario

    scenario = load_scenario(Path(path), tables=settings.tables())
    say(printer(sys.stdout), settings.text("scenarios.valid", file=path, name=scenario.name), style="green")
    for sentence in late_in(scenario, settings.language):
        say(printer(sys.stderr), sentence, style="yellow")


def print_schema() -> None:
    """Print the JSON Schema of scenario files, as published beside them."""
    from cepsim.scenario import json_schema

    write_json(json_schema(), sys.stdout)


def write_new(settings: Settings, name: str, extends: str, path: Path) -> None:
    """Write a scenario to begin from. Raises InputError rather than overwrite a file."""
    from cepsim.scenario import SCHEMA_FILE, list_scenarios, new_scenario

    if name in list_scenarios():
        raise InputError(
            file=settings.text("metavar.name"),
            found=name,
            expected="a name that no shipped scenario has",
            remedy="Choose another name.",
        )
    content = new_scenario(name, extends, tables=settings.tables(), language=settings.language)
    if path.stem != name or path.suffix != ".toml":
        raise InputError(
            file="--out",
            found=str(path),
            expected=f'a file called "{name}.toml"',
            remedy="A scenario is named as its file.",
        )
    if not path.parent.is_dir():
        raise InputError(
            file="--out",
            found=str(path),
            expected="a file in a folder that exists",
            remedy="Create it first.",
        )
    if (path.parent / SCHEMA_FILE).is_file():
        # an editor that is told of a schema which is not there complains of each file
        content = f"#:schema ./{SCHEMA_FILE}\n{content}"
    try:
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(content)
    except FileExistsError:
        raise InputError(
            file="--out",
            found=str(path),
            expected="a file that does not exist",
            remedy="It is there already and is left as it was: choose another name, or remove it.",
        ) from None
    say(printer(sys.stdout), settings.text("scenarios.written", file=visible(str(path)), extends=extends))
