"""What each person is: attributes drawn with keyed streams, and the operator who receives him.

Every draw is word `rank` of a stream named after the person's region, public, source, channel and slab
and the purpose of the draw, so that no scenario moves anybody's traits, only what follows from them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cepsim.draws import DRAW_RANGE, stream_key, threshold, uniform
from cepsim.errors import TableError
from cepsim.people.autonomy import autonomy_and_distance
from cepsim.people.crowd import CHANNELS, Crowd
from cepsim.people.demand import Candidates, awareness, induced_share
from cepsim.people.horizon import DAYS_PER_YEAR, Horizon
from cepsim.people.market import Applicants, operators
from cepsim.people.profiles import TODAY, served_as
from cepsim.people.sources import Source, source_code, source_names
from cepsim.scenario import Scenario
from cepsim.scenario.vocabulary import (
    IN_WORK,
    JOB_SEEKERS,
    OPERATORS,
    POPULATIONS,
    PROJECTS,
    PUBLICS,
    SCHOOL_LEAVERS,
    Public,
)
from cepsim.tables import PRIVATE_PUBLICS, Region, Tables
from cepsim.trace import Ints
from cepsim.units import SECONDS_PER_DAY

#: Position in POPULATIONS of the rows of stages that people read, by population and operator.
_SERVED_AS: Final = np.array(
    [[POPULATIONS.index(served_as(p, operator)) for operator in OPERATORS] for p in POPULATIONS]
)
_NEVER_ADMITTED = int(np.iinfo(np.int64).max)

Draw = Callable[[str], Ints]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Traits:
    """The crowd, and the operators: the one who receives each person, and one to be sent to (or -1).

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
    registered_below = np.array([threshold(registered_share(tables, p)) for p in PUBLICS], dtype=np.int64)
    registered = drawer(everybody)("registered") < registered_below[public]
    opens = _admission(everybody, origins, scenario, regions, horizon, registered)
    admitted = everybody.arrival >= opens
    years = (everybody.arrival - np.where(admitted, opens, everybody.arrival)) / (
        SECONDS_PER_DAY * DAYS_PER_YEAR
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
    base: Mask,
    admitted: Mask,
    registered: Mask,
) -> Traits:
    """Everything about those who ask, from draws that no scenario moves."""
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
    applicants = Applicants(
        public=public,
        market=draw("market"),
        private=private,
        leaver=leaver,
        seeker=seeker,
        base=base,
        own_way=own_way,
        cadre=cadre,
        under_26=under_26,
        disabled=disabled,
    )
    operator, alternate = operators(tables, applicants)
    served = _SERVED_AS[population, operator]
    depths = (TODAY, scenario.service.intensity)
    level = admitted.astype(np.int64)
    autonomy, distance = autonomy_and_distance(tables, draw("autonomy_distance"), population)
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
        project=_projects(tables, draw("project"), served, level, depths),
        bilan=_flag(_bilans(tables, draw("bilan"), served, level, operator, depths)),
        time_accueil=_flag(_on_time(tables, draw("time_accueil"), served, "accueil")),
        time_conseil=_flag(_on_time(tables, draw("time_conseil"), served, "conseil")),
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


def _of_source(source: Ints, values: Sequence[float]) -> Ints:
    """The value of each candidate's source."""
    return np.asarray(np.array(values)[source])


def _flag(values: Mask) -> Ints:
    return values.astype(np.int64)


def _yes(draws: Ints, tables: Tables, attribute: str) -> Mask:
    """Who has an attribute, at the share of the tables."""
    return np.asarray(draws < threshold(tables.figure(f"publics.attribute.{attribute}").mode))


def registered_share(tables: Tables, public: Public) -> float:
    """Share of a public that is registered at Pôle emploi; none of it where the tables have no row for it."""
    name = "demandeurs_emploi" if public in JOB_SEEKERS else public
    id_ = f"publics.attribute.{name}.inscrit_pole_emploi"
    return tables.figure(id_).mode if tables.has(id_) else 0.0


def _admission(
    everybody: Candidates,
    origins: list[Source],
    scenario: Scenario,
    regions: tuple[Region, ...],
    horizon: Horizon,
    registered: Mask,
) -> Ints:
    """Second from which each candidate would be admitted."""
    opens = np.full((len(origins), 2), _NEVER_ADMITTED, dtype=np.int64)
    for number, origin in enumerate(origins):
        for flag in (0, 1):
            when = scenario.admitted_from(origin.public, regions[origin.region].code, registered=bool(flag))
            if when is not None:
                opens[number, flag] = horizon.second(when)
    return np.asarray(opens[everybody.source, registered.astype(np.int64)])


def _projects(tables: Tables, draws: Ints, served: Ints, level: Ints, intensities: tuple[str, str]) -> Ints:
    """Kind of project: the mix of files of the population served, at the intensity received."""
    project = np.zeros(len(draws), dtype=np.int64)
    for code, name in enumerate(POPULATIONS):
        for depth, intensity in enumerate(intensities):
            here = (served == code) & (level == depth)
            mix = [_share(tables, "ingenierie", "project_mix", name, intensity, project=p) for p in PROJECTS]
            limits = np.round(np.cumsum(mix)[:-1] * DRAW_RANGE)
            project[here] = np.searchsorted(limits, draws[here], side="right")
    return project


def _bilans(
    tables: Tables,
    draws: Ints,
    served: Ints,
    level: Ints,
    operator: Ints,
    intensities: tuple[str, str],
) -> Mask:
    """Whether a bilan is asked for: per person received by the OPACIF, else per person entering conseil."""
    wants = np.zeros(len(draws), dtype=bool)
    opacif = operator == OPERATORS.index("opacif")
    for depth, intensity in enumerate(intensities):
        here = (served == 0) & (level == depth) & opacif
        wants |= here & (draws < threshold(_share(tables, "accueil", "p_expert_bdc", "salaries", intensity)))
    for code, name in enumerate(POPULATIONS[1:], start=1):
        here = served == code
        wants |= here & (draws < threshold(_share(tables, "conseil", "p_expert_bdc", name, TODAY)))
    return wants


def _on_time(tables: Tables, draws: Ints, served: Ints, stage: str) -> Mask:
    """Who comes to a stage on working time."""
    limits = [threshold(_share(tables, stage, "share_on_working_time", name, "all")) for name in POPULATIONS]
    return np.asarray(draws < np.array(limits, dtype=np.int64)[served])


def _share(
    tables: Tables, stage: str, parameter: str, population: str, intensity: str, project: str = "all"
) -> float:
    figure = tables.stage(
        stage, parameter, population=population, operator="all", intensity=intensity, project=project
    )
    if figure is None:
        raise TableError(
            file="stages.csv",
            field=f"{stage}: {parameter}",
            found=f"no row for {population}, intensity {intensity}, project {project}",
            expected="one",
        )
    return figure.mode
