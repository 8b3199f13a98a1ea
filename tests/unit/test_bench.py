"""What the bench measures is there, says what it compares, and never passes over a difference."""

import numpy as np
import pytest
from deployments import tables
from worlds import SHORT, variant

from cepsim.engine import compiled_engine
from cepsim.experiment import bench as module
from cepsim.experiment import processes
from cepsim.experiment.bench import bench
from cepsim.experiment.bench_systems import five_stages, one_queue
from cepsim.experiment.plan import Plan


@pytest.fixture(scope="module")
def measured():
    """A bench of little systems."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SIZES", (300, 3000, 30_000))
        patch.setattr(module, "PEERS_SIZE", 300)
        patch.setattr(module, "WAITING", (10, 1000))
        patch.setattr(module, "COMING", 500)
        return bench(variant("central", *SHORT), tables(), ["94"], quick=True)


def test_both_engines_are_measured_on_the_same_people_and_agree(measured):
    engines = measured[measured["section"] == "engines"].set_index("what")
    for column in ("people", "visits"):
        assert engines.loc["compiled", column] == engines.loc["simpy", column] > 1000
    assert engines.loc["simpy over compiled", "note"] == "ratio; same trace and state"
    ratio = engines.loc["simpy", "seconds"] / engines.loc["compiled", "seconds"]
    assert engines.loc["simpy over compiled", "seconds"] == pytest.approx(ratio)


def test_a_difference_between_the_engines_is_said(monkeypatch):
    from cepsim.engine import simpy_engine

    of = one_queue(50, 1)
    network, tape, end = of.network, of.tape, of.end

    def other(network, tape, state, begin, end):
        return run(network, tape, state, begin, end // 2)

    run = simpy_engine.run
    monkeypatch.setattr(simpy_engine, "run", other)
    assert "DIFFERENT" in list(module._both(network, tape, None, 0, end))[-1].note


def test_every_measure_has_its_speed_and_its_memory(measured):
    timed = measured[measured["visits"] > 0]
    assert {"part", "engines", "M/M/3", "long queue", "peers"} <= set(timed["section"])
    speed = timed["visits"] / timed["seconds"]
    assert np.allclose(timed["visits_per_second"], speed)
    assert (measured["peak_mib"] > 0).all()


def test_two_systems_are_run_by_two_other_hands(measured):
    peers = measured.loc[measured["section"] == "peers", "what"].tolist()
    for system in ("M/M/3", "5 stages x 260 pools"):
        for name in ("simpy, idiomatic", "ciw"):
            for what in (name, f"{name} over compiled"):
                found = [line for line in peers if line.startswith(system) and line.endswith(f": {what}")]
                assert len(found) == 1


def test_a_replication_from_end_to_end_is_measured_with_one_process_and_with_two():
    scenario = variant("central", *SHORT)
    lines = list(module._country(Plan((scenario,), (scenario.name,), ("94",), 1, 1, tables())))
    assert [line.section for line in lines] == ["country"] * 3
    assert lines[0].people == lines[1].people > 0
    assert lines[0].visits == lines[1].visits > lines[0].people
    assert lines[2].seconds == pytest.approx(lines[0].seconds / lines[1].seconds)


def test_everybody_of_the_wide_system_leaves_by_its_end():
    of = five_stages(2_000, 1, peers=[])
    trace, _ = compiled_engine.run(of.network, of.tape, None, 0, of.end)
    assert len(of.tape.arrival) < len(trace.visits) < 5 * len(of.tape.arrival)
    assert len(trace.exits) == of.tape.person_count


def test_regions_behind_a_platform_are_refused():
    with pytest.raises(ValueError, match="share no platform"):
        bench(variant("central", *SHORT), tables(), ["74", "94"])


def test_a_section_of_its_own_process_finds_what_it_finds_here():
    apart = processes.apart(module._listed, module._growth, (300, 3000), 1)
    here = module._listed(module._growth, (300, 3000), 1)
    assert [(line.section, line.what, line.people, line.visits) for line in apart] == [
        (line.section, line.what, line.people, line.visits) for line in here
    ]
    with pytest.raises(ZeroDivisionError):
        processes.apart(divmod, 1, 0)
