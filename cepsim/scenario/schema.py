"""What a scenario holds: policy choices, and overrides of the tables' figures.

Two kinds of content, never mixed. The *policy* fields say who is admitted when, how deep the service
goes, which posts are added, which costs are counted. The *figures* of the world (take-up, durations,
prices, staff) live in the tables; a scenario may override one by its id, with its range and why.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from cepsim.scenario.events import are_within, closures_that_clash
from cepsim.scenario.fields import Broken, FigureId, Part, Slug, Text, Words, broken
from cepsim.scenario.parts import (
    Calendar,
    Costs,
    Demand,
    FigureOverride,
    Financing,
    Norm,
    Service,
    Staff,
    Wave,
)
from cepsim.scenario.shifts import shifts_that_clash
from cepsim.scenario.vocabulary import BOUNDS_OF_BILANS, JOB_SEEKERS, Public, Status
from cepsim.tables import Tables


class Scenario(Part):
    """A scenario with all it inherits resolved; two scenarios are equal when every field is."""

    name: Slug = Field(title="Name")
    """Letters, figures and hyphens; the name of the file without `.toml`."""
    title: Text = Field(title="Title")
    """A few words for tables and pictures."""
    debate: Text = Field(title="Debate")
    """The question of autumn 2013 that the scenario answers."""
    extends: Slug | None = Field(default=None, title="Extends")
    """The scenario that this one differs from; absent for one that stands alone."""
    status: Status = Field(default="ex_ante", title="Status")
    """"ex_ante" if only what could be known in November 2013 is used; "ex_post" is for backtests."""
    calendar: Calendar = Field(default=Calendar(), title="Calendar")
    """When the run starts and how long it counts."""
    waves: Annotated[tuple[Wave, ...], Field(strict=False)] = Field(default=(), title="Waves")
    """Who is admitted to CEP, where and when. None in `reference`."""
    demand: Demand = Field(default=Demand(), title="Demand")
    """Who asks, and what makes more or fewer people ask."""
    service: Service = Field(default=Service(), title="Service")
    """What is given to the people admitted."""
    staff: Staff = Field(default=Staff(), title="Staff")
    """Staff beside what the tables give on day one."""
    costs: Costs = Field(default=Costs(), title="Costs")
    """Which costs of the new service enter the ledger."""
    financing: Financing = Field(default=Financing(), title="Financing")
    """Who pays beside the payers of the tables."""
    norm: Norm = Field(default=Norm(), title="Norm")
    """The norm that delays are held against."""
    figures: Mapping[FigureId, FigureOverride] = Field(
        default={}, title="Figures", json_schema_extra={"additionalProperties": False}
    )
    """Figures of the tables overridden, by id (in quotes)."""

    @model_validator(mode="after")
    def _parts_agree(self) -> Self:
        found = [
            *self._waves_that_admit_nobody(),
            *self._benefits_without_cost(),
            *self._calls_to_nobody(),
            *self._charges_without_anybody(),
            *self._accounts_of_two_lengths(),
            *self._conditions_of_nobody(),
            *self._pools_of_who_keeps_apart(),
            *self._shifts_of_nobody(),
            *self._known_too_late(),
            *self._events_that_cannot_be(),
        ]
        if found:
            raise broken(*found)
        return self

    def _waves_that_admit_nobody(self) -> Iterator[Broken]:
        """A wave, a shock or a priority for people who never ask would change nothing, in silence."""
        asking = "publics of demand.publics_with_base_demand"
        remedy = "Add them there, or remove them here."
        for i, wave in enumerate(self.waves):
            silent = [public for public in wave.publics if public not in self.demand.publics_with_base_demand]
            if silent:
                yield Broken(("waves", i, "publics"), ", ".join(silent), asking, remedy)
            if wave.from_date is not None and wave.from_date < self.calendar.launch_date:
                expected = f"the launch date, {self.calendar.launch_date}, or later"
                yield Broken(("waves", i, "from_date"), wave.from_date, expected, "Open the wave later.")
        for i, shock in enumerate(self.demand.shocks):
            if shock.from_date < self.calendar.launch_date:
                expected = f"the launch date, {self.calendar.launch_date}, or later"
                found = shock.from_date
                yield Broken(("demand", "shocks", i, "from_date"), found, expected, "Begin the shock later.")
        for path, publics in (
            *((("demand", "shocks", i, "publics"), s.publics) for i, s in enumerate(self.demand.shocks)),
            (("service", "priority_publics"), self.service.priority_publics),
            (("demand", "publics_who_wait_for_admission"), self.demand.publics_who_wait_for_admission),
        ):
            silent = [public for public in publics if public not in self.demand.publics_with_base_demand]
            if silent:
                yield Broken(path, ", ".join(silent), asking, remedy)

    def _benefits_without_cost(self) -> Iterator[Broken]:
        """An information base that spares contacts is paid for."""
        if self.demand.shared_information_base and not self.costs.information_base:
            path = ("costs", "information_base")
            expected = "true, since demand.shared_information_base is true"
            yield Broken(path, Words("false"), expected, "Set both to true, or both to false.")

    def _calls_to_nobody(self) -> Iterator[Broken]:
        """Operators call people admitted, and nobody else."""
        if self.demand.outbound_contacts and not self.waves:
            expected = "false, since no wave admits anybody"
            remedy = "Add a wave, or leave this out: operators call those admitted."
            yield Broken(("demand", "outbound_contacts"), Words("true"), expected, remedy)

    def _charges_without_anybody(self) -> Iterator[Broken]:
        """Only people admitted are charged."""
        if self.financing.charged_to_cpf and not self.waves:
            found = ", ".join(self.financing.charged_to_cpf)
            remedy = "Add a wave, or charge nothing."
            yield Broken(
                ("financing", "charged_to_cpf"), found, "nothing, since no wave admits anybody", remedy
            )
        if self.financing.mutualised.tariff_eur and not self.waves:
            path, found = (
                ("financing", "mutualised", "tariff_eur"),
                f"{self.financing.mutualised.tariff_eur:g}",
            )
            remedy = "Add a wave, or pay by an envelope alone."
            yield Broken(path, found, "0, since no wave admits anybody", remedy)

    def _accounts_of_two_lengths(self) -> Iterator[Broken]:
        """An account pays for bilans of one length."""
        if "bilan" in self.financing.charged_to_cpf and self.service.bilan == "module":
            expected = 'nothing of "bilan", since service.bilan is "module"'
            remedy = 'Charge no bilan, or set service.bilan to "beside": accounts pay for one length.'
            found = ", ".join(self.financing.charged_to_cpf)
            yield Broken(("financing", "charged_to_cpf"), found, expected, remedy)

    def _conditions_of_nobody(self) -> Iterator[Broken]:
        """What the leave asks is asked of people admitted, for a bilan of the leave."""
        for name in ("bilan_seniority", "bilan_interval"):
            found, path = getattr(self.service, name), ("service", name)
            if found == "not_asked":
                continue
            if not self.waves:
                expected, remedy = (
                    '"not_asked", since no wave admits anybody',
                    "Add a wave, or leave this out.",
                )
                yield Broken(path, found, expected, remedy)
            if self.service.bilan == "module":
                expected = '"not_asked", since service.bilan is "module"'
                yield Broken(path, found, expected, 'Set service.bilan to "beside", or leave this out.')

    def _pools_of_who_keeps_apart(self) -> Iterator[Broken]:
        """One team has one queue to be first in, and a body apart is apart from other operators too."""
        if self.service.overflow and self.staff.pooled:
            expected = "false, since staff.pooled gives several operators one team"
            remedy = "Leave one of the two out: people are not sent from a team to itself."
            yield Broken(("service", "overflow"), Words("true"), expected, remedy)
        pool = next((pool for pool in self.staff.pooled if "opacif" in pool), None)
        if self.service.financer_apart and pool is not None:
            expected = "no group with opacif, since service.financer_apart is true"
            remedy = "Take opacif out of it, or set service.financer_apart to false."
            yield Broken(("staff", "pooled"), ", ".join(pool), expected, remedy)

    def _shifts_of_nobody(self) -> Iterator[Broken]:
        """People admitted alone are told that they come in the evening, and a team has one shift."""
        shifts = self.staff.shifts
        if shifts and not self.waves:
            expected, remedy = "nothing, since no wave admits anybody", "Add a wave, or leave this out."
            yield Broken(("staff", "shifts"), Words("a shift"), expected, remedy)
        yield from shifts_that_clash(shifts)
        pooled = {operator for pool in self.staff.pooled for operator in pool}
        for i, shift in enumerate(shifts):
            together = [operator for operator in shift.operators if operator in pooled]
            if together:
                expected = "operators in no group of staff.pooled"
                remedy = "Take them out of their group, or leave the shift out."
                yield Broken(("staff", "shifts", i, "operators"), ", ".join(together), expected, remedy)

    def _known_too_late(self) -> Iterator[Broken]:
        """What came after November 2013 feeds scenarios that say so, and no other."""
        if self.status == "ex_post":
            return
        of_figures = [(("figures", id_, "vintage"), of.vintage) for id_, of in self.figures.items()]
        of_changes = [
            (("staff", "changes", i, "vintage"), of.vintage) for i, of in enumerate(self.staff.changes)
        ]
        of_closures = [
            (("staff", "closures", i, "vintage"), of.vintage) for i, of in enumerate(self.staff.closures)
        ]
        of_budgets = [
            (("service", "commission_budget_changes", i, "vintage"), of.vintage)
            for i, of in enumerate(self.service.commission_budget_changes)
        ]
        for path, vintage in (*of_figures, *of_changes, *of_closures, *of_budgets):
            if vintage == "ex_post":
                expected = 'what could be known in November 2013, since the status is "ex_ante"'
                yield Broken(path, vintage, expected, 'Set status = "ex_post", or remove what came later.')

    def _events_that_cannot_be(self) -> Iterator[Broken]:
        """Events begin with the run or later, and nobody is given posts where he has stopped."""
        staff, launch = self.staff, self.calendar.launch_date
        dated = [
            *((("staff", "closures", i), of.from_date) for i, of in enumerate(staff.closures)),
            *(
                (("service", "commission_budget_changes", i), of.from_date)
                for i, of in enumerate(self.service.commission_budget_changes)
            ),
        ]
        for path, when in dated:
            if when < launch:
                expected = f"the launch date, {launch}, or later"
                yield Broken((*path, "from_date"), when, expected, "Let it begin later.")
        yield from closures_that_clash(staff.closures)
        if staff.closures:
            # posts and queues change hands team by team
            for name, today, lists in (
                ("teams", "versatile", ""),
                ("pooled", (), "groups of operators"),
                ("shared_platform", "none", ""),
                ("shifts", (), "a shift"),
            ):
                found = getattr(staff, name)
                if found != today:
                    expected = "the teams of today, since staff.closures is not empty"
                    words = found if isinstance(found, str) else Words(lists)
                    yield Broken(("staff", name), words, expected, "Leave it out, or close no operator.")
        for i, closure in enumerate(staff.closures):
            if closure.operator == "opacif" and self.service.financer_apart:
                expected = "an operator other than opacif, since service.financer_apart is true"
                remedy = "Set service.financer_apart to false, or close another operator."
                yield Broken(("staff", "closures", i, "operator"), closure.operator, expected, remedy)
            key = BOUNDS_OF_BILANS.get(closure.operator)
            if key is not None and getattr(self.service, key):
                expected = f"an operator other than {closure.operator}: service.{key} bounds its bilans"
                remedy = f"Leave service.{key} out, or close another operator."
                yield Broken(("staff", "closures", i, "operator"), closure.operator, expected, remedy)
            for j, change in enumerate(staff.changes):
                if (
                    change.operator == closure.operator
                    and change.from_date >= closure.from_date
                    and are_within(change.regions, closure.regions)
                ):
                    expected = f"a day before {closure.from_date}, when {closure.operator} stops there"
                    remedy = "Remove the change, or change the posts of the heir."
                    yield Broken(("staff", "changes", j, "from_date"), change.from_date, expected, remedy)

    def admitted_from(self, public: Public, region: str, *, registered: bool) -> dt.date | None:
        """First day on which a person of `public` in `region` is admitted to CEP; None if never.

        `registered` is whether the person is registered at Pôle emploi; it matters for job seekers only.
        """
        dates = [
            wave.from_date or self.calendar.launch_date
            for wave in self.waves
            if public in wave.publics
            and (wave.regions == "all" or region in wave.regions)
            and (registered or wave.job_seekers == "all" or public not in JOB_SEEKERS)
        ]
        return min(dates, default=None)

    def derive(
        self,
        overrides: Mapping[str, Any],
        name: str | None = None,
        reason: str = "override",
        *,
        tables: Tables | None = None,
    ) -> "Scenario":
        """A scenario that differs from this one by `overrides`, checked like a file.

        Keys are dotted TOML keys (`service.intensity`), lists are given whole. `figures.<id>` takes an
        override (low, mode, high, reason) or one number, which sets the three and takes `reason`. The new
        scenario extends this one and is called `name`, or this name followed by `-variante`. Figures and
        regions are checked against `tables` (by default, those shipped). Raises ScenarioError.
        """
        from cepsim.scenario.load import derived  # the loader needs this class

        return derived(self, overrides, f"{self.name}-variante" if name is None else name, reason, tables)
