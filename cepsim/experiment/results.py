"""What a run answers: tidy frames with intervals, and the files that keep them."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

import cepsim
from cepsim.costing import (
    CELL,
    COMMITMENT_CELL,
    DIMENSIONS,
    Ledger,
    close,
    commitments,
    current_index,
    index_of,
    ledger,
    net_of,
    social_partners,
    unit_costs,
    with_current_euros,
    withhold_publics,
)
from cepsim.costing.compare import COSTS, PARTS, PER
from cepsim.experiment.deployments import deployed
from cepsim.experiment.financed import budget_frame, fund_frame
from cepsim.experiment.kept import Kept
from cepsim.experiment.pipeline import REFERENCE, Measured
from cepsim.experiment.plan import Plan
from cepsim.experiment.promised import obligation_of
from cepsim.experiment.sentence import findings, headline
from cepsim.experiment.summed import ordered, summary
from cepsim.experiment.written import write_folder
from cepsim.indicators import (
    cost_marks,
    indicators,
    marks,
    summary_of,
    withhold_small_cells,
)
from cepsim.indicators.publish import LEAST
from cepsim.people.deployment import Deployment

#: Cuts of the ledger that are summed up with their interval.
CUTS: Final = (
    (),
    ("nature",),
    ("payer",),
    ("character",),
    ("operator",),
    ("stage",),
    ("year",),
    ("year", "payer"),
    ("year", "character"),
    ("operator", "nature"),
)
_PACKAGES: Final = ("numpy", "pandas", "scipy", "simpy", "pydantic", "holidays")
_CENTS: Final = 100
#: The measures of `loads`, and their units.
LOADS_UNITS: Final = {
    "people": "persons_per_year",
    "hours_needed": "hours_per_year",
    "hours_available": "hours_per_year",
    "hours_usable": "hours_per_year",
    "load": "share",
}


@dataclass(frozen=True, eq=False)
class Results:
    """Everything measured by a plan: scenario name -> one `Measured` a replication, in order."""

    plan: Plan
    measured: Mapping[str, Sequence[Measured | Kept]]

    def __repr__(self) -> str:
        """The answer in a sentence. The first call computes indicators and costs: some seconds."""
        found = findings(self.plan, self.indicators, self.net_costs)
        return f"{headline(self.plan)} — {' ; '.join(found)}."

    def _repr_html_(self) -> str:
        """The same, a line a scenario, for a notebook."""
        found = findings(self.plan, self.indicators, self.net_costs)
        items = "".join(f"<li>{escape(clause)}</li>" for clause in found)
        return f"<p>{escape(headline(self.plan))}</p><ul>{items}</ul>"

    @cached_property
    def deployments(self) -> dict[str, Deployment]:
        """Each scenario compiled."""
        return {s.name: deployed(s, self.plan.tables, self.plan.regions) for s in self.plan.scenarios}

    @cached_property
    def ledgers(self) -> dict[str, list[Ledger]]:
        """Each replication priced, and closed against its quantities."""
        found: dict[str, list[Ledger]] = {}
        for name, replications in self.measured.items():
            found[name] = [ledger(self.deployments[name], m.quantities) for m in replications]
            for priced, m in zip(found[name], replications, strict=True):
                close(priced, m.quantities)
        return found

    def replicated(self, scenario: str) -> list[pd.DataFrame]:
        """Every indicator of each replication of a scenario, nothing withheld; see `indicators.rows`.

        Computed once: it takes some seconds, and 150 MB a replication of a country.
        """
        if scenario not in self._replicated:
            self._replicated[scenario] = self._by_replication(scenario)
        return self._replicated[scenario]

    def _by_replication(self, scenario: str) -> list[pd.DataFrame]:
        """The same, not kept; what is kept already is not computed again."""
        if scenario in self._replicated:
            return self._replicated[scenario]
        stocks = self.deployments[scenario].population.stocks.loc[list(self.plan.regions)]
        return [indicators(m.counts, stocks) for m in self.measured[scenario]]

    @cached_property
    def _replicated(self) -> dict[str, list[pd.DataFrame]]:
        return {}

    @cached_property
    def indicators(self) -> pd.DataFrame:
        """Every indicator of every scenario, with its interval; see `indicators.summary_of`."""
        frames = []
        for name in self.measured:
            # those of a run of every scenario would not fit in memory together
            frame = summary_of(self._by_replication(name))
            frame.insert(0, "scenario", name)
            frames.append(frame)
        whole = pd.concat(frames, ignore_index=True)
        shown = withhold_small_cells(self.placed(whole), least=LEAST * self.plan.sample)
        return shown.assign(region=whole["region"])

    @cached_property
    def obligation(self) -> pd.DataFrame:
        """Offered an accueil within the norm, by operator and region, beside `norm.quantile`."""
        return obligation_of(self.plan, self.indicators)

    def placed(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame with regions as secrecy sees them: where there is one, what sums over regions is it."""
        return frame.assign(region=self.plan.regions[0]) if len(self.plan.regions) == 1 else frame

    @cached_property
    def costs(self) -> pd.DataFrame:
        """Gross cost of the horizon by every cut of `CUTS`, in euros; `cut` names the columns that apply.

        `current_mean`, `current_low` and `current_high` are the same in the euros of each year.
        """
        constant, current = (
            self._by_cut(lambda name, n, cut, of=of: _euros(of(name, n), cut, "amount_cents"), least=0.0)  # type: ignore[misc]
            for of in (lambda name, n: self.ledgers[name][n].rows, self._in_current)
        )
        return constant.assign(**{f"current_{column}": current[column] for column in ("mean", "low", "high")})

    def _in_current(self, name: str, n: int) -> pd.DataFrame:
        """The rows of a ledger, their amounts in cents of the year in which they are spent, not rounded."""
        rows = self.ledgers[name][n].rows
        where = self.deployments[name]
        index = current_index(where.tables, rows["year"], price_year=where.scenario.costs.price_year)
        return rows.assign(amount_cents=rows["amount_cents"] * index)

    @cached_property
    def commitments(self) -> pd.DataFrame:
        """CIF, training and VAE that follow projects, beside the ledger; see `costing.commitments`.

        Rows of every replication, publics of fewer than five people withheld, amounts in whole cents.
        """
        parts = [
            commitments(self.deployments[name], m.quantities).assign(scenario=name, replication=n)
            for name, replications in self.measured.items()
            for n, m in enumerate(replications)
        ]
        return self._published(pd.concat(parts, ignore_index=True), COMMITMENT_CELL)

    @cached_property
    def fund(self) -> pd.DataFrame:
        """What the mutualised fund of each scenario that has one owes and pays; see `financed.fund_frame`."""
        return fund_frame(self.ledgers, self.deployments)

    @cached_property
    def budget_lines(self) -> pd.DataFrame:
        """Lines of the budget of each scenario beside what is simulated; see `financed.budget_frame`."""
        counted = {name: [m.quantities for m in of] for name, of in self.measured.items()}
        return budget_frame(self.ledgers, counted, self.deployments)

    @cached_property
    def net_costs(self) -> pd.DataFrame:
        """Cost net of `reference` on the same people, in euros, and the parts of it; see `costing.net_of`."""
        parts = []
        for column in ("net_cents", *(f"{part}_cents" for part in PARTS)):
            frame = self._by_cut(
                lambda name, n, cut, column=column: _euros(  # type: ignore[misc]
                    self._net_cells[name][n], cut, column
                )
            )
            parts.append(frame.assign(indicator=column.removesuffix("_cents")))
        found = pd.concat(parts, ignore_index=True)
        return found[found["scenario"] != REFERENCE].reset_index(drop=True)

    @cached_property
    def _net_cells(self) -> dict[str, list[pd.DataFrame]]:
        """Cost net of `reference` of each replication, uncut: every cut is a sum of it."""
        return {
            name: [
                net_of(priced, base, by=DIMENSIONS)
                for priced, base in zip(ledgers, self.ledgers[REFERENCE], strict=True)
            ]
            for name, ledgers in self.ledgers.items()
        }

    @cached_property
    def unit_costs(self) -> pd.DataFrame:
        """Operators' cost per person received, per person entering conseil, per project, in euros.

        With what was not used of the capacity given, and without it; see `costing.unit_costs`.
        """
        rows = []
        for name, replications in self.measured.items():
            for by in ([], ["operator"], ["year"]):
                frames = [_unit(self.ledgers[name][n], m.quantities, by) for n, m in enumerate(replications)]
                summed = summary(frames, [*by, "indicator"], least=0.0)
                rows.append(summed.assign(scenario=name))
        return ordered(pd.concat(rows, ignore_index=True).assign(unit="eur"), ["operator", "year"])

    @cached_property
    def for_social_partners(self) -> pd.DataFrame:
        """New money by year against wage bill, CIF contribution and CIF forgone; services not rendered."""
        rows = []
        for name in self.measured:
            if name == REFERENCE:
                continue
            frames = []
            for n in range(len(self.ledgers[name])):
                wide = social_partners(
                    self.ledgers[name][n], self.ledgers[REFERENCE][n], self.deployments[name]
                )
                for part in PARTS[:2]:
                    wide[f"{part}_eur"] = wide.pop(f"{part}_cents") / _CENTS
                frames.append(wide.melt(["year", "payer"], var_name="indicator", value_name="value"))
            rows.append(summary(frames, ["year", "payer", "indicator"]).assign(scenario=name))
        if not rows:
            return pd.DataFrame(
                columns=["scenario", "year", "payer", "indicator", "mean", "low", "high", "n", "unit"]
            )
        found = pd.concat(rows, ignore_index=True)
        return ordered(found.assign(unit=found["indicator"].map(_unit_of)), ["year", "payer"])

    @cached_property
    def marks(self) -> pd.DataFrame:
        """The run against what was observed, scaled to its regions; see `indicators.marks`."""
        counted = marks(self.deployments[REFERENCE], [m.counts for m in self.measured[REFERENCE]])
        of = self.deployments[REFERENCE]
        index = float(index_of(of.scenario, of.tables))
        costs = cost_marks(self.plan.tables, self.unit_costs, REFERENCE, index)
        return pd.concat([counted, costs], ignore_index=True)

    @cached_property
    def loads(self) -> pd.DataFrame:
        """Offered load by team and year; `unit` is that of its hours, people are persons, load a share."""
        return self.plan.loads()

    @cached_property
    def posts(self) -> pd.DataFrame:
        """Posts of each team by operator, year and character, in full-time equivalents of the whole."""
        parts = []
        for name, deployment in self.deployments.items():
            keys = ["team", "operator", "year", "character"]
            staff = deployment.staff.groupby(keys, as_index=False)["etp"].sum()
            of_team = deployment.teams[["role", "region"]]
            parts.append(staff.join(of_team, on="team").assign(scenario=name, unit="etp"))
        columns = ["scenario", "team", "operator", "role", "region", "year", "character", "unit", "etp"]
        found: pd.DataFrame = pd.concat(parts, ignore_index=True)[columns]
        return found

    def frames(self) -> dict[str, pd.DataFrame]:
        """Every tidy frame by name; money in euros, durations in the unit of their row.

        Those of a sample say so in a column: one person in `sample` was simulated, and counts for so many.
        """
        frames = {
            "indicators": self.indicators,
            "costs": self.costs,
            "net_costs": self.net_costs,
            "unit_costs": self.unit_costs,
            "social_partners": self.for_social_partners,
            "marks": self.marks,
            "obligation": self.obligation,
            "loads": _long(self.loads, LOADS_UNITS),
            "posts": self.posts,
            "ledger": self._ledger_rows(),
            "commitments": self.commitments,
            "fund": self.fund,
            "budget_lines": self.budget_lines,
            "sizes": self._sizes(),
        }
        if self.plan.sample == 1:
            return frames
        return {name: frame.assign(sample=self.plan.sample) for name, frame in frames.items()}

    def manifest(self) -> dict[str, object]:
        """All that determines the results, for whoever wants to run them again."""
        return {
            "cepsim": cepsim.__version__,
            "python": platform.python_version(),
            "packages": {name: version(name) for name in _PACKAGES},
            **self.plan.manifest(),
        }

    def write(self, folder: Path) -> list[Path]:
        """Write every frame as CSV and Parquet, and the manifest: the whole folder or nothing.

        A folder of the same name is replaced once the new one is complete. Returns the files written.
        """
        return write_folder(folder, self.frames(), self.manifest())

    def _by_cut(
        self, one: Callable[[str, int, Sequence[str]], pd.DataFrame], *, least: float = -np.inf
    ) -> pd.DataFrame:
        rows = []
        for name, replications in self.measured.items():
            for cut in CUTS:
                frames = [one(name, n, cut) for n in range(len(replications))]
                summed = summary(frames, list(cut), additive=True, least=least)
                rows.append(summed.assign(scenario=name, cut=" x ".join(cut) or "total"))
        columns = ["cut", *dict.fromkeys(column for cut in CUTS for column in cut)]
        return ordered(pd.concat(rows, ignore_index=True).assign(unit="eur"), columns)

    def _ledger_rows(self) -> pd.DataFrame:
        parts = [
            priced.rows.assign(scenario=name, replication=n)
            for name, replications in self.ledgers.items()
            for n, priced in enumerate(replications)
        ]
        return self._published(pd.concat(parts, ignore_index=True), CELL)

    def _published(self, rows: pd.DataFrame, cell: Sequence[str]) -> pd.DataFrame:
        """Rows of replications as they may be shown, in both euros; `cell` is all but who pays."""
        first, keys = ["scenario", "replication"], ("replication", *cell)
        year = self.plan.scenarios[0].costs.price_year
        shown = withhold_publics(rows[[*first, *rows.columns.drop(first)]], LEAST * self.plan.sample)
        parts = [
            with_current_euros(part, self.deployments[str(name)].tables, keys, year)
            for name, part in shown.groupby("scenario", sort=False)
        ]
        return (
            pd.concat(parts, ignore_index=True)
            if parts
            else with_current_euros(shown, self.plan.tables, keys, year)
        )

    def _sizes(self) -> pd.DataFrame:
        rows = [
            (name, n, m.people, m.visits)
            for name, replications in self.measured.items()
            for n, m in enumerate(replications)
        ]
        wide = pd.DataFrame(rows, columns=["scenario", "replication", "people", "visits"])
        return _long(wide, {"people": "persons", "visits": "times"})


def _long(wide: pd.DataFrame, units: Mapping[str, str]) -> pd.DataFrame:
    """Columns of different units as rows `indicator`, `unit`, `value`, beside the other columns."""
    keys = [column for column in wide.columns if column not in units]
    found = wide.melt(keys, list(units), var_name="indicator")
    return found.assign(unit=found["indicator"].map(dict(units)))[[*keys, "indicator", "unit", "value"]]


def _unit_of(indicator: str) -> str:
    """The unit of a row for the social partners."""
    if indicator.startswith("share_"):
        return "share"
    if indicator == "cif_forgone":
        return "persons"
    return "eur_per_person" if indicator == "eur_per_private_employee" else "eur"


def _euros(cells: pd.DataFrame, cut: Sequence[str], column: str) -> pd.DataFrame:
    """Cents summed by some columns, in euros; without any, one row."""
    if not cut:
        return pd.DataFrame({"value": [cells[column].sum() / _CENTS]})
    return (cells.groupby(list(cut))[column].sum() / _CENTS).rename("value").reset_index()


def _unit(of: Ledger, quantities: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Unit costs in long form; a cut by nothing is one over all operators."""
    names = [name + ending for name in PER for ending in COSTS]
    long = unit_costs(of, quantities, by=by).melt(list(by), names, var_name="indicator", value_name="value")
    return long.dropna(subset=["value"])
