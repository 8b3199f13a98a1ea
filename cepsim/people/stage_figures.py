"""What the tables say of each stage at an operator, profile by profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import log

from cepsim.errors import TableError
from cepsim.laws import Law, exponential, gamma, lognormal
from cepsim.people.bilans import elapsed_seconds, interviews_saved, is_made
from cepsim.people.financer import is_handed_over
from cepsim.people.profiles import TODAY, Profile, profiles_of, served_as
from cepsim.people.remote import is_marginal
from cepsim.scenario import Scenario
from cepsim.scenario.vocabulary import AUTONOMY, POPULATIONS
from cepsim.tables import Figure, Tables
from cepsim.units import DAYS_PER_WEEK, SECONDS_PER_DAY, WORKING_DAYS_PER_WEEK


@dataclass(frozen=True)
class StageFigures:
    """The figures of one operator's stages under a scenario. Durations are in seconds."""

    operator: str
    scenario: Scenario
    tables: Tables

    def name(self, station: str) -> str:
        """Name of one of the operator's stations in the network."""
        return f"{self.operator}.{station}"

    @cached_property
    def profiles(self) -> tuple[Profile, ...]:
        """Every profile that the scenario tells apart."""
        return profiles_of(self.scenario)

    def intensity(self, profile: Profile) -> str:
        """Intensity given to a profile."""
        return self.scenario.service.intensity if profile.depth else TODAY

    def figure(self, stage: str, parameter: str, profile: Profile, project: str = "all") -> Figure:
        """The row of `stages` that holds for a profile. Raises TableError if there is none."""
        # the same row holds for hundreds of profiles
        key = stage, parameter, profile.population, profile.depth, project
        found = self._rows.get(key)
        if found is None:
            found = self.tables.stage(
                stage,
                parameter,
                population=served_as(profile.population, self.operator),
                operator=self.operator,
                intensity=self.intensity(profile),
                project=project,
            )
        if found is None:
            raise TableError(
                file="stages.csv",
                field=f"{stage}: {parameter}",
                found=f"no row for {profile.name} at {self.operator}",
                expected="one",
            )
        self._rows[key] = found
        return found

    def mode(self, stage: str, parameter: str, profile: Profile) -> float:
        """The mode of that row, in its own unit."""
        return self.figure(stage, parameter, profile).mode

    def modes(self, stage: str, parameter: str) -> dict[str, float]:
        """The mode for every profile, by name."""
        return {p.name: self.mode(stage, parameter, p) for p in self.profiles}

    def calendar(self, name: str) -> Figure:
        """A figure of the table `calendar`."""
        return self.tables.figure(f"calendar.{name}")

    def counted(self, name: str) -> int:
        """A figure of the table `calendar` that counts times or days: a mean that is not whole is rounded."""
        return round(self.calendar(name).mode)

    def distance_share(self, distance: str) -> float:
        """Share of people at this distance from a project."""
        return self.tables.figure(f"publics.attribute.all.project_distance_{distance}").mode

    def is_excluded(self, profile: Profile, stage: str) -> bool:
        """Whether such a person leaves on entering a stage: his account does not hold the hours charged."""
        return profile.short and stage in self.scenario.financing.charged_to_cpf

    @property
    def has_commissions(self) -> bool:
        """Whether requests for a CIF wait for a commission of the OPACIF, whoever put them together."""
        return self.scenario.service.commissions

    def asks_commission(self, profile: Profile) -> bool:
        """Whether the file of such a person goes to one, unless his public has no CIF."""
        is_formation = profile.population == "salaries" and profile.project == "formation"
        return self.has_commissions and is_formation

    @property
    def referent_wait_s(self) -> int | None:
        """How long somebody waits for the adviser who follows him; None where the whole team receives."""
        follows = self.scenario.service.referent
        return round(self.calendar("referent_max_wait.all").mode_in_base) if follows else None

    @property
    def norm_s(self) -> int:
        """Elapsed time in which the working days of the norm pass, no holiday among them."""
        days = self.tables.figure(self.scenario.norm.figure).mode
        return round(days * DAYS_PER_WEEK / WORKING_DAYS_PER_WEEK * SECONDS_PER_DAY)

    # -- laws --------------------------------------------------------------------------------------

    def interview_law(self, mean_s: float) -> Law:
        """Time with somebody, or at a file."""
        return lognormal(mean_s, self.calendar("law_interviews.lognormal").mode)

    def contact_law(self, mean_s: float) -> Law:
        """First contact, by telephone or at a desk."""
        return lognormal(mean_s, self.calendar("law_telephone.lognormal").mode)

    def elapsed(self, figure: Figure) -> Law:
        """Time that passes between two things."""
        return self.elapsed_mean(figure.mode_in_base)

    def elapsed_mean(self, mean_s: float) -> Law:
        """The same, of a mean that several figures give."""
        return gamma(mean_s, self.calendar("law_gaps_and_elapsed.gamma").mode)

    def patience(self, profile: Profile) -> Law:
        """Of who waits for an appointment: exponential, at -ln(1 - h) / 7 a day for a hazard h a week."""
        hazard = self.mode("all", "renege_hazard_waiting", profile)
        return exponential(DAYS_PER_WEEK * SECONDS_PER_DAY / -log(1.0 - hazard))

    # -- what depends on several figures ---------------------------------------------------------------

    def is_marginal(self, profile: Profile) -> bool:
        """Accueil inside the registration interview: job seekers at Pôle emploi, unless distinct."""
        return is_marginal(self.scenario, self.operator, profile.population)

    def is_remote(self, profile: Profile) -> bool:
        """Accueil at a distance; one inside the registration interview is wherever that is."""
        return profile.remote and not self.is_marginal(profile)

    def no_shows(self, stage: str) -> dict[str, float]:
        """Share of the called who do not come to a stage, by profile."""
        shares = self.modes("all", "no_show")
        if stage == "accueil":
            for profile in filter(self.is_remote, self.profiles):
                factor = self.mode("accueil", "remote_no_show_factor", profile)
                shares[profile.name] = min(1.0, factor * shares[profile.name])
        return shares

    def gets_synthesis(self, profile: Profile) -> bool:
        """Whether an adviser of this operator is given the synthesis of a person's bilan."""
        return profile.returned > 0 and is_made(self.tables, self.operator, profile.population)

    def before_conseil(self, profile: Profile) -> Law:
        """Time from the accueil to the queue of the conseil, which begins after a bilan that is returned."""
        delay = self.calendar("delay_before_first_conseil.all")
        if not self.gets_synthesis(profile):
            return self.elapsed(delay)
        bilan = elapsed_seconds(self.tables, profile.returned, profile.notice)
        return self.elapsed_mean(delay.mode_in_base + bilan)

    def accueil_parameter(self, parameter: str, profile: Profile) -> str:
        """Name of a parameter of the accueil: those of a job seeker have two forms."""
        if served_as(profile.population, self.operator) != "demandeurs_emploi":
            return parameter
        return f"{parameter}_{'marginal' if self.is_marginal(profile) else 'distinct'}"

    def mean_interviews(self, profile: Profile, stage: str = "conseil") -> float:
        """1 + (mean - 1) x factor of the autonomy / mean factor of the population; 0 where there is none.

        Less the interviews of a conseil that a synthesis saves; one remains. An accueil inside the
        registration interview is that one.
        """
        mean = self.mode(stage, "interviews", profile)
        if stage == "accueil" and self.is_marginal(profile):
            return 1.0
        if profile.autonomy is None or mean == 0.0:
            return mean
        mean = 1.0 + (mean - 1.0) * self._factors[profile.autonomy] / self._mean_factor[profile.population]
        is_shorter = stage == "conseil" and self.gets_synthesis(profile)
        return max(1.0, mean - interviews_saved(self.tables)) if is_shorter else mean

    def file_seconds(self, profile: Profile) -> float:
        """Adviser's time that a file takes; 0 where other staff put it together."""
        if self.scenario.service.engineering == "out" or profile.project is None:
            return 0.0
        return self.figure("ingenierie", "adviser_time_per_file", profile, profile.project).mode_in_base

    def is_handed_over(self, profile: Profile) -> bool:
        """Whether a file goes from the body that advises to a financer apart: one that the OPACIF finance."""
        return is_handed_over(self.scenario, self.operator, profile.depth > 0, profile.project)

    @cached_property
    def _rows(self) -> dict[tuple[str, str, str, int, str], Figure]:
        """What `figure` has found."""
        return {}

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
