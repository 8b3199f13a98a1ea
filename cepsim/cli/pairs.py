"""Options that give a number to a name, `wait_p90=60`, or to two, `a,b=0,5`."""

import math
from typing import Any

import typer

from cepsim.cli.settings import Settings
from cepsim.errors import UsageError


def pairs_option(settings: Settings, name: str, metavar: str) -> Any:
    """An option that may be repeated, each time a name (or two) and a number."""
    return typer.Option(
        f"--{name}",
        metavar=settings.text(f"metavar.{metavar}"),
        help=settings.text(f"help.{name}"),
        show_default=False,
    )


def numbers_of(
    settings: Settings, option: str, words: list[str] | None, *, names: int = 1
) -> dict[Any, float]:
    """The numbers given, by name, or by tuples of as many `names`. A decimal comma is as good as a point.

    Raises UsageError in the user's language.
    """
    found: dict[Any, float] = {}
    for word in words or []:
        left, sign, right = word.rpartition("=")
        parts = tuple(part.strip() for part in left.split(","))
        number = _number(right)
        if not sign or number is None or len(parts) != names or not all(parts):
            raise UsageError(settings.text(f"usage.pairs_{names}", option=f"--{option}", found=word))
        found[parts[0] if names == 1 else parts] = number
    return found


def _number(text: str) -> float | None:
    try:
        number = float("".join(text.split()).replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
