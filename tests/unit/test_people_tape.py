"""The draws of everybody: enough of them, each from its own stream, none read that was not drawn."""

from dataclasses import replace

import numpy as np
import pytest
from worlds import SEED, SHORT, deployed, entrants, origins, tape

from cepsim.draws import stream_key, uniform
from cepsim.engine import simpy_engine
from cepsim.engine.rules import EngineError
from cepsim.people.population_tape import _used_purposes
from cepsim.people.stations import BLOCK_NAMES
from cepsim.people.tape import PURPOSES

QUARTER, MONTH = 91 * 86_400, 30 * 86_400


@pytest.fixture(scope="module", params=["reference", "central"])
def run(request):
    """A quarter of a scenario from launch, with nobody there before."""
    name = request.param
    where, of = deployed(name, *SHORT), tape(name, *SHORT)
    after = after_launch(of)
    return where, after, simpy_engine.run(where.network, after, None, 0, QUARTER)


def after_launch(of):
    """The same tape with those who come before launch gone late."""
    kept = of.arrival >= 0
    columns = ("arrival", "lane", "entry", "alternate", "profile", "service_class", "layout", "first_row")
    return replace(of, **{name: getattr(of, name)[kept] for name in columns})


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


def test_draws_that_are_not_made_are_never_read(run):
    where, of, (trace, state) = run
    used = _used_purposes(where)
    block_of_row = np.full(of.row_count, -1)
    for block in range(len(BLOCK_NAMES)):
        count = of.layout_rows[of.layout, block]
        start = of.first_row + of.layout_offset[of.layout, block]
        for ordinal in range(int(count.max())):
            block_of_row[start[count > ordinal] + ordinal] = block
    garbage, changed = {}, 0
    for purpose in PURPOSES:
        column = getattr(of, purpose).copy()
        unread = np.isin(block_of_row, [b for b in range(len(BLOCK_NAMES)) if purpose not in used[b]])
        assert not column[unread].any()
        column[unread] = np.random.default_rng(1).integers(0, 1 << 32, unread.sum(), dtype=np.uint32)
        garbage[purpose] = column
        changed += unread.sum()
    assert changed > 100_000
    other_trace, other_state = simpy_engine.run(where.network, replace(of, **garbage), None, 0, QUARTER)
    for name in trace.visits.__dataclass_fields__:
        assert np.array_equal(getattr(trace.visits, name), getattr(other_trace.visits, name)), name
    assert len(state.people) == len(other_state.people)


def test_draws_that_are_made_matter(run):
    where, of, _ = run
    trace, _ = simpy_engine.run(where.network, of, None, 0, MONTH)
    used = {purpose for block in _used_purposes(where) for purpose in block}
    assert used >= {"service", "back_office", "patience", "no_show", "route", "gap", "plan"}
    for purpose in sorted(used):
        turned = replace(of, **{purpose: ~getattr(of, purpose)})
        other, _ = simpy_engine.run(where.network, turned, None, 0, MONTH)
        columns = ("joined", "called", "ended", "released", "outcome", "queue")
        same = len(other.visits) == len(trace.visits) and all(
            np.array_equal(getattr(other.visits, c), getattr(trace.visits, c)) for c in columns
        )
        assert not same, purpose


def test_every_draw_is_the_word_of_its_rank_in_the_stream_of_its_names():
    where, of, who = deployed("central", *SHORT), tape("central", *SHORT), entrants("central", *SHORT)
    sources = origins(who, where)
    used = _used_purposes(where)
    picked = np.random.default_rng(3).integers(0, of.person_count, 60)
    checked = 0
    for person in picked.tolist():
        source = sources[person]
        slab, rank = int(who.chosen.slab[person]), int(who.chosen.rank[person])
        names = (SEED, 0, where.regions[source.region], source.public, source.source, source.channel, slab)
        for block, stage in enumerate(BLOCK_NAMES):
            for ordinal in range(int(of.layout_rows[of.layout[person], block])):
                row = of.first_row[person] + of.layout_offset[of.layout[person], block] + ordinal
                for purpose in used[block]:
                    stream = uniform(stream_key(*names, purpose, stage, ordinal), rank + 1)
                    assert getattr(of, purpose)[row] == stream[rank]
                    checked += 1
    assert checked > 1000


def test_rows_of_draws_follow_one_another_without_a_gap():
    of = tape("central", *SHORT)
    widths = of.layout_rows.sum(axis=1)[of.layout]
    assert np.array_equal(of.first_row, np.cumsum(widths) - widths)
    assert of.row_count == widths.sum()
    assert all(len(getattr(of, purpose)) == of.row_count for purpose in PURPOSES)
    # who asks for no accueil needs no draw beyond information
    silent = entrants("central", *SHORT).crowd.asks == 0
    assert (of.layout_rows[of.layout[silent], 1:] == 0).all()
    assert (of.layout_rows[of.layout[~silent], 1] >= 3).all()


def test_uniform_draws_are_uniform():
    of = tape("reference", *SHORT)
    for purpose in PURPOSES:
        column = getattr(of, purpose)
        drawn = column[column > 0]
        cells = np.histogram(drawn, bins=16, range=(0, 1 << 32))[0]
        assert ((cells - cells.mean()) ** 2 / cells.mean()).sum() < 50, purpose  # 15 degrees, 1 in 100 000
