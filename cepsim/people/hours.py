"""Hours worked and hours on duty, recounted from the trace, split by year.

    a visit     called ------------ ended ---------- released
    is worked   all of it (1)        while open only (2)

(1) interviews and no-shows go on after closing, files do not; (2) the adviser's file work afterwards. Every
second is cut where the number on duty changes, where the team opens or closes, and where a year begins.
An adviser is on duty when his number is below the number on duty: what he works otherwise is overtime.
So, for every team and year,

    duty + overtime = used + idle

A session is the work of one animator, withdrawn from duty: counted once, and shared between those who sat
in it. A cancelled session is idle time. Years are calendar years, the first and last of them cut where the
horizon begins and ends. Nothing is counted before launch or after the horizon.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cepsim.people.crowd import Crowd
from cepsim.people.deployment import Deployment
from cepsim.people.segments import Cut, Segments, calendar_years
from cepsim.scenario.vocabulary import OPERATORS, STAGES
from cepsim.trace import NEVER, Ints, Outcome, State, Status, Trace, Visits

#: Stage of what belongs to none, and public (as a name; -1 as a position) of what belongs to nobody.
UNALLOCATED: Final = "non_affecte"
#: Region of a platform that serves all of them.
NATIONAL: Final = "national"
NOBODY: Final = -1


def worked_seconds(
    deployment: Deployment, crowd: Crowd, trace: Trace, state: State, start: State | None = None
) -> pd.DataFrame:
    """The work of every visit in every year of the horizon; one row a (visit, year), in no stated order.

    Columns: `person` (-1: nobody known), `queue`, `team`, `year`, `region` (of the person), `operator` (of
    the team), `stage`, `public` (position in the vocabulary, -1 unknown), `used_s` (all that is worked) and
    `overtime_s` (the part of it off duty); whole seconds. `state` is the one that the engine stopped in,
    for visits under way. `start`, the state at launch, gives the files left by people who had gone by then:
    their rows have no person and the stage "non_affecte". Raises ValueError where a trace does not belong
    to the network.
    """
    visits = Visits.concatenate([trace.visits, state.open_visits()])
    segments = Segments.of(deployment, trace)
    parts = [_served(deployment, visits, segments), _in_sessions(deployment, visits, trace, segments)]
    if start is not None:
        parts.append(_left_over(deployment, start, segments))
    rows = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    rows = rows.groupby(["person", "visit", "queue", "team", "year"], as_index=False, sort=False).sum()
    return _named(deployment, crowd, rows)


def team_hours(deployment: Deployment, trace: Trace, worked: pd.DataFrame) -> pd.DataFrame:
    """Seconds of every team and year; columns team, year, duty_s, used_s, overtime_s, idle_s.

    `worked` is what `worked_seconds` gave. `duty_s` holds the sessions' animators. Raises ValueError where
    idle time would be negative: the trace then serves two people at once with one adviser.
    """
    segments = Segments.of(deployment, trace)
    plan = _sessions(deployment, trace)
    of_sessions = segments.cut(plan["team"].to_numpy(), plan["second"].to_numpy(), plan["end"].to_numpy())
    shape = (deployment.network.team_count, len(calendar_years(deployment.horizon)[0]))
    duty = np.zeros(shape, dtype=np.int64)
    np.add.at(duty, (segments.team, segments.year), (segments.end - segments.begin) * segments.duty)
    np.add.at(
        duty, (segments.team[of_sessions.segment], segments.year[of_sessions.segment]), of_sessions.seconds
    )
    used, overtime = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    at = (worked["team"].to_numpy(), worked["year"].to_numpy() - deployment.horizon.launch.year)
    np.add.at(used, at, worked["used_s"].to_numpy())
    np.add.at(overtime, at, worked["overtime_s"].to_numpy())
    idle = duty + overtime - used
    if (idle < 0).any():
        team, year = (int(found[0]) for found in np.nonzero(idle < 0))
        name = deployment.network.team_names[team]
        raise ValueError(f"team {name}, year {year}: {-idle[team, year]} s worked beyond duty and overtime")
    teams, years = np.indices(shape)
    return pd.DataFrame(
        {
            "team": teams.reshape(-1),
            "year": years.reshape(-1) + deployment.horizon.launch.year,
            "duty_s": duty.reshape(-1),
            "used_s": used.reshape(-1),
            "overtime_s": overtime.reshape(-1),
            "idle_s": idle.reshape(-1),
        }
    )


def _rows(
    keys: tuple[Ints, Ints, Ints, Ints], cut: Cut, segments: Segments, off_duty: NDArray[np.bool_]
) -> pd.DataFrame:
    """A row a piece; `keys` are the person, visit, queue and team of each piece."""
    columns = dict(zip(("person", "visit", "queue", "team"), keys, strict=True))
    return pd.DataFrame(
        {
            **columns,
            "year": segments.year[cut.segment],
            "used_s": cut.seconds,
            "overtime_s": np.where(off_duty, cut.seconds, 0),
        }
    )


def _served(deployment: Deployment, visits: Visits, segments: Segments) -> pd.DataFrame:
    """The work of advisers with one person."""
    network = deployment.network
    team = network.queues.team[visits.queue]
    mine = (visits.called != NEVER) & (visits.session < 0) & (team >= 0)
    visits, team = visits.take(mine), team[mine]
    if (visits.adviser < 0).any():
        row = int(np.flatnonzero(visits.adviser < 0)[0])
        raise ValueError(f"visit {visits.visit[row]} of person {visits.person[row]} is served by no adviser")
    suspended = network.stations.file_work[visits.queue % network.station_count] == 1
    suspended &= visits.outcome != Outcome.NO_SHOW
    parts = []
    for begin, end, only_open in (
        (visits.called, visits.ended, suspended),
        (visits.ended, visits.released, np.ones(len(visits), dtype=np.bool_)),
    ):
        cut = segments.cut(team, begin, end)
        worked = segments.is_open[cut.segment] | ~only_open[cut.interval]
        cut = Cut(cut.interval[worked], cut.segment[worked], cut.seconds[worked])
        off_duty = visits.adviser[cut.interval] >= segments.duty[cut.segment]
        of = cut.interval
        keys = (visits.person[of], visits.visit[of], visits.queue[of], team[of])
        parts.append(_rows(keys, cut, segments, off_duty))
    return pd.concat(parts, ignore_index=True)


def _sessions(deployment: Deployment, trace: Trace) -> pd.DataFrame:
    """Every session with its team and its end; columns queue, session, second, end, held, team."""
    found = trace.sessions.frame()
    animated = deployment.sessions.set_index("queue")["team"]
    unknown = sorted(set(found["queue"]) - set(animated.index))
    if unknown:
        raise ValueError(f"queue {deployment.network.queue_name(unknown[0])} has sessions but no animator")
    found["team"] = animated.reindex(found["queue"]).to_numpy(dtype=np.int64)
    found["end"] = found["second"] + deployment.network.queues.session_length[found["queue"].to_numpy()]
    return found


def _in_sessions(deployment: Deployment, visits: Visits, trace: Trace, segments: Segments) -> pd.DataFrame:
    """The animators' time shared between the people of each session; the first by number take the rest."""
    sessions = _sessions(deployment, trace)
    sessions = sessions[sessions["held"] == 1].reset_index(drop=True)
    cut = segments.cut(*(sessions[name].to_numpy() for name in ("team", "second", "end")))
    pieces = pd.DataFrame(
        {
            "queue": sessions["queue"].to_numpy()[cut.interval],
            "session": sessions["session"].to_numpy()[cut.interval],
            "team": sessions["team"].to_numpy()[cut.interval],
            "year": segments.year[cut.segment],
            "seconds": cut.seconds,
        }
    )
    pieces = pieces.groupby(["queue", "session", "team", "year"], as_index=False).sum()
    seated = visits.take(visits.session >= 0).sorted_by("queue", "session", "person")
    people = seated.frame()[["person", "visit", "queue", "session"]]
    by_session = people.groupby(["queue", "session"])["person"]
    people["rank"], people["size"] = by_session.cumcount(), by_session.transform("size")
    rows = pieces.merge(people, on=["queue", "session"], how="left")
    if rows["person"].isna().any():
        raise ValueError("a session was held and nobody sat in it")
    whole, rest = rows["seconds"] // rows["size"], rows["seconds"] % rows["size"]
    rows["used_s"] = (whole + (rows["rank"] < rest)).astype(np.int64)
    rows["overtime_s"] = np.int64(0)
    names = ["person", "visit", "queue", "team", "year", "used_s", "overtime_s"]
    return rows[names].astype(np.int64)


def _left_over(deployment: Deployment, start: State, segments: Segments) -> pd.DataFrame:
    """Files on which advisers still were at the start, after their person had left."""
    busy, people, team_count = start.busy, start.people, deployment.network.team_count
    serving = people.take((people.status == Status.IN_SERVICE) & (people.adviser >= 0))
    taken = serving.adviser * team_count + deployment.network.queues.team[serving.queue]
    busy = busy.take(~np.isin(busy.adviser * team_count + busy.team, taken))
    cut = segments.cut(busy.team, np.full(len(busy), start.second), busy.until)
    worked = segments.is_open[cut.segment]
    cut = Cut(cut.interval[worked], cut.segment[worked], cut.seconds[worked])
    off_duty = busy.adviser[cut.interval] >= segments.duty[cut.segment]
    nobody = np.full(len(cut.interval), NOBODY)
    return _rows((nobody, nobody, nobody, busy.team[cut.interval]), cut, segments, off_duty)


def _named(deployment: Deployment, crowd: Crowd, rows: pd.DataFrame) -> pd.DataFrame:
    """The same rows by calendar year, with region, operator, stage and public instead of the visit."""
    queue, person, team = (rows[name].to_numpy() for name in ("queue", "person", "team"))
    regions = [*deployment.regions, NATIONAL]
    stages = [*STAGES, UNALLOCATED]
    operators = _positions(deployment.teams["operator"], OPERATORS)
    stage_of = np.append(_positions(deployment.stations["stage"], stages), len(stages) - 1)
    home = _positions(deployment.teams["region"], regions)
    lane, station = np.divmod(queue, deployment.network.station_count)
    return pd.DataFrame(
        {
            "person": person,
            "queue": queue,
            "team": team,
            "year": rows["year"].to_numpy() + deployment.horizon.launch.year,
            "region": _names(np.where(queue < 0, home[team], lane), regions),
            "operator": _names(operators[team], OPERATORS),
            "stage": _names(stage_of[np.where(queue < 0, -1, station)], stages),
            "public": np.where(person < 0, NOBODY, np.append(crowd.public, NOBODY)[person]),
            "used_s": rows["used_s"].to_numpy(),
            "overtime_s": rows["overtime_s"].to_numpy(),
        }
    )


def _positions(codes: pd.Series[str], known: Sequence[str]) -> Ints:
    return np.array([list(known).index(code) for code in codes], dtype=np.int64)


def _names(positions: Ints, known: Sequence[str]) -> pd.Categorical[str]:
    return pd.Categorical.from_codes(positions, categories=pd.Index(list(known), dtype=str))
