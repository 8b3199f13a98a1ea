"""Operators that stop at a date: who receives their people, which queues close, whose posts go where.

Who asks from that date on is received by the heir from the first contact; those who came before are handed
over by the engines, wherever they stand (cepsim/RULES.md, 4).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from cepsim.network import NetworkBuilder
from cepsim.network.calendar import Calendar
from cepsim.people.commissions import BUDGETS
from cepsim.people.demand import ByStream, Draw
from cepsim.people.deployment import Deployment
from cepsim.people.horizon import Horizon
from cepsim.people.market import NOBODY, Mask, Receivers
from cepsim.people.stations import STATIONS
from cepsim.people.visited import Visited, among
from cepsim.scenario import Scenario
from cepsim.scenario.events import Closure, includes
from cepsim.scenario.vocabulary import OPERATORS
from cepsim.trace import Ints, Reason

#: Stations that close with their operator: commissions finance, and go on.
_CLOSING: Final = tuple(name for name, *_ in STATIONS if name not in BUDGETS)


@dataclass(frozen=True, slots=True)
class Stop:
    """An operator that stops in a region, in the seconds of a run; `lane` is the region's position."""

    closure: Closure
    lane: int
    second: int


def stops(scenario: Scenario, codes: Sequence[str], horizon: Horizon) -> Iterator[Stop]:
    """Every operator that stops in one of these regions."""
    for closure in scenario.staff.closures:
        for lane, code in enumerate(codes):
            if includes(closure.regions, code):
                yield Stop(closure, lane, horizon.second(closure.from_date))


def received_by_heirs(
    draw: Draw, who: ByStream, named: Receivers, alternate: Receivers
) -> tuple[Receivers, Receivers]:
    """Who receives people, and who else they may be sent to, once some have stopped.

    `named` are those of the market shares. Nobody is sent on to whoever receives him already.
    """
    if not draw.scenario.staff.closures:
        return named, alternate
    operator, other = named.copy(), alternate.copy()
    lane = who.spread([origin.region for origin in draw.origins], np.int64)
    for stop in stops(draw.scenario, [region.code for region in draw.regions], draw.horizon):
        late = (lane == stop.lane) & (who.arrival >= stop.second)
        heir = OPERATORS.index(stop.closure.heir)
        operator[late & (named == OPERATORS.index(stop.closure.operator))] = heir
        other[late & (alternate == OPERATORS.index(stop.closure.operator))] = heir
    other[other == operator] = NOBODY
    return operator, other


def close_queues(builder: NetworkBuilder, stop: Stop, region: str, desk: Calendar, *, meets: bool) -> None:
    """Close the queues of an operator that stops in a region, each with the heir's of the same name.

    Who waits for a meeting goes to the heir's meetings; where it holds none (`meets`), to its desk, once that
    has opened.
    """
    operator, heir = stop.closure.operator, stop.closure.heir
    for station in _CLOSING:
        second, receives = stop.second, station
        if station == "collectif" and not meets:
            receives, second = "guichet", int(desk.opens[np.searchsorted(desk.opens, second)])
        builder.close(f"{operator}.{station}", region, second, f"{heir}.{receives}")


def received_since(deployment: Deployment, operator: str | None = None) -> Ints:
    """Second from which each queue is that of an heir, of any operator or of one; int64, shape (queues,).

    The greatest integer for the queues that receive nobody's people.
    """
    network = deployment.network
    found = np.full((len(deployment.regions), network.station_count), np.iinfo(np.int64).max)
    of = deployment.stations["operator"].to_numpy()
    for stop in stops(deployment.scenario, deployment.regions, deployment.horizon):
        if operator in (None, stop.closure.operator):
            row = found[stop.lane]
            row[of == stop.closure.heir] = np.minimum(row[of == stop.closure.heir], stop.second)
    return found.reshape(-1)


def continued_by_heirs(deployment: Deployment, visits: Visited) -> Mask:
    """Visits to an heir that go on with a series begun at an operator that stopped; shape (visits,)."""
    if not deployment.scenario.staff.closures:
        return np.zeros(len(visits), dtype=np.bool_)
    same = among(visits.reason, (Reason.HANDED_OVER, Reason.REBOOKED, Reason.RETRY))
    same[:1] = False
    same[1:] &= visits.person[1:] == visits.person[:-1]
    begins = np.flatnonzero(~same)
    of_series = (visits.reason[begins] == Reason.SERIES)[np.cumsum(~same) - 1]
    return np.asarray(of_series & (visits.called >= received_since(deployment)[visits.queue]))
