"""Waits by cohort of joining, counted in bins, with what is lost and what is not known yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
import pandas as pd

from cepsim.indicators.bins import SECONDS, WORKING_DAYS, Bins
from cepsim.indicators.episodes import (
    ACCUEIL,
    FIRST_INTERVIEW,
    PROJECT,
    WAIT_STAGES,
    End,
    Episodes,
    Journeys,
)
from cepsim.indicators.leaving import Leaving
from cepsim.indicators.tally import Batch, Names, sizes_of, tally, tally_batches
from cepsim.indicators.window import BEFORE, Window
from cepsim.indicators.working_days import WorkingDays
from cepsim.people.cells import Codes, combined, distinct
from cepsim.people.crowd import Crowd
from cepsim.people.deployment import Deployment
from cepsim.scenario.vocabulary import OPERATORS, PUBLICS
from cepsim.trace import Columns, Ints, Outcome, Wholes


@dataclass(frozen=True, slots=True, eq=False)
class Spans(Columns):
    """One row a wait that was going on at launch or began later; codes are positions in vocabularies.

    `joined` and `left` in seconds, `end` as in `End`.
    """

    person: Wholes
    operator: Codes
    stage: Codes
    joined: Wholes
    left: Wholes
    end: Codes


def spans(
    crowd: Crowd, found: Journeys, waits: Episodes, leaving: Leaving, window: Window
) -> Iterator[Spans]:
    """Waits at each stage, then from first contact to the first interview, then to a completed project.

    The last two are those of people who ask for an accueil: leaving otherwise is a loss. Waits that ended
    before launch, or whose beginning is not in the trace, are left out.
    """
    stages = Spans(waits.person, waits.operator, waits.stage, waits.joined, waits.left, waits.end)
    yield stages.take(waits.known & (waits.left >= 0))
    accueil = np.flatnonzero(waits.stage == ACCUEIL)
    asks = crowd.asks == 1
    asks[waits.person[accueil]] = True
    first = np.flatnonzero(found.rows.visit == 0)
    first = first[asks[found.rows.person[first]]]
    person = found.rows.person[first]
    operator = np.full(len(crowd), -1, dtype=np.int8)
    operator[person] = found.operator[first]
    # the last assignment stands: the latest accueil
    operator[waits.person[accueil]] = waits.operator[accueil]
    never = np.iinfo(np.int64).max
    called = np.full(len(crowd), never)
    received = accueil[waits.end[accueil] == End.CALLED]
    np.minimum.at(called, waits.person[received], waits.left[received])
    completed = np.where(leaving.completed, leaving.second, never)
    otherwise = np.where(leaving.has_left[person], int(End.LOST), int(End.CENSORED))
    for stage, event in ((FIRST_INTERVIEW, called), (PROJECT, completed)):
        when = event[person]
        happens = when != never
        left = np.minimum(np.where(happens, when, leaving.second[person]), window.observed)
        everybody = Spans(
            person,
            operator[person],
            np.full(len(person), stage, dtype=np.int8),
            found.rows.joined[first],
            left,
            np.where(happens, int(End.CALLED), otherwise).astype(np.int8),
        )
        yield everybody.take(left >= 0)


def count_waits(
    regions: Sequence[str],
    region: Ints,
    public: Ints,
    of: Iterable[Spans],
    days: WorkingDays,
    window: Window,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The waits in bins of time, and in bins of working days of the region.

    `region` and `public` are those of each person, positions in `regions` and in the vocabulary.
    Columns region, public, operator, stage, cohort, bin; entered, called, lost, censored. Who waited at
    launch enters at his age, everybody else at 0. `days` begin before anybody joins.
    """
    names: dict[str, Names] = {
        "region": regions,
        "public": PUBLICS,
        "operator": OPERATORS,
        "stage": WAIT_STAGES,
        "cohort": _cohorts(window),
    }
    sizes = sizes_of(names)
    home = combined([region, public], sizes[:2], len(region))

    def placed(part: Spans) -> Ints:
        codes: list[Wholes | Codes | int] = [
            home[part.person],
            part.operator,
            part.stage,
            window.cohort(part.joined) - BEFORE,
        ]
        return combined(codes, [sizes[0] * sizes[1], *sizes[2:]], len(part))

    def in_time(part: Spans, place: Ints) -> list[Batch]:
        age = np.maximum(-part.joined, 0)
        return _binned(SECONDS, sizes, place, part.end, age, part.left - part.joined)

    def in_days(part: Spans, place: Ints) -> list[Batch]:
        lane, last = region[part.person], np.minimum(part.left, window.observed - 1)
        age = days.between(lane, part.joined, np.maximum(part.joined, 0))
        return _binned(WORKING_DAYS, sizes, place, part.end, age, days.between(lane, part.joined, last))

    elapsed: list[Batch] = []
    worked: list[Batch] = []
    for part in of:
        place = placed(part)
        elapsed += in_time(part, place)
        worked += in_days(part, place)
    by_time, by_day = (
        tally_batches({**names, "bin": range(len(bins))}, ("entered", "called", "lost", "censored"), batches)
        for bins, batches in ((SECONDS, elapsed), (WORKING_DAYS, worked))
    )
    return by_time, by_day


def _binned(
    bins: Bins, sizes: Sequence[int], place: Ints, end: Codes, age: Wholes, wait: Wholes
) -> list[Batch]:
    """Those who enter, at no age then by bin of their age, and what waits come to, by bin of these."""
    cells, aged = prod(sizes) * len(bins), np.flatnonzero(age != 0)
    new, entered = distinct(place[age == 0], prod(sizes))
    # sorted together, the ends of a cell stand side by side
    ended, count = distinct((place * len(bins) + bins.of(wait)) * len(End) + end, cells * len(End))
    cell, how = np.divmod(ended, len(End))
    ends = (("called", End.CALLED), ("lost", End.LOST), ("censored", End.CENSORED))
    return [
        Batch(new * len(bins), {"entered": entered}),
        Batch(place[aged] * len(bins) + bins.of(age[aged]), {"entered": 1}),
        *(Batch(cell[how == code], {name: count[how == code]}) for name, code in ends),
    ]


def count_losses(deployment: Deployment, crowd: Crowd, waits: Episodes, window: Window) -> pd.DataFrame:
    """Waits lost by cause: gave_up, no_show, closed, full.

    Columns region, public, operator, stage, cohort, cause; lost.
    """
    of = np.flatnonzero((waits.end == End.LOST) & waits.known & (waits.left >= 0))
    person = waits.person[of]
    cohort = window.cohort(waits.joined[of])
    keys = _keys(deployment, crowd.region[person], crowd.public[person], waits.operator[of], window, cohort)
    keys["stage"] = (waits.stage[of], WAIT_STAGES)
    keys["cause"] = (waits.cause[of], [outcome.name.lower() for outcome in Outcome])
    names = ("region", "public", "operator", "stage", "cohort", "cause")
    return tally({name: keys[name] for name in names}, {"lost": np.ones(len(of), dtype=np.int64)})


def count_offers(
    deployment: Deployment, crowd: Crowd, waits: Episodes, days: WorkingDays, window: Window
) -> pd.DataFrame:
    """Who was offered an accueil within the norm, of those who joined at least the norm before the end.

    An offer is a first call-in, attended or not. Columns region, public, operator, cohort; asked, within.
    Those who joined before launch are left out.
    """
    of = np.flatnonzero((waits.stage == ACCUEIL) & waits.known & (waits.joined >= 0))
    joined, offered, person = waits.joined[of], waits.offered[of], waits.person[of]
    region, public = crowd.region[person], crowd.public[person]
    last_day = np.full(len(of), window.observed - 1)
    followed = days.between(region, joined, last_day) >= window.norm_days
    in_time = days.between(region, joined, np.minimum(offered, last_day)) <= window.norm_days
    keys = _keys(deployment, region, public, waits.operator[of], window, window.cohort(joined))
    return tally(keys, {"asked": followed, "within": followed & in_time & waits.is_offered[of]})


def _keys(
    deployment: Deployment, region: Ints, public: Ints, operator: Codes, window: Window, cohort: Ints
) -> dict[str, tuple[Wholes | Codes, Names]]:
    return {
        "region": (region, deployment.regions),
        "public": (public, PUBLICS),
        "operator": (operator, OPERATORS),
        "cohort": (cohort - BEFORE, _cohorts(window)),
    }


def _cohorts(window: Window) -> range:
    """Every cohort, those before and after the horizon included."""
    return range(BEFORE, len(window.cohorts) + 1)
