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
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np
import pandas as pd

from cepsim.compiled import compiled
from cepsim.people.cells import Cells, Mask
from cepsim.people.crowd import Crowd
from cepsim.people.deployment import Deployment
from cepsim.people.segments import Segments, calendar_years
from cepsim.people.teams import operators_of
from cepsim.scenario.vocabulary import OPERATORS, STAGES
from cepsim.state import State
from cepsim.trace import NEVER, Columns, Ints, Outcome, Shorts, Status, Trace, Visits, Wholes

#: Stage of what belongs to none, and public (as a name; -1 as a position) of what belongs to nobody.
UNALLOCATED: Final = "non_affecte"
#: Region of a platform that serves all of them.
NATIONAL: Final = "national"
NOBODY: Final = -1


@dataclass(frozen=True, slots=True, eq=False)
class Work(Columns):
    """One row a visit and a year (by rank): who was served where, by which team, seconds, those off duty."""

    person: Shorts
    queue: Shorts
    team: Shorts
    year: Shorts
    used_s: Ints
    overtime_s: Ints

    @classmethod
    def of(cls, *columns: Ints) -> Work:
        """These columns, in the order of the fields."""
        person, queue, team, year = (column.astype(np.int32) for column in columns[:4])
        return cls(person, queue, team, year, *columns[4:])

    @classmethod
    def room(cls, rows: int) -> Work:
        """So many rows, to be written."""
        person, queue, team, year = (np.empty(rows, dtype=np.int32) for _ in range(4))
        return cls(person, queue, team, year, np.empty(rows, dtype=np.int64), np.empty(rows, dtype=np.int64))


def worked_seconds(
    deployment: Deployment, crowd: Crowd, trace: Trace, state: State, start: State | None = None
) -> pd.DataFrame:
    """The work of every visit in every year of the horizon; one row a (visit, year), in no stated order.

    Columns: `person` (-1: nobody known), `queue`, `team`, `year`, `region` (of the person), `operator` (of
    the queue; of a file left, the first of its team), `stage`, `public` (position in the vocabulary, -1
    unknown), `used_s` (all that is worked) and
    `overtime_s` (the part of it off duty); whole seconds. `state` is the one that the engine stopped in,
    for visits under way. `start`, the state at launch, gives the files left by people who had gone by then:
    their rows have no person and the stage "non_affecte". Seconds of a sample of one person in n are taken n
    times. Raises ValueError where a trace does not belong to the network.
    """
    under_way = state.open_visits()
    segments = Segments.of(deployment, trace)
    parts = [_served(deployment, visits, segments) for visits in (trace.visits, under_way)]
    seated = Visits.concatenate([visits.take(visits.session >= 0) for visits in (trace.visits, under_way)])
    parts.append(_in_sessions(deployment, seated, trace, segments))
    if start is not None:
        parts.append(_left_over(deployment, start, segments))
    return _named(deployment, crowd, _of_everybody(Work.concatenate(parts), deployment.sample))


def _of_everybody(work: Work, sample: int) -> Work:
    """The work for everybody, from that for one person in `sample`."""
    if sample == 1:
        return work
    return replace(work, used_s=work.used_s * sample, overtime_s=work.overtime_s * sample)


def team_hours(deployment: Deployment, trace: Trace, worked: pd.DataFrame) -> pd.DataFrame:
    """Seconds of every team and year; columns team, year, duty_s, used_s, overtime_s, idle_s.

    `worked` is what `worked_seconds` gave. `duty_s` holds the sessions' animators; of a sample, it is
    the time on duty of the whole staff, or what was used where that is more. Raises ValueError where idle
    time would be negative: the trace then serves two people at once with one adviser.
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
    at = (worked["team"].to_numpy(), worked["year"].to_numpy() - deployment.horizon.launch.year)
    cells = Cells.of(at, shape, len(worked))
    used = cells.sums(worked["used_s"].to_numpy()).reshape(shape)
    overtime = cells.sums(worked["overtime_s"].to_numpy()).reshape(shape)
    if deployment.whole_duty is not None:
        duty = np.maximum(deployment.whole_duty, used - overtime)
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


def _served(deployment: Deployment, visits: Visits, segments: Segments) -> Work:
    """The work of advisers with one person."""
    network = deployment.network
    over = np.maximum(visits.ended, visits.released)
    turns = [np.count_nonzero((visits.called < begin) & (over > begin)) for begin in segments.years_begin]
    work = Work.room(len(visits) + int(sum(turns)))
    start = np.searchsorted(segments.team, np.arange(network.team_count + 1))
    done = _serve(
        (visits.person, visits.queue, visits.adviser, visits.session, visits.outcome),
        (visits.called, visits.ended, visits.released),
        network.queues.team,
        network.stations.file_work,
        (start, segments.begin, segments.end, segments.duty, segments.is_open, segments.year),
        tuple(getattr(work, field.name) for field in fields(Work)),
    )
    if done < 0:
        row = -1 - done
        raise ValueError(f"visit {visits.visit[row]} of person {visits.person[row]} is served by no adviser")
    return work.take(slice(done))


@compiled
def _serve(
    who: tuple[Shorts, ...],
    when: tuple[Shorts, ...],
    team_of: Ints,
    file_work: Ints,
    segments: tuple[Ints, Ints, Ints, Ints, Mask, Ints],
    work: tuple[Wholes, ...],
) -> int:
    """Write the work of visits, a row a year; how many rows, or -1 - row of a visit without adviser."""
    person, queue, adviser, session, outcome = who
    called, ended, released = when
    start, begins, ends, duty, is_open, year = segments
    persons, queues, teams, years, used, overtime = work
    first, last, done = begins[0], ends[-1], 0
    for row in range(len(person)):
        team = team_of[queue[row]]
        if called[row] == NEVER or session[row] >= 0 or team < 0:
            continue
        if adviser[row] < 0:
            return -1 - row
        suspended = file_work[queue[row] % len(file_work)] == 1 and outcome[row] != Outcome.NO_SHOW
        current = -1
        for spell in range(2):
            # the interview, or the file itself; then the file work of the adviser
            begin = min(max(called[row] if spell == 0 else ended[row], first), last)
            end = min(max(ended[row] if spell == 0 else released[row], first), last)
            if end <= begin:
                continue
            low, high = start[team], start[team + 1] - 1
            while low < high:
                middle = (low + high + 1) // 2
                if begins[middle] <= begin:
                    low = middle
                else:
                    high = middle - 1
            segment = low
            while begin < end:
                seconds = min(end, ends[segment]) - begin
                if is_open[segment] or (spell == 0 and not suspended):
                    if year[segment] != current:
                        current = year[segment]
                        persons[done], queues[done], teams[done] = person[row], queue[row], team
                        years[done], used[done], overtime[done] = current, 0, 0
                        done += 1
                    used[done - 1] += seconds
                    if adviser[row] >= duty[segment]:
                        overtime[done - 1] += seconds
                begin += seconds
                segment += 1
    return done


def _sessions(deployment: Deployment, trace: Trace) -> pd.DataFrame:
    """Every session with its team and its end; columns queue, session, second, end, held, team.

    Commissions take no adviser's time.
    """
    found = trace.sessions.take(~deployment.network.holds_commissions[trace.sessions.queue]).frame()
    animated = deployment.sessions.set_index("queue")["team"]
    unknown = sorted(set(found["queue"]) - set(animated.index))
    if unknown:
        raise ValueError(f"queue {deployment.network.queue_name(unknown[0])} has sessions but no animator")
    found["team"] = animated.reindex(found["queue"]).to_numpy(dtype=np.int64)
    found["end"] = found["second"] + deployment.network.queues.session_length[found["queue"].to_numpy()]
    return found


def _in_sessions(deployment: Deployment, seated: Visits, trace: Trace, segments: Segments) -> Work:
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
    people = seated.sorted_by("queue", "session", "person").frame()[["person", "queue", "session"]]
    by_session = people.groupby(["queue", "session"])["person"]
    people["rank"], people["size"] = by_session.cumcount(), by_session.transform("size")
    rows = pieces.merge(people, on=["queue", "session"], how="left")
    if rows["person"].isna().any():
        raise ValueError("a session was held and nobody sat in it")
    whole, rest = rows["seconds"] // rows["size"], rows["seconds"] % rows["size"]
    rows["used_s"] = whole + (rows["rank"] < rest)
    rows["overtime_s"] = 0
    return Work.of(*(rows[field.name].to_numpy(dtype=np.int64) for field in fields(Work)))


def _left_over(deployment: Deployment, start: State, segments: Segments) -> Work:
    """Files on which advisers still were at the start, after their person had left."""
    busy, people, team_count = start.busy, start.people, deployment.network.team_count
    serving = people.take((people.status == Status.IN_SERVICE) & (people.adviser >= 0))
    taken = serving.adviser * team_count + deployment.network.queues.team[serving.queue]
    busy = busy.take(~np.isin(busy.adviser * team_count + busy.team, taken))
    cut = segments.cut(busy.team, np.full(len(busy), start.second), busy.until)
    worked = segments.is_open[cut.segment]
    interval, segment, seconds = cut.interval[worked], cut.segment[worked], cut.seconds[worked]
    off_duty = busy.adviser[interval] >= segments.duty[segment]
    shape = (team_count, int(segments.year.max()) + 1)
    cells = Cells.of([busy.team[interval], segments.year[segment]], shape, len(interval))
    used, overtime = cells.sums(seconds), cells.sums(np.where(off_duty, seconds, 0))
    found = np.flatnonzero(used)
    team, year = cells.codes(found)
    nobody = np.full(len(found), NOBODY, dtype=np.int64)
    return Work.of(nobody, nobody, team, year, used[found], overtime[found])


def _named(deployment: Deployment, crowd: Crowd, work: Work) -> pd.DataFrame:
    """The same rows by calendar year, with region, operator, stage and public."""
    queue, person, team = work.queue, work.person, work.team
    regions = [*deployment.regions, NATIONAL]
    stages = [*STAGES, UNALLOCATED]
    first_of = [operators_of(name)[0] for name in deployment.teams["operator"]]
    of_team = _positions(pd.Series(first_of), OPERATORS)
    of_station = _positions(deployment.stations["operator"], OPERATORS)
    stage_of = np.append(_positions(deployment.stations["stage"], stages), len(stages) - 1)
    home = _positions(deployment.teams["region"], regions)
    lane, station = np.divmod(queue, deployment.network.station_count)
    return pd.DataFrame(
        {
            "person": person,
            "queue": queue,
            "team": team,
            "year": work.year + deployment.horizon.launch.year,
            "region": _names(np.where(queue < 0, home[team], lane), regions),
            "operator": _names(np.where(queue < 0, of_team[team], of_station[station]), OPERATORS),
            "stage": _names(stage_of[np.where(queue < 0, -1, station)], stages),
            "public": np.append(crowd.public, NOBODY).astype(np.int8)[person],
            "used_s": work.used_s,
            "overtime_s": work.overtime_s,
        },
        copy=False,
    )


def _positions(codes: pd.Series[str], known: Sequence[str]) -> Ints:
    return np.array([list(known).index(code) for code in codes], dtype=np.int64)


def _names(positions: Ints, known: Sequence[str]) -> pd.Categorical[str]:
    return pd.Categorical.from_codes(positions, categories=pd.Index(list(known), dtype=str))
