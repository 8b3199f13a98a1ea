"""What is counted before anything is priced: whole quantities recounted from the trace.

    time       used_s, idle_s, outside_s (outside direct service), overtime_s: of advisers or first line;
               given_back_s: of advisers lent; shift_s: of advisers, on duty in the evening and on Saturday
    contacts   contacts, calls, web_visits; informed_elsewhere, whose operator is the actor that answers
    services   bilans_conge (and _short, _middle, _long), bilans_refused, bilans_plan, bilans_psychologist,
               tests_s, psychologist_tests_s, instruction_s,
               working_time_s, working_time_interviews
    people     persons_received, persons_entering_conseil, projects: for unit costs
    money      account_s, account_bilans, mutualised_paths: who pays
    files      files_formation, files_vae, files_refused: commitments
    posts      hires_thousandths, trained_thousandths, coordination_s, base_thousandths, active_persons

Paid time is split once: paid = used + idle + outside + given back, overtime on top; shift_s is a part of
it. All but used time and overtime belong to no stage and no public. Quantities add up over people, regions
and years.

The time of a team is split between the characters of its posts in proportion to these: nothing says which
of two colleagues was busy. So a new post has the team's share of idle time, and not an idle time of its own.
Where several operators share a team, `operator` is the one that pays: see `people.shared_time`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from cepsim.costing.parts import split
from cepsim.costing.people import people_quantities
from cepsim.costing.posts import STAFF_CHARACTERS, paid_seconds, region_rows, shift_rows, staff_rows
from cepsim.people.cells import Cells
from cepsim.people.crowd import Crowd
from cepsim.people.deployment import Deployment
from cepsim.people.financer import who_take_back
from cepsim.people.hours import UNALLOCATED, team_hours, worked_seconds
from cepsim.people.segments import calendar_years
from cepsim.people.shared_time import SharedTime
from cepsim.people.story import Story
from cepsim.scenario.vocabulary import OPERATORS, PUBLICS
from cepsim.state import State
from cepsim.trace import Trace

DIMENSIONS: Final = ("quantity", "role", "year", "region", "operator", "stage", "public", "character")


def quantities(
    deployment: Deployment,
    crowd: Crowd,
    trace: Trace,
    state: State,
    start: State | None = None,
    *,
    story: Story | None = None,
    regions: Sequence[str] | None = None,
    worked: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Every quantity of the horizon and of the year before; columns `DIMENSIONS`, `value` and `people`.

    One row a combination, zeros left out, in the order of the columns; the last two are int64. `people` are
    the different people whom the row is about, 0 where it is about none. `state` is the one in which the
    engine stopped, `start` the one at launch (see `people.hours`). `story` is what the people did, in a
    shard run before as well, where it is known already; hours are those of the teams run here. `regions` are
    those whose people and whose own costs are counted here (None: all of them). `worked` is what
    `worked_seconds` gives of all this, where it is known already. Of a sample of one person in n, what people
    do and who they are count n times, and posts once: they are those of the whole. Raises ValueError where
    the trace, the crowd and the deployment do not belong together.
    """
    counted = deployment.regions if regions is None else regions
    if worked is None:
        worked = worked_seconds(deployment, crowd, trace, state, start)
    of_regions = [row for row in region_rows(deployment) if row["region"] in counted]
    of_teams = staff_rows(deployment) + shift_rows(deployment)
    posts = pd.DataFrame(of_teams + of_regions, columns=[*DIMENSIONS, "value"])
    parts = [_time(deployment, trace, worked), posts.assign(people=0)]
    if counted:
        if story is None:
            story = Story.of(deployment.network, trace, state)
        people = people_quantities(deployment, crowd, story)
        people[["value", "people"]] *= deployment.sample
        parts.append(people)
    return add_up(parts)


def add_up(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The sum of quantities row by row, zeros left out, in the order of the columns."""
    found = pd.concat([part for part in parts if len(part)] or list(parts[:1]), ignore_index=True)
    found = found.groupby(list(DIMENSIONS), sort=True)[["value", "people"]].sum().reset_index()
    found = found[found["value"] != 0].reset_index(drop=True)
    return found.astype({"value": np.int64, "people": np.int64, "year": np.int64})


def _time(deployment: Deployment, trace: Trace, worked: pd.DataFrame) -> pd.DataFrame:
    """Time of every team, operator and year, split between the characters of its staff."""
    shared = SharedTime.of(deployment, team_hours(deployment, trace, worked), worked)
    whose = ["team", "operator", "year"]
    paid = shared.hours.merge(paid_seconds(deployment), on=whose, how="outer").fillna(0)
    characters = list(STAFF_CHARACTERS)
    weights = paid[characters].to_numpy(dtype=np.float64)
    unpaid = (weights.sum(axis=1) == 0) & ((paid["duty_s"] > 0) | (paid["used_s"] > 0)).to_numpy()
    # what those of an operator that stopped finish afterwards is overtime of posts that existed
    stopped = deployment.teams["operator"].isin([c.operator for c in deployment.scenario.staff.closures])
    late = unpaid & (paid["duty_s"] == 0).to_numpy() & stopped.to_numpy()[paid["team"].to_numpy()]
    unpaid &= ~late
    if unpaid.any():
        found = paid[unpaid].iloc[0]
        name = deployment.network.team_names[int(found["team"])]
        raise ValueError(f"team {name} works in {int(found['year'])} without a post")
    # A team kept open for a longer time than its posts give is paid for that time.
    total = np.maximum(np.rint(weights.sum(axis=1)), paid["duty_s"].to_numpy()).astype(np.int64)
    paid.loc[late, "existing"] = 1.0
    paid["outside_s"] = total - paid["duty_s"].to_numpy().astype(np.int64)
    who = deployment.teams
    alone = [
        pd.DataFrame(
            {
                "quantity": name,
                "team": paid["team"].to_numpy(),
                "operator": paid["operator"].to_numpy(),
                "year": paid["year"].to_numpy(),
                "region": who["region"].to_numpy()[paid["team"].to_numpy()],
                "stage": UNALLOCATED,
                "public": UNALLOCATED,
                "value": paid[name].to_numpy().astype(np.int64),
                "people": 0,
            }
        )
        for name in ("idle_s", "outside_s")
    ]
    rows = pd.concat([*alone, *_by_who_pays(deployment, shared, _used(deployment, worked))])
    rows = rows[rows["value"] > 0].merge(paid[[*whose, "duty_s", "idle_s", *characters]], on=whose)
    rows["role"] = who["role"].to_numpy()[rows["team"].to_numpy()]
    pieces = split(rows["value"].to_numpy(), rows[characters].to_numpy(dtype=np.float64))
    split_rows = pd.concat(
        [
            rows.assign(character=STAFF_CHARACTERS[name], value=pieces[:, position])
            for position, name in enumerate(characters)
        ]
    )
    return _given_back(deployment, split_rows)[[*DIMENSIONS, "value", "people"]]


def _by_who_pays(deployment: Deployment, shared: SharedTime, used: pd.DataFrame) -> list[pd.DataFrame]:
    """Time served on duty and beyond, by the operator that pays it."""
    first = calendar_years(deployment.horizon)[0].start
    team, year = used["team"].to_numpy(), used["year"].to_numpy() - first
    of = np.array([OPERATORS.index(name) for name in used["operator"]], dtype=np.int64)
    weights = {"used_s": shared.lenders[team, year, :, of], "overtime_s": shared.posts[team, year]}
    values = {
        "used_s": (used["used_s"] - used["overtime_s"]).to_numpy(),
        "overtime_s": used["overtime_s"].to_numpy(),
    }
    keys = ["team", "operator", "year", "region", "stage", "public"]
    parts = []
    for name, value in values.items():
        pieces = split(value, weights[name])
        rows = [
            used.assign(operator=operator, value=pieces[:, place])[pieces[:, place] > 0]
            for place, operator in enumerate(OPERATORS)
        ]
        # somebody whom two operators of a team received is one person
        of_payer = pd.concat(rows).groupby(keys, as_index=False)
        parts.append(of_payer.agg(value=("value", "sum"), people=("people", "max")).assign(quantity=name))
    return parts


def _used(deployment: Deployment, worked: pd.DataFrame) -> pd.DataFrame:
    """Seconds worked, and the people for whom they were, by team, operator, year, region, stage, public."""
    years = calendar_years(deployment.horizon)[0]
    regions, stages, operators = (worked[name].cat for name in ("region", "stage", "operator"))
    publics = [*PUBLICS, UNALLOCATED]
    codes = [
        worked["team"].to_numpy(),
        operators.codes.to_numpy(),
        worked["year"].to_numpy() - years.start,
        regions.codes.to_numpy(),
        stages.codes.to_numpy(),
        worked["public"].to_numpy() % len(publics),
    ]
    sizes = (
        deployment.network.team_count,
        len(operators.categories),
        len(years),
        len(regions.categories),
        len(stages.categories),
        len(publics),
    )
    cells = Cells.of(codes, sizes, len(worked))
    people = cells.people(worked["person"].to_numpy())
    found = np.flatnonzero(people)
    team, operator, year, region, stage, public = cells.codes(found)
    return pd.DataFrame(
        {
            "team": team,
            "operator": operators.categories.to_numpy(dtype=object)[operator],
            "year": year + years.start,
            "region": regions.categories.to_numpy(dtype=object)[region],
            "stage": stages.categories.to_numpy(dtype=object)[stage],
            "public": np.array(publics, dtype=object)[public],
            "used_s": cells.sums(worked["used_s"].to_numpy())[found],
            "overtime_s": cells.sums(worked["overtime_s"].to_numpy())[found],
            "people": people[found] * deployment.sample,
        }
    )


def _given_back(deployment: Deployment, rows: pd.DataFrame) -> pd.DataFrame:
    """The same rows, the time lent that CEP leaves free under a name of its own: given_back_s.

    Of posts that an operator lends, existing or redeployed, idle time goes back to their other work, and with
    it the same share of their time outside direct service. Nothing does where the scenario says that it
    stays idle, and nothing of new posts, which are there for CEP alone.
    """
    if deployment.scenario.costs.lent_time_stays_idle:
        return rows
    lent = (rows["role"] == "advisers") & rows["operator"].isin(
        who_take_back(deployment.scenario, deployment.tables)
    )
    lent &= rows["character"].isin([STAFF_CHARACTERS["existing"], STAFF_CHARACTERS["redeployed"]])
    lent &= rows["quantity"].isin(["idle_s", "outside_s"])
    free = rows[lent]
    share = np.where(free["quantity"] == "idle_s", 1.0, free["idle_s"] / np.maximum(free["duty_s"], 1))
    back = split(free["value"].to_numpy(), np.column_stack([share, 1.0 - share]))
    return pd.concat(
        [
            rows[~lent],
            free.assign(value=back[:, 1]),
            free.assign(value=back[:, 0], quantity="given_back_s"),
        ]
    )
