"""The OPACIF's commissions: who goes there, when they meet, what they may spend, what becomes of files."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from deployments import scenario, tables
from worlds import CORSE, SHORT, deployed, entrants, tape

from cepsim.costing import quantities
from cepsim.engine import compiled_engine
from cepsim.errors import TableError
from cepsim.people.commissions import BUDGETS, WAYS, way_of
from cepsim.people.deploy import deploy
from cepsim.people.story import Story
from cepsim.scenario.vocabulary import PRIVATE_EMPLOYEES, PUBLICS
from cepsim.trace import Outcome
from cepsim.units import SECONDS_PER_DAY


def changed(name, **modes):
    """A scenario with other modes of figures, by id."""
    figures = {
        f"figures.{id_}": {"low": mode, "mode": mode, "high": mode, "reason": "a test"}
        for id_, mode in modes.items()
    }
    short = {"calendar.years": 1, "calendar.follow_up_years": 0}
    return deploy(scenario(name).derive({**short, **figures}, tables=tables()), tables(), CORSE)


def simulated(where, name="reference"):
    trace, state = compiled_engine.run(
        where.network, tape(name, *SHORT), None, where.horizon.begin, where.horizon.observed
    )
    return trace, state


def decisions(where, trace):
    """{(year from launch, outcome): files} of all commissions."""
    rows = trace.visits.take(where.network.holds_commissions[trace.visits.queue])
    when = np.where(rows.outcome == Outcome.REFUSED, rows.ended, rows.called)
    year = np.where(when >= 0, 0, -1)
    found = {}
    for key in zip(year.tolist(), rows.outcome.tolist(), strict=True):
        found[key] = found.get(key, 0) + 1
    return found


def test_each_public_s_file_goes_to_one_way_and_fixed_terms_have_their_own_budget():
    assert {public: WAYS[way_of(public)] for public in PRIVATE_EMPLOYEES} == {
        "salaries_cdi": "commission_cdi",
        "salaries_cdd": "commission_cdd",
        "interimaires": "commission_cdi",
        "alternants_jeunes_contrats": "commission_cdd",
    }
    others = [public for public in PUBLICS if public not in PRIVATE_EMPLOYEES]
    assert {WAYS[way_of(public)] for public in others} == {"decision"}


def test_commissions_meet_on_tuesdays_as_often_as_the_tables_say():
    where = deployed("reference", *SHORT)
    queue = where.network.station_names.index("opacif.commission_cdi")
    first, last = where.network.queues.session_start[queue : queue + 2]
    seconds = where.network.queues.session_second[first:last]
    days = [where.horizon.date_of(int(second)) for second in seconds]
    assert {day.weekday() for day in days} == {1}
    assert sum(day.year == 2015 for day in days) == 12
    assert {int(second % SECONDS_PER_DAY) for second in seconds} == {9 * 3600}
    assert min(days) >= date(2014, 1, 1)


def test_the_budgets_of_the_regions_add_up_to_those_of_the_tables():
    every = tuple(region.code for region in tables().regions)
    where = deploy(scenario("reference").derive({"calendar.years": 1}, tables=tables()), tables(), every)
    network, total = where.network, {}
    for queue in np.flatnonzero(network.holds_commissions).tolist():
        first, last = network.queues.session_start[queue : queue + 2]
        station = network.station_names[queue % network.station_count]
        total[station] = total.get(station, 0) + int(network.queues.session_budget[first])
        assert len(set(network.queues.session_budget[first:last].tolist())) == 1
    for station, name in BUDGETS.items():
        yearly = tables().figure(f"operators.opacif.commission_budget_{name}").mode * 1e6
        # rounded to a euro in each region
        assert total[f"opacif.{station}"] == pytest.approx(yearly / 12, abs=len(every))


def test_a_commission_never_spends_more_than_its_budgets():
    where = deployed("reference", *SHORT)
    trace, state = simulated(where)
    network = where.network
    for queue in np.flatnonzero(network.holds_commissions).tolist():
        first, last = network.queues.session_start[queue : queue + 2]
        inside = network.queues.session_second[first:last] < where.horizon.observed
        given = int(network.queues.session_budget[first:last][inside].sum())
        cost = int(network.stations.file_cost[queue % network.station_count, 0])
        accepted = int(trace.sessions.seats_taken[trace.sessions.queue == queue].sum())
        assert accepted > 0
        assert accepted * cost + int(state.carried.unspent[queue]) == given


def test_a_larger_budget_accepts_more_files_and_nothing_is_refused_without_commissions():
    narrow = deployed("reference", *SHORT)
    wide = changed("reference", **{"operators.opacif.commission_budget_cif_cdi": 8200.0})
    none = deployed("reference", *SHORT, ("service.commissions", False))
    found = [decisions(where, simulated(where)[0]) for where in (narrow, wide, none)]
    served, refused = (0, int(Outcome.SERVED)), (0, int(Outcome.REFUSED))
    assert found[0][served] < found[1][served]
    assert found[0][refused] > 0
    assert refused not in found[1]
    assert found[2] == {}


def test_a_file_is_refused_or_completed_at_the_operator_that_put_it_together():
    where = deployed("reference", *SHORT)
    trace, state = simulated(where)
    network = where.network
    story = Story.of(network, trace, state)
    left = network.holds_commissions[trace.exits.queue]
    assert left.sum() > 50
    before = story.exits.queue[left] % network.station_count
    names = {network.station_names[station] for station in before.tolist()}
    assert {"opacif.dossier", "apec.dossier"} <= names
    # those who were waiting when the trace begins, and no others, are known by the commission alone
    assert all(name.endswith(".dossier") for name in names)
    found = quantities(where, entrants("reference", *SHORT).crowd, trace, state)
    files = found[found["quantity"].isin(("files_formation", "files_refused"))]
    assert {"opacif", "apec"} <= set(files["operator"])


def test_a_story_that_begins_at_a_commission_leaves_from_there():
    where = deployed("reference", *SHORT)
    trace, state = simulated(where)
    holds = where.network.holds_commissions
    decided, left = trace.visits.take(holds[trace.visits.queue]), trace.exits.take(holds[trace.exits.queue])
    late = Story.of(
        where.network,
        replace(trace, visits=decided, exits=left),
        state.of_people(np.zeros(len(state.people), dtype=bool)),
    )
    assert len(left) > 50
    assert late.exits.queue.tolist() == left.queue.tolist()


def test_decisions_shorter_than_the_wait_for_a_commission_are_refused():
    with pytest.raises(TableError, match="financer_decision"):
        changed("reference", **{"stages.ingenierie.financer_decision.salaries.all.all.formation": 10.0})
