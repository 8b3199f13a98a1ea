"""Visits grouped into waits: from joining a stage to being received there, or not.

    joined -> no-show -> rebooked -> no-show -> rebooked -> called      one episode, one wait
    called -> sent to another operator -> waiting there -> called       one episode, one wait
    call lost -> tried again -> call lost                               one episode, lost at the last call

An episode belongs to the operator of its last visit. Later interviews of a series, and further contacts of
the same person, are episodes of their own, under another stage: its name followed by "_suite".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

from cepsim.indicators.who import Mask
from cepsim.network.arrays import CHOICE_BASE
from cepsim.people.cells import Codes
from cepsim.people.deployment import Deployment
from cepsim.people.story import Story
from cepsim.people.visited import Visited, among
from cepsim.scenario.vocabulary import OPERATORS, STAGES
from cepsim.state import State
from cepsim.trace import NEVER, Columns, Ints, Outcome, Reason, Shorts, Status, Wholes

#: Stages of waits: those of the path, what comes again at each of them, and two spans over several stages.
WAIT_STAGES: Final = (*STAGES, *(f"{stage}_suite" for stage in STAGES), "premier_entretien", "projet")
LATER: Final = len(STAGES)
FIRST_INTERVIEW: Final = WAIT_STAGES.index("premier_entretien")
PROJECT: Final = WAIT_STAGES.index("projet")

INFORMATION, ACCUEIL, CONSEIL, FORMALISATION, INGENIERIE = range(len(STAGES))

_SAME_PLACE: Final = (Reason.REBOOKED, Reason.RETRY)
_ELSEWHERE: Final = (Reason.REDIRECTED, Reason.OVERFLOW, Reason.HANDED_OVER)


class End(IntEnum):
    """How a wait ended: called in, lost, or not yet ended when observation stopped."""

    CALLED = 0
    LOST = 1
    CENSORED = 2


@dataclass(frozen=True, slots=True, eq=False)
class Journeys:
    """Every visit, settled or under way, by (person, visit), and what the network says of it.

    `rows` are the visits; `stage` and `operator` positions in the vocabularies; `attended`, called in and
    there; `repeat`, a further contact or visit; `staffed`, somebody serves there; `file_work`, without the
    person; `follows`, the visit goes on with the wait of the row before; `orphan`, it goes on with a wait of
    which the trace does not hold the beginning; `last`, the person's last row; `pending`, that wait is not
    over although no visit is under way.
    """

    rows: Visited
    stage: Codes
    operator: Codes
    attended: Mask
    repeat: Mask
    staffed: Mask
    file_work: Mask
    follows: Mask
    orphan: Mask
    last: Mask
    pending: Mask

    @property
    def sent_here(self) -> Mask:
        """Whether the person was sent there by another operator, rebooked visits included."""
        return self._came_by(Reason.REDIRECTED)

    @property
    def sent_on(self) -> Mask:
        """Whether the person came there since another operator had published too long a delay."""
        return self._came_by(Reason.OVERFLOW)

    @property
    def comes_back(self) -> Mask:
        """Whether the visit is for a further interview of the stage, rebooked visits included."""
        return self._came_by(Reason.SERIES)

    def _came_by(self, reason: Reason) -> Mask:
        """Whether the wait of each visit holds one for this reason, up to that visit."""
        came = np.cumsum(self.rows.reason == reason)
        before = np.concatenate([[0], came])[np.flatnonzero(~self.follows)]
        return np.asarray(came > before[np.cumsum(~self.follows) - 1])

    @property
    def wait_ends(self) -> Wholes:
        """When each visit stops waiting, called in or not; the greatest integer for who waits still."""
        after = np.where(self.rows.ended != NEVER, self.rows.ended, np.iinfo(np.int32).max)
        return np.where(self.rows.called != NEVER, self.rows.called, after)


@dataclass(frozen=True, slots=True, eq=False)
class Episodes(Columns):
    """One row a wait, where somebody serves; seconds in `joined`, `left` and `offered`.

    `first` and `last` are its rows in the journeys, `end` is as in `End`, `cause` the outcome of the last
    visit. `offered` is the first call-in, attended or not (the end of observation where there was none) and
    `is_offered` whether there was one. `known` unless the wait began before the trace.
    """

    person: Shorts
    stage: Codes
    operator: Codes
    first: Ints
    last: Ints
    joined: Shorts
    left: Wholes
    end: Codes
    cause: Codes
    offered: Wholes
    is_offered: Mask
    known: Mask


def journeys(deployment: Deployment, story: Story) -> Journeys:
    """Put the visits of a run in order and say what each of them goes on with."""
    rows = story.visits
    station = rows.queue % deployment.network.station_count
    stage = station_stages(deployment).astype(np.int8)[station]
    has_before = np.zeros(len(rows), dtype=bool)
    has_before[1:] = (rows.person[1:] == rows.person[:-1]) & (rows.visit[1:] == rows.visit[:-1] + 1)
    same_stage = np.zeros(len(rows), dtype=bool)
    same_stage[1:] = stage[1:] == stage[:-1]
    goes_on = among(rows.reason, _SAME_PLACE) | (among(rows.reason, _ELSEWHERE) & (same_stage | ~has_before))
    last = np.ones(len(rows), dtype=bool)
    last[:-1] = rows.person[1:] != rows.person[:-1]
    return Journeys(
        rows=rows,
        stage=stage,
        operator=station_operators(deployment).astype(np.int8)[station],
        attended=among(rows.outcome, (Outcome.SERVED, Outcome.IN_SERVICE)),
        repeat=(deployment.stations["repeat"].to_numpy(dtype=np.int64) == 1)[station],
        staffed=(deployment.network.queues.team >= 0)[rows.queue],
        file_work=(deployment.network.stations.file_work == 1)[station],
        follows=goes_on & has_before,
        orphan=goes_on & ~has_before,
        last=last,
        pending=_pending(rows, story.state),
    )


def episodes(found: Journeys, observed: int) -> Episodes:
    """The waits of these journeys, until the end of observation."""
    rows = found.rows
    first = np.flatnonzero(~found.follows)
    last = np.append(first[1:], len(rows)) - 1 if len(first) else first
    called_in = found.attended | (rows.outcome == Outcome.NO_SHOW)
    first_call = np.where(called_in, rows.called, observed)
    offered = np.minimum.reduceat(first_call, first) if len(first) else first
    served = found.staffed[first]
    first, last, offered = first[served], last[served], offered[served]
    outcome = rows.outcome[last]
    open_ended = found.pending[last] | ((outcome == Outcome.NO_SHOW) & (rows.ended[last] >= observed))
    waits = (outcome == Outcome.WAITING) | open_ended
    called = found.attended[last] & ~waits
    no_show = (outcome == Outcome.NO_SHOW) & ~waits
    left = np.where(called | no_show, rows.called[last], np.where(waits, observed, rows.ended[last]))
    later = (rows.reason[first] == Reason.SERIES) | found.repeat[first]
    return Episodes(
        person=rows.person[first],
        stage=(found.stage[last] + later * np.int8(LATER)).astype(np.int8),
        operator=found.operator[last],
        first=first,
        last=last,
        joined=rows.joined[first],
        left=left,
        end=np.where(called, int(End.CALLED), np.where(waits, int(End.CENSORED), int(End.LOST))).astype(
            np.int8
        ),
        cause=outcome.astype(np.int8),
        offered=offered,
        is_offered=offered < observed,
        known=~found.orphan[first],
    )


def station_stages(deployment: Deployment) -> Ints:
    """Position in STAGES of every station."""
    return _positions(deployment, "stage", STAGES)


def station_operators(deployment: Deployment) -> Ints:
    """Position in OPERATORS of every station."""
    return _positions(deployment, "operator", OPERATORS)


def stations_of(deployment: Deployment, queue: Wholes) -> Wholes:
    """The station of each queue; of a choice, the first that it may lead to."""
    network = deployment.network
    station: Wholes = queue % network.station_count
    undecided = queue >= CHOICE_BASE
    first = network.choices.start[queue[undecided] - CHOICE_BASE]
    station[undecided] = network.choices.station[first]
    return station


def _pending(rows: Visited, state: State) -> Mask:
    """The last rows of people between two visits of one wait."""
    people = state.people
    back = (people.status == Status.BETWEEN) & among(people.reason, (*_SAME_PLACE, *_ELSEWHERE))
    person = people.person[back]
    at = np.searchsorted(rows.person, person, side="right") - 1
    pending = np.zeros(len(rows), dtype=bool)
    at, person = at[at >= 0], person[at >= 0]
    pending[at[rows.person[at] == person]] = True
    return pending


def _positions(deployment: Deployment, column: str, known: tuple[str, ...]) -> Ints:
    return np.array([known.index(value) for value in deployment.stations[column]], dtype=np.int64)
