"""The draws of everybody: enough of them, each from its own stream, none read that was not drawn."""

from dataclasses import replace

import numpy as np
import pytest
from worlds import SEED, SHORT, deployed, entrants, origins, tape

from cepsim.draws import name_code, stream_key
from cepsim.engine import simpy_engine
from cepsim.engine.refusals import EngineError
from cepsim.laws import cell
from cepsim.people.stations import BLOCK_NAMES
from cepsim.people.tape import PURPOSES, Draws
from cepsim.trace import Outcome

QUARTER = 91 * 86_400


@pytest.fixture(scope="module", params=["reference", "central"])
def run(request):
    """A quarter of a scenario from launch, with nobody there before."""
    name = request.param
    where, of = deployed(name, *SHORT), tape(name, *SHORT)
    after = after_launch(of)
    return where, after, simpy_engine.run(where.network, after, None, 0, QUARTER)


def after_launch(of):
    """The same tape with those who come before launch gone late."""
    return of.take(of.arrival >= 0)


def test_nobody_runs_out_of_draws(run):
    _, _, (trace, state) = run
    assert len(trace.visits) > 5000
    assert len(state.people) > 0


def test_the_longest_paths_stay_inside_their_rows():
    where, of = deployed("central", *SHORT), after_launch(tape("central", *SHORT))
    hard = replace(where.network, stations=replace(where.network.stations, no_show=of_all(where, 1 << 31)))
    # half of the appointments are missed: loops go to their stated maximum
    trace, _ = simpy_engine.run(hard, of, None, 0, QUARTER)
    made = np.zeros((of.person_count, len(BLOCK_NAMES)), dtype=np.int64)
    block = where.network.stations.block[trace.visits.queue % where.network.station_count]
    np.add.at(made, (trace.visits.person, block), 1)
    rows = of.layout_rows[of.layout]
    assert (made <= rows).all()
    assert (made == rows)[:, 1].any()


def of_all(where, value):
    """A share for every profile of the stations that have one."""
    shares = where.network.stations.no_show
    return np.where(shares > 0, value, 0)


def test_a_tape_with_too_few_rows_is_refused():
    where, of = deployed("reference", *SHORT), after_launch(tape("reference", *SHORT))
    short = replace(of, layout_rows=np.minimum(of.layout_rows, 1))
    with pytest.raises(EngineError, match="the tape holds 1"):
        simpy_engine.run(where.network, short, None, 0, QUARTER)


def test_a_visit_lasts_what_its_draws_say(run):
    where, of, (trace, _) = run
    visits, stations = trace.visits, where.network.stations
    station = visits.queue % where.network.station_count
    block = stations.block[station]
    checked = 0
    for number in range(len(BLOCK_NAMES)):
        mine = np.flatnonzero(block == number)
        ordinal = visit_ordinals(visits.person[mine], visits.visit[mine])
        draws = Draws(*of.draws_of(visits.person[mine], block[mine], ordinal).T.astype(np.int64))
        served = np.flatnonzero((visits.outcome[mine] == Outcome.SERVED) & (visits.session[mine] < 0))
        for row in served[:2000].tolist():
            at, visit = station[mine[row]], mine[row]
            profile = of.profile[visits.person[visit]]
            assert draws.no_show[row] >= stations.no_show[at, profile]
            if not stations.file_work[at]:
                table = where.network.tables[stations.service[at, profile]]
                assert visits.ended[visit] - visits.called[visit] == table[cell(int(draws.service[row]))]
                checked += 1
    assert checked > 3000


def visit_ordinals(person, visit):
    """How many visits of the same block each person had made before, from visits sorted by person."""
    order = np.lexsort((visit, person))
    first = np.concatenate([[True], person[order][1:] != person[order][:-1]])
    start = np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
    ordinal = np.empty(len(order), dtype=np.int64)
    ordinal[order] = np.arange(len(order)) - start
    return ordinal


def test_the_draws_of_a_visit_are_the_block_of_its_names():
    where, of, who = deployed("central", *SHORT), tape("central", *SHORT), entrants("central", *SHORT)
    sources = origins(who, where)
    picked = np.random.default_rng(3).integers(0, of.person_count, 60)
    for person in picked.tolist():
        source = sources[person]
        slab, rank = int(who.chosen.slab[person]), int(who.chosen.rank[person])
        names = (SEED, 0, where.regions[source.region], source.public, source.source, source.channel, slab)
        for block, stage in enumerate(BLOCK_NAMES):
            for ordinal in (0, 5):
                counter = rank + (ordinal << 64) + (name_code(stage) << 128)
                stream = np.random.Philox(
                    key=stream_key(*names, "visits"), counter=(counter - 1) % (1 << 256)
                ).random_raw(4)
                halves = [half for word in stream.tolist() for half in (word >> 32, word & 0xFFFFFFFF)]
                one = (np.array([value]) for value in (person, block, ordinal))
                assert of.draws_of(*one)[0].tolist() == halves[: len(PURPOSES)]


def test_who_asks_for_no_accueil_has_no_draw_beyond_information():
    of = tape("central", *SHORT)
    silent = entrants("central", *SHORT).crowd.asks == 0
    assert (of.layout_rows[of.layout[silent], 1:] == 0).all()
    assert (of.layout_rows[of.layout[~silent], 1] >= 3).all()


def test_uniform_draws_are_uniform_and_do_not_depend_on_one_another():
    of = tape("reference", *SHORT)
    persons = np.arange(of.person_count)
    first, again = (of.draws_of(persons, np.zeros_like(persons), np.full_like(persons, n)) for n in (0, 1))
    columns = np.concatenate([first, again], axis=1).astype(np.float64)
    for number in range(columns.shape[1]):
        cells = np.histogram(columns[:, number], bins=16, range=(0, 1 << 32))[0]
        assert ((cells - cells.mean()) ** 2 / cells.mean()).sum() < 50  # 15 degrees, 1 in 100 000
    related = np.corrcoef(columns.T) - np.eye(columns.shape[1])
    assert np.abs(related).max() < 5 / np.sqrt(of.person_count)
