"""Who asks, and when: candidates of a unit Poisson process in (operational time x level).

The level axis is cut in slabs of 5 % a year of the table's stock (or yearly events), one keyed stream a
slab, by region, public, source and channel. A candidate asks, in a scenario, when the level is below the
scenario's rate at that date. So the same person asks on the same date wherever he asks at all, and less
demand is a subset of more.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from cepsim.draws import DRAW_RANGE, stream_key, uniform, words
from cepsim.people.crowd import SOURCES
from cepsim.people.horizon import Horizon
from cepsim.people.territory import YEAR_UNITS, Profile, calendar_span
from cepsim.scenario import Scenario
from cepsim.scenario.vocabulary import IN_WORK, Public
from cepsim.tables import Population, Region, Tables
from cepsim.trace import Ints

#: Height of a slab: requests a year for one person of the stock (or one event).
SLAB_HEIGHT = 0.05
#: Operational time is counted from this 1 January, forwards and backwards.
EPOCH_YEAR = 2014
#: Awareness reaches 90 % at this argument of the hyperbolic tangent: atanh(0.9).
_NINETY_PERCENT = 1.4722

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One origin of requests: a public of a region, why it asks, and through which channel.

    `stock` persons (or events a year) of the tables, before any override: it sets the candidates.
    `rate` is the base, in requests a year for one of the stock; `asks` the share of answered requests
    that ask for an accueil.
    """

    region: int
    public: Public
    source: str
    channel: str
    stock: int
    rate: float
    asks: float
    can_grow: bool
    season: list[float]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """People who may ask, one row each; `source` is a position in the list of sources.

    `slab` is twice the number of the slab, plus 1 before the epoch; `rank` is the candidate's counter.
    """

    source: Ints
    slab: Ints
    rank: Ints
    arrival: Ints
    level: Floats

    def take(self, rows: NDArray[np.bool_] | Ints) -> Candidates:
        """The rows of a mask or of positions."""
        columns = (self.source, self.slab, self.rank, self.arrival, self.level)
        return Candidates(*(column[rows] for column in columns))  # type: ignore[arg-type]


def sources(
    scenario: Scenario,
    tables: Tables,
    population: Population,
    base: Population,
    regions: tuple[Region, ...],
) -> list[Source]:
    """Every source of the scenario in these regions.

    `population` holds the scenario's overrides, `base` the tables' own figures: candidates come from the
    second, and a stock that the scenario changes changes the rate.
    """
    found: list[Source] = []
    first_share = 1.0 - tables.figure("demand.all.contacts.repeat_contact_share").mode
    for number, region in enumerate(regions):
        for public in scenario.demand.publics_with_base_demand:
            for kind, event, contacts, asks in _origins(tables, public):
                counts = (population, base)
                stocks = [
                    int((c.stocks if event is None else c.events)[event or public][region.code])
                    for c in counts
                ]
                if stocks[1] == 0:
                    continue
                grown = stocks[0] / stocks[1]
                season = _season(tables, public)
                if kind in ("csp", "apec_flow"):
                    rate = contacts * grown
                    found.append(Source(number, public, kind, "direct", stocks[1], rate, 1.0, False, season))
                    continue
                telephone = _telephone_share(tables, public)
                for channel, share in (("telephone", telephone), ("face_to_face", 1.0 - telephone)):
                    rate = contacts * first_share * share * grown
                    found.append(
                        Source(
                            number,
                            public,
                            kind,
                            channel,
                            stocks[1],
                            rate,
                            min(1.0, asks / first_share),
                            True,
                            season,
                        )
                    )
    return found


def candidates(
    origins: list[Source],
    scenario: Scenario,
    tables: Tables,
    regions: tuple[Region, ...],
    horizon: Horizon,
    *,
    seed: int,
    replication: int,
) -> Candidates:
    """Every candidate whose level any rate of the scenario can reach, between warm-up and follow-up."""
    first, last = calendar_span(horizon)
    ahead, behind = max(0, last.year - EPOCH_YEAR), max(0, EPOCH_YEAR - first.year)
    parts: list[Candidates] = []
    profiles: dict[tuple[int, str, tuple[float, ...]], Profile] = {}
    growth = 1.0 + induced_share(scenario, tables)
    for number, origin in enumerate(origins):
        key = (origin.region, origin.channel, tuple(origin.season))
        if key not in profiles:
            profiles[key] = Profile(tables, regions[origin.region], origin.channel, origin.season)
        top = origin.rate * (growth if origin.can_grow else 1.0)
        for slab in range(ceil(round(top / SLAB_HEIGHT, 9))):
            for direction, years in ((0, ahead), (1, behind)):
                if years == 0:
                    continue
                name = 2 * slab + direction
                names = (*source_names(origin, regions, seed, replication), name)
                units = _positions(stream_key(*names, "position", "", 0), origin.stock * SLAB_HEIGHT, years)
                if direction:
                    units = -1 - units
                heights = uniform(stream_key(*names, "level", "", 0), len(units)) / DRAW_RANGE
                parts.append(
                    Candidates(
                        np.full(len(units), number, dtype=np.int64),
                        np.full(len(units), name, dtype=np.int64),
                        np.arange(len(units), dtype=np.int64),
                        profiles[key].dates(units, EPOCH_YEAR, horizon),
                        (slab + heights) * SLAB_HEIGHT,
                    )
                )
    everybody = Candidates(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("source", "slab", "rank", "arrival", "level")
        )
    )
    return everybody.take((everybody.arrival >= horizon.begin) & (everybody.arrival < horizon.observed))


def source_names(
    origin: Source, regions: tuple[Region, ...], seed: int, replication: int
) -> tuple[str | int, ...]:
    """The names that open every key of a source's streams."""
    return (seed, replication, regions[origin.region].code, origin.public, origin.source, origin.channel)


def induced_share(scenario: Scenario, tables: Tables) -> float:
    """Induced demand at full awareness, as a share of the base; 0 where the scenario has none."""
    if not scenario.demand.induced:
        return 0.0
    return tables.figure("demand.all.cep.induced_demand_at_full_awareness").mode


def awareness(years_since: Floats, scenario: Scenario, tables: Tables) -> Floats:
    """Share of the public that knows the right so many years after it opened: tanh, 0.9 at t90.

    Rounded so that a library's last bit moves nobody.
    """
    name = "years_to_90_percent" + ("_if_employers_inform" if scenario.demand.employers_inform else "")
    years = tables.figure(f"demand.all.awareness.{name}").mode
    return np.asarray(np.round(np.tanh(_NINETY_PERCENT * np.maximum(years_since, 0.0) / years), 12))


def _positions(key: int, per_year: float, years: int) -> Ints:
    """Positions of a Poisson process in operational time, in units, over so many years from the epoch."""
    expected = per_year * years
    wanted = ceil(expected + 10.0 * sqrt(expected) + 20.0)
    # 53 bits in (0, 1]: the logarithm is finite; rounding to units hides its last bit
    draws = ((words(key, wanted) >> np.uint64(11)) + np.uint64(1)) * 2.0**-53
    units = np.cumsum(np.round(-np.log(draws) * (YEAR_UNITS / per_year)).astype(np.int64))
    if units[-1] < years * YEAR_UNITS:
        raise AssertionError("a stream of candidates ended before its last year")
    return np.asarray(units[units < years * YEAR_UNITS])


def _origins(tables: Tables, public: Public) -> list[tuple[str, str | None, float, float]]:
    """(source, event column or None for the stock, contacts a year for one, share asking for accueil)."""

    def mode(name: str) -> float:
        return tables.figure(f"demand.{public}.event.{name}").mode

    if public == "de_licenciement_eco":
        return [
            (
                "event",
                "licenciement_eco_hors_csp",
                mode("information_contacts_hors_csp"),
                mode("p_accueil_hors_csp"),
            ),
            ("csp", "licenciement_eco_csp", mode("p_accueil_per_event_csp"), 1.0),
        ]
    if public in ("de_rupture_conventionnelle", "sortants_formation_initiale"):
        event = public.removeprefix("de_")
        return [("event", event, mode("information_contacts"), mode("p_accueil"))]
    found: list[tuple[str, str | None, float, float]] = []
    contacts = tables.demand(public, "stock", "information_contacts")
    asks = tables.demand(public, "stock", "p_accueil")
    if contacts is not None and asks is not None:
        found.append(("spontaneous", None, contacts.mode, asks.mode))
    # those who go to the APEC of their own accord, beside the contacts of the OPACIF and of Pôle emploi
    if public == "salaries_cdi":
        found.append(("apec_flow", "apec_salaries", 1.0, 1.0))
    if public == "de_autres":
        found.append(("apec_flow", "apec_demandeurs_emploi", 1.0, 1.0))
    return found


def _telephone_share(tables: Tables, public: Public) -> float:
    """Share of first requests made by telephone: that of the operator that most of the public turns to."""
    operator = "opacif" if public in IN_WORK else "pole_emploi"
    figure = tables.stage("information", "share_phone", population="all", operator=operator, intensity="all")
    if figure is None:
        raise AssertionError("stages.csv has a row of share_phone for every operator")
    return figure.mode


def _season(tables: Tables, public: Public) -> list[float]:
    """Monthly index of a public's requests, January first."""
    name = "saison_salaries" if public in IN_WORK else "saison_inscriptions_pe"
    return [tables.figure(f"flows.{name}.m{month:02d}").mode for month in range(1, 13)]


def source_code(origin: Source) -> int:
    """Position of the source in `crowd.SOURCES`."""
    return SOURCES.index(origin.source)
