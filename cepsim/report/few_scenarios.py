"""Pictures of a few scenarios: a curve each, or bars side by side."""

from __future__ import annotations

from math import ceil
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, MonthLocator, date2num
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from cepsim.indicators.estimates import Curves
from cepsim.labels import labels_under
from cepsim.report.drawer import BACKLOG_OPERATORS, BIN_DAYS, OPERATOR, STEPS, WAIT_OPERATORS, Drawer
from cepsim.report.style import (
    canvas,
    colour,
    counted,
    dashes,
    hatch,
    legend,
    marker,
    room_for_labels,
    shared,
)

_WAIT_DAYS = 180
_STEP_COLUMNS = 26


def _stroke(rank: int) -> dict[str, Any]:
    """Colour and dashes of a scenario, by its rank."""
    return {"color": colour(rank), "linestyle": dashes(rank)}


class FewScenarios(Drawer):
    """Scenarios told apart by colour, dashes and hatches."""

    def waits(self) -> Figure:
        """Share received and share lost by days since asking for an accueil."""
        curves = self.wait_curves()
        caption = self.waits_caption(curves[OPERATOR, self.scenarios[-1].name])
        figure, axes = canvas(caption, self.language, 2, 3.3, ceil((len(self.scenarios) + 2) / 3))
        for axis, operator in zip(axes, WAIT_OPERATORS, strict=True):
            for rank, scenario in enumerate(self.scenarios):
                self._wait_curve(axis, curves[operator, scenario.name], rank)
            axis.set(
                xlim=(0, _WAIT_DAYS), ylim=(0, 1), title=self.operator(operator), xlabel=self.text("days")
            )
            shared(axis, "yaxis", self.language)
        axes[0].set_ylabel(self.text("share"))
        received = [
            Line2D([], [], **_stroke(rank), label=self.text("received_by", scenario=self.title_of(s.name)))
            for rank, s in enumerate(self.scenarios)
        ]
        left = Line2D([], [], color="grey", linewidth=0.9, label=self.text("left"))
        unknown = Patch(facecolor="none", edgecolor="grey", hatch="///", label=self.text("unknown"))
        legend(figure, [*received, left, unknown], columns=3)
        return figure

    def _wait_curve(self, axis: Axes, curves: Curves, rank: int) -> None:
        """Received from below, lost from above; what lies between is waiting, hatched once not yet known."""
        days, size = BIN_DAYS, len(BIN_DAYS)
        received, lost = curves.received[0][:size], 1.0 - curves.lost[0][:size]
        known = np.arange(size) <= curves.known[0]
        axis.plot(days[known], received[known], **_stroke(rank))
        axis.plot(days[known], lost[known], **_stroke(rank), linewidth=0.9, alpha=0.8)
        axis.fill_between(days[known], lost[known], 1.0, color=colour(rank), alpha=0.07)
        if not known.all():
            last = int(curves.known[0])
            axis.fill_between(
                days[last:],
                received[last],
                lost[last],
                facecolor="none",
                edgecolor=colour(rank),
                hatch="///",
            )

    def funnel(self) -> Figure:
        """People at each step, scenarios side by side, with their intervals where there are some."""
        values = self.people_by_step()
        caption = self.funnel_caption(values[self.scenarios[-1].name])
        figure, (axis,) = canvas(caption, self.language, 1, 3.8, ceil(len(self.scenarios) / 3))
        height = 0.8 / len(self.scenarios)
        for rank, scenario in enumerate(self.scenarios):
            frame = values[scenario.name]
            place = np.arange(len(STEPS)) + (rank - (len(self.scenarios) - 1) / 2) * height
            spread = np.array([frame["mean"] - frame["low"], frame["high"] - frame["mean"]])
            axis.barh(
                place,
                frame["mean"],
                height * 0.92,
                xerr=spread if self.has_intervals else None,
                color=colour(rank),
                alpha=0.75,
                hatch=hatch(rank),
                edgecolor="white",
                error_kw={"elinewidth": 1, "capsize": 2},
                label=self.title_of(scenario.name),
            )
        steps = labels_under("answers.step", self.language)
        axis.set_yticks(np.arange(len(STEPS)), [fill(steps[step], _STEP_COLUMNS) for step in STEPS])
        axis.invert_yaxis()
        axis.set_xlabel(self.text("people"))
        counted(axis, "xaxis", self.language, whole=True)
        legend(figure, axis.get_legend_handles_labels()[0], columns=3)
        room_for_labels(figure, axis)
        return figure

    def backlog(self) -> Figure:
        """People waiting for an accueil, Monday after Monday, to the end of observation.

        The peak that is read aloud is within the horizon, whose end is marked: beyond it is the follow-up.
        """
        caption = self.backlog_caption("band")
        figure, axes = canvas(
            caption, self.language, len(BACKLOG_OPERATORS), 3.0, ceil((len(self.scenarios) + 1) / 3)
        )
        for axis, operator in zip(axes, BACKLOG_OPERATORS, strict=True):
            for rank, scenario in enumerate(self.scenarios):
                here = self.waiting(operator, scenario.name)
                when = pd.to_datetime(here.index).to_numpy()
                axis.plot(
                    when,
                    here["mean"],
                    **_stroke(rank),
                    marker=marker(rank),
                    markevery=26,
                    markersize=4,
                    label=self.title_of(scenario.name),
                )
                if self.has_intervals:
                    axis.fill_between(when, here["low"], here["high"], color=colour(rank), alpha=0.15)
            axis.axvline(
                date2num(self.horizon_end()),  # type: ignore[no-untyped-call]
                color="black",
                linewidth=0.8,
                label=self.text("horizon_end"),
            )
            axis.set_title(self.operator(operator))
            axis.set_ylim(bottom=0)
            axis.xaxis.set_major_locator(MonthLocator(bymonth=1))  # type: ignore[no-untyped-call]
            axis.xaxis.set_major_formatter(DateFormatter("%Y"))  # type: ignore[no-untyped-call]
            axis.set_xlabel(self.text("monday"))
            counted(axis, "yaxis", self.language, whole=True)
        axes[0].set_ylabel(self.text("people"))
        legend(figure, axes[0].get_legend_handles_labels()[0], columns=3)
        return figure
