"""`cepsim regions`, and the regions that `--region` names."""

import csv
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

import typer

from cepsim.cli.render import Sheet, printer, show
from cepsim.cli.settings import Settings
from cepsim.cli.spoken import command, group
from cepsim.errors import RegionError
from cepsim.resources import tables_folder

if TYPE_CHECKING:
    from cepsim.tables import Region

#: The words that stand for the regions named as pilots in November 2013.
PILOTS: Final = ("pilotes", "pilots")
#: The words that stand for every region.
EVERYWHERE: Final = ("france", "toutes", "all")


def commands(settings: Settings) -> typer.Typer:
    """The group `cepsim regions`."""
    app = group(settings, "help.regions")

    @command(app, settings, "list", "help.regions_list")
    def _list() -> None:
        list_regions(settings)

    @command(app, settings, "access", "help.regions_access")
    def _access() -> None:
        show_access(settings)

    return app


def list_regions(settings: Settings) -> None:
    """Print every region: code, name, zone, whether it is a pilot."""
    text = settings.text
    columns = tuple(text(f"column.{name}") for name in ("code", "region", "zone", "pilot"))
    rows = tuple(
        (region.code, region.name, text(f"zone.{region.zone}"), text("yes") if region.pilot else "")
        for region in settings.tables().regions
    )
    show(printer(sys.stdout), Sheet(text("regions.title"), text("regions.note"), columns, rows))


def show_access(settings: Settings) -> None:
    """Print the points of accueil per 100 000 active people of every region."""
    from cepsim.report import access_table

    table = access_table(settings.tables(), settings.language)
    show(printer(sys.stdout), Sheet(table.title, table.note, table.columns, table.rows))


def region_codes(given: Sequence[str], regions: "Sequence[Region]") -> tuple[str, ...]:
    """The codes of the regions that the words of `--region` name, each once.

    A word is a code, a name (case, accents and hyphens apart), the word for the pilots or for all of them, or
    several of these separated by commas. Raises RegionError, with the nearest name.
    """
    known = {_folded(region.name): region.code for region in regions} | {
        region.code: region.code for region in regions
    }
    codes: list[str] = []
    for word in _words(given):
        if _folded(word) in EVERYWHERE:
            codes += [region.code for region in regions]
        elif _folded(word) in PILOTS:
            codes += [region.code for region in regions if region.pilot]
        elif _folded(word) in known:
            codes.append(known[_folded(word)])
        else:
            raise _unknown(word, regions)
    return tuple(dict.fromkeys(codes))


def complete_region(incomplete: str) -> list[tuple[str, str]]:
    """Codes that a shell offers, with their names; read from the file alone, which is quick."""
    with (tables_folder() / "regions_names.csv").open(encoding="utf-8", newline="") as stream:
        rows = [(row["region"], row["name"]) for row in csv.DictReader(stream)]
    return [(code, name) for code, name in rows if code.startswith(incomplete)]


def everywhere_option(settings: Settings) -> Any:
    """The option `--region`, which may be repeated, of what concerns every region unless told otherwise."""
    return typer.Option(
        metavar="CODE",
        help=settings.text("help.everywhere"),
        autocompletion=complete_region,
        show_default=False,
    )


def _words(given: Sequence[str]) -> Iterator[str]:
    for words in given:
        yield from (word.strip() for word in words.split(","))


def _folded(name: str) -> str:
    """Lower case, no accents, spaces for hyphens and apostrophes: "Île-de-France" is "ile de france"."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    return " ".join("".join(sign if sign.isalnum() else " " for sign in plain.casefold()).split())


def _unknown(word: str, regions: "Sequence[Region]") -> RegionError:
    names = {_folded(region.name): f"{region.code} {region.name}" for region in regions}
    close = get_close_matches(_folded(word), names, n=1)
    return RegionError(
        file="--region",
        found=word,
        expected='the code or the name of a region of 2012 ("53", "Bretagne"), "pilotes" or "france"',
        remedy=f'Did you mean "{names[close[0]]}"? `cepsim regions list` gives all codes and names.'
        if close
        else "`cepsim regions list` gives all codes and names.",
    )
