"""The stations of an operator: what is asked at each stage, by profile, from the tables.

    telephone, guichet, collectif, sortant -> accueil -> conseil -> formalisation -> ingenierie
    ingenierie -> dossier -> decision

`sortant` is a contact that the operator begins. `dossier` is the time a file takes to be put together outside
(quotes, agreements) and `decision` the financer's; both belong to the stage ingénierie and use no adviser. A
request for a CIF waits for a commission of the OPACIF instead (see `people.commissions`). From the accueil,
people with an idea go to conseil and people with a formed project straight to ingénierie. What is done in a
conseil between its interviews is in `people.works`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import ceil

from cepsim.errors import TableError
from cepsim.laws import Law, constant, exponential
from cepsim.network import NetworkBuilder, NoShow, Retry, Series, Station
from cepsim.people.bilan_first import BILAN, BILAN_STATIONS, WAIT, add_bilan_stations
from cepsim.people.commissions import BUDGETS, WAYS, file_cost
from cepsim.people.crowd import OTHER_ACTOR
from cepsim.people.financer import FINANCER
from cepsim.people.profiles import Profile
from cepsim.people.routes import ACCUEIL_OR_OTHER, EXCLUDED, FINANCER_OF_CIF, add_routes
from cepsim.people.shifts import class_count
from cepsim.people.stage_figures import StageFigures
from cepsim.people.works import add_work_stations
from cepsim.scenario import Scenario
from cepsim.scenario.vocabulary import CONSEIL_WORKS, OPERATORS
from cepsim.tables import Tables
from cepsim.units import SECONDS_PER_MINUTE

#: (station, stage, channel, repeat) of every operator, in order.
STATIONS = (
    ("telephone", "information", "telephone", 0),
    ("telephone_repeat", "information", "telephone", 1),
    ("guichet", "information", "face_to_face", 0),
    ("guichet_repeat", "information", "face_to_face", 1),
    ("collectif", "information", "collective", 0),
    ("sortant", "information", "outbound", 0),
    ("accueil", "accueil", "", 0),
    ("conseil", "conseil", "", 0),
    # further visits of who has had a first interview: their waits are no waits for a conseil
    *((work, "conseil", work, 1) for work in CONSEIL_WORKS),
    ("formalisation", "formalisation", "", 0),
    ("ingenierie", "ingenierie", "", 0),
    ("dossier", "ingenierie", "", 0),
    ("decision", "ingenierie", "", 0),
    ("commission_cdi", "ingenierie", "", 0),
    ("commission_cdd", "ingenierie", "", 0),
)
#: The same, of every operator, where actors that inform answer in its place.
INFORMING_STATIONS = (
    ("relais", "information", OTHER_ACTOR, 0),
    ("relais_repeat", "information", OTHER_ACTOR, 1),
)
BLOCKS = {
    "relais": 0,
    "relais_repeat": 0,
    "telephone": 0,
    "telephone_repeat": 0,
    "guichet": 0,
    "guichet_repeat": 0,
    "collectif": 0,
    "sortant": 0,
    "accueil": 1,
    "conseil": 2,
    "formalisation": 3,
    "ingenierie": 4,
    "dossier": 5,
    "decision": 6,
    "commission_cdi": 7,
    "commission_cdd": 7,
    "tests": 8,
    "enquetes": 9,
    "mises_en_situation": 10,
    WAIT: 11,
    BILAN: 12,
}
BLOCK_NAMES = (
    "information",
    "accueil",
    "conseil",
    "formalisation",
    "ingenierie",
    "dossier",
    "decision",
    "commission",
    *CONSEIL_WORKS,
    WAIT,
    BILAN,
)
#: Ways of leaving; the queue left and the outcome of the last visit say the rest.
EXITS = (
    "satisfied",
    "lost_call",
    "gave_up",
    "no_show",
    "dropped_out",
    "completed",
    "not_taken",
    "refused",
    "sent_back",
    EXCLUDED,
    "not_reached",
)

#: Most interviews in which a project is written.
_MOST_TO_WRITE = 2
_BACK_OFFICE = {"accueil": "backoffice", "conseil": "backoffice", "formalisation": "writing_time"}
#: Stands for the length of what a profile never does.
_NEVER = constant(1.0)
#: Planned slots are whole quarters of an hour.
_SLOT_S = 15 * SECONDS_PER_MINUTE


def stations_of(scenario: Scenario) -> tuple[tuple[str, str, str, int], ...]:
    """(station, stage, channel, repeat) of every operator under a scenario, in order."""
    informing = INFORMING_STATIONS if scenario.service.informing_actors else ()
    return (*STATIONS, *informing, *(BILAN_STATIONS if scenario.service.bilan_first else ()))


@dataclass(frozen=True)
class OperatorStations:
    """Builds the stations of one operator under a scenario's figures."""

    operator: str
    scenario: Scenario
    tables: Tables

    @cached_property
    def figures(self) -> StageFigures:
        """What the tables say."""
        return StageFigures(self.operator, self.scenario, self.tables)

    def add_to(self, builder: NetworkBuilder) -> None:
        """Add the operator's stations and routes."""
        self._information(builder)
        for stage in ("accueil", "conseil", "formalisation"):
            builder.station(self._interviews(stage))
            if stage == "conseil":
                add_work_stations(self.figures, builder, [BLOCKS[work] for work in CONSEIL_WORKS])
        self._files(builder)
        if self.scenario.service.informing_actors:
            self._relays(builder)
        if self.scenario.service.bilan_first:
            add_bilan_stations(self.figures, builder, [BLOCKS[WAIT], BLOCKS[BILAN]])
        add_routes(self.figures, builder)

    def _by_profile(self, law: Callable[[Profile], Law]) -> dict[str, Law]:
        return {profile.name: law(profile) for profile in self.figures.profiles}

    # -- information -------------------------------------------------------------------------------

    def _information(self, builder: NetworkBuilder) -> None:
        """Telephone and desk, the same for a further contact; meetings."""
        f = self.figures
        # the tables have one hypothesis for whoever gets no answer: those at the desk come back likewise
        retry = Retry(
            f.calendar("retry_share.telephone").mode,
            f.counted("retry_max.telephone"),
            open_days=f.counted("retry_delay.telephone"),
        )
        for channel, duration, patience in (
            ("telephone", "phone_duration", "telephone"),
            ("guichet", "walkin_duration", "walk_in"),
        ):
            lengths = {p.name: f.figure("information", duration, p).mode_in_base for p in f.profiles}
            service = {name: f.contact_law(length) for name, length in lengths.items()}
            lasts = exponential(f.calendar(f"patience_mean.{patience}").mode_in_base)
            for station in (channel, f"{channel}_repeat"):
                builder.station(
                    Station(
                        f.name(station),
                        BLOCKS[station],
                        service,
                        patience=lasts,
                        retry=retry,
                        lost_when_closed=True,
                    )
                )
        builder.station(
            Station(
                f.name("collectif"),
                BLOCKS["collectif"],
                self._by_profile(
                    lambda p: constant(f.figure("information", "collective_duration", p).mode_in_base)
                ),
                patience=self._by_profile(f.patience),
            )
        )
        builder.station(self._outbound())

    def _outbound(self) -> Station:
        """Calls of the operator: whom it does not reach it calls again, so many times."""
        f = self.figures
        lengths = {p.name: f.figure("information", "outbound_duration", p).mode_in_base for p in f.profiles}
        return Station(
            f.name("sortant"),
            BLOCKS["sortant"],
            {name: f.contact_law(length) for name, length in lengths.items()},
            # nobody holds the line, but people find an answer elsewhere, as they do before an appointment
            patience=self._by_profile(f.patience),
            no_show=NoShow(
                {p.name: 1.0 - f.mode("information", "outbound_answer_rate", p) for p in f.profiles},
                round(f.calendar("outbound_unanswered_slot.all").mode_in_base),
                rebook=1.0,
                gap=f.elapsed(f.calendar("outbound_again_gap.all")),
                times=f.counted("outbound_again_max.all"),
            ),
        )

    def _relays(self, builder: NetworkBuilder) -> None:
        """Where actors that inform answer in the operator's place: as long as a visit to its desk, no queue.

        A delay without a team. Nothing is known of these actors' hours or of who comes to them otherwise, so
        that a queue of theirs would be invented; and people are sent there only as far as the hours that they
        can open allow (see `people.informing`). So nobody waits there, finds a door closed or gives up, which
        flatters them beside a first line. Who is not content asks the same actor again.
        """
        f = self.figures
        for station, *_ in INFORMING_STATIONS:
            service = self._by_profile(
                lambda p: f.contact_law(f.figure("information", "walkin_duration", p).mode_in_base)
            )
            builder.station(Station(f.name(station), BLOCKS[station], service))

    # -- interviews --------------------------------------------------------------------------------

    def _interviews(self, stage: str) -> Station:
        """Accueil, conseil or formalisation: interviews by appointment, back office after each."""
        f = self.figures
        service: dict[str, Law] = {}
        slots: dict[str, int] = {}
        backs: dict[str, Law | None] = {}
        for p in f.profiles:
            named = f.accueil_parameter if stage == "accueil" else _as_it_is
            self._check_number(stage, p)
            length = f.figure(stage, named("duration", p), p).mode_in_base
            after = f.figure(stage, _BACK_OFFICE[stage], p).mode_in_base
            if stage == "accueil" and f.is_marginal(p):
                after = 0.0
            service[p.name], slots[p.name] = _NEVER, 0
            if length > 0:
                slots[p.name] = round(f.figure(stage, named("planned_slot", p), p).mode_in_base)
                if stage == "accueil" and f.is_remote(p):
                    length *= f.mode(stage, "remote_duration_factor", p)
                    slots[p.name] = min(slots[p.name], _SLOT_S * ceil(length / _SLOT_S))
                service[p.name] = f.interview_law(length)
            backs[p.name] = f.interview_law(after) if after > 0 else None
        return Station(
            f.name(stage),
            BLOCKS[stage],
            service,
            back_office=backs,
            patience=self._by_profile(f.patience),
            slot_s=slots,
            no_show=NoShow(
                f.no_shows(stage),
                round(f.calendar("no_show_slot.all").mode_in_base),
                rebook=f.modes("all", "rebook_after_no_show"),
                gap=f.elapsed(f.calendar("rebook_gap.all")),
                times=f.counted("rebook_max.all"),
            ),
            series=self._series(stage),
            referent_wait_s=None if stage == "accueil" else f.referent_wait_s,
            refer=f.modes("accueil", "p_redirect_other_operator") if stage == "accueil" else 0.0,
        )

    def _check_number(self, stage: str, profile: Profile) -> None:
        """A stage has one interview at least, but for a formalisation, which has none, one or two."""
        number = self.figures.mode(stage, "interviews", profile)
        is_written = stage == "formalisation"
        is_too_long = is_written and self.figures.mean_interviews(profile, stage) > _MOST_TO_WRITE
        if (number < 1.0 and not (is_written and number == 0.0)) or is_too_long:
            raise TableError(
                file="stages.csv",
                field=f"{stage}: interviews",
                found=number,
                expected="0, or a mean that gives everybody one or two" if is_written else "at least one",
                remedy="Change the duration of an interview instead.",
            )

    def _series(self, stage: str) -> Series | None:
        """Interviews of a stage, where somebody has more than one."""
        f = self.figures
        means = {p.name: max(1.0, f.mean_interviews(p, stage)) for p in f.profiles}
        most = ceil(max(means.values()))
        if most == 1:
            return None
        return Series(
            means, most, self._by_profile(lambda p: f.elapsed(f.figure(stage, "gap_between_interviews", p)))
        )

    # -- ingénierie --------------------------------------------------------------------------------

    def _files(self, builder: NetworkBuilder) -> None:
        """The adviser's work on a file, what is gathered outside, the financer's decision."""
        f = self.figures
        work = {p.name: f.file_seconds(p) for p in f.profiles}
        laws = {name: f.interview_law(seconds) if seconds > 0 else _NEVER for name, seconds in work.items()}
        builder.station(Station(f.name("ingenierie"), BLOCKS["ingenierie"], laws, file_work=True))
        for station, parameter in (
            ("dossier", "file_preparation_elapsed"),
            ("decision", "financer_decision"),
        ):
            elapsed = {
                p.name: f.elapsed(f.figure("ingenierie", parameter, p, p.project or "all"))
                for p in f.profiles
            }
            builder.station(Station(f.name(station), BLOCKS[station], elapsed))
        for station in BUDGETS:
            builder.station(self._commission(station))

    def _commission(self, station: str) -> Station:
        """Files that wait for the money; whom the budget does not reach applies again, or not."""
        f = self.figures
        if not f.has_commissions or self.operator != FINANCER:
            return Station(f.name(station), BLOCKS[station], _NEVER)
        anybody = next(p for p in f.profiles if f.asks_commission(p))
        again = Retry(
            f.figure("ingenierie", "p_rework_after_refusal", anybody, "formation").mode,
            f.counted("applied_again_max.opacif"),
            gap=f.elapsed(
                f.figure("ingenierie", "file_preparation_elapsed", anybody, anybody.project or "all")
            ),
        )
        cost = file_cost(self.tables, station)
        return Station(f.name(station), BLOCKS[station], _NEVER, file_cost=cost, retry=again)


def add_commissions(scenario: Scenario, builder: NetworkBuilder) -> None:
    """Add the choice of who decides on a file of formation, by service class, once all stations are there."""
    if scenario.service.commissions:
        for operator in OPERATORS:
            ways = [f"{FINANCER if way in BUDGETS else operator}.{way}" for way in WAYS]
            # each way twice: for ordinary people and for priority publics
            ordinary = [way for way in ways for _ in range(2)]
            builder.by_class(f"{operator}.{FINANCER_OF_CIF}", ordinary * class_count(scenario))


def add_overflow(scenario: Scenario, tables: Tables, builder: NetworkBuilder) -> None:
    """Add the choice between each accueil and the other that a person may go to, once all are there."""
    for operator in OPERATORS:
        figures = StageFigures(operator, scenario, tables)
        others = [f"{other}.accueil" for other in OPERATORS if other != operator]
        home = figures.name("accueil")
        builder.overflow(figures.name(ACCUEIL_OR_OTHER), home, others, figures.norm_s, own_alternate=True)


def _as_it_is(parameter: str, _profile: Profile) -> str:
    return parameter
