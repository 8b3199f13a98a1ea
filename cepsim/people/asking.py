"""Who asks in a scenario, of all those who might: the rates of sources and the dates of waves decide.

Every draw is word `rank` of a stream named after the person's region, public, source, channel and slab
and the purpose of the draw, so that no scenario moves it, only what follows from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cepsim.draws import Codes, Kinds, places, stream_key, stream_words, threshold, uniform
from cepsim.people.crowd import INTERVIEWS
from cepsim.people.demand import ByStream, Draw, Floats, awareness, change_if_charged, induced_share
from cepsim.people.horizon import DAYS_PER_YEAR
from cepsim.people.market import Mask
from cepsim.people.shocks import factors
from cepsim.people.sources import has_account
from cepsim.scenario import Scenario
from cepsim.scenario.vocabulary import JOB_SEEKERS, PUBLICS, Public
from cepsim.tables import Tables
from cepsim.trace import Ints
from cepsim.units import SECONDS_PER_DAY

_NEVER_ADMITTED = int(np.iinfo(np.int64).max)


class Drawer:
    """Reads the draws of candidates, one word a person and purpose."""

    def __init__(self, who: ByStream, draw: Draw) -> None:
        self._who = who
        self._names = [draw.names(stream) for stream in who.streams]

    def pick(self, purpose: str, limits: Ints, kinds: Kinds) -> Codes:
        """Where each draw falls among the limits of its kind; see `draws.places`."""
        keys = np.array(
            [stream_words(*names, purpose, "", 0) for names in self._names], dtype=np.uint64
        ).reshape(-1, 2)
        return places(keys, self._who.bounds, self._who.rank, limits, kinds)

    def uniform(self, purpose: str) -> NDArray[np.uint32]:
        """The draws themselves, on [0, 2**32)."""
        bounds, found = self._who.bounds.tolist(), np.empty(len(self._who.rank), dtype=np.uint32)
        for names, first, last in zip(self._names, bounds[:-1], bounds[1:], strict=True):
            rank = self._who.rank[first:last]
            if len(rank):
                found[first:last] = uniform(stream_key(*names, purpose, "", 0), int(rank.max()) + 1)[rank]
        return found

    def below(self, purpose: str, shares: Sequence[float], kinds: Kinds) -> Mask:
        """Whose draw falls in the share of his kind."""
        limits = np.array([[threshold(share)] for share in shares], dtype=np.int64)
        return np.asarray(self.pick(purpose, limits, kinds) == 0)


@dataclass(frozen=True, slots=True, eq=False)
class Asking:
    """Those who ask in a scenario, and what decided it; arrays of shape (n,), in the order of `who`.

    `base`: comes today, without any new right. `brought`: would not ask but for shocks that have priority.
    """

    who: ByStream
    base: Mask
    admitted: Mask
    registered: Mask
    brought: Mask


def those_who_ask(draw: Draw, everybody: ByStream) -> Asking:
    """Decide who asks in this scenario."""
    origins, shocks = draw.origins, draw.scenario.demand.shocks
    drawer = Drawer(everybody, draw)
    public = everybody.spread([PUBLICS.index(o.public) for o in origins], np.uint16)
    registered = drawer.below("registered", [registered_share(draw.tables, p) for p in PUBLICS], public)
    opens = _admission(draw, everybody, registered)
    rate = calm = everybody.spread([o.rate for o in origins], np.float64)
    first, brought = any(shock.priority for shock in shocks), np.zeros(len(rate), dtype=np.bool_)
    if shocks:
        source = everybody.spread(range(len(origins)), np.int64)
        on = (draw.scenario, draw.horizon, origins, draw.regions, source, everybody.arrival)
        if first:
            calm = rate * factors(*on, with_priority=False)
        rate = rate * factors(*on)
    asking, base = _ask_at(draw, everybody, public, opens, rate)
    if first:
        brought = asking & ~_ask_at(draw, everybody, public, opens, calm)[0]
    columns = (base, everybody.arrival >= opens, registered, brought)
    return Asking(everybody.take(asking), *(column[asking] for column in columns))


def _ask_at(
    draw: Draw, everybody: ByStream, public: NDArray[np.uint16], opens: Ints, rate: Floats
) -> tuple[Mask, Mask]:
    """Who asks, and who asks today already, at these rates of their sources; shape (n,)."""
    origins, scenario, tables = draw.origins, draw.scenario, draw.tables
    admitted, known = everybody.arrival >= opens, everybody.level < rate
    # whom nobody receives today comes with the right or not at all, and is never a base
    waits = np.isin(public, [PUBLICS.index(p) for p in scenario.demand.publics_who_wait_for_admission])
    waits |= everybody.spread([o.source == INTERVIEWS for o in origins], np.bool_)
    base = known & ~waits
    asking = base | (known & admitted)
    unsure = np.flatnonzero(admitted & ~known & everybody.spread([o.can_grow for o in origins], np.bool_))
    years = (everybody.arrival[unsure] - opens[unsure]) / (SECONDS_PER_DAY * DAYS_PER_YEAR)
    growth = induced_share(scenario, tables) * awareness(years, scenario, tables)
    asking[unsure] = everybody.level[unsure] < rate[unsure] * (1.0 + growth)
    change = change_if_charged(scenario, tables)
    if change:
        # who comes straight to an accueil and would be charged for what follows may not come at all
        straight = everybody.spread(
            [has_account(o.public, o.source) and o.channel == "direct" for o in origins], np.bool_
        )
        asking &= ~(admitted & straight & (everybody.level >= rate * (1.0 + change)))
    return asking, base


def registered_share(tables: Tables, public: Public) -> float:
    """Share of a public that is registered at Pôle emploi; none of it where the tables have no row for it."""
    name = "demandeurs_emploi" if public in JOB_SEEKERS else public
    id_ = f"publics.attribute.{name}.inscrit_pole_emploi"
    return tables.figure(id_).mode if tables.has(id_) else 0.0


def admitted_part(scenario: Scenario, tables: Tables, public: Public, region: str) -> float:
    """Expected part of a public that some wave admits in a region, sooner or later."""
    registered = registered_share(tables, public)
    return sum(
        part
        for part, flag in ((registered, True), (1.0 - registered, False))
        if scenario.admitted_from(public, region, registered=flag) is not None
    )


def _admission(draw: Draw, everybody: ByStream, registered: Mask) -> Ints:
    """Second from which each candidate would be admitted."""
    opens = np.full((2, len(draw.origins)), _NEVER_ADMITTED, dtype=np.int64)
    for number, origin in enumerate(draw.origins):
        code = draw.regions[origin.region].code
        for flag in (0, 1):
            when = draw.scenario.admitted_from(origin.public, code, registered=bool(flag))
            if when is not None:
                opens[flag, number] = draw.horizon.second(when)
    without, with_it = (everybody.spread(seconds, np.int64) for seconds in opens)
    return np.where(registered, with_it, without)
