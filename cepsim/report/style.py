"""One look for every picture, and what no picture goes without."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import Any, Final

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter, FuncFormatter, MaxNLocator

from cepsim.labels import Language, label
from cepsim.units import format_number, format_share

#: Colours that people who confuse some can tell apart (Okabe & Ito 2008), never used alone.
_COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_LINES: Final = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (8, 2)))
_MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X")
_HATCHES: Final = ("", "///", "...", "\\\\\\", "xx", "++", "oo", "**", "--", "||")
_WIDTH_INCHES = 9.0
_CAPTION_COLUMNS = 130
_LINE_INCHES = 0.17
_LEGEND_INCHES = 0.2
#: What is left free at the left edge, as a share of the width.
_EDGE = 0.02
_MOST_DECIMALS = 6


def colour(rank: int) -> str:
    """The colour of what is drawn in this rank; beyond seven, colours come again, with other hatches."""
    return _COLOURS[rank % len(_COLOURS)]


def dashes(rank: int) -> Any:
    """How its line is broken; there are seven."""
    return _LINES[rank]


def marker(rank: int) -> str:
    """The shape of its points; there are seven."""
    return _MARKERS[rank]


def hatch(rank: int) -> str:
    """How its area is filled."""
    return _HATCHES[rank % len(_HATCHES)]


@dataclass(frozen=True, slots=True)
class Caption:
    """What a picture says of itself: nothing can be drawn without it.

    `reading` reads one figure aloud; `scope` says on whom; `source` from what; `note` how sure.
    """

    title: str
    reading: str
    scope: str
    source: str
    note: str

    def lines(self, language: Language) -> list[str]:
        """The lines under the picture, wrapped."""
        parts = ("reading", "scope", "source", "note")
        texts = [f"{label(f'figure.{part}', language)} {getattr(self, part)}" for part in parts]
        return [line for text in texts for line in wrap(text, _CAPTION_COLUMNS)]


@contextmanager
def sober() -> Iterator[None]:
    """Matplotlib's settings while a picture is made."""
    settings: Any = {
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 9,
        "axes.titleweight": "bold",
        "axes.grid": True,
        "grid.alpha": 0.3,
        "legend.frameon": False,
        "hatch.linewidth": 0.5,
        "svg.hashsalt": "cepsim",
        # titles are those of scenario files: a "$" is a dollar
        "text.parse_math": False,
    }
    with mpl.rc_context(settings):
        yield


def canvas(
    caption: Caption, language: Language, columns: int, height: float, legend_lines: int = 1
) -> tuple[Figure, Sequence[Axes]]:
    """A figure with its caption set under `columns` axes side by side; heights in inches.

    Room is left above the axes for a legend of some lines (see `legend`).
    """
    lines = caption.lines(language)
    foot = 0.25 + _LINE_INCHES * len(lines)
    head = 0.75 + _LEGEND_INCHES * legend_lines
    total = height + foot + head - 0.2
    figure = Figure(figsize=(_WIDTH_INCHES, total))
    axes = figure.subplots(1, columns, squeeze=False)[0]
    figure.suptitle(caption.title, fontsize=11, fontweight="bold", x=_EDGE, ha="left", y=1.0 - 0.2 / total)
    figure.text(_EDGE, 0.08 / total, "\n".join(lines), fontsize=7, va="bottom", linespacing=1.35)
    figure.subplots_adjust(
        left=0.09, right=0.97, bottom=(foot + 0.45) / total, top=1.0 - head / total, wspace=0.25
    )
    return figure, list(axes)


def room_for_labels(figure: Figure, axes: Axes) -> None:
    """Give the labels of an axis at the left edge the room that they take, whatever they say."""
    lacking = _EDGE - axes.get_tightbbox().x0 / figure.bbox.width  # type: ignore[union-attr]
    figure.subplots_adjust(left=figure.subplotpars.left + lacking)


def legend(figure: Figure, handles: Sequence[Artist], columns: int) -> None:
    """The legend of a picture, under its title and never on its data."""
    below_title = 1.0 - 0.42 / figure.get_figheight()
    figure.legend(
        handles=list(handles),
        loc="upper left",
        bbox_to_anchor=(_EDGE, below_title),
        ncols=columns,
        fontsize=7.5,
        borderaxespad=0.0,
        borderpad=0.0,
    )


class Numbers(Formatter):
    """Numbers in the reader's language, all of an axis with the decimals that tell its ticks apart."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, value: float, pos: int | None = None) -> str:  # noqa: ARG002 - matplotlib's signature
        """The text of a number alone."""
        return format_number(value, self.language, decimals_of([value]))

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """The texts of the ticks of an axis."""
        decimals = decimals_of(values)
        return [format_number(value, self.language, decimals) for value in values]


def decimals_of(values: Sequence[float]) -> int:
    """The fewest decimals, six at most, with which these values are written as they are."""
    for decimals in range(_MOST_DECIMALS):
        if all(math.isclose(value, round(value, decimals), abs_tol=1e-9) for value in values):
            return decimals
    return _MOST_DECIMALS


def counted(axes: Axes, which: str, language: Language, *, whole: bool = False) -> None:
    """Write the numbers of an axis in the reader's language; `whole` where they count people."""
    axis = getattr(axes, which)
    axis.set_major_formatter(Numbers(language))
    if whole:
        axis.set_major_locator(MaxNLocator(nbins="auto", integer=True))


def shared(axes: Axes, which: str, language: Language) -> None:
    """Write the shares of an axis as percentages."""
    getattr(axes, which).set_major_formatter(FuncFormatter(lambda value, _: format_share(value, language, 0)))


def save(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write a picture as PNG and SVG; returns the two paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind in ("png", "svg"):
        path = folder / f"{name}.{kind}"
        # no date inside: the same run gives the same file
        figure.savefig(path, dpi=150, metadata={"Date": None} if kind == "svg" else {})
        written.append(path)
    return written
