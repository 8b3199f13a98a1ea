"""The tables of a run: one a question, in the reader's language, each figure with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from cepsim.costing import CIF_CONTRIBUTION, PARTS
from cepsim.experiment import RecordedRun, Results
from cepsim.indicators.obligation import offered_lately
from cepsim.indicators.publish import LEAST
from cepsim.labels import Language, label, labels_under
from cepsim.report.aims import aims_table
from cepsim.report.cells import (
    Write,
    cell,
    days,
    euros,
    millions,
    number,
    period,
    row_of,
    share,
    uncertainty,
)
from cepsim.report.marks import adviser_posts, marks_table
from cepsim.report.means import means_table
from cepsim.report.obligation import obligation_table
from cepsim.report.table import Table
from cepsim.scenario.vocabulary import OPERATORS, PUBLICS
from cepsim.tables import Tables

_ALL = "all"
#: The operator whose waits and volumes are followed where operators are not pooled.
_FOLLOWED = "opacif"
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
#: Files of a formalised project that a financer apart sends back.
_SENT_BACK = "exit_sent_back_after_served"
#: People whose account does not hold the hours charged to what they would enter.
_EXCLUDED = "exit_excluded_after_served"
#: Tables whose figures are printed without an interval.
_WITHOUT_INTERVALS = ("over_time",)
_YEARLY_VOLUMES = ("received", "cif_requests", "cif_accepted")
_SPANS = ("accueil", "premier_entretien", "projet")
_UNIT_COSTS = tuple(
    name + ending
    for name in ("per_person_received", "per_person_entering_conseil", "per_project")
    for ending in ("", "_without_idle")
)


def answers(results: Results | RecordedRun, language: Language = "fr") -> list[Table]:
    """One table a question: delays, volumes, coverage, losses, means, cost, who pays, marks."""
    teller = Teller(results, language)
    tables = [
        teller.delays_by_operator(),
        teller.obligation(),
        teller.spans(),
        teller.delays_over_time(),
        teller.volumes(),
        teller.funnel(),
        aims_table(teller),
        teller.coverage(),
        teller.losses(),
        means_table(teller),
        teller.costs(),
        teller.payers(),
        teller.unit_costs(),
    ]
    return [*tables, *teller.partners(), teller.marks()]


class Teller:
    """Tells what a run found, in a language."""

    def __init__(self, results: Results | RecordedRun, language: Language) -> None:
        self.results, self.language = results, language
        self.scenarios = [s.name for s in results.plan.scenarios]
        known = results.indicators
        self.whole = known[known["region"] == _ALL]
        self.horizon = self.whole[self.whole["period"] == _ALL]

    def text(self, key: str, **values: object) -> str:
        """A text of the answers."""
        return label(f"answers.{key}", self.language, **values)

    def scenario(self, name: str) -> str:
        """The title of a scenario."""
        title = next(s.title for s in self.results.plan.scenarios if s.name == name)
        return title.fr if self.language == "fr" else title.en

    def operator(self, code: str) -> str:
        """The name of an operator, or that of all of them."""
        return self.text("all_operators") if code == _ALL else label(f"operator.{code}", self.language)

    def table(
        self,
        key: str,
        columns: Sequence[str],
        rows: Sequence[tuple[str, ...]],
        **values: object,
    ) -> Table:
        """A table with its title and its note, which says what brackets are where there may be some."""
        notes = [self.text(f"{key}.note", **values)]
        if key not in _WITHOUT_INTERVALS:
            notes.append(self.uncertainty())
        sample = self.results.plan.sample
        if sample > 1:
            notes.insert(0, self.text("sample", sample=sample))
        return Table(key, self.text(f"{key}.title", **values), " ".join(notes), tuple(columns), tuple(rows))

    def uncertainty(self) -> str:
        """What brackets hold and what they do not, or why there are none."""
        return uncertainty(self.results.plan.replications, self.language)

    def period(self) -> str:
        """The years of the horizon: "en 2015", "de 2015 à 2017"."""
        return period(self.results.plan.scenarios[0].calendar, self.language)

    def value(
        self, frame: pd.DataFrame, write: Write, keys: Mapping[str, str], *, interval: bool = True
    ) -> str:
        """The indicator with these keys, the others being all, as text; withheld where it tells of few."""
        names = {"operator": _ALL, "stage": _ALL, "public": _ALL, "team": _ALL, "period": _ALL, **keys}
        row = row_of(frame, **names)
        if row is not None and bool(row["withheld"]):
            return self.text("withheld", least=LEAST * self.results.plan.sample)
        return cell(row, write, self.language, interval=interval)

    # -- délais --------------------------------------------------------------------------------------

    def norm_days(self) -> str:
        """The working days of the norm."""
        scenario = self.results.plan.scenarios[0]
        return number(self.language)(self.tables_of(scenario.name).figure(scenario.norm.figure).mode)

    def tables_of(self, name: str) -> Tables:
        """The tables with the figures that a scenario changes."""
        scenario = next(of for of in self.results.plan.scenarios if of.name == name)
        return self.results.plan.tables.with_overrides(scenario.figures, file=name)

    def delays_by_operator(self) -> Table:
        """Wait for an accueil and who is lost before it, operator by operator, never pooled."""
        rows = []
        for operator in OPERATORS:
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
                        self.value(frame, parts, {**keys, "indicator": "share_gave_up"}),
                        self.value(frame, parts, {**keys, "indicator": "share_no_show"}),
                        self.value(frame, parts, {**keys, "indicator": "share_within_norm"}),
                    )
                )
        days_ = self.norm_days()
        names = ("operator", "scenario", "p50", "p90", "gave_up", "no_show", "within")
        columns = [self.text(c, days=days_) for c in names]
        return self.table("delays", columns, rows, days=days_)

    def obligation(self) -> Table:
        """What is offered within the norm beside what each scenario requires, operator by operator."""
        plan = self.results.plan
        return obligation_table(
            self.results.obligation,
            {name: self.scenario(name) for name in self.scenarios},
            plan.tables.region_names,
            self.language,
            sample=plan.sample,
            lately=offered_lately(self.whole),
        )

    def spans(self) -> Table:
        """Time from the first contact to the first interview and to the project, at the operator followed."""
        rows = []
        for span in _SPANS:
            for name in self.scenarios:
                frame = self.horizon[self.horizon["scenario"] == name]
                in_days, parts = days(self.language), share(self.language)
                keys = {"operator": _FOLLOWED, "stage": span}
                rows.append(
                    (
                        self.text(f"span.{span}") if name == self.scenarios[0] else "",
                        self.scenario(name),
                        self.value(frame, in_days, {**keys, "indicator": "wait_p50"}),
                        self.value(frame, in_days, {**keys, "indicator": "wait_p90"}),
                        self.value(frame, parts, {**keys, "indicator": "received_by_90d"}),
                        self.value(frame, parts, {**keys, "indicator": "share_unknown"}),
                    )
                )
        columns = [
            self.text(c) for c in ("span.name", "scenario", "p50_days", "p90_days", "by_90d", "unknown")
        ]
        return self.table("spans", columns, rows)

    def delays_over_time(self) -> Table:
        """Median wait for an accueil and share lost, by quarter of joining, at the operator followed."""
        accueil = self.whole[(self.whole["stage"] == "accueil") & (self.whole["indicator"] == "share_lost")]
        periods = sorted(p for p in accueil["period"].unique() if p != _ALL)
        rows = []
        for quarter in periods:
            cells = []
            for name in self.scenarios:
                frame = self.whole[self.whole["scenario"] == name]
                keys = {"operator": _FOLLOWED, "stage": "accueil", "period": quarter}
                plain, parts = number(self.language, 1), share(self.language)
                median = {**keys, "indicator": "wait_p50_working_days"}
                wait = self.value(frame, plain, median, interval=False)
                lost = self.value(frame, parts, {**keys, "indicator": "share_lost"}, interval=False)
                cells.append(f"{wait} ({lost})")
            rows.append((quarter, *cells))
        columns = [self.text("quarter"), *(self.scenario(name) for name in self.scenarios)]
        return self.table("over_time", columns, rows)

    # -- volumes -------------------------------------------------------------------------------------

    def volumes(self) -> Table:
        """People received and CIF requests at the operator followed, year by year."""
        frame = self.whole[self.whole["operator"] == _FOLLOWED]
        rows = []
        for measure in _YEARLY_VOLUMES:
            known = frame[(frame["indicator"] == measure) & (frame["period"] != _ALL)]
            for year in sorted(known["period"].unique()):
                keys = {"operator": _FOLLOWED, "indicator": measure, "period": year}
                cells = self.by_scenario(number(self.language), frame=known, **keys)
                first = year == known["period"].min()
                rows.append((self.text(f"volumes.{measure}") if first else "", year, *cells))
        columns = [self.text("measure"), self.text("year"), *map(self.scenario, self.scenarios)]
        return self.table("volumes", columns, rows)

    # -- couverture ----------------------------------------------------------------------------------

    def by_scenario(self, write: Write, *, frame: pd.DataFrame | None = None, **keys: str) -> list[str]:
        """The same for each scenario, in a frame or over the horizon."""
        source = self.horizon if frame is None else frame
        return [self.value(source[source["scenario"] == name], write, keys) for name in self.scenarios]

    def funnel(self) -> Table:
        """People at each step, of those who first ask within the horizon."""
        rows = [
            (
                self.text(f"step.{step}"),
                *self.by_scenario(number(self.language), indicator=f"people_{step}"),
            )
            for step in _FUNNEL
        ]
        columns = [self.text("step.name"), *(self.scenario(name) for name in self.scenarios)]
        return self.table("funnel", columns, rows, period=self.period())

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
        rows += self._deterred(last)
        columns = [self.text("public"), *(self.scenario(name) for name in self.scenarios)]
        return self.table("coverage", columns, rows, year=last)

    def _deterred(self, year: str) -> list[tuple[str, ...]]:
        """People who would have asked for an accueil in a year had their account not been charged."""
        frame = self.whole[self.whole["indicator"] == "deterred"]
        rows = []
        for public in (_ALL, *PUBLICS) if len(frame) else ():
            keys = {"indicator": "deterred", "public": public, "period": year}
            cells = self.by_scenario(number(self.language), frame=frame, **keys)
            if any(c != "–" for c in cells):
                name = self.text("everybody") if public == _ALL else label(f"public.{public}", self.language)
                rows.append((self.text("deterred", public=name), *cells))
        return rows

    def losses(self) -> Table:
        """People lost, by stage and cause."""
        frame = self.horizon[
            (
                self.horizon["indicator"].str.startswith("lost_")
                | self.horizon["indicator"].isin((_SENT_BACK, _EXCLUDED))
            )
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
        return self.table("losses", columns, rows, period=self.period())

    # -- coût ----------------------------------------------------------------------------------------

    def money(self, frame: pd.DataFrame, write: Write, cut: str, **keys: str) -> list[str]:
        """An amount of a cut for each scenario."""
        return [
            cell(row_of(frame, scenario=name, cut=cut, **keys), write, self.language)
            for name in self.scenarios
        ]

    def costs(self) -> Table:
        """Cost by nature, those at 0 left out; then gross, net and its parts."""
        gross, net = self.results.costs, self.results.net_costs
        natures = labels_under("nature", self.language)
        present = set(gross.loc[(gross["cut"] == "nature") & (gross["mean"] != 0), "nature"])
        rows = [
            (text, *self.money(gross, millions(self.language), "nature", nature=code))
            for code, text in natures.items()
            if code in present
        ]
        rows.append((self.text("gross"), *self.money(gross, millions(self.language), "total")))
        for indicator in ("net", *PARTS):
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
        """Operators' cost per person received, entering conseil, per project, with idle time and without."""
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
        per_million: Write = lambda v: number(self.language, 1)(v * 1e6)  # noqa: E731
        # a levy is held against what it pays itself, everything else against what all pay
        writes: dict[str, tuple[str, str, Write]] = {
            "new_money_eur": ("new_money_eur", _ALL, millions(self.language)),
            "services_not_rendered_eur": ("services_not_rendered_eur", _ALL, millions(self.language)),
            "share_of_private_payroll": ("share_of_private_payroll", _ALL, per_million),
            "eur_per_private_employee": ("eur_per_private_employee", _ALL, number(self.language, 2)),
            "of_cif_contribution": ("new_money_eur", CIF_CONTRIBUTION, millions(self.language)),
            "share_of_cif_contribution": (
                "share_of_cif_contribution",
                CIF_CONTRIBUTION,
                share(self.language),
            ),
            "cif_forgone": ("cif_forgone", CIF_CONTRIBUTION, number(self.language)),
        }
        rows = []
        for name, (indicator, payer, write) in writes.items():
            for year in sorted(frame["year"].unique()):
                cells = [
                    cell(
                        row_of(frame, scenario=scenario, year=year, payer=payer, indicator=indicator),
                        write,
                        self.language,
                    )
                    for scenario in self.scenarios[1:]
                ]
                first = year == min(frame["year"])
                rows.append((self.text(f"partner.{name}") if first else "", year, *cells))
        columns = [self.text("measure"), self.text("year"), *map(self.scenario, self.scenarios[1:])]
        return [self.table("partners", columns, rows)]

    def marks(self) -> Table:
        """The run against what was observed, and which inputs were set on it."""
        return marks_table(
            self.results.marks,
            {name: self.scenario(name) for name in self.scenarios},
            self.language,
            sample=self.results.plan.sample,
            advisers=adviser_posts(self.results.plan, self.language),
        )
