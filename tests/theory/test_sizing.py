"""Sizing against exact answers: the fewest servers of M/M/c and of Erlang-A that hold a norm."""

from functools import cache

import numpy as np
import pytest

from cepsim.engine import compiled_engine
from cepsim.network import Station
from cepsim.scenario.vocabulary import OPERATORS
from cepsim.sizing.claims import Heard, claims_of
from cepsim.sizing.norm import Norm
from cepsim.sizing.search import Box, least
from cepsim.trace import Outcome
from cepsim.verify import erlang
from cepsim.verify.observing import observe
from cepsim.verify.streams import Unit
from cepsim.verify.systems import Asked, Node, Window, queue

U = Unit(10**6)
COPIES = 6


def heard_of(seen, within):
    """What a copy says of the share served within so many units, as a quarter of one operator."""
    chosen = seen.joining()
    served = seen.visits.outcome[chosen] == Outcome.SERVED
    in_time = served & (seen.in_queue(chosen) <= within * seen.unit_s)
    shape = (len(OPERATORS), 1)
    asked, held, days = np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.full(shape, np.nan)
    asked[0], held[0] = chosen.sum(), in_time.sum()
    return Heard(asked, held, held, held, days)


def sized(arrivals, service, share, within, *, leaving=None, length, most):
    """The fewest servers found by simulating the same people, and the claims of each number tried."""
    norm = Norm("accueil", share, 1)
    patience = U.exponential(1.0 / leaving) if leaving else None
    window = Window(length, warm_up=20.0, drain=30.0)

    @cache
    def claim(servers):
        node = Node(Station("queue", 0, U.exponential(1.0 / service), patience=patience), servers)
        run = queue(Asked(7, 0, COPIES), unit=U, window=window, streams=[U.poisson(arrivals)], node=node)
        trace, state = compiled_engine.run(run.network, run.tape, None, 0, run.stop)
        heard = [heard_of(seen, within) for seen in observe(run, trace, state)]
        return claims_of(norm, "-", heard, 0, 0.95)[0]

    least_stable = int(arrivals / service) + 1 if leaving is None else 1
    box = Box((least_stable,), (most,), (1.0,))
    found = least(
        lambda vector: frozenset() if claim(*vector).verdict == "met" else frozenset({0}),
        (most,), box, frozenset({0}),
    )  # fmt: skip
    assert not found.short
    return found.vector[0], claim


@pytest.mark.parametrize(
    ("arrivals", "service", "share", "within"), [(10.0, 1.0, 0.9, 0.5), (3.0, 1.0, 0.8, 0.2)]
)
def test_the_fewest_servers_of_mmc_are_those_of_erlang_c(arrivals, service, share, within):
    def exact(servers):
        return 1.0 - erlang.mmc_wait_beyond(arrivals, service, servers, within)

    found, claim = sized(arrivals, service, share, within, length=1500.0, most=30)
    fewest = next(c for c in range(int(arrivals / service) + 1, 31) if exact(c) >= share)
    assert found == fewest
    assert claim(found).share == pytest.approx(exact(found), abs=0.02)
    assert claim(found - 1).verdict == "missed"
    assert claim(found - 1).share == pytest.approx(exact(found - 1), abs=0.04)


@pytest.mark.parametrize(("arrivals", "leaving", "share"), [(20.0, 0.5, 0.78), (8.0, 2.0, 0.8)])
def test_the_fewest_servers_of_a_queue_that_people_leave_are_those_of_erlang_a(arrivals, leaving, share):
    def exact(servers):
        return 1.0 - erlang.erlang_a(arrivals, 1.0, servers, leaving).wait

    found, claim = sized(arrivals, 1.0, share, 0.0, leaving=leaving, length=1000.0, most=40)
    assert found == next(c for c in range(1, 41) if exact(c) >= share)
    assert claim(found).share == pytest.approx(exact(found), abs=0.02)
    assert claim(found - 1).verdict == "missed"
