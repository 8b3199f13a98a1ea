"""What is done each year: contacts, interviews, files, projects; each on the day on which it happens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
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
)
from cepsim.indicators.leaving import Leaving
from cepsim.indicators.tally import Batch, Names, sizes_of, tally_batches
from cepsim.indicators.who import Mask, flags
from cepsim.indicators.window import Window
from cepsim.people.cells import combined
from cepsim.people.crowd import Crowd
from cepsim.people.deployment import Deployment
from cepsim.people.hours import UNALLOCATED
from cepsim.people.story import Story
from cepsim.people.visited import among
from cepsim.scenario.parts import Financing
from cepsim.scenario.vocabulary import (
    OPERATORS,
    POPULATIONS,
    PRIVATE_EMPLOYEES,
    PROJECTS,
    PUBLICS,
    STAGES,
)
from cepsim.trace import Ints, Outcome, Reason, Wholes

#: What is counted, in order. A contact may take several calls, by telephone or at a desk, the door found
#: closed included, and calls of an operator that nobody answers, which are no `no_shows`. `received` counts a
#: person once, at the first accueil attended, `received_redirected` an accueil attended after being sent
#: there by another operator, `received_by_overflow` one attended since the operator of the person had
#: published too long a delay; `conseil_entered` leaves out people whose
#: first interview may have been before launch.
#: `bilans` are asked for by employees once received, by others once in a conseil. `bilans_excluded` are those
#: of people who get none: their account does not hold the hours. `training_files` are the
#: files of projects of formation, `cif_accepted` and `cif_refusals` what commissions decide on them
#: (again, on a file lodged again); `informed_elsewhere` are contacts that other actors answer in place of the
#: operator, in none of the other measures; `deterred` are people who would ask for an accueil if nothing were
#: charged to their account (see `indicators.deterred`); `working_time_s` seconds of interviews given on
#: working time. `bilans_begun` are bilans that come first, when they begin, `bilans_given_up` those of people
#: who no longer wait for one, and `bilan_wait_s` the seconds that those begun have waited for a provider.
#: `qualifying_projects` are the projects of formation and of VAE. On the day on which somebody is received,
#: `operators_met` are the operators that he meets from his first contact to the end of observation, his own
#: included, and `redirected` says that he is sent to another one.
MEASURES: Final = (
    "contacts",
    "answered",
    "contacts_lost",
    "calls",
    "calls_lost",
    "ask_accueil",
    "received",
    "received_redirected",
    "received_by_overflow",
    "redirected",
    "operators_met",
    "conseil_entered",
    "interviews",
    "no_shows",
    "bilans",
    "bilans_excluded",
    "files",
    "training_files",
    "cif_accepted",
    "cif_refusals",
    "projects",
    "qualifying_projects",
    "working_time_s",
    "sessions",
    "sessions_cancelled",
    "informed_elsewhere",
    "deterred",
    "bilans_begun",
    "bilans_given_up",
    "bilan_wait_s",
)

#: Who instructs the requests for a CIF.
CIF_OPERATOR: Final = "opacif"
_LOST: Final = (Outcome.GAVE_UP, Outcome.CLOSED, Outcome.FULL)
_EMPLOYEES: Final = POPULATIONS.index("salaries")
_TRAINING: Final = PROJECTS.index("formation")
#: Kinds of project that lead to a qualification, the first aim of the law.
_QUALIFYING: Final = (_TRAINING, PROJECTS.index("vae"))


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """What happened: which measure, when, to whom (-1: nobody), in which queue; 1 each, or how much."""

    measure: str
    second: Wholes
    person: Wholes
    queue: Wholes
    amount: Wholes | int = 1


def count_volumes(
    deployment: Deployment,
    crowd: Crowd,
    found: Journeys,
    waits: Episodes,
    story: Story,
    leaving: Leaving,
    window: Window,
) -> pd.DataFrame:
    """What happened within the horizon.

    Columns year, region, operator, stage, public, admitted, measure; count. Sessions belong to
    nobody: their public is "non_affecte".
    """
    names = volume_names(deployment, window)
    lane, station = np.divmod(
        np.arange(deployment.network.queue_count, dtype=np.int64), deployment.network.station_count
    )
    sizes = sizes_of(names)
    where = combined(
        [lane, station_operators(deployment)[station], station_stages(deployment)[station]],
        sizes[1:4],
        len(lane),
    )
    # the last row is nobody's
    public, admitted = np.append(crowd.public, len(PUBLICS)), np.append(crowd.admitted, 0)
    whom = combined([public, admitted], sizes[4:6], len(public))
    grouped = [sizes[0], sizes[1] * sizes[2] * sizes[3], sizes[4] * sizes[5], sizes[6]]
    commissions = deployment.network.holds_commissions
    batches = []
    for facts in chain(
        _contacts(found, waits),
        _interviews(deployment.scenario.financing, crowd, found, waits),
        _bilans_first(deployment, found),
        _files(crowd, found, commissions),
        _decisions(commissions, found),
        _exits_and_sessions(crowd, story, leaving, commissions),
    ):
        year = window.year(facts.second)
        inside = np.flatnonzero(year >= 0)
        measure = MEASURES.index(facts.measure)
        codes: list[Wholes | int] = [
            year[inside],
            where[facts.queue[inside]],
            whom[facts.person[inside]],
            measure,
        ]
        amount = facts.amount if isinstance(facts.amount, int) else facts.amount[inside]
        batches.append(Batch(combined(codes, grouped, len(inside)), {"count": amount}))
    return tally_batches(names, ("count",), batches)


def volume_names(deployment: Deployment, window: Window) -> dict[str, Names]:
    """What the key columns of `count_volumes` may hold."""
    return {
        "year": window.years,
        "region": deployment.regions,
        "operator": OPERATORS,
        "stage": STAGES,
        "public": [*PUBLICS, UNALLOCATED],
        "admitted": (0, 1),
        "measure": MEASURES,
    }


def cif_requests(volumes: pd.DataFrame) -> pd.DataFrame:
    """The rows of `count_volumes` that are requests for a CIF, under the measure "cif_requests".

    They are the files of formation that private employees put together, at the OPACIF or elsewhere: all are
    lodged with the OPACIF, as its commissions decide on all.
    """
    files = (volumes["measure"] == "training_files") & volumes["public"].isin(PRIVATE_EMPLOYEES)
    return volumes[files].assign(measure="cif_requests", operator=CIF_OPERATOR)


def _contacts(found: Journeys, waits: Episodes) -> Iterator[Facts]:
    """First contacts: one wait is one contact, whatever the number of calls."""
    rows = found.rows
    contacts = (waits.stage % LATER == INFORMATION) & (waits.stage < 2 * LATER)
    began = np.flatnonzero(contacts & waits.known)
    lost = np.flatnonzero(contacts & (waits.end == End.LOST))
    yield Facts("contacts", waits.joined[began], waits.person[began], rows.queue[waits.first[began]])
    yield Facts("contacts_lost", waits.left[lost], waits.person[lost], rows.queue[waits.last[lost]])
    # who is answered where no operator has a team is answered by another actor
    information = (found.stage == INFORMATION) & found.staffed
    elsewhere = (found.stage == INFORMATION) & ~found.staffed
    for name, mask, when in (
        ("informed_elsewhere", elsewhere, rows.joined),
        ("answered", information & found.attended, rows.called),
        ("calls", information, rows.joined),
        ("calls_lost", information & among(rows.outcome, _LOST), rows.ended),
    ):
        yield _at(name, found, np.flatnonzero(mask), when)


def _at(measure: str, found: Journeys, which: Ints, when: Wholes) -> Facts:
    """These visits, on the date that `when` gives for each visit."""
    return Facts(measure, when[which], found.rows.person[which], found.rows.queue[which])


def _interviews(financing: Financing, crowd: Crowd, found: Journeys, waits: Episodes) -> Iterator[Facts]:
    rows, called = found.rows, found.rows.called
    accueil = np.flatnonzero(found.attended & (found.stage == ACCUEIL) & found.staffed)
    person = rows.person[accueil]
    earliest = np.append(True, person[1:] != person[:-1])[: len(person)]
    # sent there by an operator who received him before launch, or back for another interview: not anew
    sent_here = found.sent_here[accueil]
    received = accueil[earliest & ~sent_here & ~found.comes_back[accueil]]
    entered = waits.last[(waits.stage == CONSEIL) & (waits.end == End.CALLED) & waits.known]
    interviews = np.flatnonzero(
        found.attended
        & (found.stage >= ACCUEIL)
        & (found.stage <= FORMALISATION)
        & found.staffed
        & ~found.file_work
    )
    flag = np.where(
        found.stage[interviews] == ACCUEIL,
        crowd.time_accueil[rows.person[interviews]],
        crowd.time_conseil[rows.person[interviews]],
    )
    on_time = interviews[flag == 1]
    asks = np.flatnonzero((waits.stage == ACCUEIL) & waits.known)
    absent = (rows.outcome == Outcome.NO_SHOW) & (found.stage != INFORMATION)
    yield Facts("ask_accueil", waits.joined[asks], waits.person[asks], rows.queue[waits.first[asks]])
    yield _at("received", found, received, called)
    yield _at("received_redirected", found, accueil[sent_here], called)
    yield _at("received_by_overflow", found, received[found.sent_on[received]], called)
    sent_away = flags(crowd, rows.person[rows.reason == Reason.REDIRECTED])
    yield _at("redirected", found, received[sent_away[rows.person[received]]], called)
    met = _operators_met(crowd, found)[rows.person[received]]
    yield replace(_at("operators_met", found, received, called), amount=met)
    yield _at("conseil_entered", found, entered, called)
    yield _at("interviews", found, interviews, called)
    yield _at("no_shows", found, np.flatnonzero(absent), called)
    excluded = (crowd.short_bilan == 1) & (financing.cpf_short == "excluded")
    yield _at("bilans_excluded", found, received[excluded[rows.person[received]]], called)
    wants, is_employee = crowd.bilan == 1, crowd.population == _EMPLOYEES
    yield _at("bilans", found, received[(wants & is_employee)[rows.person[received]]], called)
    yield _at("bilans", found, entered[(wants & ~is_employee)[rows.person[entered]]], called)
    seconds = rows.ended[on_time] - called[on_time]
    yield replace(_at("working_time_s", found, on_time, called), amount=seconds)


def _bilans_first(deployment: Deployment, found: Journeys) -> Iterator[Facts]:
    """Bilans that what follows waits for; nothing where the scenario lets none come first."""
    rows, of = found.rows, deployment.stations["channel"].to_numpy()
    channel = of[rows.queue % deployment.network.station_count]
    waits = channel == "bilan_wait"
    begun = np.flatnonzero((channel == "bilan") & found.attended)
    taken = np.flatnonzero(waits & found.attended)
    yield _at("bilans_begun", found, begun, rows.called)
    yield _at("bilans_given_up", found, np.flatnonzero(waits & (rows.outcome == Outcome.GAVE_UP)), rows.ended)
    waited = rows.called[taken] - rows.joined[taken]
    yield replace(_at("bilan_wait_s", found, taken, rows.called), amount=waited)


def _operators_met(crowd: Crowd, found: Journeys) -> Ints:
    """How many operators each person of the crowd meets; a file is put together without its person."""
    meets = np.flatnonzero(found.attended & (found.stage < INGENIERIE))
    met = np.zeros((len(crowd), len(OPERATORS)), dtype=bool)
    met[found.rows.person[meets], found.operator[meets]] = True
    return np.asarray(met.sum(axis=1, dtype=np.int64))


def _files(crowd: Crowd, found: Journeys, commissions: Mask) -> Iterator[Facts]:
    """A file is counted when work on it begins: the first visit of its passage through the ingénierie."""
    rows = found.rows
    # a file that waits for a commission at launch, or is lodged again after one, is no new one
    begins = found.attended & (found.stage == INGENIERIE) & ~commissions[found.rows.queue]
    begins[1:] &= (rows.person[1:] != rows.person[:-1]) | (found.stage[:-1] != INGENIERIE)
    files = np.flatnonzero(begins)
    training = files[crowd.project[rows.person[files]] == _TRAINING]
    yield _at("files", found, files, rows.called)
    yield _at("training_files", found, training, rows.called)


def _decisions(commissions: Mask, found: Journeys) -> Iterator[Facts]:
    """What commissions decide; an answer that comes later is that of the day on which they met."""
    there = commissions[found.rows.queue] & (found.stage == INGENIERIE)
    yield _at("cif_accepted", found, np.flatnonzero(there & found.attended), found.rows.called)
    refused = np.flatnonzero(there & (found.rows.outcome == Outcome.REFUSED))
    yield _at("cif_refusals", found, refused, found.rows.ended)


def _exits_and_sessions(crowd: Crowd, story: Story, leaving: Leaving, commissions: Mask) -> Iterator[Facts]:
    projects = story.exits.take(leaving.completed[story.exits.person])
    yield Facts("projects", projects.second, projects.person, projects.queue)
    leads_on = projects.take(among(crowd.project[projects.person], _QUALIFYING))
    yield Facts("qualifying_projects", leads_on.second, leads_on.person, leads_on.queue)
    for measure, flag in (("sessions", 1), ("sessions_cancelled", 0)):
        sessions = story.sessions.take((story.sessions.held == flag) & ~commissions[story.sessions.queue])
        nobody = np.full(len(sessions), -1, dtype=np.int64)
        yield Facts(measure, sessions.second, nobody, sessions.queue)
