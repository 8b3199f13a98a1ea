"""The tables of a run: one a question, in the reader's language, each figure with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from cepsim.experiment import Results
from cepsim.labels import Language, label, labels_under
from cepsim.report.cells import Write, cell, days, euros, millions, number, row_of, share
from cepsim.scenario.vocabulary import OPERATORS, PUBLICS

_ALL = "all"
_FUNNEL = (
    "first_requests",
    "answered",
    "ask_accueil",
    "received",
    "conseil_entered",
    "conseil_finished",
    "formalised",
    "files",
    "completed",
)
_SPANS = ("accueil", "premier_entretien", "projet")
_UNIT_COSTS = ("per_person_received", "per_person_entering_conseil", "per_project")


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table ready to be printed: every cell is text. `key` names the question."""

    key: str
    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def frame(self) -> pd.DataFrame:
        """The same as a data frame."""
        return pd.DataFrame(list(self.rows), columns=list(self.columns))


def answers(results: Results, language: Language = "fr") -> list[Table]:
    """One table a question: delays, coverage, losses, means, cost, who pays, marks."""
    teller = _Teller(results, language)
    tables = [
        teller.delays_by_operator(),
        teller.spans(),
        teller.delays_over_time(),
        teller.funnel(),
        teller.coverage(),
        teller.losses(),
        teller.means(),
        teller.costs(),
        teller.payers(),
        teller.unit_costs(),
    ]
    return [*tables, *teller.partners(), teller.marks()]


class _Teller:
    def __init__(self, results: Results, language: Language) -> None:
        self.results, self.language = results, language
        self.scenarios = [s.name for s in results.plan.scenarios]
        known = results.indicators
        self.whole = known[known["region"] == _ALL]
        self.horizon = self.whole[self.whole["period"] == _ALL]

    def text(self, key: str, **values: object) -> str:
        return label(f"answers.{key}", self.language, **values)

    def scenario(self, name: str) -> str:
        title = next(s.title for s in self.results.plan.scenarios if s.name == name)
        return title.fr if self.language == "fr" else title.en

    def operator(self, code: str) -> str:
        return self.text("all_operators") if code == _ALL else label(f"operator.{code}", self.language)

    def table(
        self, key: str, columns: Sequence[str], rows: Sequence[tuple[str, ...]], **values: object
    ) -> Table:
        few = self.results.plan.replications < 5
        note = self.text(f"{key}.note", **values) + (" " + self.text("indicative") if few else "")
        return Table(key, self.text(f"{key}.title", **values), note, tuple(columns), tuple(rows))

    def value(
        self, frame: pd.DataFrame, write: Write, keys: Mapping[str, str], *, interval: bool = True
    ) -> str:
        names = {"operator": _ALL, "stage": _ALL, "public": _ALL, "team": _ALL, "period": _ALL, **keys}
        row = row_of(frame, **names)
        if row is not None and bool(row["withheld"]):
            return self.text("withheld")
        return cell(row, write, self.language, interval=interval)

    # -- délais --------------------------------------------------------------------------------------

    def norm_days(self) -> str:
        scenario = self.results.plan.scenarios[0]
        figure = self.results.deployments[scenario.name].tables.figure(scenario.norm.figure)
        return number(self.language)(figure.mode)

    def delays_by_operator(self) -> Table:
        """Wait for an accueil, operator by operator."""
        rows = []
        for operator in (_ALL, *OPERATORS):
            for name in self.scenarios:
                frame = self.horizon[self.horizon["scenario"] == name]
                keys = {"operator": operator, "stage": "accueil"}
                plain, parts = number(self.language, 1), share(self.language)
                rows.append(
                    (
                        self.operator(operator) if name == self.scenarios[0] else "",
                        self.scenario(name),
                        self.value(frame, plain, {**keys, "indicator": "wait_p50_working_days"}),
                        self.value(frame, plain, {**keys, "indicator": "wait_p90_working_days"}),
                        self.value(frame, parts, {**keys, "indicator": "share_lost"}),
                        self.value(frame, parts, {**keys, "indicator": "share_within_norm"}),
                    )
                )
        days_ = self.norm_days()
        columns = [self.text(c, days=days_) for c in ("operator", "scenario", "p50", "p90", "lost", "within")]
        return self.table("delays", columns, rows, days=days_)

    def spans(self) -> Table:
        """Time from the first contact to the first interview and to the project."""
        rows = []
        for span in _SPANS:
            for name in self.scenarios:
                frame = self.horizon[self.horizon["scenario"] == name]
                in_days, parts = days(self.language), share(self.language)
                rows.append(
                    (
                        self.text(f"span.{span}") if name == self.scenarios[0] else "",
                        self.scenario(name),
                        self.value(frame, in_days, {"indicator": "wait_p50", "stage": span}),
                        self.value(frame, in_days, {"indicator": "wait_p90", "stage": span}),
                        self.value(frame, parts, {"indicator": "received_by_90d", "stage": span}),
                        self.value(frame, parts, {"indicator": "share_unknown", "stage": span}),
                    )
                )
        columns = [
            self.text(c) for c in ("span.name", "scenario", "p50_days", "p90_days", "by_90d", "unknown")
        ]
        return self.table("spans", columns, rows)

    def delays_over_time(self) -> Table:
        """Median wait for an accueil and share lost, by quarter of joining, all operators."""
        accueil = self.whole[(self.whole["stage"] == "accueil") & (self.whole["indicator"] == "share_lost")]
        periods = sorted(p for p in accueil["period"].unique() if p != _ALL)
        rows = []
        for period in periods:
            cells = []
            for name in self.scenarios:
                frame = self.whole[self.whole["scenario"] == name]
                keys = {"operator": "opacif", "stage": "accueil", "period": period}
                plain, parts = number(self.language, 1), share(self.language)
                median = {**keys, "indicator": "wait_p50_working_days"}
                wait = self.value(frame, plain, median, interval=False)
                lost = self.value(frame, parts, {**keys, "indicator": "share_lost"}, interval=False)
                cells.append(f"{wait} ({lost})")
            rows.append((period, *cells))
        columns = [self.text("quarter"), *(self.scenario(name) for name in self.scenarios)]
        return self.table("over_time", columns, rows)

    # -- couverture ----------------------------------------------------------------------------------

    def by_scenario(self, write: Write, *, frame: pd.DataFrame | None = None, **keys: str) -> list[str]:
        source = self.horizon if frame is None else frame
        return [self.value(source[source["scenario"] == name], write, keys) for name in self.scenarios]

    def funnel(self) -> Table:
        """People at each step, over the horizon."""
        rows = [
            (
                self.text(f"step.{step}"),
                *self.by_scenario(number(self.language), indicator=f"people_{step}"),
            )
            for step in _FUNNEL
        ]
        columns = [self.text("step.name"), *(self.scenario(name) for name in self.scenarios)]
        years = self.results.plan.scenarios[0].calendar.years
        return self.table("funnel", columns, rows, years=years)

    def coverage(self) -> Table:
        """Share of each public served in the last year."""
        frame = self.whole[self.whole["indicator"] == "coverage_served"]
        last = max(frame["period"])
        rows = []
        for public in (_ALL, *PUBLICS):
            cells = self.by_scenario(
                share(self.language),
                frame=frame,
                indicator="coverage_served",
                public=public,
                period=last,
            )
            if any(c != "–" for c in cells):
                name = self.text("everybody") if public == _ALL else label(f"public.{public}", self.language)
                rows.append((name, *cells))
        columns = [self.text("public"), *(self.scenario(name) for name in self.scenarios)]
        return self.table("coverage", columns, rows, year=last)

    def losses(self) -> Table:
        """People lost, by stage and cause."""
        frame = self.horizon[
            self.horizon["indicator"].str.startswith("lost_")
            & (self.horizon["operator"] == _ALL)
            & (self.horizon["public"] == _ALL)
        ]
        stages = labels_under("answers.stage", self.language)
        rows = []
        for stage in stages:
            for cause in sorted(frame.loc[frame["stage"] == stage, "indicator"].unique()):
                cells = self.by_scenario(number(self.language), frame=frame, indicator=cause, stage=stage)
                rows.append((stages[stage], self.text(f"cause.{cause}"), *cells))
        columns = [self.text("stage_name"), self.text("cause.name"), *map(self.scenario, self.scenarios)]
        years = self.results.plan.scenarios[0].calendar.years
        return self.table("losses", columns, rows, years=years)

    # -- moyens --------------------------------------------------------------------------------------

    def means(self) -> Table:
        """Posts, offered load and occupation of each operator's teams, first and last year."""
        loads = self.results.loads
        years = (int(loads["year"].min()), int(loads["year"].max()))
        rows = []
        for operator in OPERATORS:
            for role in ("advisers", "first_line"):
                for name in self.scenarios:
                    rows.append(self._team_row(operator, role, name, years))
        names = (
            "operator",
            "team",
            "scenario",
            "etp_first",
            "etp_last",
            "load_first",
            "load_last",
            "occupation",
        )
        launch = self.results.plan.scenarios[0].calendar.launch_date.year - 1
        columns = [self.text(c, first=launch + years[0], last=launch + years[1]) for c in names]
        return self.table("means", columns, rows)

    def _team_row(self, operator: str, role: str, name: str, years: tuple[int, int]) -> tuple[str, ...]:
        deployment = self.results.deployments[name]
        teams = deployment.teams
        numbers = teams.index[(teams["operator"] == operator) & (teams["role"] == role)]
        staff = deployment.staff[deployment.staff["team"].isin(numbers)]
        launch = deployment.horizon.launch.year - 1
        etp = [float(staff.loc[staff["year"] == launch + year, "etp"].sum()) for year in years]
        loads = self.results.loads
        here = loads[(loads["scenario"] == name) & loads["team"].isin(numbers)]
        offered = []
        for year in years:
            hours = here.loc[here["year"] == year, ["hours_needed", "hours_usable"]].sum()
            offered.append(float(hours["hours_needed"] / hours["hours_usable"]))
        frame = self.horizon[self.horizon["scenario"] == name]
        plain = number(self.language, 2)
        first = role == "advisers" and name == self.scenarios[0]
        return (
            self.operator(operator) if first else "",
            label(f"team.{role}", self.language) if name == self.scenarios[0] else "",
            self.scenario(name),
            *(number(self.language, 1)(value) for value in etp),
            *(plain(value) for value in offered),
            self.value(
                frame,
                share(self.language),
                {"indicator": "occupation", "operator": operator, "team": role},
            ),
        )

    # -- coût ----------------------------------------------------------------------------------------

    def money(self, frame: pd.DataFrame, write: Write, cut: str, **keys: str) -> list[str]:
        return [
            cell(row_of(frame, scenario=name, cut=cut, **keys), write, self.language)
            for name in self.scenarios
        ]

    def costs(self) -> Table:
        """Cost by nature over the horizon, then gross, net and new money."""
        gross, net = self.results.costs, self.results.net_costs
        natures = labels_under("nature", self.language)
        present = set(gross.loc[gross["cut"] == "nature", "nature"])
        rows = [
            (text, *self.money(gross, millions(self.language), "nature", nature=code))
            for code, text in natures.items()
            if code in present
        ]
        rows.append((self.text("gross"), *self.money(gross, millions(self.language), "total")))
        for indicator in ("net", "new_money"):
            of = net[net["indicator"] == indicator]
            rows.append((self.text(indicator), *self.money(of, millions(self.language), "total")))
        columns = [self.text("nature"), *(self.scenario(name) for name in self.scenarios)]
        calendar = self.results.plan.scenarios[0].calendar
        first = calendar.launch_date.year - 1
        return self.table(
            "costs",
            columns,
            rows,
            first=first,
            last=first + calendar.years,
            price_year=self.results.plan.scenarios[0].costs.price_year,
        )

    def payers(self) -> Table:
        """Who pays: gross, and net of the reference."""
        gross, net = self.results.costs, self.results.net_costs
        net = net[net["indicator"] == "net"]
        rows = []
        for code, text in labels_under("payer", self.language).items():
            paid = self.money(gross, millions(self.language), "payer", payer=code)
            if any(amount != "–" for amount in paid):
                more = self.money(net, millions(self.language), "payer", payer=code)
                rows.append((text, *paid, *more[1:]))
        names = [self.scenario(name) for name in self.scenarios]
        columns = [self.text("payer"), *names, *(self.text("net_of", scenario=n) for n in names[1:])]
        return self.table("payers", columns, rows)

    def unit_costs(self) -> Table:
        """Operators' cost per person received, per person entering conseil, per project."""
        frame = self.results.unit_costs
        rows = []
        for operator in (_ALL, *OPERATORS):
            for indicator in _UNIT_COSTS:
                cells = [
                    cell(
                        row_of(frame, scenario=name, operator=operator, year=_ALL, indicator=indicator),
                        euros(self.language),
                        self.language,
                    )
                    for name in self.scenarios
                ]
                first = indicator == _UNIT_COSTS[0]
                rows.append((self.operator(operator) if first else "", self.text(indicator), *cells))
        columns = [self.text("operator"), self.text("unit_cost"), *map(self.scenario, self.scenarios)]
        return self.table("unit_costs", columns, rows)

    def partners(self) -> list[Table]:
        """New money in the social partners' own measures; none where only the reference was run."""
        frame = self.results.for_social_partners
        if frame.empty:
            return []
        writes: dict[str, Write] = {
            "new_money_eur": millions(self.language),
            "share_of_private_payroll": lambda v: label(
                "answers.per_million", self.language, value=number(self.language, 1)(v * 1e6)
            ),
            "share_of_cif_contribution": share(self.language),
            "cif_forgone": number(self.language),
            "eur_per_private_employee": lambda v: number(self.language, 2)(v),
        }
        rows = []
        for indicator, write in writes.items():
            for year in sorted(frame["year"].unique()):
                cells = [
                    cell(
                        row_of(frame, scenario=name, year=year, payer=_ALL, indicator=indicator),
                        write,
                        self.language,
                    )
                    for name in self.scenarios[1:]
                ]
                first = year == min(frame["year"])
                rows.append((self.text(f"partner.{indicator}") if first else "", year, *cells))
        columns = [self.text("measure"), self.text("year"), *map(self.scenario, self.scenarios[1:])]
        return [self.table("partners", columns, rows)]

    def marks(self) -> Table:
        """The reference against what was observed."""
        rows = []
        for mark in self.results.marks.to_dict("records"):
            plain = number(self.language, 2 if mark["high"] < 10 else 0)
            rows.append(
                (
                    self.text(f"mark.{mark['quantity']}"),
                    plain(mark["low"]),
                    plain(mark["high"]),
                    plain(mark["found"]),
                    self.text("inside" if mark["inside"] else "outside"),
                )
            )
        columns = [self.text(c) for c in ("mark.name", "low", "high", "found", "verdict")]
        return self.table("marks", columns, rows)
