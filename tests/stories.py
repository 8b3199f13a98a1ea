"""Journeys told visit by visit, and what is counted of them."""

import numpy as np
from deployments import columns, crowd, deployment, state, trace

from cepsim.indicators import count
from cepsim.network import NetworkBuilder, Station
from cepsim.network.calendar import weekly_calendar
from cepsim.state import People
from cepsim.trace import NEVER, Exits, Outcome, Reason, Status, Visits

HOUR, DAY = 3600, 86_400
STAGES = ("information", "accueil", "conseil", "formalisation", "ingenierie", "dossier")
QUEUE = {name: number for number, name in enumerate(STAGES)}
APEC = len(STAGES)  # an accueil at another operator
REPEAT = APEC + 1
END = 3 * 365 * DAY + DAY  # two years from 2015 and one of follow-up, 2016 being a leap year


def office():
    """Open from 9 to 17 from Monday to Saturday, all year."""
    days = np.arange(-400, 1200)
    return weekly_calendar(days[(days + 3) % 7 != 6], [(9 * HOUR, 17 * HOUR)])


def place(regions=("53",), exits=("satisfied", "gave_up", "no_show", "dropped_out", "completed")):
    """One operator with every stage, another with an accueil; `dossier` is served by nobody."""
    builder = NetworkBuilder(lanes=regions)
    for name in exits:
        builder.exit(name)
    for region in regions:
        builder.team(f"advisers.{region}", 3, office())
    for block, name in enumerate((*STAGES, "accueil_apec", "information_repeat")):
        builder.station(Station(name, block, 60))
        for region in regions:
            builder.place(name, region, None if name == "dossier" else f"advisers.{region}")
    stations = [("opacif", "ingenierie" if name == "dossier" else name) for name in STAGES]
    where = deployment(
        builder.compile(),
        stations=[*stations, ("apec", "accueil"), ("opacif", "information")],
        teams=[("opacif", "advisers", region) for region in regions],
        regions=regions,
    )
    where.stations.loc[REPEAT, "repeat"] = 1
    return where


class Story:
    """Visits told one by one; each is the next of its person."""

    def __init__(self):
        self.visits, self.exits, self.people, self.made = [], [], [], {}

    def visit(self, person, stage, joined, called=NEVER, outcome=Outcome.SERVED, reason=Reason.FIRST, **more):
        number = more.pop("visit", self.made.get(person, 0))
        self.made[person] = number + 1
        ended = more.pop("ended", called + HOUR if called != NEVER else NEVER)
        row = {
            "person": person,
            "visit": number,
            "queue": QUEUE.get(stage, stage),
            "adviser": -1 if called == NEVER else person % 3,
            "session": -1,
            "reason": reason,
            "joined": joined,
            "called": called,
            "ended": ended,
            "released": ended if called != NEVER else NEVER,
            "outcome": outcome,
            **more,
        }
        under_way = outcome in (Outcome.WAITING, Outcome.IN_SERVICE)
        if under_way:
            status = Status.WAITING if outcome == Outcome.WAITING else Status.IN_SERVICE
            self.people.append({**row, "status": status, "due": NEVER, "leaves": NEVER})
        else:
            self.visits.append(row)
        return self

    def leaves(self, person, second, how, stage="accueil"):
        self.exits.append({"person": person, "queue": QUEUE[stage], "second": second, "name": how})
        return self

    def comes_back(self, person, stage, reason, due=END + DAY):
        self.people.append(
            {"person": person, "queue": QUEUE.get(stage, stage), "reason": reason, "due": due, "visit": 0}
        )
        return self

    def counts(self, where=None, of=None, end=END):
        where = where or place()
        names = where.network.exit_names
        exits = [{**row, "exit": names.index(row["name"])} for row in self.exits]
        size = 1 + max(row["person"] for row in (*self.visits, *self.people))
        found = trace(columns(Visits, self.visits), exits=columns(Exits, exits))
        return count(where, of or crowd([0] * size), found, state(end, columns(People, self.people)))


def volume(counts, **keys):
    rows = counts.volumes
    for name, value in keys.items():
        rows = rows[rows[name] == value]
    return int(rows["count"].sum())
