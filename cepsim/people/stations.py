"""The stations of an operator: what is asked at each stage, by profile, from the tables.

    telephone, guichet, collectif -> accueil -> conseil -> formalisation -> ingenierie -> dossier -> decision

`dossier` is the time a file takes to be put together outside (quotes, agreements) and `decision` the
financer's; both belong to the stage ingénierie and use no adviser. From the accueil, people with an idea
go to conseil and people with a formed project straight to ingénierie.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import ceil, log

from cepsim.errors import TableError
from cepsim.laws import Law, constant, exponential, gamma, lognormal
from cepsim.network import Branch, NetworkBuilder, NoShow, Retry, Series, Station
from cepsim.people.crowd import AUTONOMY, DISTANCES
from cepsim.people.profiles import PROFILES, Profile
from cepsim.scenario import Scenario
from cepsim.scenario.vocabulary import POPULATIONS
from cepsim.tables import Figure, Tables
from cepsim.trace import Reason
from cepsim.units import SECONDS_PER_DAY

#: (station, stage, channel, repeat) of every operator, in order.
STATIONS = (
    ("telephone", "information", "telephone", 0),
    ("telephone_repeat", "information", "telephone", 1),
    ("guichet", "information", "face_to_face", 0),
    ("guichet_repeat", "information", "face_to_face", 1),
    ("collectif", "information", "collective", 0),
    ("accueil", "accueil", "", 0),
    ("conseil", "conseil", "", 0),
    ("formalisation", "formalisation", "", 0),
    ("ingenierie", "ingenierie", "", 0),
    ("dossier", "ingenierie", "", 0),
    ("decision", "ingenierie", "", 0),
)
BLOCKS = {
    "telephone": 0,
    "telephone_repeat": 0,
    "guichet": 0,
    "guichet_repeat": 0,
    "collectif": 0,
    "accueil": 1,
    "conseil": 2,
    "formalisation": 3,
    "ingenierie": 4,
    "dossier": 5,
    "decision": 6,
}
BLOCK_NAMES = ("information", "accueil", "conseil", "formalisation", "ingenierie", "dossier", "decision")
#: Ways of leaving; the queue left and the outcome of the last visit say the rest.
EXITS = ("satisfied", "lost_call", "gave_up", "no_show", "dropped_out", "completed")

_BY_PROFILE = {profile.name: profile for profile in PROFILES}


@dataclass(frozen=True)
class OperatorStations:
    """Builds the stations of one operator under a scenario's figures."""

    operator: str
    scenario: Scenario
    tables: Tables

    def add_to(self, builder: NetworkBuilder) -> None:
        """Add the operator's stations and routes."""
        self._information(builder)
        builder.station(self._interviews("accueil"))
        builder.station(self._interviews("conseil"))
        builder.station(self._interviews("formalisation"))
        builder.station(
            Station(self.name("ingenierie"), BLOCKS["ingenierie"], self._file_work(), file_work=True)
        )
        for station, parameter in (
            ("dossier", "file_preparation_elapsed"),
            ("decision", "financer_decision"),
        ):
            laws = {
                p.name: self._elapsed(self._figure("ingenierie", parameter, p, p.project or "all"))
                for p in PROFILES
            }
            builder.station(Station(self.name(station), BLOCKS[station], laws))
        self._routes(builder)

    def name(self, station: str) -> str:
        """Name of a station in the network."""
        return f"{self.operator}.{station}"

    # -- figures ---------------------------------------------------------------------------------

    def population(self, profile: Profile) -> str:
        """Population whose row a stage reads: the young are those whom the Missions locales receive."""
        if self.operator == "missions_locales":
            return "jeunes"
        return "salaries" if profile.population == "salaries" else "demandeurs_emploi"

    def intensity(self, profile: Profile) -> str:
        """Intensity given to a profile."""
        return self.scenario.service.intensity if profile.depth else "actuelle"

    def _find(self, stage: str, parameter: str, profile: Profile, project: str = "all") -> Figure | None:
        return self.tables.stage(
            stage,
            parameter,
            population=self.population(profile),
            operator=self.operator,
            intensity=self.intensity(profile),
            project=project,
        )

    def _figure(self, stage: str, parameter: str, profile: Profile, project: str = "all") -> Figure:
        found = self._find(stage, parameter, profile, project)
        if found is None:
            raise AssertionError(f"stages.csv has no row {stage} {parameter} for {profile.name}")
        return found

    def _share(self, stage: str, parameter: str, profile: Profile) -> float:
        return self._figure(stage, parameter, profile).mode

    def _by_profile_share(self, stage: str, parameter: str) -> dict[str, float]:
        return {p.name: self._share(stage, parameter, p) for p in PROFILES}

    def _calendar(self, name: str) -> Figure:
        return self.tables.figure(f"calendar.{name}")

    def _interview_law(self, figure: Figure) -> Law:
        return lognormal(figure.mode_in_base, self._calendar("law_interviews.lognormal").mode)

    def _elapsed(self, figure: Figure) -> Law:
        return gamma(figure.mode_in_base, self._calendar("law_gaps_and_elapsed.gamma").mode)

    def _patience(self, profile: Profile) -> Law:
        """Exponential, at -ln(1 - h) / 7 a day for a hazard h a week."""
        hazard = self._share("all", "renege_hazard_waiting", profile)
        return exponential(7 * SECONDS_PER_DAY / -log(1.0 - hazard))

    # -- information -------------------------------------------------------------------------------

    def _information(self, builder: NetworkBuilder) -> None:
        variation = self._calendar("law_telephone.lognormal").mode
        retry = Retry(
            self._calendar("retry_share.telephone").mode,
            round(self._calendar("retry_max.telephone").mode),
            open_days=round(self._calendar("retry_delay.telephone").mode),
        )
        somebody = PROFILES[0]
        for channel, duration, patience in (
            ("telephone", "phone_duration", "telephone"),
            ("guichet", "walkin_duration", "walk_in"),
        ):
            length = self._figure("information", duration, somebody).mode_in_base
            lasts = self._calendar(f"patience_mean.{patience}").mode_in_base
            for station in (channel, f"{channel}_repeat"):
                builder.station(
                    Station(
                        self.name(station),
                        BLOCKS[station],
                        lognormal(length, variation),
                        patience=exponential(lasts),
                        retry=retry,
                        lost_when_closed=True,
                    )
                )
        builder.station(
            Station(
                self.name("collectif"),
                BLOCKS["collectif"],
                self._figure("information", "collective_duration", somebody).mode_in_base,
                patience={p.name: self._patience(p) for p in PROFILES},
            )
        )

    def _after_information(self, profile: Profile) -> str:
        return self.name("accueil") if profile.asks else "satisfied"

    def repeat_probability(self) -> float:
        """Probability that an answer is not enough, each time, so that the mean of contacts is met.

        With at most m repeats, contacts per person are 1 + q + ... + q**m; they must be 1 / (1 - share).
        """
        base = self.scenario.demand.shared_information_base
        name = "repeat_contact_share" + ("_with_base_information" if base else "")
        wanted = 1.0 / (1.0 - self.tables.figure(f"demand.all.contacts.{name}").mode)
        low, high, most = 0.0, 1.0, self.repeat_max()
        for _ in range(60):
            middle = (low + high) / 2.0
            if sum(middle**n for n in range(most + 1)) < wanted:
                low = middle
            else:
                high = middle
        return round(low, 12)

    def repeat_max(self) -> int:
        """Most further information visits of a person."""
        return round(self._calendar("asked_again_max.all").mode)

    # -- interviews --------------------------------------------------------------------------------

    def _interviews(self, stage: str) -> Station:
        """Accueil, conseil or formalisation: interviews by appointment, back office after each."""
        service, slots, backs = {}, {}, {}
        for p in PROFILES:
            length = self._figure(stage, self._suffix(stage, "duration", p), p)
            # a stage that a profile never reaches has no length: a second stands for it
            service[p.name] = self._interview_law(length) if length.mode > 0 else constant(1.0)
            planned = self._find(stage, self._suffix(stage, "planned_slot", p), p)
            slots[p.name] = round(planned.mode_in_base) if planned is not None else 0
            after = self._figure(stage, _BACK_OFFICE[stage], p)
            marginal = stage == "accueil" and self._is_marginal(p)
            backs[p.name] = None if marginal or after.mode == 0 else self._interview_law(after)
        no_show = self._by_profile_share("all", "no_show")
        return Station(
            self.name(stage),
            BLOCKS[stage],
            service,
            back_office=backs,
            patience={p.name: self._patience(p) for p in PROFILES},
            slot_s=slots,
            no_show=NoShow(
                no_show,
                round(self._calendar("no_show_slot.all").mode_in_base),
                rebook=self._by_profile_share("all", "rebook_after_no_show"),
                gap=self._elapsed(self._calendar("rebook_gap.all")),
                times=round(self._calendar("rebook_max.all").mode),
            ),
            series=self._series() if stage == "conseil" else None,
            refer=self._by_profile_share("accueil", "p_redirect_other_operator")
            if stage == "accueil"
            else 0.0,
        )

    def _is_marginal(self, profile: Profile) -> bool:
        """Accueil inside the registration interview: job seekers at Pôle emploi, unless distinct."""
        return (
            self.operator == "pole_emploi"
            and self.population(profile) == "demandeurs_emploi"
            and self.scenario.service.accueil_job_seekers == "marginal"
        )

    def _suffix(self, stage: str, parameter: str, profile: Profile) -> str:
        """Name of a parameter: those of a job seeker's accueil have two forms."""
        if stage != "accueil" or self.population(profile) != "demandeurs_emploi":
            return parameter
        return f"{parameter}_{'marginal' if self._is_marginal(profile) else 'distinct'}"

    def _series(self) -> Series:
        means: dict[str, float] = {}
        for p in PROFILES:
            mean = self._figure("conseil", "interviews", p).mode
            factor = self._factors[p.autonomy] / self._mean_factor[p.population] if p.autonomy else 1.0
            means[p.name] = 1.0 + (mean - 1.0) * factor
        gaps = {p.name: self._elapsed(self._figure("conseil", "gap_between_interviews", p)) for p in PROFILES}
        return Series(means, ceil(max(means.values())), gaps)

    @cached_property
    def _factors(self) -> Mapping[str, float]:
        prefix = "publics.attribute.all.interviews_factor_autonomy_"
        return {name: self.tables.figure(prefix + name).mode for name in AUTONOMY}

    @cached_property
    def _mean_factor(self) -> Mapping[str, float]:
        """Mean factor of each population, so that its mean number of interviews is the table's."""
        return {
            population: sum(
                self.tables.figure(f"publics.attribute.{population}.autonomy_{name}").mode
                * self._factors[name]
                for name in AUTONOMY
            )
            for population in POPULATIONS
        }

    # -- ingénierie and routes ---------------------------------------------------------------------

    def _adviser_hours(self, profile: Profile) -> float:
        """Seconds of adviser's time that a file takes; 0 where other staff put it together."""
        if self.scenario.service.engineering == "out" or profile.project is None:
            return 0.0
        return self._figure("ingenierie", "adviser_time_per_file", profile, profile.project).mode_in_base

    def _file_work(self) -> dict[str, Law]:
        variation = self._calendar("law_interviews.lognormal").mode
        work = {p.name: self._adviser_hours(p) for p in PROFILES}
        return {n: lognormal(s, variation) if s > 0 else constant(1.0) for n, s in work.items()}

    def _routes(self, builder: NetworkBuilder) -> None:
        again = self.repeat_probability()
        gap = self._elapsed(self._calendar("repeat_gap.all"))
        for profile in PROFILES:
            who = [profile.name]
            onward = self._after_information(profile)
            for channel in ("telephone", "guichet"):
                branches = [
                    Branch(
                        again,
                        self.name(f"{channel}_repeat"),
                        gap,
                        repeat_max=self.repeat_max(),
                        reason=Reason.ASKED_AGAIN,
                    ),
                    Branch(1.0 - again, onward),
                ]
                builder.route(self.name(channel), branches, profiles=who)
                builder.route(self.name(f"{channel}_repeat"), branches, profiles=who)
                builder.route(self.name(channel), [Branch(1.0, "lost_call")], after="lost", profiles=who)
                # somebody who gets no second answer keeps the first
                builder.route(
                    self.name(f"{channel}_repeat"), [Branch(1.0, onward)], after="lost", profiles=who
                )
            builder.route(self.name("collectif"), [Branch(1.0, onward)], profiles=who)
            builder.route(self.name("accueil"), self._after_accueil(profile), profiles=who)
            builder.route(self.name("conseil"), self._after_conseil(profile), profiles=who)
            builder.route(self.name("formalisation"), self._after_project(profile), profiles=who)
        builder.route(self.name("ingenierie"), [Branch(1.0, self.name("dossier"))])
        builder.route(self.name("dossier"), [Branch(1.0, self.name("decision"))])
        builder.route(self.name("decision"), [Branch(1.0, "completed")])
        for stage in ("collectif", "accueil", "conseil", "formalisation", "ingenierie"):
            builder.route(self.name(stage), [Branch(1.0, "gave_up")], after="lost")

    def _file(self, profile: Profile) -> str:
        """Where a file begins: with an adviser, or at once outside."""
        return self.name("ingenierie" if self._adviser_hours(profile) > 0 else "dossier")

    def _after_accueil(self, profile: Profile) -> list[Branch]:
        """A formed project goes to ingénierie, an idea to conseil; the excess of a share goes to the rest.

        P(ingénierie | formed) and P(conseil | idea) are such that the means of the table hold.
        """
        if profile.distance is None:
            return [Branch(1.0, "satisfied")]
        shares = {
            name: self.tables.figure(f"publics.attribute.all.project_distance_{name}").mode
            for name in DISTANCES
        }

        def given_distance(parameter: str, whose: str) -> float:
            share = self._share("accueil", parameter, profile)
            if profile.distance == whose:
                return min(1.0, share / shares[whose])
            return max(0.0, share - shares[whose]) / shares["none"] if profile.distance == "none" else 0.0

        direct = given_distance("p_ingenierie_direct", "formed")
        conseil = given_distance("p_conseil", "idea")
        if direct + conseil > 1.0:
            raise TableError(
                file="stages.csv",
                field="accueil: p_ingenierie_direct and p_conseil",
                found=direct + conseil,
                expected=f"shares that leave people without a project at most 1 ({profile.name})",
            )
        gap = self._elapsed(self._calendar("delay_before_first_conseil.all"))
        return [
            Branch(direct, self._file(profile)),
            Branch(conseil, self.name("conseil"), gap),
            Branch(1.0 - direct - conseil, "satisfied"),
        ]

    def _after_conseil(self, profile: Profile) -> list[Branch]:
        """Some drop out after the last interview; the others write their project, or had it in that one."""
        dropout = self._share("conseil", "dropout", profile)
        out = Branch(dropout, "dropped_out")
        if self._figure("formalisation", "interviews", profile).mode == 0:
            rest = self._after_project(profile)
            return [out, *(Branch(b.share * (1.0 - dropout), b.to, b.gap) for b in rest)]
        gap = self._elapsed(self._calendar("delay_before_formalisation.all"))
        return [out, Branch(1.0 - dropout, self.name("formalisation"), gap)]

    def _after_project(self, profile: Profile) -> list[Branch]:
        share = self._share("formalisation", "p_ingenierie", profile)
        return [Branch(share, self._file(profile)), Branch(1.0 - share, "completed")]


_BACK_OFFICE = {"accueil": "backoffice", "conseil": "backoffice", "formalisation": "writing_time"}
