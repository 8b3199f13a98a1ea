"""`cepsim runs`: the finished units of work that a run takes up again, what one is, which may go."""

import sys
from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from cepsim.cli.render import Sheet, printer, say, show
from cepsim.cli.settings import Settings
from cepsim.cli.spoken import command, group
from cepsim.errors import InputError, UsageError
from cepsim.labels import plural
from cepsim.labels.messages import translated
from cepsim.safe import visible
from cepsim.units import format_number

if TYPE_CHECKING:
    from cepsim.experiment.store import Removable, Store

#: Digits of a key that a list shows; fewer are understood where they name one unit.
_SHOWN: Final = 12
#: What is said of a unit, where its description holds it.
_DESCRIBED: Final = ("scenario", "replication", "shard", "regions", "seed", "sample", "tables_sha256")
_KILOBYTE: Final = 1000
#: Regions of a run that a list shows.
_REGIONS: Final = 3
#: The answers that mean yes, in either language.
_YES: Final = ("o", "oui", "y", "yes")
_MOST_DAYS: Final = 36_500
_DIGITS: Final = 6


def commands(settings: Settings) -> typer.Typer:
    """The group `cepsim runs`."""
    text = settings.text
    app = group(settings, "help.runs")
    store = typer.Option(metavar="DIR", help=text("help.store"), show_default=False)

    @command(app, settings, "list", "help.runs_list")
    def _list(store: Annotated[str, store] = "") -> None:
        list_all(settings, store)

    @command(app, settings, "show", "help.runs_show")
    def _show(
        key: Annotated[str, typer.Argument(metavar=text("metavar.key"), help=text("help.key"))],
        store: Annotated[str, store] = "",
    ) -> None:
        show_one(settings, store, key)

    @command(app, settings, "clean", "help.runs_clean")
    def _clean(
        older_than: Annotated[
            str,
            typer.Option("--older-than", metavar="N", help=text("help.older_than"), show_default=False),
        ] = "",
        everything: Annotated[bool, typer.Option("--all", help=text("help.clean_all"))] = False,
        yes: Annotated[bool, typer.Option("--yes", help=text("help.yes"))] = False,
        store: Annotated[str, store] = "",
    ) -> None:
        age = _days(settings, older_than) if older_than else None
        remove(settings, store, older_than=age, everything=everything, yes=yes)

    return app


def list_all(settings: Settings, folder: str) -> None:
    """Print every unit, a line each, and what they take on the disk."""
    store, text = _store(folder), settings.text
    entries = store.entries()
    if entries.empty:
        say(printer(sys.stdout), text("runs.empty", folder=store.folder))
        return
    rows = tuple(
        (
            str(row["key"])[:_SHOWN],
            str(row["scenario"]),
            str(row["replication"]),
            str(row["shard"]),
            str(row["seed"]),
            *_apart(row, settings),
            format_number(int(row["people"]), settings.language),
            format_number(int(row["visits"]), settings.language),
            _kilobytes(int(row["bytes"]), settings),
            _minute(row["written"]),
        )
        for row in entries.to_dict("records")
    )
    names = (
        *("key", "scenario", "replication", "shard", "seed", "regions", "years", "sample", "keeps"),
        *("people", "visits", "kilobytes", "stored"),
    )
    note = text(
        "runs.note",
        count=_units(len(entries), settings),
        size=_kilobytes(int(entries["bytes"].sum()), settings),
        folder=store.folder,
    )
    columns = tuple(text(f"column.{name}") for name in names)
    show(printer(sys.stdout), Sheet(text("runs.title"), note, columns, rows))


def _apart(row: "Mapping[Hashable, Any]", settings: Settings) -> tuple[str, ...]:
    """What tells apart units of one scenario, replication, part and seed."""
    text, regions = settings.text, str(row["regions"]).split(",")
    sampled = text("runs.one_in", sample=row["sample"]) if row["sample"] > 1 else ""
    kept = [text(f"runs.keeps.{name}") for name in str(row["keeps"]).split("+") if name]
    if not row["this_program"]:
        kept.append(text("runs.other_program"))
    shown = ",".join(regions[:_REGIONS]) + ("…" if len(regions) > _REGIONS else "")
    return shown, str(row["years"]), sampled, ", ".join(kept)


def show_one(settings: Settings, folder: str, key: str) -> None:
    """Print what a unit is, whether it is sound, and its files. Raises InputError if no key begins so."""
    store, text = _store(folder), settings.text
    whole = _found(store, key)
    about = store.about(whole)
    if about is None:
        raise _no_unit(store, key, f"a unit whose {whole}/about.json can be trusted")
    problem = store.problem(whole)
    facts = {
        **{name: str(about["about"][name]) for name in _DESCRIBED if name in about["about"]},
        "people": format_number(about["people"], settings.language),
        "visits": format_number(about["visits"], settings.language),
        "stored": _minute(datetime.fromisoformat(about["written"])),
        "program": about["program"],
        "folder": str(store.folder / whole),
        "state": text("runs.damaged", problem=_said(problem, settings)) if problem else text("runs.sound"),
    }
    labels = {name: text(f"column.{name}") for name in facts}
    console = printer(sys.stdout)
    columns = (text("column.property"), text("column.value"))
    show(console, Sheet(whole, "", columns, tuple((labels[name], said) for name, said in facts.items())))
    rows = tuple(
        (name, *(format_number(file[size], settings.language) for size in ("rows", "bytes")))
        for name, file in about["files"].items()
    )
    show(console, Sheet("", "", tuple(text(f"column.{name}") for name in ("file", "rows", "bytes")), rows))


def remove(
    settings: Settings, folder: str, *, older_than: timedelta | None, everything: bool, yes: bool
) -> None:
    """Say what may go, then remove it if `yes` or if the user, asked on a terminal, says so."""
    store, text, console = _store(folder), settings.text, printer(sys.stdout)
    things = store.removable(older_than=older_than, everything=everything)
    if not things:
        say(console, text("runs.nothing", folder=store.folder))
        return
    show(console, _removable_sheet(things, settings))
    if not (yes or _agrees(settings)):
        say(console, text("runs.kept"))
        return
    store.clean(things)
    left = {thing.name for thing in store.removable(older_than=older_than, everything=everything)}
    gone = sum(thing.name not in left for thing in things)
    say(console, text("runs.removed", count=gone, folder=store.folder), style="green")


def _removable_sheet(things: "Sequence[Removable]", settings: Settings) -> Sheet:
    text = settings.text
    rows = tuple(
        (thing.name, text(f"runs.cause.{thing.cause}"), _kilobytes(thing.bytes, settings)) for thing in things
    )
    columns = tuple(text(f"column.{name}") for name in ("name", "cause", "kilobytes"))
    return Sheet(text("runs.removable"), "", columns, rows)


def _agrees(settings: Settings) -> bool:
    """The user's answer; no where nobody is there to give it."""
    if not sys.stdin.isatty():
        return False
    answer = typer.prompt(settings.text("runs.ask"), default="", show_default=False)
    return str(answer).strip().casefold() in _YES


def _store(folder: str) -> "Store":
    from cepsim.experiment.store import DEFAULT_FOLDER, Store

    return Store(Path(folder) if folder else DEFAULT_FOLDER)


def _found(store: "Store", key: str) -> str:
    """The key that begins with these digits. Raises InputError unless there is one."""
    keys = store.named(key.casefold())
    if len(keys) != 1:
        raise _no_unit(store, key, "the first digits of one key" if keys else "the first digits of a key")
    return keys[0]


def _no_unit(store: "Store", key: str, expected: str) -> InputError:
    return InputError(
        file=visible(str(store.folder)),
        found=key,
        expected=expected,
        remedy="`cepsim runs list` gives them.",
    )


def _days(settings: Settings, words: str) -> timedelta:
    if not (words.isascii() and words.isdigit() and len(words) < _DIGITS and int(words) <= _MOST_DAYS):
        raise UsageError(settings.text("usage.number", option="--older-than", found=words, least=0))
    return timedelta(days=int(words))


def _said(problem: str, settings: Settings) -> str:
    return translated("sentence", problem) if settings.language == "fr" else problem


def _units(count: int, settings: Settings) -> str:
    return plural("count.units", count, settings.language)


def _kilobytes(size: int, settings: Settings) -> str:
    return format_number(size / _KILOBYTE, settings.language, 1)


def _minute(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M}"
