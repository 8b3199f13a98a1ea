"""Small runs whose seconds are worked out by hand."""

import numpy as np

from cepsim.engine import simpy_engine
from cepsim.network import Calendar, NetworkBuilder
from cepsim.people.by_hand import Arrivals, make_tape
from cepsim.trace import NEVER, Outcome

DAY = 86_400


def hours(*openings):
    return Calendar(np.array([o for o, _ in openings]), np.array([c for _, c in openings]))


def one_queue(advisers=1, calendar=None, **station):
    """A network with one team and one queue, "desk"."""
    builder = NetworkBuilder()
    builder.team("team", advisers, calendar)
    builder.queue("desk", team="team", **station)
    return builder


def run(builder, arrivals, end=10 * DAY, seed=1, engine=simpy_engine):
    """The trace of people who come at given seconds: a list for the desk, or groups."""
    network = builder.compile()
    groups = arrivals if isinstance(arrivals[0], Arrivals) else [Arrivals("desk", arrivals)]
    trace, _ = engine.run(network, make_tape(network, groups, seed=seed), None, 0, end)
    return trace


def rows(trace, *names):
    """Columns of the visits, one tuple a visit; None for a date that never came."""
    columns = [getattr(trace.visits, name).tolist() for name in names]
    return [tuple(None if value == NEVER else value for value in row) for row in zip(*columns, strict=True)]


def outcomes(trace):
    return [Outcome(value).name for value in trace.visits.outcome.tolist()]
