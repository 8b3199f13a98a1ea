"""People counted once: the steps they reach, and those seen each year."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from cepsim.indicators.episodes import (
    ACCUEIL,
    CONSEIL,
    FORMALISATION,
    INFORMATION,
    INGENIERIE,
    Journeys,
    station_stages,
    stations_of,
)
from cepsim.indicators.leaving import Leaving
from cepsim.indicators.tally import Batch, sizes_of, tally, tally_batches
from cepsim.indicators.who import Mask, flags, who
from cepsim.indicators.window import Window
from cepsim.people.cells import combined, first_seen
from cepsim.people.crowd import Crowd
from cepsim.people.deployment import Deployment
from cepsim.state import State
from cepsim.trace import Ints, Outcome, Reason, Status, Wholes

#: Steps of the funnel, in order.
STEPS: Final = (
    "first_requests",
    "answered",
    "ask_accueil",
    "received",
    "conseil_entered",
    "conseil_finished",
    "formalised",
    "files",
    "completed",
)


def count_funnel(
    deployment: Deployment, crowd: Crowd, found: Journeys, state: State, leaving: Leaving, window: Window
) -> pd.DataFrame:
    """How far those who first ask within the horizon get, by the end of observation.

    Columns region, public, admitted, step; people (each once), contacts (calls tried again are one contact)
    and visits (every time somebody joins, or is attended to where the step says so). Those received without
    a first contact count as answered. "formalised" is a project written down, in interviews of its
    own or in the conseil's last one. The path is not a ladder: a project formed beforehand goes from the
    accueil straight to its file.
    """
    rows, stage, attended = found.rows, found.stage, found.attended
    counted = flags(crowd, rows.person[(rows.visit == 0) & (rows.joined >= 0) & (rows.joined < window.end)])
    finished = _finished(deployment, crowd, found, state, leaving)
    files = attended & (stage == INGENIERIE)
    written = finished & (flags(crowd, rows.person[files]) | leaving.completed)
    joins: dict[str, Mask] = {
        "first_requests": stage == INFORMATION,
        "answered": attended & (stage == INFORMATION),
        "ask_accueil": (stage == ACCUEIL) & found.staffed,
        "received": attended & (stage == ACCUEIL) & found.staffed,
        "conseil_entered": attended & (stage == CONSEIL),
        "formalised": attended & (stage == FORMALISATION),
        "files": files & found.staffed,
    }
    reached: dict[str, Mask] = {
        **{step: flags(crowd, rows.person[mask]) for step, mask in joins.items()},
        "first_requests": counted,
        "conseil_finished": finished,
        "files": flags(crowd, rows.person[files]),
        "completed": leaving.completed,
    }
    reached["answered"] |= flags(crowd, rows.person[stage > INFORMATION])
    reached["formalised"] &= ~_writing(deployment, crowd, found, state)
    reached["formalised"] |= written
    contacts = {"first_requests": joins["first_requests"] & ~found.follows, "answered": joins["answered"]}
    everybody = who(deployment, crowd, np.arange(len(crowd)))
    names = {**{name: values for name, (_, values) in everybody.items()}, "step": STEPS}
    codes = [positions for positions, _ in everybody.values()]
    first_place = combined([*codes, 0], sizes_of(names), len(crowd))
    counts_row = counted[rows.person]
    batches = []
    for rank, step in enumerate(STEPS):
        people = np.flatnonzero(reached[step] & counted)
        batches.append(Batch(first_place[people] + rank, {"people": 1}))
        for kind, masks in (("contacts", contacts), ("visits", joins)):
            if step in masks:
                persons = rows.person[masks[step] & counts_row]
                batches.append(Batch(first_place[persons] + rank, {kind: 1}))
    return tally_batches(names, ("people", "contacts", "visits"), batches)


def _finished(deployment: Deployment, crowd: Crowd, found: Journeys, state: State, leaving: Leaving) -> Mask:
    """Who has had the last interview of a conseil, and went on or left without dropping out."""
    rows = found.rows
    served = (rows.outcome == Outcome.SERVED) & (found.stage == CONSEIL)
    goes_on = np.zeros(len(rows), dtype=bool)
    goes_on[:-1] = (rows.person[1:] == rows.person[:-1]) & (found.stage[1:] != CONSEIL)
    there = station_stages(deployment)[stations_of(deployment, state.people.queue)] == CONSEIL
    unfinished = flags(crowd, state.people.person[there]) | leaving.dropped_out
    return flags(crowd, rows.person[served & (goes_on | (found.last & ~unfinished[rows.person]))])


def _writing(deployment: Deployment, crowd: Crowd, found: Journeys, state: State) -> Mask:
    """Who still awaited a further interview of the formalisation when he was last seen."""
    awaits = found.last & (found.stage == FORMALISATION) & ~found.attended & found.comes_back
    people = state.people
    there = station_stages(deployment)[stations_of(deployment, people.queue)] == FORMALISATION
    between = there & (people.status == Status.BETWEEN) & (people.reason == Reason.SERIES)
    return flags(crowd, found.rows.person[awaits]) | flags(crowd, people.person[between])


def count_identities(
    deployment: Deployment, crowd: Crowd, found: Journeys, window: Window
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """People seen in each year, once a year, and people seen within the horizon, once.

    Columns (year,) region, public, admitted; reached (answered, or received) and served (received at an
    accueil).
    """
    rows = found.rows
    year = window.year(np.where(found.attended, rows.called, -1))
    seen = (year >= 0) & (found.stage <= ACCUEIL)
    received = seen & (found.stage == ACCUEIL) & found.staffed
    by_year = _distinct(deployment, crowd, rows.person, year, (seen, received), window.years)
    ever = _distinct(deployment, crowd, rows.person, np.zeros_like(year), (seen, received), range(1))
    return by_year, ever.drop(columns="year")


def _distinct(
    deployment: Deployment,
    crowd: Crowd,
    person: Wholes,
    period: Ints,
    masks: tuple[Mask, Mask],
    names: range,
) -> pd.DataFrame:
    found = []
    for mask in masks:
        rows = np.flatnonzero(mask)
        found.append(rows[first_seen(person[rows], period[rows], len(names))])
    both = np.concatenate(found)
    is_received = np.arange(len(both)) >= len(found[0])
    return tally(
        {"year": (period[both], names), **who(deployment, crowd, person[both])},
        {"reached": ~is_received, "served": is_received},
    )
