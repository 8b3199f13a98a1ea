"""Estimates of a scenario in some regions: loads, delays, losses, month by month, without simulating.

What it leaves out, beside what `world`, `flow` and `first_line` say: sessions and commissions make nobody
wait; who is sent elsewhere for a delay stays home; advisers who follow people; hand-overs of operators that
stop. Delays are those of a first appointment, in working days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import pandas as pd

from cepsim.experiment.deployments import deployed
from cepsim.experiment.pipeline import warm_up_scenario
from cepsim.experiment.plan import Plan, plan
from cepsim.indicators.window import Window
from cepsim.indicators.working_days import WorkingDays
from cepsim.people.demand import Floats
from cepsim.people.deployment import Deployment
from cepsim.people.loads import offered_loads
from cepsim.people.population_tape import draw_entrants
from cepsim.scenario import Scenario
from cepsim.trace import Ints
from cepsim.twin.answer import Estimate
from cepsim.twin.delays import delays
from cepsim.twin.first_line import answered
from cepsim.twin.flow import Flow, flows
from cepsim.twin.world import World, compile_world
from cepsim.units import SECONDS_PER_DAY, SECONDS_PER_HOUR

#: Loads between which a queue is neither calm nor overloaded.
CALM, OVERLOAD = 0.9, 1.1
STAGES: Final = ("accueil", "conseil", "formalisation")
_COLUMNS: Final = (
    "region", "operator", "stage", "period", "entered", "wait_p50", "wait_p90", "share_gave_up",
    "share_no_show", "share_lost", "load", "regime",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A scenario in a region, ready to be estimated: its world, that of the year before, first lines."""

    deployment: Deployment
    world: World
    passes: Floats
    before: World
    before_passes: Floats

    @classmethod
    def of(cls, planned: Plan, scenario: Scenario, region: str) -> Compiled:
        """Compile it; its people are those of the plan's first replication."""
        tables = planned.tables
        after, past = (
            deployed(each, tables, (region,), planned.sample)
            for each in (scenario, warm_up_scenario(scenario, tables))
        )
        horizon = after.horizon
        made: list[tuple[World, Floats]] = []
        for where, begin, end in ((after, 0, horizon.observed), (past, horizon.begin, 0)):
            who = draw_entrants(where, seed=planned.seed, replication=0)
            loads = offered_loads(after, [who])
            hours = loads.groupby("team")[["hours_usable", "hours_available"]].sum()
            usable = np.ones(where.network.team_count)
            usable[hours.index] = hours["hours_usable"] / hours["hours_available"].clip(lower=1e-9)
            world, node, arrival = compile_world(where, who, begin, end, usable)
            made.append((world, answered(world, where.network, arrival, node)))
        return cls(after, *made[0], *made[1])

    def run(self) -> Flow:
        """Year before launch, then from launch to the end of observation."""
        past = flows(self.before, self.before_passes)
        to = _same(self.before, self.world)
        nodes = len(self.world.queue)
        waiting, due = np.zeros(nodes), np.zeros((len(past.due), nodes))
        np.add.at(waiting, to, past.waiting[-1])
        np.add.at(due.T, to, past.due.T)
        return flows(self.world, self.passes, waiting, due)


def estimate(scenario: str | Scenario, regions: Sequence[str], **options: object) -> Estimate:
    """Estimate a scenario in some regions; `options` are those of `experiment.plan` (seed, years...).

    Raises what `experiment.plan` raises.
    """
    return estimate_plan(plan([scenario], regions=regions, replications=1, **options))  # type: ignore[arg-type]


def estimate_plan(planned: Plan, name: str = "") -> Estimate:
    """Estimate a scenario of a plan, the last one where none is named."""
    scenario, _ = planned.place(name)
    parts = [_frames(Compiled.of(planned, scenario, region)) for region in planned.regions]
    stages, months, balance = (pd.concat(part, ignore_index=True) for part in zip(*parts, strict=True))
    return Estimate(planned, scenario, stages, months, balance)


def _frames(of: Compiled) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The frames of a region."""
    flow = of.run()
    return _stages(of, flow), _months(of, flow), _balance(of, flow)


def _same(one: World, other: World) -> Ints:
    """The node of `other` where people of each node of `one` go on: same queue, same priority if there is."""
    known: dict[tuple[int, int, bool], int] = {}
    some: dict[tuple[int, bool], int] = {}
    for n, (queue, priority, team) in enumerate(_places(other)):
        known.setdefault((queue, priority, team), n)
        some.setdefault((queue, team), n)
    found = [known.get((q, p, t), some.get((q, t), n)) for n, (q, p, t) in enumerate(_places(one))]
    return np.array(found, dtype=np.int64)


def _places(world: World) -> list[tuple[int, int, bool]]:
    """Queue and priority of each node, and whether a team serves it."""
    has_team = (world.team >= 0).tolist()
    return list(zip(world.queue.tolist(), world.priority.tolist(), has_team, strict=True))


def _stages(of: Compiled, flow: Flow) -> pd.DataFrame:
    deployment, world = of.deployment, of.world
    window = Window.of(deployment, deployment.horizon.observed)
    ends = np.arange(1, world.days + 1) * SECONDS_PER_DAY
    calendar = WorkingDays.of(deployment, 0, window.observed)
    lane = np.zeros(world.days, dtype=np.int64)
    working = calendar.between(lane, np.full(world.days, -SECONDS_PER_DAY), ends - SECONDS_PER_DAY // 2)
    cohort = window.cohort(ends - 1)
    cohorts = len(window.cohorts)
    inside = (cohort >= 0) & (cohort < cohorts)
    station = world.queue % deployment.network.station_count
    at, of_stage, repeat = (
        deployment.stations[name].to_numpy(dtype=kind)[station]
        for name, kind in (("operator", object), ("stage", object), ("repeat", np.int64))
    )
    first = (repeat == 0) & (world.visits > 0)
    rows = []
    for operator, stage in dict.fromkeys(zip(at, of_stage, strict=True)):
        mine = first & (at == operator) & (of_stage == stage)
        if stage == "information":
            rows += _first_line_rows(operator, mine & (world.is_first_line == 1), world, flow, window, cohort)
        nodes = np.flatnonzero(mine & (flow.group >= 0))
        if stage not in STAGES or len(nodes) == 0:
            continue
        counts, gone, entered = np.zeros((cohorts, 400)), np.zeros(cohorts), np.zeros(cohorts)
        absent, work, room = 0.0, np.zeros(cohorts), np.zeros(cohorts)
        for n in nodes.tolist():
            g = int(flow.group[n])
            joins = flow.joined[:, n] * (1.0 - world.again[n])
            tries = 1.0 / (1.0 - world.again[n]) if stage == "accueil" else 1.0
            got, left = delays(
                flow, g, working, np.ascontiguousarray(joins), float(world.leaving[n]), cohort, cohorts
            )
            counts += _rebooked(got, world, n) if stage == "accueil" else got
            gone += left * tries
            entered += got.sum(axis=1)
            absent += float(world.absent[n] * got.sum())
            load = flow.joined[:, flow.group == g].sum(axis=1)
            work += np.bincount(cohort[inside], load[inside], cohorts)
            room += np.bincount(cohort[inside], flow.speed[g][inside], cohorts)
        missed = absent / max(entered.sum(), 1e-12)
        for c in (-1, *range(cohorts)):
            of_c = slice(None) if c < 0 else slice(c, c + 1)
            total = float(entered[of_c].sum())
            if total < 0.5:
                continue
            away = min(float(gone[of_c].sum()) / total, 1.0)
            rows.append(
                (
                    operator,
                    stage,
                    "" if c < 0 else window.label(c),
                    total,
                    *(_quantile(counts[of_c].sum(axis=0), share) for share in (0.5, 0.9)),
                    away,
                    missed * (1.0 - away),
                    away + missed * (1.0 - away),
                    *_regime(float(work[of_c].sum()), float(room[of_c].sum())),
                )
            )
    frame = pd.DataFrame(rows, columns=list(_COLUMNS[1:]))
    frame.insert(0, "region", deployment.regions[0])
    return frame


def _rebooked(counts: Floats, world: World, node: int) -> Floats:
    """Delays until an interview that is attended: who is rebooked waits for another date, then again."""
    way = np.flatnonzero((world.origin == node) & (world.to == node))
    if len(way) == 0 or counts.sum() == 0:
        return counts
    law = world.after[way[0]]
    gap = np.bincount(np.round(np.arange(len(law)) * 5 / 7).astype(np.int64), weights=law)
    bins = counts.shape[1]
    again = np.convolve(gap, counts.sum(axis=0) / counts.sum())[:bins]
    both = np.array([np.convolve(row, again)[:bins] for row in counts])
    return np.asarray(counts * (1.0 - law.sum()) + both)


def _first_line_rows(
    operator: str, mine: Ints, world: World, flow: Flow, window: Window, cohort: Ints
) -> list[tuple[object, ...]]:
    """Who comes to a first line and is not answered: no delay is told."""
    nodes = np.flatnonzero(mine)
    joined, lost = (each[:, nodes] for each in (flow.joined, flow.lost))
    coming, away = joined.sum(axis=1), lost.sum(axis=1)
    work = joined @ world.seconds[nodes]
    room = world.capacity[:, np.unique(world.team[nodes])].sum(axis=1)
    rows: list[tuple[object, ...]] = []
    for c in (-1, *window.cohorts):
        days = (cohort >= 0) & (cohort < len(window.cohorts)) if c < 0 else cohort == c
        total = float(coming[days].sum())
        if total >= 0.5:
            load = float(work[days].sum()) / max(float(room[days].sum()), 1e-9)
            nan = float("nan")
            period = "" if c < 0 else window.label(c)
            share = float(away[days].sum()) / total
            rows.append(
                (operator, "information", period, total, nan, nan, nan, nan, share, load, "first_line")
            )
    return rows


def _regime(work: float, room: float) -> tuple[float, str]:
    load = work / room if room > 0 else float("inf")
    return load, "calm" if load < CALM else "critical" if load <= OVERLOAD else "overload"


def _quantile(counts: Floats, share: float) -> float:
    """The working days that this share does not exceed; NaN where observation ends before."""
    at = int(np.searchsorted(np.cumsum(counts), share * counts.sum()))
    return float(at) if at < len(counts) - 1 else float("nan")


def _months(of: Compiled, flow: Flow) -> pd.DataFrame:
    deployment, world = of.deployment, of.world
    launch = deployment.horizon.launch
    inside = deployment.horizon.end // SECONDS_PER_DAY
    days = [launch + timedelta(days=day) for day in range(inside)]
    first = np.array([day for day, date in enumerate(days) if day == 0 or date.day == 1])
    last = np.append(first[1:], inside) - 1
    operator = deployment.stations["operator"].to_numpy(dtype=object)
    operator = operator[world.queue % deployment.network.station_count]
    parts: list[dict[str, object]] = []
    for team, (_, role, region) in enumerate(deployment.teams.itertuples(index=False)):
        usable = np.add.reduceat(world.capacity[:inside, team], first) / SECONDS_PER_HOUR
        for name in dict.fromkeys(operator[world.team == team]):
            nodes = np.flatnonzero((world.team == team) & (operator == name))
            joined, served, lost = (
                np.add.reduceat(each[:inside, nodes], first) for each in (flow.joined, flow.served, flow.lost)
            )
            needed = joined @ world.seconds[nodes] / SECONDS_PER_HOUR
            parts.append(
                {
                    "region": region,
                    "team": team,
                    "operator": name,
                    "role": role,
                    "month": [days[day].strftime("%Y-%m") for day in first],
                    "joined": joined.sum(axis=1),
                    "served": served.sum(axis=1),
                    "lost": lost.sum(axis=1),
                    "hours_needed": needed,
                    "hours_usable": usable,
                    "waiting": flow.waiting[last][:, nodes].sum(axis=1),
                    "load": np.divide(needed, usable, out=np.full(len(usable), np.nan), where=usable > 0),
                }
            )
    months = len(first)
    whole = {
        name: np.concatenate([np.broadcast_to(np.asarray(part[name]), months) for part in parts])
        for name in parts[0]
    }
    return pd.DataFrame(whole)


def _balance(of: Compiled, flow: Flow) -> pd.DataFrame:
    """Visits joined and people there at launch, against those served, lost and there at the end."""
    waits = flow.group >= 0
    served, lost = float(flow.served[:, waits].sum()), float(flow.lost[:, waits].sum())
    joined, there = float(flow.joined[:, waits].sum()), float(flow.waiting[-1, waits].sum())
    row = (of.deployment.regions[0], joined, float(flow.start[waits].sum()), served, lost, there)
    return pd.DataFrame([row], columns=["region", "joined", "before", "served", "lost", "waiting"])
