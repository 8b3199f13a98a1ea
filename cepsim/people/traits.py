"""What each person is: attributes drawn with keyed streams, and the operator who receives him.

Every draw is word `rank` of a stream named after the person's region, public, source, channel and slab
and the purpose of the draw, so that no scenario moves anybody's traits, only what follows from them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.stats import multivariate_normal, norm

from cepsim.draws import DRAW_RANGE, stream_key, threshold, uniform
from cepsim.people.crowd import AUTONOMY, CHANNELS, DISTANCES, Crowd
from cepsim.people.demand import (
    Candidates,
    Floats,
    Source,
    awareness,
    induced_share,
    source_code,
    source_names,
)
from cepsim.people.horizon import Horizon
from cepsim.scenario import Scenario
from cepsim.scenario.vocabulary import IN_WORK, OPERATORS, POPULATIONS, PROJECTS, PUBLICS, SCHOOL_LEAVERS
from cepsim.tables import PRIVATE_PUBLICS, Region, Tables
from cepsim.trace import Ints
from cepsim.units import SECONDS_PER_DAY

NOBODY = -1
_DAYS_PER_YEAR = 365.25
_NEVER_ADMITTED = int(np.iinfo(np.int64).max)

Draw = Callable[[str], Ints]


@dataclass(frozen=True, slots=True, eq=False)
class Traits:
    """The crowd, and the operators: the one who receives each person, and one to be sent to (or NOBODY).

    `chosen` are the candidates who ask, in the order of the crowd; `collective` is the draw on
    [0, 2**32) that decides whether information is given in a meeting.
    """

    crowd: Crowd
    chosen: Candidates
    collective: Ints
    operator: Ints
    alternate: Ints


def draw_traits(
    everybody: Candidates,
    origins: list[Source],
    scenario: Scenario,
    tables: Tables,
    regions: tuple[Region, ...],
    horizon: Horizon,
    *,
    seed: int,
    replication: int,
) -> Traits:
    """Decide who asks in this scenario, and who they are, in order (arrival, region, public, slab, rank)."""

    def drawer(of: Candidates) -> Draw:
        groups = _groups(of)

        def draw(purpose: str) -> Ints:
            values = np.empty(len(of.rank), dtype=np.int64)
            for source, slab, rows in groups:
                names = source_names(origins[source], regions, seed, replication)
                key = stream_key(*names, slab, purpose, "", 0)
                ranks = of.rank[rows]
                values[rows] = uniform(key, int(ranks.max()) + 1)[ranks]
            return values

        return draw

    public = _of_source(everybody.source, [PUBLICS.index(o.public) for o in origins])
    base = everybody.level < _of_source(everybody.source, [o.rate for o in origins])
    registered = drawer(everybody)("registered") < _registered(tables)[public]
    opens = _admission(everybody, origins, scenario, regions, horizon, registered)
    admitted = everybody.arrival >= opens
    years = (everybody.arrival - np.where(admitted, opens, everybody.arrival)) / (
        SECONDS_PER_DAY * _DAYS_PER_YEAR
    )
    growth = induced_share(scenario, tables) * awareness(years, scenario, tables) * admitted
    grows = _of_source(everybody.source, [o.can_grow for o in origins]).astype(bool)
    rate = _of_source(everybody.source, [o.rate for o in origins]) * (1.0 + growth * grows)
    asking = np.flatnonzero(everybody.level < rate)
    region = _of_source(everybody.source, [o.region for o in origins])
    order = np.lexsort(
        (
            everybody.rank[asking],
            everybody.slab[asking],
            everybody.source[asking],
            public[asking],
            region[asking],
            everybody.arrival[asking],
        )
    )
    asked = asking[order]
    chosen = everybody.take(asked)
    return _describe(
        chosen, origins, scenario, tables, drawer(chosen), base[asked], admitted[asked], registered[asked]
    )


def _describe(
    chosen: Candidates,
    origins: list[Source],
    scenario: Scenario,
    tables: Tables,
    draw: Draw,
    base: np.ndarray[tuple[int], np.dtype[np.bool_]],
    admitted: np.ndarray[tuple[int], np.dtype[np.bool_]],
    registered: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> Traits:
    public = _of_source(chosen.source, [PUBLICS.index(o.public) for o in origins])
    source = _of_source(chosen.source, [source_code(o) for o in origins])
    in_work = public < len(IN_WORK)
    leaver = public == PUBLICS.index(SCHOOL_LEAVERS)
    seeker = ~in_work & ~leaver
    own_way = np.array([o.source == "apec_flow" for o in origins])[chosen.source]
    under_26 = seeker & ~own_way & _yes(draw("under_26"), tables, "demandeurs_emploi.under_26")
    disabled = seeker & ~own_way & _yes(draw("disabled"), tables, "demandeurs_emploi.disability_recognised")
    cadre_draw = draw("cadre")
    private = public < len(PRIVATE_PUBLICS)
    cadre = own_way | (private & _yes(cadre_draw, tables, "salaries_prives.cadre"))
    cadre |= seeker & _yes(cadre_draw, tables, "demandeurs_emploi.cadre")
    population = np.where(in_work, 0, np.where(leaver | under_26, 2, 1))
    operator, alternate = _operators(
        tables,
        draw("market"),
        public=public,
        private=private,
        leaver=leaver,
        seeker=seeker,
        base=base,
        own_way=own_way,
        cadre=cadre,
        under_26=under_26,
        disabled=disabled,
    )
    level = _intensities(scenario, admitted)
    autonomy, distance = _autonomy_and_distance(tables, draw("autonomy_distance"), population)
    asks = draw("asks") < np.array([threshold(o.asks) for o in origins])[chosen.source]
    channel = _of_source(chosen.source, [CHANNELS.index(o.channel) for o in origins])
    crowd = Crowd(
        region=_of_source(chosen.source, [o.region for o in origins]),
        public=public,
        population=population,
        source=source,
        channel=channel,
        slab=chosen.slab,
        rank=chosen.rank,
        admitted=_flag(admitted),
        induced=_flag(~base),
        asks=_flag(asks),
        cadre=_flag(cadre),
        registered=_flag(registered),
        under_26=_flag(under_26),
        disabled=_flag(disabled),
        autonomy=autonomy,
        distance=distance,
        project=_projects(tables, draw("project"), population, level, intensity_names(scenario)),
        bilan=_flag(_bilans(tables, draw("bilan"), population, level, operator, intensity_names(scenario))),
        time_accueil=_flag(_on_time(tables, draw("time_accueil"), population, "accueil")),
        time_conseil=_flag(_on_time(tables, draw("time_conseil"), population, "conseil")),
    )
    return Traits(crowd, chosen, draw("collective"), operator, alternate)


def _groups(of: Candidates) -> list[tuple[int, int, Ints]]:
    """(source, slab, rows) of each stream."""
    order = np.lexsort((of.slab, of.source))
    if len(order) == 0:
        return []
    source, slab = of.source[order], of.slab[order]
    cuts = np.flatnonzero((np.diff(source) != 0) | (np.diff(slab) != 0)) + 1
    return [(int(of.source[rows[0]]), int(of.slab[rows[0]]), rows) for rows in np.split(order, cuts)]


def _of_source(source: Ints, values: list[int] | list[float] | list[bool]) -> Ints:
    return np.asarray(np.array(values)[source])


def _flag(values: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Ints:
    return values.astype(np.int64)


def _yes(draws: Ints, tables: Tables, attribute: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.asarray(draws < threshold(tables.figure(f"publics.attribute.{attribute}").mode))


def _registered(tables: Tables) -> Ints:
    """Threshold of being registered at Pôle emploi, by public."""
    values = []
    for public in PUBLICS:
        name = "demandeurs_emploi" if public.startswith("de_") else public
        id_ = f"publics.attribute.{name}.inscrit_pole_emploi"
        values.append(threshold(tables.figure(id_).mode) if tables.has(id_) else 0)
    return np.array(values, dtype=np.int64)


def _admission(
    everybody: Candidates,
    origins: list[Source],
    scenario: Scenario,
    regions: tuple[Region, ...],
    horizon: Horizon,
    registered: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> Ints:
    """Second from which each candidate would be admitted."""
    opens = np.full((len(origins), 2), _NEVER_ADMITTED, dtype=np.int64)
    for number, origin in enumerate(origins):
        for flag in (0, 1):
            when = scenario.admitted_from(origin.public, regions[origin.region].code, registered=bool(flag))
            if when is not None:
                opens[number, flag] = horizon.second(when)
    return np.asarray(opens[everybody.source, registered.astype(np.int64)])


def _operators(
    tables: Tables,
    draws: Ints,
    *,
    public: Ints,
    private: np.ndarray[tuple[int], np.dtype[np.bool_]],
    leaver: np.ndarray[tuple[int], np.dtype[np.bool_]],
    seeker: np.ndarray[tuple[int], np.dtype[np.bool_]],
    base: np.ndarray[tuple[int], np.dtype[np.bool_]],
    own_way: np.ndarray[tuple[int], np.dtype[np.bool_]],
    cadre: np.ndarray[tuple[int], np.dtype[np.bool_]],
    under_26: np.ndarray[tuple[int], np.dtype[np.bool_]],
    disabled: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> tuple[Ints, Ints]:
    """Operator who receives each person and operator he may be sent to, by the market shares.

    Private employees who come today go whole to the OPACIF (their contacts were counted there), and the
    cadres' own flow to the APEC; the shares of the market hold for the others. One may be sent to the
    operator whom the shares name beside one's own; where they name no other, nobody is sent anywhere.
    """
    operator = np.full(len(public), NOBODY, dtype=np.int64)
    alternate = np.full(len(public), NOBODY, dtype=np.int64)
    groups = {
        "demandeurs_emploi": seeker,
        "sortants_formation_initiale": leaver,
        "salaries_prives": private,
        "independants": public == PUBLICS.index("independants"),
        "agents_publics": public == PUBLICS.index("agents_publics"),
    }
    conditions = {
        "all": np.ones(len(public), dtype=bool),
        "none_of_the_above": np.ones(len(public), dtype=bool),
        "disability_recognised": disabled,
        "under_26": under_26,
        "cadre": cadre,
        "not_cadre": ~cadre,
    }
    rules: dict[tuple[str, str, str], list[tuple[str, float]]] = {}
    for id_ in tables.ids("market_shares"):
        figure = tables.figure(id_)
        if figure.addressable:
            order, group, condition, name = figure.keys
            rules.setdefault((group, order, condition), []).append((name, figure.mode))
    for group, _order, condition in sorted(rules):
        shares = rules[group, _order, condition]
        here = groups[group] & conditions[condition] & (operator == NOBODY)
        cumulated = np.cumsum([share for _, share in shares])
        limits = np.array([threshold(min(1.0, float(c))) for c in cumulated[:-1]], dtype=np.int64)
        rank = np.searchsorted(limits, draws[here], side="right")
        codes = np.array([OPERATORS.index(name) for name, _ in shares], dtype=np.int64)
        operator[here] = codes[rank]
        if len(codes) == 2:
            alternate[here] = codes[1 - rank]
    opacif, apec = OPERATORS.index("opacif"), OPERATORS.index("apec")
    _keep(operator, alternate, own_way, apec)
    _keep(operator, alternate, private & base & ~own_way, opacif)
    if (operator == NOBODY).any():
        raise AssertionError("market_shares.csv has a rule for everybody")
    return operator, alternate


def _keep(
    operator: Ints, alternate: Ints, who: np.ndarray[tuple[int], np.dtype[np.bool_]], code: int
) -> None:
    """Send these people to one operator; whom the shares named instead becomes the alternate."""
    moved = who & (operator != code)
    alternate[moved] = operator[moved]
    operator[who] = code


def _intensities(scenario: Scenario, admitted: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Ints:
    """0 for the intensity "actuelle", 1 for the scenario's."""
    return (admitted & (scenario.service.intensity != "actuelle")).astype(np.int64)


def intensity_names(scenario: Scenario) -> tuple[str, str]:
    """Intensity of people not admitted, and of people admitted."""
    return "actuelle", scenario.service.intensity


def joint_shares(tables: Tables, population: str) -> Floats:
    """P(autonomy, distance) by a Gaussian copula; shape (3, 3), high autonomy and formed project first."""
    autonomy = tuple(
        tables.figure(f"publics.attribute.{population}.autonomy_{name}").mode for name in AUTONOMY
    )
    distance = tuple(
        tables.figure(f"publics.attribute.all.project_distance_{name}").mode for name in DISTANCES
    )
    correlation = tables.figure("publics.attribute.all.correlation_autonomy_distance").mode
    return _copula(autonomy, distance, correlation)


@lru_cache(maxsize=64)
def _copula(first: tuple[float, ...], second: tuple[float, ...], correlation: float) -> Floats:
    law = multivariate_normal([0.0, 0.0], [[1.0, correlation], [correlation, 1.0]])
    edges = [[-np.inf, *norm.ppf(np.cumsum(shares)[:-1]), np.inf] for shares in (first, second)]

    def below(a: float, b: float) -> float:
        if np.isinf(a) and np.isinf(b):
            return float(a > 0 and b > 0)
        if np.isinf(a):
            return float(norm.cdf(b)) if a > 0 else 0.0
        if np.isinf(b):
            return float(norm.cdf(a)) if b > 0 else 0.0
        return float(law.cdf([a, b]))

    corner = np.array([[below(a, b) for b in edges[1]] for a in edges[0]])
    return np.asarray(np.round(np.diff(np.diff(corner, axis=0), axis=1), 9))


def _autonomy_and_distance(tables: Tables, draws: Ints, population: Ints) -> tuple[Ints, Ints]:
    cell = np.zeros(len(draws), dtype=np.int64)
    for code, name in enumerate(POPULATIONS):
        here = population == code
        cumulated = np.cumsum(joint_shares(tables, name).reshape(-1))[:-1]
        cell[here] = np.searchsorted(np.round(cumulated * DRAW_RANGE), draws[here], side="right")
    return cell // len(DISTANCES), cell % len(DISTANCES)


def _projects(
    tables: Tables, draws: Ints, population: Ints, level: Ints, intensities: tuple[str, str]
) -> Ints:
    """Kind of project: the mix of files of the population, at the intensity received."""
    project = np.zeros(len(draws), dtype=np.int64)
    for code, name in enumerate(POPULATIONS):
        for depth, intensity in enumerate(intensities):
            here = (population == code) & (level == depth)
            mix = [_share(tables, "ingenierie", "project_mix", name, intensity, project=p) for p in PROJECTS]
            limits = np.round(np.cumsum(mix)[:-1] * DRAW_RANGE)
            project[here] = np.searchsorted(limits, draws[here], side="right")
    return project


def _bilans(
    tables: Tables,
    draws: Ints,
    population: Ints,
    level: Ints,
    operator: Ints,
    intensities: tuple[str, str],
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether a bilan is asked for: per person received by the OPACIF, else per person entering conseil."""
    wants = np.zeros(len(draws), dtype=bool)
    opacif = operator == OPERATORS.index("opacif")
    for depth, intensity in enumerate(intensities):
        here = (population == 0) & (level == depth) & opacif
        wants |= here & (draws < threshold(_share(tables, "accueil", "p_expert_bdc", "salaries", intensity)))
    for code, name in enumerate(POPULATIONS[1:], start=1):
        here = population == code
        wants |= here & (draws < threshold(_share(tables, "conseil", "p_expert_bdc", name, "actuelle")))
    return wants


def _on_time(
    tables: Tables, draws: Ints, population: Ints, stage: str
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    limits = [threshold(_share(tables, stage, "share_on_working_time", name, "all")) for name in POPULATIONS]
    return np.asarray(draws < np.array(limits, dtype=np.int64)[population])


def _share(
    tables: Tables, stage: str, parameter: str, population: str, intensity: str, project: str = "all"
) -> float:
    figure = tables.stage(
        stage, parameter, population=population, operator="all", intensity=intensity, project=project
    )
    if figure is None:
        raise AssertionError(f"stages.csv has no row {stage} {parameter} for {population}")
    return figure.mode
