"""What each person is: attributes drawn with keyed streams, and the operator who receives him.

Every draw is word `rank` of a stream named after the person's region, public, source, channel and slab
and the purpose of the draw, so that no scenario moves anybody's traits, only what follows from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cepsim.draws import DRAW_RANGE, Codes, Kinds
from cepsim.errors import TableError
from cepsim.people.accounts import NO_ACCOUNT, holder, hours_held, hours_of_bilan, hours_of_paths
from cepsim.people.asking import Asking, Drawer
from cepsim.people.autonomy import autonomy_and_distance
from cepsim.people.bilan_first import whose_come_first
from cepsim.people.bilans import depth_limits, had_one_lately, is_module, returned_shares, without_seniority
from cepsim.people.closures import received_by_heirs
from cepsim.people.crowd import CHANNELS, INTERVIEWS, OTHER_ACTOR, WAYS_IN, Crowd
from cepsim.people.demand import (
    ByStream,
    Candidates,
    Draw,
    Floats,
    change_if_charged,
)
from cepsim.people.horizon import DAYS_PER_YEAR
from cepsim.people.market import Applicants, Mask, Receivers, operators
from cepsim.people.profiles import TODAY, served_as
from cepsim.people.remote import PURPOSE, called_instead, remote_accueils
from cepsim.people.shifts import share_bound
from cepsim.people.sources import Source, has_account, source_code
from cepsim.scenario.vocabulary import (
    IN_WORK,
    JOB_SEEKERS,
    OPERATORS,
    POPULATIONS,
    PRIVATE_EMPLOYEES,
    PROJECTS,
    PUBLICS,
    SCHOOL_LEAVERS,
    Public,
)
from cepsim.tables import PRIVATE_PUBLICS, Tables
from cepsim.trace import Ints
from cepsim.units import SECONDS_PER_DAY

#: Position in POPULATIONS of the rows of stages that people read, by population and operator.
_SERVED_AS: Final = np.array(
    [[POPULATIONS.index(served_as(p, operator)) for operator in OPERATORS] for p in POPULATIONS],
    dtype=np.uint16,
)
#: The project of those whom an entretien professionnel sends: `demand.csv` says so.
_INTERNAL_MOVE: Final = PROJECTS.index("mobilite_interne")
#: Channels in place of which an operator may call.
_ALONE: Final = (CHANNELS.index("telephone"), CHANNELS.index("face_to_face"))
#: Rows that a sort of people can tell apart.
_ROW_BITS: Final = 32

#: Purpose of the draw of how long somebody has been out of work.
OUT_OF_WORK: Final = "cpf_out_of_work"

Column = NDArray[np.integer[Any]] | Mask


@dataclass(frozen=True, slots=True, eq=False)
class Traits:
    """The people who ask, by (arrival, region, public, source, slab, rank); arrays of shape (n,).

    `crowd` says who they are, `chosen` where they come from. Each enters by `way`, a position in WAYS_IN.
    `operator` receives each person, who may be sent to `alternate` (or -1). `brought`: comes because of a
    shock whose people are called before the others.
    """

    crowd: Crowd
    chosen: Candidates
    way: Receivers
    operator: Receivers
    alternate: Receivers
    brought: Mask


def draw_traits(draw: Draw, asking: Asking, invited: Floats, informed: Floats | None = None) -> Traits:
    """Everything about those who ask, in order (arrival, region, public, source, slab, rank).

    Shares of the first contacts of the admitted: `invited`, shape (regions, operators), those that meetings
    answer; `informed`, shape (regions, 2), of the others those that actors that inform answer, of adults then
    of the young (None: no actor does). A channel stays that by which people would have come.
    """
    found = _describe(draw, asking, invited)
    if informed is not None:
        _send_to_actors(draw, asking, informed, found)
    return _in_order(draw, asking.who, found)


def _send_to_actors(draw: Draw, asking: Asking, informed: Floats, found: dict[str, Column]) -> None:
    """The way in of those whom an actor that informs answers in place of their operator."""
    young = (found["population"] == POPULATIONS.index("jeunes")).astype(np.uint16)
    region = asking.who.spread([o.region for o in draw.origins], np.uint16)
    sent = Drawer(asking.who, draw).below(
        "informing_actor", informed.reshape(-1).tolist(), region * np.uint16(2) + young
    )
    at_first_line = ~np.isin(found["channel"], [CHANNELS.index("collective"), CHANNELS.index("direct")])
    at_first_line &= found["way"] != WAYS_IN.index("outbound")  # his operator calls him first
    found["way"][sent & asking.admitted & at_first_line] = WAYS_IN.index(OTHER_ACTOR)


def _describe(draw: Draw, asking: Asking, invited: Floats) -> dict[str, Column]:
    """Columns of the crowd, way in, operator and alternate of those who ask, from draws that never move."""
    origins, tables, drawer = draw.origins, draw.tables, Drawer(asking.who, draw)
    who, base, admitted = asking.who, asking.base, asking.admitted
    public = who.spread([PUBLICS.index(o.public) for o in origins], np.uint16)
    sent = who.spread([o.source == INTERVIEWS for o in origins], np.bool_)
    own_way = who.spread([o.source == "apec_flow" for o in origins], np.bool_)
    seeker = who.spread([o.public in JOB_SEEKERS and o.source != "apec_flow" for o in origins], np.uint16)
    under_26 = drawer.below("under_26", [0.0, _attribute(tables, "demandeurs_emploi.under_26")], seeker)
    disabled = drawer.below(
        "disabled", [0.0, _attribute(tables, "demandeurs_emploi.disability_recognised")], seeker
    )
    cadre_shares = [
        0.0,
        _attribute(tables, "salaries_prives.cadre"),
        _attribute(tables, "demandeurs_emploi.cadre"),
        1.0,
    ]
    cadre = drawer.below("cadre", cadre_shares, who.spread([_cadre_share(o) for o in origins], np.uint16))
    population = who.spread([_population(o.public) for o in origins], np.uint16) + under_26
    of_reduced = asking.registered & (draw.scenario.service.reduced_activity == "pole_emploi")
    applicants = Applicants(public, base, own_way, cadre, under_26, disabled, of_reduced)
    named, alternate = operators(tables, applicants, partial(drawer.pick, "market"))
    operator, alternate = received_by_heirs(draw, who, named, alternate)
    served = _SERVED_AS[population, operator]
    autonomy, distance = autonomy_and_distance(tables, partial(drawer.pick, "autonomy_distance"), population)
    depths = (TODAY, draw.scenario.service.intensity)
    kind = served * np.uint16(len(depths)) + admitted
    # a bilan is asked of whoever the market shares name, wherever one is received once he has stopped
    asked_there = _SERVED_AS[population, named] * np.uint16(len(depths)) + admitted
    at_opacif = named == OPERATORS.index("opacif")
    asked_of = who.spread(range(len(origins)), np.uint16)
    channel = who.spread([CHANNELS.index(o.channel) for o in origins], np.int8)
    place = who.spread([o.region for o in origins], np.uint16) * np.uint16(len(OPERATORS)) + operator
    meets = drawer.below("collective", invited.reshape(-1).tolist(), place.astype(np.uint16)) & admitted
    channel[meets & (channel != CHANNELS.index("direct"))] = CHANNELS.index("collective")
    bilan = drawer.below("bilan", _bilan_shares(tables, depths), asked_there * np.uint16(2) + at_opacif)
    junior, recent = (
        lacking & bilan & admitted & ~base
        for lacking in (_juniors(draw, drawer, public), _recent(draw, drawer, public))
    )
    modules = _modules(draw, drawer, bilan & admitted, autonomy, population)
    accounts = _accounts(
        draw, asking, drawer, (operator, population, autonomy), bilan & ~(junior | recent), modules
    )
    employee = population == POPULATIONS.index("salaries")
    short = np.asarray(accounts["short_bilan"], dtype=np.bool_)
    return {
        **_ways_in(draw, asking, drawer, channel, served),
        **modules,
        **accounts,
        "bilan_first": whose_come_first(draw, drawer, bilan & admitted, employee, (junior, recent), short),
        "junior": junior,
        "recent": recent,
        "bound": _bound(draw, drawer, public) & admitted,
        "channel": channel,
        "population": population,
        "admitted": admitted,
        "induced": ~base,
        "asks": drawer.below("asks", _asks(draw), asked_of * np.uint16(2) + admitted),
        "cadre": cadre,
        "registered": asking.registered,
        "under_26": under_26,
        "disabled": disabled,
        "pluriactif": drawer.below(
            "pluriactif", [pluriactif_share(tables, name) for name in PUBLICS], public
        ),
        "long_term": _long_term(draw, asking, drawer),
        "autonomy": autonomy,
        "distance": distance,
        "project": np.where(
            sent, _INTERNAL_MOVE, drawer.pick("project", _project_limits(tables, depths), kind)
        ),
        "bilan": bilan,
        "time_accueil": drawer.below("time_accueil", _on_time_shares(tables, "accueil"), served),
        "time_conseil": drawer.below("time_conseil", _on_time_shares(tables, "conseil"), served),
        "operator": operator,
        "alternate": alternate,
        "brought": asking.brought,
    }


def _ways_in(
    draw: Draw, asking: Asking, drawer: Drawer, channel: NDArray[np.int8], served: Kinds
) -> dict[str, Column]:
    """By which way people enter, and whose accueil is at a distance where it would not have been."""
    way, remote = channel.copy(), np.zeros(len(channel), dtype=np.bool_)
    if draw.scenario.service.remote_first:
        shares = [called_instead(draw.tables, origin.public) for origin in draw.origins]
        source = asking.who.spread(range(len(shares)), np.uint16)
        calls = drawer.below(PURPOSE, shares, source) & asking.admitted
        way[calls & (way == CHANNELS.index("face_to_face"))] = CHANNELS.index("telephone")
        remote = drawer.below(PURPOSE, remote_accueils(draw.tables), served) & asking.admitted
    if draw.scenario.demand.outbound_contacts:
        shares = [_share(draw.tables, "information", "outbound_share", name, "all") for name in POPULATIONS]
        called = drawer.below("outbound", shares, served) & asking.admitted
        # meetings, and those who come straight to an accueil, stay what they are
        way[called & np.isin(way, _ALONE)] = WAYS_IN.index("outbound")
    return {"way": way, "remote": remote}


def _modules(
    draw: Draw, drawer: Drawer, bilan: Mask, autonomy: Codes, population: Kinds
) -> dict[str, Column]:
    """The depth of each bilan that is a module of CEP, and whose is returned."""
    depth, returned = np.zeros(len(bilan), dtype=np.int8), np.zeros(len(bilan), dtype=np.bool_)
    if is_module(draw.scenario):
        found = drawer.pick("bilan_depth", depth_limits(draw.tables), autonomy.astype(np.uint16))
        depth = np.where(bilan, found + np.int8(1), depth)
        employee = (population == POPULATIONS.index("salaries")).astype(np.uint16)
        returned = drawer.below("bilan_returned", returned_shares(draw.tables), employee) & bilan
    return {"bilan_depth": depth, "returned": returned}


def _juniors(draw: Draw, drawer: Drawer, public: Kinds) -> Mask:
    """Who would lack the seniority that a scenario asks for a bilan."""
    if draw.scenario.service.bilan_seniority == "not_asked":
        return np.zeros(len(public), dtype=np.bool_)
    shares = [without_seniority(draw.tables, name) for name in PUBLICS]
    return drawer.below("bilan_seniority", shares, public)


def _recent(draw: Draw, drawer: Drawer, public: Kinds) -> Mask:
    """Who would have had a bilan too lately, where a scenario asks for a time between two."""
    if draw.scenario.service.bilan_interval == "not_asked":
        return np.zeros(len(public), dtype=np.bool_)
    share = had_one_lately(draw.tables)
    shares = [share if name in PRIVATE_EMPLOYEES else 0.0 for name in PUBLICS]
    return drawer.below("bilan_interval", shares, public)


def _long_term(draw: Draw, asking: Asking, drawer: Drawer) -> Mask:
    """Who has been out of work for a year or more; nobody whom the loss of a job has just brought.

    The draw is that of the time out of work of those who have an account.
    """
    stays = [o.public in JOB_SEEKERS and o.source not in ("event", "csp") for o in draw.origins]
    share = _attribute(draw.tables, "demandeurs_emploi.long_term")
    return drawer.below(OUT_OF_WORK, [0.0, share], asking.who.spread(stays, np.uint16))


def pluriactif_share(tables: Tables, public: Public) -> float:
    """Share of a public that has several jobs; nobody who is out of work."""
    if public not in IN_WORK:
        return 0.0
    return _attribute(tables, f"{'independants' if public == 'independants' else 'salaries'}.pluriactif")


def _bound(draw: Draw, drawer: Drawer, public: Kinds) -> Mask:
    """Whose work leaves no time by day, where a scenario opens evenings or Saturdays."""
    if not draw.scenario.staff.shifts:
        return np.zeros(len(public), dtype=np.bool_)
    return drawer.below("bound", [share_bound(draw.tables, name) for name in PUBLICS], public)


def _accounts(
    draw: Draw,
    asking: Asking,
    drawer: Drawer,
    kind: tuple[Receivers, Kinds, Codes],
    bilan: Mask,
    modules: dict[str, Column],
) -> dict[str, Column]:
    """Whose account does not hold the hours charged to the path, and to a bilan beside it.

    `kind`: operator, population and autonomy. Accounts are read on the day of the first request.
    """
    charged, tables = draw.scenario.financing.charged_to_cpf, draw.tables
    short, short_bilan = (np.zeros(len(bilan), dtype=np.bool_) for _ in range(2))
    if charged:
        holders = asking.who.spread([holder(origin) for origin in draw.origins], np.int64)
        share = tables.figure("publics.attribute.salaries_prives.part_time").mode
        part_time = drawer.below("cpf_part_time", [share], np.zeros(len(bilan), dtype=np.uint16))
        years = np.maximum(asking.who.arrival, 0) / (SECONDS_PER_DAY * DAYS_PER_YEAR)
        draws = [drawer.uniform(purpose) for purpose in ("cpf_carried", OUT_OF_WORK)]
        held = hours_held(tables, holders, years, part_time, *draws)
        returned = np.where(modules["returned"], modules["bilan_depth"], 0)
        path = hours_of_paths(draw.scenario, tables)[(*kind, returned)]
        charges = asking.admitted & (holders != NO_ACCOUNT)
        short = charges & (held < path)
        if "bilan" in charged:
            asked = bilan & (kind[1] == POPULATIONS.index("salaries"))
            short_bilan = charges & asked & (held - path < hours_of_bilan(tables))
    return {"short": short, "short_bilan": short_bilan}


def _in_order(draw: Draw, who: ByStream, found: dict[str, Column]) -> Traits:
    """People by arrival and, in the same second, in the order in which they come here."""
    begin = who.arrival.min(initial=0)
    keys = (who.arrival - begin) << _ROW_BITS | np.arange(len(who.arrival))
    keys.sort()
    order = keys & ((1 << _ROW_BITS) - 1)
    arrival = (keys >> _ROW_BITS) + begin
    stream = np.repeat(np.arange(len(who.streams), dtype=np.int32), np.diff(who.bounds))[order]
    of_stream = [draw.origins[each.source] for each in who.streams]
    rank = who.rank[order].astype(np.int64)

    def of(values: list[int]) -> NDArray[np.int16]:
        return np.asarray(np.array(values, dtype=np.int16)[stream])

    slab = of([each.slab for each in who.streams])
    way, operator, alternate = (found.pop(name)[order] for name in ("way", "operator", "alternate"))
    brought = found.pop("brought")[order].astype(np.bool_, copy=False)
    crowd = Crowd(
        region=of([o.region for o in of_stream]),
        public=of([PUBLICS.index(o.public) for o in of_stream]),
        source=of([source_code(o) for o in of_stream]),
        slab=slab,
        rank=rank,
        **{name: values[order] for name, values in found.items()},
    )
    chosen = Candidates(of([each.source for each in who.streams]), slab, rank, arrival, who.level[order])
    way, operator, alternate = (part.astype(np.int8, copy=False) for part in (way, operator, alternate))
    return Traits(crowd, chosen, way, operator, alternate, brought)


def _asks(draw: Draw) -> list[float]:
    """Share of the people of each source who ask for an accueil: of others, then of the people admitted."""
    change = change_if_charged(draw.scenario, draw.tables)
    shares = []
    for origin in draw.origins:
        charged = has_account(origin.public, origin.source) and origin.channel != "direct"
        shares += [origin.asks, origin.asks * (1.0 + change if charged else 1.0)]
    return shares


def _attribute(tables: Tables, name: str) -> float:
    return tables.figure(f"publics.attribute.{name}").mode


def _cadre_share(origin: Source) -> int:
    """Which share of a source are cadres: none of them, those of employees or of job seekers, all."""
    if origin.source == "apec_flow":
        return 3
    return 1 if origin.public in PRIVATE_PUBLICS else 2 if origin.public in JOB_SEEKERS else 0


def _population(public: Public) -> int:
    """Position in POPULATIONS of those of a public who are not under 26 and looking for work."""
    name = "salaries" if public in IN_WORK else "jeunes" if public == SCHOOL_LEAVERS else "demandeurs_emploi"
    return POPULATIONS.index(name)


def _project_limits(tables: Tables, depths: tuple[str, str]) -> Ints:
    """Draws from which each next kind of project begins, by population served and intensity received."""
    mixes = [
        [_share(tables, "ingenierie", "project_mix", name, intensity, project=p) for p in PROJECTS]
        for name in POPULATIONS
        for intensity in depths
    ]
    return np.round(np.cumsum(mixes, axis=1)[:, :-1] * DRAW_RANGE).astype(np.int64)


def _bilan_shares(tables: Tables, depths: tuple[str, str]) -> list[float]:
    """Who asks for a bilan, by population served, intensity received, and whether by the OPACIF.

    A share of the employees that the OPACIF receives, and of the others who enter conseil.
    """
    shares = []
    for name in POPULATIONS:
        for intensity in depths:
            if name == "salaries":
                shares += [0.0, _share(tables, "accueil", "p_expert_bdc", name, intensity)]
            else:
                shares += [_share(tables, "conseil", "p_expert_bdc", name, TODAY)] * 2
    return shares


def _on_time_shares(tables: Tables, stage: str) -> list[float]:
    """Who comes to a stage on working time, by population served."""
    return [_share(tables, stage, "share_on_working_time", name, "all") for name in POPULATIONS]


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
