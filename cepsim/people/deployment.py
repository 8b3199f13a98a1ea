"""A scenario compiled: the network an engine runs, and what its numbers mean in France."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from cepsim.network.arrays import Network
from cepsim.people.demand import Floats
from cepsim.people.horizon import Horizon
from cepsim.people.sources import Source
from cepsim.scenario import Scenario
from cepsim.tables import Tables
from cepsim.tables.raking import Population
from cepsim.trace import Ints

#: Region of a team that serves all of them.
NATIONAL: Final = "national"


@dataclass(frozen=True, slots=True, eq=False)
class Deployment:
    """Everything that a scenario becomes, apart from the people.

    `regions`: codes of the lanes, in order. `stations`: one row a station of the network, in order, with
    columns operator, stage, channel (telephone, face_to_face, collective or "" after information) and
    repeat (1 where a further information visit is made). `teams`: one row a team, in order, with columns
    operator (several joined by "+" where they share it), role ("advisers", "first_line") and region
    ("national" for a platform). `staff`: one row a (team, operator, year, character) with the mean `etp` that
    the operator pays, the `hires` made in the year and the `arrivals` of people hired; `year` is the calendar
    year, the one before launch included; character is "existing",
    "redeployed" or "new". `sessions`: one row a queue with sessions, its `queue`, the `team` that animates
    and the `share` of the first contacts of the people admitted that they answer. `sources`: where requests
    come from.

    `sample`: one person in so many is simulated, and so much of the staff is on duty for them. `staff` is the
    whole staff all the same, and `whole_duty`, shape (teams, calendar years of the horizon), the seconds that
    it is on duty, animators of sessions included; None where everybody is simulated: the trace says it.
    `shift_s`, of the same shape: those of them in the evening and on Saturday; None where nobody has a shift.
    `informed_by`, shape (regions, 2, actors that inform): share of the first contacts of the people admitted
    that each of the scenario's actors answers in place of the operators, of adults then of the young; None
    where no actor does.
    """

    scenario: Scenario
    tables: Tables
    population: Population
    horizon: Horizon
    network: Network
    regions: tuple[str, ...]
    stations: pd.DataFrame
    teams: pd.DataFrame
    staff: pd.DataFrame
    sessions: pd.DataFrame
    sources: tuple[Source, ...]
    sample: int = 1
    whole_duty: Ints | None = None
    shift_s: Ints | None = None
    informed_by: Floats | None = None

    @property
    def informed(self) -> Floats | None:
        """The share that these actors answer together; shape (regions, 2), None where no actor does."""
        return None if self.informed_by is None else self.informed_by.sum(axis=2)
