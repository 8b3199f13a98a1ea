"""The pictures of a run: waits with what is lost and not yet known, funnel, backlog, cost."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from cepsim.costing import BLOCKS, TRANSFERS
from cepsim.experiment import Results
from cepsim.labels import Language
from cepsim.report.drawer import Drawer
from cepsim.report.few_scenarios import FewScenarios
from cepsim.report.many_scenarios import ManyScenarios
from cepsim.report.style import canvas, colour, counted, hatch, legend, room_for_labels, save, sober
from cepsim.units import format_euros

#: Curves beyond which nobody tells them apart on one axis: a row a scenario, then.
MOST_CURVES: Final = 7
_NAME_COLUMNS = 26


def figures(results: Results, folder: Path, language: Language = "fr") -> list[Path]:
    """Draw every picture of a run into a folder, PNG and SVG; returns the files written."""
    with sober():
        drawn = pictures(results, language).items()
        return [path for name, picture in drawn for path in save(picture, folder, name)]


def pictures(results: Results, language: Language = "fr") -> dict[str, Figure]:
    """Every picture of a run, by the name of its files."""
    few = len(results.plan.scenarios) <= MOST_CURVES
    drawer = FewScenarios(results, language) if few else ManyScenarios(results, language)
    return {
        "attentes": drawer.waits(),
        "entonnoir": drawer.funnel(),
        "files-d-attente": drawer.backlog(),
        "couts": _Costs(results, language).picture(),
    }


class _Costs(Drawer):
    def picture(self) -> Figure:
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
        for rank, block in enumerate(BLOCKS):
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
                # a block for which nobody pays has no colour to be told
                label=self.text(f"block.{block}") if width.any() else "_nothing",
            )
            left += width
        for rank, name in enumerate(names):
            axis.text(left[rank], rank, "  " + self._total(totals, net, name), va="center", fontsize=7.5)
        axis.set_yticks(np.arange(len(names)), [fill(self.title_of(n), _NAME_COLUMNS) for n in names])
        axis.invert_yaxis()
        axis.set_xlim(0, left.max() * 1.45)
        axis.set_xlabel(self.text("millions", price_year=self.scenarios[0].costs.price_year))
        counted(axis, "xaxis", self.language)
        legend(figure, axis.get_legend_handles_labels()[0], columns=len(BLOCKS))
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
        amounts = dict.fromkeys(BLOCKS, 0.0)
        by_nature = frame[frame["cut"] == "nature"]
        # a transfer between payers adds nothing to the cost
        by_nature = by_nature[~by_nature["nature"].isin(TRANSFERS)]
        for nature, mean in zip(by_nature["nature"], by_nature["mean"], strict=True):
            home = [block for block, starts in BLOCKS.items() if str(nature).startswith(starts)]
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
