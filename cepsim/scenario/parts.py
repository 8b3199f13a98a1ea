"""The parts of a scenario, one class a TOML table. The defaults are those of `reference`, today's service.

No number of the tables is repeated here: figures of the world stay in the tables, where a scenario may
override them by id. The dotted path of a field is its TOML key.
"""

import datetime as dt
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from cepsim.scenario.events import BudgetChanges, Closures, Shock
from cepsim.scenario.fields import (
    Actors,
    Broken,
    FigureId,
    Part,
    Pools,
    Publics,
    Regions,
    ShortText,
    SomeAutonomy,
    SomePublics,
    Words,
    broken,
    without_repeats,
)
from cepsim.scenario.money import BudgetLine, Mutualised
from cepsim.scenario.shifts import Shifts
from cepsim.scenario.vocabulary import (
    AUTONOMY,
    BOUNDS_OF_BILANS,
    JOB_SEEKERS,
    PRIVATE_EMPLOYEES,
    SCHOOL_LEAVERS,
    AccueilOfJobSeekers,
    BilanCondition,
    BilanPlace,
    Character,
    Charged,
    ConseilWork,
    Engineering,
    IfShort,
    Intensity,
    Operator,
    Perimeter,
    Ramp,
    ReducedActivity,
    SharedPlatform,
    Status,
    Team,
    Teams,
)


class Calendar(Part):
    """When the run starts, how long it counts, and what surrounds what it counts."""

    launch_date: dt.date = Field(
        default=dt.date(2015, 1, 1), title="Launch date", ge=dt.date(2014, 1, 1), le=dt.date(2030, 12, 31)
    )
    """First day counted and day on which CEP opens, if it opens. Costs are counted from the year before."""
    years: int = Field(default=3, title="Years counted", ge=1, le=10)
    """Whole years after the launch over which counts and costs are made."""
    follow_up_years: int = Field(default=1, title="Years of follow-up", ge=0, le=3)
    """Years run on after the horizon, demand continuing, so that the last people's waits are observed."""
    warm_up_years: int = Field(default=1, title="Years of warm-up", ge=0, le=5)
    """Years of `reference` run from empty before the launch, to give the people waiting on day one."""


class Wave(Part):
    """A group admitted to CEP from a date on; someone is admitted once any wave admits him."""

    publics: SomePublics = Field(title="Publics")
    """The publics admitted."""
    regions: Regions = Field(default="all", title="Regions")
    """Codes of the regions (of 2012) that open, or "all"."""
    from_date: dt.date | None = Field(default=None, title="From")
    """First day of the wave. Absent: the launch date."""
    job_seekers: Perimeter = Field(default="registered", title="Perimeter of job seekers")
    """Which unemployed people of its publics the wave admits: "registered" at Pôle emploi, or "all"."""


class Demand(Part):
    """Who asks, and what makes more or fewer people ask."""

    induced: bool = Field(default=False, title="Induced demand")
    """The new right brings new people: the figure demand.all.cep.induced_demand_at_full_awareness applies."""
    employers_inform: bool = Field(default=False, title="Employers inform")
    """Each employer tells each employee: awareness follows years_to_90_percent_if_employers_inform."""
    publics_with_base_demand: Publics = Field(
        default=(*PRIVATE_EMPLOYEES, *JOB_SEEKERS, SCHOOL_LEAVERS), title="Publics who ask"
    )
    """Publics whose present demand is simulated; a public left out asks nothing in this scenario."""
    publics_who_wait_for_admission: Publics = Field(default=(), title="Publics who wait for admission")
    """Of those, publics whom nobody receives today: they ask nothing until a wave admits them."""
    professional_interviews: bool = Field(default=False, title="Professional interviews")
    """Entretiens professionnels send some private employees to CEP, for a mobilité interne, once admitted."""
    collective_information: bool = Field(default=False, title="Collective information")
    """A share of information contacts goes to meetings: information_collective_share of the intensity."""
    shared_information_base: bool = Field(default=False, title="Shared information base")
    """Better first answers: fewer repeats (repeat_contact_share_with_base_information)."""
    outbound_contacts: bool = Field(default=False, title="Contacts that operators begin")
    """Operators call a share of those admitted (outbound_share) who would have called or come to a desk: the
    same people. The first line calls when nobody waits for it, whom it reaches (outbound_answer_rate) or
    not, and then again after outbound_again_gap, outbound_again_max times; then they are lost. The time until
    they are reached is in the wait for information."""
    shocks: Annotated[tuple[Shock, ...], Field(strict=False)] = Field(default=(), title="Shocks")
    """Times at which more people ask than usual, or fewer, whether or not they are admitted to CEP."""


class Service(Part):
    """What is given to the people admitted. People not admitted always get the intensity "actuelle"."""

    intensity: Intensity = Field(default="actuelle", title="Intensity")
    """The set of durations and interviews given to the people admitted."""
    accueil_job_seekers: AccueilOfJobSeekers = Field(default="marginal", title="Accueil of job seekers")
    """Accueil at Pôle emploi: "marginal" in the registration interview, or a "distinct" interview."""
    engineering: Engineering = Field(default="in", title="Engineering")
    """Files put together by CEP advisers ("in"), or left to the financers with part of the staff ("out")."""
    financer_apart: bool = Field(default=False, title="Financer apart")
    """The OPACIF finance and no longer advise: a body apart gives their conseil with the advisers that they
    give to CEP. It hands the files that they finance over (handover_to_financer); their staff read each
    again (repeated_instruction), and send some back (p_refused_after_handover)."""
    remote_first: bool = Field(default=False, title="At a distance first")
    """Those admitted are led to the telephone and to meetings before the desk (share_phone_remote_first,
    information_collective_share), and to an accueil by telephone or video (share_remote), which lasts
    remote_duration_factor and is missed remote_no_show_factor as much. Each is individual all the same."""
    bilan: BilanPlace = Field(default="beside", title="Bilan")
    """Bilan of those admitted: bought "beside" CEP in one length, or a "module" of it. A module is as deep as
    the diagnosis says (bdc_depth, bdc_depth_autonomy) and paid by the hour; with consent (p_consent_synthese)
    its synthesis is returned to the adviser: the conseil begins after it and is shorter
    (interviews_saved_with_synthese). Without consent nothing is returned."""
    bilan_seniority: BilanCondition = Field(default="not_asked", title="Seniority for a bilan")
    """Whether private employees whom the right brings need the seniority of the leave for a bilan
    (bdc_eligibility_seniority): "not_asked"; or those who lack it have theirs by the employer's "plan", who
    pays; or are "refused". Those who come today have it: their bilans are financed."""
    bilan_interval: BilanCondition = Field(default="not_asked", title="Time between two bilans")
    """Whether private employees whom the right brings need the time between two leaves for a bilan
    (bdc_min_interval): "not_asked"; or those who had one since then have theirs by the employer's "plan", who
    pays; or are "refused". They are as many as among all private employees, from the bilans of a year. Those
    who come today have waited for it."""
    reduced_activity: ReducedActivity = Field(default="as_others", title="Activité réduite")
    """Who receives the employees in activité réduite whom the right brings and who are no cadres: the
    operator of any employee ("as_others"); or, for a share of them
    (market_shares.1.salaries_prives.registered), "pole_emploi", where they are registered. Those who come
    today go where they went, and may be sent there from their accueil."""
    bilan_first: bool = Field(default=False, title="Bilan first")
    """Those admitted who have a bilan beside CEP make it before what follows the accueil, which waits for it:
    employees whatever follows, after the notice to the employer where it is on working time
    (bdc_admin_delay_on_worktime); others before a conseil, where there are psychologists. It takes
    bdc_elapsed. Otherwise nothing waits for a bilan and its time is not simulated."""
    bilans_of_providers: float = Field(default=0, title="Bilans of providers", ge=0, le=1e6)
    """Bilans of employees admitted that may begin in a year, for France, in order of arrival; 0 for no bound.
    Who waits for longer than he would for an interview goes on without his. With bilan_first alone."""
    bilans_of_psychologists: float = Field(default=0, title="Bilans of psychologists", ge=0, le=1e6)
    """Likewise those that the psychologists of Pôle emploi may begin. Without psychologists (figure
    operators.pole_emploi.orientation_psychologists at 0) nobody has any."""
    follow_up_first: bool = Field(default=True, title="Follow-up first")
    """Advisers call people already in a conseil before people who wait for an accueil."""
    referent: bool = Field(default=False, title="Référent")
    """The adviser of the first interview of a conseil gives the next ones and the formalisation, unless he
    makes the person wait too long: calendar.referent_max_wait.all. Otherwise anybody of the team does."""
    commissions: bool = Field(default=True, title="Commissions")
    """Requests for a CIF wait for a commission of the OPACIF, whose yearly budget is its only brake. Without
    it every file is accepted, after the time that a decision takes."""
    overflow: bool = Field(default=False, title="Overflow between operators")
    """An operator whose published delay before the accueil passes the norm sends those admitted who first
    contact it to the other operator that the market shares name for them, if that one has published less."""
    informing_actors: Actors = Field(default=(), title="Actors that inform")
    """Actors that answer, in place of the operators' first lines, those first contacts of the people admitted
    that the regional service sends to them (share_sent_to_informing_actors), as far as the hours that they
    can open allow (informing_actors_open_share). Youth actors answer young people alone. Who asks for more
    goes to his operator's accueil. Their time is financed elsewhere."""
    priority_publics: Publics = Field(default=(), title="Priority publics")
    """Publics called before the others at the same point of the path. All are then in order of arrival."""
    conseil_for: SomeAutonomy = Field(default=AUTONOMY, title="Autonomy taken into conseil")
    """Levels of autonomy of the people admitted whom a conseil takes, as the adviser of the accueil decides.
    Others are received, and have a file put together if their project is formed."""
    conseil_works: Annotated[
        tuple[ConseilWork, ...],
        Field(strict=False, json_schema_extra={"uniqueItems": True}),
        AfterValidator(without_repeats),
    ] = Field(default=(), title="Works of the conseil")
    """What those admitted do after the interviews of a conseil and before the formalisation, each a share of
    them: "tests" (p_tests, tests_elapsed) by a psychologist or a provider, "enquetes" (p_enquetes,
    enquetes_elapsed), "mises_en_situation" with an employer (p_workplace_trial), which an adviser puts
    together. After tests or enquêtes anybody of the team may receive who was followed by one adviser."""
    commission_budget_changes: BudgetChanges = Field(default=(), title="Changes of commission budgets")
    """Dates at which commissions may spend more, or less, than the tables say."""

    @model_validator(mode="after")
    def _bilans_come_first_beside_cep(self) -> Self:
        """A module has its own time, and nobody waits for a provider where nothing waits for a bilan."""
        if self.bilan_first and self.bilan == "module":
            expected = 'false, since service.bilan is "module"'
            remedy = "Leave it out: a module that is returned has its own time."
            raise broken(Broken(("bilan_first",), Words("true"), expected, remedy))
        for name in BOUNDS_OF_BILANS.values():
            if getattr(self, name) and not self.bilan_first:
                expected = "0, since service.bilan_first is false"
                remedy = "Let bilans come first, or leave this out: nobody waits for one."
                raise broken(Broken((name,), getattr(self, name), expected, remedy))
        return self

    @model_validator(mode="after")
    def _budgets_are_somebody_s(self) -> Self:
        """Where no commission meets, no budget is spent."""
        if self.commission_budget_changes and not self.commissions:
            expected = "true, since commission_budget_changes is not empty"
            remedy = "Let commissions meet, or remove the changes of their budgets."
            raise broken(Broken(("commissions",), Words("false"), expected, remedy))
        return self

    @model_validator(mode="after")
    def _choices_apply_to_somebody(self) -> Self:
        """What is told apart among those admitted needs another intensity than today's."""
        if self.intensity != "actuelle":
            return self
        remedy = "Give those admitted another intensity, which tells them apart, or take every level."
        changed = []
        if len(self.conseil_for) < len(AUTONOMY):
            expected = 'every level, since the intensity is "actuelle"'
            changed.append(Broken(("conseil_for",), ", ".join(self.conseil_for), expected, remedy))
        other = "Give those admitted another intensity, which tells them apart, or leave this out."
        for name in ("financer_apart", "remote_first", "overflow"):
            if getattr(self, name):
                expected = 'false, since the intensity is "actuelle"'
                changed.append(Broken((name,), Words("true"), expected, other))
        if self.conseil_works:
            expected = 'nothing, since the intensity is "actuelle"'
            changed.append(Broken(("conseil_works",), ", ".join(self.conseil_works), expected, other))
        if self.bilan != "beside":
            expected = '"beside", since the intensity is "actuelle"'
            changed.append(Broken(("bilan",), self.bilan, expected, other))
        if changed:
            raise broken(*changed)
        return self


class StaffChange(Part):
    """Posts added to, or taken from, an operator's team at a date."""

    operator: Operator = Field(title="Operator")
    """The operator whose team changes."""
    team: Team = Field(default="advisers", title="Team")
    """Advisers, or first-line staff who answer first contacts."""
    from_date: dt.date = Field(title="From", ge=dt.date(2014, 1, 1), le=dt.date(2040, 12, 31))
    """First day on which the posts are there (recruitment and training come before)."""
    etp: float = Field(title="Posts (ETP)", ge=-50_000, le=50_000)
    """Full-time equivalents given to CEP: the total over `regions`, shared by the operator's key."""
    regions: Regions = Field(default="all", title="Regions")
    """Codes of the regions concerned, or "all"."""
    character: Character = Field(title="Character")
    """Existing staff "redeployed", or "new" posts."""
    reason: ShortText = Field(title="Reason")
    """Why this number: shown wherever the posts are."""
    vintage: Status = Field(default="ex_ante", title="Vintage")
    """"ex_post" if it was known after November 2013: only a scenario whose status is "ex_post" takes it."""

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.etp == 0:
            raise broken(Broken(("etp",), 0, "a number of posts other than 0", "Remove the change."))
        return self


class Productivity(Part):
    """How much of a trained adviser's work a post gives."""

    learning: bool = Field(default=True, title="Learning period")
    """Newly recruited advisers work at learning_productivity for learning_curve days."""


class Staff(Part):
    """Staff beside what the tables give on day one."""

    ramp: Ramp = Field(default="none", title="Ramp")
    """The tables' path of staff (rows `ramp_central`): posts added at the OPACIF are new, larger shares of
    advisers at Pôle emploi and the Missions locales are redeployed."""
    teams: Teams = Field(default="versatile", title="Teams of advisers")
    """An operator's advisers of a region are one team ("versatile"), or two ("dedicated"): one for accueils,
    with the part of the posts that accueil_share says, one for conseil, formalisation and files. Of a team of
    less than one adviser, somebody is there on so many days."""
    pooled: Pools = Field(default=(), title="Operators with one team")
    """Groups of operators whose advisers of a region are one team, which serves all their queues. Each goes
    on paying its posts; it serves its own people first in the accounts, and lends what is left."""
    shared_platform: SharedPlatform = Field(default="none", title="Shared telephone platform")
    """One platform answers the telephone of all operators, "regional" or "national" (an overseas region has
    its own), with the part of each first line that calls take of its work. With "none" each answers."""
    changes: Annotated[tuple[StaffChange, ...], Field(strict=False)] = Field(default=(), title="Changes")
    """Changes stated one by one, on top of the ramp."""
    shifts: Shifts = Field(default=(), title="Evenings and Saturdays")
    """Evenings and Saturday mornings of advisers, from launch on, with their posts and their pay. Employees
    admitted whose work leaves them no other time (free_outside_working_time_only), and who are given none of
    it, are received then and never by day, at the accueil, in the conseil and for the formalisation. At an
    operator without a shift they come by day, as everybody does today."""
    productivity: Productivity = Field(default=Productivity(), title="Productivity")
    """How much of a trained adviser's work a post gives."""
    closures: Closures = Field(default=(), title="Closures")
    """Operators that stop at a date, and who receives their people."""


class Costs(Part):
    """Which costs of the new service enter the ledger. The cost of staff and bilans always does."""

    training_of_advisers: bool = Field(default=False, title="Training of advisers")
    """The first training of every adviser who gives CEP (the year before), and of those who replace them."""
    shared_tools: bool = Field(default=False, title="Shared tools")
    """The national one-off cost of shared file, appointments and liaison tools."""
    regional_coordination: bool = Field(default=False, title="Regional coordination")
    """Coordinators in each region, from the year in which it opens."""
    information_base: bool = Field(default=False, title="Information base")
    """The yearly cost of an information base in each open region."""
    employer_bilans: bool = Field(default=False, title="Bilans of employers")
    """Bilans that employers decide by themselves within their plan (bdc_plan_de_formation), as many every
    year whatever happens to CEP, and the part of their hours that is on working time: employers pay them
    already. Those are people whom no operator receives."""
    recruitment: bool = Field(default=False, title="Recruitment")
    """The cost of hiring for new posts and of replacing those who leave them."""
    lent_time_stays_idle: bool = Field(default=False, title="Lent time stays idle")
    """Operators that lend part of their advisers cannot use the time that CEP leaves free: it is paid for.
    Otherwise that time goes back to the advisers' other work, and is no cost of the service."""
    price_year: int = Field(default=2013, title="Year of prices", ge=2012, le=2030)
    """The year in whose constant euros amounts are stated, the same in all scenarios of a run. Figures of the
    tables are in euros of 2013: they are turned at the yearly growth of prices of the tables, a
    hypothesis."""
    budget_lines: Annotated[tuple[BudgetLine, ...], Field(strict=False)] = Field(
        default=(), title="Budget lines"
    )
    """Amounts of a budget that simulated costs are set beside, line by line."""


class Financing(Part):
    """Who pays beside the payers of the tables. In `reference`, nobody."""

    charged_to_cpf: Annotated[
        tuple[Charged, ...],
        Field(strict=False, json_schema_extra={"uniqueItems": True}),
        AfterValidator(without_repeats),
    ] = Field(default=(), title="Charged to the CPF")
    """What the compte personnel de formation of the people admitted pays, by the hour, in place of the usual
    payers: private employees and job seekers, the CSP apart. Fewer of them ask for an accueil then:
    demand_change_if_charged_to_cpf."""
    cpf_short: IfShort = Field(default="excluded", title="If the account is short")
    """What becomes of people whose account does not hold the mean hours charged to a path like theirs: they
    are "excluded" on entering conseil (or formalisation, if it alone is charged), or the "usual_payers" pay
    in place of the account. Likewise for a bilan, out of what is left. The accueil excludes nobody. Nothing
    without charged_to_cpf."""
    mutualised: Mutualised = Field(default=Mutualised(), title="Mutualised fund")
    """A fund that pays operators in place of their usual payers."""

    @property
    def excludes(self) -> bool:
        """Whether somebody may leave because his account is short of the hours of an interview."""
        return self.cpf_short == "excluded" and bool({"conseil", "formalisation"} & set(self.charged_to_cpf))


class Norm(Part):
    """The norm that delays are held against: accueil offered within so many working days."""

    figure: FigureId = Field(
        default="stages.norm.first_appointment_target.all.all.all.all", title="Figure of the norm"
    )
    """Id of the figure that holds the working days. To change the days, override that figure in [figures]."""
    quantile: float = Field(default=0.9, title="Quantile", gt=0, lt=1)
    """Share of those who ask that must be offered an accueil within the norm."""


class FigureOverride(Part):
    """A figure of the tables replaced: how well its mean is known, and why. The unit is the table's."""

    low: float = Field(title="Low")
    """The lowest plausible mean."""
    mode: float = Field(title="Mode")
    """The most plausible mean: what a central run takes."""
    high: float = Field(title="High")
    """The highest plausible mean."""
    reason: ShortText | None = Field(default=None, title="Reason")
    """Why these numbers. Either this or a source."""
    source: ShortText | None = Field(default=None, title="Source")
    """Where these numbers were read. Either this or a reason."""
    vintage: Status = Field(default="ex_ante", title="Vintage")
    """"ex_post" if it was known after November 2013: only a scenario whose status is "ex_post" takes it."""

    @model_validator(mode="after")
    def _is_a_range_with_its_why(self) -> Self:
        if not self.low <= self.mode <= self.high:
            found = Words(f"low {self.low:g}, mode {self.mode:g}, high {self.high:g}")
            raise broken(Broken((), found, "low <= mode <= high", "Put the three numbers in order."))
        if self.reason is None and self.source is None:
            found = Words("neither reason nor source")
            raise broken(Broken((), found, "a reason or a source", "Say why these numbers, or where from."))
        return self
