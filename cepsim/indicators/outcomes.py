"""What became of each person who came for an accueil: the rows that let two scenarios be compared.

One row a person and stage. People are those whose first request falls within the horizon, and who want an
accueil (`Crowd.asks`) or joined one; they are followed to the end of observation. The second of the first
request depends on no scenario, hence "who came" is the same question in each of them.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from cepsim.indicators.episodes import ACCUEIL, CONSEIL, End, Episodes, Journeys, episodes, journeys
from cepsim.indicators.leaving import Leaving
from cepsim.indicators.window import Window
from cepsim.people.crowd import Crowd
from cepsim.people.deployment import Deployment
from cepsim.people.story import Story
from cepsim.people.tape import Tape
from cepsim.scenario.vocabulary import OPERATORS, PUBLICS, STAGES
from cepsim.state import State
from cepsim.trace import Ints, Outcome, Trace

#: How it ended: received; lost before anybody answered the first contact; lost in the queue of the stage, by
#: cause; not over at the end of observation.
RECEIVED: Final = "received"
UNANSWERED: Final = "unanswered"
CAUSES: Final = ("gave_up", "no_show", "closed", "full")
WAITING: Final = "waiting"
OUTCOMES: Final = (RECEIVED, UNANSWERED, *CAUSES, WAITING)
#: Stages that have rows, in order.
OUTCOME_STAGES: Final = ("accueil", "conseil")
#: What names a person: the stream of his draws, in two halves, and his rank in it.
IDENTITY: Final = ("stream_high", "stream_low", "rank")
COLUMNS: Final = (
    *IDENTITY,
    "stage",
    "region",
    "public",
    "operator",
    "asked",
    "joined",
    "received",
    "outcome",
)
#: Second of what did not happen.
NOT: Final = -1

_CAUSE_NAMES: Final = {Outcome[name.upper()]: name for name in CAUSES}


def outcomes(
    deployment: Deployment,
    crowd: Crowd,
    tape: Tape,
    trace: Trace,
    state: State,
    *,
    story: Story | None = None,
) -> pd.DataFrame:
    """One row a person who came for an accueil, then one a person who joined a conseil, in order of arrival.

    Columns: `stream_high`, `stream_low` (int64, the halves of the key of Philox that names the person's
    draws, hence the seed, replication, region, public, source, channel and slab), `rank` in that stream;
    `stage` (accueil, conseil); `region`, `public`, `operator` (of the wait; of the first contact where there
    was no wait); `asked`, second of the first request; `joined`, when the queue of the stage was joined, and
    `received`, when the person was first called in and there, both -1 where that did not happen; `outcome` as
    in OUTCOMES. "waiting" is for whoever is not received and has not left when observation ends.

    The channel of an identity is that of the source: `Crowd.channel` is another where a scenario sends the
    person to a meeting.

    `trace` and `state` are those of the run, `story` what the people did, in a shard run before as well,
    where it is known already. Of several waits at a stage, the first that ends with a call-in counts, or
    the last one.
    """
    window = Window.of(deployment, state.second)
    if story is None:
        story = Story.of(deployment.network, trace, state)
    found = journeys(deployment, story)
    waits = episodes(found, window.observed)
    first = np.flatnonzero((found.rows.visit == 0) & (found.rows.joined >= 0))
    first = first[found.rows.joined[first] < window.end]
    asked = np.full(len(crowd), NOT, dtype=np.int64)
    asked[found.rows.person[first]] = found.rows.joined[first]
    parts = [
        _accueil(crowd, found, waits, first, Leaving.of(deployment, crowd, story.exits), asked),
        _waited(waits, CONSEIL, asked),
    ]
    whole = pd.concat(parts, ignore_index=True)
    person = whole["person"].to_numpy()
    keys = tape.keys[tape.stream[person]].view(np.int64).reshape(-1, 2)
    named = whole.assign(
        stream_high=keys[:, 0],
        stream_low=keys[:, 1],
        rank=tape.rank[person].astype(np.int64),
        region=_names(deployment.regions, crowd.region[person]),
        public=_names(PUBLICS, crowd.public[person]),
        operator=_names(OPERATORS, whole["operator"].to_numpy()),
        asked=asked[person],
    )
    return named[list(COLUMNS)]


def no_outcomes() -> pd.DataFrame:
    """The same of nobody."""
    text = ("stage", "region", "public", "operator", "outcome")
    return pd.DataFrame({name: pd.Series(dtype="str" if name in text else "int64") for name in COLUMNS})


def _accueil(
    crowd: Crowd, found: Journeys, waits: Episodes, first: Ints, leaving: Leaving, asked: Ints
) -> pd.DataFrame:
    """Who waited for an accueil, and who wanted one and got no further than the first contact."""
    waited = _waited(waits, ACCUEIL, asked)
    wants = crowd.asks == 1
    wants[waited["person"].to_numpy()] = False
    before = first[wants[found.rows.person[first]]]
    person = found.rows.person[before]
    count = len(before)
    others = pd.DataFrame(
        {
            "person": person,
            "stage": _names(STAGES, np.full(count, ACCUEIL)),
            "operator": found.operator[before].astype(np.int64),
            "joined": np.full(count, NOT, dtype=np.int64),
            "received": np.full(count, NOT, dtype=np.int64),
            "outcome": _names((WAITING, UNANSWERED), leaving.has_left[person].astype(np.int64)),
        }
    )
    return pd.concat([waited, others], ignore_index=True).sort_values("person", ignore_index=True)


def _waited(waits: Episodes, stage: int, asked: Ints) -> pd.DataFrame:
    """The wait of a stage that counts, of each person whose first request is in the horizon."""
    rows = np.flatnonzero((waits.stage == stage) & (asked[waits.person] != NOT))
    called = waits.end[rows] == End.CALLED
    # of the waits of one person: those called in first, the earliest of them; of the others the last
    order = np.lexsort((np.where(called, rows, -rows), ~called, waits.person[rows]))
    rows = rows[order]
    person = waits.person[rows]
    rows = rows[np.append(True, person[1:] != person[:-1])[: len(person)]]
    called = waits.end[rows] == End.CALLED
    cause = np.array([_CAUSE_NAMES.get(outcome, "") for outcome in Outcome], dtype=object)
    lost = cause[waits.cause[rows]]
    outcome = np.select([called, waits.end[rows] == End.CENSORED], [RECEIVED, WAITING], lost)
    return pd.DataFrame(
        {
            "person": waits.person[rows],
            "stage": _names(STAGES, np.full(len(rows), stage)),
            "operator": waits.operator[rows].astype(np.int64),
            "joined": waits.joined[rows],
            "received": np.where(called, waits.left[rows], NOT),
            "outcome": pd.Series(outcome, dtype="str"),
        }
    )


def _names(names: tuple[str, ...], positions: Ints) -> pd.Series[str]:
    return pd.Series(pd.Series(list(names), dtype="str").array.take(positions))
