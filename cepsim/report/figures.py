"""The pictures of a run: waits with what is lost and not yet known, funnel, backlog, cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from math import ceil
from pathlib import Path
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, MonthLocator, date2num
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from cepsim.costing import TRANSFERS
from cepsim.experiment import Results
from cepsim.experiment.sentence import places
from cepsim.indicators import ALL, FEWEST_REPLICATIONS
from cepsim.indicators.bins import SECONDS
from cepsim.indicators.curves import of_horizon
from cepsim.indicators.estimates import Curves
from cepsim.labels import Language, label, labels_under, plural
from cepsim.report.cells import day, period
from cepsim.report.style import (
    Caption,
    canvas,
    colour,
    counted,
    dashes,
    hatch,
    legend,
    marker,
    room_for_labels,
    save,
    shared,
    sober,
)
from cepsim.units import SECONDS_PER_DAY, format_euros, format_number, format_share

_WAIT_DAYS = 180
_OPERATOR = "opacif"
#: Never all together: the accueil of Pôle emploi, inside its registration interview, hides the others' wait.
_WAIT_OPERATORS = ("opacif", "pole_emploi")
_STEPS = ("ask_accueil", "received", "conseil_entered", "conseil_finished", "files", "completed")
_STEP_COLUMNS = 26
_BACKLOG_OPERATORS = ("opacif", "apec", "pole_emploi")
#: Natures of cost shown as one block each, in order; every nature of the ledger that costs is in one of them.
_BLOCKS = {
    "advisers": ("advisers_",),
    "first_line": ("first_line_", "telecom", "portal"),
    "bilans": ("bilan_",),
    "files": ("instruction_repeated",),
    "launch": ("training_of_advisers", "recruitment", "shared_tools"),
    "regions": ("regional_coordination", "information_base"),
    "employers": ("working_time_given",),
}


def figures(results: Results, folder: Path, language: Language = "fr") -> list[Path]:
    """Draw every picture of a run into a folder, PNG and SVG; returns the files written."""
    with sober():
        drawn = pictures(results, language).items()
        return [path for name, picture in drawn for path in save(picture, folder, name)]


def pictures(results: Results, language: Language = "fr") -> dict[str, Figure]:
    """Every picture of a run, by the name of its files."""
    drawer = _Drawer(results, language)
    return {
        "attentes": drawer.waits(),
        "entonnoir": drawer.funnel(),
        "files-d-attente": drawer.backlog(),
        "couts": drawer.costs(),
    }


def delay_curves(waits: Sequence[pd.DataFrame], stage: str, operator: str) -> Curves:
    """Shares received and lost by time since joining a stage, cohorts of the horizon weighed by size.

    `waits` are those of the horizon, a table a replication. One curve over the people of all replications,
    shape (1, bins of `indicators.bins.SECONDS`).
    """
    table = pd.concat([each[(each["stage"] == stage) & (each["operator"] == operator)] for each in waits])
    groups = table.groupby("cohort", sort=True).ngroup().to_numpy()
    shape = (int(groups.max(initial=-1)) + 1, len(SECONDS))
    counted_by: dict[str, np.ndarray[tuple[int, int], np.dtype[np.int64]]] = {}
    for measure in ("entered", "called", "lost", "censored"):
        counted_by[measure] = np.zeros(shape, dtype=np.int64)
        np.add.at(counted_by[measure], (groups, table["bin"].to_numpy()), table[measure].to_numpy())
    curves = Curves.of(**counted_by)
    return curves.mixed(np.zeros(shape[0], dtype=np.int64), counted_by["entered"].sum(axis=1))


def _stroke(rank: int) -> dict[str, Any]:
    """Colour and dashes of a scenario, by its rank."""
    return {"color": colour(rank), "linestyle": dashes(rank)}


class _Drawer:
    def __init__(self, results: Results, language: Language) -> None:
        self.results, self.language = results, language
        self.scenarios = results.plan.scenarios
        self.whole = results.indicators[results.indicators["region"] == ALL]

    def text(self, key: str, **values: object) -> str:
        return label(f"figure.{key}", self.language, **values)

    def title_of(self, name: str) -> str:
        title = next(s.title for s in self.scenarios if s.name == name)
        return title.fr if self.language == "fr" else title.en

    def operator(self, code: str) -> str:
        return label(f"operator.{code}", self.language)

    @property
    def has_intervals(self) -> bool:
        """Whether there are enough replications to draw what they vary by."""
        return self.results.plan.replications >= FEWEST_REPLICATIONS

    def caption(self, name: str, drawn: str = "", **values: object) -> Caption:
        """The texts of a picture; `drawn` is how it shows intervals, "bars" or "band", if it does."""
        plan = self.results.plan
        common = {
            "places": places(plan, self.language),
            "period": period(plan.scenarios[0].calendar, self.language),
            "replications": plural("sentence.replications", plan.replications, self.language),
        }
        parts = ("title", "reading", "scope", "note")
        texts = {part: self.text(f"{name}.{part}", **common, **values) for part in parts}
        if drawn:
            texts["note"] += " " + self.text(drawn if self.has_intervals else "no_interval")
        if plan.sample > 1:
            texts["note"] += " " + self.text("sample", sample=plan.sample)
        return Caption(source=self.text("from", version=plan.tables.digest[:8], seed=plan.seed), **texts)

    def share(self, value: float) -> str:
        return format_share(value, self.language, 0)

    # -- pictures --------------------------------------------------------------------------------------

    def _waits_of(self, scenario: str) -> list[pd.DataFrame]:
        """The waits for an accueil that are drawn, of each replication: a country's are too many to keep."""
        found = []
        for measured in self.results.measured[scenario]:
            counts = measured.counts
            table = of_horizon(counts.waits, counts.window)
            found.append(table[(table["stage"] == "accueil") & table["operator"].isin(_WAIT_OPERATORS)])
        return found

    def waits(self) -> Figure:
        """Share received and share lost by days since asking for an accueil."""
        curves = {
            (operator, s.name): delay_curves(waits, "accueil", operator)
            for s in self.scenarios
            for waits in [self._waits_of(s.name)]
            for operator in _WAIT_OPERATORS
        }
        days = SECONDS.lower[1:] / SECONDS_PER_DAY
        month = int(np.searchsorted(days, 30))
        read = curves[_OPERATOR, self.scenarios[-1].name]
        caption = self.caption(
            "waits",
            scenario=self.title_of(self.scenarios[-1].name),
            received=self.share(read.received[0][month]),
            lost=self.share(read.lost[0][month]),
        )
        figure, axes = canvas(caption, self.language, 2, 3.3, ceil((len(self.scenarios) + 2) / 3))
        for axis, operator in zip(axes, _WAIT_OPERATORS, strict=True):
            for rank, scenario in enumerate(self.scenarios):
                self._wait_curve(axis, days, curves[operator, scenario.name], rank)
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

    def _wait_curve(
        self,
        axis: Axes,
        days: np.ndarray[tuple[int], np.dtype[np.float64]],
        curves: Curves,
        rank: int,
    ) -> None:
        """Received from below, lost from above; what lies between is waiting, hatched once not yet known."""
        size = len(days)
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
        horizon = self.whole[(self.whole["period"] == ALL) & (self.whole["public"] == ALL)]
        values = {s.name: self._steps(horizon[horizon["scenario"] == s.name]) for s in self.scenarios}
        last = values[self.scenarios[-1].name]
        caption = self.caption(
            "funnel",
            "bars",
            scenario=self.title_of(self.scenarios[-1].name),
            asked=format_number(float(last["mean"]["ask_accueil"]), self.language),
            received=format_number(float(last["mean"]["received"]), self.language),
        )
        figure, (axis,) = canvas(caption, self.language, 1, 3.8, ceil(len(self.scenarios) / 3))
        height = 0.8 / len(self.scenarios)
        for rank, scenario in enumerate(self.scenarios):
            frame = values[scenario.name]
            place = np.arange(len(_STEPS)) + (rank - (len(self.scenarios) - 1) / 2) * height
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
        axis.set_yticks(np.arange(len(_STEPS)), [fill(steps[step], _STEP_COLUMNS) for step in _STEPS])
        axis.invert_yaxis()
        axis.set_xlabel(self.text("people"))
        counted(axis, "xaxis", self.language, whole=True)
        legend(figure, axis.get_legend_handles_labels()[0], columns=3)
        room_for_labels(figure, axis)
        return figure

    def _steps(self, frame: pd.DataFrame) -> pd.DataFrame:
        found = frame[frame["indicator"].isin([f"people_{step}" for step in _STEPS])].copy()
        found.index = pd.Index(found["indicator"].str.removeprefix("people_"))
        return found.reindex(list(_STEPS))

    def backlog(self) -> Figure:
        """People waiting for an accueil, Monday after Monday, to the end of observation.

        The peak that is read aloud is within the horizon, whose end is marked: beyond it is the follow-up.
        """
        frame = self.whole[
            (self.whole["indicator"] == "backlog")
            & (self.whole["stage"] == "accueil")
            & (self.whole["public"] == ALL)
            & (self.whole["period"] != ALL)
        ]
        name = self.scenarios[-1].name
        window = self.results.measured[name][0].counts.window
        end = window.launch + timedelta(seconds=window.end)
        mondays = [(window.launch + timedelta(seconds=s)).isoformat() for s in window.mondays.tolist()]
        mine = frame[(frame["operator"] == _OPERATOR) & (frame["scenario"] == name)]
        mine = mine[mine["period"] < end.isoformat()]
        worst = mine.sort_values("mean").iloc[-1] if len(mine) else None
        caption = self.caption(
            "backlog",
            "band",
            scenario=self.title_of(name),
            waiting=format_number(0.0 if worst is None else float(worst["mean"]), self.language),
            when="" if worst is None else self._day(str(worst["period"])),
        )
        figure, axes = canvas(
            caption, self.language, len(_BACKLOG_OPERATORS), 3.0, ceil((len(self.scenarios) + 1) / 3)
        )
        for axis, operator in zip(axes, _BACKLOG_OPERATORS, strict=True):
            for rank, scenario in enumerate(self.scenarios):
                here = frame[(frame["operator"] == operator) & (frame["scenario"] == scenario.name)]
                # no row where nobody waits
                here = here.set_index("period")[["mean", "low", "high"]].reindex(mondays, fill_value=0.0)
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
                date2num(end),  # type: ignore[no-untyped-call]
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

    def _day(self, period: str) -> str:
        return day(date.fromisoformat(period), self.language)

    def costs(self) -> Figure:
        """Gross cost by block of natures, with its total; net cost and new money beside."""
        gross, net = self.results.costs, self.results.net_costs
        names = [s.name for s in self.scenarios]
        amounts = {name: self._blocks(gross[gross["scenario"] == name]) for name in names}
        totals = gross[gross["cut"] == "total"].set_index("scenario")
        last = names[-1]
        caption = self.caption(
            "costs",
            scenario=self.title_of(last),
            gross=self._millions(float(totals["mean"][last])),
            net=self._millions(self._net(net, last, "net")),
            new=self._millions(self._net(net, last, "new_money")),
            price_year=self.scenarios[0].costs.price_year,
        )
        figure, (axis,) = canvas(caption, self.language, 1, 0.9 + 0.75 * len(names))
        left = np.zeros(len(names))
        for rank, block in enumerate(_BLOCKS):
            width = np.array([amounts[name][block] for name in names]) / 1e6
            axis.barh(
                np.arange(len(names)),
                width,
                left=left,
                height=0.6,
                color=colour(rank),
                alpha=0.75,
                hatch=hatch(rank),
                edgecolor="white",
                label=self.text(f"block.{block}"),
            )
            left += width
        for rank, name in enumerate(names):
            axis.text(left[rank], rank, "  " + self._total(totals, net, name), va="center", fontsize=7.5)
        axis.set_yticks(np.arange(len(names)), [fill(self.title_of(n), _STEP_COLUMNS) for n in names])
        axis.invert_yaxis()
        axis.set_xlim(0, left.max() * 1.45)
        axis.set_xlabel(self.text("millions", price_year=self.scenarios[0].costs.price_year))
        counted(axis, "xaxis", self.language)
        legend(figure, axis.get_legend_handles_labels()[0], columns=len(_BLOCKS))
        room_for_labels(figure, axis)
        return figure

    def _total(self, totals: pd.DataFrame, net: pd.DataFrame, name: str) -> str:
        gross = self.text("gross", amount=self._millions(float(totals["mean"][name])))
        if name == self.scenarios[0].name:
            return gross
        return "\n  ".join(
            [
                gross,
                self.text("net", amount=self._millions(self._net(net, name, "net"))),
                self.text("new_money", amount=self._millions(self._net(net, name, "new_money"))),
            ]
        )

    def _blocks(self, frame: pd.DataFrame) -> dict[str, float]:
        """Mean cost of each block; raises ValueError for a nature that is in none."""
        amounts = dict.fromkeys(_BLOCKS, 0.0)
        by_nature = frame[frame["cut"] == "nature"]
        # a transfer between payers adds nothing to the cost
        by_nature = by_nature[~by_nature["nature"].isin(TRANSFERS)]
        for nature, mean in zip(by_nature["nature"], by_nature["mean"], strict=True):
            home = [block for block, starts in _BLOCKS.items() if str(nature).startswith(starts)]
            if len(home) != 1:
                raise ValueError(f"nature {nature} belongs to {len(home)} blocks, expected one")
            amounts[home[0]] += float(mean)
        return amounts

    @staticmethod
    def _net(net: pd.DataFrame, name: str, indicator: str) -> float:
        here = net[(net["scenario"] == name) & (net["cut"] == "total") & (net["indicator"] == indicator)]
        return float(here["mean"].iloc[0]) if len(here) else 0.0

    def _millions(self, euros: float) -> str:
        return format_euros(round(euros * 100), self.language, 1, "M")
