"""Where requests come from: a public of a region, why it asks, through which channel, how often."""

from __future__ import annotations

from dataclasses import dataclass

from cepsim.errors import ScenarioError, TableError
from cepsim.people.crowd import INTERVIEWS, SOURCES
from cepsim.people.remote import share_by_telephone
from cepsim.scenario import Scenario
from cepsim.scenario.vocabulary import ACCOUNT_HOLDERS, IN_WORK, PRIVATE_EMPLOYEES, Public
from cepsim.tables import Population, Region, Tables


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One origin of requests: a public of a region, why it asks, and through which channel.

    `region` is a position among the regions of the run. `stock` persons (or events a year) of the tables,
    before any override: it sets the candidates. `rate` is the base, in first requests a year for one of the
    stock; `asks` the share of the people answered who ask for an accueil; `can_grow`, whether the new right
    adds to it; `season` the index of each month, January first.
    """

    region: int
    public: Public
    source: str
    channel: str
    stock: int
    rate: float
    asks: float
    can_grow: bool
    season: tuple[float, ...]


def sources(
    scenario: Scenario,
    tables: Tables,
    population: Population,
    base: Population,
    regions: tuple[Region, ...],
) -> list[Source]:
    """Every source of the scenario in these regions.

    `population` holds the scenario's overrides, `base` the tables' own figures: candidates come from the
    second, and a stock that the scenario changes changes the rate. Raises ScenarioError where nobody asks,
    TableError where more people would ask for an accueil than are answered.
    """
    found: list[Source] = []
    first_share = 1.0 - tables.figure("demand.all.contacts.repeat_contact_share").mode
    for number, region in enumerate(regions):
        for public in scenario.demand.publics_with_base_demand:
            season = _season(tables, public)
            for origin in _origins(scenario, tables, public):
                shipped = origin.count(base, public, region)
                if shipped == 0:
                    continue
                rate = origin.contacts * origin.count(population, public, region) / shipped
                ways, asks = [("direct", 1.0)], origin.asks
                if not origin.straight:
                    ways, rate = _ways(tables, public), rate * first_share
                    asks = _asks_per_person(public, origin.asks, first_share)
                found += [
                    Source(
                        region=number,
                        public=public,
                        source=origin.source,
                        channel=channel,
                        stock=shipped,
                        rate=rate * share,
                        asks=asks,
                        can_grow=not origin.straight and origin.source != INTERVIEWS,
                        season=season,
                    )
                    for channel, share in ways
                ]
    if not found:
        raise ScenarioError(
            file=f"{scenario.name}.toml",
            field="demand.publics_with_base_demand",
            found="nobody who asks in these regions",
            expected="at least one public",
        )
    return found


def source_names(
    origin: Source, regions: tuple[Region, ...], seed: int, replication: int
) -> tuple[str | int, ...]:
    """The names that open every key of a source's streams."""
    return (seed, replication, regions[origin.region].code, origin.public, origin.source, origin.channel)


def has_account(public: Public, source: str) -> bool:
    """Whether the account of such people may be charged: the CSP follows its people itself."""
    return public in ACCOUNT_HOLDERS and source != "csp"


def source_code(origin: Source) -> int:
    """Position of the source in `crowd.SOURCES`."""
    return SOURCES.index(origin.source)


@dataclass(frozen=True, slots=True)
class _Origin:
    """Why a public asks.

    `event`: its yearly event, None for those who ask from the stock. `contacts`: requests a year for one of
    them. `asks`: share of the answered contacts that ask for an accueil. `straight`: the figure counts
    people, who come straight to an accueil.
    """

    source: str
    event: str | None
    contacts: float
    asks: float
    straight: bool = False

    def count(self, population: Population, public: Public, region: Region) -> int:
        """How many such people, or events a year, a region has."""
        counts = population.stocks[public] if self.event is None else population.events[self.event]
        return int(counts[region.code])


def _origins(scenario: Scenario, tables: Tables, public: Public) -> list[_Origin]:
    """Everything that makes a public ask; nothing where the tables have no rate for it."""

    def mode(name: str) -> float:
        return tables.figure(f"demand.{public}.event.{name}").mode

    if public == "de_licenciement_eco":
        outside = ("information_contacts_hors_csp", "p_accueil_hors_csp")
        return [
            _Origin("event", "licenciement_eco_hors_csp", mode(outside[0]), mode(outside[1])),
            _Origin("csp", "licenciement_eco_csp", mode("p_accueil_per_event_csp"), 1.0, True),
        ]
    if public in ("de_rupture_conventionnelle", "sortants_formation_initiale"):
        event = public.removeprefix("de_")
        return [_Origin("event", event, mode("information_contacts"), mode("p_accueil"))]
    contacts = tables.demand(public, "stock", "information_contacts")
    asks = tables.demand(public, "stock", "p_accueil")
    if contacts is None or asks is None:
        raise TableError(
            file="demand.csv",
            field=public,
            found="no row information_contacts or p_accueil",
            expected="both, for a public who asks",
        )
    found = [_Origin("spontaneous", None, contacts.mode, asks.mode)]
    if scenario.demand.professional_interviews and public in PRIVATE_EMPLOYEES:
        each = [
            tables.figure(f"demand.salaries_prives.event.entretien_professionnel_{name}").mode
            for name in ("per_year", "share_oriented")
        ]
        found.append(_Origin(INTERVIEWS, None, each[0] * each[1], asks.mode))
    # those who go to the APEC of their own accord, beside the contacts of the OPACIF and of Pôle emploi
    if public == "salaries_cdi":
        found.append(_Origin("apec_flow", "apec_salaries", 1.0, 1.0, True))
    if public == "de_autres":
        found.append(_Origin("apec_flow", "apec_demandeurs_emploi", 1.0, 1.0, True))
    return found


def _asks_per_person(public: Public, per_contact: float, first_share: float) -> float:
    """Share of the people answered who ask for an accueil, from that of contacts: each makes several."""
    share = per_contact / first_share
    if share > 1.0:
        raise TableError(
            file="demand.csv",
            field=f"{public}: p_accueil",
            found=per_contact,
            expected=f"at most {first_share:g}: the part of contacts that are first requests",
            remedy="Lower it, or lower demand.all.contacts.repeat_contact_share.",
        )
    return share


def _ways(tables: Tables, public: Public) -> list[tuple[str, float]]:
    """Channels of first requests and their shares: those of the operator that most of the public turns to."""
    by_telephone = share_by_telephone(tables, public)
    return [("telephone", by_telephone), ("face_to_face", 1.0 - by_telephone)]


def _season(tables: Tables, public: Public) -> tuple[float, ...]:
    """Monthly index of a public's requests, January first."""
    name = "saison_salaries" if public in IN_WORK else "saison_inscriptions_pe"
    return tuple(tables.figure(f"flows.{name}.m{month:02d}").mode for month in range(1, 13))
