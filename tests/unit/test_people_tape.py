"""The draws of everybody: enough of them, each from its own stream, none read that was not drawn."""

from dataclasses import replace

import numpy as np
import pytest
from worlds import SEED, SHORT, deployed, entrants, origins, tape

from cepsim.draws import name_code, stream_key
from cepsim.engine import simpy_engine
from cepsim.engine.refusals import EngineError
from cepsim.laws import cell
from cepsim.network.layout import rows_by_block
from cepsim.people.crowd import Crowd
from cepsim.people.population_tape import draw_entrants, draw_people
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
    made = np.zeros((of.person_count, len(of.blocks)), dtype=np.int64)
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
        for row in served[:4000].tolist():
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
        for block, stage in enumerate(BLOCK_NAMES[: len(of.blocks)]):
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


@pytest.mark.parametrize("name", ["reference", "central"])
def test_layouts_are_the_rows_of_the_network(name):
    where, of = deployed(name, *SHORT), tape(name, *SHORT)
    kinds = np.unique(np.stack([of.profile, of.entry, of.alternate, of.layout], axis=1), axis=0)
    assert len(kinds) > 100
    for profile, entry, alternate, layout in kinds.tolist():
        rows = rows_by_block(where.network, profile, [entry], alternate)
        assert of.layout_rows[layout].tolist() == rows.tolist()


# -- the people of some regions, or of some channels ---------------------------------------------------

PLACES = ("94", "03", "01")


def drawn(**some):
    return draw_people(deployed("central", *SHORT, regions=PLACES), seed=SEED, replication=0, **some)


def assert_same_people(found, everybody, rows):
    """These rows of everybody, in order; streams and layouts may have other numbers."""
    (crowd, of), (whole, everyone) = found, everybody
    assert crowd.equals(whole.take(rows))
    expected = everyone.take(rows)
    for name in ("arrival", "lane", "entry", "alternate", "profile", "service_class", "rank"):
        assert np.array_equal(getattr(of, name), getattr(expected, name)), name
    assert np.array_equal(of.keys[of.stream], expected.keys[expected.stream])
    assert np.array_equal(of.layout_rows[of.layout], expected.layout_rows[expected.layout])
    assert len(of.keys) == len(np.unique(of.stream))


@pytest.mark.parametrize("regions", [[0], [1], [2, 0]])
def test_the_people_of_some_regions_are_those_of_all_in_the_same_order(regions):
    whole = drawn()
    rows = np.isin(whole[0].region, regions)
    assert 0 < rows.sum() < len(rows)
    assert_same_people(drawn(regions=regions), whole, rows)


@pytest.mark.parametrize("channels", [["telephone"], ["face_to_face", "direct"]])
def test_the_people_of_some_channels_are_those_of_all_in_the_same_order(channels):
    whole = drawn()
    who = draw_entrants(deployed("central", *SHORT, regions=PLACES), seed=SEED, replication=0)
    asked_by = np.array([source.channel for source in deployed("central", *SHORT, regions=PLACES).sources])
    rows = np.isin(asked_by[who.chosen.source], channels)
    assert 0 < rows.sum() < len(rows)
    assert_same_people(drawn(channels=channels), whole, rows)
    assert_same_people(drawn(channels=channels, regions=[1]), whole, rows & (whole[0].region == 1))


@pytest.mark.parametrize("second", [-QUARTER, 0, 1, 10**12])
def test_the_people_who_ask_before_a_second_are_those_of_all_in_the_same_order(second):
    whole = drawn()
    rows = whole[1].arrival < second
    assert rows.any()
    assert_same_people(drawn(before=second), whole, rows)


def test_where_no_source_is_asked_for_nobody_comes():
    crowd, of = drawn(channels=["collective"])
    assert len(crowd) == of.person_count == len(of.keys) == 0


# -- the columns of the crowd --------------------------------------------------------------------------


def test_columns_are_kept_in_few_bytes_and_read_as_64_bits():
    crowd = drawn()[0]
    assert sum(column.nbytes for column in vars(crowd).values()) == 35 * len(crowd)
    assert {getattr(crowd, name).dtype for name in Crowd.__dataclass_fields__} == {np.dtype(np.int64)}
    assert (crowd.public * 1000 >= crowd.public).all()


@pytest.mark.parametrize(("name", "value"), [("public", 200), ("slab", 1 << 15), ("rank", 1 << 31)])
def test_a_number_that_does_not_fit_is_refused(name, value):
    columns = {other: [0] for other in Crowd.__dataclass_fields__}
    assert getattr(Crowd.from_columns({**columns, name: [value // 2]}), name) == [value // 2]
    with pytest.raises(ValueError, match=f"{name}: a number too large"):
        Crowd.from_columns({**columns, name: [value]})


def test_columns_of_different_lengths_are_refused():
    columns = {name: [0] for name in Crowd.__dataclass_fields__}
    with pytest.raises(ValueError, match="columns of different lengths"):
        Crowd.from_columns({**columns, "rank": [0, 1]})
