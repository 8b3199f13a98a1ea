"""Pictures of many scenarios: a row each, in the order of the run."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from cepsim.indicators.estimates import Curves
from cepsim.labels import labels_under
from cepsim.report.drawer import BACKLOG_OPERATORS, BIN_DAYS, OPERATOR, STEPS, WAIT_OPERATORS, Drawer
from cepsim.report.style import canvas, colour, counted, legend, room_for_labels, shared

#: Days by which people are received, from the darkest to the lightest part of a row.
_BY_DAYS = (7, 30, 90, 180)
_RECEIVED = ("#08519c", "#3182bd", "#6baed6", "#bdd7e7")
_LEFT, _LOST = "#ffffff", "#d9a066"
_ROW_INCHES = 0.3
_NAME_COLUMNS = 34
_STEP_COLUMNS = 14


class ManyScenarios(Drawer):
    """Scenarios told apart by their row, on axes that share them."""

    def waits(self) -> Figure:
        """Shares received by 7, 30, 90 and 180 days, still there, and lost by the last of them."""
        curves = self.wait_curves()
        caption = self.waits_caption(curves[OPERATOR, self.scenarios[-1].name], note="note_by_row")
        names = [self.text("received_within", days=days) for days in _BY_DAYS]
        parts = [*zip(names, _RECEIVED, strict=True)]
        parts += [
            (self.text("still_there_at", days=_BY_DAYS[-1]), _LEFT),
            (self.text("lost_by", days=_BY_DAYS[-1]), _LOST),
        ]
        figure, axes = canvas(caption, self.language, len(WAIT_OPERATORS), self._height, ceil(len(parts) / 3))
        for axis, operator in zip(axes, WAIT_OPERATORS, strict=True):
            shares = np.array([_shares(curves[operator, s.name]) for s in self.scenarios])
            left = np.cumsum(shares, axis=1) - shares
            for rank, (_, shade) in enumerate(parts):
                axis.barh(
                    self._rows,
                    shares[:, rank],
                    left=left[:, rank],
                    height=0.75,
                    color=shade,
                    edgecolor="grey",
                    linewidth=0.4,
                )
            axis.set(xlim=(0, 1), title=self.operator(operator), xlabel=self.text("share"))
            shared(axis, "xaxis", self.language)
        self._name_rows(figure, axes)
        legend(
            figure, [Patch(facecolor=shade, edgecolor="grey", label=name) for name, shade in parts], columns=3
        )
        return figure

    def funnel(self) -> Figure:
        """People at each step, an axis each, with their intervals where there are some."""
        values = self.people_by_step()
        caption = self.funnel_caption(values[self.scenarios[-1].name])
        figure, axes = canvas(caption, self.language, len(STEPS), self._height, 1)
        titles = labels_under("answers.step", self.language)
        for axis, step in zip(axes, STEPS, strict=True):
            mean, low, high = (
                np.array([values[s.name][c][step] for s in self.scenarios]) for c in ("mean", "low", "high")
            )
            spread = np.array([mean - low, high - mean])
            axis.barh(
                self._rows,
                mean / 1000,
                height=0.7,
                xerr=spread / 1000 if self.has_intervals else None,
                color=colour(0),
                alpha=0.75,
                error_kw={"elinewidth": 1, "capsize": 2},
            )
            axis.set_title(fill(titles[step], _STEP_COLUMNS), fontsize=7.5)
            axis.set_xlabel(self.text("thousands"))
            axis.xaxis.set_major_locator(MaxNLocator(nbins=3))
            counted(axis, "xaxis", self.language)
        self._name_rows(figure, axes)
        return figure

    def backlog(self) -> Figure:
        """The longest queue for an accueil within the horizon, and the queue at its end."""
        caption = self.backlog_caption()
        figure, axes = canvas(caption, self.language, len(BACKLOG_OPERATORS), self._height, 1)
        for axis, operator in zip(axes, BACKLOG_OPERATORS, strict=True):
            queues = [self.within_horizon(self.waiting(operator, s.name))["mean"] for s in self.scenarios]
            peak, last = np.array([q.max() for q in queues]), np.array([q.iloc[-1] for q in queues])
            axis.hlines(self._rows, last, peak, color="grey", linewidth=0.8)
            axis.plot(peak, self._rows, "o", color=colour(1), markersize=5, label=self.text("longest"))
            axis.plot(
                last,
                self._rows,
                "|",
                color=colour(0),
                markersize=9,
                markeredgewidth=2,
                label=self.text("at_the_end"),
            )
            axis.set(title=self.operator(operator), xlabel=self.text("people"))
            axis.set_xlim(left=0)
            axis.xaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
            counted(axis, "xaxis", self.language)
        self._name_rows(figure, axes)
        legend(figure, axes[0].get_legend_handles_labels()[0], columns=3)
        return figure

    @property
    def _height(self) -> float:
        return 0.6 + _ROW_INCHES * len(self.scenarios)

    @property
    def _rows(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.arange(len(self.scenarios))

    def _name_rows(self, figure: Figure, axes: Sequence[Axes]) -> None:
        """The scenarios' names at the left of the first axis alone."""
        for axis in axes:
            axis.set_ylim(len(self.scenarios) - 0.4, -0.6)
            axis.set_yticks(self._rows, [""] * len(self.scenarios))
            axis.grid(visible=False, axis="y")
        axes[0].set_yticks(
            self._rows, [fill(self.title_of(s.name), _NAME_COLUMNS) for s in self.scenarios], fontsize=7
        )
        room_for_labels(figure, axes[0])


def _shares(curves: Curves) -> list[float]:
    """Received within each of `_BY_DAYS`, then still there or not yet known, then lost; they sum to 1."""
    known = min(int(curves.known[0]), len(BIN_DAYS) - 1)
    at = [min(int(np.searchsorted(BIN_DAYS, days)), known) for days in _BY_DAYS]
    received, lost = curves.received[0][at], float(curves.lost[0][at[-1]])
    parts = np.diff(received, prepend=0.0)
    return [*parts.tolist(), 1.0 - float(received[-1]) - lost, lost]
