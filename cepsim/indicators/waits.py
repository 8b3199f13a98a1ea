"""Waits by cohort of joining, counted in bins, with what is lost and what is not known yet."""

from __future__ import annotations

from dataclasses import dataclass

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
from cepsim.indicators.tally import Names, tally
from cepsim.indicators.window import BEFORE, Window
from cepsim.indicators.working_days import WorkingDays
from cepsim.people.crowd import Crowd
from cepsim.people.deployment import Deployment
from cepsim.scenario.vocabulary import OPERATORS, PUBLICS
from cepsim.trace import Columns, Ints, Outcome


@dataclass(frozen=True, slots=True, eq=False)
class Spans(Columns):
    """One row a wait that was going on at launch or began later; codes are positions in vocabularies.

    `joined` and `left` in seconds, `end` as in `End`.
    """

    region: Ints
    public: Ints
    operator: Ints
    stage: Ints
    joined: Ints
    left: Ints
    end: Ints


def spans(crowd: Crowd, found: Journeys, waits: Episodes, leaving: Leaving, window: Window) -> Spans:
    """Waits at each stage, from first contact to the first interview, and to a completed project.

    The last two are those of people who ask for an accueil: leaving otherwise is a loss. Waits that ended
    before launch, or whose beginning is not in the trace, are left out.
    """
    region, public = crowd.region[waits.person], crowd.public[waits.person]
    stages = Spans(region, public, waits.operator, waits.stage, waits.joined, waits.left, waits.end)
    parts = [stages.take(waits.known == 1), *_from_first_contact(crowd, found, waits, leaving, window)]
    everything = Spans.concatenate(parts)
    return everything.take(everything.left >= 0)


def _from_first_contact(
    crowd: Crowd, found: Journeys, waits: Episodes, leaving: Leaving, window: Window
) -> list[Spans]:
    accueil = waits.take(waits.stage == ACCUEIL)
    asks = crowd.asks == 1
    asks[accueil.person] = True
    first = np.flatnonzero((found.rows.visit == 0) & asks[found.rows.person])
    person = found.rows.person[first]
    operator = np.full(len(crowd), -1, dtype=np.int64)
    operator[person] = found.operator[first]
    operator[accueil.person] = accueil.operator  # the last assignment stands: the latest accueil
    never = np.iinfo(np.int64).max
    called = np.full(len(crowd), never)
    received = accueil.take(accueil.end == End.CALLED)
    np.minimum.at(called, received.person, received.left)
    completed = np.where(leaving.completed, leaving.second, never)
    region, public = crowd.region[person], crowd.public[person]
    parts = []
    for stage, event in ((FIRST_INTERVIEW, called), (PROJECT, completed)):
        happens = event[person] != never
        otherwise = np.where(leaving.has_left[person], int(End.LOST), int(End.CENSORED))
        left = np.minimum(np.where(happens, event[person], leaving.second[person]), window.observed)
        parts.append(
            Spans(
                region,
                public,
                operator[person],
                np.full(len(person), stage, dtype=np.int64),
                found.rows.joined[first],
                left,
                np.where(happens, int(End.CALLED), otherwise),
            )
        )
    return parts


def count_waits(deployment: Deployment, of: Spans, window: Window) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The waits in bins of time, and in bins of working days of the region.

    Columns region, public, operator, stage, cohort, bin; entered, called, lost, censored. Who waited at
    launch enters at his age, everybody else at 0.
    """
    cohort = window.cohort(of.joined)
    begins = np.maximum(of.joined, 0)
    elapsed = _binned(deployment, of, cohort, window, SECONDS, begins - of.joined, of.left - of.joined)
    days = working_days(deployment, of.joined, window)
    age = days.between(of.region, of.joined, begins)
    wait = days.between(of.region, of.joined, np.minimum(of.left, window.observed - 1))
    return elapsed, _binned(deployment, of, cohort, window, WORKING_DAYS, age, wait)


def working_days(deployment: Deployment, joined: Ints, window: Window) -> WorkingDays:
    """Working days from the oldest wait to the end of observation."""
    return WorkingDays.of(deployment, min(0, int(joined.min(initial=0))), window.observed)


def _binned(
    deployment: Deployment, of: Spans, cohort: Ints, window: Window, bins: Bins, age: Ints, wait: Ints
) -> pd.DataFrame:
    keys = _keys(deployment, of.region, of.public, of.operator, window, cohort)
    keys["stage"] = (of.stage, WAIT_STAGES)
    twice: dict[str, tuple[Ints, Names]] = {
        name: (np.concatenate([codes, codes]), names) for name, (codes, names) in keys.items()
    }
    twice["bin"] = (np.concatenate([bins.of(age), bins.of(wait)]), range(len(bins)))
    none = np.zeros(len(of), dtype=bool)
    return tally(
        {name: twice[name] for name in ("region", "public", "operator", "stage", "cohort", "bin")},
        {
            "entered": np.concatenate([~none, none]),
            "called": np.concatenate([none, of.end == End.CALLED]),
            "lost": np.concatenate([none, of.end == End.LOST]),
            "censored": np.concatenate([none, of.end == End.CENSORED]),
        },
    )


def count_losses(deployment: Deployment, crowd: Crowd, waits: Episodes, window: Window) -> pd.DataFrame:
    """Waits lost by cause: gave_up, no_show, closed, full.

    Columns region, public, operator, stage, cohort, cause; lost.
    """
    of = waits.take((waits.end == End.LOST) & (waits.known == 1) & (waits.left >= 0))
    region, public = crowd.region[of.person], crowd.public[of.person]
    keys = _keys(deployment, region, public, of.operator, window, window.cohort(of.joined))
    keys["stage"] = (of.stage, WAIT_STAGES)
    keys["cause"] = (of.cause, [outcome.name.lower() for outcome in Outcome])
    names = ("region", "public", "operator", "stage", "cohort", "cause")
    return tally({name: keys[name] for name in names}, {"lost": np.ones(len(of), dtype=np.int64)})


def count_offers(deployment: Deployment, crowd: Crowd, waits: Episodes, window: Window) -> pd.DataFrame:
    """Who was offered an accueil within the norm, of those who joined at least the norm before the end.

    An offer is a first call-in, attended or not. Columns region, public, operator, cohort; asked, within.
    Those who joined before launch are left out.
    """
    of = waits.take((waits.stage == ACCUEIL) & (waits.known == 1) & (waits.joined >= 0))
    region, public = crowd.region[of.person], crowd.public[of.person]
    days = working_days(deployment, of.joined, window)
    last_day = np.full(len(of), window.observed - 1)
    followed = days.between(region, of.joined, last_day) >= window.norm_days
    in_time = days.between(region, of.joined, np.minimum(of.offered, last_day)) <= window.norm_days
    keys = _keys(deployment, region, public, of.operator, window, window.cohort(of.joined))
    return tally(keys, {"asked": followed, "within": followed & in_time & (of.is_offered == 1)})


def _keys(
    deployment: Deployment, region: Ints, public: Ints, operator: Ints, window: Window, cohort: Ints
) -> dict[str, tuple[Ints, Names]]:
    return {
        "region": (region, deployment.regions),
        "public": (public, PUBLICS),
        "operator": (operator, OPERATORS),
        "cohort": (cohort - BEFORE, range(BEFORE, len(window.cohorts) + 1)),
    }
