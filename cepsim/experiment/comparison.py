"""Scenarios compared on the same people: differences, who gains, who waits, who is lost, what it costs.

The first scenario asked for is the base, whatever it is; each of the others is compared to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from cepsim.costing import Ledger, net_of
from cepsim.costing.compare import PARTS
from cepsim.experiment.classes import CLASS_KEYS, DELAY_KEYS, class_rows, delay_rows, withhold_classes
from cepsim.experiment.paired import MEAN, NO_RATIO, mean_of, means, paired_differences, ratio_of_means
from cepsim.experiment.pipeline import REFERENCE
from cepsim.experiment.results import CUTS, Results
from cepsim.experiment.written import write_folder
from cepsim.indicators import ALL, withhold_small_cells
from cepsim.indicators.estimates import Floats
from cepsim.indicators.rows import KEYS
from cepsim.units import CENTS_PER_EURO

#: Costs of which a cost per person is given, and the people that it is divided by.
UNIT_COSTS: Final = ("gross", "new_money")
PER: Final = ("received", "gaining")

_FIRST: Final = ("scenario", "base")
_CUT_KEYS: Final = tuple(dict.fromkeys(key for cut in CUTS for key in cut))
_MONEY_KEYS: Final = ("cut", *_CUT_KEYS, "indicator", "unit")
_WITHHELD: Final = ("mean", "low", "high", "people")


@dataclass(frozen=True, eq=False)
class Comparison:
    """Scenarios compared to the first one asked for.

    `changes`: for each of the others, one table of `changes.count_changes` a replication, in order. Every
    frame has the columns scenario and base (names), its keys, unit, mean, low and high (95 % over all the
    scenarios compared, absent below three replications), n (replications) and indicative (fewer than five).
    """

    results: Results
    changes: Mapping[str, Sequence[pd.DataFrame]]

    @property
    def base(self) -> str:
        """The scenario that the others are compared to."""
        return self.results.plan.asked[0]

    @property
    def others(self) -> tuple[str, ...]:
        """The scenarios compared to the base."""
        return self.results.plan.asked[1:]

    @cached_property
    def indicators(self) -> pd.DataFrame:
        """Difference of every indicator, other - base, by the keys of `indicators.rows`.

        `people` are the fewer of those behind either value; where they are fewer than five of a region and a
        public the row is `withheld`. A quantile not reached in a replication gives no difference for it.
        """
        of, keys = self.results.replicated, [*KEYS, "unit"]
        found = {name: self._differences(of(self.base), of(name), keys) for name in self.others}
        whole = self._together(found)
        shown = withhold_small_cells(self.results.placed(whole), _WITHHELD).assign(region=whole["region"])
        return shown[[*_FIRST, *keys, *MEAN, "people", "withheld"]]

    @cached_property
    def costs(self) -> pd.DataFrame:
        """Difference of cost, other - base, in euros, by every cut of `results.CUTS`.

        `indicator`: gross, net (the same difference, since both are net of one reference) and the parts of
        the net cost of `costing.net_of`, which add up to it.
        """
        of = self._money
        found = {name: self._differences(of[self.base], of[name], _MONEY_KEYS) for name in self.others}
        return self._together(found)[[*_FIRST, *_MONEY_KEYS, *MEAN]]

    @cached_property
    def people(self) -> pd.DataFrame:
        """How many people are in each class of `changes.CLASSES`, and their share of all who come in either.

        Besides these, `both`: who comes in both. By stage (accueil, conseil), region, public and operator:
        that of the base, or of the other for who
        comes in it alone. `in_base` and `in_other` say what became of them in each, "all" where a row sums
        over it. Few people of a region and a public are `withheld`: see `classes.withhold_classes`.
        """
        found = {}
        for name, tables in self.changes.items():
            runs = [class_rows(table) for table in tables]
            found[name] = pd.concat(
                [
                    means(
                        [run[run["indicator"] == indicator] for run in runs],
                        CLASS_KEYS,
                        comparisons=len(self.others),
                        least=0.0,
                        greatest=greatest,
                    )
                    for indicator, greatest in (("people", np.inf), ("share", 1.0))
                ],
                ignore_index=True,
            )
        whole = self._together(found)
        shown = withhold_classes(whole, self._in_one_cell(whole))
        return shown[[*_FIRST, *CLASS_KEYS, *MEAN, "people", "withheld"]]

    @cached_property
    def delays(self) -> pd.DataFrame:
        """By how much people received in both scenarios are received later in the other; sooner: negative.

        mean, p10, p50 and p90 in working days, mean_elapsed in seconds, between the two dates at which the
        same person is received. Who is not received in one of them, or not yet, is in `people` alone.
        """
        found = {}
        for name, tables in self.changes.items():
            runs = [delay_rows(table) for table in tables]
            found[name] = means(runs, DELAY_KEYS, comparisons=len(self.others))
        whole = self._together(found)
        shown = withhold_small_cells(self.results.placed(whole), _WITHHELD)
        # how many they are would give, by subtraction, classes that are withheld
        people = shown["people"].mask(self._in_one_cell(whole))
        shown = shown.assign(region=whole["region"], people=people)
        return shown[[*_FIRST, *DELAY_KEYS, *MEAN, "people", "withheld"]]

    @cached_property
    def unit_costs(self) -> pd.DataFrame:
        """What the difference of cost is for one more person, in euros: a ratio of means.

        `cost`: gross (or net: the same difference) or new_money, of the horizon. `per`: received, how many
        more people are received at an accueil within the horizon; gaining, the people received within the
        horizon in the other and not in the base, whoever loses. `people`, `people_low` and `people_high` are
        that divisor. `undefined` says why there is no value: "none", the divisor may be 0 (see
        `paired.ratio_of_means`), or "fewer", it is negative: nobody more is received for that cost.
        """
        rows = []
        for name in self.others:
            divisors = {"received": self._more_received(name), "gaining": self._gaining(name)}
            for per, people in divisors.items():
                divisor = mean_of(people, comparisons=len(self.others))
                for cost in UNIT_COSTS:
                    more = _total(self._money[name], cost) - _total(self._money[self.base], cost)
                    ratio = ratio_of_means(more, people, comparisons=len(self.others))
                    fewer = float(divisor["mean"]) < 0.0
                    undefined = "" if ratio.defined and not fewer else "fewer" if ratio.defined else "none"
                    if undefined:
                        ratio = NO_RATIO
                    rows.append(
                        {
                            "scenario": name,
                            "base": self.base,
                            "cost": cost,
                            "per": per,
                            "unit": "eur_per_person",
                            "mean": ratio.value,
                            "low": ratio.low,
                            "high": ratio.high,
                            "n": len(people),
                            "indicative": bool(divisor["indicative"]),
                            "undefined": undefined,
                            "people": float(divisor["mean"]),
                            "people_low": float(divisor["low"]),
                            "people_high": float(divisor["high"]),
                        }
                    )
        return pd.DataFrame(rows)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Every tidy frame by name."""
        return {
            "indicators": self.indicators,
            "people": self.people,
            "delays": self.delays,
            "costs": self.costs,
            "unit_costs": self.unit_costs,
        }

    def manifest(self) -> dict[str, object]:
        """All that determines the comparison, for whoever wants to make it again."""
        return {
            **self.results.manifest(),
            "comparison": {"base": self.base, "others": list(self.others)},
        }

    def write(self, folder: Path) -> list[Path]:
        """Write every frame as CSV and Parquet, and the manifest: the whole folder or nothing."""
        return write_folder(folder, self.frames(), self.manifest())

    @cached_property
    def _money(self) -> dict[str, list[pd.DataFrame]]:
        """Costs of each scenario and replication by every cut, in the shape of `indicators.rows`."""
        of = self.results.ledgers
        return {
            name: [money_rows(ledger, base) for ledger, base in zip(of[name], of[REFERENCE], strict=True)]
            for name in self.results.plan.asked
        }

    def _differences(
        self, base: Sequence[pd.DataFrame], other: Sequence[pd.DataFrame], keys: Sequence[str]
    ) -> pd.DataFrame:
        return paired_differences(base, other, keys, comparisons=len(self.others))

    def _together(self, found: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
        parts = [frame.assign(scenario=name, base=self.base) for name, frame in found.items()]
        return pd.concat(parts, ignore_index=True)

    def _in_one_cell(self, frame: pd.DataFrame) -> pd.Series[bool]:
        """Which rows are about one region and one public."""
        return (self.results.placed(frame)["region"] != ALL) & (frame["public"] != ALL)

    def _more_received(self, name: str) -> Floats:
        """People received within the horizon, other - base, in each replication."""
        of = self.results.replicated
        pairs = zip(of(name), of(self.base), strict=True)
        return np.array([_received(other) - _received(base) for other, base in pairs])

    def _gaining(self, name: str) -> Floats:
        """People received at an accueil within the horizon in the other and not in the base."""
        found = []
        for table in self.changes[name]:
            found.append(float(table.loc[table["stage"] == "accueil", "gained_in_time"].sum()))
        return np.array(found)


def money_rows(ledger: Ledger, reference: Ledger) -> pd.DataFrame:
    """Costs of one replication by every cut of `results.CUTS`, gross, net and in parts, in euros.

    Columns: cut, the keys of every cut as text ("all" where they do not apply), indicator, unit, and value,
    reached, additive, people as in `indicators.rows`.
    """
    parts = []
    for cut in CUTS:
        table = net_of(ledger, reference, by=cut)
        named = {key: table[key].astype(str) if key in cut else ALL for key in _CUT_KEYS}
        for indicator in ("gross", "net", *PARTS):
            euros = table[f"{indicator}_cents"] / CENTS_PER_EURO
            parts.append(
                pd.DataFrame(
                    {"cut": " x ".join(cut) or "total", **named, "indicator": indicator, "value": euros}
                )
            )
    whole = pd.concat(parts, ignore_index=True)
    return whole.assign(unit="eur", reached=True, additive=True, people=0.0)


def _total(frames: Sequence[pd.DataFrame], cost: str) -> Floats:
    """A total cost in each replication, in euros."""
    return np.array(
        [float(f.loc[(f["cut"] == "total") & (f["indicator"] == cost), "value"].sum()) for f in frames]
    )


def _received(rows: pd.DataFrame) -> float:
    """People received at an accueil within the horizon, from every indicator of a replication."""
    others = [key for key in KEYS if key != "indicator"]
    everywhere = (rows[others] == ALL).all(axis=1)
    return float(rows.loc[everywhere & (rows["indicator"] == "received"), "value"].sum())
