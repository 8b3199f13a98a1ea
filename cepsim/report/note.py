"""The note of a finished run: what a group that decides asks of it, table by table.

Everything is read from the frames that the run wrote; nothing is simulated again.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import pandas as pd

from cepsim.costing import PARTS
from cepsim.experiment import RecordedRun
from cepsim.labels import Language, label, labels_under
from cepsim.report.answers import Teller
from cepsim.report.cells import Write, cell, days, euros, millions, number, row_of, share
from cepsim.report.questions import questions
from cepsim.report.table import Table
from cepsim.scenario.vocabulary import OPERATORS, PUBLICS

_ALL: Final = "all"
#: The reference and two scenarios: fewer make no chain.
_FEWEST_STEPS: Final = 3
_MAIN: Final = "central"
_CENTS: Final = 100
#: From the legal floor, each wider than the one before.
_WIDER: Final = ("loi-2013", "premiere-vague", "central", "universel")
_ROLES: Final = ("advisers", "first_line")
#: What is counted of a public each year, and the stage that says it (a measure over all stages).
_STAGES: Final = ("contacts", "received", "conseil_entered", "projects", "files")
#: Typical paths: the operator, and the last stage of each; the wait whose delay is given with it.
_PATHS: Final = (
    ("opacif", "information"),
    ("opacif", "accueil"),
    ("opacif", "conseil"),
    ("opacif", "ingenierie"),
    ("pole_emploi", "information"),
    ("pole_emploi", "conseil"),
    ("pole_emploi", "ingenierie"),
    ("apec", "ingenierie"),
    ("missions_locales", "ingenierie"),
)
_WAIT_OF: Final = {"information": "information", "accueil": "accueil", "ingenierie": "projet"}
#: What begins the names of bilans among the natures of cost: not everybody on a path takes one.
_BILANS: Final = "bilan_"
#: Who has been through a stage, by stage: the measure whose number its cost is divided by.
_THROUGH: Final = {
    "information": "answered",
    "accueil": "received",
    "conseil": "conseil_entered",
    "formalisation": "formalised",
    "ingenierie": "files",
}
_LEAD: Final = "unit_costs.recruitment_lead_time.all"
#: Hypotheses to settle first: the load, the paths and the prices hang on them. Chosen by judgement.
_TO_SETTLE: Final = (
    "demand.all.cep.induced_demand_at_full_awareness",
    "stages.conseil.interviews.salaries.all.centrale.all",
    "stages.accueil.p_conseil.salaries.all.centrale.all",
    "operators.opacif.advisers_fte",
    "stages.ingenierie.project_mix.salaries.all.centrale.formation",
)


def note(run: RecordedRun, language: Language = "fr") -> list[Table]:
    """The tables of the note of a run, in the order in which they are read."""
    teller = Note(run, language)
    return [
        teller.compared(),
        *teller.widenings(),
        teller.delays_by_operator(),
        *teller.persons(),
        teller.posts(),
        teller.posts_by_region(),
        teller.payers_by_year(),
        teller.paths(),
        teller.open_questions(),
        teller.to_settle(),
        teller.marks(),
    ]


class Note(Teller):
    """Tells a finished run as the group that decides asks for it."""

    def __init__(self, run: RecordedRun, language: Language) -> None:
        super().__init__(run, language)
        self.run = run
        # found again and again: a run has hundreds of thousands of rows
        self._of: dict[tuple[str, str], pd.DataFrame] = {
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
        return self._of.get((scenario, period), self.whole.iloc[:0])

    # -- scenarios -----------------------------------------------------------------------------------

    def compared(self) -> Table:
        """Each scenario in a few figures, beside what it is more or less than the main one."""
        rows = []
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
        for name, period, write, keys in measures:
            full = {"operator": _ALL, "stage": _ALL, "public": _ALL, "team": _ALL, "period": period, **keys}
            found = {s: row_of(self.of(s, period=period), **full) for s in self.scenarios}
            rows.append((self.said(f"compared.{name}", year=last), *self._beside(found, write)))
        for name, frame in (("gross", self.run.costs), *((n, self.net(n)) for n in ("net", *PARTS))):
            found = {s: row_of(frame, scenario=s, cut="total") for s in self.scenarios}
            rows.append((self.said(f"compared.{name}"), *self._beside(found, money)))
        columns = [self.text("measure"), *map(self.scenario, self.scenarios)]
        return self.noted(
            "compared", columns, rows, intervals=True, main=self.scenario(self.main), period=self.period()
        )

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
            values = [_mean(received), *self._posts_in(step, self.years[-1]), *map(_mean, amounts)]
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

    def _posts_in(self, scenario: str, year: int) -> tuple[float, float]:
        """Posts given in a year, and those that teams lack for the work offered: none helps another."""
        posts, loads = self.run.posts, self.run.loads
        here = posts[(posts["scenario"] == scenario) & (posts["year"] == year)]
        work = loads[(loads["scenario"] == scenario) & (loads["year"] == year - self.years[0] + 1)]
        given = here.groupby("team")["etp"].sum()
        teams = work.set_index("team")
        lacking = given * (teams["hours_needed"] / teams["hours_usable"] - 1.0)
        return float(given.sum()), float(lacking.clip(lower=0.0).sum())

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

    # -- posts ---------------------------------------------------------------------------------------

    def posts(self) -> Table:
        """Posts given and needed by operator: today, in the first and in the last year."""
        rows = []
        for operator in OPERATORS:
            for role in _ROLES:
                for name in self.scenarios:
                    cells = self._posts_of(name, operator, role)
                    if cells is not None:
                        rows.append(
                            (
                                self.operator(operator),
                                label(f"team.{role}", self.language),
                                self.scenario(name),
                                *cells,
                            )
                        )
        columns = [*map(self.text, ("operator", "team", "scenario")), *self._post_columns()]
        return self.noted("posts", columns, rows, lead=self._lead())

    def posts_by_region(self) -> Table:
        """The same by region, under the main scenario."""
        rows = []
        names = {region.code: region.name for region in self.run.plan.tables.regions}
        for operator in OPERATORS:
            for role in _ROLES:
                for region in self.run.plan.regions:
                    cells = self._posts_of(self.main, operator, role, region)
                    if cells is not None:
                        rows.append(
                            (
                                self.operator(operator),
                                label(f"team.{role}", self.language),
                                names[region],
                                *cells,
                            )
                        )
        columns = [*map(self.text, ("operator", "team")), self.said("region"), *self._post_columns()]
        return self.noted(
            "posts_by_region", columns, rows, scenario=self.scenario(self.main), lead=self._lead()
        )

    def _post_columns(self) -> list[str]:
        years = [self.years[0], self.years[-1]]
        return [
            self.said("posts.today"),
            *(
                self.said(f"posts.{name}", year=year)
                for year in years
                for name in ("given", "needed", "gap", "hire_by")
            ),
        ]

    def _lead(self) -> str:
        return number(self.language)(self.run.plan.tables.figure(_LEAD).mode)

    def _posts_of(self, scenario: str, operator: str, role: str, region: str = "") -> list[str] | None:
        """Posts of today, then given, needed, gap and date for the first and the last year; None: no team."""
        teams = _of(self.run.posts, operator, role, region)
        here = _of(self.run.loads, operator, role, region)
        posts, here = teams[teams["scenario"] == scenario], here[here["scenario"] == scenario]
        if posts.empty:
            return None
        today = teams[(teams["scenario"] == self.scenarios[0]) & (teams["year"] == self.years[0])]
        write = number(self.language, 1)
        cells = [write(float(today["etp"].sum()))]
        for year in (self.years[0], self.years[-1]):
            given = float(posts.loc[posts["year"] == year, "etp"].sum())
            of_year = here[here["year"] == year - self.years[0] + 1]
            hours, usable = float(of_year["hours_needed"].sum()), float(of_year["hours_usable"].sum())
            needed = given * hours / usable if usable > 0 else float("nan")
            gap = needed - given
            by = dt.date(year, 1, 1) - dt.timedelta(days=self.run.plan.tables.figure(_LEAD).mode)
            cells += [
                write(given),
                "–" if math.isnan(needed) else write(needed),
                "–" if math.isnan(gap) else write(gap),
                self._day(by) if gap > 0 and scenario != self.scenarios[0] else "–",
            ]
        return cells

    def _day(self, day: dt.date) -> str:
        """A date as the reader writes it."""
        return day.strftime("%d/%m/%Y") if self.language == "fr" else day.isoformat()

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

    def paths(self) -> Table:
        """Typical paths under the main scenario: what each costs, and how long it takes."""
        frame = self.of(self.main)
        ledger = self.run.ledger[self.run.ledger["scenario"] == self.main]
        is_bilan = ledger["nature"].str.startswith(_BILANS)
        direct = ledger[~is_bilan].groupby(["operator", "stage"])["amount_cents"].sum()
        bilans = ledger[is_bilan].groupby("operator")["amount_cents"].sum()
        rows = []
        for operator, last in _PATHS:
            each, known = 0.0, True
            for stage, measure in _THROUGH.items():
                through = self._through(operator, stage, measure)
                known = known and through > 0
                if through > 0:
                    each += self._euros(direct.get((operator, stage), 0)) / through
                if stage == last:
                    break
            of_stages = direct[direct.index.get_level_values("operator") == operator]
            on_stages = of_stages[of_stages.index.get_level_values("stage").isin(_THROUGH)].sum()
            loaded = each * float(of_stages.sum()) / float(on_stages) if on_stages else float("nan")
            received = self._through(operator, "accueil", "received")
            bilan = self._euros(bilans.get(operator, 0)) / received if received else float("nan")
            write = euros(self.language)
            rows.append(
                (
                    self.operator(operator),
                    self.said(f"paths.until.{last}"),
                    write(each) if known else "–",
                    write(loaded) if known else "–",
                    "–" if last == "information" or math.isnan(bilan) else write(bilan),
                    *self._how_long(frame, operator, last),
                )
            )
        names = ("cost", "loaded", "bilan", "p50", "p90", "lost")
        columns = [self.text("operator"), self.said("paths.name"), *(self.said(f"paths.{n}") for n in names)]
        return self.noted("paths", columns, rows, scenario=self.scenario(self.main))

    def _euros(self, cents: float) -> float:
        """The mean over replications of cents summed over them, in euros."""
        return float(cents) / self.run.plan.replications / _CENTS

    def _how_long(self, frame: pd.DataFrame, operator: str, last: str) -> list[str]:
        """Median, nine in ten, and who leaves before; a dash where no wait is counted to that point."""
        if last not in _WAIT_OF:
            return ["–"] * 3
        keys = {"operator": operator, "stage": _WAIT_OF[last]}
        in_days, parts = days(self.language), share(self.language)
        return [
            self.value(frame, in_days, {**keys, "indicator": "wait_p50"}),
            self.value(frame, in_days, {**keys, "indicator": "wait_p90"}),
            self.value(frame, parts, {**keys, "indicator": "share_lost"}),
        ]

    def _through(self, operator: str, stage: str, measure: str) -> float:
        """How many have been through a stage of an operator within the horizon."""
        frame = self.of(self.main)
        keys = {"operator": operator, "public": _ALL, "team": _ALL}
        if measure == "formalised":
            joined = row_of(frame, indicator="entered", stage=stage, **keys)
            lost = row_of(frame, indicator="share_lost", stage=stage, **keys)
            return (
                0.0 if joined is None or lost is None else float(joined["mean"]) * (1.0 - float(lost["mean"]))
            )
        row = row_of(frame, indicator=measure, stage=_ALL, **keys)
        return 0.0 if row is None else float(row["mean"])

    # -- questions -----------------------------------------------------------------------------------

    def open_questions(self) -> Table:
        """A row an open question of the slides, with what the run answers."""
        rows = questions(self)
        columns = [self.said(f"open_questions.{name}") for name in ("slide", "question", "answer")]
        return self.noted("open_questions", columns, rows, main=self.scenario(self.main))

    def to_settle(self) -> Table:
        """Five hypotheses on which the figures hang, as the tables have them."""
        rows = []
        tables = self.tables_of(self.main)
        for id_ in _TO_SETTLE:
            figure = tables.figure(id_)
            write = number(self.language, 2 if figure.high < 10 else 0)
            rows.append(
                (
                    self.said(f"settle.{id_.replace('.', '_')}"),
                    write(figure.low),
                    write(figure.mode),
                    write(figure.high),
                    label(f"unit.{figure.unit}", self.language),
                    label(f"confidence.{figure.confidence}", self.language),
                    id_,
                )
            )
        names = ("hypothesis", "low", "mode", "high", "unit", "confidence", "id")
        return self.noted("to_settle", [self.said(f"to_settle.{name}") for name in names], rows)


def _mean(row: pd.Series | None) -> float:
    """The figure of a row; what is not there adds nothing."""
    return 0.0 if row is None else float(row["mean"])


def _of(frame: pd.DataFrame, operator: str, role: str, region: str) -> pd.DataFrame:
    """The rows of an operator's teams of a role, in one region or in all."""
    found = frame[(frame["operator"] == operator) & (frame["role"] == role)]
    return found[found["region"] == region] if region else found
