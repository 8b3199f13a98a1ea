"""`cepsim run --precision`: what is asked for, and how it is read from the command line."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import typer

from cepsim.cli.settings import Settings
from cepsim.errors import UsageError
from cepsim.labels import labels_under

if TYPE_CHECKING:
    from cepsim.experiment import Precision
    from cepsim.experiment.search import Search

#: The defaults of `experiment.search`, which help may not import; a test holds them together.
DEFAULT_MOST: Final = 50
DEFAULT_INDICATORS: Final = ("received_opacif", "wait_p50", "share_lost", "gross_cost", "net_cost")
#: A number with a point or a comma, and perhaps a per cent sign.
_PERCENT: Final = re.compile(r"([0-9]{1,9})(?:[.,]([0-9]{1,9}))?\s*(%?)")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options of a precision as they were given; without `relative` there is none."""

    relative: float | None
    most: int | None
    indicators: tuple[str, ...]

    def precision(self, settings: Settings) -> Precision | None:
        """What a run is asked for. Raises UsageError for an option that nothing uses."""
        from cepsim.experiment import Precision

        if self.relative is None:
            for option, given in (("--max-replications", self.most), ("--indicator", self.indicators)):
                if given:
                    raise UsageError(settings.text("usage.without_precision", option=option))
            return None
        return Precision(self.relative, self.indicators or DEFAULT_INDICATORS, self.most)


def precision_option(settings: Settings) -> Any:
    """The option `--precision`."""
    return typer.Option(
        "--precision",
        metavar=settings.text("metavar.percent"),
        help=settings.text("help.precision"),
        parser=share_parser(settings, "--precision"),
        show_default=False,
    )


def indicator_option(settings: Settings) -> Any:
    """The option `--indicator`, which may be repeated."""
    others = [name for name in _names() if name not in DEFAULT_INDICATORS]
    return typer.Option(
        "--indicator",
        metavar=settings.text("metavar.indicator"),
        help=settings.text("help.indicator", default=", ".join(DEFAULT_INDICATORS), others=", ".join(others)),
        autocompletion=complete_indicator,
        show_default=False,
    )


def complete_indicator(incomplete: str) -> list[str]:
    """Names of indicators that a shell offers."""
    return [name for name in _names() if name.startswith(incomplete)]


def share_parser(settings: Settings, option: str) -> Callable[[str], float]:
    """A parser of "2%", "2 %", "2,5%" or "0.02" as a share, which refuses others in the user's language."""

    def parse(words: str) -> float:
        match = _PERCENT.fullmatch(words.strip())
        if match:
            number = Decimal(f"{match[1]}.{match[2] or 0}")
            share = number / 100 if match[3] else number
            if 0 < share < 1:
                return float(share)
        raise UsageError(settings.text("usage.precision", option=option, found=words))

    return parse


def until(search: Search, settings: Settings) -> str:
    """How many replications a search may run, and for what."""
    from cepsim.report import wanted

    return settings.text(
        "run.until_precise",
        fewest=search.rule.fewest,
        most=search.most,
        wanted=wanted(search, settings.language),
    )


def _names() -> list[str]:
    """Every name, from their labels: the indicators themselves are too heavy for help."""
    return list(labels_under("precision.indicator"))
