"""The tree of commands, in one language: what `cepsim --help` shows."""

from collections.abc import Callable
from typing import Annotated

import typer

import cepsim
from cepsim.cli import (
    backtest,
    bench,
    check,
    compare,
    costs,
    data,
    dossier,
    estimate,
    explain,
    note,
    provenance,
    regions,
    report,
    run,
    runs,
    scenarios,
    sensitivity,
    size,
    verify,
)
from cepsim.cli.settings import Settings
from cepsim.cli.spoken import group


def build(settings: Settings) -> Callable[[list[str]], object]:
    """The command line in the user's language, as a function of the words to run.

    It returns an exit code, or None; what goes wrong is raised, for the edge to tell.
    """
    text = settings.text
    app = group(settings, "help.cepsim", epilog=text("help.epilog"))

    def version(asked: bool) -> None:
        if asked:
            typer.echo(f"cepsim {cepsim.__version__}")
            raise typer.Exit

    @app.callback()
    def _common(
        version: Annotated[
            bool, typer.Option("--version", callback=version, is_eager=True, help=text("help.version"))
        ] = False,
        lang: Annotated[bool, typer.Option("--lang", metavar="fr|en", help=text("help.lang"))] = False,
        data: Annotated[bool, typer.Option("--data", metavar="DIR", help=text("help.data"))] = False,
        debug: Annotated[bool, typer.Option("--debug", help=text("help.debug"))] = False,
    ) -> None:
        # The last three are taken from the line before it comes here, wherever they stand: they are declared
        # for help and completion alone. As flags, since typer loads pydantic to read any other value.
        del version, lang, data, debug

    run.add_to(app, settings)
    compare.add_to(app, settings)
    sensitivity.add_to(app, settings)
    check.add_to(app, settings)
    costs.add_to(app, settings)
    explain.add_to(app, settings)
    note.add_to(app, settings)
    dossier.add_to(app, settings)
    report.add_to(app, settings)
    provenance.add_to(app, settings)
    backtest.add_to(app, settings)
    bench.add_to(app, settings)
    size.add_to(app, settings)
    estimate.add_to(app, settings)
    verify.add_to(app, settings)
    app.add_typer(scenarios.commands(settings), name="scenarios")
    app.add_typer(data.commands(settings), name="data")
    app.add_typer(regions.commands(settings), name="regions")
    app.add_typer(runs.commands(settings), name="runs")
    whole = typer.main.get_command(app)
    return lambda words: whole.main(args=words, prog_name="cepsim", standalone_mode=False)
