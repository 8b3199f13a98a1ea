"""Deployments small enough to check by hand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pandas as pd

from cepsim.costing.quantities import DIMENSIONS as COUNTED
from cepsim.network.arrays import Network
from cepsim.network.builder import NetworkBuilder
from cepsim.people.crowd import Crowd
from cepsim.people.deployment import Deployment
from cepsim.people.horizon import Horizon
from cepsim.scenario import Scenario, load_scenario
from cepsim.state import Busy, Carried, People, State
from cepsim.tables import Population, Tables, load_tables, rake
from cepsim.trace import Duty, Exits, Sessions, Trace, Visits

#: Of what belongs to no stage and to no public.
NOBODY = "non_affecte"

tables = cache(load_tables)
scenario = cache(load_scenario)


@cache
def population() -> Population:
    """The publics raked over the regions, once."""
    return rake(tables())


def deployment(
    network: Network,
    *,
    stations: Sequence[tuple[str, str]],
    teams: Sequence[tuple[str, str, str]],
    staff: Sequence[tuple[int, int, str, float, float]] = (),
    sessions: Sequence[tuple[int, int]] = (),
    regions: tuple[str, ...] = ("53",),
    years: int = 2,
    launch: date = date(2015, 1, 1),
    of: Scenario | None = None,
    prices: Tables | None = None,
) -> Deployment:
    """A deployment around a network.

    Stations are (operator, stage), teams (operator, role, region), staff (team, year, character, etp, hires)
    and sessions (queue, team).
    """
    operator_of = [operator for operator, *_ in teams]
    posts = staff_frame(staff)
    return Deployment(
        scenario=of or scenario("reference"),
        tables=prices or tables(),
        population=population(),
        horizon=Horizon(launch=launch, years=years, follow_up_years=1, warm_up_years=1),
        network=network,
        regions=regions,
        stations=pd.DataFrame(
            [(*station, "face_to_face" if station[1] == "information" else "", 0) for station in stations],
            columns=["operator", "stage", "channel", "repeat"],
        ),
        teams=pd.DataFrame(teams, columns=["operator", "role", "region"]),
        staff=posts.assign(operator=[operator_of[team] for team in posts["team"]]),
        sessions=pd.DataFrame(sessions, columns=["queue", "team"], dtype=np.int64),
        sources=(),
    )


def staff_frame(staff: Sequence[tuple[int, int, str, float, float]]) -> pd.DataFrame:
    """Rows of staff; who is hired arrives in the same year."""
    frame = pd.DataFrame(staff, columns=["team", "year", "character", "etp", "hires"])
    return frame.assign(arrivals=frame["hires"])


def desk(calendar=None, advisers=1, *, lanes: Sequence[str] = ("53",), file_work: bool = False) -> Network:
    """One team, one station a lane."""
    builder = NetworkBuilder(lanes=lanes)
    team = builder.team("desk", advisers=advisers, calendar=calendar)
    builder.queue("accueil", team=team, service=3600, file_work=file_work)
    return builder.compile()


def crowd(publics: Sequence[int], **columns: Sequence[int]) -> Crowd:
    """People of these publics; every other column is 0 unless given."""
    empty = {name: [0] * len(publics) for name in Crowd.__dataclass_fields__}
    return Crowd.from_columns({**empty, "public": list(publics), **columns})


def trace(
    visits: Visits | None = None,
    duty: Duty | None = None,
    sessions: Sessions | None = None,
    exits: Exits | None = None,
) -> Trace:
    """A trace with only what is given."""
    return Trace(
        visits or Visits.empty(), duty or Duty.empty(), sessions or Sessions.empty(), exits or Exits.empty()
    )


def state(second: int = 0, people: People | None = None, busy: Busy | None = None) -> State:
    """A state with only what is given."""
    people = people or People.empty()
    return State(
        second=second,
        people=people,
        visits_made=np.zeros((len(people), 1), dtype=np.int64),
        busy=busy or Busy.empty(),
        carried=Carried.none(1),
    )


def columns(kind, rows: Sequence[dict[str, int]]):
    """Rows of a record type; what a row does not say is 0."""
    names = list(kind.__dataclass_fields__)
    return kind.from_columns({name: [row.get(name, 0) for row in rows] for name in names})


def in_scenario(where: Deployment, name: str, **costs: bool) -> Deployment:
    """The same deployment under another shipped scenario, some costs switched."""
    chosen = scenario(name)
    if costs:
        chosen = chosen.derive({f"costs.{key}": value for key, value in costs.items()}, tables=tables())
    return replace(where, scenario=chosen)


def rows_of(*rows):
    """Quantities from (quantity, role, operator, value), and more by name."""
    plain = {"year": 2015, "region": "53", "stage": NOBODY, "public": NOBODY, "character": "deja_finance"}
    names = ("quantity", "role", "operator", "value")
    filled = [
        plain | dict(zip(names, row[:4], strict=True)) | (row[4] if len(row) > 4 else {}) for row in rows
    ]
    return pd.DataFrame(filled, columns=[*COUNTED, "value", "people"]).fillna({"people": 10})
