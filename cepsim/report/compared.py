"""The tables of a comparison: one a question, in the reader's language, each figure with its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from cepsim.costing import PARTS
from cepsim.experiment import Comparison
from cepsim.experiment.classes import BOTH
from cepsim.experiment.comparison import PER, UNIT_COSTS
from cepsim.indicators import ALL, ENOUGH_REPLICATIONS, FEWEST_REPLICATIONS
from cepsim.indicators.outcomes import OUTCOME_STAGES
from cepsim.indicators.publish import LEAST
from cepsim.labels import Language, label, labels_under
from cepsim.report.cells import Write, cell, euros, millions, number, period, row_of, share, signed
from cepsim.report.compared_cif import cif_rows
from cepsim.report.table import Table
from cepsim.scenario.vocabulary import OPERATORS, PUBLICS

_NOTHING = "–"
#: Indicators of the accueil whose difference is printed, operator by operator; shares are in points.
_INDICATORS = (
    "wait_p50_working_days",
    "wait_p90_working_days",
    "share_gave_up",
    "share_no_show",
    "share_within_norm",
)
_PLACE = ("region", "public", "operator")
_QUANTILES = ("mean", "p10", "p50", "p90")
_POINTS = 100.0


def comparison_tables(of: Comparison, language: Language = "fr") -> list[Table]:
    """One table a question: who comes, who gains, who waits longer, who is lost, delays, costs."""
    teller = _Teller(of, language)
    return [
        teller.classes("comes", (BOTH, "only_base", "only_other")),
        teller.classes("gains", ("gained", "sooner")),
        teller.classes("longer", ("later", "same_day", "waiting")),
        teller.classes("lost", ("lost", "neither")),
        *teller.causes(),
        teller.delays(),
        teller.indicators(),
        *teller.cif(),
        teller.costs(),
        teller.unit_costs(),
    ]


class _Rows:
    """The rows of a frame by some of its columns: a table looks up hundreds of them."""

    def __init__(self, frame: pd.DataFrame, *names: str) -> None:
        self.names = ("scenario", *names)
        columns = [frame[name] for name in self.names]
        self.rows = dict(zip(zip(*columns, strict=True), frame.to_dict("records"), strict=True))
        if len(self.rows) < len(frame):
            raise ValueError(f"several rows have the same {', '.join(self.names)}")

    def get(self, **keys: str) -> pd.Series | None:
        """The row with these keys, all of them; None if there is none."""
        found = self.rows.get(tuple(keys[name] for name in self.names))
        return None if found is None else pd.Series(found)


class _Teller:
    def __init__(self, of: Comparison, language: Language) -> None:
        self.of, self.language = of, language
        self.plan = of.results.plan
        self.titles = {s.name: s.title.fr if language == "fr" else s.title.en for s in self.plan.scenarios}
        self.alone = len(of.others) == 1

    def text(self, key: str, **values: object) -> str:
        return label(f"compare.{key}", self.language, **values)

    def table(
        self, key: str, columns: Sequence[str], rows: Sequence[tuple[str, ...]], **values: object
    ) -> Table:
        notes = [self.legend(), self.text(f"{key}.note", **values), self.uncertainty()]
        if any(self.text("withheld") in row for row in rows):
            notes.append(self.text("withheld_note", least=LEAST))
        # a group of several rows is named once
        before = ["", *(row[0] for row in rows)]
        once = tuple(
            ("" if row[0] == above else row[0], *row[1:]) for row, above in zip(rows, before, strict=False)
        )
        return Table(key, self.text(f"{key}.title", **values), " ".join(notes), tuple(columns), once)

    def legend(self) -> str:
        """Which scenarios A and B are."""
        base = self.titles[self.of.base]
        if self.alone:
            return self.text("legend_one", base=base, other=self.titles[self.of.others[0]])
        return self.text("legend_many", base=base)

    def uncertainty(self) -> str:
        n = self.plan.replications
        if n < FEWEST_REPLICATIONS:
            return label("answers.interval_none", self.language)
        kind = "indicative" if n < ENOUGH_REPLICATIONS else "noise"
        said = label(f"answers.interval_{kind}", self.language)
        return said if self.alone else f"{said} {self.text('bonferroni', count=len(self.of.others))}"

    def groups(self) -> list[tuple[str, dict[str, str]]]:
        """Everybody, each operator, each public, and each region where there are several: name and keys."""
        everywhere = {"region": ALL, "public": ALL, "operator": ALL}
        found = [(label("answers.everybody", self.language), everywhere)]
        for key, codes in (("operator", OPERATORS), ("public", PUBLICS)):
            found += [(label(f"{key}.{code}", self.language), {**everywhere, key: code}) for code in codes]
        if len(self.plan.regions) > 1:
            names = self.plan.tables.region_names
            found += [(names[code], {**everywhere, "region": code}) for code in self.plan.regions]
        return found

    def beside(self, columns: Sequence[str]) -> list[str]:
        """Columns after those that name a row: the group, and the scenario where there are several."""
        return [self.text("group"), *([] if self.alone else [self.text("scenario")]), *columns]

    def named(self, group: str, name: str, cells: Sequence[str]) -> tuple[str, ...]:
        """A row: the group, the scenario where there are several, and figures."""
        return (group, *cells) if self.alone else (group, self.titles[name], *cells)

    def value(self, of: _Rows, write: Write, keys: dict[str, str], *, interval: bool = True) -> str:
        row = of.get(**keys)
        if row is not None and bool(row["withheld"]):
            return self.text("withheld")
        return cell(row, write, self.language, interval=interval)

    # -- people --------------------------------------------------------------------------------------

    def classes(self, key: str, classes: Sequence[str]) -> Table:
        """How many people of each group are in some classes, with their share of those who come in either."""
        frame = self.of.people
        frame = frame[(frame["stage"] == OUTCOME_STAGES[0]) & (frame["in_base"] == ALL)]
        known, rows = _Rows(frame, *_PLACE, "class", "indicator"), []
        for group, place in self.groups():
            for name in self.of.others:
                cells: list[str] = []
                for of in classes:
                    cells += self.class_cells(known, {**place, "scenario": name, "class": of})
                if self.says_something(cells):
                    rows.append(self.named(group, name, cells))
        columns = [text for of in classes for text in (self.text(f"class.{of}"), self.text("share"))]
        when = period(self.plan.scenarios[0].calendar, self.language)
        return self.table(key, self.beside(columns), rows, period=when)

    def class_cells(self, of: _Rows, keys: dict[str, str]) -> tuple[str, str]:
        """The number of people of a class, and their share."""
        people = self.value(of, number(self.language), {**keys, "indicator": "people"})
        if people == self.text("withheld"):
            return people, _NOTHING
        return people, self.value(of, share(self.language), {**keys, "indicator": "share"}, interval=False)

    def says_something(self, cells: Sequence[str]) -> bool:
        """Whether a row has any figure: neither absent nor withheld."""
        return any(text not in (_NOTHING, self.text("withheld")) for text in cells)

    def causes(self) -> list[Table]:
        """Of those received in A alone, what became of them in B, by operator; no table if nobody is."""
        frame = self.of.people
        frame = frame[
            (frame["stage"] == OUTCOME_STAGES[0])
            & (frame["class"] == "lost")
            & (frame["indicator"] == "people")
            & (frame["public"] == ALL)
        ]
        met = set(frame.loc[frame["in_other"] != ALL, "in_other"])
        causes = [code for code in labels_under("compare.fate", self.language) if code in met]
        if not causes:
            return []
        known, rows = _Rows(frame, *_PLACE, "in_other"), []
        for group, place in self.groups():
            if place["public"] != ALL:
                continue
            for name in self.of.others:
                keys = {**place, "scenario": name}
                # what nobody met is 0, not unknown: a group with anybody has the row of its class
                if known.get(**keys, in_other=ALL) is None:
                    continue
                plain, zero = number(self.language), pd.Series({"mean": 0.0, "low": math.nan})
                cells = []
                for cause in causes:
                    row = known.get(**keys, in_other=cause)
                    cells.append(cell(zero if row is None else row, plain, self.language))
                rows.append(self.named(group, name, cells))
        columns = [self.text(f"fate.{cause}") for cause in causes]
        return [self.table("causes", self.beside(columns), rows)]

    # -- delays --------------------------------------------------------------------------------------

    def delays(self) -> Table:
        """By how much people received in both are received later, in working days, stage by stage."""
        known, rows = _Rows(self.of.delays, "stage", *_PLACE, "indicator"), []
        for stage in OUTCOME_STAGES:
            for group, place in self.groups():
                for name in self.of.others:
                    keys = {**place, "scenario": name, "stage": stage}
                    write = signed(number(self.language, 1))
                    cells = [self.value(known, write, {**keys, "indicator": of}) for of in _QUANTILES]
                    if self.says_something(cells):
                        whose = self.text(
                            "group_of_stage", stage=label(f"stage.{stage}", self.language), group=group
                        )
                        rows.append(self.named(whose, name, cells))
        return self.table("delays", self.beside([self.text(of) for of in _QUANTILES]), rows)

    def indicators(self) -> Table:
        """Differences of the main indicators of the accueil, operator by operator."""
        frame, rows = self.of.indicators, []
        keys = {"stage": "accueil", "region": ALL, "public": ALL, "team": ALL, "period": ALL}
        frame = frame[frame["indicator"].isin(_INDICATORS)]
        frame = frame[(frame[list(keys)] == pd.Series(keys)).all(axis=1)]
        known = _Rows(frame, "operator", "indicator")
        for operator in OPERATORS:
            for name in self.of.others:
                cells = []
                for indicator in _INDICATORS:
                    factor = _POINTS if indicator.startswith("share") else 1.0
                    write = signed(number(self.language, 1), factor)
                    of = {"scenario": name, "operator": operator, "indicator": indicator}
                    cells.append(self.value(known, write, of))
                rows.append(self.named(label(f"operator.{operator}", self.language), name, cells))
        columns = self.beside([self.text(f"indicator.{name}") for name in _INDICATORS])
        return self.table("indicators", columns, rows)

    def cif(self) -> list[Table]:
        """Requests for a CIF, accepted and refused, in A and how many more in B; none where nobody asks."""
        rows = cif_rows(self.of, self.language)
        columns = [self.text("measure"), self.text("in_base"), *map(self.difference, self.of.others)]
        when = period(self.plan.scenarios[0].calendar, self.language)
        return [self.table("cif", columns, rows, period=when)] if rows else []

    def difference(self, name: str) -> str:
        """The column of a difference: B less A, or the scenario where there are several."""
        return (
            self.text("difference") if self.alone else self.text("difference_of", scenario=self.titles[name])
        )

    # -- cost ----------------------------------------------------------------------------------------

    def costs(self) -> Table:
        """Difference of cost, its parts, and who pays."""
        frame = self.of.costs
        write = signed(millions(self.language))
        rows = [
            (self.text(f"cost.{indicator}"), *self.money(frame, write, "total", indicator))
            for indicator in ("gross", *PARTS)
        ]
        for code, text in labels_under("payer", self.language).items():
            paid = frame[frame["payer"] == code]
            if (paid["mean"] != 0.0).any():
                cells = self.money(paid, write, "payer", "gross")
                rows.append((self.text("paid_by", payer=text), *cells))
        return self.table("costs", [self.text("cost.name"), *self.columns()], rows, **self.years())

    def unit_costs(self) -> Table:
        """What one more person costs, and how many there are."""
        frame, rows = self.of.unit_costs, []
        for per in PER:
            of = frame[frame["per"] == per]
            cells = []
            for name in self.of.others:
                row = of[of["scenario"] == name].iloc[0]
                people = pd.Series(
                    {"mean": row["people"], "low": row["people_low"], "high": row["people_high"]}
                )
                cells.append(cell(people, signed(number(self.language)), self.language))
            rows.append((self.text(f"per.{per}"), *cells))
            for cost in UNIT_COSTS:
                cells = [self.unit_cost(of, name, cost) for name in self.of.others]
                rows.append((self.text(f"unit_cost.{cost}"), *cells))
        return self.table("unit_costs", [self.text("unit_cost.name"), *self.columns()], rows, **self.years())

    def unit_cost(self, frame: pd.DataFrame, name: str, cost: str) -> str:
        row = row_of(frame, scenario=name, cost=cost)
        if row is not None and row["undefined"]:
            return self.text(f"undefined.{row['undefined']}")
        return cell(row, euros(self.language), self.language)

    def money(self, frame: pd.DataFrame, write: Write, cut: str, indicator: str) -> list[str]:
        keys = {"cut": cut, "indicator": indicator}
        return [cell(row_of(frame, scenario=name, **keys), write, self.language) for name in self.of.others]

    def columns(self) -> list[str]:
        return [self.titles[name] for name in self.of.others]

    def years(self) -> dict[str, object]:
        scenario = self.plan.scenarios[0]
        first = scenario.calendar.launch_date.year - 1
        return {
            "first": first,
            "last": first + scenario.calendar.years,
            "price_year": scenario.costs.price_year,
        }
