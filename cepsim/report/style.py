"""One look for every picture, and what no picture goes without."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from cepsim.labels import Language, label
from cepsim.units import format_number, format_share

#: Colours that people who confuse some can tell apart (Okabe & Ito 2008), never used alone.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (8, 2)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
HATCHES = ("", "///", "...", "\\\\\\", "xx", "++", "oo", "**", "--", "||")
_WIDTH_INCHES = 9.0
_CAPTION_COLUMNS = 130
_LINE_INCHES = 0.17


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
    }
    with mpl.rc_context(settings):
        yield


def canvas(
    caption: Caption, language: Language, columns: int, height: float
) -> tuple[Figure, Sequence[Axes]]:
    """A figure with its caption set under `columns` axes side by side; heights in inches."""
    lines = caption.lines(language)
    foot = 0.25 + _LINE_INCHES * len(lines)
    total = height + foot + 0.55
    figure = Figure(figsize=(_WIDTH_INCHES, total))
    axes = figure.subplots(1, columns, squeeze=False)[0]
    figure.suptitle(caption.title, fontsize=11, fontweight="bold", x=0.02, ha="left", y=1.0 - 0.2 / total)
    figure.text(0.02, 0.08 / total, "\n".join(lines), fontsize=7, va="bottom", linespacing=1.35)
    figure.subplots_adjust(
        left=0.09, right=0.97, bottom=(foot + 0.45) / total, top=1.0 - 0.75 / total, wspace=0.25
    )
    return figure, list(axes)


def counted(axes: Axes, which: str, language: Language) -> None:
    """Write the numbers of an axis in the reader's language."""
    getattr(axes, which).set_major_formatter(FuncFormatter(lambda value, _: format_number(value, language)))


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
