"""The time of teams cut where something changes: the number on duty, the opening hours, the year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from cepsim.people.deployment import Deployment
from cepsim.people.horizon import Horizon
from cepsim.trace import Ints, Trace


def calendar_years(horizon: Horizon) -> tuple[range, Ints]:
    """The calendar years that the horizon touches, and the seconds at which it enters each, then its end.

    The first begins on launch day, the last ends with the horizon: both may be parts of a year.
    """
    last = horizon.anniversary(horizon.years)
    years = range(horizon.launch.year, last.year + (last > date(last.year, 1, 1)))
    entered = [horizon.second(date(year, 1, 1)) for year in years[1:]]
    return years, np.array([0, *entered, horizon.end], dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """Pieces of intervals: of which interval, in which segment, how long in seconds."""

    interval: Ints
    segment: Ints
    seconds: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """Time of every team from launch to the end of the horizon, cut where something changes.

    Sorted by (team, begin), without a gap; `year` counts from the first calendar year.
    """

    team: Ints
    begin: Ints
    end: Ints
    duty: Ints
    is_open: NDArray[np.bool_]
    year: Ints

    @property
    def years_begin(self) -> Ints:
        """When each year but the first begins."""
        turns = np.flatnonzero(self.year[1:] > self.year[:-1]) + 1
        return np.unique(self.begin[turns])

    @classmethod
    def of(cls, deployment: Deployment, trace: Trace) -> Segments:
        """The segments of a run; on duty at launch is what the network says, then what the trace says."""
        teams = deployment.network.teams
        bounds = calendar_years(deployment.horizon)[1]
        first, last = int(bounds[0]), int(bounds[-1])
        changes = trace.duty.sorted_by("team", "second")
        limits = np.searchsorted(changes.team, np.arange(deployment.network.team_count + 1))
        columns: list[list[Ints]] = [[], [], [], []]
        queues = deployment.network.queues
        run_apart = np.zeros(deployment.network.team_count, dtype=np.bool_)
        run_apart[queues.team[(queues.elsewhere == 1) & (queues.team >= 0)]] = True
        for team in range(deployment.network.team_count):
            here = slice(limits[team], limits[team + 1])
            second, advisers = changes.second[here], changes.advisers[here]
            planned = slice(teams.duty_start[team], teams.duty_start[team + 1])
            if run_apart[team]:
                continue
            rank = int(np.searchsorted(teams.duty_second[planned], first, side="left"))
            before = teams.duty_advisers[planned][rank - 1 : rank] if rank else np.zeros(1, dtype=np.int64)
            calendar = int(teams.calendar[team])
            opening = slice(teams.calendar_start[calendar], teams.calendar_start[calendar + 1])
            opens, closes = teams.opens[opening], teams.closes[opening]
            begins = np.unique(np.concatenate([bounds, second, opens, closes]))
            begins = begins[(begins >= first) & (begins < last)]
            duty = np.concatenate([before, advisers])[np.searchsorted(second, begins, side="right")]
            next_opening = np.append(opens, last)[np.searchsorted(closes, begins, side="right")]
            values = (np.full(len(begins), team), begins, duty, next_opening <= begins)
            for column, value in zip(columns, values, strict=True):
                column.append(value.astype(np.int64))
        of, begin, on_duty, is_open = (np.concatenate(column) for column in columns)
        end = np.append(begin[1:], last)
        end[np.append(of[1:] != of[:-1], True)] = last
        return cls(
            team=of,
            begin=begin,
            end=end,
            duty=on_duty,
            is_open=is_open.astype(np.bool_),
            year=(np.searchsorted(bounds, begin, side="right") - 1).astype(np.int64),
        )

    def cut(self, team: Ints, begin: Ints, end: Ints) -> Cut:
        """The parts of [begin, end) of these teams that lie in the horizon, segment by segment."""
        first, last = int(self.begin.min()), int(self.end.max())
        begin, end = np.clip(begin, first, last), np.clip(end, first, last)
        # One sorted line for all teams: a team's time comes after that of the team before.
        span = last - first + 1
        keys = self.team * span + (self.begin - first)
        low = np.searchsorted(keys, team * span + (begin - first), side="right") - 1
        high = np.searchsorted(keys, team * span + (end - first), side="left")
        count = np.where(end > begin, high - low, 0)
        interval = np.repeat(np.arange(len(team)), count)
        ends = np.cumsum(count)
        segment = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - count - low, count)
        seconds = np.minimum(end[interval], self.end[segment]) - np.maximum(
            begin[interval], self.begin[segment]
        )
        return Cut(interval, segment, seconds)
