"""What is done each year: contacts, interviews, files, projects; each on the day on which it happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from cepsim.indicators.episodes import (
    ACCUEIL,
    CONSEIL,
    FORMALISATION,
    INFORMATION,
    INGENIERIE,
    LATER,
    End,
    Episodes,
    Journeys,
    station_operators,
    station_stages,
    stations_of,
)
from cepsim.indicators.leaving import Leaving
from cepsim.indicators.tally import tally
from cepsim.indicators.window import Window
from cepsim.people.crowd import Crowd
from cepsim.people.deployment import Deployment
from cepsim.people.hours import UNALLOCATED
from cepsim.scenario.vocabulary import (
    OPERATORS,
    POPULATIONS,
    PRIVATE_EMPLOYEES,
    PROJECTS,
    PUBLICS,
    STAGES,
)
from cepsim.trace import Columns, Ints, Outcome, Trace

#: What is counted, in order. A contact may take several calls, by telephone or at a desk, the door found
#: closed included. `received` counts a person once, at the first accueil attended, `received_redirected` an
#: accueil attended after being sent there by another operator; `conseil_entered` leaves out people whose
#: first interview may have been before launch.
#: `bilans` are asked for by employees once received, by others once in a conseil. `training_files` are the
#: files of projects of formation; `working_time_s` seconds of interviews given on working time.
MEASURES: Final = (
    "contacts",
    "answered",
    "contacts_lost",
    "calls",
    "calls_lost",
    "ask_accueil",
    "received",
    "received_redirected",
    "conseil_entered",
    "interviews",
    "no_shows",
    "bilans",
    "files",
    "training_files",
    "projects",
    "working_time_s",
    "sessions",
    "sessions_cancelled",
)

#: Who instructs the requests for a CIF.
CIF_OPERATOR: Final = "opacif"
_LOST: Final = (Outcome.GAVE_UP, Outcome.CLOSED, Outcome.FULL)
_EMPLOYEES: Final = POPULATIONS.index("salaries")
_TRAINING: Final = PROJECTS.index("formation")


@dataclass(frozen=True, slots=True, eq=False)
class Facts(Columns):
    """One row a thing that happened: which measure, when, to whom (-1: nobody), in which queue, how much."""

    measure: Ints
    second: Ints
    person: Ints
    queue: Ints
    amount: Ints

    @classmethod
    def of(cls, measure: str, second: Ints, person: Ints, queue: Ints, amount: Ints | None = None) -> Facts:
        """Facts of one measure, counted 1 each unless amounts are given."""
        one = np.ones(len(second), dtype=np.int64)
        code = np.full(len(second), MEASURES.index(measure), dtype=np.int64)
        return cls(code, second, person, queue, one if amount is None else amount)


def count_volumes(
    deployment: Deployment,
    crowd: Crowd,
    found: Journeys,
    waits: Episodes,
    trace: Trace,
    leaving: Leaving,
    window: Window,
) -> pd.DataFrame:
    """What happened within the horizon.

    Columns year, region, operator, stage, public, admitted, measure; count. Sessions belong to
    nobody: their public is "non_affecte".
    """
    facts = Facts.concatenate(
        [
            *_contacts(found, waits),
            *_interviews(crowd, found, waits),
            *_files(crowd, found),
            *_exits_and_sessions(trace, leaving),
        ]
    )
    year = window.year(facts.second)
    facts, year = facts.take(year >= 0), year[year >= 0]
    station = stations_of(deployment, facts.queue)
    nobody = facts.person < 0
    return tally(
        {
            "year": (year, window.years),
            "region": (facts.queue // deployment.network.station_count, deployment.regions),
            "operator": (station_operators(deployment)[station], OPERATORS),
            "stage": (station_stages(deployment)[station], STAGES),
            "public": (
                np.where(nobody, len(PUBLICS), np.append(crowd.public, -1)[facts.person]),
                [*PUBLICS, UNALLOCATED],
            ),
            "admitted": (np.where(nobody, 0, np.append(crowd.admitted, -1)[facts.person]), (0, 1)),
            "measure": (facts.measure, MEASURES),
        },
        {"count": facts.amount},
    )


def cif_requests(volumes: pd.DataFrame) -> pd.DataFrame:
    """The rows of `count_volumes` that are requests for a CIF, under the measure "cif_requests".

    They are the files of formation that private employees put together at the OPACIF.
    """
    files = (volumes["measure"] == "training_files") & (volumes["operator"] == CIF_OPERATOR)
    return volumes[files & volumes["public"].isin(PRIVATE_EMPLOYEES)].assign(measure="cif_requests")


def _contacts(found: Journeys, waits: Episodes) -> list[Facts]:
    """First contacts: one wait is one contact, whatever the number of calls."""
    rows = found.rows
    contacts = waits.take((waits.stage % LATER == INFORMATION) & (waits.stage < 2 * LATER))
    began, lost = contacts.take(contacts.known == 1), contacts.take(contacts.end == End.LOST)
    information = found.stage == INFORMATION
    visits = {
        "answered": (information & found.attended, rows.called),
        "calls": (information, rows.joined),
        "calls_lost": (information & np.isin(rows.outcome, _LOST), rows.ended),
    }
    return [
        Facts.of("contacts", began.joined, began.person, rows.queue[began.first]),
        Facts.of("contacts_lost", lost.left, lost.person, rows.queue[lost.last]),
        *(Facts.of(name, when[m], rows.person[m], rows.queue[m]) for name, (m, when) in visits.items()),
    ]


def _interviews(crowd: Crowd, found: Journeys, waits: Episodes) -> list[Facts]:
    rows = found.rows

    def at(measure: str, which: Ints, amount: Ints | None = None) -> Facts:
        return Facts.of(measure, rows.called[which], rows.person[which], rows.queue[which], amount)

    def wanting_bilan(which: Ints, employees: bool) -> Ints:
        person = rows.person[which]
        is_employee = crowd.population[person] == _EMPLOYEES
        wanting: Ints = which[(crowd.bilan[person] == 1) & (is_employee == employees)]
        return wanting

    accueil = np.flatnonzero(found.attended & (found.stage == ACCUEIL))
    _, earliest = np.unique(rows.person[accueil], return_index=True)
    # sent there by an operator who received him before launch: not received anew
    received = accueil[earliest]
    sent_here = found.sent_here
    received = received[~sent_here[received]]
    entered = waits.take((waits.stage == CONSEIL) & (waits.end == End.CALLED) & (waits.known == 1)).last
    interviews = np.flatnonzero(
        found.attended & (found.stage >= ACCUEIL) & (found.stage <= FORMALISATION) & found.staffed
    )
    flag = np.where(
        found.stage[interviews] == ACCUEIL,
        crowd.time_accueil[rows.person[interviews]],
        crowd.time_conseil[rows.person[interviews]],
    )
    on_time = interviews[flag == 1]
    asks = waits.take((waits.stage == ACCUEIL) & (waits.known == 1))
    return [
        Facts.of("ask_accueil", asks.joined, asks.person, rows.queue[asks.first]),
        at("received", received),
        at("received_redirected", accueil[sent_here[accueil]]),
        at("conseil_entered", entered),
        at("interviews", interviews),
        at("no_shows", np.flatnonzero(rows.outcome == Outcome.NO_SHOW)),
        at("bilans", wanting_bilan(received, employees=True)),
        at("bilans", wanting_bilan(entered, employees=False)),
        at("working_time_s", on_time, rows.ended[on_time] - rows.called[on_time]),
    ]


def _files(crowd: Crowd, found: Journeys) -> list[Facts]:
    """A file is counted when work on it begins: the first visit of its passage through the ingénierie."""
    rows = found.rows
    begins = found.attended & (found.stage == INGENIERIE)
    begins[1:] &= (rows.person[1:] != rows.person[:-1]) | (found.stage[:-1] != INGENIERIE)
    files = np.flatnonzero(begins)
    training = files[crowd.project[rows.person[files]] == _TRAINING]
    return [
        Facts.of(measure, rows.called[which], rows.person[which], rows.queue[which])
        for measure, which in (("files", files), ("training_files", training))
    ]


def _exits_and_sessions(trace: Trace, leaving: Leaving) -> list[Facts]:
    projects = trace.exits.take(leaving.completed[trace.exits.person])
    held, cancelled = (trace.sessions.take(trace.sessions.held == flag) for flag in (1, 0))
    nobody = np.full(len(trace.sessions), -1, dtype=np.int64)
    return [
        Facts.of("projects", projects.second, projects.person, projects.queue),
        Facts.of("sessions", held.second, nobody[: len(held)], held.queue),
        Facts.of("sessions_cancelled", cancelled.second, nobody[: len(cancelled)], cancelled.queue),
    ]
