"""The note of a finished run: what a group that decides asks of it, table by table.

Everything is read from the frames that the run wrote; nothing is simulated again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import pandas as pd

from cepsim.costing import PARTS
from cepsim.experiment import RecordedRun
from cepsim.labels import Language, label, labels_under
from cepsim.report.access import access_table
from cepsim.report.aims import aims_table
from cepsim.report.answers import Teller
from cepsim.report.cells import Write, cell, millions, number, row_of, share
from cepsim.report.note_actors import other_actors
from cepsim.report.note_aims import attributes_table, equity_table, obligation_by_region, qualification
from cepsim.report.note_money import beside_costs
from cepsim.report.note_paths import paths
from cepsim.report.note_posts import displaced, posts, posts_by_region, posts_in
from cepsim.report.questions import questions, to_settle
from cepsim.report.table import Table
from cepsim.scenario.vocabulary import PUBLICS

_ALL: Final = "all"
#: The reference and two scenarios: fewer make no chain.
_FEWEST_STEPS: Final = 3
_MAIN: Final = "central"
_CENTS: Final = 100
#: From the legal floor, each wider than the one before.
_WIDER: Final = ("loi-2013", "premiere-vague", "central", "universel")
#: What is counted of a public each year, and the stage that says it (a measure over all stages).
_STAGES: Final = ("contacts", "received", "conseil_entered", "projects", "files")


def note(run: RecordedRun, language: Language = "fr") -> list[Table]:
    """The tables of the note of a run, in the order in which they are read."""
    teller = Note(run, language)
    return [
        teller.compared(),
        *teller.widenings(),
        teller.delays_by_operator(),
        teller.obligation(),
        *teller.persons(),
        qualification(teller),
        aims_table(teller),
        posts(teller),
        posts_by_region(teller),
        *displaced(teller),
        obligation_by_region(teller),
        access_table(run.plan.tables, language, run.plan.regions),
        equity_table(teller),
        attributes_table(teller),
        teller.payers_by_year(),
        *beside_costs(teller),
        *teller.partners(),
        *other_actors(teller),
        paths(teller),
        teller.open_questions(),
        to_settle(teller),
        teller.marks(),
    ]


class Note(Teller):
    """Tells a finished run as the group that decides asks for it."""

    def __init__(self, run: RecordedRun, language: Language) -> None:
        super().__init__(run, language)
        self.run = run
        # found again and again: a run has hundreds of thousands of rows
        self._by_period: dict[tuple[str, str], pd.DataFrame] = {
            (str(scenario), str(period)): rows
            for (scenario, period), rows in self.whole.groupby(["scenario", "period"])
        }
        #: The scenario that the others are held against.
        self.main = _MAIN if _MAIN in self.scenarios else self.scenarios[-1]
        codes = set(run.plan.regions)
        self.regions = [region for region in run.plan.tables.regions if region.code in codes]
        self.calendar = run.plan.scenarios[0].calendar
        self.years = [self.calendar.launch_date.year + n for n in range(self.calendar.years)]

    def said(self, key: str, **values: object) -> str:
        """A text of the note."""
        return label(f"note.{key}", self.language, **values)

    def noted(
        self,
        key: str,
        columns: Sequence[str],
        rows: Sequence[tuple[str, ...]],
        *,
        intervals: bool = False,
        **values: object,
    ) -> Table:
        """A table of the note; `intervals` says that its figures have theirs, where there may be some."""
        told = [self.said(f"{key}.note", **values)]
        told.append(self.uncertainty() if intervals else self.said("means"))
        if self.run.plan.sample > 1:
            told.insert(0, self.text("sample", sample=self.run.plan.sample))
        return Table(key, self.said(f"{key}.title", **values), " ".join(told), tuple(columns), tuple(rows))

    def of(self, scenario: str, *, period: str = _ALL) -> pd.DataFrame:
        """The indicators of a scenario over all regions, of a year or of the horizon."""
        return self._by_period.get((scenario, period), self.whole.iloc[:0])

    # -- scenarios -----------------------------------------------------------------------------------

    def compared(self) -> Table:
        """Each scenario in a few figures, beside what it is more or less than the main one."""
        rows = [(name, *self._beside(found, write)) for name, write, found in self._in_short().values()]
        columns = [self.text("measure"), *map(self.scenario, self.scenarios)]
        return self.noted(
            "compared", columns, rows, intervals=True, main=self.scenario(self.main), period=self.period()
        )

    def summary(self) -> Table:
        """A row a scenario: the few figures of `compared` that are read first, each with its interval."""
        told = self._in_short()
        kept = ("received", "coverage", "p50", "p90", "lost", "gross", "net", "new_money")
        # in `compared` its name is that of a term of a sum
        names = {name: told[name][0] for name in kept} | {"new_money": self.said("summary.new_money")}
        columns = [self.text("scenario"), *names.values()]
        rows = [
            (
                self.scenario(of),
                *(cell(told[name][2][of], told[name][1], self.language) for name in kept),
            )
            for of in self.scenarios
        ]
        return self.noted("summary", columns, rows, intervals=True, period=self.period())

    def _in_short(self) -> dict[str, tuple[str, Write, dict[str, pd.Series | None]]]:
        """What a scenario is told by: its name, how it is written, and its row for each scenario."""
        last = str(self.years[-1])
        at = {"operator": "opacif", "stage": "accueil"}
        plain, parts, money = number(self.language), share(self.language), millions(self.language)
        measures = (
            ("received", _ALL, plain, {"indicator": "received"}),
            ("received_last", last, plain, {"indicator": "received"}),
            ("coverage", last, parts, {"indicator": "coverage_served"}),
            ("p50", _ALL, number(self.language, 1), {**at, "indicator": "wait_p50_working_days"}),
            ("p90", _ALL, number(self.language, 1), {**at, "indicator": "wait_p90_working_days"}),
            ("lost", _ALL, parts, {**at, "indicator": "share_lost"}),
        )
        told = {}
        for name, period, write, keys in measures:
            full = {"operator": _ALL, "stage": _ALL, "public": _ALL, "team": _ALL, "period": period, **keys}
            found = {s: row_of(self.of(s, period=period), **full) for s in self.scenarios}
            told[name] = (self.said(f"compared.{name}", year=last), write, found)
        for name, frame in (("gross", self.run.costs), *((n, self.net(n)) for n in ("net", *PARTS))):
            found = {s: row_of(frame, scenario=s, cut="total") for s in self.scenarios}
            told[name] = (self.said(f"compared.{name}"), money, found)
        return told

    def widenings(self) -> list[Table]:
        """What each widening adds to the one before it, from the reference on; none where two are missing."""
        steps = [self.scenarios[0], *(name for name in _WIDER if name in self.scenarios)]
        if len(steps) < _FEWEST_STEPS:
            return []
        money = ("net", *PARTS)
        writes: dict[str, Write] = {
            "received": number(self.language),
            "etp_given": number(self.language, 1),
            "etp_lacking": number(self.language, 1),
            **dict.fromkeys(money, millions(self.language)),
        }
        found = {}
        for step in steps:
            keys = {"operator": _ALL, "stage": _ALL, "public": _ALL, "team": _ALL}
            received = row_of(self.of(step), indicator="received", **keys)
            amounts = [row_of(self.net(name), scenario=step, cut="total") for name in money]
            values = [_mean(received), *posts_in(self, step, self.years[-1]), *map(_mean, amounts)]
            found[step] = dict(zip(writes, values, strict=True))
        rows = []
        for before, step in pairwise(steps):
            added = [write(found[step][name] - found[before][name]) for name, write in writes.items()]
            rows.append((self.said("widenings.added", scenario=self.scenario(step)), *added))
        whole = [write(found[steps[-1]][name] - found[steps[0]][name]) for name, write in writes.items()]
        rows.append((self.said("widenings.total", scenario=self.scenario(steps[-1])), *whole))
        last = self.years[-1]
        columns = [self.said("widenings.step"), *(self.said(f"widenings.{n}", year=last) for n in writes)]
        return [self.noted("widenings", columns, rows, year=last, period=self.period())]

    def net(self, indicator: str) -> pd.DataFrame:
        """The cost net of the reference, or a part of it."""
        return self.run.net_costs[self.run.net_costs["indicator"] == indicator]

    def _beside(self, found: dict[str, pd.Series | None], write: Write) -> list[str]:
        """The figures of every scenario, the difference with the main one under those of the others."""
        base = found[self.main]
        cells = []
        for name, row in found.items():
            text = cell(row, write, self.language)
            if name != self.main and row is not None and base is not None:
                difference = float(row["mean"]) - float(base["mean"])
                if not math.isnan(difference):
                    sign = "+" if difference > 0 else ""
                    told = self._points(difference) if row.get("unit") == "share" else write(difference)
                    text += f" ({sign}{told})"
            cells.append(text)
        return cells

    def _points(self, difference: float) -> str:
        """A difference of shares, in points."""
        return self.said("points", value=number(self.language, 1)(100.0 * difference))

    # -- persons -------------------------------------------------------------------------------------

    def persons(self) -> list[Table]:
        """Persons by public, stage and year: a table a scenario."""
        return [self._persons_of(name) for name in self.scenarios]

    def _persons_of(self, scenario: str) -> Table:
        rows = []
        for public in (_ALL, *PUBLICS):
            for year in map(str, self.years):
                frame = self.of(scenario, period=year)
                cells = [
                    self.value(
                        frame,
                        number(self.language),
                        {"indicator": measure, "public": public, "period": year},
                        interval=public == _ALL,
                    )
                    for measure in _STAGES
                ]
                if any(text != "–" for text in cells):
                    name = (
                        self.text("everybody") if public == _ALL else label(f"public.{public}", self.language)
                    )
                    rows.append((name if year == str(self.years[0]) else "", year, *cells))
        columns = [self.text("public"), self.text("year"), *(self.said(f"persons.{m}") for m in _STAGES)]
        table = self.noted("persons", columns, rows, scenario=self.scenario(scenario))
        return Table(f"persons_{scenario}", table.title, table.note, table.columns, table.rows)

    # -- money ---------------------------------------------------------------------------------------

    def payers_by_year(self) -> Table:
        """Gross cost by payer and year, and net of the reference."""
        gross, net = self.run.costs, self.net("net")
        rows = []
        for code, text in labels_under("payer", self.language).items():
            for year in [str(self.years[0] - 1), *map(str, self.years)]:
                keys = {"year": year, "payer": code}
                paid = self.money(gross, millions(self.language), "year x payer", **keys)
                if any(amount != "–" for amount in paid):
                    more = self.money(net, millions(self.language), "year x payer", **keys)
                    rows.append((text, year, *paid, *more[1:]))
        names = [self.scenario(name) for name in self.scenarios]
        columns = [
            self.text("payer"),
            self.text("year"),
            *names,
            *(self.text("net_of", scenario=name) for name in names[1:]),
        ]
        return self.noted(
            "payers_by_year",
            columns,
            rows,
            intervals=True,
            price_year=self.run.plan.scenarios[0].costs.price_year,
        )

    # -- questions -----------------------------------------------------------------------------------

    def open_questions(self) -> Table:
        """A row an open question of the slides, with what the run answers."""
        rows = questions(self)
        columns = [self.said(f"open_questions.{name}") for name in ("slide", "question", "answer")]
        return self.noted("open_questions", columns, rows, main=self.scenario(self.main))


def _mean(row: pd.Series | None) -> float:
    """The figure of a row; what is not there adds nothing."""
    return 0.0 if row is None else float(row["mean"])
