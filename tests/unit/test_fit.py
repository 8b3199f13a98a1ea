"""What a run is expected to take: held against a run, and the arithmetic that decides whether it fits."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cepsim.experiment import fit, plan
from cepsim.experiment.fit import Expected, Size
from cepsim.experiment.store import Store
from cepsim.experiment.work import unit_of

GIB = 1 << 30
RUN = """
import sys
from cepsim.experiment import plan, run_scenarios
from cepsim.experiment.bench import peak_mib
planned = plan(["reference"], regions=[sys.argv[1]], replications=1, years=int(sys.argv[2]))
results = run_scenarios(planned, workers=1)
results.frames()
print(sum(m.visits for m in results.measured["reference"]), peak_mib() * (1 << 20))
"""
LARGE = pytest.param("11", 3, marks=pytest.mark.skipif(not os.environ.get("CEPSIM_LONG"), reason="a minute"))


def size(visits: float, *, platform: bool = False) -> Size:
    return Size("national" if platform else "94", platform, visits / fit.VISITS_PER_PERSON, visits)


def expected(*sizes: Size, units: int = 0) -> Expected:
    left = tuple(sorted(sizes, key=lambda of: -of.visits))
    return Expected(left, units or len(left), "compiled", trace=False)


many = st.lists(st.floats(1.0, 1e8), min_size=1, max_size=12).map(lambda of: expected(*map(size, of)))


@pytest.mark.skipif(os.name == "nt", reason="no system call tells the memory of a process there")
@pytest.mark.parametrize(("region", "years"), [("94", 1), LARGE])
def test_visits_and_memory_of_a_run_are_those_expected_within_the_stated_factor(region, years):
    planned = plan(["reference"], regions=[region], replications=1, years=years)
    told = fit.expected(planned)
    # compiling takes more memory than running: the first run does what is left of it
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", RUN, region, str(years)], capture_output=True, encoding="utf-8", check=True
        )
    visits, peak = map(float, done.stdout.split())
    assert told.visits / fit.WITHIN <= visits <= told.visits * fit.WITHIN
    assert told.memory(1) / fit.WITHIN <= peak <= told.memory(1) * fit.WITHIN


def test_a_sample_of_one_in_k_expects_k_times_fewer_people():
    whole, part = (
        fit.expected(plan(["reference"], regions=["94"], replications=2, years=1, sample=k)) for k in (1, 5)
    )
    assert part.people == pytest.approx(whole.people / 5)
    assert (len(part.left), part.units) == (len(whole.left), whole.units) == (2, 2)


@given(many)
def test_memory_grows_and_time_does_not_with_the_number_of_processes(of):
    memory = [of.memory(workers) for workers in range(1, len(of.left) + 1)]
    assert memory == sorted(memory)
    seconds = [of.seconds(workers) for workers in range(1, len(of.left) + 1)]
    assert seconds == sorted(seconds, reverse=True)
    assert min(seconds) >= max(part.visits for part in of.left) / fit.VISITS_PER_SECOND["compiled"]


@given(many, st.floats(0.0, 1e12))
def test_the_most_processes_that_fit_fit_and_one_more_does_not(of, available):
    most = of.most_workers(available)
    assert most == 0 or of.memory(most) <= available
    assert most == len(of.left) or of.memory(most + 1) > available


@given(many, st.floats(0.0, 1e12))
def test_a_sample_that_is_proposed_fits_and_the_one_before_does_not(of, available):
    k = of.sample_that_fits(available)
    if k is None:
        assert of.memory(1) > available
        return

    def memory(sample: int) -> float:
        parts = [size(part.visits / sample) for part in of.left]
        return expected(*parts, units=of.units).memory(1)

    # a byte of rounding apart
    assert memory(k) <= available + 1
    assert k == 1 or memory(k - 1) > available


def test_the_largest_parts_are_those_in_flight_at_once():
    of = expected(size(4e6), size(1e6), size(3e6))
    beside = 2 * fit.PROCESS_BYTES
    parent = fit.PARENT_BYTES + 3 * fit.UNIT_BYTES
    assert of.memory(2) == parent + beside + 7e6 * fit.BYTES_PER_VISIT


def test_what_platforms_hand_on_stands_on_the_disk_together_only_with_several_processes():
    of = expected(size(1e6, platform=True), size(1e6, platform=True), size(1e6))
    files = 3 * fit.UNIT_FILES_BYTES
    assert of.stored(1) == files + 1e6 * fit.HANDED_BYTES_PER_VISIT
    assert of.stored(2) == files + 2e6 * fit.HANDED_BYTES_PER_VISIT
    assert replace(of, trace=True).stored(1) == of.stored(1) + 3e6 * fit.TRACE_BYTES_PER_VISIT


def test_units_of_the_store_are_not_expected_and_a_platform_is_run_again_for_a_region(tmp_path, monkeypatch):
    planned = plan(["reference"], regions=["74", "94"], replications=1, years=1, follow_up_years=0)
    names = [part.shard for part in fit.expected(planned).left]
    assert len(names) == 3
    keys = {name: unit_of(planned, planned.scenarios[0], 0, name).key for name in names}
    held: set[str] = set()
    monkeypatch.setattr(Store, "holds", lambda _self, key: key in held)
    held |= {keys[name] for name in names if name != "94"}
    left = fit.expected(planned, Store(tmp_path)).left
    assert {part.shard for part in left} == set(names) - {"74"}
    held.add(keys["94"])
    nothing = fit.expected(planned, Store(tmp_path))
    assert (nothing.left, nothing.units, nothing.people) == ((), 3, 0)


def group(folder: Path, limit: str, used: int, cache: int) -> Path:
    (folder / "memory.max").write_text(f"{limit}\n", encoding="ascii")
    (folder / "memory.current").write_text(f"{used}\n", encoding="ascii")
    (folder / "memory.stat").write_text(f"anon 12\nfile {cache}\nfile_mapped 3\n", encoding="ascii")
    return folder


def test_a_container_has_the_memory_of_its_limit_and_the_machine_where_there_is_none(tmp_path):
    machine = fit.available_memory(tmp_path)
    assert machine > 0
    assert fit.available_memory(group(tmp_path, str(3 << 20), 2 << 20, 1 << 20)) == 2 << 20
    assert fit.available_memory(group(tmp_path, str(1 << 20), 2 << 20, 0)) == 0
    unlimited = fit.available_memory(group(tmp_path, "max", 2 << 20, 0))
    assert unlimited == pytest.approx(machine, rel=0.5)


def test_the_disk_of_a_folder_to_come_is_that_of_the_one_that_will_hold_it(tmp_path):
    free = fit.free_disk(tmp_path / "a" / "b")
    assert free == pytest.approx(fit.free_disk(tmp_path), rel=0.5)
    assert free > 0
